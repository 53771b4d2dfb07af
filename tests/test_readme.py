"""The README's commands do what it says."""

import re
import shlex
import shutil
from pathlib import Path

import pytest

from tests.command_line import ROOT, SAMPLE, CommandLine, compagnon, sample, sample_data
from tests.mediawiki import LocalWiki

__all__ = ["compagnon", "sample", "sample_data"]  # fixtures


def commands_of(heading: str) -> list[list[str]]:
    """Return the arguments of the `compagnon` lines under a heading of the README."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    chapter = re.split(rf"^## {re.escape(heading)}$", text, flags=re.MULTILINE)[1].split("\n## ")[0]
    lines = [
        line
        for code in re.findall(r"^```sh\n(.*?)^```", chapter, re.DOTALL | re.MULTILINE)
        for line in code.splitlines()
    ]
    return [
        words[1:] for line in lines if (words := shlex.split(line, comments=True))[0] == ".venv/bin/compagnon"
    ]


CHAPTER = "Connect your wiki in five minutes"


@pytest.mark.model
def test_a_wiki_is_connected_as_the_readme_says(wiki: LocalWiki, compagnon: CommandLine) -> None:
    steps = [command for command in commands_of(CHAPTER) if command[0] in ("init", "sync", "index")]
    assert [step[0] for step in steps] == ["init", "sync", "index"]
    for step in steps:
        done = compagnon(*(wiki.api_url if word.startswith("https://") else word for word in step))
        assert done.code == 0, done.err
    assert compagnon("search", "hivernage", "--json").json["hits"][0]["title"] == "Hivernage des ruches"


@pytest.mark.model
def test_the_terminal_commands_of_the_readme_answer(
    sample: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(SAMPLE / "notes-fr.md", tmp_path / "notes.md")
    monkeypatch.chdir(tmp_path)
    asked = [
        command for command in commands_of(CHAPTER) if command[0] not in ("init", "sync", "index", "serve")
    ]
    assert {command[0] for command in asked} == {"search", "experts", "links", "capture"}
    for command in asked:
        done = sample(*command)
        assert done.code == 0, done.err
        assert done.out.strip()
