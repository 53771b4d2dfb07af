"""The wiki of the tests is a real one, each copy stands alone, and nothing stays behind."""

import bz2
import gzip
import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from tests import mediawiki_install
from tests.conftest import MakeWiki
from tests.mediawiki import LocalWiki
from tests.mediawiki_api import ApiSession, LocalWikiError
from tests.mediawiki_install import LocalWikiMissingError
from tests.mediawiki_pages import SHARED_PAGES
from tests.php_server import group_members

EXPORT = """\
<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="0.11" xml:lang="fr">
  <siteinfo>
    <sitename>Verger</sitename><dbname>verger</dbname><base>http://verger.invalid/</base>
    <generator>MediaWiki 1.39.0</generator><case>first-letter</case>
    <namespaces><namespace key="0" case="first-letter" /></namespaces>
  </siteinfo>
  <page>
    <title>Greffe en fente</title><ns>0</ns><id>7</id>
    <revision>
      <id>71</id><timestamp>2023-03-01T09:00:00Z</timestamp>
      <contributor><username>Odile Marchadour</username><id>3</id></contributor>
      <comment>Création</comment><model>wikitext</model><format>text/x-wiki</format>
      <text xml:space="preserve">Greffer en mars, quand la sève monte.</text>
    </revision>
    <revision>
      <id>72</id><parentid>71</parentid><timestamp>2024-02-11T18:30:00Z</timestamp>
      <contributor><username>Élie Vasseur</username><id>4</id></contributor>
      <comment>Précision</comment><model>wikitext</model><format>text/x-wiki</format>
      <text xml:space="preserve">Greffer en mars, quand la sève monte, sur un porte-greffe d’un an.</text>
    </revision>
  </page>
</mediawiki>
"""


def test_the_shared_wiki_speaks_french(wiki: LocalWiki) -> None:
    general = wiki.session().ask("query", meta="siteinfo")["query"]["general"]
    assert general["lang"] == "fr"
    assert general["sitename"] == "Savoirs communs"
    assert general["server"] == wiki.server_url
    assert "Modifier" in requests.get(f"{wiki.index_url}/Hivernage_des_ruches", timeout=60).text


def test_the_english_wiki_speaks_english(english_wiki: LocalWiki) -> None:
    assert english_wiki.session().ask("query", meta="siteinfo")["query"]["general"]["lang"] == "en"
    assert english_wiki.text("Main Page")


def test_the_shared_pages_have_their_history_and_their_authors(wiki: LocalWiki) -> None:
    for title in {edit.title for edit in SHARED_PAGES}:
        edits = [edit for edit in SHARED_PAGES if edit.title == title]
        revisions = wiki.revisions(title)[::-1]
        assert [(r["user"], r["comment"]) for r in revisions] == [(e.user, e.summary) for e in edits]
    members = wiki.session().ask("query", list="categorymembers", cmtitle="Catégorie:Pratiques", cmlimit=50)
    assert {member["title"] for member in members["query"]["categorymembers"]} == {
        "Comptage du varroa",
        "Hivernage des ruches",
        "Sirop de nourrissement",
        "Swarm capture",
    }


def test_the_shared_wiki_refuses_changes_even_by_its_administrator(wiki: LocalWiki) -> None:
    with pytest.raises(LocalWikiError) as caught:
        wiki.edit("Accueil", "Autre chose")
    assert caught.value.code == "permissiondenied"


def test_a_copy_of_the_shared_wiki_can_be_written_and_leaves_it_alone(
    wiki: LocalWiki, make_wiki: MakeWiki
) -> None:
    before = wiki.revisions("Comptage du varroa")
    copy = make_wiki(source=wiki)
    assert copy.revisions("Comptage du varroa") == before
    copy.edit("Comptage du varroa", "Tout autre chose.", user="Noémie Tréguier")
    copy.edit("Nouvelle page", "Elle n’est que dans la copie.")
    assert wiki.revisions("Comptage du varroa") == before
    with pytest.raises(LocalWikiError) as caught:
        wiki.text("Nouvelle page")
    assert caught.value.code == "missingtitle"
    assert copy.server_url != wiki.server_url


def test_an_edit_with_a_bot_password_is_its_owners(fresh_wiki: LocalWiki) -> None:
    login, password = fresh_wiki.create_bot_password("camille_Roux", "compagnon")
    assert login == "Camille Roux@compagnon"
    assert len(password) == 32
    session = ApiSession(fresh_wiki.api_url)
    session.log_in_with_bot_password(login, password)
    result = session.write("edit", title="Compost", text="Le compost se retourne.", summary="Création")
    [revision] = fresh_wiki.revisions("Compost")
    assert revision["user"] == "Camille Roux"
    assert revision["comment"] == "Création"
    assert revision["content"] == "Le compost se retourne."
    assert revision["revid"] == result["edit"]["newrevid"]


