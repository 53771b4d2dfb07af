"""The API for the wiki's extension: only the wiki is let in, and it gets what its pages show."""

import json
import secrets
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from connector.errors import StoreError
from search.links import LinkSuggestion
from search.see_also import SeeAlsoSuggestion
from tests.community import (
    PAGES,
    SITE,
    answers_on_a_talk_page,
    mirrored_community,
    page,
    small_community,
)
from webui.api.panel_shapes import see_also_shape
from webui.api.text_edits import EditedText, link_wikitext, without_surrogates
from webui.app import create_app
from webui.bootstrap import PANELS_AT_ONCE, Services
from webui.claims import HEADER, make_claim, request_digest
from webui.config import Config, load_config

SCHEMAS = Path(__file__).resolve().parent.parent / "webui" / "api" / "schemas"
ROOT = "/api/v1/wiki"
TEXT = "🔧 Avant la soirée réparation 🎉, remplir la fiche de suivi."


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    services = small_community(tmp_path_factory.mktemp("community"))
    services.config.make_extension_secret()
    yield services
    services.close()


@pytest.fixture
def client(services: Services) -> FlaskClient:
    return create_app(services).test_client()


def claim_for(
    services: Services, method: str, target: str, body: bytes, *, user: str | None = "Inès Caradec"
) -> str:
    return make_claim(
        services.config.make_extension_secret(),
        user=user,
        user_id=105 if user else 0,
        issued_at=int(time.time()),
        nonce=secrets.token_hex(16),
        req=request_digest(method=method, target=target, body=body),
    )


def ask(client: FlaskClient, path: str, body: object = None) -> TestResponse:
    """Ask as the wiki does; a body is posted, as it is when it is bytes."""
    services: Services = client.application.extensions["compagnon"]
    method = "GET" if body is None else "POST"
    data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    header = claim_for(services, method, ROOT + path, data)
    return client.open(
        ROOT + path, method=method, data=data, content_type="application/json", headers={HEADER: header}
    )


def answer(client: FlaskClient, path: str, body: object = None, *, schema: str) -> Any:
    reply = ask(client, path, body)
    assert reply.status_code == 200, reply.text
    jsonschema.validate(reply.json, json.loads((SCHEMAS / f"{schema}.json").read_text(encoding="utf-8")))
    return reply.json


def written(**changes: object) -> dict[str, object]:
    """Return a text for page 5, "Atelier", as its editor has it."""
    return {"pageid": 5, "revid": 1005, "title": "Atelier", "wikitext": TEXT, **changes}


# Who is let in


@pytest.mark.parametrize("path", ["/box?pageid=2", "/links", "/feedback", "/search?q=x"])
def test_nobody_is_let_in_without_a_claim_and_all_are_told_the_same(
    client: FlaskClient, services: Services, path: str
) -> None:
    method = "POST" if path in ("/links", "/feedback") else "GET"
    good = claim_for(services, method, ROOT + path, b"{}" if method == "POST" else b"")
    forged = good[:-2] + ("AA" if good[-2:] != "AA" else "BB")
    told = set()
    for header in (None, "", "v1.x.y", forged, f"{good}.x", "é", "x" * 9_000):
        for body in (b"{}", b"", b"{"):
            headers = {} if header is None else {HEADER: header}
            reply = client.open(ROOT + path, method=method, data=body, headers=headers)
            told.add((reply.status_code, reply.text))
    [(status, text)] = told
    assert status == 403
    assert json.loads(text)["error"]["type"] == "Forbidden"


def test_a_claim_is_good_once_and_for_its_own_request(client: FlaskClient, services: Services) -> None:
    target = f"{ROOT}/box?pageid=2"
    header = claim_for(services, "GET", target, b"")
    other = client.get(f"{ROOT}/box?pageid=3", headers={HEADER: header})
    first = client.get(target, headers={HEADER: header})
    again = client.get(target, headers={HEADER: header})
    assert [reply.status_code for reply in (other, first, again)] == [403, 200, 403]

    header = claim_for(services, "POST", f"{ROOT}/links", json.dumps(written()).encode())
    changed = client.post(f"{ROOT}/links", json=written(wikitext="x"), headers={HEADER: header})
    assert changed.status_code == 403


def test_the_query_is_signed_as_it_is_sent(client: FlaskClient) -> None:
    for query in (
        "q=b%C3%A9n%C3%A9vole",
        "q=b%c3%a9n%c3%a9vole",
        "q=a+b%20c",
        "top_k=1&q=%00x&&",
    ):
        assert ask(client, f"/search?{query}").status_code == 200, query


