"""The gate: who has to sign in before anything is shown, and how they are asked to."""

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from flask import Flask, Response, redirect, render_template, request, url_for

from connector.errors import SignInWantedError
from webui.rights.readers import check_role
from webui.rights.roles import Role

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

OPEN_PAGES: Final = frozenset(
    f"pages.{name}"
    for name in (
        "about",
        "confirm_digest",
        "digest_confirmed",
        "digest_stopped",
        "health",
        "oauth_begin",
        "oauth_return",
        "sign_in",
        "sign_in_with_password",
        "sign_out",
        "stop_digest",
    )
)
"""What everybody may see, also of a private wiki; of health whether questions are answered."""
FOR_PROGRAMS: Final = frozenset(["feeds.feed", "metrics"])
"""What programs ask for that are no browser, and that is no part of the API."""
NEXT: Final = "next"
"""The parameter that says where to go afterwards."""
_LONGEST_PATH = 2_000


def ask_to_sign_in(error: SignInWantedError) -> "AnyResponse | tuple[str, int] | None":
    """Return what a browser is answered that wants a page for those who have signed in; None for others.

    It is sent to the page where one signs in, and comes back. A form that it sends is kept on the page that
    it gets: signing in in another tab is enough to send it again, and nothing that was written is lost.
    """
    if request.headers.get("Sec-Fetch-Dest", "document") != "document":
        return None  # a part of a page: its script wants an error, and no other page
    if request.endpoint in FOR_PROGRAMS:
        return None  # a form to sign in would be taken for what was asked
    if request.method in ("GET", "HEAD"):
        path = request.full_path.removesuffix("?")
        return redirect(url_for("pages.sign_in", next=path if path != "/" else None))
    fields = [(name, value) for name, value in request.form.items(multi=True)]
    return render_template("sign_in_wanted.html", fields=fields, detail=str(error)), 401


def own_path(text: str | None) -> str:
    r"""Return a path of ours to go to, or "/" for anything else: nobody is sent to another site.

    Browsers read `//host`, `/\host` and paths with a tab in them as other sites
    (https://cheatsheetseries.owasp.org/cheatsheets/Unvalidated_Redirects_and_Forwards_Cheat_Sheet.html).
    """
    path = text or ""
    if not path.startswith("/") or len(path) > _LONGEST_PATH or not path.isprintable() or "\\" in path:
        return "/"
    parts = urlsplit(path)
    if path.startswith("//") or parts.scheme or parts.netloc:
        return "/"
    # Signing in must not lead to signing in again.
    return "/" if parts.path.startswith(("/sign-in", "/sign-out")) else path


def _keep_out() -> Response | None:
    # A feed itself is let in by the token in its address.
    is_page = request.blueprint == "pages" or request.endpoint == "feeds.feeds"
    if is_page and request.endpoint not in OPEN_PAGES:
        check_role(Role.VISITOR)
    return None


def init_app(app: Flask) -> None:
    """Let nobody in where one has to sign in first."""
    app.before_request(_keep_out)
