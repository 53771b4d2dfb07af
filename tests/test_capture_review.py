"""Review: what a person changes is kept, with their name, and nobody's change is lost."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from capture.draft import Statement
from capture.notes import read_notes
from capture.review import DraftEdit, ReviewDesk
from capture.service import CaptureService
from connector.errors import CaptureError, DraftNotFoundError, DraftStateError
from connector.practice import from_wikitext
from connector.store import Store
from tests.builders import FRENCH_WIKI

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
