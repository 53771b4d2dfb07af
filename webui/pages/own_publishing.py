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
    """Lend the wiki under the account of who sends this form, to write one thing.

    It is the account in the form, with its bot password; without one it is what the person granted in the
    wiki, or the bot password that they let us keep.

    Raises:
        CredentialsWantedError: the form has no account with a bot password, and there is nothing else.
        GrantEndedError: the wiki no longer takes what was granted or kept: the person signs in again.
    """
    services = current_services()
    given = request.form.get("account", "").strip(), request.form.get("password", "").strip()
    if any(given):
        credential = read_bot_password(*given)
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
