"""Handing mail to the SMTP server: certificates are checked, time is bounded, errors are clear."""

import base64
import logging
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from types import TracebackType
from typing import Self

from connector.errors import MailError
from webui.mail.message import Mail, as_bytes, as_message
from webui.mail.settings import MailSettings

logger = logging.getLogger(__name__)

_PERMANENT = 500


class MailServer:
    """A connection with the server, for as many mails as are sent at once; for one thread.

    Args:
        settings: which server.

    Raises, when it is entered:
        MailError: the server cannot be reached, trusted or used. Nothing was sent.
    """

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        self._smtp = self._connect()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            smtp.close()

    def send(self, mail: Mail, *, now: datetime) -> None:
        """Hand over one mail.

        Args:
            mail: which.
            now: what it is dated, aware.

        Raises:
            MailError: it was not taken (`maybe_sent` False), or nobody knows (`maybe_sent` True); the server
                may refuse this recipient only (`refused`).
        """
        assert self._smtp is not None  # noqa: S101 - entered
        settings, smtp = self._settings, self._smtp
        message = as_bytes(as_message(mail, sender=settings.sender, now=now))
        where = f"the mail server {settings.server}"
        handed_over = False
        with self._bounded(smtp):
            try:
                _wanted(smtp.mail(settings.sender.addr_spec), "the sender")
                _wanted(smtp.rcpt(mail.to), "the recipient", refused=True)
                code, _ = smtp.docmd("DATA")
                if code != 354:
                    raise MailError(f"{where} takes no text ({code})", refused=code >= _PERMANENT)
                handed_over = True  # from here on it may have all of it, whatever we hear
                smtp.send(_stuffed(message))
                code, _ = smtp.getreply()
                handed_over = False
                _wanted((code, b""), "the text", refused=True)
            except MailError:
                # What was begun is ended, so that the next mail of this connection can be sent.
                self._reset(smtp)
                raise
            except (smtplib.SMTPException, OSError, UnicodeError) as e:
                smtp.close()
                raise MailError(
                    f"{where} went away while a mail was sent: {_why(e)}", maybe_sent=handed_over
                ) from e

    def _reset(self, smtp: smtplib.SMTP) -> None:
        try:
            smtp.rset()
        except (smtplib.SMTPException, OSError):
            smtp.close()  # the next mail says so

    def _connect(self) -> smtplib.SMTP:
        settings = self._settings
        where = f"the mail server {settings.server}:{settings.port}"
        smtp: smtplib.SMTP | None = None
        try:
            context = ssl.create_default_context()
            if settings.security == "tls":
                smtp = smtplib.SMTP_SSL(timeout=settings.seconds, context=context)
            else:
                smtp = smtplib.SMTP(timeout=settings.seconds)
            # Named before it is connected: the name is what its certificate is checked for.
            smtp._host = settings.server  # type: ignore[attr-defined]
            with self._bounded(smtp):
                code, _ = smtp.connect(settings.server, settings.port)
                if code != 220:
                    raise MailError(f"{where} does not want to talk ({code})")
                smtp.ehlo_or_helo_if_needed()
                if settings.security == "starttls":
                    if not smtp.has_extn("starttls"):
                        raise MailError(
                            f"{where} offers no STARTTLS: mail and password would be readable on the way. "
                            "Set mail.security to what it offers"
                        )
                    smtp.starttls(context=context)
                    smtp.ehlo_or_helo_if_needed()
                if settings.user is not None:
                    _sign_in(smtp, settings.user, settings.password or "")
        except MailError:
            _close(smtp)
            raise
        except ssl.SSLCertVerificationError as e:
            _close(smtp)
            raise MailError(f"the certificate of {where} cannot be trusted: {e.verify_message}") from e
        except ssl.SSLError as e:
            _close(smtp)
            raise MailError(
                f"{where} does not speak TLS as mail.security wants it ({e.reason or 'no reason'})"
            ) from e
        except smtplib.SMTPAuthenticationError as e:
            _close(smtp)
            # Its words are not repeated: some servers say back what they were given.
            raise MailError(
                f"{where} refuses the account {settings.user} ({e.smtp_code}): see mail.user, mail.password"
            ) from e
        except smtplib.SMTPNotSupportedError as e:
            _close(smtp)
            raise MailError(f"{where} knows no way to sign in: empty mail.user, or use another port") from e
        except (smtplib.SMTPException, OSError, UnicodeError) as e:
            _close(smtp)
            raise MailError(f"{where} cannot be used: {_why(e)}") from e
        return smtp

    @contextmanager
    def _bounded(self, smtp: smtplib.SMTP) -> Iterator[None]:
        """End the connection when the block takes too long: a socket's timeout begins anew at each byte."""
        timer = threading.Timer(self._settings.seconds_in_all, _cut_off, args=(smtp,))
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


def _sign_in(smtp: smtplib.SMTP, user: str, password: str) -> None:
    """Sign in; the library knows no letters beyond ASCII, which PLAIN has as UTF-8 (RFC 4616, 2)."""
    if (user + password).isascii():
        smtp.login(user, password)
        return
    if "PLAIN" not in smtp.esmtp_features.get("auth", "").upper().split():
        raise smtplib.SMTPNotSupportedError("no way to sign in with such a password")
    given = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
    code, said = smtp.docmd("AUTH", f"PLAIN {given}")
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, said)


def _wanted(reply: tuple[int, bytes], what: str, *, refused: bool = False) -> None:
    """Make sure that the server agrees; its words, which may say anything, are not repeated."""
    code = reply[0]
    if not 200 <= code < 300:
        raise MailError(f"the mail server refuses {what} ({code})", refused=refused and code >= _PERMANENT)


def _stuffed(message: bytes) -> bytes:
    """Return the text as DATA wants it: lines' dots doubled, and a dot alone at its end (RFC 5321, 4.5.2)."""
    lines = message.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    doubled = lines.replace(b"\r\n.", b"\r\n..")
    first = b"." + doubled if doubled.startswith(b".") else doubled
    return (first if first.endswith(b"\r\n") else first + b"\r\n") + b".\r\n"


def _cut_off(smtp: smtplib.SMTP) -> None:
    sock = smtp.sock
    if sock is not None:
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            logger.debug("the connection with the mail server had ended already")


def _close(smtp: smtplib.SMTP | None) -> None:
    if smtp is not None:
        smtp.close()


def _why(error: Exception) -> str:
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return "no answer in time"
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return "it ended the connection"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"it answered {error.smtp_code}"
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return type(error).__name__
