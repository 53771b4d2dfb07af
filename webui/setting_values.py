"""What a setting may be: each function reads one kind of value, or says in a ValueError what it must be."""

import re
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

SHORTEST_ROUND_SECONDS = 5
"""Asking more often would tell nothing new and only weigh on the wiki."""
LONGEST_ROUND_SECONDS = 86_400
_MOST_COUNTED = 1_000
_LONGEST_HOURS = 8_760  # a year
_LONGEST_DAYS = 365
_LONGEST_YEARS = 1_000


def text(value: object) -> str:
    """Read a text."""
    if not isinstance(value, str):
        raise ValueError("must be text")
    return value


def optional_text(value: object) -> str | None:
    """Read a text; an empty one is none."""
    return text(value) or None


def optional_key(value: object) -> str | None:
    """Read what is sent in a header; what is said of it never shows it."""
    key = text(value).strip()  # a key that was read from a file ends with its line
    if not all("!" <= character <= "~" for character in key):
        raise ValueError("must have no spaces and no letters beyond ASCII")
    return key or None


def optional_address(value: object) -> str | None:
    """Read a web address that others are built from: scheme, host and path, without the last slash."""
    address = text(value).strip()
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


def whole_number(value: object) -> int:
    """Read a whole number."""
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value.strip()):
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("must be a whole number")
    return value


def count_from_one(value: object) -> int:
    """Read a number of things, at least one."""
    number = whole_number(value)
    if not 0 < number <= _MOST_COUNTED:
        raise ValueError(f"must be a number, 1 to {_MOST_COUNTED}")
    return number


def port(value: object) -> int:
    """Read a port."""
    number = whole_number(value)
    if not 0 < number < 65536:
        raise ValueError("must be a port number, 1 to 65535")
    return number


def seconds_between_syncs(value: object) -> int:
    """Read how long to wait between two looks at the wiki."""
    number = whole_number(value)
    if number and not SHORTEST_ROUND_SECONDS <= number <= LONGEST_ROUND_SECONDS:
        raise ValueError(f"must be 0 (off), or {SHORTEST_ROUND_SECONDS} to {LONGEST_ROUND_SECONDS} seconds")
    return number


def hours(value: object) -> int:
    """Read a number of hours, up to a year."""
    number = whole_number(value)
    if not 0 < number <= _LONGEST_HOURS:
        raise ValueError("must be a number of hours, 1 to 8760")
    return number


def years(value: object) -> int:
    """Read a number of years."""
    number = whole_number(value)
    if not 0 < number <= _LONGEST_YEARS:
        raise ValueError(f"must be a number of years, 1 to {_LONGEST_YEARS}")
    return number


def optional_chance(value: object) -> float | None:
    """Read a number from 0 to 1, or none."""
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


def flag(value: object) -> bool:
    """Read yes or no."""
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if isinstance(value, str) and value.lower() in words:
        return words[value.lower()]
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def texts(value: object) -> tuple[str, ...]:
    """Read a list of texts: an array, or commas in between."""
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, list):
        raise ValueError("must be a list of texts")
    return tuple(text(item).strip() for item in items if text(item).strip())


def namespaces(value: object) -> tuple[int, ...] | None:
    """Read numbers of namespaces; none is the default choice."""
    items = [item for item in value.split(",") if item.strip()] if isinstance(value, str) else value
    if not isinstance(items, list):
        raise ValueError("must be a list of namespace numbers")
    return tuple(whole_number(item) for item in items) or None


def restricted_namespaces(value: object) -> tuple[str, ...]:
    """Read which namespaces are for some groups only: `3000=staff|sysop`."""
    found = texts(value)
    closed_namespaces(found)
    return found


def closed_namespaces(found: Iterable[str]) -> dict[int, frozenset[str]]:
    """Return, by the number of a namespace, the groups that may read it; without any, nobody may.

    Raises:
        ValueError: one of them is not written as it should be.
    """
    closed = {}
    for item in found:
        number, equals, groups = item.partition("=")
        if not equals or not re.fullmatch(r"[0-9]{1,9}", number.strip()):
            raise ValueError("must be numbers of namespaces with their groups, as in 3000=staff|sysop")
        closed[int(number)] = frozenset(group.strip() for group in groups.split("|") if group.strip())
    return closed


def one_of(*choices: str) -> Callable[[object], str]:
    """Return what reads one of some words."""

    def read(value: object) -> str:
        if value not in choices:
            raise ValueError(f"must be {' or '.join(map(repr, choices))}")
        return str(value)

    return read


def days(value: object) -> int:
    """Read a number of days, up to a year."""
    number = whole_number(value)
    if not 0 < number <= _LONGEST_DAYS:
        raise ValueError(f"must be a number of days, 1 to {_LONGEST_DAYS}")
    return number


def weekday(value: object) -> int:
    """Read a day of the week, Monday being 1; 0 for none."""
    number = whole_number(value)
    if not 0 <= number <= 7:
        raise ValueError("must be 1 (Monday) to 7 (Sunday), or 0 for never")
    return number
