"""`compagnon doctor` on this machine's side: each fault is made for real, found, and said without secrets."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connector.errors import ConfigError
from connector.store import Store
from tests.builders import FRENCH_WIKI, make_page
from tests.checkup_ground import look, with_settings
from tests.command_line import ROOT, CommandLine, assert_shape, compagnon
from tests.community import shared_embedder
from webui.bootstrap import Services, build_services
from webui.checkup import checks, machine
from webui.checkup.checks import CHECKS
from webui.checkup.findings import Check, Finding, Level, ok, run_checks, warning
from webui.config import Config, load_config

__all__ = ["compagnon"]  # a fixture

pytestmark = pytest.mark.sqlite("files of SQLite that are damaged")

WAIT = threading.Event()


def levels(findings: list[Finding]) -> set[str]:
    return {finding.level.value for finding in findings}


@pytest.fixture
def data(data_dir: Path) -> Config:
    """A data directory with three pages in its mirror."""
    data_dir.chmod(0o700)
    config = load_config(data_dir)
    with Store.open(config.database) as store:
        store.pages.put_many([make_page(number, f"Atelier {number}") for number in (1, 2, 3)])
        store.site.put(FRENCH_WIKI, source="export.xml")
        store.site.set_last_sync(datetime.now(UTC))
    for path in data_dir.iterdir():
        path.chmod(0o600)
    return config


@pytest.fixture
def loaded_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bundled model, as other tests have loaded it: it takes seconds each time."""
    monkeypatch.setattr("webui.bootstrap.make_embedder", lambda _config: shared_embedder())


# How checks are made


def test_a_check_that_fails_or_hangs_stops_no_other_and_tells_no_secret(data: Config) -> None:
    def broken(_services: Services) -> Iterator[Finding]:
        yield ok("before")
        raise LookupError("postgresql://u:hunter2@h/d")

    def hanging(_services: Services) -> Iterator[Finding]:
        WAIT.wait(60)
        yield ok("at last")

    def wrong(_services: Services) -> Iterator[Finding]:
        raise ConfigError("the address cannot be read")
        yield

    made = [
        Check("broken", broken),
        Check("hanging", hanging, seconds=0.2),
        Check("wrong", wrong),
        Check("good", lambda _services: [ok("yes")]),
    ]
    try:
        found, ended = run_checks(build_services(data), made)
    finally:
        WAIT.set()
    said = {each.name: [(f.level, f.said) for f in each.findings] for each in found}
    assert said == {
        "broken": [(Level.PROBLEM, "the check itself failed (LookupError)")],
        "hanging": [(Level.PROBLEM, "no answer within 0.2 seconds")],
        "wrong": [(Level.PROBLEM, "the address cannot be read")],
        "good": [(Level.OK, "yes")],
    }
    assert not ended


@pytest.mark.parametrize(
    ("findings", "code"),
    [([ok("a")], 0), ([ok("a"), warning("b", "do b")], 1), ([Finding(Level.PROBLEM, "c")], 2)],
)
def test_the_exit_code_says_how_bad_it_is(
    data: Config,
    compagnon: CommandLine,
    monkeypatch: pytest.MonkeyPatch,
    findings: list[Finding],
    code: int,
) -> None:
    compagnon.data = data.folder
    monkeypatch.setattr(checks, "CHECKS", (Check("one", lambda _: findings),))
    outcome = compagnon("doctor")
    assert outcome.code == code
    assert all(finding.said in outcome.out and finding.advice in outcome.out for finding in findings)