def test_a_wrong_password_is_refused_and_locks_nobody_out(fresh_wiki: LocalWiki) -> None:
    login, password = fresh_wiki.create_bot_password("Camille Roux", "compagnon")
    for _ in range(7):  # MediaWiki's own throttle closes after five
        with pytest.raises(LocalWikiError) as caught:
            ApiSession(fresh_wiki.api_url).log_in_with_bot_password(login, password[::-1])
        assert caught.value.code == "Failed"
    ApiSession(fresh_wiki.api_url).log_in_with_bot_password(login, password)


def test_edits_moves_and_deletions_are_done_as_who_is_named(fresh_wiki: LocalWiki) -> None:
    first = fresh_wiki.edit("Taille", "Tailler.", user="Inès Bouvier", summary="Un", minor=False)
    second = fresh_wiki.edit("Taille", "Tailler court.", user="Yann Kerdoncuff", summary="Deux", minor=True)
    assert (first.pageid, first.title) == (second.pageid, "Taille")
    assert first.revid < second.revid
    latest, oldest = fresh_wiki.revisions("Taille")
    assert (latest["user"], latest["minor"], latest["revid"]) == ("Yann Kerdoncuff", True, second.revid)
    assert (oldest["user"], oldest["minor"], oldest["content"]) == ("Inès Bouvier", False, "Tailler.")
    with pytest.raises(LocalWikiError) as caught:
        fresh_wiki.edit("Taille", "Tailler court.", user="Inès Bouvier")
    assert caught.value.code == "nochange"

    fresh_wiki.move("Taille", "Taille en vert", user="Inès Bouvier", reason="Plus précis")
    assert fresh_wiki.text("Taille").endswith("[[Taille en vert]]")
    fresh_wiki.delete("Taille en vert", reason="Doublon")
    with pytest.raises(LocalWikiError):
        fresh_wiki.text("Taille en vert")
    log = fresh_wiki.session().ask("query", list="logevents", lelimit=5, letype=None)["query"]["logevents"]
    done = [(event["action"], event["user"]) for event in log if event["type"] in ("move", "delete")]
    assert done == [("delete", "Admin"), ("move", "Inès Bouvier")]


def test_a_user_can_be_given_groups(fresh_wiki: LocalWiki) -> None:
    fresh_wiki.create_user("Odile Marchadour", groups=("sysop", "bot"))
    fresh_wiki.edit("À jeter", "Brouillon")
    fresh_wiki.delete("À jeter", user="Odile Marchadour")
    [user] = fresh_wiki.session().ask("query", list="users", ususers="Odile Marchadour", usprop="groups")[
        "query"
    ]["users"]
    assert {"sysop", "bot"} <= set(user["groups"])
    with pytest.raises(LocalWikiError, match="not a valid group"):
        fresh_wiki.create_user("Odile Marchadour", groups=("jardinier",))


def test_a_private_wiki_shows_nothing_to_who_is_not_logged_in(fresh_wiki: LocalWiki) -> None:
    anonymous = ApiSession(fresh_wiki.api_url)
    assert anonymous.ask("query", titles="Accueil")
    fresh_wiki.make_private()
    with pytest.raises(LocalWikiError) as caught:
        anonymous.ask("query", titles="Accueil")
    assert caught.value.code == "readapidenied"
    assert fresh_wiki.text("Accueil")
    fresh_wiki.stop()
    fresh_wiki.start()
    assert fresh_wiki.session("Camille Roux").ask("query", titles="Accueil")


@pytest.mark.parametrize("suffix", [".xml", ".xml.gz", ".xml.bz2"])
def test_an_export_is_imported_with_its_history(fresh_wiki: LocalWiki, tmp_path: Path, suffix: str) -> None:
    text = EXPORT.encode()
    packed = {".xml": text, ".xml.gz": gzip.compress(text), ".xml.bz2": bz2.compress(text)}
    dump = tmp_path / f"verger{suffix}"
    dump.write_bytes(packed[suffix])
    fresh_wiki.import_dump(dump)
    latest, oldest = fresh_wiki.revisions("Greffe en fente")
    assert (latest["user"], latest["timestamp"]) == ("Élie Vasseur", "2024-02-11T18:30:00Z")
    assert (oldest["user"], oldest["content"]) == (
        "Odile Marchadour",
        "Greffer en mars, quand la sève monte.",
    )
    fresh_wiki.edit("Greffe en fente", "Greffer en avril.", user="Élie Vasseur")
    assert len(fresh_wiki.revisions("Greffe en fente")) == 3


def test_without_their_accounts_authors_are_marked_as_imported(fresh_wiki: LocalWiki, tmp_path: Path) -> None:
    dump = tmp_path / "verger.xml"
    dump.write_text(EXPORT, encoding="utf-8")
    fresh_wiki.import_dump(dump, accounts=False)
    assert fresh_wiki.revisions("Greffe en fente")[0]["user"] == "imported>Élie Vasseur"


