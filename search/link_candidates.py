"""Every link that could be made on a page, with what is known of it."""

import math
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from connector.model import Page
from connector.wikitext import ParsedPage, heading_lines, parse
from search.link_anchors import (
    ANCHOR,
    REDIRECT,
    SHORT,
    TITLE,
    AnchorTable,
    PageFacts,
    Phrase,
    present_keys,
    read_page,
    resolve_link,
)
from search.link_model import LinkFeatures
from search.link_words import PhraseReader, is_everyday, is_ordinary, is_stuck, phrases
from search.words import fold

_LINE = 500
_MARKUP = " \t*#:;|!'\"«»-–"
_MID_SENTENCE = ",;)»’'"
_ENDS_ITEM = re.compile(r"[ \t'\"»]*(?:$|\|\||!!|[.:;,]?[ \t]*$)", re.MULTILINE)
_SEE_ALSO = re.compile(
    r"\b(?:see also|related|further reading|links?|voir aussi|liens?|pages? liees?|articles? connexes?)\b"
)
# A phrase with more targets than this ("here") says little of any.
_MOST_TARGETS = 5
_MOST_LINKERS = 30
_NEAREST = 3
_LONG_NAME = 3
# From about so many links on, that a phrase is not linked begins to say something.
_MANY_LINKS = 50


@dataclass(frozen=True, slots=True)
class Candidate:
    """A link that could be made."""

    start: int
    end: int
    words: int
    target: int
    features: LinkFeatures


@dataclass(frozen=True, slots=True)
class _Match:
    """A known phrase where it stands on the page."""

    phrase: Phrase
    key: str
    start: int
    end: int
    words: int
    text: str
    covered: bool
    """Whether it is a part of a longer one."""


@dataclass(frozen=True, slots=True)
class _Mention:
    """A place where a phrase may lead to a target, and how well it names it."""

    match: _Match
    kind: int
    exact: float
    linked: int
    """Other pages that link the phrase to the target."""
    linkers: int
    """Other pages that link the phrase, wherever to."""
    pages: int
    """Other pages that have the phrase."""
    rivals: int

    @property
    def merit(self) -> tuple[float, int]:
        """Which of the places that name a target is taken: the greatest, which does not depend on a model."""
        named = {TITLE: 0.5, REDIRECT: 0.4, SHORT: 0.2, ANCHOR: 0.0}[self.kind]
        strength = self.linked / (self.pages + 1) + named + self.exact / 4 - (1 if self.match.covered else 0)
        return round(strength, 6), -self.match.start


def find_candidates(page: Page, *, table: AnchorTable, reader: PhraseReader) -> list[Candidate]:
    """Return the links that could be made on a page, good or bad: for each target its best place.

    A place where no link may stand gives none, nor a target that is the page itself or linked already.
    """
    parsed = parse(page.wikitext, site=table.site)
    known = table.facts.get(page.pageid)
    current = known if known is not None and known.revid == page.revid else read_page(page, reader)
    surroundings = _Surroundings(page, current, table, known=known)
    taken = _taken(page, parsed, table)
    mentions: dict[int, list[_Mention]] = {}
    for match in _matches(page.wikitext, parsed, table, reader):
        for target, mention in surroundings.mentions(match):
            if target not in taken:
                mentions.setdefault(target, []).append(mention)
    found = []
    for target, places in mentions.items():
        best = max(places, key=lambda mention: mention.merit)
        features = surroundings.features(best, target, places=len(places))
        found.append(Candidate(best.match.start, best.match.end, best.match.words, target, features))
    return found


def _matches(wikitext: str, parsed: ParsedPage, table: AnchorTable, reader: PhraseReader) -> list[_Match]:
    """Return the known phrases that stand where a link may be put."""
    starts = [start for start, _ in parsed.protected]
    tokens = reader.tokens(wikitext)
    places = []
    for first, last, key in phrases(tokens, table.lengths):
        phrase = table.phrases.get(key)
        start, end = tokens[first].start, tokens[last].end
        if phrase is None or is_stuck(wikitext, start, end) or is_ordinary(wikitext[start:end]):
            continue
        if "_" in wikitext[start:end] and not _is_name(wikitext[start:end], phrase):
            continue
        before = bisect_right(starts, end - 1) - 1
        if before >= 0 and parsed.protected[before][1] > start:
            continue
        places.append((start, -end, last - first + 1, key, phrase))
    found = []
    reach = -1
    for start, minus_end, words, key, phrase in sorted(places, key=lambda place: place[:2]):
        end = -minus_end
        found.append(_Match(phrase, key, start, end, words, wikitext[start:end], end <= reach))
        reach = max(reach, end)
    return found


