"""Settings: the only place that reads files and environment variables.

A data directory holds everything of one community: `compagnon.toml` (settings), `compagnon.sqlite3` (mirror
and drafts), `index/` (derived, may be deleted), and three files only their owner may read: the wiki password,
the key that signs cookies and seals credentials, and the secret that is shared with the wiki's extension.
Each setting may also come from the environment, which wins over the file.
"""

import difflib
import fcntl
import json
import os
import secrets
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connector.errors import ConfigError
from webui.settings_table import SETTINGS, Value

SETTINGS_FILE = "compagnon.toml"
USUAL_FOLDER = "compagnon-data"
"""The data directory, unless another one is named."""
_PASSWORD_FILE = "wiki-password"  # noqa: S105 - a file's name
_SECRET_KEY_FILE = "secret-key"  # noqa: S105 - a file's name
_SECRET_KEY_VARIABLE = "COMPAGNON_SECRET_KEY"  # noqa: S105 - a variable's name
_EXTENSION_SECRET_FILE = "extension-secret"  # noqa: S105 - a file's name
_EXTENSION_SECRET_VARIABLE = "COMPAGNON_EXTENSION_SECRET"  # noqa: S105 - a variable's name
_SHORTEST_SECRET = 32


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of one data directory, with where it is."""

    folder: Path
    values: Mapping[str, Value]

    def text(self, name: str) -> str:
        """Return a setting that is always a text."""
        value = self.values[name]
        assert isinstance(value, str)  # noqa: S101 - the table of settings says so
        return value

    def optional_text(self, name: str) -> str | None:
        """Return a setting that is a text, or None."""
        value = self.values[name]
        return None if value is None else str(value)

    def number(self, name: str) -> int:
        """Return a setting that is a whole number."""
        value = self.values[name]
        assert isinstance(value, int)  # noqa: S101 - the table of settings says so
        return value

    def optional_number(self, name: str) -> float | None:
        """Return a setting that is a number, or None."""
        value = self.values[name]
        return float(value) if isinstance(value, int | float) else None

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a setting that is a list of texts."""
        value = self.values[name]
        return tuple(str(item) for item in value) if isinstance(value, tuple) else ()

    @property
    def namespaces(self) -> tuple[int, ...] | None:
        """Return the namespaces to mirror, or None for the default choice."""
        value = self.values["wiki.namespaces"]
        return tuple(int(item) for item in value) if isinstance(value, tuple) else None

    @property
    def database(self) -> Path:
        """Return the database's file."""
        return self.folder / "compagnon.sqlite3"

    @property
    def index_folder(self) -> Path:
        """Return the folder of the derived indexes."""
        return self.folder / "index"

    @property
    def exists(self) -> bool:
        """Whether anything was ever kept here, as far as that can be told without asking a server."""
        return self.optional_text("store.database") is not None or self.database.exists()

    def make_folder(self) -> None:
        """Create the data directory; only its owner may look inside.

        Raises:
            ConfigError: it cannot be created, or is a file.
        """
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as e:
            raise ConfigError(f"cannot use {self.folder} as the data directory: {e.strerror}") from e

    def wiki_password(self) -> str | None:
        """Return the wiki account's password: from the environment, or as `compagnon init` kept it.

        Raises:
            ConfigError: it cannot be read.
        """
        from_environment = os.environ.get("COMPAGNON_WIKI_PASSWORD")
        if from_environment:
            return from_environment
        return self.kept_wiki_password()

    def kept_wiki_password(self) -> str | None:
        """Return the wiki account's password as `compagnon init` kept it.

        Raises:
            ConfigError: it cannot be read.
        """
        kept = _read_private(self.folder / _PASSWORD_FILE)
        return None if kept is None else kept.rstrip("\n")

    def keep_wiki_password(self, password: str) -> None:
        """Keep the wiki account's password in a file that only its owner may read.

        Raises:
            ConfigError: it cannot be written.
        """
        _write(self.folder / _PASSWORD_FILE, password)

    def secret_key(self) -> str:
        """Return the key that signs cookies and seals people's credentials.

        It is made at first use, so that sessions survive a restart. Several machines share one by
        COMPAGNON_SECRET_KEY.

        Raises:
            ConfigError: it can neither be read nor made, or is so short that it can be guessed.
        """
        given = os.environ.get(_SECRET_KEY_VARIABLE, "").strip()
        if 0 < len(given) < _SHORTEST_SECRET:
            raise ConfigError(f"{_SECRET_KEY_VARIABLE} must have {_SHORTEST_SECRET} characters or more")
        if given:
            return given
        path = self.folder / _SECRET_KEY_FILE
        if not _read_private(path):
            self.make_folder()
            with _alone_in(self.folder):  # several processes start at once, and all use one key
                if not _read_private(path):
                    _write(path, secrets.token_urlsafe(48))
        return (_read_private(path) or "").strip()

    def person_token(self) -> str | None:
        """Return the token in whose owner's name a service elsewhere is asked: from the environment alone."""
        return os.environ.get("COMPAGNON_TOKEN", "").strip() or None

    def extension_secret(self) -> str | None:
        """Return what the wiki's extension signs its requests with; None where it was never set up.

        Raises:
            ConfigError: it cannot be read, or is so short that it can be guessed.
        """
        given = os.environ.get(_EXTENSION_SECRET_VARIABLE) or _read_private(
            self.folder / _EXTENSION_SECRET_FILE
        )
        secret = (given or "").strip()
        if 0 < len(secret) < _SHORTEST_SECRET:
            raise ConfigError(f"the extension's secret must have {_SHORTEST_SECRET} characters or more")
        return secret or None

    def make_extension_secret(self) -> str:
        """Return the extension's secret, made now where there is none.

        Raises:
            ConfigError: it can neither be read nor made.
        """
        known = self.extension_secret()
        if known is None:
            self.make_folder()
            with _alone_in(self.folder):
                known = self.extension_secret()
                if known is None:
                    known = secrets.token_hex(32)
                    _write(self.folder / _EXTENSION_SECRET_FILE, f"{known}\n")
        return known

    def keep(self, changes: Mapping[str, str | int | bool]) -> None:
        """Write settings into the data directory's file, keeping those that stand there already.

        Raises:
            ConfigError: it cannot be read or written; what stood there is still there.
        """
        path = self.folder / SETTINGS_FILE
        known = _read_file(path)
        for name, value in changes.items():
            section, _, key = name.partition(".")
            known.setdefault(section, {})[key] = value
        _write(path, as_toml(known), mode=path.stat().st_mode & 0o777 if path.exists() else 0o600)


