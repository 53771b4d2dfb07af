"""Twins: a page in French and one in English that say the same, and what one of the two lacks.

Two pages are twins when each is the other's nearest among all pages of its language. Nearness is the mean of
two cosines: of the pages' vectors, without what a model makes of a language (the mean of its pages), and of
their words as far as both languages share them: names, numbers, codes, and the beginnings of words, which are
alike where the words have one origin ("consentement", "consent"; Simard, Foster & Isabelle, "Using cognates
to align sentences in bilingual corpora", TMI 1992). Sections are compared in the same way and put side by
side in their order, those without a counterpart left over (Needleman & Wunsch, J. Mol. Biol. 48, 1970).
"""

import hashlib
import math
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from connector.errors import IndexNotBuiltError
from connector.model import Page, Section, Site
from connector.store import Store
from search.chunking import pageid_of, without_keys
from search.clusters import unit
from search.embedding import Vectors
from search.indexer import Index
from search.keyword_index import IndexedPage
from search.language import LANGUAGES, Language
from search.practices import read_page
from search.readable import Readable, readable_pages
from search.words import fold, is_stop_word

JUDGED: Final = "twin"
"""Kind of the judgements (`Store.judgements`); the subject is a pair's key."""
NOT_TWINS: Final = "none"
DONE: Final = "settled"
VERDICTS: Final = (NOT_TWINS, DONE)

# A cognate begins alike: so many letters of it, without accents (Simard et al. take four).
_BEGINNING: Final = 5
_TITLE: Final = 5
# Below this, and with another page nearly as near, two pages are about the same subject at the most.
_LEAST: Final = 0.3
_MARGIN: Final = 0.04
_ENOUGH_TO_CENTRE: Final = 5
# No nearer than this, two sections are no counterparts.
_SECTION: Final = 0.2
# Out of their order they must be as near as this.
_MOVED: Final = 0.35
_LEAST_WORDS: Final = 12
_SHOWN: Final = 25
_EMBEDDED_WORDS: Final = 130
_VECTORS_AT_ONCE: Final = 5_000
_KEPT_COMPARISONS: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinPage:
    """One of two."""

    pageid: int
    title: str
    url: str
    language: Language
    status: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinPair:
    """A French and an English page that say the same."""

    french: TwinPage
    english: TwinPage
    score: float
    """How near they are (0..1)."""
    judged: bool = False
    """Whether somebody said that they are in step."""

    @property
    def key(self) -> str:
        """Names the pair for good."""
        return twin_key(self.french.pageid, self.english.pageid)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """A section that the other page does not have."""

    heading: str
    """Path of headings, joined by " › "; empty for what stands before the first one."""
    anchor: str
    beginning: str
    """The first words of it."""
    words: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinComparison:
    """What each of two twins lacks."""

    pair: TwinPair
    only_french: tuple[Lack, ...]
    only_english: tuple[Lack, ...]
    paired: tuple[tuple[str, str], ...]
    """Headings that correspond, French and English; empty for what stands before the first one."""


def twin_key(french: int, english: int) -> str:
    """Return the key of a pair."""
    return f"{french}+{english}"


