"""The tables of `benchmarks.sync`: rates, requests, memory, ratios, and how they stand to the targets."""

from collections.abc import Sequence
from statistics import median

from benchmarks.contestants import Outcome
from benchmarks.tables import markdown_table, spread

Round = dict[tuple[str, str], Outcome]
"""What one round measured, by contestant and account."""
Measured = list[Round]

_NAMES = {
    "copy texts": "**ours**, stored",
    "copy whole": "**ours**, stored",
    "raw texts": "raw HTTP, not stored",
    "raw whole": "raw HTTP, not stored",
    "naive texts": "mwclient, `page.text()` (scaled)",
    "naive whole": "mwclient, page by page (scaled)",
    "pywikibot preloading": "pywikibot, preloading",
    "pywikibot content": "pywikibot, `allpages(content=True)`",
}
_TEXTS = ("copy texts", "raw texts", "pywikibot content", "pywikibot preloading", "naive texts")
_WHOLE = ("copy whole", "raw whole", "naive whole")
_STEPS = {
    "no change": "nothing has changed",
    "no change again": "nothing has changed, logged in already",
    "ten changes": "10 pages have",
    "sweep": "all is compared",
}
_ACCOUNTS = {"anonymous": "anonymous, 50", "bot": "bot, 500"}


def write_report(about: str, measured: Measured, memory: Sequence[tuple[int, int, Outcome]]) -> str:
    """Return the report in Markdown."""
    parts = [
        about,
        "Ratios are of the same round, and like the seconds the median of the rounds (least-most).",
        "### Current text",
        _first_copies(measured, _TEXTS, "raw texts"),
        "### Text, whole history, links, categories",
        _first_copies(measured, _WHOLE, "raw whole"),
        "### Staying in step",
        _steps(measured),
    ]
    if memory:
        parts += ["### Memory, from a generated export", _memory(memory)]
    parts += ["### Targets", _targets(measured, memory)]
    return "\n\n".join(parts)


def _first_copies(measured: Measured, contestants: Sequence[str], floor: str) -> str:
    rows = []
    for account, shown in _ACCOUNTS.items():
        for name in contestants:
            if (name, account) not in measured[0]:
                continue
            outcomes = [here[name, account] for here in measured]
            pages = len(measured[0]["raw texts", account].texts)
            rows.append(
                [
                    _NAMES[name],
                    shown,
                    spread([outcome.seconds for outcome in outcomes]),
                    f"{pages / median(outcome.seconds for outcome in outcomes):,.0f}",
                    f"{median(outcome.requests for outcome in outcomes):,.0f}",
                    f"{max(outcome.peak_mb for outcome in outcomes):.0f}",
                    spread(_ratios(measured, (floor, account), (name, account))),
                ]
            )
    return markdown_table(
        ["reader", "account, batch", "seconds", "pages/s", "requests", "MiB", "speed of raw HTTP = 1"], rows
    )


def _steps(measured: Measured) -> str:
    rows = []
    for account, shown in _ACCOUNTS.items():
        for step, words in _STEPS.items():
            outcomes = [here[step, account] for here in measured]
            parts = _ratios(measured, (step, account), ("copy whole", account))
            rows.append(
                [
                    f"sync, {words}",
                    shown,
                    spread([outcome.seconds for outcome in outcomes]),
                    str(max(outcome.requests for outcome in outcomes)),
                    f"{100 * median(parts):.2f} %",
                ]
            )
    return markdown_table(["what", "account, batch", "seconds", "requests", "of the first copy"], rows)


def _memory(memory: Sequence[tuple[int, int, Outcome]]) -> str:
    rows = [
        [f"{pages:,}", f"{revisions:,}", f"{outcome.seconds:.1f}", f"{outcome.peak_mb:.0f}"]
        for pages, revisions, outcome in memory
    ]
    return markdown_table(["pages", "revisions", "seconds", "MiB at the most"], rows)


def _targets(measured: Measured, memory: Sequence[tuple[int, int, Outcome]]) -> str:
    rows: list[list[str]] = []

    def add(target: str, account: str, shown: str, *, met: bool) -> None:
        rows.append([target, account, shown, "met" if met else "**missed**"])

    for account in _ACCOUNTS:
        speed = median(_ratios(measured, ("raw texts", account), ("copy texts", account)))
        add("current text at 0.85 of raw HTTP", account, f"{speed:.2f}", met=speed >= 0.85)
        naive = median(_ratios(measured, ("naive whole", "anonymous"), ("copy whole", account)))
        add("all of it 15 times as fast as naive", account, f"{naive:.1f}", met=naive >= 15)
        asked = max(here["no change", account].requests for here in measured)
        add("no change: 5 requests", account, str(asked), met=asked <= 5)
        for step, words in (("no change", ""), ("no change again", ", logged in already")):
            part = median(_ratios(measured, (step, account), ("copy whole", account)))
            target = f"no change: 1 % of the first copy{words}"
            add(target, account, f"{100 * part:.2f} %", met=part <= 0.01)
        asked = max(here["ten changes", account].requests for here in measured)
        add("10 changes: 15 requests", account, str(asked), met=asked <= 15)
    if memory:
        least = min(outcome.peak_mb for _, _, outcome in memory)
        more = max(outcome.peak_mb for _, _, outcome in memory) - least
        add("memory within 50 MB", "export", f"{more:.0f} MiB more", met=more * 1.048576 <= 50)
    return markdown_table(["target", "account", "measured", ""], rows)


def _ratios(measured: Measured, above: tuple[str, str], below: tuple[str, str]) -> list[float]:
    """Return the quotients of seconds, each of one round, in which both ran side by side."""
    return [here[above].seconds / here[below].seconds for here in measured]
