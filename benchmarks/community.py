"""Who carries a community, whom to call, what is at risk: `python -m benchmarks.community FOLDER`.

Wikis whose history is known (`benchmarks.community_sets`) are replayed to three dates, on one mirror that
goes on from date to date, as a sync would bring it; at each the figures are the ones that the page shows.
Beside them stands what is counted from the list of revisions alone, in plain code.

Cold is a new process's first question with all inputs unread; warm the same question again; "after a search"
the first one after a search was counted, which leaves what was worked out; "after a wish" the first one after
somebody's wishes were kept, which makes everything anew.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from benchmarks.community_sets import (
    ByHand,
    History,
    NoVectors,
    count_by_hand,
    is_fewest,
    read_histories,
)
from benchmarks.machine import describe_machine
from benchmarks.tables import markdown_table, spread
from community.activity import Activity
from community.calls import Calls
from community.load import Loads
from community.model import Call, IfTheyLeave, Load
from community.risk import Risks, StalePage, TopicRisk
from community.settings import CommunitySettings
from connector.store import Store
from connector.store.wishes import Wish
from search.indexer import Index
from search.settings import SearchSettings
from search.topics import Knowledge, Topics

_MONTHS = 12
_ROUNDS = 5
_SETTINGS = CommunitySettings()
Writes = tuple[Callable[[], None], Callable[[], None]]
"""Something noted in passing, and something that counts."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What answers, with nothing read yet."""

    loads: Loads
    calls: Calls
    risks: Risks
    topics: Topics

    @classmethod
    def of(cls, store: Store, index: Index) -> "Parts":
        """Make them anew."""
        activity = Activity(store=store, people=index.people)
        topics = Topics(store=store, index=index, settings=SearchSettings())
        return cls(
            Loads(activity),
            Calls(store=store, people=index.people, activity=activity, settings=_SETTINGS),
            Risks(store=store, topics=topics, activity=activity, settings=_SETTINGS),
            topics,
        )


@dataclass(frozen=True, slots=True)
class Figures:
    """What the page shows at one moment."""

    now: datetime
    load: Load
    calls: Sequence[Call]
    topics: Sequence[TopicRisk]
    leaving: Sequence[IfTheyLeave]
    stale: Sequence[StalePage]
    knowledge: Knowledge

    def who(self, why: str) -> frozenset[str]:
        """Return the names of those who are to be called for a reason."""
        return frozenset(call.person.name for call in self.calls if call.why == why)


@dataclass(frozen=True, slots=True)
class Seconds:
    """How long the figures of one part took."""

    cold: float
    warm: Sequence[float]
    after_a_search: Sequence[float]
    after_a_wish: Sequence[float]


def ask(parts: Parts, now: datetime) -> Figures:
    """Ask for everything."""
    return Figures(
        now,
        parts.loads.over(months=_MONTHS, now=now),
        parts.calls.all(now=now),
        parts.risks.topics(now=now),
        parts.risks.if_they_leave(now=now),
        parts.risks.stale(now=now),
        parts.topics.knowledge(),
    )


def dates_of(history: History, number: int) -> list[datetime]:
    """Return evenly spaced moments, the last one at the end of the history."""
    first, last = history.span
    return [first + (last - first) * part / number for part in range(1, number + 1)]


def compare(figures: Figures, by_hand: ByHand) -> list[list[str]]:
    """Return rows of a figure, ours, and the one by hand.

    Raises:
        ValueError: they are not the same.
    """
    load = figures.load
    rows: list[tuple[str, str, str]] = [
        ("contributions, 12 months", f"{load.contributions:,}", f"{by_hand.contributions:,}"),
        ("people", str(load.people), str(by_hand.people)),
        ("absence factor", str(load.absence_factor), str(by_hand.absence_factor)),
        ("their part", f"{load.carriers_share:.4f}", f"{by_hand.carriers_share:.4f}"),
        ("Gini", f"{load.gini:.6f}", f"{by_hand.gini:.6f}"),
        ("newcomers to call", *_sets(figures.who("newcomer"), by_hand.newcomers)),
        ("gone quiet", *_sets(figures.who("quiet"), by_hand.quiet)),
    ]
    different = [name for name, ours, theirs in rows if ours != theirs]
    if different:
        raise ValueError(f"not what is counted by hand on {figures.now:%Y-%m-%d}: {', '.join(different)}")
    return [list(row) for row in rows]


def check_knowledge(figures: Figures, by_hand: ByHand) -> tuple[str, str]:
    """Return what trying all choices says of the absence factors, and how pages of one editor agree."""
    verdicts: Counter[bool | None] = Counter()
    for topic in figures.topics:
        _, pageids = figures.knowledge.topics[topic.name]
        knowing = [figures.knowledge.knowers[pageid] for pageid in pageids]
        verdicts[is_fewest(knowing, topic.absence_factor)] += 1
    agree = told = 0
    for pageid, page in figures.knowledge.pages.items():
        if page.title in by_hand.alone:
            told += 1
            names = {figures.knowledge.names[who] for who in figures.knowledge.knowers[pageid]}
            agree += names <= {by_hand.alone[page.title]}
    return (
        f"{verdicts[True]} of {len(figures.topics)} are the fewest possible, {verdicts[False]} are not, "
        f"{verdicts[None]} are above three and not tried",
        f"{agree} of {told}",
    )


