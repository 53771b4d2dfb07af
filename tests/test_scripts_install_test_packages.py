"""What the script asks of apt, and what it says when it cannot ask; apt and its database are played."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent / "scripts" / "install-test-packages"
POLICY = Path("/usr/sbin/policy-rc.d")
PHP = ["php-cli", "php-sqlite3", "php-mbstring", "php-xml", "php-intl", "php-curl", "php-apcu"]
CODEMIRROR = "mediawiki-extension-codemirror"
WIKI = ["nginx-light", "php-fpm", "mediawiki", CODEMIRROR]
TOOLS = ["bash", "chmod", "env", "readlink", "rm", "sleep"]

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="the script asks for an administrator")
as_nobody = pytest.mark.skipif(
    os.geteuid() == 0 and shutil.which("setpriv") is None, reason="no setpriv to become somebody else"
)


class Machine:
    """A folder of programs that plays a machine: it records what apt-get is asked."""

    def __init__(self, folder: Path) -> None:
        self.script = Path(shutil.copy(SCRIPT, folder))
        self._programs = folder / "bin"
        self._programs.mkdir()
        self._log = folder / "apt.log"
        for tool in TOOLS:
            (self._programs / tool).symlink_to(shutil.which(tool) or "")
        self.add_program("redis-server")

    def add_program(self, name: str, script: str = "exit 0") -> None:
        program = self._programs / name
        program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        program.chmod(0o755)

    def add_apt(self, installed: list[str], *, status: int = 0) -> None:
        cases = "|".join(installed) or "none"
        self.add_program("dpkg-query", f'case "$3" in {cases}) printf installed;; *) exit 1;; esac')
        self.add_program("apt-get", f'echo "$@" >>{self._log}; exit {status}')

    def run(self, *, ci: bool = False, nobody: bool = False) -> subprocess.CompletedProcess[str]:
        """Run the script with these programs only."""
        command = [str(self.script)]
        if nobody and os.geteuid() == 0:
            setpriv = shutil.which("setpriv") or "setpriv"
            command = [setpriv, "--reuid=65534", "--regid=65534", "--clear-groups", *command]
        return subprocess.run(
            command,
            env={"PATH": str(self._programs), "CI": "true" if ci else ""},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def installs(self) -> list[list[str]]:
        """The packages of each `apt-get install`, in order."""
        if not self._log.exists():
            return []
        requests = [line.split() for line in self._log.read_text(encoding="utf-8").splitlines()]
        return [
            request[request.index("--no-install-recommends") + 1 :]
            for request in requests
            if "install" in request
        ]


@pytest.fixture
def machine() -> Iterator[Machine]:
    # Not pytest's own folder, nor the checkout: who is not the administrator may not look into them.
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield Machine(folder)


def test_where_nothing_is_missing_nothing_is_asked_nor_said(machine: Machine) -> None:
    machine.add_apt([*PHP, "mediawiki", CODEMIRROR])  # its web server is another one
    machine.add_program("chromium")
    done = machine.run(ci=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert machine.installs() == []


@as_root
def test_what_is_missing_is_installed_in_an_order_that_brings_no_apache(machine: Machine) -> None:
    had_policy = POLICY.exists()
    machine.add_apt(["php-xml", "php-fpm"])
    machine.add_program("google-chrome")
    done = machine.run(ci=True)
    assert done.returncode == 0, done.stderr
    assert machine.installs() == [
        [package for package in PHP if package != "php-xml"],
        ["nginx-light"],
        ["mediawiki", CODEMIRROR],
    ]
    assert POLICY.exists() == had_policy


@as_root
def test_a_machine_with_mediawiki_gets_codemirror_alone(machine: Machine) -> None:
    machine.add_apt([*PHP, "mediawiki"])
    machine.add_program("chromium")
    done = machine.run(ci=True)
    assert done.returncode == 0, done.stderr
    assert machine.installs() == [[CODEMIRROR]]


@as_root
@pytest.mark.parametrize(("ci", "status"), [(True, 1), (False, 0)])
def test_a_failure_of_apt_is_said_and_fails_in_ci_only(machine: Machine, ci: bool, status: int) -> None:
    had_policy = POLICY.exists()
    machine.add_apt([*PHP, *WIKI], status=0)
    machine.add_program("apt-get", 'case "$*" in *update*) exit 0;; *) exit 100;; esac')
    done = machine.run(ci=ci)
    if "snap" in done.stderr:
        pytest.skip("Ubuntu has no Chromium for apt to install")
    assert done.returncode == status
    assert "could not install chromium" in done.stderr
    assert POLICY.exists() == had_policy


@as_nobody
@pytest.mark.parametrize(("ci", "status"), [(True, 1), (False, 0)])
def test_without_the_rights_the_command_is_named(machine: Machine, ci: bool, status: int) -> None:
    machine.add_apt([*PHP, "php-fpm"])
    machine.add_program("chromium")
    machine.add_program("sudo", "exit 1")
    done = machine.run(ci=ci, nobody=True)
    assert done.returncode == status
    assert f"missing: nginx-light mediawiki {CODEMIRROR}" in done.stderr
    assert f"sudo {machine.script}" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert machine.installs() == []


@pytest.mark.parametrize(("ci", "status"), [(True, 1), (False, 0)])
def test_without_apt_it_says_what_to_install(machine: Machine, ci: bool, status: int) -> None:
    done = machine.run(ci=ci)
    assert done.returncode == status
    assert "no apt on this machine" in done.stderr
    assert len(done.stderr.splitlines()) == 1
