"""Notes in the database: kept once, byte for byte, and read anew from there with the same lines."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from capture.erased_notes import masked_notes
from capture.lines import visible
from capture.notes import Notes, read_notes
from connector.erased import MASK
from connector.errors import CaptureError
from connector.store import Store
from connector.store.notes import StoredNotes


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgottenNotes:
    """What went with notes that were deleted, and what did not."""

    drafts: int
    follow_ups: int
    published: tuple[tuple[int, str], ...]
    """Pages made from them, by pageid and title: they stay in the wiki, and can be deleted only there."""
    wiped: bool
    """Whether all is overwritten on disk already; else the next sync does it."""


def keep(store: Store, notes: Notes) -> int:
    """Keep notes as they were given, once, and return their id."""
    # The name comes from a file system or a browser, and may be no text: it only tells a person which file.
    name = (notes.filename or "").encode(errors="replace").decode()
    original, media_type = notes.original, notes.media_type
    erased = store.erased_names.known()
    if erased:
        masked = masked_notes(original, media_type, name, erased)
        original, media_type, name = masked or (original, media_type, name)
    return store.notes.add(
        sha256=notes.sha256,
        filename=visible("".join(char if char.isprintable() else " " for char in name)),
        media_type=media_type,
        original=original,
    )


def read(stored: StoredNotes) -> Notes:
    """Return notes that are kept, known by the checksum that they came with: somebody may be masked in them.

    Raises:
        UnreadableNotesError: They cannot be read any more.
    """
    notes = read_notes(stored.original, filename=stored.filename or None, media_type=stored.media_type)
    return replace(notes, sha256=stored.sha256)


def require_same_lines(notes: Notes, stored: StoredNotes) -> None:
    """Make sure that the lines of notes are those of the notes that are kept.

    The same bytes as text and as HTML have other lines, and what is said to come from line 12 must be found
    there.

    Raises:
        CaptureError: They are others.
    """
    if stored.media_type == notes.media_type:
        return
    kept = read(stored)
    # A line in which somebody was erased says something else than it did.
    if kept.line_count != notes.line_count or any(
        mine.text != given.text and MASK not in mine.text
        for mine, given in zip(kept.lines, notes.lines, strict=True)
    ):
        raise CaptureError(
            f"these notes are kept already as {stored.media_type}, where their lines are others: "
            f"delete notes {stored.id} first"
        )


def titles(store: Store, pageids: Sequence[int]) -> dict[int, str]:
    """Return what pages are called now; those that the mirror does not have are left out."""
    return {pageid: page.title for pageid, page in store.pages.get_many(sorted(set(pageids))).items()}
