"""From which address somebody asks, through the proxies that are trusted."""

from ipaddress import ip_address

from flask import request

from webui.config import Config

_LONGEST_NAME = 80


def visitor_address(config: Config) -> str:
    """Return the address of who makes this request: the last one that no trusted proxy has.

    A proxy that says something else than an address ("unknown") has a visitor all the same, who is not this
    machine. Each proxy adds to `X-Forwarded-For` the address that it was asked from
    (https://www.rfc-editor.org/rfc/rfc7239#section-1 says the same of its successor); what stands before the
    word of a trusted proxy may be anybody's invention.
    """
    address = request.remote_addr or ""
    trusted = config.texts("web.trusted_proxies")
    told = [part.strip() for part in ",".join(request.headers.getlist("X-Forwarded-For")).split(",")]
    while address in trusted and told:
        named = told.pop()
        if not _is_address(named):
            return named[:_LONGEST_NAME] or address
        address = named
    return address


def is_of_this_machine(address: str) -> bool:
    """Whether an address is this machine's own."""
    return _is_address(address) and ip_address(address).is_loopback


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
