"""Agendas: timed to the minute, called by what their sources are called now, as each reader may read them."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from capture.follow_ups import FollowUps
from capture.notes import Notes, read_notes
from community.agenda import Agenda, Agendas, share_minutes
from community.agenda_text import as_markdown, as_wikitext, markdown
from community.model import AgendaItem, Evidence, Person
from community.settled import Settling
from connector.model import PageHead
from connector.store.meetings import Meeting, PlannedMeeting
from connector.store.wishes import Wish
from search.people import PeopleFilter
from tests.community import NOTES, empty_community, mirrored_community, page
from tests.store_on_postgresql import copied_data
from webui.bootstrap import Services

WHO = AgendaItem(kind="question", key="question 1", title="old words", minutes=10, weight=1)
STEP = AgendaItem(
    kind="promotion", key="promotion 3 tested", title="old", minutes=5, weight=1, status="tested"
)
PAIR = AgendaItem(kind="contradiction", key="contradiction 2+5", title="old", minutes=10, weight=1)
ACTION = AgendaItem(kind="action", key="action 1", title="old", minutes=3, weight=1)
WANTED = AgendaItem(
    kind="unwritten",
    key="unwritten page Kit de soudure",
    title="Kit de soudure",
    minutes=5,
    weight=1,
    evidence=(Evidence(kind="page", id=5, label="Atelier"), Evidence(kind="page", id=7, label="Fiche")),
)


class Sees:
    """Somebody who may read some pages."""

    restricted = True

    def __init__(self, *pageids: int) -> None:
        self._pageids = pageids

    def among(self, pages: Collection[PageHead]) -> frozenset[int]:
        return frozenset(self._pageids) & {each.pageid for each in pages}


class Ground:
    """A meeting of 60 minutes, on a mirror with a question and an action."""

    def __init__(self, services: Services) -> None:
        self.store = services.store
        self.people = PeopleFilter(bots=(), opt_out=(), store=self.store)
        self.follow_ups = FollowUps(self.store)
        self.agendas = Agendas(store=self.store, people=self.people, follow_ups=self.follow_ups)
        notes = read_notes(NOTES)
        services.desk.add(services.capture.capture(notes), notes, actor="a test")
        self.store.questions.ask("Qui garde les clés du local ?", language="fr", asked_by=None)
        self.capture = services.capture
        self.desk = services.desk
        planned = PlannedMeeting(
            planned_on=date(2026, 4, 7), starts_at="18:30", title="Réunion d’avril", minutes=60, language="fr"
        )
        self.meeting = self.store.meetings.plan(planned, created_by=None)

    def add(self, *items: AgendaItem) -> Meeting:
        self.meeting = self.agendas.add(self.meeting.id, items)
        return self.meeting

    def agenda(self, readable: Sees | None = None, *, held: bool = False) -> Agenda:
        meeting = self.store.meetings.get(self.meeting.id)
        return self.agendas.of(meeting, held=held, readable=readable)

    def titles(self, readable: Sees | None = None) -> list[str]:
        return [line.item.title for line in self.agenda(readable).lines]

    def keep(self, text: str) -> tuple[Notes, int]:
        notes = read_notes(text)
        self.desk.add(self.capture.capture(notes), notes, actor="a test")
        return notes, self.desk.add_notes(notes)

    def settled(self, text: str) -> dict[str, tuple[tuple[int, ...], str]]:
        notes, notes_id = self.keep(text)
        kept = self.desk.summary(notes_id)
        assert kept is not None
        settling = Settling(follow_ups=self.follow_ups)
        found = settling.proposals(self.agenda(), notes, kept.notes, notes_id=notes_id)
        return {one.line.item.key: (one.lines, one.why) for one in found}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with a mirror, for each test to have a copy of."""
    folder = tmp_path_factory.mktemp("prepared") / "data"
    mirrored_community(folder).close()
    return folder


@pytest.fixture
def ground(prepared: Path, tmp_path: Path) -> Iterator[Ground]:
    services = empty_community(copied_data(prepared, tmp_path / "data"))
    yield Ground(services)
    services.close()


@pytest.mark.parametrize(
    ("wanted", "total", "given", "rest"),
    [
        ([5, 10, 5], 60, [5, 10, 5], 40),
        ([5, 10, 5], 20, [5, 10, 5], 0),
        ([5, 30, 30, 5], 35, [3, 15, 14, 3], 0),
        ([5, 60, 0, 5], 30, [3, 25, 0, 2], 0),
        ([5] * 20, 10, [1] * 10 + [0] * 10, 0),
    ],
)
def test_all_minutes_together_are_the_meetings(
    wanted: list[int], total: int, given: list[int], rest: int
) -> None:
    assert share_minutes(wanted, total) == (given, rest)
    assert sum(given) + rest == total


