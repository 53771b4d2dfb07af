"""Plain text and Markdown, read line by line, with the line numbers of the original.

No Markdown library is used on purpose: the numbers must be the writer's own, and notes are rarely valid
Markdown. What is understood is what people type: ATX and underlined headings, wiki headings (`== x ==`),
lists with any bullet, checkboxes, pipe tables, code fences, front matter, emphasis and links.
"""

import html
import re
from dataclasses import replace

from capture.lines import LineKind, NoteLine, visible

_ATX = re.compile(r"^ {0,3}(#{1,6})(?:[ \t]+|(?=[^\W\d_]))(.+?)[ \t]*#*[ \t]*$")
_WIKI_HEADING = re.compile(r"^(={2,6})[ \t]*([^=].*?)[ \t]*\1[ \t]*$")
_UNDERLINE = re.compile(r"^[ \t]*([=\-~^\"*+#_])\1{2,}[ \t]*$")
# Office suites paste a bullet with a tab or no-break spaces, as "o" or "§" where a symbol font drew it.
_ITEM = re.compile(
    r"^(?P<indent>[ \t\u00a0]*)(?P<mark>[-*+•◦▪‣●○■–—·§]|[-=]?>|→|\(?\d{1,3}[.)]|[a-zA-Z]\)|o(?=\t))"
    r"(?:[ \t\u00a0\u202f]+|(?=\[[ xX✓✔]?\]))(?P<rest>.*)$"
)
_CHECKBOX = re.compile(r"^(?:\[(?P<mark>[ xX✓✔vV]?)\]|(?P<sign>[☐□◻❏❑⬜☑☒✅✔🗹]))(?!\()[ \t]*(?P<rest>.*)$")
_SEPARATOR = re.compile(
    r"^[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)+\|?[ \t]*$|^[ \t]*\|[ \t]*:?-+:?[ \t]*\|[ \t]*$"
)
_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})")
_FRONT_MATTER_LINES = 60
_MAX_CELLS = 200
_IMAGE = re.compile(r"!\[([^\]\[]{0,300})\]\([^()\s]{0,1000}(?:[ \t]+\"[^\"]{0,300}\")?\)")
_LINK = re.compile(
    r"\[([^\]\[]{1,500})\]\((?:[^()\s]|\([^()\s]{0,200}\)){0,1000}(?:[ \t]+\"[^\"]{0,300}\")?\)"
)
_REFERENCE_LINK = re.compile(r"\[([^\]\[]{1,300})\]\[[^\]\[]{0,100}\]")
_RST_LINK = re.compile(r"`([^`<]{1,300}?)\s*<[^`>]{1,500}>`_{1,2}|`([^`]{1,300})`_{1,2}")
_CODE_SPAN = re.compile(r"(`{1,2})([^`]{1,500})\1")
_TAG = re.compile(
    r"</?(?:b|i|u|em|strong|span|br|code|sup|sub|p|div|font|small|del|s|mark|kbd)(?:\s[^<>]{0,300})?/?>", re.I
)
_EMPHASIS = re.compile(r"(?<!\w)(\*\*\*|___|\*\*|__|~~)(?=\S)([^*_~]{1,1000}?)(?<=\S)\1(?!\w)")
_SOFT_EMPHASIS = re.compile(r"(?<![\w*_])([*_])(?=[^\s*_])([^*_\n]{1,500}?)(?<=[^\s*_])\1(?![\w*_])")
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|<>~&\"'])")
_ALL_BOLD = re.compile(r"^(?:\*\*|__)(?=\S)((?:(?!\*\*|__).){1,200})(?:\*\*|__)[ \t]*:?[ \t]*$")


def split_bullet(text: str) -> tuple[str, str]:
    """Return the bullet or number that a line begins with, empty when it has none, and the rest."""
    item = _ITEM.match(text)
    return (item.group("mark"), item.group("rest")) if item else ("", text)


def plain(text: str) -> str:
    """Return what a line of Markdown or reStructuredText says, without its inline markup."""
    text = _IMAGE.sub(r"\1", text)
    text = _LINK.sub(r"\1", text)
    text = _REFERENCE_LINK.sub(r"\1", text)
    text = _RST_LINK.sub(lambda match: match.group(1) or match.group(2), text)
    text = _CODE_SPAN.sub(r"\2", text)
    text = _TAG.sub(" ", text)
    for _ in range(2):  # emphasis inside emphasis
        text = _EMPHASIS.sub(r"\2", text)
    text = text.replace("**", "")  # what is left of emphasis that was typed with a space inside
    text = _SOFT_EMPHASIS.sub(r"\2", text)
    text = _ESCAPED.sub(r"\1", text)
    return visible(html.unescape(text))


def read_markup(texts: list[str], *, markdown: bool, fences: bool = True) -> list[NoteLine]:
    """Read lines of text into note lines, without heading paths and speakers yet.

    Args:
        texts: The lines, in order, without line ends.
        markdown: Whether `#` starts a heading; in plain text it may be a number or a channel.
        fences: Whether ``` fences code; in reStructuredText it may underline a title.

    Returns:
        One note line for each text.
    """
    lines: list[NoteLine] = []
    front_matter = _front_matter_end(texts)
    fence: str | None = None
    indents: list[int] = []
    for index, text in enumerate(texts):
        number = index + 1
        opened = _FENCE.match(text) if fences else None
        if index < front_matter:
            lines.append(NoteLine(number=number, text=text, content=visible(text), kind=LineKind.META))
            continue
        if fence or opened:
            if opened and fence is None:
                fence = opened.group(1)[:3]
            elif opened and fence and opened.group(1).startswith(fence):
                fence = None
            lines.append(NoteLine(number=number, text=text, content=visible(text), kind=LineKind.CODE))
            continue
        line = _read_line(number, text, markdown=markdown, indents=indents)
        if line.kind not in (LineKind.ITEM, LineKind.BLANK) and not text[:1].isspace():
            indents.clear()
        lines.append(line)
    return _with_tables(_with_underlines(lines))


