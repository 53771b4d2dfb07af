"""Review: what a person changes is kept, with their name, and nobody's change is lost."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from capture.draft import Statement
from capture.notes import read_notes
from capture.review import DraftEdit, ForgottenNotes, ReviewDesk
from capture.service import CaptureService
from connector.errors import CaptureError, DraftNotFoundError, DraftStateError, NotKeptError
from connector.practice import from_wikitext
from connector.store import Store
from tests.builders import FRENCH_WIKI, make_page

NOTES = """\
# Atelier du 5 mars 2024

## Ranger les vis

Problème : on les perdait.
Solution : des bocaux vissés sous l'étagère, dit Nadia.

Étapes :
1. visser les couvercles
2. remplir les bocaux

## Trier les chutes

Problème : le bois s'entassait.
Solution : trois caisses et une date.
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
    return add(store, desk)[0]


def add(store: Store, desk: ReviewDesk, text: str = NOTES) -> list[int]:
    notes = read_notes(text, filename="cr.md")
    return desk.add(CaptureService(store=store).capture(notes), notes, actor="Léa Martin")


def test_what_is_kept_comes_back(store: Store, desk: ReviewDesk) -> None:
    notes = read_notes(NOTES, filename="cr.md")
    result = CaptureService(store=store).capture(notes)
    ids = desk.add(result, notes, actor="Léa Martin")
    assert [desk.get(one).draft for one in ids] == list(result.drafts)
    first = desk.get(ids[0])
    assert (first.state, first.version, first.sources) == ("draft", 1, ("Atelier du 5 mars 2024",))
    assert desk.notes_of(ids[0]) == notes
    assert [one.id for one in desk.list(state="draft")] == ids[::-1]
    assert [(event.actor, event.action) for event in desk.events(ids[0])] == [("Léa Martin", "captured")]


def test_the_same_notes_twice_double_nothing(store: Store, desk: ReviewDesk, draft_id: int) -> None:
    desk.edit(draft_id, DraftEdit(title="Bocaux"), version=1, actor="Marc")
    again = add(store, desk)
    assert again[0] == draft_id
    assert desk.get(draft_id).draft.title == "Bocaux"
    for one in again:
        desk.drop(one, version=desk.get(one).version, actor="Marc")
    assert set(add(store, desk)).isdisjoint(again)


def test_drafts_of_other_notes_are_refused(store: Store, desk: ReviewDesk) -> None:
    result = CaptureService(store=store).capture(read_notes(NOTES))
    with pytest.raises(CaptureError, match="other notes"):
        desk.add(result, read_notes("autre chose"), actor="Marc")


def test_an_edit_changes_text_lines_and_page(desk: ReviewDesk, draft_id: int) -> None:
    before = desk.get(draft_id).draft
    edited = desk.edit(
        draft_id,
        DraftEdit(
            title="ranger les vis : les bocaux",
            fields={
                "problem": [Statement(text="On perdait les vis.", lines=(5,))],
                "steps": before.fields["steps"][:1],
                "tools": [Statement(text="Des bocaux.", lines=(), by_human=True)],
            },
            people=["Nadia Ould", " ", "Nadia Ould"],
        ),
        version=1,
        actor="Marc Dubois",
    )
    assert edited == desk.get(draft_id)
    assert (edited.version, edited.draft.title) == (2, "Ranger les vis : les bocaux")
    assert edited.draft.people == ("Nadia Ould",)
    assert list(edited.draft.fields) == ["problem", "solution", "steps", "tools"]
    assert edited.draft.fields["solution"] == before.fields["solution"]
    assert edited.draft.fields["tools"][0].by_human
    practice = from_wikitext("x", edited.draft.wikitext, site=FRENCH_WIKI)
    assert practice is not None
    assert practice.sections[0] == ("problem", "On perdait les vis.")
    assert practice.section("steps") == "# Visser les couvercles"
    assert practice.section("tools") == "Des bocaux."
    assert practice.contacts == ("Nadia Ould",)
    assert practice.sources == ("Atelier du 5 mars 2024",)
    event = desk.events(draft_id)[-1]
    assert (event.actor, event.action) == ("Marc Dubois", "edited")
    assert event.detail == "title, people, problem, steps, tools"