def test_many_wishes_always_sum_to_the_minute() -> None:
    for total in range(10, 130, 7):
        for count in range(1, 41):
            wanted = [5, *((7 * place) % 23 for place in range(count)), 5]
            given, rest = share_minutes(wanted, total)
            assert sum(given) + rest == total
            assert all((each == 0) >= (wish == 0) for each, wish in zip(given, wanted, strict=True))
            if total >= len(wanted):
                assert all(each >= 1 for each, wish in zip(given, wanted, strict=True) if wish)


def test_items_are_called_as_their_sources_are_now(ground: Ground) -> None:
    ground.add(WHO, STEP, PAIR, ACTION, WANTED)
    assert ground.titles() == [
        "Qui garde les clés du local ?",
        "Ranger les outils",
        "Soirée réparation / Atelier",
        "dessiner le plan avant le 20 mars 2026",
        "Kit de soudure",
    ]
    assert "old" not in str(ground.meeting.agenda), "words that stand elsewhere are not kept"
    agenda = ground.agenda()
    assert [line.offset for line in agenda.lines] == [5, 15, 20, 30, 33]
    assert (agenda.opening, agenda.closing, agenda.rest) == (5, 5, 17)
    assert agenda.lines[3].item.person == Person(name="Marc")
    ground.store.pages.put_many([replace(page(3, "Ranger les outils", "x"), title="Tout ranger")])
    assert ground.titles()[1] == "Tout ranger"


def test_what_is_gone_is_on_no_agenda(ground: Ground) -> None:
    ground.add(WHO, STEP, PAIR, ACTION, replace(WHO, key="question 99"))
    ground.store.pages.delete([3, 5])
    ground.store.notes.forget(1)
    assert ground.titles() == ["Qui garde les clés du local ?"]


def test_who_may_not_read_a_page_is_told_nothing_of_its_item(ground: Ground) -> None:
    ground.add(WHO, STEP, PAIR, WANTED)
    assert ground.titles(Sees(2)) == ["Qui garde les clés du local ?"]
    assert ground.titles(Sees(2, 5)) == [
        "Qui garde les clés du local ?",
        "Soirée réparation / Atelier",
        "Kit de soudure",
    ]
    assert [each.id for each in ground.agenda(Sees(7)).lines[-1].item.evidence] == [7]


def test_a_newcomer_is_called_by_their_name_now_unless_they_are_left_out(ground: Ground) -> None:
    now = datetime.now(UTC)
    account = ground.store.accounts.put(wiki_user_id=70, name="Léo Guillou", groups=[], told_at=now)
    person = Person(name="Leo G", user_id=70)
    ground.add(
        AgendaItem(kind="newcomer", key="newcomer 70", title="x", minutes=5, weight=1, person=person),
        AgendaItem(kind="free", key="free 1", title="Merci à Léo Guillou", minutes=5, weight=1),
    )
    assert ground.titles() == ["Léo Guillou", "Merci à Léo Guillou"]
    ground.store.wishes.put(account.id, Wish(opted_out=True))
    assert ground.titles() == []


def test_what_is_closed_meanwhile_takes_no_time_before_the_meeting(ground: Ground) -> None:
    ground.add(WHO, STEP, ACTION)
    ground.store.questions.close(1, state="answered", closed_by=None)
    ground.follow_ups.close(1, actor="Marc")
    before = ground.agenda()
    assert [(line.settled, line.minutes) for line in before.lines] == [(True, 0), (False, 5), (True, 0)]
    assert [line.minutes for line in ground.agenda(held=True).lines] == [10, 5, 3]
    tested = page(3, "Ranger les outils", "{{Practice|statut=testée|langue=fr}}\n== Problème ==\nÉparpillés.")
    ground.store.pages.put_many([tested])
    assert [line.settled for line in ground.agenda().lines] == [True, True, True]


def test_items_are_added_once_moved_timed_and_taken_off(ground: Ground) -> None:
    ground.add(WHO, STEP)
    ground.add(STEP, PAIR)
    ground.agendas.add_free(ground.meeting.id, " La fête\nde juin ", minutes=7, language="fr")
    ground.agendas.add_free(ground.meeting.id, "Le café", minutes=2, language="fr")
    keys = [line.item.key for line in ground.agenda().lines]
    assert keys == ["question 1", "promotion 3 tested", "contradiction 2+5", "free 1", "free 2"]
    ground.agendas.move(ground.meeting.id, "free 1", places=-3, among=keys)
    # Who does not see an item moves another one past it, and it stays where it was.
    ground.agendas.move(ground.meeting.id, "question 1", places=1, among=["free 1", "question 1", "free 2"])
    ground.agendas.set_minutes(ground.meeting.id, {"free 2": 12})
    ground.agendas.remove(ground.meeting.id, "contradiction 2+5")
    lines = ground.agenda().lines
    assert [(line.item.key, line.minutes) for line in lines] == [
        ("free 1", 7),
        ("free 2", 12),
        ("promotion 3 tested", 5),
        ("question 1", 10),
    ]
    assert lines[0].item.title == "La fête de juin"
    with pytest.raises(ValueError, match="minutes"):
        ground.agendas.set_minutes(ground.meeting.id, {"free 2": 0})
    with pytest.raises(ValueError, match="characters"):
        ground.agendas.add_free(ground.meeting.id, " ", minutes=5, language="fr")


