"""Meeting notes as numbered lines: any format in, the same lines out, the original kept by its SHA-256."""

import hashlib
import re
from dataclasses import dataclass

from capture.formats.detection import (
    DOCX,
    HTML,
    MAIL,
    MARKDOWN,
    OFFICE,
    RESTRUCTURED,
    SUBRIP,
    WEBVTT,
    looks_like_markdown,
    media_type_of,
    split_lines,
    text_format,
)
from capture.formats.docx import read_docx
from capture.formats.encoding import clean_text, decode_text
from capture.formats.html import read_html
from capture.formats.mail import read_mail
from capture.formats.markup import read_markup
from capture.formats.odt import read_odt
from capture.formats.restructured import read_restructured
from capture.formats.speakers import with_speakers
from capture.formats.transcripts import read_transcript, with_turns
from capture.lines import LineKind, NoteLine, visible
from capture.outline import with_headings
from connector.errors import UnreadableNotesError

MAX_NOTES_BYTES = 2_000_000
"""The largest notes that are read: some 40 hours of talk. More is a mistake, or an attack."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """What a meeting left behind, line by line."""

    sha256: str
    """Of the original bytes, in hexadecimal."""
    original: bytes
    media_type: str
    """One of those that `capture.formats.detection` names, such as `text/markdown`."""
    lines: tuple[NoteLine, ...]
    filename: str | None = None
    document_title: str = ""
    """Title that the format itself carries: HTML's `<title>`, front matter's `title`, a mail's subject."""

    @property
    def line_count(self) -> int:
        """How many lines there are; line numbers go from 1 to this."""
        return len(self.lines)


def read_notes(
    data: bytes | str,
    *,
    filename: str | None = None,
    media_type: str | None = None,
    drop_fillers: bool = True,
) -> Notes:
    """Read notes in any of the formats.

    These are text, Markdown, reStructuredText, HTML, Word (.docx), OpenDocument (.odt), mail (.eml), chat
    logs, and the subtitles of calls (.vtt, .srt).

    Args:
        data: The file's bytes, or pasted text (kept as UTF-8).
        filename: Name of the file, if there is one; its ending tells the format.
        media_type: The format, when the caller knows it; otherwise it is told by the name, else by the text.
        drop_fillers: Whether "um" and "euh" are left out of what the lines of a transcript say; their
            text keeps them.

    Returns:
        The notes. For formats that are text, line numbers are those of the original; for HTML, office
        documents and mail they are those of the lines as they are shown.

    Raises:
        UnreadableNotesError: When the notes are empty, damaged, protected, hostile, or larger than
            `MAX_NOTES_BYTES` or `capture.lines.MAX_LINES`.
    """
    original = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    if len(original) > MAX_NOTES_BYTES:
        megabytes = len(original) / 1_000_000
        raise UnreadableNotesError(
            f"The notes are too large: {megabytes:.1f} MB, at most "
            f"{MAX_NOTES_BYTES / 1_000_000:.0f} MB can be read. "
            "Split them by meeting, or leave out their pictures."
        )
    kind, raw, title = _read(data, filename=filename, media_type=media_type, drop_fillers=drop_fillers)
    lines = with_headings(raw)
    if not any(line.content for line in lines):
        raise UnreadableNotesError("The notes hold no text that a reader would see.")
    return Notes(
        sha256=hashlib.sha256(original).hexdigest(),
        original=original,
        media_type=kind,
        lines=tuple(lines),
        filename=filename,
        document_title=title,
    )


def _read(
    data: bytes | str, *, filename: str | None, media_type: str | None, drop_fillers: bool = True
) -> tuple[str, list[NoteLine], str]:
    """Return the format of notes, their lines with speakers, and the title that the format carries."""
    kind = media_type_of(data, None, filename=filename, media_type=media_type)
    if kind in OFFICE:
        original = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
        lines, title = read_docx(original) if kind == DOCX else read_odt(original)
        return kind, with_speakers(lines), title
    if kind == MAIL:
        original = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
        message = read_mail(original, read_attached=_read_attached)
        return kind, with_speakers(message.lines), message.subject
    text = clean_text(data if isinstance(data, str) else decode_text(data))
    if not visible(text):
        raise UnreadableNotesError("The notes are empty.")
    kind = text_format(text, media_type_of(data, text, filename=filename, media_type=media_type))
    if kind == HTML:
        lines, title = read_html(text)
        return kind, with_speakers(lines), title
    texts = split_lines(text)
    if kind in (WEBVTT, SUBRIP):
        return kind, with_turns(with_speakers(read_transcript(texts, drop_fillers=drop_fillers)), texts), ""
    if kind == RESTRUCTURED:
        lines = read_restructured(texts)
    else:
        lines = read_markup(texts, markdown=kind == MARKDOWN or looks_like_markdown(text))
    return kind, with_speakers(lines), _front_matter_title(lines)


def _read_attached(data: bytes, filename: str) -> list[NoteLine]:
    """Read notes that came attached to a message; a message in a message is not opened."""
    if len(data) > MAX_NOTES_BYTES or filename.lower().endswith(".eml"):
        return []
    return _read(data, filename=filename, media_type=None)[1]


def _front_matter_title(lines: list[NoteLine]) -> str:
    for line in lines:
        if line.kind is not LineKind.META:
            break
        found = re.match(r"^title\s*[:=]\s*[\"']?(.+?)[\"']?\s*$", line.text)
        if found:
            return visible(found.group(1))
    return ""
