"""`capture --save`, `drafts`, `follow-ups`, `forget-notes`: what is kept is listed, closed, deleted."""

from pathlib import Path

import pytest

from connector.errors import UnreadableNotesError
from tests.command_line import CommandLine, assert_shape, compagnon
from tests.community import NOTES

__all__ = ["compagnon"]  # a fixture


@pytest.fixture
def kept(compagnon: CommandLine, tmp_path: Path) -> CommandLine:
    (tmp_path / "n.md").write_text(NOTES, encoding="utf-8")
    outcome = compagnon("capture", str(tmp_path / "n.md"), "--save", "--json")
    assert_shape(outcome.json, "capture")
    assert "Kept as draft 1." in outcome.err
    return compagnon


def test_drafts_are_listed(kept: CommandLine) -> None:
    answer = kept("drafts", "--json").json
    assert_shape(answer, "drafts")
    (draft,) = answer["drafts"]
    assert (draft["id"], draft["state"], draft["reviewer"]) == (1, "draft", None)
    shown = kept("drafts", "--state", "draft").out
    assert draft["title"] in shown
    assert "1 draft." in shown
    assert kept("drafts", "--state", "published", "--json").json == {"drafts": []}


def test_follow_ups_are_listed_and_closed(kept: CommandLine) -> None:
    answer = kept("follow-ups", "--json").json
    assert_shape(answer, "follow-ups")
    action = answer["follow_ups"][0]
    assert (action["kind"], action["owner"], action["state"]) == ("action", "Marc", "open")
    assert "Marc: dessiner le plan" in kept("follow-ups").out
    assert_shape(kept("follow-ups", "--kind", "decision", "--json").json, "follow-ups")
    closed = kept("follow-ups", "--close", str(action["id"]), "--json").json
    assert_shape(closed, "follow-ups")
    assert closed["follow_ups"][0]["closed_by"] == "command line"
    line = kept("follow-ups", "--close", str(action["id"])).assert_one_clear_line()
    assert "closed already" in line
    assert kept("follow-ups", "--kind", "action", "--json").json == {"follow_ups": []}


def test_notes_are_forgotten_when_one_says_yes(kept: CommandLine) -> None:
    assert kept("forget-notes", "1").code != 0  # nobody answers
    assert kept("drafts", "--json").json["drafts"]
    outcome = kept("forget-notes", "1", "--yes")
    assert outcome.code == 0
    assert "Deleted, with 1 draft and" in outcome.out
    assert kept("drafts", "--json").json == {"drafts": []}
    assert kept("follow-ups", "--json").json == {"follow_ups": []}
    assert "no notes 1" in kept("forget-notes", "1", "--yes").assert_one_clear_line()
    for file in kept.data.rglob("*"):
        assert not file.is_file() or b"dessiner le plan" not in file.read_bytes(), file


def test_with_nothing_kept_nothing_is_made(compagnon: CommandLine) -> None:
    assert compagnon("drafts", "--json").json == {"drafts": []}
    assert compagnon("follow-ups", "--json").json == {"follow_ups": []}
    assert not compagnon.data.exists()


@pytest.mark.parametrize("number", ["99999999999999999999", "0", "-3"])
def test_a_number_that_nothing_has_is_refused_in_a_line(kept: CommandLine, number: str) -> None:
    for arguments in (("forget-notes", "--yes", "--", number), ("follow-ups", f"--close={number}")):
        outcome = kept(*arguments)
        assert outcome.code == 2
        assert "Traceback" not in outcome.err
        assert "is not in the range" in outcome.err


def test_notes_in_a_format_that_is_read_no_more_can_be_forgotten(
    kept: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise UnreadableNotesError("The document is damaged.")

    monkeypatch.setattr("capture.kept_notes.read_notes", refuse)
    assert "Deleted" in kept("forget-notes", "1", "--yes").out