def _front_matter_end(texts: list[str]) -> int:
    """Return how many lines at the top are YAML (`---`) or TOML (`+++`) front matter."""
    if not texts or texts[0].strip() not in ("---", "+++"):
        return 0
    for index in range(1, min(len(texts), _FRONT_MATTER_LINES)):
        if texts[index].strip() == texts[0].strip():
            body = [text for text in texts[1:index] if text.strip()]
            keyed = [text for text in body if re.match(r"^[\w\"'-]+\s*[:=]|^[\s\[\]-]", text)]
            return index + 1 if body and len(keyed) >= 0.8 * len(body) else 0
    return 0


def _read_line(number: int, text: str, *, markdown: bool, indents: list[int]) -> NoteLine:
    if not visible(text):
        return NoteLine(number=number, text=text, kind=LineKind.BLANK)
    if text.lstrip().startswith("<!--") and text.rstrip().endswith("-->"):
        return NoteLine(number=number, text=text, kind=LineKind.META)
    heading = _ATX.match(text) if markdown else None
    if heading:
        content = plain(heading.group(2))
        return NoteLine(
            number=number, text=text, content=content, kind=LineKind.HEADING, level=len(heading.group(1))
        )
    wiki = _WIKI_HEADING.match(text)
    if wiki:
        level = len(wiki.group(1))
        return NoteLine(
            number=number, text=text, content=plain(wiki.group(2)), kind=LineKind.HEADING, level=level
        )
    if _UNDERLINE.match(text):
        return NoteLine(number=number, text=text, kind=LineKind.RULE)
    bare = re.sub(r"^(?:[ \t]*>)+[ \t]?", "", text) if re.match(r"^[ \t]*>[ \t>]", text) else text
    item = _ITEM.match(bare)
    if item:
        indent = len(item.group("indent").expandtabs(4))
        while indents and indents[-1] > indent:
            indents.pop()
        if not indents or indents[-1] < indent:
            indents.append(indent)
        checked, rest = split_checkbox(item.group("rest"))
        return NoteLine(
            number=number,
            text=text,
            content=plain(rest),
            kind=LineKind.ITEM,
            depth=len(indents),
            ordered=item.group("mark")[-1] in ".)",
            checked=checked,
            bold=bool(_ALL_BOLD.match(rest.strip())),
        )
    checked, rest = split_checkbox(bare.strip())
    return NoteLine(
        number=number,
        text=text,
        content=plain(rest),
        checked=checked,
        kind=LineKind.TEXT if checked is None else LineKind.ITEM,
        depth=0 if checked is None else 1,
        bold=bool(_ALL_BOLD.match(bare.strip())),
    )


def split_checkbox(text: str) -> tuple[bool | None, str]:
    """Split a checkbox from the start of a line: its state (None without one) and the rest."""
    found = _CHECKBOX.match(text)
    if not found:
        return None, text
    if found.group("sign"):
        return found.group("sign") not in "☐□◻❏❑⬜", found.group("rest")
    return found.group("mark") not in ("", " "), found.group("rest")


def _with_underlines(lines: list[NoteLine]) -> list[NoteLine]:
    """Turn a line of text that is underlined (`====`, `----`) into a heading.

    Levels follow the order in which the underlining characters are first used, as in reStructuredText; `=`
    before `-` gives Markdown's setext headings.
    """
    result = list(lines)
    order: list[str] = []
    for index in range(1, len(result)):
        rule, above = result[index], result[index - 1]
        if rule.kind is not LineKind.RULE or above.kind is not LineKind.TEXT or "|" in above.text:
            continue
        before = result[index - 2] if index >= 2 else None
        if before is not None and before.kind in (LineKind.TEXT, LineKind.ITEM):
            continue  # the last line of a paragraph before a separator
        mark = rule.text.strip()
        if len(above.content) > 150 or len(mark) < 0.5 * len(above.content):
            continue
        if mark[0] not in order:
            order.append(mark[0])
        result[index - 1] = replace(above, kind=LineKind.HEADING, level=min(order.index(mark[0]) + 1, 6))
    return result


def _with_tables(lines: list[NoteLine]) -> list[NoteLine]:
    """Mark the rows of pipe tables; the row above a separator is the head."""
    result = list(lines)
    inside = False
    for index, line in enumerate(lines):
        separator = _is_separator(line.text)
        following = index + 1 < len(lines) and _is_separator(lines[index + 1].text)
        closed = line.text.strip().startswith("|") and line.text.strip().endswith("|")
        if separator:
            result[index] = replace(line, kind=LineKind.RULE, content="")
            inside = True
        elif (
            0 < line.text.count("|") <= _MAX_CELLS
            and line.kind in (LineKind.TEXT, LineKind.ITEM)
            and (inside or following or closed)
        ):
            cells = tuple(plain(cell) for cell in _cells(line.text))
            result[index] = replace(
                line,
                kind=LineKind.ROW,
                content=" | ".join(filter(None, cells)),
                cells=cells,
                header=following,
                depth=0,
            )
            inside = True
        else:
            inside = False
    return result


def _is_separator(text: str) -> bool:
    return bool(_SEPARATOR.match(text.strip()))  # stripped: over a line of spaces the pattern takes minutes


def _cells(text: str) -> list[str]:
    inner = text.strip().removeprefix("|").removesuffix("|")
    return re.split(r"(?<!\\)\|", inner)
