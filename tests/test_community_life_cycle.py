"""The life of practices: what was tried counts once, evidence proposes, people decide, all of it is kept."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from community.evidence import Experience, Experiences
from community.life_cycle import LifeCycle, Proposal
from community.settings import EvidenceRules
from connector.model import Revision
from connector.practice_experiences import PageExperience, experience_call
from connector.store import Store
from connector.store.wishes import Wish
from search.people import PeopleFilter
from tests.builders import FRENCH_WIKI, ReadableWhere, make_page

pytestmark = pytest.mark.usefixtures("each_database")

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
YEAR = timedelta(days=366)
JARS = 1


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "mirror.sqlite3") as store:
        store.site.put(FRENCH_WIKI, source="https://wiki.example.org/api.php")
        yield store


@pytest.fixture
def people(store: Store) -> PeopleFilter:
    return PeopleFilter(bots=["Robot"], opt_out=["Odile Retrait"], store=store)


@pytest.fixture
def experiences(store: Store, people: PeopleFilter) -> Experiences:
    return Experiences(store, people)


@pytest.fixture
def life_cycle(store: Store, experiences: Experiences, people: PeopleFilter) -> LifeCycle:
    return LifeCycle(store, experiences, people, rules=EvidenceRules())


def tried(
    by: str, outcome: str = "worked", *, on: date = date(2026, 5, 2), context: str = "", note: str = ""
) -> PageExperience:
    return PageExperience(outcome=outcome, by=by, on=on, context=context, note=note)  # type: ignore[arg-type]


def put(
    store: Store,
    status: str,
    *told: PageExperience,
    pageid: int = JARS,
    revid: int = 100,
    title: str = "Bocaux",
) -> None:
    calls = "\n".join(experience_call(each, wiki_language="fr") for each in told)
    text = f"{{{{Practice|statut={status}}}}}\n== Solution ==\nDes bocaux.\n== Expériences ==\n{calls}"
    page = make_page(pageid, title, text, revid=revid)
    store.pages.put_many([replace(page, timestamp=NOW - timedelta(days=400) + timedelta(minutes=revid))])


def account(store: Store, name: str) -> int:
    number = 1_000 + sum(name.encode())
    return store.accounts.put(wiki_user_id=number, name=name, groups=(), told_at=NOW).id


def names(some: list[Experience]) -> list[str]:
    return [each.person.name if each.person else "" for each in some]


def one(life_cycle: LifeCycle, *, now: datetime = NOW) -> Proposal | None:
    found = life_cycle.proposals(now=now)
    assert len(found) <= 1
    assert life_cycle.proposal(JARS, now=now) == (found[0] if found else None)
    return found[0] if found else None


def edited(store: Store, revid: int, when: datetime, *, user: str = "Ali", minor: bool = False) -> None:
    store.revisions.put_many(
        [Revision(revid=revid, pageid=JARS, timestamp=when, user=user, user_id=revid, minor=minor)]
    )


def test_what_was_said_here_counts_at_once_and_once_when_the_page_tells_it(
    store: Store, experiences: Experiences
) -> None:
    put(store, "émergente", tried("Ali", note="Bien."))
    zoe = account(store, "Zoé Blanc")
    with time_machine.travel(NOW, tick=False):
        kept = store.experiences.add(JARS, "partly", account_id=zoe, note="Presque", context="Samedi")
        again = store.experiences.add(JARS, "partly", account_id=zoe, note=" Presque ", context="Samedi")
    assert kept == again
    told = experiences.of()[JARS]
    assert names(told) == ["Ali", "Zoé Blanc"]
    assert [(each.published, each.id) for each in told] == [(True, None), (False, kept.id)]
    # It is published: until the mirror has the revision, what is kept is told.
    store.experiences.mark_published(kept.id, revid=200)
    assert names(experiences.of([JARS])[JARS]) == ["Ali", "Zoé Blanc"]
    here = tried("Zoé B. autrefois", "partly", on=NOW.date(), note="Presque", context="samedi")
    put(store, "émergente", tried("Ali", note="Bien."), here, revid=200)
    told = experiences.of()[JARS]
    assert names(told) == ["Ali", "Zoé Blanc"]
    assert [(each.published, each.id) for each in told] == [(True, None), (True, kept.id)]
    # Somebody takes it off the page: the page is the truth.
    put(store, "émergente", tried("Ali", note="Bien."), revid=300)
    assert names(experiences.of()[JARS]) == ["Ali"]


def test_what_somebody_copied_to_the_page_by_hand_is_theirs(store: Store, experiences: Experiences) -> None:
    with time_machine.travel(NOW, tick=False):
        kept = store.experiences.add(JARS, "worked", account_id=account(store, "Zoé Blanc"), note="Oui")
    put(store, "émergente", tried("zoé blanc", on=NOW.date(), note="oui."))
    (told,) = experiences.of()[JARS]
    assert (told.id, told.published) == (kept.id, True)
    put(store, "émergente", tried("Ali", on=NOW.date(), note="oui."), revid=200)
    assert sorted(names(experiences.of()[JARS])) == ["Ali", "Zoé Blanc"]


def test_nothing_is_told_of_who_is_left_out_nor_counted(
    store: Store, experiences: Experiences, life_cycle: LifeCycle
) -> None:
    put(store, "émergente", tried("Odile Retrait"), tried("Robot"), tried("Ali"), tried(""))
    zoe = account(store, "Zoé Blanc")
    store.experiences.add(JARS, "worked", account_id=zoe)
    assert sorted(names(experiences.of()[JARS])) == ["", "Ali", "Zoé Blanc"]
    store.wishes.put(zoe, Wish(opted_out=True))
    assert sorted(names(experiences.of()[JARS])) == ["", "Ali"]
    evidence = life_cycle.evidence(JARS, now=NOW)
    assert (evidence.experiences, evidence.people, evidence.worked) == (2, 1, 2)


def test_who_was_erased_is_in_no_experience_that_was_read_before(
    store: Store, experiences: Experiences
) -> None:
    """A text is masked where it stands: the wiki's revision stays the same."""
    put(store, "émergente", tried("Ali", note="Avec Odile Retrait."))
    assert experiences.of()[JARS][0].note == "Avec Odile Retrait."
    put(store, "émergente", tried("Ali", note="Avec une autre personne."))
    assert experiences.of()[JARS][0].note == "Avec une autre personne."


