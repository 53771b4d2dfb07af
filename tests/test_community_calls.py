"""Whom to call, and whom not: newcomers, members gone quiet, people who are asked too often."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from community.activity import Activity
from community.calls import Calls
from community.model import Call, Person
from community.settings import CommunitySettings
from connector.model import Namespace, Revision
from connector.store import Store
from connector.store.wishes import Wish
from search.people import PeopleFilter
from tests.builders import FRENCH_WIKI, ReadableWhere, make_page, make_store

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
DAY = timedelta(days=1)
NADIA, HUGO, FOUNDER = (1, "Nadia"), (2, "Hugo"), (90, "Ursule")
SETTINGS = CommunitySettings(newcomer_days=90, quiet_days=120, asks_a_month=2)


class Scene:
    """Two pages, and people who come and go; who founded the wiki did so many days ago."""

    def __init__(self, folder: Path, *, founded: int = 1000) -> None:
        self.store: Store = make_store(folder, [make_page(1, "Semis"), make_page(2, "Compost")])
        people = PeopleFilter(bots=("Robot",), opt_out=(), store=self.store)
        self.activity = Activity(store=self.store, people=people)
        self.calls = Calls(store=self.store, people=people, activity=self.activity, settings=SETTINGS)
        self._revid = 0
        self.edit(FOUNDER, founded)

    def edit(self, who: tuple[int, str], *ago: int, pageid: int = 1) -> None:
        """Somebody edits a page so many days ago."""
        revisions = []
        for days in ago:
            self._revid += 1
            at = NOW - days * DAY
            revisions.append(
                Revision(revid=self._revid, pageid=pageid, timestamp=at, user=who[1], user_id=who[0])
            )
        self.store.revisions.put_many(revisions)

    def sign_in(self, who: tuple[int, str], *, ago: int) -> int:
        at = NOW - ago * DAY
        return self.store.accounts.put(wiki_user_id=who[0], name=who[1], groups=(), told_at=at).id

    def wish(self, who: tuple[int, str], wish: Wish, *, ago: int = 300) -> None:
        self.store.wishes.put(self.sign_in(who, ago=ago), wish)

    def ask(self, who: tuple[int | None, str], *ago: int) -> None:
        for days in ago:
            text = f"Question {days} à {who[1]} ?"
            question, _ = self.store.questions.ask(text, language="fr", asked_by=None)
            self.store.asks.put(
                question.id, name=who[1], wiki_user_id=who[0], asked_by=None, now=NOW - days * DAY
            )

    def who(self, why: str) -> list[str]:
        return [call.person.name for call in self.calls.all(now=NOW) if call.why == why]


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    scene = Scene(tmp_path)
    yield scene
    scene.store.close()


def test_a_newcomer_is_who_made_the_first_edit_not_long_ago(scene: Scene) -> None:
    scene.edit(NADIA, 90, 3, pageid=2)
    scene.edit(HUGO, 91, 3)
    (call,) = scene.calls.all(now=NOW)
    assert call.person == Person(name="Nadia", user_id=1)
    assert (call.why, call.since, call.number) == ("newcomer", NOW - 90 * DAY, 2)
    assert [(each.label, each.when) for each in call.evidence] == [("Compost", NOW - 3 * DAY)]


def test_who_founded_the_wiki_is_no_newcomer_however_young_it_is(tmp_path: Path) -> None:
    scene = Scene(tmp_path, founded=60)
    scene.edit((91, "Robot"), 85)  # a program founds nothing
    scene.edit(NADIA, 31, 2)
    scene.edit(HUGO, 30, 29)
    assert [each.person.name for each in scene.calls.newcomers(now=NOW)] == ["Hugo"]
    assert scene.who("newcomer") == ["Hugo"]
    # Who only reads has founded nothing, and who wrote where a reader cannot look founded it all the same.
    scene.sign_in((3, "Solène"), ago=55)
    scene.edit((4, "Léo"), 58)
    scene.edit((4, "Léo"), 3, pageid=2)
    readable = ReadableWhere(lambda page: page.title == "Compost")
    assert [each.person.name for each in scene.calls.newcomers(now=NOW, readable=readable)] == ["Solène"]
    # The wiki counts as old as its first edit of somebody who may be named.
    scene.wish(FOUNDER, Wish(opted_out=True))
    assert scene.activity.began(now=NOW) == NOW - 58 * DAY
    assert {each.person.name for each in scene.calls.newcomers(now=NOW)} == {"Solène"}
    scene.store.close()


def test_a_wiki_in_its_first_days_has_no_newcomers(tmp_path: Path) -> None:
    scene = Scene(tmp_path, founded=29)
    for number in range(1, 29):
        scene.edit((number, f"Membre {number}"), number)
    assert scene.calls.newcomers(now=NOW) == []
    # A month later, who comes then is new.
    scene.edit((40, "Aïcha"), -2)
    assert [each.person.name for each in scene.calls.newcomers(now=NOW + 30 * DAY)] == ["Aïcha"]
    assert scene.activity.newcomers_from(now=NOW - 50 * DAY, days=90) == NOW - 140 * DAY, "nobody had come"
    scene.store.close()


def test_who_only_reads_is_new_by_signing_in_and_who_wrote_for_years_is_not(scene: Scene) -> None:
    scene.edit(HUGO, 400, 380)
    scene.sign_in(HUGO, ago=5)
    scene.sign_in(NADIA, ago=10)
    (newcomer,) = scene.calls.newcomers(now=NOW)
    assert (newcomer.person.name, newcomer.since, newcomer.edits) == ("Nadia", NOW - 10 * DAY, 0)
    # Before that day nobody had come.
    assert scene.calls.newcomers(now=NOW - 11 * DAY) == []


def test_a_newcomer_with_a_contact_needs_no_call_until_the_contact_is_gone(scene: Scene) -> None:
    scene.edit(NADIA, 10)
    scene.edit(HUGO, 400)
    scene.store.welcomes.put(1, name="Nadia", contact_user_id=2, contact_name="Hugo", now=NOW)
    (newcomer,) = scene.calls.newcomers(now=NOW)
    assert newcomer.contact == Person(name="Hugo", user_id=2)
    assert scene.who("newcomer") == []
    scene.wish(HUGO, Wish(opted_out=True))
    assert scene.calls.newcomers(now=NOW)[0].contact is None
    assert scene.who("newcomer") == ["Nadia"]


def test_who_has_gone_quiet_wrote_in_three_months_and_nothing_for_long(scene: Scene) -> None:
    scene.edit((1, "Nadia"), 260, 200, 120)
    scene.edit((2, "Hugo"), 260, 200, 119)  # too early
    scene.edit((3, "Solène"), 200, 199, 198, 125)  # two months: came by
    scene.edit((4, "Léo"), 700, 600, 486)  # left long ago
    scene.edit((5, "Aïcha"), 700, 600, 484)
    quiet = [call for call in scene.calls.all(now=NOW) if call.why == "quiet"]
    assert [(call.person.name, call.since, call.number) for call in quiet] == [
        ("Nadia", NOW - 120 * DAY, 3),
        ("Aïcha", NOW - 484 * DAY, 3),
    ]


def test_who_comes_to_read_is_not_quiet(scene: Scene) -> None:
    scene.edit(NADIA, 260, 200, 150)
    assert scene.who("quiet") == ["Nadia"]
    scene.sign_in(NADIA, ago=20)
    assert scene.who("quiet") == []


def test_nobody_is_called_who_pauses_or_is_left_out(scene: Scene) -> None:
    scene.edit(NADIA, 260, 200, 150)
    scene.edit(HUGO, 20)
    paused = Wish(paused=True, paused_until=date(2026, 7, 1))
    scene.wish(NADIA, paused)
    scene.wish(HUGO, paused)
    assert scene.calls.all(now=NOW) == []
    assert [each.paused for each in scene.calls.newcomers(now=NOW)] == [True]
    assert {call.why for call in scene.calls.all(now=NOW + DAY)} == {"quiet", "newcomer"}
    scene.wish(NADIA, Wish(opted_out=True))
    scene.wish(HUGO, Wish(opted_out=True))
    assert scene.calls.all(now=NOW + DAY) == []
    assert scene.calls.newcomers(now=NOW + DAY) == []


def test_a_silence_that_was_looked_after_is_said_no_more_until_the_next(scene: Scene) -> None:
    scene.edit(NADIA, 260, 200, 150)
    with time_machine.travel(NOW, tick=False):
        scene.calls.look_after("quiet", 1, verdict="called", judged_by=None)
    assert scene.who("quiet") == []
    scene.edit(NADIA, -1)
    (call,) = scene.calls.all(now=NOW + 130 * DAY)
    assert (call.why, call.since) == ("quiet", NOW + DAY)


def test_a_newcomer_who_was_looked_after_is_not_called_again(scene: Scene) -> None:
    scene.edit(NADIA, 20)
    scene.calls.look_after("newcomer", 1, verdict="pass", judged_by=None)
    assert scene.who("newcomer") == []
    assert len(scene.calls.newcomers(now=NOW)) == 1


def test_who_is_asked_too_often_is_known_by_their_cap(scene: Scene) -> None:
    scene.ask((1, "Nadia"), 1, 29)
    scene.ask((2, "Hugo"), 2, 3, 31)
    scene.ask((3, "Solène"), 4, 32)
    scene.ask((None, "Aïcha Diop"), 5, 6)
    scene.wish(HUGO, Wish(asks_a_month=3))
    found = {call.person: call for call in scene.calls.all(now=NOW)}
    assert {person.name for person in found} == {"Nadia", "Aïcha Diop"}
    nadia = found[Person(name="Nadia", user_id=1)]
    assert (nadia.why, nadia.since, nadia.number) == ("asked_too_often", NOW - DAY, 2)
    assert [each.label for each in nadia.evidence] == ["Question 1 à Nadia ?", "Question 29 à Nadia ?"]
    scene.wish(NADIA, Wish(opted_out=True))
    assert [call.person.name for call in scene.calls.all(now=NOW)] == ["Aïcha Diop"]


def test_who_is_asked_on_their_talk_page_is_asked(scene: Scene) -> None:
    talk = Namespace(id=3, name="Discussion utilisateur", canonical="User talk")
    scene.store.site.put(
        type(FRENCH_WIKI)(
            name="L’Établi",
            language="fr",
            server_url="https://wiki.example.org",
            namespaces={**FRENCH_WIKI.namespaces, 3: talk},
        ),
        source="https://wiki.example.org/api.php",
    )
    scene.store.pages.put_many([make_page(9, "Discussion utilisateur:Nadia", namespace=3)])
    scene.ask(NADIA, 1)
    assert scene.who("asked_too_often") == []
    scene.edit(HUGO, 700, 10, pageid=9)
    assert scene.who("asked_too_often") == ["Nadia"]


def test_signs_of_life_count_where_the_reader_cannot_look_but_are_not_shown(scene: Scene) -> None:
    scene.edit(NADIA, 260, 200, 150)
    scene.edit(HUGO, 30)
    readable = ReadableWhere(lambda page: page.title == "Semis")

    def calls() -> list[Call]:
        return scene.calls.all(now=NOW, readable=readable)

    assert [(call.why, call.number) for call in calls()] == [("newcomer", 1), ("quiet", 3)]
    scene.edit((3, "Solène"), 20, pageid=2)  # nothing of hers can be read
    scene.edit(HUGO, 300, pageid=2)
    scene.edit(NADIA, 10, pageid=2)
    assert calls() == []


def test_each_can_see_what_is_said_of_them(scene: Scene) -> None:
    scene.edit(NADIA, 10)
    scene.edit(HUGO, 260, 200, 150)
    assert [call.why for call in scene.calls.about(2, now=NOW)] == ["quiet"]
    assert scene.calls.about(3, now=NOW) == []
