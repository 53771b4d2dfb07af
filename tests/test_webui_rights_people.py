"""Two people on a private wiki: whatever is asked, who may not read a page is told nothing of it."""

import html
import json
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, unquote, unquote_plus

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from capture.notes import read_notes
from community.model import AgendaItem, Evidence
from connector.store.meetings import PlannedMeeting
from search.gardening import KINDS
from tests.conftest import WikiTemplates
from tests.private_ground import (
    MEMBER,
    OPEN,
    RESERVE,
    SECRETS,
    STAFF,
    VAULT,
    PrivateGround,
    private_ground,
)
from webui.app import create_app
from webui.rights.rights import KEPT_SECONDS, AskedWiki

pytestmark = [pytest.mark.model, pytest.mark.wiki]

ABSENT = 99_999
ABSENT_TITLE = "Page que personne n’a écrite"
# Words of the hidden pages that are no secrets: what is asked stands in the answer.
ABOUT_THE_VAULT = "Où garder les dons en espèces qui traînent dans une boîte en fer ?"
NOTES = """# Réunion du 3 mars 2026

Présents : Aïcha Benali, Marc Le Goff

## Garder les dons

Problème : les dons en espèces de la soirée réparation traînent dans une boîte en fer.

Solution : deux personnes comptent les dons, et le tournevis reste à côté de l'établi.

## Actions

- [ ] Marc : acheter une boîte avant le 20 mars 2026
"""
# GET routes, by endpoint: what is asked. A new route needs a row; name there whatever a page can be told by.
ASKED: Mapping[str, Sequence[str]] = {
    "api.community": ["/api/v1/community", "/api/v1/community?months=60&since=2020-01-01"],
    "api.contradictions": ["/api/v1/contradictions?top_k=100"],
    "api.digest": ["/api/v1/digest"],
    "api.digest_wish": ["/api/v1/me/digest"],
    "api.experts": [f"/api/v1/experts?q={quote(ABOUT_THE_VAULT)}", "/api/v1/experts?q=dons"],
    "api.facets": ["/api/v1/facets"],
    "api.follow_ups": ["/api/v1/follow-ups"],
    "api.gardening": [f"/api/v1/gardening?kind={kind}&top_k=100" for kind in KINDS],
    "api.hand_over": ["/api/v1/hand-over"],
    "api.health": ["/api/v1/health"],
    "api.job": ["/api/v1/jobs/{job}"],
    "api.links": ["/api/v1/links?title=Atelier", "/api/v1/links?title=Soirée réparation"],
    "api.links_of_page": ["/api/v1/pages/{open}/links", "/api/v1/pages/{hidden}/links"],
    "api.meeting": ["/api/v1/meetings/{meeting}"],
    "api.meetings": ["/api/v1/meetings"],
    "api.map": ["/api/v1/map"],
    "api.newcomers": ["/api/v1/newcomers"],
    "api.openapi": ["/api/v1/openapi.json"],
    "api.practice": ["/api/v1/practices/{practice}", "/api/v1/practices/{hidden}"],
    "api.practice_life": ["/api/v1/practices/{practice}/life", "/api/v1/practices/{hidden}/life"],
    "api.practice_steps": ["/api/v1/community/practices"],
    "api.question_people": ["/api/v1/questions/{question}/people", "/api/v1/questions/{unanswered}/people"],
    "api.questions": ["/api/v1/questions", "/api/v1/questions?state=answered"],
    "api.ready": ["/api/v1/ready"],
    "api.related": ["/api/v1/pages/{open}/related?top_k=100", "/api/v1/pages/{hidden}/related"],
    "api.search": [
        f"/api/v1/search?q={quote(ABOUT_THE_VAULT)}&answer=1&top_k=100",
        "/api/v1/search?q=soirée réparation&top_k=100",
        "/api/v1/search?q=cofre&top_k=100",  # a slip that only a hidden word corrects
    ],
    "api.settled": ["/api/v1/meetings/{meeting}/settled"],
    "api.thanks": ["/api/v1/thanks"],
    "api.titles": [f"/api/v1/titles?q={typed}&top_k=100" for typed in ("co", "r", "cai", "t")],
    "api.topics": [
        "/api/v1/topics?top_k=100",
        "/api/v1/topics?person=Maëlle",
        f"/api/v1/topics?person={quote(STAFF)}&top_k=100",
    ],
    "api.welcome": ["/api/v1/welcome"],
    "api.twin": ["/api/v1/twins/{open}/{practice}"],
    "api.twins": ["/api/v1/twins?top_k=100"],
    "feeds.feed": [f"/feeds/{name}.atom" for name in ("questions", "practices", "suggestions")],
    "feeds.feeds": ["/feeds"],
    "metrics": ["/metrics"],
    "pages.about": ["/about"],
    "pages.api": ["/api"],
    "pages.answer": [f"/answer?q={quote(ABOUT_THE_VAULT)}"],
    "pages.capture": ["/capture"],
    "pages.community": ["/community", "/community?months=36&since=2020-01-01"],
    "pages.community_changes": ["/community/changes?since=2020-01-01"],
    "pages.community_meeting": ["/community/meetings/{meeting}"],
    "pages.community_meetings": ["/community/meetings"],
    "pages.community_newcomers": ["/community/newcomers"],
    "pages.community_practices": ["/community/practices"],
    "pages.community_thanks": ["/community/thanks"],
    "pages.confirm_question": ["/questions/ask?q=dons"],
    "pages.confirm_digest": ["/digest/confirm?key=abc"],
    "pages.digest": ["/digest"],
    "pages.contradictions": ["/community/contradictions"],
    "pages.draft": ["/drafts/{draft}"],
    "pages.drafts": ["/drafts"],
    "pages.erase_me": ["/me/erase"],
    "pages.follow_ups": ["/follow-ups", "/follow-ups?by=owner", "/follow-ups?by=meeting"],
    "pages.gardening": [f"/gardening?kind={kind}" for kind in KINDS],
    "pages.hand_over": ["/community/hand-over"],
    "pages.hand_over_file": ["/community/hand-over.md"],
    "pages.health": ["/health"],
    "pages.links": ["/links", "/links?title=Atelier", "/links?pageid={hidden}", "/links?title=co"],
    "pages.map_topic": ["/map/{open}", "/map/{hidden}"],
    "pages.me": ["/me"],
    "pages.meeting_agenda": [
        f"/community/meetings/{{meeting}}/agenda?format={each}" for each in ("wikitext", "markdown")
    ],
    "pages.my_data": ["/me/data.json"],
    "pages.notes": ["/capture/{notes}"],
    "pages.oauth_begin": ["/sign-in/wiki"],
    "pages.oauth_return": ["/sign-in/return"],
    "pages.practice": ["/practices/{practice}", "/practices/{hidden}"],
    "pages.progress": ["/capture/{notes}/progress"],
    "pages.question": ["/questions/{question}", "/questions/{unanswered}"],
    "pages.questions": ["/questions", "/questions?state=answered"],
    "pages.questions_page": ["/questions/wiki-page"],
    "pages.related": ["/related?pageid={open}", "/related?pageid={hidden}"],
    "pages.search": [
        "/",
        "/?q=soirée réparation&top_k=100",
        f"/?q={quote(ABOUT_THE_VAULT)}",
        "/?q=cofre",
        "/?q=dons&practices_only=1",
    ],
    "pages.sign_in": ["/sign-in"],
    "pages.stop_digest": ["/digest/stop?key=abc"],
    "pages.tokens": ["/me/tokens"],
    "pages.topic_map": ["/map"],
    "pages.twin": ["/community/twins/{open}/{practice}"],
    "pages.twins": ["/community/twins"],
    "pages.try_api": ["/try-api/api.search?q=dons"],
    "pages.welcome": ["/welcome"],
}
# Asked by the wiki with a claim, or as nobody, by pages of the wiki: their own tests say who sees what.
ASKED_BY_THE_WIKI = {"gadget_api.box", "wiki_api.box", "wiki_api.search"}
OPEN_TO_ALL = {
    "api.openapi",
    "api.ready",
    "pages.about",
    "pages.confirm_digest",
    "pages.health",
    "pages.oauth_begin",
    "pages.oauth_return",
    "pages.sign_in",
    "pages.stop_digest",
}
"""What visitors of a private wiki are answered; of the others they are asked to sign in."""


