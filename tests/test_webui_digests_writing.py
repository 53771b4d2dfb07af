"""A letter says the same in text, HTML and wikitext, whatever people wrote into titles and questions."""

from dataclasses import replace
from datetime import date

import mwparserfromhell
import pytest
from bs4 import BeautifulSoup

from community.digest import Digest, DigestPage, DigestQuestion, NewPractice, Step, Tried
from community.digest_page import placed, week_part
from connector.practice import Status
from tests.community import SITE
from tests.digest_ground import SINCE, UNTIL
from webui.backup.secret_settings import is_secret
from webui.digests.letter import Letter, Line, Section
from webui.digests.telling import MOST_LINES, Telling
from webui.digests.words import Words
from webui.digests.writing import as_html, as_text, as_wikitext

PAGE = DigestPage(pageid=3, title="Ranger les outils", language="fr")
ROOT = "https://compagnon.example.org"
WEEK = Digest(
    since=SINCE,
    until=UNTIL,
    new_practices=(NewPractice(page=PAGE, status=Status.EMERGING),),
    steps=(Step(page=PAGE, from_status="emerging", to_status="tested"),),
    tried=(Tried(page=PAGE, worked=2, partly=1, failed=1),),
    answered=(DigestQuestion(id=4, text="Où sont les clés ?", language="fr", answer=PAGE),),
    asked=(DigestQuestion(id=5, text="Qui garde les vis ?", language="fr"),),
    open_before=2,
    newcomers=3,
)
EVIL = (
    '<script>alert(1)</script><img src="x"> [[Fichier:X.png]] {{Supprimer}} <nowiki> ~~~~\r\nBcc: a@b.org '
    "https://evil.example www.evil.example \u202eelba\u202c"
)


def letter(digest: Digest = WEEK, *, language: str = "fr", root: str = ROOT) -> Letter:
    footer = (Line(text="Pourquoi"), Line(text="Fin", url=f"{ROOT}/digest/stop?key=abc"))
    return Telling(Words(language), site=SITE, public_url=root).letter(digest, footer=footer)


def folded(text: str) -> str:
    """Words without where their lines end."""
    return " ".join(text.split())


def test_all_of_a_week_is_told_in_french() -> None:
    text = as_text(letter())
    for said in (
        "Wiki des ateliers\u00a0: ce que la semaine a apporté",
        "Du lundi 9 février 2026 au dimanche 15 février 2026.",
        "Ranger les outils – émergente",
        "émergente → testée",
        "a marché 2 fois, 1 fois en partie, 1 fois sans succès",
        "2 questions plus anciennes attendent une réponse.",
        "3 personnes ont été accueillies.",
        f"  {ROOT}/questions/5",
        f"{ROOT}/digest/stop?key=abc",
    ):
        assert folded(said) in folded(text), said
    assert "ateliers\u00a0: ce" in text, "a colon stays on its word’s line"
    lines = text.splitlines()
    assert all(len(line) <= 72 or "://" in line for line in lines)
    assert "-- " in lines, "mail programs fold what comes after it"


def test_all_of_a_week_is_told_in_english() -> None:
    text = as_text(letter(language="en"))
    for said in (
        "From Monday, February 9, 2026 to Sunday, February 15, 2026.",
        "emerging → tested",
        "it worked 2 times, 1 time in part, 1 time it did not work",
        "3 newcomers were welcomed.",
    ):
        assert folded(said) in folded(text), said


def test_html_and_text_say_the_same() -> None:
    told = letter()
    html = BeautifulSoup(as_html(told), "html.parser")
    body = html.select_one("body")
    assert body is not None
    words_of_html, words_of_text = folded(body.get_text()), folded(as_text(told))
    for section in told.sections:
        said = [section.heading, section.closing]
        for line in section.lines:
            said += [f"{line.text} – {line.note}" if line.note else line.text]
        for words in map(folded, said):
            assert words in words_of_html
            assert words in words_of_text
    assert not html.select("table, img, script, link, iframe, form"), "nothing is fetched, nothing runs"
    assert html.select_one("html[lang=fr]")
    assert html.select_one("h1")
    assert [a["lang"] for a in html.select("li a")] == ["fr"] * 5
    assert "background" not in as_html(told), "dark and light are the mail program's own"


