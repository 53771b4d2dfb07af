"""Signing in with a bot password, signing out here and elsewhere, taking a kept password back."""

from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from connector.errors import SignInWantedError, WikiLoginError, WikiUnavailableError
from connector.store import Account
from webui.current import current_services
from webui.errors import TROUBLES, Trouble
from webui.pages.sign_in_page import BLOCKED, sign_in_page
from webui.rights.readers import current_reader
from webui.sign_in import sessions as sign_in_sessions
from webui.sign_in.gate import NEXT, own_path
from webui.sign_in.modes import SignInMode, sign_in_mode
from webui.sign_in.passwords import read_bot_password, user_of

NO_BOT_PASSWORD = Trouble(
    status=400,
    heading=lazy_gettext("Give an account and a bot password"),
    advice=lazy_gettext(
        "A bot password goes with an account written Name@app. Never give your own password here."
    ),
)

Answer = Response | tuple[str, int]


def add_to(blueprint: Blueprint) -> None:
    """Register these pages."""
    blueprint.add_url_rule("/sign-in", "sign_in", show)
    blueprint.add_url_rule("/sign-in", "sign_in_with_password", sign_in, methods=["POST"])
    blueprint.add_url_rule("/sign-in/forget", "forget_password", forget_password, methods=["POST"])
    blueprint.add_url_rule("/sign-out", "sign_out", sign_out, methods=["POST"])


def show() -> Answer:
    """Show how one signs in; who is signed in sees where."""
    if sign_in_mode(current_services().config) is SignInMode.OFF:
        raise NotFound("nobody signs in here")
    return sign_in_page(next_path=own_path(request.args.get(NEXT)))


def sign_in() -> Answer:
    """Sign in who shows a bot password that the wiki takes."""
    services = current_services()
    if sign_in_mode(services.config) is not SignInMode.BOT_PASSWORD:
        raise NotFound("nobody signs in here with a bot password")
    next_path = own_path(request.form.get(NEXT))
    name = request.form.get("account", "").strip()[:255]
    given = read_bot_password(name, request.form.get("password", ""))
    if given is None:
        return sign_in_page(NO_BOT_PASSWORD, next_path=next_path, name=name)
    try:
        user = user_of(given, services.connect)
    except (WikiLoginError, WikiUnavailableError) as e:
        # Whoever tries must not learn from the refusal where a private wiki is.
        detail = str(e) if services.readers.anybody_reads else ""
        return sign_in_page(TROUBLES[type(e)], detail=detail, next_path=next_path, name=name)
    if user.blocked:
        return sign_in_page(BLOCKED, next_path=next_path, name=name)
    account = services.wiki_accounts.note(user)
    services.own_wikis.take_back(account.id)
    if request.form.get("keep"):
        services.credentials.keep(account.id, given)
    elif services.asks_each_person and services.readers.reader_of(account).readable.restricted:
        services.own_wikis.lend(account.id, given)
    services.rights.forget(account.id)
    sign_in_sessions.begin(services.store, services.config, account, now=datetime.now(UTC))
    return redirect(next_path, 303)


def forget_password() -> Response:
    """Forget the bot password, or what the wiki granted, that is kept of who asks."""
    account = _signed_in()
    current_services().own_wikis.forget(account.id)
    flash(gettext("It is no longer kept here. You can delete the bot password in the wiki too."))
    return redirect(url_for("pages.sign_in"), 303)


def sign_out() -> Response:
    """Sign out in this browser, in another one, or everywhere."""
    store = current_services().store
    account = current_reader().account
    other = request.form.get("browser")
    if other or request.form.get("everywhere"):
        if account is None:
            raise SignInWantedError("sign in first")
        if other:
            store.sign_ins.end_one(account.id, other)
            flash(gettext("That browser is signed out."))
            return redirect(url_for("pages.sign_in"), 303)
        store.sign_ins.end_all(account.id)
        # Whoever says so may fear for their account: nothing goes on acting in their name.
        current_services().own_wikis.forget(account.id)
    sign_in_sessions.leave(store)
    if account is not None and not store.sign_ins.of_account(account.id, now=datetime.now(UTC)):
        current_services().own_wikis.take_back(account.id)
    flash(gettext("You are signed out."))
    return redirect(url_for("pages.sign_in"), 303)


def _signed_in() -> Account:
    account = current_reader().account
    if account is None:
        raise SignInWantedError("sign in first")
    return account
