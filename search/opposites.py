"""Words that say the opposite of each other: "ouvert" and "fermé", "at least" and "at most".

Two sentences that share all other words and differ by such a pair do not say the same. What is no pair of the
list, and is not made by a prefix ("inaccessible"), is not known here.
"""

import re
from collections.abc import Iterable, Set
from itertools import product
from typing import Final

# On folded text. Of each pair one word of the first and one of the second contradict each other.
_PAIRS: Final[tuple[tuple[str, str], ...]] = (
    (
        r"ouver\w*|ouvr\w*|open\w*",
        r"ferme[sz]?|fermee?s?|ferment|fermer|fermeture|closed?|closes|closing|shut",
    ),
    (r"gratuit\w*|free", r"payante?s?|paid"),
    (r"avant|before", r"apres|after"),
    (
        r"au moins|au minimum|plus de|at least|minimum|more than|no less than",
        r"au plus|au maximum|moins de|jusqu'a|at most|maximum|up to|less than|fewer than|no more than",
    ),
    (r"premi(?:er|ere)s?|first", r"derni(?:er|ere)s?|last"),
    (r"souvent|toujours|often|always|usually", r"rarement|rarely|seldom"),
    (
        r"augment\w*|hausse|increas\w*|rises?|rose|grows?|grew",
        r"diminu\w*|baiss\w*|redui\w*|decreas\w*|falls?|fell|reduc\w*",
    ),
    (r"interieure?s?|dedans|inside|indoors?", r"exterieure?s?|dehors|outside|outdoors?"),
    (r"obligatoire\w*|mandatory|compulsory|required", r"facultati\w*|optionnel\w*|optional\w*|voluntary"),
    (r"facile\w*|easy|easily", r"difficile\w*|hard|difficult"),
    (r"enabl\w*|activ(?:e[rsz]?|ee?s?|ent|ez)", r"disabl\w*|desactiv\w*"),
    (r"bright|lumineu(?:x|ses?)|clairs?", r"dark|sombres?|obscure?s?"),
    (r"publique?s?|public", r"privee?s?|private"),
    (r"gauche|left", r"droite|right"),
    (r"chaude?s?|hot|warm", r"froide?s?|cold"),
    (r"pleine?s?|full", r"vides?|empty"),
    (r"commenc\w*|debut\w*|starts?|begins?", r"finit|finissent|termin\w*|ends?|finish\w*"),
    (
        r"seule?s?|seulement|uniquement|only",
        r"tous|toutes|tout le monde|chacun\w*|anyone|anybody|everyone|everybody|all",
    ),
)
_POLES: Final = tuple(
    (re.compile(rf"\b(?:{one})\b"), re.compile(rf"\b(?:{other})\b")) for one, other in _PAIRS
)
_PREFIXES: Final = ("in", "im", "ir", "il", "un", "non", "mal", "de", "dis")
_LEAST_LETTERS = 5


def contradict(said: str, told: str) -> bool:
    """Whether a clause says the opposite of what another one says in the same words but one.

    Args:
        said: folded, in small letters.
        told: likewise.
    """
    for one, other in _POLES:
        mine = (bool(one.search(said)), bool(other.search(said)))
        theirs = (bool(one.search(told)), bool(other.search(told)))
        if any(mine) and mine[0] != mine[1] and theirs == (mine[1], mine[0]):
            return True
    words, others = _endless(said), _endless(told)
    return _by_prefix(words - others, others - words) or _by_prefix(others - words, words - others)


def _endless(text: str) -> frozenset[str]:
    """Return the words of a text without the ends of feminine and plural."""
    return frozenset(word.rstrip("es") for word in re.findall(r"[a-z]+", text))


def _by_prefix(words: Iterable[str], others: Set[str]) -> bool:
    """Whether one of the words, with a prefix that denies, is one of the others."""
    return any(
        f"{prefix}{word}" in others
        for prefix, word in product(_PREFIXES, words)
        if len(word) >= _LEAST_LETTERS
    )


def without_poles(text: str) -> str:
    """Return a text, folded and in small letters, without the words that have an opposite in the list."""
    for poles in _POLES:
        for pole in poles:
            text = pole.sub(" ", text)
    return text
