"""Who may read what, with the real service: what the wiki hides is in no answer, title included."""

import shutil
from collections.abc import Iterator

import pytest
import requests
from bs4 import BeautifulSoup, Tag

from tests.community import EVENING, MEETING_PLACE, REGISTER, SHEET, TOOLS, WELCOME
from tests.conftest import WikiTemplates
from tests.extension_ground import ExtensionGround, extension_ground

pytestmark = [pytest.mark.model, pytest.mark.wiki]

HIDDEN = "Réserve des outils rares"
HIDDEN_TEXT = """{{Practice|statut=testée|langue=fr}}
Après la [[soirée réparation]] les outils rares sont rangés dans la réserve, dont deux bénévoles ont la clé.
"""
OPEN = "Ranger les outils"
LIST = "MediaWiki:Compagnon-no-links"
MOVED = "Prêt des outils"
DELETED = "Vente des outils"
ABOUT_TOOLS = (
    "Les outils de la [[soirée réparation]] sont rangés au mur. On les {verb} aux bénévoles le samedi."
)
TEXT = "On range la clé de la réserve des outils rares et la fiche de suivi après la soirée réparation."
# As extensions that protect single pages do it.
PROTECTION = f"""
$wgHooks['getUserPermissionsErrors'][] = static function ( $title, $user, $action, &$result ) {{
	$hidden = in_array( $title->getPrefixedText(), [ '{HIDDEN}', 'Discussion:{OPEN}', '{LIST}' ], true );
	if ( $action === 'read' && !$user->isRegistered() && $hidden ) {{
		$result = [ 'badaccess-group0' ];
		return false;
	}}
	return true;
}};
$wgGroupPermissions['sysop']['hideuser'] = true;
"""


@pytest.fixture(scope="module")
def ground(
    wiki_templates: WikiTemplates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ExtensionGround]:
    wiki = wiki_templates.get("fr").copy(tmp_path_factory.mktemp("wiki") / "copy")
    wiki.edit("Accueillir un nouveau bénévole", WELCOME, user="Aïcha Benali")
    wiki.edit("Soirée réparation", EVENING, user="Marc Le Goff")
    wiki.edit("Atelier", MEETING_PLACE, user="Inès Caradec")
    wiki.edit("Ranger les outils", TOOLS, user="Marc Le Goff")
    wiki.edit("Fiche de suivi", SHEET, user="Inès Caradec")
    wiki.edit("Registre des objets", REGISTER, user="Inès Caradec")
    wiki.edit(HIDDEN, HIDDEN_TEXT, user="Paul Kerbrat")
    wiki.edit(f"Discussion:{OPEN}", "Le mur est plein depuis mars, il faut des crochets.", user="Solène Prat")
    folder = tmp_path_factory.mktemp("service")
    with extension_ground(wiki, folder, settings=PROTECTION) as ground:
        yield ground
    wiki.discard()
    shutil.rmtree(folder)


def pageid(ground: ExtensionGround, title: str) -> int:
    [page] = ground.wiki.session().ask("query", titles=title)["query"]["pages"]
    return int(page["pageid"])


def search(ground: ExtensionGround, question: str, *, user: str | None = None) -> Tag:
    with requests.Session() as session:
        session.trust_env = False
        if user is not None:
            session.cookies.update(ground.wiki.session(user).cookies)
        reply = session.get(
            ground.wiki.index_url, params={"title": "Special:Compagnon", "q": question}, timeout=60
        )
    assert reply.status_code == 200
    found = BeautifulSoup(reply.text, "html.parser").select_one("#mw-content-text .compagnon-special-found")
    assert found is not None
    return found


def test_the_box_leaves_out_what_its_reader_may_not_read(ground: ExtensionGround) -> None:
    route = f"box/{pageid(ground, 'Ranger les outils')}"
    seen = ground.get(route, user="Inès Caradec")
    assert HIDDEN in [page["title"] for page in seen.json()["related"]], "the service has it"
    assert "Paul Kerbrat" in [person["name"] for person in seen.json()["people"]]
    reply = ground.get(route)
    assert reply.status_code == 200
    assert reply.json()["related"]
    assert HIDDEN not in reply.text
    assert str(pageid(ground, HIDDEN)) not in [str(page["pageid"]) for page in reply.json()["related"]]
    assert "Kerbrat" not in reply.text, "nothing that may be read shows that he knows"
    assert reply.headers["Cache-Control"] == "private, no-store"


def test_who_answers_on_a_hidden_talk_page_is_not_known_for_it(ground: ExtensionGround) -> None:
    route = f"box/{pageid(ground, OPEN)}"
    seen = ground.get(route, user="Inès Caradec").json()["people"]
    [solene] = [person for person in seen if person["name"] == "Solène Prat"]
    assert solene["pages"] == [{"pageid": pageid(ground, OPEN), "title": OPEN}]
    reply = ground.get(route)
    assert reply.status_code == 200
    assert "Solène" not in reply.text
    assert "Solène" not in str(search(ground, "Où ranger les outils ?"))


