"""reStructuredText, read line by line with the numbers of the original.

Not by docutils: notes are rarely valid reStructuredText. It takes a bullet that is indented without an empty
line above it for the end of the sentence before, and a file of notes is full of them. What is understood
beyond what `capture.formats.markup` reads: titles with overlines, field lists, directives, comments, roles,
footnotes, line blocks and simple tables
(https://docutils.sourceforge.io/docs/ref/rst/restructuredtext.html).
"""

import re
from dataclasses import replace

from capture.formats.markup import plain, read_markup
from capture.lines import LineKind, NoteLine, visible, word_set

_ADORNMENT = re.compile(r"^([!-/:-@\[-`{-~])\1{2,}\s*$")
_DIRECTIVE = re.compile(
    r"^(?P<indent>\s*)\.\. +(?:\|[^|]{1,80}\| +)?(?P<name>[\w:+.-]{1,40})::(?: +(?P<rest>.*))?$"
)
_EXPLICIT = re.compile(r"^(?P<indent>\s*)\.\.(?:\s+(?P<rest>.*))?$")
_FOOTNOTE = re.compile(r"^\[(?:#[\w-]*|\*|\d{1,3}|[A-Za-z][\w.-]{0,40})\]\s+(.*)$")
_FIELD = re.compile(r"^\s*:([^:`\s][^:`]{0,60}):(?:\s+(.*))?$")
_ROLE = re.compile(r":[a-z][\w:+.-]{0,40}:`([^`<>]{1,300}?)(?:\s*<[^`<>]{1,300}>)?`", re.I)
_INTERPRETED = re.compile(r"(?<![`\w])`([^`<>]{1,300})`(?![`_\w])")
_FOOTNOTE_MARK = re.compile(r"\s?\[(?:#[\w-]*|\*|\d{1,3})\]_")
_SUBSTITUTION = re.compile(r"\|([^|\s][^|]{0,80})\|_{0,2}")
_REFERENCE = re.compile(r"(?<![\w`])(\w[\w.-]{0,60}\w)__?(?!\w)")
_SIMPLE_RULE = re.compile(r"^\s*=+(?: +=+)+\s*$")
_GRID_RULE = re.compile(r"^\s*\+(?:[-=]+\+)+\s*$")
_LINE_BLOCK = re.compile(r"^\s*\|(?: (.*))?$")
# Directives whose content is text of the notes; of the others nothing is shown to a reader, or no words.
_PROSE = word_set(
    """
    note tip hint important warning caution attention danger error admonition topic sidebar epigraph
    highlights pull-quote compound container rubric todo seealso versionadded versionchanged
    """
)
_CODE = frozenset(["code", "code-block", "sourcecode", "parsed-literal", "math", "highlight"])


def read_restructured(texts: list[str]) -> list[NoteLine]:
    """Read lines of reStructuredText into note lines, without heading paths and speakers yet.

    Args:
        texts: The lines, in order, without line ends.

    Returns:
        One note line for each text.
    """
    hidden = _hidden(texts)
    tables = _simple_tables(texts)
    shown = ["" if index in hidden or index in tables else _inline(text) for index, text in enumerate(texts)]
    lines = read_markup(shown, markdown=False, fences=False)
    for index, text in enumerate(texts):
        line = replace(lines[index], text=text)
        kind = hidden.get(index)
        if index in tables:
            line = _row(line, tables[index])
        elif kind is not None:
            if kind is LineKind.TEXT:
                line = replace(line, kind=kind, content=_explicit_text(text), level=0, depth=0)
            else:
                line = replace(
                    line, kind=kind, content=visible(text) if kind is LineKind.CODE else "", level=0
                )
        elif _GRID_RULE.match(text):
            line = replace(line, kind=LineKind.RULE, content="", level=0)
        lines[index] = line
    return _with_titles(lines, texts)


def _inline(text: str) -> str:
    """Return a line without the inline markup that only reStructuredText has."""
    field = _FIELD.match(text)
    if field:
        text = f"{field.group(1)}: {field.group(2) or ''}".rstrip()
    block = _LINE_BLOCK.match(text)
    if block and not text.rstrip().endswith("|"):
        text = block.group(1) or ""
    text = _ROLE.sub(r"\1", text)
    text = _FOOTNOTE_MARK.sub("", text)
    text = _INTERPRETED.sub(r"\1", text)
    if "|" in text and not text.strip().startswith("|"):
        text = _SUBSTITUTION.sub(r"\1", text)
    pieces = re.split(r"(``[^`]{1,300}``|`[^`]{1,300}`_{0,2})", text)
    text = "".join(piece if piece[:1] == "`" else _REFERENCE.sub(r"\1", piece) for piece in pieces)
    text = re.sub(r"^(\s*)#(?=[.)] )", r"\g<1>1", text)  # numbered by the computer
    # "text::" announces a literal block.
    return re.sub(r"(?<=\S)::$", ":", text)


def _hidden(texts: list[str]) -> dict[int, LineKind]:
    """Return what lines that are no running text are: comments and options, code, the text of a directive."""
    found: dict[int, LineKind] = {}
    index = 0
    while index < len(texts):
        text = texts[index]
        explicit = _EXPLICIT.match(text)
        if explicit:
            index = _explicit(texts, index, found)
        elif text.rstrip().endswith("::") and not _FIELD.match(text):
            if not text.strip(": \t"):
                found[index] = LineKind.META
            indent = len(text) - len(text.lstrip())
            end = _block_end(texts, index + 1, indent)
            found.update({line: LineKind.CODE for line in range(index + 1, end) if texts[line].strip()})
            index = end
        else:
            index += 1
    return found


