"""Names of people: the ways to write one, whose name is never shown, and what people wish.

Who is left out is said by the settings and by people themselves, on their own page; it is read again whenever
the database changes, so that it works at once and in every process.
"""

import copy
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final

from connector.erased import MASK, NOBODY, Erased
from connector.model import Site
from connector.store import Store
from connector.store.changes import Mark
from connector.store.wishes import WishOf

# "CiteBot", "Web bot", "webbot"; not Marie Talbot, nor Jean CHABOT.
_BOT = re.compile(r"(?i:(?:^|[\s_-])bot|^[^\s_-]+bot)$|(?<=[a-zà-öø-ÿ0-9])Bot$")
# Whom MediaWiki gives a name for some months, because they have none: as anonymous as an address.
# https://www.mediawiki.org/wiki/Help:Temporary_accounts
_TEMPORARY = re.compile(r"~2\d{3}-")
_NO_LETTER = re.compile(r"[^\w]+")
# The names that MediaWiki itself writes under: every new wiki's main page is by "MediaWiki default".
# https://www.mediawiki.org/wiki/Manual:$wgReservedUsernames
_SOFTWARE = frozenset(
    {
        "command line script",
        "conversion script",
        "delete page script",
        "maintenance script",
        "mediawiki default",
        "move page script",
        "scriptimporter",
        "template namespace initialisation script",
        "unknown user",
    }
)


@lru_cache(maxsize=20_000)
def name_key(name: str) -> str:
    """Return what two ways of writing one account have in common ("marie_Dupont", "Marie Dupont")."""
    return " ".join(name.replace("_", " ").split()).casefold()


@dataclass(frozen=True, slots=True, kw_only=True)
class Availability:
    """How somebody may be asked now."""

    available: bool = True
    """Whether they may be asked now: not while they pause, nor when they were asked as often as they want."""
    words: str = ""
    """What they say of it themselves."""
    languages: tuple[str, ...] = ()
    """In which they can be asked, as they say; empty when they do not."""


ALWAYS: Final = Availability()
"""Of who has said nothing of it."""
A_MONTH: Final = timedelta(days=30)
"""What somebody was asked is forgotten after this long, for `Wish.asks_a_month`."""
_USER_TALK = 3


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of people at one state of the database."""

    by_id: Mapping[int, WishOf]
    """What people wish, by their account's number in the wiki."""
    by_name: Mapping[str, WishOf]
    """The same, by the key of their account's name."""
    left_out: frozenset[str]
    """Keys of the names of those who are found nowhere."""
    erased: Erased


