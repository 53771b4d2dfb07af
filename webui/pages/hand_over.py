"""The hand-over for the next coordinator: a page to print, and the same as Markdown."""

from datetime import UTC, datetime

from babel.dates import get_day_names
from flask import Blueprint, Response, render_template
from flask_babel import get_locale

from community.agenda_text import markdown
from community.handover import HandOver
from webui.current import current_services
from webui.pages.evidence_links import evidence_url, person_url
from webui.rights.readers import current_reader, require
from webui.rights.roles import Role


def add_to(blueprint: Blueprint) -> None:
    """Register these pages."""
    blueprint.add_url_rule("/community/hand-over", "hand_over", page)
    blueprint.add_url_rule("/community/hand-over.md", "hand_over_file", file)


@require(Role.COORDINATOR)
def page() -> str:
    """Show who, what is open, what is at risk, rites and dates: to be read, or printed."""
    site = current_services().site()
    return render_template(
        "hand_over.html",
        **_told(),
        evidence_url=lambda evidence: evidence_url(evidence, site),
        person_url=lambda person: person_url(person, site),
    )


@require(Role.COORDINATOR)
def file() -> Response:
    """Give the same as a file."""
    text = render_template("hand_over.md", **_told(), md=markdown)
    answer = Response(text, mimetype="text/markdown")
    answer.headers["Content-Disposition"] = 'attachment; filename="hand-over.md"'
    return answer


def _told() -> dict[str, object]:
    services = current_services()
    made: HandOver = services.hand_overs.make(now=datetime.now(UTC), readable=current_reader().readable)
    weekday = made.rhythm.weekday
    return {
        "told": made,
        "weekday": get_day_names(locale=get_locale())[weekday] if weekday is not None else "",
        "home": services.config.optional_text("web.public_url") or "",
    }