def _explicit(texts: list[str], index: int, found: dict[int, LineKind]) -> int:
    """Read explicit markup (".. ") that starts at a line; return where what follows it begins."""
    directive = _DIRECTIVE.match(texts[index])
    explicit = _EXPLICIT.match(texts[index])
    indent = len(explicit.group("indent")) if explicit else 0
    end = _block_end(texts, index + 1, indent)
    name = directive.group("name").lower() if directive else ""
    rest = (explicit.group("rest") or "") if explicit else ""
    if _FOOTNOTE.match(rest):
        found[index] = LineKind.TEXT
        return index + 1
    if name in _PROSE:
        titled = bool(directive and directive.group("rest"))
        found[index] = LineKind.TEXT if titled else LineKind.META
        line = index + 1
        while line < end and re.match(r"^\s+:[\w-]{1,40}:", texts[line]):
            found[line] = LineKind.META
            line += 1
        return line
    body = LineKind.CODE if name in _CODE else LineKind.META
    found[index] = LineKind.META
    found.update({line: body for line in range(index + 1, end) if texts[line].strip()})
    return end


def _block_end(texts: list[str], start: int, indent: int) -> int:
    """Return where the lines end that are indented deeper than this."""
    end = start
    for line in range(start, len(texts)):
        text = texts[line]
        if not text.strip():
            continue
        if len(text) - len(text.lstrip()) <= indent:
            break
        end = line + 1
    return end


def _explicit_text(text: str) -> str:
    directive = _DIRECTIVE.match(text)
    if directive:
        return plain(_inline(directive.group("rest") or ""))
    explicit = _EXPLICIT.match(text)
    note = _FOOTNOTE.match((explicit.group("rest") or "") if explicit else "")
    return plain(_inline(note.group(1))) if note else ""


def _simple_tables(texts: list[str]) -> dict[int, tuple[tuple[str, ...], bool]]:
    """Return the rows of simple tables: their cells, and whether they stand above the second rule."""
    found: dict[int, tuple[tuple[str, ...], bool]] = {}
    index = 0
    while index < len(texts):
        if not _SIMPLE_RULE.match(texts[index]):
            index += 1
            continue
        rules = [index]
        line = index + 1
        while line < len(texts) and len(rules) < 3 and (texts[line].strip() or len(rules) > 1):
            if _SIMPLE_RULE.match(texts[line]):
                rules.append(line)
                after = texts[line + 1].strip() if line + 1 < len(texts) else ""
                if len(rules) == 2 and not after:
                    break  # a table without a head
            line += 1
        if len(rules) >= 2:
            edges = [met.start() for met in re.finditer(r"=+", texts[index])]
            for row in range(index, rules[-1] + 1):
                head = len(rules) == 3 and row < rules[1]
                cells = () if row in rules or not texts[row].strip() else _cells(texts[row], edges)
                found[row] = (cells, head)
        index = rules[-1] + 1
    return found


def _cells(text: str, edges: list[int]) -> tuple[str, ...]:
    ends = [*edges[1:], len(text)]
    return tuple(plain(_inline(text[start:end].strip())) for start, end in zip(edges, ends, strict=True))


def _row(line: NoteLine, row: tuple[tuple[str, ...], bool]) -> NoteLine:
    cells, head = row
    if not cells:
        kind = LineKind.RULE if line.text.strip() else LineKind.BLANK
        return replace(line, kind=kind, content="", level=0)
    content = " | ".join(filter(None, cells))
    return replace(line, kind=LineKind.ROW, content=content, cells=cells, header=head, depth=0, level=0)


def _with_titles(lines: list[NoteLine], texts: list[str]) -> list[NoteLine]:
    """Make headings of the lines with an underline, and perhaps an overline, of any sign.

    The levels are those of the order in which the styles first come; an overline makes another style.
    """
    result = list(lines)
    order: list[str] = []
    for index in range(1, len(texts)):
        under = _ADORNMENT.match(texts[index])
        title = texts[index - 1].strip()
        if not under or not title or _ADORNMENT.match(title) or result[index - 1].kind is LineKind.ROW:
            continue
        over = _ADORNMENT.match(texts[index - 2]) if index >= 2 else None
        framed = over is not None and over.group(1) == under.group(1)
        before = texts[index - 2].strip() if index >= 2 else ""
        if (before and not framed and not over) or len(texts[index].strip()) < 0.5 * len(title):
            continue
        if texts[index - 1][:1].isspace() and not framed:
            continue
        style = under.group(1) * (2 if framed else 1)
        if style not in order:
            order.append(style)
        content = plain(_inline(title))
        heading = replace(
            result[index - 1],
            kind=LineKind.HEADING,
            content=content,
            depth=0,
            level=min(order.index(style) + 1, 6),
        )
        result[index - 1] = heading
        for rule in (index, index - 2) if framed else (index,):
            result[rule] = replace(result[rule], kind=LineKind.RULE, content="", level=0, depth=0)
    return result
