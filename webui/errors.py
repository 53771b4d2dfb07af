"""What a visitor is told when something goes wrong: one table from errors to HTTP statuses.

Pages and the JSON API use the same table. The message of a `CompagnonError` is fit to be shown, in English;
the page adds a heading in the visitor's language. An error that is none of ours is logged, and shown as a
plain 500.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Flask, Response, current_app, jsonify, render_template, request
from flask_babel import LazyString, lazy_gettext
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError, SecurityError, default_exceptions

from connector.errors import (
    CaptureError,
    CompagnonError,
    ConfigError,
    ConnectorError,
    DraftNotFoundError,
    DraftStateError,
    DumpError,
    EditConflictError,
    EditRefusedError,
    GrantEndedError,
    IndexBusyError,
    IndexNotBuiltError,
    InvalidQueryError,
    LanguageModelError,
    MailError,
    ModelMismatchError,
    NotAllowedError,
    NotKeptError,
    NotOfferedError,
    PageNotFoundError,
    SearchError,
    SignInWantedError,
    StoreError,
    SuspiciousShrinkError,
    SyncBusyError,
    SyncStoppedError,
    UnreadableNotesError,
    WikiLoginError,
    WikiUnavailableError,
)
from webui.current import current_services
from webui.sign_in.gate import ask_to_sign_in
from webui.sign_in.modes import SignInMode, sign_in_mode

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

_TROUBLE = lazy_gettext("Something went wrong")


@dataclass(frozen=True, kw_only=True, slots=True)
class Trouble:
    """How one kind of error is told."""

    status: int
    heading: LazyString
    advice: LazyString | None = None


TROUBLES: dict[type[CompagnonError], Trouble] = {
    CompagnonError: Trouble(status=500, heading=_TROUBLE),
    ConfigError: Trouble(status=500, heading=lazy_gettext("A setting is missing or wrong")),
    SignInWantedError: Trouble(
        status=401,
        heading=lazy_gettext("Sign in first"),
        advice=lazy_gettext("This is for those who have signed in with their account in the wiki."),
    ),
    NotAllowedError: Trouble(
        status=403,
        heading=lazy_gettext("This is not allowed"),
        advice=lazy_gettext("The groups that your account is in on the wiki decide what you may do here."),
    ),
    MailError: Trouble(
        status=502,
        heading=lazy_gettext("The mail could not be sent"),
        advice=lazy_gettext("Try again in a few minutes. “compagnon doctor” says to the administrator why."),
    ),
    ConnectorError: Trouble(status=500, heading=_TROUBLE),
    WikiUnavailableError: Trouble(
        status=502,
        heading=lazy_gettext("The wiki does not answer"),
        advice=lazy_gettext("Try again in a few minutes. Nothing has been lost."),
    ),
    WikiLoginError: Trouble(
        status=403,
        heading=lazy_gettext("The wiki refuses this account"),
        advice=lazy_gettext("Check the account name, the bot password and the rights it was given."),
    ),
    GrantEndedError: Trouble(
        status=403,
        heading=lazy_gettext("The wiki no longer lets Compagnon act under your name"),
        advice=lazy_gettext("Nothing is lost. Sign in again, then go on."),
    ),
    PageNotFoundError: Trouble(
        status=404,
        heading=lazy_gettext("There is no such page"),
        advice=lazy_gettext(
            "It may have been moved or deleted, or it is too new to be in our copy of the wiki."
        ),
    ),
    EditConflictError: Trouble(
        status=409,
        heading=lazy_gettext("Someone else changed this page in the meantime"),
        advice=lazy_gettext("Nothing was written in the wiki, and your draft is safe."),
    ),
    EditRefusedError: Trouble(
        status=422,
        heading=lazy_gettext("The wiki refuses this page as it stands"),
        advice=lazy_gettext("Change what it objects to, and publish again."),
    ),
    StoreError: Trouble(status=500, heading=lazy_gettext("The database cannot be read or written")),
    NotOfferedError: Trouble(
        status=409,
        heading=lazy_gettext("This link is no longer offered"),
        advice=lazy_gettext("The page has changed in the meantime. Open it again to see its suggestions."),
    ),
    DumpError: Trouble(status=400, heading=lazy_gettext("This file is no export of a wiki")),
    SuspiciousShrinkError: Trouble(
        status=409, heading=lazy_gettext("Too many pages seem to have gone; nothing was removed")
    ),
    SyncBusyError: Trouble(
        status=503,
        heading=lazy_gettext("The wiki is being read already"),
        advice=lazy_gettext("Try again in a moment."),
    ),
    SyncStoppedError: Trouble(
        status=503, heading=lazy_gettext("The reading of the wiki was stopped; the next one goes on")
    ),
    SearchError: Trouble(status=500, heading=_TROUBLE),
    IndexNotBuiltError: Trouble(
        status=503,
        heading=lazy_gettext("There is nothing to search in yet"),
        advice=lazy_gettext("The wiki is still being read. The administrator runs “compagnon index”."),
    ),
    IndexBusyError: Trouble(
        status=503,
        heading=lazy_gettext("The index is busy"),
        advice=lazy_gettext("Try again in a moment."),
    ),
    InvalidQueryError: Trouble(
        status=400,
        heading=lazy_gettext("This question cannot be searched"),
        advice=lazy_gettext("Ask in a sentence or two."),
    ),
    ModelMismatchError: Trouble(
        status=503,
        heading=lazy_gettext("The index was built with another model"),
        advice=lazy_gettext("The administrator runs “compagnon index” once."),
    ),
    LanguageModelError: Trouble(
        status=502,
        heading=lazy_gettext("The language model does not answer"),
        advice=lazy_gettext("What needs no language model works on. Try again in a moment."),
    ),
    CaptureError: Trouble(status=500, heading=_TROUBLE),
    UnreadableNotesError: Trouble(
        status=400,
        heading=lazy_gettext("These notes cannot be read"),
        advice=lazy_gettext("Paste the text, or give a file in one of the formats named below: up to 2 MB."),
    ),
    NotKeptError: Trouble(
        status=404,
        heading=lazy_gettext("This is not kept here"),
        advice=lazy_gettext("It may have been deleted with the notes that it came from."),
    ),
    DraftNotFoundError: Trouble(status=404, heading=lazy_gettext("There is no such draft")),
    DraftStateError: Trouble(
        status=409,
        heading=lazy_gettext("This draft has changed in the meantime"),
        advice=lazy_gettext(
            "It was edited, published or dropped in another window. Open it again to see it."
        ),
    ),
}
"""Every error of ours; the table that the documentation lists too."""

_NOBODY_SIGNS_IN = Trouble(
    status=403,
    heading=lazy_gettext("Nobody signs in here"),
    advice=lazy_gettext(
        "This page is about one person’s account, and here everybody may do all without one. Where people "
        "sign in with their wiki’s account, it is theirs."
    ),
)
_HTTP_HEADINGS = {
    400: lazy_gettext("This request cannot be understood"),
    403: lazy_gettext("This is not allowed"),
    404: lazy_gettext("There is no such page"),
    405: lazy_gettext("This is not allowed"),
    413: lazy_gettext("This is too large"),
    429: lazy_gettext("That was a little fast"),
    500: _TROUBLE,
}
_HTTP_ADVICE = {
    413: lazy_gettext("Notes may have up to 2 MB. Send them in several parts, or without their pictures."),
    429: lazy_gettext(
        "So many requests came from you that others would have to wait. Try again in a minute."
    ),
    500: lazy_gettext("It has been logged. Try again, and tell the administrator if it happens again."),
}


def trouble_of(error: CompagnonError) -> Trouble:
    """Return how an error is told: the entry of its class, or of the nearest class it descends from."""
    for kind in type(error).__mro__:
        if issubclass(kind, CompagnonError) and kind in TROUBLES:
            return TROUBLES[kind]
    return TROUBLES[CompagnonError]


def _wants_json() -> bool:
    return request.path.startswith("/api/")


def _json_error(status: int, kind: str, message: str) -> tuple[Response, int]:
    return jsonify(error={"type": kind, "message": message}), status


def _page(status: int, heading: object, advice: object = None, detail: str = "") -> tuple[str, int]:
    return render_template("error.html", heading=heading, advice=advice, detail=detail), status


def _tell_ours(error: CompagnonError) -> "AnyResponse | tuple[Response | str, int] | tuple[str, int]":
    if isinstance(error, SignInWantedError) and not _wants_json():
        asked = ask_to_sign_in(error)
        if asked is not None:
            return asked
    trouble = trouble_of(error)
    if isinstance(error, NotAllowedError) and sign_in_mode(current_services().config) is SignInMode.OFF:
        # Where everybody may do all, only what belongs to an account is refused.
        trouble = _NOBODY_SIGNS_IN
    if trouble.status >= 500:
        current_app.logger.warning("%s: %s", type(error).__name__, error)
    if _wants_json():
        return _json_error(trouble.status, type(error).__name__, str(error))
    return _page(
        trouble.status, trouble.heading, trouble.advice, "" if trouble is _NOBODY_SIGNS_IN else str(error)
    )


def _tell_csrf(error: CSRFError) -> tuple[Response | str, int]:
    return _page(
        400,
        lazy_gettext("This form is no longer valid"),
        lazy_gettext("Go back: what you wrote is still there. Reload the page if it happens again."),
        str(error.description),
    )


def _tell_host(error: SecurityError) -> Response:
    # No page can be rendered for a host that is not ours: there is nothing to build its addresses on.
    return Response("This address is not one of Compagnon's own.\n", status=400, mimetype="text/plain")


def _tell_http(error: HTTPException) -> tuple[Response | str, int]:
    status = error.code or 500
    if _wants_json():
        kind = default_exceptions.get(status, type(error)).__name__
        return _json_error(status, kind, error.description or error.name)
    return _page(status, _HTTP_HEADINGS.get(status, _TROUBLE), _HTTP_ADVICE.get(status))


def _tell_unknown(error: InternalServerError) -> tuple[Response | str, int]:
    if _wants_json():
        return _json_error(500, "InternalServerError", "Something went wrong; it has been logged.")
    return _page(500, _HTTP_HEADINGS[500], _HTTP_ADVICE[500])


def init_app(app: Flask) -> None:
    """Make the application tell its errors by the table."""
    app.register_error_handler(CompagnonError, _tell_ours)
    app.register_error_handler(CSRFError, _tell_csrf)
    app.register_error_handler(SecurityError, _tell_host)
    app.register_error_handler(HTTPException, _tell_http)
    # Flask has logged the exception, with its traceback, before it asks for this page.
    app.register_error_handler(InternalServerError, _tell_unknown)
