"""The coordinator's page: five questions about the community, answered with figures that have their proof."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from community.activity import FOUNDING
from community.next_meeting import LESS, POINTS
from community.overview import MONTHS, Overview
from connector.model import Site
from webui.community_acts import CALL_REASONS, called
from webui.current import current_services
from webui.pages import community_words
from webui.pages.display import number, percent
from webui.pages.evidence_links import diff_url, evidence_url, history_url, item_url, person_url
from webui.pages.parameters import choice, number_in_form
from webui.pictures.concentration import concentration
from webui.pictures.level_bars import LevelBars, level_bars
from webui.pictures.month_bars import month_bars
from webui.rights.readers import current_reader, require
from webui.rights.roles import Role

SPANS = (str(MONTHS), "3", "6", "24", "36")
"""Months of the load that can be asked for; the first is what is shown unasked."""
FIRST_ITEMS = 8
FIRST_PEOPLE = 5
FIRST_TOPICS = 6
"""What is shown of a list at once; the rest is one click away."""
# Who asks for more days than these asks for a year that the calendar does not have.
_OLDEST = date(2000, 1, 1)


def add_to(blueprint: Blueprint) -> None:
    """Register these pages."""
    blueprint.add_url_rule("/community", "community", community)
    blueprint.add_url_rule("/community/changes", "community_changes", changes)
    blueprint.add_url_rule("/community/calls", "look_after", look_after, methods=["POST"])
    for name, words in community_words.FILTERS.items():
        blueprint.add_app_template_filter(words, name)


@require(Role.COORDINATOR)
def community() -> str:
    """Answer the five questions; `?months=` says how far the load goes back, `?since=` what counts as new."""
    services = current_services()
    reader = current_reader()
    since = day_in("since")
    now = datetime.now(UTC)
    if since is not None and since > now.date():
        raise BadRequest("since is a day that has not come yet")
    overview = services.overviews.of(
        now=now,
        readable=reader.readable,
        since=since,
        months=int(choice("months", SPANS)),
        user_id=reader.account.wiki_user_id if reader.account is not None else None,
        with_contradictions=services.looking_behind.is_done(),
    )
    return render_template(
        "community.html",
        **links(services.site()),
        overview=overview,
        settings=services.community_settings,
        founding_days=FOUNDING.days,
        points={name: number(each) for name, each in POINTS.items()} | {"less": percent(LESS)},
        calls={why: list(same) for why, same in groupby(overview.calls, key=lambda call: call.why)},
        contributions=month_bars(
            [(month, edits) for month, edits, _ in overview.load.by_month], today=now.date()
        ),
        people=month_bars(
            [(month, people) for month, _, people in overview.load.by_month], today=now.date(), height=120
        ),
        concentration=concentration(overview.load.shares),
        depth=depth(overview),
        spans=sorted(SPANS, key=int),
        first_items=FIRST_ITEMS,
        first_people=FIRST_PEOPLE,
        first_topics=FIRST_TOPICS,
        next_month=next_month,
        again=url_for("pages.community", months=request.args.get("months"), since=request.args.get("since")),
    )


@require(Role.COORDINATOR)
def changes() -> str:
    """List the pages that people edited from one day (`?since=`) until before another one (`?until=`)."""
    services = current_services()
    now = datetime.now(UTC)
    until = day_in("until") or now.date() + timedelta(days=1)
    since = day_in("since") or until - timedelta(days=31)
    if since >= until:
        raise BadRequest("until must be later than since")
    pages = services.overviews.moved.changed_pages(
        _midnight(since), min(_midnight(until), now), readable=current_reader().readable
    )
    return render_template(
        "community_changes.html",
        **links(services.site()),
        pages=pages,
        since=since,
        last=until - timedelta(days=1),
        edits=sum(page.edits for page in pages),
    )


@require(Role.COORDINATOR)
def look_after() -> Response:
    """Keep that somebody who was to be called has been: a newcomer, or who has gone quiet."""
    why = next((each for each in CALL_REASONS if each == request.form.get("why")), None)
    if why is None:
        raise BadRequest("why must be newcomer or quiet")
    if called(why, number_in_form("person")):
        flash(gettext("Kept: nobody needs to call them any more."))
    else:
        flash(gettext("This can no longer be: look at the list again."))
    return redirect(url_for("pages.community", _anchor="calls"), 303)


def day_in(name: str) -> date | None:
    """Return the day asked for by `?name=`, as `YYYY-MM-DD`; None without one.

    Raises:
        BadRequest: it is none, or none of this age.
    """
    text = request.args.get(name, "").strip()
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if not _OLDEST <= day < date(2100, 1, 1):
        raise BadRequest(f"{name} is a day as YYYY-MM-DD, not “{text[:20]}”")
    return day


def depth(overview: Overview) -> LevelBars:
    """Return the picture of how many topics rest on how few people who are still here."""
    factors = [topic.absence_factor_now for topic in overview.topics]
    return level_bars(
        [
            (gettext("already nobody"), factors.count(0), True),
            (gettext("one person"), factors.count(1), True),
            (gettext("two people"), factors.count(2), False),
            (gettext("three or more"), sum(factor > 2 for factor in factors), False),
        ]
    )


def links(site: Site | None) -> dict[str, object]:
    """Return what the templates of the community make their links with."""
    return {
        "diff_url": lambda revid: diff_url(revid, site),
        "evidence_url": lambda evidence: evidence_url(evidence, site),
        "history_url": lambda title: history_url(title, site),
        "item_url": lambda item: item_url(item, site),
        "person_url": lambda person: person_url(person, site),
    }


def next_month(month: date) -> date:
    """Return the first day of the next month."""
    return (month.replace(day=1) + timedelta(days=31)).replace(day=1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
