"""One line of meeting notes, as the person who pasted them sees it, and what its markup says about it.

The readers of `capture.formats` make these lines; everything that is extracted later points back to their
numbers.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from connector.errors import UnreadableNotesError

MAX_LINES = 50_000
"""The most lines of notes that are read: a meeting of four hours, word for word, has some 20,000."""

# Characters that a reader never sees but that break the matching of words, or turn the order of a line round:
# zero-width spaces and joiners outside emoji, soft hyphen, byte order mark, bidirectional controls (Unicode
# TR 36).
_INVISIBLE = re.compile("[\u00ad\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_SPACES = re.compile(r"\s+")


class LineKind(StrEnum):
    """What a line is in the layout of the notes."""

    BLANK = "blank"
    TEXT = "text"
    HEADING = "heading"
    ITEM = "item"
    ROW = "row"
    RULE = "rule"
    """A separator or an underline: something to look at, nothing to read."""
    CODE = "code"
    META = "meta"
    """Front matter, or what a program (a bot, a server) wrote into the notes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteLine:
    """A numbered line of the notes."""

    number: int
    """From 1, as the person who pasted the notes counts."""
    text: str
    """The line as it stands in the notes."""
    content: str = ""
    """What the line says: without list marker, heading marker, checkbox, speaker and inline markup."""
    kind: LineKind = LineKind.TEXT
    level: int = 0
    """Heading level from 1 (outermost); 0 for what is no heading."""
    heading_path: tuple[str, ...] = ()
    """Headings above the line, outermost first; a heading's own path ends with itself."""
    depth: int = 0
    """Depth in nested lists, from 1; 0 outside of lists."""
    ordered: bool = False
    """Whether the list item is numbered."""
    checked: bool | None = None
    """State of the checkbox; None without one."""
    speaker: str | None = None
    """Who says it, where the notes have speakers."""
    time: str | None = None
    """When it is said, where the source tells: `HH:MM:SS` from the start of a recording, or the clock of a
    chat log, `HH:MM` where it has no seconds."""
    continues: bool = False
    """Whether the line goes on with what the line of text before it says: the next cue of one turn of speech.
    Lines without text (times, numbers of cues) may stand between the two."""
    cells: tuple[str, ...] = ()
    """Cells of a table row."""
    header: bool = False
    """Whether the row is the head of its table."""
    bold: bool = False
    """Whether the whole line is emphasized: a heading in many people's notes."""


def refuse_too_many(count: int) -> None:
    """Refuse notes of more lines than are read, before work is done on each.

    Raises:
        UnreadableNotesError: There are more than `MAX_LINES`.
    """
    if count > MAX_LINES:
        raise UnreadableNotesError(
            f"The notes have too many lines: {count:,}, at most {MAX_LINES:,} can be read. "
            "Split them by meeting."
        )


def visible(text: str) -> str:
    """Return the text as a reader sees it: composed (NFC), without invisible characters, single spaces."""
    return _SPACES.sub(" ", _INVISIBLE.sub("", unicodedata.normalize("NFC", text))).strip()


def folded(text: str) -> str:
    """Return the text for comparing: no case, no accents, straight apostrophes, single spaces."""
    decomposed = unicodedata.normalize("NFD", visible(text).casefold().replace("œ", "oe"))
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return bare.replace("’", "'").replace("ʼ", "'")


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text that lists them."""
    return frozenset(text.split())
