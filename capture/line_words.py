"""The words of the notes, line by line: where a text stands word for word, and which lines hold a name."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from capture.lines import LineKind, NoteLine, folded, visible, word_set
from capture.notes import Notes
from search.support import CLAUSE_BREAK

# Signs that change what a text says ("5 %", "5 €") count as words; so does markup, where a text has any.
_TOKEN = re.compile(r"[^\W_]+|[%€$£°]|[<>\[\]{}|]")
_MARKUP = frozenset("<>[]{}|")
_ENDED = re.compile(r"[.!?…:;,]$")
_SENTENCE_END = re.compile(r"[.!?…;]\s+|\n+")
_MOST_PLACES = 10
# What stands between two people, and never within one's name.
_PARTS_NAMES = re.compile(r"[,;:/|&+•!?\n\t]|\s(?:et|and|ou|or|puis)\s", re.I)
_ASIDE = re.compile(r"\([^()\n]{0,60}\)|[\"«“][^\"«»“”\n]{1,40}[\"»”]")
_PARTICLES = word_set("de du des la le les el al van von der den di da dos del ben bin ter ten")
_fold = lru_cache(maxsize=50_000)(folded)


@dataclass(frozen=True, slots=True)
class Quote:
    """A place of the notes where a text stands word for word."""

    sentence: str
    """Of the notes, that it stands in; more than one where it goes over several."""
    clause: str
    """The part of the sentence that it stands in."""


class NotesIndex:
    """Words of the notes by line. Nothing is read before it is asked for."""

    def __init__(self, notes: Notes) -> None:
        self._lines = notes.lines
        self._names = tuple(text for text in (notes.document_title, notes.filename or "") if text)
        self._postings: dict[str, set[int]] | None = None

    def line(self, number: int) -> NoteLine:
        """Return a line by its number, from 1."""
        return self._lines[number - 1]

    def text(self, numbers: Iterable[int]) -> str:
        """Return what lines say, as one text: those that an editor broke are joined, others end."""
        joined = ""
        before: NoteLine | None = None
        for number in sorted(numbers):
            line = self.line(number)
            said = line.content or visible(line.text)
            if not said:
                continue
            if before is not None:
                joined += " " if _goes_on(before, line) else "\n" if _ENDED.search(joined) else ".\n"
            joined += said
            before = line
        return joined

    def about(self, numbers: Iterable[int]) -> str:
        """Return the headings above lines, and who speaks in them."""
        told: dict[str, None] = {}
        for number in numbers:
            line = self.line(number)
            told.update(dict.fromkeys(line.heading_path))
            if line.speaker:
                told[line.speaker] = None
        return "\n".join(told)

    def quotes(self, text: str, numbers: tuple[int, ...], *, heading: bool = False) -> Iterator[Quote]:
        """Yield the places in these lines where a text stands word for word, whatever stands between.

        Args:
            text: some words.
            numbers: lines.
            heading: the text may begin within a number, as a heading does without its own ("3.1 Outils");
                its markup counts for nothing.
        """
        wanted = [word for word, _, _ in _tokens(text) if not (heading and word in _MARKUP)]
        if not wanted:
            return
        marked = not heading and not _MARKUP.isdisjoint(wanted)
        for source in (self.text(numbers), self._raw(numbers)):
            found = (
                list(_tokens(source)) if marked else [one for one in _tokens(source) if one[0] not in _MARKUP]
            )
            words = f" {' '.join(word for word, _, _ in found)} "
            needle = f" {' '.join(wanted)} "
            place = words.find(needle)
            for _ in range(_MOST_PLACES):
                if place < 0:
                    break
                first = words.count(" ", 0, place + 1) - 1
                last = first + len(wanted) - 1
                # "500 euros" does not stand in "1 500 euros".
                if heading or not _cuts_number(found, first, last):
                    start, end = found[first][1], found[last][2]
                    yield Quote(
                        sentence=_around(_SENTENCE_END, source, start, end),
                        clause=_around(CLAUSE_BREAK, source, start, end),
                    )
                place = words.find(needle, place + 1)

    def hold(self, name: str, numbers: Iterable[int] | None = None) -> bool:
        """Whether the words of a name stand together in a line, or at the break of two.

        Args:
            name: some words.
            numbers: lines that hold them together; None for any line, or the notes' own name.
        """
        words = frozenset(word for word, _, _ in _tokens(name)) - _MARKUP
        if not words:
            return False
        if numbers is not None:
            places: list[tuple[int, ...]] = [(n,) for n in numbers if 1 <= n <= len(self._lines)]
        else:
            postings = self._inverted()
            common = set.intersection(*(postings.get(word, set()) for word in words))
            if 0 in common or (common and len(words) == 1):
                return True
            places = [(number, number + 1) for number in sorted(common)]
        return any(_together(words, text) for place in places for text in self._texts(place))

    def lines_with(self, text: str) -> list[int]:
        """Return lines that have all words of a text, themselves or with the next line; 0 for a title."""
        words = {word for word, _, _ in _tokens(text)} - _MARKUP
        if not words:
            return []
        postings = self._inverted()
        return sorted(set.intersection(*(postings.get(word, set()) for word in words)))

    def names_notes(self, text: str) -> bool:
        """Whether a text stands in the title or the file's name that the notes came with."""
        wanted = " ".join(word for word, _, _ in _tokens(text))
        return bool(wanted) and any(
            f" {wanted} " in f" {' '.join(word for word, _, _ in _tokens(name))} " for name in self._names
        )

    def _texts(self, numbers: tuple[int, ...]) -> Iterator[str]:
        """Yield what stands in lines and above them: as it was written, as it is read, who speaks."""
        lines = [self.line(number) for number in numbers if number <= len(self._lines)]
        yield " ".join(line.text for line in lines)
        yield " ".join(line.content for line in lines)
        for line in lines:
            yield from (line.speaker or "", *line.heading_path)

    def _inverted(self) -> dict[str, set[int]]:
        if self._postings is None:
            postings: dict[str, set[int]] = {}
            self._postings = postings
            for number in range(1, len(self._lines) + 1):
                line = self.line(number)
                for text in {line.text, line.content, line.speaker or ""}:
                    for word in _forms(text):
                        # With the line before, for what stands at the break of two.
                        postings.setdefault(word, set()).update((number, number - 1) if number > 1 else (1,))
            for name in self._names:
                for word in _forms(name):
                    postings.setdefault(word, set()).add(0)
        return self._postings

    def _raw(self, numbers: tuple[int, ...]) -> str:
        return "\n".join(visible(self.line(number).text) for number in sorted(numbers))


