"""Running `compagnon` in the test's own process: the same entry point, torch loaded once."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from webui import cli

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "webui" / "sample"


def assert_shape(value: dict[str, Any], name: str) -> None:
    """Hold what was printed against its documented schema."""
    schema = json.loads((ROOT / "webui" / "api" / "schemas" / f"{name}.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(value)


@dataclass(frozen=True)
class Outcome:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The object that it printed."""
        assert self.code == 0, self.err
        value: dict[str, Any] = json.loads(self.out)
        return value

    def assert_one_clear_line(self, *, code: int = 1) -> str:
        """Check that it failed as promised, and return the line."""
        assert self.code == code, (self.code, self.out, self.err)
        lines = self.err.strip().splitlines()
        assert len(lines) == 1, self.err
        assert lines[0].startswith("compagnon: ")
        assert len(lines[0]) < 400
        return lines[0]


class CommandLine:
    """`compagnon --data DIR ...`."""

    def __init__(
        self, data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.data = data
        self._capsys = capsys
        self._monkeypatch = monkeypatch

    def __call__(self, *arguments: str) -> Outcome:
        """Run a command to its end."""
        self._monkeypatch.setattr(sys, "argv", ["compagnon", "--data", str(self.data), *arguments])
        self._capsys.readouterr()
        umask = os.umask(0o022)  # a command tightens its process's: this process goes on to other tests
        try:
            cli.main()
            code = 0
        except SystemExit as e:
            code = e.code if isinstance(e.code, int) else 1
        finally:
            os.umask(umask)
        printed = self._capsys.readouterr()
        return Outcome(code, printed.out, printed.err)


@pytest.fixture
def compagnon(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> CommandLine:
    """The command line, on a data directory of the test's own that does not exist yet."""
    return CommandLine(tmp_path / "data", capsys, monkeypatch)


@pytest.fixture(scope="session")
def sample_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample community, synced and indexed by the command line itself, in processes of its own."""
    folder = tmp_path_factory.mktemp("sample") / "data"
    for arguments in (["sync", "--dump", str(SAMPLE / "community.xml"), "--json"], ["index", "--json"]):
        command = [sys.executable, "-m", "webui.cli", "--data", str(folder), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
        assert done.returncode == 0, done.stderr
        assert_shape(json.loads(done.stdout), arguments[0])
    return folder


@pytest.fixture
def sample(compagnon: CommandLine, sample_data: Path) -> CommandLine:
    """The command line, on the sample community."""
    compagnon.data = sample_data
    return compagnon
