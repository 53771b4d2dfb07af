"""A wiki's real history, replayed to a date, and the same figures from the data file alone, in plain code.

Two files of `wikis/*/` are read: `revisions.jsonl.xz` becomes the mirror, and `revision-index.tsv.xz` (the
same revisions without texts) is what the figures are counted from by hand: nothing of the product is in that.
"""

import csv
import hashlib
import json
import lzma
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any, Final

import numpy as np

from connector.model import Namespace, Page, PageLinks, Revision, Site
from connector.progress import Progress
from connector.store import Store
from connector.wikitext import parse
from search.embedding import Vectors

SITE: Final = Site(
    name="Community",
    language="en",
    server_url="https://wiki.example.org",
    namespaces={
        0: Namespace(id=0, name="", content=True),
        1: Namespace(id=1, name="Talk", canonical="Talk"),
        2: Namespace(id=2, name="User", canonical="User"),
        4: Namespace(id=4, name="Project", canonical="Project"),
        10: Namespace(id=10, name="Template", canonical="Template"),
        14: Namespace(id=14, name="Category", canonical="Category"),
    },
)
# What MediaWiki itself writes under, and no person.
_SOFTWARE = frozenset({"MediaWiki default"})
_LARGEST_CHOICE = 2


@dataclass(frozen=True, slots=True)
class SavedText:
    """A revision with its text."""

    revision: Revision
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class History:
    """All that was ever saved in a wiki."""

    name: str
    pages: Mapping[int, Sequence[SavedText]]
    """By pageid, oldest first."""
    index: Path
    """The same revisions without texts: what is counted by hand."""

    @property
    def span(self) -> tuple[datetime, datetime]:
        """When the first and the last revision were saved."""
        moments = [each.revision.timestamp for saved in self.pages.values() for each in saved]
        return min(moments), max(moments)

    def replay(self, store: Store, *, after: datetime | None, until: datetime) -> None:
        """Bring a mirror from the state of one moment (None: empty) to that of a later one."""
        store.site.put(SITE, source=self.name)
        pages, revisions = [], []
        for pageid, saved in self.pages.items():
            moments = [each for each in saved if each.revision.timestamp <= until]
            new = [each for each in moments if after is None or each.revision.timestamp > after]
            if new:
                pages.append(_page(pageid, moments[-1]))
                revisions += [each.revision for each in new]
        store.pages.put_many(pages, now=until)
        store.revisions.put_many(revisions)
        store.links.put_many(map(_links, pages))


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHand:
    """The figures of one moment, counted without the product."""

    contributions: int
    people: int
    absence_factor: int
    gini: float
    carriers_share: float
    newcomers: frozenset[str]
    quiet: frozenset[str]
    alone: Mapping[str, str]
    """Who alone has ever edited a page, by its title."""


class NoVectors:
    """An `Embedder` that gives every text the same vector: nothing here asks for a meaning."""

    model_id = "none@1"
    dimension = 2

    def embed_passages(self, texts: Sequence[str], *, progress: Progress | None = None) -> Vectors:
        """See `Embedder`."""
        return np.full((len(texts), self.dimension), 0.5**0.5, dtype=np.float32)

    def embed_query(self, text: str) -> Vectors:
        """See `Embedder`."""
        return np.full(self.dimension, 0.5**0.5, dtype=np.float32)

    def prepare(self, *, progress: Progress | None = None) -> None:
        """See `Embedder`."""


def read_histories(folder: Path) -> Iterator[History]:
    """Yield the wikis of a folder whose history is there, by name."""
    for path in sorted(folder.glob("wikis/*/revisions.jsonl.xz")):
        index = path.with_name("revision-index.tsv.xz")
        if index.exists():
            yield History(path.parent.name, _read_pages(path), index)


