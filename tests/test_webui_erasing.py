"""Somebody who was everywhere is erased: no file has their name then, and the wiki brings nobody back."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from capture.notes import read_notes
from connector.erased import MASK
from connector.errors import EditRefusedError, StoreError
from connector.store import Store
from connector.sync import verify
from connector.wiki import PageEdit
from tests.builders import HashingEmbedder
from tests.command_line import CommandLine, assert_shape, compagnon
from tests.community_traces import NEWCOMER_ID, QUESTION, leave_traces, tables_with
from tests.mediawiki import LocalWiki
from tests.office_documents import docx
from tests.sign_in_ground import MEMBER, make_app, make_client, post, sign_in, sign_in_services
from tests.store_on_postgresql import rows_behind
from webui.bootstrap import Services
from webui.own_names import are_theirs_alone

__all__ = ["compagnon"]  # a fixture

# The member is called so in texts too, and in other ways.
PRACTICE = f"""{{{{Practice|statut=testée|contacts={MEMBER}, Malo Rivière|langue=fr}}}}
== Problème ==
Le compost pourrit. [[Utilisateur:{MEMBER}|{MEMBER}]] l’a vu avec CARON Inès et Malo Rivière.
== Solution ==
Le retourner au printemps, dit Ine\u0300s  Caron ; voir https://exemple.org/qui?nom=In%C3%A8s%20Caron
et In&egrave;s&nbsp;Caron. Inès Caronville et Agnès Caron sont d’autres personnes.
"""
NOTES = f"""# Réunion du 3 mars 2026
Présents : {MEMBER}, Malo Rivière
## Compost
Problème : le compost pourrit.
Solution : {MEMBER} le retourne au printemps avec la fourche.
Action : {MEMBER} achète une fourche avant le 10 mars 2026.
Question : qui remplace INES CARON en mai ?
"""
MAIL = """From: =?utf-8?q?In=C3=A8s_Caron?= <ines.caron@exemple.org>
To: liste@exemple.org
Subject: Compte rendu
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: base64

UHLDqXNlbnRzIDogSW7DqHMgQ2Fyb24sIE1hbG8gUml2acOocmUKT24gYSBwYXJsw6kgZHUgY29t
cG9zdC4K
"""
OTHERS = "Caron Inès\nI. Caron"
# As the name may stand in a file, once case and accents are gone.
_NAME = re.compile(
    r"ine?s[\s_+.,'\]\[|-]{0,6}(?:%20|\\u00a0|&nbsp;)?caron(?![a-z])|(?<!ag)\bin(?:%c3%a8|\\u00e8|&egrave;|=c3=a8)s.{1,6}caron(?![a-z])"
    r"|caron[\s_,+-]{1,3}in(?:e|\\u00e8|%c3%a8)s"
)


def folded(text: str) -> str:
    """Without case and accents, of which some may stand beside their letter."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def files_naming(folder: Path) -> list[str]:
    """The files, and what stands there or in the databases that they name, in whatever encoding it may be."""
    found = []
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        data = path.read_bytes()
        data += rows_behind(data)
        for encoding in ("utf-8", "utf-16-le", "utf-16-be", "latin-1"):
            hit = _NAME.search(folded(data.decode(encoding, "replace")))
            if hit:
                around = folded(data.decode(encoding, "replace"))[max(0, hit.start() - 40) : hit.end() + 40]
                found.append(f"{path.relative_to(folder)}: {around!r} ({encoding})")
    return found


