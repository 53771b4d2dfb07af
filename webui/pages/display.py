"""How values are shown on a page: dates, languages, statuses, marked passages, in the visitor's language."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote, urlencode

from babel.lists import format_list
from flask import Flask, request, url_for
from flask_babel import (
    LazyString,
    format_date,
    format_datetime,
    format_decimal,
    format_percent,
    format_timedelta,
    gettext,
    lazy_gettext,
)

from connector.errors import SignInWantedError
from connector.model import Site
from webui.current import current_services
from webui.language import LANGUAGES, current_language, language_name
from webui.rights.readers import current_reader
from webui.rights.roles import Role
from webui.sign_in.modes import SignInMode, sign_in_mode

STATUS_NAMES = {
    "emerging": lazy_gettext("emerging"),
    "tested": lazy_gettext("tested"),
    "adopted": lazy_gettext("adopted"),
    "reference": lazy_gettext("reference"),
    "retired": lazy_gettext("retired"),
}
FIELD_NAMES = {
    "context": lazy_gettext("Context"),
    "problem": lazy_gettext("Problem"),
    "solution": lazy_gettext("Solution"),
    "steps": lazy_gettext("Steps"),
    "tools": lazy_gettext("Tools"),
    "results": lazy_gettext("Results"),
    "cautions": lazy_gettext("Cautions"),
}
DRAFT_STATE_NAMES = {
    "draft": lazy_gettext("to review"),
    "review": lazy_gettext("in review"),
    "published": lazy_gettext("published"),
    "dropped": lazy_gettext("dropped"),
}
MATCHED_NAMES = {
    ("words",): lazy_gettext("found by its words"),
    ("meaning",): lazy_gettext("found by its meaning"),
    ("words", "meaning"): lazy_gettext("found by words and meaning"),
}
FALLBACK_REASONS = {
    "unavailable": lazy_gettext("The language model does not answer at the moment."),
    "refused": lazy_gettext("The language model does not let us in; the administrator can see why."),
    "unreadable": lazy_gettext("What the language model answered cannot be read."),
    "unsupported": lazy_gettext("No page supports what the language model wrote."),
    "no answer": lazy_gettext("The language model found no answer in these pages."),
}

VERY_LIKELY = 0.8
LIKELY = 0.6
"""The score from which "Add a link" shows its suggestions (see Extension:GrowthExperiments)."""


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of a passage that is either marked as matching the question or not."""

    text: str
    marked: bool


def runs(text: str, marks: Sequence[tuple[int, int]]) -> list[Run]:
    """Cut a passage where its marks begin and end.

    Args:
        text: The passage, as plain text.
        marks: Ranges of characters of `text` (start included, end excluded), in any order; they may overlap
            and reach past the ends.
    """
    marked = bytearray(len(text))
    for start, end in marks:
        first, last = max(start, 0), min(end, len(text))
        marked[first:last] = b"\x01" * max(last - first, 0)
    cuts = [0, *(i for i in range(1, len(text)) if marked[i] != marked[i - 1]), len(text)]
    return [Run(text[start:end], bool(marked[start])) for start, end in pairwise(cuts) if end > start]


def day(moment: date) -> str:
    """Return a date as it is read: “3 mars 2026”, “March 3, 2026”."""
    return _with_ordinal(format_date(moment, "long"))


def moment(value: datetime) -> str:
    """Return a date and time, in UTC, as it is read."""
    return _with_ordinal(f"{format_datetime(value, 'd MMMM y HH:mm')} UTC")


def _with_ordinal(text: str) -> str:
    """Write the first day of a month as French does, which the CLDR's patterns cannot: “1er mars”."""
    return f"1er{text[1:]}" if current_language() == "fr" and text.startswith("1 ") else text


def ago(value: datetime) -> str:
    """Return how long ago something was: “il y a 3 minutes”."""
    # Clocks differ: what just happened is never in the future.
    elapsed = min(value - datetime.now(UTC), timedelta(seconds=-1))
    return str(format_timedelta(elapsed, add_direction=True))


def duration(seconds: float) -> str:
    """Return how long something took: “12 secondes”, “3 hours”."""
    return str(format_timedelta(timedelta(seconds=max(round(seconds), 1))))


def number(value: float) -> str:
    """Return a number as it is written in the language of the page: “1 234”, “1,234”."""
    return str(format_decimal(value))


