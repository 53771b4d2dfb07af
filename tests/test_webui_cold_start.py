"""What a command that answers one question loads: nothing that only indexing needs."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command_line import ROOT, sample_data

__all__ = ["sample_data"]  # a fixture

# Seconds and half a gigabyte, in whose place the export of the model stands; and what only web pages need.
HEAVY = ("flask", "sentence_transformers", "torch", "transformers")
RUN = """
import atexit, sys
heavy, sys.argv = sys.argv[1].split(), ["compagnon", *sys.argv[2:]]
atexit.register(lambda: print("loaded:", *sorted(sys.modules.keys() & set(heavy)), file=sys.stderr))
from webui.cli import main
main()
"""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", RUN, " ".join(HEAVY), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)


@pytest.mark.model
def test_a_search_from_the_command_line_loads_no_torch_and_no_flask(sample_data: Path) -> None:
    done = run("--data", str(sample_data), "search", "Qui répare les vélos ?", "--json")
    assert json.loads(done.stdout)["hits"]
    assert done.stderr.splitlines()[-1] == "loaded:"


def test_what_is_heavy_would_be_seen() -> None:
    done = subprocess.run(
        [sys.executable, "-c", RUN, "click", "--help"], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stderr.splitlines()[-1] == "loaded: click"
