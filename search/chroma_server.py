"""Talking to a Chroma server: within bounds of time, and nothing left open."""

import base64
from urllib.parse import SplitResult, unquote, urlsplit

from connector.errors import ConfigError

# A page of vectors takes seconds.
_CONNECT_SECONDS, _ANSWER_SECONDS = 5.0, 60.0


def server_at(url: str) -> SplitResult:
    """Read a server's URL.

    Raises:
        ConfigError: it is none.
    """
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        valid = False
    if not valid:
        raise ConfigError("the Chroma server's address must be like http://127.0.0.1:8000")
    return parts


def connect(server: SplitResult) -> object:
    """Return a client of chromadb; a user and password in the address go to the proxy in front of it."""
    import httpx
    from chromadb.api.client import Client
    from chromadb.api.shared_system_client import SharedSystemClient
    from chromadb.auth import UserIdentity
    from chromadb.config import Settings

    headers = {}
    if server.username is not None:
        account = f"{unquote(server.username)}:{unquote(server.password or '')}"
        headers["Authorization"] = f"Basic {base64.b64encode(account.encode()).decode()}"
    encrypted = server.scheme == "https"
    settings = Settings(
        anonymized_telemetry=False,
        # As chromadb.HttpClient sets them.
        chroma_api_impl="chromadb.api.fastapi.FastAPI",
        chroma_server_host=server.hostname or "",
        chroma_server_http_port=server.port or (443 if encrypted else 80),
        chroma_server_ssl_enabled=encrypted,
        chroma_server_headers=headers,
    )

    class BoundedClient(Client):
        # Chroma's own waits for ever (httpx.Client(timeout=None)), from its first request on, which is
        # made while it is built; this method makes it.
        def get_user_identity(self) -> UserIdentity:
            self._session.timeout = httpx.Timeout(_ANSWER_SECONDS, connect=_CONNECT_SECONDS)
            return super().get_user_identity()

        # The next ones would go through another connection, without bounds and never closed.
        def _validate_tenant_database(self, tenant: str, database: str) -> None:
            self._admin_client._server = self._server  # type: ignore[attr-defined]
            super()._validate_tenant_database(tenant, database)

        # Chroma leaves it to chance when connections end, and remembers each client under a second name.
        def close(self) -> None:
            session, known = self._session, SharedSystemClient._identifier_to_system
            names = [name for name, system in known.items() if system is self._system]
            super().close()
            session.close()
            for name in names:
                known.pop(name, None)

        @property
        def _session(self) -> httpx.Client:
            session: httpx.Client = self._server._session  # type: ignore[attr-defined]
            return session

    return BoundedClient(settings=settings)
