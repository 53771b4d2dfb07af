"""What narrows a search: status, category, language, namespace, date; and what there is to choose from."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchFilters:
    """Which pages are looked at: those that one value of each kind fits, where any is given."""

    statuses: tuple[str, ...] = ()
    """Of practices: `emerging`, `tested` ... ("" fits none)."""
    categories: tuple[str, ...] = ()
    """With or without the namespace, as a wiki's readers write them: "Outils", "catégorie:outils"."""
    languages: tuple[str, ...] = ()
    """Of pages: `fr`, `en`."""
    namespaces: tuple[int, ...] = ()
    edited_since: date | None = None
    """The last edit was on this day or later (UTC)."""

    @property
    def is_empty(self) -> bool:
        """Whether every page fits."""
        return self == SearchFilters()


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A value that a filter can be given."""

    value: str
    """As it stands in an address: "adopted", "Outils", "fr", "0"."""
    name: str
    """As readers know it: of a namespace its local name, which is empty for the main one; else the value."""
    pages: int | None = None
    """How many pages fit that can be found; None where that is not told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """What the pages of an index can be chosen by; values that all pages have, or none, are there too."""

    statuses: tuple[Choice, ...] = ()
    """From emerging to retired, then what else practices say."""
    categories: tuple[Choice, ...] = ()
    """The largest first; without those that hide themselves."""
    languages: tuple[Choice, ...] = ()
    namespaces: tuple[Choice, ...] = ()
    """By number."""