class Twins:
    """Finds and compares them. Safe to share between threads; kept until the index changes."""

    def __init__(self, *, store: Store, index: Index) -> None:
        self._store = store
        self._index = index
        self._mutex = threading.Lock()
        self._kept: tuple[str, tuple[TwinPair, ...]] | None = None
        self._compared: dict[tuple[str, int, str, int, str], TwinComparison] = {}

    def all(self, *, readable: Readable | None = None) -> list[TwinPair]:
        """Return the pairs both of whose pages may be read, the surest first; not what was judged to be none.

        Raises:
            SearchError: there is no index, or it cannot be used.
        """
        found = self._found()
        pages = self._index.keywords.pages(
            sorted({side.pageid for each in found for side in (each.french, each.english)})
        )
        allowed = readable_pages(pages.values(), readable)
        judged = self._store.judgements.of_kind(JUDGED)
        verdicts = {each.key: judged[each.key].verdict for each in found if each.key in judged}
        return [
            TwinPair(
                french=each.french,
                english=each.english,
                score=each.score,
                judged=verdicts.get(each.key) == DONE,
            )
            for each in found
            if {each.french.pageid, each.english.pageid} <= allowed.keys()
            and verdicts.get(each.key) != NOT_TWINS
        ]

    def compare(
        self, french: int, english: int, *, readable: Readable | None = None
    ) -> TwinComparison | None:
        """Return what each of two twins lacks; None when they are no pair (any more), or may not be read.

        The sections are embedded when this is asked for: some hundred milliseconds, then it is kept.

        Raises:
            SearchError: there is no index, or it cannot be used.
        """
        pair = next(
            (
                each
                for each in self.all(readable=readable)
                if (each.french.pageid, each.english.pageid) == (french, english)
            ),
            None,
        )
        site = self._store.site.get()
        texts = self._store.pages.get_many([french, english]) if pair else {}
        if pair is None or site is None or len(texts) < 2:
            return None
        # Erasing somebody changes texts and makes no revision; who opts out is in none of their sections.
        digests = [hashlib.sha256(texts[each].wikitext.encode()).hexdigest() for each in (french, english)]
        key = self._index.people.digest, french, digests[0], english, digests[1]
        with self._mutex:
            kept = self._compared.get(key)
        if kept is None or kept.pair != pair:
            kept = self._compare(pair, texts, site)
            with self._mutex:
                self._compared[key] = kept
                while len(self._compared) > _KEPT_COMPARISONS:
                    del self._compared[next(iter(self._compared))]
        return kept

    def _found(self) -> tuple[TwinPair, ...]:
        built_at = self._index.stats().built_at.isoformat()
        with self._mutex:
            if self._kept is None or self._kept[0] != built_at:
                self._kept = (built_at, tuple(self._find()))
            return self._kept[1]

    def _find(self) -> list[TwinPair]:
        site = self._store.site.get()
        if site is None:
            raise IndexNotBuiltError("there is nothing to compare yet: run `compagnon sync`")
        manifest = self._index.keywords.manifest()
        pages = [page for page in manifest.values() if page.namespace == 0 or page.namespace >= 100]
        ids = sorted(without_keys(self._index.keywords.chunk_ids([page.pageid for page in pages])))
        sums: dict[int, Vectors] = {}
        words: dict[int, Counter[str]] = defaultdict(Counter)
        with self._index.answering() as embedder:
            for start in range(0, len(ids), _VECTORS_AT_ONCE):
                some = ids[start : start + _VECTORS_AT_ONCE]
                for chunk_id, vector in self._index.vectors.get(embedder.model_id, some).items():
                    pageid = pageid_of(chunk_id)
                    sums[pageid] = sums[pageid] + vector if pageid in sums else vector.astype(np.float32)
                for stored in self._index.keywords.chunks(some).values():
                    words[stored.pageid].update(self._shared_words(stored.chunk.text))
        pages = [page for page in pages if page.pageid in sums]
        for page in pages:
            for word in self._shared_words(page.title):
                words[page.pageid][word] += _TITLE
        rows = {
            language: [i for i, page in enumerate(pages) if page.language == language]
            for language in LANGUAGES
        }
        if not all(rows.values()):
            return []
        meaning = _centred(unit(np.stack([sums[page.pageid] for page in pages])), rows)
        told = _weighed([words[page.pageid] for page in pages], rows)
        french, english = rows["fr"], rows["en"]
        both = meaning[french] @ meaning[english].T + told[french] @ told[english].T
        near: Vectors = (both / 2).astype(np.float32)
        return [
            TwinPair(
                french=_twin_page(pages[french[i]], site),
                english=_twin_page(pages[english[j]], site),
                score=min(1.0, float(near[i, j])),
            )
            for i, j in _each_others_nearest(near)
        ]

    def _compare(self, pair: TwinPair, texts: Mapping[int, Page], site: Site) -> TwinComparison:
        french = self._sections(texts[pair.french.pageid], site)
        english = self._sections(texts[pair.english.pageid], site)
        near = self._section_likeness(french, english)
        pairs = align(near)
        rows, columns = {i for i, _ in pairs}, {j for _, j in pairs}
        return TwinComparison(
            pair=pair,
            only_french=tuple(_lack(each) for i, each in enumerate(french) if i not in rows),
            only_english=tuple(_lack(each) for j, each in enumerate(english) if j not in columns),
            paired=tuple((_heading(french[i]), _heading(english[j])) for i, j in pairs),
        )

    def _sections(self, page: Page, site: Site) -> list[Section]:
        """Return the sections that say something."""
        read = read_page(page, site=site, detector=self._index.detector, people=self._index.people)
        return [each for each in read.sections if len(each.text.split()) >= _LEAST_WORDS]

    def _section_likeness(self, french: Sequence[Section], english: Sequence[Section]) -> Vectors:
        if not french or not english:
            return np.zeros((len(french), len(english)), dtype=np.float32)
        both = [*french, *english]
        texts = [f"{each.heading}\n{' '.join(each.text.split()[:_EMBEDDED_WORDS])}" for each in both]
        with self._index.answering() as embedder:
            vectors = unit(embedder.embed_passages(texts))
        rows: dict[Language, list[int]] = {
            "fr": list(range(len(french))),
            "en": list(range(len(french), len(both))),
        }
        words = [Counter(self._shared_words(f"{each.heading}\n{each.text}")) for each in both]
        told = _weighed(words, rows)
        near = (vectors[rows["fr"]] @ vectors[rows["en"]].T + told[rows["fr"]] @ told[rows["en"]].T) / 2
        likeness: Vectors = near.astype(np.float32)
        return likeness

    def _shared_words(self, text: str) -> Iterable[str]:
        """Yield what two languages may have in common of a text."""
        for word in self._index.analyzer.words(text):
            form = fold(word.form)
            if any(c.isdigit() for c in form):
                yield f"#{form}"
            elif len(form) >= _BEGINNING and not any(is_stop_word(word.form, each) for each in LANGUAGES):
                yield form[:_BEGINNING]


