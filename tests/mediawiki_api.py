"""The smallest client of a wiki's api.php that the tests need to set a scene. It follows no continuation."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests

_PATIENCE = 120.0  # seconds for one reply, on a machine that is busy


class LocalWikiError(Exception):
    """The wiki did not start, or refused what a test asked; `code` is the API's error code, if any."""

    def __init__(self, message: str, *, code: str = "") -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Account:
    """An account of the wiki and its main password (not a bot password)."""

    name: str
    password: str


@dataclass(frozen=True)
class Edit:
    """What an edit made: the page, under its normalized title, and its new revision."""

    pageid: int
    revid: int
    title: str


class ApiSession:
    """A session with api.php, anonymous until `log_in`."""

    def __init__(self, api_url: str) -> None:
        self._api_url = api_url
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy, no .netrc: the wiki is on this machine
        self._token = ""

    def ask(self, action: str, **parameters: Any) -> dict[str, Any]:
        """Ask for an action and return the reply (formatversion 2).

        A list becomes `a|b`, True becomes 1, False and None are left out.

        Raises:
            LocalWikiError: the reply is an error or no JSON.
        """
        return self._ask(action, parameters, files=None)

    def write(self, action: str, **parameters: Any) -> dict[str, Any]:
        """`ask` for an action that needs the edit token."""
        return self.ask(action, token=self._edit_token(), **parameters)

    def write_file(self, action: str, *, name: str, content: bytes, **parameters: Any) -> dict[str, Any]:
        """`write` with an uploaded file as the parameter `name`."""
        files = {name: (f"{name}.xml", content)}
        return self._ask(action, {"token": self._edit_token(), **parameters}, files=files)

    def submit_form(self, url: str, *, fields: Mapping[str, str], **address: str) -> str:
        """Fill in a form of index.php, for what api.php cannot do, and return the page that answers.

        Args:
            url: the wiki's index.php.
            fields: what to fill in; the form's own token is added.
            address: which form (`title`, `action`).

        Raises:
            LocalWikiError: there is no such form, or the wiki answers with an error.
        """
        form = self._session.get(url, params=address, timeout=_PATIENCE)
        tag = re.search(r"<input[^>]*wpEditToken[^>]*>", form.text)
        token = re.search(r"value=[\"']([^\"']+)", tag[0]) if tag else None
        if token is None:
            raise LocalWikiError(f"no form at {form.url}")
        data = {**address, **fields, "wpEditToken": html.unescape(token[1])}
        response = self._session.post(url, data=data, timeout=_PATIENCE)
        if not response.ok:
            raise LocalWikiError(f"HTTP {response.status_code}: {response.text[:2000]}")
        return response.text

    def exists(self, title: str) -> bool:
        """Whether there is a page of this title."""
        [page] = self.ask("query", titles=title)["query"]["pages"]
        return "missing" not in page

    def log_in(self, account: Account) -> None:
        """Log in with an account's main password.

        Raises:
            LocalWikiError: it is refused.
        """
        token = self.ask("query", meta="tokens", type="login")["query"]["tokens"]["logintoken"]
        credentials = {"username": account.name, "password": account.password}
        result = self.ask("clientlogin", logintoken=token, loginreturnurl=self._api_url, **credentials)
        outcome = result["clientlogin"]
        if outcome["status"] != "PASS":
            raise LocalWikiError(
                f"{account.name} cannot log in: {outcome}", code=outcome.get("messagecode", "")
            )

    def log_in_with_bot_password(self, login: str, password: str) -> None:
        """Log in as programs do, with a bot password.

        Raises:
            LocalWikiError: it is refused.
        """
        token = self.ask("query", meta="tokens", type="login")["query"]["tokens"]["logintoken"]
        outcome = self.ask("login", lgname=login, lgpassword=password, lgtoken=token)["login"]
        if outcome["result"] != "Success":
            raise LocalWikiError(f"{login} cannot log in: {outcome}", code=outcome["result"])

    @property
    def cookies(self) -> dict[str, str]:
        """The session's cookies, for another client, such as a browser, that is to be the same person."""
        return dict(self._session.cookies)

    def close(self) -> None:
        """Close the connections; the wiki keeps the session."""
        self._session.close()

    def _edit_token(self) -> str:
        if not self._token:
            self._token = self.ask("query", meta="tokens")["query"]["tokens"]["csrftoken"]
        return self._token

    def _ask(
        self, action: str, parameters: Mapping[str, Any], *, files: Mapping[str, tuple[str, bytes]] | None
    ) -> dict[str, Any]:
        fields = _encode({"action": action, "format": "json", "formatversion": 2, **parameters})
        response = self._session.post(self._api_url, data=fields, files=files, timeout=_PATIENCE)
        try:
            reply: dict[str, Any] = response.json()
        except requests.JSONDecodeError as error:
            raise LocalWikiError(f"HTTP {response.status_code}: {response.text[:2000]}") from error
        if "error" in reply:
            raise LocalWikiError(f"{action}: {reply['error']}", code=reply["error"]["code"])
        return reply


def _encode(parameters: Mapping[str, Any]) -> dict[str, str]:
    encoded = {}
    for name, value in parameters.items():
        if value is None or value is False:
            continue
        if value is True:
            encoded[name] = "1"
        elif isinstance(value, list | tuple):
            encoded[name] = "|".join(map(str, value))
        else:
            encoded[name] = str(value)
    return encoded
