"""Actions and decisions that nothing marks: promises, duties, requests that are accepted, votes."""

import pytest

from capture.draft import NotesSummary
from capture.local_extraction import LocalExtractor
from capture.notes import read_notes

EXTRACTOR = LocalExtractor()
PEOPLE = "# Réunion\n\nPrésents : Léa Martin, Marc Dubois\n\n## Local\n\nOn a parlé du local une heure.\n\n"


def summary(text: str, filename: str = "notes.md") -> NotesSummary:
    return EXTRACTOR.extract(read_notes(text, filename=filename)).summary


@pytest.mark.parametrize(
    ("sentence", "owner"),
    [
        ("Il faudra ajouter la signature du trésorier au compte.", None),
        ("Reste à prévenir les voisins du bruit.", None),
        ("Nous allons écrire à la mairie avant le 3 juin 2026.", None),
        ("Le trésorier doit ouvrir un compte à la banque.", "Le trésorier"),
        ("The treasurer will open an account at the bank.", "The treasurer"),
        ("Il faut que Sofia Benali relance la mairie.", "Sofia Benali"),
        ("Dana West to send the list of members.", "Dana West"),
        ("Léa Martin se charge de la clé du local.", "Léa Martin"),
        ("Relancer l'imprimeur d'ici vendredi.", None),
    ],
)
def test_what_is_to_be_done(sentence: str, owner: str | None) -> None:
    assert [one.owner for one in summary(PEOPLE + sentence + "\n").actions] == [owner]


@pytest.mark.parametrize(
    "sentence",
    [
        "Il faudrait peut-être ranger le local un jour.",
        "On pourrait écrire à la mairie.",
        "Nous avons écrit à la mairie.",
        "Thanks to send the list of members.",
        "It may be good to write to the board.",
        "Le bureau se réunit chaque mois au local.",
        "Faut-il relancer la mairie ?",
    ],
)
def test_what_is_only_wished_or_told_is_no_action(sentence: str) -> None:
    assert summary(PEOPLE + sentence + "\n").actions == ()


def test_a_request_that_somebody_accepts() -> None:
    chat = (
        "10:00 <tess> the kettles are old\n10:01 <remi> tess, can you order a new kettle for the room?\n"
        "10:02 <tess> sure\n10:03 <remi> can you hear the noise of the old one?\n10:04 <tess> yes\n"
    )
    assert [(one.text, one.owner, one.lines) for one in summary(chat, "chat.log").actions] == [
        ("order a new kettle for the room", "tess", (2, 3))
    ]


def test_a_list_that_shares_out_work_counts_for_everyone_in_it() -> None:
    found = summary(
        "Présents : Léa, Marc, Sofia\n\nOn a bien ri.\n\n- Léa : imprimer les affiches\n"
        "- Marc : mail aux adhérents\n- Sofia : réserver la salle\n- Tous : réfléchir au nom\n"
    )
    assert [one.owner for one in found.actions] == ["Léa", "Marc", "Sofia", "Tous"]


def test_actions_of_the_time_before_are_told_only_when_they_are_done() -> None:
    found = summary(
        "# Réunion\n\n## Actions de la réunion précédente\n\n- Léa : imprimer les affiches → fait\n"
        "- Marc : trier les vis\n\n## Actions\n\n- Marc : trier les vis\n- Léa : fermer le local\n"
    )
    assert [(one.text, one.done, one.lines) for one in found.actions] == [
        ("imprimer les affiches", True, (5,)),
        ("trier les vis", False, (10,)),
        ("fermer le local", False, (11,)),
    ]
    alone = summary("# Réunion\n\n## Suivi des actions\n\n- Marc : trier les vis\n")
    assert [one.text for one in alone.actions] == ["trier les vis"]


def decided(text: str, filename: str = "notes.md") -> list[tuple[str, tuple[int, ...]]]:
    return [(one.text, one.lines) for one in summary(text, filename).decisions if one.decided]


def test_what_a_chat_votes_for_and_says_again_is_decided() -> None:
    chat = (
        "10:00 <tess> buy two kettles this month\n10:01 <remi> +1\n10:01 <ines> +0.5\n"
        "10:02 <tess> buy two kettles this month\n10:03 <remi> paint the door in blue\n"
        "10:04 <ines> -1\n10:05 <tess> we have the paint\n"
    )
    assert decided(chat, "chat.log") == [("buy two kettles this month", (1, 4))]


def test_a_proposal_with_votes_and_none_against_is_decided() -> None:
    chat = (
        "10:00 <tess> PROPOSAL: buy two kettles\n10:01 <remi> +1\n10:01 <ines> +1\n10:02 <tess> now, doors\n"
    )
    assert decided(chat, "chat.log") == [("buy two kettles", (1,))]
    assert decided(chat.replace("<ines> +1", "<ines> -1"), "chat.log") == []


def test_this_resolution_is_what_its_heading_says() -> None:
    text = (
        "# AG\n\n### Résolution 1 - Élection du bureau\n\nLes candidats se présentent.\n\n"
        "Cette résolution a été adoptée à l'unanimité.\n"
    )
    assert decided(text) == [("Élection du bureau", (3, 7))]


@pytest.mark.parametrize(
    "sentence",
    [
        "On part sur un tableau mural pour les outils.",
        "L'assemblée générale, après avoir entendu le bureau, décide de modifier les statuts.",
        "Tout le monde est d'accord pour garder le local.",
        "Notre choix se porte sur la salle du lac.",
        "Let's go with the blue door.",
        "The consensus was to keep the room.",
    ],
)
def test_ways_to_decide(sentence: str) -> None:
    assert len(decided(f"# Réunion\n\nOn en parle encore.\n\n{sentence}\n", "notes.txt")) == 1


def test_the_marks_of_a_bot_that_keeps_minutes() -> None:
    chat = (
        "10:00 <tess> #agreed keep the room\n10:01 <remi> fine\n10:02 <tess> #action remi to call the owner\n"
    )
    assert decided(chat, "chat.log") == [("keep the room", (1,))]
    assert [(one.owner, one.text) for one in summary(chat, "chat.log").actions] == [
        ("remi", "call the owner")
    ]


def test_a_decision_with_its_list_is_one() -> None:
    text = (
        "# AG\n\n## Décisions\n\n- Nous avons choisi ces outils pour le local :\n  - une scie\n  - un étau\n"
    )
    assert decided(text) == [("Nous avons choisi ces outils pour le local : une scie ; un étau", (5, 6, 7))]


def test_the_name_after_a_todo_owns_what_stands_before_it() -> None:
    found = summary(
        "# Salle\n\nPour le courant il faut les contacter (TODO debnet).\n\n"
        "Aucune nouvelle de la mairie (TODO debnet: relancer la mairie).\n\nIl manque une clé. TODO debnet.\n"
    )
    assert [(one.owner, one.text) for one in found.actions] == [
        ("debnet", "Pour le courant il faut les contacter"),
        ("debnet", "relancer la mairie"),
        ("debnet", "Il manque une clé."),
    ]


def test_a_list_that_ends_a_proposal_is_part_of_it() -> None:
    text = (
        "# AG\n\n## Résolutions\n\n### Élection du bureau\n\nIl est proposé de nommer le bureau suivant :\n\n"
        "- Léa Martin, présidente\n- Marc Dubois, trésorier\n\nCette résolution a été adoptée.\n"
    )
    assert [one[0] for one in decided(text)] == ["Élection du bureau"]
