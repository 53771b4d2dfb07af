"""Mail: whether the server takes what would be sent, without anything being sent."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from webui.checkup.findings import Finding, ok, problem, warning
from webui.checkup.mirror import known_site
from webui.mail.addresses import checked_address
from webui.mail.sending import MailServer
from webui.mail.settings import mail_settings

if TYPE_CHECKING:
    from webui.bootstrap import Services

_SECONDS, _SECONDS_IN_ALL = 8.0, 20.0


def check_mail(services: "Services") -> Iterator[Finding]:
    """Whether digests can be sent, and to whom."""
    config = services.config
    lists = config.texts("community.digest_to")
    settings = mail_settings(config)
    if settings is None:
        if lists:
            yield warning("community.digest_to is set, and no mail can be sent", "set mail.server")
        return
    with MailServer(settings.hurried(seconds=_SECONDS, in_all=_SECONDS_IN_ALL)):
        yield ok(f"{settings.server}:{settings.port} takes mail ({_how(settings.security)})")
    if settings.security == "none" and not settings.is_of_this_machine:
        yield warning(
            "mail.security is none: what is sent can be read on the way", "set it to starttls or tls"
        )
    if not config.optional_text("web.public_url"):
        yield problem("mails need links that lead here", "set web.public_url")
    if config.number("community.digest_day") and not config.number("wiki.sync_every"):
        yield warning(
            "nothing sends the digest by itself: wiki.sync_every is 0",
            "set wiki.sync_every, or have `compagnon digest --send` run once a day",
        )
    yield from _lists(services, lists)


def _lists(services: "Services", lists: tuple[str, ...]) -> Iterator[Finding]:
    for each in lists:
        try:
            checked_address(each)
        except ValueError:
            yield problem(
                "community.digest_to has something in it that is no address", "write one address each"
            )
            break
    site = known_site(services)
    private = site is not None and site.private
    if lists and private and services.config.text("web.rights") != "members":
        yield problem(
            "community.digest_to gets no digest: the wiki is private, and each of its readers may read "
            "something else",
            "set web.rights to members, or empty community.digest_to",
        )


def _how(security: str) -> str:
    return {"tls": "TLS", "starttls": "STARTTLS"}.get(security, "not encrypted")