@dataclass(frozen=True)
class Kept:
    """What the notes became."""

    notes: int
    draft: int
    job: int
    question: int
    unanswered: int
    meeting: int


@pytest.fixture(scope="module")
def ground(
    wiki_templates: WikiTemplates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PrivateGround]:
    wiki = wiki_templates.get("fr").copy(tmp_path_factory.mktemp("wiki") / "copy")
    folder = tmp_path_factory.mktemp("service")
    with private_ground(wiki, folder) as ground:
        yield ground
    wiki.discard()
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def kept(ground: PrivateGround) -> Kept:
    """Notes, read by somebody who may read all; a question that a hidden page answers."""
    services = ground.services
    notes = read_notes(NOTES)
    result = services.capture.capture(notes)
    assert VAULT in [near.title for draft in result.drafts for near in draft.similar]
    job = services.store.capture_jobs.submit(services.desk.add_notes(notes), actor=STAFF)
    assert services.store.capture_jobs.begin(job.id) is not None
    services.desk.add(result, notes, actor=STAFF, job_id=job.id)
    [draft] = services.desk.list()
    asked, _ = services.store.questions.ask("Qui compte les dons ?", language="fr", asked_by=None)
    services.store.questions.close(
        asked.id, state="answered", closed_by=None, answer_pageid=ground.pageid(VAULT)
    )
    unanswered, _ = services.store.questions.ask(ABOUT_THE_VAULT, language="fr", asked_by=None)
    return Kept(
        notes=job.notes_id,
        draft=draft.id,
        job=job.id,
        question=asked.id,
        unanswered=unanswered.id,
        meeting=plan_a_meeting(ground),
    )


