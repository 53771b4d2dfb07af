"""A progress bar on the terminal, with a rate and the time left; silent where there is none."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as RichProgress
from rich.text import Text

from connector.progress import Progress

_LABELS = {
    "sweep": "Page list",
    "pages": "Pages",
    "links": "Links",
    "histories": "Histories",
    "proofs": "Checksums",
    "renderings": "Renderings",
    "reading": "Reading",
    "embedding": "Vectors",
    "index": "Index",
    "encoder": "Model",
    "survey": "Link survey",
    # Of a distillation.
    "teacher": "Teacher",
    "lessons": "Lessons",
    # Of notes.
    "lines": "Lines",
    "windows": "Windows",
    "drafts": "Drafts",
    # Of an exam: drawing the questions, copying pages without what is asked, reusing vectors, asking.
    "questions": "Questions",
    "held out": "Copy",
    "vectors": "Vectors",
    "exam": "Answers",
    "wiki": "Wiki answers",
    # Of a backup: copying the database, packing, looking whether all is there.
    "database": "Database",
    "backup": "Backup",
    "archive": "Archive",
}
# Batches are of very different sizes: over less the rate, and the time left with it, would jump.
_RATE_OVER_SECONDS = 60.0


class RateColumn(ProgressColumn):
    """How many are done in a second, or in a minute where that is less than one."""

    def render(self, task: Task) -> Text:
        """See `ProgressColumn`."""
        speed = task.finished_speed or task.speed
        if not speed:
            return Text("")
        return Text(
            f"{speed:,.0f}/s" if speed >= 1 else f"{60 * speed:,.1f}/min", style="progress.data.speed"
        )


@contextmanager
def progress_bar(*, console: Console | None = None) -> Iterator[Progress]:
    """Show a bar for each kind of work, with how many of how many, the rate, and the time left.

    Args:
        console: where to; None for standard error.
    """
    console = console or Console(stderr=True)
    bars = RichProgress(
        TextColumn("{task.description:<12}"),
        BarColumn(),
        MofNCompleteColumn(),
        RateColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        speed_estimate_period=_RATE_OVER_SECONDS,
        # Rich would end its work with an empty line, in a log or a mail from cron too.
        disable=not console.is_terminal,
    )
    tasks: dict[str, TaskID] = {}

    def report(done: int, total: int, what: str) -> None:
        if what not in tasks:
            tasks[what] = bars.add_task(_LABELS.get(what, what), total=total or None)
        bars.update(tasks[what], completed=done, total=total or None)

    with bars:
        yield report
