"""MediaWiki's action API: a call that keeps its manners, queries that go on, an account that stays logged in.

https://www.mediawiki.org/wiki/API:Main_page. One exchange is somebody else's work (`transport.Exchange`).
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connector.clock import WikiClock
from connector.errors import WikiLoginError, WikiUnavailableError
from connector.manners import MAXLAG_SECONDS, Patience, Portion, passes
from connector.replies import is_reply
from connector.transport import Exchange, ReplyFault

log = logging.getLogger(__name__)

Reply = dict[str, Any]

# Longer requests are posted: some servers refuse long addresses.
_LONGEST_ADDRESS = 1_500
_SESSION_LOST = frozenset({"assertuserfailed", "assertnameduserfailed"})
_READING_DENIED = frozenset({"readapidenied", "mwoauth-invalid-authorization"})
# Of Extension:OAuth: the token has expired, or its grant was taken back.
_NO_GRANT = "mwoauth-invalid-authorization"
# What a wiki says of itself changes by the month; a watch asks every half minute.
_SITE_KEPT_SECONDS = 600.0
# A query that goes round in circles is as endless as one that stands still.
_POSITIONS_REMEMBERED = 20
_SITE = {"meta": "siteinfo", "siprop": "general|namespaces|namespacealiases|statistics|extensions"}


class ApiError(Exception):
    """The wiki understood, and says no; its `code` says why."""

    def __init__(self, code: str, info: str) -> None:
        super().__init__(f"{code}: {info}")
        self.code = code
        self.info = " ".join(info.split())[:300]


class Api:
    """The API of one wiki, used by one account or by nobody. Threads may share it.

    Args:
        exchange: makes one exchange.
        url: the wiki's address, for messages.
        user: login name ("Camille Roux@compagnon"), or None to stay anonymous.
        password: its password.
        bearer: whether each exchange shows an access token that says who asks, instead of name and password.
        patience: makes the patience for one piece of work.
        monotonic: seconds that never go back, as `time.monotonic` gives them.
    """

    def __init__(
        self,
        *,
        exchange: Exchange,
        url: str,
        user: str | None,
        password: str | None,
        bearer: bool = False,
        patience: Callable[[], Patience],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._exchange = exchange
        self.url = url
        self._login_name = user
        self._password = password
        self._bearer = bearer
        self.patience = patience
        self._lock = threading.RLock()
        self._met = False
        self._logged_in = False
        self._rights: frozenset[str] = frozenset()
        self._user = ""
        self._private: bool | None = None
        self._monotonic = monotonic
        self._clock = WikiClock(monotonic=monotonic)
        self._site: Reply | None = None
        self._site_read_at = 0.0

    # The wiki

    def now(self) -> datetime:
        """Return the wiki's time; it is asked only when no recent reply tells it."""
        self._get_ready()
        known = self._clock.now()
        if known is None:
            known = WikiClock.read(self.call("query", {})["curtimestamp"])
        return known

    def site(self) -> Reply:
        """Return what the wiki says of itself (`meta=siteinfo`), as it said it some minutes ago at most."""
        self._get_ready()
        if self._site is None or self._monotonic() - self._site_read_at > _SITE_KEPT_SECONDS:
            described: Reply = {}
            for reply in self.query(_SITE):
                described |= reply.get("query") or {}
            self._site, self._site_read_at = described, self._monotonic()
        return self._site

    def _keep_site(self, reply: Reply) -> None:
        """Keep the wiki's description that came along with something else, if it came whole."""
        if "continue" not in reply:
            self._site, self._site_read_at = reply["query"], self._monotonic()

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
            token = self._meet() if self._private is None and not self._bearer else None
            if self._logged_in:
                return
            if self._bearer:
                self._introduce("whom the access token is for")
            elif self._login_name is not None:
                self._log_in(token)

    def _meet(self) -> str | None:
        """See whether anybody may read here; return the token to log in with, if it came along.

        The wiki's description comes in the same request: connecting costs nobody one, and an account three.
        """
        asked = _SITE if self._login_name is None else {**_SITE, "meta": "siteinfo|tokens", "type": "login"}
        try:
            reply = self._call("query", asked)
        except ApiError as e:
            if e.code not in _READING_DENIED:
                raise WikiUnavailableError(f"{self.url} refuses to answer: {e.info}", url=self.url) from e
            if self._login_name is None:
                raise WikiLoginError(
                    f"{self.url} is a private wiki: reading it needs an account and its bot password "
                    "(`compagnon init --user Name@app`)"
                ) from e
            self._private = True
            return None
        self._private = False
        if not reply.get("query"):  # nothing, or an empty list: no room for it
            return None
        self._keep_site(reply)
        token = reply["query"].get("tokens", {}).get("logintoken")
        return str(token) if token else None

    def _log_in(self, token: str | None = None) -> None:
        """Log in with a bot password, or with an account's own where the wiki lets it.

        Not mwclient's `login`: it asks for ever when the wiki keeps no session (NeedToken).
        https://www.mediawiki.org/wiki/API:Login
        """
        name = self._login_name or ""
        try:
            login = self._ask_for_login(name, token)
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
        self._introduce(f"{name} (its bot password needs the basic rights)")

    def _introduce(self, whom: str) -> None:
        """Have the wiki say who asks; it is only now that a private one describes itself."""
        self._logged_in = True
        asked = {**_SITE, "meta": "siteinfo|userinfo", "uiprop": "rights", "assert": "user"}
        try:
            info = self._call("query", asked)
        except ApiError as e:
            self._logged_in = False
            raise WikiLoginError(
                f"{self.url} does not let {whom} read: {e.info}", user=self._login_name
            ) from e
        except (WikiLoginError, WikiUnavailableError):
            self._logged_in = False
            raise
        self._keep_site(info)
        self._user = info["query"]["userinfo"]["name"]
        self._rights = frozenset(info["query"]["userinfo"]["rights"])

    def _ask_for_login(self, name: str, token: str | None) -> Reply:
        """Send name and password, and again with another token when the reply is lost: each serves once."""
        patience = self.patience()
        while True:
            if token is None:
                tokens = self._call("query", {"meta": "tokens", "type": "login"}, _Options(patience=patience))
                token = tokens["query"]["tokens"]["logintoken"]
            fields = {"lgname": name, "lgpassword": self._password or "", "lgtoken": token}
            options = _Options(post=True, patience=patience, lost_is_final=True)
            try:
                login: Reply = self._call("login", fields, options)["login"]
            except ReplyFault as e:
                if not e.passing:
                    raise WikiUnavailableError(f"{self.url} {e.reason}", url=self.url) from e
                patience.wait(e.reason, at_least=e.retry_after)
                token = None
            else:
                return login

    # Calls

    def call(
        self,
        action: str,
        parameters: Mapping[str, Any],
        *,
        post: bool = False,
        patience: Patience | None = None,
        lost_is_final: bool = False,
        less_may_help: bool = False,
    ) -> Reply:
        """Call the API, as the account, and wait and try again where that may help.

        Args:
            action: the API's module.
            parameters: its parameters; None is left out, and a boolean is there or not.
            post: send it in a body (what writes, and what is secret).
            patience: the waits of the piece of work that this belongs to.
            lost_is_final: do not try again when it is unknown whether the wiki has done it.
            less_may_help: do not ask the same again when the wiki broke under it: the caller asks for less.

        Raises:
            ApiError: the wiki says no.
            ReplyFault: only with `lost_is_final` or `less_may_help`: no usable reply came.
            WikiLoginError: the session is lost, and logging in again does not bring it back.
            WikiUnavailableError: the wiki does not answer, or not as a MediaWiki API.
        """
        self._get_ready()
        options = _Options(post, patience, lost_is_final, less_may_help)
        if self._login_name is None and not self._bearer:
            return self._call(action, parameters, options)
        # Reads would go on silently as nobody, and see fewer pages, after a lost session.
        asserted = {"assert": "user", **parameters}
        for logged_in_again in (False, True):
            try:
                return self._call(action, asserted, options)
            except ApiError as e:
                if e.code not in _SESSION_LOST:
                    raise
                if logged_in_again or self._bearer:
                    name = self._login_name or self._user
                    raise WikiLoginError(f"{self.url} does not keep the session of {name}", user=name) from e
                with self._lock:
                    log.info("%s has ended our session: logging in again", self.url)
                    self._log_in()
        raise AssertionError("unreachable")

    def query(
        self,
        parameters: Mapping[str, Any],
        *,
        limits: Sequence[str] = (),
        patience: Patience | None = None,
        less_may_help: bool = False,
    ) -> Iterator[Reply]:
        """Yield the replies to a query until it is complete (https://www.mediawiki.org/wiki/API:Continue).

        Args:
            parameters: the query's, without those that continue it.
            limits: parameters that say how much one reply holds ("gaplimit"): as much as the account may ask
                for, and less where replies come broken.
            patience: as for `call`, until there is a good reply.
            less_may_help: as for `call`.

        Raises:
            ReplyFault: as for `call`.
            WikiUnavailableError: besides the faults of `call`, the wiki answers without moving on.
        """
        goes_on: Reply = {}
        been_there = deque([goes_on], maxlen=_POSITIONS_REMEMBERED)
        portion = Portion(10 * self.limit)
        patience = patience or self.patience()
        while True:
            sized = dict.fromkeys(limits, "max" if portion.whole else portion.size)
            divisible = bool(limits) and portion.size > 1
            question = {**parameters, **sized, **goes_on}
            try:
                reply = self.call(
                    "query", question, patience=patience, less_may_help=less_may_help or divisible
                )
            except ReplyFault:
                if not divisible:
                    raise
                portion.halve()
                continue
            portion.praise()
            patience = self.patience()
            yield reply
            following = reply.get("continue")
            if following is None:
                return
            if not isinstance(following, dict) or following in been_there:
                raise WikiUnavailableError(f"{self.url} answers the same again and again", url=self.url)
            goes_on = following
            been_there.append(goes_on)

    def _call(self, action: str, parameters: Mapping[str, Any], options: "_Options | None" = None) -> Reply:
        options = options or _Options()
        fields = {
            key: 1 if value is True else value
            for key, value in parameters.items()
            if value is not None and value is not False
        }
        fields |= {"action": action, "formatversion": 2, "maxlag": MAXLAG_SECONDS, "curtimestamp": 1}
        length = sum(len(key) + len(str(value)) for key, value in fields.items())
        patience = options.patience or self.patience()
        while True:
            # Whoever shares the line waits too: what the wiki asks of one it asks of all.
            with self._lock:
                reply = self._try(
                    action, fields, options.post or length > _LONGEST_ADDRESS, patience, options
                )
            if reply is not None:
                return reply

    def _try(
        self, action: str, fields: Reply, post: bool, patience: Patience, options: "_Options"
    ) -> Reply | None:
        """Ask once; None after the wait that something which passes calls for."""
        try:
            reply, retry_after = self._exchange(fields, post=post)
            if not is_reply(reply, action):
                raise ReplyFault("does not answer as a MediaWiki API", passing=True, broken=True)
        except ReplyFault as e:
            if e.unauthorized and self._bearer:
                raise self._grant_is_gone(e.reason) from e
            if options.lost_is_final:
                raise
            divisible = options.less_may_help and e.broken
            # The first time it is rather the address that is wrong: say so at once.
            if not (e.passing or divisible) or (not self._met and e.retry_after is None):
                raise WikiUnavailableError(f"{self.url} {e.reason}", url=self.url) from e
            log.info("%s %s: trying again%s", self.url, e.reason, " with less" if divisible else "")
            patience.wait(e.reason, at_least=e.retry_after, longer_each_time=not divisible)
            if divisible:
                raise
            return None
        self._met = True
        self._clock.set(reply.get("curtimestamp"))
        error = reply.get("error")
        if error is None:
            return reply
        code = str(error.get("code", "unknown"))
        if self._bearer and code.startswith(_NO_GRANT):
            raise self._grant_is_gone(code)
        if not passes(code):
            raise ApiError(code, str(error.get("info", code)))
        log.info("%s answers %s: trying again", self.url, code)
        patience.wait(f"answers “{code}”", at_least=retry_after)
        return None

    def _grant_is_gone(self, said: str) -> WikiLoginError:
        return WikiLoginError(f"{self.url} no longer takes this access token ({said})", user=self._user)


@dataclass(frozen=True, slots=True)
class _Options:
    """How one call is made; see `Api.call`."""

    post: bool = False
    patience: Patience | None = None
    lost_is_final: bool = False
    less_may_help: bool = False
