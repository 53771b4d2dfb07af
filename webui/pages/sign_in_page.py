"""The page where people sign in, and see in which browsers they are signed in."""

from datetime import UTC, datetime

from flask import g, render_template
from flask_babel import lazy_gettext

from webui.current import current_services
from webui.errors import Trouble
from webui.rights.readers import current_reader
from webui.sign_in import sessions as sign_in_sessions
from webui.sign_in.credentials import BotPassword
from webui.sign_in.modes import sign_in_mode

BLOCKED = Trouble(
    status=403,
    heading=lazy_gettext("This account is blocked in the wiki"),
    advice=lazy_gettext("Whoever is blocked there cannot sign in here. Ask the wiki’s administrators."),
)
_UNKNOWN = Trouble(
    status=403,
    heading=lazy_gettext("The wiki does not know this account"),
    advice=lazy_gettext(
        "You came in through your organisation’s door, but there is no account of this name in the wiki, "
        "or it is blocked. Ask the administrator for one."
    ),
)
_NOT_NAMED = Trouble(
    status=401,
    heading=lazy_gettext("Nobody has said who you are"),
    advice=lazy_gettext("Come in through your organisation’s door: it says who you are."),
)
_WIKI_IS_AWAY = Trouble(
    status=502,
    heading=lazy_gettext("The wiki does not answer"),
    advice=lazy_gettext("It has to say who you are. You are signed in again as soon as it answers."),
)


def sign_in_page(
    trouble: Trouble | None = None, *, detail: str = "", next_path: str = "/", name: str = ""
) -> tuple[str, int]:
    """Return the page with its status.

    Args:
        trouble: why somebody could not be signed in.
        detail: more about it, in English.
        next_path: where they go afterwards.
        name: the account that they gave.
    """
    services = current_services()
    mode = sign_in_mode(services.config)
    reader = current_reader()
    account = reader.account
    now = datetime.now(UTC)
    if trouble is None and account is None:
        trouble, detail = _why_not(mode.value)
    here = sign_in_sessions.find(services.store, services.config, now=now)
    credential = None if account is None else services.credentials.of(account.id)
    page = render_template(
        "sign_in.html",
        mode=mode.value,
        account=account,
        browsers=() if account is None else services.store.sign_ins.of_account(account.id, now=now),
        here=here.digest if here is not None else "",
        kept_password=credential.user if isinstance(credential, BotPassword) else "",
        trouble=trouble,
        detail=detail,
        next_path=next_path,
        name=name,
        asks_each_person=services.asks_each_person and services.readers.reader_of(None).readable.restricted,
    )
    return page, 200 if trouble is None else trouble.status


def _why_not(mode: str) -> tuple[Trouble | None, str]:
    """Return why somebody is not signed in who has not tried yet, where that can be said."""
    if g.get("wiki_is_away"):
        return _WIKI_IS_AWAY, ""
    if g.get("unknown_to_wiki"):
        return _UNKNOWN, str(g.unknown_to_wiki)
    return (_NOT_NAMED, "") if mode == "proxy" else (None, "")