def test_what_people_wrote_stays_words() -> None:
    page = replace(PAGE, title=EVIL)
    question = DigestQuestion(id=9, text=EVIL, language="fr", answer=page)
    told = letter(
        replace(WEEK, new_practices=(NewPractice(page=page, status=Status.TESTED),), answered=(question,))
    )
    html = BeautifulSoup(as_html(told), "html.parser")
    assert not html.select("script, img")
    assert {str(a["href"]).split("?")[0].rsplit("/", 1)[0] for a in html.select("a")} == {
        f"{ROOT}/practices",
        f"{ROOT}/questions",
        f"{ROOT}/digest",
    }
    text = as_text(told)
    assert not any(line.startswith("Bcc:") for line in text.splitlines())
    for written in (text, as_html(told)):
        assert "https://evil" not in written, "no program makes a link of it"
        assert "www.evil" not in written
        assert "\u202e" not in written


def test_wikitext_of_what_people_wrote_is_no_markup() -> None:
    question = DigestQuestion(id=9, text=EVIL, language="fr", answer=PAGE)
    written = as_wikitext(letter(replace(WEEK, answered=(question,), asked=(question,))))
    code = mwparserfromhell.parse(written)
    assert code.filter_templates() == []
    assert {str(link.title) for link in code.filter_wikilinks()} == {":Ranger les outils"}
    assert {str(tag.tag) for tag in code.filter_tags()} <= {"li"}
    assert "~~~~" not in written
    assert "=== Nouvelles pratiques ===" in written
    assert "digest/stop" not in written, "nobody's own link stands on a page"


def test_a_section_is_short() -> None:
    many = tuple(
        NewPractice(page=replace(PAGE, pageid=number), status=Status.TESTED)
        for number in range(MOST_LINES + 4)
    )
    section = letter(replace(WEEK, new_practices=many)).sections[0]
    assert len(section.lines) == MOST_LINES
    assert section.closing == "Et 4 autres."


def test_without_an_address_of_ours_pages_of_the_wiki_are_linked() -> None:
    lines = [line for section in letter(root="").sections for line in section.lines]
    assert {line.url for line in lines} == {"http://wiki.invalid/wiki/Ranger_les_outils", ""}


@pytest.mark.parametrize(
    ("day", "language", "said"),
    [
        (date(2026, 3, 1), "fr", "dimanche 1er mars 2026"),
        (date(2026, 3, 11), "fr", "mercredi 11 mars 2026"),
        (date(2026, 3, 1), "en", "Sunday, March 1, 2026"),
        (date(2026, 3, 1), "nl", "Sunday, March 1, 2026"),
    ],
)
def test_days_are_written_as_they_are_read(day: date, language: str, said: str) -> None:
    assert Words(language).day(day) == said


def test_each_week_has_its_place_on_the_page() -> None:
    first, second = date(2026, 2, 9), date(2026, 2, 16)
    page = placed("Bienvenue.\n", week_part("Semaine 6", "* un", day=first), day=first)
    page = placed(page, week_part("Semaine 7", "* deux", day=second), day=second)
    assert page.startswith("Bienvenue.")
    assert page.index("* deux") < page.index("* un"), "the newest first"
    assert placed(page, week_part("Semaine 7", "* deux", day=second), day=second) == page, (
        "twice changes nothing"
    )
    again = placed(page, week_part("Semaine 6", "* une de plus", day=first), day=first)
    assert "* un\n" not in again
    assert again.index("* deux") < again.index("* une de plus")
    assert placed("", "x", day=first) == "x"


def test_a_letter_with_a_button_says_where_it_leads() -> None:
    asking = Letter(
        language="en",
        subject="Do you?",
        paragraphs=("One.",),
        sections=(Section(heading="Nothing", closing="Closing."),),
        action=Line(text="Confirm", url=f"{ROOT}/digest/confirm?key=abc&x=1"),
    )
    assert f"Confirm:\n{ROOT}/digest/confirm?key=abc&x=1\n" in as_text(asking)
    html = BeautifulSoup(as_html(asking), "html.parser")
    link = html.select_one("a")
    assert link is not None
    assert link["href"] == f"{ROOT}/digest/confirm?key=abc&x=1"


def test_the_password_of_mail_is_a_secret_of_the_settings() -> None:
    assert is_secret("password", "x")
    assert not is_secret("user", "compagnon")
