"""Killed at any moment, an update goes on where it was: manifest, words and vectors agree, none is double.

A few moments here; `make soak` takes 30, and kills the command itself too.
"""

import random
import shutil
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from connector.store import Store
from search.indexer import Index
from tests.builders import HashingEmbedder, make_index, make_page, make_store
from tests.index_process import run_update
from tests.store_on_postgresql import stands_for_database
from tests.sync_process import SyncProcess, assert_sound
from tests.tiny_models import tiny_embedding_model

_PAGES = 60


def text_of(number: int, *, year: int) -> str:
    """Three passages, of which another year changes one."""
    own = "".join("bcdfglmnrs"[int(digit)] + "a" for digit in f"{number}")  # a word that no other page has
    parts = [
        f"== Partie {part} ==\n"
        + " ".join(f"La phrase {part}.{n} sur {own} parle du banc numéro {n}." for n in range(11))
        for part in range(2)
    ]
    changed = " ".join(f"Le banc de {own} change encore la {n}e fois." for n in range(9))
    return "\n".join([*parts, f"== Année ==\nEn {2000 + year}, la page {number} change. {changed}"])


class Ground:
    """A mirror that moved on since its index was built."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        first = [make_page(n, f"Page {n}", text_of(n, year=0)) for n in range(1, _PAGES + 1)]
        store = make_store(folder, first)
        index = make_index(folder, store, HashingEmbedder())
        index.update()
        index.close()
        changed = [make_page(n, f"Page {n}", text_of(n, year=1), revid=9_000 + n) for n in range(1, 21)]
        added = [make_page(n, f"Page {n}", text_of(n, year=0)) for n in range(100, 115)]
        store.pages.put_many([*changed, *added, make_page(200, "La deuxième", redirect="Page 2")])
        store.pages.delete(list(range(41, 51)))
        store.close()

        self._right: dict[str, Index] = {}

    def right(self, model: str) -> Index:
        """Return an index of the mirror as it is now, built from nothing."""
        if model not in self._right:
            apart = self.folder.with_name(f"right {model}")
            apart.mkdir()
            self._right[model] = make_index(
                apart, Store.open(self.folder / "mirror.sqlite3"), HashingEmbedder(model)
            )
            self._right[model].update()
        return self._right[model]

    def copy(self, folder: Path) -> Path:
        if stands_for_database(self.folder / "mirror.sqlite3"):
            return Ground(folder).folder
        shutil.copytree(self.folder, folder)
        return folder


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    return Ground(tmp_path_factory.mktemp("index-crashes") / "ground")


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[list[tuple[Index, Store]]]:
    kept: list[tuple[Index, Store]] = []
    yield kept
    for index, store in kept:
        index.close()
        store.close()


def open_index(folder: Path, model: str, kept: list[tuple[Index, Store]]) -> Index:
    store = Store.open(folder / "mirror.sqlite3")
    index = make_index(folder, store, HashingEmbedder(model))
    kept.append((index, store))
    return index


def assert_agrees(index: Index, new: Index, folder: Path) -> None:
    """Manifest, words and vectors are those of `new`, an index that was built from nothing."""
    index.check()
    assert index.compare_with_mirror().in_step
    model_id = index.embedder.model_id
    ids = index.keywords.chunk_ids()
    assert index.keywords.manifest() == new.keywords.manifest()
    assert ids == new.keywords.chunk_ids()
    assert index.keywords.chunks(ids) == new.keywords.chunks(ids)
    # No ghost and no double among the vectors, and each is its passage's.
    for one in (index, new):
        assert one.vectors.ids(model_id) == ids
        assert one.vectors._collection(model_id, create=False).count() == len(ids)
        assert len(one.vectors._names()) == 1
    kept, right = index.vectors.get(model_id, sorted(ids)), new.vectors.get(model_id, sorted(ids))
    assert all(np.allclose(kept[i], right[i], atol=1e-6) for i in ids)
    for chunk_id in ids:
        assert chunk_id in dict(index.vectors.nearest(model_id, right[chunk_id], limit=3))
    for words in ("banc", "deuxième", "2001", "page 45"):
        query = index.analyzer.query(words, "fr")
        found, expected = (dict(one.keywords.search(query, limit=500)) for one in (index, new))
        assert found == pytest.approx(expected)
    index.close()
    path = folder / "index" / "keyword.sqlite3"
    if stands_for_database(path):
        return
    assert_sound(path)
    with closing(sqlite3.connect(path)) as database:
        # https://www.sqlite.org/fts5.html#the_integrity_check_command
        database.execute("INSERT INTO words (words) VALUES ('integrity-check')")


@pytest.mark.timeout(3_600)
def test_an_update_that_is_killed_at_any_step_heals_by_running_again(
    ground: Ground,
    tmp_path: Path,
    soak: bool,
    seeds: list[int],
    opened: list[tuple[Index, Store]],
) -> None:
    moments = 30 if soak else 3
    rng = random.Random(seeds[0])  # noqa: S311
    models = ("hashing@1", "hashing@2")  # the model of the index, or another one in the settings
    steps = {}
    for model in models:
        code, steps[model] = run_update(ground.copy(tmp_path / f"whole {model}"), model=model)
        assert (code, steps[model] > 40) == (0, True)
    killed = 0
    for moment in range(moments):
        model = models[moment % 2]
        # Spread over the whole: reading, embedding, writing, deleting, wiping.
        step = 1 + (steps[model] - 1) * moment // max(1, moments - 1)
        delay = rng.choice((0.0, rng.uniform(0, 0.03)))
        print(
            f"seed {seeds[0]}, moment {moment}: {model}, step {step} of {steps[model]}, {delay:.3f} s later"
        )
        folder = ground.copy(tmp_path / f"moment {moment}")
        code, _ = run_update(folder, model=model, step=step, delay=delay)
        killed += code == -signal.SIGKILL

        index = open_index(folder, "hashing@1", opened)
        before = index.keywords.get_meta("built_with")
        if before == "hashing@1":  # until the other model's vectors are whole, this one is served
            index.check()
        shown = index.keywords.chunks(index.keywords.chunk_ids())
        assert {chunk.pageid for chunk in shown.values()} == set(index.keywords.manifest())
        index.close()

        index = open_index(folder, model, opened)
        report = index.update()
        assert report.pages_removed in (0, 10)
        assert_agrees(index, ground.right(model), folder)
        assert index.update().chunks_embedded == 0
        index.close()
    assert killed >= moments * 2 // 3


def test_a_killed_change_of_model_leaves_the_old_one_in_use(
    ground: Ground, tmp_path: Path, opened: list[tuple[Index, Store]]
) -> None:
    folder = ground.copy(tmp_path / "changing")
    _, steps = run_update(ground.copy(tmp_path / "whole"), model="hashing@2")
    assert run_update(folder, model="hashing@2", step=steps // 3)[0] == -signal.SIGKILL
    index = open_index(folder, "hashing@1", opened)
    index.check()
    with index.answering() as embedder:
        assert index.vectors.nearest(embedder.model_id, embedder.embed_query("banc"), limit=3)
    index.update()  # the administrator has thought better of it
    assert_agrees(index, ground.right("hashing@1"), folder)


@pytest.mark.model
@pytest.mark.timeout(3_600)
def test_the_command_that_is_killed_goes_on_where_it_was(
    tmp_path: Path, soak: bool, seeds: list[int], opened: list[tuple[Index, Store]]
) -> None:
    """The whole command, with a model of its own: Chroma, SQLite and torch are killed wherever they are."""
    rng = random.Random(seeds[0])  # noqa: S311
    data = tmp_path / "data"
    data.mkdir()
    settings = {"COMPAGNON_SEARCH_MODEL": str(tiny_embedding_model(tmp_path / "tiny"))}
    pages = [make_page(n, f"Page {n}", text_of(n, year=0)) for n in range(1, 400 if soak else 150)]
    store = make_store(data, pages)
    store.close()
    (data / "mirror.sqlite3").rename(data / "compagnon.sqlite3")
    whole = tmp_path / "whole"
    shutil.copytree(data, whole)

    def command(folder: Path) -> SyncProcess:
        return SyncProcess(folder, "http://wiki.invalid/api.php", ["index", "--json"], settings=settings)

    def began(folder: Path) -> bool:
        on_server = folder / "index" / "chroma-name"
        return on_server.exists() or (folder / "index" / "chroma" / "chroma.sqlite3").exists()

    process = command(whole)
    while process.running and not began(whole):
        time.sleep(0.02)
    started = time.monotonic()
    code, _, err = process.finish()
    assert code == 0, err
    seconds = time.monotonic() - started  # of work, once the libraries are there

    for number in range(10 if soak else 1):
        folder = tmp_path / f"killed {number}"
        shutil.copytree(data, folder)
        killed = False
        for _ in range(2):
            process = command(folder)
            while process.running and not began(folder):
                time.sleep(0.02)
            moment = rng.uniform(0, seconds)
            print(f"seed {seeds[0]}, trial {number}: killed after {moment:.2f} of {seconds:.2f} s")
            time.sleep(moment)
            process.kill()
            code, _, err = process.finish()
            assert code in (0, -signal.SIGKILL), err
            killed |= code != 0
        code, _, err = command(folder).finish()
        assert code == 0, err
        one, other = (vectors_of(each) for each in (whole, folder))
        assert one == other
        print(f"killed: {killed}")


def vectors_of(data: Path) -> tuple[set[str], int, set[int]]:
    """What the index holds: ids of passages, how many vectors, and the pages of the manifest."""
    store = Store.open(data / "compagnon.sqlite3")
    index = make_index(data, store, HashingEmbedder())
    model = index.stats().model
    ids = index.keywords.chunk_ids()
    assert index.vectors.ids(model) == ids
    held = ids, index.vectors._collection(model, create=False).count(), set(index.keywords.manifest())
    index.close()
    store.close()
    path = data / "index" / "keyword.sqlite3"
    if not stands_for_database(path):
        assert_sound(path)
    return held
