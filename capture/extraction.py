"""The contract between notes and drafts: what an extractor finds, whatever it works with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from capture.draft import NotesSummary, Remark, Statement, Unsupported
from capture.notes import Notes
from connector.progress import Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeSketch:
    """A practice that the notes tell of, before it is a draft page."""

    title: str
    language: str
    fields: Mapping[str, tuple[Statement, ...]]
    """By field of the practice; never empty, and no field in it is."""
    people: tuple[str, ...] = ()
    topic: str = ""
    """Headings above it in the notes, " › " between them; "" where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """Everything that an extractor found in the notes."""

    summary: NotesSummary
    practices: tuple[PracticeSketch, ...] = field(default=())
    unsupported: tuple[Unsupported, ...] = ()
    """What was found and then left out, because its lines do not hold it."""
    remarks: tuple[Remark, ...] = ()


class Extractor(Protocol):
    """Finds structure in meeting notes.

    An extractor writes nothing of its own: what each text it returns says stands in the lines that it names
    (markers, list signs and the owner of an action taken off), and all those lines exist. It raises no error
    for notes that `read_notes` accepts; where it finds nothing, the lists are empty. What it found and its
    lines do not hold is in `unsupported`, not in the lists.
    """

    def extract(self, notes: Notes, *, progress: Progress | None = None) -> Extraction:
        """Return what the notes hold.

        Args:
            notes: The notes.
            progress: Told how many lines are read, of how many, as "lines".
        """
        ...
