"""What the local extractor finds in notes as people write them, and what it leaves alone."""

import datetime

import pytest

from capture.draft import NotesSummary
from capture.extraction import Extraction
from capture.local_extraction import LocalExtractor
from capture.notes import read_notes

EXTRACTOR = LocalExtractor()

FRENCH = """\
# Réunion de l'atelier vélo du 12 mars 2024

Présents : Léa Martin, Marc Dubois et Sofia Benali (à distance). Excusée : Anne Roux

## 1. Prêt des outils

On a parlé des pinces qui manquent depuis l'automne.
Faut-il ouvrir le samedi matin ?

## 2. Budget

Il est décidé d'acheter deux pieds d'atelier.
Proposition : vendre les vieux cadres
ACTION : Marc commande les pieds avant le 20 mars
- [ ] Relancer la mairie (Sofia)
- [x] Payer l'assurance : Léa
Question : qui garde les clés en août
"""

ENGLISH = """\
Repair café planning meeting
Date: 5 May 2025
Attendees: Alice Moore (chair), Bob Stone, Carl Fisk
Apologies: Dana West

Topics

Opening hours

We agreed to open every Thursday evening.
PROPOSAL: rent a second bench

Action items:
- Bob to print the new posters by 12 May
- Alice: write to the library
- none of the above needs money

AOB
What do we do with the broken kettle?
"""

CHAT = """\
16:00 <lea> meeting: Atelier bois
16:00 <lea> present+
16:00 <marc> present+
16:01 <lea> regrets: sofia
16:01 <lea> topic: Établis
16:02 <marc> PROPOSED: build two benches
16:02 <lea> +1
16:03 <marc> RESOLVED: build two benches
16:04 <lea> ACTION: marc to buy the wood
16:05 <notesbot> created action 12
16:06 <marc> topic: Next steps
16:07 <lea> it was fun
"""


def extract(text: str, filename: str = "notes.md") -> Extraction:
    return EXTRACTOR.extract(read_notes(text, filename=filename))


def summary(text: str, filename: str = "notes.md") -> NotesSummary:
    return extract(text, filename).summary


def test_french_minutes() -> None:
    found = summary(FRENCH)
    assert found.title == "Réunion de l'atelier vélo du 12 mars 2024"
    assert found.date == datetime.date(2024, 3, 12)
    assert found.language == "fr"
    assert found.present == ("Léa Martin", "Marc Dubois", "Sofia Benali")
    assert found.absent == ("Anne Roux",)
    assert found.topics == ("Prêt des outils", "Budget")
    assert [(one.text, one.owner, one.due, one.done, one.lines) for one in found.actions] == [
        ("commande les pieds avant le 20 mars", "Marc", datetime.date(2024, 3, 20), False, (14,)),
        ("Relancer la mairie", "Sofia", None, False, (15,)),
        ("Payer l'assurance", "Léa", None, True, (16,)),
    ]
    assert [(one.text, one.decided, one.lines) for one in found.decisions] == [
        ("acheter deux pieds d'atelier.", True, (12,)),
        ("vendre les vieux cadres", False, (13,)),
    ]
    assert [(one.text, one.lines) for one in found.questions] == [
        ("Faut-il ouvrir le samedi matin ?", (8,)),
        ("qui garde les clés en août", (17,)),
    ]


def test_english_minutes_in_plain_text() -> None:
    found = summary(ENGLISH, "minutes.txt")
    assert found.title == "Repair café planning meeting"
    assert found.date == datetime.date(2025, 5, 5)
    assert found.language == "en"
    assert found.present == ("Alice Moore", "Bob Stone", "Carl Fisk")
    assert found.absent == ("Dana West",)
    assert [(one.text, one.owner, one.due) for one in found.actions[:2]] == [
        ("print the new posters by 12 May", "Bob", datetime.date(2025, 5, 12)),
        ("write to the library", "Alice", None),
    ]
    assert [(one.text, one.decided) for one in found.decisions] == [
        ("open every Thursday evening.", True),
        ("rent a second bench", False),
    ]
    assert [one.text for one in found.questions] == ["What do we do with the broken kettle?"]


