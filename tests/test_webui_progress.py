"""The progress bar: how many of how many, how fast, how long still."""

import io
import re
from pathlib import Path

import pytest
from rich.console import Console
from rich.progress import Progress, Task

from webui.progress import RateColumn, progress_bar

_REPORTED = re.compile(r'progress\([^"\n]+, "([^"\n]+)"\)')


def terminal(*, is_one: bool = True) -> Console:
    return Console(file=io.StringIO(), force_terminal=is_one, width=100)


def shown(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", console.file.getvalue())


def task_after(done: int, seconds: float) -> Task:
    now = 0.0
    bars = Progress(get_time=lambda: now)
    task = bars.add_task("x", total=1000)
    bars.update(task, completed=1)
    now = seconds
    bars.update(task, completed=1 + done)
    return bars.tasks[0]


def test_work_is_shown_with_its_name_and_how_far_it_is() -> None:
    console = terminal()
    with progress_bar(console=console) as progress:
        progress(3, 1200, "index")
        progress(640, 1200, "index")
    assert "Index" in shown(console)
    assert "640/1200" in shown(console)


def test_whatever_work_reports_has_a_name_of_its_own() -> None:
    said = set()
    for package in ("connector", "search", "webui"):
        for path in (Path(__file__).parent.parent / package).rglob("*.py"):
            said |= set(_REPORTED.findall(path.read_text(encoding="utf-8")))
    assert {"exam", "held out", "index", "encoder"} <= said
    for what in said:
        console = terminal()
        with progress_bar(console=console) as progress:
            progress(3, 1200, what)
        assert re.match(r"\s*[A-Z][a-z ]+ ", shown(console)), what


@pytest.mark.parametrize(
    ("done", "seconds", "text"), [(500, 10.0, "50/s"), (5, 20.0, "15.0/min"), (90_000, 10.0, "9,000/s")]
)
def test_the_rate_is_by_the_second_or_by_the_minute(done: int, seconds: float, text: str) -> None:
    assert RateColumn().render(task_after(done, seconds)).plain == text


def test_there_is_no_rate_before_there_are_two_figures() -> None:
    bars = Progress()
    bars.add_task("x", total=10)
    assert RateColumn().render(bars.tasks[0]).plain == ""


def test_without_a_terminal_nothing_is_written() -> None:
    console = terminal(is_one=False)
    with progress_bar(console=console) as progress:
        progress(3, 1200, "index")
    assert shown(console) == ""
