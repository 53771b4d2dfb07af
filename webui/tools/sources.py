"""Where the tools for language models have their answers from: a running service, or this data directory."""

import json
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from connector.errors import (
    CompagnonError,
    ConfigError,
    IndexBusyError,
    IndexNotBuiltError,
    NotAllowedError,
    SignInWantedError,
)
from webui.built_once import built_once
from webui.config import Config

if TYPE_CHECKING:
    from flask import Flask

    from webui.bootstrap import Services

_CONNECT_SECONDS = 5.0
_ANSWER_SECONDS = 60.0
_LOCK_WAIT_SECONDS = 30.0
_LOOPBACK = ("localhost", "127.0.0.1")

Answer = dict[str, Any]
Parameters = Mapping[str, str | int]


class ToolSource(Protocol):
    """Answers what the JSON API answers."""

    def get(self, path: str, parameters: Parameters) -> Answer:
        """Return what the API answers at a path.

        Raises:
            CompagnonError: why it does not, in one line.
        """
        ...

    def close(self) -> None:
        """Let go of what it holds."""
        ...


class RemoteSource:
    """A running service, asked in the name of a person, who is shown what they may read there.

    Args:
        url: address of its pages.
        token: the person's; None asks as anybody.

    Raises:
        ConfigError: the address is none, or a token would be sent over an unencrypted line.
    """

    def __init__(self, url: str, token: str | None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigError(f"not the address of a service: {url}")
        if token and parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            raise ConfigError(f"{url} is not encrypted: a token is sent over https only")
        self._url = url.rstrip("/")
        self._headers = {"Accept": "application/json"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str, parameters: Parameters) -> Answer:
        """See `ToolSource.get`."""
        import requests

        try:
            # A session for each: tools are called by several threads.
            with requests.Session() as session:
                session.trust_env = False  # ~/.netrc must not put another name in the token's place
                reply = session.get(
                    self._url + path,
                    params=dict(parameters),
                    headers=self._headers,
                    timeout=(_CONNECT_SECONDS, _ANSWER_SECONDS),
                    allow_redirects=False,  # the token is for this service
                )
                answer = reply.json()
        except (requests.RequestException, ValueError) as e:
            raise CompagnonError(f"no service of Compagnon answers at {self._url}") from e
        if not reply.ok or not isinstance(answer, dict):
            raise _refusal(reply.status_code, answer)
        return answer

    def close(self) -> None:
        """See `ToolSource.close`."""


class LocalSource:
    """This data directory: the process that serves it, if one does, else its files, with all rights.

    Args:
        config: of the data directory.

    Raises:
        IndexNotBuiltError: nothing was synced or indexed there.
    """

    def __init__(self, config: Config) -> None:
        from webui.bootstrap import build_services

        if not config.exists:
            raise IndexNotBuiltError(
                f"there is nothing in {config.folder} yet: run `compagnon sync`, then `compagnon index`"
            )
        self.building = threading.RLock()
        # One question at a time: the index is closed after each.
        self._turn = threading.Lock()
        self._services: Services = build_services(config)

    def get(self, path: str, parameters: Parameters) -> Answer:
        """See `ToolSource.get`."""
        from webui.owner import OwnerClient

        owner = self._services.index_lock.owner()
        if owner is not None and owner.url is not None:
            return OwnerClient(owner).get(path, **parameters)
        with self._turn, self._services.index_lock.acquire(exclusive=False, wait_seconds=_LOCK_WAIT_SECONDS):
            try:
                return self._answered(path, parameters)
            finally:
                self._services.index.close()  # another process may serve, or update, from here on

    def close(self) -> None:
        """See `ToolSource.close`."""
        self._services.close()

    @built_once
    def _app(self) -> "Flask":
        from webui.app import create_app

        return create_app(self._services)

    def _answered(self, path: str, parameters: Parameters) -> Answer:
        from flask import g

        from webui.rights.readers import Reader
        from webui.rights.rights import Everything
        from webui.rights.roles import Role

        context = self._app.test_request_context(
            path, query_string=dict(parameters), environ_base={"REMOTE_ADDR": "127.0.0.1"}
        )
        with context:
            # Who can read the data directory may read all that is in it, as with the other commands.
            g.reader = Reader(role=Role.ADMINISTRATOR, readable=Everything())
            reply = self._app.full_dispatch_request()
            answer = json.loads(reply.get_data())
            if reply.status_code >= 400:
                raise _refusal(reply.status_code, answer)
            return dict(answer)


def _refusal(status: int, answer: object) -> CompagnonError:
    """Return an error of the API as one of ours."""
    error = answer.get("error") if isinstance(answer, dict) else None
    message = str(error.get("message")) if isinstance(error, dict) else f"the service answers {status}"
    kinds = {401: SignInWantedError, 403: NotAllowedError, 503: IndexBusyError}
    return kinds.get(status, CompagnonError)(message)
