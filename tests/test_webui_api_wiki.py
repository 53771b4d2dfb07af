"""The API for the wiki's extension: only the wiki is let in, and it gets what its pages show."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.community import (
    PAGES,
    SITE,
    answers_on_a_talk_page,
    page,
    small_community,
)
from tests.wiki_claims import ROOT, answer, ask, claim_for, client, services, written
from webui.app import create_app
from webui.bootstrap import Services
from webui.claims import HEADER
from webui.config import Config, load_config

__all__ = ["client", "services"]  # fixtures


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
