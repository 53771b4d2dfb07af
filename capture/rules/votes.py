"""What a chat decides without marking it: by votes ("+1"), and by saying once more what was voted for."""

import re
from collections.abc import Sequence

from capture.blocks import Block
from capture.draft import Decision
from capture.lines import folded
from capture.rules.decision_phrases import PROPOSED

_VOTE = re.compile(r"^[+-]\s?[01](?:\.\d+)?(?:[\s.,!;:(]|$)")
_COMMAND = re.compile(r"^(?:q[+?=-]|ack\b|\w{2,12}, |/\w|(?:zakim|rrsagent|trackbot|\w*bot)\b)", re.I)
"""What is said to a program, or to one person."""
_LONGEST_VOTE = 80
_MIN_VOTERS = 3
"""One less where the proposal says that it is one."""
_RESTATED_WITHIN = 30
"""Blocks of a chat after which saying the same again is no answer to it any more."""
_MIN_WORDS = 3


def is_vote(block: Block) -> bool:
    """Whether somebody in a chat votes, and says little more."""
    return bool(block.speaker and len(block.text) <= _LONGEST_VOTE and _VOTE.match(block.text))


def voted(blocks: Sequence[Block]) -> list[Decision]:
    """Return what a chat voted for.

    A chair says again, word for word, what was accepted. Where nobody does so, three votes and none against
    accept what stands right above them.
    """
    return _restated(blocks) or _carried(blocks)


def _restated(blocks: Sequence[Block]) -> list[Decision]:
    found: list[Decision] = []
    seen: dict[str, int] = {}
    votes: list[int] = []
    for index, block in enumerate(blocks):
        if not block.speaker:
            continue
        if is_vote(block):
            votes.append(index)
            continue
        key = " ".join(re.findall(r"\w+", folded(block.text)))
        if len(key.split()) < _MIN_WORDS or _COMMAND.match(block.text):
            continue
        before = seen.get(key)
        if before is not None and index - before <= _RESTATED_WITHIN and any(before < vote for vote in votes):
            lines = tuple(sorted({*blocks[before].lines, *block.lines}))
            found.append(Decision(text=block.text, decided=True, lines=lines))
            del seen[key]
        else:
            seen[key] = index
    return found


def _carried(blocks: Sequence[Block]) -> list[Decision]:
    found: list[Decision] = []
    proposal: Block | None = None
    voters: set[str] = set()
    against = False
    for block in [*blocks, None]:
        if block is not None and is_vote(block):
            against = against or block.text.startswith("-")
            if block.text.startswith("+1"):
                voters.add(block.speaker or "")
            continue
        marked = PROPOSED.match(proposal.text) if proposal is not None else None
        enough = _MIN_VOTERS - 1 if marked else _MIN_VOTERS
        if proposal is not None and len(voters) >= enough and not against:
            text = marked.group("rest") if marked else proposal.text
            if len(text.split()) >= _MIN_WORDS and not text.endswith("?"):
                found.append(Decision(text=text, decided=True, lines=proposal.lines))
        proposal, voters, against = block, set(), False
    return found
