"""The OAuth 2 endpoints of a wiki with Extension:OAuth, in front of a real wiki that has it not.

Authlib's server does the protocol: authorization code, PKCE, refresh tokens that are good once. The addresses
and the answers are those of MediaWiki's extension (https://www.mediawiki.org/wiki/OAuth/For_Developers#OAuth_2).
All other requests go on to the wiki; those with an access token go there in the session of the person who
granted it, so that what is done with it is done, and checked, by the wiki itself.
"""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin, OAuth2Error, TokenMixin, grants
from authlib.oauth2.rfc7636 import CodeChallenge
from flask import Flask, Response, jsonify, redirect, request
from werkzeug.serving import make_server

from tests.mediawiki import LocalWiki

# Authlib's server wants https; here all is on this machine.
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"

CLIENT_ID = "8c1ff5d2a9b04f6f9d3e1b7a5c2e4f60"
CLIENT_SECRET = "f0e1d2c3b4a5968778695a4b3c2d1e0ff0e1d2c3"  # noqa: S105 - of a client of the tests
_HOP_HEADERS = frozenset(("connection", "transfer-encoding", "content-encoding", "content-length"))


@dataclass
class _Client(ClientMixin):
    secret: str | None

    def get_client_id(self) -> str:
        return CLIENT_ID

    def get_default_redirect_uri(self) -> str:
        raise AssertionError("the client always says where to come back to")

    def get_allowed_scope(self, scope: object) -> str:
        return ""

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri.endswith("/sign-in/return")

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == self.secret

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == ("none" if self.secret is None else "client_secret_post")

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in ("authorization_code", "refresh_token")


@dataclass
class _Code(AuthorizationCodeMixin):
    code: str
    redirect_uri: str
    user: str
    code_challenge: str
    code_challenge_method: str

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return ""


@dataclass
class _Token(TokenMixin):
    user: str
    access_token: str
    refresh_token: str
    access_until: float
    refresh_until: float

    def check_client(self, client: object) -> bool:
        return True

    def get_scope(self) -> str:
        return ""


@dataclass
class Provider:
    """What the provider does, to be changed by the tests."""

    wiki: LocalWiki
    url: str = ""
    client_secret: str | None = CLIENT_SECRET
    signed_in_as: str = ""
    """Who is signed in to the wiki, in the browser that comes."""
    answer: str = "allow"
    """What they say: "allow", "deny", or "ask", which shows them a form."""
    access_seconds: float = 3600.0
    refresh_seconds: float = 60.0
    is_down: bool = False
    """Whether the token endpoint fails."""
    codes: dict[str, _Code] = field(default_factory=dict)
    tokens: list[_Token] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    """The addresses that browsers were sent to."""

    def revoke(self, user: str) -> None:
        """Take back what somebody has granted, as on Special:OAuthManageMyGrants."""
        self.tokens = [token for token in self.tokens if token.user != user]

    def expire(self, *, refresh: bool = False) -> None:
        """End all access tokens, and the refresh tokens too."""
        for token in self.tokens:
            token.access_until = 0.0
            if refresh:
                token.refresh_until = 0.0

    def user_of(self, access_token: str) -> str | None:
        """Whose access token it is, if it is still good."""
        now = time.time()
        return next(
            (t.user for t in self.tokens if t.access_token == access_token and t.access_until > now), None
        )


