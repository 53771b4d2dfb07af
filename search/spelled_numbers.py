"""Numbers in French and English words: "deux cent vingt", "one hundred and twenty", "quatre-vingt-dix"."""

import re
from collections.abc import Mapping
from typing import Final

_WORDS: Final[Mapping[str, int]] = {
    word: value
    for value, words in {
        2: "deux two twice",
        3: "trois three",
        4: "quatre four",
        5: "cinq five",
        6: "six",
        7: "sept seven",
        8: "huit eight",
        9: "nine",
        10: "dix ten",
        11: "onze eleven",
        12: "douze twelve",
        13: "treize thirteen",
        14: "quatorze fourteen",
        15: "quinze fifteen",
        16: "seize sixteen",
        17: "seventeen",
        18: "eighteen",
        19: "nineteen",
        20: "vingt twenty",
        30: "trente thirty",
        40: "quarante forty",
        50: "cinquante fifty",
        60: "soixante sixty",
        70: "septante seventy",
        80: "huitante eighty",
        90: "nonante ninety",
        100: "cent cents hundred",
        1_000: "mille thousand",
    }.items()
    for word in words.split()
}
_ORDINALS: Final[Mapping[str, int]] = {
    word: value
    for value, words in {
        2: "deuxieme",
        3: "troisieme third",
        4: "quatrieme fourth",
        5: "cinquieme fifth",
        6: "sixieme sixth",
        7: "septieme seventh",
        8: "huitieme eighth",
        9: "neuvieme ninth",
        10: "dixieme tenth",
    }.items()
    for word in words.split()
}
ONE = frozenset({"un", "une", "one", "a", "an"})
"""Articles that may be a number."""
_SPELLED = "|".join(sorted((*_WORDS, "un", "une", "one", "neuf", "vingts"), key=len, reverse=True))
_SPELLED_RUN = re.compile(rf"\b(?:{_SPELLED})(?:(?: et | and |[ -]et-|[ -])(?:{_SPELLED}))+\b")


def in_digits(line: str) -> str:
    """Return a line without accents and capitals with its numbers of several words in digits.

    "Deux trois" remains two numbers; so does "deux ou trois".
    """
    return _SPELLED_RUN.sub(_in_digits, line)


def spelled(word: str | None) -> int | None:
    """Read one word, "cinq" or "third"; None when it is no number."""
    return None if word is None else _WORDS.get(word) or _ORDINALS.get(word)


def _in_digits(run: re.Match[str]) -> str:
    numbers: list[int] = []
    total = current = 0
    open_number = False
    words = run[0].replace("-", " ").split()
    for place, word in enumerate(words):
        joined = place > 0 and words[place - 1] in {"et", "and"}
        if word in {"et", "and"}:
            continue
        value = 1 if word in ONE else 9 if word == "neuf" else 20 if word == "vingts" else _WORDS[word]
        if value == 1_000 and total == 0:
            total, current, open_number = (current or 1) * 1_000, 0, True
        elif value == 100 and current < 10 and not joined:
            current, open_number = (current or 1) * 100, True
        elif value == 20 and current % 100 == 4 and not joined:
            current += 76  # quatre-vingts
        elif open_number and _goes_on(current, value, total=total, joined=joined, word=word):
            current += value
        else:
            if open_number:
                numbers.append(total + current)
            total, current, open_number = 0, value, True
    numbers.append(total + current)
    return " ; ".join(map(str, numbers))


def _goes_on(current: int, value: int, *, total: int, joined: bool, word: str) -> bool:
    """Whether a number below a hundred belongs to what was read of it so far."""
    rest = current % 100
    if rest == 0 and (current or total):
        return True
    if rest == 10:  # dix-sept
        return 7 <= value <= 9 and not joined
    after_tens = rest >= 20 and rest % 10 == 0 and value < (20 if rest in {60, 80} else 10)
    return after_tens and (not joined or word in {"un", "une", "onze", "one"})
