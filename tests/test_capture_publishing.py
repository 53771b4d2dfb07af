"""Publishing: the page is created once, under the person's name, or nothing is written."""

import html
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from capture.notes import read_notes
from capture.publishing import preview_experience, publish, publish_experience, publishing_summary, settle
from capture.review import DraftEdit, ReviewDesk
from capture.service import CaptureService
from connector.errors import (
    CaptureError,
    DraftStateError,
    EditConflictError,
    EditRefusedError,
    PageNotFoundError,
    WikiUnavailableError,
)
from connector.model import Page
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


class Readable(FakeWiki):
    """The fake, asked by title too as a live wiki is."""

    def current(self, title: str) -> Page:
        for head in self.heads(namespaces=[0]):
            if head.title == title:
                return next(iter(self.pages([head.pageid])))
        raise PageNotFoundError(f"no page {title}", title=title)


@pytest.fixture
def wiki() -> Readable:
    made = Readable(site=FRENCH_WIKI)
    made.clock = datetime.now(UTC)
    return made


def test_a_draft_becomes_a_page_and_is_done(desk: ReviewDesk, draft_id: int, wiki: Readable) -> None:
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


def test_nothing_is_published_twice(desk: ReviewDesk, draft_id: int, wiki: Readable) -> None:
    publish(desk, draft_id, version=1, writer=wiki)
    with pytest.raises(DraftStateError, match="already published"):
        publish(desk, draft_id, version=2, writer=wiki)
    assert wiki.calls["save"] == 1


def test_an_older_version_is_not_published(desk: ReviewDesk, draft_id: int, wiki: Readable) -> None:
    desk.edit(draft_id, DraftEdit(title="Bocaux"), version=1, actor="Marc")
    with pytest.raises(DraftStateError, match="changed by someone else"):
        publish(desk, draft_id, version=1, writer=wiki)
    assert "save" not in wiki.calls


def test_a_page_that_exists_is_left_alone(desk: ReviewDesk, draft_id: int, wiki: Readable) -> None:
    theirs = wiki.edit("Ranger les vis", "Écrit par quelqu'un.")
    with pytest.raises(EditConflictError):
        publish(desk, draft_id, version=1, writer=wiki)
    assert next(iter(wiki.pages([theirs.pageid]))).wikitext == "Écrit par quelqu'un."
    current = desk.get(draft_id)
    assert (current.state, current.pending) == ("draft", None)
    assert [event.action for event in desk.events(draft_id)] == ["captured", "publishing", "abandoned"]
    assert desk.events(draft_id)[-1].detail == "EditConflict"


def test_a_wiki_that_does_not_answer_leaves_the_draft(
    desk: ReviewDesk, draft_id: int, wiki: Readable
) -> None:
    wiki.fail("save", error=WikiUnavailableError("no answer"))
    with pytest.raises(WikiUnavailableError):
        publish(desk, draft_id, version=1, writer=wiki)
    current = desk.get(draft_id)
    assert (current.state, current.pending) == ("draft", None)
    wiki.repair()
    publish(desk, draft_id, version=current.version, writer=wiki)
    assert desk.get(draft_id).state == "published"


class _Meanwhile:
    """A writer during whose save something else happens; it may die before it has told what it saved."""

    def __init__(self, wiki: "Readable | MediaWiki", *, saves: bool = True, dies: bool = False) -> None:
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


def test_nobody_changes_a_draft_while_it_is_saved(desk: ReviewDesk, draft_id: int, wiki: Readable) -> None:
    writer = _Meanwhile(wiki)

    def edit() -> None:
        with pytest.raises(DraftStateError, match="is publishing"):
            desk.edit(draft_id, DraftEdit(title="Trop tard"), version=2, actor="Marc")
        with pytest.raises(DraftStateError, match="is publishing"):
            publish(desk, draft_id, version=2, writer=wiki)

    writer.happens = edit
    saved = publish(desk, draft_id, version=1, writer=writer)
    assert (desk.get(draft_id).state, desk.get(draft_id).revid) == ("published", saved.revid)
    assert wiki.calls["save"] == 1


