"""What coordinators stumbled over in notes of every kind, one test for each."""

import datetime

import pytest

from capture.draft import NotesSummary
from capture.local_extraction import LocalExtractor
from capture.notes import read_notes
from connector.errors import UnreadableNotesError

MAIL = """\
From: Claire Fontaine <claire@example.org>
To: collectif@example.org
Subject: Re: Réunion du 17 mars : relevé de décisions
Date: Tue, 18 Mar 2025 09:12:00 +0100
Content-Type: text/plain; charset=utf-8

Bonjour,

Voici le relevé de la réunion d'hier (présents : Claire, Yann, Sékou ; excusée : Béatrice).

À faire
- Yann : relancer la mairie pour le local
- Sékou : mettre à jour le site

Bonne journée à toutes et à tous,

Claire
"""
BOT = """\
[19:00:02] <lea> #startmeeting fablab hebdo
[19:00:10] <lea> salut tout le monde
[19:00:31] <marc> salut
[19:00:40] <sofia> coucou
[19:01:00] <lea> #topic Découpeuse laser
[19:01:20] <marc> la hotte est bouchée, il faut changer le filtre
[19:02:00] <lea> #action sofia pose le filtre samedi
[19:02:30] <lea> #agreed pas de découpe du PVC, même pour les adhérents
[19:03:00] <lea> #topic Portes ouvertes
[19:03:50] <marc> qui imprime les flyers ?
[19:04:02] <sofia> moi
[19:04:10] <lea> #action sofia imprime 200 flyers
"""


EXTRACTOR = LocalExtractor()


def summary(text: str, filename: str | None = None) -> NotesSummary:
    return EXTRACTOR.extract(read_notes(text, filename=filename)).summary


@pytest.mark.parametrize(
    ("text", "filename"),
    [
        ("- a b\n" * 101, "a.txt"),
        ("a\r\n" * 101, "a.vtt"),
        ("<p>a</p>" * 101, "a.html"),
        (f"From: a@example.org\nSubject: x\n\n{'> a' * 3}\n" + "a b\n" * 101, "a.eml"),
    ],
)
def test_notes_of_too_many_lines_are_refused_before_each_is_read(
    text: str, filename: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("capture.lines.MAX_LINES", 100)
    with pytest.raises(UnreadableNotesError, match="too many lines"):
        read_notes(text, filename=filename)
    assert read_notes("a\n" * 100).line_count == 100


def test_an_action_that_is_repeated_a_thousand_times_names_a_few_of_its_lines() -> None:
    [action] = summary("- TODO Léa : envoyer la liste\n" * 1000).actions
    assert action.lines[0] == 1
    assert len(action.lines) <= 20


def test_a_decision_that_is_repeated_a_thousand_times_names_a_few_of_its_lines() -> None:
    [decision] = summary("- Décision : acheter douze chaises\n" * 1000).decisions
    assert len(decision.lines) <= 20


def test_lines_of_a_chat_are_never_joined_whatever_their_length() -> None:
    told = summary(BOT)
    assert [(one.text, one.lines) for one in told.decisions] == [
        ("pas de découpe du PVC, même pour les adhérents", (8,))
    ]


def test_the_commands_of_a_meeting_bot_are_read() -> None:
    told = summary(BOT)
    assert told.title == "fablab hebdo"
    assert told.topics == ("Découpeuse laser", "Portes ouvertes")
    assert [(one.owner, one.text) for one in told.actions] == [
        ("sofia", "pose le filtre samedi"),
        ("sofia", "imprime 200 flyers"),
    ]
    assert told.questions == ()  # "moi" answers it


def test_below_the_list_of_actions_a_mail_says_good_bye() -> None:
    told = summary(MAIL, "a.eml")
    assert [one.text for one in told.actions] == ["relancer la mairie pour le local", "mettre à jour le site"]


def test_a_mail_tells_of_the_meeting_that_its_subject_names() -> None:
    told = summary(MAIL, "a.eml")
    assert told.title == "Réunion du 17 mars : relevé de décisions"
    assert told.date == datetime.date(2025, 3, 17)
    without = summary(MAIL.replace(" du 17 mars", ""), "a.eml")
    assert without.date == datetime.date(2025, 3, 18)


def test_who_was_there_may_stand_in_brackets() -> None:
    told = summary(MAIL, "a.eml")
    assert told.present == ("Claire", "Yann", "Sékou")
    assert told.excused == ("Béatrice",)


def test_a_short_date_may_end_its_sentence() -> None:
    told = summary(
        "Réunion du 3 février 2025\nPrésentes : Aïcha, Maud\n\nAïcha commande le bois d'ici le 10/02.\n"
    )
    assert [one.due for one in told.actions] == [datetime.date(2025, 2, 10)]
    assert summary("Réunion du 3 février 2025\n\nTODO Léa : payer 10/02,5\n").actions[0].due is None


def test_the_day_of_an_action_is_not_that_of_the_meeting() -> None:
    assert summary("Notes\n\nACTION: Omar to write the rule by 2025-05-02\n").date is None


def test_in_a_stand_up_today_is_nobody() -> None:
    text = "# Stand-up\n\nPresent: Priya, Tom\n\n" + "".join(
        f"## {name}\n- Yesterday: wrote a test\n- Today: write tests for the cache\n- Blockers: none\n"
        for name in ("Priya", "Tom")
    )
    told = summary(text)
    assert "Today" not in {one.owner for one in told.actions}
    assert told.present == ("Priya", "Tom")


def test_what_is_to_be_done_is_no_open_question() -> None:
    told = summary(
        "# Sync\n\nPresent: Sam, Ida\n\n## Parking lot\n- A second van?\n- Sam to check the tyres\n"
    )
    assert [one.text for one in told.questions] == ["A second van?"]
    assert [one.owner for one in told.actions] == ["Sam"]


@pytest.mark.parametrize("said", ["Inès achète un tampon", "Inès gère la caisse", "Inès complète la fiche"])
def test_french_verbs_change_their_accents(said: str) -> None:
    told = summary(f"Présentes : Inès, Lucie\n\n→ {said}\n")
    assert [one.owner for one in told.actions] == ["Inès"]


def test_a_majority_of_voices_decides() -> None:
    told = summary("La fête aura lieu le samedi 12 avril, adopté par 3 voix contre 1.\n")
    assert [one.decided for one in told.decisions] == [True]


def test_the_secretary_may_stand_behind_a_slash() -> None:
    told = summary(
        "CR de la visio\nAnimation : Fatou / Secrétariat : Gwen\nParticipants : Fatou, Gwen, Anh\n"
    )
    assert (told.chair, told.scribe) == ("Fatou", "Gwen")


def test_a_due_cell_may_say_that_it_is_done() -> None:
    table = (
        "| Action | Owner | Due |\n|---|---|---|\n| Send thanks | Ida | done |\n| Book it | Ida | soon |\n"
    )
    assert [one.done for one in summary(table).actions] == [True, False]
