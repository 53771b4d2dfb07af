"""A person's own page: what is known about them, what they wish, and having themselves erased."""

import json
import logging
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Final

from flask import Blueprint, Response, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response as AnyResponse

from capture.lines import visible
from connector.erased import name_words
from connector.errors import NotAllowedError
from connector.store import Account
from connector.store.wishes import LONGEST_AVAILABILITY, MOST_ASKS, MOST_NOT_MINE, Wish
from webui.current import current_services
from webui.errors import Trouble
from webui.own_data import own_data, own_data_shape
from webui.own_names import are_theirs_alone
from webui.pages.community_words import call_reason
from webui.pages.display import day
from webui.question_people import questions_for
from webui.rights.readers import check_role, current_reader
from webui.rights.roles import Role

logger = logging.getLogger(__name__)

ASKABLE_LANGUAGES: Final = ("fr", "en", "de", "es", "it", "nl", "pt", "ar")
"""In which people can say that they can be asked."""
MOST_NAMES: Final = 20
"""Other ways to write one's name, when one is erased."""
_LONGEST_NAME: Final = 120
ROLES: Final = {
    "member": lazy_gettext("member"),
    "editor": lazy_gettext("editor: you tend links"),
    "coordinator": lazy_gettext("coordinator: you handle notes and drafts"),
    "administrator": lazy_gettext("administrator"),
}
_NOT_THE_NAME = Trouble(
    status=400,
    heading=lazy_gettext("This is not the name of your account"),
    advice=lazy_gettext("Type it as it stands above. Nothing was erased."),
)
_NOT_THEIRS_ALONE = Trouble(
    status=409,
    heading=lazy_gettext("These names may be somebody else’s"),
    advice=lazy_gettext(
        "Another account or a page is called so, the words stand on many pages, or a name has no word of "
        "your account’s. Nothing was erased. Ask the administrator, who can erase you under these names."
    ),
)
_Answer = str | tuple[str, int]


def add_to(blueprint: Blueprint) -> None:
    """Register these pages."""
    blueprint.add_url_rule("/me", "me", show)
    blueprint.add_url_rule("/me", "change_me", change, methods=["POST"])
    blueprint.add_url_rule("/me/opt-out", "opt_out", opt_out, methods=["POST"])
    blueprint.add_url_rule("/me/pages", "change_my_pages", change_pages, methods=["POST"])
    blueprint.add_url_rule("/me/data.json", "my_data", download)
    blueprint.add_url_rule("/me/erase", "erase_me", ask_to_erase)
    blueprint.add_url_rule("/me/erase", "confirm_erase_me", erase, methods=["POST"])


def show() -> str:
    """Show all that is known about who asks, and what they wish."""
    return me_page(account_of_reader())


def change() -> _Answer | AnyResponse:
    """Keep what somebody wishes: languages, availability, pause, how often to be asked."""
    account = account_of_reader()
    store = current_services().store
    availability = visible(request.form.get("availability", ""))
    languages = tuple(code for code in ASKABLE_LANGUAGES if code in request.form.getlist("language"))
    pause = request.form.get("pause", "no")
    if pause not in ("no", "until", "open"):
        raise BadRequest("pause must be no, until or open")
    trouble = None
    until = _date(request.form.get("until", ""))
    asks = _asks(request.form.get("asks", ""))
    if pause == "until" and (until is None or until <= datetime.now(UTC).date()):
        trouble = gettext("Choose a day after today, or pause until you say otherwise.")
    elif asks == 0:
        trouble = gettext("How often a month is a number from 1 to %(most)d, or nothing.", most=MOST_ASKS)
    elif len(availability) > LONGEST_AVAILABILITY:
        trouble = gettext("Say it in %(most)d characters at most.", most=LONGEST_AVAILABILITY)
    new = replace(
        store.wishes.get(account.id),
        availability=availability[:LONGEST_AVAILABILITY],
        languages=languages,
        paused=pause != "no",
        paused_until=until if pause == "until" else None,
        asks_a_month=asks or None,
    )
    if trouble is not None:
        notice = Trouble(status=400, heading=trouble, advice=gettext("Nothing was changed."))
        return me_page(account, wish=new, trouble=notice), 400
    store.wishes.put(account.id, new)
    flash(gettext("Kept. It works from now on."))
    return redirect(url_for("pages.me"), 303)


def opt_out() -> AnyResponse:
    """Leave somebody out everywhere, or take them in again."""
    account = account_of_reader()
    wanted = request.form.get("wanted")
    if wanted not in ("out", "in"):
        raise BadRequest("wanted must be out or in")
    services = current_services()
    services.store.wishes.put(
        account.id, replace(services.store.wishes.get(account.id), opted_out=wanted == "out")
    )
    services.eraser.update_index_behind()
    if wanted == "out":
        flash(gettext("You are named nowhere any more. Texts of the wiki stay as they are."))
    else:
        flash(gettext("You can be found again."))
    return redirect(url_for("pages.me"), 303)


