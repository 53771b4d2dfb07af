"""What the frame of each page shows of who looks at it."""

from dataclasses import dataclass

from flask import Flask, request

from connector.errors import CompagnonError
from webui.current import current_services
from webui.rights.readers import Reader, current_reader
from webui.rights.roles import Role
from webui.sign_in.gate import NEXT, own_path
from webui.sign_in.modes import SignInMode, sign_in_mode


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountMenu:
    """The account, at the top of the page."""

    name: str
    """Empty for who has not signed in."""
    can_sign_in: bool
    can_sign_out: bool
    next_path: str
    """Where to go after signing in: here."""
    is_blind: bool
    """Whether the wiki cannot be asked what this person may read: only they could let it be asked."""


def known_reader() -> Reader | None:
    """Return who looks at the page; None when that cannot be known: errors have their page too."""
    try:
        return current_reader()
    except CompagnonError:
        return None


def _menu() -> dict[str, object]:
    reader = known_reader()
    services = current_services()
    mode = sign_in_mode(services.config)
    name = reader.name if reader is not None else ""
    path = request.full_path.removesuffix("?") if request.method == "GET" else "/"
    next_path = own_path(request.args.get(NEXT)) if request.endpoint == "pages.sign_in" else own_path(path)
    role = reader.role if reader is not None else Role.VISITOR
    return {
        "account_menu": AccountMenu(
            name=name,
            can_sign_in=mode is not SignInMode.OFF and not name,
            can_sign_out=bool(name) and mode is not SignInMode.PROXY,
            next_path=next_path,
            is_blind=reader is not None and _is_blind(reader, mode),
        ),
        "way_in": mode.value,
        "is_member": role >= Role.MEMBER,
        "is_editor": role >= Role.EDITOR,
        "is_coordinator": role >= Role.COORDINATOR,
        "is_administrator": role >= Role.ADMINISTRATOR,
        "shows_pages": reader is None or role > Role.VISITOR or services.readers.anybody_reads,
        "shows_site": role > Role.VISITOR or (reader is not None and services.readers.anybody_reads),
    }


def _is_blind(reader: Reader, mode: SignInMode) -> bool:
    if reader.account is None or reader.account.has_credential or mode is SignInMode.PROXY:
        return False
    services = current_services()
    return (
        reader.readable.restricted
        and services.asks_each_person
        and not services.own_wikis.is_lent(reader.account.id)
    )


def init_app(app: Flask) -> None:
    """Give these to the templates."""
    app.context_processor(_menu)
