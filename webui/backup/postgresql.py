"""The database's part of a backup where it is in PostgreSQL: `pg_dump` makes it, at one moment.

https://www.postgresql.org/docs/current/app-pgdump.html
"""

import os
import subprocess
from typing import IO

from connector.errors import ConfigError, StoreError
from connector.store.postgresql import address_parts

_BY_ENVIRONMENT = {"password": "PGPASSWORD", "passfile": "PGPASSFILE"}


def dump_postgresql(url: str, file: IO[bytes]) -> None:
    """Write a database into a file, in pg_dump's own format, which `pg_restore` reads.

    Args:
        url: of the database. Its password is no argument: those can be read by everybody on a machine.
        file: open for writing, empty.

    Raises:
        ConfigError: the address cannot be read, or there is no pg_dump.
        StoreError: pg_dump failed.
    """
    try:
        parts = address_parts(url)
    except ValueError as e:
        raise ConfigError(f"store.database: {e}") from e
    secret = {_BY_ENVIRONMENT[name]: str(parts.pop(name)) for name in _BY_ENVIRONMENT if name in parts}
    address = " ".join(f"{name}={_quoted(str(value))}" for name, value in parts.items())
    command = ["pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--dbname={address}"]
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and nothing of others in it
            command,
            stdout=file,
            stderr=subprocess.PIPE,
            env={"PGCONNECT_TIMEOUT": "10", **os.environ, **secret},
            check=False,
        )
    except FileNotFoundError as e:
        raise ConfigError(
            "store.database is a PostgreSQL database, and there is no pg_dump here: install postgresql-client"
        ) from e
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines() or ["it says nothing"]
        raise StoreError(f"pg_dump could not save the database: {said[0][:300]}")


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
