"""What brings pages forward and back, with the real model and Chroma: quotes, slips, status, copies."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connector.errors import InvalidQueryError
from connector.model import PageLinks
from connector.store import Store
from search.chunking import pageid_of
from search.indexer import Index
from search.query import Searcher
from search.settings import SearchSettings
from tests.builders import make_index, make_page, make_store
from tests.community import shared_embedder

pytestmark = pytest.mark.model

SORTING = (
    "Chaque samedi, deux bénévoles trient les dons de vêtements et notent ce qui manque à la friperie. "
    "Ce qui est troué part au recyclage, ce qui est propre va sur les portants, le reste est lavé le lundi."
)
SORTED_COPY = SORTING.replace("samedi", "dimanche")
COMPOST = """{{Practice|statut=testée|contacts=Maïwenn Le Goff|langue=fr}}
== Solution ==
Le compost du jardin se retourne toutes les trois semaines, et les épluchures se coupent en petits morceaux.
"""
OLD_COMPOST = """{{Practice|statut=retirée|langue=fr}}
== Solution ==
Le compost de la cour se retourne toutes les trois semaines, et les épluchures se coupent en gros morceaux.
"""
TRAILER = """== Prêt ==
La remorque se prête contre un chèque de caution ; le carnet de prêt est dans le tiroir du bureau.
== Retour ==
On rend la remorque propre, avec ses deux sangles.
"""
BUREAU = "Le prêt du carnet de la remorque n’existe pas : le bureau ne prête que la clef du portail."
ENGLISH = """== Solution ==
Turn the heap every three weeks, and keep a bucket for the peelings beside the sink of the kitchen.
"""
PAGES = (
    make_page(1, "Trier les dons", SORTING),
    make_page(2, "Tri des dons (ancien)", SORTED_COPY),
    make_page(3, "Retourner le compost", COMPOST),
    make_page(4, "Compost de la cour", OLD_COMPOST),
    make_page(5, "Remorque", TRAILER),
    make_page(6, "Clef du portail", BUREAU),
    make_page(7, "Peelings and heaps", ENGLISH),
    make_page(8, "Épluchures", redirect="Retourner le compost"),
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with make_store(tmp_path_factory.mktemp("mirror"), PAGES) as made:
        made.links.put_many([PageLinks(pageid=5, links=("Clef du portail",)), PageLinks(pageid=6)])
        yield made


@pytest.fixture(scope="module")
def index(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    made = make_index(tmp_path_factory.mktemp("data"), store, shared_embedder())
    made.update()
    yield made
    made.close()


@pytest.fixture
def searcher(store: Store, index: Index) -> Searcher:
    return Searcher(store=store, index=index, settings=SearchSettings())


def pageids(searcher: Searcher, question: str) -> list[int]:
    return [hit.pageid for hit in searcher.search(question).hits]


def test_what_stands_in_quotes_stands_on_the_page(searcher: Searcher) -> None:
    assert set(pageids(searcher, "carnet de prêt")) > {5, 6}
    assert pageids(searcher, '"carnet de prêt"') == [5]
    assert pageids(searcher, "« chèque de caution » remorque") == [5]
    assert pageids(searcher, '"caution de chèque"') == []


def test_a_misspelt_word_is_read_as_a_word_of_the_wiki(searcher: Searcher) -> None:
    result = searcher.search("retourner le compsot")
    assert result.hits[0].pageid == 3
    (correction,) = result.corrections
    assert (correction.typed, correction.read_as[0]) == ("compsot", "compost")
    assert searcher.search("retourner le compost").corrections == ()


def test_copies_are_shown_once_and_named(searcher: Searcher) -> None:
    first = searcher.search("trier les dons de vêtements").hits[0]
    assert (first.pageid, [page.pageid for page in first.same]) == (1, [2])
    assert first.same[0].url.endswith("/wiki/Tri_des_dons_(ancien)")
    assert 2 not in pageids(searcher, "trier les dons de vêtements")


def test_a_practice_that_was_given_up_comes_after_the_one_that_is_used(searcher: Searcher) -> None:
    ranked = pageids(searcher, "retourner le compost toutes les trois semaines")
    assert ranked.index(3) < ranked.index(4)


def test_only_practices_when_only_practices_are_wanted(searcher: Searcher) -> None:
    result = searcher.search("remorque et compost", practices_only=True)
    assert {hit.pageid for hit in result.hits} == {3, 4}
    assert next(hit for hit in result.hits if hit.pageid == 3).contacts == ("Maïwenn Le Goff",)


def test_older_pages_come_after_newer_ones_that_say_as_much(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    text = "La clef de la cave est pendue derrière la porte de la cuisine."
    pages = [
        replace(make_page(1, "Cave une", text), timestamp=now - timedelta(days=9 * 365)),
        replace(make_page(2, "Cave deux", text), timestamp=now),
    ]
    with make_store(tmp_path, pages) as store:
        index = make_index(tmp_path, store, shared_embedder())
        index.update()
        found = Searcher(store=store, index=index, settings=SearchSettings()).ranking("cave", top_k=5)
        index.close()
    assert found.pageids == (2, 1)


def test_pages_and_passages_can_be_out_of_reach(searcher: Searcher, index: Index) -> None:
    question = "retourner le compost du jardin"
    assert searcher.ranking(question, top_k=3).pageids[0] == 3
    assert 3 not in searcher.ranking(question, top_k=9, without_pages=[3]).pageids
    passages = [i for i in index.keywords.chunk_ids() if pageid_of(i) == 3]
    assert 3 not in searcher.ranking(question, top_k=9, without_passages=passages).pageids


def test_the_signs_tell_the_language_and_the_share_of_words(searcher: Searcher) -> None:
    all_there = searcher.ranking("retourner le compost du jardin", top_k=1).signs
    assert all_there is not None
    assert (all_there.coverage, all_there.foreign, all_there.words) == (1.0, False, 3)
    foreign = searcher.ranking("How often should we turn the heap of the kitchen?", top_k=1)
    assert foreign.pageids == (7,)
    assert foreign.signs is not None
    assert not foreign.signs.foreign
    assert searcher.ranking('"mot qui n’existe pas"', top_k=1).signs is None


def test_what_nobody_wrote_about_has_no_good_answer(searcher: Searcher, store: Store, index: Index) -> None:
    known = searcher.search("Comment retourner le compost du jardin ?")
    unknown = searcher.search("Quel est le taux de change du yen japonais ?")
    assert known.answerable
    assert not unknown.answerable
    assert known.confidence > unknown.confidence
    strict = Searcher(store=store, index=index, settings=SearchSettings(no_answer_below=1.0))
    assert not strict.search("Tous les combien retourner le compost du petit jardin ?").answerable
    assert strict.search("compost").answerable
    lenient = Searcher(store=store, index=index, settings=SearchSettings(no_answer_below=0.0))
    assert lenient.search("Quel est le taux de change du yen japonais ?").answerable


def test_words_alone_and_meaning_alone(store: Store, index: Index) -> None:
    words = Searcher(store=store, index=index, settings=SearchSettings(found_by="words"))
    meaning = Searcher(store=store, index=index, settings=SearchSettings(found_by="meaning"))
    question = "Turn the heap"
    assert words.ranking(question, top_k=9).pageids == (7,)
    assert len(meaning.ranking(question, top_k=9).pageids) == 7
    assert words.ranking("xyzzy", top_k=9).pageids == ()


def test_passages_are_those_of_the_hits(searcher: Searcher) -> None:
    result = searcher.search("rendre la remorque propre", top_k=2)
    shown = {hit.pageid for hit in result.hits}
    assert {passage.pageid for passage in result.passages} <= shown
    assert result.passages[0].pageid == 5
    back = next(passage for passage in result.passages if passage.section == "Retour")
    assert back.text == "On rend la remorque propre, avec ses deux sangles."
    assert back.url.endswith("/wiki/Remorque#Retour")


class Backwards:
    """A reranker that likes best what comes last in the alphabet."""

    def rerank(self, question: str, passages: Sequence[str]) -> list[float]:
        order = sorted(passages)
        return [order.index(passage) / len(order) for passage in passages]


def test_a_reranker_has_the_last_word(store: Store, index: Index) -> None:
    settings = SearchSettings()
    judged = Searcher(store=store, index=index, settings=settings, reranker=Backwards())
    titles = [hit.title for hit in judged.search("remorque compost dons clef", top_k=9).hits]
    assert titles[0] == max(title for title in titles)
    assert titles == sorted(titles, reverse=True)


def test_related_pages_are_near_or_linked(searcher: Searcher) -> None:
    related = searcher.related(3, top_k=3)
    assert related[0].pageid == 4
    assert related[0].status == "retired"
    assert 3 not in [page.pageid for page in related]
    assert [page.score for page in related] == sorted((page.score for page in related), reverse=True)
    assert 6 in [page.pageid for page in searcher.related(5)]
    assert searcher.related(999) == []
    with pytest.raises(InvalidQueryError):
        searcher.related(3, top_k=0)
