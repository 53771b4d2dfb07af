"""Where sentences begin and end in plain text: the smallest piece that chunks and snippets are made of."""

import re
from collections.abc import Iterator

# No run of signs is read twice ("++", and none is begun in its middle): a page may hold a million points.
_END = re.compile(
    r"(?<![.!?…])[.!?…]++[\"»”’)\]]*+\s++(?=[\"«“‘(\[]?\s?[^\W_a-zà-öø-ÿœ])|\n+",
)
# "M. Dupont", "p. ex.", "e.g.", "J. Martin": the point ends no sentence.
_ABBREVIATION = re.compile(
    r"(?:^|[\s(«“\"'’])(?:m|mm|mme|mlle|dr|pr|st|ste|mr|mrs|ms|prof|cf|fig|env|art|no|nos|vol|vs|ex|p|pp|e\.g|i\.e|\w)\.\s+$",
    re.IGNORECASE,
)
# Before its point: the longest of these words, and what stands before the word.
_LONGEST_ABBREVIATION = 8


def sentence_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of each sentence; lines (list items, table rows) never share one."""
    start = 0
    for match in _END.finditer(text):
        ended = match.end()
        word = max(start, match.start() - _LONGEST_ABBREVIATION)
        if "\n" not in match.group() and _ABBREVIATION.search(text[word:ended]):
            continue
        yield from _stripped(text, start, ended)
        start = ended
    yield from _stripped(text, start, len(text))


def _stripped(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        yield start, end
