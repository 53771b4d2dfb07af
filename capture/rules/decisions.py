"""Decisions, and proposals kept apart from them."""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence

from capture.blocks import Block, below_lists
from capture.draft import Decision
from capture.lines import LineKind, folded
from capture.rules.decision_phrases import (
    LEAD_IN,
    NOT_YET,
    NUMBER,
    PROPOSED,
    REFERS_BACK,
    SAID_DECIDED,
    SAID_PROPOSED,
)
from capture.rules.votes import is_vote, voted
from capture.vocabulary import PEOPLE_ROLES, PRACTICE_ROLES, Role, clean_heading, label_role, role_of

_DECIDED = re.compile(
    rf"^[^\w(\[]{{0,4}}(?:resolved|resolution|résolution|résolu|decision|décision|decided|décidé|"
    rf"agreed|agreement|accord|consensus|adopté|adoptée|motion (?:passed|carried)|approved|"
    rf"validé|validée|approuvé|acté|vote)s?{NUMBER}\s?(?::|–|—|->|=>|→|"
    rf"-(?=\s)|,(?=\s(?:that|que)\b))\s*(?P<rest>\S.*)$|"
    # MeetBot, which writes the minutes of many projects (https://wiki.debian.org/MeetBot)
    r"^#(?:agreed|accepted|approved|decision|rejected)\s+(?P<bot>\S.*)$",
    re.I | re.S,
)
_NUMBERED = re.compile(r"^(?:\d{1,4}(?:\.\d{1,3}){0,3}|[a-z]{1,3}\d{1,3})$", re.I)
_LEADING_NUMBER = re.compile(r"^(?:\d{1,4}(?:\.\d{1,3}){1,3}|#\d{1,4})\s*[:.)–—|-]*\s*(?=[^\W\d_])")
_NOTHING = re.compile(r"^(?:aucune?s?|neant|none|n/a|nothing|rien|no decisions?|tbd|ras)\b.{0,30}$")
_DECISION_COLUMN = re.compile(r"^(?:decisions?|decision items?|resolutions?|decisions made)(?: \w+)?$")

_OWN_LABEL = re.compile(
    r"^(?:résolution|resolution|proposition|motion|délibération|point)\s*(?:n°\s*)?\d*\s*[:–—-]\s*", re.I
)
_MAX_DETAILS = 8
_MOST_PLACES = 20
"""Lines of a decision that the notes repeat."""
_SENTENCE = 6
"""Words from which what ends with a colon is more than a label: "We agreed to include the following:"."""


def find_decisions(blocks: Sequence[Block], headings: Mapping[int, str] | None = None) -> list[Decision]:
    """Return decisions and proposals in the order of the notes.

    A proposal that was then accepted is the decision.

    Args:
        blocks: The notes.
        headings: Their headings by line: "This resolution was adopted" is one of what its heading says.
    """
    found: list[tuple[Decision, bool]] = []
    in_table = False
    below = below_lists(blocks)
    above = _Above(blocks)
    headed = sorted(headings or {})
    tabled: set[tuple[str, ...]] = {
        block.heading_path for block in blocks if block.kind is LineKind.ROW and block.role is Role.DECISIONS
    }
    for index, block in enumerate(blocks):
        if block.role in PEOPLE_ROLES or block.role in (Role.DATE, Role.META):
            continue
        if block.kind is LineKind.ROW:
            if block.header:
                in_table = any(_DECISION_COLUMN.match(folded(cell).strip(" :*")) for cell in block.cells)
            elif in_table or block.role is Role.DECISIONS:
                found.extend((decision, True) for decision in _row(block))
            continue
        in_table = False
        if is_vote(block):
            continue
        if block.heading_path in tabled and block.kind is LineKind.TEXT:
            continue  # below a table of decisions stands what was talked about
        marked = _marked(block, blocks, index, above) if block.position not in below else None
        if marked is None:
            found.extend((decision, False) for decision in _said(block, headings or {}, headed))
        else:
            found.extend((decision, True) for decision in marked)
    # Who marks decisions marks all of them: then what is only said of one, in reported speech, is not one.
    marks = any(is_marked and decision.decided for decision, is_marked in found)
    spoken = {number for block in blocks if block.speaker for number in block.lines}
    kept = [
        decision
        for decision, is_marked in found
        if is_marked or not (marks and spoken.intersection(decision.lines))
    ]
    if not marks:
        by_vote = voted(blocks)
        if by_vote:  # who votes decides so: then what is reported of a decision is not one
            kept = [decision for decision in kept if not spoken.intersection(decision.lines)] + by_vote
        kept.sort(key=lambda decision: decision.lines)
    return _merged(kept)


def _row(block: Block) -> list[Decision]:
    cells = [cell.strip() for cell in block.cells if cell.strip() and not _NUMBERED.match(cell.strip())]
    text = max(cells, key=len, default="")
    return [Decision(text=text, decided=True, lines=block.lines)] if len(text) > 3 else []


