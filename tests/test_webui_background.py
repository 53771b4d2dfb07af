"""The sync in the background of a server: what it brings, what it says when it fails, and how it ends."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connector.errors import SearchError, WikiLoginError, WikiUnavailableError
from connector.sync import SyncLock, sync
from tests.fakes import FakeWiki
from tests.kept_in_step import counted, fake_services, titles_found
from tests.server_process import until
from webui.app import create_app
from webui.background import BackgroundSync
from webui.bootstrap import Services
from webui.rounds import Rounds

AWAY = WikiUnavailableError("http://savoirs.example does not give the text of “Secret page”")


@pytest.fixture
def wiki() -> FakeWiki:
    return FakeWiki()


@pytest.fixture
def services(tmp_path: Path, wiki: FakeWiki, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    with fake_services(tmp_path / "data", wiki, monkeypatch) as services:
        yield services


@pytest.fixture
def background(services: Services) -> Iterator[BackgroundSync]:
    background = BackgroundSync(services, every_seconds=0.02)
    services.background = background
    yield background
    background.end()
    assert not background.alive


def health(services: Services) -> dict[str, object]:
    answer = create_app(services).test_client().get("/api/v1/health")
    assert answer.status_code == 200
    shape: dict[str, object] = answer.get_json()["background"]
    return shape


def test_what_the_wiki_changes_is_found_and_what_it_deletes_is_not(
    services: Services, wiki: FakeWiki, background: BackgroundSync
) -> None:
    services.sync(wiki)
    with services.index_lock.acquire(exclusive=True, wait_seconds=0):
        services.update_index()
        background.start()
        wiki.edit("Arrosage", "Arroser le soir.")
        until(lambda: titles_found(services, "arroser") == ["Arrosage"])
        wiki.delete("Arrosage")
        until(lambda: titles_found(services, "arroser") == [])
        assert health(services) == {"every_seconds": 0.02, "alive": True, "last_error": None}
        background.end()


def test_an_error_is_logged_once_shown_without_names_and_gone_after_a_success(
    services: Services,
    wiki: FakeWiki,
    background: BackgroundSync,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    rounds = counted(services, monkeypatch, "sync")
    wiki.fail("site", error=AWAY)
    background.start()
    until(lambda: len(rounds) > 3)
    lines = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert lines == [f"sync in the background: {AWAY}"]
    shown = health(services)["last_error"]
    assert isinstance(shown, dict)
    assert shown["type"] == "WikiUnavailableError"
    page = create_app(services).test_client().get("/health", headers={"Accept-Language": "fr"}).text
    assert "Le wiki n’a pas pu être lu" in page
    assert "Le wiki ne répond pas" in page
    assert "Secret page" not in page + str(shown)
    wiki.repair()
    until(lambda: background.last_error is None)
    assert health(services)["last_error"] is None
    assert services.store.pages.count() == 3


def test_an_index_that_fails_is_an_error_and_heals(
    services: Services, wiki: FakeWiki, background: BackgroundSync, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.sync(wiki)
    services.update_index()
    wiki.edit("Arrosage", "Arroser le soir.")

    def fail(**_: object) -> None:
        raise SearchError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(services, "update_index", fail)
        background.start()
        until(lambda: background.last_error is not None)
    until(lambda: titles_found(services, "arroser") == ["Arrosage"])
    until(lambda: background.last_error is None)


def test_an_account_that_is_refused_is_not_tried_every_few_seconds(
    services: Services, wiki: FakeWiki, background: BackgroundSync, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds = counted(services, monkeypatch, "sync")
    wiki.fail("site", error=WikiLoginError("refused", user="Nadia@compagnon"))
    background.start()
    until(lambda: background.last_error is not None)
    time.sleep(0.3)
    assert len(rounds) == 1
    background.end()  # which does not wait either


def test_a_sync_by_hand_is_no_error(
    services: Services, background: BackgroundSync, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webui.sharing._SYNC_WAIT_SECONDS", 0.01)
    rounds = counted(services, monkeypatch, "sync")
    services.config.make_folder()
    with SyncLock(services.config.folder).hold():
        background.start()
        until(lambda: len(rounds) > 2)
        assert background.last_error is None
    until(lambda: services.store.pages.count() == 3)


def test_what_a_sync_by_hand_brought_is_searched(services: Services, wiki: FakeWiki) -> None:
    """A round finds nothing changed then: the index must not wait for the next change."""
    services.sync(wiki)
    services.update_index()
    rounds = Rounds(
        services,
        stop=threading.Event(),
        update_index=lambda progress: services.update_index(progress=progress).pages_indexed,
    )
    rounds.run()
    assert rounds.run().pages_indexed is None
    wiki.edit("Arrosage", "Arroser le soir.")
    services.sync(wiki)
    report = rounds.run()
    assert (report.sync.changed, report.pages_indexed) == (False, 1)
    assert titles_found(services, "arroser") == ["Arrosage"]


def test_pages_that_an_update_had_no_time_to_search_for_links_wait_for_the_next_round(
    services: Services, wiki: FakeWiki, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.sync(wiki)
    monkeypatch.setattr("webui.link_parts._SURVEY_SECONDS", 0.0)  # time for one page
    services.update_index()
    assert services.pages_to_survey == services.store.pages.count() - 1
    rounds = Rounds(
        services,
        stop=threading.Event(),
        update_index=lambda progress: services.update_index(progress=progress).pages_indexed,
    )
    while services.pages_to_survey:
        before = services.pages_to_survey
        assert rounds.run().pages_indexed == 0, "nothing has changed in the wiki"
        assert services.pages_to_survey == before - 1
    assert len(services.link_survey.read()) == services.store.pages.count()
    assert rounds.run().pages_indexed is None


def test_publishing_and_the_background_take_turns(
    services: Services, wiki: FakeWiki, background: BackgroundSync, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never two syncs at a time, nor two updates of the index."""
    services.sync(wiki)
    services.update_index()
    inside: dict[str, int] = {"sync": 0, "index": 0}
    most: dict[str, int] = {"sync": 0, "index": 0}
    guard = threading.Lock()

    def watched(kind: str, work: Callable[..., object]) -> Callable[..., object]:
        def run(*arguments: object, **options: object) -> object:
            with guard:
                inside[kind] += 1
                most[kind] = max(most[kind], inside[kind])
            time.sleep(0.02)
            try:
                return work(*arguments, **options)
            finally:
                with guard:
                    inside[kind] -= 1

        return run

    monkeypatch.setattr("connector.sync.sync", watched("sync", sync))
    # What runs inside of the lock: callers may well wait for it together.
    monkeypatch.setattr(services.index, "_update", watched("index", services.index._update))
    with services.index_lock.acquire(exclusive=True, wait_seconds=0):
        background.start()
        for number in range(8):
            wiki.edit(f"Fiche {number}", "Une fiche de plus.")
            services.refresh()
        background.end()
    assert most == {"sync": 1, "index": 1}
    assert len(titles_found(services, "fiche")) == 8


