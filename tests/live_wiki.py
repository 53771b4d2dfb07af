"""The wiki behind a mirror, as who publishes reaches it: what is saved stands in the mirror at once."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from connector.errors import PageNotFoundError
from connector.model import Page
from connector.wiki import PageEdit, SavedEdit
from tests.community import page
from webui.bootstrap import Services

TEMPLATE = page(900, "Modèle:Expérience", "…")


class LiveWiki:
    """The wiki behind the mirror, asked and written under one account."""

    def __init__(self, services: Services, user: str, *, pages: Iterable[Page] = (TEMPLATE,)) -> None:
        self.user = user
        self.edits: list[PageEdit] = []
        self.fails: Exception | None = None
        self._services = services
        self._others = {each.title: each for each in pages}

    def pages(self, pageids: Sequence[int]) -> Iterator[Page]:
        yield from self._services.store.pages.get_many(pageids).values()

    def current(self, title: str) -> Page:
        if title not in self._others:
            raise PageNotFoundError(f"no page {title}", title=title)
        return self._others[title]

    def save(self, edit: PageEdit) -> SavedEdit:
        if self.fails is not None:
            raise self.fails
        self.edits.append(edit)
        old = self._services.store.pages.require(edit.title)
        new = replace(
            old,
            wikitext=edit.wikitext,
            revid=10_000 + len(self.edits) + old.revid,
            timestamp=datetime.now(UTC),
        )
        self._services.store.pages.put_many([new])
        return SavedEdit(pageid=new.pageid, title=new.title, revid=new.revid)