def test_extensions_of_the_package_and_of_a_folder_are_loaded(fresh_wiki: LocalWiki, tmp_path: Path) -> None:
    folder = tmp_path / "Salutation"
    folder.mkdir()
    manifest = {"name": "Salutation", "version": "1.2", "manifest_version": 2, "config_prefix": "wg"}
    (folder / "extension.json").write_text(json.dumps(manifest), encoding="utf-8")
    fresh_wiki.enable_extension("Gadgets")
    fresh_wiki.enable_extension(folder, "$wgSitename = 'Salut';")
    query = fresh_wiki.session().ask("query", meta="siteinfo", siprop=["extensions", "general"])["query"]
    versions = {extension["name"]: extension.get("version") for extension in query["extensions"]}
    assert versions["Salutation"] == "1.2"
    assert "Gadgets" in versions
    assert query["general"]["sitename"] == "Salut"


def test_a_mistake_in_the_settings_is_said_at_once(fresh_wiki: LocalWiki) -> None:
    with pytest.raises(LocalWikiError, match=r"LocalSettings\.php|HTTP 500"):
        fresh_wiki.configure("$wgBroken = ;")


def test_a_failed_maintenance_script_says_why(fresh_wiki: LocalWiki) -> None:
    with pytest.raises(LocalWikiError, match=r"createBotPassword\.php failed"):
        fresh_wiki.run_maintenance("createBotPassword.php", "--appid=a", "--grants=aucun", "Admin", "court")


def test_stopping_loses_nothing_and_starting_keeps_the_address(fresh_wiki: LocalWiki) -> None:
    address = fresh_wiki.api_url
    edit = fresh_wiki.edit("Semis", "Semer en lune montante.", user="Inès Bouvier")
    fresh_wiki.stop()
    with pytest.raises(requests.ConnectionError):
        requests.get(address, timeout=60)
    fresh_wiki.start()
    assert fresh_wiki.api_url == address
    changes = fresh_wiki.session().ask("query", list="recentchanges", rclimit=50, rcprop="ids|title")
    assert edit.revid in [change["revid"] for change in changes["query"]["recentchanges"]]


@pytest.mark.parametrize("how", ["stop", "kill", "discard"])
def test_no_process_stays_behind(make_wiki: MakeWiki, how: str) -> None:
    wiki = make_wiki()
    [group] = {os.getpgid(process) for process in wiki.process_ids()}
    assert len(wiki.process_ids()) > 4
    assert group != os.getpgid(0)
    getattr(wiki, how)()
    assert group_members(group) == []
    assert wiki.process_ids() == []
    with pytest.raises(ConnectionRefusedError), socket.socket() as probe:
        probe.connect(("127.0.0.1", urlsplit(wiki.server_url).port))


def test_no_process_outlives_tests_that_are_killed(wiki_template_fr: LocalWiki, tmp_path: Path) -> None:
    """Another interpreter starts a copy and is killed: it has no chance to clean up."""
    script = textwrap.dedent(
        """
        import pathlib, sys, time
        from tests.mediawiki import LocalWiki
        from tests.mediawiki_api import Account
        source = LocalWiki(pathlib.Path(sys.argv[1]), language="fr", admin=Account("Admin", "?"),
                           opcode_cache=pathlib.Path(sys.argv[2]))
        wiki = source.copy(pathlib.Path(sys.argv[3]))
        print(*wiki.process_ids(), flush=True)
        time.sleep(600)
        """
    )
    arguments = [str(wiki_template_fr.folder), str(tmp_path), str(tmp_path / "copy")]
    with subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        cwd=Path(__file__).parent.parent,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        processes = [int(word) for word in other.stdout.readline().split()]
        assert len(processes) > 4
        group = os.getpgid(processes[0])
        assert group_members(group) == processes
        other.send_signal(signal.SIGKILL)
    for _ in range(1000):
        if not group_members(group):
            return
        signal.sigtimedwait([], 0.01)
    left = group_members(group)
    os.killpg(group, signal.SIGKILL)
    pytest.fail(f"still alive: {left}")


def test_a_port_that_is_taken_is_said_with_the_servers_log(fresh_wiki: LocalWiki) -> None:
    fresh_wiki.stop()
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", urlsplit(fresh_wiki.server_url).port))
        other.listen()
        with pytest.raises(LocalWikiError, match="Address already in use"):
            fresh_wiki.start()
    assert fresh_wiki.process_ids() == []
    fresh_wiki.start()
    assert fresh_wiki.text("Accueil")


def test_missing_packages_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mediawiki_install, "MEDIAWIKI", tmp_path / "nowhere")
    with pytest.raises(LocalWikiMissingError, match="packages missing: mediawiki"):
        LocalWiki.build(tmp_path / "wiki")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LocalWikiMissingError, match="packages missing: php-cli"):
        LocalWiki.build(tmp_path / "wiki")
    assert not (tmp_path / "wiki").exists()
