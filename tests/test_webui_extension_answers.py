"""What the service may answer, and what of it the wiki passes on: it is broken, slow or hostile."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from bs4 import BeautifulSoup

from tests.conftest import WikiTemplates
from tests.extension_ground import FOLDER, ExtensionInWiki
from tests.scripted_service import Answer, ScriptedService, says

pytestmark = pytest.mark.wiki

TEXT = "On vient pour la soirée réparation 🌱, avec la fiche de suivi."
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(1)>"


@pytest.fixture
def script() -> Iterator[ScriptedService]:
    with ScriptedService() as service:
        yield service


@pytest.fixture(scope="module")
def ground(
    wiki_templates: WikiTemplates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ExtensionInWiki]:
    wiki = wiki_templates.get("fr").copy(tmp_path_factory.mktemp("wiki") / "copy")
    for title in ("Atelier", "Soirée réparation", "Fiche de suivi"):
        wiki.edit(title, "Une page.")
    wiki.enable_extension(FOLDER)
    yield ExtensionInWiki(wiki, secret="0123456789" * 4)
    wiki.discard()


def pageid(ground: ExtensionInWiki, title: str) -> int:
    [page] = ground.wiki.session().ask("query", titles=title)["query"]["pages"]
    return int(page["pageid"])


def test_a_wiki_without_a_cache_remembers_the_failure_too(
    ground: ExtensionInWiki, script: ScriptedService
) -> None:
    settings = ground.wiki.settings_path.read_text(encoding="utf-8")
    script.answers["/uncached"] = Answer(status=500)
    ground.point_to(f"{script.url}/uncached")
    ground.wiki.configure("$wgMainCacheType = CACHE_NONE;")
    for _ in range(2):
        assert ground.get(f"box/{pageid(ground, 'Atelier')}").status_code == 204
    assert len(script.requests) == 1
    ground.wiki.settings_path.write_text(settings, encoding="utf-8")


def broken(pageid: int) -> dict[str, Answer]:
    """Answers to a question for the box that no honest service gives."""
    box: dict[str, Any] = {"pageid": pageid, "related": [], "people": []}
    related = {"pageid": 1, "title": "x", "status": None, "sentence": None}
    person: dict[str, Any] = {"name": "x", "user": None, "pages": []}
    wrong: dict[str, Any] = {
        "list": [],
        "text": "box",
        "null": None,
        "fields": {"pageid": pageid},
        "id": {**box, "pageid": str(pageid)},
        "related": {**box, "related": {"a": related}},
        "item": {**box, "related": [[1]]},
        "status": {**box, "related": [{**related, "status": ["tested"]}]},
        "number": {**box, "related": [{**related, "pageid": 2.5}]},
        "name": {**box, "people": [{**person, "name": {"a": 1}}]},
        "pages": {**box, "people": [{**person, "pages": "all"}]},
    }
    deep = b'{"a":' * 200 + b"1" + b"}" * 200
    answers = {name: says(content) for name, content in wrong.items()}
    return answers | {
        "html": Answer(body=b"<html>Welcome</html>", headers={"Content-Type": "text/html"}),
        "empty": Answer(),
        "cut": Answer(body=json.dumps(box).encode()[:-3]),
        "bytes": Answer(body=b'{"pageid": "\xff\xfe"}'),
        "deep": Answer(body=deep),
        "bomb": Answer(body=b" " * 65536, repeat=200, end=json.dumps(box).encode()),
        "closed": Answer(status=None),
        "error": Answer(status=500, body=json.dumps(box).encode()),
        "busy": Answer(status=503, body=json.dumps(box).encode()),
        "moved": Answer(status=302, headers={"Location": "/elsewhere/api"}),
        "slow": Answer(body=json.dumps(box).encode(), delay=5.0),
    }


def test_a_broken_answer_is_no_answer(ground: ExtensionInWiki, script: ScriptedService) -> None:
    page = pageid(ground, "Atelier")
    answers = broken(page)
    script.answers = {f"/{name}": answer for name, answer in answers.items()}
    script.answers["/elsewhere"] = says({"pageid": page, "related": [], "people": []})
    for name in answers:
        ground.point_to(f"{script.url}/{name}")
        for _ in range(2):
            reply = ground.get(f"box/{page}")
            assert (reply.status_code, reply.content) == (204, b""), name
        asked = [request for request in script.requests if request.target.startswith(f"/{name}/")]
        assert len(asked) == 1, f"{name}: it is not asked again"
    assert not [request for request in script.requests if request.target.startswith("/elsewhere")]
    assert ground.complaints() == []


def test_what_the_service_does_not_know_is_no_failure(
    ground: ExtensionInWiki, script: ScriptedService
) -> None:
    page = pageid(ground, "Atelier")
    script.answers["/unknown"] = Answer(status=404)
    ground.point_to(f"{script.url}/unknown")
    assert [ground.get(f"box/{page}").status_code for _ in range(2)] == [204, 204]
    assert len(script.requests) == 2


def test_an_answer_passes_on_only_what_is_expected(ground: ExtensionInWiki, script: ScriptedService) -> None:
    page, target = pageid(ground, "Atelier"), pageid(ground, "Soirée réparation")
    many = [
        {"pageid": target, "title": SCRIPT, "status": SCRIPT, "sentence": "a" * 5000, "html": SCRIPT}
    ] * 90
    redirect = ground.wiki.edit("Soirée bricolage", "#REDIRECTION [[Soirée réparation]]").pageid
    many.insert(0, {**many[0], "pageid": redirect})
    people = [{"name": SCRIPT, "user": None, "pages": [{"pageid": target, "title": SCRIPT}], "mail": "x@y.z"}]
    renamed = {**people[0], "name": "Nom Abandonné", "user": "Nom Abandonné"}
    people = [renamed, *people * 9]
    script.answers["/extra"] = says({"pageid": page, "related": many, "people": people, "html": SCRIPT})
    ground.point_to(f"{script.url}/extra")
    reply = ground.get(f"box/{page}").json()
    assert set(reply) == {"pageid", "related", "people"}
    [related] = reply["related"]
    assert related == {
        "pageid": target,
        "title": "Soirée réparation",
        "status": SCRIPT,
        "sentence": "a" * 600,
    }
    assert len(reply["people"]) == 3
    assert reply["people"][0] == {
        "name": SCRIPT,
        "user": None,
        "pages": [{"pageid": target, "title": "Soirée réparation"}],
    }


def test_an_edit_that_does_more_than_its_link_is_left_out(
    ground: ExtensionInWiki, script: ScriptedService
) -> None:
    target = pageid(ground, "Fiche de suivi")
    body = {"pageid": pageid(ground, "Atelier"), "revid": 1, "title": "Atelier", "wikitext": TEXT}
    start = len(TEXT[: TEXT.index("fiche")].encode("utf-16-le")) // 2
    words = {"start": start, "end": start + 14, "original": "fiche de suivi", "before": "", "after": ""}
    line = {"start": start, "end": start, "original": "", "before": "", "after": ""}
    good = ["[[fiche de suivi]]", "[[Fiche de suivi|fiche de suivi]]", "[[fiche_de suivi|fiche de suivi]]"]
    bad = [
        "[[Soirée réparation|fiche de suivi]]",
        "[[Fiche de suivi|autre chose]]",
        "[[Fiche de suivi#a|fiche de suivi]]",
        "[[fiche de suivi]] {{Supprimer}}",
        "[[Catégorie:Fiches|fiche de suivi]]",
        "[[:Catégorie:Autres|fiche de suivi]]",
        "<script>[[fiche de suivi]]",
        "fiche de suivi",
        "",
    ]
    offers: list[dict[str, Any]] = [{**words, "replacement": each} for each in good + bad]
    offers += [
        {**words, "replacement": good[0], "start": start + 1, "end": start + 15},
        {**words, "replacement": good[0], "start": start + 14, "end": start},
        {**words, "replacement": good[0], "start": 10**9, "end": 10**9 + 14},
    ]
    lines = ["* [[Fiche de suivi]]\n", "\n== Voir aussi ==\n* [[Fiche de suivi]]"]
    worse = [
        "* [[Fiche de suivi]] [[Atelier]]",
        "* {{Fiche de suivi}}",
        "* [[Atelier]]",
        "<b>* [[Fiche de suivi]]",
        "~~~~ * [[Fiche de suivi]]",
        "* [[Fiche de suivi]] ~~~~",
        "== ''x'' ==\n* [[Fiche de suivi]]",
    ]
    about = {"target_pageid": target, "link_text": "fiche de suivi", "link_target": "Atelier", "score": 0.9}
    around = {"context_before": "a", "context_after": "b"}
    script.answers["/edits"] = says(
        {
            "pageid": body["pageid"],
            "revid": body["revid"],
            "stale": False,
            "suggestions": [{**about, **around, "edit": edit} for edit in offers],
            "see_also": [
                {
                    "pageid": target,
                    "title": "x",
                    "score": 1,
                    "sentence": None,
                    "edit": {**line, "replacement": each},
                }
                for each in lines + worse
            ],
            "no_links_title": "MediaWiki:Compagnon-no-links",
        }
    )
    ground.point_to(f"{script.url}/edits")
    reply = ground.post("links", body).json()
    assert [each["edit"]["replacement"] for each in reply["suggestions"]] == good
    assert {each["link_target"] for each in reply["suggestions"]} == {"Fiche de suivi"}
    assert [each["edit"]["replacement"] for each in reply["see_also"]] == lines
    assert {each["title"] for each in reply["see_also"]} == {"Fiche de suivi"}
    assert ground.complaints() == []


def test_a_link_leads_to_a_category_and_puts_nothing_into_it(
    ground: ExtensionInWiki, script: ScriptedService
) -> None:
    category = ground.wiki.edit("Catégorie:Fiches", "Des fiches.").pageid
    sub_page = ground.wiki.edit("/fiches", "Une page dont le nom commence par une barre.").pageid
    body = {"pageid": pageid(ground, "Atelier"), "revid": 1, "title": "Atelier", "wikitext": "fiches"}
    words = {"start": 0, "end": 6, "original": "fiches", "before": "", "after": ""}
    about = {"link_text": "fiches", "score": 0.9, "context_before": "", "context_after": ""}
    good = ["[[:Catégorie:Fiches|fiches]]", "[[:/fiches|fiches]]"]
    bad = ["[[Catégorie:Fiches|fiches]]", "[[ Category:Fiches|fiches]]", "[[/fiches|fiches]]"]
    script.answers["/category"] = says(
        {
            "pageid": body["pageid"],
            "revid": 1,
            "stale": False,
            "suggestions": [
                {**about, "target_pageid": target, "edit": {**words, "replacement": each}}
                for each in good + bad
                for target in (category, sub_page)
            ],
            "see_also": [],
            "no_links_title": "",
        }
    )
    ground.point_to(f"{script.url}/category")
    offered = ground.post("links", body).json()["suggestions"]
    assert [each["edit"]["replacement"] for each in offered] == good


def test_a_text_that_the_service_cannot_read_is_its_writers_own_affair(
    ground: ExtensionInWiki, script: ScriptedService
) -> None:
    page = pageid(ground, "Atelier")
    body = {"pageid": page, "revid": 1, "title": "Atelier", "wikitext": TEXT}
    script.answers["/writers"] = Answer(status=500)
    ground.point_to(f"{script.url}/writers")
    for writer in ("Marc Le Goff", "Inès Caradec", "Inès Caradec"):
        assert ground.post("links", body, user=writer).status_code == 204
    script.answers["/writers"] = says({"pageid": page, "related": [], "people": []})
    assert ground.get(f"box/{page}").status_code == 200
    asked = [request.target.rpartition("/")[2] for request in script.requests]
    assert asked == ["links", "links", f"box?pageid={page}"], "each writer once"
    script.answers["/busy"] = Answer(status=503)
    ground.point_to(f"{script.url}/busy")
    for _ in range(2):
        assert ground.post("links", body, user="Marc Le Goff").status_code == 204
    assert len(script.requests) == 5, "others were being answered: the next text is sent"
    script.answers["/down"] = Answer(status=500)
    ground.point_to(f"{script.url}/down")
    assert ground.get(f"box/{page}").status_code == 204
    assert ground.post("links", body, user="Marc Le Goff").status_code == 204
    assert len(script.requests) == 6, "what fails without a text fails for all"


def test_the_log_says_why_and_not_what_was_asked(ground: ExtensionInWiki, script: ScriptedService) -> None:
    settings = ground.wiki.settings_path.read_text(encoding="utf-8")
    log = ground.wiki.log_path.parent / "compagnon.log"
    script.answers["/closed"] = Answer(status=None)
    ground.point_to(f"{script.url}/closed")
    ground.wiki.configure(f"$wgDebugLogGroups['Compagnon'] = {json.dumps(str(log))};")
    try:
        with requests.Session() as session:
            session.trust_env = False
            address = {"title": "Special:Compagnon", "q": "qui connait Zabulon"}
            session.get(ground.wiki.index_url, params=address, timeout=60)
    finally:
        ground.wiki.settings_path.write_text(settings, encoding="utf-8")
    assert len(script.requests) == 1
    said = log.read_text(encoding="utf-8")
    assert "Empty reply" in said
    assert "Zabulon" not in said
    assert ground.secret not in said


def test_nobody_sends_more_than_people_do(ground: ExtensionInWiki, script: ScriptedService) -> None:
    page = ground.wiki.edit("Atelier", "Une autre page.", user="Nadia Ferrand").pageid
    settings = ground.wiki.settings_path.read_text(encoding="utf-8")
    script.answers["/limits"] = Answer(status=204)
    ground.point_to(f"{script.url}/limits")
    names = ("links", "feedback")
    limits = "".join(f"$wgRateLimits['compagnon-{name}']['user'] = [ 2, 60 ];" for name in names)
    ground.wiki.configure(f"$wgMainCacheType = CACHE_DB; $wgAutoConfirmCount = 0; {limits}")
    verdict = {"target_pageid": page, "link_text": "x", "verdict": "accepted", "reason": None}
    body = {"pageid": page, "revid": 1, "title": "Atelier", "wikitext": TEXT, **verdict}
    try:
        for name in names:
            replies = [ground.post(name, body, user="Nadia Ferrand").status_code for _ in range(3)]
            assert replies == ([204, 204, 429] if name == "links" else [200, 200, 429]), name
        assert ground.post("links", body, user="Yann Morvan").status_code == 204
    finally:
        ground.wiki.settings_path.write_text(settings, encoding="utf-8")
    assert len(script.requests) == 5


def test_that_there_is_an_answer_is_not_told_by_a_page_that_may_not_be_shown(
    ground: ExtensionInWiki, script: ScriptedService
) -> None:
    told = []
    about: dict[str, Any] = {"title": "x", "section": None, "anchor": None, "passage": [], "status": None}
    seen = pageid(ground, "Soirée réparation")
    for first in (seen, 9999):
        hits = [{**about, "pageid": each} for each in (first, seen)]
        script.answers["/answer"] = says({"question": "x", "answerable": True, "hits": hits, "people": []})
        ground.point_to(f"{script.url}/answer")
        with requests.Session() as session:
            session.trust_env = False
            address = {"title": "Special:Compagnon", "q": "x"}
            reply = session.get(ground.wiki.index_url, params=address, timeout=60)
        page = BeautifulSoup(reply.text, "html.parser")
        assert page.select(".compagnon-special-found h3")
        told.append(len(page.select(".compagnon-special-note")))
    assert told == [0, 1]


def test_hostile_texts_stay_texts_in_the_search(ground: ExtensionInWiki, script: ScriptedService) -> None:
    target = pageid(ground, "Soirée réparation")
    script.answers["/hostile"] = says(
        {
            "question": SCRIPT,
            "answerable": False,
            "hits": [
                {
                    "pageid": target,
                    "title": SCRIPT,
                    "section": SCRIPT,
                    "anchor": f'"{SCRIPT}',
                    "passage": [[SCRIPT, False], [SCRIPT, True]],
                    "status": SCRIPT,
                }
            ],
            "people": [{"name": SCRIPT, "user": None, "pages": [{"pageid": target, "title": SCRIPT}]}],
        }
    )
    ground.point_to(f"{script.url}/hostile")
    with requests.Session() as session:
        session.trust_env = False
        address = {"title": "Special:Compagnon", "q": f'"{SCRIPT}'}
        reply = session.get(ground.wiki.index_url, params=address, timeout=60)
    [content] = BeautifulSoup(reply.text, "html.parser").select("#mw-content-text")
    assert content.select_one("input[name=q]")["value"] == f'"{SCRIPT}'  # type: ignore[index]
    assert content.select("script, img, [onerror]") == []
    assert [mark.get_text() for mark in content.select("mark")] == [SCRIPT]
    assert content.select_one(".compagnon-special-people bdi").get_text() == SCRIPT  # type: ignore[union-attr]
    assert [link.get_text() for link in content.select("h3 a, .compagnon-special-people li li a")] == [
        "Soirée réparation",
        "Soirée réparation",
    ]
