"""The proof: what is off is found and named, and nothing is mended by looking."""

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connector.errors import ConfigError, SyncStoppedError, WikiUnavailableError
from connector.model import PageHead
from connector.store import Store
from connector.sync import SyncSettings, Verification, verify
from connector.wiki import Wiki
from tests.fakes import FRENCH_SITE, FakeWiki
from tests.mediawiki import LocalWiki
from tests.mirrors import OFFLINE, community_of, contents, live, run
from tests.store_on_postgresql import execute_behind, stands_for_database


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "mirror.sqlite3") as store:
        yield store


@pytest.fixture
def fake() -> FakeWiki:
    return community_of()


def prove(wiki: Wiki, store: Store, *, texts: int | None = None) -> Verification:
    return verify(wiki, store, settings=SyncSettings(), texts=texts)


def test_a_real_wiki_and_its_mirror_are_equal(wiki: LocalWiki, store: Store) -> None:
    run(live(wiki), store)
    found = prove(live(wiki), store)
    assert found.in_step
    assert (found.pages, found.texts) == (store.pages.count(), store.pages.count())
    assert found.oldest_proof == found.checked_at
    assert found.last_sync == found.last_sweep
    page = next(page for page in store.pages.iterate() if page.wikitext)
    store.pages.put_many([replace(page, wikitext=page.wikitext + "!")])
    assert prove(live(wiki), store).stale == (page.pageid,)


def test_a_text_that_was_changed_behind_our_back_is_found(
    wiki: LocalWiki, store: Store, tmp_path: Path
) -> None:
    run(live(wiki), store)
    pageid = min(head.pageid for head in store.pages.heads())
    change = f"UPDATE page SET wikitext = wikitext || '.' WHERE pageid = {pageid}"  # noqa: S608 - a number
    if stands_for_database(tmp_path / "mirror.sqlite3"):
        execute_behind(tmp_path / "mirror.sqlite3", change)
    else:
        with sqlite3.connect(tmp_path / "mirror.sqlite3") as other:
            other.execute(change)
    assert prove(live(wiki), store).stale == (pageid,)
    assert run(live(wiki), store, sweep=True).mended == 1
    assert prove(live(wiki), store).in_step


def test_a_text_that_differs_from_its_own_checksum_is_compared_itself(
    fresh_wiki: LocalWiki, store: Store
) -> None:
    """The checksum is of what the wiki stored, and the API gives it in NFC."""
    dump = fresh_wiki.run_maintenance("dumpBackup.php", "--current", "--quiet")
    marked = re.sub(r"(<text [^>]*>)", "\\1Cafe\u0301 ", dump.replace("<id>1</id>", "<id>901</id>"), count=1)
    path = fresh_wiki.folder / "nfd.xml"
    path.write_text(re.sub(r"<sha1>.*?</sha1>", "", marked.replace("Accueil", "Cafétéria")), encoding="utf-8")
    fresh_wiki.import_dump(path)
    run(live(fresh_wiki), store)
    page = store.pages.require("Cafétéria")
    assert page.wikitext.startswith("Caf\u00e9 ")
    told = live(fresh_wiki).text_hashes([page.pageid])[page.pageid].sha1
    assert told != store.pages.hashes([page.pageid])[page.pageid].sha1
    assert prove(live(fresh_wiki), store).in_step
    assert run(live(fresh_wiki), store, sweep=True).mended == 0


