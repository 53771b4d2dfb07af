"""How much work a text would give to the parser, measured before it is given to it.

mwparserfromhell tries every opener (`{{`, `[[`, `<b`, `{|` ...) as the start of something and starts again
when no end comes, so a text of unclosed openers costs their number times the length that follows them: 5,000
times `{{a|` in 20 kB take 10 s. Nothing can interrupt its C code, therefore the cost is estimated here, in
one linear pass, and a text over the limit is read without the parser.
"""

import re
from dataclasses import dataclass

_TOKENS = re.compile(
    r"(?P<open>\{\{|\[\[|(?<=\n)[ :]*\{\||<!--|\[(?=https?:|ftp:|mailto:|//))"
    r"|(?P<close>\}\}|\]\]|\|\}|-->|\])"
    r"|<(?P<slash>/?)(?P<tag>[A-Za-z][A-Za-z0-9]*)(?P<rest>[^<>]{0,2000}>)?"
    r"|(?P<items>^[*#:;]{12,})"
    r"|(?P<quotes>'{2,})",
    re.MULTILINE,
)
_ENDS = {"}}": "{{", "]]": "[[", "|}": "{|", "-->": "<!--", "]": "["}
_ALONE = frozenset({"br", "hr", "wbr", "img", "meta", "link", "li", "dt", "dd", "td", "th", "tr"})
# Characters that the tokenizer reads again for one unclosed opener cost more for some kinds; measured.
_WEIGHT = {"{|": 50.0, "{{": 2.0, "<": 3.0}
# About a second of the parser's time on a 2020 machine, in characters read again.
_MAX_REREAD = 5_000_000.0
# Each node costs about 30 microseconds to build and to read.
_MAX_NODES = 120_000


@dataclass(slots=True)
class _Opener:
    kind: str
    position: int


def is_affordable(wikitext: str, *, share: float = 1.0) -> bool:
    """Tell whether the parser reads a text in a few seconds at most; linear in the length of the text.

    Args:
        wikitext: the text of a page, or of a part of it.
        share: which part of those seconds may be used, in 0..1.
    """
    reread = 0.0
    nodes = 0
    stack: list[_Opener] = []
    waiting: dict[str, int] = {}
    for match in _TOKENS.finditer("\n" + wikitext):
        nodes += 1
        kind, opens, counted = _kind(match)
        nodes += counted
        if nodes > _MAX_NODES * share:
            return False
        if kind is None:
            continue
        if opens:
            stack.append(_Opener(kind, match.start()))
            waiting[kind] = waiting.get(kind, 0) + 1
        elif waiting.get(kind):
            while True:
                top = stack.pop()
                waiting[top.kind] -= 1
                if top.kind == kind:
                    break
                reread += _cost(top, match.start())
        if reread > _MAX_REREAD * share:
            return False
    return reread + sum(_cost(opener, len(wikitext)) for opener in stack) <= _MAX_REREAD * share


def _kind(match: re.Match[str]) -> tuple[str | None, bool, int]:
    """Return what a token opens or closes, which of the two, and how many more nodes it makes."""
    if match["tag"]:
        name = match["tag"].lower()
        closed_at_once = (match["rest"] or "").endswith("/>")
        if name in _ALONE or (closed_at_once and not match["slash"]):
            return None, False, 0
        return f"<{name}", not match["slash"], 0
    if match["open"]:
        return match["open"].strip(" :"), True, 0
    if match["close"]:
        return _ENDS[match["close"]], False, 0
    return None, False, len(match["items"] or "")


def _cost(opener: _Opener, end: int) -> float:
    return (end - opener.position) * _WEIGHT.get(opener.kind[:2], _WEIGHT.get(opener.kind[:1], 1.0))
