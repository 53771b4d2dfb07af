"""Publishing: the page is created once, under the person's name, or nothing is written."""

import html
from datetime import UTC, datetime, timedelta

import pytest

from capture.publishing import publish, publishing_summary, settle
from capture.review import DraftEdit, ReviewDesk
from connector.errors import (
    DraftStateError,
    EditConflictError,
    WikiUnavailableError,
)
from connector.practice import from_wikitext
from connector.store import Store
from tests.builders import FRENCH_WIKI
from tests.mediawiki import LocalWiki
from tests.publishing_ground import Meanwhile, Readable, desk, draft_id, person, store, wiki

__all__ = ["desk", "draft_id", "store", "wiki"]  # fixtures


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


def test_nobody_changes_a_draft_while_it_is_saved(desk: ReviewDesk, draft_id: int, wiki: Readable) -> None:
    writer = Meanwhile(wiki)

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
        publish(desk, draft_id, version=1, writer=Meanwhile(wiki, dies=True))
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
        publish(desk, draft_id, version=1, writer=Meanwhile(wiki, dies=True))
    first = wiki.current("Ranger les vis").revid
    wiki.edit("Ranger les vis", "Récrit.", user="Marc")
    wiki.move("Ranger les vis", "Vis")
    assert settle(desk, draft_id, wiki=wiki).revid == first


def test_what_was_not_saved_can_be_published_later(desk: ReviewDesk, draft_id: int, wiki: Readable) -> None:
    with pytest.raises(KeyboardInterrupt):
        publish(desk, draft_id, version=1, writer=Meanwhile(wiki, saves=False))
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
        publish(desk, draft_id, version=1, writer=Meanwhile(wiki, saves=False))
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
        publish(desk, draft_id, version=1, writer=Meanwhile(wiki, dies=True))
    wiki.fail("heads", error=WikiUnavailableError("no answer"))
    with pytest.raises(WikiUnavailableError):
        settle(desk, draft_id, wiki=wiki, now=datetime.now(UTC) + timedelta(days=1))
    assert desk.get(draft_id).pending is not None


def test_a_save_without_an_answer_is_settled_later(desk: ReviewDesk, draft_id: int, wiki: Readable) -> None:
    wiki.fail("save", error=WikiUnavailableError("may have been saved", maybe_saved=True))
    with pytest.raises(WikiUnavailableError):
        publish(desk, draft_id, version=1, writer=wiki)
    assert desk.get(draft_id).pending is not None


def test_notes_that_are_deleted_while_the_wiki_saves_do_not_hide_that_it_did(
    store: Store, desk: ReviewDesk, draft_id: int, wiki: Readable
) -> None:
    writer = Meanwhile(wiki)
    writer.happens = lambda: desk.forget_notes(desk.get(draft_id).notes_id, actor="Marc")
    saved = publish(desk, draft_id, version=1, writer=writer)
    assert wiki.heads(namespaces=[0])
    assert saved.revid
    assert store.drafts.list() == []


def test_why_the_wiki_refuses_is_told_though_someone_settled_it(
    desk: ReviewDesk, draft_id: int, wiki: Readable
) -> None:
    writer = Meanwhile(wiki)
    later = datetime.now(UTC) + timedelta(hours=1)

    def refuse() -> None:
        assert settle(desk, draft_id, wiki=wiki, now=later).pending is None
        raise EditConflictError("exists already", title="Bocaux")

    writer.happens = refuse
    with pytest.raises(EditConflictError, match="exists already"):
        publish(desk, draft_id, version=1, writer=writer)
    assert desk.get(draft_id).is_open


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