class _Surroundings:
    """What is known of one page, and of the pages that may be its links' targets."""

    def __init__(
        self, page: Page, current: PageFacts, table: AnchorTable, *, known: PageFacts | None
    ) -> None:
        self._page = page
        self._table = table
        self._vector = table.weighted(current.terms)
        self._length = sum(current.terms.values())
        self._linkers = table.links_to.get(page.pageid, set())
        self._categories = table.categories.get(page.pageid, frozenset())
        self._parent = page.title.rpartition("/")[0]
        self._alike: dict[int, float] = {}
        self._see_also = list(_see_also_spans(page.wikitext))
        # What the page itself contributes to the table is left out when its own links are judged.
        self._present = present_keys(table, known) if known else set()
        self._own_links: dict[str, set[int]] = {}
        self._own_targets: set[int] = set()
        for raw, key in known.links if known else ():
            target = resolve_link(table, raw)
            if target is not None and target != page.pageid:
                self._own_targets.add(target)
                if key:
                    self._own_links.setdefault(key, set()).add(target)

    def mentions(self, match: _Match) -> Iterator[tuple[int, _Mention]]:
        """Yield the targets that a phrase may have, those that most links lead to when they are many."""
        phrase, own = match.phrase, self._own_links.get(match.key, set())
        linked = {target: count - (target in own) for target, count in phrase.targets.items()}
        possible = [t for t in phrase.names.keys() | linked.keys() if t in phrase.names or linked[t] > 0]
        possible.sort(key=lambda t: (-linked.get(t, 0), -phrase.names.get(t, (ANCHOR, ""))[0], t))
        everyday = is_everyday(match.text)
        pages = phrase.pages - (match.key in self._present)
        for target in possible[:_MOST_TARGETS]:
            # Unless the wiki itself mostly means that page by such a word.
            if everyday and linked.get(target, 0) < max(2, pages / 2):
                continue
            kind, name = phrase.names.get(target, (ANCHOR, ""))
            yield (
                target,
                _Mention(
                    match=match,
                    kind=kind,
                    exact=_exactness(match.text, name),
                    linked=linked.get(target, 0),
                    linkers=phrase.linked - (1 if own else 0),
                    pages=pages,
                    rivals=len(possible) - 1,
                ),
            )

    def features(self, mention: _Mention, target: int, *, places: int) -> LinkFeatures:
        """Return what is known of a link from a place to a target."""
        table, match, text = self._table, mention.match, self._page.wikitext
        line_before = text[
            text.rfind("\n", max(0, match.start - _LINE), match.start) + 1 : match.start
        ].strip()
        in_sentence = line_before[-1:].isalnum() or line_before[-1:] in _MID_SENTENCE
        capital = (match.text[:1].isupper() and in_sentence) or any(
            word[:1].isupper() for word in match.text.split()[1:]
        )
        alone = not line_before.strip(_MARKUP) and _ENDS_ITEM.match(text, match.end) is not None
        linkers = table.links_to.get(target, set()) - {self._page.pageid}
        named = mention.kind in (TITLE, REDIRECT)
        return LinkFeatures(
            link_probability=mention.linked / (mention.pages + 1),
            commonness=(mention.linked + (0.5 if mention.kind else 0.0)) / (mention.linkers + 1),
            linked=math.log1p(mention.linked),
            unlinked=math.log1p(max(0, mention.pages - mention.linkers)),
            rivals=math.log1p(mention.rivals),
            title=float(mention.kind == TITLE),
            redirect=float(mention.kind == REDIRECT),
            short=float(mention.kind == SHORT),
            exact=mention.exact,
            words=math.log(match.words),
            long_name=float(named and match.words >= _LONG_NAME),
            capital=float(capital),
            alone=float(alone),
            covered=float(match.covered),
            frequency=mention.pages / max(1, table.page_count),
            mentions=math.log(places),
            position=match.start / max(1, len(text)),
            length=math.log1p(self._length) / 10,
            see_also=float(any(start <= match.start < end for start, end in self._see_also)),
            inlinks=math.log1p(len(linkers)),
            likeness=self._likeness(target),
            neighbours=self._neighbours(linkers),
            linked_back=float(self._page.pageid in table.links_from.get(target, ())),
            shared_linkers=_cosine(self._linkers, linkers),
            shared_categories=_overlap(self._categories, table.categories.get(target, frozenset())),
            young=1 / (1 + table.link_count / _MANY_LINKS),
            siblings=float(bool(self._parent) and table.titles[target].rpartition("/")[0] == self._parent),
        )

    def _likeness(self, pageid: int) -> float:
        if pageid not in self._alike:
            self._alike[pageid] = self._table.likeness(self._vector, pageid)
        return self._alike[pageid]

    def _neighbours(self, linkers: set[int]) -> float:
        """Return how like the page those are that link to a target, the nearest of them."""
        known = sorted(linker for linker in linkers if linker in self._table.vectors)[:_MOST_LINKERS]
        nearest = sorted((self._likeness(linker) for linker in known), reverse=True)[:_NEAREST]
        return sum(nearest) / _NEAREST


def _taken(page: Page, parsed: ParsedPage, table: AnchorTable) -> set[int]:
    """Return the pages that may not be offered: the page itself, and what it links already."""
    found = {table.resolve(link.target) for link in parsed.links}
    return {target for target in found if target is not None} | {page.pageid}


def _is_name(text: str, phrase: Phrase) -> bool:
    """Whether words with underscores are a page's name as addresses write it, and no program's."""
    return any(_exactness(text, name) == 1.0 for _, name in phrase.names.values())


def _exactness(text: str, name: str) -> float:
    text = text.replace("_", " ")
    if not name:
        return 0.0
    if text[1:] == name[1:] and text[:1].upper() == name[:1].upper():
        return 1.0
    return 0.5 if text.casefold() == name.casefold() else 0.0


def _see_also_spans(wikitext: str) -> Iterator[tuple[int, int]]:
    """Yield where sections stand that a wiki keeps for links."""
    headings = list(heading_lines(wikitext))
    for number, heading in enumerate(headings):
        words = fold(heading.title.casefold())
        if _SEE_ALSO.search(words) and "extern" not in words:
            end = headings[number + 1].start if number + 1 < len(headings) else len(wikitext)
            yield heading.start, end


def _cosine(one: set[int], other: set[int]) -> float:
    return len(one & other) / math.sqrt(len(one) * len(other)) if one and other else 0.0


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one and other else 0.0
