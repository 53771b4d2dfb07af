"""Every page, for somebody who may see all: on a phone in French by day, on a desk in English by night.

axe finds nothing wrong with it, nothing sticks out at the side, and the browser has nothing to complain of
(the fixture `open_page` sees to that). A page that is added is looked at too, or said here to be none.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from connector.store.meetings import PlannedMeeting
from tests.community import EVENING, TOOLS, WELCOME
from tests.conftest import OpenPage
from tests.knowledge_pages import SHARPEN, WORKSHOP
from tests.mediawiki import LocalWiki
from tests.served_pages import served
from tests.sign_in_ground import sign_in_services
from tests.wiki_editor import axe_violations
from webui.app import create_app
from webui.bootstrap import Services

if TYPE_CHECKING:
    from playwright.sync_api import Page

NAME = "Inès Caradec"
NOTES = """# Réunion de l’atelier, 3 mars 2026

Présents : Inès Caradec, Marc Le Goff

## Ranger les outils
Problème : les outils sont éparpillés après la soirée.
Solution : un tableau mural avec la silhouette de chaque outil.
- dessiner la silhouette
- accrocher l’outil

Action : Marc commande le tableau avant le 20 mars.
Question : qui garde les clés du local ?
"""
TOOLS_IN_ENGLISH = """{{Practice|status=emerging|language=en}}
== Problem ==
After the repair evening the tools lie around the workshop.
== Solution ==
A mural tableau shows the silhouette of each tool: one sees at once the one that is missing.
== Insurance ==
The insurance of the association pays for tools that are lost, when the treasurer is told within five days.
"""
# What is asked for by endpoint; {page}, {twin}, {notes}, {draft} and {question} are numbers.
SHOWN = {
    "feeds.feeds": ("/feeds",),
    "pages.about": ("/about",),
    "pages.api": ("/api",),
    "pages.capture": ("/capture",),
    "pages.community": ("/community", "/community?months=36&since=2026-01-01"),
    "pages.community_changes": ("/community/changes",),
    "pages.community_meeting": ("/community/meetings/{meeting}",),
    "pages.community_meetings": ("/community/meetings",),
    "pages.community_newcomers": ("/community/newcomers",),
    "pages.community_practices": ("/community/practices",),
    "pages.community_thanks": ("/community/thanks",),
    "pages.confirm_question": ("/questions/ask?q=Qui garde les clés ?",),
    "pages.confirm_digest": ("/digest/confirm?key=abc",),
    "pages.digest": ("/digest",),
    "pages.draft": ("/drafts/{draft}",),
    "pages.contradictions": ("/community/contradictions",),
    "pages.drafts": ("/drafts", "/drafts?state=dropped"),
    "pages.erase_me": ("/me/erase",),
    "pages.follow_ups": ("/follow-ups",),
    "pages.gardening": ("/gardening", "/gardening?kind=suggestions"),
    "pages.hand_over": ("/community/hand-over",),
    "pages.health": ("/health",),
    "pages.links": ("/links", "/links?title=Soirée réparation"),
    "pages.map_topic": ("/map/{page}",),
    "pages.me": ("/me",),
    "pages.notes": ("/capture/{notes}",),
    "pages.practice": ("/practices/{page}",),
    "pages.question": ("/questions/{question}",),
    "pages.questions": ("/questions",),
    "pages.questions_page": ("/questions/wiki-page",),
    "pages.related": ("/related?pageid={page}",),
    "pages.search": ("/", "/?q=outils éparpillés", "/?q=astrophysique quantique", "/?q=outils&status=tested"),
    "pages.sign_in": ("/sign-in",),
    "pages.stop_digest": ("/digest/stop?key=abc",),
    "pages.tokens": ("/me/tokens",),
    "pages.topic_map": ("/map",),
    "pages.twin": ("/community/twins/{page}/{twin}",),
    "pages.twins": ("/community/twins",),
    "pages.welcome": ("/welcome",),
}
# No pages of their own: parts of others, or not for people.
NOT_SHOWN = frozenset(
    {
        "feeds.feed",
        "pages.answer",
        "pages.hand_over_file",
        "pages.meeting_agenda",
        "pages.my_data",
        "pages.progress",
        "pages.oauth_begin",
        "pages.oauth_return",
        "pages.try_api",
    }
)
ERRORS = {"/nowhere": 404, "/practices/999999": 404, "/drafts/999999": 404}
LOOKS: dict[str, dict[str, Any]] = {
    "phone": {
        "locale": "fr-FR",
        "color_scheme": "light",
        "viewport": {"width": 360, "height": 740},
        "has_touch": True,
    },
    "desk": {"locale": "en-GB", "color_scheme": "dark", "viewport": {"width": 1280, "height": 900}},
}


class Ground:
    """The pages, and who signs in."""

    def __init__(self, services: Services, url: str, login: str, password: str) -> None:
        self.services = services
        self.url = url
        self._login = login
        self._password = password
        numbers = {
            "page": services.store.pages.require("Ranger les outils").pageid,
            "twin": services.store.pages.require("Tidy the tools").pageid,
            "question": 1,
            "notes": 1,
            "draft": 1,
            "meeting": 1,
        }
        self.addresses = [address.format(**numbers) for addresses in SHOWN.values() for address in addresses]

    def sign_in(self, page: "Page") -> None:
        """Sign in by the form."""
        page.goto(f"{self.url}/sign-in")
        page.locator("main input[name=account]").fill(self._login)
        page.locator("main input[name=password]").fill(self._password)
        page.locator("main input[name=password]").press("Enter")
        page.locator("details.account").wait_for()


@pytest.fixture(scope="module")
def ground(wiki_template_fr: LocalWiki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    folder = tmp_path_factory.mktemp("every-page")
    wiki = wiki_template_fr.copy(folder / "wiki")
    with wiki:
        for title, text in {
            "Accueillir un nouveau bénévole": WELCOME,
            "Soirée réparation": EVENING,
            "Ranger les outils": TOOLS,
            "Tidy the tools": TOOLS_IN_ENGLISH,
            "Affûter un ciseau à bois": SHARPEN,
            "Atelier bois": WORKSHOP,
        }.items():
            wiki.edit(title, text, user=NAME)
        login, password = wiki.create_bot_password(NAME, "compagnon")
        data = folder / "data"
        data.mkdir()
        all_may = 'administrator_groups = ["user"]'
        with (
            sign_in_services(data, wiki.api_url, settings=all_may) as services,
            served(services) as url,
        ):
            plan_a_meeting(services)
            yield Ground(services, url, login, password)


def plan_a_meeting(services: Services) -> None:
    """Plan one, with something on its agenda."""
    day = datetime.now(UTC).date() + timedelta(days=7)
    planned = PlannedMeeting(
        planned_on=day, starts_at="18:30", title="Réunion de l’atelier", minutes=90, language="fr"
    )
    meeting = services.store.meetings.plan(planned, created_by=None)
    for text in ("La fête de juin", "Le loyer de la salle"):
        services.agendas.add_free(meeting.id, text, minutes=15, language="fr")


def test_every_page_is_looked_at(ground: Ground) -> None:
    rules = create_app(ground.services).url_map.iter_rules()
    rooms = ("feeds.", "pages.")
    pages = {r.endpoint for r in rules if r.endpoint.startswith(rooms) and "GET" in (r.methods or ())}
    assert pages == SHOWN.keys() | NOT_SHOWN


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_and_nothing_sticks_out(
    ground: Ground, look: str, open_page: OpenPage, page_errors: list[str]
) -> None:
    page = open_page(**LOOKS[look])
    troubles = looked_at(page, f"{ground.url}/sign-in")
    ground.sign_in(page)
    prepare(ground, page)
    for address in ground.addresses:
        troubles += looked_at(page, f"{ground.url}{address}")
    assert page_errors == []
    for address, status in ERRORS.items():
        troubles += looked_at(page, f"{ground.url}{address}", status)
    page_errors.clear()  # the browser says of each that there is none
    assert troubles == []


def test_the_tabs_of_a_coordinator_fit_at_every_width(ground: Ground, open_page: OpenPage) -> None:
    page = open_page(**LOOKS["phone"])
    ground.sign_in(page)
    page.goto(f"{ground.url}/about")
    assert page.locator(".top nav a").count() > 5, "those of a coordinator"
    for width in (320, 480, 639, 640, 700, 820, 991, 1055, 1056, 1057, 1200):
        page.set_viewport_size({"width": width, "height": 700})
        assert too_wide_by(page) <= 0, width


def prepare(ground: Ground, page: "Page") -> None:
    """Make notes, a draft and a question, once, as a person would."""
    if ground.services.store.drafts.counts():
        return
    page.goto(f"{ground.url}/capture")
    page.locator("textarea").first.fill(NOTES)
    page.locator("main form button[type=submit], main form button:not([type])").first.click()
    page.wait_for_url("**/capture/1*")
    page.goto(f"{ground.url}/questions/ask?q=Qui garde les clés ?")
    page.locator("main form button").first.click()
    page.wait_for_url("**/questions/1*")


def looked_at(page: "Page", address: str, status: int = 200) -> list[str]:
    """What is wrong with a page: what axe finds, and what sticks out."""
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == status, address
    troubles = [f"{address}: {violation}" for violation in axe_violations(page, "html")]
    wide = too_wide_by(page)
    return troubles + ([f"{address}: {wide} px stick out"] if wide > 0 else [])


def too_wide_by(page: "Page") -> int:
    """By how many pixels a page can be scrolled to the side."""
    wide: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wide
