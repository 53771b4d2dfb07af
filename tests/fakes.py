"""Parts that misbehave on command. Each passes the same contract as the real thing (`contracts.py`)."""

import hashlib
import html
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from connector.dump import links_of
from connector.errors import CompagnonError, EditConflictError
from connector.model import (
    LoggedEvent,
    Namespace,
    Page,
    PageHead,
    PageLinks,
    Rendering,
    Revision,
    Site,
    TextHash,
)
from connector.titles import normalize_title, split_title
from connector.wiki import PageEdit, SavedEdit

_T = TypeVar("_T")

_TEMPLATE = 10
_HEADING = re.compile(r"=+ *(.+?) *=+")
_CALL = re.compile(r"\{\{([^{}|:]+)\}\}")

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
    """A page of `FakeWiki` with all its texts; its history is in the order of time."""

    pageid: int
    title: str
    namespace: int
    model: str = "wikitext"
    history: list[Revision] = field(default_factory=list)
    texts: dict[int, str] = field(default_factory=dict)
    touched: datetime | None = None
    readable: bool = True


class FakeWiki:
    """A wiki in memory: a `Wiki`, `PageRenderer` and `PageWriter`, edited with the calls of `LocalWiki`.

    Every operation takes a minute of its clock. `fail("pages", after=3, error=...)` makes a method give three
    items and then raise; `calls` counts how often each was used.
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
        self.log: list[LoggedEvent] = []
        self._pages: dict[int, FakePage] = {}
        self._archive: dict[str, FakePage] = {}
        self._users: dict[str, int] = {}
        self._faults: dict[str, tuple[int, CompagnonError]] = {}
        self._last_pageid = self._last_revid = 0

    # What a test does to it

    def edit(
        self,
        title: str,
        text: str,
        *,
        user: str = "Admin",
        summary: str = "",
        minor: bool = False,
        timestamp: datetime | None = None,
    ) -> SavedEdit:
        """Save a page; with an earlier `timestamp`, as an import by script does: without a log.

        What includes the page is touched.
        """
        self._pass_time()
        title = normalize_title(title, site=self.described_as)
        page = self._find(title) or self._create(title)
        self._last_revid += 1
        text = text.rstrip()
        when = timestamp or self.clock
        earlier = [revision for revision in page.history if revision.timestamp <= when]
        revision = Revision(
            revid=self._last_revid,
            pageid=page.pageid,
            timestamp=when,
            parent_revid=earlier[-1].revid if earlier else None,
            user=user,
            user_id=self._users.setdefault(user, len(self._users) + 1),
            comment=summary,
            size=len(text.encode()),
            sha1=hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest(),
            minor=minor,
        )
        page.history.insert(len(earlier), revision)
        page.texts[revision.revid] = text
        page.touched = self.clock
        self._touch_users(page)
        return SavedEdit(pageid=page.pageid, title=title, revid=revision.revid)

    def move(
        self, title: str, target: str, *, redirect: bool = True, revision: bool = False, logged: bool = True
    ) -> None:
        """Move a page; with `revision` it gets one without a change, as a real wiki makes."""
        self._pass_time()
        page = self._require(title)
        old = page.title
        page.title = normalize_title(target, site=self.described_as)
        page.namespace, _ = split_title(target, site=self.described_as)
        page.touched = self.clock
        if logged:
            self._write_log("move", "move", page.pageid, old, target_title=page.title)
        if revision:
            self.edit(page.title, self._text(page))
        if redirect:
            self.edit(title, f"#REDIRECTION [[{page.title}]]")

    def delete(self, title: str, *, logged: bool = True) -> None:
        """Delete a page; not `logged` is what happens to what is suppressed."""
        self._pass_time()
        page = self._require(title)
        del self._pages[page.pageid]
        self._archive[page.title] = page
        self._touch_users(page)
        if logged:
            self._write_log("delete", "delete", page.pageid, page.title)

    def restore(self, title: str, *, logged: bool = True) -> None:
        """Bring a deleted page back, with its pageid and revids; its title must be free."""
        self._pass_time()
        title = normalize_title(title, site=self.described_as)
        assert self._find(title) is None, f"there is a page {title!r}"
        page = self._archive.pop(title)
        page.touched = self.clock
        self._pages[page.pageid] = page
        self._touch_users(page)
        if logged:
            self._write_log("delete", "restore", page.pageid, title)

    def hide(self, title: str, revid: int, *, logged: bool = True) -> None:
        """Hide text, author and comment of a revision; not `logged` is what happens to what is suppressed."""
        self._pass_time()
        page = self._require(title)
        page.texts.pop(revid)
        page.history = [
            replace(r, user=None, user_id=None, comment="", sha1="") if r.revid == revid else r
            for r in page.history
        ]
        page.touched = self.clock
        if logged:
            self._write_log("delete", "revision", page.pageid, page.title)

    def lock(self, title: str, *, readable: bool = False) -> None:
        """Keep a page's text, links and rendering from the reader, or give them back."""
        self._require(title).readable = readable

    def fail(self, method: str, *, error: CompagnonError, after: int = 0) -> None:
        """Make `method` raise after it has given `after` items."""
        self._faults[method] = (after, error)

    def repair(self) -> None:
        """Take all faults away."""
        self._faults.clear()

    # Wiki

    def site(self) -> Site:
        self._met("site")
        edits = sum(len(page.history) for page in self._pages.values())
        return replace(self.described_as, page_count=len(self._pages), edit_count=edits)

    def now(self) -> datetime:
        self._met("now")
        return self.clock

    def heads(self, *, namespaces: Sequence[int]) -> Iterator[PageHead]:
        heads = [self._head(page) for page in self._visible() if page.namespace in namespaces]
        return self._give("heads", heads)

    def contents(self, *, namespaces: Sequence[int]) -> Iterator[tuple[PageHead, Page | None]]:
        """Every tenth page is told without its text."""
        pages = [page for page in self._visible() if page.namespace in namespaces]
        for page in self._give("contents", pages):
            told = self._readable([page.pageid]) and page.pageid % 10
            if told:
                self.texts_fetched.append(page.pageid)
            yield self._head(page), self._page(page) if told else None

    def existing(self, pageids: Sequence[int]) -> dict[int, PageHead]:
        self._met("existing")
        return {page.pageid: self._head(page) for page in self._visible() if page.pageid in pageids}

    def titled(self, titles: Sequence[str]) -> dict[str, PageHead]:
        self._met("titled")
        found = (page for page in self._visible() if page.title in titles)
        return {page.title: self._head(page) for page in found if self._readable([page.pageid])}

    def pages(self, pageids: Sequence[int]) -> Iterator[Page]:
        for page in self._give("pages", self._readable(pageids)):
            self.texts_fetched.append(page.pageid)
            yield self._page(page)

    def revisions(self, pageids: Sequence[int]) -> Iterator[Revision]:
        wanted = [page for page in self._visible() if page.pageid in pageids]
        return self._give("revisions", [revision for page in wanted for revision in page.history])

    def all_revisions(
        self, *, namespaces: Sequence[int], since: datetime | None = None
    ) -> Iterator[Revision]:
        return self._give("all_revisions", self._history(namespaces, since))

    def changes(self, *, namespaces: Sequence[int], since: datetime) -> Iterator[Revision | LoggedEvent]:
        events = [event for event in self.log if event.timestamp >= since]
        changes: list[Revision | LoggedEvent] = [*self._history(namespaces, since), *events]
        return self._give("changes", sorted(changes, key=lambda change: change.timestamp))

    def page_links(self, pageids: Sequence[int]) -> Iterator[PageLinks]:
        return self._give("page_links", [self._links(page) for page in self._readable(pageids)])

    def text_hashes(self, pageids: Sequence[int]) -> dict[int, TextHash]:
        self._met("text_hashes")
        return {
            page.pageid: TextHash(
                pageid=page.pageid, revid=page.history[-1].revid, sha1=page.history[-1].sha1
            )
            for page in self._readable(pageids)
        }

    # PageRenderer

    def rendering(self, pageid: int) -> Rendering | None:
        """Headings and paragraphs; of a template's text, what `{{Name}}` without parameters shows."""
        self._met("rendering")
        for page in self._readable([pageid]):
            lines = []
            for line in self._expand(self._text(page)).splitlines():
                heading = _HEADING.fullmatch(line)
                text = html.escape(heading[1] if heading else line)
                lines.append(f'<h2 id="{text}">{text}</h2>' if heading else f"<p>{text}</p>" if text else "")
            return Rendering(pageid=pageid, revid=page.history[-1].revid, html="\n".join(filter(None, lines)))
        return None

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

    def _pass_time(self) -> None:
        self.clock += timedelta(minutes=1)

    def _create(self, title: str) -> FakePage:
        namespace, _ = split_title(title, site=self.described_as)
        self._last_pageid += 1
        model = "css" if title.endswith(".css") else "javascript" if title.endswith(".js") else "wikitext"
        page = self._pages[self._last_pageid] = FakePage(self._last_pageid, title, namespace, model)
        return page

    def _write_log(
        self, kind: str, action: str, pageid: int, title: str, *, target_title: str | None = None
    ) -> None:
        self.log.append(
            LoggedEvent(
                logid=len(self.log) + 1,
                type=kind,
                action=action,
                timestamp=self.clock,
                pageid=pageid,
                title=title,
                target_title=target_title,
            )
        )

    def _touch_users(self, page: FakePage) -> None:
        if page.namespace == _TEMPLATE:
            for other in self._visible():
                if page.title in self._links(other).templates:
                    other.touched = self.clock

    def _visible(self) -> list[FakePage]:
        return [page for page in self._pages.values() if page.model == "wikitext"]

    def _readable(self, pageids: Sequence[int]) -> list[FakePage]:
        """Pages whose newest text the reader may see."""
        found = [page for page in self._visible() if page.pageid in pageids and page.readable]
        return [page for page in found if page.history[-1].revid in page.texts]

    def _history(self, namespaces: Sequence[int], since: datetime | None) -> list[Revision]:
        pages = [page for page in self._pages.values() if page.namespace in namespaces]
        history = [r for page in pages for r in page.history if since is None or r.timestamp >= since]
        return sorted(history, key=lambda revision: (revision.timestamp, revision.revid))

    def _head(self, page: FakePage) -> PageHead:
        return PageHead(
            pageid=page.pageid,
            namespace=page.namespace,
            title=page.title,
            revid=page.history[-1].revid,
            touched=page.touched,
        )

    def _text(self, page: FakePage) -> str:
        return page.texts.get(page.history[-1].revid, "")

    def _page(self, page: FakePage, *, text: str | None = None) -> Page:
        wikitext = self._text(page) if text is None else text
        return Page(
            pageid=page.pageid,
            namespace=page.namespace,
            title=page.title,
            revid=page.history[-1].revid,
            timestamp=page.history[-1].timestamp,
            wikitext=wikitext,
            redirect_target=_redirect_target(wikitext),
        )

    def _links(self, page: FakePage) -> PageLinks:
        """What the page's own text leads to, and that of the templates that it includes."""
        own = links_of(self._page(page), site=self.described_as)
        whole = links_of(self._page(page, text=self._expand(self._text(page))), site=self.described_as)
        return replace(whole, templates=tuple(sorted({*own.templates, *whole.templates})))

    def _expand(self, text: str) -> str:
        def shown(call: re.Match[str]) -> str:
            template = self._find(normalize_title(f"Template:{call[1].strip()}", site=self.described_as))
            return call[0] if template is None else self._text(template)

        return _CALL.sub(shown, text)

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
