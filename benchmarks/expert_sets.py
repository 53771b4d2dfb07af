"""Communities whose experts are known: pages with their histories, and who knows what the held-out ones say.

The folder is the one of `benchmarks.wikis`. Two kinds of it are read:

- `wikis/*/revisions.jsonl.xz`: a page's experts are who wrote a good part of it;
- `practices/*/practices.tar.xz` beside `authors.tar.xz` and `git-history.tsv.xz`: a practice's experts are
  those whom its front matter names, and the other practices know them by their histories alone (under the
  names of their profiles), or by what their templates name too.
"""

import csv
import hashlib
import io
import json
import lzma
import re
import tarfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from connector.model import Namespace, Page, PageLinks, Revision, Site
from connector.practice import Practice, from_wikitext, to_wikitext
from connector.store import Store
from connector.wikitext import parse
from search.people import PeopleFilter, name_key

# Of the bytes that were ever added to a page, what its experts have added at the least.
_EXPERT_SHARE = 0.1
# A page that says less is no subject to be an expert of.
_LEAST_BYTES = 400
_SITE = Site(
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
_REDIRECT = re.compile(r"#\s*redirect", re.IGNORECASE)
_NOBODY = PeopleFilter(bots=(), opt_out=())


@dataclass(frozen=True, slots=True)
class KnownPage:
    """A page, who changed it, and who its experts are."""

    page: Page
    history: tuple[Revision, ...]
    question: str
    experts: frozenset[str]
    """Keys of their names (`search.people.name_key`); empty for a page that is no question."""

    def fold(self, folds: int) -> int:
        """Return in which part this page is held out: by its title, so that it is the same everywhere."""
        return int(hashlib.sha256(self.page.title.encode()).hexdigest()[:8], 16) % folds


@dataclass(frozen=True, slots=True)
class Community:
    """A wiki whose experts are known."""

    name: str
    pages: tuple[KnownPage, ...]

    def store(self, file: Path, *, without: Iterable[int]) -> Store:
        """Make a mirror of the community without some pages."""
        left_out = frozenset(without)
        store = Store.open(file)
        store.site.put(_SITE, source=self.name)
        kept = [each for each in self.pages if each.page.pageid not in left_out]
        store.pages.put_many(each.page for each in kept)
        store.revisions.put_many(revision for each in kept for revision in each.history)
        store.links.put_many(
            PageLinks(
                pageid=each.page.pageid,
                categories=tuple(
                    sorted(f"Category:{c}" for c in parse(each.page.wikitext, site=_SITE).categories)
                ),
            )
            for each in kept
        )
        return store

    def questions(self, *, fold: int, folds: int) -> list[KnownPage]:
        """Return the pages of a fold that are questions, with those experts whom another page knows.

        Who is known from nowhere else cannot be found by anybody, and would only lower all figures alike.
        """
        held_out = [each for each in self.pages if each.experts and each.fold(folds) == fold]
        ids = {each.page.pageid for each in held_out}
        known = {
            name_key(name) for each in self.pages if each.page.pageid not in ids for name in people_of(each)
        }
        asked = [replace(each, experts=each.experts & known) for each in held_out]
        return [each for each in asked if each.experts]


def people_of(known: KnownPage) -> list[str]:
    """Return everybody whom a page and its history name."""
    practice = from_wikitext(known.page.title, known.page.wikitext, site=_SITE)
    return [
        *(practice.contacts if practice else ()),
        *dict.fromkeys(r.user for r in known.history if r.user and _NOBODY.is_person(r.user)),
    ]


def read_communities(folder: Path) -> Iterator[Community]:
    """Yield the communities of a folder, by name."""
    for path in sorted(folder.glob("practices/*/practices.tar.xz")):
        for named in (False, True):
            yield _read_practices(path.parent, named=named)
    for path in sorted(folder.glob("wikis/*/revisions.jsonl.xz")):
        yield _read_wiki(path)


def _read_wiki(path: Path) -> Community:
    histories: dict[str, list[dict[str, Any]]] = defaultdict(list)
    with lzma.open(path, "rt", encoding="utf-8") as rows:
        for line in rows:
            row = json.loads(line)
            histories[row["page"]].append(row)
    users: dict[str, int] = {}
    pages = []
    for pageid, title in enumerate(sorted(histories), 1):
        rows_of_page = sorted(histories[title], key=lambda row: row["seq"])
        revisions: list[Revision] = []
        for row in rows_of_page:
            text = (row["text"] or "").encode()
            revisions.append(
                Revision(
                    revid=row["seq"],
                    pageid=pageid,
                    timestamp=datetime.fromisoformat(row["timestamp"]),
                    parent_revid=revisions[-1].revid if revisions else 0,
                    user=row["user"],
                    user_id=users.setdefault(row["user"], len(users) + 1),
                    comment=row["summary"],
                    size=len(text),
                    sha1=hashlib.sha1(text, usedforsecurity=False).hexdigest(),
                )
            )
        text = rows_of_page[-1]["text"] or ""
        page = _page(pageid, title, text, revisions)
        asked = not _REDIRECT.match(text) and len(text.encode()) >= _LEAST_BYTES
        pages.append(
            KnownPage(page, tuple(revisions), title, _main_authors(revisions) if asked else frozenset())
        )
    return Community(path.parent.name, tuple(pages))


def _page(pageid: int, title: str, text: str, revisions: Sequence[Revision]) -> Page:
    target = parse(text, site=_SITE).redirect_target if _REDIRECT.match(text) else None
    return Page(
        pageid=pageid,
        namespace=0,
        title=title,
        revid=revisions[-1].revid,
        timestamp=revisions[-1].timestamp,
        wikitext=text,
        redirect_target=target,
    )


def _main_authors(revisions: Sequence[Revision]) -> frozenset[str]:
    """Return who added a good part of all bytes that were ever added."""
    added: dict[str, int] = defaultdict(int)
    size = 0
    for revision in revisions:
        if revision.user and _NOBODY.is_person(revision.user):
            added[name_key(revision.user)] += max(0, revision.size - size)
        size = revision.size
    total = sum(added.values())
    return frozenset(name for name, bytes_ in added.items() if bytes_ >= _EXPERT_SHARE * total > 0)


def _read_practices(folder: Path, *, named: bool) -> Community:
    """Read practices; with `named` their templates name their authors, which nothing else of a page does."""
    names = {}
    for _, text in _files(folder / "authors.tar.xz"):
        author = json.loads(text)
        names[author["github"].casefold()] = author["title"].strip()
    histories: dict[str, list[dict[str, str]]] = defaultdict(list)
    with lzma.open(folder / "git-history.tsv.xz", "rt", encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows, delimiter="\t", quoting=csv.QUOTE_NONE):
            histories[Path(row["path"]).stem].append(row)
    users: dict[str, int] = {}
    pages = []
    revid = 0
    for pageid, (name, content) in enumerate(sorted(_files(folder / "practices.tar.xz")), 1):
        matter = _front_matter(content)
        authors = tuple(names.get(a.casefold(), a) for a in _items(matter.get("authors", "")))
        rows_of_page = sorted(
            histories[Path(name).stem], key=lambda row: datetime.fromisoformat(row["timestamp"])
        )
        revisions: list[Revision] = []
        for row in rows_of_page:
            revid += 1
            user = names.get(row["author"].casefold(), row["author"]).strip()
            revisions.append(
                Revision(
                    revid=revid,
                    pageid=pageid,
                    timestamp=datetime.fromisoformat(row["timestamp"]),
                    parent_revid=revisions[-1].revid if revisions else 0,
                    user=user,
                    user_id=users.setdefault(user, len(users) + 1),
                    comment=row["subject"],
                )
            )
        if not revisions:
            continue
        title = re.sub(r"[\[\]{}|<>#]", " ", matter["title"]).strip()
        text = to_wikitext(
            Practice(
                title=title,
                language="en",
                contacts=authors if named else (),
                categories=tuple(re.sub(r"[^\w -]", " ", str(tag)) for tag in _items(matter.get("tags", ""))),
                lead="\n\n".join(
                    matter[key] for key in ("subtitle", "whatIs", "whyDo", "howTo") if matter.get(key)
                ),
            ),
            wiki_language="en",
        )
        question = f"{title}: {matter['subtitle']}" if matter.get("subtitle") else title
        pages.append(
            KnownPage(
                _page(pageid, title, text, revisions),
                tuple(revisions),
                " ".join(question.split()),
                frozenset(map(name_key, authors)),
            )
        )
    return Community(f"{folder.name}, {'authors named' if named else 'histories alone'}", tuple(pages))


def _front_matter(text: str) -> dict[str, str]:
    """Read YAML's front matter, of which these files have plain, quoted and folded texts, and lists."""
    fields: dict[str, str] = {}
    key = ""
    for line in text.removeprefix("---").split("\n---")[0].split("\n"):
        if found := re.match(r"([A-Za-z]+):(.*)$", line):
            key, value = found[1], found[2].strip()
            fields[key] = "" if re.fullmatch(r"[>|][-+]?\d?", value) else value.strip("\"'")
        elif key:
            fields[key] += "\n" + line.strip()
    return fields


def _items(text: str) -> list[str]:
    return [line.removeprefix("-").strip(" \"'") for line in text.split("\n") if line.startswith("-")]


def _files(path: Path) -> Iterator[tuple[str, str]]:
    with tarfile.open(path) as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isfile() else None
            if content is not None:
                yield member.name, io.TextIOWrapper(content, encoding="utf-8").read()