def plan_a_meeting(ground: PrivateGround) -> int:
    """Plan one that is to talk about hidden pages, too, and return its number."""
    planned = PlannedMeeting(
        planned_on=datetime.now(UTC).date() + timedelta(days=7),
        title="Réunion de l’atelier",
        minutes=60,
        language="fr",
    )
    meeting = ground.services.store.meetings.plan(planned, created_by=None)
    vault, tools = ground.pageid(VAULT), ground.pageid("Ranger les outils")
    hidden = Evidence(kind="page", id=vault, label=VAULT)
    items = [
        AgendaItem(kind="promotion", key=f"promotion {vault} adopted", title=VAULT, minutes=5, weight=1),
        AgendaItem(kind="contradiction", key=f"contradiction {tools}+{vault}", title="", minutes=5, weight=1),
        AgendaItem(kind="stale", key=f"stale {tools}", title="", minutes=5, weight=1),
        AgendaItem(
            kind="unwritten",
            key="unwritten page Caisse secrète",
            title="Caisse secrète",
            minutes=5,
            weight=1,
            evidence=(hidden,),
        ),
    ]
    ground.services.agendas.add(meeting.id, items)
    return meeting.id


@pytest.fixture
def client(ground: PrivateGround) -> FlaskClient:
    return create_app(ground.services).test_client()


def ask(client: FlaskClient, path: str, who: str | None) -> TestResponse:
    headers = {} if who is None else {"X-Remote-User": who.encode().decode("latin-1")}
    return client.get(path, headers=headers)


def told(reply: TestResponse) -> str:
    """What an answer says, however it is written, in small letters."""
    if reply.is_json:
        return json.dumps(reply.json, ensure_ascii=False).casefold()
    parts = [reply.get_data(as_text=True), reply.headers.get("Location", "")]
    return unquote_plus(html.unescape(" ".join(parts))).replace("_", " ").casefold()


def filled(path: str, ground: PrivateGround, kept: Kept, *, hidden: int | None = None) -> str:
    return path.format(
        open=ground.pageid("Soirée réparation"),
        practice=ground.pageid("Ranger les outils"),
        hidden=ground.pageid(VAULT) if hidden is None else hidden,
        **vars(kept),
    )


def get_endpoints(client: FlaskClient) -> set[str]:
    rules = client.application.url_map.iter_rules()
    return {rule.endpoint for rule in rules if "GET" in (rule.methods or ())} - {"static"}


def test_every_route_is_asked(client: FlaskClient) -> None:
    known = ASKED.keys() | ASKED_BY_THE_WIKI
    assert get_endpoints(client) - known == set(), "give each new route a row in ASKED"
    assert known - get_endpoints(client) == set()


@pytest.mark.parametrize("endpoint", sorted(ASKED))
def test_who_may_not_read_a_page_is_told_nothing_of_it(
    endpoint: str, client: FlaskClient, ground: PrivateGround, kept: Kept
) -> None:
    for path in ASKED[endpoint]:
        reply = ask(client, filled(path, ground, kept), MEMBER)
        assert reply.status_code < 500, path
        said = told(reply)
        assert [word for word in SECRETS if word in said] == [], path
        assert not re.search(rf"pageid[=\"': ]+{ground.pageid(RESERVE)}\b", said), path