def measure(parts: Callable[[], Parts], writes: Writes, now: datetime) -> dict[str, Seconds]:
    """Time each part, and all together; what is asked first reads what the others use as well."""
    asked: dict[str, Callable[[Parts], object]] = {
        "load": lambda each: each.loads.over(months=_MONTHS, now=now),
        "calls": lambda each: each.calls.all(now=now),
        "topics at risk": lambda each: each.risks.topics(now=now),
        "if they leave": lambda each: each.risks.if_they_leave(now=now),
        "stale pages": lambda each: each.risks.stale(now=now),
        "all": lambda each: ask(each, now),
    }
    found = {}
    for name, question in asked.items():
        new = parts()
        cold = _time(question, new)
        warm = [_time(question, new) for _ in range(_ROUNDS)]
        again: tuple[list[float], ...] = ([], [])
        for write, times in zip(writes, again, strict=True):
            for _ in range(_ROUNDS):
                write()
                times.append(_time(question, new))
        found[name] = Seconds(cold, warm, *again)
    return found


def print_figures(figures: Figures, by_hand: ByHand) -> None:
    """Print a date's figures beside those by hand, and what is at risk; without anybody's name."""
    print(f"\n#### {figures.now:%Y-%m-%d}\n")
    print(markdown_table(["", "ours", "by hand"], compare(figures, by_hand)))
    choices, alone = check_knowledge(figures, by_hand)
    gone = sum(topic.absence_factor_now == 0 for topic in figures.topics)
    one = sum(topic.absence_factor_now == 1 for topic in figures.topics)
    print(f"\nAbsence factors of topics: {choices}. Pages with one editor, known by nobody else: {alone}.")
    print(f"Topics that nobody holds who edited within a year: {gone}; that one person holds: {one}.")
    print(
        f"People with whom a topic, or five pages, would be lost: {len(figures.leaving)}, with "
        f"{sum(len(each.topics) for each in figures.leaving)} topics. Stale pages: {len(figures.stale)}.",
        flush=True,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Replay, print, and return 0."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--only", default="", metavar="TEXT", help="wikis whose name holds this text")
    parser.add_argument("--dates", type=int, default=3, help="so many, evenly spaced")
    options = parser.parse_args(arguments)
    print(describe_machine())
    for history in read_histories(options.folder):
        if options.only in history.name:
            print(f"\n### {history.name}")
            _replay(history, options.dates)
    return 0


def _replay(history: History, number: int) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        with Store.open(folder / "mirror.sqlite3") as store:
            index = Index(
                folder=folder / "index", store=store, embedder=NoVectors(), settings=SearchSettings()
            )
            parts = Parts.of(store, index)
            before: datetime | None = None
            for now in dates_of(history, number):
                history.replay(store, after=before, until=now)
                index.update()
                by_hand = count_by_hand(
                    history.index,
                    now=now,
                    months=_MONTHS,
                    newcomer_days=_SETTINGS.newcomer_days,
                    quiet_days=_SETTINGS.quiet_days,
                )
                print_figures(ask(parts, now), by_hand)
                before = now
            print(f"\n{store.pages.count():,} pages, {store.revisions.count():,} revisions; seconds:\n")
            seconds = measure(lambda: Parts.of(store, index), _writes(store, now), now)
            index.close()
        rows = [
            [
                name,
                f"{each.cold:.3f}",
                *(spread(some, digits=3) for some in (each.warm, each.after_a_search, each.after_a_wish)),
            ]
            for name, each in seconds.items()
        ]
        print(markdown_table(["", "cold", "warm", "after a search", "after a wish"], rows), flush=True)


def _writes(store: Store, now: datetime) -> Writes:
    """Return what counts a search, and what keeps a wish of somebody who never wrote anything."""
    wiki_user_id = 2**31 - 1
    account = store.accounts.put(wiki_user_id=wiki_user_id, name="Benchmark", groups=[], told_at=now)
    return (
        lambda: store.unanswered_searches.count("benchmark", language="en", now=now),
        lambda: store.wishes.put(account.id, Wish()),
    )


def _sets(ours: frozenset[str], by_hand: frozenset[str]) -> tuple[str, str]:
    """Return the sizes of two sets; where they are not the same people, in how many they differ."""
    strange = f", {len(ours ^ by_hand)} others" if ours != by_hand else ""
    return f"{len(ours)}{strange}", str(len(by_hand))


def _time(question: Callable[[Parts], object], parts: Parts) -> float:
    begun = time.perf_counter()
    question(parts)
    return time.perf_counter() - begun


if __name__ == "__main__":
    sys.exit(main())
