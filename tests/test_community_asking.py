"""Whom to ask: who knows and has room for it, in turn; nobody who said no, and nobody new alone."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from community.activity import Activity
from community.asking import Asking, Candidate
from community.model import Person
from community.settings import CommunitySettings
from connector.model import Revision
from connector.store import Question
from connector.store.wishes import Wish
from search.indexer import Index
from search.query import Searcher
from search.settings import SearchSettings
from tests.builders import MONDAY, HashingEmbedder, ReadableWhere, make_page, make_store

NOW = MONDAY + timedelta(days=300)
DAY = timedelta(days=1)
ASKED = "Comment greffer un pommier ?"
GRAFT = "Un pommier se greffe en fente, à la fin de l’hiver, avec un greffon gardé au frais dans le sable."
PEOPLE = {"Inès Roux": 7, "Paul Lot": 8, "Zoé Ba": 9, "Noa Nou": 10}
# Inès and Paul have written about as much, Zoé a little, and Noa since last week.
WRITTEN = (
    (1, "Inès Roux", 3000, 0),
    (1, "Paul Lot", 4600, 1),
    (2, "Zoé Ba", 900, 2),
    (1, "Noa Nou", 4800, 295),
)


class Ground:
    """A wiki whose pages know about apple trees, and people who wrote them."""

    def __init__(self, folder: Path) -> None:
        pages = [
            make_page(1, "Greffer un pommier", GRAFT),
            make_page(2, "Tailler un pommier", "Un pommier se taille hors gel, avec un sécateur propre."),
            make_page(3, "Bureau", "Le bureau se réunit le premier mardi du mois."),
            make_page(4, "Discussion utilisateur:Inès Roux", namespace=3),
        ]
        self.store = make_store(folder, pages)
        self.store.revisions.put_many(
            Revision(
                revid=1000 + number,
                pageid=pageid,
                timestamp=MONDAY + days * DAY,
                user=name,
                user_id=PEOPLE[name],
                size=size,
            )
            for number, (pageid, name, size, days) in enumerate(WRITTEN)
        )
        settings = SearchSettings(lock_wait_seconds=0.2)
        self.index = Index(
            folder=folder / "index", store=self.store, embedder=HashingEmbedder(), settings=settings
        )
        self.index.update()
        people = self.index.people
        self.asking = Asking(
            store=self.store,
            searcher=Searcher(store=self.store, index=self.index, settings=settings),
            people=people,
            activity=Activity(store=self.store, people=people),
            settings=CommunitySettings(asks_a_month=2),
        )
        self.question = self.ask(ASKED)

    def ask(self, text: str, *, asked_by: int | None = None) -> Question:
        return self.store.questions.ask(text, language="fr", asked_by=asked_by)[0]

    def asked(self, name: str, *, times: int = 1, ago: int = 1) -> None:
        """Somebody was asked other questions."""
        for number in range(times):
            other = self.ask(f"{name} {number} {ago} ?")
            user_id = PEOPLE[name]
            self.store.asks.put(other.id, name=name, wiki_user_id=user_id, asked_by=None, now=NOW - ago * DAY)

    def wish(self, name: str, wish: Wish) -> int:
        account = self.store.accounts.put(
            wiki_user_id=PEOPLE[name], name=name, groups=(), told_at=datetime.now(UTC)
        )
        self.store.wishes.put(account.id, wish)
        return account.id

    def found(self, *, top_k: int = 10) -> list[Candidate]:
        return self.asking.whom_to_ask(self.question, now=NOW, top_k=top_k)

    def names(self) -> list[str]:
        return [each.person.name for each in self.found()]


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    made = Ground(tmp_path)
    yield made
    made.index.close()
    made.store.close()


def test_who_knows_is_proposed_with_the_proof(ground: Ground) -> None:
    first = ground.found()[0]
    assert first.person == Person(name="Inès Roux", user_id=7)
    assert (first.load, first.cap, first.last_asked, first.is_new) == (0, 2, None, False)
    assert first.evidence[0].title == "Greffer un pommier"
    assert "a créé la page" in first.evidence[0].why("fr")
    assert len(ground.found(top_k=1)) == 1


def test_the_equally_capable_second_comes_first_when_the_first_was_asked(ground: Ground) -> None:
    assert ground.names()[:2] == ["Inès Roux", "Paul Lot"]
    ground.asked("Inès Roux", ago=5)
    assert ground.names()[:2] == ["Paul Lot", "Inès Roux"]
    # Both as often: who was asked longest ago.
    ground.asked("Paul Lot", ago=3)
    assert ground.names()[:2] == ["Inès Roux", "Paul Lot"]
    # After a month it is as if they had never been asked.
    ground.asked("Inès Roux", ago=31)
    assert ground.found()[0].load == 1


def test_nobody_over_their_cap_is_proposed(ground: Ground) -> None:
    ground.asked("Inès Roux", times=2)
    assert "Inès Roux" not in ground.names()
    found = ground.asking.find(ground.question, now=NOW)
    assert found.resting == 1
    assert all(each.load < each.cap for each in found.candidates)
    # As they say themselves, whatever the settings say.
    ground.wish("Inès Roux", Wish(asks_a_month=3))
    assert {each.person.name: each.cap for each in ground.found()}["Inès Roux"] == 3


def test_who_was_asked_on_the_talk_page_was_asked(ground: Ground) -> None:
    ground.store.revisions.put_many(
        Revision(revid=400 + n, pageid=4, timestamp=NOW - n * DAY, user="Zoé Ba", user_id=9) for n in (3, 9)
    )
    talk = make_page(4, "Discussion utilisateur:Inès Roux", namespace=3)
    assert ground.store.pages.by_title(talk.title) is not None
    site = ground.store.site.get()
    assert site is not None
    spaces = dict(site.namespaces)
    spaces[3] = replace(spaces[2], id=3, name="Discussion utilisateur")
    ground.store.site.put(replace(site, namespaces=spaces), source="https://wiki.example.org/api.php")
    assert "Inès Roux" not in ground.names()


@pytest.mark.parametrize(
    "wish",
    [Wish(paused=True), Wish(opted_out=True), Wish(languages=("en", "de")), Wish(not_mine=frozenset({1}))],
)
def test_who_does_not_want_it_is_not_proposed(ground: Ground, wish: Wish) -> None:
    ground.wish("Inès Roux", wish)
    assert ground.names()[0] == "Paul Lot"
    assert "Inès Roux" not in ground.names()


def test_who_pauses_until_a_day_can_be_asked_then(ground: Ground) -> None:
    ground.wish("Inès Roux", Wish(paused=True, paused_until=NOW.date(), languages=("fr-CA",)))
    assert "Inès Roux" in ground.names()
    ground.wish("Inès Roux", Wish(paused=True, paused_until=(NOW + DAY).date()))
    assert "Inès Roux" not in ground.names()


def test_who_was_asked_it_already_or_asks_is_not_proposed(ground: Ground) -> None:
    asked, _ = ground.store.asks.put(
        ground.question.id, name="Inès Roux", wiki_user_id=7, asked_by=None, now=NOW
    )
    ground.store.asks.end(asked.id, state="declined", now=NOW)
    assert "Inès Roux" not in ground.names()
    paul = ground.wish("Paul Lot", Wish())
    ground.question = ground.ask("Un pommier greffé ?", asked_by=paul)
    assert "Paul Lot" not in ground.names()
    assert "Inès Roux" in ground.names()


def test_somebody_new_is_proposed_with_somebody_experienced(ground: Ground) -> None:
    found = {each.person.name: each for each in ground.found()}
    assert found["Noa Nou"].is_new
    assert found["Noa Nou"].paired_with == Person(name="Inès Roux", user_id=7)
    assert found["Inès Roux"].paired_with is None
    # The pair has room for it too.
    ground.asked("Inès Roux", times=2)
    found = {each.person.name: each for each in ground.found()}
    assert found["Noa Nou"].paired_with == Person(name="Paul Lot", user_id=8)


def test_nobody_who_founded_a_young_wiki_is_new(ground: Ground) -> None:
    found = ground.asking.whom_to_ask(ground.question, now=MONDAY + 40 * DAY, top_k=9)
    new = {each.person.name: each.is_new for each in found}
    assert (new["Inès Roux"], new["Paul Lot"]) == (False, False)


def test_who_was_not_seen_for_a_year_comes_last_and_shows_nobody_around(ground: Ground) -> None:
    later = MONDAY + timedelta(days=365.5)  # a year after Inès' edit, and not after Paul's
    found = ground.asking.whom_to_ask(ground.question, now=later, top_k=9)
    names = [each.person.name for each in found]
    assert (names[0], names[-1]) == ("Paul Lot", "Inès Roux")
    assert [each.person.name for each in found if each.is_silent] == ["Inès Roux"]
    assert {each.paired_with for each in found if each.is_new} == {Person(name="Paul Lot", user_id=8)}
    # Who looks in without writing is still here.
    ground.store.accounts.put(wiki_user_id=7, name="Inès Roux", groups=(), told_at=later - DAY)
    found = ground.asking.whom_to_ask(ground.question, now=later, top_k=9)
    assert not any(each.is_silent for each in found)


def test_who_answered_such_a_question_is_proposed(ground: Ground) -> None:
    assert "Ari Mo" not in ground.names()
    other = ground.ask("Quel greffon pour un pommier ?")
    ground.store.questions.close(
        other.id,
        state="answered",
        closed_by=None,
        answer_pageid=2,
        answered_by="Ari Mo",
        answered_by_user_id=12,
    )
    (ari,) = [each for each in ground.found() if each.person.name == "Ari Mo"]
    assert (ari.person.user_id, ari.evidence[0].reason) == (12, "answered_question")


def test_people_are_found_only_by_what_may_be_read(ground: Ground) -> None:
    readable = ReadableWhere(lambda page: page.pageid == 2)
    found = ground.asking.whom_to_ask(ground.question, now=NOW, readable=readable)
    assert [each.person.name for each in found] == ["Zoé Ba"]
