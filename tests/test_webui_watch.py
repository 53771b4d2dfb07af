"""`compagnon sync --watch`: rounds until it is told to stop, and what ends it otherwise."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from connector.errors import (
    CompagnonError,
    ConfigError,
    StoreError,
    SuspiciousShrinkError,
    WikiLoginError,
    WikiUnavailableError,
)
from connector.sync import SyncLock
from tests.command_line import SAMPLE, CommandLine, compagnon
from tests.conftest import MakeWiki
from tests.fakes import FakeWiki
from tests.kept_in_step import counted, fake_services, titles_found
from tests.mediawiki import LocalWiki
from webui.bootstrap import Services, build_services
from webui.config import load_config
from webui.rounds import RoundReport
from webui.watch import watch_wiki

__all__ = ["compagnon"]  # a fixture


@pytest.fixture
def wiki() -> FakeWiki:
    return FakeWiki()


@pytest.fixture
def services(tmp_path: Path, wiki: FakeWiki, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    with fake_services(tmp_path / "data", wiki, monkeypatch) as services:
        yield services


def end() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def watch(services: Services, *steps: Callable[[], object], sweep: bool = False) -> list[RoundReport]:
    """Watch; after each told round the next step is done, and after the last step it is told to stop."""
    told: list[RoundReport] = []
    waiting = [*steps, end]

    def tell(report: RoundReport) -> None:
        told.append(report)
        waiting.pop(0)()

    watch_wiki(services, every_seconds=0.01, sweep_first=sweep, allow_shrink=False, tell=tell)
    assert not waiting
    return told


def test_only_rounds_that_change_something_are_told_and_the_signal_ends_it(
    services: Services, wiki: FakeWiki, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    rounds = counted(services, monkeypatch, "sync")

    def edit_later() -> None:
        """Let some rounds with nothing new go by first."""

        def when_idle() -> None:
            count = len(rounds)
            while len(rounds) < count + 3:
                time.sleep(0.01)
            wiki.edit("Arrosage", "Arroser le soir.")

        threading.Thread(target=when_idle).start()

    told = watch(services, edit_later)
    assert [(report.sync.added, report.sync.updated) for report in told] == [(3, 0), (1, 0)]
    assert len(rounds) >= 4
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before


def test_the_index_follows_when_there_is_one(services: Services, wiki: FakeWiki) -> None:
    assert watch(services)[0].pages_indexed is None
    assert not services.config.index_folder.joinpath("keyword.sqlite3").exists()
    services.update_index()
    wiki.edit("Arrosage", "Arroser le soir.")
    told = watch(services, lambda: wiki.delete("Compost"))
    assert [report.pages_indexed for report in told] == [1, 0]
    assert titles_found(services, "arroser") == ["Arrosage"]
    assert titles_found(services, "compost") == []


def test_what_was_synced_before_is_indexed_in_the_first_round(services: Services, wiki: FakeWiki) -> None:
    services.sync(wiki)
    services.update_index()
    wiki.edit("Arrosage", "Arroser le soir.")
    services.sync(wiki)
    wiki.edit("Semis", "Semer en mars.")
    assert watch(services)[0].pages_indexed == 2


def test_a_wiki_that_is_away_is_one_line_and_asked_again(
    services: Services, wiki: FakeWiki, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rounds = counted(services, monkeypatch, "sync")

    def away() -> None:
        wiki.edit("Arrosage", "Arroser le soir.")
        wiki.fail("site", error=WikiUnavailableError("http://savoirs.example answers 503: try again later"))
        threading.Thread(target=back_later).start()

    def back_later() -> None:
        count = len(rounds)
        while len(rounds) < count + 4:
            time.sleep(0.01)
        wiki.repair()

    told = watch(services, away)
    assert told[1].sync.added == 1
    assert capsys.readouterr().err.splitlines() == [
        "compagnon: http://savoirs.example answers 503: try again later"
    ]


@pytest.mark.parametrize("error", [StoreError("the disk is full"), WikiUnavailableError("is away")])
def test_an_index_that_could_not_be_updated_is_updated_later(
    services: Services, wiki: FakeWiki, monkeypatch: pytest.MonkeyPatch, error: CompagnonError
) -> None:
    services.sync(wiki)
    services.update_index()
    really = services.update_index
    failures = [error]

    def update_index(**options: object) -> object:
        if failures:
            raise failures.pop()
        return really()

    monkeypatch.setattr(services, "update_index", update_index)
    wiki.edit("Arrosage", "Arroser le soir.")
    rounds = counted(services, monkeypatch, "sync")

    def when_twice() -> None:
        while len(rounds) < 3:
            time.sleep(0.01)
        end()

    thread = threading.Thread(target=when_twice)
    thread.start()
    # The round that failed is not told, and the next one has nothing new: it heals all the same.
    watch_wiki(services, every_seconds=0.01, sweep_first=False, allow_shrink=False, tell=lambda _: None)
    thread.join()
    assert titles_found(services, "arroser") == ["Arrosage"]


@pytest.mark.parametrize(
    "error",
    [
        SuspiciousShrinkError("3 of 3 pages seem to have gone", missing=3, known=3),
        ConfigError("the mirror is of another wiki"),
        WikiLoginError("the wiki refuses the account"),
    ],
)
def test_what_needs_a_person_ends_it(services: Services, wiki: FakeWiki, error: CompagnonError) -> None:
    before = signal.getsignal(signal.SIGTERM)
    wiki.fail("site", error=error)
    with pytest.raises(type(error)):
        watch(services)
    assert signal.getsignal(signal.SIGTERM) == before


@pytest.mark.sqlite("the lock of its folder; PostgreSQL’s own is in test_webui_sharing.py")
def test_a_busy_mirror_is_a_round_left_out(
    services: Services, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("webui.sharing._SYNC_WAIT_SECONDS", 0.05)
    rounds = counted(services, monkeypatch, "sync")
    services.config.make_folder()
    lock = SyncLock(services.config.folder).hold()
    lock.__enter__()

    def let_go() -> None:
        while len(rounds) < 2:
            time.sleep(0.01)
        lock.__exit__(None, None, None)

    thread = threading.Thread(target=let_go)
    thread.start()
    assert watch(services)[0].sync.added == 3
    thread.join()
    assert "another sync" in capsys.readouterr().err


def test_a_sweep_that_is_asked_for_is_made_once(
    services: Services, wiki: FakeWiki, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.sync(wiki)
    wiki.edit("Arrosage", "Arroser le soir.")
    calls = counted(services, monkeypatch, "sync")
    told = watch(services, lambda: wiki.edit("Semis", "Semer en mars."), sweep=True)
    assert [report.sync.swept for report in told] == [True, False]
    assert [call["sweep"] for call in calls][:2] == [True, None]


def test_it_ends_at_once_while_it_waits_for_a_wiki_that_is_away(
    make_wiki: MakeWiki, data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    local: LocalWiki = make_wiki()
    (data_dir / "compagnon.toml").write_text(
        f'[web]\nsign_in = "off"\n[wiki]\napi_url = "{local.api_url}"\n', encoding="utf-8"
    )
    services = build_services(load_config(data_dir))

    def away(_report: RoundReport) -> None:
        local.stop()
        # By then it waits before another try; two minutes of that would end with a line of error.
        threading.Timer(1.5, end).start()

    watch_wiki(services, every_seconds=0.01, sweep_first=False, allow_shrink=False, tell=away)
    services.close()
    assert "compagnon:" not in capsys.readouterr().err


def test_the_wish_to_end_breaks_off_the_update_of_the_index(
    services: Services, wiki: FakeWiki, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.sync(wiki)
    services.update_index()
    wiki.edit("Arrosage", "Arroser le soir.")
    embed = services.embedder.embed_passages
    embedded: list[str] = []

    def embed_passages(texts: list[str], **options: object) -> object:
        embedded.extend(texts)
        end()
        return embed(texts)

    monkeypatch.setattr(services.embedder, "embed_passages", embed_passages)
    told: list[RoundReport] = []
    watch_wiki(services, every_seconds=60, sweep_first=False, allow_shrink=False, tell=told.append)
    assert embedded
    assert told == []
    monkeypatch.undo()
    assert services.update_index().pages_indexed == 1


@pytest.mark.parametrize("arguments", [["--watch", "4"], ["--watch", "soon"], ["--watch", "30", "--dump"]])
def test_wrong_usage_of_watch_is_exit_code_2(compagnon: CommandLine, arguments: list[str]) -> None:
    dump = [str(SAMPLE / "community.xml")] if "--dump" in arguments else []
    assert compagnon("sync", *arguments, *dump).code == 2
    assert not compagnon.data.exists()
