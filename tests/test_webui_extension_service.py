"""Between the wiki and the real service: claims, feedback, who may ask, and a service that is stopped."""

import base64
import json
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from bs4 import BeautifulSoup

from tests.community import EVENING, MEETING_PLACE, SHEET
from tests.conftest import WikiTemplates
from tests.extension_ground import ExtensionGround, extension_ground
from tests.scripted_service import Received, ScriptedService
from webui.claims import HEADER

pytestmark = [pytest.mark.model, pytest.mark.wiki]

TEXT = "On vient pour la soirée réparation 🌱, avec la fiche de suivi."
AUTHOR = "Inès Caradec"


@pytest.fixture(scope="module")
def ground(
    wiki_templates: WikiTemplates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ExtensionGround]:
    wiki = wiki_templates.get("fr").copy(tmp_path_factory.mktemp("wiki") / "copy")
    wiki.edit("Soirée réparation", EVENING, user="Marc Le Goff")
    wiki.edit("Atelier", MEETING_PLACE, user=AUTHOR)
    wiki.edit("Fiche de suivi", SHEET, user=AUTHOR)
    folder = tmp_path_factory.mktemp("service")
    with extension_ground(wiki, folder) as ground:
        yield ground
    wiki.discard()
    shutil.rmtree(folder)


@pytest.fixture
def script(ground: ExtensionGround) -> Iterator[ScriptedService]:
    """A scripted service; the wiki asks the real one again when the test ends."""
    with ScriptedService() as service:
        yield service
    ground.point_to(ground.service_url)


def pageid(ground: ExtensionGround, title: str) -> int:
    [page] = ground.wiki.session().ask("query", titles=title)["query"]["pages"]
    return int(page["pageid"])


def revid(ground: ExtensionGround, title: str) -> int:
    return int(ground.wiki.revisions(title, limit=1)[0]["revid"])


def written(ground: ExtensionGround, title: str = "Atelier", text: str = TEXT) -> dict[str, Any]:
    return {
        "pageid": pageid(ground, title),
        "revid": revid(ground, title),
        "title": title,
        "wikitext": text,
    }


def special(ground: ExtensionGround, question: str) -> BeautifulSoup:
    with requests.Session() as session:
        session.trust_env = False
        address = {"title": "Special:Compagnon", "q": question}
        reply = session.get(ground.wiki.index_url, params=address, timeout=60)
    assert reply.status_code == 200
    return BeautifulSoup(reply.text, "html.parser")


def repeat(ground: ExtensionGround, request: Received, **changes: Any) -> int:
    """Send to the real service what the wiki sent elsewhere, and return the status of the answer."""
    with requests.Session() as session:
        session.trust_env = False
        target = changes.get("target", request.target)
        reply = session.request(
            request.method,
            ground.service_url + target,
            data=changes.get("body", request.body),
            headers={HEADER: request.headers[HEADER], "Content-Type": "application/json"},
            timeout=60,
        )
    return reply.status_code


# Claims


def test_a_claim_says_who_asks_and_is_good_once_for_one_request(
    ground: ExtensionGround, script: ScriptedService
) -> None:
    ground.point_to(script.url)
    box = f"box/{pageid(ground, 'Atelier')}"
    ground.get(box, user=AUTHOR)
    ground.get(box)
    signed_in, anonymous = script.requests
    assert signed_in.target == f"/api/v1/wiki/box?pageid={pageid(ground, 'Atelier')}"
    users = [_payload(request) for request in (signed_in, anonymous)]
    [row] = ground.wiki.session().ask("query", list="users", ususers=AUTHOR)["query"]["users"]
    assert (users[0]["user"], users[0]["id"]) == (AUTHOR, row["userid"])
    assert (users[1]["user"], users[1]["id"]) == (None, 0)
    assert "127.0.0.1" not in json.dumps(users), "an address is nobody's name"
    other = f"/api/v1/wiki/box?pageid={pageid(ground, 'Fiche de suivi')}"
    assert repeat(ground, signed_in, target=other) == 403
    assert repeat(ground, signed_in) == 200
    assert repeat(ground, signed_in) == 403, "a claim that was recorded is worth nothing"
    assert repeat(ground, anonymous) == 200
    ground.post("links", written(ground), user=AUTHOR)
    posted = script.requests[-1]
    assert repeat(ground, posted, body=posted.body.replace(b"fiche", b"liste")) == 403
    assert repeat(ground, posted) == 200


def test_a_wrong_secret_shows_nothing(ground: ExtensionGround, script: ScriptedService) -> None:
    ground.point_to(script.url, secret="0123456789" * 4)
    ground.get(f"box/{pageid(ground, 'Atelier')}")
    assert repeat(ground, script.requests[0]) == 403
    ground.point_to(ground.service_url, secret="0123456789" * 4)
    reply = ground.get(f"box/{pageid(ground, 'Atelier')}")
    assert (reply.status_code, reply.content) == (204, b"")
    for secret in ("", "short"):
        ground.point_to(script.url + "/none", secret=secret)
        assert ground.get(f"box/{pageid(ground, 'Atelier')}").status_code == 204
    assert not [request for request in script.requests if request.target.startswith("/none")]


