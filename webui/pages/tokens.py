"""The tokens that a person gives their programs."""

from datetime import UTC, datetime, timedelta
from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from capture.lines import visible
from connector.errors import NotAllowedError
from connector.store import Account
from connector.store.access_tokens import LONGEST_LABEL
from webui.current import current_services
from webui.errors import Trouble, trouble_of
from webui.rights.readers import check_role
from webui.rights.roles import Role

LIFETIMES: Final = (30, 90, 365, None)
"""In days; None: until it is taken back."""
_NO_LABEL = Trouble(
    status=400,
    heading=lazy_gettext("Say what the token is for"),
    advice=lazy_gettext("So that you know later which one to take back."),
)

Answer = str | tuple[str, int]


def add_to(blueprint: Blueprint) -> None:
    """Register these pages."""
    blueprint.add_url_rule("/me/tokens", "tokens", show)
    blueprint.add_url_rule("/me/tokens", "make_token", make, methods=["POST"])
    blueprint.add_url_rule(
        "/me/tokens/<int(max=2147483647):token_id>/revoke", "revoke_token", revoke, methods=["POST"]
    )


def show() -> Answer:
    """List who asks' tokens."""
    return _page(_account())


def make() -> Answer:
    """Make a token, and show it this once."""
    account = _account()
    label = visible(request.form.get("label", "")).strip()[:LONGEST_LABEL]
    chosen = request.form.get("days", "")
    if chosen not in {str(days or "never") for days in LIFETIMES}:
        raise BadRequest("a token lasts 30, 90 or 365 days, or never ends")
    if not label:
        return _page(account, trouble=_NO_LABEL)
    now = datetime.now(UTC)
    expires_at = None if chosen == "never" else now + timedelta(days=int(chosen))
    try:
        token = current_services().store.access_tokens.make(
            account.id, label=label, now=now, expires_at=expires_at
        )
    except NotAllowedError as e:
        return _page(account, trouble=trouble_of(e), detail=str(e))
    return _page(account, made=token)


def revoke(token_id: int) -> Response:
    """Take a token back."""
    account = _account()
    if current_services().store.access_tokens.revoke(account.id, token_id):
        flash(gettext("The token is revoked: programs that have it can no longer ask."))
    return redirect(url_for("pages.tokens"), 303)


def _page(
    account: Account, *, made: str = "", trouble: Trouble | None = None, detail: str = ""
) -> tuple[str, int]:
    page = render_template(
        "tokens.html",
        account=account,
        tokens=current_services().store.access_tokens.of_account(account.id),
        made=made,
        lifetimes=LIFETIMES,
        now=datetime.now(UTC),
        trouble=trouble,
        detail=detail,
    )
    return page, 200 if trouble is None else trouble.status


def _account() -> Account:
    account = check_role(Role.MEMBER).account
    if account is None:  # nobody signs in here, or the service asks itself
        raise NotAllowedError("there is no account whose tokens these could be")
    return account