def test_a_hidden_page_is_as_one_that_is_not_there(
    client: FlaskClient, ground: PrivateGround, kept: Kept
) -> None:
    number = ground.pageid(VAULT)
    for path in (path for paths in ASKED.values() for path in paths if "{hidden}" in path):
        hidden, absent = (
            ask(client, filled(path, ground, kept, hidden=each), MEMBER) for each in (number, ABSENT)
        )
        assert hidden.status_code == absent.status_code == 404, path
        assert without_number(hidden, number) == without_number(absent, ABSENT), path
        assert ask(client, filled(path, ground, kept), STAFF).status_code == 200, path
    by_title = ("/links?title={}", "/api/v1/links?title={}", "/api/v1/topics?topic={}")
    for path in by_title:
        for title in (VAULT, "Caisse secrète", "Trésorerie"):
            hidden, absent = (ask(client, path.format(quote(each)), MEMBER) for each in (title, ABSENT_TITLE))
            assert hidden.status_code == absent.status_code == 404, (path, title)
            assert shape_of(hidden, title) == shape_of(absent, ABSENT_TITLE), (path, title)


def without_number(reply: TestResponse, number: int) -> str:
    text = re.sub(r'(csrf[^>]*(value|content)=)"[^"]*"', r"\1", reply.get_data(as_text=True))
    return re.sub(rf"(?<![\w-]){number}(?!\w)", "N", text)


def shape_of(reply: TestResponse, title: str) -> str:
    text = re.sub(r'(csrf[^>]*(value|content)=)"[^"]*"', r"\1", told(reply))
    return text.replace(title.casefold(), "T")


def test_who_may_read_all_is_told_all(client: FlaskClient, ground: PrivateGround, kept: Kept) -> None:
    for endpoint in (
        "api.community",
        "api.experts",
        "api.gardening",
        "api.contradictions",
        "api.job",
        "api.map",
        "api.related",
        "api.search",
        "api.titles",
        "api.topics",
        "pages.community",
        "pages.community_changes",
        "pages.community_meeting",
        "pages.contradictions",
        "pages.draft",
        "pages.gardening",
        "pages.map_topic",
        "pages.practice",
        "pages.question",
        "pages.search",
        "pages.topic_map",
    ):
        said = " ".join(told(ask(client, filled(path, ground, kept), STAFF)) for path in ASKED[endpoint])
        assert any(word in said for word in SECRETS), endpoint


def test_counts_are_of_what_may_be_read(client: FlaskClient) -> None:
    def read(path: str, who: str) -> Any:
        reply = ask(client, path, who)
        assert reply.status_code == 200, reply.text
        return reply.json

    orphans = {who: read("/api/v1/gardening?kind=orphans&top_k=100", who) for who in (STAFF, MEMBER)}
    assert orphans[MEMBER]["counts"]["orphans"] == len(orphans[MEMBER]["pages"])
    assert orphans[MEMBER]["counts"]["orphans"] < orphans[STAFF]["counts"]["orphans"]
    topics = {each["name"] for each in read("/api/v1/topics?top_k=100", MEMBER)["topics"]}
    assert topics < {each["name"] for each in read("/api/v1/topics?top_k=100", STAFF)["topics"]}
    found = {who: read(f"/api/v1/search?q={quote(ABOUT_THE_VAULT)}", who) for who in (STAFF, MEMBER)}
    assert found[STAFF]["answerable"]
    assert not found[MEMBER]["answerable"], "that there is an answer would tell of the page"


def test_a_text_is_offered_links_to_what_its_writer_may_read(
    client: FlaskClient, ground: PrivateGround
) -> None:
    def links(who: str, **body: object) -> TestResponse:
        account = ground.account(who)
        secret = ground.services.store.access_tokens.make(
            account.id, label="test", now=datetime.now(UTC), expires_at=None
        )
        text = "Le coffre des dons est ouvert après la soirée réparation."
        return client.post(
            "/api/v1/links", json={"wikitext": text, **body}, headers={"Authorization": f"Bearer {secret}"}
        )

    assert VAULT in [each["link_target"] for each in links(STAFF).json["suggestions"]]  # type: ignore[index]
    reply = links(MEMBER)
    targets = [each["link_target"] for each in reply.json["suggestions"]]  # type: ignore[index]
    assert "Soirée réparation" in targets
    assert VAULT not in targets
    hidden, absent = links(MEMBER, pageid=ground.pageid(VAULT)), links(MEMBER, pageid=ABSENT)
    assert hidden.status_code == absent.status_code == 404
    assert links(MEMBER, title=VAULT).json["pageid"] == 0, "as for a page that is still to be written"  # type: ignore[index]


