"""A sentence that may be advice, taken apart for being compared with another one.

What a text says in passing is told apart from what it wants done: stories, examples, lists of what was
changed and titles are no advice, and a "not" counts only where it denies the sentence itself, not in a
condition, in a relative clause ("machines that you do not need") or in a purpose ("so that it does not dry").
"""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from search.language import Language
from search.negations import negations
from search.opposites import without_poles
from search.quantities import Quantities, read_quantities
from search.spelled_numbers import spelled
from search.words import WordAnalyzer, fold, is_stop_word

_LEAST_STEMS: Final = 2
_LONGEST_WORDS: Final = 60
# They make a sentence firm or deny it, and are not what it is about.
_POLAR: Final = re.compile(
    r"\b(?:never|jamais|always|toujours|avoid\w*|evite\w*|eviter|forbid\w*|interdi\w*|prohibit\w*|deconseill\w*"
    r"|recommand\w*|recommend\w*|conseill\w*|advis\w*|must|should|shall|doit|doivent|devez|faut|need\w*|cannot"
    r"|impossible|possible|possibly|allow\w*|autoris\w*|permi\w*|prefer\w*|please|veillez|pensez|sans|without"
    r"|aucune?|nobody|personne|nothing|rien|refus\w*|reject\w*|defend\w*|surtout|really|vraiment|il|on|you|vous"
    r"|inutile|unnecessary|needless|a lieu|ont lieu|se tien\w*|dure\w*|lasts?|takes? place|happens?|held"
    r"|faites|laissez|gardez|keep|leave|let|make|mettez|put|se fait|have|work(?:s|ed)? well|good idea"
    r"|bonne idee|it|c'est)\b"
)
# What only seems to deny: who must not forget to do it does it; "ne ... que" is "only".
_SEEMING: Final = re.compile(
    r"\b(?:n'oubliez (?:pas|jamais) (?:de|d')|ne pas oublier (?:de|d')|ne manquez pas (?:de|d')|(?:do not"
    r"|don't|never) (?:forget|fail|hesitate) to|n'hesitez pas a|(?:ne |n')\w+ (?:plus |pas )?(?:que|qu')\b)"
)
# "Un conseil et non un ordre": the same as "et pas", which `negations` counts.
_AND_NOT: Final = re.compile(r"\b(et|mais) non(?: pas)? (?=un|l[ea]s?\b|l'|d[eu]s?\b|d'|a\b|au\b)")
_NEEDLESS: Final = re.compile(r"\b(?:inutile (?:de |d')|(?:unnecessary|needless) to\b)")
# "Step 3" counts nothing.
_LABEL: Final = re.compile(
    r"\b(?:etape|step|phase|point|niveau|level|figure|fig|page|chapitre|chapter|version|release|numero|no|task"
    r"|tache|bug|ticket|issue)[ .]*(?:n°|no|#)? ?\d+(?:\.\d+)*"
)
# "Host B"; in French an apostrophe may follow, and "J. Martin" is a name.
_LETTER: Final = re.compile(r"(?<=\w )[B-HJ-Z](?![\w’'.-])")
_CONDITION: Final = re.compile(
    r"\b(?:if|when|whenever|unless|except|provided|until|while|si|s'il|s'ils|quand|lorsqu\w*|sauf|hormis"
    r"|a moins|en cas|in case|tant que|pendant que|selon|depending|sans|without)\b([^,;:.!?()]*)"
    r"|\b(?:qui|who|whoever)\b((?: ne| n'| not)? ?\w+)"
)
# It says which things are meant, and denies nothing of them.
_RELATIVE: Final = re.compile(
    r"(?<=[\w,)] )(?:(?:that|which|who|whose|qui|que|dont)\b|qu') ?(?:(?!not\b)[\w']+ ){0,2}?"
    r"(?:(?:\w+ )?not (?:\w+ )?|\w+n't |cannot |(?:ne |n')(?:\w+ |\w+'){1,3}?(?:pas|plus|jamais|rien) )(\w+)?"
)
# Before "that", such a word makes a clause of its own of what follows: "make sure that it is not hot".
_SAYING: Final = re.compile(
    r"(?:sure|certain|ensur\w*|check\w*|verif\w*|confirm\w*|note[sdz]?|notez|know\w*|sa(?:y|ys|id|vez|chez)|so"
    r"|mean\w*|such|assum\w*|recommend\w*|advis\w*|important|required|insist\w*|see|believe\w*|is|est|sont|faut"
    r"|vous|ce|de|afin|pour|alors|ainsi|plus|moins|autant|dit\w*|veu\w+|souhait\w*|exig\w*|demand\w*|rappel\w*"
    r"|recommand\w*|conseill\w*|indiqu\w*|signifi\w*|bien|lors|avant|apres|depuis|pendant|tandis|tant) $"
)
# Why, and what comes of it: up to the end of the clause; at the head of a sentence, up to the comma.
_WHY: Final = (
    r"(?:so (?:that|as|you|it|they|we|nobody|no one|the)|in order not|lest|otherwise|thus|because(?! of\b)"
    r"|to (?:avoid|prevent|not|eliminate)|(?:this|which) (?:avoids?|eliminates?|prevents?|means)"
    r"|afin|pour (?:que|qu'|ne|n'|eviter|empecher)|de sorte|de (?:facon|maniere) (?:a|que|qu')|sinon|ainsi"
    r"|car|parce qu\w*|puisqu\w*|ce qui (?:evite|empeche|signifie))\b[^,;:.!?()]*"
)
_PURPOSE: Final = re.compile(rf"^{_WHY},|(?<!^)\b{_WHY}")
# "Not always" is less than "not": it is denied only of who says "always".
_DEGREE: Final = re.compile(
    r"(?:\bnot|n't|\bpas|\bjamais|\bnever)(?:(?: (?!que\b)[\w']+){0,6}? (alone|seule?s?)\b"
    r"| (?:(?!que\b)\w+ )??(always|toujours|necessarily|forcement|necessairement|seulement|uniquement|only"
    r"|just|all\b|every\w*|tou(?:s|te|tes)\b|systemati\w+))"
)
_NO_STATEMENT: Final = re.compile(r"[?:][\W_]*$")
# Addresses, commands and what a program printed say nothing to do.
_CODE: Final = re.compile(r"://|[=<>{}\[\]$\\|`@#]|\w/\w|::|--|\s-[A-Za-z]+\b")
_PLAIN_WORD: Final = re.compile(r"[«“\"'(]*[^\W\d_]+(?:['’-][^\W\d_]+)*[»”\"').,;:!?…]*")
_PLAIN_PART: Final = 0.7
# "Pre-defined roles": a title or a label, where so few words end by no full stop.
_SHORT_WORDS: Final = 4
_ENDED: Final = re.compile(r"[.!;…][»”\"')]*$")
# "1. Clean the lens", "2. (30 min) Clean the lens": its place in a list, or in a programme.
_PLACE: Final = re.compile(
    r"^(?:\(?\d{1,2}[.)] )?(?:[(\[]\d+ ?(?:h|hours?|heures?|m|mn|mins?|minutes?)[)\]] )?"
)
# "Difficulty: easy - Duration: short": fields of a table.
_FIELD: Final = re.compile(r"\w ?: ")
_MOST_FIELDS: Final = 1
_CLAUSE: Final = re.compile(
    r"[,;:()—–!?]|\.\s|\b(?:but|mais|et|and|or|ou|car|because|puisque|so that|afin|ainsi|pour que"
    r"|while|tandis)\b"
)
_COUNTED: Final = re.compile(
    r"\b(?:secondes?|seconds?|minutes?|heures?|hours?|jours?|days?|semaines?|weeks?|mois|months?|ans?|annees?|years?"
    r"|euros?|dollars?|km|cm|mm|kg|metres?|litres?|grammes?|degres|degrees"
    r"|(?:lun|mar|mercre|jeu|vendre|same)dis?|dimanches?|(?:mon|tues|wednes|thurs|fri|satur|sun)days?)\b"
)
# What was, or what somebody told, is no advice.
_TOLD: Final = re.compile(
    r"\b(?:we|i|he|she|they|nous|j'|je|ils?|elles?) (?:\w+ )?(?:had|was|were|did|tried|decided|avons|avait"
    r"|avaient|etait|etaient|ai|ont)\b"
)
# What happened: read in what is left without conditions ("once the glue was spread").
_PAST: Final = re.compile(r"\b(?:was|were|did|wasn't|weren't|didn't|had been)\b")
# The imperfect, and no conditional ("devrait" is advice), present or noun.
_IMPERFECT: Final = re.compile(
    r"\b(?!(?:re)?connait\b|(?:re)?nait\b|(?:ap|com|dis)?parait\b|(?:com|de)?plait\b|souhait\b|lait\b"
    r"|\w*(?:fait|trait)\b|(?:ess|bal|monn|del)aient\b)\w{2,}(?<!r)(?:ait|aient)\b"
)
# With its accents, since "à" is no "a": "a été", "ont choisi", "a pris".
_COMPOUND_PAST: Final = re.compile(
    r"(?<!y )\b(?:a|ont|avons) (?:été|eu|fait|mis|pris|dû|vu|permis|duré|\w{2,}(?:é|és|ée|ées))\b"
)
_AFTER: Final = re.compile(
    r"\b(?:once|after|before|as soon as|une fois|dès qu\w*|des qu\w*|après|apres|avant|if|when|si|quand"
    r"|lorsqu\w*|that|which|who|what|whatever|qui|que)\b[^,;:.!?()]*"
)
# An example, and what was or will be changed in a program: "1402 - the wizard does not close".
_NO_ADVICE: Final = re.compile(
    r"^\W*(?:par exemple\b|for (?:example|instance)\b|ex[ae]mples?(?: \d+)? ?[:,–-]|e\.g\.|p\. ?ex\b"
    r"|\d{4,} ?[:–-]"
    r"|(?:bug|bz|ticket|issue|pr|anomalie)\W{0,2}(?:no\W{0,2}|n° ?)?\d|(?:known issue|probleme connu)s?\b"
    r"|(?:added|fixed|fixes|removed|deprecated)\b|(?:ajout|suppression|correction) d(?:e|es|u|')\b"
    r"|this (?:patch|release|commit|change|version)\b)"
)
# A page about itself, or about the occasion that it is about.
_SELF: Final = re.compile(
    r"\b(?:this|ce|cet|cette) (?:page|section|document|article|chapter|chapitre|guide|release|version"
    r"|feature|patch|bug|event|meeting|workshop|session|edition|evenement|fonctionnalite|reunion|seance"
    r"|rencontre|paragraph\w*|example|exemple|tutorial|tutoriel|proposal|proposition|report|rapport)\b"
)
_MAY: Final = re.compile(
    r"\b(?:can|may|might|could|optionally|peut|peuvent|pouvez|peux|pourra\w*|pourr\w+|possible|possibly)\b"
)
# How hard something is says nothing to do.
_EASE: Final = re.compile(r"\b(?:facile\w*|difficile\w*|easy|easily|hard|difficult)\b")
_YEAR: Final = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True)
class Statement:
    """A sentence, taken apart for being compared."""

    text: str
    language: Language
    analyzer: WordAnalyzer

    @cached_property
    def folded(self) -> str:
        """In small letters, without accents, with straight apostrophes and single spaces."""
        return " ".join(fold(self.text.lower()).replace("’", "'").split())

    @cached_property
    def is_advice(self) -> bool:
        """Whether it may say how something is done: no question, no story, not too long to be compared."""
        return (
            not _NO_STATEMENT.search(self.text)
            and not _TOLD.search(self.folded)
            and not _NO_ADVICE.search(self.folded)
            and not _SELF.search(self.folded)
            and self._is_prose
            and len(self.text.split()) <= _LONGEST_WORDS
            and not self._is_past
            and len(self.subject) >= _LEAST_STEMS
        )

    @property
    def _is_prose(self) -> bool:
        words = self.text.split()
        if len(words) <= _SHORT_WORDS and not _ENDED.search(self.text):
            return False
        if len(_FIELD.findall(self.text)) > _MOST_FIELDS:
            return False
        plain = sum(_PLAIN_WORD.fullmatch(word) is not None for word in words)
        return not _CODE.search(self.text) and plain >= _PLAIN_PART * len(words)

    @property
    def _is_past(self) -> bool:
        told = _AFTER.sub(" ", self.folded)
        if self.language == "en":
            return _PAST.search(told) is not None
        lower = _AFTER.sub(" ", self.text.lower())
        return _IMPERFECT.search(told) is not None or _COMPOUND_PAST.search(lower) is not None

    @cached_property
    def denies(self) -> bool:
        """Whether it denies something, all in all."""
        return bool((negations(self.main) + len(_NEEDLESS.findall(self.main))) % 2)

    @cached_property
    def denied_degrees(self) -> frozenset[str]:
        """What alone it denies where that is how far it goes: "alone", "always"; their first letters."""
        return frozenset((found[1] or found[2])[:4] for found in _DEGREE.finditer(self.main))

    @cached_property
    def denied(self) -> frozenset[str]:
        """Stems of its clauses that deny something."""
        clauses = (clause for clause in _CLAUSE.split(self.main) if negations(clause) % 2)
        return self._stems(_POLAR.sub(" ", " ; ".join(clauses)))

    @cached_property
    def condition(self) -> str:
        """What it holds under, or not; folded."""
        return " ".join(found[0] for found in _CONDITION.finditer(self._affirmed))

    @cached_property
    def denies_condition(self) -> bool:
        """Whether it holds where something is not so."""
        return bool(negations(self.condition) % 2)

    @cached_property
    def conditions(self) -> frozenset[str]:
        """Stems of what it holds under, or not."""
        said = [found[1] or found[2] or "" for found in _CONDITION.finditer(self._affirmed)]
        said += [found[0] for found in _RELATIVE.finditer(self._affirmed) if _is_relative(found)]
        return self._stems(" ".join(said))

    @cached_property
    def subject(self) -> frozenset[str]:
        """Stems of what it is about, without what makes it firm, denies it, or counts."""
        return self._stems(_POLAR.sub(" ", self._affirmed))

    @cached_property
    def bare_subject(self) -> frozenset[str]:
        """The same without the words that have an opposite."""
        return self._stems(without_poles(_POLAR.sub(" ", self._affirmed)))

    @cached_property
    def counted_subject(self) -> frozenset[str]:
        """The same as `subject` without units and days of the week."""
        return self._stems(_COUNTED.sub(" ", _POLAR.sub(" ", self._affirmed)))

    @cached_property
    def said_in_order(self) -> tuple[str, ...]:
        """Stems of the subject in their order, without words that have an opposite, units and days."""
        return self._in_order(_COUNTED.sub(" ", without_poles(_POLAR.sub(" ", self._affirmed))))

    @cached_property
    def quantities(self) -> Quantities:
        """What it says in numbers."""
        return read_quantities(_LABEL.sub(" ", _PLACE.sub("", self.folded)))

    @cached_property
    def labels(self) -> frozenset[str]:
        """What tells one thing of a kind from another: "version 3", "host B"; no place in a list."""
        line = _PLACE.sub("", self.folded)
        return frozenset(_LABEL.findall(line)) | frozenset(_LETTER.findall(self.text))

    @cached_property
    def bare_numbers(self) -> frozenset[str]:
        """Numbers that count no unit: "12 people", "3.1"."""
        return frozenset(number.value for number in self.quantities.numbers if number.unit is None)

    @cached_property
    def is_dated(self) -> bool:
        """Whether it names a day of the calendar or a year: what happened then is no advice."""
        return bool(self.quantities.days) or any(_YEAR.fullmatch(value) for value in self.bare_numbers)

    @cached_property
    def permits(self) -> bool:
        """Whether it says what is possible, and not what has to be."""
        return _MAY.search(self.main) is not None

    @cached_property
    def main(self) -> str:
        """The sentence without its conditions and reasons: "if it is not dry, wait" denies nothing."""
        line = _EASE.sub(" ", _PURPOSE.sub(" ", self._affirmed))
        return _CONDITION.sub(" ", _RELATIVE.sub(_without_relative, line))

    @cached_property
    def _affirmed(self) -> str:
        return _SEEMING.sub(" ", _AND_NOT.sub(r"\1 pas ", self.folded))

    def _stems(self, text: str) -> frozenset[str]:
        return frozenset(self._in_order(text))

    def _in_order(self, text: str) -> tuple[str, ...]:
        return tuple(
            self._stem(word.form)
            for word in self.analyzer.words(text)
            if len(word.form) > 1
            and not word.form[0].isdigit()
            and not is_stop_word(word.form, self.language)
            and spelled(word.form) is None
        )

    def _stem(self, form: str) -> str:
        stem = self.analyzer.stem(form, self.language)
        # "Trempent", which the stemmer leaves as it is, is "trempez".
        return stem[:-3] if self.language == "fr" and len(stem) > 6 and stem.endswith("ent") else stem


def _is_relative(found: re.Match[str]) -> bool:
    return _SAYING.search(found.string[: found.start()]) is None


def _without_relative(found: re.Match[str]) -> str:
    return " " if _is_relative(found) else found[0]