@pytest.fixture(scope="module")
def wiki(wiki_template_fr: LocalWiki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalWiki]:
    local = wiki_template_fr.copy(tmp_path_factory.mktemp("wiki") / "copy")
    local.create_user(MEMBER)
    local.create_user("Malo Rivière", groups=["sysop"])
    local.edit("Compost", PRACTICE, user=MEMBER, summary=f"de {MEMBER}, avec amitié")
    local.edit("Fourche", "La fourche de l’atelier. Elle sert au compost et au jardin.", user=MEMBER)
    local.edit(
        "Fourche", "La fourche de l’atelier. Elle sert au compost.", user="Malo Rivière", summary="relu"
    )
    local.edit(f"Utilisateur:{MEMBER}", "Ma page.", user=MEMBER)
    local.edit("Atelier vélo", "On y répare des roues.", user="Malo Rivière")
    local.edit("Portrait", f"#REDIRECTION [[Utilisateur:{MEMBER}]]")
    yield local
    local.discard()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def services(wiki: LocalWiki, folder: Path) -> Iterator[Services]:
    with sign_in_services(folder, wiki.api_url) as services:
        yield services
        services.eraser.wait()


@pytest.fixture(scope="module")
def app(services: Services) -> Flask:
    return make_app(services)


@pytest.fixture(scope="module")
def named(app: Flask, services: Services, wiki: LocalWiki) -> FlaskClient:
    """The member's browser, after they and others have left their name wherever it can stand."""
    client = make_client(app)
    sign_in(client, *wiki.create_bot_password(MEMBER, "compagnon"), keep="1")
    client.get("/me")
    store = services.store
    account = store.accounts.named(MEMBER)
    assert account is not None
    for data, name in (
        (NOTES.encode(), f"CR {MEMBER}.md"),
        (NOTES.replace("mars", "avril").encode("utf-16"), "utf16.txt"),
        (NOTES.replace("mars", "mai").encode("cp1252"), "ancien.txt"),
        (
            docx("<w:p><w:r><w:t>Présents : Inès</w:t></w:r><w:r><w:t> Caron, Malo</w:t></w:r></w:p>"),
            "cr.docx",
        ),
        (MAIL.encode(), "cr.eml"),
    ):
        notes = read_notes(data, filename=name)
        services.desk.add(services.capture.capture(notes), notes, actor=MEMBER)
        store.capture_jobs.submit(services.desk.add_notes(notes), actor=MEMBER, ready=True)
    store.questions.ask(f"Que sait {MEMBER} du compost ?", language="fr", asked_by=account.id)
    compost = store.pages.require("Compost")
    store.hit_feedback.judge(compost.pageid, f"demander à {MEMBER}", "helped")
    leave_traces(
        store, name=MEMBER, user_id=account.wiki_user_id, account_id=account.id, pageid=compost.pageid
    )
    services.update_index()
    return client


def test_nobody_erases_somebody_else_on_their_own_page(named: FlaskClient, services: Services) -> None:
    answer = post(named, "/me/erase", {"name": MEMBER, "others": "Inès C\nMalo Rivière"})
    assert answer.status_code == 409
    assert "Malo Rivière" in answer.get_data(as_text=True), "what was typed is still there"
    assert services.store.accounts.named(MEMBER) is not None
    assert services.store.erased_names.known().digest == ""


@pytest.mark.parametrize(
    ("name", "others", "alone"),
    [
        ("Malo Riviere", (), False),  # somebody else, but for an accent
        ("Atelier Velo", (), False),  # a page
        ("Agnes Caron", (), False),  # words that stand in texts, on more pages than are allowed here
        ("Atelier L", ("Léo Atelier", "Atelier vélo"), False),
        ("Loïc T", ("Tanguy",), False),  # nothing like the account's name
        ("LTanguy", ("Loïc Tanguy", "Tanguy, L."), True),
        ("Ranger", (), True),  # one word is masked where it is an account's alone
    ],
)
def test_a_name_may_be_somebody_else_s_or_everybody_s(
    named: FlaskClient,
    services: Services,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    others: tuple[str, ...],
    alone: bool,
) -> None:
    monkeypatch.setattr("webui.own_names.MOST_PAGES", 0)
    accounts = services.store.accounts
    account = accounts.put(wiki_user_id=4_000, name=name, groups=(), told_at=datetime.now(UTC))
    assert are_theirs_alone(services, account, others) is alone
    accounts.delete(account.id)


