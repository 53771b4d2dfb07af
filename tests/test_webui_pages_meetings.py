"""From page to act: meetings, their agendas and notes, the hand-over, newcomers, thanks, the welcome."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from capture.notes import read_notes
from connector.model import Namespace, Revision
from connector.store.wishes import Wish
from tests.builders import HashingEmbedder, ReadableWhere, edits
from tests.community import NOTES, SITE, empty_community, hashed_community
from tests.review_forms import fields, soup, words
from tests.store_on_postgresql import copied_data
from webui.app import create_app
from webui.bootstrap import Services

FRENCH = {"Accept-Language": "fr"}
TODAY = datetime.now(UTC).date()
SOON = TODAY + timedelta(days=9)
PLAN = {
    "title": "Réunion de l’atelier",
    "planned_on": SOON.isoformat(),
    "starts_at": "18:30",
    "minutes": "60",
    "language": "fr",
    "place": "La cour",
}
ANICK, LEO, MARC = 201, 202, 203


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory that is indexed, for each test to have a copy of."""
    folder = tmp_path_factory.mktemp("prepared") / "data"
    services = hashed_community(folder)
    talk = {3: Namespace(id=3, name="Discussion utilisateur", canonical="User talk")}
    services.store.site.put(
        replace(SITE, namespaces={**SITE.namespaces, **talk}), source="http://wiki.invalid/w/api.php"
    )
    services.close()
    return folder


@pytest.fixture
def services(prepared: Path, tmp_path: Path) -> Iterator[Services]:
    services = empty_community(copied_data(prepared, tmp_path / "data"))
    services.__dict__["embedder"] = HashingEmbedder()
    yield services
    services.close()


@pytest.fixture
def client(services: Services) -> FlaskClient:
    return create_app(services).test_client()


def opened(client: FlaskClient, path: str) -> BeautifulSoup:
    answer = client.get(path, headers=FRENCH)
    assert answer.status_code == 200, path
    return soup(answer)


def send(client: FlaskClient, path: str, **changes: str) -> TestResponse:
    token = fields(opened(client, path), "main form")["csrf_token"]
    return client.post(path, data={"csrf_token": token, **changes}, headers=FRENCH)


def planned(client: FlaskClient, **changes: str) -> str:
    answer = send(client, "/community/meetings", **(PLAN | changes))
    assert answer.status_code == 303
    return answer.headers["Location"]


def keep(services: Services, text: str) -> int:
    notes = read_notes(text)
    services.desk.add(services.capture.capture(notes), notes, actor="a test")
    return services.desk.add_notes(notes)


def on_agenda(page: BeautifulSoup) -> list[str]:
    return [" ".join(each.text.split()) for each in page.select(".agenda .about .name")]


def test_a_meeting_is_planned_changed_cancelled_and_held_after_all(client: FlaskClient) -> None:
    path = planned(client)
    page = opened(client, path)
    assert words(page, "h1") == "Réunion de l’atelier"
    assert [each.text for each in page.select(".lead-facts span")][1:] == ["18:30", "60 min", "La cour"]
    send(client, path, **(PLAN | {"action": "plan", "title": "Assemblée", "starts_at": ""}))
    send(client, path, action="cancel")
    page = opened(client, path)
    assert words(page, "h1") == "Assemblée"
    assert page.select_one(".lead-facts .badge.dropped")
    assert "Assemblée" in words(opened(client, "/community/meetings"), "section .people")
    send(client, path, action="hold")
    assert not opened(client, path).select_one(".lead-facts .badge.dropped")


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": "a" * 1000},
        {"planned_on": "demain"},
        {"minutes": "5"},
        {"minutes": "x"},
        {"starts_at": "25:00"},
    ],
)
def test_what_is_no_plan_is_told_and_stays_in_its_fields(client: FlaskClient, wrong: dict[str, str]) -> None:
    answer = send(client, "/community/meetings", **(PLAN | wrong))
    assert answer.status_code == 400
    page = soup(answer)
    assert page.select_one("[role=alert]")
    assert fields(page, "main form.stack")["place"] == "La cour"
    assert not page.select("#coming-heading")


