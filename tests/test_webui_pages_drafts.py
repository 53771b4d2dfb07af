"""Reviewing a draft: correcting, dropping, publishing, and what happens when that fails."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from capture.notes import read_notes
from capture.review import DraftEdit
from connector.errors import EditConflictError, EditRefusedError, WikiLoginError, WikiUnavailableError
from connector.wiki import PageEdit, SavedEdit
from tests.community import NOTES, mirrored_community
from tests.review_forms import alert_of, fields, soup
from webui.app import create_app
from webui.bootstrap import Services

FRENCH = {"Accept-Language": "fr"}
SECRET = "0123456789abcdef0123456789abcdef"  # noqa: S105 - of no account
PUBLISHING = {"action": "publish", "account": "Aïcha Benali@compagnon", "password": SECRET}


class ScriptedWriter:
    """A wiki that answers an edit as it was told to."""

    def __init__(self, answer: SavedEdit | Exception) -> None:
        self.answer = answer
        self.edits: list[PageEdit] = []

    @property
    def user(self) -> str:
        return "Aïcha Benali"

    def save(self, edit: PageEdit) -> SavedEdit:
        self.edits.append(edit)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


SAVED = SavedEdit(pageid=70, title="Plan de l'atelier", revid=7001)


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    services = mirrored_community(tmp_path)
    capture(services)
    yield services
    services.close()


@pytest.fixture
def client(services: Services) -> FlaskClient:
    return create_app(services).test_client()


@pytest.fixture
def live(services: Services, monkeypatch: pytest.MonkeyPatch) -> ScriptedWriter:
    """The wiki behind the mirror, which saves what it is given until it is told otherwise."""
    writer = ScriptedWriter(SAVED)
    monkeypatch.setattr(Services, "can_publish", True)
    monkeypatch.setattr(services, "connect", lambda **_: writer)
    monkeypatch.setattr(services, "refresh", lambda: None)
    return writer


def capture(services: Services) -> int:
    notes = read_notes(NOTES, filename="notes.md")
    return services.desk.add(services.capture.capture(notes), notes, actor="a test")[0]


def opened(client: FlaskClient, draft_id: int = 1) -> BeautifulSoup:
    answer = client.get(f"/drafts/{draft_id}", headers=FRENCH)
    assert answer.status_code == 200
    return soup(answer)


def send(client: FlaskClient, changes: dict[str, str], *, page: BeautifulSoup | None = None) -> TestResponse:
    data = fields(page or opened(client)) | {"action": "save"} | changes
    return client.post("/drafts/1", data=data, headers=FRENCH)


def value(page: BeautifulSoup, name: str) -> str:
    return fields(page)[name]


def test_each_statement_stands_beside_its_lines(client: FlaskClient) -> None:
    page = opened(client)
    assert value(page, "title") == "Plan de l'atelier"
    statements = {
        " ".join(text.text.split()): str(item["data-lines"])
        for item in page.select(".statement")
        if (text := item.select_one("textarea"))
    }
    assert statements["Les nouveaux ne savent pas où sont les outils."] == "8"
    assert statements["Afficher un plan de l'atelier à l'entrée."] == "10"
    for link in page.select("a.lines"):
        assert page.select_one(str(link["href"]))
    for field in page.select("textarea[name], input[type=text], input[type=password], select"):
        assert page.select_one(f'label[for="{field["id"]}"]'), "every field has its label"


def test_the_wikitext_can_be_read_before_it_is_published(client: FlaskClient) -> None:
    preview = opened(client).select_one(".wikitext pre")
    assert preview
    assert preview.text.startswith("{{Practice")
    assert "== Problème ==" in preview.text


def test_a_correction_is_kept_with_the_lines_of_the_statement(
    client: FlaskClient, services: Services
) -> None:
    answer = send(
        client,
        {
            "title": "Afficher un plan à l'entrée",
            "text-solution-0": "Afficher à l'entrée\r\nun grand plan.",
            "people": "Aïcha Benali,  Marc Le Goff,",
        },
    )
    assert answer.status_code == 303
    reviewed = services.desk.get(1)
    assert reviewed.draft.title == "Afficher un plan à l'entrée"
    statement = reviewed.draft.fields["solution"][0]
    assert (statement.text, statement.lines) == ("Afficher à l'entrée un grand plan.", (10,))
    assert reviewed.draft.people == ("Aïcha Benali", "Marc Le Goff")
    assert "grand plan" in reviewed.draft.wikitext
    assert value(opened(client), "title") == "Afficher un plan à l'entrée"


def test_saving_what_was_not_changed_changes_nothing(client: FlaskClient, services: Services) -> None:
    before = services.desk.get(1)
    assert send(client, {}).status_code == 303
    assert services.desk.get(1) == before


@pytest.mark.parametrize("change", [{"remove-problem-0": "1"}, {"text-problem-0": "  "}])
def test_a_statement_is_removed_by_its_box_or_by_emptying_it(
    client: FlaskClient, services: Services, change: dict[str, str]
) -> None:
    assert len(services.desk.get(1).draft.fields["problem"]) == 1
    send(client, change)
    assert "problem" not in services.desk.get(1).draft.fields


def test_a_statement_that_a_person_adds_is_marked_as_theirs(client: FlaskClient, services: Services) -> None:
    send(
        client,
        {"added-field": "cautions", "added-text": "Refaire le plan chaque année.\r\n\r\nLe plastifier."},
    )
    added = services.desk.get(1).draft.fields["cautions"]
    assert [(one.text, one.lines, one.by_human) for one in added] == [
        ("Refaire le plan chaque année.", (), True),
        ("Le plastifier.", (), True),
    ]
    page = opened(client)
    assert page.text.count("écrit à la relecture") == 2


def test_the_browser_cannot_add_a_statement_that_comes_from_nowhere(
    client: FlaskClient, services: Services
) -> None:
    send(client, {"text-solution-0": "Un plan.", "text-solution-9": "Inventé.", "lines-solution-9": "10"})
    statements = services.desk.get(1).draft.fields["solution"]
    assert [(one.text, one.lines) for one in statements] == [("Un plan.", (10,))]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"title": "   "}, "title"),
        ({"title": "[[]]"}, "title"),
        ({"added-field": "nonsense", "added-text": "Quelque chose."}, "part of the page"),
    ],
)
def test_what_cannot_be_kept_comes_back_with_the_reason(
    client: FlaskClient, services: Services, changes: dict[str, str], reason: str
) -> None:
    before = services.desk.get(1)
    answer = send(client, {"text-problem-0": "Personne ne trouve les outils."} | changes)
    assert answer.status_code == 400
    assert reason in alert_of(answer)
    assert "Personne ne trouve les outils." in soup(answer).select("textarea")[0].text
    assert services.desk.get(1) == before


def test_removing_everything_is_refused(client: FlaskClient, services: Services) -> None:
    page = opened(client)
    removed = {
        str(box["name"]): "1" for box in page.select("input[type=checkbox]") if "remove-" in str(box["name"])
    }
    assert send(client, removed).status_code == 400
    assert services.desk.get(1).draft.fields


def test_the_second_of_two_reviewers_is_told_and_loses_nothing(
    client: FlaskClient, services: Services
) -> None:
    page = opened(client)
    services.desk.edit(1, DraftEdit(title="Le titre de l'autre"), version=1, actor="the other")
    answer = send(client, {"text-solution-0": "Ma belle phrase."}, page=page)
    assert answer.status_code == 409
    assert "Ce brouillon a changé entre-temps" in alert_of(answer)
    shown = soup(answer)
    mine = shown.select_one("#yours")
    assert mine
    assert "Ma belle phrase." in mine.text
    assert value(shown, "title") == "Le titre de l'autre"
    assert services.desk.get(1).draft.title == "Le titre de l'autre"
    assert send(client, {"text-solution-0": "Ma belle phrase."}, page=shown).status_code == 303


def test_a_draft_that_is_dropped_leaves_the_list_and_stays_readable(
    client: FlaskClient, services: Services
) -> None:
    answer = send(client, {"action": "drop"})
    assert answer.headers["Location"] == "/drafts"
    assert services.desk.get(1).state == "dropped"
    page = soup(client.get("/drafts/1", headers=FRENCH))
    assert "Ce brouillon a été écarté." in page.text
    assert not page.select("form[data-draft]")


def test_the_list_tells_the_states_apart(client: FlaskClient, services: Services) -> None:
    page = soup(client.get("/drafts", headers=FRENCH))
    assert [" ".join(heading.text.split()) for heading in page.select("h2")] == ["À relire 1"]
    services.desk.drop(1, version=1, actor="a test")
    page = soup(client.get("/drafts", headers=FRENCH))
    assert [" ".join(heading.text.split()) for heading in page.select("h2")] == ["Écarté 1"]


def test_publishing_saves_first_and_then_leads_to_the_page(
    client: FlaskClient, services: Services, live: ScriptedWriter
) -> None:
    answer = send(client, PUBLISHING | {"text-solution-0": "Afficher un grand plan."})
    assert answer.status_code == 303
    assert len(live.edits) == 1
    edit = live.edits[0]
    assert "Afficher un grand plan." in edit.wikitext
    assert edit.base_revid is None
    assert "compagnon" in edit.tags
    page = soup(client.get("/drafts/1", headers=FRENCH))
    assert "La recherche le trouve dès maintenant." in page.text
    assert "Publiée par Aïcha Benali." in page.text
    assert page.select_one('a[href="http://wiki.invalid/wiki/Plan_de_l%27atelier"]')
    assert not page.select("form[data-draft]")
    assert services.desk.get(1).revid == 7001


def test_what_is_published_twice_is_published_once(client: FlaskClient, live: ScriptedWriter) -> None:
    page = opened(client)
    assert send(client, PUBLISHING, page=page).status_code == 303
    assert send(client, PUBLISHING, page=page).status_code == 409
    assert len(live.edits) == 1


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (EditConflictError("it exists", title="Plan"), 409, "Le wiki a déjà une page de ce titre"),
        (WikiLoginError("wrong password", user="Aïcha"), 403, "Le wiki refuse ce compte"),
        (WikiUnavailableError("no answer from the wiki"), 502, "Le wiki ne répond pas"),
        (EditRefusedError("protected", title="Plan", code="protectedpage"), 422, "Le wiki refuse cette page"),
    ],
)
def test_a_publication_that_fails_says_why_and_loses_nothing(
    client: FlaskClient, services: Services, live: ScriptedWriter, error: Exception, status: int, message: str
) -> None:
    live.answer = error
    answer = send(client, PUBLISHING | {"text-solution-0": "Afficher un grand plan."})
    assert answer.status_code == status
    assert message in alert_of(answer)
    assert str(error) in alert_of(answer)
    shown = soup(answer)
    assert value(shown, "text-solution-0") == "Afficher un grand plan."
    assert services.desk.get(1).draft.fields["solution"][0].text == "Afficher un grand plan."
    assert services.desk.get(1).state == "draft"
    live.answer = SAVED
    assert send(client, PUBLISHING, page=shown).status_code == 303


def test_the_password_is_never_echoed_kept_or_logged(
    client: FlaskClient, services: Services, live: ScriptedWriter, caplog: pytest.LogCaptureFixture
) -> None:
    live.answer = WikiLoginError("wrong password", user="Aïcha Benali@compagnon")
    with caplog.at_level(0):
        answer = send(client, PUBLISHING)
    assert SECRET not in answer.text
    assert SECRET not in caplog.text
    account = soup(answer).select_one("#account")
    assert account
    assert account["value"] == "Aïcha Benali@compagnon"
    password = soup(answer).select_one("#password")
    assert password
    assert not password.get("value")
    assert password["autocomplete"] == "current-password"
    for file in services.config.folder.rglob("*"):
        assert not file.is_file() or SECRET.encode() not in file.read_bytes(), file


@pytest.mark.parametrize(
    ("account", "password"),
    [("", SECRET), ("Aïcha Benali@compagnon", ""), ("Aïcha Benali", "my own password")],
)
def test_only_a_bot_password_is_taken(
    client: FlaskClient, live: ScriptedWriter, account: str, password: str
) -> None:
    answer = send(client, {"action": "publish", "account": account, "password": password})
    assert answer.status_code == 400
    assert "Indiquez un compte et un mot de passe de robot" in alert_of(answer)
    assert not live.edits


def test_a_published_page_that_cannot_be_indexed_yet_is_still_published(
    client: FlaskClient, services: Services, live: ScriptedWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refresh() -> None:
        raise WikiUnavailableError("gone")

    monkeypatch.setattr(services, "refresh", refresh)
    assert send(client, PUBLISHING).status_code == 303
    assert services.desk.get(1).state == "published"
    page = client.get("/drafts/1", headers=FRENCH)
    assert "La recherche le trouvera après la prochaine lecture du wiki." in page.text


def test_without_a_live_wiki_the_page_says_how_to_go_on(client: FlaskClient, services: Services) -> None:
    page = opened(client)
    assert not page.select("#password")
    assert "il n’y a pas de wiki où publier" in page.text
    answer = send(client, PUBLISHING)
    assert answer.status_code == 500
    assert services.desk.get(1).state == "draft"


@pytest.mark.parametrize("path", ["/drafts/99", "/drafts/99999999999999999999"])
def test_a_draft_that_does_not_exist_is_not_found(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers=FRENCH)
    assert answer.status_code == 404


@pytest.mark.parametrize("changes", [{"version": ""}, {"version": "one"}, {"action": "approve"}])
def test_a_form_that_is_not_ours_is_refused(
    client: FlaskClient, services: Services, changes: dict[str, str]
) -> None:
    assert send(client, changes).status_code == 400
    assert services.desk.get(1).version == 1
