"""The wiki: its name, its certificate, its API, the account that reads it, and its clock."""

import os
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connector.errors import ConfigError, WikiLoginError, WikiUnavailableError
from connector.transport import ApiAddress
from webui.checkup.findings import Finding, ok, problem, warning
from webui.checkup.mirror import known_site

if TYPE_CHECKING:
    from connector.wiki import MediaWiki
    from webui.bootstrap import Services

_CONNECT_SECONDS = 5.0
_CERTIFICATE_DAYS = 14
_LEAST_VERSION = (1, 39)
# Claims of the extension may be half a minute ahead (`webui.claims`); what is measured is good to a second.
_WRONG_SECONDS = 25.0
_OFF_SECONDS = 5.0
# Only these are of use to who reads: what else a password gives, a thief of it has too.
_EDITING = frozenset({"edit", "createpage", "createtalk", "move", "upload", "reupload"})
_POWERFUL = frozenset(
    {
        "block",
        "delete",
        "deletedhistory",
        "deletedtext",
        "editinterface",
        "editsitecss",
        "editsitejs",
        "hideuser",
        "import",
        "importupload",
        "protect",
        "suppressrevision",
        "undelete",
        "userrights",
        "viewsuppressed",
    }
)
_MAKE_ANOTHER = (
    "make a bot password with “Basic rights” on the wiki's page Special:BotPasswords, and run compagnon init"
)


def check_line(services: "Services") -> Iterator[Finding]:
    """Whether the wiki's name is known here, its port answers, and its certificate is good."""
    from requests.utils import DEFAULT_CA_BUNDLE_PATH, get_environ_proxies

    url = services.config.optional_text("wiki.api_url")
    if url is None:
        return
    address = ApiAddress.parse(url)
    if get_environ_proxies(address.url):
        yield ok("reached through a proxy (http_proxy or https_proxy)")
        return
    parts = urlsplit(address.url)
    host, port = parts.hostname or "", parts.port or (443 if address.scheme == "https" else 80)
    try:
        place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4][0]
    except socket.gaierror:
        yield problem(f"the name {host} is not known on this network", "look at the address, and at DNS")
        return
    try:
        line = socket.create_connection((host, port), timeout=_CONNECT_SECONDS)
    except OSError as e:
        yield problem(f"{host} ({place}), port {port}: {_plain(e)}", "see that the wiki runs, and firewalls")
        return
    with line:
        if address.scheme != "https":
            if address.exposed:
                yield warning(
                    f"{host} is reached without encryption", "use an address that begins with https://"
                )
            else:
                yield ok(f"{host}, port {port}, on this machine")
            return
        trusted = os.environ.get("REQUESTS_CA_BUNDLE") or DEFAULT_CA_BUNDLE_PATH
        try:
            context = ssl.create_default_context(cafile=trusted)
            with context.wrap_socket(line, server_hostname=host) as encrypted:
                certificate = encrypted.getpeercert() or {}
        except ssl.SSLCertVerificationError as e:
            yield problem(f"its certificate is not trusted: {e.verify_message}", "renew or mend it")
            return
        except (ssl.SSLError, TimeoutError) as e:
            yield problem(f"it does not speak TLS: {_plain(e)}", "look at the address, and at the web server")
            return
    until = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)
    days = (until - datetime.now(UTC)).days
    if days < _CERTIFICATE_DAYS:
        yield warning(f"its certificate ends in {days} days", "renew it; look at what renews it by itself")
    else:
        yield ok(f"{host} ({place}), certificate good for {days} days")


def check_wiki(services: "Services") -> Iterator[Finding]:
    """Whether its API answers, and is new enough."""
    if services.config.optional_text("wiki.api_url") is None:
        if known_site(services) is None:
            yield problem("no wiki is connected", "run compagnon init")
        else:
            yield ok("none: the mirror is fed from exports")
        return
    try:
        wiki = _connected(services)
        site, software = wiki.site(), wiki.software
    except (WikiLoginError, ConfigError):
        return  # it answers; what is wrong is the account's
    numbers = tuple(
        int(part) for part in software.removeprefix("MediaWiki ").split(".")[:2] if part.isdigit()
    )
    said = f"{site.name} ({site.language}), {software}, {site.page_count:,} pages"
    if numbers < _LEAST_VERSION:
        yield problem(said, "Compagnon needs MediaWiki 1.39 or newer")
    else:
        yield ok(said)


def check_account(services: "Services") -> Iterator[Finding]:
    """Whether the account may read, and may do no more than that."""
    config = services.config
    if config.optional_text("wiki.api_url") is None:
        return
    try:
        wiki = _connected(services)
        rights, user = wiki.rights, wiki.user
    except WikiUnavailableError:
        return  # said already
    except (WikiLoginError, ConfigError) as e:
        yield problem(str(e), _MAKE_ANOTHER)
        return
    if not user:
        yield ok("none is needed: anybody may read this wiki")
        return
    if extra := sorted(rights & _POWERFUL):
        yield warning(
            f"{user} may do more than read: {', '.join(extra[:4])}",
            "take an account that sees what every member sees, and a bot password with “Basic rights”",
        )
    elif rights & _EDITING:
        yield warning(
            f"the bot password of {user} may edit",
            "make one with “Basic rights” only, and run compagnon init",
        )
    else:
        yield ok(
            f"{user} may read, and nothing else; {500 if 'apihighlimits' in rights else 50} texts at once"
        )


def check_clock(services: "Services") -> Iterator[Finding]:
    """Whether this machine's clock agrees with the wiki's."""
    zone = os.environ.get("TZ", "").lstrip(":")
    if zone and not zone.startswith("/"):
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError):
            yield warning(f"TZ names an unknown time zone, {zone}: UTC is used", "mend TZ, or leave it out")
    local = datetime.now().astimezone()
    if services.config.optional_text("wiki.api_url") is None:
        yield ok(f"{local:%H:%M} ({local.tzname()})")
        return
    before = datetime.now(UTC)
    try:
        told = _connected(services).now()
    except (WikiUnavailableError, WikiLoginError, ConfigError):
        return  # said already
    after = datetime.now(UTC)
    # The wiki tells whole seconds, and the moment of one of the requests between.
    ahead = (before - told).total_seconds() - 1 if told < before else 0.0
    behind = (told - after).total_seconds() if told > after else 0.0
    off = max(0.0, ahead, behind)
    said = f"this machine's clock and the wiki's differ by {off:,.0f} seconds"
    advice = "let both machines ask a time server (systemd-timesyncd, chrony)"
    if off > _WRONG_SECONDS:
        yield problem(f"{said}: the extension is refused, and signing in may be", advice)
    elif off > _OFF_SECONDS:
        yield warning(said, advice)
    else:
        yield ok(f"as the wiki's; {local:%H:%M} here ({local.tzname()})")


def _connected(services: "Services") -> "MediaWiki":
    """A line of its own: each check is told the wiki's time, and its refusals, afresh."""
    user = services.config.optional_text("wiki.user")
    password = services.config.wiki_password() if user else None
    if user and not password:
        raise ConfigError(f"account {user} has no password")
    return services.connect(user=user, password=password, patient=False)


def _plain(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {_CONNECT_SECONDS:g} seconds"
    if isinstance(error, ConnectionRefusedError):
        return "the connection is refused"
    return error.strerror or type(error).__name__
