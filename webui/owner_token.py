"""Whether another process of this machine asks: one that can read the index folder, which has the token."""

import hmac
from typing import TYPE_CHECKING

from flask import request

from webui.config import Config
from webui.visitors import is_of_this_machine, visitor_address

if TYPE_CHECKING:
    from search.index_lock import IndexLock


def shows_owner_token(index_lock: "IndexLock", config: Config) -> bool:
    """Whether the request that is being answered shows the token of the index's owner, from this machine.

    Args:
        index_lock: knows the owner.
        config: says behind which proxies we are, and on which address of this machine.
    """
    token = bearer_token()
    if not token:
        return False
    address = visitor_address(config)
    if not is_of_this_machine(address) and address != config.text("web.host"):
        return False
    owner = index_lock.owner()
    return owner is not None and hmac.compare_digest(token.encode(), owner.token.encode())


def bearer_token() -> str | None:
    """Return the token that the request shows (RFC 6750), if any."""
    given = request.authorization
    return given.token if given is not None and given.type == "bearer" else None
