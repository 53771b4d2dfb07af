"""What a wiki's own links teach: which words lead where, how often they are linked, how pages are alike.

The measures are those of Milne and Witten, "Learning to link with Wikipedia" (CIKM 2008): link probability
(of the pages that have a phrase, how many link it) and commonness (of the links of a phrase, how many lead to
this page); both are counted in pages, because editors link a phrase once a page.
"""

import math
import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from connector.model import Page, PageHead, Site
from connector.titles import normalize_title, split_title
from search.link_scan import Scan, scan
from search.link_words import PhraseReader, is_ordinary

_QUALIFIER = re.compile(r"\s*\([^()]*\)\s*\Z")
_DISAMBIGUATION_TITLE = re.compile(r"\((?:disambiguation|homonymie)\)\Z", re.IGNORECASE)
_VECTOR_TERMS = 80
# A term of more pages than this part of the wiki says nothing of one, where there are pages enough to tell.
_MAX_RATIO = 0.3
_FEW_PAGES = 10
_MAX_REDIRECTS = 3
_CATEGORY = 14

TITLE, REDIRECT, SHORT, ANCHOR = 3, 2, 1, 0
"""How a phrase names a page: title, redirect, title without its qualifier or parent page, links only."""


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


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What one page contributes; it stays the same while the page's revision does."""

    revid: int
    title: str
    links: tuple[tuple[str, str], ...]
    """Target as it is written, and key of the shown text, empty when that says nothing."""
    stems: tuple[str, ...]
    """Stems of the unlinked words in order; an empty one where no phrase goes across."""
    terms: Mapping[str, int]
    """How often each stem occurs, links included."""
    is_target: bool
    """Whether a link to this page helps a reader: it is no list of pages with one name."""


class AnchorTable:
    """The phrases that name pages of a wiki, and what is needed to choose among them."""

    def __init__(self, *, site: Site, redirects: Mapping[str, str], facts: Mapping[int, "PageFacts"]) -> None:
        self.site = site
        self.facts = facts
        self.redirects = redirects
        self.phrases: dict[str, Phrase] = {}
        self.lengths: dict[str, tuple[int, ...]] = {}
        """For the stem that phrases begin with, how many words those phrases have, in order."""
        self.titles: dict[int, str] = {}
        """Pages that may be offered."""
        self.pageids: dict[str, int] = {}
        self.links_from: dict[int, set[int]] = {}
        """By pageid, the pages that it links to and that may be offered."""
        self.links_to: dict[int, set[int]] = {}
        """By pageid, the pages that link to it."""
        self.link_count = 0
        """Links between pages, each pair once."""
        self.categories: dict[int, frozenset[str]] = {}
        """By pageid, its categories; only of pages that have some."""
        self.page_count = len(facts)
        self.pages_with_term: Counter[str] = Counter()
        self.vectors: dict[int, dict[str, float]] = {}

    def resolve(self, title: str) -> int | None:
        """Return the page that may be offered and that a title leads to, through redirects, if any."""
        for _ in range(_MAX_REDIRECTS):
            if title in self.pageids:
                return self.pageids[title]
            if title not in self.redirects:
                return None
            title = self.redirects[title]
        return None

    def head(self, pageid: int) -> PageHead:
        """Return what is asked about a page that may be offered, where not all may be read."""
        title = self.titles[pageid]
        namespace = split_title(title, site=self.site)[0]
        return PageHead(pageid=pageid, namespace=namespace, title=title, revid=self.facts[pageid].revid)

    def weighted(self, counts: Mapping[str, int]) -> dict[str, float]:
        """Return the heaviest terms of a text, TF-IDF, as a vector of length 1."""
        weights = {}
        for term, count in counts.items():
            pages = self.pages_with_term.get(term, 0)
            if pages and (pages <= _MAX_RATIO * self.page_count or self.page_count < _FEW_PAGES):
                weights[term] = (1 + math.log(count)) * math.log(1 + self.page_count / pages)
        heaviest = sorted(weights.items(), key=lambda item: (-item[1], item[0]))[:_VECTOR_TERMS]
        norm = math.sqrt(sum(weight * weight for _, weight in heaviest)) or 1.0
        return {term: weight / norm for term, weight in heaviest}

    def likeness(self, vector: Mapping[str, float], pageid: int) -> float:
        """Return the cosine (0..1) between a text, as `weighted` gives it, and a page that may be offered."""
        return sum(weight * vector.get(term, 0.0) for term, weight in self.vectors[pageid].items())