def _centred(vectors: Vectors, rows: Mapping[Language, Sequence[int]]) -> Vectors:
    """Return vectors without the mean of their language, where both have enough pages for one."""
    if min(map(len, rows.values())) < _ENOUGH_TO_CENTRE:
        return vectors
    centred = vectors.copy()
    for some in rows.values():
        centred[some] -= vectors[some].mean(axis=0)
    return unit(centred)


def _weighed(words: Sequence[Counter[str]], rows: Mapping[Language, Sequence[int]]) -> Vectors:
    """Return a row of length 1 for each text: its words that both languages have, by tf-idf."""
    having = {language: {word for i in some for word in words[i]} for language, some in rows.items()}
    shared = sorted(set.intersection(*having.values())) if having else []
    columns = {word: column for column, word in enumerate(shared)}
    found = np.zeros((len(words), max(len(shared), 1)), dtype=np.float32)
    for row, counts in enumerate(words):
        for word, count in counts.items():
            if word in columns:
                found[row, columns[word]] = 1 + math.log(count)
    found *= np.log1p(len(words) / np.maximum((found > 0).sum(axis=0), 1)).astype(np.float32)
    return unit(found)


def align(near: Vectors) -> list[tuple[int, int]]:
    """Return which sections correspond, by (row, column), each once.

    Args:
        near: how near each section of one page (rows, in their order) is to each one of the other.
    """
    rows, columns = near.shape
    worth = np.maximum(near.astype(np.float64) - _SECTION, -1e-9)
    best = np.zeros((rows + 1, columns + 1))
    for i in range(rows):
        for j in range(columns):
            best[i + 1, j + 1] = max(best[i, j] + worth[i, j], best[i, j + 1], best[i + 1, j])
    pairs = []
    i, j = rows, columns
    while i and j:
        if best[i, j] == best[i - 1, j]:
            i -= 1
        elif best[i, j] == best[i, j - 1]:
            j -= 1
        else:
            i, j = i - 1, j - 1
            pairs.append((i, j))
    taken = {i for i, _ in pairs}, {j for _, j in pairs}
    moved = sorted(
        ((i, j) for i in range(rows) for j in range(columns) if near[i, j] >= _MOVED),
        key=lambda each: -float(near[each]),
    )
    for i, j in moved:
        if i not in taken[0] and j not in taken[1]:
            pairs.append((i, j))
            taken[0].add(i)
            taken[1].add(j)
    return sorted(pairs)


def _each_others_nearest(near: Vectors) -> list[tuple[int, int]]:
    """Return (row, column) where each is the other's nearest, and clearly; the nearest first."""
    if not near.size:
        return []
    found = []
    for row, column in enumerate(near.argmax(axis=1).tolist()):
        score = float(near[row, column])
        if int(near[:, column].argmax()) != row or score < _LEAST:
            continue
        others = np.delete(near[row], column), np.delete(near[:, column], row)
        if all(score - float(some.max(initial=-1.0)) > _MARGIN for some in others):
            found.append((row, column))
    return sorted(found, key=lambda each: (-float(near[each]), each))


def _twin_page(page: IndexedPage, site: Site) -> TwinPage:
    return TwinPage(
        pageid=page.pageid,
        title=page.title,
        url=site.page_url(page.title),
        language=page.language,
        status=page.status,
    )


def _heading(section: Section) -> str:
    return " › ".join(section.path)


def _lack(section: Section) -> Lack:
    words = section.text.split()
    beginning = " ".join(words[:_SHOWN])
    return Lack(
        heading=_heading(section),
        anchor=section.anchor,
        beginning=f"{beginning}…" if len(words) > _SHOWN else beginning,
        words=len(words),
    )