def _marked(block: Block, blocks: Sequence[Block], index: int, above: "_Above") -> list[Decision] | None:
    """Return the decisions that a marker or a section shows; None when the sentences must be looked at."""
    text = block.text
    if not any(char.isalpha() for char in text) or _NOTHING.match(folded(text)):
        return []
    proposed = PROPOSED.match(text)
    if proposed:
        return [Decision(text=proposed.group("rest"), decided=False, lines=block.lines)]
    decided = _DECIDED.match(text)
    if decided and not text.endswith("?"):
        return [Decision(text=decided.group("rest") or decided.group("bot"), decided=True, lines=block.lines)]
    if block.role in (Role.DECISIONS, Role.PROPOSALS) and block.checked is None:
        details = block.kind is LineKind.ITEM and (
            (block.depth > 1 and not above.is_label(index)) or above.is_completed_by(index)
        )
        if block.kind is LineKind.ITEM and not details:
            cleaned = _LEADING_NUMBER.sub("", text)
            lines = block.lines
            if text.endswith(":"):
                if len(text.split()) < _SENTENCE:
                    return []
                below = _items_below(blocks, index)
                cleaned = f"{cleaned} {' ; '.join(item.text for item in below)}"
                lines = tuple(sorted({*lines, *(number for item in below for number in item.lines)}))
            return [Decision(text=cleaned, decided=block.role is Role.DECISIONS, lines=lines)]
        if block.kind is LineKind.TEXT and role_of(block.heading_path[-1]) is None:
            return None  # a long account below "Resolutions": the decision is one sentence of it
        if block.kind is LineKind.TEXT and len(text) > 15:
            return [
                Decision(text=sentence.text, decided=block.role is Role.DECISIONS, lines=sentence.lines)
                for sentence in block.sentences()
                if len(sentence.text) > 10 and not sentence.text.endswith((":", "?"))
            ]
        return []
    if block.role in PRACTICE_ROLES or block.role is Role.ACTIONS or label_role(text) in PRACTICE_ROLES:
        return []
    return None


def _said(block: Block, headings: Mapping[int, str], headed: Sequence[int]) -> list[Decision]:
    """Return the decisions and proposals that a block's sentences tell of; `headed`: lines of `headings`."""
    found: list[Decision] = []
    for sentence in block.sentences():
        flat = folded(sentence.text[:600])
        if sentence.text.endswith("?") or len(sentence.text) > 600 or len(sentence.text.split()) < 3:
            continue
        if NOT_YET.search(flat):
            continue
        if REFERS_BACK.match(flat):
            place = bisect_left(headed, sentence.lines[0]) - 1
            if place >= 0 and len(sentence.text.split()) <= 25:
                text = clean_heading(_OWN_LABEL.sub("", headings[headed[place]]))
                lines = (headed[place], *sentence.lines)
                found.append(Decision(text=text or sentence.text, decided=True, lines=lines))
        elif SAID_DECIDED.search(flat):
            found.append(Decision(text=_stripped(sentence.text), decided=True, lines=sentence.lines))
        elif SAID_PROPOSED.search(flat):
            found.append(Decision(text=sentence.text, decided=False, lines=sentence.lines))
    return found


def _items_below(blocks: Sequence[Block], index: int) -> list[Block]:
    """Return the items that say what an item with a colon at its end holds."""
    found: list[Block] = []
    for below in blocks[index + 1 : index + 1 + _MAX_DETAILS]:
        if below.kind is not LineKind.ITEM or below.depth <= blocks[index].depth:
            break
        found.append(below)
    return found


class _Above:
    """What stands above each block, found in one pass: lists may be as long as the notes."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._blocks = blocks
        self._text: list[Block | None] = []
        """The block before the list that a block is in."""
        self._outer: list[Block | None] = []
        """The block that a block is nested in."""
        text: Block | None = None
        open_blocks: list[Block] = []
        for block in blocks:
            while open_blocks and open_blocks[-1].depth >= block.depth:
                open_blocks.pop()
            self._text.append(text)
            self._outer.append(open_blocks[-1] if open_blocks else None)
            open_blocks.append(block)
            text = text if block.kind is LineKind.ITEM else block

    def is_completed_by(self, index: int) -> bool:
        """Whether a list ends the sentence above it: "it is proposed to elect:"."""
        above = self._text[index]
        return (
            above is not None
            and above.kind is LineKind.TEXT
            and above.heading_path == self._blocks[index].heading_path
            and above.text.endswith(":")
            and len(above.text.split()) >= _SENTENCE
        )

    def is_label(self, index: int) -> bool:
        """Whether the item above a nested one is only its label ("Budget :")."""
        above = self._outer[index]
        return above is not None and above.text.endswith(":") and len(above.text.split()) < _SENTENCE


def _stripped(text: str) -> str:
    rest = LEAD_IN.sub("", text).strip()
    return rest if len(rest.split()) >= 2 else text


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", folded(text)))


def _merged(found: list[Decision]) -> list[Decision]:
    """Join a proposal with the decision that accepts it, and what is said twice."""
    result: list[Decision] = []
    words: list[set[str]] = []
    for decision in found:
        own = _words(decision.text)
        same = next(
            (
                place
                for place in range(len(result) - 1, max(-1, len(result) - 40), -1)
                if _alike(words[place], own)
            ),
            None,
        )
        if same is None:
            result.append(decision)
            words.append(own)
            continue
        known = result[same]
        if len(known.lines) < _MOST_PLACES:
            lines = tuple(sorted({*known.lines, *decision.lines}))
        else:
            lines = known.lines
        better = decision if decision.decided and not known.decided else known
        result[same] = better.model_copy(
            update={"decided": known.decided or decision.decided, "lines": lines}
        )
        words[same] = _words(better.text)
    return result


def _alike(one: set[str], other: set[str]) -> bool:
    return bool(one) and bool(other) and len(one & other) >= 0.85 * max(len(one), len(other))
