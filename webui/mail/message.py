"""A message: text and HTML that say the same, with headers that neither names nor titles can add to."""

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from connector.wikitext.escape import one_line

LONGEST_SUBJECT = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """What is sent to one address."""

    to: str
    """As `checked_address` gives it."""
    subject: str
    text: str
    html: str
    language: str
    key: str
    """Names this mail for good, in ASCII letters: a server that gets it twice can tell."""
    list_name: str = ""
    """What a mail program calls the list that it is of; empty for a mail that is of none."""
    stop_url: str = ""
    """Where the reader, or their mail program with one click (RFC 8058), ends such mails."""


def as_message(mail: Mail, *, sender: Address, now: datetime) -> EmailMessage:
    """Return a mail as it is sent.

    Args:
        mail: what it says.
        sender: whom it comes from.
        now: the moment, aware.

    Raises:
        ValueError: an address has a line's end or a character in it that an address cannot have.
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = Address(addr_spec=mail.to)
    message["Subject"] = _cut(one_line(mail.subject))
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{mail.key}@{sender.domain}>"
    # Nothing is to answer by itself, neither away-messages nor lists: that is how mail goes in circles
    # (RFC 3834; Exchange has a word of its own, [MS-OXCMAIL] 2.2.3.2.14).
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    if mail.list_name:
        message["Precedence"] = "bulk"
        message["List-ID"] = f"{_phrase(mail.list_name)}<digest.{sender.domain}>"
    if mail.stop_url:
        if not mail.stop_url.isascii() or not mail.stop_url.isprintable() or set(mail.stop_url) & set("<> "):
            raise ValueError("the address that ends mails cannot stand in a header")
        message["List-Unsubscribe"] = f"<{mail.stop_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(mail.text, cte="quoted-printable")
    message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    message["Content-Language"] = mail.language  # last: whatever begins so goes to the first part
    return message


def as_bytes(message: EmailMessage) -> bytes:
    """Return a message as it goes over the wire.

    Headers may have the 998 characters of RFC 5322, 2.1.1: an address that were cut into encoded words is one
    no more.
    """
    return message.as_bytes(policy=SMTP.clone(max_line_length=998))


def _cut(subject: str) -> str:
    return subject if len(subject) <= LONGEST_SUBJECT else subject[: LONGEST_SUBJECT - 1].rstrip() + "…"


def _phrase(name: str) -> str:
    """Return a name as a quoted phrase before an address; what cannot stand in one is left out."""
    plain = "".join(
        char for char in one_line(name) if char.isascii() and char.isprintable() and char not in '"\\<>'
    )
    return f'"{plain[:80].strip()}" ' if plain.strip() else ""
