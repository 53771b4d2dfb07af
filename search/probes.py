"""Fits the chance of an answer to a wiki, by questions whose answers it is known to have.

A sentence out of the middle of a passage is asked while the passages that hold it are out of reach: what is
found then of its page is an answer in other words, as it is with a member's question. Most answers must stay
above the threshold, so the intercept is moved until all but a few of these do. Where they are few it moves
little: it is drawn to the default as by `_PRIOR` more.
"""

import logging
import math
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from connector.errors import SearchError
from search.calibration import (
    DEFAULT,
    AnswerSigns,
    Calibration,
    KeptCalibration,
    keep,
    read_kept,
)
from search.chunking import Chunk, pageid_of, without_keys
from search.indexer import Index
from search.keyword_index import StoredChunk
from search.retrieval import Retriever
from search.sentences import sentence_spans
from search.settings import SearchSettings
from search.words import without_quotes

log = logging.getLogger(__name__)

_PROBES = 60
_LEAST_PROBES = 10
_PRIOR = 20
# Of the wiki's own answers, what may be taken for none: measured, members' questions lose half as many.
_MAY_BE_LOST = 0.05
# Another embedding model moves all cosines; more than this, and something else is wrong.
_MOST_MOVED = 4.0
_LEAST_WORDS, _MOST_WORDS = 6, 25
_DEPTH = 10
# An index that has changed by less than this share of its pages keeps its calibration.
_LEAST_CHANGE = 0.1
MOST_SECONDS: Final = 10.0
_PAGES_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Probe:
    """A sentence of a page, and the passages that hold it."""

    question: str
    pageid: int
    without: frozenset[str]


@dataclass(frozen=True, slots=True)
class Shown:
    """What is found: the first pages, and the signs of the first."""

    pageids: tuple[int, ...]
    signs: AnswerSigns


Ask = Callable[[str, Collection[str]], Shown | None]
"""Asks a question while some passages are out of reach; None when nothing is found."""


def calibrate_if_due(index: Index) -> bool:
    """Calibrate an index anew when it is another one than the kept calibration was made for.

    That is with another model, or with a tenth more or fewer pages. It takes some seconds, `MOST_SECONDS` and
    a question at most, and what fails leaves the calibration as it was: an index is of use without one.

    Returns:
        Whether it was calibrated.
    """
    try:
        model_id = index.embedder.model_id
        pages = index.keywords.counts()[0]
        kept = read_kept(index.keywords)
        if (
            kept is not None
            and kept.model == model_id
            and abs(pages - kept.pages) <= _LEAST_CHANGE * kept.pages
        ):
            return False
        calibration = calibrate(draw_probes(index), ask_index(index))
        keep(index.keywords, KeptCalibration(calibration=calibration, model=model_id, pages=pages))
    except SearchError as e:
        log.warning("how sure the search may be of its answers was not measured: %s", e)
        return False
    return True


def calibrate(
    probes: Iterator[Probe],
    ask: Ask,
    *,
    most: int = _PROBES,
    seconds: float = MOST_SECONDS,
    default: Calibration = DEFAULT,
) -> Calibration:
    """Return the default with the intercept that suits a wiki.

    Args:
        probes: questions that the wiki answers.
        ask: asks them.
        most: how many found pages are enough.
        seconds: how long to ask.
        default: what to begin with.
    """
    deadline = time.monotonic() + seconds
    found: list[float] = []
    # Where the page is not found, nothing tells what an answer looks like. It must end where none ever is.
    for number, probe in enumerate(probes):
        if len(found) >= most or number >= 2 * most or time.monotonic() > deadline:
            break
        shown = ask(probe.question, probe.without)
        if shown is not None and probe.pageid in shown.pageids[:_DEPTH]:
            found.append(default.log_odds(shown.signs))
    if len(found) < _LEAST_PROBES:
        return default
    least = math.log(default.threshold / (1 - default.threshold))
    moved = (least - _quantile(found, _MAY_BE_LOST)) * len(found) / (len(found) + _PRIOR)
    moved = max(-_MOST_MOVED, min(moved, _MOST_MOVED))
    return replace(default, intercept=default.intercept + moved)


def draw_probes(index: Index) -> Iterator[Probe]:
    """Yield a probe of one page after the other, in an order that no page's place decides."""
    # The second part of a chunk's id is a digest of its text: as good as drawn by lot, and always the same.
    ids = sorted(without_keys(index.keywords.chunk_ids()), key=lambda chunk_id: chunk_id.partition(":")[2])
    pageids = list(dict.fromkeys(map(pageid_of, ids)))
    drawn = {pageid: chunk_id for chunk_id in reversed(ids) for pageid in [pageid_of(chunk_id)]}
    for start in range(0, len(pageids), _PAGES_AT_ONCE):
        some = pageids[start : start + _PAGES_AT_ONCE]
        of_page: dict[int, list[StoredChunk]] = {}
        for stored in index.keywords.chunks(without_keys(index.keywords.chunk_ids(some))).values():
            of_page.setdefault(stored.pageid, []).append(stored)
        for pageid in some:
            passages = of_page.get(pageid, [])
            chosen = next((each for each in passages if each.chunk_id == drawn[pageid]), None)
            question = None if chosen is None else _middle_sentence(chosen.chunk)
            if question is None:
                continue
            without = frozenset(each.chunk_id for each in passages if question in each.chunk.text)
            if len(without) < len(passages):
                yield Probe(question, pageid, without)


def ask_index(index: Index) -> Ask:
    """Return what asks an index as a search does, without what a search shows beside."""
    retriever = Retriever(index=index, settings=SearchSettings())

    def ask(question: str, without: Collection[str]) -> Shown | None:
        found = retriever.retrieve(
            without_quotes(question), top_k=_DEPTH, fallback="en", without_passages=without
        )
        if found.signs is None:
            return None
        return Shown(tuple(page.page.pageid for page in found.pages[:_DEPTH]), found.signs)

    return ask


def _middle_sentence(chunk: Chunk) -> str | None:
    sentences = [chunk.text[start:end] for start, end in sentence_spans(chunk.text)]
    fit = [sentence for sentence in sentences if _LEAST_WORDS <= len(sentence.split()) <= _MOST_WORDS]
    return fit[len(fit) // 2] if fit else None


def _quantile(values: Sequence[float], share: float) -> float:
    """Return the value below which this share of them lies, between two of them where it must."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])
