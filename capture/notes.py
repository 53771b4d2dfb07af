"""Meeting notes as numbered lines: any format in, the same lines out, the original kept by its SHA-256."""

import hashlib
import re
from dataclasses import dataclass
from itertools import islice

from charset_normalizer import from_bytes

from capture.formats.html import read_html
from capture.formats.markup import read_markup
from capture.formats.speakers import with_speakers
from capture.lines import LineKind, NoteLine, visible
from capture.outline import with_headings
from connector.errors import UnreadableNotesError

MAX_NOTES_BYTES = 2_000_000
"""The largest notes that are read: some 40 hours of talk. More is a mistake, or an attack."""

_MEDIA_TYPES = {
    "txt": "text/plain",
    "text": "text/plain",
    "log": "text/plain",
    "irc": "text/plain",
    "rst": "text/plain",
    "md": "text/markdown",
    "markdown": "text/markdown",
    "mkd": "text/markdown",
    "html": "text/html",
    "htm": "text/html",
    "xhtml": "text/html",
}
_HTML_START = re.compile(
    r"^\s*(?:<!--.{0,500}?-->\s*)?(?:<!doctype html|<html|<\?xml[^>]*>\s*<!doctype html|"
    r"<(?:head|body|meta|style|title|h[1-6]|p|div|ul|ol|dl|table|article|section|main|header|b|strong|i|em|"
    r"span|font|center|blockquote)[\s>])",
    re.I | re.S,
)
_HTML_END = re.compile(r"</(?:p|div|li|ul|ol|h[1-6]|table|body|html|span|td)>", re.I)
_MARKDOWN = re.compile(r"^(?:#{1,6} +\S|```|[-*] \[[ xX]\] )|\*\*\S[^*\n]*\*\*|\]\(https?://", re.M)
_CONTROL = re.compile("[\x01-\x08\x0e-\x1a\x1c-\x1f]")
# Signatures of what people upload by mistake for their notes: the message can then say what it is.
_BINARIES = (
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "an office document or an archive"),
    (b"\xd0\xcf\x11\xe0", "an office document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x1f\x8b", "an archive"),
    (b"ID3", "a sound recording"),
    (b"OggS", "a sound recording"),
    (b"{\\rtf", "an RTF document"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """What a meeting left behind, line by line."""

    sha256: str
    """Of the original bytes, in hexadecimal."""
    original: bytes
    media_type: str
    """`text/plain`, `text/markdown` or `text/html`."""
    lines: tuple[NoteLine, ...]
    filename: str | None = None
    document_title: str = ""
    """Title that the format itself carries: HTML's `<title>`, front matter's `title`."""

    @property
    def line_count(self) -> int:
        """How many lines there are; line numbers go from 1 to this."""
        return len(self.lines)


def read_notes(data: bytes | str, *, filename: str | None = None, media_type: str | None = None) -> Notes:
    """Read notes in plain text, Markdown or HTML.

    Args:
        data: The file's bytes, or pasted text (kept as UTF-8).
        filename: Name of the file, if there is one; its ending tells the format.
        media_type: The format, when the caller knows it; otherwise it is told by the name, else by the text.

    Returns:
        The notes; for text and Markdown, line numbers are those of the original.

    Raises:
        UnreadableNotesError: When the notes are empty, binary, or larger than `MAX_NOTES_BYTES`.
    """
    original = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    if len(original) > MAX_NOTES_BYTES:
        megabytes = len(original) / 1_000_000
        raise UnreadableNotesError(
            f"The notes are too large: {megabytes:.1f} MB, at most "
            f"{MAX_NOTES_BYTES / 1_000_000:.0f} MB can be read. "
            "Split them by meeting."
        )
    text = _clean(data) if isinstance(data, str) else _clean(_decode(data))
    if not visible(text):
        raise UnreadableNotesError("The notes are empty.")
    kind = _media_type(text, filename=filename, media_type=media_type)
    title = ""
    if kind == "text/html":
        raw, title = read_html(text)
    else:
        texts = re.split(r"\r\n|\n|\r", text)
        if texts and not texts[-1]:
            texts.pop()
        raw = read_markup(texts, markdown=kind == "text/markdown" or _looks_like_markdown(text))
        title = _front_matter_title(raw)
    lines = with_headings(with_speakers(raw))
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


def _clean(text: str) -> str:
    """Drop a byte order mark and characters that no text has."""
    text = text.removeprefix("\ufeff").replace("\x00", "")
    return _CONTROL.sub("", text).encode("utf-8", "replace").decode("utf-8")


def _decode(data: bytes) -> str:
    """Decode notes: UTF-8, UTF-16 or UTF-32 by their mark, else what their letters suggest."""
    for signature, what in _BINARIES:
        if data.startswith(signature):
            raise UnreadableNotesError(
                f"The file is {what}, not notes that can be read: paste its text, or save it as "
                f"text, Markdown or HTML."
            )
    if data.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        return _decode_as(data, "utf-32")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decode_as(data, "utf-16")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _decode_legacy(data)
    if "\x00" in text:
        return _decode_legacy(data)
    return text


def _decode_as(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableNotesError(
            f"The file is damaged: it says it is {encoding.upper()} and is not. Save it again as UTF-8."
        ) from error


def _decode_legacy(data: bytes) -> str:
    sample = data[:4096]
    nulls = sample.count(0)
    if nulls > 0.2 * len(sample):  # UTF-16 without its mark: every other byte of Western text is zero
        big = sum(1 for index in range(0, len(sample) - 1, 2) if sample[index] == 0)
        return _decode_as(data[: len(data) // 2 * 2], "utf-16-be" if big > nulls / 2 else "utf-16-le")
    control = sum(1 for byte in sample if byte < 32 and byte not in (9, 10, 12, 13, 27))
    if nulls or control > 0.02 * len(sample):
        raise UnreadableNotesError(
            "The file is not text: paste the notes, or save them as text, Markdown or HTML."
        )
    try:
        western = data.decode("cp1252")
    except UnicodeDecodeError:
        western = ""
    # In French and English the accented letters of cp1252 stand between plain ones; other scripts do not
    # read so.
    if western and _reads_western(western):
        return western
    best = from_bytes(data[:100_000], cp_isolation=None).best()
    try:
        return data.decode(best.encoding if best else "cp1252", "replace")
    except LookupError:
        return data.decode("cp1252", "replace")


def _reads_western(text: str) -> bool:
    high = [char for char in text if ord(char) > 127]
    expected = sum(
        1 for char in high if char in "àâäçéèêëîïôöùûüÿœæÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŸŒÆ«»’‘“”–—…€°·•\u00a0ñáíóúß"
    )
    return expected >= 0.9 * len(high)


def _media_type(text: str, *, filename: str | None, media_type: str | None) -> str:
    declared = (media_type or "").split(";")[0].strip().lower()
    if declared in ("text/html", "application/xhtml+xml"):
        return "text/html"
    if declared in ("text/markdown", "text/x-markdown"):
        return "text/markdown"
    ending = filename.rsplit(".", 1)[-1].lower() if filename and "." in filename else ""
    if ending in _MEDIA_TYPES:
        return _MEDIA_TYPES[ending]
    if _HTML_START.match(text[:2000]) and _HTML_END.search(text):
        return "text/html"
    return "text/markdown" if _looks_like_markdown(text) else "text/plain"


def _looks_like_markdown(text: str) -> bool:
    if len(list(islice(_MARKDOWN.finditer(text[:200_000]), 2))) == 2:
        return True
    return bool(re.match(r"\s*#{1,3} +\S", text))


def _front_matter_title(lines: list[NoteLine]) -> str:
    for line in lines:
        if line.kind is not LineKind.META:
            break
        found = re.match(r"^title\s*[:=]\s*[\"']?(.+?)[\"']?\s*$", line.text)
        if found:
            return visible(found.group(1))
    return ""
