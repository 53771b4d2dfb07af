"""The test ground: a real MediaWiki, a real Chromium, no network.

Fixtures (scope in brackets; "function" where none is said)

    wiki [session]        a French wiki with the pages of `mediawiki_pages.py`, shared by all tests; every
                          change to a page is refused. Accounts and bot passwords can still be made.
    fresh_wiki            an empty French wiki (its main page apart) of the test's own: edit it, break it,
                          stop it, kill it. About 0.2 s.
    english_wiki          the same in English.
    make_wiki             a factory for more: `make_wiki(language="en")`, or `make_wiki(source=wiki)` for a
                          copy of any wiki as it is now; a copy of the shared wiki can be written.
    wiki_template_fr [session]   the blank wiki that others are copied from, not running. Leave it as it is.
    data_dir              an empty folder for Compagnon's data (`--data`).
    browser [session]     Playwright's `Browser` (sync API).
    page                  a page in a context of its own. The test fails at its end when the page logged an
                          error, threw an exception or asked another machine for something.
    page_options          the options of the page's context; override it for another language or a phone.
    page_errors           what the pages did wrong so far (list of str): a test that provokes an error checks
                          it, then calls `.clear()`.
    open_page             a factory for more pages, each in its own context: `open_page(locale="en-GB")`.
    postgresql [session]  a running PostgreSQL with one empty database (`postgresql.py`); each test takes a
                          schema of its own.
    each_database         the test runs twice: with SQLite files, and with databases of PostgreSQL in their
                          places (`store_on_postgresql.py`). One that looks at the file itself has the mark
                          `sqlite("why")` and is left out on PostgreSQL.
    redis_url             address of a running, empty Redis (a socket).
    encoder_folder [session]  a folder with the bundled model's export (`search.question_encoder`); read only.
    soak [session]        whether the long versions are asked for: `--soak` (`make soak`).
    seeds [session]       the seeds of random tests: `--seed 7 --seed 8`, else one, or three random ones when
                          soaking.
    network_guard [session]   always on: a connection, or a name look-up, that leaves this machine raises
                          NetworkGuardError, and fails the test even when the code swallowed it. For an
                          unreachable wiki use a closed port of 127.0.0.1 or a name under `.invalid`.

All wikis are `LocalWiki` (`mediawiki.py`: addresses, accounts, edits, imports, extensions, settings). Put a
`FaultProxy` (`faultproxy.py`) in front of one to make it misbehave.

A test that uses a wiki gets the mark `wiki`, one that uses the browser `browser`: `pytest -m "not browser"`.
Where the wiki, Chromium or PostgreSQL cannot be had, the test is skipped with the reason; with CI=true or
COMPAGNON_TEST_REQUIRE=1 it fails. With COMPAGNON_TEST_STORE=postgresql (`make test-postgresql`) the whole
suite runs with PostgreSQL and a Chroma server in the place of files. The environment's COMPAGNON_* settings,
those three for the tests apart, are not seen by the tests.
"""

