"""People who were erased: their names are found in texts, and masked, without being kept anywhere.

Of a name only a keyed digest is known (HMAC, RFC 2104) of its words as everybody may write them: without
case, accents and underscores. A text is read in windows of as many words as the names have; each window's
digest tells whether a name stands there. A name of one word ("Rose") may be any word of the language: it is
masked where it is an account's, and not in running text.
"""

import hmac
import html
import json
import re
import secrets
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final
from urllib.parse import unquote

MASK: Final = "█▒█▒█"
"""What stands in the place of an erased name: no letters, so that it is no word of any index."""

# What a reader does not see within a word, and accents that stand behind their letter (NFD).
_WITHIN = "\u00ad\u200b-\u200d\u2060\ufeff\u0300-\u036f"
_WORD = re.compile(rf"[^\W_](?:[^\W_]|[{_WITHIN}])*+")
_UNSEEN = re.compile(rf"[{_WITHIN}]")
# Letters that another notation stands for: addresses, HTML and wikitext, JSON, mails (quoted-printable).
_ESCAPED = re.compile(
    r"(?:%[0-9A-Fa-f]{2})+"
    r"|&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});"
    r"|\\(?:u[0-9A-Fa-f]{4}|[\"\\/bfnrt])"
    r"|(?:=[0-9A-F]{2})+|=\r?\n"
)
_JSON_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
# What may stand between two words of a name: "Marie_Dupont", "'''Marie''' Dupont", "DUPONT, Marie", a line's
# end in running text or in a quoted mail; but not another paragraph, or the next item of a list.
_BETWEEN = re.compile(r"(?:[^\w\r\n]|_){1,8}|[ \t]*\r?\n[ \t>]*")
# A sentence that ends there; an initial keeps its point ("J. Dupont").
_SENTENCE_END = re.compile(r"[.!?;:]\s")
_LONGEST_INITIAL = 2
# What every wiki calls the namespace of users, besides its own words for it.
_USER_SPACES = frozenset({"user", "user talk", "utilisateur", "utilisatrice"})
_LONGEST_PREFIX = 120
# Of templates: who reviewed a practice, whom to ask, who tried it.
_PERSON_PARAMETERS = "by|par|contacts?|reviewed_by|relue_par"
_VALUE_END = re.compile(r"[ \t]*(?:[,|\r\n]|\}\}|\Z)")
# Under these a JSON of ours has names and nothing else.
_PEOPLE_KEYS = frozenset(
    {
        "owner",
        "people",
        "present",
        "absent",
        "excused",
        "chair",
        "scribe",
        "accounts",
        "actor",
        "speaker",
        "person",
    }
)


def name_words(name: str) -> tuple[str, ...]:
    """Return the words of a name as it is compared: without case, accents and underscores."""
    return tuple(filter(None, (_bare(word.group()) for word in _WORD.finditer(name))))


def name_digest(key: bytes, words: Sequence[str]) -> str:
    """Return what is kept of a name: nobody without the key can tell which it is, nor try names out."""
    return hmac.digest(key, "\x1f".join(words).encode("utf-8", "surrogatepass"), "sha256").hex()


@lru_cache(maxsize=50_000)
def _bare(word: str) -> str:
    folded = unicodedata.normalize("NFKD", word).casefold().replace("œ", "oe").replace("æ", "ae")
    return _UNSEEN.sub("", folded)


@dataclass(frozen=True, slots=True)
class _Letters:
    """A text as it is read, and where each of its characters stands in the text as it is written."""

    text: str
    places: Sequence[tuple[int, int]] | None
    """(start, end) of each character; None where both texts are the same."""

    def written(self, start: int, end: int) -> tuple[int, int]:
        if self.places is None:
            return start, end
        return self.places[start][0], self.places[end - 1][1]


