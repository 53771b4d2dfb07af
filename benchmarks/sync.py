"""How fast the mirror is made and kept: ours, naive mwclient, pywikibot and raw HTTP on one real wiki.

    python -m benchmarks.sync FOLDER > table.md

FOLDER holds real pages (`benchmarks.wikis` says which). They fill a local MediaWiki; then all contestants
read it in turn, in rounds that begin with another one each time, each in a new process with a new session.
What they read is compared with what the wiki has: page, revision, text, and counts of revisions and links.
Progress goes to standard error, the table to standard output. What `--work` does not keep is deleted.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from itertools import count
from pathlib import Path

from benchmarks.contestants import Outcome, Task
from benchmarks.exports import write_export
from benchmarks.machine import describe_machine
from benchmarks.report import Measured, write_report
from benchmarks.wikis import build_real_wiki, open_real_wiki, read_source_pages
from connector.sync import default_namespaces
from connector.wiki import MediaWiki, WikiSettings
from tests.mediawiki import LocalWiki

_ANONYMOUS, _BOT = "anonymous", "bot"
_CHANGES = 10
_READER, _EDITOR = "Benchmark reader", "Benchmark editor"
# Pages and revisions of each in the generated exports.
_EXPORTS = ((2_000, 2), (20_000, 2), (2_000, 20))


class Disagreement(Exception):  # noqa: N818 - what a contestant did, not a fault of ours
    """A contestant did not read what the wiki has: its time is worth nothing."""


class Arena:
    """One wiki, the accounts that read it, and what they must find in it.

    Args:
        wiki: the wiki, full.
        folder: for our mirrors.
        sample: about how many pages the naive ones read.
    """

    def __init__(self, wiki: LocalWiki, folder: Path, *, sample: int) -> None:
        self.wiki = wiki
        self._folder = folder
        self._numbers = count()
        wiki.create_user(_READER, groups=("bot",))  # who may read 500 texts at once
        password = wiki.create_bot_password(_READER, f"benchmark{time.time_ns()}")
        self._accounts: dict[str, tuple[str | None, str | None]] = {_ANONYMOUS: (None, None), _BOT: password}
        site = MediaWiki(WikiSettings(api_url=wiki.api_url)).site()
        self._namespaces = default_namespaces(site)
        self.truth = self._read_truth()
        self._every = max(1, len(self.truth.texts) // sample)
        general = wiki.session().ask("query", meta="siteinfo")["query"]["general"]
        self.generator = str(general["generator"])

    def run(
        self, contestant: str, account: str, *, mirror: Path | None = None, sweep: bool = False
    ) -> Outcome:
        """Let a contestant read the wiki, and check that it has read it.

        Raises:
            Disagreement: it has read something else.
        """
        user, password = self._accounts[account]
        naive = contestant.startswith("naive")
        outcome = run_contestant(
            Task(
                contestant=contestant,
                namespaces=self._namespaces,
                api_url=self.wiki.api_url,
                user=user,
                password=password,
                batch=500 if account == _BOT else 50,
                every=self._every if naive else 1,
                store=str(mirror or self.new_mirror()) if contestant.startswith("copy") else "",
                sweep=sweep,
            )
        )
        self._check(contestant, outcome)
        return outcome

    def new_mirror(self) -> Path:
        """Return where another mirror may be made."""
        return self._folder / f"mirror-{next(self._numbers)}.sqlite"

    def edit(self, edits: int = _CHANGES) -> None:
        """Change some pages, all over the wiki, as somebody else than who reads it."""
        pageids = sorted(self.truth.texts)
        session = self.wiki.session(_EDITOR)
        for pageid in pageids[:: max(1, len(pageids) // edits)][:edits]:
            session.write("edit", pageid=pageid, appendtext="\n\nOne more line.", summary="More")
        self.wiki.run_maintenance("runJobs.php")
        self.truth = self._read_truth()

    def _read_truth(self) -> Outcome:
        user, password = self._accounts[_BOT]
        return run_contestant(
            Task(
                contestant="raw whole",
                namespaces=self._namespaces,
                api_url=self.wiki.api_url,
                user=user,
                password=password,
                batch=500,
            )
        )

    def _check(self, contestant: str, outcome: Outcome) -> None:
        wanted = self.truth.texts
        if contestant.startswith("naive"):
            expected = len(range(0, len(wanted), self._every))
            same = len(outcome.texts) == expected and outcome.texts.items() <= wanted.items()
        else:
            same = outcome.texts == wanted
        if contestant.endswith("whole") and (self._every == 1 or not contestant.startswith("naive")):
            same = same and _counts(outcome) == _counts(self.truth)
        if not same:
            missing = len(wanted.keys() - outcome.texts.keys())
            raise Disagreement(
                f"{contestant} has not read what the wiki has: {len(outcome.texts)} of {len(wanted)} pages "
                f"({missing} not), counts {_counts(outcome)} of {_counts(self.truth)}"
            )


def run_contestant(task: Task) -> Outcome:
    """Let a contestant do its task in a process of its own.

    Raises:
        RuntimeError: it failed; the message ends with what it said.
    """
    finished = subprocess.run(
        [sys.executable, "-m", "benchmarks.contestants"],
        input=json.dumps(asdict(task)),
        capture_output=True,
        text=True,
        cwd=Path(__file__).parent.parent,
        check=False,
    )
    if finished.returncode != 0:
        raise RuntimeError(f"{task.contestant} failed:\n{finished.stderr[-4000:]}")
    fields = json.loads(finished.stdout)
    fields["texts"] = {int(pageid): (revid, sha1) for pageid, (revid, sha1) in fields["texts"].items()}
    return Outcome(**fields)


def measure(arena: Arena, *, rounds: int, pywikibot: bool = True) -> Measured:
    """Let everybody read the wiki, in turn, `rounds` times.

    Raises:
        Disagreement: one of them has read something else than the others.
    """
    everybody = [
        *((name, account) for account in (_ANONYMOUS, _BOT) for name in _READERS),
        ("naive texts", _ANONYMOUS),
        ("naive whole", _ANONYMOUS),
    ]
    if pywikibot:
        everybody += [(name, account) for account in (_ANONYMOUS, _BOT) for name in _PYWIKIBOT]
    measured: Measured = []
    for number in range(rounds):
        start = number * len(everybody) // max(rounds, 1)
        mirrors = {account: arena.new_mirror() for account in (_ANONYMOUS, _BOT)}
        here = {}
        for name, account in everybody[start:] + everybody[:start]:
            mirror = mirrors[account] if name == "copy whole" else None
            here[name, account] = arena.run(name, account, mirror=mirror)
            _tell(number, name, account, here[name, account])
        here |= _keep_in_step(arena, mirrors, number)
        measured.append(here)
    return measured


def _keep_in_step(arena: Arena, mirrors: dict[str, Path], number: int) -> dict[tuple[str, str], Outcome]:
    """Sync mirrors that are there: nothing has changed, a few pages have, and all is compared."""
    here = {}
    for step in ("no change", "no change again", "ten changes", "sweep"):
        if step == "ten changes":
            arena.edit()
        contestant = "copy again whole" if step == "no change again" else "copy whole"
        for account, mirror in mirrors.items():
            here[step, account] = arena.run(contestant, account, mirror=mirror, sweep=step == "sweep")
            _tell(number, step, account, here[step, account])
    return here


_READERS = ("copy texts", "raw texts", "copy whole", "raw whole")
_PYWIKIBOT = ("pywikibot preloading", "pywikibot content")


def measure_memory(
    folder: Path, exports: Sequence[tuple[int, int]] = _EXPORTS
) -> list[tuple[int, int, Outcome]]:
    """Copy generated exports, and return pages, revisions and what the copying took."""
    outcomes = []
    for pages, revisions in exports:
        path = folder / f"export-{pages}-{revisions}.xml"
        write_export(path, pages=pages, revisions=revisions)
        mirror = folder / f"export-{pages}-{revisions}.sqlite"
        task = Task(contestant="copy whole", namespaces=(0,), export=str(path), store=str(mirror))
        outcome = run_contestant(task)
        if (len(outcome.texts), outcome.revisions) != (pages, pages * revisions):
            raise Disagreement(f"{len(outcome.texts)} of {pages} pages are in the mirror of an export")
        _tell(0, f"export of {pages} pages, {pages * revisions} revisions", "file", outcome)
        outcomes.append((pages, pages * revisions, outcome))
        path.unlink()
    return outcomes


def _counts(outcome: Outcome) -> tuple[int, int, int]:
    return outcome.revisions, outcome.categories, outcome.links


def _tell(number: int, name: str, account: str, outcome: Outcome) -> None:
    line = f"{outcome.seconds:.2f} s, {outcome.requests} requests, {outcome.peak_mb:.0f} MiB"
    print(f"round {number + 1}: {name}, {account}: {line}", file=sys.stderr, flush=True)


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.sync", description=str(__doc__).split("\n")[0]
    )
    parser.add_argument("folder", type=Path, help="the data: real pages, which stay outside the project")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--revisions", type=int, default=20, help="newest revisions kept of each page (20)")
    parser.add_argument("--sample", type=int, default=150, help="pages that the naive ones read (150)")
    parser.add_argument("--work", type=Path, help="keep the filled wiki here, and use the one that is here")
    parser.add_argument("--no-memory", action="store_true", help="leave the generated exports out")
    options = parser.parse_args()
    began = describe_machine()
    with ExitStack() as stack:
        temporary = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="compagnon-benchmark-")))
        place = (options.work or temporary) / "wiki"
        if place.exists():
            wiki = open_real_wiki(place)
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
            print("filling a wiki: two minutes", file=sys.stderr, flush=True)
            wiki = build_real_wiki(
                place, list(read_source_pages(options.folder, revisions=options.revisions))
            )
        stack.enter_context(wiki)
        arena = Arena(wiki, temporary, sample=options.sample)
        truth = arena.truth
        measured = measure(arena, rounds=options.rounds)
        memory = [] if options.no_memory else measure_memory(temporary)
        about = (
            f"{began} at the start and {describe_machine().rpartition(' ')[2]} at the end. {arena.generator} "
            f"(SQLite, PHP's built-in server) on the same machine: {len(truth.texts):,} real pages, "
            f"{truth.revisions:,} revisions, {truth.categories:,} categories, {truth.links:,} links. "
            f"{options.rounds} round{'s' * (options.rounds > 1)}."
        )
    print(write_report(about, measured, memory))


if __name__ == "__main__":
    main()
