"""Pages that disagree: two sentences about the same step that give opposite advice, for a person to judge.

Sentences are compared by the words they share, rare ones first: who shares none of the rarest words of a
sentence cannot share most of it (the prefix filter of Bayardo, Ma & Srikant, "Scaling up all pairs similarity
search", WWW 2007). Then the passages around them must be about the same thing, by their vectors. Only
sentences of one language are compared.
"""

import hashlib
import math
import re
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from connector.errors import IndexNotBuiltError
from connector.model import Site
from connector.store import Store
from search.chunking import without_keys
from search.disagreement import Weight, Why, disagreement
from search.embedding import Vectors
from search.indexer import Index
from search.keyword_index import IndexedPage, StoredChunk
from search.language import Language
from search.readable import Readable, readable_pages
from search.statement import Statement
from search.words import fold

JUDGED: Final = "contradiction"
"""Kind of the judgements (`Store.judgements`); the subject is a contradiction's key."""
SETTLED: Final = "settled"
NONE: Final = "none"
AT_MEETING: Final = "meeting"
VERDICTS: Final = (SETTLED, NONE, AT_MEETING)

# How near the passages must be that the sentences stand in (cosine): the same words may speak of two things.
_NEAR: Final = 0.4
# A word that more sentences have than this brings no two together: two that are alike share a rarer one.
_COMMON: Final = 150
# In a small wiki every word is rare: they are weighed as in one of so many sentences.
_LEAST_SENTENCES: Final = 500
# Of a sentence's weight, what its rarest words must have together: the rest alone makes no two alike. Two
# that are alike by d (Dice) share at least d / (2 - d) of the weight of either, so 1 - 0.62 / 1.38 is enough.
_PREFIX: Final = 0.56
# Words are counted before they are weighed, which is quicker.
_SHARED: Final = 0.4
_DIGEST: Final = 12
_CELLS: Final = " | "
# What a program has become, and its faults, are no advice.
_CHANGES: Final = re.compile(
    r"\b(?:release notes?|change ?log|what's new|(?:bugs?|issues?) (?:fixed|fixes)|bug ?fixes|nouveautes"
    r"|(?:fixed|known|open) (?:bugs?|issues?)|(?:notes?|historique) de(?:s|) versions?"
    r"|journal des (?:modification|version|changement)s|(?:anomalie|bug|probleme)s? (?:connu|corrige)e?s)\b"
)
# Neither is what a practice is good for, nor what somebody has lived through with it.
_NO_STEP: Final = re.compile(
    r"(?:problem|probleme|context|contexte|force|symptom|symptome|background|motivation|example|exemple|history"
    r"|historique|known instance|testimonial|temoignage|experience|retour d'experience|reference)s?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A sentence where it stands."""

    pageid: int
    title: str
    url: str
    heading: str
    """Path of headings, joined by " › "; empty before the first heading."""
    sentence: str
    language: Language
    status: str | None = None
    """Of the practice; None for another page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """Two sentences of two pages that seem to give opposite advice."""

    key: str
    """Names the two sentences for good, whatever order they come in: another wording is another key."""
    left: Quote
    right: Quote
    why: Why
    score: float
    """How alike they are besides (0..1)."""
    at_meeting: bool = False
    """Whether somebody wants it talked about at the meeting."""


@dataclass(frozen=True, slots=True)
class _Said:
    """A sentence that may be advice, and where it stands."""

    pageid: int
    chunk_id: str
    heading: str
    statement: Statement


class Contradictions:
    """Finds them. Safe to share between threads; what was found is kept until the index changes."""

    def __init__(self, *, store: Store, index: Index) -> None:
        self._store = store
        self._index = index
        self._mutex = threading.Lock()
        self._kept: tuple[str, tuple[Contradiction, ...]] | None = None
        # Of passages that were read; an id stands for a text.
        self._read: dict[str, tuple[_Said, ...]] = {}

    def open(self, *, readable: Readable | None = None) -> list[Contradiction]:
        """Return what nobody has judged yet, or wants at the meeting; the surest first.

        Two sentences that stand on many pages are put before a person once.

        Args:
            readable: what who asks may read, both sides of it; None: everything.

        Raises:
            SearchError: there is no index, or it cannot be used.
        """
        verdicts = {key: each.verdict for key, each in self._store.judgements.of_kind(JUDGED).items()}
        found = self.all(readable=readable)
        # Two sentences that are none are none wherever else they stand.
        known = {_wording(each.key) for each in found if verdicts.get(each.key) == NONE}
        left = [
            replace(each, at_meeting=verdicts.get(each.key) == AT_MEETING)
            for each in found
            if verdicts.get(each.key) not in (SETTLED, NONE)
        ]
        shown = []
        for each in sorted(left, key=lambda each: not each.at_meeting):
            if _wording(each.key) not in known:
                known.add(_wording(each.key))
                shown.append(each)
        return shown

    def is_worked_out(self) -> bool:
        """Tell whether what is asked here is answered at once; otherwise who asks waits for it.

        Raises:
            SearchError: as `open`.
        """
        kept = self._kept
        return kept is not None and kept[0] == self._index.stats().built_at.isoformat()

    def find(self, key: str, *, readable: Readable | None = None) -> Contradiction | None:
        """Return the contradiction of a key, judged or not; None when there is none any more.

        Raises:
            SearchError: as `open`.
        """
        return next((each for each in self.all(readable=readable) if each.key == key), None)

    def all(self, *, readable: Readable | None = None) -> list[Contradiction]:
        """Return all that is found, judged or not; the surest first.

        Raises:
            SearchError: as `open`.
        """
        found = self._found()
        pageids = {side.pageid for each in found for side in (each.left, each.right)}
        pages = self._index.keywords.pages(sorted(pageids))
        allowed = readable_pages(pages.values(), readable)
        return [each for each in found if {each.left.pageid, each.right.pageid} <= allowed.keys()]

    def _found(self) -> tuple[Contradiction, ...]:
        built_at = self._index.stats().built_at.isoformat()
        with self._mutex:  # who asks meanwhile waits, and does not look beside this one
            if self._kept is None or self._kept[0] != built_at:
                self._kept = (built_at, tuple(self._look()))
            return self._kept[1]

    def _look(self) -> list[Contradiction]:
        site = self._store.site.get()
        if site is None:
            raise IndexNotBuiltError("there is nothing to compare yet: run `compagnon sync`")
        pages = {
            page.pageid: page
            for page in self._index.keywords.manifest().values()
            if _says_how(page.namespace)
        }
        said = self._sentences(sorted(pages))
        says = {(each.pageid, each.statement.folded) for each in said}
        found: dict[str, Contradiction] = {}
        for language in {each.statement.language for each in said}:
            own = [each for each in said if each.statement.language == language]
            weight = _weight(own)
            pairs = []
            for one, other in _alike_enough(own, weight):
                clash = disagreement(one.statement, other.statement, weight=weight)
                # A page that says both tells two cases apart.
                if clash is not None and not _says_both(one, other, says):
                    pairs.append((one, other, *clash))
            for one, other, why, score in self._near(pairs):
                left, right = sorted((one, other), key=lambda each: (each.pageid, each.statement.text))
                key = _key(left, right)
                if key not in found or found[key].score < score:
                    found[key] = Contradiction(
                        key=key,
                        left=_quote(left, pages, site),
                        right=_quote(right, pages, site),
                        why=why,
                        score=score,
                    )
        return sorted(found.values(), key=lambda each: (-each.score, each.key))

    def _sentences(self, pageids: Sequence[int]) -> list[_Said]:
        """Return what may be advice on these pages, each sentence of a page once."""
        ids = without_keys(self._index.keywords.chunk_ids(pageids))
        new = sorted(ids - self._read.keys())
        for stored in self._index.keywords.chunks(new).values():
            self._read[stored.chunk_id] = tuple(self._said(stored))
        for gone in self._read.keys() - ids:
            del self._read[gone]
        once: dict[tuple[int, str], _Said] = {}
        for chunk_id in sorted(self._read):
            for each in self._read[chunk_id]:
                once.setdefault((each.pageid, each.statement.folded), each)
        return list(once.values())

    def _said(self, stored: StoredChunk) -> Iterator[_Said]:
        chunk = stored.chunk
        for part in chunk.parts:
            if part.labels or not _advises(chunk.title, part.section):
                continue
            for start, end in chunk.sentences(part):
                text = chunk.text[start:end].strip().removeprefix("- ").strip()
                statement = Statement(text, chunk.language, self._index.analyzer)
                if _CELLS not in text and statement.is_advice:
                    yield _Said(stored.pageid, stored.chunk_id, part.section, statement)

    def _near(
        self, pairs: Sequence[tuple[_Said, _Said, Why, float]]
    ) -> Iterator[tuple[_Said, _Said, Why, float]]:
        """Yield the pairs that stand in passages about the same thing."""
        ids = sorted({side.chunk_id for one, other, _, _ in pairs for side in (one, other)})
        vectors: Mapping[str, Vectors] = {}
        if ids:
            with self._index.answering() as embedder:
                vectors = self._index.vectors.get(embedder.model_id, ids)
        for pair in pairs:
            left, right = (vectors.get(side.chunk_id) for side in pair[:2])
            if left is not None and right is not None and float(np.dot(left, right)) >= _NEAR:
                yield pair


def _says_how(namespace: int) -> bool:
    """Whether pages of a namespace say how things are done: pages of content and of the project do."""
    return namespace in (0, 4) or (namespace >= 100 and namespace % 2 == 0)


def _advises(title: str, section: str) -> bool:
    """Whether there may be advice under a title and a path of headings."""
    path = fold(f"{title} › {section}".lower()).replace("’", "'")
    return not _CHANGES.search(path) and not _NO_STEP.fullmatch(path.rpartition("› ")[2].strip())


def _weight(said: Iterable[_Said]) -> Weight:
    counts = Counter(stem for each in said for stem in each.statement.subject)
    total = max(_LEAST_SENTENCES, counts.total())

    weights = {stem: math.log1p(total / max(2, count)) for stem, count in counts.items()}
    rare = math.log1p(total / 2)

    def weight(stem: str) -> float:
        return weights.get(stem, rare)

    return weight


def _alike_enough(said: Sequence[_Said], weight: Weight) -> Iterator[tuple[_Said, _Said]]:
    """Yield pairs of sentences of two pages that share one of the rarest words of each."""
    by_stem: dict[str, list[int]] = defaultdict(list)
    for number, each in enumerate(said):
        for stem in _rarest(each.statement.bare_subject or each.statement.subject, weight):
            by_stem[stem].append(number)
    seen: set[tuple[int, int]] = set()
    for stem in sorted(by_stem):
        numbers = by_stem[stem]
        if len(numbers) > _COMMON:
            continue
        for place, one in enumerate(numbers):
            mine, pageid = said[one].statement.subject, said[one].pageid
            for other in numbers[place + 1 :]:
                theirs = said[other].statement.subject
                if (
                    2 * len(mine & theirs) >= _SHARED * (len(mine) + len(theirs))
                    and pageid != said[other].pageid
                    and (one, other) not in seen
                ):
                    seen.add((one, other))
                    yield said[one], said[other]


def _rarest(stems: frozenset[str], weight: Weight) -> list[str]:
    ordered = sorted(stems, key=lambda stem: (-weight(stem), stem))
    whole = math.fsum(map(weight, ordered))
    taken, had = [], 0.0
    for stem in ordered:
        if had > _PREFIX * whole:
            break
        taken.append(stem)
        had += weight(stem)
    return taken


def _quote(said: _Said, pages: Mapping[int, IndexedPage], site: Site) -> Quote:
    page = pages[said.pageid]
    return Quote(
        pageid=page.pageid,
        title=page.title,
        url=site.page_url(page.title),
        heading=said.heading,
        sentence=said.statement.text,
        language=said.statement.language,
        status=page.status,
    )


def _says_both(one: _Said, other: _Said, says: Set[tuple[int, str]]) -> bool:
    return (one.pageid, other.statement.folded) in says or (other.pageid, one.statement.folded) in says


def _key(left: _Said, right: _Said) -> str:
    return "+".join(
        f"{each.pageid}.{hashlib.sha256(each.statement.folded.encode()).hexdigest()[:_DIGEST]}"
        for each in (left, right)
    )


def _wording(key: str) -> frozenset[str]:
    """Return what a key says of the sentences, without their pages."""
    return frozenset(side.partition(".")[2] for side in key.split("+"))
