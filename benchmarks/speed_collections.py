"""Collections of any size to ask for their speed: real passages as far as they go, then remixed ones.

A remixed passage is half of the sentences of a real one, and sentences of others in the same language; its
vector is the real one's with noise, since a model would take hours for 100,000. They are written through the
classes of the index, beside a mirror whose pages have the first lines of them as texts, and histories: so the
very `Index` and `Searcher` of a community open them, and find them in step.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from benchmarks.question_sets import read_question_sets
from benchmarks.wikis import read_source_pages
from connector.model import Namespace, Page, Revision, Site
from connector.store import Store
from search.chunking import CHUNKER_VERSION, Chunk, Part, chunk_ids, chunk_page
from search.embedding import Embedder, Vectors
from search.indexer import Index
from search.keyword_index import IndexedPage
from search.language import Language, LanguageDetector, base_language
from search.people import PeopleFilter
from search.practices import read_page
from search.sentences import sentence_spans
from search.wanted_pages import wanted_pages
from webui.bootstrap import Services, build_services
from webui.config import load_config

SITE = Site(
    name="Speed",
    language="fr",
    server_url="http://wiki.invalid",
    namespaces={0: Namespace(id=0, name="", content=True)},
)
# Of all real passages about so many are taken: each of them needs the model.
_MOST_REAL = 3_000
_PASSAGES_A_PAGE = 4
_LONGEST_TEXT = 20_000
_PEOPLE = 500
_REVISIONS = 3
_MIRRORED_CHARACTERS = 400
_NOISE = 0.6
_AT_ONCE = 1_000
_NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Passages:
    """Pages to be: the passages of each, and the vectors of all of them in their order."""

    pages: tuple[tuple[Chunk, ...], ...]
    vectors: Vectors


def read_passages(folder: Path, embedder: Embedder, *, most: int = _MOST_REAL) -> Passages:
    """Return the passages of the real pages of `folder`, about so many, with the model's vectors.

    Raises:
        FileNotFoundError: it has no pages.
    """
    detector = LanguageDetector()
    texts_by_title = list(_texts(folder))
    # From everywhere, and no more than is wanted: to read all of a wiki takes longer than to measure.
    random.Random(1).shuffle(texts_by_title)  # noqa: S311 - a sample, no secret
    chosen: list[tuple[Chunk, ...]] = []
    found = 0
    for title, text in texts_by_title:
        chosen.append(_chunks(title, text, detector))
        found += len(chosen[-1])
        if found >= most:
            break
    if not chosen:
        raise FileNotFoundError(f"no pages in {folder}")
    texts = [chunk.embedded for chunks in chosen for chunk in chunks]
    order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
    vectors = np.zeros((len(texts), embedder.dimension), dtype=np.float32)
    vectors[order] = embedder.embed_passages([texts[place] for place in order])
    return Passages(tuple(chosen), vectors)


def build(folder: Path, passages: Passages, *, size: int) -> None:
    """Make a data directory with exactly `size` passages, real ones first."""
    folder.mkdir(parents=True, exist_ok=True)
    services = open_collection(folder)
    store, index = services.store, services.index
    store.site.put(SITE, source="benchmark")
    chance = random.Random(size)  # noqa: S311 - a sample, no secret
    first, left = 1, size
    stream = _pages(passages, chance)
    # Of vectors before manifest rows, as an update does; it is called at the end, and finds nothing to do.
    with index.lock.acquire(exclusive=True, wait_seconds=5):
        index.keywords.create()
        while left:
            pages: list[tuple[Sequence[Chunk], Vectors]] = []
            while left and len(pages) < _AT_ONCE:
                chunks, rows = next(stream)
                pages.append((chunks[:left], rows[:left]))
                left -= len(pages[-1][0])
            _put(store, index, pages, first=first, chance=chance)
            first += len(pages)
        report = index.update()
    services.close()
    if report.chunks_embedded or report.pages_indexed:
        raise AssertionError(f"the mirror and the index of {folder} are not in step: {report}")


def is_built(folder: Path, *, size: int) -> bool:
    """Whether a data directory has that many passages, in an index of the present version."""
    if not folder.exists():
        return False
    services = open_collection(folder)
    try:
        index = services.index
        return index.keywords.exists and index.keywords.counts()[1] == size
    finally:
        services.close()


def open_collection(folder: Path) -> Services:
    """Return the services of a data directory, with the settings that a new one has."""
    return build_services(load_config(folder))


def _texts(folder: Path) -> Iterator[tuple[str, str]]:
    try:
        sets = read_question_sets(folder)
    except FileNotFoundError:
        sets = []
    seen = set()
    for each in sets:
        for title, text in each.pages.items():
            if title not in seen:
                seen.add(title)
                yield title, text
    for page in read_source_pages(folder, revisions=1):
        if page.title not in seen:
            yield page.title, page.revisions[-1].text


def _chunks(title: str, text: str, detector: LanguageDetector) -> tuple[Chunk, ...]:
    people = PeopleFilter(bots=(), opt_out=())
    page = Page(pageid=1, namespace=0, title=title, revid=1, timestamp=_NOW, wikitext=text[:_LONGEST_TEXT])
    read = read_page(page, site=SITE, detector=detector, people=people)
    return tuple(
        chunk_page(
            title=title, sections=read.sections, labels=read.labels, language=read.language, detector=detector
        )
    )


def _pages(passages: Passages, chance: random.Random) -> Iterator[tuple[Sequence[Chunk], Vectors]]:
    """Yield pages without end: the real ones, then remixed ones; passages and vectors of each."""
    start = 0
    for chunks in passages.pages:
        yield chunks, passages.vectors[start : start + len(chunks)]
        start += len(chunks)
    flat = [chunk for chunks in passages.pages for chunk in chunks]
    sentences = [[chunk.text[s:e] for s, e in sentence_spans(chunk.text)] for chunk in flat]
    by_language: dict[Language, list[int]] = {}
    for place, chunk in enumerate(flat):
        by_language.setdefault(chunk.language, []).append(place)
    noise = np.random.default_rng(1)
    number = 0
    while True:
        number += 1
        language = chance.choice(list(by_language))
        places = chance.choices(by_language[language], k=_PASSAGES_A_PAGE)
        title = _title(sentences[places[0]], number)
        remixed = []
        for place in places:
            own = sentences[place][: max(1, len(sentences[place]) // 2)]
            others = chance.choices(by_language[language], k=2)
            text = "\n".join([*own, *(chance.choice(sentences[other] or [""]) for other in others)])
            remixed.append(
                Chunk(
                    title=title,
                    heading=flat[place].heading,
                    text=text,
                    language=language,
                    parts=(Part(0, flat[place].heading, ""),),
                )
            )
        rows = passages.vectors[places] + _NOISE / np.sqrt(passages.vectors.shape[1]) * noise.standard_normal(
            (len(places), passages.vectors.shape[1]), dtype=np.float32
        )
        yield remixed, (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def _title(sentences: Sequence[str], number: int) -> str:
    words = " ".join(sentences).split()[:4]
    return f"{' '.join(words)} ({number})"


def _put(
    store: Store,
    index: Index,
    pages: Sequence[tuple[Sequence[Chunk], Vectors]],
    *,
    first: int,
    chance: random.Random,
) -> None:
    numbered = list(enumerate(pages, start=first))
    edited = {pageid: _NOW - timedelta(days=chance.randrange(3_000)) for pageid, _ in numbered}
    store.pages.put_many(
        (
            Page(
                pageid=pageid,
                namespace=0,
                title=chunks[0].title,
                revid=pageid * _REVISIONS,
                timestamp=edited[pageid],
                wikitext=chunks[0].text[:_MIRRORED_CHARACTERS],
            )
            for pageid, (chunks, _) in numbered
        ),
        now=_NOW,
    )
    store.revisions.put_many(_histories(edited, chance))
    model_id = index.embedder.model_id
    ids = [each for pageid, (chunks, _) in numbered for each in chunk_ids(pageid, chunks)]
    index.vectors.add(model_id, ids, np.concatenate([rows for _, (_, rows) in numbered]))
    wanted = wanted_pages(store, rendered=False)
    for pageid, (chunks, _) in numbered:
        index.keywords.put_page(
            IndexedPage(
                pageid=pageid,
                revid=pageid * _REVISIONS,
                title=chunks[0].title,
                digest=wanted[pageid].digest,
                index_version=f"{CHUNKER_VERSION}+{index.people.digest}",
                namespace=0,
                language=base_language(chunks[0].language),
                last_edited=edited[pageid],
                status=None,
                contacts=(),
            ),
            chunks,
            (),
        )


def _histories(edited: dict[int, datetime], chance: random.Random) -> Iterator[Revision]:
    for pageid, moment in edited.items():
        for number in range(1, _REVISIONS + 1):
            who = chance.randrange(1, _PEOPLE)
            yield Revision(
                revid=(pageid - 1) * _REVISIONS + number,
                pageid=pageid,
                timestamp=moment - timedelta(days=30 * (_REVISIONS - number)),
                user=f"Member {who}",
                user_id=who,
                size=400 * number,
            )
