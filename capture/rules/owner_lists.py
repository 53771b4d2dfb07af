"""Work that is shared out without a heading: lists of "who: what", and requests that are accepted."""

import re
from collections.abc import Sequence
from itertools import pairwise

from capture.blocks import Block
from capture.draft import ActionItem
from capture.lines import LineKind, folded
from capture.rules.commitments import ActionContext, opens_task
from capture.rules.owners import split_owner
from capture.rules.verbs import commits_in_french
from capture.vocabulary import PEOPLE_ROLES, Role

_LEAST_ITEMS = 3
_OWNED_SHARE = 0.6
_TASK_SHARE = 0.5
_GAP = 2
"""Lines from one item to the next; further apart it is another list, unless all its items stand so."""

_ASKED = re.compile(
    r"^(?:(?P<who>@?[^\W\d_][\w.'’-]{1,30}),? )?(?:(?:can|could|would|will) you (?:please |also )?|"
    r"(?:est-ce que )?"
    r"tu peux |peux-tu |pourrais-tu |tu pourrais |vous pouvez |pouvez-vous |tu t'occupes |tu te charges )"
    r"(?P<what>\S.{8,200})\?$",
    re.I,
)
_SAID_YES = re.compile(
    r"^(?:yes|yep|yeah|sure|ok(?:ay)?|will do|happy to|of course|absolutely|i can|i'll|oui|d'accord|"
    r"ca marche|"
    r"pas de probleme|bien sur|je m'en (?:occupe|charge)|volontiers|entendu|c'est note)\b"
)
_ONLY_TALK = re.compile(
    r"\b(?:hear|see|explain|repeat|elaborate|say|tell|talk|speak|clarify|mute|entend|voi[rst]|expliqu|repet|"
    r"redire|preciser|dire)\b|^(?:m'entendre|nous entendre)"
)


def owner_lists(blocks: Sequence[Block], context: ActionContext) -> set[int]:
    """Return the places of items of lists that share out work.

    Most items name someone, and most of those are tasks. Such a list needs no heading to be one of actions,
    and an item in it no verb ("Bruno : mail aux membres").
    """
    found: set[int] = set()
    start = 0
    while start < len(blocks):
        end = start
        while (
            end < len(blocks)
            and _in_list(blocks[end])
            and (end == start or _goes_on(blocks, end, first=end - 1 == start))
        ):
            end += 1
        owned = [index for index in range(start, end) if _owner_of(blocks[index], context)[1]]
        tasks = sum(_is_task(_owner_of(blocks[index], context)[0], context) for index in owned)
        size = end - start
        if (
            len(owned) >= _LEAST_ITEMS
            and len(owned) >= _OWNED_SHARE * size
            and tasks >= _TASK_SHARE * len(owned)
        ):
            found.update(owned)
            found.update(
                index
                for index in range(start, end)
                if split_owner(blocks[index].text, context.roster, expected=True).owner
            )
        start = max(end, start + 1)
    return found


def _goes_on(blocks: Sequence[Block], index: int, *, first: bool) -> bool:
    """Whether an item belongs to the list of the one before it."""
    gap = blocks[index].lines[0] - blocks[index - 1].lines[-1]
    if blocks[index].heading_path != blocks[index - 1].heading_path:
        return False
    usual = _GAP if first else blocks[index - 1].lines[0] - blocks[index - 2].lines[-1]
    return gap <= max(_GAP, usual)


def _in_list(block: Block) -> bool:
    return (
        block.kind is LineKind.ITEM
        and block.checked is None
        and block.role not in PEOPLE_ROLES
        and block.role is not Role.ACTIONS
    )


def _owner_of(block: Block, context: ActionContext) -> tuple[str, str | None]:
    if block.speaker is not None:
        return block.text, block.speaker
    split = split_owner(block.text, context.roster, expected=False)
    return split.text, split.owner


def _is_task(text: str, context: ActionContext) -> bool:
    return opens_task(text, context) or commits_in_french(text)


def accepted_requests(blocks: Sequence[Block]) -> list[ActionItem]:
    """Return what somebody asks another to do who says yes: "Can you send the list?" - "Sure"."""
    found: list[ActionItem] = []
    for block, answer in pairwise(blocks):
        if not block.speaker or not answer.speaker or block.speaker == answer.speaker:
            continue
        sentences = block.sentences()
        asked = _ASKED.match(sentences[-1].text) if sentences else None
        if not asked or not _SAID_YES.match(folded(answer.text)) or _ONLY_TALK.search(folded(asked["what"])):
            continue
        lines = tuple(sorted({*sentences[-1].lines, *answer.lines}))
        found.append(ActionItem(text=asked["what"].rstrip(" ?"), owner=answer.speaker, lines=lines))
    return found