def count_by_hand(index: Path, *, now: datetime, months: int, newcomer_days: int, quiet_days: int) -> ByHand:
    """Count the figures of a moment from the list of revisions alone.

    Gini's index is half the mean difference of all pairs, in parts of the mean: not the form for sorted
    values that the product uses. The absence factor takes away the greatest, again and again.
    """
    with lzma.open(index, "rt", encoding="utf-8", newline="") as file:
        rows = [
            (row["user"], datetime.fromisoformat(row["timestamp"]), row["page"])
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            if row["user"] not in _SOFTWARE
        ]
    rows = [row for row in rows if row[1] <= now]
    begins = now.year * 12 + now.month - months
    counts = Counter(user for user, moment, _ in rows if moment.year * 12 + moment.month > begins)
    left, factor, carried = list(counts.values()), 0, 0
    while 2 * carried < sum(counts.values()):
        carried += max(left)
        left.remove(max(left))
        factor += 1
    number, total = len(counts), sum(counts.values())
    differences = sum(abs(one - other) for one in counts.values() for other in counts.values())
    moments: dict[str, list[datetime]] = defaultdict(list)
    editors: dict[str, set[str]] = defaultdict(set)
    for user, moment, page in rows:
        moments[user].append(moment)
        editors[page].add(user)
    quiet = timedelta(days=quiet_days)
    # Who wrote in the wiki's first thirty days founded it.
    first = min((moment for _, moment, _ in rows), default=now)
    founders = {user for user, moment, _ in rows if moment < first + timedelta(days=30)}
    return ByHand(
        contributions=total,
        people=number,
        absence_factor=factor,
        gini=differences / (2 * number * total) if total else 0.0,
        carriers_share=carried / total if total else 0.0,
        newcomers=frozenset(
            user
            for user, those in moments.items()
            if user not in founders and min(those) >= now - timedelta(days=newcomer_days)
        ),
        quiet=frozenset(
            user
            for user, those in moments.items()
            if len({f"{moment:%Y-%m}" for moment in those}) >= 3
            and quiet <= now - max(those) < quiet + timedelta(days=365)
        ),
        alone={page: next(iter(users)) for page, users in editors.items() if len(users) == 1},
    )


def is_fewest(knowing: Sequence[Collection[Any]], number: int) -> bool | None:
    """Whether no fewer people can leave for most pages to have nobody; all choices of up to two are tried.

    None where that does not tell: no two are enough, and `number` is more than three.
    """
    people = sorted({who for those in knowing for who in those}, key=str)
    for fewer in range(min(number, _LARGEST_CHOICE + 1)):
        for leaving in combinations(people, fewer):
            orphans = sum(not set(those) - set(leaving) for those in knowing)
            if 2 * orphans > len(knowing):
                return False
    return True if number <= _LARGEST_CHOICE + 1 else None


def _read_pages(path: Path) -> dict[int, list[SavedText]]:
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    with lzma.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            rows[row["page"]].append(row)
    users: dict[str, int] = {}
    pages: dict[int, list[SavedText]] = {}
    for pageid, title in enumerate(sorted(rows), 1):
        saved: list[SavedText] = []
        for row in sorted(rows[title], key=lambda row: row["seq"]):
            text = row["text"] or ""
            encoded = text.encode()
            revision = Revision(
                revid=row["seq"],
                pageid=pageid,
                timestamp=datetime.fromisoformat(row["timestamp"]),
                parent_revid=saved[-1].revision.revid if saved else 0,
                user=row["user"],
                user_id=users.setdefault(row["user"], len(users) + 1),
                comment=row["summary"],
                size=len(encoded),
                sha1=hashlib.sha1(encoded, usedforsecurity=False).hexdigest(),
            )
            saved.append(SavedText(revision, title, text))
        pages[pageid] = saved
    return pages


def _page(pageid: int, newest: SavedText) -> Page:
    return Page(
        pageid=pageid,
        namespace=0,
        title=newest.title,
        revid=newest.revision.revid,
        timestamp=newest.revision.timestamp,
        wikitext=newest.text,
        redirect_target=parse(newest.text, site=SITE).redirect_target,
    )


def _links(page: Page) -> PageLinks:
    parsed = parse(page.wikitext, site=SITE)
    return PageLinks(
        pageid=page.pageid,
        categories=tuple(sorted({f"Category:{name}" for name in parsed.categories})),
        links=tuple(sorted({link.target for link in parsed.links})),
    )
