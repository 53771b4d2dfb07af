"""Newcomers: the path that they begin with, and who shows whom around."""

from datetime import UTC, datetime, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from community.activity import FOUNDING
from connector.errors import NotKeptError
from webui.community_acts import arrivals, assign_contact, called, end_welcome
from webui.community_list import check_list
from webui.current import current_services
from webui.language import current_language
from webui.pages.evidence_links import evidence_url, person_url
from webui.pages.parameters import number_in_form
from webui.practices import practice_url
from webui.rights.readers import current_reader, require
from webui.rights.roles import Role


def add_to(blueprint: Blueprint) -> None:
    """Register these pages."""
    blueprint.add_url_rule("/welcome", "welcome", welcome)
    blueprint.add_url_rule("/community/newcomers", "community_newcomers", newcomers)
    blueprint.add_url_rule("/community/newcomers", "assign_contact", assign, methods=["POST"])


def welcome() -> str:
    """Show who asks what to read first, whom to ask, and a first small thing to do."""
    check_list()  # on a private wiki the visitor signs in first
    services = current_services()
    reader = current_reader()
    account = reader.account
    site = services.site()
    path = services.newcomer_paths.path(
        language=current_language(),
        now=datetime.now(UTC),
        name=reader.name,
        user_id=account.wiki_user_id if account is not None else None,
        readable=reader.readable,
    )
    pages = services.store.pages.get_many([page.pageid for page in path.pages])
    return render_template(
        "welcome.html",
        path=path,
        addresses={pageid: practice_url(page, site=site) for pageid, page in pages.items() if site},
        shown_around=services.newcomer_paths.shown_around_by(account.name, account.wiki_user_id)
        if account is not None
        else [],
        person_url=lambda person: person_url(person, site),
        can_edit=services.can_publish,
    )


@require(Role.COORDINATOR)
def newcomers() -> str:
    """List the newcomers, with who shows each around, or could."""
    services = current_services()
    site = services.site()
    now, known = datetime.now(UTC), arrivals()
    began = services.activity.began(now=now)
    days = services.community_settings.newcomer_days
    return render_template(
        "newcomers.html",
        newcomers=known.newcomers,
        contacts=known.contacts,
        shows_around=known.shows_around,
        settings=services.community_settings,
        founding_days=FOUNDING.days,
        young=began is not None and now - began <= timedelta(days=days),
        evidence_url=lambda evidence: evidence_url(evidence, site),
        person_url=lambda person: person_url(person, site),
    )


@require(Role.COORDINATOR)
def assign() -> Response:
    """Say who shows a newcomer around, that they no longer need anybody, or that somebody called them."""
    newcomer, action = number_in_form("newcomer"), request.form.get("action", "")
    if action == "assign":
        try:
            new, contact = assign_contact(newcomer, number_in_form("contact"))
        except NotKeptError:
            flash(gettext("This can no longer be: look at the list again."))
        except ValueError as e:
            raise BadRequest("nobody shows themselves around") from e
        else:
            flash(gettext("%(contact)s shows %(name)s around.", contact=contact.name, name=new.person.name))
    elif action == "end":
        ended = end_welcome(newcomer)
        flash(gettext("Ended.") if ended else gettext("Somebody has done that already."))
    elif action == "called":
        if called("newcomer", newcomer):
            flash(gettext("Kept: nobody needs to call them any more."))
        else:
            flash(gettext("This can no longer be: look at the list again."))
    else:
        raise BadRequest(f"there is no action {action[:20]}")
    return redirect(url_for("pages.community_newcomers"), 303)
