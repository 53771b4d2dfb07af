"""The wheel: the five packages and their files, nothing else, and a command that works once installed."""

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# What runs in the installed package, far from the sources.
_LOOK_AROUND = """
import sys
from pathlib import Path
import webui
assert Path(webui.__file__).is_relative_to(sys.prefix), webui.__file__
from webui.bootstrap import build_services
from webui.config import load_config
from webui.app import create_app
app = create_app(build_services(load_config(Path(sys.argv[1]))))
page = app.test_client().get("/about?lang=fr", base_url="http://localhost")
assert page.status_code == 200, page.status
assert 'lang="fr"' in page.text
assert app.test_client().get("/static/compagnon.css", base_url="http://localhost").status_code == 200
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (path,) = folder.glob("*.whl")
    return path


def test_the_wheel_holds_the_four_packages_only(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {
        "connector",
        "search",
        "capture",
        "community",
        "webui",
    }
    assert not [name for name in names if "__pycache__" in name]
    tracked = subprocess.run(
        ["git", "ls-files", "connector", "search", "capture", "community", "webui"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert set(tracked) <= set(names)


def test_it_installs_into_an_empty_environment_and_finds_its_files(wheel: Path, tmp_path: Path) -> None:
    environment = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    python = environment / "bin" / "python"
    # The dependencies take gigabytes: borrow those that are installed here. This project's own editable
    # install stays invisible, because .pth files are read in an environment's own folder only.
    (borrowed,) = (environment / "lib").glob("python*/site-packages")
    (borrowed / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    subprocess.run([python, "-m", "pip", "install", "-q", "--no-deps", "--no-index", str(wheel)], check=True)
    command = environment / "bin" / "compagnon"
    version = subprocess.run([command, "--version"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert version.stdout.startswith("compagnon, version 0.")
    looked = subprocess.run(
        [python, "-c", _LOOK_AROUND, str(tmp_path / "data")],
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert looked.returncode == 0, looked.stderr
    for name in (
        "extension/Compagnon/extension.json",
        "sample/community.xml",
        "templates",
        "translations/fr",
    ):
        assert (borrowed / "webui" / name).exists(), name