@pytest.fixture(scope="module")
def number(named: FlaskClient, services: Services) -> int:
    """Of the member's account in the wiki, while there is one here."""
    account = services.store.accounts.named(MEMBER)
    assert account is not None
    return account.wiki_user_id


@pytest.fixture(scope="module")
def erased(named: FlaskClient, number: int, services: Services, folder: Path) -> FlaskClient:
    """The same browser, after the member has had themselves erased on their page."""
    assert len(files_naming(folder)) > 1, "the test must see what is to be erased"
    assert len(tables_with(services.store, number)) > 5, "in each table that knows people"
    answer = post(named, "/me/erase", {"name": "ines_caron", "others": OTHERS})
    assert answer.status_code == 303
    services.eraser.wait()
    return named


def test_no_file_has_the_name(erased: FlaskClient, folder: Path, services: Services) -> None:
    assert files_naming(folder) == []
    assert services.store.erased_names.is_finished()
    assert services.store.integrity_check() == []


def test_the_number_of_their_account_is_nowhere(erased: FlaskClient, services: Services, number: int) -> None:
    assert tables_with(services.store, number) == []
    assert "ask.wiki_user_id" in tables_with(services.store, NEWCOMER_ID), "who was asked by them stays"
    texts = {question.text: question.state for question in services.store.questions.list(limit=9)}
    assert texts[QUESTION] == "open"
    assert texts["Qui a répondu ?"] == "answered"


def test_what_is_not_theirs_stays(erased: FlaskClient, services: Services) -> None:
    text = services.store.pages.require("Compost").wikitext
    assert text.count(MASK) == 7
    assert "Inès Caronville et Agnès Caron" in text
    assert "Malo Rivière" in text
    history = services.store.revisions.of_page(services.store.pages.require("Fourche").pageid)
    assert [revision.user for revision in history] == [None, "Malo Rivière"]


def test_notes_keep_their_lines_and_who_else_was_there(erased: FlaskClient, services: Services) -> None:
    entries = {entry.filename: entry for entry in services.store.notes.list()}
    assert set(entries) == {f"CR {MASK}.md", "utf16.txt", "ancien.txt", "cr.docx.txt", "cr.eml.txt"}
    for entry in entries.values():
        notes = services.desk.notes(entry.id)
        texts = [line.text for line in notes.lines]
        assert any(MASK in text for text in texts), entry.filename
        assert any("Malo" in text for text in texts), entry.filename
        assert notes.sha256 == entry.sha256, "the same file given again is known"
    markdown = services.desk.notes(entries[f"CR {MASK}.md"].id)
    assert len(markdown.lines) == len(NOTES.splitlines())
    assert entries["cr.docx.txt"].media_type == entries["cr.eml.txt"].media_type == "text/plain"


def test_nobody_finds_them(erased: FlaskClient, services: Services, app: Flask, wiki: LocalWiki) -> None:
    experts = services.searcher.experts("compost", top_k=20).experts
    assert "Malo Rivière" in [expert.name for expert in experts]
    names = [expert.name for expert in experts]
    assert MEMBER not in names
    assert not any(MASK in name for name in names)
    coordinator = make_client(app)
    sign_in(coordinator, *wiki.create_bot_password("Malo Rivière", "compagnon"))
    for address in (
        "/?q=compost",
        "/questions",
        "/drafts",
        "/follow-ups",
        "/api/v1/search?q=compost",
        "/api/v1/experts?q=compost",
        "/api/v1/topics",
        "/community",
        "/community/changes?since=2020-01-01",
        "/community/hand-over",
        "/community/meetings",
        "/community/meetings/1",
        "/community/meetings/1/agenda?format=wikitext",
        "/community/newcomers",
        "/community/practices",
        "/community/thanks",
        "/digest",
        "/map",
        "/welcome",
        "/api/v1/community",
    ):
        answer = coordinator.get(address)
        assert answer.status_code == 200, address
        assert not _NAME.search(folded(answer.get_data(as_text=True))), address


