"""What every answer says to the browser so that a page cannot be used against its reader.

Source of the choices: https://cheatsheetseries.owasp.org/cheatsheets/HTTP_Headers_Cheat_Sheet.html
"""

from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, request
from flask_wtf.csrf import CSRFProtect

from connector.errors import ConfigError
from webui.config import Config
from webui.current import current_services
from webui.sign_in.modes import SignInMode, sign_in_mode

LOOPBACK_HOSTS = ("localhost", "127.0.0.1")

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

# A year, as https://hstspreload.org asks for. Not for names below this one: they may be somebody else's.
TRANSPORT_SECURITY = "max-age=31536000"

csrf = CSRFProtect()


def known_hosts(config: Config) -> list[str]:
    """Return the host names under which the pages may be asked for."""
    address = config.optional_text("web.public_url")
    public = urlsplit(address).hostname if address else None
    named = [config.text("web.host"), *config.texts("web.trusted_hosts")]
    return [*LOOPBACK_HOSTS, *named, *([public] if public else [])]


def _protect(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers.setdefault("Strict-Transport-Security", TRANSPORT_SECURITY)
    if request.endpoint != "static" and not g.get("may_be_kept"):
        # A draft or a question must not stay in the cache of a shared computer.
        response.headers["Cache-Control"] = "no-store"
    return response


def refuse_private(*, name: str) -> ConfigError:
    """Return what is said when a private wiki would be shown to the network."""
    return ConfigError(
        f"{name} is a private wiki and nobody signs in here (web.sign_in): serve it on 127.0.0.1, "
        "behind a proxy that lets in only those who may read the whole wiki"
    )


def is_for_this_machine_only(config: Config) -> bool:
    """Whether a private wiki must not be shown to the network: nobody says who they are."""
    return sign_in_mode(config) is SignInMode.OFF


def _keep_private() -> Response | None:
    """Show nothing to the network of a wiki that becomes private, or turns out to be, while it is served.

    Where people sign in, `webui.sign_in.gate` says who is let in.
    """
    services = current_services()
    if not is_for_this_machine_only(services.config):
        return None
    if request.endpoint == "static" or services.config.text("web.host") in LOOPBACK_HOSTS:
        return None
    # Here the wiki itself asks, says for whom, and shows them only what they may read.
    if request.path.startswith("/api/v1/wiki/"):
        return None
    site = services.site()
    if site is None or not site.private:
        return None
    refusal = refuse_private(name="this")
    if request.path.startswith("/api/"):
        raise refusal
    # Our own pages would name the wiki.
    return Response(f"{refusal}\n", status=503, mimetype="text/plain")


def comes_from_another_site() -> bool:
    """Tell whether a browser says that another web site makes this request.

    Browsers send `Sec-Fetch-Site` by themselves and pages cannot forge it
    (https://www.w3.org/TR/fetch-metadata/); programs that are no browser do not send it. `same-site` is
    refused too: another port or another name under the same domain is not us.
    """
    return request.headers.get("Sec-Fetch-Site", "none") in ("cross-site", "same-site")


def init_app(app: Flask) -> None:
    """Protect every form against forgery and every page by its headers."""
    app.config.setdefault("SESSION_COOKIE_HTTPONLY", True)
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
    # With this beginning a browser takes the cookie over https only, and from no name beside ours.
    # https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes
    app.config["SESSION_COOKIE_NAME"] = (
        "__Host-compagnon" if app.config["SESSION_COOKIE_SECURE"] else "compagnon"
    )
    # The token lives as long as the browser's session: nobody loses an hour of review to an expired form.
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    csrf.init_app(app)
    app.before_request(_keep_private)
    app.after_request(_protect)
