"""What somebody tried, on a page: written and read again, in both languages, whatever the words."""

from datetime import date

import pytest

from connector.model import Namespace, Site
from connector.practice_experiences import (
    OUTCOME_WORDS,
    PageExperience,
    experience_call,
    read_experiences,
    without_experiences,
)

FRENCH = Site(
    name="Atelier",
    language="fr",
    server_url="https://wiki.example.org",
    namespaces={2: Namespace(id=2, name="Utilisateur", canonical="User")},
)
ENGLISH = Site(name="Workshop", language="en", server_url="https://wiki.example.org")
TRIED = PageExperience(
    outcome="partly",
    by="Zoé Blanc",
    on=date(2026, 3, 1),
    context="atelier du samedi",
    note="Six tables, pas huit.",
)


@pytest.mark.parametrize("site", [FRENCH, ENGLISH])
@pytest.mark.parametrize("outcome", ["worked", "partly", "not"])
def test_what_is_written_is_read_again_by_either_wiki(site: Site, outcome: str) -> None:
    tried = PageExperience(outcome=outcome, by="Zoé Blanc", on=date(2026, 3, 1), note="a")  # type: ignore[arg-type]
    call = experience_call(tried, wiki_language=site.language)
    assert read_experiences(call, site=FRENCH) == (tried,)
    assert read_experiences(call, site=ENGLISH) == (tried,)


def test_the_words_are_those_of_the_wiki() -> None:
    assert experience_call(TRIED, wiki_language="fr-ca") == (
        "{{Expérience\n|par=Zoé Blanc\n|le=2026-03-01\n|issue=en partie\n|contexte=atelier du samedi\n"
        "|note=Six tables, pas huit.\n}}"
    )
    assert experience_call(TRIED, wiki_language="de").startswith(
        "{{Experience\n|by=Zoé Blanc\n|on=2026-03-01\n"
    )


HOSTILE = [
    "}} {{Experience|outcome=worked}}",
    "a|outcome=not",
    "<nowiki>",
    "[[Category:X]] ~~~~",
    "{{{1}}} <!-- ",
    "== Titre ==",
    "un\ndeux",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_breaks_out_of_its_call(text: str) -> None:
    tried = PageExperience(outcome="worked", by=text, context=text, note=text)
    call = experience_call(tried, wiki_language="fr")
    page = f"Avant.\n\n{call}\n\nAprès."
    (read,) = read_experiences(page, site=FRENCH)
    assert (read.outcome, read.note, read.context) == ("worked", tried.note, tried.context)
    assert without_experiences(page, site=FRENCH).split() == ["Avant.", "Après."]


@pytest.mark.parametrize(
    ("word", "outcome"),
    [("Réussie", "worked"), ("n’a pas marché", "not"), ("partially", "partly"), ("ECHEC", "not")],
)
def test_people_may_write_it_otherwise(word: str, outcome: str) -> None:
    (read,) = read_experiences(f"{{{{ experience |Outcome={word}|le=1/3/2026}}}}", site=ENGLISH)
    assert (read.outcome, read.on) == (outcome, date(2026, 3, 1))


def test_what_has_no_outcome_or_no_day_that_exists_is_not_made_up() -> None:
    assert read_experiences("{{Experience|by=Zoé|note=Bof}}", site=ENGLISH) == ()
    assert read_experiences("{{Experience|by=Zoé|outcome=maybe}}", site=ENGLISH) == ()
    (read,) = read_experiences("{{Experience|outcome=worked|on=2026-02-31}}", site=ENGLISH)
    assert read.on is None


def test_a_link_to_a_user_names_the_user() -> None:
    text = "{{Expérience|par=[[Utilisateur:Zoé Blanc|Zoé]]|issue=réussi}}"
    assert read_experiences(text, site=FRENCH)[0].by == "Zoé Blanc"


def test_what_is_commented_out_or_shown_as_code_was_not_tried() -> None:
    call = experience_call(TRIED, wiki_language="fr")
    assert read_experiences(f"<!-- {call} --> <nowiki>{call}</nowiki>", site=FRENCH) == ()


def test_without_them_no_empty_heading_stays() -> None:
    call = experience_call(TRIED, wiki_language="fr")
    page = (
        f"== Solution ==\nOui.\n\n== Expériences ==\n\n=== 1er mars 2026 ===\n{call}\n\n== Notes ==\nFin.\n"
    )
    assert without_experiences(page, site=FRENCH).split("\n\n") == [
        "== Solution ==\nOui.",
        "== Notes ==\nFin.\n",
    ]
    kept = page.replace(call, f"{call}\nRéunion : on a ri.")
    assert "=== 1er mars 2026 ===" in without_experiences(kept, site=FRENCH)
    assert without_experiences("== Vide ==\n", site=FRENCH) == "== Vide ==\n"


def test_every_language_has_a_word_for_every_outcome() -> None:
    assert {len(set(words.values())) for words in OUTCOME_WORDS.values()} == {3}
