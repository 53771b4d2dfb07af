"""Keeps the tests of this process on this machine: no connection and no name look-up leaves it."""

import ipaddress
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_LOCAL_NAMES = ("localhost", "ip6-localhost", "")


class NetworkGuardError(RuntimeError):
    """A test reached for another machine.

    It is no OSError: code that retries or forgives a network failure must not hide it.
    """


class NetworkGuard:
    """Remembers the attempts, so that one that was swallowed (in a thread, say) is found all the same."""

    def __init__(self) -> None:
        self.attempts: list[str] = []

    def refuse(self, host: str) -> None:
        """Raise for a host that is not this machine.

        A name under `.invalid` is certain not to exist (RFC 2606): it may be asked for, and is not found.

        Raises:
            NetworkGuardError: the host is another machine.
            socket.gaierror: the host ends in `.invalid`.
        """
        name = host.partition("%")[0].rstrip(".").lower()
        if name in _LOCAL_NAMES or name.endswith(".localhost"):
            return
        try:
            if ipaddress.ip_address(name).is_loopback:
                return
        except ValueError:
            if name.endswith(".invalid"):
                raise socket.gaierror(socket.EAI_NONAME, "Name or service not known") from None
        self.attempts.append(host)
        raise NetworkGuardError(f"a test may not reach another machine: {host}")


@contextmanager
def guard_network() -> Iterator[NetworkGuard]:
    """Refuse every connection and look-up that would leave this machine, in all threads."""
    guard = NetworkGuard()
    patch = _Patch()

    def check_address(connection: socket.socket, address: Any) -> None:
        if connection.family in (socket.AF_INET, socket.AF_INET6):
            guard.refuse(str(address[0]))

    def connect(connection: socket.socket, address: Any) -> None:
        check_address(connection, address)
        patch.connect(connection, address)

    def connect_ex(connection: socket.socket, address: Any) -> int:
        check_address(connection, address)
        return patch.connect_ex(connection, address)

    def sendto(connection: socket.socket, data: Any, *arguments: Any) -> int:
        check_address(connection, arguments[-1])
        sent: int = patch.sendto(connection, data, *arguments)
        return sent

    def getaddrinfo(host: Any, *arguments: Any, **options: Any) -> Any:
        guard.refuse(host.decode() if isinstance(host, bytes) else host or "")
        return patch.getaddrinfo(host, *arguments, **options)

    with patch.replace(connect=connect, connect_ex=connect_ex, sendto=sendto, getaddrinfo=getaddrinfo):
        yield guard


class _Patch:
    """The functions of `socket` that are replaced, as they were."""

    def __init__(self) -> None:
        self.connect = socket.socket.connect
        self.connect_ex = socket.socket.connect_ex
        self.sendto: Any = socket.socket.sendto
        self.getaddrinfo = socket.getaddrinfo

    @contextmanager
    def replace(self, *, getaddrinfo: Any, **methods: Any) -> Iterator[None]:
        socket.getaddrinfo = getaddrinfo
        for name, method in methods.items():
            setattr(socket.socket, name, method)
        try:
            yield
        finally:
            socket.getaddrinfo = self.getaddrinfo
            for name in methods:
                setattr(socket.socket, name, getattr(self, name))
