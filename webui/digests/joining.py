"""Wanting the digest: an address is written to weekly only after who reads its mail has said so."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal

from connector.errors import ConfigError, MailError
from connector.store.subscriptions import digest_of
from webui.digests.letter import Letter, Line
from webui.digests.links import confirm_url, new_secret, public_url, stop_secret
from webui.digests.words import Words
from webui.digests.writing import as_html, as_text
from webui.mail.addresses import checked_address
from webui.mail.message import Mail
from webui.mail.sending import MailServer
from webui.mail.settings import mail_settings

if TYPE_CHECKING:
    from connector.store import Account
    from webui.bootstrap import Services

GOOD_FOR: Final = timedelta(days=7)
"""How long a link confirms; then the address is forgotten."""
# Somebody waits for the page.
_SECONDS, _SECONDS_IN_ALL = 8.0, 20.0

Asked = Literal["asked", "kept"]


def can_be_sent(services: "Services") -> bool:
    """Whether there is a server for mail, and an address that links in it lead to."""
    config = services.config
    return bool(config.optional_text("mail.server") and config.optional_text("web.public_url"))


def ask_for(services: "Services", account: "Account", *, address: str, language: str, now: datetime) -> Asked:
    """Send a link that confirms an address; keep the wish then.

    An earlier wish stays as it is when the mail cannot be sent.

    Args:
        services: of the community.
        account: who wants the digest.
        address: as they typed it.
        language: of the mails.
        now: aware.

    Returns:
        "kept" when the address was confirmed already, and only the language is another one.

    Raises:
        ConfigError: there is no server for mail, or no address for links.
        MailError: the mail was not sent.
        NotKeptError: the account is gone.
        ValueError: it is no address.
    """
    room = services.store.subscriptions
    checked = checked_address(address)
    known = room.get(account.id)
    if known is not None and known.confirmed_at is not None and known.address == checked:
        room.set_language(account.id, language)
        return "kept"
    settings = mail_settings(services.config)
    if settings is None:
        raise ConfigError("no mail can be sent here: mail.server is not set")
    moment = now.astimezone(UTC).replace(microsecond=0)
    secret = new_secret()
    letter = _asking(services, confirm_url(services.config, secret), language=language)
    mail = Mail(
        to=checked,
        subject=letter.subject,
        text=as_text(letter),
        html=as_html(letter),
        language=letter.language,
        key=f"confirm.{digest_of(secret)[:32]}",
    )
    try:
        with MailServer(settings.hurried(seconds=_SECONDS, in_all=_SECONDS_IN_ALL)) as server:
            server.send(mail, now=now)
    except MailError as e:
        if not e.maybe_sent:
            raise
    stop = stop_secret(services.config, account_id=account.id, asked_at=moment)
    room.ask(account.id, address=checked, language=language, confirm=secret, stop=stop, now=moment)
    return "asked"


def _asking(services: "Services", url: str, *, language: str) -> Letter:
    """Return the letter that goes to an address of which nobody knows yet whose it is.

    Nothing in it was written by who asks, neither a name nor a word: it would be a way to write to strangers.
    """
    words = Words(language)
    site = services.site()
    # A private wiki is not named to strangers.
    host = public_url(services.config).partition("://")[2]
    name = site.name if site is not None and not site.private else host
    return Letter(
        language=words.language,
        subject=words.gettext("Do you want the weekly digest of %(wiki)s?", wiki=name),
        paragraphs=(
            words.gettext(
                "Somebody who has signed in there wants the digest to be sent to this address, once a week, "
                "when something happened."
            ),
            words.gettext("If it was you, confirm it within seven days."),
            words.gettext("If it was not, do nothing: nothing is sent, and the address is forgotten."),
        ),
        action=Line(text=words.gettext("Confirm this address"), url=url),
    )
