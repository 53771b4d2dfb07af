"""The wiki's own exam: how often the search finds the page that a redirect, a link or a heading asks for.

It is taken on a copy of the mirror that does not hold what is asked (`search.exam_mirror`), indexed in a
folder of its own. The measures are those of TREC for questions with one right page
(https://trec.nist.gov/pubs/trec16/appendices/measures.pdf), over the first ten pages.
"""

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from connector.errors import ConnectorError, IndexBusyError
from connector.progress import Progress
from connector.store import Store
from connector.wiki import WikiSearch
from search.chunking import CHUNKER_VERSION, pageid_of
from search.exam_mirror import copy_without
from search.exam_questions import ExamQuestion, Kind, find_questions
from search.exam_report import DEPTH, AskedQuestion, ExamReport, Method
from search.feedback import member_questions
from search.indexer import Index
from search.query import Searcher
from search.reranking import Reranker
from search.settings import SearchSettings
from search.words import without_quotes

_CANDIDATES = 200
_VECTORS_AT_ONCE = 2_000


def take_exam(
    store: Store,
    *,
    index: Index,
    settings: SearchSettings,
    reranker: Reranker | None = None,
    most: int = 300,
    seed: int = 1,
    wiki: WikiSearch | None = None,
    progress: Progress | None = None,
) -> ExamReport:
    """Ask the wiki's own questions of a copy of its index that does not hold them.

    The copy lies in a temporary folder, which is gone afterwards, whatever happens.

    Args:
        store: the mirror.
        index: its index: says which pages can be found, and lends the vectors of what does not change. While
            another process has it for itself, everything is embedded anew.
        settings: how questions are answered.
        reranker: what judges the first answers, where one is set.
        most: how many of the wiki's own questions; what members said helped is asked besides.
        seed: another one asks others.
        wiki: its own search, asked only where it does not hold the answer either: the words of links.
        progress: told how far it is.

    Raises:
        IndexNotBuiltError: there is no index yet.
        ModelMismatchError: the index was built with another model.
        SearchError: a part of the index cannot be used.
        StoreError: there is no room for the copy.
    """
    index.check()
    manifest = index.keywords.manifest()
    languages = {page.pageid: page.language for page in manifest.values()}
    questions = find_questions(
        store, languages=languages, detector=index.detector, most=most, seed=seed, progress=progress
    )
    with tempfile.TemporaryDirectory(prefix="compagnon-exam-") as place:
        folder = Path(place)
        with Store.open(folder / "mirror.sqlite3") as copied:
            questions = copy_without(store, copied, questions, rendered=settings.rendered, progress=progress)
            # What members asked stands nowhere: there is nothing to take out.
            questions += member_questions(store, languages=languages, detector=index.detector, seed=seed)
            # On a Chroma server its vectors would outlive the folder.
            in_folder = replace(settings, chroma_url=None)
            examined = Index(
                folder=folder / "index", store=copied, embedder=index.embedder, settings=in_folder
            )
            try:
                lend_vectors(index, examined, progress=progress)
                examined.update(progress=progress)
                searcher = Searcher(store=copied, index=examined, settings=in_folder, reranker=reranker)
                asked = _ask(questions, searcher=searcher, index=examined, progress=progress)
                pages, chunks = examined.keywords.counts()
            finally:
                examined.close()
    trouble = ""
    if wiki is not None:
        namespaces = sorted({page.namespace for page in manifest.values()})
        asked, trouble = _ask_wiki(
            wiki, questions, asked, namespaces=namespaces, store=store, progress=progress
        )
    return ExamReport(
        taken_at=datetime.now(UTC).replace(microsecond=0),
        seed=seed,
        version=_version(),
        model=index.embedder.model_id,
        chunker=CHUNKER_VERSION,
        pages=pages,
        chunks=chunks,
        questions=tuple(asked),
        wiki_trouble=trouble,
    )


def _version() -> str:
    try:
        return version("compagnon")
    except PackageNotFoundError:  # run from a folder
        return ""


def lend_vectors(index: Index, other: Index, *, progress: Progress | None = None) -> int:
    """Copy the vectors of one index to another of the same model; return how many.

    None while another process has the index for itself: then they are computed anew.
    """
    model_id = index.embedder.model_id
    try:
        ids = sorted(index.vectors.ids(model_id))
        for start in range(0, len(ids), _VECTORS_AT_ONCE):
            some = ids[start : start + _VECTORS_AT_ONCE]
            found = index.vectors.get(model_id, some)
            if found:
                other.vectors.add(model_id, list(found), np.stack(list(found.values())))
            if progress is not None:
                progress(start + len(some), len(ids), "vectors")
    except IndexBusyError:
        return 0
    return len(ids)


def _ask(
    questions: Sequence[ExamQuestion], *, searcher: Searcher, index: Index, progress: Progress | None
) -> list[AskedQuestion]:
    asked = []
    for done, question in enumerate(questions, start=1):
        text = without_quotes(question.text)
        answers = {
            Method.OURS: searcher.ranking(text, top_k=DEPTH).pageids,
            Method.WORDS: _by_words(index, text),
            Method.MEANING: _by_meaning(index, text),
        }
        asked.append(
            AskedQuestion(
                digest=question.digest,
                kind=question.kind,
                language=question.language,
                ranks={method: _rank(pageids, question.pageid) for method, pageids in answers.items()},
            )
        )
        if progress is not None:
            progress(done, len(questions), "exam")
    return asked


def _by_words(index: Index, text: str) -> list[int]:
    words = index.analyzer.query(text, index.detector.guess(text))
    return _pages(chunk_id for chunk_id, _ in index.keywords.search(words, limit=_CANDIDATES))


def _by_meaning(index: Index, text: str) -> list[int]:
    vector = index.embedder.embed_query(text)
    nearest = index.vectors.nearest(index.embedder.model_id, vector, limit=_CANDIDATES)
    return _pages(chunk_id for chunk_id, _ in nearest)


def _pages(chunk_ids: Iterable[str]) -> list[int]:
    """Return the pages of passages, each where its best one stands."""
    return list(dict.fromkeys(map(pageid_of, chunk_ids)))[:DEPTH]


def _rank(pageids: Sequence[int], pageid: int) -> int:
    return pageids.index(pageid) + 1 if pageid in pageids else 0


def _ask_wiki(
    wiki: WikiSearch,
    questions: Sequence[ExamQuestion],
    asked: Sequence[AskedQuestion],
    *,
    namespaces: Sequence[int],
    store: Store,
    progress: Progress | None,
) -> tuple[list[AskedQuestion], str]:
    """Ask the wiki the words of links, which it holds where we do; everything else it would find in place."""
    titles = store.pages.titles()
    targets = {titles[title]: titles.get(target, 0) for title, target in store.pages.redirects().items()}
    ranks: dict[str, int] = {}
    fair = [question for question in questions if question.kind is Kind.LINK]
    for done, question in enumerate(fair, start=1):
        try:
            found = wiki.find(question.text, namespaces=namespaces, limit=DEPTH)
        except ConnectorError as e:
            return list(asked), str(e)
        pageids = list(dict.fromkeys(targets.get(pageid, pageid) for pageid in found))
        ranks[question.digest] = _rank(pageids, question.pageid)
        if progress is not None:
            progress(done, len(fair), "wiki")
    return [
        replace(each, ranks={**each.ranks, Method.WIKI: ranks[each.digest]}) if each.digest in ranks else each
        for each in asked
    ], ""