def test_without_a_secret_the_wiki_is_not_let_in_either(tmp_path: Path) -> None:
    services = Services(load_config(tmp_path))
    reply = create_app(services).test_client().get(f"{ROOT}/box?pageid=2", headers={HEADER: "v1.x.y"})
    assert reply.status_code == 403


def test_a_private_wiki_on_the_network_gets_answers_and_its_visitors_none(services: Services) -> None:
    config = services.config
    try:
        services.config = Config(config.folder, {**config.values, "web.host": "0.0.0.0"})  # noqa: S104 - not bound
        services.store.site.put(replace(SITE, private=True), source="x")
        client = create_app(services).test_client()
        assert ask(client, "/box?pageid=2").status_code == 200
        assert client.get(f"{ROOT}/box?pageid=2").status_code == 403
        assert client.get("/api/v1/pages/2/related").status_code == 500
    finally:
        services.config = config
        services.store.site.put(SITE, source="x")


# The box


def test_the_box_has_practices_first_and_people_with_their_proof(client: FlaskClient) -> None:
    box = answer(client, "/box?pageid=5", schema="wiki-box")
    assert box["pageid"] == 5
    assert 5 not in {other["pageid"] for other in box["related"]}
    known = [other["status"] is not None for other in box["related"]]
    assert known == sorted(known, reverse=True)
    assert {True, False} <= set(known)
    [evening] = [other for other in box["related"] if other["pageid"] == 2]
    assert (evening["title"], evening["status"]) == ("Soirée réparation", "tested")
    text = " ".join(PAGES[1].wikitext.split())
    assert evening["sentence"] in text
    people = {person["name"]: person for person in box["people"]}
    assert people["Aïcha Benali"]["user"] == "Aïcha Benali"
    assert people["Aïcha Benali"]["pages"] == [{"pageid": 1, "title": "Accueillir un nouveau bénévole"}]


def test_who_is_known_from_a_talk_page_alone_is_told_with_it(client: FlaskClient, services: Services) -> None:
    with answers_on_a_talk_page(services, 9):
        [person] = [
            each
            for each in answer(client, "/box?pageid=5", schema="wiki-box")["people"]
            if each["name"] == "Solène Prat"
        ]
        assert person["pages"] == [{"pageid": 5, "title": "Atelier", "talk": 9}]
        found = answer(client, "/search?q=Atelier", schema="wiki-search")["people"]
        [person] = [each for each in found if each["name"] == "Solène Prat"]
        assert {"pageid": 5, "title": "Atelier", "talk": 9} in person["pages"]


def test_who_is_named_on_pages_only_has_no_account(client: FlaskClient, services: Services) -> None:
    named = page(9, "Vélos", "{{Practice|contacts=Odile Brun}}\n== Solution ==\nRéparer les vélos avec soin.")
    services.store.pages.put_many([named])
    services.index.update()
    try:
        box = answer(client, "/box?pageid=9", schema="wiki-box")
        [odile] = [person for person in box["people"] if person["name"] == "Odile Brun"]
        assert odile == {"name": "Odile Brun", "user": None, "pages": [{"pageid": 9, "title": "Vélos"}]}
    finally:
        services.store.pages.delete([9])
        services.index.update()


def test_a_page_that_is_not_there_has_no_box_and_a_redirect_an_empty_one(client: FlaskClient) -> None:
    assert ask(client, "/box?pageid=999").status_code == 404
    empty = answer(client, "/box?pageid=6", schema="wiki-box")
    assert empty == {"pageid": 6, "related": [], "people": []}
    for path in (
        "/box",
        "/box?pageid=",
        "/box?pageid=x",
        "/box?pageid=-1",
        "/box?pageid=99999999999999999999",
    ):
        assert ask(client, path).status_code == 400, path


# The panel


def test_the_panel_offers_links_as_edits_that_javascript_can_make(client: FlaskClient) -> None:
    panel = answer(client, "/links", written(), schema="wiki-links")
    assert (panel["pageid"], panel["revid"], panel["stale"]) == (5, 1005, False)
    assert panel["no_links_title"].endswith("Compagnon-no-links")
    units = TEXT.encode("utf-16-le")
    by_target = {each["target_pageid"]: each for each in panel["suggestions"]}
    assert set(by_target) == {2, 7}
    for suggestion in by_target.values():
        edit = suggestion["edit"]
        found = units[2 * edit["start"] : 2 * edit["end"]].decode("utf-16-le")
        assert found == edit["original"] == suggestion["link_text"]
        assert f"{edit['before']}{found}{edit['after']}" in TEXT
    assert by_target[2]["edit"]["start"] == TEXT.index("soirée") + 1
    assert by_target[7]["edit"]["start"] == TEXT.index("fiche") + 2
    assert by_target[7]["edit"]["replacement"] == "[[fiche de suivi]]"


