"""What a wiki's own links teach: which words lead where, how often they are linked, how pages are alike.

The measures are those of Milne and Witten, "Learning to link with Wikipedia" (CIKM 2008): link probability (of
the pages that have a phrase, how many link it) and commonness (of the links of a phrase, how many lead to this
page); both are counted in pages, because editors link a phrase once a page.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from connector.model import Page, Site
from connector.titles import normalize_title, split_title
from search.link_scan import Scan, scan
from search.link_words import MAX_WORDS, PhraseReader, is_ordinary, phrases

_QUALIFIER = re.compile(r"\s*\([^()]*\)\s*\Z")
_DISAMBIGUATION_TITLE = re.compile(r"\((?:disambiguation|homonymie)\)\Z", re.IGNORECASE)
_VECTOR_TERMS = 80
_MAX_RATIO = 0.3

TITLE, REDIRECT, SHORT, ANCHOR = 3, 2, 1, 0
"""How a phrase names a page: its title, a redirect, its title without qualifier or parent page, links only."""


@dataclass(slots=True)
class Phrase:
    """A phrase that names pages."""

    linked: int = 0
    """Pages that link it."""
    pages: int = 0
    """Pages that have it, linked or not."""
    targets: dict[int, int] = field(default_factory=dict)
    """By pageid, how many pages link the phrase to it."""
    names: dict[int, tuple[int, str]] = field(default_factory=dict)
    """By pageid, how the phrase names it (TITLE ...) and in which words."""


@dataclass(slots=True)
class PageFacts:
    """What one page contributes, kept from one build of the table to the next."""

    revid: int
    title: str
    scan: Scan
    stems: list[str]
    terms: Counter[str]


class AnchorTable:
    """All phrases that name pages of a wiki, and what is needed to choose among them. Immutable once built."""

    def __init__(self, *, site: Site, redirects: Mapping[str, str]) -> None:
        self.site = site
        self.phrases: dict[str, Phrase] = {}
        self.lengths: dict[str, tuple[int, ...]] = {}
        self.titles: dict[int, str] = {}
        self.inlinks: Counter[int] = Counter()
        self.page_count = 0
        self._pageids: dict[str, int] = {}
        self._redirects = redirects
        self._vectors: dict[int, dict[str, float]] = {}
        self._pages_with_term: Counter[str] = Counter()

    def resolve(self, title: str) -> int | None:
        """Return the page that a title leads to, through redirects; None for a red link or what is offered to
        nobody."""
        for _ in range(3):
            if title in self._pageids:
                return self._pageids[title]
            if title not in self._redirects:
                return None
            title = self._redirects[title]
        return None

    def likeness(self, terms: Mapping[str, float], pageid: int) -> float:
        """Return the cosine (0..1) between a text's weighted terms and a page's."""
        vector = self._vectors.get(pageid, {})
        return sum(weight * terms.get(term, 0.0) for term, weight in vector.items())

    def weighted(self, counts: Mapping[str, int]) -> dict[str, float]:
        """Return the heaviest terms of a text, TF-IDF, as a vector of length 1."""
        weights = {}
        for term, count in counts.items():
            pages = self._pages_with_term.get(term, 0)
            if 0 < pages and (pages <= _MAX_RATIO * self.page_count or self.page_count < 10):
                weights[term] = (1 + math.log(count)) * math.log(1 + self.page_count / pages)
        heaviest = sorted(weights.items(), key=lambda item: (-item[1], item[0]))[:_VECTOR_TERMS]
        norm = math.sqrt(sum(weight * weight for _, weight in heaviest)) or 1.0
        return {term: weight / norm for term, weight in heaviest}


def read_page(page: Page, reader: PhraseReader) -> PageFacts:
    """Return what a page contributes to the table."""
    found = scan(page.wikitext)
    stems = []
    for token in reader.tokens(found.text):
        if not token.joined:
            stems.append("")
        stems.append(token.stem)
    terms = Counter(stem for stem in stems if len(stem) > 2)
    for _, text in found.links:
        terms.update(token.stem for token in reader.tokens(text) if len(token.stem) > 2)
    return PageFacts(revid=page.revid, title=page.title, scan=found, stems=stems, terms=terms)


def build_table(
    facts: Mapping[int, PageFacts],
    *,
    site: Site,
    redirects: Mapping[str, str],
    targets: Iterable[int],
    reader: PhraseReader,
) -> AnchorTable:
    """Build the table from what the pages contribute.

    Args:
        facts: what each page contributes, by pageid.
        site: the wiki.
        redirects: title to target title.
        targets: the pages that may be offered as targets, among those of `facts`.
        reader: reads words and phrases.
    """
    table = AnchorTable(site=site, redirects=redirects)
    table.page_count = len(facts)
    for pageid in targets:
        if not facts[pageid].scan.disambiguation and not _DISAMBIGUATION_TITLE.search(facts[pageid].title):
            table.titles[pageid] = facts[pageid].title
            table._pageids[facts[pageid].title] = pageid
    _add_names(table, reader)
    _add_links(table, facts, reader)
    _count_pages(table, facts)
    for page_facts in facts.values():
        table._pages_with_term.update(page_facts.terms.keys())
    for pageid in table.titles:
        table._vectors[pageid] = table.weighted(facts[pageid].terms)
    return table


def _add_names(table: AnchorTable, reader: PhraseReader) -> None:
    for pageid, title in table.titles.items():
        name = split_title(title, site=table.site)[1]
        _name(table, reader, pageid, TITLE, name)
        short = _QUALIFIER.sub("", name).rpartition("/")[2]
        if short != name:
            _name(table, reader, pageid, SHORT, short)
    for title in table._redirects:
        target = table.resolve(title)
        if target is not None:
            try:
                _name(table, reader, target, REDIRECT, split_title(title, site=table.site)[1])
            except ValueError:
                continue


def _name(table: AnchorTable, reader: PhraseReader, pageid: int, kind: int, words: str) -> None:
    key = reader.key(words)
    if key and not is_ordinary(words):
        phrase = table.phrases.setdefault(key, Phrase())
        if phrase.names.get(pageid, (-1, ""))[0] < kind:
            phrase.names[pageid] = (kind, words)


def _add_links(table: AnchorTable, facts: Mapping[int, PageFacts], reader: PhraseReader) -> None:
    resolved: dict[str, int | None] = {}
    for source, page_facts in facts.items():
        found: dict[str, set[int]] = {}
        for raw, text in page_facts.scan.links:
            if raw not in resolved:
                resolved[raw] = _target(table, raw)
            target = resolved[raw]
            key = reader.key(text) if target is not None and target != source else ""
            if target is not None and key and not is_ordinary(text):
                found.setdefault(key, set()).add(target)
        for key, targets in found.items():
            phrase = table.phrases.setdefault(key, Phrase())
            phrase.linked += 1
            for target in targets:
                phrase.targets[target] = phrase.targets.get(target, 0) + 1
        table.inlinks.update({target for targets in found.values() for target in targets})


def _target(table: AnchorTable, raw: str) -> int | None:
    try:
        return table.resolve(normalize_title(raw.partition("#")[0], site=table.site))
    except ValueError:
        return None


def _count_pages(table: AnchorTable, facts: Mapping[int, PageFacts]) -> None:
    lengths: dict[str, set[int]] = {}
    for key in table.phrases:
        words = key.split(" ")
        lengths.setdefault(words[0], set()).add(len(words))
    table.lengths = {first: tuple(sorted(counts)) for first, counts in lengths.items()}
    for page_facts in facts.values():
        stems = page_facts.stems
        seen = set()
        for index, stem in enumerate(stems):
            for count in table.lengths.get(stem, ()):
                window = stems[index : index + count]
                if len(window) == count and "" not in window:
                    seen.add(" ".join(window))
        seen.update(key for key in _linked_keys(page_facts, table))
        for key in seen:
            phrase = table.phrases.get(key)
            if phrase is not None:
                phrase.pages += 1
