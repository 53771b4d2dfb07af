"""Narrow filters find what is there, and what there is to choose from is told."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from connector.model import PageLinks
from connector.store import Store
from search.filters import Choice, Facets, SearchFilters
from search.indexer import Index
from search.query import Searcher
from search.settings import SearchSettings
from tests.builders import (
    MONDAY,
    HashingEmbedder,
    ReadableWhere,
    make_history,
    make_index,
    make_page,
    make_store,
)

_PAGES = 260
_RARE = 251  # the only page of its category, and the farthest from every question


def _text(number: int) -> str:
    if number % 20 == 0:
        return f"{{{{Practice|statut=testée|langue=fr}}}}\nRéparer la pompe numéro {number}."
    if number == _RARE:
        return "Un carnet où la pompe n’est dite qu’une fois, parmi bien d’autres mots : " + "divers, " * 60
    return f"La pompe {number} : pompe à vélo, pompe à eau, réparer la pompe."


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    pages = [make_page(n, f"Pompe {n}", _text(n)) for n in range(1, _PAGES + 1)]
    pages += [
        make_page(301, "L’Établi:Pompes", "The pump of the workshop and the pumps of others.", namespace=4),
        make_page(302, "Catégorie:À relire", "__HIDDENCAT__", namespace=14),
    ]
    with make_store(tmp_path_factory.mktemp("mirror"), pages) as made:
        made.links.put_many(
            PageLinks(pageid=n, categories=categories)
            for n, categories in [
                *((n, ("Catégorie:Ateliers", "Catégorie:À relire")) for n in range(1, 41)),
                (_RARE, ("Catégorie:Petit matériel",)),
                (999, ("Catégorie:Ailleurs",)),
            ]
        )
        made.revisions.put_many(make_history(_RARE, ["Solène"]))
        made.revisions.put_many(make_history(1, ["Hugo"]))
        yield made


@pytest.fixture(scope="module")
def index(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    made = make_index(tmp_path_factory.mktemp("data"), store, HashingEmbedder())
    made.update()
    yield made
    made.close()


@pytest.fixture(scope="module")
def searcher(store: Store, index: Index) -> Searcher:
    return Searcher(store=store, index=index, settings=SearchSettings())


def _found(searcher: Searcher, filters: SearchFilters, question: str = "réparer la pompe") -> set[int]:
    result = searcher.search(question, top_k=100, filters=filters)
    return {hit.pageid for hit in result.hits} | {same.pageid for hit in result.hits for same in hit.same}


@pytest.mark.parametrize(
    ("filters", "pages"),
    [
        (SearchFilters(categories=("petit matériel",)), {_RARE}),
        (SearchFilters(categories=("Category:Petit_matériel",)), {_RARE}),
        (SearchFilters(categories=("Petit Matériel",)), set()),  # another title, as in MediaWiki
        (SearchFilters(categories=("Petit matériel", "Ateliers")), {_RARE, *range(1, 41)}),
        (SearchFilters(categories=("Ateliers",), statuses=("tested",)), {20, 40}),
        (SearchFilters(statuses=("tested", "retired")), set(range(20, 261, 20))),
        (SearchFilters(statuses=("retired",)), set()),
        (SearchFilters(statuses=("",)), set()),
        (SearchFilters(namespaces=(4,)), {301}),
        (SearchFilters(namespaces=(4, 14), languages=("fr",)), set()),
        (SearchFilters(edited_since=MONDAY.date().replace(year=2027)), set()),
        (SearchFilters(categories=("[",)), set()),
        (SearchFilters(categories=("",)), set()),
    ],
)
def test_a_filter_finds_what_fits_however_far_behind_it_ranks(
    searcher: Searcher, filters: SearchFilters, pages: set[int]
) -> None:
    assert _found(searcher, filters) == pages


def test_pages_edited_since_a_day_begin_with_that_day(searcher: Searcher) -> None:
    last = max(hit.last_edited for hit in searcher.search("pompe 260", top_k=100).hits)
    pages = _found(searcher, SearchFilters(edited_since=last.date(), namespaces=(0,)))
    assert pages == {260}


def test_filters_that_leave_much_rank_as_all_do(searcher: Searcher) -> None:
    wide = SearchFilters(namespaces=(0,))
    everywhere = [hit.pageid for hit in searcher.search("réparer la pompe 25", top_k=5).hits]
    assert [
        hit.pageid for hit in searcher.search("réparer la pompe 25", top_k=5, filters=wide).hits
    ] == everywhere


def test_answers_people_and_practices_obey_filters(searcher: Searcher) -> None:
    only = SearchFilters(categories=("Petit matériel",))
    assert [each.name for each in searcher.search("pompe", filters=only).experts] == ["Solène"]
    assert [each.name for each in searcher.experts("pompe", filters=only).experts] == ["Solène"]
    assert searcher.search("pompe", filters=SearchFilters()) == searcher.search("pompe")
    nothing = searcher.search("pompe", filters=SearchFilters(statuses=("retired",)))
    assert (nothing.hits, nothing.experts, nothing.answerable) == ((), (), False)
    practices = searcher.search("réparer la pompe", top_k=100, practices_only=True)
    assert {hit.pageid for hit in practices.hits} | {
        same.pageid for hit in practices.hits for same in hit.same
    } == set(range(20, 261, 20))


def test_facets_tell_what_there_is_with_numbers(searcher: Searcher) -> None:
    facets = searcher.facets()
    assert facets.statuses == (Choice(value="tested", name="tested", pages=13),)
    assert facets.categories == (
        Choice(value="Ateliers", name="Ateliers", pages=40),
        Choice(value="Petit matériel", name="Petit matériel", pages=1),
    )
    assert [(c.value, c.name) for c in facets.namespaces][:2] == [("0", ""), ("4", "L’Établi")]
    assert facets.namespaces[0].pages == _PAGES
    assert sum(choice.pages or 0 for choice in facets.languages) == _PAGES + 2


def test_facets_name_nothing_that_only_hidden_pages_have(searcher: Searcher) -> None:
    some = ReadableWhere(lambda page: page.pageid < 100 and page.pageid != 20)
    facets = searcher.facets(readable=some)
    assert [(c.value, c.pages) for c in facets.categories] == [("Ateliers", None)]
    assert [(c.value, c.pages) for c in facets.statuses] == [("tested", None)]
    assert [c.value for c in facets.namespaces] == ["0"]
    assert searcher.facets(readable=ReadableWhere(lambda page: page.pageid == 301)) == Facets(
        languages=(Choice(value="en", name="en"),), namespaces=(Choice(value="4", name="L’Établi"),)
    )


def test_filters_and_rights_go_together(searcher: Searcher) -> None:
    some = ReadableWhere(lambda page: page.pageid != _RARE)
    only = SearchFilters(categories=("Petit matériel",))
    assert searcher.search("pompe", filters=only, readable=some).hits == ()
    both = SearchFilters(categories=("Petit matériel", "Ateliers"), statuses=("tested",))
    asked = ReadableWhere(lambda page: page.pageid == 40)
    assert [hit.pageid for hit in searcher.search("pompe", filters=both, readable=asked).hits] == [40]
    # Nobody is asked about pages that the filters leave out.
    assert {page.pageid for batch in asked.asked for page in batch} == {20, 40}


def test_a_change_of_categories_and_of_the_index_is_seen(tmp_path: Path) -> None:
    with make_store(
        tmp_path, [make_page(1, "Pompe", "La pompe."), make_page(2, "Vélo", "Un vélo.")]
    ) as store:
        index = make_index(tmp_path, store, HashingEmbedder())
        index.update()
        searcher = Searcher(store=store, index=index, settings=SearchSettings())
        assert searcher.facets().categories == ()
        store.links.put_many([PageLinks(pageid=1, categories=("Catégorie:Outils",))])
        assert [choice.value for choice in searcher.facets().categories] == ["Outils"]
        only = SearchFilters(categories=("Outils",), edited_since=date(2026, 1, 1))
        assert [hit.pageid for hit in searcher.search("pompe", filters=only).hits] == [1]
        store.pages.delete([1])
        index.update()
        assert searcher.facets().categories == ()
        assert searcher.search("pompe", filters=only).hits == ()
        index.close()
