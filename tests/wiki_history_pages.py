"""The pages of a wiki as its own database has them, and a choice among them for random histories."""

import contextlib
import random
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from tests.mediawiki import LocalWiki


@dataclass(frozen=True)
class LivePage:
    """A page as the wiki's database has it."""

    pageid: int
    namespace: int
    name: str  # without its namespace, spaces
    title: str
    revid: int
    redirect: bool
    model: str


class WikiPages:
    """See the module."""

    def __init__(self, wiki: LocalWiki, rng: random.Random) -> None:
        self._path = wiki.folder / "data" / "wiki.sqlite"
        self._names = wiki_namespaces(wiki)
        self._random = rng

    def pick(self, condition: str = "page_namespace <> 10") -> LivePage | None:
        """Any page but the templates that are used."""
        rows = self.all(f"SELECT * FROM page WHERE {condition} ORDER BY page_id")  # noqa: S608 - the tests' own
        if not rows:
            return None
        row = self._random.choice(rows)
        name = row["page_title"].replace("_", " ")
        return LivePage(
            pageid=row["page_id"],
            namespace=row["page_namespace"],
            name=name,
            title=self.title(row["page_namespace"], name),
            revid=row["page_latest"],
            redirect=bool(row["page_is_redirect"]),
            model=row["page_content_model"] or "wikitext",
        )

    def archived(self, *, revisions: int) -> tuple[str, list[str]] | None:
        """A title with so many deleted revisions, and their timestamps; a free one if one will do."""
        rows = self.all("SELECT ar_namespace, ar_title, ar_timestamp FROM archive ORDER BY ar_id")
        groups: dict[str, list[str]] = {}
        for row in rows:
            title = self.title(row["ar_namespace"], row["ar_title"].replace("_", " "))
            groups.setdefault(title, []).append(row["ar_timestamp"])
        some = {title: sorted(set(times)) for title, times in groups.items() if len(set(times)) >= revisions}
        free = [title for title in some if revisions > 1 or not self.exists(title)]
        if not free:
            return None
        title = self._random.choice(free)
        return title, some[title]

    def exists(self, title: str) -> bool:
        """Whether there is a page of this title."""
        namespace, name = self.split(title)
        query = "SELECT 1 FROM page WHERE page_namespace = ? AND page_title = ?"
        return bool(self.all(query, namespace, name.replace(" ", "_")))

    def title(self, namespace: int, name: str) -> str:
        """The full title of a page."""
        prefix = self._names[namespace]
        return f"{prefix}:{name}" if prefix else name

    def split(self, title: str) -> tuple[int, str]:
        """A full title, as namespace and name."""
        for namespace, prefix in self._names.items():
            if prefix and title.startswith(f"{prefix}:"):
                return namespace, title.removeprefix(f"{prefix}:")
        return 0, title

    def oldest(self, pageid: int) -> str:
        """The timestamp of a page’s first revision."""
        [row] = self.all("SELECT MIN(rev_timestamp) AS oldest FROM revision WHERE rev_page = ?", pageid)
        return str(row["oldest"])

    def all(self, query: str, *values: object) -> list[sqlite3.Row]:
        """The rows of a query."""
        with self._database() as database:
            return database.execute(query, values).fetchall()

    @contextlib.contextmanager
    def _database(self) -> Iterator[sqlite3.Connection]:
        with contextlib.closing(
            sqlite3.connect(f"{self._path.as_uri()}?mode=ro", uri=True, timeout=60)
        ) as database:
            database.row_factory = sqlite3.Row
            yield database


def wiki_namespaces(wiki: LocalWiki) -> dict[int, str]:
    """The local names of a wiki's namespaces."""
    reply = wiki.session().ask("query", meta="siteinfo", siprop="namespaces")
    return {entry["id"]: entry["name"] for entry in reply["query"]["namespaces"].values()}
