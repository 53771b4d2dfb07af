"""Settings: the only place that reads files and environment variables.

A data directory holds everything of one community: `compagnon.toml` (settings), `compagnon.sqlite3` (mirror
and drafts), `index/` (derived, may be deleted), and two files only their owner may read: the wiki password
and the key that signs cookies. Each setting may also come from the environment, which wins over the file.
"""

import difflib
import json
import os
import secrets
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connector.errors import ConfigError

SETTINGS_FILE = "compagnon.toml"
_PASSWORD_FILE = "wiki-password"  # noqa: S105 - a file's name
_SECRET_KEY_FILE = "secret-key"  # noqa: S105 - a file's name

PAGE_TEXTS = ("wikitext", "rendered")
SHORTEST_ROUND_SECONDS = 5
"""Asking more often would tell nothing new and only weigh on the wiki."""
LONGEST_ROUND_SECONDS = 86_400
_LONGEST_HOURS = 8_760  # a year
_LONGEST_YEARS = 1_000

Value = str | int | float | bool | tuple[str, ...] | tuple[int, ...] | None


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("must be text")
    return value


def _optional_text(value: object) -> str | None:
    return _text(value) or None


def _whole_number(value: object) -> int:
    if isinstance(value, str) and value.strip().isascii() and value.strip().lstrip("-").isdigit():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("must be a whole number")
    return value


def _port(value: object) -> int:
    number = _whole_number(value)
    if not 0 < number < 65536:
        raise ValueError("must be a port number, 1 to 65535")
    return number


def _seconds_between_syncs(value: object) -> int:
    number = _whole_number(value)
    if number and not SHORTEST_ROUND_SECONDS <= number <= LONGEST_ROUND_SECONDS:
        raise ValueError(f"must be 0 (off), or {SHORTEST_ROUND_SECONDS} to {LONGEST_ROUND_SECONDS} seconds")
    return number


def _hours(value: object) -> int:
    number = _whole_number(value)
    if not 0 < number <= _LONGEST_HOURS:
        raise ValueError("must be a number of hours, 1 to 8760")
    return number


def _years(value: object) -> int:
    number = _whole_number(value)
    if not 0 < number <= _LONGEST_YEARS:
        raise ValueError(f"must be a number of years, 1 to {_LONGEST_YEARS}")
    return number


def _page_text(value: object) -> str:
    if value not in PAGE_TEXTS:
        raise ValueError(f"must be {' or '.join(map(repr, PAGE_TEXTS))}")
    return str(value)


def _flag(value: object) -> bool:
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if isinstance(value, str) and value.lower() in words:
        return words[value.lower()]
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def _texts(value: object) -> tuple[str, ...]:
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, list):
        raise ValueError("must be a list of texts")
    return tuple(_text(item).strip() for item in items if _text(item).strip())