class PeopleFilter:
    """Knows which names are programs, who is left out, and what people wish. Safe to share between threads.

    Args:
        bots: accounts that are programs.
        opt_out: people who are found nowhere, as the settings have them.
        store: knows those who say so themselves, and those who were erased; None: only the settings do.
    """

    def __init__(self, *, bots: Iterable[str], opt_out: Iterable[str], store: Store | None = None) -> None:
        self._bots = frozenset(map(name_key, bots))
        self._settings = frozenset(map(name_key, opt_out))
        self._store = store
        self._kept: tuple[Mark, _Known] | None = None
        self._fixed: _Known | None = None

    def snapshot(self) -> "PeopleFilter":
        """Return what knows all this as it is now, for many questions in one piece of work.

        It does not ask the database whether anything changed: it is to be thrown away with that work.
        """
        fixed = copy.copy(self)
        fixed._fixed = self._known()
        return fixed

    @property
    def digest(self) -> str:
        """Changes whenever someone opts out or back in, or is erased; empty when nobody has."""
        known = self._known()
        if not known.left_out and not known.erased:
            return ""
        return hashlib.sha256("\n".join((*sorted(known.left_out), known.erased.digest)).encode()).hexdigest()[
            :12
        ]

    @property
    def left_out_names(self) -> frozenset[str]:
        """Names, as `name_key` has them, of those who are found nowhere: nothing is called after them."""
        return self._known().left_out

    def named(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the names that may be shown, in their order."""
        known = self._known()
        return tuple(
            name for name in names if name_key(name) not in known.left_out and not _is_erased(name, known)
        )

    def names_left_out(self, text: str) -> bool:
        """Whether a text names somebody who is found nowhere, in full: who draws up a list leaves it out."""
        known, words = self._known(), _bare(text)
        return known.erased.holds(text) or any(
            name != "  " and name in words for name in map(_bare, known.left_out)
        )

    def to_ask(self, names: Iterable[str], *, pageid: int) -> tuple[str, ...]:
        """Return those of a page's contacts who may be shown, and who say that the page is still theirs."""
        by_name = self._known().by_name
        return tuple(
            name
            for name in self.named(names)
            if (wish := by_name.get(name_key(name))) is None or pageid not in wish.not_mine
        )

    def is_person(self, name: str, user_id: int | None = None) -> bool:
        """Whether the account is a person's that may be shown.

        Args:
            name: of the account.
            user_id: its number in the wiki, by which somebody is known under all their names.
        """
        known = self._known()
        key = name_key(name)
        if key in known.left_out or key in self._bots or key in _SOFTWARE or _is_erased(name, known):
            return False
        wish = None if user_id is None else known.by_id.get(user_id)
        if wish is not None and wish.opted_out:
            return False
        return not (_BOT.search(name) or _TEMPORARY.match(name))

    def is_theirs(self, name: str, user_id: int | None, *, pageid: int) -> bool:
        """Whether a page is proof of what somebody knows, as far as they have not said that it is not."""
        wish = self.wish_of(name, user_id)
        return wish is None or pageid not in wish.not_mine

    def availability(
        self,
        name: str,
        user_id: int | None,
        *,
        site: Site,
        today: date | None = None,
        now: datetime | None = None,
    ) -> Availability:
        """Return how somebody may be asked.

        Args:
            name: of the person, or of their account.
            user_id: number of their account in the wiki, if it is known.
            site: the wiki: who writes on their talk page asks them.
            today: None for the day of `now`.
            now: aware; None for the moment that it is.
        """
        wish = self.wish_of(name, user_id)
        if wish is None:
            return ALWAYS
        now = now or datetime.now(UTC)
        available = not wish.is_paused(now.date() if today is None else today)
        if available and wish.asks_a_month is not None:
            asked = self.asked(wish.name, wish.wiki_user_id, site=site, now=now)
            available = len(asked) < wish.asks_a_month
        return Availability(available=available, words=wish.availability, languages=wish.languages)

    def wish_of(self, name: str, user_id: int | None) -> WishOf | None:
        """Return what somebody wants; None for who has said nothing."""
        known = self._known()
        found = None if user_id is None else known.by_id.get(user_id)
        return found or known.by_name.get(name_key(name))

    def asked(self, name: str, user_id: int | None, *, site: Site, now: datetime) -> list[datetime]:
        """Return when somebody was asked in the last thirty days, the oldest first.

        What was kept of it here counts, and what others wrote on their talk page; both for one ask once.

        Args:
            name: of the person, or of their account.
            user_id: number of their account in the wiki, if it is known.
            site: the wiki.
            now: aware.
        """
        if self._store is None:
            return []
        title = user_talk_title(name, site=site)
        asks = self._store.asks
        return asks.load_of(name, user_id, since=now - A_MONTH, user_talk_title=title)

    def _known(self) -> _Known:
        if self._fixed is not None:
            return self._fixed
        if self._store is None:
            return _Known({}, {}, self._settings, NOBODY)
        # Asked for each name of each page: looking whether anything has changed is most of what it takes.
        mark = self._store.changes.mark()
        kept = self._kept
        if kept is not None and kept[0] == mark:
            return kept[1]
        wishes, erased = self._store.wishes.all(), self._store.erased_names.known()
        by_name = {name_key(wish.name): wish for wish in wishes.by_id.values()}
        opted_out = {key for key, wish in by_name.items() if wish.opted_out}
        known = _Known(wishes.by_id, by_name, self._settings | opted_out, erased)
        self._kept = (mark, known)
        return known


def user_talk_title(name: str, *, site: Site) -> str | None:
    """Return the title of the page where somebody is written to; None on a wiki without such pages."""
    talk = site.namespaces.get(_USER_TALK)
    return None if talk is None else f"{talk.name}:{name.replace('_', ' ')}"


def _bare(text: str) -> str:
    """Return the words of a text between single spaces, so that a name is found in it as whole words."""
    return f" {_NO_LETTER.sub(' ', name_key(text)).strip()} "


def _is_erased(name: str, known: _Known) -> bool:
    return MASK in name or known.erased.is_name(name)