def test_an_empty_list_empties_a_field(desk: ReviewDesk, draft_id: int) -> None:
    edited = desk.edit(draft_id, DraftEdit(fields={"steps": []}), version=1, actor="Marc")
    assert "steps" not in edited.draft.fields
    assert "Étapes" not in edited.draft.wikitext


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        (DraftEdit(title=" # "), "title"),
        (DraftEdit(fields={"problem": [Statement(text="x", lines=(400,))]}), "the notes have 15 lines"),
        (DraftEdit(fields={"colour": [Statement(text="x", lines=(1,))]}), "no field 'colour'"),
        (DraftEdit(fields={name: [] for name in ("problem", "solution", "steps")}), "at least one statement"),
    ],
)
def test_edits_that_cannot_be_kept_change_nothing(
    desk: ReviewDesk, draft_id: int, edit: DraftEdit, why: str
) -> None:
    before = desk.get(draft_id)
    with pytest.raises(CaptureError, match=why):
        desk.edit(draft_id, edit, version=1, actor="Marc")
    assert desk.get(draft_id) == before


def test_two_people_at_once(desk: ReviewDesk, draft_id: int) -> None:
    desk.edit(draft_id, DraftEdit(title="Le premier"), version=1, actor="Léa")
    with pytest.raises(DraftStateError, match="changed by someone else"):
        desk.edit(draft_id, DraftEdit(title="Le second"), version=1, actor="Marc")
    assert desk.get(draft_id).draft.title == "Le premier"


def test_a_dropped_draft_stays_dropped(desk: ReviewDesk, draft_id: int) -> None:
    assert desk.drop(draft_id, version=1, actor="Marc").state == "dropped"
    with pytest.raises(DraftStateError, match="already dropped"):
        desk.edit(draft_id, DraftEdit(title="x"), version=2, actor="Léa")
    with pytest.raises(DraftStateError, match="already dropped"):
        desk.drop(draft_id, version=2, actor="Léa")
    assert [event.action for event in desk.events(draft_id)] == ["captured", "dropped"]


def test_no_such_draft(desk: ReviewDesk) -> None:
    with pytest.raises(DraftNotFoundError):
        desk.get(404)
    with pytest.raises(DraftNotFoundError):
        desk.edit(404, DraftEdit(title="x"), version=1, actor="Marc")


def test_who_reviews_a_draft_is_seen_by_the_second(desk: ReviewDesk, draft_id: int) -> None:
    taken = desk.take(draft_id, version=1, actor="Léa")
    assert (taken.state, taken.reviewer, taken.version, taken.is_open) == ("review", "Léa", 2, True)
    assert desk.take(draft_id, version=2, actor="Léa") == taken
    with pytest.raises(DraftStateError, match="Léa is reviewing"):
        desk.take(draft_id, version=2, actor="Marc")
    assert [one.id for one in desk.list(state="review")] == [draft_id]
    over = desk.take(draft_id, version=2, actor="Marc", over=True)
    assert over.reviewer == "Marc"
    back = desk.release(draft_id, version=3, actor="Marc")
    assert (back.state, back.reviewer) == ("draft", None)
    assert [(one.actor, one.action, one.detail) for one in desk.events(draft_id)[1:]] == [
        ("Léa", "taken", ""),
        ("Marc", "taken", "from Léa"),
        ("Marc", "released", ""),
    ]


def test_of_two_who_take_a_draft_at_once_one_gets_it(desk: ReviewDesk, draft_id: int) -> None:
    desk.take(draft_id, version=1, actor="Léa")
    with pytest.raises(DraftStateError, match="changed by someone else"):
        desk.take(draft_id, version=1, actor="Marc", over=True)
    assert desk.get(draft_id).reviewer == "Léa"


def test_a_draft_in_review_is_edited_and_dropped(desk: ReviewDesk, draft_id: int) -> None:
    desk.take(draft_id, version=1, actor="Léa")
    assert desk.edit(draft_id, DraftEdit(title="Bocaux"), version=2, actor="Léa").state == "review"
    dropped = desk.drop(draft_id, version=3, actor="Léa")
    assert (dropped.state, dropped.reviewer, dropped.is_open) == ("dropped", "Léa", False)
    with pytest.raises(DraftStateError, match="already dropped"):
        desk.take(draft_id, version=4, actor="Marc")


def test_the_lines_of_a_statement_are_corrected_and_noted(desk: ReviewDesk, draft_id: int) -> None:
    before = desk.get(draft_id).draft.fields["problem"]
    wider = [Statement(text=before[0].text, lines=(5, 6))]
    edited = desk.edit(draft_id, DraftEdit(fields={"problem": wider}), version=1, actor="Léa")
    assert edited.draft.fields["problem"][0].lines == (5, 6)
    new_words = [Statement(text="On perdait les vis.", lines=(5,))]
    desk.edit(draft_id, DraftEdit(fields={"problem": new_words}, title="Vis"), version=2, actor="Léa")
    assert [one.detail for one in desk.events(draft_id)[1:]] == [
        "problem (5 → 5 6)",
        "title, problem (5 6 → 5)",
    ]