# A crash between the wiki's save and our record of it


def test_a_page_saved_by_a_process_that_died_is_found(
    desk: ReviewDesk, draft_id: int, wiki: Readable
) -> None:
    with pytest.raises(KeyboardInterrupt):
        publish(desk, draft_id, version=1, writer=_Meanwhile(wiki, dies=True))
    assert desk.get(draft_id).pending is not None
    healed = settle(desk, draft_id, wiki=wiki)
    page = wiki.current("Ranger les vis")
    assert (healed.state, healed.pageid, healed.revid) == ("published", page.pageid, page.revid)
    assert (healed.published_by, healed.pending) == (wiki.user, None)
    assert wiki.calls["save"] == 1
    assert settle(desk, draft_id, wiki=wiki) == healed


def test_it_is_found_after_others_have_edited_and_moved_the_page(
    desk: ReviewDesk, draft_id: int, wiki: Readable
) -> None:
    with pytest.raises(KeyboardInterrupt):
        publish(desk, draft_id, version=1, writer=_Meanwhile(wiki, dies=True))
    first = wiki.current("Ranger les vis").revid
    wiki.edit("Ranger les vis", "Récrit.", user="Marc")
    wiki.move("Ranger les vis", "Vis")
    assert settle(desk, draft_id, wiki=wiki).revid == first


def test_what_was_not_saved_can_be_published_later(desk: ReviewDesk, draft_id: int, wiki: Readable) -> None:
    with pytest.raises(KeyboardInterrupt):
        publish(desk, draft_id, version=1, writer=_Meanwhile(wiki, saves=False))
    # It may still be under way elsewhere.
    assert settle(desk, draft_id, wiki=wiki).pending is not None
    later = datetime.now(UTC) + timedelta(minutes=6)
    free = settle(desk, draft_id, wiki=wiki, now=later)
    assert (free.state, free.pending) == ("draft", None)
    publish(desk, draft_id, version=free.version, writer=wiki)
    assert wiki.calls["save"] == 1


@pytest.mark.parametrize("user", ["Marc", "Admin"])
def test_another_page_of_that_title_is_not_taken_for_ours(
    desk: ReviewDesk, draft_id: int, wiki: Readable, user: str
) -> None:
    with pytest.raises(KeyboardInterrupt):
        publish(desk, draft_id, version=1, writer=_Meanwhile(wiki, saves=False))
    ours = desk.wikitext(desk.get(draft_id), reviewed_by=wiki.user)
    if user == "Marc":  # the same text, by another
        wiki.edit("Ranger les vis", ours, user=user)
    else:  # another text, or the same a year ago
        wiki.edit("Ranger les vis", ours, user=user, timestamp=datetime(2025, 1, 1, tzinfo=UTC))
        wiki.edit("Ranger les vis", "Autre chose.", user=user)
    later = datetime.now(UTC) + timedelta(minutes=6)
    assert settle(desk, draft_id, wiki=wiki, now=later).state == "draft"


def test_a_wiki_that_is_away_leaves_it_open(desk: ReviewDesk, draft_id: int, wiki: Readable) -> None:
    with pytest.raises(KeyboardInterrupt):
        publish(desk, draft_id, version=1, writer=_Meanwhile(wiki, dies=True))
    wiki.fail("heads", error=WikiUnavailableError("no answer"))
    with pytest.raises(WikiUnavailableError):
        settle(desk, draft_id, wiki=wiki, now=datetime.now(UTC) + timedelta(days=1))
    assert desk.get(draft_id).pending is not None


def test_a_save_without_an_answer_is_settled_later(desk: ReviewDesk, draft_id: int, wiki: Readable) -> None:
    wiki.fail("save", error=WikiUnavailableError("may have been saved", maybe_saved=True))
    with pytest.raises(WikiUnavailableError):
        publish(desk, draft_id, version=1, writer=wiki)
    assert desk.get(draft_id).pending is not None


