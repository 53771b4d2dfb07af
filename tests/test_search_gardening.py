"""What gardeners are shown: which pages lack links, what is worth most first, nothing that is gone."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import pytest

from connector.errors import IndexNotBuiltError
from connector.model import PageLinks
from connector.store import Store
from search.gardening import Gardening, GardenPage, GardenQueue, Kind
from search.indexer import Index
from search.link_survey import LinkSurvey
from search.links import LinkSettings, LinkSuggester
from tests.builders import FRENCH_WIKI, HashingEmbedder, ReadableWhere, make_index, make_page, make_store

SITE = replace(FRENCH_WIKI, main_page="Accueil")
HOME, EVENING, REGISTER, BREAD, YEAST, BASKET, STONE, PIE, LONELY, NAMES = range(1, 11)
PAGES = [
    make_page(HOME, "Accueil", "Bienvenue au fournil."),
    make_page(EVENING, "Soirée pétrissage", "{{Practice|statut=testée}} On y mène par la [[Tourte]]."),
    make_page(REGISTER, "Cahier de cuisson", "{{Practice|statut=référence}} Noter l’heure, puis [[Tourte]]."),
    make_page(
        BREAD, "Pain de campagne", "Nourrir le levain chef, poser la pâte dans un banneton, lire [[A]]."
    ),
    make_page(YEAST, "Levain chef", "Un mélange pour la [[soirée pétrissage]]."),
    make_page(BASKET, "Banneton", "Un panier d’osier, plus [[Rien de tel]]."),
    make_page(STONE, "Pierre à four", "Une dalle. Le levain chef n’y va pas. Voir le [[panier]]."),
    make_page(PIE, "Tourte", "[[Levain chef]], [[Panier|banneton]], [[Tourte]] et [[#Cuisson]]"),
    make_page(LONELY, "Épeautre", "Une céréale. [[Discussion:Tourte]] [[Catégorie:Céréales]]"),
    make_page(NAMES, "Four (homonymie)", "* un four"),
    make_page(21, "Panier", redirect="Banneton"),
    make_page(22, "Grande tourte", redirect="Tourte"),
    make_page(23, "Discussion:Tourte", "[[Épeautre]] [[Pierre à four]]", namespace=1),
]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with make_store(tmp_path, PAGES, site=SITE) as opened:
        yield opened


@pytest.fixture
def survey(store: Store, tmp_path: Path) -> LinkSurvey:
    links = LinkSuggester(store=store, settings=LinkSettings())
    made = LinkSurvey(store=store, links=links, file=tmp_path / "survey.json")
    made.update(seconds=60)
    return made


@pytest.fixture
def index(store: Store, tmp_path: Path) -> Iterator[Index]:
    made = make_index(tmp_path, store, HashingEmbedder())
    yield made
    made.close()


@pytest.fixture
def gardening(store: Store, index: Index, survey: LinkSurvey) -> Gardening:
    return Gardening(store=store, index=index, survey=survey)


def queue(gardening: Gardening, kind: Kind, *, limit: int = 50) -> GardenQueue:
    return gardening.queue(kind, limit=limit)


def titles(gardening: Gardening, kind: Kind) -> list[str]:
    return [page.title for page in queue(gardening, kind).pages]


def row(gardening: Gardening, kind: Kind, pageid: int) -> GardenPage:
    return next(page for page in queue(gardening, kind).pages if page.pageid == pageid)


def test_orphans_are_content_pages_that_no_other_content_page_links_to(gardening: Gardening) -> None:
    # Linked: by a page itself, by its redirect, from a talk page, by no one. Not linked: the others.
    assert set(titles(gardening, "orphans")) == {
        "Cahier de cuisson",
        "Pain de campagne",
        "Pierre à four",
        "Épeautre",
    }


def test_what_may_not_be_read_is_in_no_list_and_no_number(gardening: Gardening) -> None:
    everything = queue(gardening, "orphans")
    readable = ReadableWhere(lambda page: page.pageid not in {REGISTER, PIE})
    found = gardening.queue("orphans", limit=50, readable=readable)
    named = {page.title for page in found.pages}
    named |= {link.title for page in found.pages for link in (*page.leads_to, *page.mentioned_on)}
    assert named.isdisjoint({"Cahier de cuisson", "Tourte"})
    # Only a page that may not be read links to this one.
    assert "Levain chef" in {page.title for page in found.pages}
    assert found.counts["orphans"] == len(found.pages)
    assert found.unsurveyed == 0
    nothing = gardening.queue("orphans", limit=50, readable=ReadableWhere(lambda page: False))
    assert (nothing.pages, set(nothing.counts.values())) == ((), {0})
    # What was made for them is not kept for who may read more.
    assert queue(gardening, "orphans") == everything


def test_dead_ends_are_content_pages_that_link_to_no_other_content_page(gardening: Gardening) -> None:
    assert set(titles(gardening, "dead_ends")) == {"Pain de campagne", "Banneton", "Épeautre"}


def test_practices_come_first_and_then_the_orphans_that_most_pages_name(
    gardening: Gardening, index: Index, store: Store, survey: LinkSurvey
) -> None:
    store.pages.put_many(
        [make_page(30 + n, f"Recette {n}", "Cuire sur la pierre à four. [[Tourte]]") for n in range(2)]
    )
    survey.update(seconds=60)
    index.update()
    assert titles(gardening, "orphans") == [
        *("Cahier de cuisson", "Pierre à four"),
        *("Épeautre", "Pain de campagne", "Recette 0", "Recette 1"),
    ]
    found = row(gardening, "orphans", STONE)
    assert (found.status, found.mentions) == (None, 2)
    assert [other.title for other in found.mentioned_on] == ["Recette 0", "Recette 1"]
    assert row(gardening, "orphans", REGISTER).status == "reference"


def test_a_retired_practice_is_not_put_first(store: Store, index: Index, survey: LinkSurvey) -> None:
    retired = replace(PAGES[REGISTER - 1], wikitext="{{Practice|statut=retirée}} Autrefois.", revid=9_000)
    store.pages.put_many([retired, make_page(40, "Vieux moule", "{{Practice|statut=émergente}} Un moule.")])
    index.update()
    found = queue(Gardening(store=store, index=index, survey=survey), "orphans").pages
    assert [(page.title, page.status) for page in found[:2]] == [
        ("Vieux moule", "emerging"),
        ("Cahier de cuisson", "retired"),
    ]


def test_dead_ends_begin_with_those_that_have_most_links_to_make(gardening: Gardening) -> None:
    assert titles(gardening, "dead_ends") == ["Pain de campagne", "Banneton", "Épeautre"]
    found = row(gardening, "dead_ends", BREAD)
    assert found.links == 2
    assert {link.title for link in found.leads_to} == {"Levain chef", "Banneton"}
    assert all(link.score >= 0.6 for link in found.leads_to)


def test_pages_with_good_links_to_make_have_at_least_two(gardening: Gardening) -> None:
    assert titles(gardening, "suggestions") == ["Pain de campagne"]
    assert queue(gardening, "suggestions").counts == {"orphans": 4, "dead_ends": 3, "suggestions": 1}


def test_a_list_is_given_in_parts(gardening: Gardening) -> None:
    whole = titles(gardening, "orphans")
    parts = [gardening.queue("orphans", limit=2, offset=offset).pages for offset in (0, 2, 4)]
    assert [[page.title for page in part] for part in parts] == [whole[:2], whole[2:4], []]


def test_what_is_purged_is_gone_at_once(gardening: Gardening, store: Store) -> None:
    assert {link.pageid for link in row(gardening, "dead_ends", BREAD).leads_to} == {YEAST, BASKET}
    store.pages.delete([YEAST, LONELY])
    assert "Épeautre" not in titles(gardening, "orphans")
    assert [link.pageid for link in row(gardening, "dead_ends", BREAD).leads_to] == [BASKET]
    assert row(gardening, "dead_ends", BREAD).links == 1
    assert titles(gardening, "suggestions") == []


def test_titles_are_those_of_now(gardening: Gardening, store: Store) -> None:
    assert "Épeautre" in titles(gardening, "orphans")
    store.pages.put_many([replace(PAGES[LONELY - 1], title="Grand épeautre", revid=9_000)])
    assert "Grand épeautre" in titles(gardening, "orphans")


def test_a_link_that_was_made_or_rejected_twice_is_no_link_to_make(
    gardening: Gardening, store: Store
) -> None:
    assert row(gardening, "dead_ends", BREAD).links == 2
    store.links.put_many([PageLinks(pageid=BREAD, links=("Grande tourte", "Levain chef"))])
    assert "Pain de campagne" not in titles(gardening, "dead_ends")
    store.links.put_many([PageLinks(pageid=BREAD)])
    revid = PAGES[BREAD - 1].revid
    store.link_feedback.offer(BREAD, revid, [(BASKET, "banneton")])
    store.link_feedback.judge(BREAD, revid, BASKET, "banneton", "rejected", "target")
    assert row(gardening, "dead_ends", BREAD).links == 2
    store.link_feedback.judge(BREAD, revid, BASKET, "banneton", "rejected", "other")
    assert [link.pageid for link in row(gardening, "dead_ends", BREAD).leads_to] == [YEAST]


def test_what_was_found_in_an_older_text_is_void_until_it_is_read_again(
    gardening: Gardening, store: Store, survey: LinkSurvey
) -> None:
    assert queue(gardening, "orphans").unsurveyed == 0
    store.pages.put_many([replace(PAGES[BREAD - 1], wikitext="Le levain chef seul.", revid=9_000)])
    found = queue(gardening, "dead_ends")
    assert (found.unsurveyed, row(gardening, "dead_ends", BREAD).links) == (1, 0)
    survey.update(seconds=60)
    assert [link.pageid for link in row(gardening, "dead_ends", BREAD).leads_to] == [YEAST]


def test_what_templates_bring_counts_and_so_does_a_page_that_is_included(
    gardening: Gardening, store: Store
) -> None:
    assert "Épeautre" in titles(gardening, "orphans")
    store.links.put_many(
        [PageLinks(pageid=PIE, templates=("Épeautre",)), PageLinks(pageid=LONELY, links=("Tourte",))]
    )
    assert "Épeautre" not in titles(gardening, "orphans")
    assert "Épeautre" not in titles(gardening, "dead_ends")
    assert "Levain chef" in titles(gardening, "orphans"), "the wiki's own list is believed, not the text"


def test_without_a_survey_the_lists_are_there_all_the_same(
    store: Store, index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    links = LinkSuggester(store=store, settings=LinkSettings())
    unmade = LinkSurvey(store=store, links=links, file=tmp_path / "none.json")
    gardening = Gardening(store=store, index=index, survey=unmade)
    read = Mock(wraps=store.pages.get_many)
    monkeypatch.setattr(store.pages, "get_many", read)
    monkeypatch.setattr("search.gardening._PAGES_AT_ONCE", 3)
    found = queue(gardening, "orphans")
    assert found.counts == {"orphans": 4, "dead_ends": 3, "suggestions": 0}
    assert found.unsurveyed == 10
    assert max(len(call.args[0]) for call in read.call_args_list) == 3, "their texts are not all held at once"


def test_without_a_mirror_there_is_nothing_to_list(index: Index, tmp_path: Path) -> None:
    with Store.open(tmp_path / "empty.db") as empty:
        links = LinkSuggester(store=empty, settings=LinkSettings())
        survey = LinkSurvey(store=empty, links=links, file=tmp_path / "none.json")
        with pytest.raises(IndexNotBuiltError, match="sync"):
            queue(Gardening(store=empty, index=index, survey=survey), "orphans")