@contextmanager
def oauth_provider(wiki: LocalWiki) -> Iterator[Provider]:
    """Serve the wiki with these endpoints while the block runs; it is the wiki's address then."""
    provider = Provider(wiki)
    server = make_server("127.0.0.1", 0, _make_app(provider), threaded=True)
    provider.url = f"http://127.0.0.1:{server.port}"
    wiki.configure(f"$wgServer = '{provider.url}';")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _make_app(provider: Provider) -> Flask:
    app = Flask("provider")

    def save(token: dict[str, Any], asked: Any) -> None:
        now = time.time()
        token["expires_in"] = int(provider.access_seconds)
        kept = _Token(
            user=asked.user,
            access_token=token["access_token"],
            refresh_token=token["refresh_token"],
            access_until=now + provider.access_seconds,
            refresh_until=now + provider.refresh_seconds,
        )
        provider.tokens.append(kept)

    app.config["OAUTH2_REFRESH_TOKEN_GENERATOR"] = True
    server = AuthorizationServer(
        app,
        query_client=lambda client_id: _Client(provider.client_secret) if client_id == CLIENT_ID else None,
        save_token=save,
    )

    class CodeGrant(grants.AuthorizationCodeGrant):
        TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_post", "none")

        def save_authorization_code(self, code: str, asked: Any) -> None:
            sent = asked.payload.data
            provider.codes[code] = _Code(
                code=code,
                redirect_uri=sent["redirect_uri"],
                user=asked.user,
                code_challenge=sent["code_challenge"],
                code_challenge_method=sent["code_challenge_method"],
            )

        def query_authorization_code(self, code: str, client: object) -> _Code | None:
            return provider.codes.get(code)

        def delete_authorization_code(self, authorization_code: _Code) -> None:
            del provider.codes[authorization_code.code]

        def authenticate_user(self, authorization_code: _Code) -> str:
            return authorization_code.user

    class RefreshGrant(grants.RefreshTokenGrant):
        TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_post", "none")
        INCLUDE_NEW_REFRESH_TOKEN = True

        def authenticate_refresh_token(self, refresh_token: str) -> _Token | None:  # type: ignore[override]
            now = time.time()
            kept = (t for t in provider.tokens if t.refresh_token == refresh_token and t.refresh_until > now)
            return next(kept, None)

        def authenticate_user(self, refresh_token: _Token) -> str:
            return refresh_token.user

        def revoke_old_credential(self, refresh_token: _Token) -> None:  # type: ignore[override]
            provider.tokens.remove(refresh_token)

    server.register_grant(CodeGrant, [CodeChallenge(required=True)])
    server.register_grant(RefreshGrant)

    @app.get("/rest.php/oauth2/authorize")
    def authorize() -> Any:
        provider.asked.append(request.url)
        try:
            grant = server.get_consent_grant(end_user=provider.signed_in_as)  # type: ignore[no-untyped-call]
        except OAuth2Error as e:
            return jsonify(dict(e.get_body())), 400
        answer = request.args.get("answer", provider.answer)
        if answer == "ask":
            hidden = "".join(f'<input type=hidden name="{n}" value="{v}">' for n, v in request.args.items())
            return (
                f"<!doctype html><html lang=fr><title>Wiki</title><form>{hidden}"
                "<button name=answer value=allow>Autoriser</button>"
                "<button name=answer value=deny>Annuler</button></form>"
            )
        if answer == "deny":
            # As league/oauth2-server, which the extension is made with, says it.
            address = f"{request.args['redirect_uri']}?state={request.args.get('state', '')}"
            return redirect(f"{address}&error=access_denied&message=The+user+denied+the+request")
        return server.create_authorization_response(grant_user=provider.signed_in_as, grant=grant)

    @app.get("/favicon.ico")
    def icon() -> Any:
        return "", 204  # browsers ask for it by themselves

    @app.post("/rest.php/oauth2/access_token")
    def access_token() -> Any:
        if provider.is_down:
            return "Service Unavailable", 503
        return server.create_token_response()

    @app.get("/rest.php/oauth2/resource/profile")
    def profile() -> Any:
        user = provider.user_of(_bearer())
        if user is None:
            return jsonify(httpCode=401, httpReason="Unauthorized"), 401
        [found] = provider.wiki.session().ask("query", list="users", ususers=user, usprop="groups")["query"][
            "users"
        ]
        # The central number is another one than that of the wiki's own table.
        return jsonify(sub=found["userid"] + 1_000_000, username=found["name"], groups=found["groups"])

    @app.route("/<path:path>", methods=["GET", "POST"])
    def wiki(path: str) -> Response:
        cookies: dict[str, str] = dict(request.cookies)
        token = _bearer()
        if token:
            user = provider.user_of(token)
            if user is None:
                info = "The authorization headers in your request are not valid: Invalid access token"
                return jsonify(error={"code": "mwoauth-invalid-authorization", "info": info})
            provider.wiki.session(user).ask("query", meta="userinfo")
            cookies = provider.wiki.session(user).cookies
        answer = requests.request(
            request.method,
            f"{provider.wiki.server_url}/{path}",
            params=list(request.args.items(multi=True)),
            data=request.get_data(),
            headers={"Content-Type": request.content_type or ""},
            cookies=cookies,
            timeout=60,
        )
        response = Response(answer.content, answer.status_code)
        for name, value in answer.headers.items():
            if name.lower() not in _HOP_HEADERS | {"set-cookie"}:
                response.headers[name] = value
        for cookie in answer.raw.headers.getlist("Set-Cookie") if not token else ():
            response.headers.add("Set-Cookie", cookie)
        return response

    return app


def _bearer() -> str:
    return request.headers.get("Authorization", "").removeprefix("Bearer ")