def test_only_of_what_may_be_read_is_anything_told(
    store: Store, experiences: Experiences, life_cycle: LifeCycle
) -> None:
    put(store, "émergente", tried("Ali"), tried("Zoé"))
    put(store, "émergente", tried("Ali"), tried("Zoé"), pageid=2, revid=200, title="Secret")
    readable = ReadableWhere(lambda page: page.pageid == JARS)
    assert experiences.of(readable=readable).keys() == {JARS}
    assert experiences.of([2], readable) == {}
    assert [each.pageid for each in life_cycle.proposals(now=NOW, readable=readable)] == [JARS]
    assert life_cycle.proposal(2, now=NOW, readable=readable) is None
    assert len(life_cycle.proposals(now=NOW)) == 2


def test_two_experiences_by_two_people_make_it_tested(store: Store, life_cycle: LifeCycle) -> None:
    put(store, "émergente")
    assert one(life_cycle) is None
    put(store, "émergente", tried("Ali"), revid=200)
    short = one(life_cycle)
    assert short is not None
    assert (short.to_status, short.direction, short.missing) == (
        "tested",
        "forward",
        ("experience", "person"),
    )
    put(store, "émergente", tried("Ali"), tried("ali", on=date(2026, 5, 3)), revid=300)
    same = one(life_cycle)
    assert same is not None
    assert same.missing == ("person",)
    put(store, "émergente", tried("Ali"), tried("Zoé", "partly"), revid=400)
    due = one(life_cycle)
    assert due is not None
    assert (due.missing, due.why, due.key) == ((), "evidence", "promotion 1 tested")
    assert (due.evidence.worked, due.evidence.partly, due.evidence.last_on) == (1, 1, date(2026, 5, 2))
    # What comes later does not count yet.
    assert one(life_cycle, now=datetime(2026, 5, 1, tzinfo=UTC)) is None


