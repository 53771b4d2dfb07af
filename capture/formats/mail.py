"""E-mail messages (.eml): the text that was written, and who wrote it when.

The message's own words are lines of text. What it quotes, its signature and its head are kept as lines that
say nothing themselves (`LineKind.META`), so that nothing is taken from last month's minutes. A message that
only forwards or carries the notes is read for what it carries.
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from email.message import Message

from capture.formats.detection import looks_like_markdown, split_lines
from capture.formats.encoding import clean_text, decode_text
from capture.formats.html import read_html
from capture.formats.markup import read_markup
from capture.lines import LineKind, NoteLine, visible
from connector.errors import UnreadableNotesError

_ATTACHED = re.compile(r"\.(?:docx|odt|txt|md|markdown|rst|html?)$", re.I)
_MAX_PARTS = 500
_MAX_HEADER = 4_000
_MAX_COVER_WORDS = 60
"""A message of more words than this is no cover letter of what is attached to it."""
_MAX_SIGNATURE = 12
_SPEAKS_OF_IT = re.compile(
    r"\b(?:ci-?joint|en pi[eè]ce|pi[eè]ces? jointe|joints?|attach|enclos|compte.rendu|minutes|notes|cr)", re.I
)
_PREFIX = re.compile(r"^(?:(?:re|ré|rép|rep|aw|fwd?|tr|wg|i)(?:\[\d+\])?\s?:\s*|\[[^\[\]]{1,40}\]\s*)+", re.I)
_FORWARDED_SUBJECT = re.compile(r"^(?:\[[^\[\]]{1,40}\]\s*)?(?:fwd?|tr|wg)\s?:", re.I)
_FORWARDED = re.compile(
    r"^[-–— ]{0,12}(?:forwarded message|message transf[ée]r[ée]|d[ée]but du message (?:transf[ée]r[ée]|"
    r"r[ée]exp[ée]di[ée])|begin forwarded message|message r[ée]exp[ée]di[ée])\b.{0,60}$",
    re.I,
)
_ORIGINAL = re.compile(
    r"^(?:[-_–— ]{2,12}(?:original message|original appointment|message d[’']origine|"
    r"message original|urspr[üu]ngliche nachricht)[-_–— ]{2,12}|_{20,})$",
    re.I,
)
# The head that Outlook writes over what is answered: "De : ... Envoyé : ... À : ... Objet : ...".
_OUTLOOK_FROM = re.compile(r"^\W{0,3}(?:de|from|von|exp[ée]diteur)\W{0,3}\s?:\s?\S", re.I)
_OUTLOOK_OTHER = re.compile(
    r"^\W{0,3}(?:envoy[ée](?: le)?|sent|date|[àa]|to|cc|objet|subject|gesendet|an|betreff|pour|importance)"
    r"\W{0,3}\s?:",
    re.I,
)
_ATTRIBUTION = re.compile(
    r"^(?:le\b.{4,160}\ba [ée]crit|on\b.{4,160}\bwrote|am\b.{4,160}\bschrieb.{0,80}|"
    r".{1,80}(?:<|&lt;)[^<>\s]{3,80}@[^<>\s]{3,80}(?:>|&gt;).{0,40}(?:a [ée]crit|wrote))\s?:\s*$",
    re.I,
)
_ATTRIBUTION_START = re.compile(r"^(?:le|on)\b.{4,160}$", re.I)
_SIGN_OFF = re.compile(
    r"^(?:sent from my |envoy[ée] (?:de(?:puis)?|avec) (?:mon |ma |l[’']application )?|get outlook for|"
    r"obtenez outlook|t[ée]l[ée]charger outlook|provenance : courrier|sent from (?:mail|outlook|yahoo))",
    re.I,
)
_QUOTED = re.compile(r"^\s{0,3}>")


@dataclass(frozen=True, slots=True)
class MailMessage:
    """What a message holds."""

    lines: list[NoteLine]
    """Numbered from 1: its head, then its text; without heading paths and speakers yet."""
    subject: str
    """Without "Re:", "TR:" and names of lists."""


@dataclass(frozen=True, slots=True)
class _Part:
    content: bytes
    kind: str
    charset: str | None
    filename: str


def read_mail(data: bytes, *, read_attached: Callable[[bytes, str], list[NoteLine]]) -> MailMessage:
    """Read an e-mail message.

    Args:
        data: The message as it was sent.
        read_attached: Reads notes that are attached, by their bytes and name, into note lines.

    Returns:
        Its lines and subject.

    Raises:
        UnreadableNotesError: When there is nothing in it that can be read.
    """
    message = _parsed(data)
    subject = _header(message, "subject")
    texts, attached = _parts(message)
    body, quoted = _body(texts)
    body = _marked(body, quoted, forwarded=bool(_FORWARDED_SUBJECT.match(subject)))
    own = [line for line in body if line.content and line.kind is not LineKind.META]
    letter = " ".join(line.content for line in own)
    carried: list[NoteLine] = []
    if attached and len(letter.split()) <= _MAX_COVER_WORDS and (not own or _SPEAKS_OF_IT.search(letter)):
        carried = read_attached(attached[0].content, attached[0].filename)
        body = [replace(line, kind=_silent(line), level=0, depth=0) for line in body]
    if not own and not carried:
        raise UnreadableNotesError("The message holds no text that can be read: paste the notes themselves.")
    head = [
        NoteLine(number=0, text=f"{name}: {value}", content=f"{name}: {value}", kind=LineKind.META)
        for name in ("Subject", "Date", "From", "To", "Cc")
        if (value := subject if name == "Subject" else _header(message, name))
    ]
    blank = NoteLine(number=0, text="", kind=LineKind.BLANK)
    lines = [*head, blank, *body, *([blank, *carried] if carried else [])]
    return MailMessage(
        lines=[replace(line, number=index + 1) for index, line in enumerate(lines)],
        subject=_PREFIX.sub("", subject),
    )


def _silent(line: NoteLine) -> LineKind:
    return line.kind if line.kind in (LineKind.BLANK, LineKind.RULE) else LineKind.META


def _parsed(data: bytes) -> Message:
    from email import message_from_bytes, policy

    try:
        # The newer policies parse headers by a grammar that broken ones make fail, each in its own way.
        return message_from_bytes(data.lstrip(b"\r\n\t "), policy=policy.compat32)
    except (RecursionError, ValueError, LookupError, AttributeError, TypeError) as error:
        raise UnreadableNotesError("The message is damaged and cannot be read: paste its text.") from error


def _header(message: Message, name: str) -> str:
    """Return a header as people read it; "" when it is missing."""
    from email.errors import HeaderParseError
    from email.header import decode_header

    value = message.get(name)
    if value is None:
        return ""
    if isinstance(value, str):  # decoding takes the square of its length
        value = value[:_MAX_HEADER]
    try:
        pieces = decode_header(value)
    except (HeaderParseError, ValueError, LookupError, TypeError):
        pieces = [(str(value), None)]
    texts = [
        piece if isinstance(piece, str) else _text_of(_Part(piece, "", charset, ""))
        for piece, charset in pieces
    ]
    return visible(clean_text(" ".join(text.strip() for text in texts)))[:500]


def _text_of(part: _Part) -> str:
    try:
        return clean_text(decode_text(part.content, charset=part.charset))
    except UnreadableNotesError:
        return ""  # a part that says it is text and is none


def _parts(message: Message) -> tuple[list[_Part], list[_Part]]:
    """Return the texts of a message, those of each alternative together, and the notes attached to it."""
    texts: list[_Part] = []
    attached: list[_Part] = []
    waiting: list[Message] = [message]
    for _ in range(_MAX_PARTS):
        if not waiting:
            break
        part = waiting.pop(0)
        if part.is_multipart():
            payload = part.get_payload()
            inner = payload if isinstance(payload, list) else []
            waiting[:0] = [one for one in inner if isinstance(one, Message)]
            continue
        found = _leaf(part)
        if _ATTACHED.search(found.filename) and (_is_attachment(part) or found.kind not in _TEXTS):
            attached.append(found)
        elif found.kind in _TEXTS and not _is_attachment(part):
            texts.append(found)
    return texts, attached


_TEXTS = ("text/plain", "text/html", "text/markdown")


def _leaf(part: Message) -> _Part:
    try:
        content = part.get_payload(decode=True)
    except (ValueError, LookupError, TypeError, AttributeError):
        content = None
    return _Part(
        content=content if isinstance(content, bytes) else b"",
        kind=part.get_content_type(),
        charset=_charset(part),
        filename=_filename(part),
    )


def _charset(part: Message) -> str | None:
    try:
        return part.get_content_charset()
    except (ValueError, LookupError, TypeError):
        return None


def _filename(part: Message) -> str:
    try:
        name = part.get_filename() or ""
    except (ValueError, LookupError, TypeError):
        return ""
    holder = Message()
    holder["name"] = re.sub(r"[\r\n\x00]+", " ", name)
    return _header(holder, "name")  # many programs encode names as they encode subjects


def _is_attachment(part: Message) -> bool:
    return str(part.get("content-disposition") or "").strip().lower().startswith("attachment")


def _body(texts: list[_Part]) -> tuple[list[NoteLine], set[int]]:
    """Return the lines of the best text, and the numbers of those that the mail program marks as quoted.

    HTML says more than the plain text beside it (lists, headings, what is quoted), when it says anything.
    """
    quoted: set[int] = set()
    for part in texts:
        if part.kind == "text/html":
            lines, _ = read_html(_text_of(part), quoted=quoted)
            if any(line.content for line in lines):
                return lines, quoted
            quoted.clear()
    rows = [row for part in texts if part.kind != "text/html" for row in split_lines(_text_of(part))]
    bare = [_QUOTED.sub("", row) if _QUOTED.match(row) else row for row in rows]
    markdown = looks_like_markdown("\n".join(row for row in rows if not _QUOTED.match(row)))
    lines = read_markup(bare, markdown=markdown)
    quoted.update(index + 1 for index, row in enumerate(rows) if _QUOTED.match(row))
    return [replace(line, text=row) for line, row in zip(lines, rows, strict=True)], quoted


def _marked(lines: list[NoteLine], quoted: set[int], *, forwarded: bool) -> list[NoteLine]:
    """Silence what is quoted and signed, unless the message only passes it on."""
    out, passed_on = _outside(lines, quoted, start=0)
    own = [
        line
        for index, line in enumerate(lines)
        if index not in out and line.content and line.kind is not LineKind.META
    ]
    words = sum(len(line.content.split()) for line in own)
    if ((passed_on or forwarded) and words <= _MAX_COVER_WORDS) or not own:
        out = _outside_what_is_passed_on(lines)
    return [
        replace(line, kind=_silent(line), level=0, depth=0) if index in out else line
        for index, line in enumerate(lines)
    ]


def _outside_what_is_passed_on(lines: list[NoteLine]) -> set[int]:
    """Return the indices of the head of what is passed on, and of what that quotes in turn."""
    start = 0
    while start < len(lines):
        text = visible(lines[start].content)
        if _FORWARDED.match(text) or _ORIGINAL.match(text) or _is_outlook_head(lines, start):
            break
        start += 1
    head = start
    while head < len(lines) and (
        not (text := visible(lines[head].content))
        or any(known.match(text) for known in (_FORWARDED, _ORIGINAL, _OUTLOOK_FROM, _OUTLOOK_OTHER))
    ):
        head += 1
    head = head if start < len(lines) else 0
    depths: Counter[int] = Counter()
    for line in lines[head:]:
        depths[_quote_depth(line)] += len(line.content.split())
    usual = depths.most_common(1)[0][0] if depths else 0
    out, _ = _outside(lines, set(), start=head)
    out.update(range(start, head))
    out.update(index for index, line in enumerate(lines) if index >= head and _quote_depth(line) > usual)
    return out


def _quote_depth(line: NoteLine) -> int:
    met = re.match(r"^(?:\s{0,3}>){1,20}", line.text)
    return met.group().count(">") if met else 0


def _outside(lines: list[NoteLine], quoted: set[int], *, start: int) -> tuple[set[int], bool]:
    """Return the indices of what is not the writer's own, and whether something is passed on."""
    out = {index for index, line in enumerate(lines) if line.number in quoted}
    passed_on = False
    for index in range(start, len(lines)):
        if index in out:
            passed_on = passed_on or bool(_FORWARDED.match(visible(lines[index].content)))
            continue
        text = visible(lines[index].content)
        if _FORWARDED.match(text) or _ORIGINAL.match(text) or _is_outlook_head(lines, index):
            out.update(range(index, len(lines)))
            return out, passed_on or bool(_FORWARDED.match(text))
        taken = _attribution(lines, index)
        if taken:
            out.update(range(index, index + taken))
            below = next((at for at in range(index + taken, len(lines)) if lines[at].content), len(lines))
            if below < len(lines) and lines[below].number not in quoted:
                # Some programs do not mark what they quote: it goes on to the end.
                out.update(range(index, len(lines)))
                return out, passed_on
        elif lines[index].text.rstrip() in ("--", "—") and _is_signature(lines, index, quoted):
            end = next((at for at in range(index, len(lines)) if lines[at].number in quoted), len(lines))
            out.update(range(index, end))
        elif len(text) < 80 and _SIGN_OFF.match(text):
            out.add(index)
    return out, passed_on


def _attribution(lines: list[NoteLine], index: int) -> int:
    """Return over how many lines "On ... wrote:" goes from here on, 0 when it does not stand here."""
    text = visible(lines[index].content)
    if _ATTRIBUTION.match(text):
        return 1
    if _ATTRIBUTION_START.match(text) and index + 1 < len(lines):
        both = f"{text} {visible(lines[index + 1].content)}"
        return 2 if _ATTRIBUTION.match(both) else 0
    return 0


def _is_outlook_head(lines: list[NoteLine], index: int) -> bool:
    if not _OUTLOOK_FROM.match(lines[index].content):
        return False
    below = [line.content for line in lines[index + 1 : index + 8] if line.content][:4]
    return sum(1 for text in below if _OUTLOOK_OTHER.match(text)) >= 2


def _is_signature(lines: list[NoteLine], index: int, quoted: set[int]) -> bool:
    """Whether "--" opens a signature: a few lines to the end, or to what is quoted."""
    count = 0
    for line in lines[index + 1 :]:
        if line.number in quoted:
            break
        count += bool(line.content)
        if count > _MAX_SIGNATURE:
            return False
    return True
