"""The questions that the notes leave open."""

import re
from collections.abc import Collection

from capture.blocks import Block
from capture.draft import OpenQuestion
from capture.lines import LineKind, folded
from capture.vocabulary import PEOPLE_ROLES, Role

_QUESTION = re.compile(
    r"^[^\w]{0,4}(?:question ouverte|open question|question|open issue|point ouvert|à trancher|à "
    r"clarifier)s?(?:\s?[#n°]?\d{1,3})?\s?(?::|–|—)\s*(?P<rest>\S.*)$",
    re.I | re.S,
)
_ANSWER = re.compile(
    r"^[^\w]{0,4}(?:a|r|answer|réponse|response|rép)\s?[:.]\s|"
    r"^(?:oui|non|yes|no|moi|me|d[’']accord|ok(?:ay)?|agreed|sure|yep|yeah|nope|bien sûr|of course)\b",
    re.I,
)
_SMALL_TALK = re.compile(
    r"\b(?:any (?:other )?(?:questions|comments|objections|thoughts|updates?)|anything else|can "
    r"(?:you|everyone) (?:hear|see)|does that make sense|right\?$|makes sense\?|ok(?:ay)?\?$|"
    r"d'autres (?:questions|points)|des questions|tu m'entends|vous m'entendez|n'est-ce pas|who "
    r"wants to|who would like to go|what do you think|anyone (?:else|want|have))"
)


def find_questions(blocks: list[Block], *, verbatim: bool, tasks: Collection[int] = ()) -> list[OpenQuestion]:
    """Return the questions that nothing below them answers.

    Args:
        blocks: the notes.
        verbatim: whether they are all that was said; what is asked there is answered by who speaks next, and
            only what is marked as an open question is one.
        tasks: lines of actions: "Can you call them?" that is taken on is no question any more.
    """
    found: list[OpenQuestion] = []
    seen: set[str] = set()
    for index, block in enumerate(blocks):
        if block.role in PEOPLE_ROLES or block.role in (Role.DATE, Role.META, Role.ACTIONS):
            continue
        if block.role is Role.AGENDA and block.kind is LineKind.ITEM:
            continue  # what the meeting was to talk about
        if block.kind is LineKind.ROW or block.checked is not None:
            continue
        following = blocks[index + 1] if index + 1 < len(blocks) else None
        answered = following is not None and (
            (block.kind is LineKind.ITEM and following.depth > block.depth)
            or bool(_ANSWER.match(following.text))
        )
        marked = _QUESTION.match(block.text)
        sentences = block.sentences()
        candidates: list[tuple[str, tuple[int, ...]]] = []
        if marked:
            candidates.append((marked.group("rest"), block.lines))
        elif block.role is Role.QUESTIONS and (block.kind is LineKind.ITEM or block.text.endswith("?")):
            candidates.append((block.text, block.lines))
        elif not verbatim and sentences and _asks(sentences[-1].text):
            candidates.append((sentences[-1].text, sentences[-1].lines))
        for text, lines in candidates:
            if not marked and any(number in tasks for number in lines):
                continue
            key = folded(text)
            if answered or key in seen or len(text.split()) < 3 or _SMALL_TALK.search(key) or len(text) > 500:
                continue
            seen.add(key)
            found.append(OpenQuestion(text=text, lines=lines))
    return found


def _asks(text: str) -> bool:
    # "(?)" only says that the writer is not sure of a word.
    return text.rstrip(' )»"”').endswith("?") and not text.endswith("(?)")
