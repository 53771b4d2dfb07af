"""The settings: where each stands, what it may be, and what it does."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

PAGE_TEXTS = ("wikitext", "rendered")
EXTRACTORS = ("local", "llm")
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


def _optional_key(value: object) -> str | None:
    """Read what is sent in a header; what is said of it never shows it."""
    key = _text(value).strip()  # a key that was read from a file ends with its line
    if not all("!" <= character <= "~" for character in key):
        raise ValueError("must have no spaces and no letters beyond ASCII")
    return key or None


def _optional_address(value: object) -> str | None:
    """Read a web address that others are built from: scheme, host and path, without the last slash."""
    address = _text(value).strip()
    if not address:
        return None
    parts = urlsplit(address)
    _ = parts.port  # raises a ValueError of its own
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        raise ValueError("must be an address that begins with https:// or http://, without a password")
    # It goes into headers, settings and scripts as it stands.
    if parts.query or parts.fragment or not re.fullmatch(r"[A-Za-z0-9._~:/\[\]%-]+", address):
        raise ValueError("must be scheme, host and path, and nothing after them")
    return address.rstrip("/")


def _whole_number(value: object) -> int:
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value.strip()):
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


def _extractor(value: object) -> str:
    if value not in EXTRACTORS:
        raise ValueError(f"must be {' or '.join(map(repr, EXTRACTORS))}")
    return str(value)


def _optional_chance(value: object) -> float | None:
    if value is None or value == "":
        return None
    try:
        number = (
            float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else -1.0
        )
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise ValueError("must be a number from 0 to 1")
    return number


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
        parse=_optional_key,
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
        parse=_optional_key,
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
        key="no_answer_below",
        default=None,
        parse=_optional_chance,
        doc="Chance (0 to 1) below which no page is said to answer. By default fitted to the wiki.",
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
        section="capture",
        key="extractor",
        default="local",
        parse=_extractor,
        doc="What reads notes: rules in this process (`local`), or the language model of `search` (`llm`).",
    ),
    Setting(
        section="capture",
        key="queue_url",
        default="",
        parse=_text,
        doc="A Redis server that has the queue of long notes instead of a file: `redis://127.0.0.1:6379/0`.",
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
        key="public_url",
        default=None,
        parse=_optional_address,
        doc="Address under which browsers reach these pages: `https://compagnon.example.org`.",
    ),
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
