"""Who is to do an action, told apart from what is to be done."""

import re
from dataclasses import dataclass

from capture.lines import folded, word_set
from capture.people import Roster, clean_name
from capture.vocabulary import role_of

_CAPITAL = (
    r"(?:@[\w.-]{2,30}|[A-ZÀ-Þ][\w'’.-]{0,30}(?: (?:d'|d’|de |du |van |von |der |den |le |la "
    r")?[A-ZÀ-Þ][\w'’-]{0,30}\.?){0,3})"
)
_ANY = r"(?:@?[^\W\d_][\w'’.-]{1,30}(?: [^\W\d_][\w'’.-]{0,30}){0,3}?)"
_JOIN = r"(?:\s*,\s*|\s*[&/+]\s*|\s+(?:et|and|ou|or)\s+)"
_SAID_AFTER_PAREN = r"(?: ?\([^()]{1,40}\))?"

_BEFORE_COLON = re.compile(
    rf"^[\[(]?(?P<who>{_ANY}(?:{_JOIN}{_ANY}){{0,5}}){_SAID_AFTER_PAREN}[\])]?\s?(?::|–|—|->|=>|"
    rf"→|\s-)\s*(?P<rest>\S.*)$",
    re.S,
)
_BRACKETED = re.compile(rf"^[\[(](?P<who>{_ANY}(?:{_JOIN}{_ANY}){{0,5}})[\])]\s*(?P<rest>\S.*)$", re.S)
_MODAL_EN = (
    r"(?:will(?: also| then| now)?|to|'ll|is going to|are going to|agreed to|agrees to|has agreed to|"
    r"volunteers? to|volunteered to|offers? to|offered to|should|shall|must|needs? to|has to|have to|"
    r"takes? the action to|is to|are to|plans? to)"
)
_MODAL_FR = (
    r"(?:va|vont|doit|doivent|devra|devront|devrait|accepte de|acceptent de|s[’']engage à|"
    r"s[’']engagent à|se propose de|se propose pour|est chargée? de|sont chargée?s de)"
)
_MODAL = re.compile(
    rf"^(?P<who>{_CAPITAL}(?:{_JOIN}{_CAPITAL}){{0,4}}|"
    rf"{_ANY}){_SAID_AFTER_PAREN},?\s*\b(?P<modal>{_MODAL_EN}|{_MODAL_FR})\s+(?P<rest>\S.*)$",
    re.S | re.I,
)
_REFLEXIVE = re.compile(
    rf"^(?P<who>{_CAPITAL}(?:{_JOIN}{_CAPITAL}){{0,4}})\s+(?P<rest>(?:s[’']occupe|s[’']occupent|"
    rf"se charge|se chargent|s[’']occupera|s[’']occuperont|se chargera|se chargeront|prend en "
    rf"charge|prendra en charge|takes care|is responsible|are responsible|is in charge)\b.*)$",
    re.S,
)
_LEADING_NAME = re.compile(rf"^(?P<who>{_CAPITAL}(?:{_JOIN}{_CAPITAL}){{0,4}})\s+(?P<rest>[^\W\d_].*)$", re.S)
_TRAILING = re.compile(
    rf"^(?P<rest>.*\S)\s*(?:(?::|–|—|->|=>|→|\s-)\s*|"
    rf"\s[\[(]\s*)(?P<who>{_CAPITAL}(?:{_JOIN}{_CAPITAL}){{0,5}})(?P<more>\s*[,;:–-]\s*[^()\[\]]{{1,60}})?\s*[\])]?\s*[.!]?$",
    re.S,
)
_HANDLES = re.compile(r"(?:^|\s)@([\w][\w.-]{1,30})\b")
_NAMED_OWNER = re.compile(
    rf"[\s(\[,;–-]*\b(?:owner|responsible|assignee|assigned to|responsable|resp\.?|porteur|"
    rf"porteuse|pilote|référente?|qui|who|assigné(?:e)? à|par|by)\s?(?::|"
    rf"=)\s*(?P<who>{_ANY}(?:{_JOIN}{_ANY}){{0,4}})\s*(?=[)\],;.]|$)[)\]]?",
    re.I,
)
_FOR = re.compile(
    rf"^(?:pour|for|à|to)\s+(?P<who>{_CAPITAL}(?:{_JOIN}{_CAPITAL}){{0,4}})\s*(?::|–|—|,|"
    rf"-)\s*(?P<rest>\S.*)$",
    re.S | re.I,
)

