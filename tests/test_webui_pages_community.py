"""The coordinator's page: five answers with their proof, in both languages, of what may be read; its API."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema
import pytest
from flask.testing import FlaskClient

from connector.model import Namespace, PageLinks, Revision
from connector.store.follow_ups import NewFollowUp
from connector.store.wishes import Wish
from tests.builders import HashingEmbedder, ReadableWhere
from tests.community import SITE, empty_community, hashed_community
from tests.review_forms import soup, words
from tests.store_on_postgresql import copied_data
from webui.app import create_app
from webui.bootstrap import Services
from webui.pages.community import SPANS

SCHEMA = json.loads(
    (Path(__file__).parent.parent / "webui" / "api" / "schemas" / "community.json").read_text("utf-8")
)
NOW = datetime.now(UTC)
INES, MARC, LEO = 105, 102, 301


def edits(user: str, user_id: int, *, pageid: int, ago: list[int]) -> list[Revision]:
    return [
        Revision(
            revid=1_000_000 + 10_000 * user_id + 100 * pageid + day,
            pageid=pageid,
            timestamp=NOW - timedelta(days=day),
            user=user,
            user_id=user_id,
            size=400 + day,
            sha1=f"{user_id}{day}",
        )
        for day in ago
    ]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with something for each of the five questions, for each test to have a copy of."""
    folder = tmp_path_factory.mktemp("prepared") / "data"
    services = hashed_community(folder)
    store = services.store
    talk = {3: Namespace(id=3, name="Discussion utilisateur", canonical="User talk")}
    store.site.put(
        replace(SITE, namespaces={**SITE.namespaces, **talk}), source="http://wiki.invalid/api.php"
    )
    store.revisions.put_many(
        [
            *edits("Inès Caradec", INES, pageid=5, ago=[1, 2, 3, 40, 41, 42]),
            *edits("Marc Le Goff", MARC, pageid=2, ago=[150, 190, 230, 270]),
            *edits("Léo Tanguy", LEO, pageid=7, ago=[4]),
        ]
    )
    wanted = PageLinks(pageid=7, links=("Charte de l’atelier",))
    store.links.put_many([wanted, replace(wanted, pageid=8)])
    store.questions.ask("Qui garde les clés du local ?", language="fr", asked_by=None)
    notes = store.notes.add(sha256="b" * 64, filename="n.md", media_type="text/markdown", original=b"#")
    store.notes.keep_capture(
        notes,
        title="Réunion de l’atelier",
        met_on=(NOW - timedelta(days=10)).date(),
        summary="{}",
        drafts=[],
        follow_ups=[
            NewFollowUp(
                kind="action",
                text="Dessiner le plan",
                owner="Marc Le Goff",
                due=(NOW - timedelta(days=3)).date(),
                lines=(1,),
            )
        ],
        actor="a test",
    )
    services.close()
    return folder


def opened(prepared: Path, folder: Path) -> Services:
    services = empty_community(copied_data(prepared, folder))
    services.__dict__["embedder"] = HashingEmbedder()
    return services


