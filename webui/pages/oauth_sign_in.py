"""Signing in through the wiki's own sign-in page (Extension:OAuth), and coming back."""

from datetime import UTC, datetime

from flask import Blueprint, redirect, request, url_for
from flask_babel import lazy_gettext
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from connector.errors import WikiLoginError, WikiUnavailableError
from webui.current import current_services
from webui.errors import Trouble
from webui.pages.sign_in_page import BLOCKED, sign_in_page
from webui.rights.readers import current_reader
from webui.sign_in import sessions as sign_in_sessions
from webui.sign_in.credentials import OAuthGrant
from webui.sign_in.gate import NEXT, OPEN_PAGES, own_path
from webui.sign_in.oauth import GrantRefusedError, OAuthProvider
from webui.sign_in.oauth_flows import begin_flow, end_flow, may_be_quiet

_NOT_BEGUN_HERE = Trouble(
    status=400,
    heading=lazy_gettext("This sign-in was not begun in this browser, or it took too long"),
    advice=lazy_gettext("Nobody was signed in. Begin again from here."),
)
_DENIED = Trouble(
    status=403,
    heading=lazy_gettext("You did not allow it in the wiki, so you are not signed in"),
    advice=lazy_gettext("Without it Compagnon cannot know who you are. You can begin again at any time."),
)
_CODE_REFUSED = Trouble(
    status=400,
    heading=lazy_gettext("The wiki does not confirm this sign-in"),
    advice=lazy_gettext("Its confirmation is good once, and for a short time. Begin again from here."),
)
_REFUSED = Trouble(
    status=403,
    heading=lazy_gettext("The wiki does not let you sign in here"),
    advice=lazy_gettext("Tell the administrator what stands below."),
)
_LONGEST_CODE = 4_000

Answer = Response | tuple[str, int]


def add_to(blueprint: Blueprint) -> None:
    """Register these pages."""
    blueprint.add_url_rule("/sign-in/wiki", "oauth_begin", begin)
    blueprint.add_url_rule("/sign-in/return", "oauth_return", come_back)
    blueprint.before_request(renew_quietly)


def begin() -> Response:
    """Send the browser to the wiki."""
    return _send(_provider(), next_path=own_path(request.args.get(NEXT)), quiet=False)


def come_back() -> Answer:
    """Take in who comes back from the wiki with its confirmation."""
    provider = _provider()
    flow = end_flow(request.args.get("state"))
    if flow is None:
        return sign_in_page(_NOT_BEGUN_HERE)
    error = request.args.get("error")
    if error is not None and flow.quiet:
        return redirect(flow.next_path)  # they were not asked: they look on as they were
    if error is not None:
        denied = error == "access_denied"
        detail = "" if denied else f"The wiki says: {error[:80]}"
        return sign_in_page(_DENIED if denied else _REFUSED, detail=detail, next_path=flow.next_path)
    code = request.args.get("code", "")
    if not 0 < len(code) <= _LONGEST_CODE:
        return sign_in_page(_NOT_BEGUN_HERE, next_path=flow.next_path)
    try:
        grant = provider.redeem(code, verifier=flow.verifier, redirect_uri=_return_address())
        return _take_in(provider, grant, next_path=flow.next_path)
    except GrantRefusedError as e:
        return sign_in_page(_CODE_REFUSED, detail=str(e), next_path=flow.next_path)
    except WikiLoginError as e:
        return sign_in_page(_REFUSED, detail=str(e), next_path=flow.next_path)


def renew_quietly() -> Response | None:
    """Send whose grant has ended through the wiki once more, which knows them and asks nothing.

    Only where a page is opened, never where something is sent, and never in circles: once in ten minutes.
    """
    services = current_services()
    is_page = request.method == "GET" and request.headers.get("Sec-Fetch-Dest", "document") == "document"
    if services.oauth is None or not is_page or request.endpoint in OPEN_PAGES or not may_be_quiet():
        return None
    if not sign_in_sessions.was_signed_in():
        return None
    account = current_reader().account
    try:
        if account is None or not services.own_wikis.has_expired(account.id):
            return None
    except WikiUnavailableError:
        return None  # it would not answer the browser either
    return _send(services.oauth, next_path=request.full_path.removesuffix("?"), quiet=True)


def _take_in(provider: OAuthProvider, grant: OAuthGrant, *, next_path: str) -> Answer:
    """Sign in who a grant is for."""
    services = current_services()
    user = services.connect(user=None, password=None, bearer=grant.access_token, patient=False).me()
    if provider.profile_name(grant).replace("_", " ") != user.name:
        raise WikiLoginError("the wiki names one account as who signs in, and another one as who asks")
    if user.blocked:
        return sign_in_page(BLOCKED, next_path=next_path)
    account = services.wiki_accounts.note(user)
    services.credentials.keep(account.id, grant)
    services.rights.forget(account.id)
    sign_in_sessions.begin(services.store, services.config, account, now=datetime.now(UTC))
    return redirect(next_path, 303)


def _send(provider: OAuthProvider, *, next_path: str, quiet: bool) -> Response:
    flow = begin_flow(next_path=next_path, quiet=quiet)
    return redirect(
        provider.authorize_address(state=flow.state, verifier=flow.verifier, redirect_uri=_return_address())
    )


def _return_address() -> str:
    """Return where the wiki sends the browser back to, as it was registered there."""
    public = current_services().config.optional_text("web.public_url")
    if public is not None:
        return f"{public}{url_for('pages.oauth_return')}"
    return url_for("pages.oauth_return", _external=True)


def _provider() -> OAuthProvider:
    provider = current_services().oauth
    if provider is None:
        raise NotFound("nobody signs in here through the wiki's own page")
    return provider
