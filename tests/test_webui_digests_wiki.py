"""The digest on a page of a real wiki: under the coordinator's account, in its place, the rest kept."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask.testing import FlaskClient

from community.digest import week_before
from tests.mediawiki import LocalWiki
from tests.sign_in_ground import COORDINATOR, make_app, make_client, post, sign_in, sign_in_services, soup
from webui.bootstrap import Services
from webui.config import Config

PAGE = "Project:Nouvelles"
QUESTION = "Qui garde les [[clés]] du local ?"


@pytest.fixture(scope="module")
def wiki(wiki_template_fr: LocalWiki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalWiki]:
    local = wiki_template_fr.copy(tmp_path_factory.mktemp("wiki") / "copy")
    local.create_user(COORDINATOR)
    local.edit(PAGE, "Ce que la semaine apporte.", user=COORDINATOR)
    yield local
    local.discard()


@pytest.fixture(scope="module")
def services(wiki: LocalWiki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder = tmp_path_factory.mktemp("data")
    coordinators = 'coordinator_groups = ["user"]'
    with sign_in_services(folder, wiki.api_url, settings=coordinators) as services:
        values = {**services.config.values, "community.digest_page": "Project:Nouvelles"}
        services.config = Config(services.config.folder, values)
        since, _ = week_before(datetime.now(UTC), day=1)
        with time_machine.travel(since + timedelta(days=2), tick=False):
            services.store.questions.ask(QUESTION, language="fr", asked_by=None)
        yield services


@pytest.fixture(scope="module")
def bot(wiki: LocalWiki) -> tuple[str, str]:
    return wiki.create_bot_password(COORDINATOR, "compagnon")


@pytest.fixture(scope="module")
def client(services: Services, bot: tuple[str, str]) -> FlaskClient:
    client = make_client(make_app(services))
    sign_in(client, *bot)
    return client


def test_a_coordinator_puts_the_week_on_the_wiki(
    client: FlaskClient, services: Services, bot: tuple[str, str]
) -> None:
    given = {"account": bot[0], "password": bot[1]}
    assert post(client, "/digest", given).status_code == 303
    page = services.wiki().current("Project:Nouvelles")
    assert page.wikitext.startswith("Ce que la semaine apporte.")
    assert "=== Questions sans réponse" in page.wikitext
    (revision,) = [one for one in services.wiki().revisions([page.pageid]) if one.revid == page.revid]
    assert revision.user == COORDINATOR
    assert "écrites par Compagnon" in revision.comment
    assert post(client, "/digest", given).status_code == 303
    assert services.wiki().current("Project:Nouvelles").revid == page.revid, "the same week changes nothing"


def test_what_somebody_asked_stays_words_on_the_page(
    client: FlaskClient, services: Services, bot: tuple[str, str]
) -> None:
    post(client, "/digest", {"account": bot[0], "password": bot[1]})
    page = services.wiki().current("Project:Nouvelles")
    assert "[[clés]]" not in page.wikitext
    shown = soup(client.get("/digest"))
    assert QUESTION in shown.get_text()


def test_a_wrong_bot_password_is_refused_and_nothing_is_written(
    client: FlaskClient, services: Services, bot: tuple[str, str]
) -> None:
    before = services.wiki().current("Project:Nouvelles").revid
    answer = post(client, "/digest", {"account": bot[0], "password": bot[1][::-1]})
    assert answer.status_code == 403
    assert bot[1][::-1] not in answer.text
    assert services.wiki().current("Project:Nouvelles").revid == before