def test_five_by_four_in_two_places_make_it_adopted(store: Store, life_cycle: LifeCycle) -> None:
    four = [tried(name, context="Samedi") for name in ("Ali", "Zoé", "Marc", "Inès")]
    put(store, "testée", *four)
    short = one(life_cycle)
    assert short is not None
    assert (short.to_status, short.missing) == ("adopted", ("experience", "context"))
    put(store, "testée", *four, tried("Ali", context=" samedi."), revid=200)
    place = one(life_cycle)
    assert place is not None
    assert place.missing == ("context",)
    put(store, "testée", *four, tried("Ali", context="Au lycée"), revid=300)
    due = one(life_cycle)
    assert due is not None
    assert not due.missing
    put(store, "testée", *four[:3], revid=400)
    assert one(life_cycle) is None  # two are missing: nobody is told


def test_an_adopted_one_that_was_gone_over_lately_becomes_a_reference(
    store: Store, life_cycle: LifeCycle
) -> None:
    five = [tried(name, context=name[0]) for name in ("Ali", "Zoé", "Marc", "Inès", "Ruth")]
    put(store, "adoptée", *five, revid=900)
    edited(store, 800, NOW - 2 * YEAR)
    short = one(life_cycle)
    assert short is not None
    assert (short.to_status, short.missing) == ("reference", ("review",))
    # An edit by a program, a minor one, and one that only added an experience are no review.
    edited(store, 810, NOW - timedelta(days=3), user="Robot")
    edited(store, 820, NOW - timedelta(days=2), minor=True)
    edited(store, 830, NOW - timedelta(days=1))
    kept = store.experiences.add(JARS, "worked", account_id=account(store, "Ali"))
    store.experiences.mark_published(kept.id, revid=830)
    again = one(life_cycle)
    assert again is not None
    assert again.missing == ("review",)
    store.status_steps.record(JARS, "adopted", "adopted", "reviewed", decided_by=None, now=NOW)
    due = one(life_cycle, now=NOW + timedelta(minutes=1))
    assert due is not None
    assert (due.missing, due.evidence.reviewed_on) == ((), NOW.date())
    # It was gone over before it was adopted: that is another page now.
    later = NOW + timedelta(days=30)
    store.pages.put_many([replace(store.pages.require("Bocaux"), timestamp=later, revid=901)])
    life_cycle.observe(later)
    waits = one(life_cycle, now=later)
    assert waits is not None
    assert waits.missing == ("review",)


def test_changing_the_status_in_the_wiki_is_no_review_of_the_text(
    store: Store, life_cycle: LifeCycle
) -> None:
    told = [tried(name, context=place) for name, place in zip("ABCDE", ("ici", "là") * 3, strict=False)]
    put(store, "testée", *told)
    life_cycle.observe(NOW - timedelta(days=30))
    # Revisions of these tests are a minute apart: this one is some days old.
    adopted = 570_000
    put(store, "adoptée", *told, revid=adopted)
    edited(store, adopted, NOW - timedelta(days=400) + timedelta(minutes=adopted))
    assert life_cycle.observe(NOW) == 1
    waits = one(life_cycle)
    assert waits is not None
    assert (waits.to_status, waits.missing) == ("reference", ("review",))
    edited(store, adopted + 1, NOW - timedelta(days=1))
    due = one(life_cycle)
    assert due is not None
    assert due.missing == ()


