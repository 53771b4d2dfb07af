"""A real SMTP server on this machine (aiosmtpd), which keeps what it is given, or has the faults of one."""

import email.policy
import ssl
from asyncio.base_events import Server
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from webui.mail.settings import MailSettings, Security

SENDER = "compagnon@example.org"
USER, PASSWORD = "compagnon", "a password with § in it"
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@dataclass
class Kept:
    """The handler of a server: what it was given, and what it says instead of taking it."""

    mails: list[tuple[str, EmailMessage]] = field(default_factory=list)
    """Recipient and message, as they came."""
    raw: list[bytes] = field(default_factory=list)
    refused: Mapping[str, str] = field(default_factory=dict)
    """What is answered to recipients, by their address."""
    answer: str = "250 taken"
    """To a text."""
    on_data: Callable[[], None] | None = None

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a recipient, or not."""
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Take a text, or not."""
        if self.on_data is not None:
            self.on_data()
        content = envelope.content
        assert isinstance(content, bytes)
        if self.answer.startswith("250"):
            self.raw.append(content)
            message = BytesParser(policy=email.policy.default).parsebytes(content)
            assert isinstance(message, EmailMessage)
            self.mails += [(to, message) for to in envelope.rcpt_tos]
        return self.answer

    @property
    def recipients(self) -> list[str]:
        """To whom mail came, in its order."""
        return [to for to, _ in self.mails]


class _Server(Controller):
    """Listens on a port that is free."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextmanager
def mail_server(
    kept: Kept, *, certificate: Path | None = None, security: Security = "none", wants_sign_in: bool = False
) -> Iterator[int]:
    """A server while the block runs; gives its port.

    Args:
        kept: what it does with mail.
        certificate: of it, with its key.
        security: how it speaks TLS.
        wants_sign_in: whether it takes mail only from `USER` with `PASSWORD`.
    """
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)

    def known(_server: SMTP, _session: Session, _envelope: Envelope, _how: str, given: object) -> AuthResult:
        ok = isinstance(given, LoginPassword) and (given.login, given.password) == (
            USER.encode(),
            PASSWORD.encode(),
        )
        return AuthResult(success=ok, handled=False)

    options: dict[str, Any] = {"authenticator": known} if wants_sign_in else {}
    if wants_sign_in:
        options |= {"auth_required": True, "auth_require_tls": security == "starttls"}
    if security == "starttls":
        options["tls_context"] = context
    server = _Server(
        kept,
        hostname="127.0.0.1",
        port=0,
        ssl_context=context if security == "tls" else None,
        **options,
    )
    server.start()
    try:
        yield server.port
    finally:
        server.stop()


def settings_for(port: int, *, security: Security = "none", **others: object) -> MailSettings:
    """How mail is sent to a server of this machine, with little patience."""
    values: dict[str, object] = {"seconds": 5.0, "seconds_in_all": 10.0, **others}
    return MailSettings(
        server="127.0.0.1",
        port=port,
        security=security,
        sender=Address(display_name="Compagnon", addr_spec=SENDER),
        **values,  # type: ignore[arg-type]
    )


def text_of(message: EmailMessage, kind: str = "plain") -> str:
    """The text, or the HTML, of a message."""
    part = message.get_body(preferencelist=(kind,))
    assert part is not None
    content = part.get_content()
    assert isinstance(content, str)
    return content
