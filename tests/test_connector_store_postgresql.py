"""The store in PostgreSQL: what is its own. What both databases promise, the other files test twice."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from connector.errors import StoreError
from connector.store import Store, SyncState
from connector.store.engine import make_engine, writing
from connector.store.schema import metadata
from tests.builders import FRENCH_WIKI, make_history, make_page
from tests.postgresql import LocalPostgresql, PostgresqlMissingError, start_postgresql
from tests.real_parts import give_up


@pytest.fixture(scope="module")
def own() -> Iterator[LocalPostgresql]:
    """A server that may be stopped and searched: nobody else's."""
    try:
        with start_postgresql() as server:
            yield server
    except PostgresqlMissingError as error:
        give_up("PostgreSQL", error)


@pytest.fixture
def url(own: LocalPostgresql) -> str:
    return own.new_database(locale="C.UTF-8")


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with Store.open(url) as opened:
        yield opened


def test_the_migrations_lead_to_the_schema_of_the_code(url: str, store: Store) -> None:
    engine = make_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, metadata) == []
        kinds = connection.exec_driver_sql(
            "SELECT DISTINCT data_type, collation_name FROM information_schema.columns "
            "WHERE table_schema = 'public' AND table_name <> 'alembic_version' "
            "AND data_type IN ('text', 'character varying')"
        ).all()
        assert [tuple(kind) for kind in kinds] == [("text", "C")]
    engine.dispose()


def test_four_processes_that_open_a_new_database_at_once(url: str) -> None:
    script = "import sys; from connector.store import Store\nStore.open(sys.argv[1]).close()"
    opening = [subprocess.Popen([sys.executable, "-c", script, url]) for _ in range(4)]
    assert [process.wait(timeout=120) for process in opening] == [0] * 4


def test_an_opening_that_is_stopped_half_way_can_be_done_again(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("alembic.op.create_index", stopped)
        with pytest.raises(KeyboardInterrupt):
            Store.open(url)
    with Store.open(url) as store:
        assert list(store.pages.iterate()) == []


def test_a_database_of_a_newer_compagnon_is_left_alone(url: str, store: Store) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="update Compagnon"):
        Store.open(url)


def test_texts_of_any_length_and_numbers_of_64_bits_in_the_order_of_their_bytes(store: Store) -> None:
    big = 3_000_000_000
    store.pages.put_many([replace(make_page(1, "T" * 2_000), pageid=big, revid=big + 1)])
    history = make_history(1, ["été", "Zoé", "ada"])
    store.revisions.put_many(replace(each, pageid=big, revid=big + each.revid) for each in history)
    assert store.pages.heads()[0].revid == big + 1
    assert store.revisions.user_names() == sorted(["été", "Zoé", "ada"])


def test_nul_comes_back_as_the_replacement_character_and_is_found_by_itself(store: Store) -> None:
    store.pages.put_many([make_page(1, "A\0B", "x\0y")])
    found = store.pages.by_title("A\0B")
    assert found is not None
    assert (found.title, found.wikitext) == ("A\ufffdB", "x\ufffdy")


def test_a_restart_of_the_server_costs_nothing(own: LocalPostgresql, store: Store) -> None:
    store.pages.put_many([make_page(1, "Étau")])
    before = store.changes.mark()
    own.stop()
    with pytest.raises(StoreError, match="connection with the database's server is lost"):
        store.pages.count()
    own.start()
    assert store.pages.count() == 1
    assert store.changes.mark() != before
    store.pages.put_many([make_page(2, "Lime")])
    assert store.integrity_check() == []


def test_a_transaction_whose_connection_is_cut_is_taken_back_whole(url: str, store: Store) -> None:
    def write() -> None:
        with writing(store._engine, "trying") as connection:
            connection.exec_driver_sql("INSERT INTO state VALUES ('a', '1')")
            with psycopg.connect(url, autocommit=True) as other:
                other.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE pid <> pg_backend_pid() AND datname = current_database()"
                )
            connection.exec_driver_sql("INSERT INTO state VALUES ('b', '1')")

    with pytest.raises(StoreError):
        write()
    with psycopg.connect(url) as other:
        assert other.execute("SELECT count(*) FROM state WHERE key IN ('a', 'b')").fetchone() == (0,)


def test_two_writers_take_turns_and_one_that_waits_too_long_is_told(url: str, store: Store) -> None:
    order: list[str] = []
    with Store.open(url, busy_seconds=0.2) as hasty:
        with writing(store._engine, "holding"):
            with pytest.raises(StoreError, match="another process has been writing to it for too long"):
                hasty.pages.put_many([make_page(1, "Étau")])

            def wait() -> None:
                store.sync_state.put(namespaces=(0,))
                order.append("patient")

            patient = threading.Thread(target=wait)
            patient.start()
            time.sleep(0.2)
            order.append("first")
        patient.join(timeout=30)
    assert order == ["first", "patient"]
    assert store.sync_state.get() == SyncState(namespaces=(0,))


