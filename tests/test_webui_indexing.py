"""`compagnon index` beside `compagnon serve`, and beside itself: processes that share one index."""

import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from connector.store import Store
from search.indexer import Index
from tests.builders import HashingEmbedder, make_index, make_page, make_store
from tests.command_line import ROOT, CommandLine, compagnon
from tests.server_process import Server, until
from tests.tiny_models import tiny_embedding_model

__all__ = ["compagnon"]  # a fixture

pytestmark = pytest.mark.model

_PAGES = 240
_SAMPLED = 600
_PATIENCE = 240.0  # seconds


def own_word(number: int) -> str:
    """A word that only one page has."""
    return "".join("bcdfglmnrs"[int(digit)] + "a" for digit in f"{number}") + "tion"


def text_of(number: int) -> str:
    """Three passages."""
    word = own_word(number)
    return "\n".join(
        f"== Partie {part} ==\n"
        + " ".join(f"La phrase {part}.{n} sur la {word} parle du banc numéro {n}." for n in range(8))
        for part in range(3)
    )


class Data:
    """A data directory with a mirror, and the models that its settings may name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "data"
        self.folder.mkdir()
        store = make_store(self.folder, [make_page(n, f"Page {n}", text_of(n)) for n in range(1, _PAGES + 1)])
        store.close()
        (self.folder / "mirror.sqlite3").rename(self.folder / "compagnon.sqlite3")
        self.models = [
            tiny_embedding_model(folder / "one"),
            tiny_embedding_model(folder / "two", pooling="cls"),
        ]
        self.choose_model(0)

    def choose_model(self, number: int) -> None:
        """Edit the settings, as an administrator does."""
        text = f'[search]\nmodel = "{self.models[number]}"\n'
        (self.folder / "compagnon.toml").write_text(text, encoding="utf-8")

    def put(self, number: int) -> None:
        """Add a page to the mirror."""
        store = Store.open(self.folder / "compagnon.sqlite3")
        store.pages.put_many([make_page(number, f"Page {number}", text_of(number))])
        store.close()

    def index(self) -> subprocess.Popen[str]:
        """Start `compagnon index`."""
        command = [sys.executable, "-m", "webui.cli", "--data", str(self.folder), "index"]
        return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    @contextmanager
    def opened(self) -> Iterator[Index]:
        """The index, as this process sees it."""
        store = Store.open(self.folder / "compagnon.sqlite3")
        index = make_index(self.folder, store, HashingEmbedder())
        yield index
        index.close()
        store.close()

    def built_with(self) -> str:
        """The model that the index says it was built with."""
        with self.opened() as index:
            return str(index.keywords.get_meta("built_with"))

    def chunk_ids(self) -> set[str]:
        """The passages of the keyword index."""
        with self.opened() as index:
            return index.keywords.chunk_ids()

    def assert_every_sampled_vector_is_found(self) -> None:
        """No process may use the index meanwhile."""
        model, ids = self.built_with(), self.chunk_ids()
        with self.opened() as index:
            vectors = index.vectors
            assert vectors.ids(model) == ids
            assert len(ids) >= _SAMPLED
            sampled = sorted(ids)[:: max(1, len(ids) // _SAMPLED)][:_SAMPLED]
            assert len(sampled) == _SAMPLED
            for chunk_id, vector in vectors.get(model, sampled).items():
                assert chunk_id in dict(vectors.nearest(model, vector, limit=10))


def finish(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=_PATIENCE)
    assert (process.returncode, err) == (0, "")
    return out


@pytest.fixture(scope="module")
def mirrored(tmp_path_factory: pytest.TempPathFactory) -> Data:
    return Data(tmp_path_factory.mktemp("indexing"))


@pytest.fixture
def serve(mirrored: Data) -> Iterator[Callable[[], Server]]:
    started: list[Server] = []

    def start() -> Server:
        started.append(Server(mirrored.folder))
        return started[-1]

    yield start
    for server in started:
        if server.process.poll() is None:
            server.end(signal.SIGKILL)


class Asking(threading.Thread):
    """Somebody who asks one question after another, and notes what was answered."""

    def __init__(self, server: Server, question: str) -> None:
        super().__init__()
        self.answers: list[list[str]] = []
        self.error: Exception | None = None
        self._server = server
        self._question = question
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.is_set():
            try:
                self.answers.append(self._server.titles(self._question))
            except (OSError, ValueError) as e:  # urllib's errors are OSErrors
                self.error = e
                return
            self._over.wait(0.02)

    def end(self) -> None:
        self._over.set()
        self.join()


@pytest.mark.timeout(900)
def test_two_at_once_lose_no_vector(mirrored: Data) -> None:
    processes = [mirrored.index(), mirrored.index()]
    said = sorted(finish(process) for process in processes)
    assert said[0].startswith("Indexed 0 pages")
    assert said[1].startswith(f"Indexed {_PAGES} pages")
    mirrored.assert_every_sampled_vector_is_found()


@pytest.mark.timeout(900)
def test_beside_a_server_the_server_updates_and_goes_on_answering(
    mirrored: Data, serve: Callable[[], Server]
) -> None:
    finish(mirrored.index())
    server = serve()
    first = server.titles(own_word(7))
    assert first[0] == "Page 7"
    asking = Asking(server, own_word(7))
    asking.start()
    added = range(1_000, 1_030)
    for number in added:
        mirrored.put(number)
    processes = [mirrored.index(), mirrored.index()]
    until(lambda: server.titles(own_word(1_029))[:1] == ["Page 1029"])
    for process in processes:
        finish(process)
    asking.end()
    assert asking.error is None
    assert len(asking.answers) > 5
    assert {answer[0] for answer in asking.answers} == {"Page 7"}
    for number in added:
        assert server.titles(own_word(number))[0] == f"Page {number}"
    assert server.end(signal.SIGTERM) == 0
    mirrored.assert_every_sampled_vector_is_found()


@pytest.mark.timeout(900)
def test_another_model_takes_over_when_it_is_whole_and_no_question_fails(
    mirrored: Data, serve: Callable[[], Server]
) -> None:
    finish(mirrored.index())
    server = serve()
    assert server.titles(own_word(7))[0] == "Page 7"
    old = mirrored.built_with()
    mirrored.choose_model(1)
    asking = Asking(server, own_word(7))
    asking.start()
    mirrored.put(2_000)
    said = finish(mirrored.index())
    asking.end()
    assert asking.error is None, asking.error
    assert {answer[0] for answer in asking.answers} == {"Page 7"}
    assert "new chunks" in said
    assert mirrored.built_with() != old
    assert server.titles(own_word(2_000))[0] == "Page 2000"
    assert server.get("/api/v1/health")["index"]["stale"] == 0
    assert server.end(signal.SIGTERM) == 0
    mirrored.assert_every_sampled_vector_is_found()


def test_another_model_in_the_settings_is_not_asked_before_it_is_indexed(
    mirrored: Data, compagnon: CommandLine
) -> None:
    finish(mirrored.index())
    text = (mirrored.folder / "compagnon.toml").read_text(encoding="utf-8")
    (mirrored.folder / "compagnon.toml").write_text(f'{text}query_prefix = "question : "\n', encoding="utf-8")
    compagnon.data = mirrored.folder
    for command in ("search", "experts"):
        line = compagnon(command, "banc").assert_one_clear_line()
        assert "built with the model" in line
        assert "compagnon index" in line
