"""The guard against the network, the browser's watch, and what happens when a real part is missing."""

import asyncio
import os
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.chromium import ChromiumMissingError, find_chromium, start_chromium
from tests.conftest import OpenPage, on_postgresql
from tests.mediawiki import LocalWiki
from tests.network_guard import NetworkGuard, NetworkGuardError
from tests.real_parts import give_up

if TYPE_CHECKING:
    from playwright.sync_api import Page

ELSEWHERE = ("192.0.2.1", 80)  # RFC 5737: an address of no machine


def in_a_thread(act: Callable[[], object]) -> None:
    """Do something where no browser of an earlier test has a loop that runs."""
    with ThreadPoolExecutor(1) as threads:
        threads.submit(act).result()


@pytest.mark.parametrize(
    "reach",
    [
        lambda: socket.create_connection(ELSEWHERE, timeout=1),
        lambda: socket.create_connection(("example.org", 80), timeout=1),
        lambda: socket.create_connection(("2001:db8::1", 80), timeout=1),
        lambda: socket.socket().connect_ex(ELSEWHERE),
        lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b"?", ("192.0.2.1", 53)),
        lambda: urllib.request.urlopen("http://example.org/", timeout=1),
        lambda: asyncio.run(asyncio.open_connection(*ELSEWHERE)),
    ],
)
def test_reaching_another_machine_raises(network_guard: NetworkGuard, reach: object) -> None:
    assert callable(reach)
    with pytest.raises(NetworkGuardError):
        in_a_thread(reach)
    assert len(network_guard.attempts) == 1
    network_guard.attempts.clear()


def test_an_attempt_that_was_swallowed_is_remembered(network_guard: NetworkGuard) -> None:
    caught = []

    def swallow() -> None:
        try:
            socket.create_connection(ELSEWHERE, timeout=1)
        except NetworkGuardError as error:
            caught.append(error)

    thread = threading.Thread(target=swallow)
    thread.start()
    thread.join()
    assert len(caught) == 1
    assert network_guard.attempts == ["192.0.2.1"]
    network_guard.attempts.clear()


def test_this_machine_can_be_reached_and_invalid_names_do_not_exist() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        for name in ("127.0.0.1", "localhost"):
            socket.create_connection((name, server.getsockname()[1]), timeout=10).close()
    with pytest.raises(socket.gaierror):
        socket.create_connection(("wiki.invalid", 80), timeout=1)


def test_the_model_hub_is_off_and_the_users_settings_are_not_seen() -> None:
    assert os.environ["HF_HUB_OFFLINE"] == "1"
    seen = {name for name in os.environ if name.startswith("COMPAGNON_")}
    own = {"COMPAGNON_TEST_STORE", "COMPAGNON_TEST_POSTGRESQL", "COMPAGNON_SEARCH_CHROMA_URL"}
    assert seen <= {"COMPAGNON_CHROMIUM", "COMPAGNON_TEST_REQUIRE"} | (own if on_postgresql() else set())


def test_the_data_folder_is_empty_and_the_tests_own(data_dir: Path, tmp_path: Path) -> None:
    assert list(data_dir.iterdir()) == []
    assert data_dir.parent == tmp_path


