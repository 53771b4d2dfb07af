"""Addresses of mail, as they may stand in a header and be given to a server.

Only the plain form is taken: no quoted names, no comments, no lists. What somebody types here ends in headers
and in SMTP commands, where a line's end or a comma would be another header or another recipient.
"""

import re
from email.headerregistry import Address
from email.utils import parseaddr
from typing import Final

from connector.store.subscriptions import LONGEST_ADDRESS
from connector.wikitext.escape import one_line

# The dot-atom of RFC 5322, 3.2.3, and at most 64 characters (RFC 5321, 4.5.3.1.1).
_LOCAL: Final = re.compile(
    r"(?=.{1,64}\Z)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*\Z"
)
_LABEL: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\Z")


def checked_address(text: str) -> str:
    """Return an address in the form in which it is kept and written to: an ASCII one.

    Args:
        text: as somebody types it; a name of a domain may have letters beyond ASCII (IDNA).

    Raises:
        ValueError: it is no address that mail can be sent to.
    """
    stripped = text.strip()
    local, at, domain = stripped.rpartition("@")
    if not at or not stripped.isprintable() or not _LOCAL.match(local):
        raise ValueError("this is no address of mail")
    try:
        # https://docs.python.org/3/library/codecs.html#module-encodings.idna
        host = domain.encode("idna").decode("ascii").lower()
    except UnicodeError as e:
        raise ValueError("this is no address of mail") from e
    labels = host.split(".")
    # A name without a dot, or in brackets, is a machine of the server's own network.
    if len(labels) < 2 or not all(map(_LABEL.match, labels)) or labels[-1].isdigit():
        raise ValueError("this is no address of mail")
    address = f"{local}@{host}"
    if len(address) > LONGEST_ADDRESS:
        raise ValueError("this is no address of mail")
    return address


def checked_sender(text: str) -> Address:
    """Return whom mail comes from: `Compagnon <compagnon@example.org>`, or an address alone.

    Raises:
        ValueError: it is neither.
    """
    name, address = parseaddr(text) if text.isprintable() else ("", "")
    if not address:
        raise ValueError("this is no address of mail")
    return Address(display_name=one_line(name), addr_spec=checked_address(address))
