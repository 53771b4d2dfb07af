"""Follow-ups stay until a person closes them; later notes may only propose it, and show where they say so."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from capture.follow_ups import FollowUps
from capture.notes import read_notes
from capture.review import ReviewDesk
from capture.service import CaptureService
from connector.errors import CaptureError, NotKeptError
from connector.store import NewFollowUp, Store

SERVICE = CaptureService()
MARCH = """\
# Atelier du 5 mars 2024

Présents : Nadia Roche, Marc Dubois

Décision : le local ouvre le samedi.

Qui garde la clé en août ?

## Actions
- Nadia : acheter des bocaux en verre avant le 20 mars 2024
- Marc : réparer la serrure du portail
- [x] Marc : ranger l'établi
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "compagnon.sqlite3") as opened:
        yield opened


@pytest.fixture
def follow_ups(store: Store) -> FollowUps:
    keep(store, MARCH)
    return FollowUps(store)


def keep(store: Store, text: str) -> int:
    notes = read_notes(text)
    desk = ReviewDesk(store=store)
    desk.add(SERVICE.capture(notes), notes, actor="Léa")
    return desk.add_notes(notes)


def proposed(follow_ups: FollowUps, text: str) -> list[tuple[str, tuple[int, ...], str]]:
    notes = read_notes(text)
    summary = SERVICE.capture(notes).notes
    found = follow_ups.proposals(notes, summary)
    return [(one.follow_up.text, one.lines, one.why) for one in found]


def test_what_notes_leave_behind_is_listed(follow_ups: FollowUps) -> None:
    assert [(one.kind, one.owner, one.text, str(one.due)) for one in follow_ups.open()] == [
        ("action", "Nadia", "acheter des bocaux en verre avant le 20 mars 2024", "2024-03-20"),
        ("action", "Marc", "réparer la serrure du portail", "None"),
        ("question", None, "Qui garde la clé en août ?", "None"),
    ]
    assert [one.kind for one in follow_ups.open(kind="question")] == ["question"]
    (decision,) = follow_ups.decisions()
    assert (decision.state, decision.lines, decision.meeting) == ("decided", (5,), "Atelier du 5 mars 2024")
    (done,) = follow_ups.closed()
    assert (done.text, done.closed_by, done.closed_in) == ("ranger l'établi", None, done.notes_id)


def test_one_is_closed_and_opened_again(follow_ups: FollowUps) -> None:
    first = follow_ups.open()[0]
    closed = follow_ups.close(first.id, actor="Zoé", closed_in=first.notes_id)
    assert (closed.state, closed.closed_by, closed.closed_in) == ("done", "Zoé", first.notes_id)
    assert closed.closed_at is not None
    assert first.id not in [one.id for one in follow_ups.open()]
    assert follow_ups.closed()[0] == closed
    with pytest.raises(CaptureError, match="closed already"):
        follow_ups.close(first.id, actor="Marc")
    assert follow_ups.reopen(first.id, actor="Marc") == first
    with pytest.raises(CaptureError, match="not closed"):
        follow_ups.reopen(first.id, actor="Marc")
    assert follow_ups.close(first.id, actor="Marc", state="dropped").state == "dropped"


def test_a_decision_cannot_be_closed_and_what_is_not_there_neither(follow_ups: FollowUps) -> None:
    with pytest.raises(CaptureError, match="a later meeting"):
        follow_ups.close(follow_ups.decisions()[0].id, actor="Zoé")
    with pytest.raises(NotKeptError):
        follow_ups.close(99, actor="Zoé")
    with pytest.raises(NotKeptError):
        follow_ups.reopen(99, actor="Zoé")


