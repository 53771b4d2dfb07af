"""Notes without the names of people who were erased; their lines keep their numbers.

A format that is text is masked where the name stands. In an archive (Word, OpenDocument) or a mail a name can
hide where no reader looks, in the properties of a document or in an encoded part: of those the text of their
lines is kept instead.
"""

import re
from contextlib import suppress
from email import message_from_bytes

from capture.formats.archives import read_members
from capture.formats.detection import MAIL, OFFICE, PLAIN
from capture.formats.encoding import decode_text
from capture.notes import Notes, read_notes
from connector.erased import Erased
from connector.errors import UnreadableNotesError

_TAG = re.compile(r"<[^<>]*+>")


def masked_notes(
    original: bytes, media_type: str, filename: str, erased: Erased
) -> tuple[bytes, str, str] | None:
    """Return bytes, media type and file's name that are to be kept of notes; None where they may stay.

    Args:
        original: the file's bytes.
        media_type: its format.
        filename: its name; with another format it gets another ending, which tells the format.
        erased: finds the names.
    """
    masked = _masked(original, media_type, erased)
    name = erased.masked(filename)
    if masked is None:
        return None if name == filename else (original, media_type, name)
    data, kept_type = masked
    return data, kept_type, name if kept_type == media_type else f"{name}.txt"


def _masked(original: bytes, media_type: str, erased: Erased) -> tuple[bytes, str] | None:
    notes = _read(original, media_type)
    shown = notes is not None and any(erased.holds(line.text) for line in notes.lines)
    if media_type in OFFICE or media_type == MAIL:
        if not shown and not any(erased.holds(part) for part in _parts(original, media_type)):
            return None
        return _as_lines(notes, erased), PLAIN
    text = _decoded(original)
    if text is None:
        return None
    masked = erased.masked(text)
    if masked == text and not shown:
        return None
    data = masked.encode("utf-8", "surrogatepass")
    again = _read(data, media_type)
    # A name that markup cuts in two ("<b>Léa</b> Martin") is only seen in the lines.
    if notes is not None and (
        again is None
        or again.line_count != notes.line_count
        or any(erased.holds(line.text) for line in again.lines)
    ):
        return _as_lines(notes, erased), PLAIN
    return data, media_type


def _read(data: bytes, media_type: str) -> Notes | None:
    with suppress(UnreadableNotesError):
        return read_notes(data, media_type=media_type)
    return None


def _as_lines(notes: Notes | None, erased: Erased) -> bytes:
    """Return the text of the notes' lines, a line each; of what cannot be read, nothing but that it was."""
    lines = [erased.masked(line.text) for line in notes.lines] if notes is not None else ["?"]
    # What ends no line here may end one for whoever reads it again.
    return "\n".join(" ".join(line.splitlines()) for line in lines).encode("utf-8", "surrogatepass")


def _decoded(data: bytes) -> str | None:
    with suppress(UnreadableNotesError):
        return decode_text(data)
    return None


def _parts(original: bytes, media_type: str) -> list[str]:
    """Return all texts that an archive or a mail holds, those that no reader shows included."""
    parts = [original.decode("utf-8", "replace")]
    if media_type == MAIL:
        for part in message_from_bytes(original).walk():
            parts += [f"{name}: {value}" for name, value in part.items()]
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                parts.append(content.decode("utf-8", "replace"))
        return parts
    with suppress(UnreadableNotesError):
        for name, data in read_members(original, wanted=lambda _: True).items():
            text = data.decode("utf-8", "replace")
            parts += [name, text, _TAG.sub("", text)]
    return parts
