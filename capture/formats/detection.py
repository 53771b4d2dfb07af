"""The format of notes: by what their first bytes are, what the caller says, their name, else their text."""

import re
from itertools import islice

from capture.formats.archives import office_format
from capture.formats.transcripts import is_transcript
from capture.lines import refuse_too_many

PLAIN = "text/plain"
MARKDOWN = "text/markdown"
HTML = "text/html"
RESTRUCTURED = "text/x-rst"
WEBVTT = "text/vtt"
SUBRIP = "application/x-subrip"
MAIL = "message/rfc822"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ODT = "application/vnd.oasis.opendocument.text"

MEDIA_TYPES = (PLAIN, MARKDOWN, HTML, RESTRUCTURED, WEBVTT, SUBRIP, MAIL, DOCX, ODT)
"""Every format that is read."""
OFFICE = frozenset([DOCX, ODT])
"""The formats that are archives and no text."""

_BY_ENDING = {
    "txt": PLAIN, "text": PLAIN, "log": PLAIN, "irc": PLAIN,
    "rst": RESTRUCTURED, "rest": RESTRUCTURED,
    "md": MARKDOWN, "markdown": MARKDOWN, "mkd": MARKDOWN,
    "html": HTML, "htm": HTML, "xhtml": HTML,
    "vtt": WEBVTT, "srt": SUBRIP, "eml": MAIL,
    "docx": DOCX, "docm": DOCX, "dotx": DOCX, "odt": ODT, "ott": ODT,
}  # fmt: skip
_DECLARED = {
    HTML: HTML, "application/xhtml+xml": HTML,
    MARKDOWN: MARKDOWN, "text/x-markdown": MARKDOWN,
    RESTRUCTURED: RESTRUCTURED, "text/prs.fallenstein.rst": RESTRUCTURED, "text/restructured": RESTRUCTURED,
    WEBVTT: WEBVTT, SUBRIP: SUBRIP, "text/srt": SUBRIP, "application/srt": SUBRIP,
    MAIL: MAIL,
    DOCX: DOCX, "application/vnd.ms-word.document.macroenabled.12": DOCX, ODT: ODT,
}  # fmt: skip
_CONTAINER = b"\xd0\xcf\x11\xe0"
"""An old office document, or a new one with a password: its reader says which."""
_HTML_START = re.compile(
    r"^\s*(?:<!--.{0,500}?-->\s*)?(?:<!doctype html|<html|<\?xml[^>]*>\s*<!doctype html|"
    r"<(?:head|body|meta|style|title|h[1-6]|p|div|ul|ol|dl|table|article|section|main|header|b|strong|i|em|"
    r"span|font|center|blockquote|ac:\w[\w-]{0,40})[\s>])",
    re.I | re.S,
)
_HTML_END = re.compile(r"</(?:p|div|li|ul|ol|h[1-6]|table|body|html|span|td)>", re.I)
_MARKDOWN = re.compile(r"^(?:#{1,6} +\S|```|[-*] \[[ xX]\] )|\*\*\S[^*\n]*\*\*|\]\(https?://", re.M)
_DIRECTIVE = re.compile(r"^\.\. (?:[a-z][\w-]{1,40}:: ?|_[^:\n]{1,80}: |\[[^\]\n]{1,20}\] )", re.M)
_HEADER = re.compile(rb"^[!-9;-~]{1,60}:[ \t]?")
_MAIL_HEADER = re.compile(rb"^(?:mime-version|message-id|received|return-path|x-mailer|delivered-to):", re.I)


def media_type_of(
    data: bytes | str, text: str | None, *, filename: str | None, media_type: str | None
) -> str:
    """Tell the format of notes.

    Args:
        data: The notes as they came.
        text: Their text, where they are text; None looks no further than at bytes and names.
        filename: Their name, if there is one.
        media_type: What the caller says they are; "text/plain" says nothing.

    Returns:
        One of the media types of this module; `PLAIN` for a text that looks like no other.
    """
    named = _named(filename, media_type)
    if isinstance(data, bytes):
        if data.startswith(b"PK"):
            return {"docx": DOCX, "odt": ODT}.get(office_format(data) or "", named)
        if data.startswith(_CONTAINER):
            return named if named in OFFICE else DOCX
    if not named and _looks_like_mail(data):
        return MAIL
    if named or text is None:
        return named or PLAIN
    if _HTML_START.match(text[:2000]) and _HTML_END.search(text):
        return HTML
    return MARKDOWN if looks_like_markdown(text) else PLAIN


def text_format(text: str, kind: str) -> str:
    """Tell a subtitle file or reStructuredText that comes as plain text from other text.

    Args:
        text: The notes.
        kind: Their format, as far as it is known.
    """
    if kind in (PLAIN, MARKDOWN) and is_transcript(split_lines(text)):
        return WEBVTT if text.lstrip().startswith("WEBVTT") else SUBRIP
    if kind == PLAIN and _DIRECTIVE.search(text[:200_000]) and not looks_like_markdown(text):
        return RESTRUCTURED
    return kind


def split_lines(text: str) -> list[str]:
    """Split text into lines as an editor shows them: at CR LF, LF and CR only.

    Raises:
        UnreadableNotesError: There are more than `capture.lines.MAX_LINES`.
    """
    texts = re.split(r"\r\n|\n|\r", text)
    if texts and not texts[-1]:
        texts.pop()
    refuse_too_many(len(texts))
    return texts


def looks_like_markdown(text: str) -> bool:
    """Whether a text has the marks of Markdown: two at least, or a heading at its top."""
    if len(list(islice(_MARKDOWN.finditer(text[:200_000]), 2))) == 2:
        return True
    return bool(re.match(r"\s*#{1,3} +\S", text))


def _named(filename: str | None, media_type: str | None) -> str:
    declared = (media_type or "").split(";")[0].strip().lower()
    if declared in _DECLARED:
        return _DECLARED[declared]
    ending = filename.rsplit(".", 1)[-1].lower() if filename and "." in filename else ""
    return _BY_ENDING.get(ending, "")


def _looks_like_mail(data: bytes | str) -> bool:
    start = data[:20_000].encode("utf-8", "replace") if isinstance(data, str) else data[:20_000]
    head = start.replace(b"\r\n", b"\n").partition(b"\n\n")[0].split(b"\n")
    if not all(_HEADER.match(line) or line[:1] in (b" ", b"\t") for line in head if line):
        return False
    return any(_MAIL_HEADER.match(line) for line in head)
