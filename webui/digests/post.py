"""Sending the weekly digest: to who wants it, and to the lists of the settings; to nobody twice.

Each recipient is claimed in the database before the mail goes out, so that a crash, or a second process,
sends nobody a second one; who was claimed when a process died gets none that week. What certainly did not go
out is given back, and tried again.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from community.digest import Digest, week_before
from connector.errors import CompagnonError, ConfigError, MailError, NotAllowedError, WikiUnavailableError
from connector.store.subscriptions import Subscription, digest_of
from webui.digests.letter import Letter, Line
from webui.digests.links import public_url, stop_secret, stop_url
from webui.digests.readers import known_site, language_for_all, readable_by_all
from webui.digests.telling import Telling
from webui.digests.words import Words
from webui.digests.writing import as_html, as_text
from webui.mail.addresses import checked_address
from webui.mail.message import Mail
from webui.mail.sending import MailServer
from webui.mail.settings import MailSettings, mail_settings

if TYPE_CHECKING:
    from search.readable import Readable
    from webui.bootstrap import Services

logger = logging.getLogger(__name__)

MOST_AT_ONCE: Final = 50
"""Mails in one go: the sync waits for them."""
_FAILURES_IN_A_ROW = 3
# Those who cannot be written to now, as who is blocked in the wiki, keep nobody else waiting.
_MOST_DUE = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What became of one go."""

    sent: int = 0
    refused: int = 0
    """Recipients whom the server refuses for good; they are tried again the next week."""
    failed: int = 0
    """To be tried again soon."""
    nothing_to_tell: int = 0
    trouble: str = ""
    """Why the last one failed, or a list cannot be written to; names nobody."""


@dataclass(frozen=True, slots=True)
class _Parcel:
    """A mail that is claimed."""

    mail: Mail
    give_back: Callable[[], None]
    whose: str
    """For the log: no address, no name."""


