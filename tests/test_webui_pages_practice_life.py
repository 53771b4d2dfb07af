"""What members tried of a practice, on its page: said, published, counted; what coordinators decide on it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import webui.pages.experiences
import webui.pages.life_cycle
from connector.errors import EditConflictError
from connector.practice_experiences import PageExperience, experience_call, read_experiences
from connector.store.schema_community import status_step
from connector.store.wishes import Wish
from tests.community import SITE
from tests.live_wiki import LiveWiki
from tests.members import PutThere, client, members_before, only, readers
from tests.sign_in_ground import soup
from webui.bootstrap import Services
from webui.rights.roles import Role

__all__ = ["client", "readers"]  # fixtures

EVENING, TOOLS = 2, 3
WORKED = {"outcome": "worked", "context": "Samedi", "note": "Six tables suffisent."}
REVISIONS = count(10_000)


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Services, PutThere]]:
    with members_before(tmp_path_factory.mktemp("community")) as ground:
        yield ground


@pytest.fixture
def services(ground: tuple[Services, PutThere]) -> Iterator[Services]:
    services = ground[0]
    before = list(services.store.pages.iterate())
    yield services
    services.store.pages.put_many(before)
    for number in [each.id for some in services.store.experiences.all().values() for each in some]:
        services.store.experiences.remove(number)
    with services.store._engine.begin() as connection:
        connection.execute(status_step.delete())
    for account in services.store.accounts.list():
        services.store.accounts.delete(account.id)


@pytest.fixture
def live(services: Services, readers: PutThere, monkeypatch: pytest.MonkeyPatch) -> LiveWiki:
    wiki = LiveWiki(services, "Zoé Blanc")

    @contextmanager
    def own_wiki() -> Iterator[LiveWiki]:
        yield wiki

    for module in (webui.pages.experiences, webui.pages.life_cycle):
        monkeypatch.setattr(module, "own_wiki", own_wiki)
    monkeypatch.setattr(services, "refresh", lambda: None)
    return wiki


def words(shown: BeautifulSoup, selector: str) -> str:
    return " ".join(" ".join(each.get_text(" ").split()) for each in shown.select(selector))


def read(client: FlaskClient, number: int = TOOLS) -> BeautifulSoup:
    answer = client.get(f"/practices/{number}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return soup(answer)


def send(client: FlaskClient, address: str, sent: Mapping[str, str]) -> TestResponse:
    """Send a form, as a page of ours has it."""
    token = soup(client.get("/questions/ask?q=a")).select_one("input[name=csrf_token]")
    assert token is not None
    return client.post(address, data={"csrf_token": str(token["value"]), **sent})


def say(client: FlaskClient, sent: Mapping[str, str] | None = None) -> TestResponse:
    return send(client, f"/practices/{TOOLS}/experiences", WORKED | dict(sent or {}))


def decide(client: FlaskClient, sent: Mapping[str, str], *, number: int = TOOLS) -> TestResponse:
    return send(client, f"/practices/{number}/status", sent)


def told(services: Services, number: int, *some: PageExperience) -> None:
    """Let a page of the wiki tell what was tried."""
    old = services.store.pages.get(number)
    assert old is not None
    calls = "\n".join(experience_call(each, wiki_language="fr") for each in some)
    text = f"{old.wikitext}\n== Expériences ==\n{calls}\n"
    new = replace(old, wikitext=text, revid=next(REVISIONS))
    services.store.pages.put_many([new])


def tried(by: str, outcome: Any = "worked", **fields: Any) -> PageExperience:
    return PageExperience(outcome=outcome, by=by, on=datetime.now(UTC).date() - timedelta(days=9), **fields)


def test_a_member_says_what_they_tried_and_it_counts_at_once(
    client: FlaskClient, services: Services, readers: PutThere
) -> None:
    readers.person("Zoé Blanc")
    assert "Nobody has said yet" in words(read(client), "#tried")
    answer = say(client)
    assert (answer.status_code, answer.location) == (303, f"/practices/{TOOLS}#tried")
    shown = read(client)
    assert "it counts from now on" in words(shown, "[role=status]")
    (one,) = shown.select(".experiences > li")
    for part in (
        "It worked",
        "Samedi",
        "Six tables suffisent.",
        "Zoé Blanc",
        "not on the page in the wiki yet",
    ):
        assert part in one.get_text()
    assert "Nearly “tested”" in words(shown, ".proposal")
    assert "Still missing: one more experience and one more person." in words(shown, ".proposal")
    assert "{{Expérience" in words(shown, "pre.wikitext")
    say(client)  # the form is sent twice
    assert len(services.store.experiences.all()[TOOLS]) == 1


def test_before_visitors_what_is_not_in_the_wiki_has_no_name(
    client: FlaskClient, services: Services, readers: PutThere
) -> None:
    readers.person("Zoé Blanc")
    say(client)
    told(services, TOOLS, tried("Ali Benali", note="Pas mal."))
    readers.visitor()
    shown = read(client)
    assert "Six tables" in words(shown, ".experiences")
    assert "Ali Benali" in words(shown, ".experiences")
    assert "Zoé" not in shown.get_text()
    assert not shown.select("form[action*=experiences], form[action*=status]")
    readers.person("Marc Le Goff")
    assert "Zoé Blanc" in words(read(client), ".experiences")
    assert not read(client).select(".experiences form")


def test_visitors_and_strangers_change_nothing(
    client: FlaskClient, services: Services, readers: PutThere
) -> None:
    readers.person("Zoé Blanc")
    say(client)
    ((one,),) = services.store.experiences.all().values()
    address = f"/practices/{TOOLS}/experiences/{one.id}"
    token = soup(client.get("/questions/ask?q=a")).select_one("input[name=csrf_token]")
    assert token is not None
    readers.visitor()
    sent = {**WORKED, "csrf_token": str(token["value"])}
    assert client.post(f"/practices/{TOOLS}/experiences", data=sent).status_code in (401, 403)
    readers.person("Marc Le Goff")
    for action in ("remove", "publish"):
        assert send(client, address, {"action": action}).status_code == 404
    assert decide(client, {"action": "review"}).status_code == 403
    assert client.get("/community/practices").status_code == 403
    readers.person("Zoé Blanc")
    assert (
        send(client, address.replace(f"/{TOOLS}/", f"/{EVENING}/"), {"action": "remove"}).status_code == 404
    )
    assert send(client, address, {"action": "sing"}).status_code == 400
    assert send(client, address, {"action": "remove"}).status_code == 303
    assert services.store.experiences.all() == {}


def test_what_may_not_be_read_takes_nothing(
    client: FlaskClient, services: Services, readers: PutThere
) -> None:
    readers.person("Zoé Blanc", readable=only(EVENING))
    assert say(client).status_code == 404
    readers.person("Inès Caradec", Role.COORDINATOR, readable=only(EVENING))
    told(services, TOOLS, tried("Ali"), tried("Marc"))
    assert decide(client, {"action": "accept", "to": "tested"}).status_code == 404
    assert "Ranger les outils" not in client.get("/community/practices").text
    readers.person("Inès Caradec", Role.COORDINATOR)
    assert "Ranger les outils" in client.get("/community/practices").text


@pytest.mark.parametrize(
    "wrong",
    [
        {"outcome": ""},
        {"outcome": "brilliant"},
        {"tried-on": "2999-01-01"},
        {"tried-on": "hier"},
        {"context": "a" * 281},
    ],
)
def test_what_is_not_whole_is_told_and_nothing_that_was_typed_is_lost(
    client: FlaskClient, services: Services, readers: PutThere, wrong: dict[str, str]
) -> None:
    readers.person("Zoé Blanc")
    answer = say(client, wrong)
    assert answer.status_code == 400
    shown = soup(answer)
    assert words(shown, "#tried [role=alert] strong") == "Something is missing or too long"
    assert words(shown, "#tried-note") == WORKED["note"]
    assert services.store.experiences.all() == {}


def test_they_put_it_on_the_page_under_their_own_name(
    client: FlaskClient, services: Services, readers: PutThere, live: LiveWiki
) -> None:
    readers.person("Zoé Blanc")
    assert say(client, {"publish": "yes", "tried-on": "2026-03-01"}).status_code == 303
    (edit,) = live.edits
    assert (
        "=== 1er mars 2026 ===\n{{Expérience\n|par=Zoé Blanc\n|le=2026-03-01\n|issue=réussi" in edit.wikitext
    )
    assert edit.summary == "Expérience ajoutée par Zoé Blanc avec Compagnon (réussi)"
    assert edit.base_revid is not None
    shown = read(client)
    (one,) = shown.select(".experiences > li")
    assert "not on the page" not in one.get_text()
    assert not one.select("form")
    # Its own part of the page tells it, and the text of the practice does not.
    assert "par" not in words(shown, "article").split()
    assert "Expériences" not in words(shown, "article")


def test_without_an_account_in_the_wiki_it_is_kept_and_told(
    client: FlaskClient, services: Services, readers: PutThere
) -> None:
    readers.person("Zoé Blanc")
    answer = say(client, {"publish": "yes"})
    assert answer.status_code == 400
    assert "Give an account and a bot password" in words(soup(answer), "[role=alert]")
    assert len(services.store.experiences.all()[TOOLS]) == 1
    assert soup(answer).select("form[action*=experiences] input[type=password]")


def test_a_wiki_without_the_template_and_one_that_was_quicker_are_told(
    client: FlaskClient, services: Services, readers: PutThere, live: LiveWiki
) -> None:
    readers.person("Zoé Blanc")
    live.fails = EditConflictError("changed", title="Ranger les outils")
    answer = say(client, {"publish": "yes"})
    assert answer.status_code == 409
    assert "Someone changed this page" in words(soup(answer), "[role=alert]")
    live.fails = None
    live._others.clear()
    answer = say(client, {"publish": "yes"})
    assert answer.status_code == 409
    assert "Modèle:Expérience" in words(soup(answer), "[role=alert]")
    assert live.edits == []
    assert [each.revid for each in services.store.experiences.all()[TOOLS]] == [None]


def test_a_coordinator_takes_the_step_in_the_wiki(
    client: FlaskClient, services: Services, readers: PutThere, live: LiveWiki
) -> None:
    told(services, TOOLS, tried("Ali"), tried("Marc", "partly"))
    readers.person("Inès Caradec", Role.COORDINATOR)
    listed = soup(client.get("/community/practices"))
    assert "Ranger les outils" in words(listed, "[aria-labelledby=due] h3")
    assert "for 2 people: 2 times" in words(listed, "[aria-labelledby=due]")
    assert decide(client, {"action": "accept", "to": "adopted"}).status_code == 409  # nobody proposes that
    answer = decide(client, {"action": "accept", "to": "tested", "note": "Bravo", "from": "list"})
    assert (answer.status_code, answer.location) == (303, "/community/practices")
    (edit,) = live.edits
    assert "statut=testée" in edit.wikitext
    assert edit.summary == (
        "Statut : émergente → testée, décidé par Zoé Blanc avec Compagnon "
        "(réussies 1, en partie 1, échecs 0 ; personnes 2)"
    )
    after = soup(client.get("/community/practices"))
    assert "Ranger les outils : emerging → tested, decided" in words(after, "[aria-labelledby=latest]")
    (step,) = services.life_cycle.history(TOOLS)
    assert (step.decision, step.note, step.evidence["people"], step.decider) == (
        "accepted", "Bravo", 2, "Inès Caradec",
    )  # fmt: skip
    assert decide(client, {"action": "accept", "to": "tested"}).status_code == 409  # sent twice
    assert len(live.edits) == 1
    # The history is everybody's; who decided, and why, is told to members.
    readers.visitor()
    history = words(read(client), ".steps")
    assert "emerging → tested" in history
    assert "Inès" not in history
    assert "Bravo" not in history
    readers.person("Marc Le Goff")
    assert "Inès Caradec" in words(read(client), ".steps")


def test_a_step_back_is_asked_about_as_one(
    client: FlaskClient, services: Services, readers: PutThere, live: LiveWiki
) -> None:
    told(services, TOOLS, tried("Ali"), tried("Marc"))
    readers.person("Inès Caradec", Role.COORDINATOR)
    decide(client, {"action": "accept", "to": "tested"})
    told(services, TOOLS, *(tried(who, "not") for who in ("Lou", "Max", "Zoé Blanc")))
    page = read(client)
    assert "Should it go back to “emerging”?" in words(page, ".proposal strong")
    assert "Could become" not in words(page, ".proposal")
    assert "Put it back to “emerging”" in words(page, ".proposal button")


def test_who_has_tried_nothing_is_not_counted(
    client: FlaskClient, services: Services, readers: PutThere
) -> None:
    readers.person("Inès Caradec", Role.COORDINATOR)
    told(services, TOOLS, tried("Ali", "not"))
    assert "0 people" not in words(soup(client.get("/community/practices")), "main")


def test_a_coordinator_says_no_and_it_is_left_alone(
    client: FlaskClient, services: Services, readers: PutThere
) -> None:
    told(services, TOOLS, tried("Ali"), tried("Marc"))
    readers.person("Inès Caradec", Role.COORDINATOR)
    assert decide(client, {"action": "decline", "to": "tested", "note": "a" * 281}).status_code == 400
    assert decide(client, {"action": "decline", "to": "tested", "note": "Trop tôt"}).status_code == 303
    assert "Ranger les outils" not in words(soup(client.get("/community/practices")), "[aria-labelledby=due]")
    assert not read(client).select(".proposal")
    assert decide(client, {"action": "dance"}).status_code == 400


def test_a_review_is_one_click(client: FlaskClient, services: Services, readers: PutThere) -> None:
    readers.person("Inès Caradec", Role.COORDINATOR)
    assert decide(client, {"action": "review"}, number=1).status_code == 303
    assert services.life_cycle.evidence(1, now=datetime.now(UTC)).reviewed_on == datetime.now(UTC).date()
    assert "it still stands" in words(read(client, 1), ".steps")


def test_who_is_left_out_is_nowhere(client: FlaskClient, services: Services, readers: PutThere) -> None:
    zoe = readers.person("Zoé Blanc")
    say(client)
    told(services, TOOLS, tried("Zoé Blanc", note="Encore."))
    services.store.wishes.put(zoe.id, Wish(opted_out=True))
    readers.person("Inès Caradec", Role.COORDINATOR)
    for address in (f"/practices/{TOOLS}", "/community/practices"):
        assert "Zoé" not in client.get(address).text
    assert "Nobody has said yet" in words(read(client), "#tried")


def test_in_french(client: FlaskClient, services: Services, readers: PutThere) -> None:
    told(services, TOOLS, tried("Ali"), tried("Marc"))
    readers.person("Inès Caradec", Role.COORDINATOR)
    headers = {"Accept-Language": "fr"}
    assert "Ce que les membres ont essayé" in client.get(f"/practices/{TOOLS}", headers=headers).text
    assert "À décider maintenant" in client.get("/community/practices", headers=headers).text


def test_what_is_searched_has_the_words_and_not_the_names(services: Services) -> None:
    told(services, TOOLS, tried("Odile Retrait", note="Le perchoir tient bon."))
    services.update_index()
    found = services.searcher.search("perchoir tient bon", top_k=3)
    assert found.hits[0].title == "Ranger les outils"
    assert "Odile" not in "".join(
        hit.snippet for hit in services.searcher.search("Odile Retrait", top_k=5).hits
    )
    text = services.store.pages.require("Ranger les outils").wikitext
    assert read_experiences(text, site=SITE)[0].by == "Odile Retrait"