def test_what_is_off_is_named_by_pageid(fake: FakeWiki, store: Store) -> None:
    run(fake, store)
    ids = {head.title: head.pageid for head in store.pages.heads()}
    before = contents(store)
    fake.delete("Fiche 1")
    fake.edit("Fiche 2", "Changée")
    fake.move("Fiche 3", "Abaque", redirect=False)
    new = fake.edit("Fiche nouvelle", "Texte")
    hidden = fake.edit("Fiche secrète", "Secret")
    fake.hide("Fiche secrète", hidden.revid)
    fake.move("Fiche 4", "Modèle:Fiche 4", redirect=False)
    found = prove(fake, store)
    assert not found.in_step
    assert found.ghosts == (ids["Fiche 1"], ids["Fiche 4"])
    assert found.missing == (new.pageid,)
    assert found.stale == (ids["Fiche 2"], ids["Fiche 3"])
    assert found.left_out == (hidden.pageid,)
    assert found.pages == 122
    assert contents(store) == before
    kept = store.sync_state.get().last_verification
    assert kept is not None
    assert (kept["ghosts"], kept["missing"], kept["stale"], kept["left_out"]) == (2, 1, 2, 1)
    run(fake, store)
    mended = prove(fake, store)
    assert mended.in_step
    assert mended.left_out == (hidden.pageid,)
    assert {erasure.pageid for erasure in mended.erasures} == {ids["Fiche 1"], ids["Fiche 4"]}


def test_a_page_that_the_list_missed_is_no_ghost(fake: FakeWiki, store: Store) -> None:
    run(fake, store)
    really = fake.heads

    def blind(**options: tuple[int, ...]) -> Iterator[PageHead]:
        return (head for head in really(namespaces=options["namespaces"]) if head.title != "Fiche 7")

    fake.heads = blind  # type: ignore[assignment, method-assign]
    assert prove(fake, store).in_step


def test_each_text_has_its_turn(fake: FakeWiki, store: Store) -> None:
    run(fake, store)
    began = fake.now()
    for _ in range(6):
        fake.clock += timedelta(hours=1)
        assert prove(fake, store, texts=40).texts == 40
    oldest = store.pages.oldest_proof()
    assert oldest is not None
    assert oldest > began


def test_a_mirror_that_was_never_made_misses_everything(fake: FakeWiki, store: Store) -> None:
    found = prove(fake, store)
    assert len(found.missing) == 120
    assert (found.oldest_proof, found.last_sync, found.last_sweep) == (None, None, None)


def test_another_wiki_is_not_compared(fake: FakeWiki, store: Store) -> None:
    run(fake, store)
    with pytest.raises(ConfigError, match="data folder of its own"):
        prove(FakeWiki(site=replace(FRENCH_SITE, server_url="https://autre.example")), store)


@pytest.mark.parametrize("method", ["site", "heads", "existing", "text_hashes"])
def test_a_wiki_that_fails_proves_nothing(fake: FakeWiki, store: Store, method: str) -> None:
    run(fake, store)
    before = contents(store), store.pages.oldest_proof()
    fake.delete("Fiche 7")
    fake.fail(method, error=OFFLINE)
    with pytest.raises(WikiUnavailableError):
        prove(fake, store)
    assert (contents(store), store.pages.oldest_proof()) == before
    assert store.sync_state.get().last_verification is None


def test_it_stops_when_told(fake: FakeWiki, store: Store) -> None:
    run(fake, store)
    with pytest.raises(SyncStoppedError):
        verify(fake, store, settings=SyncSettings(), stop=lambda: True)


def test_a_page_that_may_not_be_read_any_more_is_a_ghost(fresh_wiki: LocalWiki, store: Store) -> None:
    wanted = [fresh_wiki.edit(f"Fiche {number}", "Texte").pageid for number in range(9)]
    run(live(fresh_wiki), store)
    fresh_wiki.configure(
        "$wgHooks['getUserPermissionsErrors'][] = function ( $title, $user, $action, &$result ) {\n"
        "\tif ( $action === 'read' && $title->getText() === 'Fiche 7' ) { $result = [ 'badaccess-group0' ];"
        " return false; }\n};"
    )
    assert prove(live(fresh_wiki), store).ghosts == (wanted[7],)
    assert run(live(fresh_wiki), store, sweep=True).purged == 1
    found = prove(live(fresh_wiki), store)
    assert (found.in_step, found.left_out) == (True, (wanted[7],))