def test_a_mark_changes_when_it_is_committed_and_not_before(url: str, store: Store) -> None:
    with Store.open(url) as reader:
        before = reader.changes.mark()
        with writing(store._engine, "writing") as connection:
            connection.exec_driver_sql("INSERT INTO state VALUES ('a', '1')")
            assert reader.changes.mark() == before
        after = reader.changes.mark()
        assert after != before
        with writing(store._engine, "writing nothing"):
            pass
        assert reader.changes.mark() == after


def test_a_lock_is_one_process_s_and_goes_with_it(url: str, store: Store) -> None:
    assert store.locks is not None
    lock = store.locks.lock("sync")
    script = (
        "import sys, time; from connector.store import Store\n"
        "lock = Store.open(sys.argv[1]).locks.lock('sync')\n"
        "assert lock.take(); print('taken', flush=True); time.sleep(600)"
    )
    other = subprocess.Popen([sys.executable, "-c", script, url], stdout=subprocess.PIPE, text=True)
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == "taken\n"
        assert not lock.take()
        assert store.locks.lock("index").take(), "each name is a lock of its own"
        other.kill()
        assert lock.take(wait_seconds=30)
    finally:
        other.kill()
        other.communicate()
    lock.check()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = 2"
        )
    with pytest.raises(StoreError, match="was lost"):
        lock.check()
    lock.release()
    assert lock.take()


def test_names_and_derived_numbers_are_shared(url: str, store: Store) -> None:
    with Store.open(url) as other:
        assert other.names.get_or_make("vectors") == store.names.get_or_make("vectors")
        assert other.names.get_or_make("queue") != other.names.get_or_make("vectors")
        kept = store.kept_values.value("links")
        assert (kept.version(), kept.read()) == (None, None)
        kept.write({"links": 3})
        first = other.kept_values.value("links").version()
        assert other.kept_values.value("links").read() == {"links": 3}
        kept.write({"links": 4})
        assert other.kept_values.value("links").version() != first


def test_what_is_purged_is_in_no_file_of_the_tables(own: LocalPostgresql, url: str, store: Store) -> None:
    rare = "Kryptonsalpeter"
    store.site.put(FRENCH_WIKI, source="https://wiki.example.org/api.php")
    pages = [make_page(n, f"Fiche {n}", f"{rare} {n} " * 300) for n in range(1, 60)]
    store.pages.put_many([*pages, make_page(99, "Reste", "x")])
    with psycopg.connect(url, autocommit=True) as connection:
        number = connection.execute(
            "SELECT oid FROM pg_database WHERE datname = current_database()"
        ).fetchone()
        connection.execute("CHECKPOINT")
        assert number is not None
        folder = own.folder / "data" / "base" / str(number[0])
        store.pages.put_many([make_page(98, f"{rare} im Titel", "x")])
        connection.execute("CHECKPOINT")
        assert holds(folder, rare), "else the test proves nothing"
        store.pages.delete([*range(1, 60), 98])
        assert store.scrub()
        connection.execute("CHECKPOINT")
    assert not holds(folder, rare)
    assert store.pages.count() == 1
    busy = make_engine(url)
    store.pages.delete([99])
    with busy.connect() as reader:
        reader.exec_driver_sql("SELECT * FROM page")
        assert not store.scrub(wait_seconds=0.2), "a reader stands in the way"
    assert store.scrub()
    busy.dispose()


def holds(folder: Path, text: str) -> bool:
    """Whether a file of the folder has the text as it stands."""
    return any(text.encode() in path.read_bytes() for path in folder.iterdir() if path.is_file())


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("postgresql://user:pass@word@127.0.0.1/x", "cannot be read"),
        ("postgresql://user:secret@127.0.0.1:1/x", "connection with the database's server is lost"),
        ("postgresql://user@server.invalid/x", "connection with the database's server is lost"),
    ],
)
def test_an_address_that_leads_nowhere_is_one_line_without_the_password(address: str, said: str) -> None:
    with pytest.raises(StoreError, match=said) as caught:
        Store.open(address)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)
    assert "word@" not in str(caught.value)


def test_what_is_missing_at_the_server_is_said(own: LocalPostgresql, url: str) -> None:
    with pytest.raises(StoreError, match=r"there is no such database|connection"):
        Store.open(own.url_of("nothing_here"))
    name = url.partition("?")[0].rpartition("/")[2]
    with psycopg.connect(own.url, autocommit=True) as connection:
        connection.execute("CREATE ROLE stranger LOGIN")
    with pytest.raises(StoreError, match="lacks a right"):
        Store.open(f"postgresql:///{name}?host={own.folder}&user=stranger")
