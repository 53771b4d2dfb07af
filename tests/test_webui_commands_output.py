"""What the command line prints: text from anybody, which a terminal must show and never obey."""

import json
from pathlib import Path

import pytest

from tests.command_line import CommandLine, compagnon
from webui.commands.output import print_json, shown

__all__ = ["compagnon"]  # a fixture

CLEAR_SCREEN, TITLE, C1, TURNED = "\x1b[2J", "\x1b]0;moi\x07", "\x9b31m", "\u202etxt.exe"


@pytest.mark.parametrize("text", [CLEAR_SCREEN, TITLE, C1, TURNED, "\ud800", "a\u2028b", "\x7f", "\x08"])
def test_nothing_that_a_terminal_obeys_is_printed(text: str) -> None:
    kept = shown(f"Été {text}\nfin")
    assert all(character.isprintable() or character == "\n" for character in kept)
    assert kept.startswith("Été ")
    assert kept.endswith("\nfin")


def test_letters_of_all_scripts_are_printed_as_they_are() -> None:
    text = "Œuvre – “à demain” → 日本語 العربية 👩‍🔧\n\u00a0fin"
    assert shown(text) == text


def test_json_says_the_same_without_what_a_terminal_obeys(capsys: pytest.CaptureFixture[str]) -> None:
    value = {"title": f"Été {CLEAR_SCREEN}{TITLE}{C1}{TURNED}"}
    print_json(value)
    printed = capsys.readouterr().out
    assert json.loads(printed) == value
    assert "Été" in printed
    assert all(character.isprintable() or character == "\n" for character in printed)


def test_notes_and_errors_cannot_command_the_terminal(compagnon: CommandLine, tmp_path: Path) -> None:
    notes = tmp_path / "notes.md"
    notes.write_text(
        f"# Réunion {C1}{TITLE}\n\n- Décision : on achète {CLEAR_SCREEN}un testeur.\n", encoding="utf-8"
    )
    for outcome in (compagnon("capture", str(notes)), compagnon("search", f"vis {CLEAR_SCREEN}{C1}")):
        printed = outcome.out + outcome.err
        assert printed.strip()
        assert all(character.isprintable() or character == "\n" for character in printed)
