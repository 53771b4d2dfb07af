"""Pages about what a page is about: near in meaning, nearer by links, redirects followed as they are now."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.model import PageLinks
from connector.store import Store
from search.indexer import Index
from search.related import RelatedPages
from tests.builders import HashingEmbedder, make_index, make_page, make_store

TEXTS = {
    "Vélo": "La roue du vélo se démonte avec la clé plate de l’atelier.",
    "Trottinette": "La roue de la trottinette se démonte avec la clé plate du garage.",
    "Compost": "Les épluchures mûrissent six mois dans le bac du jardin.",
    "1984": "",
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    pages = [make_page(number, title, text) for number, (title, text) in enumerate(TEXTS.items(), 1)]
    with make_store(tmp_path, [*pages, make_page(50, "Bicyclette", redirect="Vélo")]) as made:
        yield made


@pytest.fixture
def index(store: Store, tmp_path: Path) -> Iterator[Index]:
    made = make_index(tmp_path, store, HashingEmbedder())
    made.update()
    yield made
    made.close()


@pytest.fixture
def related(store: Store, index: Index) -> RelatedPages:
    return RelatedPages(store=store, index=index)


def scores(related: RelatedPages, pageid: int) -> dict[str, float]:
    return {page.title: page.score for page in related.find(pageid, top_k=10)}


def test_a_page_of_the_same_words_is_related_and_one_of_others_is_not(related: RelatedPages) -> None:
    assert set(scores(related, 1)) == {"Trottinette"}
    assert related.find(1, top_k=10)[0].pageid == 2
    assert scores(related, 50) == {}  # a redirect is no page of the index


def test_a_sentence_says_why_and_a_row_of_a_table_does_not(
    store: Store, index: Index, related: RelatedPages
) -> None:
    assert related.find(1, top_k=10)[0].sentence == TEXTS["Trottinette"]
    table = "{|\n| La roue du garage || la clé plate de la trottinette\n|}\n\n"
    store.pages.put_many([make_page(2, "Trottinette", table + TEXTS["Trottinette"], revid=9_000)])
    index.update()
    assert related.find(1, top_k=10)[0].sentence == TEXTS["Trottinette"]


def test_a_link_through_a_redirect_brings_pages_nearer_as_long_as_it_leads_there(
    store: Store, related: RelatedPages
) -> None:
    alone = scores(related, 1)["Trottinette"]
    store.links.put_many([PageLinks(pageid=2, links=("Bicyclette",))])
    linked = scores(related, 1)["Trottinette"]
    assert linked > alone
    store.pages.put_many([make_page(50, "Bicyclette", redirect="Compost", revid=9_000)])
    assert scores(related, 1)["Trottinette"] == pytest.approx(alone)


def test_a_page_that_is_gone_is_related_to_none(store: Store, index: Index, related: RelatedPages) -> None:
    assert scores(related, 1)
    store.pages.delete([2])
    index.update()
    assert scores(related, 1) == {}
    assert scores(related, 2) == {}