def test_a_check_that_hangs_does_not_hold_the_command(data: Config) -> None:
    script = (
        "import sys, threading\n"
        "from webui import cli\n"
        "from webui.checkup import checks\n"
        "from webui.checkup.findings import Check\n"
        "checks.CHECKS = (Check('stuck', lambda _: threading.Event().wait(), seconds=0.2),)\n"
        f"sys.argv = ['compagnon', '--data', {str(data.folder)!r}, 'doctor']\n"
        "cli.main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (2, "")
    assert "no answer within 0.2 seconds" in done.stdout


def test_where_nothing_is_it_says_what_to_run_and_makes_nothing(
    compagnon: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    # To load the model takes seconds; another test does.
    monkeypatch.setattr(checks, "CHECKS", tuple(each for each in CHECKS if each.name != "model"))
    outcome = compagnon("doctor", "--json")
    assert outcome.code == 2
    shape = json.loads(outcome.out)
    assert_shape(shape, "doctor")
    advice = {each["name"]: each["advice"] for each in shape["checks"] if each["level"] == "problem"}
    assert "compagnon init" in advice["data"]
    assert "compagnon init" in advice["wiki"]
    assert "compagnon sync" in advice["database"]
    assert not compagnon.data.exists()


@pytest.mark.usefixtures("loaded_model")
def test_nothing_that_is_secret_is_said(data: Config, compagnon: CommandLine) -> None:
    secrets = ["hunter2-" + part for part in ("wiki", "redis", "words", "model", "oauth", "chroma")]
    config = data
    config.keep_wiki_password(secrets[0])
    config.keep(
        {
            "wiki.api_url": "http://127.0.0.1:9/api.php",
            "wiki.user": "Camille Roux@compagnon",
            "capture.queue_url": f"redis://:{secrets[1]}@127.0.0.1:9/0",
            "search.database": f"postgresql://u:{secrets[2]}@127.0.0.1:9/d",
            "search.language_model_url": "http://127.0.0.1:9/v1",
            "search.language_model": "m",
            "search.language_model_key": secrets[3],
            "web.oauth_client": "client",
            "web.oauth_secret": secrets[4],
            "search.chroma_url": f"http://u:{secrets[5]}@127.0.0.1:9",
        }
    )
    compagnon.data = data.folder
    outcome = compagnon("doctor")
    assert outcome.code == 2
    assert outcome.err == ""
    for name in ("wiki-address", "wiki", "redis", "postgresql", "language-model", "chroma", "sign-in"):
        assert f"PROBLEM  {name}" in outcome.out
    assert not [
        secret for secret in [*secrets, config.extension_secret() or "-none-"] if secret in outcome.out
    ]


# The machine


def test_this_machine_is_as_it_should_be(data: Config) -> None:
    for name in ("python", "packages", "disk", "data", "database", "mirror"):
        assert levels(look(name, data)) == {"ok"}, name


def test_a_package_that_is_too_old_or_missing_is_named(data: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = ["flask>=99", "click>=8; extra == 'dev'", "nosuchpackage>=1", "torch<1.0", "sqlalchemy>=2.0,<3"]
    monkeypatch.setattr(machine, "requires", lambda _name: wanted)
    (finding,) = look("packages", data)
    assert finding.level is Level.PROBLEM
    assert "flask" in finding.said
    assert "nosuchpackage is missing" in finding.said
    assert "torch" in finding.said
    assert "sqlalchemy" not in finding.said
    assert "click" not in finding.said


def test_who_may_look_into_the_data_directory_is_said(data: Config) -> None:
    data.database.chmod(0o644)
    assert levels(look("data", data)) == {"ok"}, "nobody else can come so far"
    data.folder.chmod(0o755)
    (finding,) = look("data", data)
    assert finding.level is Level.WARNING
    assert str(data.database) in finding.said


def test_a_file_of_another_account_is_said(data: Config) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    os.chown(data.database, 65534, 65534)
    (finding,) = look("data", data)
    assert (finding.level, "another account" in finding.said) == (Level.WARNING, True)


AS_NOBODY = """
import os, sys
from pathlib import Path
from webui.bootstrap import build_services
from webui.checkup.checks import CHECKS
from webui.checkup.findings import run_checks
from webui.config import load_config

services = build_services(load_config(Path(sys.argv[1])))
if os.getuid() == 0:  # root may write to everything
    os.setgid(65534)
    os.setuid(65534)
for each in run_checks(services, [c for c in CHECKS if c.name in ("data", "database")])[0]:
    for finding in each.findings:
        print(each.name, finding.level, finding.said)
"""


def test_a_folder_that_may_only_be_read_is_said(data: Config) -> None:
    place = Path(tempfile.mkdtemp(prefix="compagnon-read-only-"))  # pytest's own lets nobody else in
    try:
        place.chmod(0o755)
        shutil.copytree(data.folder, place / "data")
        (place / "data").chmod(0o555)
        for path in (place / "data").iterdir():
            path.chmod(0o444)
        done = subprocess.run(
            [sys.executable, "-c", AS_NOBODY, str(place / "data")],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert "data problem Permission denied" in done.stdout
    finally:
        shutil.rmtree(place)


def test_a_disk_that_is_nearly_full_and_one_without_inodes_are_said(data: Config, tmp_path: Path) -> None:
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m,nr_inodes=40", "tmpfs", place],
        check=False,
        capture_output=True,
    )
    if mounted.returncode != 0:
        pytest.skip("no file system can be mounted here")
    try:
        findings = look("disk", load_config(place))
    finally:
        subprocess.run(["umount", place], check=True)
    assert [finding.level for finding in findings] == [Level.PROBLEM, Level.PROBLEM]
    assert "files" in findings[1].said


def test_memory_is_what_the_machine_has_or_what_a_container_may_have(tmp_path: Path) -> None:
    (tmp_path / "proc").mkdir()
    (tmp_path / "sys" / "fs" / "cgroup").mkdir(parents=True)
    assert machine.free_memory(tmp_path) is None
    (tmp_path / "proc" / "meminfo").write_text("MemTotal: 9 kB\nMemAvailable:    4096 kB\n", encoding="ascii")
    assert machine.free_memory(tmp_path) == 4096 * 1024
    group = tmp_path / "sys" / "fs" / "cgroup"
    (group / "memory.max").write_text("max\n", encoding="ascii")
    (group / "memory.current").write_text("1000\n", encoding="ascii")
    assert machine.free_memory(tmp_path) == 4096 * 1024
    (group / "memory.max").write_text("3000\n", encoding="ascii")
    assert machine.free_memory(tmp_path) == 2000


# The database and the mirror


def test_a_damaged_database_is_found(data: Config) -> None:
    with closing(sqlite3.connect(data.database)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    content = bytearray(data.database.read_bytes())
    for place in range(5 * 4096, len(content), 4096):
        content[place : place + 64] = b"\xff" * 64
    data.database.write_bytes(content)
    findings = look("database", data)
    assert findings[0].level is Level.PROBLEM
    assert "damaged" in findings[0].said
    assert "restore" in findings[0].advice
    data.database.write_bytes(b"this is no database" * 1000)
    assert levels(look("database", data)) == {"problem"}
    data.database.write_bytes(b"")
    assert levels(look("database", data)) == {"problem"}
    assert look("mirror", data) == []


def test_another_schema_is_said_and_not_brought_up_to_date(data: Config) -> None:
    for schema, level in (("0004", Level.WARNING), ("9999", Level.PROBLEM)):
        with closing(sqlite3.connect(data.database)) as connection, connection:
            connection.execute("UPDATE alembic_version SET version_num = ?", [schema])
        for name in ("database", "mirror", "index", "wiki", "sign-in"):
            found = look(name, data)
            if name == "database":
                assert [(f.level, schema in f.said) for f in found] == [(level, True)]
        with closing(sqlite3.connect(data.database)) as connection:
            assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(schema,)]


def test_a_database_without_a_write_ahead_log_is_said(data: Config) -> None:
    with closing(sqlite3.connect(data.database)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    (finding,) = look("database", data)
    assert (finding.level, "write-ahead" in finding.said) == (Level.WARNING, True)


def test_a_mirror_that_is_late_is_said(data: Config) -> None:
    live = with_settings(data, wiki__api_url="http://127.0.0.1:9/api.php")
    assert levels(look("mirror", live)) == {"ok"}
    with Store.open(data.database) as store:
        store.site.set_last_sync(datetime.now(UTC) - timedelta(hours=2))
    assert levels(look("mirror", live)) == {"ok"}
    watched = with_settings(live, wiki__sync_every=30)
    assert levels(look("mirror", watched)) == {"problem"}
    with Store.open(data.database) as store:
        store.site.set_last_sync(datetime.now(UTC) - timedelta(days=5))
    assert levels(look("mirror", live)) == {"warning"}


@pytest.mark.usefixtures("loaded_model")
def test_an_index_that_is_missing_or_not_in_step_is_said(data: Config) -> None:
    (finding,) = look("index", data)
    assert (finding.level, finding.advice) == (Level.PROBLEM, "run compagnon index")
    services = build_services(data)
    with services.index_lock.acquire(exclusive=True, wait_seconds=5):
        services.update_index()
    services.close()
    assert levels(look("index", data)) == {"ok"}
    with Store.open(data.database) as store:
        store.pages.put_many([make_page(9, "Nouvel atelier")])
    assert levels(look("index", data)) == {"warning"}
    assert levels(look("model", data)) == {"ok"}
