"""MediaWiki's action API: a call that keeps its manners, queries that go on, an account that stays logged in.

https://www.mediawiki.org/wiki/API:Main_page. One exchange is somebody else's work (`Exchange`).
"""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from connector.errors import WikiLoginError, WikiUnavailableError
from connector.manners import MAXLAG_SECONDS, Patience, passes
from connector.transport import ReplyFault

log = logging.getLogger(__name__)

Reply = dict[str, Any]

# Longer requests are posted: some servers refuse long addresses.
_LONGEST_ADDRESS = 1_500
_SESSION_LOST = frozenset({"assertuserfailed", "assertnameduserfailed"})
_READING_DENIED = frozenset({"readapidenied", "mwoauth-invalid-authorization"})


class ApiError(Exception):
    """The wiki understood, and says no; its `code` says why."""

    def __init__(self, code: str, info: str) -> None:
        super().__init__(f"{code}: {info}")
        self.code = code
        self.info = " ".join(info.split())[:300]


class Exchange(Protocol):
    """One request and its reply, without trying again."""

    def __call__(self, parameters: Mapping[str, Any], *, post: bool) -> tuple[Reply, float | None]:
        """Return the reply and the seconds that the wiki asks to wait (Retry-After).

        Raises:
            ReplyFault: there is no reply that is JSON.
        """


