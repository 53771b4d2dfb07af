"""An experience goes on a page that is there, as the person saw it, or nothing is written."""

import pytest

from capture.publishing import preview_experience, publish_experience, settle
from capture.review import ReviewDesk
from connector.errors import CaptureError, EditConflictError, EditRefusedError
from connector.model import Page
from tests.mediawiki import LocalWiki
from tests.publishing_ground import Meanwhile, Readable, desk, draft_id, person, store, wiki

__all__ = ["desk", "draft_id", "store", "wiki"]  # fixtures


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
    writer = Meanwhile(wiki)
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
            writer=Meanwhile(wiki, dies=True),
            pageid=page.pageid,
            base_revid=page.revid,
        )
    healed = settle(desk, draft_id, wiki=wiki)
    assert (healed.state, healed.revid) == ("published", wiki.current("Bocaux").revid)


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
            writer=Meanwhile(writer, dies=True),
            pageid=page.pageid,
            base_revid=page.revid,
        )
    healed = settle(desk, draft_id, wiki=writer)
    assert (healed.state, healed.revid) == ("published", writer.current("Bocaux").revid)
    assert len(fresh_wiki.revisions("Bocaux")) == 2