def test_a_thread_that_a_mistake_ended_is_told(
    services: Services, background: BackgroundSync, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = threading.Event()
    monkeypatch.setattr(threading, "excepthook", lambda _: ended.set())

    def broken(*_: object, **__: object) -> None:
        raise KeyError("a mistake of ours")

    monkeypatch.setattr(services, "sync", broken)
    background.start()
    assert ended.wait(60)
    until(lambda: not background.alive)
    assert health(services)["alive"] is False
    page = create_app(services).test_client().get("/health", headers={"Accept-Language": "en"}).text
    assert "restart “compagnon serve”" in page


def test_each_sync_forgets_old_searches_and_addresses_that_nobody_confirmed(
    services: Services, wiki: FakeWiki
) -> None:
    now, old, store = datetime.now(UTC), datetime.now(UTC) - timedelta(days=200), services.store
    for text, moment in (("compost", now), ("meule", old)):
        store.unanswered_searches.count(text, language="fr", now=moment)
        account = store.accounts.put(wiki_user_id=len(text), name=text, groups=[], told_at=now)
        address = f"{text}@example.org"
        store.subscriptions.ask(
            account.id, address=address, language="fr", confirm=text, stop=f"no {text}", now=moment
        )
    services.sync(wiki)
    assert store.unanswered_searches.forget(now=now) == 0, "nothing old is left"
    store.unanswered_searches.count("compost", language="fr", now=now)
    assert [each.text for each in store.unanswered_searches.often(now=now, limit=9)] == ["compost"]
    kept_for = [store.subscriptions.get(each.id) is not None for each in store.accounts.list()]
    assert kept_for == [True, False]
