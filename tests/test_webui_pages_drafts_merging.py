"""Adding a draft to a page that is there: which one, what changes on it, and who was quicker."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from capture.notes import read_notes
from capture.review import DraftEdit
from connector.errors import PageNotFoundError, WikiUnavailableError
from connector.model import Page, Revision
from connector.wiki import PageEdit, SavedEdit
from tests.community import PAGES, mirrored_community, small_community
from tests.review_forms import alert_of, fields, soup, words
from webui.app import create_app
from webui.bootstrap import Services

FRENCH = {"Accept-Language": "fr"}
SECRET = "0123456789abcdef0123456789abcdef"  # noqa: S105 - of no account
PUBLISHING = {"action": "publish", "account": "Aïcha Benali@compagnon", "password": SECRET}
WELCOME_ID = 1
WELCOME_TITLE = "Accueillir un nouveau bénévole"
NOTES = """# Atelier : réunion du 7 avril 2026

Présents : Aïcha Benali, Marc Le Goff

## Accueillir un nouveau bénévole

Problème : les nouveaux bénévoles repartent sans savoir à qui s'adresser dans l'atelier.

Solution : deux anciens les accueillent, et un carnet de parrainage garde le nom des trois personnes.
"""


class LiveWiki:
    """The wiki behind the mirror, which saves what it is given unless it was told otherwise."""

    def __init__(self, pages: Iterable[Page]) -> None:
        self.held = {page.pageid: page for page in pages}
        self.edits: list[PageEdit] = []
        self.fails: Exception | None = None

    @property
    def user(self) -> str:
        return "Aïcha Benali"

    def pages(self, pageids: Sequence[int]) -> Iterator[Page]:
        for pageid in pageids:
            if pageid in self.held:
                yield self.held[pageid]

    def current(self, title: str) -> Page:
        for page in self.held.values():
            if page.title == title:
                return page
        raise PageNotFoundError(f"no page {title}", title=title)

    def revisions(self, pageids: Sequence[int]) -> Iterator[Revision]:
        yield from ()

    def save(self, edit: PageEdit) -> SavedEdit:
        self.edits.append(edit)
        if self.fails is not None:
            raise self.fails
        page = self.current(edit.title)
        self.changed(page.pageid, edit.wikitext)
        return SavedEdit(pageid=page.pageid, title=page.title, revid=self.held[page.pageid].revid)

    def changed(self, pageid: int, wikitext: str) -> None:
        page = self.held[pageid]
        self.held[pageid] = replace(page, wikitext=wikitext, revid=page.revid + 5000)


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    services = mirrored_community(tmp_path)
    keep(services)
    yield services
    services.close()


@pytest.fixture
def client(services: Services) -> FlaskClient:
    return create_app(services).test_client()


@pytest.fixture
def live(services: Services, monkeypatch: pytest.MonkeyPatch) -> LiveWiki:
    wiki = LiveWiki(PAGES)
    monkeypatch.setattr(Services, "can_publish", True)
    monkeypatch.setattr(services, "connect", lambda **_: wiki)
    monkeypatch.setattr(services, "refresh", lambda: None)
    return wiki


def keep(services: Services) -> None:
    notes = read_notes(NOTES)
    services.desk.add(services.capture.capture(notes), notes, actor="a test")


def opened(client: FlaskClient) -> BeautifulSoup:
    answer = client.get("/drafts/1", headers=FRENCH)
    assert answer.status_code == 200
    return soup(answer)


def send(client: FlaskClient, changes: dict[str, str], *, page: BeautifulSoup | None = None) -> TestResponse:
    data = fields(page or opened(client)) | {"action": "show"} | changes
    return client.post("/drafts/1", data=data, headers=FRENCH)


def choose(client: FlaskClient, title: str = WELCOME_TITLE) -> BeautifulSoup:
    """Choose the page to add the draft to; returns the page that shows what changes."""
    answer = send(client, {"target": "other", "other-title": title})
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith("/drafts/1#publish")
    return opened(client)


def added(page: BeautifulSoup) -> str:
    return "\n".join(line.text.strip() for line in page.select(".diff .added ins"))


def test_pages_that_may_be_the_same_practice_are_offered_with_the_reason(tmp_path: Path) -> None:
    services = small_community(tmp_path / "indexed")
    keep(services)
    page = opened(create_app(services).test_client())
    candidates = page.select(".candidate:not(.other)")
    assert WELCOME_TITLE in candidates[0].text
    assert "%" in candidates[0].text
    assert services.desk.get(1).draft.similar[0].why in candidates[0].text
    link, button = candidates[0].select_one("a"), candidates[0].select_one("input")
    assert link
    assert str(link["href"]).startswith("http://wiki.invalid/wiki/Accueillir")
    assert button
    assert button["value"] == str(WELCOME_ID)
    chosen = page.select("input[name=target][checked]")
    assert [one["value"] for one in chosen] == ["new"], "nothing is added to a page unasked"
    services.close()


def test_the_change_is_shown_before_anything_is_written(client: FlaskClient, live: LiveWiki) -> None:
    page = choose(client)
    assert "carnet de parrainage" in added(page)
    removed, grown = (line.text.strip() for line in page.select(".diff del, .diff .removed + .added ins"))
    (mark,) = (each.text for each in page.select(".diff mark"))
    assert grown.replace(mark, "", 1) == removed, "what people wrote is still there"
    assert "Atelier : réunion du 7 avril 2026" in mark
    assert "ajouté" in words(page, ".diff .added"), "a screen reader is told too"
    buttons = [" ".join(button.text.split()) for button in page.select("button[value=publish]")]
    assert buttons == [f"Ajouter à « {WELCOME_TITLE} »"]
    assert not live.edits


def test_the_experience_is_added_as_it_was_shown(
    client: FlaskClient, services: Services, live: LiveWiki
) -> None:
    page = choose(client)
    shown = added(page)
    answer = send(client, PUBLISHING, page=page)
    assert answer.status_code == 303
    (edit,) = live.edits
    assert (edit.title, edit.base_revid) == (WELCOME_TITLE, 1000 + WELCOME_ID)
    assert shown
    for line in shown.splitlines():
        assert line in edit.wikitext
    reviewed = services.desk.get(1)
    assert (reviewed.state, reviewed.pageid) == ("published", WELCOME_ID)
    after = opened(client)
    assert f"Elle a été ajoutée à « {WELCOME_TITLE} »." in " ".join(after.text.split())
    link = after.select_one(".notice.good a.button")
    assert link
    assert str(link["href"]).startswith("http://wiki.invalid/wiki/Accueillir")


def test_a_page_that_changed_meanwhile_is_shown_anew_and_nothing_is_written(
    client: FlaskClient, services: Services, live: LiveWiki
) -> None:
    page = choose(client)
    live.changed(WELCOME_ID, live.held[WELCOME_ID].wikitext + "\nUne ligne toute neuve.\n")
    answer = send(client, PUBLISHING, page=page)
    assert answer.status_code == 409
    assert "Quelqu’un a modifié cette page entre-temps" in alert_of(answer)
    assert not live.edits
    assert services.desk.get(1).state == "draft"
    now = soup(answer)
    assert fields(now)["base-revid"] == str(live.held[WELCOME_ID].revid)
    assert "carnet de parrainage" in added(now)
    assert send(client, PUBLISHING, page=now).status_code == 303
    assert "Une ligne toute neuve." in live.edits[0].wikitext


def test_a_page_that_was_deleted_meanwhile_is_told(client: FlaskClient, live: LiveWiki) -> None:
    page = choose(client)
    del live.held[WELCOME_ID]
    answer = send(client, PUBLISHING, page=page)
    assert answer.status_code == 404
    assert "was deleted from the wiki" in alert_of(answer)
    assert not live.edits


def test_another_target_than_the_one_shown_is_shown_first(client: FlaskClient, live: LiveWiki) -> None:
    page = opened(client)
    answer = send(client, PUBLISHING | {"target": "other", "other-title": WELCOME_TITLE}, page=page)
    assert answer.status_code == 303
    assert not live.edits
    page = opened(client)
    assert "Relisez ce qui serait écrit" in words(page, ".notice.good")
    assert page.select(".diff")
    assert send(client, PUBLISHING | {"target": "new"}, page=page).status_code == 303
    assert not live.edits, "the same the other way round"
    assert send(client, PUBLISHING | {"target": "nothing"}).status_code == 303
    assert not live.edits


def test_words_that_were_changed_are_shown_on_the_page_before_they_are_written(
    client: FlaskClient, live: LiveWiki
) -> None:
    page = choose(client)
    answer = send(client, PUBLISHING | {"text-solution-0": "Deux anciens et un grand carnet."}, page=page)
    assert answer.status_code == 303
    assert not live.edits
    assert "grand carnet" in added(opened(client))


def test_a_title_that_the_wiki_does_not_have_is_told(client: FlaskClient, services: Services) -> None:
    answer = send(
        client, {"target": "other", "other-title": "Une page qui manque", "text-solution-0": "Gardé."}
    )
    assert answer.status_code == 404
    assert "Une page qui manque" in alert_of(answer)
    sent = fields(soup(answer))
    assert (sent["target"], sent["other-title"]) == ("other", "Une page qui manque")
    assert sent["text-solution-0"] == "Gardé."
    assert services.desk.get(1).merge_into is None


def test_a_redirect_leads_to_its_page(client: FlaskClient, services: Services) -> None:
    choose(client, "Accueil des bénévoles")
    assert services.desk.get(1).merge_into == WELCOME_ID


def test_a_page_that_says_it_all_already_has_nothing_to_publish(
    client: FlaskClient, services: Services, live: LiveWiki
) -> None:
    assert send(client, PUBLISHING, page=choose(client)).status_code == 303
    services.store.pages.put_many(live.held.values())
    services.desk.add(services.capture.capture(read_notes(NOTES)), read_notes(NOTES), actor="a test")
    second = client.post(
        "/drafts/2",
        data=fields(soup(client.get("/drafts/2"))) | {"action": "show", "target": str(WELCOME_ID)},
        headers=FRENCH,
    )
    assert second.status_code == 303
    page = soup(client.get("/drafts/2", headers=FRENCH))
    assert "dit déjà tout cela" in words(page, ".writes")
    assert not page.select("button[value=publish]")


def test_a_target_that_is_gone_from_the_mirror_is_told(client: FlaskClient, services: Services) -> None:
    choose(client)
    services.store.pages.delete([WELCOME_ID])
    page = opened(client)
    assert "n’est plus dans le wiki" in words(page, ".writes")
    assert not page.select("button[value=publish]")


def test_dropping_is_one_of_the_choices(client: FlaskClient, services: Services) -> None:
    page = opened(client)
    assert page.select("input[name=target][value=nothing]")
    assert send(client, {"action": "drop", "target": "nothing"}, page=page).status_code == 303
    assert services.desk.get(1).state == "dropped"


def test_a_page_that_the_wiki_may_have_saved_is_looked_for_and_not_saved_again(
    client: FlaskClient, services: Services, live: LiveWiki
) -> None:
    live.fails = WikiUnavailableError("no answer", maybe_saved=True)
    answer = send(client, PUBLISHING)
    assert answer.status_code == 502
    assert services.desk.get(1).pending is not None
    page = opened(client)
    assert "n’a pas dit s’il l’a fait" in words(page, ".notice.neutral")
    assert not page.select("form[data-draft]")
    saved = live.edits[0]
    live.held[90] = replace(PAGES[0], pageid=90, title=saved.title, wikitext=saved.wikitext, revid=9000)
    pending = services.desk.get(1).pending
    assert pending
    found = Revision(
        revid=9000,
        pageid=90,
        timestamp=datetime.now(UTC) + timedelta(seconds=1),
        user=live.user,
        user_id=1,
        size=1,
        sha1=pending.sha1,
    )
    live.revisions = lambda pageids: iter([found])  # type: ignore[method-assign]
    assert "Cette pratique est dans le wiki." in opened(client).text
    assert services.desk.get(1).revid == 9000
    assert len(live.edits) == 1


def test_a_publication_that_failed_can_be_tried_again_from_the_same_page(
    client: FlaskClient, services: Services, live: LiveWiki
) -> None:
    live.fails = WikiUnavailableError("no answer")
    answer = send(client, PUBLISHING, page=choose(client))
    assert answer.status_code == 502
    live.fails = None
    assert send(client, PUBLISHING, page=soup(answer)).status_code == 303
    assert services.desk.get(1).state == "published"


def test_a_publication_that_failed_while_someone_else_wrote_overwrites_nothing(
    client: FlaskClient, services: Services, live: LiveWiki, monkeypatch: pytest.MonkeyPatch
) -> None:
    def save(edit: PageEdit) -> SavedEdit:
        raise WikiUnavailableError("no answer")

    monkeypatch.setattr(live, "save", save)
    page = opened(client)
    answer = send(client, PUBLISHING, page=page)
    version = services.desk.get(1).version
    services.desk.edit(1, DraftEdit(title="Le titre de l'autre"), version=version, actor="the other")
    assert send(client, {"action": "save"}, page=soup(answer)).status_code == 409
    assert services.desk.get(1).draft.title == "Le titre de l'autre"
