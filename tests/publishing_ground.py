"""What the tests of publishing share: notes with traps, a fake wiki asked by title, a writer that dies."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from capture.notes import read_notes
from capture.review import ReviewDesk
from capture.service import CaptureService
from connector.errors import PageNotFoundError
from connector.model import Page
from connector.store import Store
from connector.wiki import MediaWiki, PageEdit, SavedEdit, WikiSettings
from tests.builders import FRENCH_WIKI
from tests.fakes import FakeWiki
from tests.mediawiki import LocalWiki

NOTES = """\
# Atelier du 5 mars 2024 {{Accueil}} [[Catégorie:Piégée]]

Présents : Nadia Ould, {{PAGENAME}}

## Ranger les vis

Problème : on les perdait, dit Nadia. [[Accueil]] ~~~~
Solution : des bocaux vissés sous l'étagère. </nowiki><script>alert(1)</script> {{subst:PAGENAME}}

Étapes :
1. visser les couvercles https://piege.example/ __NOTOC__
2. remplir les bocaux
"""


class Readable(FakeWiki):
    """The fake, asked by title too as a live wiki is."""

    def current(self, title: str) -> Page:
        for head in self.heads(namespaces=[0]):
            if head.title == title:
                return next(iter(self.pages([head.pageid])))
        raise PageNotFoundError(f"no page {title}", title=title)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "compagnon.sqlite") as opened:
        opened.site.put(FRENCH_WIKI, source="https://wiki.example.org/w/api.php")
        yield opened


@pytest.fixture
def desk(store: Store) -> ReviewDesk:
    return ReviewDesk(store=store)


@pytest.fixture
def draft_id(store: Store, desk: ReviewDesk) -> int:
    notes = read_notes(NOTES)
    return desk.add(CaptureService(store=store).capture(notes), notes, actor="Nadia Ould")[0]


@pytest.fixture
def wiki() -> Readable:
    made = Readable(site=FRENCH_WIKI)
    made.clock = datetime.now(UTC)
    return made


class Meanwhile:
    """A writer during whose save something else happens; it may die before it has told what it saved."""

    def __init__(self, wiki: Readable | MediaWiki, *, saves: bool = True, dies: bool = False) -> None:
        self.user = wiki.user
        self.wiki = wiki
        self._saves, self._dies = saves, dies
        self.happens: Callable[[], object] = lambda: None

    def save(self, edit: PageEdit) -> SavedEdit:
        self.happens()
        saved = self.wiki.save(edit) if self._saves else None
        if saved is None or self._dies:
            raise KeyboardInterrupt
        return saved

    def pages(self, pageids: Sequence[int]) -> Iterator[Page]:
        return self.wiki.pages(pageids)


def person(wiki: LocalWiki, name: str = "Nadia Ould") -> MediaWiki:
    """The wiki under a new person's account."""
    wiki.create_user(name)
    grants = ("basic", "highvolume", "editpage", "createeditmovepage")
    login, password = wiki.create_bot_password(name, "compagnon", grants=grants)
    return MediaWiki(WikiSettings(api_url=wiki.api_url, user=login, password=password))
