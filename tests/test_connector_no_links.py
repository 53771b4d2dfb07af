"""The wiki's lists of words that are never linked are here after a sync, mirrored namespace or not."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from connector.dump import DumpWiki
from connector.errors import WikiUnavailableError
from connector.no_links import copy_no_links, no_links_titles
from connector.store import Store
from tests.builders import FRENCH_WIKI
from tests.fakes import FRENCH_SITE, FakeWiki
from tests.mediawiki import LocalWiki
from tests.mirrors import live, run

pytestmark = pytest.mark.usefixtures("each_database")

OURS, EVERYBODYS = "MediaWiki:Compagnon-no-links", "Savoirs communs:Compagnon-no-links"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "mirror.sqlite3") as store:
        yield store


@pytest.fixture
def fake() -> FakeWiki:
    fake = FakeWiki()
    fake.edit("Rabot", "Un rabot.")
    return fake


def lists(store: Store) -> dict[str, str]:
    return {each.title: each.wikitext for each in store.no_links.get()}


def test_the_lists_bear_the_names_of_the_wikis_namespaces() -> None:
    assert list(no_links_titles(FRENCH_SITE).items()) == [(OURS, 8), (EVERYBODYS, 4)]
    assert OURS in no_links_titles(FRENCH_WIKI), "also where the wiki does not name that namespace"


def test_a_list_is_followed_from_its_first_to_its_last_day(fake: FakeWiki, store: Store) -> None:
    run(fake, store)
    assert lists(store) == {}
    fake.edit(OURS, "* rabot")
    run(fake, store)
    assert lists(store) == {OURS: "* rabot"}
    assert store.pages.by_title(OURS) is None, "no page of the mirror"
    fake.edit(OURS, "* varlope")
    run(fake, store)
    assert lists(store) == {OURS: "* varlope"}
    fake.calls.clear()
    run(fake, store)
    assert (fake.calls["titled"], fake.calls.get("pages", 0)) == (1, 0), "what is unchanged is not read again"
    fake.move(OURS, "MediaWiki:Ailleurs", redirect=False)
    run(fake, store)
    assert lists(store) == {}


def test_a_list_stays_when_its_namespace_gets_another_name(fake: FakeWiki, store: Store) -> None:
    fake.edit(EVERYBODYS, "* rabot")
    run(fake, store, namespaces=(0,))
    project = replace(FRENCH_SITE.namespaces[4], name="Communs")
    renamed = replace(FRENCH_SITE, namespaces={**FRENCH_SITE.namespaces, 4: project})
    wiki = FakeWiki(site=renamed)
    wiki.edit("Rabot", "Un rabot.")
    wiki.edit("Communs:Compagnon-no-links", "* rabot")
    copy_no_links(wiki, store, site=renamed, mirrored=[0])
    assert lists(store) == {"Communs:Compagnon-no-links": "* rabot"}


@pytest.mark.sqlite("the bytes of the file")
@pytest.mark.parametrize("how", ["deleted", "hidden"])
def test_a_list_that_is_gone_leaves_no_trace(fake: FakeWiki, store: Store, tmp_path: Path, how: str) -> None:
    fake.edit(OURS, "* motsecret")
    run(fake, store)
    assert any(b"motsecret" in path.read_bytes() for path in tmp_path.iterdir())
    if how == "deleted":
        fake.delete(OURS)
    else:
        fake.lock(OURS)
    run(fake, store)
    assert lists(store) == {}
    assert not any(b"motsecret" in path.read_bytes() for path in tmp_path.iterdir())


def test_a_mirrored_list_is_a_page_and_costs_no_request(fake: FakeWiki, store: Store) -> None:
    fake.edit(OURS, "* rabot")
    fake.edit(EVERYBODYS, "* ciseau")
    run(fake, store, namespaces=(0,))
    assert lists(store) == {OURS: "* rabot", EVERYBODYS: "* ciseau"}
    run(fake, store, namespaces=(0, 4))
    assert lists(store) == {OURS: "* rabot"}
    fake.calls.clear()
    run(fake, store, namespaces=(0, 4, 8))
    assert lists(store) == {}
    assert {OURS, EVERYBODYS} < set(store.pages.titles())
    assert "titled" not in fake.calls


def test_a_wiki_that_fails_takes_no_list_away(fake: FakeWiki, store: Store) -> None:
    fake.edit(OURS, "* rabot")
    run(fake, store)
    fake.delete(OURS)
    fake.fail("titled", error=WikiUnavailableError("away"))
    with pytest.raises(WikiUnavailableError):
        run(fake, store)
    assert lists(store) == {OURS: "* rabot"}


def test_a_live_wiki_and_its_export_give_the_same_list(
    fresh_wiki: LocalWiki, store: Store, tmp_path: Path
) -> None:
    fresh_wiki.edit("Rabot", "Un rabot.")
    fresh_wiki.edit(OURS, "* été\n* l’an 2000")
    run(live(fresh_wiki), store)
    assert lists(store) == {OURS: "* été\n* l’an 2000"}
    path = tmp_path / "export.xml"
    path.write_text(fresh_wiki.run_maintenance("dumpBackup.php", "--full", "--quiet"), encoding="utf-8")
    with Store.open(tmp_path / "seeded.sqlite3") as seeded:
        run(DumpWiki(path), seeded)
        assert seeded.no_links.get() == store.no_links.get()