def test_categories_and_the_page_to_merge_with_are_chosen(
    store: Store, desk: ReviewDesk, draft_id: int
) -> None:
    store.pages.put_many([make_page(7, "Ranger l’atelier")])
    edited = desk.edit(
        draft_id, DraftEdit(categories=["Atelier", " ", "Atelier"], merge_into=7), version=1, actor="Léa"
    )
    assert (edited.draft.categories, edited.merge_into) == (("Atelier",), 7)
    same = desk.edit(draft_id, DraftEdit(title="Vis"), version=2, actor="Léa")
    assert same.merge_into == 7
    with pytest.raises(CaptureError, match="no page 8"):
        desk.edit(draft_id, DraftEdit(merge_into=8), version=3, actor="Léa")
    assert desk.edit(draft_id, DraftEdit(merge_into=0), version=3, actor="Léa").merge_into is None
    assert [one.detail for one in desk.events(draft_id)[1:]] == [
        "categories, merge_into 7",
        "title",
        "merge_into",
    ]


def test_while_a_draft_is_published_nobody_changes_it(desk: ReviewDesk, store: Store, draft_id: int) -> None:
    pending = desk.intend(draft_id, version=1, title="Vis", sha1="ab" * 20, actor="Léa")
    assert pending.pending is not None
    assert (pending.version, pending.pending.title, pending.pending.by) == (2, "Vis", "Léa")
    assert [one.id for one in store.drafts.pending()] == [draft_id]
    changes: tuple[Callable[[], object], ...] = (
        lambda: desk.edit(draft_id, DraftEdit(title="x"), version=2, actor="Marc"),
        lambda: desk.drop(draft_id, version=2, actor="Marc"),
        lambda: desk.take(draft_id, version=2, actor="Marc"),
        lambda: desk.intend(draft_id, version=2, title="x", sha1="", actor="Marc"),
    )
    for change in changes:
        with pytest.raises(DraftStateError, match="Léa is publishing"):
            change()
    given_up = desk.abandon_intent(draft_id, version=2, actor="Léa", why="the wiki was away")
    assert given_up.pending is None
    again = desk.intend(draft_id, version=3, title="Vis", sha1="ab" * 20, actor="Léa")
    done = desk.mark_published(draft_id, version=again.version, pageid=7, revid=8, published_by="Léa")
    assert (done.state, done.pending, done.pageid, done.revid) == ("published", None, 7, 8)
    assert store.drafts.pending() == []
    assert [one.action for one in desk.events(draft_id)] == [
        "captured", "publishing", "abandoned", "publishing", "published",
    ]  # fmt: skip


def test_what_notes_say_is_kept_with_them(store: Store, desk: ReviewDesk) -> None:
    notes = read_notes(NOTES, filename="cr.md")
    notes_id = desk.add_notes(notes)
    assert desk.summary(notes_id) is None
    result = CaptureService(store=store).capture(notes)
    desk.add(result, notes, actor="Léa")
    kept = desk.summary(notes_id)
    assert kept is not None
    assert (kept.notes, kept.remarks) == (result.notes, result.remarks)
    assert desk.notes(notes_id) == notes
    (entry,) = store.notes.list()
    assert (entry.title, str(entry.met_on)) == ("Atelier du 5 mars 2024", "2024-03-05")
    with pytest.raises(NotKeptError):
        desk.summary(notes_id + 1)


def test_notes_are_forgotten_with_all_that_came_from_them(
    tmp_path: Path, store: Store, desk: ReviewDesk
) -> None:
    private = "Le code du portail est Quetsche-4711"
    text = NOTES + f"\n## Actions\n- Nadia : changer la serrure. {private}\n"
    ids = add(store, desk, text)
    other = add(store, desk, NOTES.replace("5 mars", "6 mars"))
    desk.edit(ids[0], DraftEdit(title=private), version=1, actor="Quetsche-4711")
    desk.mark_published(ids[1], version=1, pageid=7, revid=8, published_by="Léa")
    notes_id = desk.get(ids[0]).notes_id
    gone = desk.forget_notes(notes_id, actor="Léa")
    assert gone == ForgottenNotes(drafts=2, follow_ups=1, published=((7, "Trier les chutes"),), wiped=True)
    with pytest.raises(DraftNotFoundError):
        desk.get(ids[0])
    assert desk.events(ids[0]) == []
    assert store.notes.get(notes_id) is None
    assert [one.id for one in desk.list()] == other[::-1]
    for file in tmp_path.iterdir():
        assert b"Quetsche-4711" not in file.read_bytes(), file
    with pytest.raises(NotKeptError):
        desk.forget_notes(notes_id, actor="Léa")
    assert set(add(store, desk, text)).isdisjoint(ids)