def _tokens(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield (folded word, start, end)."""
    for found in _TOKEN.finditer(text):
        yield _fold(found.group()), found.start(), found.end()


def _forms(text: str) -> Iterator[str]:
    """Yield the words of a text, each in its forms."""
    for word, _, _ in _tokens(text):
        yield from _forms_of(word)


def _forms_of(word: str) -> Iterator[str]:
    """Yield a word; of a nickname such as "lea2" its letters too."""
    yield word
    if word[-1].isdigit() and (letters := word.rstrip("0123456789")) and len(letters) > 2:
        yield letters


def _goes_on(before: NoteLine, line: NoteLine) -> bool:
    return (
        line.number == before.number + 1
        and line.kind is LineKind.TEXT
        and before.kind in (LineKind.TEXT, LineKind.ITEM)
        and line.speaker == before.speaker
    )


def _cuts_number(found: list[tuple[str, int, int]], first: int, last: int) -> bool:
    def digits(place: int) -> bool:
        return 0 <= place < len(found) and found[place][0].isdigit()

    return (digits(first) and digits(first - 1)) or (digits(last) and digits(last + 1))


def _around(separator: re.Pattern[str], source: str, start: int, end: int) -> str:
    """Return what stands between the separators on both sides of a place."""
    begins = 0
    for found in separator.finditer(source, 0, start):
        begins = found.end()
    ends = separator.search(source, end)
    return source[begins : ends.start() if ends else len(source)]


@lru_cache(maxsize=256)
def _read(text: str) -> tuple[list[frozenset[str]], list[tuple[int, int]], dict[str, list[int]]]:
    """Return the forms of each word of a text, where they stand, and the words' places by form."""
    forms: list[frozenset[str]] = []
    spans: list[tuple[int, int]] = []
    places: dict[str, list[int]] = {}
    for word, start, end in _tokens(text):
        forms.append(frozenset(_forms_of(word)))
        spans.append((start, end))
        for form in forms[-1]:
            places.setdefault(form, []).append(len(forms) - 1)
    return forms, spans, places


def _together(words: frozenset[str], text: str) -> bool:
    """Whether the words of a name stand together in a text, in any order.

    "Maud Petit, Noé Lambert" holds no Maud Lambert and no Noé Petit: nothing parts a name but a particle, an
    initial or what stands in brackets and quotation marks, two words at the most.
    """
    forms, spans, places = _read(text)
    rarest = min((places.get(word, []) for word in words), key=len)
    for place in rarest:
        for first in range(max(0, place - len(words) - 1), place + 1):
            for last in range(max(place, first + len(words) - 1), min(len(forms), first + len(words) + 2)):
                if words <= frozenset().union(*forms[first : last + 1]) and _is_name(
                    words, text, forms[first : last + 1], spans[first : last + 1]
                ):
                    return True
    return False


def _is_name(
    words: frozenset[str], text: str, forms: list[frozenset[str]], spans: list[tuple[int, int]]
) -> bool:
    """Whether what stands among the words of a name may stand in one."""
    said = _ASIDE.sub(lambda aside: " " * len(aside.group()), text[spans[0][0] : spans[-1][1]])
    if _PARTS_NAMES.search(said):
        return False
    begin = spans[0][0]
    return all(
        not words.isdisjoint(form) or not said[start - begin : end - begin].strip() or _may_be_within(form)
        for form, (start, end) in zip(forms, spans, strict=True)
    )


def _may_be_within(form: frozenset[str]) -> bool:
    return any(len(word) == 1 or word in _PARTICLES for word in form)
