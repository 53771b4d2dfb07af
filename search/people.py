"""Names of people: the ways to write one, and whose name is never shown."""

import hashlib
import re
from collections.abc import Iterable
from functools import lru_cache

# "CiteBot", "Web bot", "webbot"; not Marie Talbot, nor Jean CHABOT.
_BOT = re.compile(r"(?i:(?:^|[\s_-])bot|^[^\s_-]+bot)$|(?<=[a-zà-öø-ÿ0-9])Bot$")
# Whom MediaWiki gives a name for some months, because they have none: as anonymous as an address.
# https://www.mediawiki.org/wiki/Help:Temporary_accounts
_TEMPORARY = re.compile(r"~2\d{3}-")
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


class PeopleFilter:
    """Knows which names are programs and which belong to people who asked to be left out."""

    def __init__(self, *, bots: Iterable[str], opt_out: Iterable[str]) -> None:
        self._bots = frozenset(map(name_key, bots))
        self._opted_out = frozenset(map(name_key, opt_out))

    @property
    def digest(self) -> str:
        """Changes whenever someone opts out or back in; empty when nobody has."""
        if not self._opted_out:
            return ""
        return hashlib.sha256("\n".join(sorted(self._opted_out)).encode()).hexdigest()[:12]

    def named(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the names that may be shown, in their order."""
        return tuple(name for name in names if name_key(name) not in self._opted_out)

    def is_person(self, name: str) -> bool:
        """Whether the account is a person's that may be shown."""
        key = name_key(name)
        if key in self._opted_out or key in self._bots or key in _SOFTWARE:
            return False
        return not (_BOT.search(name) or _TEMPORARY.match(name))