def read_page(page: Page, reader: PhraseReader) -> PageFacts:
    """Return what a page contributes to the table."""
    found = scan(page.wikitext)
    stems = []
    for token in reader.tokens(found.text):
        if not token.joined:
            stems.append("")
        stems.append(token.stem)
    terms = Counter(stem for stem in stems if len(stem) > 1)
    links = []
    for target, text in found.links:
        links.append((target, "" if is_ordinary(text) else reader.key(text)))
        terms.update(token.stem for token in reader.tokens(text) if len(token.stem) > 1)
    return PageFacts(
        revid=page.revid,
        title=page.title,
        links=tuple(links),
        stems=tuple(stems),
        terms=terms,
        is_target=not tells_apart(page.title, found),
    )


def tells_apart(title: str, found: Scan) -> bool:
    """Whether a page only tells apart pages of one name, as its title or what stands on it says."""
    return found.disambiguation or _DISAMBIGUATION_TITLE.search(title) is not None


def build_table(
    facts: Mapping[int, PageFacts],
    *,
    site: Site,
    redirects: Mapping[str, str],
    reader: PhraseReader,
    unwanted: Collection[str] = (),
) -> AnchorTable:
    """Build the table from what the pages contribute.

    Args:
        facts: what each page contributes, by pageid; redirects contribute nothing.
        site: the wiki.
        redirects: title to target title.
        reader: reads words and phrases.
        unwanted: keys of phrases that are never linked, whatever they name.
    """
    table = AnchorTable(site=site, redirects=redirects, facts=facts)
    for pageid, page in facts.items():
        table.pages_with_term.update(page.terms.keys())
        if page.is_target and _can_be_linked(page.title, site):
            table.titles[pageid] = page.title
            table.pageids[page.title] = pageid
    for pageid in table.titles:
        table.vectors[pageid] = table.weighted(facts[pageid].terms)
        table.categories[pageid] = _categories(facts[pageid], site)
    _add_names(table, reader)
    _add_links(table, facts)
    for key in unwanted:
        table.phrases.pop(key, None)
    _count_pages(table, facts)
    return table


def _categories(page: PageFacts, site: Site) -> frozenset[str]:
    found = set()
    for raw, _ in page.links:
        if ":" in raw:
            try:
                number, name = split_title(raw, site=site)
            except ValueError:
                continue
            if number == _CATEGORY:
                found.add(name)
    return frozenset(found)


def _can_be_linked(title: str, site: Site) -> bool:
    """Whether `[[title]]` leads there: old wikis hold pages whose titles are not allowed any more."""
    try:
        split_title(title, site=site)
    except ValueError:
        return False
    return True


def _add_names(table: AnchorTable, reader: PhraseReader) -> None:
    for pageid, title in table.titles.items():
        name = split_title(title, site=table.site)[1]
        short = _QUALIFIER.sub("", name).rpartition("/")[2]
        _add_name(table, reader, pageid, TITLE, name)
        if short != name:
            _add_name(table, reader, pageid, SHORT, short)
    for title in table.redirects:
        target = table.resolve(title)
        if target is not None and _can_be_linked(title, table.site):
            _add_name(table, reader, target, REDIRECT, split_title(title, site=table.site)[1])


def _add_name(table: AnchorTable, reader: PhraseReader, pageid: int, kind: int, words: str) -> None:
    key = "" if is_ordinary(words) else reader.key(words)
    if key:
        phrase = table.phrases.setdefault(key, Phrase())
        if kind > phrase.names.get(pageid, (ANCHOR, ""))[0]:
            phrase.names[pageid] = (kind, words)


def _add_links(table: AnchorTable, facts: Mapping[int, PageFacts]) -> None:
    resolved: dict[str, int | None] = {}
    for source, page in facts.items():
        found: dict[str, set[int]] = {}
        linked: set[int] = set()
        for raw, key in page.links:
            if raw not in resolved:
                resolved[raw] = resolve_link(table, raw)
            target = resolved[raw]
            if target is not None and target != source:
                linked.add(target)
                if key:
                    found.setdefault(key, set()).add(target)
        table.links_from[source] = linked
        table.link_count += len(linked)
        for target in linked:
            table.links_to.setdefault(target, set()).add(source)
        for key, targets in found.items():
            phrase = table.phrases.setdefault(key, Phrase())
            phrase.linked += 1
            for target in targets:
                phrase.targets[target] = phrase.targets.get(target, 0) + 1


def resolve_link(table: AnchorTable, raw: str) -> int | None:
    """Return the page that may be offered and that `[[raw]]` leads to, if any."""
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
    for page in facts.values():
        for key in present_keys(table, page):
            table.phrases[key].pages += 1


def present_keys(table: AnchorTable, page: PageFacts) -> set[str]:
    """Return the known phrases that a page has, linked or not."""
    stems = page.stems
    present = {key for _, key in page.links if key in table.phrases}
    for index, stem in enumerate(stems):
        for count in table.lengths.get(stem, ()):
            key = " ".join(stems[index : index + count])
            if key in table.phrases:  # a gap would leave two spaces in the key, so none goes across
                present.add(key)
    return present
