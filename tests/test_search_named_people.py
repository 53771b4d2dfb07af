"""Whom a page names: contacts, authors, who was there; and pages that are made to be slow to read."""

import pytest

from search.named_people import named_people
from tests.builders import FRENCH_WIKI, make_page


def attended(text: str) -> tuple[str, ...]:
    return named_people(make_page(1, "Réunion", text), site=FRENCH_WIKI).attended


def authors(value: str) -> tuple[str, ...]:
    text = f"{{{{Practice|statut=testée|auteurs={value}}}}}"
    return named_people(make_page(1, "Fiche", text), site=FRENCH_WIKI).authors


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Présents : Aïcha, Hugo et Solène", ("Aïcha", "Hugo", "Solène")),
        ("* '''Présentes''' : Nadia & Tess", ("Nadia", "Tess")),
        ("  '''''Participants''''' : Jean de La Tour, Ève O’Neil.", ("Jean de La Tour", "Ève O’Neil")),
        ("Étaient présents : J. d'Arc (en visio), Zoé", ("J. d'Arc", "Zoé")),
        ("; Attendees: [[Utilisateur:Nadia|N.]] and [[User:Max B.]]", ("Nadia", "Max B.")),
        ("Présent·e·s\u00a0: Aïcha\u00a0; Hugo", ("Aïcha", "Hugo")),
        ("Nous étions présents : Hugo", ()),
        ("Présents : 12 personnes", ()),
    ],
)  # fmt: skip
def test_who_was_there_is_read_from_the_line_that_says_so(line: str, names: tuple[str, ...]) -> None:
    assert attended(f"Réunion du lundi.\n{line}\nOn a parlé.") == names


def test_authors_are_parted_by_signs_and_by_words() -> None:
    assert authors("Solène  et  Aïcha Diop<br/>Hugo (relecture), Nadia") == (
        "Solène",
        "Aïcha Diop",
        "Hugo",
        "Nadia",
    )


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "text",
    [
        " " * 200_000,
        "* " * 100_000,
        "Présents" + " " * 200_000 + "x",
        "Présents :" + " " * 200_000,
        "Présents : " + "Hugo, " * 100_000,
        "Présents : Hugo, 1\n" * 30_000,
    ],
)
def test_a_page_made_to_be_slow_is_read_at_once(text: str) -> None:
    assert set(attended(text)) <= {"Hugo"}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("value", ["a" + " " * 200_000 + "b", "(" * 100_000, "Hugo, " * 100_000])
def test_a_parameter_made_to_be_slow_is_read_at_once(value: str) -> None:
    assert authors(value) == ()
