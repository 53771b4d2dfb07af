"""The API for the wiki's gadget: the wiki's own pages only, about what anybody may read now."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from connector.errors import WikiUnavailableError
from tests.asked_wiki import ALL, AskedWiki, asked
from tests.community import SITE, answers_on_a_talk_page, small_community
from webui.api.gadget_routes import LONGEST_BODY_BYTES, is_origin_of
from webui.app import create_app
from webui.bootstrap import Services
from webui.config import Config
from webui.rights.asked_pages import AskedPages

__all__ = ["asked"]  # a fixture

SCHEMAS = Path(__file__).resolve().parent.parent / "webui" / "api" / "schemas"
ROOT = "/api/v1/gadget"
ORIGIN = "http://wiki.invalid"
TEXT = "Avant la soirée réparation, remplir la fiche de suivi."


@pytest.fixture(scope="module")
def community(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    services = small_community(tmp_path_factory.mktemp("community"))
    values = {**services.config.values, "wiki.api_url": f"{ORIGIN}/w/api.php", "web.sign_in": "off"}
    services.config = Config(services.config.folder, values)
    yield services
    services.close()


@pytest.fixture
def services(community: Services, asked: AskedWiki) -> Services:
    community.__dict__["public_pages"] = AskedPages(asked)
    return community


@pytest.fixture
def client(services: Services) -> FlaskClient:
    return create_app(services).test_client()


def box(
    client: FlaskClient, pageid: int = 5, *, origin: str | None = ORIGIN, fetch_site: str | None = None
) -> TestResponse:
    given = {"Origin": origin, "Sec-Fetch-Site": fetch_site}
    sent = {name: value for name, value in given.items() if value is not None}
    return client.get(f"{ROOT}/box?pageid={pageid}", headers=sent)


def links(client: FlaskClient, **changes: object) -> TestResponse:
    body = {"pageid": 5, "revid": 1005, "title": "Atelier", "wikitext": TEXT, **changes}
    return client.post(f"{ROOT}/links", json=body, headers={"Origin": ORIGIN})


def named(reply: TestResponse) -> set[int]:
    """Return the pages that an answer names, its own left out."""
    assert reply.status_code == 200
    shape: Any = reply.json
    found = {each["pageid"] for each in (*shape.get("related", ()), *shape.get("see_also", ()))}
    found |= {each["target_pageid"] for each in shape.get("suggestions", ())}
    return found | {page["pageid"] for person in shape.get("people", ()) for page in person["pages"]}


# Who is answered


def test_scripts_of_the_wiki_may_read_the_answer_and_no_cookie_comes_along(client: FlaskClient) -> None:
    client.set_cookie("compagnon", "x")
    reply = box(client)
    assert reply.status_code == 200
    assert reply.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Origin" in reply.headers["Vary"]
    assert "Access-Control-Allow-Credentials" not in reply.headers
    assert "Set-Cookie" not in reply.headers
    assert reply.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Cache-Control"] == "no-store"
    refused = client.get(f"{ROOT}/box?pageid=x", headers={"Origin": ORIGIN})
    assert (refused.status_code, refused.headers["Access-Control-Allow-Origin"]) == (400, ORIGIN)


def test_a_browser_that_asks_first_is_told_what_it_may_send(client: FlaskClient) -> None:
    ask = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    reply = client.options(f"{ROOT}/links", headers=ask)
    assert (reply.status_code, reply.data) == (204, b"")
    assert reply.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert reply.headers["Access-Control-Allow-Methods"] == "GET, POST"
    assert reply.headers["Access-Control-Allow-Headers"] == "Content-Type"
    refused = client.options(f"{ROOT}/links", headers={**ask, "Origin": "https://elsewhere.example"})
    assert refused.status_code == 403
    assert not [name for name, _ in refused.headers if name.startswith("Access-Control")]


OTHER_ORIGINS = (
    "https://elsewhere.example",
    "https://wiki.invalid",
    "http://wiki.invalid:8080",
    "http://wiki.invalid.x.example",
    "http://x.wiki.invalid",
    "null",
    "",
    "wiki.invalid",
    "//wiki.invalid",
    "http://",
    "http://[",
    "\u202ex",
    "http://wiki.invalid@elsewhere.example",
    "http://me@wiki.invalid",
    "ftp://wiki.invalid",
    "http://wiki.invalid:x",
    "http://wiki.invalid/x",
    "http://wiki.invalid?x",
    "http://wiki.invalid, http://wiki.invalid",
)


@pytest.mark.parametrize("origin", OTHER_ORIGINS)
def test_another_web_site_is_not_answered(client: FlaskClient, asked: AskedWiki, origin: str) -> None:
    reply = box(client, origin=origin.encode("utf-8").decode("latin-1"))
    assert reply.status_code == 403
    assert "Access-Control-Allow-Origin" not in reply.headers
    assert reply.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert asked.asked == []


def test_without_an_origin_only_what_no_other_site_asks_is_answered(client: FlaskClient) -> None:
    same = box(client, origin=None, fetch_site="same-origin")
    assert same.status_code == box(client, origin=None).status_code == 200
    assert "Access-Control-Allow-Origin" not in same.headers
    for site in ("cross-site", "same-site"):
        assert box(client, origin=None, fetch_site=site).status_code == 403
    assert box(client, fetch_site="same-site").status_code == 200, "wiki and service side by side"


@pytest.mark.parametrize(
    ("server", "origin", "same"),
    [
        ("https://wiki.example.org", "https://wiki.example.org", True),
        ("https://wiki.example.org", "https://WIKI.example.org", True),
        ("https://wiki.example.org:443", "https://wiki.example.org", True),
        ("http://wiki.example.org:80", "http://wiki.example.org", True),
        ("http://wiki.example.org:8080", "http://wiki.example.org:8080", True),
        ("http://wiki.example.org:8080", "http://wiki.example.org", False),
        ("https://wiki.example.org", "https://wiki.example.org:80", False),
        ("https://wiki.example.org", "http://wiki.example.org", False),
        ("//wiki.example.org", "https://wiki.example.org", True),
        ("//wiki.example.org", "http://wiki.example.org", True),
        ("//wiki.example.org", "https://wiki.example.org:8443", False),
        ("//wiki.example.org:8443", "https://wiki.example.org:8443", True),
        ("//wiki.example.org:8443", "https://wiki.example.org", False),
        ("//wiki.example.org", "//wiki.example.org", False),
        ("http://[::1]:8080", "http://[::1]:8080", True),
        ("https://café.example.org", "https://xn--caf-dma.example.org", True),
        ("", "https://wiki.example.org", False),
        ("file:///srv/export.xml", "null", False),
    ],
)
def test_an_origin_is_scheme_host_and_port(server: str, origin: str, same: bool) -> None:
    assert is_origin_of(replace(SITE, server_url=server), origin) == same


def test_a_wiki_that_becomes_private_is_not_told_of(client: FlaskClient, services: Services) -> None:
    services.store.site.put(replace(SITE, private=True), source="x")
    try:
        for reply in (
            box(client),
            links(client),
            client.options(f"{ROOT}/links", headers={"Origin": ORIGIN}),
        ):
            assert reply.status_code == 403
            assert "Access-Control-Allow-Origin" not in reply.headers
    finally:
        services.store.site.put(SITE, source="x")


def test_a_mirror_of_a_file_alone_gives_nothing(services: Services) -> None:
    config = services.config
    services.config = Config(config.folder, {**config.values, "wiki.api_url": None})
    try:
        assert box(create_app(services).test_client()).status_code == 403
    finally:
        services.config = config


# What is answered


def test_answers_are_as_the_documentation_says_and_no_longer_than_is_shown(client: FlaskClient) -> None:
    for reply, schema in ((box(client), "wiki-box"), (links(client), "wiki-links")):
        assert reply.status_code == 200
        jsonschema.validate(reply.json, json.loads((SCHEMAS / f"{schema}.json").read_text(encoding="utf-8")))
    found: Any = box(client).json
    assert len(found["related"]) == 5
    assert len(found["people"]) == 3
    assert {each["target_pageid"] for each in json.loads(links(client).text)["suggestions"]} == {2, 7}


def test_a_page_that_not_all_may_read_is_named_nowhere(client: FlaskClient, asked: AskedWiki) -> None:
    assert {2, 7} <= named(box(client)) | named(links(client))
    hidden = {2, 7}
    asked.titles = {pageid: title for pageid, title in ALL.items() if pageid not in hidden}
    client.application.extensions["compagnon"].__dict__["public_pages"] = AskedPages(asked)
    replies = [box(client), box(client, 1), links(client)]
    assert not any(named(reply) & hidden for reply in replies)
    assert named(replies[0])
    for reply in replies:
        assert "Soirée" not in json.dumps(reply.json, ensure_ascii=False)
    people: Any = [person for reply in replies[:2] for person in json.loads(reply.text)["people"]]
    assert all(person["pages"] for person in people), "who has no readable proof is not there"

    # No error: a browser would show it to a member who may read the page.
    for pageid in (2, 999):
        assert box(client, pageid).json == {"pageid": pageid, "related": [], "people": []}
        answer: Any = links(client, pageid=pageid, revid=1002, title="Soirée réparation").json
        assert answer["suggestions"] == answer["see_also"] == []
        assert not answer["stale"]


def test_a_hidden_page_that_is_known_by_its_title_is_as_one_that_is_not_there(
    client: FlaskClient, services: Services, asked: AskedWiki
) -> None:
    """Two rejections on that page would tell that it is there."""
    hidden = 5
    feedback = services.store.link_feedback
    feedback.offer(hidden, 1005, [(2, "")])
    for _ in range(2):
        feedback.judge(hidden, 1005, 2, "", "rejected")
    try:
        for pageid in (0, 999):  # a page that is too new for the mirror may be read by all
            asked.titles = {**ALL, 999: "x"}
            client.application.extensions["compagnon"].__dict__["public_pages"] = AskedPages(asked)
            assert 2 not in named(links(client, pageid=pageid, revid=0))
            asked.titles = {each: title for each, title in asked.titles.items() if each != hidden}
            client.application.extensions["compagnon"].__dict__["public_pages"] = AskedPages(asked)
            assert 2 in named(links(client, pageid=pageid, revid=0))
    finally:
        page = services.store.pages.get(hidden)
        assert page is not None
        services.store.pages.delete([hidden])
        services.store.pages.put_many([page])


def test_who_is_known_from_a_talk_page_is_named_to_nobody_who_may_not_read_it(
    client: FlaskClient, services: Services, asked: AskedWiki
) -> None:
    with answers_on_a_talk_page(services, 9):
        hidden = box(client)
        assert hidden.status_code == 200
        assert "Prat" not in hidden.text, "that page may not be read"
        asked.titles = {**ALL, 9: "Discussion:Atelier"}
        client.application.extensions["compagnon"].__dict__["public_pages"] = AskedPages(asked)
        people = json.loads(box(client).text)["people"]
        assert [each["pages"] for each in people if each["name"] == "Solène Prat"] == [
            [{"pageid": 5, "title": "Atelier"}]
        ]


def test_a_page_goes_by_the_name_that_it_has_now(client: FlaskClient, asked: AskedWiki) -> None:
    asked.titles = {**ALL, 2: "Soirée bricolage"}
    titles = {page["pageid"]: page["title"] for page in json.loads(box(client).text)["related"]}
    assert titles[2] == "Soirée bricolage"
    assert 2 not in named(links(client)), "a link would lead to its old name"


def test_nothing_is_kept(client: FlaskClient, services: Services) -> None:
    assert named(links(client))
    assert services.store.link_feedback.all() == []
    assert client.post(f"{ROOT}/feedback", json={}, headers={"Origin": ORIGIN}).status_code == 404


def test_a_wiki_that_is_away_lets_nothing_be_read(client: FlaskClient, asked: AskedWiki) -> None:
    asked.error = WikiUnavailableError("the wiki refuses the connection")
    assert named(box(client)) == set()
    new = links(client, pageid=0, revid=0, title="Balayage")
    assert named(new) == set()
    assert len(asked.asked) == 1, "it is left alone for a while"


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"[" * 100_000, b"\xff", b'{"pageid": 5}', b'{"pageid": [], "revid": {}, "wikitext": 1}'],
)
def test_what_is_no_text_of_a_page_is_refused(client: FlaskClient, body: bytes) -> None:
    reply = client.post(
        f"{ROOT}/links", data=body, content_type="application/json", headers={"Origin": ORIGIN}
    )
    assert reply.status_code == 400
    assert reply.headers["Access-Control-Allow-Origin"] == ORIGIN


def test_hostile_texts_and_numbers_are_answered_or_refused(client: FlaskClient) -> None:
    assert links(client, wikitext="\ud800 \x00 soirée réparation", title="\udfff").status_code == 200
    assert links(client, wikitext="x" * LONGEST_BODY_BYTES).status_code == 413
    for number in ("", "x", "-1", "1e9", "9" * 30, "%00", "5&pageid=x"):
        reply = client.get(f"{ROOT}/box?pageid={number}", headers={"Origin": ORIGIN})
        assert reply.status_code in (200, 400), number
    assert client.get(f"{ROOT}/links", headers={"Origin": ORIGIN}).status_code == 405


# What is remembered of the wiki
