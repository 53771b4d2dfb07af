"""Names of people, out of lists, lines and sentences of notes."""

import re
from collections.abc import Iterable

from capture.lines import folded, visible, word_set

_EMAIL = re.compile(r"<?\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}\b>?|<mailto:[^>]{1,200}>")
_URL = re.compile(r"<?\bhttps?://\S+")
_BRACKETS = re.compile(r"\s*[(\[{][^()\[\]{}]{0,120}[)\]}]?")
_ROLE_AFTER = re.compile(r"\s+[–—-]\s+.{0,80}$|\s*:\s+.{0,80}$")
_TITLE = re.compile(r"^(?:m\.|mme|mlle|mr\.?|mrs\.?|ms\.?|dr\.?|pr\.?|prof\.?|me)\s+(?=[A-ZÀ-Þ])", re.I)
_SPLIT = re.compile(
    r"\s*(?:[,;/•|\n]|\s&\s|\s\+\s|(?<=\s)et(?=\s)|(?<=\s)and(?=\s)|(?<=\s)ainsi que(?=\s)|"
    r"(?<=\s)puis(?=\s)|(?<=\s)as well as(?=\s))\s*"
)
_SAID_OF = re.compile(
    r"\s+(?:est|a|était|etait|arrive|arrivé|arrivée|part|partie?|rejoint|s'est|s’est|excuse[és]?|"
    r"excusée?s?|absente?|présente?|"
    r"is|was|has|arrived|arrives|joined|joins|left|leaves|late|via|par téléphone|à distance|en "
    r"visio|from|until|jusqu'à|à partir)\b.*$",
    re.I,
)
# "Léa +1", "Marc + 2 personnes": they brought somebody.
_GUESTS = re.compile(r"\s*\+\s?\d{1,2}\b.*$")
# Jean « Jeannot » Dupont, Sophie alias soso.
_NICKNAME = re.compile(
    r"\s+[\"«“”][^\"«»“”]{1,30}[\"»“”](?=\s+\w)|\s+(?:alias|aka|a\.k\.a\.|dite?)\s+\S.*$", re.I
)
# What stands before several people in a list of who was there: "Directors: ...", "Membres présents : ...".
_GROUP = re.compile(
    r"(?:^|(?<=[;.\n])\s*)[^:,;.\n]{0,30}\b(?:directors?|members?|membres?|guests?|invitée?s?|observers?|"
    r"observat(?:eur|rice)s?|officers?|staff|salariée?s?|bénévoles?|volunteers?|adhérente?s?|"
    r"administrat(?:eur|rice)s?|élue?s?|nominees?|present|présente?s?|absente?s?|excusée?s?|regrets|apologies|"
    r"remote|online|en visio|à distance|sur place|on site|in person)(?: ?\([^()\n]{0,30}\))?\s?:(?=\s)",
    re.I,
)
_LEADING = re.compile(
    r"^(?:[-*+•–—·>→\s]+|\[[ xX]?\]\s*|\d{1,3}[.)]\s+|(?:et|and|avec|with|plus|aussi|also|dont|"
    r"including|les?|la|the)\s+)+",
    re.I,
)
_NOT_PEOPLE = word_set(
    """
    tous tout toutes tout le monde everyone everybody all aucun aucune none nobody personne n/a na tbd
    tbc ras oui non yes no nom name noms names role fonction organisation organization present presents
    absent absents excuse excuses quorum invites guests autres others etc et al bureau ca cd conseil
    board team equipe groupe group membres members staff participants attendees many several plusieurs
    quelques chair scribe company affiliation email
    """
) | {"tout le monde", "et al", "no one", "et d'autres", "and others"}
_STOP_WORDS = word_set(
    """
    le la les des un une du de au aux en dans sur pour par avec sans est sont pas que qui quoi dont ce
    cette ces on nous vous the an of in on for by with without is are not that which this these we you
    they it to at from as be was were il elle ils elles je tu se sa son ses leur leurs mon ma mes votre
    notre
    """
)
_WORD = re.compile(r"[^\W_][\w.'’\-]*")


