"""Titles as MediaWiki normalizes them (https://www.mediawiki.org/wiki/Manual:Title.php)."""

import re
import unicodedata

from connector.model import Site

# $wgLegalTitleChars leaves these out; control and replacement characters are never legal either.
_FORBIDDEN = re.compile(r"[#<>\[\]|{}\x00-\x1f\x7f\ufffd]")
_SPACES = re.compile(r"[\s_\u00a0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
_DIRECTION_MARKS = re.compile(r"[\u200e\u200f\u202a-\u202e]")
_MAX_BYTES = 255
# Files and categories.
_NO_PLAIN_LINK = frozenset([6, 14])


def split_title(title: str, *, site: Site) -> tuple[int, str]:
    """Return a title's namespace number and its normalized name without the prefix.

    Raises:
        ValueError: no page can have this title.
    """
    cleaned = _DIRECTION_MARKS.sub("", unicodedata.normalize("NFC", title))
    cleaned = _SPACES.sub(" ", cleaned).strip()
    if cleaned.startswith(":"):
        cleaned = cleaned[1:].lstrip()
    number, name = 0, cleaned
    prefix, colon, rest = cleaned.partition(":")
    if colon:
        found = _namespace_number(prefix.strip(), site)
        if found is not None:
            number, name = found, rest.strip()
    if not name or _FORBIDDEN.search(name) or name.startswith(":") or len(name.encode()) > _MAX_BYTES:
        raise ValueError(f"not a title: {title[:80]!r}")
    if _is_relative(name):
        raise ValueError(f"not a title: {title[:80]!r}")
    namespace = site.namespaces.get(number)
    if namespace is None or namespace.case == "first-letter":
        name = _capital(name)
    return number, name


def normalize_title(title: str, *, site: Site) -> str:
    """Return the one way the wiki writes a title: local namespace name, spaces, capital first letter.

    Raises:
        ValueError: no page can have this title.
    """
    number, name = split_title(title, site=site)
    namespace = site.namespaces.get(number)
    return f"{namespace.name}:{name}" if namespace is not None and namespace.name else name


def title_in(site: Site, number: int, name: str, *, canonical: str) -> str:
    """Return a title in a namespace as the wiki calls that, or as `canonical` where it does not say."""
    known = site.namespaces.get(number)
    return f"{known.name if known is not None else canonical}:{name}"


def link_target(title: str, *, site: Site) -> str:
    """Return what a link to a page names, as a reader is to see it: `[[<this>]]` or `[[<this>|words]]`.

    A colon goes before files and categories, which would be shown, or take the page in, and before a slash,
    which would lead to a subpage (https://www.mediawiki.org/wiki/Help:Links).
    """
    return (
        f":{title}" if split_title(title, site=site)[0] in _NO_PLAIN_LINK or title.startswith("/") else title
    )


def _capital(name: str) -> str:
    # MediaWiki keeps letters whose capital is several letters ("ß"), see Language::ucfirst.
    first = name[0].upper()
    return first + name[1:] if len(first) == 1 else name


def _is_relative(name: str) -> bool:
    return (
        name in {".", ".."}
        or name.startswith(("./", "../"))
        or "/./" in name
        or "/../" in name
        or name.endswith(("/.", "/.."))
        or "~~~" in name
    )


def _namespace_number(prefix: str, site: Site) -> int | None:
    wanted = prefix.casefold()
    for number, namespace in site.namespaces.items():
        names = (namespace.name, namespace.canonical, *namespace.aliases)
        if number != 0 and any(wanted == name.replace("_", " ").casefold() for name in names if name):
            return number
    return None


def one_title(title: str) -> str:
    r"""Write a title for the parameter `titles`, so that it stays one, whatever it holds.

    A first \x1f makes it the separator between titles, so that "|" is a letter, and refused
    (https://www.mediawiki.org/wiki/API:Data_formats#Multivalue_parameters).
    """
    return "\x1f" + title.replace("\x1f", "\x1e")