import os
import secrets
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from tests.chroma_server import chroma_server
from tests.chromium import ChromiumMissingError, start_chromium, watch
from tests.mediawiki import LocalWiki
from tests.mediawiki_api import LocalWikiError
from tests.mediawiki_pages import seed
from tests.network_guard import NetworkGuard, guard_network
from tests.postgresql import LocalPostgresql, PostgresqlMissingError, start_postgresql
from tests.real_parts import give_up
from tests.redis_server import RedisMissingError, start_redis
from tests.store_on_postgresql import (
    PATH_OF_OTHER_PROCESSES,
    SERVER,
    PointedStores,
    chroma_on,
    keywords_on,
    stores_on,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# How much longer tests take that use one of these.
_WEIGHTS = {"browser": 20, "wiki": 8, "model": 4}
_TEST_SETTINGS = ("COMPAGNON_CHROMIUM", "COMPAGNON_TEST_REQUIRE", "COMPAGNON_TEST_STORE")


def on_postgresql() -> bool:
    """Whether the whole suite runs on PostgreSQL."""
    return os.environ.get("COMPAGNON_TEST_STORE") == "postgresql"


def skip_for_postgresql(item: pytest.Item) -> None:
    """Skip a test of SQLite's own files."""
    mark = item.get_closest_marker("sqlite")
    if mark is not None:
        pytest.skip(f"of SQLite's own files: {mark.args[0]}")


class MakeWiki(Protocol):
    """The factory `make_wiki`."""

    def __call__(self, *, language: str = "fr", source: LocalWiki | None = None) -> LocalWiki:
        """A started copy of `source`, or of the blank wiki of a language; discarded after the test."""
        ...


class OpenPage(Protocol):
    """The factory `open_page`."""

    def __call__(self, **options: Any) -> "Page":
        """A watched page in a new context with these options (those of `Browser.new_context`)."""
        ...


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--soak", action="store_true", help="run the long versions of the tests that have one")
    parser.addoption("--seed", type=int, action="append", help="seed of the random tests; may be repeated")


def pytest_configure() -> None:
    os.environ["HF_HUB_OFFLINE"] = "1"
    for name in [name for name in os.environ if name.startswith("COMPAGNON_")]:
        if name not in _TEST_SETTINGS:
            del os.environ[name]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    weights: Counter[Path] = Counter()
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if "wiki_templates" in fixtures:
            item.add_marker("wiki")
        if "browser" in fixtures:
            item.add_marker("browser")
        weights[item.path] += (
            sum(weight for mark, weight in _WEIGHTS.items() if item.get_closest_marker(mark)) + 1
        )
    if os.environ.get("PYTEST_XDIST_WORKER"):
        # Workers take one file after the other: a long one that comes last is waited for by all.
        items.sort(key=lambda item: (-weights[item.path], item.path))


def pytest_runtest_setup(item: pytest.Item) -> None:
    if on_postgresql():
        skip_for_postgresql(item)


@pytest.fixture(scope="session")
def soak(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--soak"))


@pytest.fixture(scope="session")
def seeds(request: pytest.FixtureRequest, soak: bool) -> list[int]:
    given: list[int] | None = request.config.getoption("--seed")
    return given or ([secrets.randbelow(10**9) for _ in range(3)] if soak else [20_260_302])


# The network


@pytest.fixture(scope="session", autouse=True)
def network_guard() -> Iterator[NetworkGuard]:
    with guard_network() as guard:
        yield guard


@pytest.fixture(autouse=True)
def _no_attempt_to_leave(network_guard: NetworkGuard) -> Iterator[None]:
    network_guard.attempts.clear()
    yield
    assert not network_guard.attempts, "the test reached for another machine"


# The wiki


class WikiTemplates:
    """The blank wikis, one a language, each built at its first use."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._built: dict[str, LocalWiki] = {}

    def get(self, language: str) -> LocalWiki:
        """The stopped blank wiki of a language; the test is skipped, or fails, when it cannot be built."""
        if language not in self._built:
            try:
                wiki = LocalWiki.build(self._folder / language, language=language)
            except LocalWikiError as error:
                give_up("the wiki", error)
            wiki.stop()
            self._built[language] = wiki
        return self._built[language]


@pytest.fixture(scope="session")
def wiki_templates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WikiTemplates]:
    folder = tmp_path_factory.mktemp("wiki-templates")
    yield WikiTemplates(folder)
    shutil.rmtree(folder)  # the compiled PHP is 30 MB


@pytest.fixture(scope="session")
def wiki_template_fr(wiki_templates: WikiTemplates) -> LocalWiki:
    return wiki_templates.get("fr")


@pytest.fixture(scope="session")
def wiki(wiki_template_fr: LocalWiki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalWiki]:
    shared = wiki_template_fr.copy(tmp_path_factory.mktemp("wiki") / "shared")
    seed(shared)
    shared.make_read_only()
    yield shared
    shared.discard()


@pytest.fixture
def make_wiki(wiki_templates: WikiTemplates, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeWiki]:
    made: list[LocalWiki] = []

    def make(*, language: str = "fr", source: LocalWiki | None = None) -> LocalWiki:
        original = source or wiki_templates.get(language)
        made.append(original.copy(tmp_path_factory.mktemp("wiki") / "copy"))
        return made[-1]

    yield make
    for wiki in made:
        wiki.discard()


@pytest.fixture
def fresh_wiki(make_wiki: MakeWiki) -> LocalWiki:
    return make_wiki()


@pytest.fixture
def english_wiki(make_wiki: MakeWiki) -> LocalWiki:
    return make_wiki(language="en")


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "compagnon-data"
    folder.mkdir()
    return folder


# The database


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    with ExitStack() as stack:
        try:
            url = stack.enter_context(start_redis(tmp_path))
        except RedisMissingError as error:
            give_up("Redis", error)
        yield url


@pytest.fixture(scope="session")
def postgresql() -> Iterator[LocalPostgresql]:
    with ExitStack() as stack:
        try:
            server = stack.enter_context(start_postgresql())
        except PostgresqlMissingError as error:
            give_up("PostgreSQL", error)
        yield server


@pytest.fixture(scope="session")
def encoder_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from search.embedding import SentenceTransformerEmbedder
    from search.settings import EmbeddingSettings

    folder = tmp_path_factory.mktemp("encoder")
    SentenceTransformerEmbedder(EmbeddingSettings(), folder=folder).prepare()
    return folder


@pytest.fixture(scope="session")
def pointed_stores(postgresql: LocalPostgresql) -> PointedStores:
    return PointedStores(postgresql)


@pytest.fixture(scope="session", autouse=True)
def _suite_on_postgresql(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """The whole suite on PostgreSQL and a Chroma server: `make test-postgresql`."""
    if not on_postgresql():
        yield
        return
    stores: PointedStores = request.getfixturevalue("pointed_stores")
    # What the tests start reads this; they keep it, since it stands in no test's own environment.
    os.environ[SERVER] = stores.for_other_processes
    os.environ["PYTHONPATH"] = PATH_OF_OTHER_PROCESSES
    with chroma_server(tmp_path_factory.mktemp("chroma-server")) as url, stores_on(stores):
        os.environ["COMPAGNON_SEARCH_CHROMA_URL"] = url
        keywords_on(stores)
        chroma_on(url)
        yield


@pytest.fixture(params=["sqlite", "postgresql"])
def each_database(request: pytest.FixtureRequest) -> Iterator[None]:
    if request.param == "sqlite" or on_postgresql():
        if on_postgresql() and request.param == "sqlite":
            pytest.skip("the suite runs on PostgreSQL")
        yield
        return
    skip_for_postgresql(request.node)
    stores: PointedStores = request.getfixturevalue("pointed_stores")
    monkeypatch: pytest.MonkeyPatch = request.getfixturevalue("monkeypatch")
    monkeypatch.setenv(SERVER, stores.for_other_processes)
    monkeypatch.setenv("PYTHONPATH", PATH_OF_OTHER_PROCESSES)
    with stores_on(stores):
        yield
    stores.take_back()


# The browser


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    try:
        with start_chromium() as started:
            yield started
    except ChromiumMissingError as error:
        give_up("Chromium", error)


@pytest.fixture
def page_options() -> dict[str, Any]:
    return {"locale": "fr-FR", "viewport": {"width": 1280, "height": 900}}


@pytest.fixture
def page_errors() -> list[str]:
    return []


@pytest.fixture
def open_page(browser: "Browser", page_errors: list[str]) -> Iterator[OpenPage]:
    contexts = []

    def open_one(**options: Any) -> "Page":
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        watch(page, page_errors)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert not page_errors, "errors in the page; a test that expects them clears `page_errors`"


@pytest.fixture
def page(open_page: OpenPage, page_options: dict[str, Any]) -> "Page":
    return open_page(**page_options)