def test_chat_minutes() -> None:
    found = summary(CHAT, "chat.log")
    assert found.title == "Atelier bois"
    assert found.present == ("lea", "marc")
    assert found.absent == ("sofia",)
    assert found.topics == ("Établis",)
    # The proposal became the decision: once, with the lines of both.
    assert [(one.text, one.decided, one.lines) for one in found.decisions] == [
        ("build two benches", True, (6, 8))
    ]
    assert [(one.text, one.owner) for one in found.actions] == [("buy the wood", "marc")]


def test_checked_people_are_present_and_the_others_are_not() -> None:
    found = summary("# CA\n\n## Présent·e·s\n- [x] Léa Martin\n- [ ] Marc Dubois\n- [X] Sofia Benali\n")
    assert found.present == ("Léa Martin", "Sofia Benali")
    assert found.absent == ("Marc Dubois",)
    assert found.actions == ()


def test_present_in_a_table() -> None:
    found = summary("## Participants\n\nNom | Présence\n--- | ---\nLéa Martin | oui\nMarc Dubois | excusé\n")
    assert (found.present, found.absent) == (("Léa Martin",), ("Marc Dubois",))


def test_actions_in_a_table() -> None:
    found = summary(
        "## Suivi\n\n| Qui | Action | Échéance | Statut |\n|---|---|---|---|\n"
        "| Léa | Imprimer l'affiche | 3/4/2024 | fait |\n| Marc | Trier les vis | | |\n\n"
        "On en reparle plus tard.\n"
    )
    assert [(one.text, one.owner, one.due, one.done, one.lines) for one in found.actions] == [
        ("Imprimer l'affiche", "Léa", datetime.date(2024, 4, 3), True, (5,)),
        ("Trier les vis", "Marc", None, False, (6,)),
    ]


def test_actions_under_the_name_of_their_owner() -> None:
    found = summary(
        "Présents : Léa, Marc\n\n## Actions\n"
        "- Léa :\n  - ranger l'établi\n  - trier les vis\n- Marc : fermer\n"
    )
    assert [(one.owner, one.text) for one in found.actions] == [
        ("Léa", "ranger l'établi"),
        ("Léa", "trier les vis"),
        ("Marc", "fermer"),
    ]


def test_actions_said_in_sentences() -> None:
    found = summary(
        "Présents : Léa Martin, Marc Dubois\n\n## Local\n\n"
        "La mairie prête la salle. Marc s'occupe de la clé. "
        "Léa va écrire à la mairie avant le 3 juin 2024. Marc pense que c'est trop loin.\n"
    )
    assert [(one.owner, one.text) for one in found.actions] == [
        ("Marc", "s'occupe de la clé"),
        ("Léa", "écrire à la mairie avant le 3 juin 2024"),
    ]


def test_a_list_that_shares_out_work_needs_no_heading() -> None:
    found = summary(
        "Présents : Léa, Marc, Sofia\n\nPour la fête :\n"
        "- Léa : imprimer les affiches\n- Marc : mail aux adhérents\n- Sofia : réserver la salle\n"
    )
    assert [one.owner for one in found.actions] == ["Léa", "Marc", "Sofia"]


def test_opinions_are_no_actions() -> None:
    found = summary(
        "Présents : Léa, Marc\n\n- Léa : c'est trop cher\n- Marc : il fait froid\n- Léa : on verra\n"
    )
    assert found.actions == ()


@pytest.mark.parametrize("text", ["Aucune", "- néant", "- None", "RAS", "- N/A"])
def test_no_actions_means_none(text: str) -> None:
    assert summary(f"# Réunion\n\n## Actions\n\n{text}\n").actions == ()


@pytest.mark.parametrize(
    ("sentence", "decided"),
    [
        ("DÉCISION : garder le local", True),
        ("RÉSOLUTION 3 : garder le local", True),
        ("Decision: keep the room", True),
        ("Il a été décidé de garder le local", True),
        ("On décide de garder le local", True),
        ("Le budget est adopté à l'unanimité", True),
        ("We decided to keep the room", True),
        ("The budget was approved unanimously", True),
        ("Proposé : garder le local", False),
        ("It was proposed to keep the room", False),
    ],
)
def test_decisions_and_proposals(sentence: str, decided: bool) -> None:
    found = summary(f"# Réunion\n\nOn a parlé du local pendant une heure.\n\n{sentence}\n").decisions
    assert [one.decided for one in found] == [decided]


