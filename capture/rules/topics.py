"""What the meeting talked about: the headings of the notes that name a matter."""

import re

from capture.blocks import Block
from capture.formats.markup import plain
from capture.lines import LineKind, NoteLine, folded
from capture.outline import LABEL_LEVEL
from capture.vocabulary import Role, clean_heading, role_of

_MINOR_LEVEL = 6
"""Level of bold lines below real headings: emphasis more often than a matter."""
_MONTH_ONLY = re.compile(
    r"^(?:(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|monday|tuesday|wednesday|"
    r"thursday|friday|saturday|sunday),? )?\d{0,2}(?:er|st|nd|rd|th)? ?"
    r"(?:janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre|"
    r"january|february|march|april|may|june|july|august|september|october|november|december)"
    r" ?\d{0,2},? ?(?:\d{4})?(?: #\d)?$|^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}$"
)
_SAID_TOPIC = re.compile(r"^\s*(?:topic|sujet|agenda item)\s?:\s+\S", re.I)
"""Where headings say of themselves that they are topics, the others are something else."""
_SUBTOPIC = re.compile(r"\bsub-?topic\s?:", re.I)
_ADDRESS = re.compile(r"^https?://\S+$")
_SUMMARY = re.compile(r"^(?:summary|resume|synthese|notes?|minutes?|compte[- ]rendu|discussion)$")


def topics_of(lines: tuple[NoteLine, ...], blocks: list[Block], *, title: str) -> list[str]:
    """Return the topics in the order of the notes, each once, without numbers and markers.

    Where no heading names a matter, the items of the agenda do. Notes with neither are not cut: by meaning
    or by words that went worse than not at all (benchmarks/RESULTS.md).
    """
    named = [
        line.content for line in lines if line.kind is LineKind.HEADING and _SAID_TOPIC.match(line.content)
    ]
    if len(named) >= 2:
        return _named(named, title)
    topics: list[str] = []
    for line in lines:
        if line.kind is not LineKind.HEADING or line.level >= LABEL_LEVEL:
            continue
        if line.level == _MINOR_LEVEL and topics:
            continue
        if _SUBTOPIC.search(line.text):
            continue  # it stands below a topic that a chat has set
        topics.append(line.content)
    agenda = [block for block in blocks if block.role is Role.AGENDA and block.depth <= 1]
    # Beside a list, the rest is where and when the meeting was.
    listed = [block for block in agenda if block.kind is LineKind.ITEM]
    texts = [plain(block.text) for block in (listed if len(listed) >= 2 else agenda)]
    return _named(topics, title) or _named(texts, title)


def _named(texts: list[str], title: str) -> list[str]:
    seen = {folded(clean_heading(title))}
    found: list[str] = []
    for text in texts:
        topic = clean_heading(text)
        key = folded(topic)
        if not topic or key in seen or len(topic) > 200 or _ADDRESS.match(topic) or _MONTH_ONLY.match(key):
            continue
        if (
            role_of(text) is not None
            or _SUMMARY.match(key)
            or (re.match(r"^[\w /-]{3,30}\s?:\s+\S", text) and role_of(text.split(":")[0]) is not None)
        ):
            continue
        seen.add(key)
        found.append(topic)
    return found
