"""How mail is sent, as the settings say."""

from dataclasses import dataclass, field, replace
from email.headerregistry import Address
from typing import Final, Literal, cast

from connector.errors import ConfigError
from webui.config import Config
from webui.mail.addresses import checked_sender

Security = Literal["starttls", "tls", "none"]
LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
SECONDS: Final = 20.0
"""How long the server may be silent."""
SECONDS_IN_ALL: Final = 60.0
"""How long connecting, or handing over one message, may take, however slowly something still comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSettings:
    """An SMTP server, and whom mail comes from."""

    server: str
    port: int
    security: Security
    """Certificates are checked with both ways of TLS."""
    sender: Address
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    seconds: float = SECONDS
    seconds_in_all: float = SECONDS_IN_ALL

    @property
    def is_of_this_machine(self) -> bool:
        """Whether what is sent does not leave this machine on its way to the server."""
        return self.server in LOOPBACK

    def hurried(self, *, seconds: float, in_all: float) -> "MailSettings":
        """Return the same with less patience, for when somebody waits."""
        return replace(self, seconds=seconds, seconds_in_all=in_all)


def mail_settings(config: Config) -> MailSettings | None:
    """Return how mail is sent; None where there is no server for it.

    Raises:
        ConfigError: what is set cannot be used, or would show the password to the network.
    """
    server = config.optional_text("mail.server")
    if not server:
        return None
    sender = config.optional_text("mail.sender")
    if not sender:
        raise ConfigError("mail.server is set, and mail.sender is not: nobody would know whom mail is from")
    try:
        address = checked_sender(sender)
    except ValueError as e:
        raise ConfigError("mail.sender must be an address, as in Compagnon <compagnon@example.org>") from e
    user, password = config.optional_text("mail.user"), config.optional_text("mail.password")
    if user and not password:
        raise ConfigError("mail.user is set, and mail.password is not: set COMPAGNON_MAIL_PASSWORD")
    settings = MailSettings(
        server=server,
        port=config.number("mail.port"),
        security=cast("Security", config.text("mail.security")),
        sender=address,
        user=user,
        password=password,
    )
    if user and settings.security == "none" and not settings.is_of_this_machine:
        raise ConfigError(
            "mail.security is none, and mail.server is another machine: the password could be read on the "
            "way; set it to starttls or tls"
        )
    return settings
