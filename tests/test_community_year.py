"""A year in the life of a community: month by month, its pages say what happened, and nobody is worn out.

What the pages say is compared with sums of this file's own, over what `tests.community_year` made happen.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import cache
from typing import Any, Literal

import pytest
import time_machine

from connector.erased import finder
from tests.builders import ReadableWhere
from tests.community_life import (
    A_MONTH,
    CAP,
    ERASED_FROM,
    OUT_FROM,
    PAUSE,
    SEARCHED_IN,
    Life,
    Month,
    year_services,
)
from tests.community_year import LEFT_AFTER, MEMBERS, YEAR, Edit, Year, due_day
from tests.community_year_sweep import holds, texts_of
from tests.community_year_texts import (
    ANSWERS,
    BOT,
    CALLED,
    CATEGORIES,
    CONTACTS,
    CORE,
    ERASED,
    EXPERT,
    FORGOTTEN,
    NEWCOMERS,
    OPTED_OUT,
    PAUSED,
    PROPOSED,
    QUESTIONS,
    SEARCHED,
    SHARED,
    TRIED,
    WANTED,
)
from webui.rights.roles import Role

MONTHS = range(1, 13)
NEW_FOR = timedelta(days=90)
FOUNDED_IN = timedelta(days=30)
QUIET_AFTER = timedelta(days=120)
# The month whose action the notes of the next one say is done.
DONE = (1, 2, 3, 6)
ADOPTED_IN = 9


Who = Literal["visitor", "member", "coordinator"]
Seen = Callable[[Who], Mapping[str, str]]


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    """The whole year, lived once."""
    folder = tmp_path_factory.mktemp("year")
    with year_services(folder) as (services, readers):
        life = Life(services, readers, Year(seed=20250101), folder)
        life.begin()
        for month in MONTHS:
            life.live(month)
        yield life


@pytest.fixture(scope="module")
def seen(life: Life) -> Seen:
    """All that each kind of reader sees at the end of the year, by address; looked at once."""

    @cache
    def texts(who: Who) -> Mapping[str, str]:
        if who == "visitor":
            client = life.visitor
        else:
            client = life.coordinator if who == "coordinator" else life.as_("Iris Delorme")
        return texts_of(life, client)

    return texts


def left_out(month: int) -> list[str]:
    """Who is named nowhere at the end of a month."""
    return [OPTED_OUT] * (month >= OUT_FROM) + [ERASED] * (month >= ERASED_FROM)


def gini(counts: Sequence[int]) -> float:
    """Half of the mean difference of two, in parts of the mean: pair by pair, as Gini (1912) has it."""
    return sum(abs(one - other) for one in counts for other in counts) / (2 * len(counts) * sum(counts))


def called(month: Month, why: str) -> list[str]:
    return sorted(call["person"]["name"] for call in month.told["calls"] if call["why"] == why)


def items(month: Month, *kinds: str) -> list[str]:
    return sorted(item["title"] for item in month.told["next_meeting"] if item["kind"] in kinds)


def was_called(name: str, number: int) -> bool:
    return any(since <= number and who == name for since, (_, who) in CALLED.items())


def edits_of(life: Life, name: str, month: int) -> list[Edit]:
    return [edit for edit in life.year.until(month) if edit.user == name]


# Who carries the load


@pytest.mark.parametrize("number", MONTHS)
def test_the_load_is_what_people_did(life: Life, number: int) -> None:
    counts = life.year.counts(max(1, number - 2), number, without=left_out(number))
    load = life.months[number].told["load"]
    assert (load["contributions"], load["people"]) == (counts.total(), len(counts))
    assert load["gini"] == pytest.approx(gini(list(counts.values())), abs=1e-4)
    most = sorted(counts.values(), reverse=True)
    needed = next(n for n in range(1, len(most) + 1) if 2 * sum(most[:n]) >= counts.total())
    assert load["absence_factor"] == needed
    assert load["carriers_share"] == pytest.approx(sum(most[:needed]) / counts.total(), abs=1e-4)
    alone = life.year.counts(number, number, without=left_out(number))
    assert load["by_month"][-1]["contributions"] == alone.total()
    assert load["by_month"][-1]["people"] == len(alone)


def test_the_coordinator_sees_that_she_carries_it_and_then_that_she_does_not(life: Life) -> None:
    shares = [life.months[number].told["load"]["own_share"] for number in MONTHS]
    assert shares[2] > 0.25
    assert shares[11] < 0.05
    factors = [life.months[number].told["load"]["absence_factor"] for number in MONTHS]
    assert factors[0] < factors[11], "what few did, more do at the end"
    names = [each["name"] for each in life.months[2].told["load"]["carriers"]]
    assert names == sorted(names), "no list of the best"


# Whom to call


@pytest.mark.parametrize("number", MONTHS)
def test_newcomers_without_a_contact_are_to_be_called(life: Life, number: int) -> None:
    month = life.months[number]
    contacts = {who: contact for since, (who, contact) in CONTACTS.items() if since <= number}
    assert called(month, "newcomer") == sorted(
        name
        for name in NEWCOMERS
        if (edits := edits_of(life, name, number))
        and month.now - edits[0].moment <= NEW_FOR
        and edits[0].moment - life.year.edits[0].moment >= FOUNDED_IN
        and contacts.get(name) in (None, *left_out(number))
        and not was_called(name, number)
    )


@pytest.mark.parametrize("days", [10, 45, 119])
def test_in_the_autumn_in_which_the_wiki_was_founded_nobody_is_a_newcomer(life: Life, days: int) -> None:
    first = life.year.edits[0].moment
    now = first + timedelta(days=days)
    came = {edit.user for edit in life.year.edits if FOUNDED_IN <= edit.moment - first <= now - first}
    founded = {edit.user for edit in life.year.edits if edit.moment - first < FOUNDED_IN} - {BOT}
    assert (came - founded, len(founded)) == (set(), len(MEMBERS) - len(NEWCOMERS))
    assert life.services.calls.newcomers(now=now) == []


@pytest.mark.parametrize("number", MONTHS)
def test_who_fell_silent_is_to_be_called(life: Life, number: int) -> None:
    month = life.months[number]
    quiet = []
    for name in MEMBERS:
        edits = edits_of(life, name, number)
        if name in left_out(number) or len({edit.moment.strftime("%Y-%m") for edit in edits}) < 3:
            continue
        last = max([edits[-1].moment, *([month.signed_in[name]] if name in month.signed_in else [])])
        if month.now - last >= QUIET_AFTER and not was_called(name, number):
            quiet.append(name)
    assert called(month, "quiet") == sorted(quiet)
    assert (EXPERT in quiet) == (number == LEFT_AFTER + 4), "until she was called"


@pytest.mark.parametrize("number", MONTHS)
def test_who_was_asked_too_often_is_to_be_spared(life: Life, number: int) -> None:
    month = life.months[number]
    assert called(month, "asked_too_often") == sorted(
        name
        for name, moments in month.asked.items()
        if name not in left_out(number)
        and not (name == PAUSED and number in PAUSE)
        and sum(month.now - moment <= A_MONTH for moment in moments) >= (1 if name == CORE[0] else CAP)
    )


# Whom to ask


@pytest.mark.parametrize("number", MONTHS)
def test_nobody_is_asked_beyond_what_they_can_bear(life: Life, number: int) -> None:
    month = life.months[number]
    day = month.now.replace(day=16)
    for text, candidates in month.candidates.items():
        for candidate in candidates:
            name = candidate.person.name
            assert name != BOT
            assert name not in left_out(number), text
            assert not (name == PAUSED and number in PAUSE), text
            before = [moment for moment in month.asked.get(name, ()) if moment < day.replace(hour=0)]
            assert sum(day - moment <= A_MONTH for moment in before) <= candidate.load < candidate.cap
            assert candidate.cap == (1 if name == CORE[0] else CAP)
            assert candidate.paired_with is None or candidate.paired_with.name not in left_out(number)


def test_asking_goes_round(life: Life) -> None:
    most = max(len(moments) for moments in life.asked.values())
    asked = sum(map(len, life.asked.values()))
    assert len(life.asked) >= 10, "not always the same"
    assert most <= 0.4 * asked
    for name, moments in life.asked.items():
        cap = 1 if name == CORE[0] else CAP
        for moment in moments:
            assert sum(timedelta() <= moment - other <= A_MONTH for other in moments) <= cap, name


def test_who_answered_is_known_and_the_question_is_a_key_of_the_page(life: Life) -> None:
    assert set(life.answered) == set(ANSWERS)
    for text, giver in life.answered.items():
        kept = life.services.store.questions.get(life.questions[text].id)
        assert kept.state == "answered"
        assert kept.answer_pageid == life.year.pageid(ANSWERS[text])
        assert kept.answered_by == (None if giver == ERASED else giver)
    found = life.get(life.visitor, "/api/v1/search?q=lime de la bêche rangée où").get_json()
    assert "Affûter une bêche" in [hit["title"] for hit in found["hits"]][:2]


# What is at risk


@pytest.mark.parametrize("number", MONTHS)
def test_the_expert_s_topic_hangs_by_them(life: Life, number: int) -> None:
    told = life.months[number].told
    topics = {topic["name"]: topic for topic in told["topics"]}
    assert topics["Greffe"]["absence_factor"] == 1
    assert [holder["name"] for holder in topics["Greffe"]["holders"]] == [EXPERT]
    lost = {each["person"]["name"]: each["topics"] for each in told["if_they_leave"]}
    assert lost[EXPERT] == ["Greffe"]
    stale = [each["page"]["label"] for each in told["stale"]]
    assert stale == ([FORGOTTEN] if number >= 3 else []), "not reviewed for six months"


# What the next meeting should talk about


@pytest.mark.parametrize("number", MONTHS)
def test_what_waits_is_on_the_list_for_the_next_meeting(life: Life, number: int) -> None:
    month = life.months[number]
    waiting = [text for asked in range(1, number + 1) for _, text in QUESTIONS[asked]]
    answered = {text for asked in range(1, number) for _, text in QUESTIONS[asked] if text in ANSWERS}
    assert items(month, "question") == sorted(set(waiting) - answered)
    overdue = [
        made
        for made in range(1, number + 1)
        if due_day(made) < month.now.date() and not (made in DONE and made < number)
    ]
    assert [int(re.findall(r"numéro (\d+)", title)[0]) for title in items(month, "action")] == sorted(
        overdue, key=str
    )
    unwritten = [WANTED] * (number < 9) + [SEARCHED] * (SEARCHED_IN <= number < SEARCHED_IN + 6)
    assert items(month, "unwritten") == sorted(unwritten)
    disagree = ["Nourrir le compost / Abriter le compost"] if number in (6, 7, 8) else []
    assert items(month, "contradiction") == disagree
    assert items(month, "step_back").count(FORGOTTEN) == (number >= 3)
    assert items(month, "stale") == [], "what may go back for its age is on the list once"


def test_the_notes_settle_what_they_say_is_done(life: Life) -> None:
    for number in MONTHS:
        done = [item for item in life.months[number].settled if item.startswith("action")]
        assert len(done) == (number - 1 in DONE), number
    agenda = life.months[7].texts[1]
    assert "commander la pièce numéro 6" in agenda


# How practices come of age


@pytest.mark.parametrize("number", MONTHS)
def test_what_was_tried_proposes_the_next_status(life: Life, number: int) -> None:
    proposals = {each.title: each for each in life.months[number].proposals}
    age = proposals.pop(FORGOTTEN, None)
    assert (age is not None and age.why == "age") == (number >= 3)
    if number >= ADOPTED_IN:
        # By whoever goes over the text once it is adopted: changing the status is no such thing.
        reference = proposals.pop(TRIED)
        later = [e for e in life.year.until(number) if e.title == TRIED and e.moment.month > ADOPTED_IN]
        gone_over = any(edit.user not in (BOT, *left_out(number)) for edit in later)
        assert (reference.to_status, bool(reference.missing)) == ("reference", not gone_over)
    told = {title: (each.to_status, bool(each.missing)) for title, each in proposals.items()}
    assert told == PROPOSED.get(number, {})


def test_steps_that_were_made_in_the_wiki_are_its_history(life: Life) -> None:
    steps = life.services.life_cycle.history(life.year.pageid(TRIED))
    assert [(s.from_status, s.to_status, s.decision, s.decided_at.month) for s in steps] == [
        ("emerging", "tested", "seen", 5),
        ("tested", "adopted", "seen", 9),
    ]


# What moved


def test_what_moved_since_the_meeting(life: Life) -> None:
    for number in MONTHS:
        since = life.months[number].told["since"]
        assert since["meeting"]["when"].startswith(f"2025-{number:02}-20")
        assert [step["label"] for step in since["steps"]] == ([TRIED] if number in (5, 9) else [])
        assert [page["label"] for page in since["new_pages"]] == ([WANTED] if number == 9 else [])


def test_the_digest_tells_the_month(life: Life) -> None:
    for number in MONTHS:
        digest = life.months[number].digest
        assert {question.text for question in digest.asked} == {text for _, text in QUESTIONS[number]}
        answered = [text for _, text in QUESTIONS.get(number - 1, ()) if text in ANSWERS]
        assert sorted(question.text for question in digest.answered) == sorted(answered)
        assert (TRIED in [step.page.title for step in digest.steps]) == (number in (5, 9))


# Who wants to be named nowhere


@pytest.mark.parametrize("number", range(OUT_FROM, 13))
def test_who_opted_out_is_in_nothing_that_was_told(life: Life, number: int) -> None:
    month = life.months[number]
    told = [
        json.dumps(month.told, ensure_ascii=False),
        *month.texts,
        repr(month.proposals),
        repr(month.digest),
    ]
    assert not any(holds(OPTED_OUT, text) for text in told)
    assert any(holds(OPTED_OUT, text) for text in [json.dumps(life.months[4].told), *life.months[4].texts])


@pytest.mark.parametrize("who", ["visitor", "member", "coordinator"])
def test_who_opted_out_or_was_erased_is_on_no_page(life: Life, seen: Seen, who: Who) -> None:
    texts = seen(who)
    for address, text in texts.items():
        assert not holds(OPTED_OUT, text), address
        assert not holds(ERASED, text), address
    assert len(texts) > (20 if who == "visitor" else 30)
    naming = sum(holds(CORE[0], text) for text in texts.values())
    assert naming >= (3 if who == "visitor" else 10), "others are named"


# Who may not read all


def test_who_may_not_read_a_page_is_told_nothing_of_it(life: Life, seen: Seen) -> None:
    hidden = {*CATEGORIES["Greffe"], TRIED, "Nourrir le compost", FORGOTTEN}
    hidden_edits = [edit for edit in life.year.until(12) if edit.title in hidden]
    some = ReadableWhere(lambda page: page.title not in hidden)
    everything = "".join(seen("coordinator").values())
    assert all(title in everything for title in hidden)
    client = life.as_(CORE[1], Role.COORDINATOR, readable=some)
    for address, text in texts_of(life, client).items():
        assert not [title for title in hidden if title in text], address
    with time_machine.travel(life.months[12].now):
        load = life.get(client, "/api/v1/community?months=12").get_json()["load"]
    counts = life.year.counts(1, 12, without=left_out(12))
    counts.subtract(edit.user for edit in hidden_edits if edit.user in counts and edit.moment.year == YEAR)
    assert load["contributions"] == counts.total()
    assert load["people"] == sum(number > 0 for number in counts.values())


def test_who_was_erased_is_not_in_the_database(life: Life) -> None:
    store = life.services.store
    assert store.masking.mentions(finder([ERASED])) == {}
    assert store.accounts.named(ERASED) is None
    assert store.masking.mentions(finder([OPTED_OUT])), "texts of the wiki stay as they are"


def test_who_opted_out_still_sees_what_is_known_of_them(life: Life) -> None:
    known: Any = life.get(life.as_(OPTED_OUT), "/me/data.json").get_json()
    assert known["wishes"]["opted_out"] is True
    [tried] = known["community"]["experiences"]
    assert tried["page"]["title"] == SHARED
    assert known["community"]["shows_around"] == ["Thaïs Lombard"]
