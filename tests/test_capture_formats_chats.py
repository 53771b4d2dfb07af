"""Chat logs and messages: who writes, when, and what is no word of the meeting."""

import pytest

from capture.formats.clock import clock_time, elapsed_time
from capture.lines import LineKind
from capture.notes import Notes, read_notes


def said(notes: Notes) -> list[tuple[str | None, str | None, str]]:
    return [(line.speaker, line.time, line.content) for line in notes.lines if line.kind is LineKind.TEXT]


def test_a_log_with_the_bots_of_a_meeting() -> None:
    notes = read_notes(
        "15:59:45 <RRSAgent> RRSAgent has joined #atelier\n"
        "16:00:01 <lea> zakim, open next item\n"
        "16:00:02 <Zakim> agendum 1 -- Le toit -- taken up [from lea]\n"
        "16:00:05 <jdoe> present+ Jane_Doe\n"
        "16:00:09 <lea> present+ Omar_Haddad\n"
        "16:00:10 <jdoe> q+\n"
        "16:00:12 <jdoe> le toit fuit\n"
        "16:00:15 <lea> s/fuit/goutte/\n"
        "16:00:16 * jdoe montre une photo\n"
        "16:00:17 * lea has joined #atelier\n"
        "16:00:18 -!- omar has quit\n"
        "16:00:19 jdoe is now known as jdoe_away\n"
        "16:00:20 <jdoe_away> je reviens\n"
    )
    assert said(notes) == [
        ("Jane Doe", "16:00:05", "present+ Jane_Doe"),
        ("lea", "16:00:09", "present+ Omar_Haddad"),
        ("Jane Doe", "16:00:12", "le toit fuit"),
        ("Jane Doe", "16:00:16", "Jane Doe montre une photo"),
        ("Jane Doe", "16:00:20", "je reviens"),
    ]
    assert [line.number for line in notes.lines if line.kind is LineKind.META] == [1, 2, 6, 8, 10, 11, 12]
    assert (notes.lines[2].kind, notes.lines[2].content) == (LineKind.HEADING, "Le toit")


@pytest.mark.parametrize(
    "log",
    [
        "[10:31] <lea> un\n[10:32] <@marc> deux\n[10:33] <lea> trois\n",
        "2026-03-03 10:31 <lea> un\n2026-03-03 10:32 < marc> deux\n2026-03-03 10:33 <lea> trois\n",
        "10:31 AM <lea> un\n10:32 AM <marc> deux\n10:33 AM <lea> trois\n",
        "2026-03-03 10:31\tlea\tun\n2026-03-03 10:32\t@marc\tdeux\n2026-03-03 10:33\tlea\ttrois\n",
    ],
)
def test_stamps_of_logs(log: str) -> None:
    assert said(read_notes(log)) == [
        ("lea", "10:31", "un"),
        ("marc", "10:32", "deux"),
        ("lea", "10:33", "trois"),
    ]


@pytest.mark.parametrize(
    "chat",
    [
        "10:31:00\tLéa Martin:\tun\n10:32:00\tMarc | Halle:\tdeux\n10:33:00\tLéa Martin:\ttrois\n",
        "10:31:00\t From  Léa Martin : un\n10:32:00\t From  Marc | Halle : deux\n10:33:00\t From  "
        "Léa Martin : trois\n",
        "10:31:00 From Léa Martin to Everyone:\n\tun\n10:32:00 From Marc | Halle to Everyone:\n\tdeux\n"
        "10:33:00 From Léa Martin to Everyone:\n\ttrois\n",
        "10:31:00 De Léa Martin à Tout le monde : un\n10:32:00 De Marc | Halle à Tout le monde : deux\n"
        "10:33:00 De Léa Martin à Tout le monde : trois\n",
        "[03/03/2026 10:31:00] Léa Martin: un\n[03/03/2026 10:32:00] Marc | Halle: deux\n"
        "[03/03/2026 10:33:00] Léa Martin: trois\n",
    ],
)
def test_chats_of_calls(chat: str) -> None:
    assert said(read_notes(chat)) == [
        ("Léa Martin", "10:31:00", "un"),
        ("Marc", "10:32:00", "deux"),
        ("Léa Martin", "10:33:00", "trois"),
    ]


def test_reactions_are_no_words() -> None:
    notes = read_notes(
        '10:31:00\tLéa:\tOn garde la scie\n10:32:00\tMarc:\tReacted to "On garde la scie" with 👍\n'
        "10:33:00\tLéa:\tmerci\n"
    )
    assert [content for _, _, content in said(notes)] == ["On garde la scie", "merci"]


def test_times_of_an_agenda_make_no_speakers() -> None:
    notes = read_notes("Accueil 9:00\nLe toit 9:30\nPause 10:00\nBudget 10:15\n")
    assert {line.speaker for line in notes.lines} == {None}
    notes = read_notes("10:31:22 Budget: on en parle\nOn vote demain.\nLa halle ferme.\n")
    assert {line.speaker for line in notes.lines} == {None}


def test_named_lines_with_a_stamp() -> None:
    notes = read_notes("[10:31] Léa: un\n[10:32] Marc: deux\n[10:33] Léa: trois\n[10:34] Marc: quatre\n")
    assert said(notes)[0] == ("Léa", "10:31", "un")


def test_clock_times() -> None:
    stamps = ("3:07 PM", "12:05 am", "[2026-03-03 10:31:22]", "25:00", "midi")
    assert [clock_time(stamp) for stamp in stamps] == [
        "15:07", "00:05", "10:31:22", None, None,
    ]  # fmt: skip
    assert [elapsed_time(text) for text in ("0:03", "1:02:11", "rien")] == ["00:00:03", "01:02:11", None]