def test_notes_read_again_keep_what_people_closed(store: Store, follow_ups: FollowUps) -> None:
    first, second, question = follow_ups.open()
    follow_ups.close(first.id, actor="Zoé")
    store.notes.keep_capture(
        first.notes_id,
        title="Atelier",
        met_on=None,
        summary="{}",
        drafts=[],
        follow_ups=[
            NewFollowUp(kind="action", text=first.text, lines=(10,)),
            NewFollowUp(kind="action", text="poser une serrure neuve", lines=(11,)),
            NewFollowUp(kind="question", text=question.text, lines=(7,)),
        ],
        actor="Léa",
    )
    assert [one.text for one in follow_ups.open()] == ["poser une serrure neuve", question.text]
    assert follow_ups.open()[1].id == question.id
    assert second.id not in [one.id for one in follow_ups.of_notes(first.notes_id)]
    assert first.id in [one.id for one in follow_ups.closed()]


@pytest.mark.parametrize(
    "line",
    [
        "- [x] Nadia : acheter des bocaux en verre",
        "Nadia a acheté les bocaux en verre, c'est fait.",
        "Achat des bocaux en verre : fait",
        "Les bocaux en verre sont achetés, terminé.",
        "Bocaux en verre achetés ✓",
        "Nadia: acheter des bocaux (fait)",
    ],
)
def test_later_notes_propose_to_close_an_action(follow_ups: FollowUps, line: str) -> None:
    text = f"# Atelier du 2 avril 2024\n\nPrésents : Nadia Roche, Marc Dubois\n\n{line}\n"
    assert [found[1:] for found in proposed(follow_ups, text)] == [((5,), line)]
    assert len(follow_ups.open()) == 3  # nothing closes by itself


def test_a_line_that_only_says_done_speaks_of_the_one_above(follow_ups: FollowUps) -> None:
    text = "# Atelier du 2 avril 2024\n\nMarc devait réparer la serrure du portail.\n\nC'est fait.\n"
    why = "Marc devait réparer la serrure du portail. C'est fait."
    assert proposed(follow_ups, text) == [("réparer la serrure du portail", (3, 5), why)]


@pytest.mark.parametrize(
    "line",
    [
        "Nadia doit acheter des bocaux en verre.",
        "Acheter des bocaux en verre : pas encore fait.",
        "Acheter des bocaux en verre, ce n'est pas fait",
        "Les bocaux en verre restent à faire.",
        "- [ ] Nadia : acheter des bocaux en verre",
        "Les bocaux sont jolis. C'est fait de verre.",
        "Marc a acheté des bocaux en verre, c'est fait.",
        "Quand l'achat des bocaux en verre sera terminé, on range.",
        "L'achat des bocaux en verre est-il terminé ?",
        "Le tour du quartier, c'est fait.",
    ],
)
def test_what_is_not_done_or_is_another_thing_is_not_proposed(follow_ups: FollowUps, line: str) -> None:
    text = f"# Atelier du 2 avril 2024\n\nPrésents : Nadia Roche, Marc Dubois\n\n{line}\n"
    assert proposed(follow_ups, text) == []


def test_in_english_too(store: Store) -> None:
    keep(store, "# Meeting, 3 May 2024\n\nACTION: Priya to ask the town hall for a bigger room\n")
    follow_ups = FollowUps(store)
    for line in (
        "Priya asked the town hall for a bigger room: done.",
        "- [x] ask the town hall for a bigger room",
        "Request to the town hall for a bigger room completed.",
    ):
        (found,) = proposed(follow_ups, f"# Meeting, 7 June 2024\n\n{line}\n")
        assert found[1:] == ((3,), line)
    for line in (
        "Asking the town hall for a bigger room is not done.",
        "Priya will get the town hall's bigger room request done.",
    ):
        assert proposed(follow_ups, f"# Meeting, 7 June 2024\n\n{line}\n") == []


def test_earlier_notes_and_the_same_notes_propose_nothing(store: Store, follow_ups: FollowUps) -> None:
    line = "Nadia a acheté les bocaux en verre, c'est fait."
    assert proposed(follow_ups, f"# Atelier du 2 février 2024\n\n{line}\n") == []
    text = f"{MARCH}\n{line}\n"
    notes = read_notes(text)
    summary = SERVICE.capture(notes).notes
    notes_id = follow_ups.open()[0].notes_id
    assert follow_ups.proposals(notes, summary, notes_id=notes_id) == []
    assert len(follow_ups.proposals(notes, summary)) == 1


