"""A progress bar on the terminal; silent where there is none."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress

from connector.progress import Progress

_LABELS = {
    "sweep": "Page list",
    "pages": "Pages",
    "links": "Links",
    "histories": "Histories",
    "proofs": "Checksums",
    "renderings": "Renderings",
    "index": "Index",
    "encoder": "Model",
}


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """Show a bar for each kind of work, with how many of how many, and the time left."""
    console = Console(stderr=True)
    bars = RichProgress(
        TextColumn("{task.description:<12}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
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