@pytest.mark.parametrize(("name", "value"), [("CI", "true"), ("COMPAGNON_TEST_REQUIRE", "1")])
def test_a_missing_part_fails_where_it_is_required_and_skips_elsewhere(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("COMPAGNON_TEST_REQUIRE", raising=False)
    with pytest.raises(pytest.skip.Exception, match="Chromium cannot be had here: no chromium"):
        give_up("Chromium", ChromiumMissingError("no chromium"))
    monkeypatch.setenv(name, value)
    with pytest.raises(pytest.fail.Exception, match="Chromium cannot be had here: no chromium"):
        give_up("Chromium", ChromiumMissingError("no chromium"))


def test_tests_are_marked_by_what_they_use(request: pytest.FixtureRequest, wiki: LocalWiki) -> None:
    assert request.node.get_closest_marker("wiki")
    assert not request.node.get_closest_marker("browser")
    assert wiki.process_ids()


def test_chromium_is_the_chosen_one_or_one_that_is_no_snap(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("COMPAGNON_CHROMIUM", raising=False)
    snap = tmp_path / "snap" / "bin"
    snap.mkdir(parents=True)
    chrome = tmp_path / "google-chrome"
    for program in (snap / "chromium", chrome):
        program.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(snap))
    with pytest.raises(ChromiumMissingError, match="COMPAGNON_CHROMIUM"):
        find_chromium()
    monkeypatch.setenv("PATH", f"{snap}:{tmp_path}")
    assert find_chromium() == chrome
    monkeypatch.setenv("COMPAGNON_CHROMIUM", str(tmp_path / "absent"))
    with pytest.raises(ChromiumMissingError, match="absent"):
        find_chromium()


def test_a_chromium_that_does_not_start_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "chromium"
    program.write_text("#!/bin/sh\necho 'no display' >&2; exit 1\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("COMPAGNON_CHROMIUM", str(program))

    def start() -> None:
        with start_chromium():
            pass

    with pytest.raises(ChromiumMissingError, match="does not start"):
        in_a_thread(start)


def test_a_page_of_the_wiki_is_read_in_french_without_an_error(page: "Page", wiki: LocalWiki) -> None:
    page.goto(f"{wiki.index_url}/Hivernage_des_ruches")
    assert page.get_by_role("heading", name="Hivernage des ruches").is_visible()
    page.get_by_role("link", name="sirop").click()
    page.wait_for_url("**/Sirop_de_nourrissement")
    assert page.evaluate("navigator.language") == "fr-FR"


def test_two_people_browse_side_by_side(open_page: OpenPage, fresh_wiki: LocalWiki) -> None:
    account = fresh_wiki.account("Inès Bouvier")
    member, visitor = open_page(locale="fr-FR"), open_page(locale="en-GB")
    member.goto(f"{fresh_wiki.index_url}?title=Special:UserLogin")
    member.fill("#wpName1", account.name)
    member.fill("#wpPassword1", account.password)
    member.click("#wpLoginAttempt")
    member.wait_for_selector("#pt-logout")
    visitor.goto(f"{fresh_wiki.index_url}/Accueil")
    assert visitor.locator("#pt-logout").count() == 0
    assert visitor.evaluate("navigator.language") == "en-GB"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("<script>console.error('aïe')</script>", "console: aïe"),
        ("<script>throw new Error('aïe')</script>", "exception: aïe"),
        ("<script>Promise.reject(new Error('aïe'))</script>", "exception: aïe"),
        ("<img src='http://example.org/x.png'>", "request to another machine: http://example.org/x.png"),
        ("<img src='http://192.0.2.1/x.png'>", "request to another machine: http://192.0.2.1/x.png"),
        ("<img src='http://127.0.0.1:9/x.png'>", "console: Failed to load resource"),
    ],
)
def test_what_a_page_does_wrong_is_noticed(
    page: "Page", page_errors: list[str], content: str, expected: str
) -> None:
    page.set_content(content)
    for _ in range(200):
        if any(error.startswith(expected) for error in page_errors):
            break
        page.wait_for_timeout(20)
    else:
        pytest.fail(f"not noticed: {page_errors}")
    page_errors.clear()


def test_chromium_finds_no_other_machine(page: "Page", page_errors: list[str]) -> None:
    for url in ("http://example.org/", "http://192.0.2.1/"):
        with pytest.raises(Exception, match="ERR_NAME_NOT_RESOLVED"):
            page.goto(url)
    page_errors.clear()


FAULTY_TESTS = """
import socket

def test_page(page):
    page.set_content("<script>console.error('aïe')</script>")

def test_network():
    try:
        socket.create_connection(("192.0.2.1", 80), timeout=1)
    except RuntimeError:
        pass
"""


def test_what_went_wrong_fails_the_test_at_its_end(tmp_path: Path) -> None:
    outcome = run_tests(tmp_path, FAULTY_TESTS)
    assert outcome.returncode == 1
    assert "2 passed, 2 errors" in outcome.stdout, outcome.stdout
    assert "console: aïe" in outcome.stdout
    assert "192.0.2.1" in outcome.stdout


def test_without_chromium_tests_are_skipped_with_the_reason_or_fail_where_it_is_required(
    tmp_path: Path,
) -> None:
    environment = {"COMPAGNON_CHROMIUM": str(tmp_path / "absent")}
    content = "def test_page(page):\n    pass\n"
    desk = run_tests(tmp_path, content, **environment)
    assert desk.returncode == 0
    assert "1 skipped" in desk.stdout
    assert f"COMPAGNON_CHROMIUM is not a program: {tmp_path / 'absent'}" in desk.stdout
    required = run_tests(tmp_path, content, **environment, COMPAGNON_TEST_REQUIRE="1")
    assert required.returncode == 1
    assert "1 error" in required.stdout
    assert f"COMPAGNON_CHROMIUM is not a program: {tmp_path / 'absent'}" in required.stdout


def run_tests(folder: Path, content: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a test file of its own with the project's fixtures, in another process."""
    (folder / "test_it.py").write_text(content, encoding="utf-8")
    outer = ("CI", "COMPAGNON_TEST_REQUIRE", "COMPAGNON_CHROMIUM") if environment else ("CI",)
    inherited = {name: value for name, value in os.environ.items() if name not in outer}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-c", "pyproject.toml", "-p", "tests.conftest", str(folder)],
        cwd=Path(__file__).parent.parent,
        env=inherited | {"COLUMNS": "300", **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
