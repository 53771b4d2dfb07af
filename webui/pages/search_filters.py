"""What a search is narrowed by: read from an address, written into others, shown as chips to take away."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask import request, url_for
from flask_babel import gettext
from werkzeug.exceptions import BadRequest

from search.filters import Choice, Facets, SearchFilters
from webui.language import language_name
from webui.pages.display import day, status_name
from webui.pages.parameters import flag

CATEGORIES_SHOWN = 12
"""The largest are ticked, others typed."""
_LONGEST_VALUE = 255
_MOST_VALUES = 20

Address = dict[str, Any]
"""What stands behind the `?` of an address, without the question: lists of texts, for `url_for`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """What an address asks for beside the question."""

    practices_only: bool
    filters: SearchFilters

    def address(self) -> Address:
        """Return it as it stands in an address, for `url_for`."""
        filters = self.filters
        values = {
            "status": list(filters.statuses),
            "category": list(filters.categories),
            "language": list(filters.languages),
            "namespace": [str(number) for number in filters.namespaces],
            "since": [filters.edited_since.isoformat()] if filters.edited_since else [],
            "practices_only": ["1"] if self.practices_only else [],
        }
        return {name: value for name, value in values.items() if value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """One value that narrows the search."""

    kind: str
    """In words."""
    value: str
    """In words."""
    without: str
    """The address of the same search without it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A value that can be ticked."""

    value: str
    label: str
    pages: int | None
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterForm:
    """What can be chosen."""

    statuses: Sequence[Option]
    categories: Sequence[Option]
    """The largest, and those that are chosen."""
    other_categories: Sequence[str]
    languages: Sequence[Option]
    namespaces: Sequence[Option]
    since: str
    practices_only: bool


def narrowing() -> Narrowing:
    """Return what the address of this request narrows the search by.

    Raises:
        BadRequest: something in it is no such value.
    """
    return Narrowing(
        practices_only=flag("practices_only"),
        filters=SearchFilters(
            statuses=_texts("status"),
            categories=_texts("category"),
            languages=_texts("language"),
            namespaces=tuple(_namespace(text) for text in _texts("namespace")),
            edited_since=_since(),
        ),
    )


def chips(narrowed: Narrowing, facets: Facets, *, question: str) -> list[Chip]:
    """Return a chip for each value that narrows a search.

    Args:
        narrowed: by what.
        facets: where the names of namespaces are.
        question: what is asked.
    """
    filters = narrowed.filters
    namespaces = {choice.value: choice.name for choice in facets.namespaces}

    def without(**changes: object) -> str:
        left = replace(narrowed, filters=replace(filters, **changes))  # type: ignore[arg-type]  # as named
        return url_for("pages.search", q=question, **left.address())

    def left(values: Sequence[object], value: object) -> tuple[object, ...]:
        return tuple(each for each in values if each != value)

    found = [
        Chip(
            kind=gettext("Status"),
            value=str(status_name(each)),
            without=without(statuses=left(filters.statuses, each)),
        )
        for each in filters.statuses
    ]
    found += [
        Chip(kind=gettext("Category"), value=each, without=without(categories=left(filters.categories, each)))
        for each in filters.categories
    ]
    found += [
        Chip(
            kind=gettext("Language"),
            value=language_name(each),
            without=without(languages=left(filters.languages, each)),
        )
        for each in filters.languages
    ]
    found += [
        Chip(
            kind=gettext("Namespace"),
            value=_namespace_name(namespaces.get(str(each), str(each))),
            without=without(namespaces=left(filters.namespaces, each)),
        )
        for each in filters.namespaces
    ]
    if filters.edited_since is not None:
        found.append(
            Chip(
                kind=gettext("Edited since"),
                value=day(filters.edited_since),
                without=without(edited_since=None),
            )
        )
    if narrowed.practices_only:
        all_pages = replace(narrowed, practices_only=False)
        found.append(
            Chip(
                kind=gettext("Pages"),
                value=gettext("practices only"),
                without=url_for("pages.search", q=question, **all_pages.address()),
            )
        )
    return found


def filter_form(narrowed: Narrowing, facets: Facets) -> FilterForm:
    """Return what can be chosen, and what is."""
    filters = narrowed.filters
    chosen = {name.casefold() for name in filters.categories}
    largest = facets.categories[:CATEGORIES_SHOWN]
    shown = [each for each in facets.categories if each in largest or each.value.casefold() in chosen]
    known = {each.value.casefold() for each in shown}
    # What an address names and no page that can be read has: it is ticked, so that it can be left out.
    shown += [Choice(value=name, name=name) for name in filters.categories if name.casefold() not in known]
    return FilterForm(
        statuses=_options(facets.statuses, filters.statuses, names=lambda each: str(status_name(each.value))),
        categories=[
            Option(
                value=each.value,
                label=each.name,
                pages=each.pages,
                chosen=each.value.casefold() in chosen,
            )
            for each in shown
        ],
        other_categories=[each.value for each in facets.categories if each not in shown],
        languages=_worthwhile(
            _options(facets.languages, filters.languages, names=lambda each: language_name(each.value))
        ),
        namespaces=_worthwhile(
            _options(
                facets.namespaces,
                tuple(str(number) for number in filters.namespaces),
                names=lambda each: _namespace_name(each.name),
            )
        ),
        since=filters.edited_since.isoformat() if filters.edited_since else "",
        practices_only=narrowed.practices_only,
    )


def _options(
    choices: Sequence[Choice], wanted: Sequence[str], *, names: Callable[[Choice], str]
) -> list[Option]:
    known = {each.value for each in choices}
    every = [*choices, *(Choice(value=each, name=each) for each in wanted if each not in known)]
    return [
        Option(value=each.value, label=names(each), pages=each.pages, chosen=each.value in wanted)
        for each in every
    ]


def _worthwhile(options: list[Option]) -> list[Option]:
    """Return what every page has one of, where there is a choice, or one was made."""
    return options if len(options) > 1 or any(each.chosen for each in options) else []


def _namespace_name(name: str) -> str:
    return name or gettext("main pages")


def _texts(name: str) -> tuple[str, ...]:
    """Return the values of `?name=`, each once; a field that was left empty is none."""
    values = tuple(dict.fromkeys(text for value in request.args.getlist(name) if (text := value.strip())))
    if len(values) > _MOST_VALUES:
        raise BadRequest(f"{name} can be given {_MOST_VALUES} times")
    if any(len(value) > _LONGEST_VALUE for value in values):
        raise BadRequest(f"{name} has {_LONGEST_VALUE} characters at the most")
    return values


def _namespace(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise BadRequest(f"namespace is a whole number, not “{text[:20]}”")
    return int(text)


def _since() -> date | None:
    text = request.args.get("since", "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as e:
        raise BadRequest(f"since is a day, as in 2026-01-31, not “{text[:20]}”") from e
