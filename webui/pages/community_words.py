"""What is said of a community on a page and in the API: kinds of items, why they are listed, months."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from babel.lists import format_list
from flask_babel import format_date, gettext, lazy_gettext, ngettext

from community.model import AgendaItem, Call
from webui.language import current_language
from webui.pages.display import day, status_name

KIND_NAMES = {
    "question": lazy_gettext("Question"),
    "action": lazy_gettext("Late action"),
    "contradiction": lazy_gettext("Contradiction"),
    "promotion": lazy_gettext("Promotion"),
    "step_back": lazy_gettext("Step back"),
    "unwritten": lazy_gettext("Not written yet"),
    "stale": lazy_gettext("To look through"),
    "newcomer": lazy_gettext("Newcomer"),
    "free": lazy_gettext("Other"),
}
MISSING_NAMES = {
    "experience": lazy_gettext("one more experience"),
    "person": lazy_gettext("one more person"),
    "context": lazy_gettext("another context"),
    "review": lazy_gettext("a review"),
}


def item_kind(kind: str) -> str:
    """Return the word for a kind of item."""
    return str(KIND_NAMES.get(kind, kind))


def item_reason(item: AgendaItem) -> str:
    """Say why an item is on the list."""
    match item.kind:
        case "question":
            return _waiting(item.number)
        case "action":
            return str(ngettext("%(num)d day late", "%(num)d days late", item.number))
        case "contradiction":
            return str(
                ngettext(
                    "Two pages seem to give opposite advice in %(num)d place.",
                    "Two pages seem to give opposite advice in %(num)d places.",
                    item.number or 1,
                )
            )
        case "promotion" if item.missing:
            status, missing = status_name(item.status), missing_names(item.missing)
            return str(
                gettext("Nearly “%(status)s”. Still missing: %(missing)s.", status=status, missing=missing)
            )
        case "promotion":
            return str(
                gettext("Could become “%(status)s”: the evidence is there.", status=status_name(item.status))
            )
        case "step_back":
            unread = f"{_unread(item.number)} " if item.number else ""
            return unread + str(
                gettext("Should it go back to “%(status)s”?", status=status_name(item.status))
                if item.status != "retired"
                else gettext("Should it be retired?")
            )
        case "unwritten":
            return _wanted(item)
        case "stale":
            return _unread(item.number)
        case _:
            return ""


def missing_names(missing: Sequence[str]) -> str:
    """Return what a promotion lacks: “one more experience and another context”."""
    words = [str(MISSING_NAMES.get(each, each)) for each in missing]
    return str(format_list(words, locale=current_language()))


def call_reason(call: Call) -> str:
    """Say why somebody should be called."""
    since = day(call.since) if call.since is not None else ""
    match call.why:
        case "newcomer" if call.number:
            return str(
                ngettext(
                    "First seen on %(date)s, %(num)d edit since.",
                    "First seen on %(date)s, %(num)d edits since.",
                    call.number,
                    date=since,
                )
            )
        case "newcomer":
            return str(gettext("First seen on %(date)s, nothing written yet.", date=since))
        case "quiet":
            return str(gettext("Last seen on %(date)s.", date=since))
        case _:
            return str(
                ngettext(
                    "Asked %(num)d time in the last thirty days, the last time on %(date)s.",
                    "Asked %(num)d times in the last thirty days, the last time on %(date)s.",
                    call.number,
                    date=since,
                )
            )


def month_name(month: date) -> str:
    """Return a month as it is read: “mars 2026”."""
    return str(format_date(month, "LLLL y"))


def month_letter(month: date) -> str:
    """Return the letter that stands for a month below a picture."""
    return str(format_date(month, "LLLLL")).upper()


def _waiting(days: int) -> str:
    if not days:
        return str(gettext("asked today"))
    return str(ngettext("open for %(num)d day", "open for %(num)d days", days))


def _wanted(item: AgendaItem) -> str:
    links = sum(each.kind == "page" for each in item.evidence)
    if item.evidence and item.evidence[0].kind != "search":
        return str(
            ngettext(
                "%(num)d page links to it, and nobody has written it.",
                "%(num)d pages link to it, and nobody has written it.",
                links,
            )
        )
    searched = str(
        ngettext(
            "searched for %(num)d time without a good answer",
            "searched for %(num)d times without a good answer",
            item.number - links,
        )
    )
    if not links:
        return searched
    linked = str(ngettext("%(num)d page links to it", "%(num)d pages link to it", links))
    return f"{searched}, {linked}"


def _unread(months: int) -> str:
    if not months:
        return str(gettext("A reference that nobody has looked through."))
    return str(
        ngettext(
            "Others rely on it; nobody has looked through it for %(num)d month.",
            "Others rely on it; nobody has looked through it for %(num)d months.",
            months,
        )
    )


FILTERS: Final[Mapping[str, Callable[[Any], str]]] = {
    "call_reason": call_reason,
    "item_kind": item_kind,
    "item_reason": item_reason,
    "missing_names": missing_names,
    "month_letter": month_letter,
    "month_name": month_name,
}
"""Filters of the templates."""
