"""Publishing: the page is created once, under the person's name, or nothing is written."""

import html
from collections.abc import Iterator
from pathlib import Path

import pytest

from capture.notes import read_notes
from capture.publishing import publish, publishing_summary
from capture.review import DraftEdit, ReviewDesk
from capture.service import CaptureService
from connector.errors import DraftStateError, EditConflictError, WikiUnavailableError
from connector.practice import from_wikitext
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
def wiki() -> FakeWiki:
    return FakeWiki(site=FRENCH_WIKI)


def test_a_draft_becomes_a_page_and_is_done(desk: ReviewDesk, draft_id: int, wiki: FakeWiki) -> None:
    saved = publish(desk, draft_id, version=1, writer=wiki)
    published = desk.get(draft_id)
    assert (published.state, published.pageid, published.revid) == ("published", saved.pageid, saved.revid)
    assert published.published_by == wiki.user
    page = next(iter(wiki.pages([saved.pageid])))
    practice = from_wikitext(page.title, page.wikitext, site=FRENCH_WIKI)
    assert practice is not None
    assert (practice.generated, practice.reviewed_by) == (True, wiki.user)
    revision = next(iter(wiki.revisions([saved.pageid])))
    assert "notes de réunion" in revision.comment
    assert wiki.user in revision.comment
    event = desk.events(draft_id)[-1]
    assert (event.actor, event.action, event.detail) == (wiki.user, "published", f"revision {saved.revid}")


def test_nothing_is_published_twice(desk: ReviewDesk, draft_id: int, wiki: FakeWiki) -> None:
    publish(desk, draft_id, version=1, writer=wiki)
    with pytest.raises(DraftStateError, match="already published"):
        publish(desk, draft_id, version=2, writer=wiki)
    assert wiki.calls["save"] == 1


def test_an_older_version_is_not_published(desk: ReviewDesk, draft_id: int, wiki: FakeWiki) -> None:
    desk.edit(draft_id, DraftEdit(title="Bocaux"), version=1, actor="Marc")
    with pytest.raises(DraftStateError, match="changed by someone else"):
        publish(desk, draft_id, version=1, writer=wiki)
    assert "save" not in wiki.calls


def test_a_page_that_exists_is_left_alone(desk: ReviewDesk, draft_id: int, wiki: FakeWiki) -> None:
    theirs = wiki.edit("Ranger les vis", "Écrit par quelqu'un.")
    with pytest.raises(EditConflictError):
        publish(desk, draft_id, version=1, writer=wiki)
    assert next(iter(wiki.pages([theirs.pageid]))).wikitext == "Écrit par quelqu'un."
    assert (desk.get(draft_id).state, desk.get(draft_id).version) == ("draft", 1)


def test_a_wiki_that_does_not_answer_leaves_the_draft(
    desk: ReviewDesk, draft_id: int, wiki: FakeWiki
) -> None:
    wiki.fail("save", error=WikiUnavailableError("no answer"))
    with pytest.raises(WikiUnavailableError):
        publish(desk, draft_id, version=1, writer=wiki)
    assert desk.get(draft_id).state == "draft"
    wiki.repair()
    publish(desk, draft_id, version=1, writer=wiki)
    assert desk.get(draft_id).state == "published"


class _Interrupted:
    """A writer during whose save somebody else works on the draft."""

    def __init__(self, wiki: FakeWiki, desk: ReviewDesk, draft_id: int) -> None:
        self.user = wiki.user
        self._wiki, self._desk, self._draft_id = wiki, desk, draft_id

    def save(self, edit: PageEdit) -> SavedEdit:
        self._desk.edit(self._draft_id, DraftEdit(title="Trop tard"), version=1, actor="Marc")
        return self._wiki.save(edit)


def test_an_edit_during_the_save_does_not_lose_the_page(
    desk: ReviewDesk, draft_id: int, wiki: FakeWiki
) -> None:
    saved = publish(desk, draft_id, version=1, writer=_Interrupted(wiki, desk, draft_id))
    assert (desk.get(draft_id).state, desk.get(draft_id).revid) == ("published", saved.revid)


def test_the_summary_links_nowhere_and_is_short() -> None:
    summary = publishing_summary(sources=["[[Accueil]] " * 100], person="Nadia", wiki_language="fr-ca")
    assert summary.startswith("Pratique rédigée à partir de notes de réunion")
    assert "relue par Nadia" in summary
    assert "[[" not in summary
    assert len(summary) < 500
    assert publishing_summary(sources=["x"], person="Ann", wiki_language="en").endswith("reviewed by Ann")


def test_on_a_real_wiki_the_notes_are_text(
    fresh_wiki: LocalWiki, store: Store, desk: ReviewDesk, draft_id: int
) -> None:
    fresh_wiki.create_user("Nadia Ould")
    grants = ("basic", "highvolume", "editpage", "createeditmovepage")
    login, password = fresh_wiki.create_bot_password("Nadia Ould", "compagnon", grants=grants)
    writer = MediaWiki(WikiSettings(api_url=fresh_wiki.api_url, user=login, password=password))
    saved = publish(desk, draft_id, version=1, writer=writer)
    parts = "text|categories|templates|links|externallinks|images|properties"
    shown = fresh_wiki.session().ask("parse", page=saved.title, prop=parts)["parse"]
    assert shown["categories"] == []
    assert [link["title"] for link in shown["links"] if link["title"] != "Modèle:Practice"] == []
    assert [one["title"] for one in shown["templates"]] == ["Modèle:Practice"]
    assert (shown["externallinks"], shown["images"], shown["properties"]) == ([], [], {})
    assert "<script" not in shown["text"]
    # A reader sees what the notes say, to the letter.
    seen = html.unescape(shown["text"])
    assert "</nowiki><script>alert(1)</script> {{subst:PAGENAME}}" in seen
    assert "isser les couvercles https://piege.example/ NOTOC" in seen
    revision = fresh_wiki.revisions(saved.title)[0]
    assert (revision["user"], revision["revid"]) == ("Nadia Ould", saved.revid)
    assert desk.get(draft_id).published_by == "Nadia Ould"
