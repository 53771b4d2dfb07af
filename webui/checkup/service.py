"""The service: whether it runs, how people sign in to it, and whether the wiki's extension knows it."""

import ipaddress
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from connector.errors import WikiUnavailableError
from webui.checkup.findings import Finding, ok, problem, warning
from webui.checkup.mirror import known_site
from webui.config import Config
from webui.security import LOOPBACK_HOSTS
from webui.sign_in.modes import SignInMode, sign_in_mode

if TYPE_CHECKING:
    from webui.bootstrap import Services

_SECONDS = 5.0
# MediaWiki's own first account, which every wiki has.
_FIRST_ACCOUNT = 1
_MOST_TRUSTED = 256


def check_service(services: "Services") -> Iterator[Finding]:
    """Whether `compagnon serve` runs on this data directory, and answers."""
    from webui.owner import OwnerClient

    owner = services.index_lock.owner()
    if owner is None:
        yield warning("compagnon serve does not run", "start it: systemctl start compagnon")
    elif owner.url is None:
        yield warning(f"process {owner.pid} has the index, and serves no pages", "wait until it is done")
    else:
        OwnerClient(owner).get("/api/v1/health")
        yield ok(f"process {owner.pid} answers at {owner.url}")


def check_sign_in(services: "Services") -> Iterator[Finding]:
    """Whether people sign in, and nobody can listen, forge or pass for another."""
    config, mode = services.config, sign_in_mode(services.config)
    site = known_site(services)
    inside = config.text("web.host") in LOOPBACK_HOSTS
    public = config.optional_text("web.public_url")
    faults = list(_transport(config, public))
    if mode is SignInMode.OFF and not inside:
        private = site is not None and site.private
        faults.append(
            (problem if private else warning)(
                f"web.sign_in is off, and web.host is {config.text('web.host')}: whoever reaches the pages "
                "may do everything",
                "set web.sign_in to wiki, or web.host to 127.0.0.1",
            )
        )
    if mode is SignInMode.PROXY:
        faults += _proxies(config, inside=inside)
    if mode is SignInMode.OAUTH:
        faults += _oauth(services, public)
    if faults:
        yield from faults
    else:
        words = {
            SignInMode.OFF: "nobody signs in, and the pages answer on this machine only",
            SignInMode.OAUTH: "people sign in with the wiki (OAuth 2)",
            SignInMode.BOT_PASSWORD: "people sign in with a bot password of theirs",
            SignInMode.PROXY: "the proxy says who people are",
        }
        yield ok(words[mode])


def check_extension(services: "Services") -> Iterator[Finding]:
    """Whether the wiki's extension shares the secret, and answers."""
    from webui.rights.wiki_rights import NoExtensionError, WikiRights

    secret, url = services.config.extension_secret(), services.config.optional_text("wiki.api_url")
    if secret is None or url is None:
        return
    try:
        WikiRights(url, secret=secret).person(_FIRST_ACCOUNT)
    except NoExtensionError as e:
        yield problem(
            str(e),
            "compare $wgCompagnonSecret in LocalSettings.php with compagnon wiki-setup --extension, and the "
            "clocks of both machines",
        )
    except WikiUnavailableError as e:
        yield problem(str(e), "see that the wiki answers, its rest.php too")
    else:
        yield ok("the wiki's extension answers, and shares the secret")


def _transport(config: Config, public: str | None) -> Iterator[Finding]:
    secure = config.values["web.secure_cookies"] is True
    if public is None:
        if secure:
            yield warning("web.secure_cookies is on, and web.public_url is not set", "set web.public_url")
        return
    parts = urlsplit(public)
    if parts.scheme == "https" and not secure:
        yield problem(
            "web.public_url is https, and cookies are sent without it too", "set web.secure_cookies = true"
        )
    if parts.scheme == "http" and parts.hostname not in LOOPBACK_HOSTS:
        yield problem(
            f"{public} is not encrypted: passwords and pages can be read on the way",
            "put a proxy with https in front (docs/en/administrator.md), and change web.public_url",
        )
    if parts.scheme == "http" and secure:
        yield problem(
            "web.secure_cookies is on, and web.public_url is http: nobody can sign in",
            "make web.public_url an https address",
        )


def _proxies(config: Config, *, inside: bool) -> Iterator[Finding]:
    trusted = config.texts("web.trusted_proxies")
    for each in trusted:
        try:
            network = ipaddress.ip_network(each, strict=False)
        except ValueError:
            yield problem(f"web.trusted_proxies: {each} is no address", "write addresses such as 127.0.0.1")
            continue
        if network.num_addresses > _MOST_TRUSTED:
            yield problem(
                f"web.trusted_proxies: {each} are {network.num_addresses:,} machines, each of which can say "
                "that it is anybody",
                "name the proxy's own address",
            )
    if not trusted:
        yield problem("web.sign_in is proxy, and no proxy is trusted", "set web.trusted_proxies")
    if not inside and any(each.startswith("127.") for each in trusted):
        yield warning(
            f"the pages answer on {config.text('web.host')}, beside the proxy", "set web.host to 127.0.0.1"
        )


def _oauth(services: "Services", public: str | None) -> Iterator[Finding]:
    """Whether the wiki has Extension:OAuth: its endpoint refuses what is no request, where there is one."""
    import requests

    from connector.transport import ApiAddress

    if public is None:
        yield problem(
            "people sign in with OAuth, and web.public_url is not set: the wiki cannot send them back",
            "set web.public_url to the address that browsers use",
        )
    root = ApiAddress.parse(services.config.text("wiki.api_url")).url.removesuffix("/api.php")
    try:
        reply = requests.post(
            f"{root}/rest.php/oauth2/access_token", timeout=_SECONDS, allow_redirects=False, stream=True
        )
    except requests.RequestException:
        yield problem("the wiki's rest.php does not answer", "see that the wiki runs")
        return
    with reply:
        if reply.status_code == requests.codes.not_found:
            yield problem(
                "web.oauth_client is set, and the wiki has no OAuth 2",
                "install Extension:OAuth in the wiki, or empty web.oauth_client",
            )
        elif reply.status_code >= requests.codes.internal_server_error:
            yield problem(
                f"the wiki's OAuth 2 answers {reply.status_code}",
                "set $wgOAuth2PublicKey and $wgOAuth2PrivateKey in LocalSettings.php",
            )