def test_neither_address_nor_secret_is_in_what_a_browser_gets(ground: ExtensionGround) -> None:
    ground.point_to(ground.service_url)
    modules = "ext.compagnon.box|ext.compagnon.edit|ext.compagnon.panel|startup"
    with requests.Session() as session:
        session.trust_env = False
        session.cookies.update(ground.wiki.session(AUTHOR).cookies)
        pages = [
            session.get(address, timeout=60).text
            for address in (
                f"{ground.wiki.index_url}?title=Atelier",
                f"{ground.wiki.index_url}?title=Atelier&action=edit",
                f"{ground.wiki.index_url}?title=Special:Compagnon&q=outils",
                f"{ground.wiki.index_url}?title=Special:Version",
                f"{ground.wiki.server_url}/load.php?lang=fr&skin=vector&modules={modules}",
                f"{ground.wiki.server_url}/load.php?lang=fr&skin=vector&modules=startup&only=scripts&raw=1",
            )
        ]
    assert "ext.compagnon.edit" in pages[1]
    for page in pages:
        assert ground.secret not in page
        assert ground.service_url.removeprefix("http://") not in page


def _payload(request: Received) -> dict[str, Any]:
    payload = request.headers[HEADER].split(".")[1]
    content: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return content


# Feedback and bodies


def test_a_member_says_what_they_think_of_what_was_offered(ground: ExtensionGround) -> None:
    body = written(ground)
    [offered] = [
        each
        for each in ground.post("links", body, user=AUTHOR).json()["suggestions"]
        if each["link_target"] == "Soirée réparation"
    ]
    verdict = {
        "pageid": body["pageid"],
        "revid": body["revid"],
        "target_pageid": offered["target_pageid"],
        "link_text": offered["link_text"],
        "verdict": "rejected",
        "reason": "span",
    }
    assert ground.post("feedback", verdict).status_code == 403, "nobody is not heard"
    assert ground.post("feedback", verdict, user=AUTHOR, token=False).status_code == 403
    forged = {**verdict, "token": "0123456789abcdef+\\"}
    assert ground.post("feedback", forged, user=AUTHOR, token=False).status_code == 403
    for wrong in ({"verdict": "perhaps"}, {"reason": "because"}, {"revid": "3"}, {"pageid": None}):
        assert ground.post("feedback", {**verdict, **wrong}, user=AUTHOR).status_code == 400
    absent = {**verdict, "target_pageid": 9999}
    assert ground.post("feedback", absent, user=AUTHOR).status_code == 404
    never_offered = {**verdict, "link_text": "vient"}
    assert ground.post("feedback", never_offered, user=AUTHOR).json() == {"kept": False}
    assert ground.services.store.link_feedback.dropped(body["pageid"]) == frozenset()
    for _ in range(2):
        reply = ground.post("feedback", verdict, user=AUTHOR)
        assert (reply.status_code, reply.json()) == (200, {"kept": True})
    assert ground.services.store.link_feedback.dropped(body["pageid"]) == {offered["target_pageid"]}
    assert ground.post("links", body, user=AUTHOR).json()["suggestions"] == []


def test_a_revision_that_is_still_to_come_is_none(ground: ExtensionGround) -> None:
    """It would be newer than all that others say of the page's links."""
    body = written(ground, "Fiche de suivi", SHEET.replace("[[", "").replace("]]", ""))
    far = {**body, "revid": 2**50}
    assert ground.post("links", far, user=AUTHOR).status_code == 400
    assert ground.post("links", {**body, "pageid": 0, "title": "Nouveau", "revid": 1}).status_code == 400
    [offered] = [
        each
        for each in ground.post("links", body, user=AUTHOR).json()["suggestions"]
        if each["link_target"] == "Soirée réparation"
    ]
    verdict = {
        "pageid": body["pageid"],
        "target_pageid": offered["target_pageid"],
        "link_text": offered["link_text"],
        "verdict": "accepted",
        "reason": None,
    }
    assert ground.post("feedback", {**verdict, "revid": 2**50}, user=AUTHOR).status_code == 400
    assert ground.post("feedback", {**verdict, "revid": body["revid"]}, user=AUTHOR).json()["kept"]