def change_pages() -> AnyResponse:
    """Take a page away from somebody, which says no more what they know, or give it back."""
    account = account_of_reader()
    store = current_services().store
    pressed = [name for name in ("not_mine", "mine") if name in request.form]
    if len(pressed) != 1:
        raise BadRequest("the form says nothing of any page")
    number = request.form[pressed[0]]
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise BadRequest("a page is told by its number")
    wish = store.wishes.get(account.id)
    changed = wish.not_mine | {int(number)} if pressed[0] == "not_mine" else wish.not_mine - {int(number)}
    if len(changed) > MOST_NOT_MINE:
        raise BadRequest(f"at most {MOST_NOT_MINE} pages")
    store.wishes.put(account.id, replace(wish, not_mine=changed))
    if pressed[0] == "not_mine":
        flash(gettext("This page no longer says that you know."))
    else:
        flash(gettext("This page counts for you again."))
    return redirect(url_for("pages.me", _anchor="found-by"), 303)


def download() -> Response:
    """Give what is known about somebody as a file."""
    data = own_data(current_services(), current_reader(), account_of_reader())
    text = json.dumps(own_data_shape(data), ensure_ascii=False, indent=2) + "\n"
    answer = Response(text, mimetype="application/json")
    answer.headers["Content-Disposition"] = 'attachment; filename="compagnon-me.json"'
    return answer


def ask_to_erase() -> str:
    """Say exactly what erasing takes away, and what stays in the wiki."""
    return _erase_page(account_of_reader())


def erase() -> _Answer | AnyResponse:
    """Erase who asks, if they have typed the name of their account."""
    account = account_of_reader()
    others = [visible(line) for line in request.form.get("others", "").splitlines()]
    others = [line[:_LONGEST_NAME] for line in others if any(char.isalnum() for char in line)][:MOST_NAMES]
    if name_words(request.form.get("name", "")) != name_words(account.name):
        return _erase_page(account, others=others, trouble=_NOT_THE_NAME), 400
    services = current_services()
    is_trusted = current_reader().role >= Role.ADMINISTRATOR
    if not is_trusted and not are_theirs_alone(services, account, others):
        logger.info("account %s wants names erased that may not be theirs alone", account.id)
        return _erase_page(account, others=others, trouble=_NOT_THEIRS_ALONE), 409
    services.eraser.begin([account.name, *others], account_ids=[account.id])
    services.eraser.finish_behind()
    session.clear()
    flash(
        gettext(
            "You are erased: nothing finds you any more. What is left is overwritten in the next minutes."
        )
    )
    return redirect(url_for("pages.search"), 303)


def me_page(
    account: Account, *, wish: Wish | None = None, trouble: Trouble | None = None, digest_address: str = ""
) -> str:
    """Return somebody's page.

    Args:
        account: theirs.
        wish: what a form has of their wishes; None for those that are kept.
        trouble: why it was not taken.
        digest_address: what a form has as their address of mail.
    """
    data = own_data(current_services(), current_reader(), account)
    return render_template(
        "me.html",
        data=data,
        call_reason=call_reason,
        wish=wish or data.wish,
        trouble=trouble,
        asked_of_me=questions_for(account),
        digest_address=digest_address,
        role=ROLES.get(data.role, data.role),
        languages_to_choose=ASKABLE_LANGUAGES,
        longest=LONGEST_AVAILABILITY,
        most_asks=MOST_ASKS,
        usual_asks=current_services().community_settings.asks_a_month,
        today=datetime.now(UTC).date(),
        may_read_drafts=current_reader().role >= Role.COORDINATOR,
        paused_now=data.wish.is_paused(datetime.now(UTC).date()),
        paused_until=day(data.wish.paused_until) if data.wish.paused_until else "",
    )


def _erase_page(account: Account, *, others: list[str] | None = None, trouble: Trouble | None = None) -> str:
    data = own_data(current_services(), current_reader(), account)
    tokens = current_services().store.access_tokens.of_account(account.id)
    return render_template(
        "erase_me.html", data=data, tokens=len(tokens), others=others or [], trouble=trouble
    )


def account_of_reader() -> Account:
    """Return the account of who asks.

    Raises:
        NotAllowedError: nobody signs in here.
        SignInWantedError: they have not signed in.
    """
    account = check_role(Role.MEMBER).account
    if account is None:  # nobody signs in here, or the service asks itself
        raise NotAllowedError("there is no account whose page this could be")
    return account


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _asks(text: str) -> int | None:
    """Return how often; None for nothing said, 0 for what is no such number."""
    stripped = text.strip()
    if not stripped:
        return None
    fits = stripped.isascii() and stripped.isdigit() and len(stripped) < 4 and int(stripped) <= MOST_ASKS
    return int(stripped) if fits else 0
