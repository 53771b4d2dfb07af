"""A real PostgreSQL of the tests' own: in a temporary folder, on a socket there, gone at the end."""

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_USER = "compagnon"
# PostgreSQL does not run as root; any account without rights does.
_ACCOUNTS = ("postgres", "nobody")
_START_SECONDS = 60.0
# Nothing survives a crash of the machine, and nothing has to.
_SETTINGS = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "listen_addresses=",
    # As many tests as a worker has leave theirs to the garbage collector.
    "max_connections=300",
    "shared_buffers=64MB",
    "autovacuum=off",
)


_LASTING = 3  # the first of them, which make it quick


class PostgresqlMissingError(Exception):
    """There is no PostgreSQL on this machine, or it does not start."""


class LocalPostgresql:
    """A running server."""

    def __init__(self, programs: Path, folder: Path, account: str | None, *, durable: bool = False) -> None:
        self._programs = programs
        self._folder = folder
        self._account = account
        self._durable = durable
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def folder(self) -> Path:
        """Where its socket is."""
        return self._folder

    @property
    def url(self) -> str:
        """Of its first database."""
        return self.url_of("postgres")

    def new_database(self, *, template: str = "template0", locale: str = "C") -> str:
        """Make an empty database, or one like another; its address."""
        import psycopg

        name = f"t_{secrets.token_hex(6)}"
        how = f"TEMPLATE {template}" + (f" LOCALE '{locale}'" if template == "template0" else "")
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} {how}")
        return self.url_of(name)

    def url_of(self, database: str) -> str:
        """Of one of its databases."""
        return f"postgresql:///{database}?host={self._folder}&user={_USER}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        settings = _SETTINGS[_LASTING:] if self._durable else _SETTINGS
        options = [part for setting in settings for part in ("-c", setting)]
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", self._folder / "data", "-k", self._folder, *options],
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=self._account,
            )
        asked: list[str | Path] = [
            self._programs / "pg_isready",
            "-q",
            "-h",
            self._folder,
            "-U",
            _USER,
            "-d",
            "postgres",
        ]
        deadline = time.monotonic() + _START_SECONDS
        while subprocess.run(asked, cwd=self._folder, check=False).returncode:
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise PostgresqlMissingError((self._folder / "server.log").read_text()[-500:])
            time.sleep(0.05)

    def stop(self) -> None:
        """End it at once, and whoever is connected with it."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(timeout=60)
            self._process = None


def known_server(folder: Path) -> LocalPostgresql:
    """Return a server that another process runs in `folder`."""
    return LocalPostgresql(Path(), folder, None)


@contextmanager
def start_postgresql(*, durable: bool = False) -> Iterator[LocalPostgresql]:
    """Start a server with an empty database; everything of it is gone at the end.

    Args:
        durable: whether it keeps what it acknowledges through a crash, as it does by default; else it is
            quick.

    Raises:
        PostgresqlMissingError: there is none, or it does not start.
    """
    programs = _find_programs()
    account = _account() if os.geteuid() == 0 else None
    # Not in pytest's folder: only its owner may enter that, and a socket's path has at most 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="postgresql-"))
    try:
        if account is not None:
            shutil.chown(folder, account)
        made = subprocess.run(
            [
                programs / "initdb",
                "-D",
                folder / "data",
                "-U",
                _USER,
                "-E",
                "UTF8",
                "--locale=C",
                "--no-sync",
            ],
            cwd=folder,
            user=account,
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            raise PostgresqlMissingError(made.stderr[-500:])
        server = LocalPostgresql(programs, folder, account, durable=durable)
        try:
            server.start()
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


def _find_programs() -> Path:
    """Where initdb and postgres are: on the PATH, or where Debian keeps each version's."""
    on_path = shutil.which("initdb")
    if on_path is not None:
        return Path(on_path).resolve().parent
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: float(p.parts[-3]))
    if not found:
        raise PostgresqlMissingError("no PostgreSQL; scripts/install-test-packages installs Debian's")
    return found[-1].parent


def _account() -> str:
    import pwd

    for name in _ACCOUNTS:
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise PostgresqlMissingError("no account that PostgreSQL could run as")