def test_a_category_to_see_also_is_a_link_to_it(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    found = SeeAlsoSuggestion(
        pageid=4, title="Catégorie:Outils", score=0.5, sentence=None, sentence_pageid=None
    )
    monkeypatch.setattr("webui.api.panel_answers.see_also", lambda *_args, **_named: [found])
    [shown] = answer(client, "/links", written(), schema="wiki-links")["see_also"]
    assert shown["edit"]["replacement"].endswith("\n* [[:Catégorie:Outils]]")


def test_pages_to_see_also_go_to_their_section_and_are_not_those_that_are_linked(client: FlaskClient) -> None:
    text = "Ce que les visiteurs apportent est noté dans un cahier : objet, panne, ce qu'il est devenu.\n\n"
    end = "[[Catégorie:Accueil]]"
    panel = answer(
        client, "/links", written(pageid=0, revid=0, title="Cahier", wikitext=text + end), schema="wiki-links"
    )
    assert panel["see_also"]
    linked = {each["target_pageid"] for each in panel["suggestions"]}
    for each in panel["see_also"]:
        edit = each["edit"]
        assert (edit["start"], edit["original"]) == (edit["end"], "")
        made = (text + end)[: edit["start"]] + edit["replacement"] + (text + end)[edit["end"] :]
        assert f"== Voir aussi ==\n* [[{each['title']}]]\n" in made
        assert made.endswith(end)
        assert each["pageid"] not in linked


def test_a_sentence_of_a_third_page_is_not_told_with_a_page_to_see_also() -> None:
    """Its reader may not be allowed to read it."""
    sentences = {}
    for stands_on in (2, 5, 9, None):
        suggestion = SeeAlsoSuggestion(
            pageid=2, title="x", score=0.5, sentence="Une phrase.", sentence_pageid=stands_on
        )
        sentences[stands_on] = see_also_shape(suggestion, edit={}, here=5)["sentence"]
    assert sentences == {2: "Une phrase.", 5: "Une phrase.", 9: None, None: None}


def test_of_a_page_that_changed_meanwhile_nothing_is_suggested(client: FlaskClient) -> None:
    stale = answer(client, "/links", written(revid=1004), schema="wiki-links")
    assert (stale["stale"], stale["suggestions"], stale["see_also"]) == (True, [], [])
    assert not answer(client, "/links", written(revid=2000), schema="wiki-links")["stale"], (
        "the mirror is late"
    )
    new = answer(client, "/links", written(pageid=0, revid=0, title="Balayage"), schema="wiki-links")
    assert not new["stale"]
    assert new["suggestions"]


def test_a_page_gets_no_link_to_itself_however_it_is_named(client: FlaskClient) -> None:
    for changes in (
        {"pageid": 2, "revid": 1002, "title": "Soirée réparation"},
        {"pageid": 0, "revid": 0, "title": "soirée_réparation"},
        {"pageid": 99, "revid": 1, "title": "Soirée réparation"},
    ):
        panel = answer(client, "/links", written(**changes), schema="wiki-links")
        assert [each["target_pageid"] for each in panel["suggestions"]] == [7]
        assert panel["pageid"] == changes["pageid"]


def test_links_are_suggested_where_there_is_no_index(tmp_path: Path) -> None:
    bare = mirrored_community(tmp_path / "bare")
    bare.config.make_extension_secret()
    try:
        panel = answer(create_app(bare).test_client(), "/links", written(), schema="wiki-links")
        assert panel["suggestions"]
        assert panel["see_also"] == []
        assert ask(create_app(bare).test_client(), "/box?pageid=2").status_code == 503
    finally:
        bare.close()


# Feedback


def verdict(**changes: object) -> dict[str, object]:
    return {
        "pageid": 5,
        "revid": 1005,
        "target_pageid": 7,
        "link_text": "fiche de suivi",
        "verdict": "rejected",
        "reason": "everyday",
        **changes,
    }


def test_what_is_offered_can_be_judged_and_is_gone_after_two_rejections(tmp_path: Path) -> None:
    services = small_community(tmp_path)
    services.config.make_extension_secret()
    client = create_app(services).test_client()
    try:
        assert ask(client, "/feedback", verdict()).status_code == 409, "it was not offered yet"
        for _ in range(2):
            answer(client, "/links", written(), schema="wiki-links")
            reply = ask(client, "/feedback", verdict())
            assert (reply.status_code, reply.data) == (204, b"")
        [kept] = [each for each in services.store.link_feedback.all() if each.target_pageid == 7]
        assert (kept.rejected_everyday, kept.accepted) == (2, 0)
        left = answer(client, "/links", written(), schema="wiki-links")["suggestions"]
        assert [each["target_pageid"] for each in left] == [2]

        accepted = verdict(target_pageid=2, link_text="soirée réparation", verdict="accepted", reason=None)
        assert ask(client, "/feedback", accepted).status_code == 204
        assert ask(client, "/feedback", {**accepted, "revid": 1004}).status_code == 409
        assert ask(client, "/feedback", {**accepted, "target_pageid": 4}).status_code == 409
        newer = replace(services.store.pages.require("Atelier"), revid=2005)
        services.store.pages.put_many([newer])
        assert ask(client, "/feedback", accepted).status_code == 409, "the page has a newer revision"
        assert "Inès" not in repr(services.store.link_feedback.all()), "nobody is kept"
    finally:
        services.close()


@pytest.mark.parametrize(
    "changes",
    [
        {"verdict": "maybe"},
        {"verdict": None},
        {"verdict": ["rejected"]},
        {"reason": "because"},
        {"reason": 3},
        {"link_text": ""},
        {"link_text": "x" * 1_001},
        {"link_text": None},
        {"pageid": "5"},
        {"revid": -1},
        {"revid": 1 << 63},
        {"target_pageid": 7.0},
        {"target_pageid": True},
    ],
    ids=str,
)
def test_a_verdict_that_is_none_is_refused(client: FlaskClient, changes: dict[str, object]) -> None:
    reply = ask(client, "/feedback", verdict(**changes))
    assert reply.status_code == 400
    assert next(iter(changes)) in json.loads(reply.text)["error"]["message"]


# The search


def test_a_search_marks_the_words_of_the_question(client: FlaskClient) -> None:
    found = answer(client, "/search?q=comment+ranger+les+outils&top_k=1", schema="wiki-search")
    assert found["question"] == "comment ranger les outils"
    assert found["answerable"]
    assert 1 <= len(found["hits"]) <= 2, "twice as many as are shown"
    best = found["hits"][0]
    assert (best["pageid"], best["title"], best["status"]) == (3, "Ranger les outils", "emerging")
    assert (best["section"], best["anchor"]) == ("Problème", "Problème")
    assert any(marked and text == "outils" for text, marked in best["passage"])
    assert "Marc Le Goff" in {person["name"] for person in found["people"]}
    for path in ("/search", "/search?q=", "/search?q=%20", f"/search?q={'x' * 1001}", "/search?q=x&top_k=0"):
        assert ask(client, path).status_code == 400, path
    assert len(answer(client, "/search?q=atelier&top_k=100", schema="wiki-search")["hits"]) <= 100


# What is hostile


HOSTILE_BODIES = (
    b"",
    b"{",
    b"[]",
    b"null",
    b'"x"',
    b"\xff\xfe\x00",
    b"[" * 100_000,
    b'{"a":' * 50_000,
    json.dumps({}).encode(),
    json.dumps(written(wikitext=3)).encode(),
    json.dumps(written(wikitext=None)).encode(),
    json.dumps(written(title=["x"])).encode(),
    json.dumps(written(title="x" * 256)).encode(),
    json.dumps(written(pageid="5")).encode(),
    json.dumps(written(pageid=-1)).encode(),
    json.dumps(written(pageid=1 << 31)).encode(),
    json.dumps(written(revid=1e300)).encode(),
    json.dumps(written(revid=None)).encode(),
    b'{"pageid": 5, "revid": 1005, "title": "A", "wikitext": NaN}',
)


@pytest.mark.parametrize("number", range(len(HOSTILE_BODIES)))
def test_what_is_no_text_of_a_page_is_refused(client: FlaskClient, number: int) -> None:
    for path in ("/links", "/feedback"):
        assert ask(client, path, HOSTILE_BODIES[number]).status_code == 400


HOSTILE_TEXTS = (
    "",
    "\x00 soirée réparation \x00",
    "\ud83d soirée réparation \udd27 \ud800",
    "\u202esoirée réparation\u2066",
    "soirée réparation" + "\u0301" * 10_000,
    "[[" * 5_000 + " soirée réparation " + "{{" * 5_000,
    "<nowiki>" * 3_000 + "soirée réparation",
    "== soirée réparation\r\n\r soirée réparation ==",
)


@pytest.mark.parametrize("number", range(len(HOSTILE_TEXTS)))
def test_a_hostile_text_gets_edits_that_fit_it_or_none(client: FlaskClient, number: int) -> None:
    text = HOSTILE_TEXTS[number]
    title = "\ud800<script>\x00[[x]]"
    panel = answer(
        client, "/links", written(pageid=0, revid=0, title=title, wikitext=text), schema="wiki-links"
    )
    units = without_surrogates(text).encode("utf-16-le")
    for each in (*panel["suggestions"], *panel["see_also"]):
        edit = each["edit"]
        there = units[2 * edit["start"] : 2 * edit["end"]].decode("utf-16-le")
        assert there == edit["original"]


def test_a_text_that_is_too_long_to_be_read_gets_no_links_and_one_beyond_an_article_is_refused(
    client: FlaskClient,
) -> None:
    text = "Avant la soirée réparation. " + "été " * 340_000
    assert len(text.encode()) > 2_000_000
    body = json.dumps(written(wikitext=text), ensure_ascii=False).encode()
    panel = answer(client, "/links", body, schema="wiki-links")
    assert (panel["stale"], panel["suggestions"], panel["see_also"]) == (False, [], [])
    assert ask(client, "/links", b" " * 3_000_000).status_code == 413


def test_editors_who_come_all_at_once_do_not_take_all_of_the_server(
    client: FlaskClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webui.api.panel_answers._WAIT_SECONDS", 0.01)
    for _ in range(PANELS_AT_ONCE):
        services.panels.acquire()
    try:
        assert ask(client, "/links", written()).status_code == 503
        assert ask(client, "/box?pageid=2").status_code == 200
    finally:
        for _ in range(PANELS_AT_ONCE):
            services.panels.release()
    assert ask(client, "/links", written()).status_code == 200


def test_what_is_offered_to_who_may_not_judge_it_is_not_kept(tmp_path: Path) -> None:
    services = mirrored_community(tmp_path)
    services.config.make_extension_secret()
    client = create_app(services).test_client()
    body = json.dumps(written()).encode()
    kept = []
    for user in (None, "Inès Caradec"):
        header = claim_for(services, "POST", f"{ROOT}/links", body, user=user)
        reply = client.post(
            f"{ROOT}/links", data=body, content_type="application/json", headers={HEADER: header}
        )
        assert json.loads(reply.text)["suggestions"]
        kept.append(len(services.store.link_feedback.all()))
    services.close()
    assert kept[0] == 0
    assert kept[1] > 0


def test_what_cannot_be_noted_is_offered_all_the_same(
    client: FlaskClient, services: Services, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> None:
        raise StoreError("the database failed while noting suggestions: the disk is full")

    monkeypatch.setattr(services.store.link_feedback, "offer", full)
    panel = answer(client, "/links", written(), schema="wiki-links")
    assert panel["suggestions"]
    assert "the disk is full" in caplog.text


def test_another_kind_of_body_is_refused(client: FlaskClient, services: Services) -> None:
    header = claim_for(services, "POST", f"{ROOT}/links", b"a=1")
    reply = client.post(
        f"{ROOT}/links",
        data=b"a=1",
        content_type="application/x-www-form-urlencoded",
        headers={HEADER: header},
    )
    assert reply.status_code == 415


# Edits


def test_offsets_count_as_javascript_counts() -> None:
    text = "a🔧b🔧🔧c"
    edited = EditedText(text)
    for start in range(len(text) + 1):
        units = len(text[:start].encode("utf-16-le")) // 2
        assert edited.edit(start=start, end=start, replacement="")["start"] == units


def test_a_link_is_written_as_its_namespace_wants() -> None:
    def made(text: str, target: str, *, case: str = "first-letter") -> str:
        suggestion = LinkSuggestion(
            link_text=text,
            link_target=target,
            wikitext_offset=12,
            match_index=0,
            context_before="",
            context_after="",
            score=0.7,
        )
        main = replace(SITE.namespaces[0], case=case)
        return link_wikitext(suggestion, site=replace(SITE, namespaces={**SITE.namespaces, 0: main}))

    assert made("soirée réparation", "Soirée réparation") == "[[soirée réparation]]"
    assert (
        made("soirée réparation", "Soirée réparation", case="case-sensitive")
        == "[[Soirée réparation|soirée réparation]]"
    )
    assert made("soirées", "Soirée réparation") == "[[Soirée réparation|soirées]]"
