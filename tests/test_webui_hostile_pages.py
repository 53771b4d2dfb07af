"""A wiki whose pages and people try to run in the visitor's browser: everything is shown as text."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from connector.model import Page, Revision
from tests.community import SITE, empty_community
from tests.conftest import OpenPage
from tests.served_pages import served
from webui.app import create_app
from webui.bootstrap import Services

if TYPE_CHECKING:
    from playwright.sync_api import Dialog

ATTACK = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'><svg onload=alert(3)>"
# MediaWiki allows no "<" in titles; a wiki that has been broken into may say anything.
TITLE = f"Grille-pain {ATTACK}"
TEXT = f"""{{{{Practice|statut=testée|contacts=Zoé {ATTACK}|langue=fr}}}}
== Réparer {ATTACK} ==
<nowiki>Le grille-pain {ATTACK} se répare en changeant le fusible. javascript:alert(4)</nowiki>
[javascript:alert(5) le grille-pain] et [[javascript:alert(6)|encore le grille-pain]]
"""
OTHER = "Le grille-pain se range sur l'étagère du fond, à côté des bouilloires et des cafetières."
QUESTIONS = (
    "grille-pain",
    f"grille-pain {ATTACK}",
    "javascript:alert(7) fusible",
    "gille-pain fussible",
    "\u202egrille-pain\u2066 🔧",
    '"grille-pain" OR (title:* NEAR',
    "grille\x00pain'; DROP TABLE page; --",
)
_START = datetime(2026, 2, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    services = empty_community(tmp_path_factory.mktemp("hostile"))
    services.store.site.put(replace(SITE, name=f"Wiki {ATTACK}"), source="http://wiki.invalid/w/api.php")
    texts = {1: (TITLE, TEXT), 2: (f"Étagère {ATTACK}", OTHER), 3: ("Fusible", OTHER + " " + ATTACK)}
    pages = [
        Page(
            pageid=number,
            namespace=0,
            title=title,
            revid=100 + number,
            timestamp=_START + timedelta(days=number),
            wikitext=text,
        )
        for number, (title, text) in texts.items()
    ]
    services.store.pages.put_many(pages)
    services.store.revisions.put_many(
        [
            Revision(
                revid=page.revid,
                pageid=page.pageid,
                timestamp=page.timestamp,
                user=f"Zoé {ATTACK}",
                user_id=1,
                size=len(page.wikitext),
            )
            for page in pages
        ]
    )
    services.store.site.set_last_sync(datetime.now(UTC))
    services.update_index()
    yield services
    services.close()


@pytest.fixture
def client(services: Services) -> FlaskClient:
    return create_app(services).test_client()


def addresses() -> list[str]:
    asked = [f"/?q={quote(question.encode())}" for question in QUESTIONS]
    return [
        "/",
        *asked,
        *(f"/answer?q={quote(question.encode())}" for question in QUESTIONS),
        "/related?pageid=1",
        "/links?pageid=1",
        f"/links?title={quote(TITLE)}",
        "/links",
        "/gardening",
        "/gardening?kind=dead_ends",
        "/health",
    ]


@pytest.mark.parametrize("address", addresses())
def test_what_pages_and_people_are_called_is_text(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code in (200, 302, 400, 404)
    page = BeautifulSoup(answer.text, "html.parser")
    assert all(str(script.get("src", "")).startswith("/static/") for script in page.select("script"))
    assert not [tag for tag in page.find_all(True) if any(name.startswith("on") for name in tag.attrs)]
    assert not page.select("svg")
    links = [str(link["href"]) for link in page.select("a[href]")]
    assert not [link for link in links if not link.startswith(("/", "#", "http://wiki.invalid/"))]


def test_the_attack_is_shown_where_it_stands(client: FlaskClient) -> None:
    page = BeautifulSoup(client.get("/?q=grille-pain").text, "html.parser")
    assert TITLE in {title.text for title in page.select(".hit h3")}
    assert any(ATTACK in name.text for name in page.select(".expert h3"))


def test_nothing_runs_in_a_browser(open_page: OpenPage, services: Services) -> None:
    with served(services) as url:
        page = open_page(locale="fr-FR")
        dialogs: list[str] = []

        def note(dialog: "Dialog") -> None:
            dialogs.append(dialog.message)
            dialog.dismiss()

        page.on("dialog", note)
        for address in (
            "/?q=grille-pain",
            f"/?q={quote(ATTACK)}",
            "/related?pageid=2",
            "/links?pageid=1",
            "/gardening",
        ):
            page.goto(f"{url}{address}")
            assert page.locator("main img, main svg, main script").count() == 0
        page.goto(f"{url}/")
        page.get_by_role("combobox").press_sequentially("grille")
        option = page.get_by_role("option").first
        option.wait_for()
        assert option.inner_text() == TITLE
        assert page.get_by_role("listbox").locator("img, svg, script").count() == 0
        assert dialogs == []
