"""The community's pages in real Chromium, as people use them: on a phone, by keyboard, by mail.

What they write in the wiki is in `test_webui_browser_community_wiki.py`.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from babel.dates import format_date
from playwright.sync_api import expect

from connector.store import Account
from connector.store.meetings import PlannedMeeting
from tests.community import NOTES
from tests.conftest import OpenPage
from tests.digest_ground import MONDAY_MORNING, QUESTION
from tests.lively_ground import INES, LEO, RUTH, ground, kept, readers, services, url
from tests.mail_ground import Kept, text_of
from tests.members import PutThere
from tests.served_pages import tab_to, too_wide
from tests.wiki_editor import axe_violations
from webui.bootstrap import Services
from webui.rights.roles import Role

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

__all__ = ["ground", "kept", "readers", "services", "url"]  # fixtures

ACCOUNTS_QUESTION = "Who signs the monthly accounts of the workshop?"
SETTLING = """# Réunion du {day}

Présents : Aïcha Benali, Marc Le Goff

## Qui garde les clés du local ?

Aïcha les garde, et Marc a le double chez lui.

## Actions

- Marc : dessiner le plan, c'est fait.
"""
PHONE: dict[str, Any] = {"locale": "fr-FR", "viewport": {"width": 360, "height": 740}, "has_touch": True}
DESK: dict[str, Any] = {"locale": "en-GB", "viewport": {"width": 1280, "height": 900}}


def tap_open(part: "Locator") -> None:
    """Open all that can be opened in a part of the page."""
    for summary in part.locator("summary").all():
        if summary.is_visible() and not summary.evaluate("it => it.parentElement.open"):
            summary.tap()


def test_a_question_goes_to_who_knows_and_its_answer_is_found_by_the_next_one(
    open_page: OpenPage, url: str, services: Services, readers: PutThere
) -> None:
    page = open_page(**DESK)
    readers.person("Nadia Ould")
    page.goto(f"{url}/questions/ask?q={quote(ACCOUNTS_QUESTION)}")
    page.get_by_role("main").get_by_role("button", name="Ask").press("Enter")
    page.wait_for_url("**/questions/*")
    asked_at = page.url
    people = page.get_by_role("region", name="Whom to ask")
    assert people.get_by_role("link", name="Funding a workshop").count(), "what speaks for them"
    tab_to(page, "I asked them", "Ruth Ellery")
    page.keyboard.press("Enter")
    page.get_by_role("status").filter(has_text="Kept.").wait_for()
    assert people.get_by_role("heading", name="Ruth Ellery").count() == 0, "nobody is proposed twice"
    assert re.search(r"Ruth Ellery · .*asked", people.get_by_role("listitem").last.inner_text())

    readers.person("Ruth Ellery", number=RUTH)
    page.goto(f"{url}/me")
    tab_to(page, "I cannot answer", ACCOUNTS_QUESTION)
    page.keyboard.press("Space")
    page.get_by_role("status").filter(has_text="somebody else is asked").wait_for()
    assert page.get_by_role("region", name="Questions for you").count() == 0

    readers.person("Inès Caradec", Role.COORDINATOR, number=INES)
    page.goto(asked_at)
    assert "cannot answer" in people.inner_text()
    page.get_by_label("The page that answers").fill("Funding a workshop")
    tab_to(page, "Close with this page")
    page.keyboard.press("Enter")
    page.get_by_text("Answered by:").wait_for()

    services.update_index()  # as the next round does
    readers.visitor()
    page.goto(f"{url}/?q={quote('who signs the monthly accounts')}")
    first = page.get_by_role("article").first
    assert first.get_by_role("heading").inner_text() == "Funding a workshop"
    assert "It answered this question: " + ACCOUNTS_QUESTION in " ".join(first.inner_text().split())
    assert "Nadia" not in page.get_by_role("main").inner_text()


def test_the_five_questions_open_on_a_phone_and_each_figure_leads_to_what_it_is_made_of(
    open_page: OpenPage, url: str, services: Services, readers: PutThere
) -> None:
    readers.person("Malo Rivière", Role.COORDINATOR)
    asked, _ = services.store.questions.ask("Qui a la clé de la cave ?", language="fr", asked_by=None)
    page = open_page(**PHONE, color_scheme="dark")
    page.goto(f"{url}/community")
    figures = page.get_by_role("navigation", name="Les cinq questions").get_by_role("link")
    names = ("De quoi parler", "Qui appeler", "en danger", "a bougé", "Qui porte la charge")
    assert figures.count() == len(names)
    for figure, name in zip(figures.all(), names, strict=True):
        figure.tap()
        section = page.get_by_role("region", name=re.compile(name))
        expect(section.get_by_role("heading", level=2)).to_be_in_viewport()
        tap_open(section)
        said = figure.inner_text().split()[0]
        assert said.isdigit()
        assert "Comment c’est compté" in section.inner_text()
    assert too_wide(page) == []
    assert axe_violations(page, "body") == []
    assert page.get_by_role("img", name="Modifications par mois").is_visible()

    moved = page.get_by_role("region", name=re.compile("a bougé"))
    moved.get_by_role("link", name=asked.text).tap()
    page.wait_for_url(f"{url}/questions/{asked.id}")
    page.go_back()
    load = page.get_by_role("region", name=re.compile("Qui porte la charge"))
    load.get_by_text("La même chose en tableau, avec").tap()
    month = load.get_by_role("row").filter(has=page.get_by_role("link")).first
    edits = month.get_by_role("cell").first.inner_text()
    month.get_by_role("link").tap()
    page.wait_for_url("**/community/changes**")
    assert re.search(rf"· {edits} modifications? de", page.get_by_role("main").inner_text())
    assert too_wide(page) == []


def test_a_meeting_is_planned_taken_along_and_closed_by_its_notes(
    open_page: OpenPage, url: str, services: Services, readers: PutThere
) -> None:
    readers.person("Malo Rivière", Role.COORDINATOR)
    question, _ = services.store.questions.ask("Qui garde les clés du local ?", language="fr", asked_by=None)
    today = datetime.now(UTC).date()
    page = open_page(**PHONE, permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"{url}/capture")
    page.get_by_label("Notes", exact=True).fill(NOTES)
    page.get_by_role("button", name="Lire ces notes").tap()
    page.wait_for_url("**/capture/*")

    page.goto(f"{url}/community/meetings")
    page.get_by_label("Titre", exact=True).fill("Assemblée des ateliers")
    page.get_by_label("Jour", exact=True).fill(today.isoformat())
    page.get_by_label("Début", exact=True).fill("18:30")
    page.get_by_role("button", name="La prévoir").tap()
    page.wait_for_url("**/community/meetings/*")
    waits = page.get_by_role("region", name="Ce qui attend")
    waits.get_by_role("checkbox", name=question.text).check()
    waits.get_by_role("checkbox", name=re.compile("dessiner le plan")).check()
    waits.get_by_role("button", name="Mettre à l’ordre du jour").tap()
    agenda = page.get_by_role("region", name="Ordre du jour")
    agenda.get_by_label("Un autre point").fill("La fête de juin")
    agenda.get_by_role("button", name="Ajouter").tap()
    agenda.get_by_text("La fête de juin", exact=True).wait_for()
    assert too_wide(page) == []

    page.get_by_role("button", name="Copier le wikitexte").tap()
    page.get_by_text("Le wikitexte est copié.").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    for title in (question.text, "La fête de juin"):
        assert f"=== {title} ===" in copied
    assert "18:30" in copied
    page.get_by_role("button", name="Copier en Markdown").tap()
    page.get_by_text("Le Markdown est copié.").wait_for()
    assert "## La fête de juin" in page.evaluate("navigator.clipboard.readText()")
    meeting_at = page.url

    page.goto(f"{url}/capture")
    page.get_by_label("Notes", exact=True).fill(
        SETTLING.format(day=format_date(today, "d MMMM y", locale="fr"))
    )
    page.get_by_role("button", name="Lire ces notes").tap()
    page.get_by_role("link", name="Assemblée des ateliers").tap()
    page.wait_for_url(meeting_at)
    settled = page.get_by_role("region", name="Les notes semblent régler ceci")
    assert "Aïcha les garde, et Marc a le double chez lui." in settled.inner_text()
    assert too_wide(page) == []
    assert axe_violations(page, "main") == []
    settled.get_by_role("button", name=re.compile(f"La clore.*{re.escape(question.text)}")).tap()
    agenda.get_by_role("listitem").filter(has_text=question.text).get_by_text("réglé", exact=True).wait_for()
    settled.get_by_role("button", name=re.compile("La clore.*dessiner le plan")).tap()
    settled.wait_for(state="detached")
    assert services.store.questions.get(question.id).state == "answered"


# A browser that has no clipboard for pages over plain HTTP, and one in which somebody said no.
NO_CLIPBOARD = "Object.defineProperty(Navigator.prototype, 'clipboard', {get: () => undefined})"
REFUSED = """Clipboard.prototype.writeText =
    () => Promise.reject(new DOMException("Write permission denied.", "NotAllowedError"))"""


def test_what_the_browser_refuses_to_copy_is_selected_for_the_keyboard(
    open_page: OpenPage, url: str, services: Services, readers: PutThere
) -> None:
    readers.person("Malo Rivière", Role.COORDINATOR)
    planned = PlannedMeeting(
        title="Une soirée",
        planned_on=datetime.now(UTC).date() + timedelta(days=20),
        minutes=60,
        language="fr",
    )
    meeting = services.store.meetings.plan(planned, created_by=None).id
    services.agendas.add_free(meeting, "Le four à pain", minutes=10, language="fr")
    selected = """() => document.activeElement.value.slice(
        document.activeElement.selectionStart, document.activeElement.selectionEnd)"""
    for clipboard in (NO_CLIPBOARD, REFUSED):
        page = open_page(**DESK)
        page.add_init_script(clipboard)
        page.goto(f"{url}/community/meetings/{meeting}")
        tab_to(page, "Copy the Markdown")
        page.keyboard.press("Enter")
        said = page.get_by_role("status").filter(has_text="The text is selected: copy it with Ctrl+C")
        said.wait_for()
        text = page.get_by_label("Markdown", exact=True)
        expect(text).to_be_focused()  # so it can be seen, too
        assert page.evaluate(selected) == text.input_value()
        assert "## Le four à pain" in text.input_value()
        assert axe_violations(page, "main") == []
        page.get_by_role("button", name="Copy the wikitext").press("Space")
        wikitext = page.get_by_label("Wikitext", exact=True)
        expect(wikitext).to_be_focused()
        said.wait_for()
        assert page.evaluate(selected) == wikitext.input_value() != text.input_value()


def test_the_hand_over_is_downloaded_and_printed_whole(
    open_page: OpenPage, url: str, readers: PutThere
) -> None:
    readers.person("Malo Rivière", Role.COORDINATOR)
    page = open_page(**DESK, color_scheme="dark")
    page.add_init_script("window.print = () => { window.printed = true; }")
    page.goto(f"{url}/community/hand-over")
    with page.expect_download() as download:
        tab_to(page, "As a file (Markdown)")
        page.keyboard.press("Enter")
    file = download.value.path().read_text("utf-8")
    assert download.value.suggested_filename.endswith(".md")
    page.get_by_role("button", name="Print").press("Enter")
    assert page.evaluate("window.printed")

    page.emulate_media(media="print")
    page.set_viewport_size({"width": 700, "height": 990})  # A4 between its margins
    for heading in ("Who", "Rites and dates", "What is open", "What is at risk"):
        part = page.get_by_role("region", name=heading, exact=True)
        assert part.is_visible()
        assert f"## {heading}" in file
        for item in part.get_by_role("listitem").all():
            name = item.inner_text().split(",")[0].split(":")[0].strip()
            assert name in file.replace("\\", ""), name
    assert too_wide(page) == []
    cut = """() => [...document.querySelectorAll("main *")].filter(each =>
        getComputedStyle(each).overflow !== "visible" && each.offsetWidth > 1
        && (each.scrollWidth > each.clientWidth + 1 || each.scrollHeight > each.clientHeight + 1)
    ).map(each => each.outerHTML.slice(0, 120))"""
    assert page.evaluate(cut) == []
    for left_out in (page.get_by_role("navigation").first, page.get_by_role("button", name="Print")):
        assert not left_out.is_visible()
    ink = "getComputedStyle(document.querySelector('main h2')).color"
    assert page.evaluate(ink) == "rgb(0, 0, 0)", "dark on paper, whatever the screen was"
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_a_newcomer_gets_a_contact_finds_the_way_and_who_gave_something_is_thanked(
    open_page: OpenPage, url: str, readers: PutThere
) -> None:
    readers.person("Malo Rivière", Role.COORDINATOR)
    page = open_page(**PHONE)
    page.goto(f"{url}/community/newcomers")
    form = page.get_by_role("form", name="Léo Guillou")
    form.get_by_label("Contact").select_option("Anick Roux")
    form.get_by_role("button", name="Choisir ce contact").tap()
    page.get_by_role("status").filter(has_text="Anick Roux accompagne Léo Guillou").wait_for()
    assert too_wide(page) == []

    page.goto(f"{url}/community/thanks")
    given = page.get_by_role("heading", level=2, name="Anick Roux")
    assert given.is_visible()
    assert page.get_by_role("link", name="Anick Roux (s’ouvre dans").is_visible()
    assert too_wide(page) == []
    page.get_by_role("button", name=re.compile("J’ai remercié.*Anick Roux")).tap()
    page.get_by_role("status").wait_for()
    assert not given.is_visible()

    readers.person("Léo Guillou", number=LEO)
    page.goto(url)
    page.get_by_role("link", name="Vous arrivez").tap()
    page.wait_for_url(f"{url}/welcome")
    assert "Anick Roux" in page.get_by_role("region", name="À qui demander").inner_text()
    assert too_wide(page) == []
    assert axe_violations(page, "body") == []
    to_read = page.get_by_role("region", name="À lire d’abord").get_by_role("link")
    title = to_read.first.inner_text()
    to_read.first.tap()
    page.wait_for_url("**/practices/*")
    assert page.get_by_role("heading", level=1).inner_text() == title


def test_a_topic_of_the_map_is_followed_by_keyboard_and_the_list_says_the_same(
    open_page: OpenPage, url: str, readers: PutThere
) -> None:
    readers.visitor()
    page = open_page(**DESK)
    page.goto(f"{url}/map")
    drawn = page.get_by_role("group", name="Map of topics").get_by_role("link")
    listed = page.get_by_role("main").get_by_role("listitem").filter(has=page.get_by_role("heading", level=3))
    assert drawn.count() == listed.count() >= 3
    for circle, row in zip(drawn.all(), listed.all(), strict=True):
        named, _, told = str(circle.get_attribute("aria-label")).partition(":")
        pages, pulse = told.split(",")
        link = row.get_by_role("heading").get_by_role("link")
        assert link.inner_text() == named
        assert link.get_attribute("href") == circle.get_attribute("href")
        assert pages.strip() in row.inner_text()
        assert pulse.strip() in row.inner_text()
    name = str(drawn.nth(1).get_attribute("aria-label"))
    tab_to(page, name)
    page.keyboard.press("Enter")
    page.wait_for_url("**/map/*")
    assert page.get_by_role("heading", level=1).inner_text() == name.partition(":")[0]


def test_two_pages_that_disagree_are_judged_and_twins_are_opened(
    open_page: OpenPage, url: str, readers: PutThere
) -> None:
    readers.person("Malo Rivière", Role.COORDINATOR)
    page = open_page(**PHONE)
    page.goto(f"{url}/community/contradictions")
    both = page.get_by_role("listitem").filter(has_text="N’affûtez jamais")
    assert "Affûtez le ciseau à bois avec la pierre mouillée" in both.inner_text()
    assert too_wide(page) == []
    both.get_by_label("Une note").fill("Seulement la pierre fine")
    both.get_by_role("button", name="C’est réglé").tap()
    page.get_by_role("status").wait_for()
    assert not both.is_visible()
    page.get_by_text("est jugée").tap()
    assert "Seulement la pierre fine" in page.get_by_role("main").inner_text()

    page.goto(f"{url}/community/twins")
    page.get_by_role("link", name=re.compile("Burin de Kervern.*Kervern chisel")).tap()
    french = page.get_by_role("region", name="Burin de Kervern")
    assert "Assurance" in french.inner_text()
    assert "Rien ne figure seulement ici." in page.get_by_role("region", name="Kervern chisel").inner_text()
    assert too_wide(page) == []
    assert axe_violations(page, "body") == []
    page.get_by_role("button", name="Elles sont au même point").tap()
    page.get_by_role("status").wait_for()


def test_the_digest_is_wanted_confirmed_read_on_a_phone_and_ended_from_its_mail(
    open_page: OpenPage, url: str, services: Services, readers: PutThere, kept: Kept
) -> None:
    class Known:
        def current(self, account: Account) -> Account:
            return account

    services.__dict__["wiki_accounts"] = Known()
    ines = readers.person("Inès Caradec", number=INES)
    page, mail = open_page(**PHONE), open_page(**PHONE, color_scheme="dark")
    page.goto(f"{url}/me")
    page.get_by_label("Votre adresse").fill("ines@example.org")
    page.get_by_role("button", name="M’envoyer le lien").tap()
    page.get_by_text("ines@example.org n’est pas encore confirmée").wait_for()
    assert too_wide(page) == []

    readers.visitor()  # the mail is read on another machine
    read_mail(mail, kept)
    mail.get_by_role("link").first.tap()
    mail.get_by_role("button", name="Oui, une fois par semaine").tap()
    assert "Votre adresse est confirmée" in mail.get_by_role("status").inner_text()

    assert services.digest_post.send_due(MONDAY_MORNING).sent == 1
    for width in (360, 1000):
        mail.set_viewport_size({"width": width, "height": 740})
        words = read_mail(mail, kept)
        for part in ("Ranger les outils", QUESTION):
            assert part in words
    mail.set_viewport_size(PHONE["viewport"])
    mail.get_by_role("link", name=QUESTION).tap()
    mail.wait_for_url(f"{url}/questions/*")
    read_mail(mail, kept)
    mail.get_by_role("link").last.tap()
    mail.wait_for_url(f"{url}/digest/stop?**")
    mail.get_by_role("button", name="Plus de courriels").tap()
    assert "votre adresse est oubliée" in mail.get_by_role("status").inner_text()
    assert too_wide(mail) == []
    assert services.store.subscriptions.get(ines.id) is None


def read_mail(page: "Page", kept: Kept) -> str:
    """Show the newest mail's HTML as a mail program does: return its words."""
    html = text_of(kept.mails[-1][1], "html")
    assert "<script" not in html
    page.goto("about:blank")
    page.set_content(html)
    assert too_wide(page) == []
    return page.locator("body").inner_text()