def test_the_same_task_of_two_people_is_two(store: Store) -> None:
    notes_id = keep(store, MARCH)
    found = [
        NewFollowUp(kind="action", text="relire le texte", owner=name, lines=(line,))
        for line, name in ((11, "Nadia"), (12, "Marc"))
    ]
    for _ in range(2):
        store.notes.keep_capture(
            notes_id, title="", met_on=None, summary="{}", drafts=[], follow_ups=found, actor="Léa"
        )
        rows = [(one.owner, one.lines) for one in FollowUps(store).open(kind="action")]
        assert rows == [("Nadia", (11,)), ("Marc", (12,))]


def test_notes_read_again_double_nothing_and_say_what_the_later_reading_found(store: Store) -> None:
    notes_id = keep(store, MARCH)
    before = store.follow_ups.list(notes_id=notes_id)
    task, other = [one for one in before if one.kind == "action" and one.state == "open"]
    FollowUps(store).close(task.id, actor="Zoé")
    found = [
        NewFollowUp(kind="action", text=task.text, owner=task.owner, due=task.due, lines=task.lines),
        NewFollowUp(kind="action", text=other.text, owner="Marc", due=date(2024, 4, 2), lines=(13,)),
        NewFollowUp(kind="action", text=other.text, owner="Marc", lines=(14,)),
        NewFollowUp(kind="decision", text="le local ouvre le samedi.", state="proposed", lines=(5,)),
    ]
    store.notes.keep_capture(
        notes_id, title="", met_on=None, summary="{}", drafts=[], follow_ups=found, actor="Léa"
    )
    after = store.follow_ups.list(notes_id=notes_id)
    assert [(one.id, one.state, one.closed_by) for one in after if one.text == task.text] == [
        (task.id, "done", "Zoé")
    ]
    again = [(one.due, one.lines) for one in after if one.text == other.text]
    assert again == [(date(2024, 4, 2), (13,)), (None, (14,))]
    assert next(one.id for one in after if one.text == other.text) == other.id
    assert [one.state for one in after if one.kind == "decision"] == ["proposed"]


def test_what_has_another_number_is_something_else(store: Store) -> None:
    keep(
        store,
        "# Atelier du 5 mars 2024\n\n## Actions\n"
        "- commander la caisse numéro 3 avant le 10/04/2024\n- commander la caisse numéro 6\n"
        "- poser la serrure du portail\n",
    )
    notes = read_notes(
        "# Atelier du 2 mai 2024\n\n- [x] commander la caisse numéro 6\n- [x] poser la serrure, 2 heures\n"
    )
    found = FollowUps(store).proposals(notes, SERVICE.capture(notes).notes)
    assert [one.follow_up.text for one in found] == [
        "commander la caisse numéro 6",
        "poser la serrure du portail",
    ]


def test_each_line_is_taken_apart_once_however_many_actions_are_open(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks = [f"ranger le bocal numéro {number} de l'étagère" for number in range(30)]
    keep(store, "# Atelier du 5 mars 2024\n\n## Actions\n" + "".join(f"- {task}\n" for task in tasks))
    follow_ups = FollowUps(store)
    assert len(follow_ups.open(kind="action")) == 30
    notes = read_notes("# Atelier du 2 avril 2024\n\n" + "".join(f"- [x] {task}\n" for task in tasks))
    summary = SERVICE.capture(notes).notes
    taken: list[str] = []
    words = FollowUps._words

    def counted(self: FollowUps, text: str, **options: date | None) -> list[frozenset[str]]:
        taken.append(text)
        return words(self, text, **options)

    monkeypatch.setattr(FollowUps, "_words", counted)
    assert len(follow_ups.proposals(notes, summary)) == 30
    assert len(taken) <= 30 + len(summary.actions) + notes.line_count
