"""What the next meeting should talk about: all that waits, in order, with its proof, and nobody left out."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from community.evidence_rules import EvidenceCount, Proposal
from community.model import AgendaItem, Evidence
from community.next_meeting import LESS, POINTS, Findings, NextMeeting, ranked
from community.red_links import RedLinks
from community.risk import StalePage
from connector.model import PageLinks
from connector.store import Store
from connector.store.follow_ups import NewFollowUp
from search.contradictions import Contradiction, Quote
from search.people import PeopleFilter
from tests.builders import ReadableWhere, make_page, make_store

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
COUNT = EvidenceCount(
    experiences=2, people=2, contexts=1, worked=2, partly=0, failed=0, last_on=None, reviewed_on=None
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    pages = [make_page(1, "Semis"), make_page(2, "Compost"), make_page(3, "Paillage"), make_page(4, "Vers")]
    store = make_store(tmp_path, [*pages, make_page(5, "Terreau", redirect="Compost")])
    links = {
        1: ("Lombricompost", "Compost", "Terreau"),
        2: ("Lombricompost", "Seul"),
        3: ("Lombricompost", "Utilisateur:Hugo", "Broyat"),
        4: ("Broyat",),
    }
    store.links.put_many(PageLinks(pageid=number, links=titles) for number, titles in links.items())
    yield store
    store.close()


def drawn_up(
    store: Store, findings: Findings | None = None, *, opt_out: tuple[str, ...] = (), **options: ReadableWhere
) -> dict[str, AgendaItem]:
    people = PeopleFilter(bots=(), opt_out=opt_out, store=store)
    meeting = NextMeeting(store=store, people=people, red_links=RedLinks(store=store))
    return {item.key: item for item in meeting.items(findings or Findings(), now=NOW, **options)}


def keep_notes(store: Store, *left: NewFollowUp) -> None:
    notes = store.notes.add(sha256="a" * 64, filename="n.md", media_type="text/markdown", original=b"#")
    store.notes.keep_capture(
        notes,
        title="Réunion de mars",
        met_on=date(2026, 3, 3),
        summary="{}",
        drafts=[],
        follow_ups=left,
        actor="test",
    )


def proposal(pageid: int, *, direction: str = "forward", missing: tuple[str, ...] = ()) -> Proposal:
    return Proposal(
        pageid=pageid,
        title=f"Page {pageid}",
        from_status="emerging",
        to_status="tested" if direction == "forward" else "retired",
        direction=direction,  # type: ignore[arg-type]
        missing=missing,  # type: ignore[arg-type]
        evidence=COUNT,
        why="evidence",
        language="fr",
    )


def quote(pageid: int, title: str) -> Quote:
    return Quote(pageid=pageid, title=title, url="", heading="", sentence="…", language="fr")


def contradiction(key: str, left: int, right: int, *, at_meeting: bool = False) -> Contradiction:
    return Contradiction(
        key=key,
        left=quote(left, f"Page {left}"),
        right=quote(right, f"Page {right}"),
        why="negation",
        score=0.9,
        at_meeting=at_meeting,
    )


def test_an_open_question_waits_and_an_answered_one_does_not(store: Store) -> None:
    store.questions.ask("Qui a un broyeur ?", language="fr", asked_by=None)
    answered, _ = store.questions.ask("Où sont les clés ?", language="fr", asked_by=None)
    store.questions.close(answered.id, state="answered", closed_by=None)
    later = datetime.now(UTC) + timedelta(days=45)
    people = PeopleFilter(bots=(), opt_out=(), store=store)
    meeting = NextMeeting(store=store, people=people, red_links=RedLinks(store=store))
    items = [each for each in meeting.items(Findings(), now=later) if each.kind == "question"]
    assert [(each.key, each.title, each.language) for each in items] == [
        ("question 1", "Qui a un broyeur ?", "fr")
    ]
    assert items[0].number in (44, 45)
    assert items[0].weight == pytest.approx(POINTS["question"] + items[0].number / 30, abs=1e-3)
    assert items[0].evidence[0].kind == "question"


def test_actions_are_listed_when_they_are_late_and_questions_of_meetings_at_once(store: Store) -> None:
    keep_notes(
        store,
        NewFollowUp(kind="action", text="Tamiser", owner="Hugo", due=date(2026, 3, 19), lines=(1,)),
        NewFollowUp(kind="action", text="Semer", due=date(2026, 3, 20), lines=(2,)),
        NewFollowUp(kind="action", text="Un jour", lines=(3,)),
        NewFollowUp(kind="action", text="Faite", due=date(2026, 3, 1), state="done", lines=(4,)),
        NewFollowUp(kind="question", text="Quel fumier ?", lines=(5,)),
        NewFollowUp(kind="decision", text="On paille", state="decided", lines=(6,)),
    )
    items = drawn_up(store)
    told = [item for item in items.values() if item.kind in ("action", "question")]
    assert {(item.title, item.number) for item in told} == {("Tamiser", 1), ("Quel fumier ?", 17)}
    late = next(item for item in told if item.kind == "action")
    assert late.key == f"action {late.evidence[0].id}"
    assert late.person is not None
    assert late.person.name == "Hugo"
    assert late.evidence[1].kind == "notes"
    assert late.evidence[1].label == "Réunion de mars"


def test_what_is_wanted_is_counted_over_searches_and_links(store: Store) -> None:
    for _ in range(3):
        store.unanswered_searches.count("lombricompost", language="fr", now=NOW)
    store.unanswered_searches.count("une seule fois", language="fr", now=NOW)
    items = [item for item in drawn_up(store).values() if item.kind == "unwritten"]
    assert [(item.title, item.number) for item in items] == [("lombricompost", 6), ("Broyat", 2)]
    assert [each.label for each in items[0].evidence] == ["lombricompost", "Compost", "Paillage", "Semis"]
    assert items[0].weight == pytest.approx(POINTS["unwritten"] + 1.2925, abs=1e-3)


def test_red_links_are_those_of_pages_that_may_be_read(store: Store) -> None:
    everything = RedLinks(store=store).most_wanted()
    assert [(each.title, len(each.linked_from)) for each in everything] == [
        ("Lombricompost", 3),
        ("Broyat", 2),
        ("Seul", 1),
    ]
    items = drawn_up(store, readable=ReadableWhere(lambda page: page.pageid in (1, 4)))
    assert not [item for item in items.values() if item.kind == "unwritten"]
    some = RedLinks(store=store).most_wanted(ReadableWhere(lambda page: page.pageid != 3))
    assert next((each.title, len(each.linked_from)) for each in some) == ("Lombricompost", 2)


def test_red_links_are_found_anew_when_a_page_was_written(store: Store) -> None:
    red = RedLinks(store=store)
    assert red.most_wanted()[0].title == "Lombricompost"
    assert red.most_wanted() is red.most_wanted()
    store.pages.put_many([make_page(9, "Lombricompost")])
    assert red.most_wanted()[0].title == "Broyat"


def test_a_wiki_that_was_never_synced_wants_nothing(tmp_path: Path) -> None:
    with Store.open(tmp_path / "new.sqlite3") as store:
        assert RedLinks(store=store).most_wanted() == []


def test_statuses_contradictions_and_old_pages_have_their_points(store: Store) -> None:
    old = Evidence(kind="page", id=4, label="Vers", language="fr")
    findings = Findings(
        steps=[proposal(1), proposal(2, missing=("experience",)), proposal(3, direction="back")],
        contradictions=[contradiction("a", 2, 1), contradiction("b", 1, 2), contradiction("c", 3, 4)],
        stale=[StalePage(page=old, why="reference", links=3, reviewed_on=date(2024, 3, 20), months=24)],
    )
    items = drawn_up(store, findings)
    assert items["promotion 1 tested"].weight == POINTS["decidable"]
    assert items["promotion 1 tested"].status == "tested"
    short = items["promotion 2 tested"]
    assert (short.missing, short.weight) == (("experience",), round(POINTS["one_short"] * (1 - LESS), 4))
    assert items["step_back 3 retired"].weight == POINTS["decidable"]
    twice = items["contradiction 1+2"]
    assert (twice.number, twice.weight, twice.title) == (2, POINTS["contradiction"], "Page 2 / Page 1")
    assert {each.id for each in twice.evidence} == {1, 2}
    assert items["stale 4"].number == 24
    assert items["stale 4"].weight == pytest.approx(POINTS["stale"] + 730 / 1095, abs=1e-3)


def test_a_page_that_may_go_back_for_its_age_is_one_item(store: Store) -> None:
    old = Evidence(kind="page", id=3, label="Vers", language="fr")
    findings = Findings(
        steps=[proposal(3, direction="back")],
        stale=[StalePage(page=old, why="reference", links=3, reviewed_on=date(2024, 3, 20), months=24)],
    )
    items = drawn_up(store, findings)
    assert items["step_back 3 retired"].number == 24
    assert "stale 3" not in items


def test_what_somebody_has_put_off_to_the_meeting_comes_first(store: Store) -> None:
    findings = Findings(
        contradictions=[contradiction("a", 1, 2), contradiction("c", 3, 4, at_meeting=True)],
        steps=[proposal(1)],
    )
    assert next(iter(drawn_up(store, findings))) == "contradiction 3+4"


def test_who_is_left_out_is_on_no_list_in_no_wording(store: Store) -> None:
    store.questions.ask("Est-ce que Hugo Delmas a un broyeur ?", language="fr", asked_by=None)
    store.questions.ask("Qui a un broyeur ?", language="fr", asked_by=None)
    keep_notes(
        store,
        NewFollowUp(kind="action", text="Écrire à hugo  delmas.", due=date(2026, 3, 1), lines=(1,)),
        NewFollowUp(kind="action", text="Tamiser", owner="Hugo Delmas", due=date(2026, 3, 1), lines=(2,)),
    )
    for _ in range(3):
        store.unanswered_searches.count("téléphone de Hugo Delmas", language="fr", now=NOW)
    before = drawn_up(store)
    assert "Hugo Delmas" in str(before)
    after = drawn_up(store, opt_out=("Hugo_Delmas",))
    assert "delmas" not in str(after).casefold()
    assert {item.title for item in after.values()} >= {"Qui a un broyeur ?", "Tamiser"}
    assert next(item for item in after.values() if item.title == "Tamiser").person is None


def test_each_further_one_of_a_kind_weighs_less() -> None:
    def item(kind: str, number: int, weight: float) -> AgendaItem:
        return AgendaItem(kind=kind, key=f"{kind} {number}", title="", minutes=5, weight=weight)  # type: ignore[arg-type]

    found = ranked([item("question", n, 2.0) for n in (1, 2, 3)] + [item("action", 1, 1.8)])
    assert [each.key for each in found] == ["question 1", "action 1", "question 2", "question 3"]
    assert found[2].weight == pytest.approx(2.0 * (1 - LESS))


def test_of_thousands_of_lines_only_those_are_read_for_names_that_could_stand(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = [
        NewFollowUp(kind="action", text=f"Chose {n}", due=date(2026, 3, 9), lines=(n,)) for n in range(1, 900)
    ]
    late = [
        NewFollowUp(kind="action", text=f"Hugo Roc {n}", due=date(2026, 1, 2), lines=(n,))
        for n in range(900, 950)
    ]
    keep_notes(store, *left, *late)
    read: list[str] = []
    whole = PeopleFilter.names_left_out

    def counted(people: PeopleFilter, text: str) -> bool:
        read.append(text)
        return whole(people, text)

    monkeypatch.setattr(PeopleFilter, "names_left_out", counted)
    actions = [item for item in drawn_up(store, opt_out=("Hugo Roc",)).values() if item.kind == "action"]
    # The most urgent ones name somebody who is left out: others stand in their places.
    assert len(actions) == 40
    assert all(item.title.startswith("Chose") for item in actions)
    assert len(read) < 500
