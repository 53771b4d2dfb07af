"""What administrators copy from `deploy/`: checked by what reads it, and true to this repository."""

import ast
import json
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.certificates import make_certificate
from webui.app import create_app
from webui.bootstrap import build_services
from webui.cli import compagnon
from webui.config import load_config
from webui.settings_table import SETTINGS

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
FILES = sorted(path for path in DEPLOY.iterdir() if path.is_file())


def read(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


def assert_runs(words: list[str]) -> None:
    """Check that a command line of ours has a command and options that there are."""
    command = compagnon.commands[words[0]]
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("there is no systemd here")
    for path in FILES:
        if path.suffix in (".service", ".timer"):
            # Where it is installed is the administrator's; that it is there, systemd wants to see.
            text = path.read_text(encoding="utf-8").replace("/opt/compagnon/bin/compagnon", sys.executable)
            (tmp_path / path.name).write_text(text, encoding="utf-8")
    units = sorted(tmp_path.iterdir())
    assert len(units) == 3
    done = subprocess.run(
        [program, "verify", "--man=no", *units], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    about_ours = [line for line in done.stderr.splitlines() if "compagnon" in line]
    assert (done.returncode, about_ours) == (0, [])


def test_the_units_run_what_there_is_as_somebody_without_rights() -> None:
    for name in ("compagnon.service", "compagnon-backup.service"):
        text = read(name)
        found = re.search(r"compagnon --data (\S+) (.+)$", text, re.MULTILINE)
        assert found
        assert found[1] == "/var/lib/compagnon"
        assert_runs([word.strip("'\"") for word in found[2].split()])
        for line in (
            "User=compagnon",
            "NoNewPrivileges=yes",
            "ProtectSystem=strict",
            "StateDirectory=compagnon",
        ):
            assert f"\n{line}\n" in text


def test_the_container_is_made_of_what_there_is() -> None:
    text = read("Containerfile").replace("\\\n", " ")
    copied = set()
    for line in re.findall(r"^COPY (?!--from)(.+)$", text, re.MULTILINE):
        *sources, _target = line.split()
        for source in sources:
            assert (ROOT / source).exists(), source
            copied.add(source)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) <= copied
    assert project["project"]["readme"] in copied
    assert set(project["project"]["license-files"]) <= copied
    extras = re.search(r'"\.\[([a-z,]+)\]"', text)
    assert extras
    assert set(extras[1].split(",")) <= set(project["project"]["optional-dependencies"])
    variables = set(re.findall(r"COMPAGNON_[A-Z_]+", text))
    assert variables == {"COMPAGNON_DATA"}


def test_the_container_runs_as_nobody_and_serves_what_it_says(tmp_path: Path) -> None:
    text = read("Containerfile").replace("\\\n", " ")
    last = text.rpartition("\nFROM ")[2]
    assert re.findall(r"^USER (.+)$", last, re.MULTILINE) == ["10642"]
    entry, command = (
        json.loads(found) for found in re.findall(r"^(?:ENTRYPOINT|CMD) (\[.+\])$", last, re.MULTILINE)
    )
    assert entry == ["compagnon"]
    assert_runs(command)
    health = json.loads(re.search(r"CMD (\[\"python\".+\])", last)[1])  # type: ignore[index]
    ast.parse(health[2])
    address = re.search(r"http://127\.0\.0\.1:(\d+)(/[a-z0-9/]+)", health[2])
    assert address
    assert address[1] in command
    assert f"EXPOSE {address[1]}" in last
    rules = create_app(build_services(load_config(tmp_path))).url_map.iter_rules()
    assert address[2] in {rule.rule for rule in rules}
    compose = read("compose.yaml")
    assert f'"127.0.0.1:{address[1]}:{address[1]}"' in compose
    assert (ROOT / re.search(r"dockerfile: (\S+)", compose)[1]).exists()  # type: ignore[index]


def test_nginx_takes_its_example(tmp_path: Path) -> None:
    program = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    if program is None:
        pytest.skip("there is no nginx here")
    certificate = make_certificate(tmp_path, days=9)
    text = re.sub(r"/etc/letsencrypt/\S+\.pem", str(certificate), read("nginx.conf"))
    for port in ("80", "443"):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            text = re.sub(rf"listen (\[::\]:)?{port}\b", f"listen 127.0.0.1:{free.getsockname()[1]}", text)
    text = re.sub(r"(listen \S+( ssl http2)?;)\n\s+listen \S+( ssl http2)?;", r"\1", text)
    (tmp_path / "site.conf").write_text(text, encoding="utf-8")
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid; error_log {tmp_path}/log; events {{}}\n"
        f"http {{ access_log off; include {tmp_path}/site.conf; }}\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [program, "-t", "-p", tmp_path, "-c", tmp_path / "nginx.conf"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_proxies_pass_nobody_s_name_on() -> None:
    header = next(setting.default for setting in SETTINGS if setting.name == "web.proxy_header")
    assert f'proxy_set_header {header} "";' in read("nginx.conf")
    assert f"header_up -{header}" in read("Caddyfile")
    port = next(setting.default for setting in SETTINGS if setting.name == "web.port")
    assert f"http://127.0.0.1:{port};" in read("nginx.conf")
    assert f"reverse_proxy 127.0.0.1:{port} " in read("Caddyfile")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_settings_that_are_named_are_there_and_each_file_is_in_the_guides(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    known = {setting.variable for setting in SETTINGS} | {"COMPAGNON_DATA"}
    assert set(re.findall(r"COMPAGNON_[A-Z_]+", text)) <= known
    keys = {setting.key for setting in SETTINGS if setting.section == "web"}
    assert set(re.findall(r"\b((?:public|secure|trusted)_[a-z]+)", text)) <= keys
    for guide in ("docs/en/administrator.md", "docs/fr/administration.md"):
        assert f"deploy/{path.name}" in (ROOT / guide).read_text(encoding="utf-8"), guide
    for line in re.findall(r"compose run --rm compagnon (.+?)\s{2,}", text):
        assert_runs(shlex.split(line))