def test_a_reference_that_nobody_went_over_for_a_year_steps_back(store: Store, life_cycle: LifeCycle) -> None:
    put(store, "référence")
    edited(store, 90, NOW - timedelta(days=300))
    assert one(life_cycle) is None
    later = NOW + timedelta(days=90)
    old = one(life_cycle, now=later)
    assert old is not None
    assert (old.to_status, old.direction, old.why) == ("adopted", "back", "age")
    assert old.key == "step_back 1 adopted"
    store.status_steps.record(JARS, "reference", "reference", "reviewed", decided_by=None, now=later)
    assert one(life_cycle, now=later) is None


def test_more_failures_than_successes_lately_step_back_and_one_alone_does_not(
    store: Store, life_cycle: LifeCycle
) -> None:
    old = [tried(name, on=date(2024, 5, 2)) for name in ("Ali", "Zoé", "Marc")]
    put(store, "testée", *old, tried("Inès", "not"))
    assert one(life_cycle) is None
    put(store, "testée", *old, tried("Inès", "not"), tried("Inès", "not", note="encore"), revid=200)
    assert one(life_cycle) is None  # twice the same person
    failed = [tried("Inès", "not"), tried("Ruth", "not")]
    put(store, "testée", *old, *failed, revid=300)
    back = one(life_cycle)
    assert back is not None
    assert (back.from_status, back.to_status, back.why) == ("tested", "emerging", "counter-evidence")
    put(store, "testée", *old, *failed, tried("Ali"), tried("Zoé"), revid=400)
    assert one(life_cycle) is None  # as many worked


def test_what_spoke_before_a_step_back_is_not_heard_again(store: Store, life_cycle: LifeCycle) -> None:
    told = [tried("Ali", on=date(2026, 1, 2)), tried("Zoé", on=date(2026, 1, 3))]
    put(store, "émergente", *told)
    before = datetime(2026, 2, 1, tzinfo=UTC)
    step = store.status_steps.record(
        JARS, "tested", "emerging", "accepted", decided_by=None, revid=100, now=before
    )
    assert one(life_cycle) is None
    put(store, "émergente", *told, tried("Marc"), revid=200)
    short = one(life_cycle)
    assert short is not None
    assert short.evidence.experiences == 1
    assert life_cycle.history(JARS) == [step]


def test_who_said_no_is_asked_again_when_something_new_was_tried(store: Store, life_cycle: LifeCycle) -> None:
    put(store, "émergente", tried("Ali"), tried("Zoé"))
    due = one(life_cycle)
    assert due is not None
    store.status_steps.record(
        JARS, "emerging", "tested", "declined", decided_by=None, evidence=due.evidence.as_json(), now=NOW
    )
    assert one(life_cycle) is None
    assert one(life_cycle, now=NOW + timedelta(days=2) + YEAR) is not None  # no is not for ever
    put(store, "émergente", tried("Ali"), tried("Zoé"), tried("Marc", on=date(2026, 6, 20)), revid=200)
    assert one(life_cycle) is None
    again = one(life_cycle, now=datetime(2026, 6, 21, tzinfo=UTC))
    assert again is not None
    assert again.evidence.experiences == 3
    (step,) = life_cycle.history(JARS)
    assert (step.decision, step.evidence["people"]) == ("declined", 2)


def test_a_change_in_the_wiki_is_seen_and_one_made_here_is_not_seen_twice(
    store: Store, life_cycle: LifeCycle
) -> None:
    put(store, "émergente")
    put(store, "testée", pageid=2, revid=100, title="Autre")
    assert life_cycle.observe(NOW) == 0
    mark = store.changes.mark()
    assert life_cycle.observe(NOW) == 0
    assert store.changes.mark() == mark  # nothing is written when nothing changed
    put(store, "testée", revid=200)
    assert life_cycle.observe(NOW) == 1
    assert life_cycle.observe(NOW) == 0
    (seen,) = life_cycle.history(JARS)
    assert (seen.decision, seen.from_status, seen.to_status, seen.revid) == (
        "seen",
        "emerging",
        "tested",
        200,
    )
    assert seen.decided_at == store.pages.require("Bocaux").timestamp
    inez = account(store, "Inès Caradec")
    store.status_steps.record(JARS, "tested", "adopted", "accepted", decided_by=inez, revid=300, now=NOW)
    put(store, "adoptée", revid=300)
    assert life_cycle.observe(NOW) == 0
    assert store.status_steps.seen()[JARS].status == "adopted"
    # Back and forth by hand later on is seen, whatever was decided here before.
    put(store, "testée", revid=400)
    assert life_cycle.observe(NOW) == 1
    put(store, "adoptée", revid=500)
    assert life_cycle.observe(NOW) == 1
    assert [step.decision for step in life_cycle.history(JARS)] == ["seen", "seen", "seen", "accepted"]
    store.pages.delete([2])
    life_cycle.observe(NOW)
    assert store.status_steps.seen().keys() == {JARS}