def test_only_who_may_save_the_text_is_suggested_links(ground: ExtensionGround) -> None:
    wiki = ground.wiki
    wiki.edit("Règlement", "Le règlement de la soirée réparation.")
    wiki.session().write("protect", title="Règlement", protections=["edit=sysop"])
    wiki.session().write("protect", title="À ne pas créer", protections=["create=sysop"])
    saved = written(ground, "Règlement")
    new = {"pageid": 0, "revid": 0, "title": "À ne pas créer", "wikitext": TEXT}
    for body in (saved, new):
        assert ground.post("links", body, user=AUTHOR).status_code == 403
        assert ground.post("links", body, user=wiki.admin.name).status_code == 200
    verdict = {
        **{name: saved[name] for name in ("pageid", "revid")},
        "target_pageid": pageid(ground, "Soirée réparation"),
        "link_text": "soirée réparation",
        "verdict": "rejected",
        "reason": "other",
    }
    assert ground.post("feedback", verdict, user=AUTHOR).status_code == 403
    settings = wiki.settings_path.read_text(encoding="utf-8")
    wiki.configure(
        "$wgHooks['getUserPermissionsErrors'][] = static function ( $title, $user, $action, &$result ) {\n"
        "	$hidden = $action === 'read' && $title->getText() === 'Soirée réparation';\n"
        "	$result = $hidden ? [ 'badaccess-group0' ] : $result;\n	return !$hidden;\n};"
    )
    assert ground.post("feedback", verdict, user=wiki.admin.name).status_code == 404, (
        "a target nobody may read"
    )
    wiki.settings_path.write_text(settings, encoding="utf-8")
    assert ground.post("feedback", verdict, user=wiki.admin.name).status_code == 200
    wiki.configure("$wgGroupPermissions['*']['createpage'] = false;")
    unknown = {**new, "title": "Pas encore là"}
    assert ground.post("links", unknown).status_code == 403
    assert ground.post("links", written(ground)).status_code == 200, "others are edited by anybody"
    assert ground.post("links", unknown, user=AUTHOR).status_code == 200
    wiki.settings_path.write_text(settings, encoding="utf-8")
    wiki.create_user("Zoé Bloquée")
    wiki.session("Zoé Bloquée")
    wiki.session().write("block", user="Zoé Bloquée", expiry="never")
    assert ground.post("links", written(ground), user="Zoé Bloquée").status_code == 403
    assert ground.get(f"box/{pageid(ground, 'Atelier')}", user="Zoé Bloquée").status_code == 200


def test_what_is_no_request_is_refused(ground: ExtensionGround, script: ScriptedService) -> None:
    ground.point_to(script.url)
    address = f"{ground.wiki.server_url}/rest.php/compagnon/v0/links"
    good = written(ground)
    bodies: list[tuple[str, str, int]] = [
        ("application/json", "", 400),
        ("application/json", "[[[", 400),
        ("application/json", "3", 400),
        ("application/json", json.dumps({**good, "wikitext": ["a"]}), 400),
        ("application/json", json.dumps({**good, "pageid": -1}), 400),
        ("application/json", json.dumps({**good, "title": "a" * 2000}), 400),
        ("text/plain", json.dumps(good), 400),
        ("application/x-www-form-urlencoded", "wikitext=a", 400),
        ("application/json", json.dumps({**good, "wikitext": "é" * 1_200_000}), 413),
        ("application/json", json.dumps({**good, "pageid": 0, "title": "Spécial:Version"}), 404),
        ("application/json", json.dumps({**good, "pageid": 0, "title": "a[b]|"}), 404),
        ("application/json", json.dumps({**good, "pageid": 9999}), 404),
    ]
    with requests.Session() as session:
        session.trust_env = False
        session.cookies.update(ground.wiki.session(AUTHOR).cookies)
        for media_type, body, status in bodies:
            reply = session.post(
                address, data=body.encode(), headers={"Content-Type": media_type}, timeout=60
            )
            assert reply.status_code == status, (media_type, body[:60])
        for page in ("0", "-1", "x", "1.5"):
            assert session.get(address.replace("links", f"box/{page}"), timeout=60).status_code in (400, 404)
    assert script.requests == []
    assert ground.complaints() == []


# A service that is not well


def test_a_service_that_was_stopped_is_left_alone_for_a_minute(ground: ExtensionGround) -> None:
    ground.point_to(ground.service_url + "/")
    box = f"box/{pageid(ground, 'Atelier')}"
    assert ground.get(box).status_code == 200
    assert special(ground, "outils").select(".compagnon-special-found")
    ground.stop_service()
    reply = ground.get(box)
    assert (reply.status_code, reply.content) == (204, b"")
    ground.start_service()
    assert ground.get(box).status_code == 204
    assert ground.post("links", written(ground), user=AUTHOR).status_code == 204
    verdict = {"target_pageid": 1, "link_text": "x", "verdict": "accepted", "reason": None}
    assert ground.post("feedback", {**written(ground), **verdict}, user=AUTHOR).json() == {"kept": False}
    page = special(ground, "outils")
    [said] = page.select(".compagnon-special-note")
    assert said.get_text().startswith("La recherche par le sens n’est pas disponible pour le moment.")
    assert not page.select(".compagnon-special-found")
    ground.forget_failures()
    assert ground.get(box).status_code == 200
    assert ground.complaints() == []
