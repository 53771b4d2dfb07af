"""Names out of lists, and actions told apart from their owners."""

import pytest

from capture.people import Roster, clean_name, split_names
from capture.rules.owners import split_owner

ROSTER = Roster(["Léa Martin", "Marc Dubois", "Sofia Benali", "gkern"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Léa, Marc et Sofia (à distance)", ["Léa", "Marc", "Sofia"]),
        ("Léa Martin ; Marc Dubois (argent, vélo) & Anne Roux", ["Léa Martin", "Marc Dubois", "Anne Roux"]),
        ("Ann Moore <ann@moore.example>, @bob, Mr. Carl Fisk – chair", ["Ann Moore", "bob", "Carl Fisk"]),
        ("Anne de Roux", ["Anne de Roux"]),
        ("Alice and Bob, alice", ["Alice", "Bob"]),
        ("- [x] Nadia Ould", ["Nadia Ould"]),
        ("Directors: Alice Moore, Bob Stone; Guests: Carl Fisk", ["Alice Moore", "Bob Stone", "Carl Fisk"]),
        ("Membres du bureau présents : Léa Martin et Marc Dubois", ["Léa Martin", "Marc Dubois"]),
        ("Alice Moore: chair, Bob Stone", ["Alice Moore", "Bob Stone"]),
        ("Laurent est arrivé à 18 h 24", ["Laurent"]),
        ("tous, plusieurs membres, etc.", []),
        ("Personne", []),
        ("https://example.org/page", []),
        ("On a parlé de la salle avec les voisins", []),
        ("", []),
    ],
)  # fmt: skip
def test_lists_of_names(text: str, expected: list[str]) -> None:
    assert split_names(text) == expected


def test_no_name_is_made_of_marks() -> None:
    assert clean_name("---") is None
    assert clean_name("12 personnes") is None


def test_a_roster_knows_first_names_and_initials() -> None:
    assert ROSTER.find("léa") == "Léa Martin"
    assert ROSTER.find("Marc D.") == "Marc Dubois"
    assert ROSTER.find("@gkern") == "gkern"
    assert ROSTER.find("Paul") is None
    # Two people share a first name: it is someone, and nobody in particular.
    assert Roster(["Anne Roux", "Anne Petit"]).find("Anne") == "Anne"


@pytest.mark.parametrize(
    ("text", "owner", "rest"),
    [
        ("Marc : écrire au lieu", "Marc", "écrire au lieu"),
        ("Marc & Sofia : écrire au lieu", "Marc & Sofia", "écrire au lieu"),
        ("gkern to create the issue", "gkern", "create the issue"),
        ("Marc will send the list", "Marc", "send the list"),
        ("Marc va envoyer la liste", "Marc", "envoyer la liste"),
        ("Marc doit envoyer la liste", "Marc", "doit envoyer la liste"),
        ("Sofia s'occupe de la salle", "Sofia", "s'occupe de la salle"),
        ("Relancer la mairie (Sofia)", "Sofia", "Relancer la mairie"),
        ("Relancer la mairie (Sofia, avant le 20 mars)", "Sofia", "Relancer la mairie (avant le 20 mars)"),
        ("Relancer la mairie → Sofia", "Sofia", "Relancer la mairie"),
        ("Relancer la mairie : Sofia", "Sofia", "Relancer la mairie"),
        ("[Sofia] Relancer la mairie", "Sofia", "Relancer la mairie"),
        ("Relancer la mairie, responsable : Sofia", "Sofia", "Relancer la mairie"),
        ("pour Marc : relancer la mairie", "Marc", "relancer la mairie"),
        ("relancer la mairie @gkern", "gkern", "relancer la mairie"),
        ("Marc répond à la mairie", "Marc", "répond à la mairie"),
        ("Nora : relancer la mairie", "Nora", "relancer la mairie"),
        ("Relancer la mairie (CNIL)", None, "Relancer la mairie (CNIL)"),
        ("Budget : relancer la mairie", None, "Budget : relancer la mairie"),
        ("Relancer la mairie", None, "Relancer la mairie"),
    ],
)
def test_owners(text: str, owner: str | None, rest: str) -> None:
    found = split_owner(text, ROSTER, expected=True)
    assert (found.owner, found.text) == (owner, rest)


def test_a_stranger_owns_only_what_is_known_to_be_an_action() -> None:
    assert split_owner("Nora : très bonne idée", ROSTER, expected=False).owner is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Paul Petit +1, Marc + 2 personnes", ["Paul Petit", "Marc"]),
        ('Jean "Jeannot" Dupont, Sophie alias soso', ["Jean Dupont", "Sophie"]),
        ("Marie Curie – Atelier du Lac, Dr. Ann Lee (Lake Works)", ["Marie Curie", "Ann Lee"]),
    ],
)
def test_names_without_guests_nicknames_and_organizations(text: str, expected: list[str]) -> None:
    assert split_names(text) == expected
