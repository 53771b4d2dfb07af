"""Apostrophes that stand for italics and bold: `''` and `'''`.

The parser would take a text for broken, and all markup around it for text, when one of them has no end. The
wiki closes them at the end of the line (Parser::doQuotes), so here they are read line by line, too.
"""

import re

QUOTES = re.compile("'{2,}")
"""A run of apostrophes that stands for italics or bold."""

_LINE = re.compile(r"[^\n]*''[^\n]*")


def shown_apostrophes(run: str) -> str:
    """Return what a reader sees of a run: nothing of 2, 3 and 5 apostrophes, one of 4, the rest of more."""
    return "'" * (1 if len(run) == 4 else max(0, len(run) - 5))


def find_elisions(wikitext: str) -> frozenset[int]:
    """Return where three apostrophes are an apostrophe and italics, as in `l'''habitat''`.

    So a line is read in which both bold and italics would stay open otherwise; the first of the runs after a
    word of one letter is taken, else the first after a longer word, else the first after a space.
    """
    found = set()
    for line in _LINE.finditer(wikitext):
        runs = [(run.start(), len(run.group())) for run in QUOTES.finditer(line.group())]
        italics = sum(length in (2, 5) or length > 5 for _, length in runs)
        bold = [start + length - 3 for start, length in runs if length in (3, 4)]
        if italics % 2 and (len(bold) + sum(length >= 5 for _, length in runs)) % 2 and bold:
            found.add(line.start() + _first_elision(line.group(), bold))
    return frozenset(found)


def _first_elision(line: str, starts: list[int]) -> int:
    before = {start: line[max(0, start - 2) : start] for start in starts}
    one_letter = [start for start, text in before.items() if text[-1:] != " " and text[:-1] in (" ", "")]
    longer = [start for start, text in before.items() if text[-1:] != " "]
    return (one_letter or longer or starts)[0]