def test_a_page_that_may_not_be_read_looks_as_if_it_were_not_there(ground: ExtensionGround) -> None:
    hidden, absent = ground.get(f"box/{pageid(ground, HIDDEN)}"), ground.get("box/99999")
    assert (hidden.status_code, hidden.text) == (absent.status_code, absent.text)
    assert hidden.status_code == 404
    assert ground.get(f"box/{pageid(ground, HIDDEN)}", user="Inès Caradec").status_code == 200
    body = {"pageid": pageid(ground, HIDDEN), "revid": 1, "title": HIDDEN, "wikitext": TEXT}
    assert ground.post("links", body).status_code == 404
    assert ground.post("links", {**body, "pageid": 0}).status_code == 404


def test_no_link_is_suggested_to_what_the_editor_may_not_read(ground: ExtensionGround) -> None:
    body = {"pageid": 0, "revid": 0, "title": "Le rangement", "wikitext": TEXT}
    seen = ground.post("links", body, user="Marc Le Goff").json()
    assert HIDDEN in [each["link_target"] for each in seen["suggestions"]]
    reply = ground.post("links", body)
    targets = [each["link_target"] for each in reply.json()["suggestions"]]
    assert "Soirée réparation" in targets
    assert HIDDEN not in reply.text
    assert f"[[{HIDDEN[:6].lower()}" not in reply.text
    assert (seen["no_links_title"], reply.json()["no_links_title"]) == (LIST, "")
    assert reply.headers["Cache-Control"] == "private, no-store"


def test_the_search_leaves_out_what_its_reader_may_not_read(ground: ExtensionGround) -> None:
    question = "Où sont les outils après la soirée réparation ?"
    seen = search(ground, question, user="Inès Caradec").get_text(" ")
    assert HIDDEN in seen
    assert "Paul Kerbrat" in seen
    shown = search(ground, question)
    assert "Ranger les outils" in shown.get_text(" ")
    for word in ("Réserve", "rares", "clé", "Kerbrat"):
        assert word not in str(shown)


def test_pages_have_their_present_titles_and_deleted_ones_are_gone(ground: ExtensionGround) -> None:
    wiki, services = ground.wiki, ground.services
    moved = wiki.edit(MOVED, ABOUT_TOOLS.format(verb="prête")).pageid
    wiki.edit(DELETED, ABOUT_TOOLS.format(verb="vend"))
    services.refresh()
    box = f"box/{pageid(ground, 'Ranger les outils')}"
    assert {MOVED, DELETED} <= {page["title"] for page in ground.get(box).json()["related"]}
    wiki.move(MOVED, "Outils prêtés le samedi", redirect=False)
    wiki.delete(DELETED)
    reply = ground.get(box)
    assert {"pageid": moved, "title": "Outils prêtés le samedi"}.items() <= next(
        page for page in reply.json()["related"] if page["pageid"] == moved
    ).items()
    assert MOVED not in reply.text
    assert DELETED not in reply.text
    text = "Le prêt des outils et la vente des outils ont lieu pendant la soirée réparation."
    body = {"pageid": 0, "revid": 0, "title": "Le samedi", "wikitext": text}
    links = ground.post("links", body, user="Marc Le Goff").json()
    assert [each["link_target"] for each in links["suggestions"]] == ["Soirée réparation"]
    assert moved not in [each["pageid"] for each in links["see_also"]], "its line would have the old title"
    shown = str(search(ground, "Que fait-on des outils le samedi ?"))
    assert "Outils prêtés le samedi" in shown
    assert MOVED not in shown
    assert DELETED not in shown


def test_a_hidden_account_is_nowhere(ground: ExtensionGround) -> None:
    wiki = ground.wiki
    route = f"box/{pageid(ground, 'Soirée réparation')}"
    assert "Aïcha Benali" in ground.get(f"box/{pageid(ground, 'Atelier')}").text
    wiki.session().write("block", user="Aïcha Benali", expiry="never", hidename=True, reason="oversight")
    for reader in (None, wiki.admin.name):
        assert "Benali" not in ground.get(f"box/{pageid(ground, 'Atelier')}", user=reader).text
        assert "Benali" not in ground.get(route, user=reader).text
    assert "Benali" not in str(search(ground, "Qui accueille un nouveau bénévole ?"))


def test_a_private_wiki_shows_nothing_to_strangers(ground: ExtensionGround) -> None:
    route = f"box/{pageid(ground, 'Atelier')}"
    settings = ground.wiki.settings_path.read_text(encoding="utf-8")
    ground.wiki.configure("$wgGroupPermissions['*']['read'] = false;")
    try:
        assert ground.get(route).status_code == 403
        body = {"pageid": 0, "revid": 0, "title": "Le rangement", "wikitext": TEXT}
        assert ground.post("links", body).status_code == 403
        with requests.Session() as session:
            session.trust_env = False
            address = {"title": "Special:Compagnon", "q": "outils"}
            page = session.get(ground.wiki.index_url, params=address, timeout=60).text
        assert "Soirée réparation" not in page
        assert "compagnon-question" not in page
        assert ground.get(route, user="Inès Caradec").status_code == 200
    finally:
        ground.wiki.settings_path.write_text(settings, encoding="utf-8")


def test_nothing_of_it_made_php_complain(ground: ExtensionGround) -> None:
    assert ground.get("box/1").status_code == 200, "something was asked in this test's own run, too"
    assert ground.complaints() == []
