"""The contract between notes and drafts: what an extractor finds, whatever it works with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from capture.draft import NotesSummary, Statement
from capture.notes import Notes


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeSketch:
    """A practice that the notes tell of, before it is a draft page."""

    title: str
    language: str
    fields: Mapping[str, tuple[Statement, ...]]
    """By field of the practice; never empty, and no field in it is."""
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """Everything that an extractor found in the notes."""

    summary: NotesSummary
    practices: tuple[PracticeSketch, ...] = field(default=())


class Extractor(Protocol):
    """Finds structure in meeting notes.

    An extractor writes nothing of its own: each text it returns stands in the lines that it names (markers,
    list signs and the owner of an action taken off), all those lines exist, and the same notes give the
    same result. It raises no error for notes that `read_notes` accepts; where it finds nothing, the lists
    are empty.
    """

    def extract(self, notes: Notes) -> Extraction:
        """Return what the notes hold."""
        ...