_NO_OWNER = word_set(
    """
    it this that there they he she we you i who what which everyone everything someone anyone these
    those here then il elle on nous vous ils elles je tu ce cela ca ceci qui tout rien quelqu'un action
    todo task tache note nb attention rappel idee idea exemple example option probleme problem solution
    contexte context resultat result etape step outil tool budget date lieu http https need needs how
    why when where comment pourquoi quand ou objectif goal update statut status lien link url pr issue
    avant apres before after pour for par by the le la les un une des si if mais but et and or ne not
    pas
    """
)
_COLLECTIVE = word_set(
    """
    tous toutes tout le monde everyone all everybody chacun chacune ca cd bureau conseil team
    """
)
# The patterns' time grows with the square of a line's length, and nobody writes what they will do in pages.
_LONGEST_ACTION = 2_000


@dataclass(frozen=True, slots=True)
class Owned:
    """What is to be done and who does it."""

    text: str
    owner: str | None


def split_owner(text: str, roster: Roster, *, expected: bool) -> Owned:
    """Take the owner off an action.

    Args:
        text: "Marc : écrire au lieu", "gkellogg to create issues", "Relancer la banque (Léa)".
        roster: People whom the notes name.
        expected: Whether the text is known to be an action (a marker or a section says so): then a stranger's
            name counts too, where it stands in an owner's place.
    """
    text = text.strip()
    if len(text) > _LONGEST_ACTION:
        return Owned(text, None)
    named = _NAMED_OWNER.search(text)
    if named and (who := _people(named.group("who"), roster, expected=True)):
        rest = (text[: named.start()] + " " + text[named.end() :]).strip(" ,;–-")
        if rest:
            return Owned(rest, who)
    for pattern in (_FOR, _BRACKETED, _BEFORE_COLON):
        found = pattern.match(text)
        if found and (who := _people(found.group("who"), roster, expected=expected)):
            return Owned(_without_modal(found.group("rest")), who)
    found = _MODAL.match(text)
    if found and (who := _people(found.group("who"), roster, expected=expected)):
        modal = found.group("modal").lower()
        keep = modal in ("doit", "doivent", "devra", "devront", "devrait", "should", "must", "shall")
        rest = found.group("rest")
        return Owned(f"{found.group('modal')} {rest}" if keep else rest, who)
    found = _REFLEXIVE.match(text)
    if found and (who := _people(found.group("who"), roster, expected=True)):
        return Owned(found.group("rest"), who)
    trailing = _TRAILING.match(text)
    if trailing and (who := _people(trailing.group("who"), roster, expected=expected, trailing=True)):
        more = (trailing.group("more") or "").strip(" ,;:–-")
        return Owned(trailing.group("rest").rstrip(" ([:–-") + (f" ({more})" if more else ""), who)
    if expected:
        handles = _HANDLES.findall(text)
        if handles:
            rest = " ".join(_HANDLES.sub(" ", text).split()).strip(" :–-")
            return Owned(rest or text, ", ".join(dict.fromkeys(handle.rstrip(".") for handle in handles)))
        found = _LEADING_NAME.match(text)
        if found and all(name in roster for name in _names(found.group("who"))):
            return Owned(found.group("rest"), found.group("who"))
        first, _, rest = text.partition(" ")
        if rest and first in roster and not first.islower():
            return Owned(rest, first)
    return Owned(text, None)


def _without_modal(text: str) -> str:
    found = re.match(r"^(?:to|will)\s+(?=[a-z])", text)
    return text[found.end() :] if found else text


def _names(text: str) -> list[str]:
    return [piece.strip() for piece in re.split(_JOIN, text) if piece.strip()]


def _people(text: str, roster: Roster, *, expected: bool, trailing: bool = False) -> str | None:
    """Return the owners as the notes write them, when all of them are people."""
    names = _names(text)
    if not names:
        return None
    for name in names:
        key = folded(name).lstrip("@")
        if key in _COLLECTIVE and expected:
            continue
        words = key.split()
        if len(words) > 1 and name in roster:
            continue  # before the words are looked at: "Le Goff" holds an article
        if not words or any(word in _NO_OWNER for word in words) or role_of(name) is not None:
            return None
        if name in roster:
            continue
        capitals = all(word[:1].isupper() for word in name.lstrip("@").split() if len(word) > 3)
        if name.startswith("@"):
            continue
        if not expected or not capitals or clean_name(name) is None or len(words) > 3:
            return None
        if trailing and len(words) == 1 and (name.isupper() or re.search(r"\d", name)):
            return None  # "(CNIL)", "(PR12)": an organization or a thing
    return (
        ", ".join(name.lstrip("@") for name in names)
        if len(names) > 1 and "," in text
        else " ".join(text.replace("@", "").split())
    )
