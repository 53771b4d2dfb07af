"""The sentences of a passage that could answer: which stand alone, and which kind of answer they hold."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from search.sentences import sentence_spans

LONGEST_SENTENCE: Final = 320
"""Characters of a sentence that is shown; a list counts as one with the line that announces it."""
_LEAST_WORDS = 4
_ELLIPSIS = "…"
_ITEM = re.compile(r"[-•*–—] +|\d{1,2}[.)] +")
_LIST_MARKS = re.compile(r"\n+[-*•] +")
# The way back ("← Projects"), a picture's name, a line of links.
_NO_SENTENCE = re.compile(
    r"(?:[-•*] )?[←↑⇐⬅↩«‹<]+ ?\S|\S+\.(?:png|jpe?g|gif|svg|pdf)\b|(?:https?|ftp)://", re.I
)
_LETTERS = re.compile(r"[^\W\d_]{2,}")
_SEPARATORS = re.compile(r"[|·•»>→]|\s[-–—]\s")

# Begins with a word for what the sentence before has named. "Il faut", "It is possible" name nothing.
_IMPERSONAL = (
    r"(?:faut|fallait|faudra|est (?:possible|important|utile|conseillé|recommandé|nécessaire|interdit"
    r"|préférable|obligatoire|temps)|existe|suffit|convient|s['’]agit|y a|peut y avoir"
    r"|n['’](?:est pas|y a|existe)|reste|arrive|vaut mieux|vous|nous|te|me)\b"
)
_DEPENDENT: Final = re.compile(
    rf"(?:(?:Il(?! {_IMPERSONAL})|Elle|Ils|Elles|Cel(?:ui|le)(?:-ci|-là)?|Ceux|Cela|Ceci|Ça|C['’]|Ce|Cet"
    r"|Cette|Ces|Leurs?|Dans ce cas|Toutefois|Cependant|Néanmoins|Sinon|Ensuite|Puis|Enfin|De plus|En effet"
    r"|Par ailleurs|Ainsi|Donc|Mais|Et|Or|En revanche|Au contraire|Dans le cas contraire|Par exemple"
    r"|It(?! (?:is|was|can be) (?:possible|important|useful|best|better|recommended|necessary|forbidden))"
    r"|They|He|She|This|These|That|Those|Its|Their|However|Otherwise|Then|Instead|Therefore|Thus|So|But|And"
    r"|In (?:this|that) case|For example|Moreover|Also|If (?:so|not))(?=[\s,’'-]))"
)

_MONTHS = (
    "janvier|février|fevrier|mars|avril|mai|juin|juillet|août|aout|septembre|octobre|novembre|décembre|decembre"
    "|January|February|March|April|May|June|July|August|September|October|November|December"
)
_WEEKDAYS = (
    "lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|Mondays?|Tuesdays?|Wednesdays?|Thursdays?|Fridays?"
    "|Saturdays?|Sundays?"
)
_SPANS_OF_TIME = (
    "secondes?|minutes?|heures?|jours?|semaines?|mois|trimestres?|ans?|années?|siècles?|seconds?|hours?|days?|weeks?"
    "|months?|quarters?|years?|century"
)
_NUMBER_WORDS = (
    "deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|quinze|vingt|trente|quarante|cinquante|cent"
    "|two|three|four|five|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|hundred"
)
_DATE = re.compile(
    rf"\b(?:(?:1[0-9]|20)\d\d|\d{{1,2}} ?[h:] ?\d\d|\d{{1,2}}(?:er)? (?:{_MONTHS})|(?:{_MONTHS}) \d{{1,4}}"
    rf"|\d{{1,2}}[/-]\d{{1,2}}[/-]\d{{2,4}}|{_WEEKDAYS}|\d{{1,2}} ?(?:h|am|pm)\b|siècle|century)\b"
    rf"|\b(?:tous les|chaque|every|each|toutes les) (?:\w+ )?(?:{_SPANS_OF_TIME})\b",
    re.I,
)
_DURATION = re.compile(rf"\b(?:\d[\d.,]*|{_NUMBER_WORDS}|un|une|an?|one)[ -](?:{_SPANS_OF_TIME})\b", re.I)
_NUMBER = re.compile(rf"\d|\b(?:{_NUMBER_WORDS})\b", re.I)
_MONEY = re.compile(
    r"\d[\d\s.,]*(?:€|\$|£|euros?|dollars?|EUR|USD|francs?)|[€$£] ?\d|\bgratuite?s?\b|\bfree\b", re.I
)
_NAME = re.compile(r"(?<![.!?…:] )(?<!^)(?<!^- )(?<![\w«“\"])[A-ZÀ-ÖØ-Þ][\w’'-]+")

_KINDS: Final[tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]] = (
    # What is asked, and what an answer must hold. First match wins.
    (
        re.compile(r"\bcombien de temps\b|\bhow long\b|\bquelle (?:est la )?durée\b|\bdurent?\b", re.I),
        _DURATION,
    ),
    (
        re.compile(
            r"\bhow much\b|\bcombien (?:co[uû]te|faut-il payer|gagne)"
            r"|\bquels? (?:est le )?(?:prix|tarif|co[uû]t|montant)",
            re.I,
        ),
        _MONEY,
    ),
    (
        re.compile(r"\bcombien\b|\bhow many\b|\bhow often\b|\bquel(?:le)? (?:nombre|part|taux)\b", re.I),
        _NUMBER,
    ),
    (
        re.compile(
            r"\bquand\b|\bwhen\b|\b(?:en |à )?quelles? (?:année|date|jour|heure|période|époque)"
            r"|\bquel (?:jour|mois)|\bwhat (?:time|date|year|day)\b",
            re.I,
        ),
        _DATE,
    ),
    (
        re.compile(
            r"\bqui (?:est|a|sont|ont|était|peut)\b|^qui\b|\bwho(?:m|se)?\b|\bà qui\b|\bpar qui\b", re.I
        ),
        _NAME,
    ),
)
_BROAD = re.compile(
    r"\bqu['’]est[- ]ce qu|\bc['’]est quoi\b|\bcomment\b|\bque faire\b|\bpourquoi\b|\bà quoi sert"
    r"|\b(?:peut|faut|est|doit)-(?:on|il|elle)\b|\bdans quels? cas\b|\bwhat (?:is|are)\b"
    r"|\bhow (?:do|does|can|to|should)\b|\bwhy\b|\bdefine\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Unit:
    """What could be shown as one sentence of an answer: `text[start:end]` of a passage."""

    start: int
    end: int
    dependent: bool
    """Whether it names its subject by a pronoun only, or goes on from the sentence before."""


def answer_units(text: str) -> list[Unit]:
    """Return the sentences of a passage in order, a short list together with the line that announces it.

    What is no sentence (a heading, the way back, a row of links) is not there.
    """
    spans = list(_without_headings(text))
    units = []
    place = 0
    while place < len(spans):
        start, end = spans[place]
        place += 1
        if text[start:end].endswith(":"):
            while place < len(spans) and _goes_on(text, end, spans[place], start):
                end = spans[place][1]
                place += 1
        if _is_sentence(text[start:end]):
            units.append(Unit(start, end, _is_dependent(text[start:end])))
    return units


def shown(text: str, unit: Unit) -> str:
    """Return a unit as one line, list marks as bullets, cut at a word where it is too long."""
    start, end = unit.start, unit.end
    if mark := _ITEM.match(text, start, end):
        start = mark.end()
    line = _LIST_MARKS.sub(" • ", text[start:end])
    line = " ".join(line.split())
    if len(line) <= LONGEST_SENTENCE:
        return line
    space = line.rfind(" ", LONGEST_SENTENCE // 2, LONGEST_SENTENCE - 1)
    return line[: space if space > 0 else LONGEST_SENTENCE - 1].rstrip(" ,;:•") + _ELLIPSIS


def asks_broadly(question: str) -> bool:
    """Whether a question asks for an explanation and not for one fact: "what is ...", "comment ..."."""
    return _BROAD.search(question) is not None


def expected_kind(question: str) -> re.Pattern[str] | None:
    """Return what an answer must hold (a date, a number, a name), or None when the question does not say."""
    return next((held for asked, held in _KINDS if asked.search(question)), None)


def _without_headings(text: str) -> Iterator[tuple[int, int]]:
    spans = list(sentence_spans(text))
    for number, (start, end) in enumerate(spans):
        following = spans[number + 1][0] if number + 1 < len(spans) else None
        alone = (start == 0 or text[start - 1] == "\n") and (following is None or "\n" in text[end:following])
        if alone and following is not None and _looks_like_heading(text[start:end], text[following:]):
            continue
        yield start, end


def _looks_like_heading(line: str, after: str) -> bool:
    if _ITEM.match(line) or _ITEM.match(after):
        return False
    return len(line.split()) <= 8 and line[-1].isalnum() and not any(c in line for c in ",;")


def _goes_on(text: str, end: int, span: tuple[int, int], start: int) -> bool:
    between = text[end : span[0]]
    return span[1] - start <= LONGEST_SENTENCE and ("\n" not in between or bool(_ITEM.match(text, *span)))


def _is_sentence(sentence: str) -> bool:
    if _NO_SENTENCE.match(sentence):
        return False
    words = _LETTERS.findall(sentence)
    separators = _SEPARATORS.findall(_LIST_MARKS.sub(" ", sentence))
    return len(words) >= _LEAST_WORDS and len(separators) <= len(words) / 4


def _is_dependent(sentence: str) -> bool:
    bare = sentence[mark.end() :] if (mark := _ITEM.match(sentence)) else sentence
    return bool(_DEPENDENT.match(bare))
