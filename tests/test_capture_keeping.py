"""Keeping notes: what is kept says the same whoever reads it later, and goes when somebody asks for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from capture.draft import Draft, SimilarPractice
from capture.notes import Notes, read_notes
from capture.publishing import publish_experience
from capture.review import DraftEdit, ReviewDesk
from capture.service import CaptureService
from connector.errors import CaptureError
from connector.store import Store
from connector.store.schema import notes as notes_table
from tests.builders import FRENCH_WIKI, make_page
from tests.publishing_ground import NOTES, Readable

MAIL = (
    b"From: Ana <ana@example.org>\nSubject: Notes\nContent-Transfer-Encoding: quoted-printable\n\n"
    b"Decision: the workshop opens=\n on Saturday.\n"
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "compagnon.sqlite3") as opened:
        opened.site.put(FRENCH_WIKI, source="https://wiki.example.org/w/api.php")
        yield opened


@pytest.fixture
def desk(store: Store) -> ReviewDesk:
    return ReviewDesk(store=store)


def keep(store: Store, desk: ReviewDesk, notes: Notes) -> list[int]:
    return desk.add(CaptureService(store=store).capture(notes), notes, actor="Léa")


def test_line_numbers_are_those_of_the_notes_that_are_kept(store: Store, desk: ReviewDesk) -> None:
    """The same bytes as another format have other lines: what is said of line 3 would be shown at line 5."""
    sent = read_notes(MAIL, media_type="message/rfc822")
    keep(store, desk, sent)
    pasted = read_notes(MAIL.decode())
    assert pasted.line_count != sent.line_count
    with pytest.raises(CaptureError, match="kept already as message/rfc822"):
        keep(store, desk, pasted)
    (entry,) = store.notes.list()
    (decision,) = store.follow_ups.list(kinds=["decision"])
    assert "the workshop opens on Saturday" in desk.notes(entry.id).lines[decision.lines[0] - 1].text


def test_the_same_lines_may_come_under_another_name(store: Store, desk: ReviewDesk) -> None:
    ids = keep(store, desk, read_notes(NOTES, filename="cr.md"))
    assert keep(store, desk, read_notes(NOTES)) == ids


@pytest.mark.parametrize("name", ["r\udce9union.md", "\ud800.md", "a\x00b.md"])
def test_the_name_of_a_file_may_be_anything(store: Store, desk: ReviewDesk, name: str) -> None:
    keep(store, desk, read_notes(NOTES, filename=name))
    (entry,) = store.notes.list()
    assert entry.filename.endswith(".md")
    assert entry.filename.isprintable()


def test_notes_that_cannot_be_read_any_more_can_be_deleted(store: Store, desk: ReviewDesk) -> None:
    notes_id = desk.add_notes(read_notes(NOTES))
    with store._engine.begin() as connection:
        connection.execute(update(notes_table).values(original=b"PK\x03\x04", media_type="application/zip"))
    with pytest.raises(CaptureError):
        desk.notes(notes_id)
    assert desk.entry(notes_id).id == notes_id
    desk.forget_notes(notes_id, actor="Léa")
    assert store.notes.list() == []


def test_what_stays_in_the_wiki_is_named_as_the_wiki_names_it(store: Store, desk: ReviewDesk) -> None:
    wiki = Readable(site=FRENCH_WIKI)
    wiki.edit("Ranger l’atelier", "{{Practice}}\n== Solution ==\nDes étagères.\n")
    (page,) = wiki.pages([head.pageid for head in wiki.heads(namespaces=[0])])
    store.pages.put_many([page])
    (draft_id,) = keep(store, desk, read_notes(NOTES))
    seen = desk.edit(draft_id, DraftEdit(merge_into=page.pageid), version=1, actor="Léa")
    publish_experience(
        desk, draft_id, version=seen.version, writer=wiki, pageid=page.pageid, base_revid=page.revid
    )
    gone = desk.forget_notes(store.notes.list()[0].id, actor="Léa")
    assert gone.published == ((page.pageid, "Ranger l’atelier"),)


class Finder:
    """Finds one page, whatever the draft is."""

    def find(self, draft: Draft) -> tuple[SimilarPractice, ...]:
        return (SimilarPractice(pageid=7, title="Bocaux de Basile Nom-Caché", score=0.8, why="bocaux"),)


def test_a_page_that_is_gone_from_the_wiki_is_named_by_no_draft(store: Store, tmp_path: Path) -> None:
    """DESIGN.md, rule 2: what is deleted, suppressed or renamed away is gone from the drafts too."""
    desk = ReviewDesk(store=store)
    store.pages.put_many([make_page(7, "Bocaux de Basile Nom-Caché")])
    notes = read_notes(NOTES)
    result = CaptureService(store=store, finder=Finder()).capture(notes)
    (draft_id,) = desk.add(result, notes, actor="Léa")
    assert desk.get(draft_id).draft == result.drafts[0]
    store.pages.put_many([make_page(7, "Bocaux", revid=701)])
    edited = desk.edit(draft_id, DraftEdit(title="Vis"), version=1, actor="Léa")
    assert [(one.title, one.why) for one in edited.draft.similar] == [("Bocaux", "bocaux")]
    store.pages.delete([7])
    assert desk.get(draft_id).draft.similar == ()
    assert store.scrub(thorough=True)
    for file in tmp_path.iterdir():
        assert "Nom-Caché".encode() not in file.read_bytes()