def percent(score: float) -> str:
    """Return a score from 0 to 1 as a percentage."""
    return str(format_percent(score))


def status_name(status: str) -> LazyString | str:
    """Return the word for a practice's status."""
    return STATUS_NAMES.get(status, status)


def field_name(field: str) -> LazyString | str:
    """Return the heading of a field of a practice."""
    return FIELD_NAMES.get(field, field)


def draft_state_name(state: str) -> LazyString | str:
    """Return the word for a draft's state."""
    return DRAFT_STATE_NAMES.get(state, state)


def likelihood(score: float) -> str:
    """Say a score from 0 to 1 in words."""
    if score >= VERY_LIKELY:
        return str(gettext("very likely"))
    return str(gettext("likely") if score >= LIKELY else gettext("possible"))


def same_line_before(context: str) -> str:
    """Return what stands before a suggested link on its own line, with an ellipsis where the line goes on."""
    start = context.rfind("\n")
    return context[start + 1 :] if start >= 0 or not context else f"…{context}"


def same_line_after(context: str) -> str:
    """Return what stands after a suggested link on its own line, with an ellipsis where the line goes on."""
    end = context.find("\n")
    return context[:end] if end >= 0 or not context else f"{context}…"


def line_spans(lines: Sequence[int]) -> str:
    """Return line numbers as people write them: “4, 7–9”."""
    spans: list[list[int]] = []
    for line in sorted(set(lines)):
        if spans and line == spans[-1][1] + 1:
            spans[-1][1] = line
        else:
            spans.append([line, line])
    return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in spans)


def lines_label(lines: Sequence[int]) -> str:
    """Name lines of the notes: “line 4”, “lines 4, 7–9”."""
    if len(set(lines)) > 1:
        return str(gettext("lines %(lines)s", lines=line_spans(lines)))
    return str(gettext("line %(line)s", line=line_spans(lines)))


def quoted_list(words: Sequence[str]) -> str:
    """Return words in quotation marks, as alternatives: “compost” or “composteur”."""
    quoted = [str(gettext("“%(word)s”", word=word)) for word in words]
    return str(format_list(quoted, style="or", locale=current_language()))


def language_names(codes: Sequence[str]) -> str:
    """Return the names of languages: “français et anglais”."""
    return str(format_list([language_name(code) for code in codes], locale=current_language()))


def matched_name(matched: Sequence[str]) -> LazyString | str:
    """Say what brought a page among the hits."""
    return MATCHED_NAMES.get(tuple(matched), "")


def fallback_reason(fallback: str) -> LazyString | str:
    """Say why an answer is not written although a language model is configured."""
    return FALLBACK_REASONS.get(fallback, "")


def in_language(language: str) -> str:
    """Return the address of this same page in another language."""
    query = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    # A browser takes "/\elsewhere" for "//elsewhere", another host.
    path = quote(request.path) if request.method == "GET" else url_for("pages.search")
    return f"{path}?{urlencode([*query, ('lang', language)])}"


@cache
def _fingerprint(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]


def init_app(app: Flask) -> None:
    """Give these to the templates."""

    def asset(filename: str) -> str:
        # The address changes with the content, so that a new version is never hidden by a cached old one.
        path = Path(app.static_folder or "") / filename
        return url_for("static", filename=filename, v=_fingerprint(path))

    def layout() -> dict[str, object]:
        return {"language": current_language(), "languages": LANGUAGES, "site": known_site()}

    def known_site() -> Site | None:
        """Return the wiki, for those to whom it may be named."""
        services = current_services()
        site = services.store.site.get()
        if site is None or not site.private or sign_in_mode(services.config) is SignInMode.OFF:
            return site
        try:
            return site if current_reader().role > Role.VISITOR else None
        except SignInWantedError:
            return None

    app.jinja_env.filters.update(
        ago=ago,
        day=day,
        draft_state_name=draft_state_name,
        duration=duration,
        fallback_reason=fallback_reason,
        field_name=field_name,
        language_name=language_name,
        language_names=language_names,
        likelihood=likelihood,
        lines_label=lines_label,
        matched_name=matched_name,
        moment=moment,
        number=number,
        percent=percent,
        quoted_list=quoted_list,
        runs=runs,
        same_line_after=same_line_after,
        same_line_before=same_line_before,
        status_name=status_name,
    )
    app.jinja_env.globals.update(asset=asset, in_language=in_language)
    app.context_processor(layout)
