"""Small edits of a practice page: an experience is added and a status changed, and nothing else is."""

from datetime import UTC, date, datetime

import pytest

from capture.practice_edits import (
    has_experience_template,
    publish_experience,
    publish_status,
    status_of,
    with_experience,
    with_status,
)
from connector.errors import CaptureError, EditConflictError
from connector.practice import Status
from connector.practice_experiences import PageExperience, read_experiences
from tests.builders import FRENCH_WIKI
from tests.publishing_ground import Readable

DAY = date(2026, 3, 1)
TRIED = PageExperience(outcome="worked", by="Zoé Blanc", on=DAY, context="Samedi", note="Bien.")
CALL = "{{Expérience\n|par=Zoé Blanc\n|le=2026-03-01\n|issue=réussi\n|contexte=Samedi\n|note=Bien.\n}}"
PAGE = """{{Practice
|statut=émergente
|contacts=Zoé
}}

== Solution ==
Des bocaux.

[[Catégorie:Outils]]
"""


def with_tried(wikitext: str, tried: PageExperience = TRIED, *, language: str = "fr") -> str:
    return with_experience(wikitext, tried, day=tried.on or DAY, site=FRENCH_WIKI, language=language)


def test_the_section_is_made_before_what_ends_a_page() -> None:
    assert with_tried(PAGE) == PAGE.replace(
        "\n[[Catégorie", f"\n== Expériences ==\n=== 1er mars 2026 ===\n{CALL}\n\n[[Catégorie"
    )
    assert "== Experiences ==\n=== 1 March 2026 ===\n{{Expérience" in with_tried(PAGE, language="en")


def test_the_same_day_goes_on_and_the_same_words_are_not_told_twice() -> None:
    once = with_tried(PAGE)
    assert with_tried(once) == once
    other = PageExperience(outcome="not", by="Ali", on=DAY)
    twice = with_tried(once, other)
    assert twice.count("=== 1er mars 2026 ===") == 1
    assert read_experiences(twice, site=FRENCH_WIKI) == (TRIED, other)
    later = PageExperience(outcome="not", by="Ali", on=date(2026, 4, 2))
    assert "=== 2 avril 2026 ===" in with_tried(twice, later)


def test_a_redirect_takes_no_experience() -> None:
    with pytest.raises(CaptureError):
        with_tried("#REDIRECTION [[Ailleurs]]")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{{Practice|statut=émergente|x=1}} a", "{{Practice|statut=testée|x=1}} a"),
        ("{{Practice\n|statut = émergente \n}}", "{{Practice\n|statut = testée \n}}"),
        ("{{Practice|status=emerging}}", "{{Practice|status=testée}}"),
        ("{{Practice|statut=}}", "{{Practice|statut=testée}}"),
        ("{{Practice|statut=adoptée|statut=émergente}}", "{{Practice|statut=adoptée|statut=testée}}"),
        ("{{Practice}} a", "{{Practice|statut=testée}} a"),
        ("{{Practice\n|langue=fr\n}}", "{{Practice\n|statut=testée\n|langue=fr\n}}"),
        ("{{Practice\n}}", "{{Practice\n|statut=testée\n}}"),
        ("<!--{{Practice}}-->{{Practice|a=b}}", "<!--{{Practice}}-->{{Practice|statut=testée|a=b}}"),
    ],
)  # fmt: skip
def test_of_a_status_only_its_word_changes(before: str, after: str) -> None:
    assert with_status(before, Status.TESTED, site=FRENCH_WIKI) == after
    assert status_of(after, site=FRENCH_WIKI) is Status.TESTED
    assert with_status(after, Status.TESTED, site=FRENCH_WIKI) == after


def test_what_is_no_practice_has_no_status() -> None:
    assert status_of("Rien.", site=FRENCH_WIKI) is None
    with pytest.raises(CaptureError):
        with_status("Rien.", Status.TESTED, site=FRENCH_WIKI)


@pytest.fixture
def wiki() -> Readable:
    made = Readable(site=FRENCH_WIKI)
    made.clock = datetime.now(UTC)
    made.edit("Bocaux", PAGE)
    return made


def pageid(wiki: Readable) -> int:
    return wiki.current("Bocaux").pageid


def test_a_person_adds_what_they_tried_under_their_own_account(wiki: Readable) -> None:
    saved = publish_experience(wiki, pageid(wiki), TRIED, day=DAY, site=FRENCH_WIKI)
    page = wiki.current("Bocaux")
    assert saved is not None
    assert (saved.pageid, saved.revid) == (page.pageid, page.revid)
    assert page.wikitext == with_tried(PAGE).rstrip("\n")
    (*_, last) = wiki.revisions([page.pageid])
    assert last.comment == f"Expérience ajoutée par {wiki.user} avec Compagnon (réussi)"
    # The answer of the wiki was lost, and they send it again.
    assert publish_experience(wiki, pageid(wiki), TRIED, day=DAY, site=FRENCH_WIKI) is None
    assert len([*wiki.revisions([page.pageid])]) == 2


def test_a_status_is_changed_from_the_one_that_was_seen(wiki: Readable) -> None:
    def decide(expected: Status) -> None:
        publish_status(
            wiki,
            pageid(wiki),
            expected=expected,
            status=Status.TESTED,
            evidence="2 expériences [[X]]",
            site=FRENCH_WIKI,
        )

    with pytest.raises(EditConflictError):
        decide(Status.ADOPTED)
    decide(Status.EMERGING)
    assert status_of(wiki.current("Bocaux").wikitext, site=FRENCH_WIKI) is Status.TESTED
    (*_, last) = wiki.revisions([pageid(wiki)])
    assert last.comment.startswith(f"Statut : émergente → testée, décidé par {wiki.user} avec Compagnon")
    assert "[[X" not in last.comment
    with pytest.raises(EditConflictError):  # somebody was quicker
        decide(Status.EMERGING)
    wiki.edit("Bocaux", "Plus rien.")
    with pytest.raises(CaptureError):
        decide(Status.TESTED)


def test_a_page_that_is_gone_is_told(wiki: Readable) -> None:
    with pytest.raises(EditConflictError):
        publish_experience(wiki, 999, TRIED, day=DAY, site=FRENCH_WIKI)


def test_the_wiki_has_to_have_the_template(wiki: Readable) -> None:
    assert not has_experience_template(wiki, site=FRENCH_WIKI)