def load_config(folder: Path) -> Config:
    """Read the settings of a data directory; one that does not exist yet has the defaults.

    Raises:
        ConfigError: the file cannot be read, or a setting is unknown or has a wrong value.
    """
    path = folder / SETTINGS_FILE
    file = _read_file(path)
    known = {setting.name: setting for setting in SETTINGS}
    for section, keys in file.items():
        for key in keys:
            if f"{section}.{key}" not in known:
                near = difflib.get_close_matches(f"{section}.{key}", known, n=1)
                hint = f"; did you mean {near[0]}?" if near else ""
                raise ConfigError(f"{path}: there is no setting {section}.{key}{hint}")
    values: dict[str, Value] = {}
    for setting in SETTINGS:
        raw: object = file.get(setting.section, {}).get(setting.key)
        origin = f"{path}: {setting.name}"
        if setting.variable in os.environ:
            raw, origin = os.environ[setting.variable], setting.variable
        try:
            values[setting.name] = setting.default if raw is None else setting.parse(raw)
        except ValueError as e:
            raise ConfigError(f"{origin}: {e}") from e
    return Config(folder, values)


def _read_file(path: Path) -> dict[str, dict[str, Any]]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as e:
        raise ConfigError(f"{path} cannot be read: {e.strerror}") from e
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
        raise ConfigError(f"{path} is not TOML: {e}") from e
    for section, keys in content.items():
        if not isinstance(keys, dict):
            raise ConfigError(f"{path}: {section} stands outside a section")
    return content


def as_toml(content: Mapping[str, Mapping[str, object]]) -> str:
    """Write settings as a file has them."""
    # JSON's texts, numbers, booleans and arrays are TOML's too (https://toml.io/en/v1.0.0), but for DEL.
    sections = (
        f"[{section}]\n"
        + "".join(
            f"{key} = {json.dumps(value, ensure_ascii=False)}\n".replace("\x7f", "\\u007f")
            for key, value in keys.items()
        )
        for section, keys in content.items()
    )
    return "\n".join(sections)


def _read_private(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except OSError as e:
        raise ConfigError(f"{path} cannot be read: {e.strerror}") from e
    except UnicodeDecodeError as e:
        raise ConfigError(f"{path} is no text: delete it") from e


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Let one process after the other make what all of them use."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError as e:
        raise ConfigError(f"{folder} cannot be read: {e.strerror}") from e
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    except OSError as e:
        raise ConfigError(f"{folder} cannot be locked: {e.strerror}") from e
    finally:
        os.close(descriptor)  # which lets go of it


def _write(path: Path, text: str, *, mode: int = 0o600) -> None:
    """Put a file in the place of another: on a full disk, or after a crash, the old one is still whole."""
    place = path.resolve()  # a link stays one
    draft = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(
            os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8"
        ) as file:
            os.fchmod(file.fileno(), mode)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(place)
    except OSError as e:
        draft.unlink(missing_ok=True)
        raise ConfigError(f"{path} cannot be written: {e.strerror}") from e
