"""Health: is our copy of the wiki complete, proven and in step?"""

from flask import Blueprint, render_template

from webui.current import current_services
from webui.errors import trouble_of
from webui.monitoring.health import read_health, why_not_ready
from webui.rights.readers import current_reader
from webui.rights.roles import Role

_SHOWN_ERASURES = 5


def add_to(blueprint: Blueprint) -> None:
    """Register this page."""
    blueprint.add_url_rule("/health", "health", health)


def health() -> str:
    """Show the state of the mirror, of the index and of the drafts, in numbers, to administrators.

    Others are told whether questions can be answered, which is nothing of the wiki.
    """
    services = current_services()
    if current_reader().role < Role.ADMINISTRATOR:
        return render_template("readiness.html", is_ready=why_not_ready(services) is None)
    state = read_health(services)
    site = services.site()
    background = state.background
    failed = background.last_error if background is not None else None
    return render_template(
        "health.html",
        health=state,
        source=None if site is None or site.private else services.store.site.source(),
        drafts=services.store.drafts.counts(),
        erasures=state.erasures[:_SHOWN_ERASURES],
        trouble=trouble_of(state.index_error) if state.index_error is not None else None,
        detail=str(state.index_error or ""),
        failed=failed,
        failure=trouble_of(failed.error) if failed is not None else None,
    )