@pytest.fixture(scope="module")
def services(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Services that no test changes anything of."""
    services = opened(prepared, tmp_path_factory.mktemp("read") / "data")
    yield services
    services.close()


@pytest.fixture(scope="module")
def client(services: Services) -> FlaskClient:
    return create_app(services).test_client()


def page(client: FlaskClient, path: str = "/community", *, language: str = "fr") -> str:
    answer = client.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def test_each_question_is_answered_and_leads_to_its_proof(client: FlaskClient) -> None:
    seen = soup(client.get("/community", headers={"Accept-Language": "fr"}))
    asked = seen.select_one("#meeting")
    assert asked is not None
    links = {link.text: str(link["href"]) for link in asked.select(".items .name a")}
    assert links["Qui garde les clés du local ?"] == "/questions/1"
    assert links["Dessiner le plan"] == "/follow-ups#F1"
    assert "3 jours de retard" in words(seen, "#meeting .item.action")
    assert "Charte de l’atelier" in asked.text
    calls = seen.select_one("#calls")
    assert calls is not None
    assert {link.text for link in calls.select(".people > li > .name a")} == {"Léo Tanguy", "Marc Le Goff"}
    assert "Discussion_utilisateur:L%C3%A9o_Tanguy" in str(calls)
    moved = seen.select_one("#moved")
    assert moved is not None
    assert "Réunion de l’atelier" in moved.text
    proofs = [link.text for link in moved.select("details.figure a")]
    assert proofs == ["Atelier", "Fiche de suivi", "Qui garde les clés du local ?", "Léo Tanguy"]
    load = seen.select_one("#load")
    assert load is not None
    assert "/community/changes?since=" in str(load.select_one("table a"))
    assert [each["id"] for each in seen.select("svg [id$=-title]")] == [
        "depth-title",
        "edits-title",
        "people-title",
        "shares-title",
    ]


def test_pictures_say_in_a_table_what_they_draw(client: FlaskClient, services: Services) -> None:
    seen = soup(client.get("/community?months=6"))
    load = services.loads.over(months=6, now=datetime.now(UTC))
    table = seen.select_one("#load table")
    assert table is not None
    rows = [[cell.text.strip() for cell in row.select("th, td")][1:] for row in table.select("tbody tr")]
    assert rows == [[str(edits), str(people)] for _, edits, people in reversed(load.by_month)]
    bars = seen.select("#load svg:first-of-type rect.bar")
    assert len(bars) >= sum(edits > 0 for _, edits, _ in load.by_month)
    for picture in seen.select("svg.picture"):
        title, described = str(picture["aria-labelledby"]).split()
        assert words(seen, f"#{title}")
        assert words(seen, f"#{described}")


def test_the_page_speaks_french_and_english(client: FlaskClient) -> None:
    assert "De quoi parler à la prochaine réunion\N{NO-BREAK SPACE}?" in page(client)
    assert "What should the next meeting talk about?" in page(client, language="en")


def test_nothing_is_styled_or_scripted_inside_the_page(client: FlaskClient) -> None:
    seen = soup(client.get("/community"))
    assert not seen.select("[style], script:not([src]), style")


@pytest.mark.parametrize("span", SPANS)
def test_the_load_has_the_span_that_is_asked_for(client: FlaskClient, span: str) -> None:
    seen = soup(client.get(f"/community?months={span}", headers={"Accept-Language": "en"}))
    assert words(seen, "#load [aria-current]") == f"{span} months"
    assert len(seen.select("#load table")[0].select("tbody tr")) == int(span)


@pytest.mark.parametrize(
    "query",
    ["months=7", "months=x", "since=hier", "since=1999-12-31", "since=2026-02-30", "since=2098-01-01"],
)
def test_what_cannot_be_meant_is_refused(client: FlaskClient, query: str) -> None:
    assert client.get(f"/community?{query}").status_code == 400


def test_what_moved_can_be_told_since_another_day(client: FlaskClient) -> None:
    day = (NOW - timedelta(days=2)).date()
    seen = soup(client.get(f"/community?since={day}"))
    moved = seen.select_one("#moved")
    assert moved is not None
    assert [link.text for link in moved.select("details")[0].select("a")] == ["Atelier"]
    assert moved.select("input[name=since]")[0]["value"] == day.isoformat()


def test_a_month_leads_to_its_pages_with_their_edits(client: FlaskClient) -> None:
    since, until = ((NOW - timedelta(days=ago)).date() for ago in (50, 30))
    seen = soup(
        client.get(f"/community/changes?since={since}&until={until}", headers={"Accept-Language": "en"})
    )
    assert [link.text for link in seen.select(".changes .name a")] == ["Atelier"]
    assert "3 edits" in words(seen, ".changes .meta")
    assert "action=history" in str(seen.select_one(".changes .meta a"))
    assert "diff=" in str(seen.select(".changes .meta a")[1])
    assert client.get(f"/community/changes?since={until}&until={since}").status_code == 400
    assert "No content page" in page(
        client, "/community/changes?since=2001-01-01&until=2001-02-01", language="en"
    )


def test_who_opts_out_is_on_no_page_and_in_no_figure(prepared: Path, tmp_path: Path) -> None:
    services = opened(prepared, tmp_path / "data")
    client = create_app(services).test_client()
    whole = client.get("/api/v1/community").json
    assert whole is not None
    account = services.store.accounts.put(
        wiki_user_id=INES, name="Inès Caradec", groups=("user",), told_at=datetime.now(UTC)
    )
    assert "Inès Caradec" in page(client)
    services.store.wishes.put(account.id, Wish(opted_out=True))
    assert "Caradec" not in page(client)
    assert "Caradec" not in page(client, "/community/changes")
    less = client.get("/api/v1/community").json
    assert less is not None
    assert "Caradec" not in json.dumps(less, ensure_ascii=False)
    assert less["load"]["contributions"] < whole["load"]["contributions"]
    assert [each["label"] for each in less["since"]["changed_pages"]] == ["Fiche de suivi"]
    services.close()


def test_programs_get_the_same_answers(client: FlaskClient, services: Services) -> None:
    answer = client.get("/api/v1/community?months=3&since=2026-01-01").json
    jsonschema.validate(answer, SCHEMA)
    assert answer is not None
    assert {"question 1", "action 1"} <= {item["key"] for item in answer["next_meeting"]}
    assert len(answer["load"]["by_month"]) == 3
    assert answer["load"]["own_share"] is None
    load = services.loads.over(months=3, now=datetime.now(UTC))
    assert answer["load"]["contributions"] == load.contributions
    assert {call["why"] for call in answer["calls"]} == {"newcomer", "quiet"}
    for query in ("months=0", "months=61", "since=2026-13-01", "since=2026-02-30"):
        assert client.get(f"/api/v1/community?{query}").status_code == 400


def test_a_reader_is_told_of_what_they_may_read_alone(services: Services) -> None:
    now = datetime.now(UTC)
    whole = services.overviews.of(now=now)
    some = services.overviews.of(now=now, readable=ReadableWhere(lambda page: page.pageid not in (5, 7)))
    assert "Atelier" in str(whole.since)
    for hidden in ("Atelier", "Fiche de suivi", "Léo Tanguy", "Charte"):
        assert hidden not in [each.label for each in (*some.since.changed_pages, *some.since.newcomers)]
        assert hidden not in [item.title for item in some.items]
    assert some.load.contributions < whole.load.contributions
    assert "Léo Tanguy" not in str(some.calls)


def test_whoever_asks_sees_their_own_part(services: Services) -> None:
    now = datetime.now(UTC)
    own = services.overviews.of(now=now, user_id=INES).own_share
    load = services.loads.over(months=12, now=now)
    assert own is not None
    assert 0 < own <= max(load.shares)
    assert services.overviews.of(now=now, user_id=999_999).own_share == 0


def test_a_community_that_has_nothing_yet_says_so(tmp_path: Path) -> None:
    services = empty_community(tmp_path / "empty")
    services.__dict__["embedder"] = HashingEmbedder()
    services.warm_community()
    client = create_app(services).test_client()
    assert client.get("/community").status_code == 503
    services.store.site.put(SITE, source="http://wiki.invalid/w/api.php")
    services.update_index()
    services.warm_community()
    seen = page(client, language="en")
    for words_ in ("Nothing waits", "Nobody:", "No topics are known yet", "Nobody has edited anything"):
        assert words_ in seen
    services.close()


def test_what_takes_long_is_worked_out_before_anybody_asks(services: Services) -> None:
    asked = 0

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > 1

    services.overviews.warm_up(now=datetime.now(UTC), stop=stop)
    assert asked == 2
    services.warm_community()
    kept = services.activity.accounts(now=datetime.now(UTC))
    services.overviews.of(now=datetime.now(UTC))
    assert services.activity.accounts(now=datetime.now(UTC)) is kept


def test_who_was_called_is_not_listed_until_they_fall_silent_again(prepared: Path, tmp_path: Path) -> None:
    services = opened(prepared, tmp_path / "data")
    app = create_app(services)
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    for why, person, name in (("quiet", MARC, "Marc Le Goff"), ("newcomer", LEO, "Léo Tanguy")):
        assert name in words(soup(client.get("/community")), "#calls")
        answer = client.post("/community/calls", data={"why": why, "person": str(person)})
        assert (answer.status_code, answer.location) == (303, "/community#calls")
        assert name not in words(soup(client.get("/community")), "#calls")
    assert services.store.judgements.get("quiet", f"account {MARC}") is not None
    for wrong in ({"why": "quiet"}, {"why": "loud", "person": "1"}, {"why": "quiet", "person": "-1"}):
        assert client.post("/community/calls", data=wrong).status_code == 400, wrong
    # Nothing is kept of somebody who is not listed.
    client.post("/community/calls", data={"why": "quiet", "person": str(INES)})
    assert services.store.judgements.get("quiet", f"account {INES}") is None
    services.close()