def test_what_waits_is_chosen_and_taken_along_as_wikitext_and_markdown(
    client: FlaskClient, services: Services
) -> None:
    services.store.questions.ask("Qui garde les clés du local ?", language="fr", asked_by=None)
    keep(services, NOTES)  # leaves an overdue action
    path = planned(client)
    page = opened(client, path)
    offered = [str(each["value"]) for each in page.select(".choices input[name=item]")]
    assert {"question 1", "action 1"} <= set(offered)
    token = fields(page, "main form")["csrf_token"]
    chosen = {"csrf_token": token, "action": "add", "item": ["question 1", "action 1", "question 99"]}
    assert client.post(path, data=chosen, headers=FRENCH).status_code == 303
    send(client, path, action="free", text="La fête de juin", minutes="20")
    page = opened(client, path)
    assert on_agenda(page)[-1] == "La fête de juin"
    assert len(on_agenda(page)) == 3
    assert not page.select('.choices input[value="question 1"]'), "what is chosen is not offered again"
    texts = {
        name: client.get(f"{path}/agenda?format={name}", headers=FRENCH) for name in ("wikitext", "markdown")
    }
    assert texts["wikitext"].mimetype == "text/plain"
    assert texts["markdown"].mimetype == "text/markdown"
    assert "=== La fête de juin ===" in texts["wikitext"].text
    assert "## La fête de juin" in texts["markdown"].text
    shown = page.select_one("#agenda-wikitext")
    assert shown is not None
    assert shown.text.strip() == texts["wikitext"].text.strip()
    minutes = [int(found) for found in re.findall(r"^\| \d\d:\d\d \|\| (\d+) ", texts["wikitext"].text, re.M)]
    assert sum(minutes) == 60


def test_items_are_moved_timed_settled_and_taken_off(client: FlaskClient) -> None:
    path = planned(client)
    for text in ("Un", "Deux", "Trois"):
        send(client, path, action="free", text=text, minutes="10")
    send(client, path, up="free 3")
    send(client, path, **{"action": "minutes", "minutes free 1": "25"})
    send(client, path, settle="free 2")
    page = opened(client, path)
    assert on_agenda(page) == ["Un", "Trois", "Deux"]
    assert [each["value"] for each in page.select(".minutes input")] == ["25", "10", "10"]
    assert len(page.select(".agenda .settled")) == 1
    send(client, path, reopen="free 2")
    send(client, path, remove="free 1")
    page = opened(client, path)
    assert on_agenda(page) == ["Trois", "Deux"]
    assert not page.select(".agenda .settled")
    wrong = send(client, path, action="free", text=" ", minutes="10")
    assert (wrong.status_code, bool(soup(wrong).select_one("[role=alert]"))) == (400, True)
    assert send(client, path, action="dance").status_code == 400


def test_the_notes_of_that_day_belong_to_the_meeting_and_close_what_they_settle(
    client: FlaskClient, services: Services
) -> None:
    services.store.questions.ask("Qui garde les clés du local ?", language="fr", asked_by=None)
    keep(services, NOTES)
    path = planned(client, planned_on=date(2026, 4, 7).isoformat())
    meeting = services.store.meetings.list()[0]
    asked = services.overviews.items(now=datetime.now(UTC))
    services.agendas.add(meeting.id, [item for item in asked if item.key in ("question 1", "action 1")])
    ask, _ = services.store.asks.put(
        1, name="Marc Le Goff", wiki_user_id=MARC, asked_by=None, now=datetime.now(UTC)
    )
    notes = """# Réunion du 7 avril 2026

Présents : Aïcha Benali, Marc Le Goff

## Qui garde les clés du local ?

Aïcha les garde, et Marc a le double chez lui.

## Actions

- Marc : dessiner le plan, c'est fait.
"""
    notes_id = keep(services, notes)
    page = opened(client, path)
    assert page.select_one(f'main a[href="/capture/{notes_id}"]')
    said = [" ".join(each.text.split()) for each in page.select("blockquote")]
    assert "Aïcha les garde, et Marc a le double chez lui." in said
    assert services.store.questions.get(1).state == "open", "nothing closes by itself"
    assert f'href="{path}"' in client.get(f"/capture/{notes_id}", headers=FRENCH).text
    for key in ("question 1", "action 1"):
        send(client, path, action="close", key=key)
    assert services.store.questions.get(1).state == "answered"
    assert not services.store.asks.get(ask.id).waits, "nobody need answer any more"
    closed = services.store.follow_ups.get(1)
    assert (closed.state, closed.closed_in) == ("done", notes_id)
    assert services.store.meetings.get(meeting.id).notes_id == notes_id
    page = opened(client, path)
    assert not page.select("blockquote")
    assert len(page.select(".agenda .settled")) == 2
    send(client, path, action="close", key="question 1")  # sent twice
    send(client, path, action="notes", notes="")
    assert services.store.meetings.get(meeting.id).notes_id is None
    assert send(client, path, action="notes", notes="999").status_code == 404


