"""Subtitle files of calls: who speaks, and that times and numbers are no words of the meeting."""

import re

import pytest

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