# An experience on a page that is there


def existing(wiki: Readable) -> Page:
    saved = wiki.edit("Bocaux", "{{Practice|contacts=Ali}}\n== Solution ==\nDes bocaux.\n\n[[Catégorie:Vis]]")
    return next(iter(wiki.pages([saved.pageid])))


def test_a_draft_is_added_as_it_was_shown(desk: ReviewDesk, draft_id: int, wiki: Readable) -> None:
    page = existing(wiki)
    seen = preview_experience(desk, draft_id, page=page)
    assert (seen.pageid, seen.title, seen.base_revid) == (page.pageid, "Bocaux", page.revid)
    assert [line.text for line in seen.diff if line.kind == "removed"] == ["{{Practice|contacts=Ali}}"]
    assert "save" not in wiki.calls
    saved = publish_experience(
        desk, draft_id, version=1, writer=wiki, pageid=page.pageid, base_revid=seen.base_revid
    )
    now = wiki.current("Bocaux")
    assert (now.wikitext, now.revid) == (seen.wikitext.rstrip(), saved.revid)
    assert "== Expériences ==\n=== Atelier du 5 mars 2024" in now.wikitext
    done = desk.get(draft_id)
    assert (done.state, done.pageid, done.revid) == ("published", page.pageid, saved.revid)
    comment = list(wiki.revisions([page.pageid]))[-1].comment
    assert comment.startswith("Expérience ajoutée à partir de notes de réunion (Atelier du 5 mars 2024")


def test_a_page_that_has_changed_since_is_left_alone(desk: ReviewDesk, draft_id: int, wiki: Readable) -> None:
    page = existing(wiki)
    wiki.edit("Bocaux", "Récrit par Marc.", user="Marc")
    with pytest.raises(EditConflictError, match="has been changed"):
        publish_experience(desk, draft_id, version=1, writer=wiki, pageid=page.pageid, base_revid=page.revid)
    assert wiki.current("Bocaux").wikitext == "Récrit par Marc."
    assert (desk.get(draft_id).state, desk.get(draft_id).version) == ("draft", 1)


def test_a_page_that_changes_during_the_save_is_left_alone(
    desk: ReviewDesk, draft_id: int, wiki: Readable
) -> None:
    page = existing(wiki)
    writer = _Meanwhile(wiki)
    writer.happens = lambda: wiki.edit("Bocaux", "Récrit par Marc.", user="Marc")
    with pytest.raises(EditConflictError):
        publish_experience(
            desk, draft_id, version=1, writer=writer, pageid=page.pageid, base_revid=page.revid
        )
    assert wiki.current("Bocaux").wikitext == "Récrit par Marc."
    assert desk.get(draft_id).pending is None


@pytest.mark.parametrize("what", ["deleted", "protected", "redirect", "said already"])
def test_a_page_that_cannot_be_added_to(desk: ReviewDesk, draft_id: int, wiki: Readable, what: str) -> None:
    page = existing(wiki)
    expected: type[Exception] = EditConflictError
    if what == "deleted":
        wiki.delete("Bocaux")
    elif what == "protected":
        wiki.fail("save", error=EditRefusedError("protected", title="Bocaux", code="protectedpage"))
        expected = EditRefusedError
    elif what == "redirect":
        wiki.edit("Bocaux", "#REDIRECTION [[Pots]]")
        page, expected = wiki.current("Bocaux"), CaptureError
    else:
        wiki.edit("Bocaux", preview_experience(desk, draft_id, page=page).wikitext)
        page, expected = wiki.current("Bocaux"), CaptureError
        assert preview_experience(desk, draft_id, page=page).diff == ()
    with pytest.raises(expected):
        publish_experience(desk, draft_id, version=1, writer=wiki, pageid=page.pageid, base_revid=page.revid)
    current = desk.get(draft_id)
    assert (current.state, current.pending) == ("draft", None)


