"""The text in a file of notes, whatever its encoding."""

import re

from charset_normalizer import from_bytes

from connector.errors import UnreadableNotesError

# Signatures of what people upload by mistake for their notes: the message can then say what it is.
_BINARIES = (
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "an archive, or an office document of another kind"),
    (b"\xd0\xcf\x11\xe0", "an office document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x1f\x8b", "an archive"),
    (b"ID3", "a sound recording"),
    (b"OggS", "a sound recording"),
    (b"{\\rtf", "an RTF document"),
)
_CONTROL = re.compile("[\x01-\x08\x0e-\x1a\x1c-\x1f]")
_READABLE = "as text, Markdown, HTML, .docx or .odt"


def clean_text(text: str) -> str:
    """Drop a byte order mark and characters that no text has."""
    text = text.removeprefix("\ufeff").replace("\x00", "")
    return _CONTROL.sub("", text).encode("utf-8", "replace").decode("utf-8")


def decode_text(data: bytes, *, charset: str | None = None) -> str:
    """Decode notes: UTF-8, UTF-16 or UTF-32 by their mark, else what their letters suggest.

    Args:
        data: The bytes.
        charset: The encoding that a message declares; it is believed only where it fits.

    Raises:
        UnreadableNotesError: When the bytes are no text.
    """
    for signature, what in _BINARIES:
        if data.startswith(signature):
            raise UnreadableNotesError(
                f"The file is {what}, not notes that can be read: paste its text, or save it {_READABLE}."
            )
    if data.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        return _decode_as(data, "utf-32")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decode_as(data, "utf-16")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _declared(data, charset) or _decode_legacy(data)
    if "\x00" in text:
        return _decode_legacy(data)
    return (_declared(data, charset) if charset and text.isascii() else None) or text


def _declared(data: bytes, charset: str | None) -> str | None:
    if not charset or charset.lower().replace("_", "-") in ("us-ascii", "ascii", "unknown-8bit"):
        return None
    try:
        return data.decode(charset)
    except (LookupError, UnicodeError, ValueError):  # a codec that does not exist, or that is no text's
        return None


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
        raise UnreadableNotesError(f"The file is not text: paste the notes, or save them {_READABLE}.")
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
