"""In which language the pages are written: the visitor's choice, or what their browser asks for.

The language of the pages is not the language of their content: a French practice stays French on an English
page, and carries its own `lang` attribute there.
"""

from babel import Locale
from flask import Flask, Response, g, request
from flask_babel import Babel, get_locale

from webui.current import current_services
from webui.rights.readers import Reader

LANGUAGES = ("fr", "en")
COOKIE = "lang"
_A_YEAR = 365 * 24 * 3600


def choose_language() -> str:
    """Return the language of this page: `?lang=`, the person's, the cookie's, or what the browser prefers."""
    for asked in (request.args.get("lang"), _of_reader(), request.cookies.get(COOKIE)):
        if asked in LANGUAGES:
            return asked
    return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]


def _of_reader() -> str | None:
    """Return the language of who has signed in, where that is known already."""
    reader: Reader | None = g.get("reader")
    return reader.account.language if reader is not None and reader.account is not None else None


def current_language() -> str:
    """Return the code of the language that this page is written in ("fr" or "en")."""
    locale = get_locale()
    return locale.language if locale else LANGUAGES[0]


def language_name(code: str) -> str:
    """Return the name of a language in the language of the page; the code itself when it is unknown."""
    try:
        return Locale.parse(code.replace("-", "_")).get_display_name(current_language()) or code
    except (ValueError, LookupError):
        return code


def _remember(response: Response) -> Response:
    """Keep a choice made by `?lang=`, for the person and in a cookie; tell caches what pages depend on."""
    asked = request.args.get("lang")
    if asked in LANGUAGES and request.blueprint not in ("api", "feeds"):
        reader: Reader | None = g.get("reader")
        if reader is not None and reader.account is not None and reader.account.language != asked:
            current_services().store.accounts.set_language(reader.account.id, asked)
        response.set_cookie(
            COOKIE, asked, max_age=_A_YEAR, httponly=True, samesite="Lax", secure=request.is_secure
        )
    if request.endpoint != "static":
        response.vary.update(("Accept-Language", "Cookie"))
        response.content_language.add(g.get("content_language", current_language()))
    return response


def init_app(app: Flask) -> None:
    """Make the application speak the visitor's language."""
    Babel(app, locale_selector=choose_language, default_locale=LANGUAGES[0])
    app.after_request(_remember)
