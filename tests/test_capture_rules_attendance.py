"""Who was there, who sent word, who led and who wrote it down."""

import pytest

from capture.draft import NotesSummary
from capture.local_extraction import LocalExtractor
from capture.notes import read_notes

EXTRACTOR = LocalExtractor()


def summary(text: str, filename: str = "notes.md") -> NotesSummary:
    return EXTRACTOR.extract(read_notes(text, filename=filename)).summary


def test_who_sent_word_is_told_from_who_did_not_come() -> None:
    found = summary(
        "# CA du 3 mars 2026\n\nPrésents : Anne Roche, Nadia Ould (excusée), Paul Petit\n"
        "Excusés : Léa Martin (pouvoir à Anne)\nAbsents : Jean Bon\n"
    )
    assert found.present == ("Anne Roche", "Paul Petit")
    assert found.absent == ("Nadia Ould", "Léa Martin", "Jean Bon")
    assert found.excused == ("Nadia Ould", "Léa Martin")


def test_absent_and_excused_in_one_list_says_of_nobody_which() -> None:
    found = summary("# CA\n\nPrésents : Paul Petit\n\nAbsents et excusés : Léa, Marc\n")
    assert (found.absent, found.excused) == (("Léa", "Marc"), ())


@pytest.mark.parametrize(
    ("text", "chair", "scribe"),
    [
        ("Présents : Anne Roche, Marc Petit\nAnimation: Anne\nNotes: Marc", "Anne Roche", "Marc Petit"),
        ("Present: Alice Moore (chair), Bob Stone (minutes)\n", "Alice Moore", "Bob Stone"),
        ("Chair: Alice Moore\nPresent: Alice Moore, Bob Stone\nScribe: Bob\n", "Alice Moore", "Bob Stone"),
        (
            "L'assemblée est présidée par Anne Roche, et Marc Petit en est nommé secrétaire.\n",
            "Anne Roche",
            "Marc Petit",
        ),
        ("Présents : Anne Roche\n", None, None),
    ],
)  # fmt: skip
def test_who_led_and_who_wrote(text: str, chair: str | None, scribe: str | None) -> None:
    found = summary(f"# Meeting\n\n{text}\nOn parle du local et des outils.\n")
    assert (found.chair, found.scribe) == (chair, scribe)


def test_a_list_below_ticked_people_is_not_one_of_people() -> None:
    found = summary(
        "Présents :\n\n- [x] Léa\n- [ ] Marc\n\n\n- Sofia : ranger l'établi\n- Paul : trier les vis\n"
    )
    assert (found.present, found.absent) == (("Léa",), ("Marc",))


def test_who_leads_and_notes_is_there_and_in_a_chat_who_speaks_where_few_say_so() -> None:
    log = (
        "10:00 <tess> chair: tess\n10:00 <odile> present+\n10:01 <remi> hello\n10:02 <odile> we begin\n"
        "10:03 <remi> the kettles are old\n10:04 <ines> one word\n10:05 <tess> so we need new ones\n"
    )
    assert set(summary(log, "chat.log").present) == {"tess", "odile", "remi"}
    told = log.replace("hello", "present+").replace("one word", "present+")
    assert set(summary(told, "chat.log").present) == {"tess", "odile", "remi", "ines"}