def test_visitors_of_a_private_wiki_are_told_nothing(
    client: FlaskClient, ground: PrivateGround, kept: Kept
) -> None:
    site = ground.services.site()
    assert site is not None
    names = [site.name.casefold(), *(title.casefold() for title in OPEN), *SECRETS]
    for endpoint, paths in ASKED.items():
        for path in paths:
            reply = ask(client, filled(path, ground, kept), None)
            said, asked = told(reply), unquote(path).casefold()
            if endpoint != "api.openapi":  # its examples are of no wiki
                told_names = [name for name in names if name in said.replace(asked, "") and name not in asked]
                assert told_names == [], path
            if endpoint in OPEN_TO_ALL or endpoint == "metrics":
                continue
            if path.startswith("/api/") or endpoint == "feeds.feed":
                assert reply.status_code == 401, path
            else:
                assert reply.status_code == 302, path
                assert reply.headers["Location"].startswith("/sign-in"), path


def test_nothing_is_kept_in_a_cache(client: FlaskClient, ground: PrivateGround, kept: Kept) -> None:
    for paths in ASKED.values():
        reply = ask(client, filled(paths[0], ground, kept), MEMBER)
        assert reply.headers["Cache-Control"] == "no-store", paths[0]


def test_a_right_that_is_taken_away_is_gone_within_a_minute(
    client: FlaskClient, ground: PrivateGround
) -> None:
    services = ground.services
    moment = [1_000.0]
    rights = services.rights
    services.__dict__["rights"] = services.make_rights(monotonic=lambda: moment[0])
    path = f"/api/v1/pages/{ground.pageid(VAULT)}/related"
    try:
        assert ask(client, path, STAFF).status_code == 200
        ground.put_in_groups(STAFF, "coordinator")
        moment[0] += KEPT_SECONDS - 1
        assert ask(client, path, STAFF).status_code == 200, "remembered"
        moment[0] += 2
        assert KEPT_SECONDS + 1 < 60
        assert ask(client, path, STAFF).status_code == 404
    finally:
        ground.put_in_groups(STAFF, "coordinator", "staff")
        services.__dict__["rights"] = rights


def test_a_wiki_that_is_away_shows_nothing(client: FlaskClient, ground: PrivateGround, kept: Kept) -> None:
    services = ground.services
    rights = services.rights
    del services.__dict__["rights"]
    ground.account(STAFF)  # who they are is known
    ground.wiki.stop()
    try:
        for endpoint in ("pages.search", "api.search", "api.titles", "api.topics", "pages.gardening"):
            for path in ASKED[endpoint]:
                reply = ask(client, filled(path, ground, kept), STAFF)
                assert reply.status_code in (200, 302), path
                said = told(reply).replace(unquote(path).casefold(), "")
                names = [title.casefold() for title in OPEN if title.casefold() not in unquote(path)]
                assert [name for name in (*names, *SECRETS) if name in said] == [], path
        assert ask(client, filled("/api/v1/pages/{open}/related", ground, kept), STAFF).status_code == 404
    finally:
        ground.wiki.start()
        services.__dict__["rights"] = rights


def test_a_search_asks_the_wiki_few_times(client: FlaskClient, ground: PrivateGround) -> None:
    services = ground.services
    rights = services.rights
    del services.__dict__["rights"]
    readable = services.rights.of_account(ground.account(MEMBER))
    assert isinstance(readable, AskedWiki)

    def asked() -> int:
        log = ground.wiki.log_path.read_text(encoding="utf-8", errors="replace")
        return log.count("POST /rest.php/compagnon/v0/readable")

    before = asked()
    assert ask(client, "/api/v1/search?q=soirée réparation", MEMBER).status_code == 200
    assert 1 <= asked() - before <= 3
    between = asked()
    assert ask(client, "/api/v1/search?q=soirée réparation", MEMBER).status_code == 200
    assert asked() == between, "remembered"
    services.__dict__["rights"] = rights