def test_the_wikitext_is_timed_links_and_has_a_heading_for_each_item(ground: Ground) -> None:
    ground.add(WHO, STEP, ACTION)
    ground.agendas.add_free(ground.meeting.id, "[[Evil]] {{x}} | '''b'''", minutes=5, language="fr")
    text = as_wikitext(ground.agenda())
    assert "== Réunion d’avril ==" in text
    assert "mardi 7 avril 2026 · 18&#58;30 · 60 minutes" in text
    assert "| 18:35 || 10 || Question\u00a0: Qui garde les clés du local ? || \n" in text
    assert "| 18:45 || 5 || Statut à décider (testée)\u00a0: [[:Ranger les outils]] || \n" in text
    assert "| 18:50 || 3 || Action en retard\u00a0: dessiner le plan avant le 20 mars 2026 || Marc\n" in text
    assert "| 19:25 || 5 || Qui fait quoi pour quand, et la prochaine date || \n" in text
    assert "== Notes\u00a0: Réunion d’avril ==\n\n=== Qui garde les clés du local ? ===" in text
    assert "[[Evil" not in text
    assert "{{x" not in text
    assert "'''" not in text


def test_the_markdown_says_the_same_in_the_language_of_the_meeting(ground: Ground) -> None:
    english = replace(_planned(ground.meeting), title="April | meeting", language="en", starts_at="")
    ground.store.meetings.change(ground.meeting.id, english)
    ground.add(WHO, STEP)
    lines = as_markdown(ground.agenda()).splitlines()
    assert lines[0] == r"# April \| meeting"
    assert "Tuesday, April 7, 2026 · 60 minutes" in lines
    assert "| +5 | 10 | Question: Qui garde les clés du local ? |  |" in lines
    assert "| +15 | 5 | Status to decide (tested): Ranger les outils |  |" in lines
    assert lines[-1] == "## Ranger les outils"
    assert sum(int(line.split("|")[2]) for line in lines if line.startswith("| +")) == 60


@pytest.mark.parametrize(
    ("text", "shown"),
    [("1. a\nb", r"1\. a b"), ("- a", r"\- a"), ("<b>*x*</b> & [y](z)", r"\<b\>\*x\*\</b\> \& \[y\](z)")],
)
def test_markdown_shows_any_text_as_it_is(text: str, shown: str) -> None:
    assert markdown(text) == shown


AFTERWARDS = """# Réunion d’avril, 7 avril 2026

Présents : Aïcha Benali, Marc Le Goff

## Qui garde les clés du local ?

Aïcha les garde, et Marc a le double chez lui.

## Ranger les outils

Décision : la page passe à testée.

## Soirée réparation / Atelier

On en parle à la prochaine réunion.

## Actions

- Marc : dessiner le plan, c'est fait.
"""


def test_notes_settle_what_they_answer_decide_and_say_is_done(ground: Ground) -> None:
    ground.add(WHO, STEP, PAIR, ACTION)
    found = ground.settled(AFTERWARDS)
    assert found["question 1"] == ((7,), "Aïcha les garde, et Marc a le double chez lui.")
    assert found["promotion 3 tested"][0] == (11,)
    assert found["action 1"][0] == (19,)
    assert "contradiction 2+5" not in found, "it was put off"
    ground.agendas.settle(ground.meeting.id, ["question 1"])
    assert [line.settled for line in ground.agenda(held=True).lines] == [True, False, False, False]


@pytest.mark.parametrize(
    ("said", "settles"),
    [
        ("Décision : les clés du local, Aïcha les garde.", True),
        ("- Qui garde les clés du local ? Aïcha, qui habite à côté.", True),
        ("- Qui garde les clés du local ? À la prochaine réunion.", False),
        ("- Qui garde les clés du local ?", False),
        ("## Clés du local : qui les garde ?\n\nPersonne ne sait, à revoir.", False),
        ("## Clés du local : qui les garde ?\n\nOui.", False),
        ("Le local est fermé en août.", False),
    ],
)
def test_a_question_is_settled_by_an_answer_alone(ground: Ground, said: str, settles: bool) -> None:
    ground.add(WHO)
    text = f"# Réunion du 7 avril 2026\n\nPrésente : Aïcha Benali\n\n{said}\n"
    assert ("question 1" in ground.settled(text)) is settles


def test_what_comes_after_a_gap_is_not_quoted_with_the_answer(ground: Ground) -> None:
    ground.add(WHO)
    text = "# Réunion du 7 avril 2026\n\n## Qui garde les clés du local ?\n\nAïcha les garde.\n\n- Le café."
    assert ground.settled(text)["question 1"] == ((5,), "Aïcha les garde.")


def _planned(meeting: Meeting) -> PlannedMeeting:
    return PlannedMeeting(
        planned_on=meeting.planned_on,
        starts_at=meeting.starts_at,
        title=meeting.title,
        place=meeting.place,
        minutes=meeting.minutes,
        language=meeting.language,
    )