class Erased:
    """Finds the names of those who were erased. Frozen; safe to share between threads.

    Args:
        key: of the digests.
        digests: how many words each name has, by its digest.
        user_spaces: what the wiki calls the namespaces of users and of their talk pages ("Utilisateur").
    """

    def __init__(self, key: bytes, digests: Mapping[str, int], *, user_spaces: Collection[str] = ()) -> None:
        self._key = key
        self._digests = frozenset(digests)
        self._lengths = sorted({number for number in digests.values() if number > 1}, reverse=True)
        self._single = 1 in digests.values()
        names = {name.casefold().replace("_", " ") for name in user_spaces} | _USER_SPACES
        spaces = sorted(names, key=len, reverse=True)
        alternatives = "|".join(re.escape(name).replace(r"\ ", "[ _]") for name in spaces)
        self._account_before = re.compile(
            rf"(?:\b(?:{alternatives})[ _]?:[ _]?(?:[^\]|\n]{{1,80}}\|)?|\b(?:contributions|log)/|@"
            rf"|\|[ \t]*(?:{_PERSON_PARAMETERS})[ \t]*=[ \t]*(?:[^|={{}}\n]{{1,80}},[ \t]*)?)\Z",
            re.IGNORECASE,
        )

    def __bool__(self) -> bool:
        return bool(self._digests)

    @property
    def digest(self) -> str:
        """Changes whenever somebody is erased; empty when nobody is."""
        if not self._digests:
            return ""
        return hmac.digest(self._key, "\n".join(sorted(self._digests)).encode(), "sha256").hex()[:12]

    def is_name(self, text: str | None) -> bool:
        """Whether a text is a name of theirs and nothing else, of however many words."""
        if not self._digests or not text:
            return False
        words = name_words(text)
        return bool(words) and name_digest(self._key, words) in self._digests

    def holds(self, text: str) -> bool:
        """Whether a name of theirs stands in a text."""
        return next(self._spans(text), None) is not None

    def count(self, text: str) -> int:
        """Return how many names of theirs stand in a text."""
        return sum(1 for _ in self._spans(text))

    def masked(self, text: str) -> str:
        """Return a text without the names; it keeps its lines."""
        pieces: list[str] = []
        position = 0
        for start, end in self._spans(text):
            # What ends a line within a name stays: lines are known by their numbers.
            ends = "".join(re.findall(r"\r?\n|\\r|\\n", text[start:end]))
            pieces += [text[position:start], MASK, ends]
            position = end
        if not pieces:
            return text
        return "".join([*pieces, text[position:]])

    def without(self, value: str | None) -> str | None:
        """Return what a field says that may be an account or a name alone: masked where it is theirs."""
        if value is None:
            return None
        return MASK if self.is_name(value) else self.masked(value)

    def masked_json(self, value: Any, *, people: bool = False) -> Any:
        """Return a value of JSON with all its texts masked, keys included.

        Args:
            value: what is in it.
            people: whether its texts are names of people and nothing else.
        """
        if isinstance(value, str):
            return self.without(value) if people else self.masked(value)
        if isinstance(value, Mapping):
            return {
                self.masked_json(str(key), people=people): self.masked_json(
                    each, people=people or key in _PEOPLE_KEYS
                )
                for key, each in value.items()
            }
        if isinstance(value, list | tuple):
            return [self.masked_json(each, people=people) for each in value]
        return value

    def masked_text_or_json(self, text: str) -> str:
        """Return a text that may be JSON without the names; what holds none is returned as it is written."""
        if text[:1] in ("{", "["):
            try:
                value = json.loads(text)
            except ValueError:
                return self.masked(text)
            masked = self.masked_json(value)
            return text if masked == value else json.dumps(masked, ensure_ascii=False, separators=(",", ":"))
        return self.masked(text)

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield (start, end) of each name in a text, in order, without overlap."""
        if not self._digests or not text:
            return
        letters = _letters(text)
        read = letters.text
        words = [(found.start(), found.end(), _bare(found.group())) for found in _WORD.finditer(read)]
        linked = [
            _BETWEEN.fullmatch(read, before[1], after[0]) is not None
            and not (
                before[1] - before[0] > _LONGEST_INITIAL
                and _SENTENCE_END.match(read, before[1], after[0]) is not None
            )
            for before, after in pairwise(words)
        ]
        number = 0
        while number < len(words):
            length = self._name_at(read, words, linked, number)
            if length:
                yield letters.written(words[number][0], words[number + length - 1][1])
            number += max(1, length)

    def _name_at(
        self, read: str, words: Sequence[tuple[int, int, str]], linked: Sequence[bool], number: int
    ) -> int:
        """Return how many words the name has that begins with a word; 0 when none does."""
        reach = 1
        for length in sorted(self._lengths):
            while reach < length and number + reach < len(words) and linked[number + reach - 1]:
                reach += 1
            if reach < length:
                break
        for length in self._lengths:
            if length <= reach and self._is_known(tuple(w[2] for w in words[number : number + length])):
                return length
        if self._single and self._is_known((words[number][2],)):
            start, end, _ = words[number]
            found = self._account_before.search(read, max(0, start - _LONGEST_PREFIX), start)
            # In a parameter it is the whole value: "Rose Marie" is somebody else than "Rose".
            if found and (not found.group().startswith("|") or _VALUE_END.match(read, end)):
                return 1
        return 0

    def _is_known(self, words: tuple[str, ...]) -> bool:
        return name_digest(self._key, words) in self._digests


def finder(names: Iterable[str], *, user_spaces: Collection[str] = ()) -> Erased:
    """Return what finds names in texts, for once: to see where somebody stands who is not erased."""
    words = [name_words(name) for name in names]
    key = secrets.token_bytes(32)
    return Erased(key, {name_digest(key, each): len(each) for each in words if each}, user_spaces=user_spaces)


NOBODY: Final = Erased(b"", {})
"""Where nobody was erased."""


def _letters(text: str) -> _Letters:
    """Read the letters that other notations stand for."""
    if not any(sign in text for sign in "%&\\="):
        return _Letters(text, None)
    read: list[str] = []
    places: list[tuple[int, int]] = []
    position = 0
    for found in _ESCAPED.finditer(text):
        meant = _meant(found.group())
        if meant is None:
            continue
        read.append(text[position : found.start()])
        places.extend((place, place + 1) for place in range(position, found.start()))
        read.append(meant)
        places.extend([found.span()] * len(meant))
        position = found.end()
    if not read:
        return _Letters(text, None)
    read.append(text[position:])
    places.extend((place, place + 1) for place in range(position, len(text)))
    return _Letters("".join(read), places)


def _meant(escaped: str) -> str | None:
    """Return what an escape stands for; None when it is none."""
    if escaped[0] == "%":
        return unquote(escaped, errors="replace")
    if escaped[0] == "&":
        meant = html.unescape(escaped)
        return None if meant == escaped else meant
    if escaped[0] == "\\":
        if escaped[1] == "u":
            return chr(int(escaped[2:], 16))
        return _JSON_ESCAPES.get(escaped[1], escaped[1])
    if escaped[-1] == "\n":
        return ""  # a line that a mail has only broken
    try:
        return bytes.fromhex(escaped.replace("=", "")).decode()
    except UnicodeDecodeError:
        return None
