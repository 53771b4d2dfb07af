"""Writing in the wiki as oneself: the account of who sends a form, for this one use, or what they granted."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Blueprint, request
from flask_babel import lazy_gettext

from connector.errors import CompagnonError, GrantEndedError, WikiLoginError, WikiUnavailableError
from connector.wiki import MediaWiki
from webui.current import current_services
from webui.errors import Trouble
from webui.rights.readers import current_reader
from webui.sign_in.passwords import read_bot_password

CREDENTIALS_WANTED = Trouble(
    status=400,
    heading=lazy_gettext("Give an account and a bot password"),
    advice=lazy_gettext(
        "A bot password goes with an account written Name@app. Never give your own password here."
    ),
)


class CredentialsWantedError(CompagnonError):
    """What was given is no account with a bot password."""


def add_to(blueprint: Blueprint) -> None:
    """Let every page say under which name something is published."""
    blueprint.context_processor(lambda: {"publishes_as": publishes_as})


def publishes_as() -> str:
    """Return the name under which who asks publishes without giving a bot password; empty when they must."""
    account = current_reader().account
    if account is None or not account.has_credential:
        return ""
    try:
        can_act = current_services().own_wikis.can_act(account.id)
    except WikiUnavailableError:
        can_act = True  # it is the wiki that has to be waited for
    return account.name if can_act else ""


@contextmanager
def own_wiki() -> Iterator[MediaWiki]:
    """Lend the wiki under the account of who sends this form; all else as `own_wiki_with`."""
    with own_wiki_with(request.form.get("account", ""), request.form.get("password", "")) as wiki:
        yield wiki


@contextmanager
def own_wiki_with(account_name: str, password: str) -> Iterator[MediaWiki]:
    """Lend the wiki under the account of who asks, to write one thing.

    It is the account that is given, with its bot password; without one it is what the person granted in the
    wiki, or the bot password that they let us keep.

    Args:
        account_name: empty where nothing is given.
        password: of the account.

    Raises:
        CredentialsWantedError: what is given is no account with a bot password, or there is nothing at all.
        GrantEndedError: the wiki no longer takes what was granted or kept: the person signs in again.
    """
    services = current_services()
    if account_name.strip() or password.strip():
        credential = read_bot_password(account_name, password)
        if credential is None:
            raise CredentialsWantedError("")
        yield services.connect(user=credential.user, password=credential.password)
        return
    account, own_wikis = current_reader().account, services.own_wikis
    if account is None or not account.has_credential:
        raise CredentialsWantedError("")
    wiki = own_wikis.of(account.id)
    if wiki is None:
        raise GrantEndedError("what you granted has ended", user=account.name)
    try:
        yield wiki
    except WikiLoginError as e:
        if own_wikis.is_refused(account.id):
            raise GrantEndedError(str(e), user=account.name) from e
        raise
