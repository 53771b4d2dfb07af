"""Two processes with a folder each, one database, one index: both answer, one works, one takes over."""

import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from connector.errors import IndexBusyError
from connector.store import Store
from search.shared_index_lock import SharedIndexLock
from tests.chroma_server import chroma_server
from tests.embedding_server import run_embedding_server
from tests.mediawiki import LocalWiki
from tests.postgresql import LocalPostgresql
from tests.server_process import Server, until
from webui.bootstrap import build_services
from webui.config import load_config


@pytest.fixture
def url(postgresql: LocalPostgresql) -> str:
    return postgresql.new_database(locale="C.UTF-8")


@pytest.fixture
def folders(fresh_wiki: LocalWiki, url: str, tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """Two data folders with the same settings, of a wiki that is mirrored and indexed."""
    fresh_wiki.edit("Compost", "Le compost se retourne au printemps.", user="Camille Roux")
    with ExitStack() as stack:
        chroma = stack.enter_context(chroma_server(tmp_path / "chroma"))
        model = stack.enter_context(run_embedding_server())
        both = (tmp_path / "one", tmp_path / "two")
        for folder in both:
            folder.mkdir()
            load_config(folder).keep(
                {
                    "wiki.api_url": fresh_wiki.api_url,
                    "wiki.sync_every": 5,
                    "store.database": url,
                    "search.chroma_url": chroma,
                    "search.embedding_url": model.url,
                    "search.model": "small",
                    "web.sign_in": "off",
                }
            )
        yield both


def test_both_answer_one_works_and_the_other_takes_over(
    folders: tuple[Path, Path], fresh_wiki: LocalWiki, url: str
) -> None:
    services = build_services(load_config(folders[0]))
    services.sync(services.wiki())
    services.update_index()
    services.close()
    with ExitStack() as stack:
        first = start(stack, folders[0])
        until(lambda: workers(url) == 1)
        second = start(stack, folders[1])
        fresh_wiki.edit("Ruche", "Poser la ruche face au sud-est, à l'abri du vent.", user="Camille Roux")
        for server in (first, second):
            until(lambda each=server: "Ruche" in each.titles("où poser une ruche ?"))  # type: ignore[misc]
        assert workers(url) == 1
        fresh_wiki.delete("Ruche")
        until(lambda: "Ruche" not in first.titles("où poser une ruche ?"))
        assert "Ruche" not in second.titles("où poser une ruche ?"), "both ask the same manifest"

        first.process.kill()
        fresh_wiki.edit("Serre", "Aérer la serre dès que le soleil chauffe.", user="Camille Roux")
        until(lambda: "Serre" in second.titles("quand aérer la serre ?"))
        assert workers(url) == 1
        again = start(stack, folders[0])
        assert "Serre" in again.titles("quand aérer la serre ?")
        assert again.get("/api/v1/health")["in_step"] is True
    with Store.open(url) as store:
        assert store.integrity_check() == []


def test_notes_that_one_process_is_given_are_read_by_the_one_whose_turn_it_is(
    folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from capture.notes import read_notes

    monkeypatch.setattr("capture.job_turn._LOOK_SECONDS", 0.2)
    one, two = (build_services(load_config(folder)) for folder in folders)
    try:
        assert one.jobs.start()
        assert not two.jobs.start()
        notes = read_notes(b"# Atelier\n\n- Camille : retourner le compost au printemps\n", filename="a.md")
        job = two.jobs.submit(notes, actor="Camille")
        until(lambda: two.jobs.get(job.id).state == "done")
        assert one.jobs.end()
        later = read_notes("# Réunion\n\n- Zoé : aérer la serre\n".encode(), filename="b.md")
        taken_over = one.jobs.submit(later, actor="Zoé")
        until(lambda: one.jobs.get(taken_over.id).state == "done")
    finally:
        for services in (one, two):
            services.jobs.end()
            services.close()


def test_who_updates_a_shared_index_is_alone_and_who_reads_waits_for_nobody(url: str, tmp_path: Path) -> None:
    with Store.open(url) as one, Store.open(url) as two:
        assert one.locks is not None
        assert two.locks is not None
        mine, other = (
            SharedIndexLock(tmp_path / "one", one.locks),
            SharedIndexLock(tmp_path / "two", two.locks),
        )
        with (
            mine.serve(wait_seconds=0, url="http://127.0.0.1:9"),
            other.serve(wait_seconds=0, url="http://x"),
        ):
            owner = SharedIndexLock(tmp_path / "one", one.locks).owner()
            assert owner is not None
            assert owner.url == "http://127.0.0.1:9"
            with mine.acquire(exclusive=True, wait_seconds=0), mine.acquire(exclusive=True, wait_seconds=0):
                assert mine.exclusive
                with other.acquire(exclusive=False, wait_seconds=0):
                    assert not other.exclusive
                with (
                    pytest.raises(IndexBusyError, match="another process updates the index"),
                    other.acquire(exclusive=True, wait_seconds=0.2),
                ):
                    pass
            with other.acquire(exclusive=True, wait_seconds=0):
                assert not mine.exclusive


def start(stack: ExitStack, folder: Path) -> Server:
    server = Server(folder)
    stack.callback(lambda: server.process.poll() is not None or server.end(signal.SIGTERM))
    return server


def workers(url: str) -> int:
    """How many processes sync by themselves now."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4 AND granted "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        ).fetchone()
    assert row is not None
    return int(row[0])
