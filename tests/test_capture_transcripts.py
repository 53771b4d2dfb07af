"""Subtitle files of calls: who speaks, and that times and numbers are no words of the meeting."""

import re

import pytest

from capture.blocks import blocks_of
from capture.draft import NotesSummary
from capture.lines import LineKind
from capture.local_extraction import LocalExtractor
from capture.notes import read_notes

EXTRACTOR = LocalExtractor()
_TALK = (
    ("Nadia Ferrand", "Hello, shall we start?"),
    ("zoe", "Yes, we can hear you."),
    ("Nadia Ferrand", "The kiln was repaired last week."),
    ("Omar Haddad", "Is there a new key for the shed?"),
    ("zoe", "I have two of them."),
    ("Omar Haddad", "Good."),
)


def webvtt(talk: tuple[tuple[str, str], ...], *, voice: bool = False) -> str:
    cues = ["WEBVTT", ""]
    for number, (name, said) in enumerate(talk, start=1):
        text = f"<v {name}>{said}</v>" if voice else f"{name}: {said}"
        cues += [str(number), f"00:00:{number:02d}.120 --> 00:00:{number:02d}.900", text, ""]
    return "\n".join(cues)


def subrip(talk: tuple[tuple[str, str], ...]) -> str:
    return re.sub(r"(:\d\d)\.(\d{3})", r"\1,\2", webvtt(talk).removeprefix("WEBVTT\n\n"))


def summary(text: str, filename: str) -> NotesSummary:
    return EXTRACTOR.extract(read_notes(text, filename=filename)).summary


@pytest.mark.parametrize(
    ("text", "filename"),
    [
        (webvtt(_TALK), "call.vtt"),
        (webvtt(_TALK, voice=True), "call.vtt"),
        (webvtt(_TALK).replace("\n", "\r\n"), "call.txt"),
        (subrip(_TALK), "call.srt"),
    ],
)
def test_who_speaks_in_a_transcript(text: str, filename: str) -> None:
    notes = read_notes(text, filename=filename)
    said = [(line.speaker, line.content) for line in notes.lines if line.kind is LineKind.TEXT]
    assert said == list(_TALK)
    found = EXTRACTOR.extract(notes).summary
    assert found.present == ("Nadia Ferrand", "zoe", "Omar Haddad")
    assert found.title != "WEBVTT"


def test_lines_keep_the_numbers_of_the_file() -> None:
    notes = read_notes(webvtt(_TALK), filename="call.vtt")
    assert [line.number for line in notes.lines if line.kind is LineKind.TEXT] == [5, 9, 13, 17, 21, 25]


def test_what_is_asked_in_a_record_of_all_that_was_said_is_not_left_open() -> None:
    short = summary(webvtt(_TALK), "call.vtt")
    assert "Is there a new key for the shed?" in [question.text for question in short.questions]
    marked = (*_TALK * 15, ("Omar Haddad", "Open question: who keeps the shed in winter"))
    long = summary(webvtt(marked), "call.vtt")
    assert [question.text for question in long.questions] == ["who keeps the shed in winter"]


def test_an_arrow_in_notes_is_no_subtitle() -> None:
    notes = read_notes("From 10:00 --> 11:00 the shed\n\nzoe: brings tea\nzoe: brings cups\nzoe: stays\n")
    assert notes.lines[0].kind is not LineKind.META
    assert not any(line.speaker for line in notes.lines)


def said(
    text: str, *, filename: str = "call.vtt", drop_fillers: bool = False
) -> list[tuple[str | None, str]]:
    notes = read_notes(text, filename=filename, drop_fillers=drop_fillers)
    return [(line.speaker, line.content) for line in notes.lines if line.kind is LineKind.TEXT]


def cues(*texts: str, step: int = 2) -> str:
    """A file whose cues follow one another without a pause."""
    blocks = [
        f"00:{at // 60:02d}:{at % 60:02d}.000 --> "
        f"00:{(at + step) // 60:02d}:{(at + step) % 60:02d}.000\n{text}\n"
        for at, text in zip(range(0, step * len(texts), step), texts, strict=True)
    ]
    return "WEBVTT\n\n" + "\n".join(blocks)


