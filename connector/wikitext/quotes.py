"""Apostrophes that stand for italics and bold: `''` and `'''`.

The parser would take a text for broken, and all markup around it for text, when one of them has no end. The
wiki closes them at the end of the line (Parser::doQuotes), so here they are read line by line, too.
"""

import re

QUOTES = re.compile("'{2,}")
"""A run of apostrophes that stands for italics or bold."""


def shown_apostrophes(run: str) -> str:
    """Return what a reader sees of a run: nothing of 2, 3 and 5 apostrophes, one of 4, the rest of more."""
    return "'" * (1 if len(run) == 4 else max(0, len(run) - 5))


def find_elisions(wikitext: str) -> frozenset[int]:
    """Return where three apostrophes are an apostrophe and italics, as in `l'''habitat''`.

    So a line is read in which both bold and italics would stay open otherwise; the first of the runs after a
    word of one letter is taken, else the first after a longer word, else the first after a space.
    """
    found: set[int] = set()
    position = wikitext.find("'''")
    while position >= 0:
        start = wikitext.rfind("\n", 0, position) + 1
        end = wikitext.find("\n", position)
        line = wikitext[start : end if end >= 0 else len(wikitext)]
        runs = [(run.start(), len(run.group())) for run in QUOTES.finditer(line)]
        italics = sum(length in (2, 5) or length > 5 for _, length in runs)
        bold = sum(length != 2 for _, length in runs)
        if italics % 2 and bold % 2:
            places = [place + length - 3 for place, length in runs if length in (3, 4)]
            if places:
                found.add(start + _first_elision(line, places))
        position = wikitext.find("'''", start + len(line))
    return frozenset(found)


def _first_elision(line: str, starts: list[int]) -> int:
    before = {start: line[max(0, start - 2) : start] for start in starts}
    one_letter = [start for start, text in before.items() if text[-1:] != " " and text[:-1] == " "]
    longer = [start for start, text in before.items() if text[-1:] != " "]
    return (one_letter or longer or starts)[0]
