"""What was erased is in no file: not in the database, not in its write-ahead log, not beside them."""

import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from connector.model import PageHead, PageLinks, Section
from connector.store import Store
from connector.store.engine import writing
from tests.builders import MONDAY, make_history, make_page

pytestmark = pytest.mark.sqlite("the bytes of the file and of its log")

NAME = "mirror.sqlite3"
# Short, as long as a page of the database, and with a chain of overflow pages.
SIZES = [1, 40, 300, 5_000]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / NAME) as store:
        yield store


def found(folder: Path, word: str) -> list[str]:
    """The files of a folder that hold a word."""
    return sorted(path.name for path in folder.iterdir() if word.encode() in path.read_bytes())


def spill(store: Store) -> None:
    """Let connections keep next to nothing in memory: what is not committed stands in the log."""

    def shrink(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA cache_size = 1")

    event.listen(store._engine, "connect", shrink)
    store._engine.dispose()


@pytest.mark.parametrize("repeats", SIZES)
def test_a_purged_page_is_in_no_file(store: Store, tmp_path: Path, repeats: int) -> None:
    word = "MOTSECRETÉ"
    page = make_page(5, f"Fiche {word}", f"{word} " * repeats)
    store.pages.put_many([make_page(i, f"Fiche {i}", "Un texte. " * 50) for i in range(1, 5)])
    store.pages.put_many([page])
    store.revisions.put_many([replace(make_history(5, [word])[0], comment=f"résumé {word}")])
    store.links.put_many(
        [PageLinks(pageid=5, categories=(word,), links=(word,) * repeats, templates=(word,))]
    )
    store.renderings.put(
        5,
        revid=500,
        touched=None,
        sections=[Section(heading=word, level=2, anchor=word, path=(word,), text=word * repeats)],
    )
    assert found(tmp_path, word), "the test must see what is to be erased"
    store.pages.delete([5])
    assert store.scrub()
    assert found(tmp_path, word) == []
    assert {path.name for path in tmp_path.iterdir()} <= {NAME, f"{NAME}-wal", f"{NAME}-shm"}
    assert store.pages.count() == 4


@pytest.mark.parametrize(
    ("shown", "hidden"),
    [
        ({"user": "MOTSECRET"}, {"user": None, "user_id": None}),
        ({"comment": "MOTSECRET"}, {"comment": ""}),
        ({"tags": ("MOTSECRET",)}, {"tags": ()}),
        ({"sha1": "MOTSECRET"}, {"sha1": ""}),
    ],
)
def test_what_a_revision_hides_is_in_no_file(
    store: Store, tmp_path: Path, shown: dict[str, Any], hidden: dict[str, Any]
) -> None:
    history = make_history(1, ["Anne"] * 300)
    secret = replace(history[150], **shown)
    store.pages.put_many([make_page(1, "Fiche")])
    store.revisions.put_many([*history[:150], secret, *history[151:]])
    assert found(tmp_path, "MOTSECRET")
    store.revisions.put_many([replace(secret, **hidden)])
    assert store.scrub()
    assert found(tmp_path, "MOTSECRET") == []


def test_a_revision_that_the_wiki_took_down_is_in_no_file(store: Store, tmp_path: Path) -> None:
    history = make_history(1, ["Anne"] * 300)
    secret = replace(history[150], comment="MOTSECRET")
    store.pages.put_many([make_page(1, "Fiche")])
    store.revisions.put_many([*history[:150], secret, *history[151:]])
    store.revisions.replace_history(1, [*history[:150], *history[151:]])
    assert store.scrub()
    assert found(tmp_path, "MOTSECRET") == []


def test_a_text_that_was_shortened_goes_whole(store: Store, tmp_path: Path) -> None:
    for repeats in reversed(SIZES):
        store.pages.put_many([make_page(1, "Fiche", f"MOTSECRET{repeats} " * repeats)])
        assert store.scrub()
        assert store.pages.get(1) is not None
        assert found(tmp_path, f"MOTSECRET{repeats} ")
    store.pages.put_many([make_page(1, "Fiche", "MOTNEUF")])
    store.pages.rename_many([PageHead(pageid=1, namespace=0, title="Titre neuf", revid=1)])
    assert store.scrub(thorough=True)
    assert found(tmp_path, "MOTSECRET") == []
    assert found(tmp_path, "Fiche") == []
    assert found(tmp_path, "MOTNEUF") == [NAME]


def test_a_text_that_was_replaced_is_gone_without_a_rewriting_where_no_row_had_to_move(
    store: Store, tmp_path: Path
) -> None:
    store.pages.put_many([make_page(1, "Fiche", "MOTSECRET " * 5_000)])
    assert store.scrub()
    before = (tmp_path / NAME).stat().st_size
    store.pages.put_many([make_page(1, "Fiche", "MOTNEUF")])
    assert store.scrub()
    assert found(tmp_path, "MOTSECRET") == []
    assert (tmp_path / NAME).stat().st_size == before, "a file that is written anew is smaller"


@pytest.mark.parametrize("seed", [2, 3])
def test_a_long_life_leaves_no_trace_of_anything_erased(store: Store, tmp_path: Path, seed: int) -> None:
    """Rows move within a tree that grows and shrinks; secure_delete alone leaves copies behind."""
    chance = random.Random(seed)  # noqa: S311 - no secret is made of it
    alive: dict[int, tuple[str, str]] = {}
    words = (f"MOT{number:06}Q" for number in count())
    for _ in range(40):
        pages = []
        for pageid in chance.sample(range(1, 1_500), 150):
            title, text = alive[pageid] = next(words), next(words)
            pages.append(make_page(pageid, title, f"{text} " * chance.randrange(1, 250)))
        store.pages.put_many(pages)
        gone = chance.sample(sorted(alive), 90)
        store.pages.delete(gone)
        for pageid in gone:
            del alive[pageid]
    assert store.scrub()
    held = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    seen = {match.decode() for match in re.findall(rb"MOT\d{6}Q", held)}
    assert seen == {each for kept in alive.values() for each in kept}
    assert store.integrity_check() == []


def test_what_was_rolled_back_is_in_no_file(store: Store, tmp_path: Path) -> None:
    spill(store)
    store.pages.put_many([make_page(1, "Fiche")])

    def write_and_fail() -> None:
        with writing(store._engine, "testing") as connection:
            for pageid in range(2, 60):
                connection.exec_driver_sql(
                    "INSERT INTO page (pageid, namespace, title, revid, timestamp, content_model, sha1,"
                    " wikitext) VALUES (?, 0, 'x', 1, '2026-03-14 00:00:00.000000', 'wikitext', '', ?)",
                    (pageid, "MOTSECRET " * 1_000),
                )
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_and_fail()
    assert found(tmp_path, "MOTSECRET") == [f"{NAME}-wal"], "the test must see what is to be erased"
    assert store.pages.count() == 1
    assert store.scrub()
    assert found(tmp_path, "MOTSECRET") == []


def test_a_reader_or_a_writer_in_the_way_is_said_and_wiping_works_later(store: Store, tmp_path: Path) -> None:
    store.pages.put_many([make_page(1, "Fiche", "MOTSECRET " * 300), make_page(2, "Autre")])
    with closing(sqlite3.connect(tmp_path / NAME, isolation_level=None)) as other:
        other.execute("BEGIN")
        assert other.execute("SELECT wikitext FROM page WHERE pageid = 1").fetchone()
        store.pages.delete([1])
        assert not store.scrub(wait_seconds=0.1)
        assert "MOTSECRET" in other.execute("SELECT wikitext FROM page WHERE pageid = 1").fetchone()[0]
        other.execute("COMMIT")
        other.execute("BEGIN IMMEDIATE")
        assert not store.scrub(wait_seconds=0.1)
        assert not store.scrub(thorough=True, wait_seconds=0.1)
        other.execute("ROLLBACK")
        assert store.scrub(wait_seconds=0.1)
        assert found(tmp_path, "MOTSECRET") == []
        assert [row[0] for row in other.execute("SELECT pageid FROM page")] == [2]


def test_wiping_again_and_again_rewrites_nothing(store: Store, tmp_path: Path) -> None:
    store.pages.put_many([make_page(i, f"Fiche {i}", "texte " * 500) for i in range(1, 20)])
    statements: list[str] = []

    def note(_c: object, _k: object, statement: str, _p: object, _x: object, _m: bool) -> None:
        statements.append(statement)

    event.listen(store._engine, "before_cursor_execute", note)

    def rewrites(*, thorough: bool) -> int:
        statements.clear()
        assert store.scrub(thorough=thorough)
        return statements.count("VACUUM")

    assert rewrites(thorough=True) == 0, "nothing was there before"
    store.pages.put_many([make_page(1, "Fiche 1", "autre")])
    assert [rewrites(thorough=False), rewrites(thorough=True), rewrites(thorough=True)] == [0, 1, 0]
    store.pages.put_many([make_page(1, "Fiche 1", "autre")])
    store.pages.delete([404])
    assert rewrites(thorough=True) == 0, "nothing was lost"
    store.pages.delete([1])
    store.pages.delete([2])
    assert [rewrites(thorough=False), rewrites(thorough=False)] == [1, 0]


# Killed

PURGE = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import event
import connector.store.pages, connector.store.scrubbing
from connector.store import Store

folder, moment = Path(sys.argv[1]), sys.argv[2]
store = Store.open(folder / "mirror.sqlite3")
event.listen(store._engine, "connect", lambda c, _: c.execute("PRAGMA cache_size = 1"))
store._engine.dispose()

def die(*_args, **_options):
    os.kill(os.getpid(), signal.SIGKILL)

def die_at(statement):
    def watch(_c, _k, said, *_rest):
        if said.startswith(statement):
            die()
    event.listen(store._engine, "before_cursor_execute", watch)

if moment == "within the purge":
    connector.store.pages.note_traces = die
store.pages.delete(list(range(1, 30)))
if moment == "before the scrub":
    die()
if moment == "before the log is emptied":
    die_at("PRAGMA wal_checkpoint")
if moment == "before the rewriting":
    die_at("VACUUM")
print("purged", flush=True)
store.scrub()
"""


def secret_mirror(folder: Path) -> None:
    with Store.open(folder / NAME) as store:
        store.pages.put_many([make_page(i, f"MOTSECRET {i}", "MOTSECRET " * (i * 40)) for i in range(1, 30)])
        store.pages.put_many([make_page(i, f"Fiche {i}", "texte " * 500) for i in range(30, 60)])
        store.revisions.put_many(
            r for i in range(1, 60) for r in make_history(i, [f"MOTSECRET{i}"] * (i < 30))
        )


@pytest.mark.parametrize(
    ("moment", "purged"),
    [
        ("within the purge", False),
        ("before the scrub", True),
        ("before the rewriting", True),
        ("before the log is emptied", True),
    ],
)
def test_a_purge_that_is_killed_is_wiped_by_the_next_process(
    tmp_path: Path, moment: str, purged: bool
) -> None:
    secret_mirror(tmp_path)
    ended = subprocess.run([sys.executable, "-c", PURGE, tmp_path, moment], check=False, cwd=Path.cwd())
    assert ended.returncode == -signal.SIGKILL
    with Store.open(tmp_path / NAME) as store:
        assert store.integrity_check() == []
        assert store.pages.count() == (30 if purged else 59), "all of the purge, or nothing"
        if not purged:
            assert store.revisions.count() == 29
            store.pages.delete(range(1, 30))
        assert store.scrub()
        assert found(tmp_path, "MOTSECRET") == []
        assert store.pages.count() == 30


@pytest.mark.parametrize("delay", [0.0, 0.002, 0.01, 0.03])
def test_a_scrub_that_is_killed_somewhere_is_done_by_the_next(tmp_path: Path, delay: float) -> None:
    secret_mirror(tmp_path)
    with subprocess.Popen(
        [sys.executable, "-c", PURGE, tmp_path, "never"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "purged\n"
        time.sleep(delay)
        process.kill()
    with Store.open(tmp_path / NAME) as store:
        assert store.scrub()
        assert found(tmp_path, "MOTSECRET") == []
        assert store.integrity_check() == []
        assert store.pages.count() == 30


def test_the_moments_of_pages_are_kept_by_a_rewriting(store: Store) -> None:
    store.pages.put_many([make_page(1, "Fiche"), make_page(2, "Autre")], now=MONDAY)
    before = store.pages.get_many([2]), store.pages.heads()[1:], store.pages.oldest_proof()
    store.pages.delete([1])
    assert store.scrub()
    assert (store.pages.get_many([2]), store.pages.heads(), store.pages.oldest_proof()) == before