def test_who_decided_is_named_until_they_are_left_out(store: Store, life_cycle: LifeCycle) -> None:
    put(store, "testée")
    inez = account(store, "Inès Caradec")
    store.status_steps.record(JARS, "emerging", "tested", "accepted", decided_by=inez, revid=100, now=NOW)
    assert life_cycle.history(JARS)[0].decider == "Inès Caradec"
    store.wishes.put(inez, Wish(opted_out=True))
    (step,) = life_cycle.steps_since(NOW - timedelta(days=1))
    assert (step.decider, step.decided_by) == ("", None)
    assert life_cycle.steps_since(NOW) == []


def test_moves_and_other_pages_are_followed(store: Store, experiences: Experiences) -> None:
    put(store, "émergente", tried("Ali"))
    store.pages.put_many(
        [
            make_page(8, "Modèle:Practice", "{{Practice}}{{Expérience|issue=réussi}}", namespace=10),
            make_page(9, "Sans modèle", "{{Expérience|issue=réussi}}"),
        ]
    )
    assert experiences.of().keys() == {JARS}
    head = next(head for head in store.pages.heads() if head.pageid == JARS)
    store.pages.rename_many([replace(head, title="Bocaux de vis")])
    assert experiences.pages.all()[JARS].head.title == "Bocaux de vis"


def test_what_is_new_since_a_moment(store: Store, experiences: Experiences) -> None:
    put(store, "émergente", tried("Ali", on=date(2026, 5, 2)), tried("Zoé", on=date(2026, 6, 2)))
    with time_machine.travel(NOW, tick=False):
        store.experiences.add(JARS, "not", account_id=None, name="Marc", tried_on=date(2026, 1, 1))
    assert names(experiences.since(datetime(2026, 6, 1, tzinfo=UTC))) == ["Marc", "Zoé"]


def test_texts_are_reworded_and_limits_are_kept(store: Store) -> None:
    kept = store.experiences.add(
        JARS, "worked", account_id=None, name="Zoé", note="Avec Marc.", context="chez Marc"
    )
    assert store.experiences.reword(lambda text: text.replace("Marc", "—")) == 1
    assert store.experiences.reword(lambda text: text.replace("Marc", "—")) == 0
    assert (store.experiences.get(kept.id).note, store.experiences.get(kept.id).context) == (
        "Avec —.",
        "chez —",
    )
    store.status_steps.record(JARS, "tested", "adopted", "declined", decided_by=None, note="Marc doute.")
    assert store.status_steps.reword(lambda text: text.replace("Marc", "—")) == 1
    assert store.status_steps.of_page(JARS)[0].note == "— doute."
    for longest in ((256, 0, 0), (0, 281, 0), (0, 0, 2_001)):
        name, context, note = ("a" * length for length in longest)
        with pytest.raises(ValueError, match="at most"):
            store.experiences.add(JARS, "worked", account_id=None, name=name, context=context, note=note)
    assert [store.experiences.remove(kept.id) for _ in range(2)] == [True, False]
    zoe = account(store, "Zoé Blanc")
    store.experiences.add(JARS, "worked", account_id=zoe)
    assert len(store.experiences.of_account(zoe)) == 1
    store.accounts.delete(zoe)
    assert store.experiences.all() == {}
