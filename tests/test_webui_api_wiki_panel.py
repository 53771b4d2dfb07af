"""The API for the panel of the wiki's extension: links for a text that its editor writes, whatever it is."""

import json
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from connector.errors import StoreError
from search.see_also import SeeAlsoSuggestion
from tests.community import (
    mirrored_community,
)
from tests.wiki_claims import ROOT, TEXT, answer, ask, claim_for, client, services, written
from webui.api.panel_shapes import see_also_shape
from webui.api.text_edits import without_surrogates
from webui.app import create_app
from webui.bootstrap import PANELS_AT_ONCE, Services
from webui.claims import HEADER

__all__ = ["client", "services"]  # fixtures


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