def _namespaces(value: object) -> tuple[int, ...] | None:
    items = [item for item in value.split(",") if item.strip()] if isinstance(value, str) else value
    if not isinstance(items, list):
        raise ValueError("must be a list of namespace numbers")
    return tuple(_whole_number(item) for item in items) or None


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting: where it stands, what it may be, and what it does."""

    section: str
    key: str
    default: Value
    parse: Callable[[object], Value]
    doc: str

    @property
    def name(self) -> str:
        """`section.key`, as the documentation writes it."""
        return f"{self.section}.{self.key}"

    @property
    def variable(self) -> str:
        """The environment variable that overrides it."""
        return f"COMPAGNON_{self.section}_{self.key}".upper()


SETTINGS = (
    Setting(
        section="wiki",
        key="api_url",
        default=None,
        parse=_optional_text,
        doc="Address of the wiki's api.php. Without it the mirror is fed from an export only.",
    ),
    Setting(
        section="wiki",
        key="user",
        default=None,
        parse=_optional_text,
        doc="Account that reads a private wiki, as a bot password: `Name@app`.",
    ),
    Setting(
        section="wiki",
        key="contact",
        default="",
        parse=_text,
        doc="Address of a person, sent with each request so that the wiki's administrators can reach them.",
    ),
    Setting(
        section="wiki",
        key="namespaces",
        default=None,
        parse=_namespaces,
        doc="Numbers of the namespaces to mirror. By default: content, Project, Help, User, Category, talks.",
    ),
    Setting(
        section="wiki",
        key="text",
        default="wikitext",
        parse=_page_text,
        doc="What search reads of a page: its `wikitext`, or the page as the wiki has it `rendered`.",
    ),
    Setting(
        section="wiki",
        key="sync_every",
        default=0,
        parse=_seconds_between_syncs,
        doc="Seconds between two looks at the wiki while `compagnon serve` runs, 5 or more; 0 for none.",
    ),
    Setting(
        section="wiki",
        key="sweep_every",
        default=24,
        parse=_hours,
        doc="Hours after which a sync compares every page again, and not only what the wiki says changed.",
    ),
    Setting(
        section="search",
        key="model",
        default=None,
        parse=_optional_text,
        doc="A sentence-transformers model, by name or folder. After a change, run `compagnon index` once.",
    ),
    Setting(
        section="search",
        key="embedding_url",
        default=None,
        parse=_optional_text,
        doc="Server with OpenAI’s `/v1/embeddings` that has the model instead: all passages are sent to it.",
    ),
    Setting(
        section="search",
        key="embedding_key",
        default=None,
        parse=_optional_text,
        doc="What that server wants to see, if anything. Better in the environment than in a file.",
    ),
    Setting(
        section="search",
        key="reranker",
        default=None,
        parse=_optional_text,
        doc="A sentence-transformers CrossEncoder, by name or folder, that reads the best hits once more.",
    ),
    Setting(
        section="search",
        key="language_model_url",
        default=None,
        parse=_optional_text,
        doc="Server with OpenAI’s `/v1/chat/completions` that writes answers: passages are sent to it.",
    ),
    Setting(
        section="search",
        key="language_model",
        default=None,
        parse=_optional_text,
        doc="Which model writes them, by its name there. Each sentence is checked before it is shown.",
    ),
    Setting(
        section="search",
        key="language_model_key",
        default=None,
        parse=_optional_text,
        doc="What its server wants to see, if anything. Better in the environment than in a file.",
    ),
    Setting(
        section="search",
        key="query_prefix",
        default=None,
        parse=_optional_text,
        doc="Text put before each question for models that want one; known for the e5 and bge families.",
    ),
    Setting(
        section="search",
        key="passage_prefix",
        default=None,
        parse=_optional_text,
        doc="The same for passages.",
    ),
    Setting(
        section="search",
        key="chroma_url",
        default=None,
        parse=_optional_text,
        doc="A Chroma server that keeps the vectors instead of the index folder: `http://127.0.0.1:8000`.",
    ),
    Setting(
        section="search",
        key="database",
        default=None,
        parse=_optional_text,
        doc="A PostgreSQL database that keeps the keyword index instead: `postgresql://user@host/name`.",
    ),
    Setting(
        section="search",
        key="bots",
        default=(),
        parse=_texts,
        doc="Accounts that are programs and never experts. Known already: names in “bot”, MediaWiki’s own.",
    ),
    Setting(
        section="search",
        key="opt_out",
        default=(),
        parse=_texts,
        doc="People who do not want to be found: they are in no result.",
    ),
    Setting(
        section="search",
        key="half_life_years",
        default=6,
        parse=_years,
        doc="After how many years work on a page says half as much of who knows about it.",
    ),
    Setting(
        section="web",
        key="host",
        default="127.0.0.1",
        parse=_text,
        doc="Address to serve on. Anything but this machine needs a proxy in front that knows the members.",
    ),
    Setting(section="web", key="port", default=8642, parse=_port, doc="Port to serve on."),
    Setting(
        section="web",
        key="trusted_hosts",
        default=(),
        parse=_texts,
        doc="Host names under which the pages may be asked for, besides the local ones.",
    ),
    Setting(
        section="web",
        key="secure_cookies",
        default=False,
        parse=_flag,
        doc="Send cookies over https only; for a server behind an https proxy.",
    ),
)


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
        """Whether anything was ever kept here."""
        return self.database.exists()

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
        """Return the wiki account's password: from the environment, or as `compagnon init` kept it."""
        from_environment = os.environ.get("COMPAGNON_WIKI_PASSWORD")
        if from_environment:
            return from_environment
        path = self.folder / _PASSWORD_FILE
        return path.read_text(encoding="utf-8").rstrip("\n") if path.exists() else None

    def keep_wiki_password(self, password: str) -> None:
        """Keep the wiki account's password in a file that only its owner may read."""
        _write_private(self.folder / _PASSWORD_FILE, password)

    def secret_key(self) -> str:
        """Return the key that signs cookies, made at first use so that sessions survive a restart."""
        path = self.folder / _SECRET_KEY_FILE
        if not path.exists():
            self.make_folder()
            _write_private(path, secrets.token_urlsafe(48))
        return path.read_text(encoding="utf-8").strip()

    def keep(self, changes: Mapping[str, str]) -> None:
        """Write settings into the data directory's file, keeping those that stand there already."""
        path = self.folder / SETTINGS_FILE
        known = _read_file(path)
        for name, value in changes.items():
            section, _, key = name.partition(".")
            known.setdefault(section, {})[key] = value
        path.write_text(_as_toml(known), encoding="utf-8")


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


def _as_toml(content: Mapping[str, Mapping[str, object]]) -> str:
    # JSON's texts, numbers, booleans and arrays are TOML's too (https://toml.io/en/v1.0.0).
    sections = (
        f"[{section}]\n"
        + "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in keys.items())
        for section, keys in content.items()
    )
    return "\n".join(sections)


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o600)  # it may have been there before, with other rights
        file.write(text)