def test_the_hand_over_says_who_what_is_open_what_is_at_risk_and_when(
    client: FlaskClient, services: Services
) -> None:
    services.store.questions.ask("Qui garde les *clés* du local ?", language="fr", asked_by=None)
    keep(services, NOTES)
    for day in ("7 avril 2026", "5 mai 2026", "2 juin 2026"):
        keep(services, f"# Réunion du {day}\n\nPrésent : Marc Le Goff\n\n- On range.\n")
    planned(client)
    services.store.revisions.put_many(edits("Marc Le Goff", MARC, pageid=2, ago=[3, 40, 80]))
    text = words(opened(client, "/community/hand-over"), "main")
    for told in (
        "Marc Le Goff",
        "28 jours entre deux réunions",
        "mardi",
        "Réunion de l’atelier",
        "dessiner le plan",
    ):
        assert told in text, told
    file = client.get("/community/hand-over.md", headers=FRENCH)
    assert file.mimetype == "text/markdown"
    assert "attachment" in file.headers["Content-Disposition"]
    assert file.text.startswith("# Passation\u00a0: Wiki des ateliers\n")
    assert "- Qui garde les \\*clés\\* du local ?, " in file.text
    assert "- [ ] dessiner le plan avant le 20 mars 2026, Marc" in file.text
    assert "&#" not in file.text
    assert "<" not in file.text


def newcomers(services: Services) -> None:
    """Léo has just come; Anick writes every month."""
    services.store.revisions.put_many(
        [
            *edits("Anick Roux", ANICK, pageid=1, ago=[2, 40, 75, 400]),
            *edits("Léo Guillou", LEO, pageid=3, ago=[5]),
        ]
    )


def test_a_newcomer_gets_a_contact_who_may_change_and_end(client: FlaskClient, services: Services) -> None:
    newcomers(services)
    page = opened(client, "/community/newcomers")
    assert "Léo Guillou" in words(page, "main .suggestions")
    assert [each.text.strip() for each in page.select(f"#contact-{LEO} option")] == ["Anick Roux"]
    send(client, "/community/newcomers", newcomer=str(LEO), contact=str(ANICK), action="assign")
    kept = services.store.welcomes.get(LEO)
    assert kept is not None
    assert (kept.contact_name, kept.ended_at) == ("Anick Roux", None)
    # Somebody who could not show anybody around, and somebody who is not new.
    send(client, "/community/newcomers", newcomer=str(LEO), contact="999", action="assign")
    send(client, "/community/newcomers", newcomer=str(ANICK), contact=str(ANICK), action="assign")
    assert list(services.store.welcomes.all()) == [LEO]
    assert kept == services.store.welcomes.get(LEO)
    send(client, "/community/newcomers", newcomer=str(LEO), action="end")
    assert services.store.welcomes.all() == {}
    send(client, "/community/newcomers", newcomer=str(LEO), action="called")
    assert [call for call in services.calls.all(now=datetime.now(UTC)) if call.why == "newcomer"] == []
    send(client, "/community/newcomers", newcomer="987654", action="called")
    assert list(services.store.judgements.of_kind("newcomer")) == [f"account {LEO}"], "who is no newcomer"
    assert send(client, "/community/newcomers", newcomer="x", action="end").status_code == 400
    assert send(client, "/community/newcomers", newcomer="1", action="dance").status_code == 400


def test_who_opted_out_is_neither_newcomer_nor_contact(client: FlaskClient, services: Services) -> None:
    newcomers(services)
    now = datetime.now(UTC)
    for name, number in (("Anick Roux", ANICK), ("Léo Guillou", LEO)):
        account = services.store.accounts.put(wiki_user_id=number, name=name, groups=[], told_at=now)
        services.store.wishes.put(account.id, Wish(opted_out=True))
    for path in ("/community/newcomers", "/community/thanks", "/community/hand-over", "/welcome"):
        text = client.get(path, headers=FRENCH).text
        assert "Anick" not in text, path
        assert "Léo" not in text, path


def test_a_contact_who_pauses_is_not_offered(client: FlaskClient, services: Services) -> None:
    newcomers(services)
    account = services.store.accounts.put(
        wiki_user_id=ANICK, name="Anick Roux", groups=[], told_at=datetime.now(UTC)
    )
    services.store.wishes.put(account.id, Wish(paused=True))
    assert not opened(client, "/community/newcomers").select("select[name=contact]")


