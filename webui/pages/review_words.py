"""What happens to notes and drafts, in the visitor's words: states of jobs, events, remarks, reasons."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from itertools import groupby

from flask import Blueprint
from flask_babel import LazyString, format_timedelta, gettext, lazy_gettext, ngettext

from capture.draft import Remark
from capture.page_edits import DiffLine
from connector.store import CaptureJobRecord
from connector.store.drafts import DraftEvent
from webui.pages.actor import NAMELESS
from webui.pages.display import FIELD_NAMES, number

JOB_STATES = {
    "waiting": lazy_gettext("These notes wait for their turn"),
    "running": lazy_gettext("These notes are being read"),
    "done": lazy_gettext("These notes have been read"),
    "failed": lazy_gettext("These notes could not be read"),
}
REASONS = {
    "name": lazy_gettext("a name that is not in these lines"),
    "number": lazy_gettext("a number that is not in these lines"),
    "date": lazy_gettext("a date that is not in these lines"),
    "negation": lazy_gettext("these lines say the opposite"),
    "meaning": lazy_gettext("these lines say something else"),
    "no lines": lazy_gettext("no line says so"),
}
FOLLOW_UP_STATES = {
    "open": lazy_gettext("open"),
    "done": lazy_gettext("done"),
    "dropped": lazy_gettext("given up"),
}
_EVENTS = {
    "captured": lazy_gettext("made from the notes"),
    "taken": lazy_gettext("taken to review"),
    "released": lazy_gettext("given back"),
    "edited": lazy_gettext("changed"),
    "publishing": lazy_gettext("sent to the wiki"),
    "abandoned": lazy_gettext("not saved by the wiki"),
    "published": lazy_gettext("published"),
    "dropped": lazy_gettext("dropped"),
}
_PARTS = {
    "title": lazy_gettext("title"),
    "language": lazy_gettext("language"),
    "people": lazy_gettext("people"),
    "categories": lazy_gettext("categories"),
    "merge_into": lazy_gettext("where it goes"),
}
_FAILURES = {
    "EditConflict": lazy_gettext("the page was there, or changed, already"),
    "EditRefused": lazy_gettext("the wiki refused the page"),
    "WikiLogin": lazy_gettext("the wiki refused the account"),
    "no answer": lazy_gettext("the wiki did not answer"),
    "not in the wiki": lazy_gettext("it is not in the wiki"),
}
_PART_OF_DETAIL = re.compile(r"(?P<part>\w+)(?: \d+)?(?: \((?P<moves>[^)]*)\))?")


def add_to(blueprint: Blueprint) -> None:
    """Give these to the templates."""
    blueprint.add_app_template_filter(actor_name)
    blueprint.add_app_template_filter(event_detail)
    blueprint.add_app_template_filter(event_name)
    blueprint.add_app_template_filter(follow_up_state)
    blueprint.add_app_template_filter(job_progress)
    blueprint.add_app_template_filter(job_state)
    blueprint.add_app_template_filter(lateness)
    blueprint.add_app_template_filter(reason_name)
    blueprint.add_app_template_filter(remark_text)
    blueprint.add_app_template_filter(with_marks)


def actor_name(actor: str) -> LazyString | str:
    """Return a person's name, or what stands for one who gave none."""
    return lazy_gettext("someone") if actor in ("", NAMELESS) else actor


def job_state(state: str) -> LazyString | str:
    """Say how the reading of notes stands."""
    return JOB_STATES.get(state, state)


def job_progress(job: CaptureJobRecord) -> str:
    """Say how far the reading of notes is; nothing while nobody knows."""
    if not job.total:
        return ""
    counts = {"done": number(job.done), "total": number(job.total)}
    if job.label == "lines":
        return str(gettext("%(done)s of %(total)s lines read", **counts))
    if job.label == "drafts":
        return str(gettext("%(done)s of %(total)s drafts compared with the wiki", **counts))
    return str(gettext("%(done)s of %(total)s parts read", **counts))


def reason_name(reason: str) -> LazyString | str:
    """Say why the notes do not support a statement."""
    return REASONS.get(reason, reason)


def remark_text(remark: Remark) -> str:
    """Say what the reader of a capture has to know."""
    if remark.code == "fallback":
        return str(gettext("The language model could not read this part; the rules read it instead."))
    if remark.code == "truncated":
        return str(gettext("Not all of the notes was read."))
    if remark.detail.isascii() and remark.detail.isdigit():
        return str(
            ngettext(
                "%(num)d statement was left out: its lines do not say it.",
                "%(num)d statements were left out: their lines do not say them.",
                int(remark.detail),
            )
        )
    return str(gettext("Statements were left out: their lines do not say them."))


def follow_up_state(state: str) -> LazyString | str:
    """Return the word for the state of an action or a question."""
    return FOLLOW_UP_STATES.get(state, state)


def event_name(event: DraftEvent) -> LazyString | str:
    """Say what was done to a draft."""
    return _EVENTS.get(event.action, event.action)


def event_detail(event: DraftEvent) -> str:
    """Say more about what was done to a draft, where that tells a reader something."""
    if event.action == "edited":
        return ", ".join(_changed_part(part) for part in event.detail.split(", ") if part)
    if event.action == "taken" and event.detail.startswith("from "):
        return str(gettext("from %(name)s", name=actor_name(event.detail.removeprefix("from "))))
    if event.action == "abandoned":
        return str(_FAILURES.get(event.detail, event.detail))
    return event.detail if event.action == "publishing" else ""


def _changed_part(part: str) -> str:
    found = _PART_OF_DETAIL.fullmatch(part)
    if found is None:
        return part
    name = str(_PARTS.get(found["part"]) or FIELD_NAMES.get(found["part"]) or found["part"])
    return f"{name.lower()} ({found['moves']})" if found["moves"] else name.lower()


def lateness(due: date) -> str:
    """Say by how long a date is past; nothing when it is not."""
    today = datetime.now(UTC).date()
    if due >= today:
        return ""
    return str(gettext("late by %(time)s", time=format_timedelta(today - due, granularity="day")))


def with_marks(diff: Sequence[DiffLine]) -> list[tuple[DiffLine, tuple[tuple[int, int], ...]]]:
    """Return the lines of a diff, each with the characters that are new in it where the rest was there.

    Nothing is marked in a line that is new as a whole.
    """
    found: list[tuple[DiffLine, tuple[tuple[int, int], ...]]] = []
    for kind, run in groupby(diff, key=lambda line: line.kind):
        lines = list(run)
        removed = [line for line, _ in found[-len(lines) :] if line.kind == "removed"]
        if kind == "added" and len(removed) == len(lines):
            found += [
                (new, _new_characters(old.text, new.text)) for old, new in zip(removed, lines, strict=True)
            ]
        else:
            found += [(line, ()) for line in lines]
    return found


def _new_characters(old: str, new: str) -> tuple[tuple[int, int], ...]:
    shorter = min(len(old), len(new))
    head = next((i for i in range(shorter) if old[i] != new[i]), shorter)
    tail = next((i for i in range(shorter - head) if old[-1 - i] != new[-1 - i]), shorter - head)
    return ((head, len(new) - tail),) if head or tail else ()