class DigestPost:
    """Writes digests and sends them. Safe to share between threads and processes.

    Args:
        services: of the community.
    """

    def __init__(self, services: "Services") -> None:
        self._services = services

    def for_all(self, now: datetime, *, language: str | None = None) -> tuple[Digest, Letter]:
        """Return the digest of the week before that is good for every reader, and how it is told.

        Args:
            now: aware.
            language: None for the wiki's.

        Raises:
            IndexNotBuiltError, NotAllowedError: as `readable_by_all`.
        """
        readable, members = readable_by_all(self._services)
        digest = self._digest(now, readable=readable, for_members=members)
        words = Words(language or language_for_all(self._services))
        why = words.gettext("This address gets the digest of the community once a week.")
        return digest, self._told(words, digest, footer=(Line(text=why),))

    def of_reader(self, now: datetime, *, readable: "Readable", language: str) -> tuple[Digest, Letter]:
        """Return the digest of the week before as one member may read it, and how it is told."""
        digest = self._digest(now, readable=readable, for_members=True)
        return digest, self._told(Words(language), digest)

    def send_to(self, address: str, *, now: datetime, language: str | None = None) -> bool:
        """Send the digest that is good for all to one address, whoever got it already.

        Returns:
            Whether there was something to tell.

        Raises:
            ConfigError, IndexNotBuiltError, MailError, NotAllowedError: it cannot be.
            ValueError: it is no address.
        """
        settings = self._settings()
        checked = checked_address(address)
        digest, letter = self.for_all(now, language=language)
        if digest.is_empty:
            return False
        with MailServer(settings) as server:
            server.send(self._mail(letter, to=checked, week=digest, of=f"trial {now.isoformat()}"), now=now)
        return True

    def send_due(self, now: datetime, *, most: int = MOST_AT_ONCE) -> Delivery:
        """Send the digest of the week before to all who have not got it yet.

        Args:
            now: aware.
            most: how many mails at once; the others are due the next time.

        Raises:
            ConfigError: mail cannot be sent as the settings are.
            MailError: the server cannot be used; nobody was claimed.
            StoreError: the database cannot be used.
        """
        settings = self._settings()
        count = _Count()
        server: MailServer | None = None
        in_a_row = 0
        with ExitStack() as stack:
            for parcel in self._parcels(now, most=most, count=count):
                if server is None:
                    try:
                        server = stack.enter_context(MailServer(settings))
                    except MailError:
                        parcel.give_back()
                        raise
                in_a_row = 0 if self._hand_over(server, parcel, count, now=now) else in_a_row + 1
                if in_a_row == _FAILURES_IN_A_ROW:
                    break
        return count.delivery()

    def _hand_over(self, server: MailServer, parcel: _Parcel, count: "_Count", *, now: datetime) -> bool:
        try:
            server.send(parcel.mail, now=now)
        except MailError as e:
            count.trouble = str(e)
            if e.refused:
                count.refused += 1
                logger.warning("the digest for %s is not sent this week: %s", parcel.whose, e)
                return True  # the server goes on
            count.failed += 1
            if not e.maybe_sent:
                parcel.give_back()
            return False
        count.sent += 1
        return True

    def _parcels(self, now: datetime, *, most: int, count: "_Count") -> Iterator[_Parcel]:
        """Claim one recipient after the other, each with their mail."""
        _, until = self._week(now)
        given = 0
        for address in self._services.config.texts("community.digest_to"):
            if given < most and (parcel := self._to_list(address, now=now, until=until, count=count)):
                given += 1
                yield parcel
        room = self._services.store.subscriptions
        for known in room.due(since=until, limit=_MOST_DUE):
            if given >= most:
                return
            if parcel := self._to_person(known, now=now, count=count):
                given += 1
                yield parcel

    def _to_list(self, address: str, *, now: datetime, until: datetime, count: "_Count") -> _Parcel | None:
        room = self._services.store.subscriptions
        try:
            checked = checked_address(address)
        except ValueError:
            count.trouble = "community.digest_to has something in it that is no address"
            return None
        if not room.claim_list(checked, since=until, now=now):
            return None

        def give_back() -> None:
            room.give_back_list(checked, claimed_at=now)

        try:
            digest, letter = self.for_all(now)
        except NotAllowedError as e:
            give_back()
            count.trouble = str(e)  # which keeps nobody else waiting
            return None
        except CompagnonError:
            give_back()
            raise
        if digest.is_empty:
            count.nothing_to_tell += 1
            return None
        mail = self._mail(letter, to=checked, week=digest, of=f"list {checked}")
        return _Parcel(mail, give_back, "a list of community.digest_to")

    def _to_person(self, known: Subscription, *, now: datetime, count: "_Count") -> _Parcel | None:
        services = self._services
        account = services.store.accounts.get(known.account_id)
        # What they may read is what they may read now: who was blocked, or is gone, gets nothing.
        try:
            account = None if account is None else services.wiki_accounts.current(account)
        except WikiUnavailableError as e:
            count.failed, count.trouble = count.failed + 1, str(e)
            return None
        if account is None:
            return None
        readable = services.rights.of_account(account)
        digest = self._digest(now, readable=readable, for_members=True)
        if digest.is_empty and readable.restricted:
            # A wiki that does not answer shows nothing: it may have more to tell in a while.
            count.nothing_to_tell += 1
            return None
        secret = stop_secret(services.config, account_id=known.account_id, asked_at=known.asked_at)
        room = services.store.subscriptions
        if not room.claim(known, now=now, stop=secret):
            return None
        if digest.is_empty:
            count.nothing_to_tell += 1
            return None
        words = Words(known.language)
        ends = stop_url(services.config, secret)
        footer = (
            Line(text=words.gettext("You get this mail because you asked for it.")),
            Line(text=words.gettext("Get no more of these mails"), url=ends),
        )
        letter = self._told(words, digest, footer=footer)
        mail = self._mail(letter, to=known.address, week=digest, of=f"account {known.account_id}", ends=ends)
        return _Parcel(mail, lambda: room.give_back(known, claimed_at=now), f"account {known.account_id}")

    def _told(self, words: Words, digest: Digest, *, footer: tuple[Line, ...] = ()) -> Letter:
        site = known_site(self._services)
        root = self._services.config.optional_text("web.public_url") or ""
        return Telling(words, site=site, public_url=root).letter(digest, footer=footer)

    def _mail(self, letter: Letter, *, to: str, week: Digest, of: str, ends: str = "") -> Mail:
        return Mail(
            to=to,
            subject=letter.subject,
            text=as_text(letter),
            html=as_html(letter),
            language=letter.language,
            key=f"digest.{week.until:%Y-%m-%d}.{digest_of(of)[:24]}",
            list_name=known_site(self._services).name,
            stop_url=ends,
        )

    def _digest(self, now: datetime, *, readable: "Readable", for_members: bool) -> Digest:
        since, until = self._week(now)
        return self._services.digests.digest(since, until, readable=readable, for_members=for_members)

    def _week(self, now: datetime) -> tuple[datetime, datetime]:
        return week_before(now, day=self._services.config.number("community.digest_day") or 1)

    def _settings(self) -> MailSettings:
        settings = mail_settings(self._services.config)
        if settings is None:
            raise ConfigError("no mail can be sent: set mail.server")
        public_url(self._services.config)
        return settings


class _Count:
    """Counts what becomes of one go."""

    def __init__(self) -> None:
        self.sent = self.refused = self.failed = self.nothing_to_tell = 0
        self.trouble = ""

    def delivery(self) -> Delivery:
        """Return it."""
        return Delivery(
            sent=self.sent,
            refused=self.refused,
            failed=self.failed,
            nothing_to_tell=self.nothing_to_tell,
            trouble=self.trouble,
        )
