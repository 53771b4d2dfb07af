"""Drafts: read each statement beside the lines it comes from, correct it, publish it under one's own name."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from webui.current import current_services
from webui.pages.display import DRAFT_STATE_NAMES


def add_to(blueprint: Blueprint) -> None:
    """Register these pages."""
    blueprint.add_url_rule("/drafts", "drafts", drafts)
    blueprint.add_url_rule("/drafts/<int:draft_id>", "draft", draft, methods=["GET", "POST"])


def drafts() -> str:
    """List the drafts by state, those to review first."""
    store = current_services().store.drafts
    return render_template(
        "drafts.html", groups=[(state, store.list(state=state)) for state in DRAFT_STATE_NAMES]
    )


def draft(draft_id: int) -> str:
    """Show."""
    return ""