def clean_name(text: str) -> str | None:
    """Return the name that a piece of a list holds, without role, address and marks; None when it is no name.

    "Jean Dupont (trésorier) <jd@example.org>" gives "Jean Dupont"; "@lea" gives "lea".
    """
    name = visible(text)
    address = _EMAIL.search(name)
    name = _URL.sub(" ", _EMAIL.sub(" ", name))
    name = _BRACKETS.sub(" ", name)
    name = _LEADING.sub("", name.strip())
    name = _TITLE.sub("", _ROLE_AFTER.sub("", name))
    name = _GUESTS.sub("", _NICKNAME.sub(" ", _SAID_OF.sub("", name)))
    name = visible(name.strip(' \t,;:.!?*_~`"“”«»()[]{}<>|=+#–—-'))
    name = name.lstrip("@")
    if not name and address:
        local = address.group().strip("<>").split("@")[0]
        name = local if local else ""
    return name if name and _could_be_name(name) else None


def _could_be_name(name: str) -> bool:
    words = _WORD.findall(name)
    if not words or len(words) > 5 or len(name) > 60 or folded(name) in _NOT_PEOPLE:
        return False
    if any(
        folded(word)
        in _STOP_WORDS - {"de", "la", "le", "du", "des", "les", "au", "on", "in", "it", "to", "an"}
        for word in words
    ):
        return False
    if folded(words[0]) in _STOP_WORDS and not words[0][0].isupper():
        return False
    if any(mark in name for mark in "*\\=<>|{}$%"):
        return False
    letters = sum(1 for char in name if char.isalpha())
    if letters < 2 or letters < 0.5 * len(name.replace(" ", "")):
        return False
    if len(words) == 1:
        return folded(words[0]) not in _STOP_WORDS  # a handle may be all in lower case
    capitals = sum(1 for word in words if word[0].isupper())
    particles = sum(1 for word in words if folded(word) in _PARTICLES)
    return capitals >= 1 and capitals + particles >= len(words) - 1


_PARTICLES = word_set(
    """
    de du des d' la le van von der den del della di da dos el al bin ben ten ter y
    """
)


def split_names(text: str) -> list[str]:
    """Cut a list of people ("Léa, Marc et Sofia (à distance)") into names, each once, in order."""
    names: list[str] = []
    text = _GROUP.sub(" ", _URL.sub(" ", text))
    # Commas between brackets belong to what is said of one person.
    protected = re.sub(
        r"[(\[][^()\[\]]{0,200}[)\]]", lambda match: re.sub(r"[,;/]| et | and ", " ", match.group()), text
    )
    for piece in _SPLIT.split(protected):
        name = clean_name(piece) if piece and piece.strip() else None
        if name is not None:
            names.append(name)
    return unique_names(names)


def unique_names(names: Iterable[str]) -> list[str]:
    """Return names in order, each once (whatever its case and accents)."""
    seen: set[str] = set()
    result: list[str] = []
    for name in names:
        key = folded(name)
        if key not in seen:
            seen.add(key)
            result.append(name)
    return result


class Roster:
    """The people whom the notes name, to recognize them where they are called by a first name or a handle."""

    def __init__(self, names: Iterable[str]) -> None:
        self._full = {folded(name): name for name in names}
        self._parts: dict[str, str | None] = {}
        for name in self._full.values():
            for part in {folded(word) for word in _WORD.findall(name)}:
                # A first name that two people share points at neither.
                self._parts[part] = None if part in self._parts and self._parts[part] != name else name

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.find(name) is not None

    def find(self, name: str) -> str | None:
        """Return the person's name as the notes give it first; None for a stranger."""
        key = folded(name).lstrip("@")
        if key in self._full:
            return self._full[key]
        if key in self._parts:
            return self._parts[key] or name
        words = key.split()
        # "Pierre D." and "Pierre"
        if len(words) == 2 and len(words[1].rstrip(".")) == 1:
            matching = [
                full
                for folded_name, full in self._full.items()
                if folded_name.startswith(f"{words[0]} {words[1].rstrip('.')}")
            ]
            return matching[0] if len(matching) == 1 else None
        return None