def test_they_are_signed_out_and_have_no_account(erased: FlaskClient, services: Services) -> None:
    assert services.store.accounts.named(MEMBER) is None
    assert erased.get("/me").status_code in (302, 303)


def test_the_wiki_does_not_bring_them_back(
    erased: FlaskClient, services: Services, folder: Path, wiki: LocalWiki
) -> None:
    wiki.edit("Bouture", f"{MEMBER} coupe sous un nœud.", user=MEMBER, summary=f"par {MEMBER}")
    wiki.edit("Compost", PRACTICE + "\nEncore.", user=MEMBER)
    for sweep in (False, True, True):
        report = services.sync(services.wiki(), sweep=sweep)
    assert (report.added, report.updated, report.moved, report.purged, report.mended) == (0, 0, 0, 0, 0)
    services.update_index()
    assert files_naming(folder) == []
    assert services.store.pages.require("Bouture").wikitext == f"{MASK} coupe sous un nœud."
    settings = services._sync_settings()
    verification = verify(services.wiki(), services.store, settings=settings, texts=None)
    assert verification.in_step, verification
    # A mirror that is made anew is masked too.
    services.store.pages.delete([head.pageid for head in services.store.pages.heads()])
    services.store.sync_state.put(feed_since=None, last_sweep=None)
    services.sync(services.wiki(), sweep=True)
    services.store.scrub(thorough=True)
    assert services.store.pages.by_title("Bouture") is not None
    assert files_naming(folder) == []


def test_new_notes_do_not_bring_them_back(erased: FlaskClient, services: Services, folder: Path) -> None:
    notes = read_notes(NOTES.replace("mars", "juin"), filename=f"{MEMBER} juin.md")
    drafts = services.desk.add(services.capture.capture(notes), notes, actor="Malo Rivière")
    services.store.questions.ask(f"Où est {MEMBER} ?", language="fr", asked_by=None)
    services.store.scrub(thorough=True)
    assert files_naming(folder) == []
    assert all(MEMBER not in one.draft.people for one in services.desk.list())
    assert drafts is not None


def test_a_mask_is_never_saved_to_the_wiki(erased: FlaskClient, services: Services, wiki: LocalWiki) -> None:
    account = wiki.create_bot_password("Malo Rivière", "autre")
    live = services.connect(user=account[0], password=account[1])
    current = live.current("Compost")
    with pytest.raises(EditRefusedError, match="erased"):
        live.save(
            PageEdit(
                title="Compost",
                wikitext=services.store.pages.require("Compost").wikitext,
                summary="",
                base_revid=current.revid,
            )
        )
    assert wiki.text("Compost") == current.wikitext


def test_another_key_is_noticed(erased: FlaskClient, services: Services, folder: Path) -> None:
    with (
        Store.open(folder / "compagnon.sqlite3", secret=lambda: "another one") as store,
        pytest.raises(StoreError, match="secret-key"),
    ):
        store.questions.ask("Qui sait tailler ?", language="fr", asked_by=None)


def test_the_command_erases_and_says_counts_alone(
    erased: FlaskClient,
    services: Services,
    folder: Path,
    compagnon: CommandLine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("webui.bootstrap.make_embedder", lambda _config: HashingEmbedder())
    services.index.close()  # a folder of vectors belongs to one process
    compagnon.data = folder
    run = compagnon("erase-person", "Malo Rivière", "--yes", "--json")
    report = run.json
    assert_shape(report, "erase-person")
    assert report["names"] == 1
    assert report["pages"] >= 1
    assert "Malo" not in run.out + run.err
    texts = [page.wikitext for page in services.store.pages.iterate(redirects=True)]
    assert not any("Malo Rivière" in text for text in texts)