def test_cues_of_one_speaker_are_one_turn() -> None:
    text = cues(
        "<v Ferrand, Nadia>The kiln was", "<v Ferrand, Nadia>repaired last week.</v>", "<v Omar Haddad>Good.",
        "<v Omar Haddad>Action: buy bricks", "<v Ferrand, Nadia (Guest)>Done.",
    )  # fmt: skip
    notes = read_notes(text, filename="call.vtt")
    blocks = blocks_of(notes.lines)
    assert [(block.speaker, block.text, block.lines) for block in blocks] == [
        ("Nadia Ferrand", "The kiln was repaired last week.", (4, 7)),
        ("Omar Haddad", "Good.", (10,)),
        ("Omar Haddad", "Action: buy bricks", (13,)),
        ("Nadia Ferrand", "Done.", (16,)),
    ]
    assert [line.time for line in notes.lines if line.kind is LineKind.TEXT] == [
        "00:00:00", "00:00:02", "00:00:04", "00:00:06", "00:00:08",
    ]  # fmt: skip


def test_a_pause_ends_a_turn() -> None:
    text = (
        "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n<v Zoe>First,\n\n"
        "01:00:01.000 --> 01:00:02.000\n<v Zoe>later.\n"
    )
    notes = read_notes(text, filename="call.vtt")
    assert [line.continues for line in notes.lines if line.kind is LineKind.TEXT] == [False, False]
    assert notes.lines[6].time == "01:00:01"


def test_a_turn_without_end_is_cut_at_a_sentence() -> None:
    notes = read_notes(cues(*("<v Zoe>" + f"word{n} " * 20 + "end." for n in range(40))), filename="call.vtt")
    blocks = blocks_of(notes.lines)
    assert len(blocks) > 3
    assert max(len(block.text) for block in blocks) < 2_000


def test_names_written_only_when_the_speaker_changes() -> None:
    text = cues(
        "Nadia: Hello,", "shall we start?", "Omar: Yes,", "we can.", "Nadia: Good.", "Omar: Fine.", "Then go."
    )
    assert [name for name, _ in said(text)] == ["Nadia", "Nadia", "Omar", "Omar", "Nadia", "Omar", "Omar"]


def test_rolling_captions_are_read_once() -> None:
    scrolled = cues("hello everyone", "hello everyone\nwelcome to the shed", "welcome to the shed\n"
                                                                             "let us start",
                    "let us start\nwith the kiln")  # fmt: skip
    assert [text for _, text in said(scrolled)] == [
        "hello everyone", "welcome to the shed", "let us start", "with the kiln",
    ]  # fmt: skip
    grown = cues("we have", "we have repaired", "we have repaired the kiln", "we have repaired the "
                                                                             "kiln today",
                 "and the", "and the shed door")  # fmt: skip
    assert [text for _, text in said(grown)] == ["we have repaired the kiln today", "and the shed door"]
    notes = read_notes(grown, filename="call.vtt")
    assert [line.time for line in notes.lines if line.kind is LineKind.TEXT] == ["00:00:00", "00:00:08"]


def test_what_people_repeat_is_kept() -> None:
    text = cues(
        "<v Zoe>Very good.", "<v Omar>Very good.", "<v Zoe>Shall we start?", "<v Omar>Yes.", "<v Zoe>Then go."
    )
    assert len(said(text)) == 5


def test_fillers_on_demand() -> None:
    text = cues(
        "<v Zoé>Euh, donc on euh garde la scie.", "<v Omar>Um… uh-huh, the hum is gone.", "<v Zoé>Um."
    )
    assert said(text)[0] == ("Zoé", "Euh, donc on euh garde la scie.")
    assert said(text, drop_fillers=True) == [
        ("Zoé", "Donc on garde la scie."),
        ("Omar", "Uh-huh, the hum is gone."),
    ]


def test_styles_comments_and_tags_of_cues_are_not_said() -> None:
    text = (
        "WEBVTT - Meeting\nKind: captions\n\nSTYLE\n::cue {color: red}\n\nNOTE\nnot said\n\nintro\n"
        "00:01.000 --> 00:02.000 align:start\n<00:00:01.200><c.yellow>Hello</c> <i>all</i> &amp; you\n\n"
        "NOTE not said either\n\n2\n00:03.000 --> 00:04.000\n{\\an8}Good.\n"
    )
    assert said(text) == [(None, "Hello all & you"), (None, "Good.")]
