"""The wiki's Extension:OAuth: signing in with an authorization code, PKCE and a state.

https://www.mediawiki.org/wiki/OAuth/For_Developers#OAuth_2; RFC 6749, RFC 7636. An access token lives an
hour and, unless the wiki says otherwise, the refresh token a minute: whoever is active later is sent through
the wiki once more, which knows them and asks nothing.
"""

import secrets
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from connector.errors import WikiLoginError, WikiUnavailableError
from webui.sign_in.credentials import OAuthGrant

if TYPE_CHECKING:
    from authlib.integrations.requests_client import OAuth2Session

_SECONDS: Final = 10.0
_HOUR = 3600.0


class GrantRefusedError(WikiLoginError):
    """The wiki gives nothing for this code or refresh token: it was used, is too old, or was taken back."""


class OAuthProvider:
    """The wiki as a provider of OAuth 2. Safe to share between threads.

    Args:
        endpoints: address of the wiki's rest.php, as this machine reaches it.
        pages: the same, as browsers reach it.
        client_id: key of this service as a client of the wiki.
        client_secret: its secret; None for a client that is not confidential.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        *,
        endpoints: str,
        pages: str,
        client_id: str,
        client_secret: str | None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._endpoints = f"{endpoints}/oauth2"
        self._pages = f"{pages}/oauth2"
        self._client_id = client_id
        self._client_secret = client_secret
        self._clock = clock

    def authorize_address(self, *, state: str, verifier: str, redirect_uri: str) -> str:
        """Return where the browser is sent, to come back with a code.

        Args:
            state: comes back with it: a secret of this browser's session.
            verifier: PKCE's; only its digest is sent.
            redirect_uri: where it comes back to, as it was registered.
        """
        with self._session() as session:
            address, _ = session.create_authorization_url(
                f"{self._pages}/authorize", state=state, code_verifier=verifier, redirect_uri=redirect_uri
            )
        return str(address)

    def redeem(self, code: str, *, verifier: str, redirect_uri: str) -> OAuthGrant:
        """Exchange the code that a browser came back with.

        Raises:
            GrantRefusedError: it is none of the wiki's, was used before, or was asked for by somebody else.
            WikiUnavailableError: the wiki does not answer.
        """
        return self._fetch(
            lambda session, url: session.fetch_token(
                url,
                grant_type="authorization_code",
                code=code,
                code_verifier=verifier,
                redirect_uri=redirect_uri,
            )
        )

    def refresh(self, grant: OAuthGrant) -> OAuthGrant:
        """Exchange a refresh token, which is good once.

        Raises:
            GrantRefusedError: there is none, it is too old or was used, or what was granted was taken back.
            WikiUnavailableError: the wiki does not answer.
        """
        if grant.refresh_token is None:
            raise GrantRefusedError("the wiki has given no refresh token")
        return self._fetch(lambda session, url: session.refresh_token(url, refresh_token=grant.refresh_token))

    def profile_name(self, grant: OAuthGrant) -> str:
        """Return the name of the account that a grant is for.

        Raises:
            GrantRefusedError: the wiki does not take the grant.
            WikiUnavailableError: the wiki does not answer.
        """
        import requests

        try:
            with self._session() as session:
                session.token = {"access_token": grant.access_token, "token_type": "Bearer"}
                reply = session.get(f"{self._endpoints}/resource/profile", timeout=_SECONDS)
            if reply.status_code in (401, 403):
                raise GrantRefusedError("the wiki does not take the token that it has just given")
            reply.raise_for_status()
            return str(reply.json()["username"])
        except (requests.RequestException, ValueError, KeyError, TypeError) as e:
            raise self._unavailable() from e

    def _fetch(self, ask: "Callable[[OAuth2Session, str], Any]") -> OAuthGrant:
        """Ask the endpoint for tokens."""
        import requests
        from authlib.common.errors import AuthlibBaseError

        now = self._clock()
        try:
            with self._session() as session:
                token = ask(session, f"{self._endpoints}/access_token")
            return OAuthGrant(
                access_token=str(token["access_token"]),
                refresh_token=token.get("refresh_token"),
                expires_at=now + float(token.get("expires_in") or _HOUR),
            )
        except AuthlibBaseError as e:
            raise GrantRefusedError(f"the wiki refuses: {' '.join(str(e).split())[:200]}") from e
        except (requests.RequestException, ValueError, KeyError, TypeError) as e:
            raise self._unavailable() from e

    def _session(self) -> "OAuth2Session":
        from authlib.integrations.requests_client import OAuth2Session

        session = OAuth2Session(
            self._client_id,
            self._client_secret,
            # The one that MediaWiki documents; its other one is the header.
            token_endpoint_auth_method="client_secret_post" if self._client_secret else "none",
            code_challenge_method="S256",
            default_timeout=_SECONDS,
        )
        session.trust_env = False  # no .netrc may take the place of the token
        session.max_redirects = 0  # neither a code nor a secret follows a redirect
        return session

    def _unavailable(self) -> WikiUnavailableError:
        return WikiUnavailableError("the wiki does not answer as Extension:OAuth does", url=self._endpoints)


def new_secret() -> str:
    """Return a new state or verifier: 43 characters that nobody guesses (RFC 7636, 4.1)."""
    return secrets.token_urlsafe(32)