def test_an_experience_saved_by_a_process_that_died_is_found(
    desk: ReviewDesk, draft_id: int, wiki: Readable
) -> None:
    page = existing(wiki)
    with pytest.raises(KeyboardInterrupt):
        publish_experience(
            desk,
            draft_id,
            version=1,
            writer=_Meanwhile(wiki, dies=True),
            pageid=page.pageid,
            base_revid=page.revid,
        )
    healed = settle(desk, draft_id, wiki=wiki)
    assert (healed.state, healed.revid) == ("published", wiki.current("Bocaux").revid)


def test_the_summary_links_nowhere_and_is_short() -> None:
    summary = publishing_summary(sources=["[[Accueil]] " * 100], person="Nadia", wiki_language="fr-ca")
    assert summary.startswith("Pratique rédigée à partir de notes de réunion")
    assert "relue par Nadia" in summary
    assert "[[" not in summary
    assert len(summary) < 500
    assert publishing_summary(sources=["x"], person="Ann", wiki_language="en").endswith("reviewed by Ann")


def person(wiki: LocalWiki, name: str = "Nadia Ould") -> MediaWiki:
    wiki.create_user(name)
    grants = ("basic", "highvolume", "editpage", "createeditmovepage")
    login, password = wiki.create_bot_password(name, "compagnon", grants=grants)
    return MediaWiki(WikiSettings(api_url=wiki.api_url, user=login, password=password))


def test_on_a_real_wiki_pages_change_move_are_protected_and_go(
    fresh_wiki: LocalWiki, desk: ReviewDesk, draft_id: int
) -> None:
    writer = person(fresh_wiki)

    def refused(page: Page) -> Exception:
        with pytest.raises((EditConflictError, EditRefusedError)) as caught:
            publish_experience(
                desk,
                draft_id,
                version=desk.get(draft_id).version,
                writer=writer,
                pageid=page.pageid,
                base_revid=page.revid,
            )
        assert desk.get(draft_id).pending is None
        return caught.value

    fresh_wiki.edit("Bocaux", "Des bocaux.", user="Marc")
    page = writer.current("Bocaux")
    fresh_wiki.edit("Bocaux", "Des bocaux vissés.", user="Marc")
    assert isinstance(refused(page), EditConflictError)
    page = writer.current("Bocaux")
    fresh_wiki.move("Bocaux", "Pots")
    assert isinstance(refused(page), EditConflictError)
    page = writer.current("Pots")
    fresh_wiki.session().write("protect", title="Pots", protections="edit=sysop")
    page = writer.current("Pots")
    assert isinstance(error := refused(page), EditRefusedError)
    assert error.code == "protectedpage"
    fresh_wiki.delete("Pots")
    assert isinstance(refused(page), EditConflictError)
    assert desk.get(draft_id).state == "draft"


def test_on_a_real_wiki_what_was_saved_before_a_crash_is_found(
    fresh_wiki: LocalWiki, desk: ReviewDesk, draft_id: int
) -> None:
    writer = person(fresh_wiki)
    decomposed = "Des bocaux ve\u0301rifie\u0301s.\n\n[[Catégorie:Vis]]"
    fresh_wiki.edit("Bocaux", decomposed, user="Marc")
    page = writer.current("Bocaux")
    with pytest.raises(KeyboardInterrupt):
        publish_experience(
            desk,
            draft_id,
            version=1,
            writer=_Meanwhile(writer, dies=True),
            pageid=page.pageid,
            base_revid=page.revid,
        )
    healed = settle(desk, draft_id, wiki=writer)
    assert (healed.state, healed.revid) == ("published", writer.current("Bocaux").revid)
    assert len(fresh_wiki.revisions("Bocaux")) == 2


def test_on_a_real_wiki_the_notes_are_text(
    fresh_wiki: LocalWiki, store: Store, desk: ReviewDesk, draft_id: int
) -> None:
    saved = publish(desk, draft_id, version=1, writer=person(fresh_wiki))
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