class Api:
    """The API of one wiki, used by one account or by nobody. Threads may share it.

    Args:
        exchange: makes one exchange.
        url: the wiki's address, for messages.
        user: login name ("Camille Roux@compagnon"), or None to stay anonymous.
        password: its password.
        patience: makes the patience for one piece of work.
    """

    def __init__(
        self,
        *,
        exchange: Exchange,
        url: str,
        user: str | None,
        password: str | None,
        patience: Callable[[], Patience],
    ) -> None:
        self._exchange = exchange
        self.url = url
        self._login_name = user
        self._password = password
        self.patience = patience
        self._lock = threading.RLock()
        self._met = False
        self._logged_in = False
        self._rights: frozenset[str] = frozenset()
        self._user = ""
        self._private: bool | None = None

    # The account

    @property
    def user(self) -> str:
        """Name of the account on the wiki, without the application's; empty for nobody."""
        self._get_ready()
        return self._user

    @property
    def rights(self) -> frozenset[str]:
        """What the account may do, as far as its password lets it."""
        self._get_ready()
        return self._rights

    @property
    def private(self) -> bool:
        """Whether the wiki shows its pages to accounts only."""
        self._get_ready()
        return bool(self._private)

    @property
    def limit(self) -> int:
        """How many pages one request may name, and how many texts one reply may hold."""
        return 500 if "apihighlimits" in self.rights else 50

    def _get_ready(self) -> None:
        """Meet the wiki and log in, once."""
        with self._lock:
            if self._private is None:
                try:
                    self._call("query", {"meta": "siteinfo"})
                except ApiError as e:
                    if e.code not in _READING_DENIED:
                        raise WikiUnavailableError(
                            f"{self.url} refuses to answer: {e.info}", url=self.url
                        ) from e
                    if self._login_name is None:
                        raise WikiLoginError(
                            f"{self.url} is a private wiki: reading it needs an account and its bot password "
                            "(`compagnon init --user Name@app`)"
                        ) from e
                    self._private = True
                else:
                    self._private = False
            if self._login_name is not None and not self._logged_in:
                self._log_in()

    def _log_in(self) -> None:
        """Log in with a bot password, or with an account's own where the wiki lets it.

        Not mwclient's `login`: it asks for ever when the wiki keeps no session (NeedToken).
        https://www.mediawiki.org/wiki/API:Login
        """
        name = self._login_name or ""
        try:
            tokens = self._call("query", {"meta": "tokens", "type": "login"})
            token = tokens["query"]["tokens"]["logintoken"]
            fields = {"lgname": name, "lgpassword": self._password or "", "lgtoken": token}
            login = self._call("login", fields, post=True)["login"]
        except ApiError as e:
            raise WikiLoginError(f"{self.url} refuses the login of {name}: {e.info}", user=name) from e
        result = login.get("result")
        if result == "NeedToken":
            raise WikiLoginError(
                f"{self.url} does not keep the session of {name} (cookies are lost)", user=name
            )
        if result != "Success":
            reason = " ".join(str(login.get("reason") or result).split())[:300]
            raise WikiLoginError(
                f"{self.url} refuses the account {name}: {reason} "
                "(make a bot password on the wiki's page Special:BotPasswords)",
                user=name,
            )
        self._logged_in = True
        try:
            info = self._call("query", {"meta": "userinfo", "uiprop": "rights", "assert": "user"})
        except ApiError as e:
            self._logged_in = False
            raise WikiLoginError(
                f"{self.url} does not let {name} read: {e.info} (its bot password needs the basic rights)",
                user=name,
            ) from e
        self._user = info["query"]["userinfo"]["name"]
        self._rights = frozenset(info["query"]["userinfo"]["rights"])

    # Calls

    def call(
        self,
        action: str,
        parameters: Mapping[str, Any],
        *,
        post: bool = False,
        patience: Patience | None = None,
        lost_is_final: bool = False,
    ) -> Reply:
        """Call the API, as the account, and wait and try again where that may help.

        Args:
            action: the API's module.
            parameters: its parameters; None is left out, and a boolean is there or not.
            post: send it in a body (what writes, and what is secret).
            patience: the waits of the piece of work that this belongs to.
            lost_is_final: do not try again when it is unknown whether the wiki has done it.

        Raises:
            ApiError: the wiki says no.
            ReplyFault: only with `lost_is_final`: no usable reply came.
            WikiLoginError: the session is lost, and logging in again does not bring it back.
            WikiUnavailableError: the wiki does not answer, or not as a MediaWiki API.
        """
        self._get_ready()
        if self._login_name is None:
            return self._call(action, parameters, post=post, patience=patience, lost_is_final=lost_is_final)
        # Reads would go on silently as nobody, and see fewer pages, after a lost session.
        asserted = {"assert": "user", **parameters}
        for logged_in_again in (False, True):
            try:
                return self._call(action, asserted, post=post, patience=patience, lost_is_final=lost_is_final)
            except ApiError as e:
                if e.code not in _SESSION_LOST:
                    raise
                if logged_in_again:
                    raise WikiLoginError(
                        f"{self.url} does not keep the session of {self._login_name}", user=self._login_name
                    ) from e
                with self._lock:
                    log.info("%s has ended our session: logging in again", self.url)
                    self._log_in()
        raise AssertionError("unreachable")

    def query(self, parameters: Mapping[str, Any]) -> Iterator[Reply]:
        """Yield the replies to a query until it is complete (https://www.mediawiki.org/wiki/API:Continue).

        Raises:
            WikiUnavailableError: besides the faults of `call`, the wiki answers without moving on.
        """
        goes_on: Reply = {}
        while True:
            reply = self.call("query", {**parameters, **goes_on})
            yield reply
            following = reply.get("continue")
            if following is None:
                return
            if not isinstance(following, dict) or following == goes_on:
                raise WikiUnavailableError(f"{self.url} answers the same again and again", url=self.url)
            goes_on = following

    def _call(
        self,
        action: str,
        parameters: Mapping[str, Any],
        *,
        post: bool = False,
        patience: Patience | None = None,
        lost_is_final: bool = False,
    ) -> Reply:
        fields = {
            key: 1 if value is True else value
            for key, value in parameters.items()
            if value is not None and value is not False
        }
        fields |= {"action": action, "formatversion": 2, "maxlag": MAXLAG_SECONDS}
        post = post or sum(len(key) + len(str(value)) for key, value in fields.items()) > _LONGEST_ADDRESS
        patience = patience or self.patience()
        while True:
            try:
                with self._lock:
                    reply, retry_after = self._exchange(fields, post=post)
                if not _is_reply(reply, action):
                    raise ReplyFault("does not answer as a MediaWiki API", passing=True)
            except ReplyFault as e:
                if lost_is_final:
                    raise
                # The first time it is rather the address that is wrong: say so at once.
                if not e.passing or (not self._met and e.retry_after is None):
                    raise WikiUnavailableError(f"{self.url} {e.reason}", url=self.url) from e
                log.info("%s %s: trying again", self.url, e.reason)
                patience.wait(e.reason, at_least=e.retry_after)
                continue
            self._met = True
            error = reply.get("error")
            if error is None:
                return reply
            code = str(error.get("code", "unknown"))
            if not passes(code):
                raise ApiError(code, str(error.get("info", code)))
            log.info("%s answers %s: trying again", self.url, code)
            patience.wait(f"answers “{code}”", at_least=retry_after)


def one_title(title: str) -> str:
    r"""Write a title for the parameter `titles`, so that it stays one, whatever it holds.

    A first \x1f makes it the separator between titles, so that "|" is a letter, and refused
    (https://www.mediawiki.org/wiki/API:Data_formats#Multivalue_parameters).
    """
    return "\x1f" + title.replace("\x1f", "\x1e")


def _is_reply(reply: object, action: str) -> bool:
    """Whether this is what a MediaWiki API says: JSON of something else is as wrong as HTML."""
    if not isinstance(reply, dict):
        return False
    if "error" in reply:
        return isinstance(reply["error"], dict) and "code" in reply["error"]
    # A query that finds nothing answers with no more than that it is complete.
    return action in reply or (action == "query" and ("batchcomplete" in reply or "continue" in reply))