def test_the_welcome_reads_what_others_build_on_in_the_readers_language_first(client: FlaskClient) -> None:
    french = [each.text for each in opened(client, "/welcome").select(".to-read a")]
    assert french[:2] == ["Accueillir un nouveau bénévole", "Soirée réparation"]
    assert len(french) <= 5
    english = soup(client.get("/welcome", headers={"Accept-Language": "en"}))
    assert english.select(".to-read a")[0].text == "Funding a workshop"
    first = english.select_one("#first-heading")
    assert first is not None
    assert first.parent is not None
    assert first.parent.select_one("a")


def test_thanks_are_for_what_was_given_once_a_person_and_not_again(
    client: FlaskClient, services: Services
) -> None:
    services.store.revisions.put_many(
        [
            *edits("Anick Roux", ANICK, pageid=1, ago=[2, 9], size=900),
            *edits("Léo Guillou", LEO, pageid=3, ago=[5], size=120),
            *edits("Marc Le Goff", MARC, pageid=2, ago=[50], size=4000),
            *edits("CiteBot", 204, pageid=2, ago=[3], size=4000),
        ]
    )
    page = opened(client, "/community/thanks")
    assert [" ".join(each.text.split()) for each in page.select("main h2")] == ["Anick Roux"]
    link = page.select_one("main a.button")
    assert link is not None
    assert str(link["href"]).endswith("title=Discussion_utilisateur:Anick_Roux&action=edit&section=new")
    revision = fields(page, "main form")["revision"]
    assert revision == str(100_000 + 1000 * ANICK + 2), "the newest"
    send(client, "/community/thanks", revision=revision, action="pass")
    page = opened(client, "/community/thanks")
    assert fields(page, "main form")["revision"] == str(100_000 + 1000 * ANICK + 9)
    send(client, "/community/thanks", revision=str(100_000 + 1000 * ANICK + 9), action="thanked")
    services.store.revisions.put_many(edits("Anick Roux", ANICK, pageid=1, ago=[1], size=2000))
    assert not opened(client, "/community/thanks").select("main h2"), "not again for a month"
    later = datetime.now(UTC) + timedelta(days=29, hours=1)
    assert [each.person.name for each in services.thanks.prompts(now=later)] == []
    services.store.revisions.put_many(edits("Anick Roux", ANICK, pageid=1, ago=[0], size=3000))
    later = datetime.now(UTC) + timedelta(days=29, hours=23)
    assert [each.person.name for each in services.thanks.prompts(now=later)] == []


def test_with_the_extension_the_link_leads_to_its_own_page(client: FlaskClient, services: Services) -> None:
    services.store.site.put(replace(SITE, extensions=("Thanks",)), source="http://wiki.invalid/w/api.php")
    services.store.revisions.put_many(edits("Anick Roux", ANICK, pageid=1, ago=[2], size=900))
    link = opened(client, "/community/thanks").select_one("main a.button")
    assert link is not None
    assert link["href"] == f"http://wiki.invalid/wiki/Special:Thanks/{100_000 + 1000 * ANICK + 2}"


def test_what_was_taken_back_is_no_gift(services: Services) -> None:
    now = datetime.now(UTC)
    first, vandal, back = (
        Revision(
            revid=5000 + place,
            pageid=3,
            parent_revid=4999 + place if place else None,
            timestamp=now - timedelta(days=10 - place),
            user=user,
            user_id=number,
            size=size,
            sha1=sha1,
        )
        for place, (user, number, size, sha1) in enumerate(
            [
                ("Anick Roux", ANICK, 500, "a"),
                ("Léo Guillou", LEO, 9_000, "b"),
                ("Anick Roux", ANICK, 500, "a"),
            ]
        )
    )
    services.store.revisions.put_many([first, vandal, back])
    assert [each.revid for each in services.thanks.prompts(now=now)] == [first.revid]
    # Who may not read a page is not told which edits it has.
    nothing = ReadableWhere(lambda _: False)
    assert not services.thanks.judge(first.revid, "pass", judged_by=None, readable=nothing)
    assert services.store.judgements.of_kind("thanks") == {}
    assert services.thanks.prompts(now=now, asking=ANICK) == []
    marked = replace(first, tags=("mw-reverted",))
    services.store.revisions.put_many([marked])
    assert services.thanks.prompts(now=now) == []
