"""Who looks at a page or asks the API: their account, their role, and what they may read."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from flask import g

from connector.errors import NotAllowedError, SignInWantedError
from webui.current import current_services
from webui.rights.roles import Role

if TYPE_CHECKING:
    from connector.store import Account
    from search.readable import Readable

_P = ParamSpec("_P")
_R = TypeVar("_R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Somebody who asks for something."""

    role: Role
    readable: "Readable"
    """What they may read."""
    account: "Account | None" = None
    """None for who has not signed in, and where nobody can."""

    @property
    def name(self) -> str:
        """Name of their account in the wiki; empty without one."""
        return self.account.name if self.account is not None else ""


def current_reader() -> Reader:
    """Return who makes this request; found out once for each."""
    reader: Reader | None = g.get("reader")
    if reader is None:
        reader = g.reader = current_services().readers.of_request()
    return reader


def require(role: Role) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """Let a function answer only those who have a role, or one above it.

    Raises, when it is called:
        SignInWantedError: who asks has not signed in, and might have the role.
        NotAllowedError: who asks has signed in, and has not got it.
    """

    def guard(answer: Callable[_P, _R]) -> Callable[_P, _R]:
        @wraps(answer)
        def guarded(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            check_role(role)
            return answer(*args, **kwargs)

        return guarded

    return guard


def check_role(role: Role) -> Reader:
    """Return who makes this request, if they have a role, or one above it; errors as `require`."""
    reader = current_reader()
    is_let_in = reader.role > Role.VISITOR or current_services().readers.anybody_reads
    if reader.role >= role and is_let_in:
        return reader
    if reader.account is None:
        raise SignInWantedError("sign in first")
    raise NotAllowedError(f"this is for a {role.name.lower()}, which your groups in the wiki do not make you")
