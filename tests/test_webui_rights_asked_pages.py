"""Which pages may be read: asked of the wiki as seldom as can be, and remembered a while."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from connector.errors import WikiUnavailableError
from tests.asked_wiki import ALL, AskedWiki, asked
from webui.rights import asked_pages
from webui.rights.asked_pages import KEPT_SECONDS, PAUSE_SECONDS, AskedPages

__all__ = ["asked"]  # a fixture


class Seconds:
    """Seconds that a test lets pass."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_what_may_be_read_is_asked_once_a_minute(asked: AskedWiki) -> None:
    seconds = Seconds()
    public = AskedPages(asked, monotonic=seconds)
    assert public.titles([1, 2, 999]) == {1: ALL[1], 2: ALL[2]}
    assert public.titles([2, 1]) == {1: ALL[1], 2: ALL[2]}
    assert public.titles([2, 3]) == {2: ALL[2], 3: ALL[3]}
    assert public.titles([999]) == {}, "that it may not be read is remembered too"
    assert asked.asked == [(1, 2, 999), (3,)]
    asked.titles = {1: "Moved"}
    seconds.now += KEPT_SECONDS - 0.1
    assert public.titles([1, 2]) == {1: ALL[1], 2: ALL[2]}
    seconds.now += 0.1
    assert public.titles([1, 2]) == {1: "Moved"}
    assert public.titles([]) == {}


def test_a_wiki_that_did_not_answer_is_left_alone_for_a_while(
    asked: AskedWiki, caplog: pytest.LogCaptureFixture
) -> None:
    seconds = Seconds()
    public = AskedPages(asked, monotonic=seconds)
    assert public.titles([1]) == {1: ALL[1]}
    asked.error = WikiUnavailableError("the wiki is away")
    assert public.titles([1, 2]) == {}, "all or nothing"
    assert "the wiki is away" in caplog.text
    asked.error = None
    assert public.titles([2]) == {}
    assert public.titles([1]) == {1: ALL[1]}, "what is known is known"
    seconds.now += PAUSE_SECONDS
    assert public.titles([1, 2]) == {1: ALL[1], 2: ALL[2]}
    assert asked.asked == [(1,), (2,), (2,)]


def test_those_who_ask_at_once_ask_the_wiki_once(asked: AskedWiki) -> None:
    asked.seconds = 0.05
    public = AskedPages(asked)
    together = threading.Barrier(4)

    def ask(_: int) -> dict[int, str]:
        together.wait()
        return public.titles([1, 2])

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(ask, range(4)))
    assert found == [{1: ALL[1], 2: ALL[2]}] * 4
    assert asked.asked == [(1, 2)]


def test_nobody_waits_long_for_who_asks_a_slow_wiki(
    asked: AskedWiki, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asked_pages, "_WAIT_SECONDS", 0.01)
    release = threading.Event()
    begun = threading.Event()

    def slow(pageids: Sequence[int]) -> dict[int, str]:
        begun.set()
        release.wait(timeout=30)
        return asked(pageids)

    public = AskedPages(slow)
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(public.titles, [1])
        begun.wait(timeout=30)
        assert public.titles([2]) == {}
        release.set()
        assert first.result() == {1: ALL[1]}
    assert public.titles([2]) == {2: ALL[2]}


def test_only_so_many_pages_are_remembered(asked: AskedWiki, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked_pages, "_MOST_KEPT", 3)
    public = AskedPages(asked)
    for pageid in (1, 2, 3, 4):
        assert public.titles([pageid]) == {pageid: ALL[pageid]}
    asked.asked.clear()
    assert public.titles([2, 3, 4]) == {pageid: ALL[pageid] for pageid in (2, 3, 4)}
    assert public.titles([1]) == {1: ALL[1]}
    assert asked.asked == [(1,)], "the oldest one was forgotten"
    assert public.titles(list(ALL)) == ALL, "more at once than are remembered"