@pytest.mark.parametrize(
    "sentence",
    [
        "On n'a pas encore décidé pour le local",
        "Reste à décider qui garde les clés du local",
        "We have not decided about the room",
        "Should we decide that today?",
        "We can order the bench as soon as we decided on a colour",
    ],
)
def test_what_is_not_decided_is_no_decision(sentence: str) -> None:
    assert summary(f"# Réunion\n\n{sentence}\n").decisions == ()


def test_groups_in_a_list_of_people_are_not_people() -> None:
    found = summary(
        "# Minutes\n\n**Attending:**\n\n- Directors: Alice Moore, Bob Stone\n"
        "- Board member regrets: Dana West\n- Guests: none\n\nThe shed is open.\n"
    )
    assert found.present == ("Alice Moore", "Bob Stone")
    assert found.absent == ("Dana West",)


def test_an_agenda_is_its_list_and_not_where_the_meeting_was() -> None:
    found = summary(
        "# Agenda\n\nVenue: by phone on 4 May\nAccess code: 12345\n\n- The shed\n- [Tools\n  of May](https://a.example)\n"
    )
    assert found.topics == ("The shed", "Tools of May")


def test_a_word_that_the_writer_doubts_asks_nothing() -> None:
    assert summary("# Minutes\n\nThe pump was made in Lille(?)\n").questions == ()


def test_answered_questions_are_not_open() -> None:
    found = summary("- Quand ouvre-t-on le local ?\n  - le samedi\n- Qui garde les clés du local ?\n")
    assert [one.text for one in found.questions] == ["Qui garde les clés du local ?"]


@pytest.mark.parametrize(
    ("text", "filename", "expected"),
    [
        ("# Réunion\nDate : 05/03/2024\nLe texte de la réunion en français.", "a.md", "2024-03-05"),
        ("# Réunion du 5 mars\n\nLe budget 2024 est prêt pour les adhérents.", "a.md", "2024-03-05"),
        ("# Réunion du 5 mars\n\nLe budget est prêt pour les adhérents.", "a.md", None),
        ("# Réunion\n\nLe budget est prêt.", "cr-2024-03-05.md", "2024-03-05"),
        ("# Réunion\nProchaine réunion : 5 mars 2024\n", "a.md", None),
    ],
)
def test_meeting_dates(text: str, filename: str, expected: str | None) -> None:
    found = summary(text, filename).date
    assert (found.isoformat() if found else None) == expected


def test_every_statement_names_lines_that_exist_and_hold_its_words() -> None:
    for text in (FRENCH, ENGLISH, CHAT):
        notes = read_notes(text)
        found = EXTRACTOR.extract(notes).summary
        told = [(one.text, one.lines) for one in found.actions]
        told += [(one.text, one.lines) for one in found.decisions]
        told += [(one.text, one.lines) for one in found.questions]
        assert told
        for words, lines in told:
            said = " ".join(notes.lines[number - 1].text for number in lines)
            assert words.rstrip(" .") in said


def test_the_same_notes_give_the_same_result() -> None:
    assert extract(FRENCH) == extract(FRENCH)


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "?",
        "#" * 2000 + " a",
        "|" * 5000 + "a",
        "**" * 5000 + "a",
        "[" * 5000 + "]" * 5000,
        "(" * 20_000,
        "- [ ] " * 3000,
        "A: " * 10_000,
        "Présents : " + "Léa, " * 20_000,
        "ACTION : " * 5_000,
        "mot " * 100_000,
        "\n".join(f"{'  ' * depth}- item" for depth in range(200)),
        "<" * 10_000 + ">" * 10_000,
        "x\u0301" * 20_000,
        "<a " * 20_000,
        "<div>" * 5_000 + "au fond",
        "Décision : " * 5_000,
        "Actions :\n\n\n",
    ],
)
def test_odd_notes_are_read_without_complaint(text: str) -> None:
    for filename in ("notes.md", "notes.txt", "notes.html"):
        extract(text, filename)
