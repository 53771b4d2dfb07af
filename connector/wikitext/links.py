"""What stands between `[[` and `]]`: a page, a category, a file, another wiki."""

import html
import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote

from connector.model import Site
from connector.titles import normalize_title, split_title

_MEDIA, _SPECIAL, _FILE, _TEMPLATE, _CATEGORY = -2, -1, 6, 10, 14
# What every wiki understands, also where its namespaces are not known.
_ALWAYS = {"category": _CATEGORY, "file": _FILE, "image": _FILE, "media": _MEDIA, "special": _SPECIAL}
# The prefixes of a fresh MediaWiki (maintenance/interwiki.list) that people use in links.
_INTERWIKI = frozenset(
    [
        *("acronym", "arxiv", "cache", "commons", "dictionary", "doi", "foldoc", "google", "googlegroups"),
        *("mediawikiwiki", "meatball", "metawikimedia", "mw", "pmid", "pythoninfo", "rfc", "usemod", "wiki"),
        *("wikia", "wikibooks", "wikidata", "wikihow", "wikimedia", "wikinews", "wikipedia", "wikiquote"),
        *("wikisource", "wikispecies", "wikiversity", "wikivoyage", "wikt", "wiktionary"),
    ]
)
_FRENCH_TRAIL = re.compile("[a-zàâçéèêîôûäëïöüùÇÉÂÊÎÔÛÄËÏÖÜÀÈÙ]+")
_TRAIL = re.compile("[a-z]+")
_FILE_OPTION = re.compile(
    r"(?:thumb(?:nail)?|vignette|frame(?:d|less)?|enframed|(?:sans_)?cadre|(?:non_)?encadr[ée]|border|bordure|left"
    r"|gauche|right|droite|cent(?:er|re|ré)|none|n[ée]ant|baseline|base|sub|super|sup|exposant|indice|top|haut"
    r"|middle|milieu|bottom|bas|text-top|text-bottom|bas-texte|haut-texte|upright(?:[ =][\d.]+)?"
    r"|redresse(?:[_=][\d.]+)?|\d*(?:x\d+)?\s*px"
    r"|(?:thumb(?:nail)?|vignette|link|lien|alt|lang|langue|class|classe|page)\s*=.*)\Z",
    re.IGNORECASE | re.DOTALL,
)
_FRAMED = re.compile(
    r"(?:^|\|)\s*(?:thumb|thumbnail|vignette|frame|framed|cadre|encadr[ée])\s*(?:\||=|\Z)", re.I
)


@dataclass(frozen=True, slots=True)
class LinkPlace:
    """Where a link leads."""

    kind: Literal["page", "category", "file", "elsewhere"]
    """`elsewhere`: a section of the page itself, another wiki, a special page, or no link at all."""
    target: str = ""
    fragment: str = ""


_ELSEWHERE = LinkPlace("elsewhere")


class LinkReader:
    """Reads link targets of one wiki."""

    def __init__(self, *, site: Site) -> None:
        self._site = site
        self._read: dict[str, LinkPlace] = {}

    def read(self, raw: str) -> LinkPlace:
        """Return where `[[raw]]` leads."""
        known = self._read.get(raw)
        if known is None:
            known = self._read[raw] = self._place(raw)
        return known

    def _place(self, raw: str) -> LinkPlace:
        if "\n" in raw.strip() or "{{" in raw:
            return _ELSEWHERE
        decoded = html.unescape(unquote(raw) if "%" in raw else raw).strip()
        colon = decoded.startswith(":")
        target, _, fragment = decoded.removeprefix(":").strip().partition("#")
        try:
            number, name = self._split(target)
        except ValueError:
            return _ELSEWHERE
        if not colon and number == _CATEGORY:
            return LinkPlace("category", name)
        if not colon and number == _FILE:
            return LinkPlace("file", name)
        if number < 0 or (number == 0 and self._is_interwiki(target)):
            return _ELSEWHERE
        return LinkPlace("page", normalize_title(target, site=self._site), fragment.replace("_", " ").strip())

    def _split(self, target: str) -> tuple[int, str]:
        number, name = split_title(target, site=self._site)
        prefix, found, rest = target.partition(":")
        if number == 0 and found:
            number = _ALWAYS.get(prefix.strip(" _").lower(), 0)
            if number:
                return number, split_title(rest, site=self._site)[1]
        return number, name

    @staticmethod
    def _is_interwiki(target: str) -> bool:
        prefix, colon, _ = target.partition(":")
        return bool(colon) and prefix.strip(" _").lower() in _INTERWIKI

    def template(self, name: str) -> str:
        """Return the normalized name of the template that `{{name}}` shows, or nothing when it is none."""
        try:
            number, short = split_title(name.removeprefix(":"), site=self._site)
            return short if number == _TEMPLATE else normalize_title(name, site=self._site)
        except ValueError:
            return ""

    @staticmethod
    def caption(options: str, rendered: str) -> str:
        """Return the visible words of a file link: its caption, when it is shown with one."""
        if not _FRAMED.search(options):
            return ""
        last = rendered.rpartition("|")[2].strip()
        return "" if not last or _FILE_OPTION.match(last) else f"\n\n{last}\n\n"


def link_trail(language: str) -> re.Pattern[str]:
    """Return the letters that belong to a link when they follow it at once, as in `[[book]]s`."""
    return _FRENCH_TRAIL if language.partition("-")[0] == "fr" else _TRAIL


def display_text(title: str, text: str | None) -> str:
    """Return what a link shows, given its parts in plain text; `[[Help:Book (draft)|]]` shows "Book"."""
    if text is None:
        return title.strip().removeprefix(":")
    if text.strip():
        return text
    name = title.strip().removeprefix(":")
    name = name.partition(":")[2] or name
    without = re.sub(r"\s*\([^()]*\)\s*\Z", "", name)
    return without if without != name else name.partition(", ")[0]
