"""Parts that misbehave on command. Each passes the same contract as the real thing (`contracts.py`)."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from connector.errors import CompagnonError, EditConflictError
from connector.model import Namespace, Page, PageHead, Revision, Site
from connector.titles import normalize_title, split_title
from connector.wiki import PageEdit, SavedEdit

_T = TypeVar("_T")

FRENCH_NAMES = {
    0: ("", ""),
    1: ("Discussion", "Talk"),
    2: ("Utilisateur", "User"),
    3: ("Discussion utilisateur", "User talk"),
    4: ("Savoirs communs", "Project"),
    5: ("Discussion Savoirs communs", "Project talk"),
    8: ("MediaWiki", "MediaWiki"),
    10: ("Modèle", "Template"),
    12: ("Aide", "Help"),
    13: ("Discussion aide", "Help talk"),
    14: ("Catégorie", "Category"),
    15: ("Discussion catégorie", "Category talk"),
}
FRENCH_SITE = Site(
    name="Savoirs communs",
    language="fr",
    server_url="https://savoirs.example",
    article_path="/wiki/$1",
    script_path="/w",
    namespaces={
        number: Namespace(id=number, name=name, canonical=canonical, content=number == 0)
        for number, (name, canonical) in FRENCH_NAMES.items()
    },
)


@dataclass
class FakePage:
    """A page of `FakeWiki` with all its texts."""

    pageid: int
    title: str
    namespace: int
    model: str = "wikitext"
    history: list[Revision] = field(default_factory=list)
    texts: dict[int, str] = field(default_factory=dict)


class FakeWiki:
    """A wiki in memory: a `Wiki` and a `PageWriter`, edited with the calls of `LocalWiki`.

    `fail("pages", after=3, error=...)` makes a method give three items and then raise; `calls` counts how
    often each was used.
    """

    def __init__(
        self, *, site: Site = FRENCH_SITE, source: str = "https://savoirs.example/w/api.php"
    ) -> None:
        self.described_as = site
        self.source = source
        self.user = "Admin"
        self.clock = datetime(2026, 3, 1, 9, tzinfo=UTC)
        self.calls: dict[str, int] = {}
        self.texts_fetched: list[int] = []
        self._pages: dict[int, FakePage] = {}
        self._users: dict[str, int] = {}
        self._faults: dict[str, tuple[int, CompagnonError]] = {}
        self._last_pageid = self._last_revid = 0

    # What a test does to it

    def edit(
        self, title: str, text: str, *, user: str = "Admin", summary: str = "", minor: bool = False
    ) -> SavedEdit:
        """Save a page."""
        namespace, _ = split_title(title, site=self.described_as)
        title = normalize_title(title, site=self.described_as)
        page = self._find(title)
        if page is None:
            self._last_pageid += 1
            model = "css" if title.endswith(".css") else "javascript" if title.endswith(".js") else "wikitext"
            page = FakePage(self._last_pageid, title, namespace, model)
            self._pages[page.pageid] = page
        self._last_revid += 1
        self.clock += timedelta(minutes=1)
        text = text.rstrip()
        revision = Revision(
            revid=self._last_revid,
            pageid=page.pageid,
            timestamp=self.clock,
            parent_revid=page.history[-1].revid if page.history else None,
            user=user,
            user_id=self._users.setdefault(user, len(self._users) + 1),
            comment=summary,
            size=len(text.encode()),
            sha1=hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest(),
            minor=minor,
        )
        page.history.append(revision)
        page.texts[revision.revid] = text
        return SavedEdit(pageid=page.pageid, title=title, revid=revision.revid)

    def move(self, title: str, target: str, *, redirect: bool = True) -> None:
        """Move a page; here a move makes no revision."""
        page = self._require(title)
        page.title = normalize_title(target, site=self.described_as)
        page.namespace, _ = split_title(target, site=self.described_as)
        if redirect:
            self.edit(title, f"#REDIRECTION [[{page.title}]]")

    def delete(self, title: str) -> None:
        """Delete a page."""
        del self._pages[self._require(title).pageid]

    def hide(self, title: str, revid: int) -> None:
        """Hide text, author and comment of a revision."""
        page = self._require(title)
        page.texts.pop(revid)
        page.history = [
            replace(r, user=None, user_id=None, comment="", sha1="") if r.revid == revid else r
            for r in page.history
        ]

    def fail(self, method: str, *, error: CompagnonError, after: int = 0) -> None:
        """Make `method` raise after it has given `after` items."""
        self._faults[method] = (after, error)

    def repair(self) -> None:
        """Take all faults away."""
        self._faults.clear()

    # Wiki

    def site(self) -> Site:
        self._met("site")
        return self.described_as

    def now(self) -> datetime:
        return self.clock

    def heads(self, *, namespaces: Sequence[int]) -> Iterator[PageHead]:
        heads = [self._head(page) for page in self._visible() if page.namespace in namespaces]
        return self._give("heads", heads)

    def existing(self, pageids: Sequence[int]) -> dict[int, PageHead]:
        self._met("existing")
        return {page.pageid: self._head(page) for page in self._visible() if page.pageid in pageids}

    def pages(self, pageids: Sequence[int]) -> Iterator[Page]:
        for page in self._give("pages", [page for page in self._visible() if page.pageid in pageids]):
            newest = page.history[-1]
            if newest.revid in page.texts:
                self.texts_fetched.append(page.pageid)
                yield Page(
                    pageid=page.pageid,
                    namespace=page.namespace,
                    title=page.title,
                    revid=newest.revid,
                    timestamp=newest.timestamp,
                    wikitext=page.texts[newest.revid],
                    redirect_target=_redirect_target(page.texts[newest.revid]),
                )

    def revisions(self, pageids: Sequence[int]) -> Iterator[Revision]:
        wanted = [page for page in self._visible() if page.pageid in pageids]
        return self._give("revisions", [revision for page in wanted for revision in page.history])

    def all_revisions(self, *, namespaces: Sequence[int]) -> Iterator[Revision]:
        wanted = [page for page in self._pages.values() if page.namespace in namespaces]
        revisions = [revision for page in wanted for revision in page.history]
        return self._give("all_revisions", sorted(revisions, key=lambda revision: revision.timestamp))

    # PageWriter

    def save(self, edit: PageEdit) -> SavedEdit:
        self._met("save")
        page = self._find(normalize_title(edit.title, site=self.described_as))
        current = page.history[-1].revid if page is not None else None
        if current != edit.base_revid:
            raise EditConflictError(
                f"“{edit.title}” has been changed", title=edit.title, base_revid=edit.base_revid
            )
        if page is not None and current is not None and page.texts.get(current) == edit.wikitext.rstrip():
            return SavedEdit(pageid=page.pageid, title=page.title, revid=current, unchanged=True)
        return self.edit(edit.title, edit.wikitext, user=self.user, summary=edit.summary)

    # Inside

    def _visible(self) -> list[FakePage]:
        return [page for page in self._pages.values() if page.model == "wikitext"]

    def _head(self, page: FakePage) -> PageHead:
        return PageHead(
            pageid=page.pageid, namespace=page.namespace, title=page.title, revid=page.history[-1].revid
        )

    def _find(self, title: str) -> FakePage | None:
        return next((page for page in self._pages.values() if page.title == title), None)

    def _require(self, title: str) -> FakePage:
        page = self._find(normalize_title(title, site=self.described_as))
        assert page is not None, f"the fake wiki has no page {title!r}"
        return page

    def _met(self, method: str) -> None:
        self.calls[method] = self.calls.get(method, 0) + 1
        after, error = self._faults.get(method, (1, None))
        if error is not None and after == 0:
            raise error

    def _give(self, method: str, items: Iterable[_T]) -> Iterator[_T]:
        self._met(method)
        after, error = self._faults.get(method, (0, None))
        for count, item in enumerate(items):
            if error is not None and count == after:
                raise error
            yield item
        if error is not None:
            raise error


def _redirect_target(text: str) -> str | None:
    if not text.casefold().startswith(("#redirect", "#redirection")):
        return None
    return text.partition("[[")[2].partition("]]")[0].partition("#")[0]
