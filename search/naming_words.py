"""Which words can name a subject: nouns and names, told by the company they keep.

After "the", "une" or "with" stands what a text is about; after "we", "should" or "ne" what is done with it
(the idea: Brill, "A simple rule-based part of speech tagger", 1992, whose rules look at a word's neighbours).
Nothing is looked up in a dictionary, so a community's own words are judged like all others. Only what fills
sentences everywhere, and often follows an article too ("chose", "way"), stands in a list.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from search.language import LANGUAGES, Language
from search.words import Word, WordAnalyzer, fold, is_stop_word

_SHORTEST = 3
_LONGEST = 24
# So much speaks for neither before anything is seen.
_DOUBT = 1.0
# Below this share of what speaks for a noun a word is none; from the other on it is one.
_NONE, _SURE = 0.3, 0.7
# Addresses, paths, names of files and of variables: pieces of no sentence.
_NO_PROSE = re.compile(r"\S*(?:://|@|\\|(?<=\w)[/_.:=](?=\w))\S*")
_APOSTROPHES = ("'", "’", "ʼ")
# What may stand between two words of one phrase: spaces, quotes, and the signs of bold and italic.
_NO_BREAK = " \u00a0\u202f*_«»“”\"'’"

# Without accents, as `fold` writes them.
_BEFORE_FRENCH_NOUNS = """
le la les l un une des du au aux ce cet cette ces mon ma mes ton ta tes son sa ses notre nos votre vos leur
leurs chaque quel quelle quels quelles quelque quelques plusieurs aucun aucune avec sans dans sur sous par
chez entre premier premiere deux trois quatre
"""
_BEFORE_ENGLISH_NOUNS = """
the a an this these those my your our their its his her each every no any some another of in with without
from into on by about between within for at two three four first
"""
_ENGLISH_PREPOSITIONS = "of in with without from into on by about between within for at"
_BEFORE_FRENCH_VERBS = """
je j tu il elle on nous vous ils elles ne n se s me m te t qui y peut peuvent peux pouvez pouvons doit
doivent dois devons devez va vont faut fait font faire laisser puis est sont etait ete etre a ont avait
avoir ayant tres plus moins trop si aussi bien pas jamais toujours
"""
_BEFORE_ENGLISH_VERBS = """
to will would can could should must may might shall do does did not don't doesn't didn't can't cannot won't
i you we they he she who it please let let's have has had having be been being is are was were very too more
most so never always also
"""
# Furniture of pages and the calendar, too; a plural that ends in -s need not stand here.
_FRENCH_FILLING = """
accueil afin aide ailleurs ainsi ajout ajouter aller annee aout apres article assez assurer attention
aujourd'hui aupres auquel aussitot autant autour avance avant avril bas base beaucoup besoin but cas
cependant certain certaine chacun chacune chaque chose cinq contenu cote creation creer decembre dedans
definition dehors dela demander dernier derniere description desormais deux devant devenir different
differente dimanche dire divers documentation donner egalement element enfin ensemble ensuite environ etape
etat etc exemple facile facon fait faites fevrier fois general grace grand grande gros haut heure hors
information jamais janvier jeudi jour juillet juin laisser lien lieu ligne liste lorsque lundi mai maniere
mardi mars meilleur menu mercredi mettre mieux minute mis mise moins mois moment mot moyen niveau nom nombre
nombreux note nouveau nouvelle novembre obtenir octobre page parfois part partie partir pendant
permet permettre petit petite peu plupart plusieurs plutot point possible pourtant premier premiere prendre
presque pris prochain proche propre quatre quelque quelques question raison rapport remarque rendre reponse
reste resume rien samedi second section selon semaine sens sept septembre simple simplement sommaire souvent
suffit suite suivant suivante sujet surtout tandis tant tel telle telles tels temps tenir tenu texte
tiennent tient titre toujours toutefois travers trois trop trouver type utile utilisation utiliser vendredi
version vite voir vrai vraiment wiki
"""
_ENGLISH_FILLING = """
able according across actually add added addition additional allow almost along already although always
among amount another answer anything apply approach april around article aspect august available avoid away
background bad based basic become begin behind benefit best better big bit bring call case cause certain
change choose clear clearly com come comment common complete completely consider contain content contents
continue correct course create current currently day deal december default definition depend describe
description detail difference different directly documentation done easier easily easy either element else
end enough ensure especially etc even ever every everyone everything exact example expect extra fact
february feel few field fill final finally find first five follow following form four friday full general
get give go going good great group happen hard have help helpful high higher home hour however http https
idea important include including info information instead introduction issue item january july june just
keep kind large last later least leave less let level like likely line link list little long look lot low
made main make making manner many march matter may maybe mean menu might mind minute monday month much must
name near necessary need never new next non note nothing november number obvious october often old
ongoing open order org others otherwise overview page paragraph part particular people perform place please
point possible previous probably problem proper provide purpose put question quite rather reach ready real
really reason receive regard related relevant remark require required rest result right saturday say second
section see seem select self sense september set several show similar simple simply since single situation
small sometimes soon specific start state stay step still stop stuff summary sunday sure take tell term text
thing think three thursday time title todo together topic toward towards true try tuesday two type
understand unless usage use used useful using usual usually various version via wait want way website
wednesday week well whether wiki within without word work would wrong www year yes yet
"""
_BEFORE_NOUNS: Final[Mapping[Language, frozenset[str]]] = {
    "fr": frozenset(_BEFORE_FRENCH_NOUNS.split()),
    "en": frozenset(_BEFORE_ENGLISH_NOUNS.split()),
}
_BEFORE_OTHERS: Final[Mapping[Language, frozenset[str]]] = {
    "fr": frozenset(_BEFORE_FRENCH_VERBS.split()),
    "en": frozenset(_BEFORE_ENGLISH_VERBS.split()),
}
_PREPOSITIONS: Final = frozenset(_ENGLISH_PREPOSITIONS.split())
_FILLING: Final[Mapping[Language, frozenset[str]]] = {
    "fr": frozenset(_FRENCH_FILLING.split()),
    "en": frozenset(_ENGLISH_FILLING.split()),
}


class NamingWords:
    """Tells which words of a text may be part of a name. As safe to share as the analyzer."""

    def __init__(self, analyzer: WordAnalyzer) -> None:
        self._analyzer = analyzer

    def read(self, text: str, language: Language) -> Iterator[tuple[Word, str, int]]:
        """Yield words with their folded stem, and what stands before them.

        That is 1 for what stands before nouns, -1 for what stands before others, 0 for anything else. Stop
        words, short words, filling words and what is no prose are passed over.
        """
        text = _NO_PROSE.sub(lambda found: " " * len(found[0]), text)
        words = list(self._analyzer.words(text))
        for place, word in enumerate(words):
            if not _may_name(word.form, language):
                continue
            stem = self._analyzer.stem(word.form, language)
            before = _between(text, words[place - 1].end if place else 0, word.start)
            if place and before == "":
                before = fold(words[place - 1].form)
            after = _between(text, word.end, words[place + 1].start) if place + 1 < len(words) else None
            ends = after != "" or any(is_stop_word(words[place + 1].form, each) for each in LANGUAGES)
            yield word, stem, _company(before or "", word.form, language, ends=ends)


def likely_noun(seen: Mapping[int, int]) -> float:
    """Return 0 for a word that is no noun, 1 for one that is, by all that stands before it.

    Args:
        seen: how often each sign (1, -1, 0) of `NamingWords.read` was seen with it.
    """
    nouns, others = seen.get(1, 0) + _DOUBT, seen.get(-1, 0) + _DOUBT
    share = nouns / (nouns + others)
    return min(1.0, max(0.0, (share - _NONE) / (_SURE - _NONE)))


def _may_name(form: str, language: Language) -> bool:
    folded = fold(form)
    # Forms and not stems: "objective" has that of "objection", "contain" that of "container".
    return (
        _SHORTEST <= len(form) <= _LONGEST
        and form.isalpha()
        and not any(is_stop_word(form, each) for each in LANGUAGES)
        and not _FILLING[language] & {folded, folded.removesuffix("s")}
    )


def _between(text: str, start: int, end: int) -> str | None:
    """Return the elided word between two others ("l" of "l’eau"), nothing for a space, None for a break."""
    between = text[start:end].lstrip(_NO_BREAK)
    if between[-1:] in _APOSTROPHES and between[:-1].isalpha():
        return between[:-1].lower()
    return "" if not between else None


def _company(before: str, form: str, language: Language, *, ends: bool) -> int:
    """Return what speaks for a noun (1), or against it (-1).

    In English what stands before another word may be an adjective ("a practical guide"), and what ends in
    -ing follows prepositions as verbs do ("by preparing").
    """
    if before in _BEFORE_OTHERS[language]:
        return -1
    if before not in _BEFORE_NOUNS[language]:
        return 0
    if language == "en" and (not ends or (form.endswith("ing") and before in _PREPOSITIONS)):
        return 0
    return 1
