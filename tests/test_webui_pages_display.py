"""How values are shown."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from tests.community import empty_community
from webui.app import create_app
from webui.pages.display import (
    Run,
    ago,
    day,
    likelihood,
    lines_label,
    moment,
    number,
    percent,
    runs,
    same_line_after,
    same_line_before,
)


@pytest.fixture
def french(tmp_path: Path) -> Iterator[None]:
    services = empty_community(tmp_path)
    with create_app(services).test_request_context("/?lang=fr"):
        yield
    services.close()


def test_the_link_to_another_language_stays_on_this_host(tmp_path: Path) -> None:
    services = empty_community(tmp_path)
    path = "/\\evil.example/é"
    answer = (
        create_app(services)
        .test_client()
        .get("/", environ_overrides={"PATH_INFO": path.encode().decode("latin-1")})
    )
    links = [a["href"] for a in BeautifulSoup(answer.text, "html.parser").select("a[hreflang]")]
    assert links
    assert all(str(link).startswith("/%5Cevil.example/%C3%A9?lang=") for link in links)
    services.close()


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ([], [Run("abcdef", False)]),
        ([(0, 6)], [Run("abcdef", True)]),
        ([(1, 3)], [Run("a", False), Run("bc", True), Run("def", False)]),
        ([(4, 6), (0, 2)], [Run("ab", True), Run("cd", False), Run("ef", True)]),
        ([(1, 3), (2, 4)], [Run("a", False), Run("bcd", True), Run("ef", False)]),
        ([(-5, 1), (5, 99)], [Run("a", True), Run("bcde", False), Run("f", True)]),
        ([(3, 3), (5, 2), (9, 12)], [Run("abcdef", False)]),
    ],
)
def test_a_passage_is_cut_at_its_marks(marks: list[tuple[int, int]], expected: list[Run]) -> None:
    assert runs("abcdef", marks) == expected


def test_an_empty_passage_has_no_runs() -> None:
    assert runs("", [(0, 3)]) == []


@pytest.mark.usefixtures("french")
def test_dates_and_numbers_are_written_as_in_french() -> None:
    when = datetime(2026, 3, 1, 14, 5, tzinfo=UTC)
    assert day(when) == "1er mars 2026"
    assert moment(when) == "1er mars 2026 14:05 UTC"
    assert number(1312) == "1\u202f312"
    assert percent(0.72) == "72\u00a0%"


@pytest.mark.usefixtures("french")
def test_how_long_ago() -> None:
    assert ago(datetime.now(UTC) - timedelta(minutes=7)) == "il y a 7 minutes"


@pytest.mark.usefixtures("french")
def test_a_clock_that_runs_ahead_never_gives_the_future() -> None:
    assert "dans" not in ago(datetime.now(UTC) + timedelta(minutes=7))


@pytest.mark.usefixtures("french")
@pytest.mark.parametrize(
    ("lines", "label"),
    [([4], "ligne 4"), ([4, 4], "ligne 4"), ([9, 7, 8, 3], "lignes 3, 7–9"), ([1, 2], "lignes 1–2")],
)
def test_lines_are_named_shortly(lines: list[int], label: str) -> None:
    assert lines_label(lines) == label


@pytest.mark.parametrize(
    ("context", "before", "after"),
    [
        ("", "", ""),
        ("and so on", "…and so on", "and so on…"),
        ("== Heading ==\nText before", "Text before", "== Heading =="),
        ("the end.\n", "", "the end."),
    ],
)
def test_a_context_stays_on_its_line(context: str, before: str, after: str) -> None:
    assert same_line_before(context) == before
    assert same_line_after(context) == after


@pytest.mark.usefixtures("french")
def test_scores_are_said_in_words() -> None:
    assert [likelihood(score) for score in (0.95, 0.7, 0.2)] == ["très probable", "probable", "possible"]
