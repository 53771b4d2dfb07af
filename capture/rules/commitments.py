"""Actions that no marker shows: who says, or of whom it is said, that they will do something.

Each sentence is given points by its cues (an owner whom the notes know, a promise, a duty, a day by which it
is to be done; a wish takes points away). From `ENOUGH` points it is an action. The points were chosen on half
of the notes of `benchmarks/capture.py` and checked on the other half.
"""

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass

from capture.blocks import Block
from capture.dates import due_date
from capture.lines import LineKind, folded
from capture.people import Roster
from capture.rules.owners import split_owner
from capture.rules.verbs import (
    commits_in_english,
    commits_in_french,
    is_infinitive,
    opens_english_task,
    opens_french_task,
)
from capture.vocabulary import PRACTICE_ROLES, Role

ENOUGH = 2.0
"""Points from which a sentence is an action."""
CERTAIN = 3.0
"""Points from which it is one even where the notes mark their actions."""

_PROMISE = 2.5
_OWNED = 3.0
_NEAR = 1.0
"""For a day by which it is to be done."""
_WISHED = -1.5
_TALK = -1.0
"""For what is said in a record of all that was said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionContext:
    """What is known of the meeting when its actions are read."""

    roster: Roster
    meeting: datetime.date | None
    day_first: bool | None
    language_of: Callable[[str], str]
    """Tells the language of a text: "However" looks like a French verb."""
    nicks: frozenset[str] = frozenset()
    """Who speaks, as the notes write it."""
    verbatim: bool = False
    """Whether the notes are a record of all that was said: "I'll just share my screen" is no action there."""


@dataclass(frozen=True, slots=True)
class Commitment:
    """What somebody will do, and how sure it is that they will."""

    text: str
    owner: str | None
    points: float


_FRENCH_PROMISE = re.compile(
    r"^(?:ok,? |oui,? |bon,? |alors,? |d'accord,? )*(?:moi,? )?(?:je (?:m'en (?:occupe|charge)|vais|ferai|me "
    r"charge|m'occupe|m'engage|prends|peux m'en (?:occuper|charger)|\w+erai|\w+irai)|on s'en (?:occupe|"
    r"charge))\b"
)
_ENGLISH_PROMISE = re.compile(
    r"^(?:ok(?:ay)?,? |yes,? |yeah,? |so,? |and |sure,? |great,? |um,? |alright,? )*(?:I[’']ll|I "
    r"will|I can|I[’']m going to|I am going to|let me)\s+(?P<rest>.+)$",
    re.I | re.S,
)
_SMALL = re.compile(
    r"^(?:try|keep|start|move|talk|get|give|put|go|make|run|read|work|find|help|explain|"
    r"present|share my|add that|add to)\b",
    re.I,
)
_TAKES_IT = re.compile(r"\b(?:take (?:that|the|an) action|take care of|be in charge|follow up)\b", re.I)
_ARROW = re.compile(r"(?:→|->|=>|⇒)\s*(?:action\s?:?\s*)?(?P<rest>\S.{3,})$", re.S)
_WISH = re.compile(
    r"\b(?:will (?:be|not|have)|won'?t|would|could|might|if|peut-etre|maybe|perhaps|si |plutot|"
    r"pourrait|pourraient|aurait|serait|aimerait|preferait|n'est pas|ne \w+ pas)\b"
)
_MODAL = re.compile(r"^(?:doit|doivent|devra|devront|devrait|should|must|shall)\s+", re.I)
_CHARGED = re.compile(r"^(?:s[’'](?:en )?occup|s[’']en charge|se charg|prend|take)", re.I)

_NAME = r"[A-ZÀ-Þ][\w'’.-]{1,30}"
_TO_DO = re.compile(
    rf"^(?P<who>(?:@?[\w.'’-]{{2,31}}|{_NAME}(?: {_NAME}){{1,2}})"
    rf"(?:(?:,| and| &|/) ?(?:@?[\w.'’-]{{2,31}}|"
    rf"{_NAME}(?: {_NAME}){{1,2}}))?) to (?P<rest>[a-z]{{2,}}\b.*)$",
    re.S,
)
_NO_VERB = re.compile(
    r"^(?:the|a|an|my|our|your|his|her|its|their|this|that|these|those|me|you|us|it|them|him|some|any|all|"
    r"which|what|be|have|and|or|in|on|of|no|one|two)\b"
)
_NO_NAME = re.compile(
    r"^(?:thanks?|back|due|according|how|next|close|link|pointer|changes?|response|welcome|similar|happy|"
    r"ready|need|want|going|have|has|had|used|able|up|try|trying|like|want(?:ed|s)|needs?|things?|ways?|easy|"
    r"hard|difficult|time|what|where|when|which|who|is|are|was|were|seems?|prefer|plan|action|todo|"
    r"in order|so "
    r"as|just|not|only|related|regards?|respect|agreed?|important|good|nice|best|better|free|sure|happens?|"
    r"it|that|this|there|here|yes|no|also|and|or|but|suggestions?|proposals?|reference|access|answers?|"
    r"references?|attention|desire|decided?|tends?|made|left|still|yet|hope|hoping|would|love|willing)\b",
    re.I,
)

_BODY = (
    r"(?P<who>(?:le|la|l[’'])\s?(?:bureau|ca|conseil d[’']administration|conseil|comité|commission|"
    r"président(?:e)?|"
    r"trésori(?:er|ère)|secrétaire(?: généra(?:l|le))?|équipe(?: \w+)?|groupe(?: \w+)?)"
    r"(?: et (?:le|la|l[’'])\s?(?:président(?:e)?|trésori(?:er|ère)|secrétaire|bureau))?|"
    r"the (?:board|committee|team|secretary|treasurer|chair(?:man|woman|person)?|president|group|staff|"
    r"[a-z]+ (?:team|committee|group)))"
)
_BODY_WILL = re.compile(
    rf"^{_BODY}\s+(?P<modal>doit|doivent|devra|devront|va|vont|s[’']occupe(?:ra)?|se charge(?:ra)?|will|to|"
    rf"shall|"
    r"must|should)\s+(?P<rest>\S.*)$",
    re.I | re.S,
)
_DUTY = (
    # For each way to say that something is to be done: points, where it says so itself.
    (2.0, re.compile(r"^(?:\w+ ){0,3}?(?:il (?:nous )?faudra|(?:il )?reste(?:ra)? a|"
                     r"il ne faut pas oublier de|ne "
                     r"pas oublier de|il faut (?:encore|maintenant|aussi|vite|rapidement)|a faire :)\s+"
                     r"(?P<rest>\S.*)$")),
    (1.2, re.compile(r"^(?:\w+ ){0,3}?(?:il (?:nous )?(?:faut|faudrait)|(?:on|nous) (?:va|allons|doit|devons|"
                     r"devra|devrons)(?: aussi| donc| egalement| encore)?)\s+(?P<rest>\S.*)$")),
    (1.2, re.compile(r"^(?:(?:so|and|then|also|ok|now),? )*(?:we (?:need to|should|must|have to|will|'ll|"
                     r"are going "
                     r"to)|we'll|someone (?:should|needs to|has to)|remember to|don't forget to)\s+"
                     r"(?P<rest>\S.*)$")),
)  # fmt: skip
_THAT_OWNER = re.compile(
    rf"\b(?:[Ii]l (?:faut|faudra|faudrait) que|"
    rf"il est demandé à)\s+(?P<who>{_NAME}(?: {_NAME})?)\s+(?P<rest>\S.*)$"
)
_BY_WHEN = re.compile(
    r"\b(?:d'ici|avant (?:le|la|fin|demain|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|\d)|"
    r"au plus tard|"
    r"pour (?:demain|lundi|mardi|mercredi|jeudi|vendredi|la prochaine|le \d)|by (?:monday|tuesday|wednesday|"
    r"thursday|friday|tomorrow|next|the end|end of)|before (?:the )?next|this week|next week|cette semaine|"
    r"la "
    r"semaine prochaine)\b"
)


def commitment(text: str, block: Block, context: ActionContext) -> Commitment | None:
    """Read a sentence that may tell of an action: what is to be done, who does it, and its points."""
    if block.role in PRACTICE_ROLES or block.role in (Role.DECISIONS, Role.META, Role.PROPOSALS):
        return None
    if text.endswith("?") or len(text) > 400 or len(text.split()) < 3:
        return None
    owned = None
    found = _promised(text, block, context)
    if found is None:
        found = owned = _owned(text, context, alone=text == block.text)
    found = found or _duty(text, context)
    if found is None:
        return None
    flat = folded(text)
    points = found.points
    if found.points < _OWNED and (
        _BY_WHEN.search(flat)
        or due_date(text, day_first=context.day_first, meeting=context.meeting) is not None
    ):
        points += _NEAR
    if found.points < _OWNED and _WISH.search(flat[:200]):
        points += _WISHED
    if owned is None and context.verbatim and block.speaker:
        points += _TALK
    return Commitment(found.text.rstrip(" ."), found.owner, points)


def opens_task(text: str, context: ActionContext) -> bool:
    """Whether a text starts with what is to be done, in either language."""
    return opens_english_task(text) or (opens_french_task(text) and context.language_of(text) == "fr")


def _promised(text: str, block: Block, context: ActionContext) -> Commitment | None:
    """What the speaker says of themselves."""
    if not block.speaker:
        # A mail, or notes that somebody takes for themselves: it takes a day to be more than talk.
        return Commitment(text, None, _PROMISE - _NEAR) if _FRENCH_PROMISE.match(folded(text)) else None
    if block.kind is LineKind.ITEM and not context.verbatim and opens_task(text, context):
        return Commitment(text, block.speaker, _OWNED)
    mine = _ENGLISH_PROMISE.match(text)
    if mine:
        rest = mine.group("rest")
        if _TAKES_IT.match(rest) or (commits_in_english(rest) and not _SMALL.match(rest)):
            return Commitment(rest, block.speaker, _PROMISE)
    if _FRENCH_PROMISE.match(folded(text)):
        return Commitment(text, block.speaker, _PROMISE)
    return None


def _owned(text: str, context: ActionContext, *, alone: bool) -> Commitment | None:
    """What the notes say of somebody."""
    owned = split_owner(text, context.roster, expected=False)
    arrow = _ARROW.search(text)
    if owned.owner is None and arrow:
        owned = split_owner(arrow.group("rest"), context.roster, expected=False)
    if owned.owner is not None:
        rest = _MODAL.sub("", owned.text)
        task = opens_task(rest, context) or commits_in_french(rest) or _CHARGED.match(rest)
        if task and not _WISH.search(folded(text)[:200]):
            return Commitment(owned.text, owned.owner, _OWNED)
    if owned.owner is None or not arrow:
        to_do = _TO_DO.match(text)
        if to_do and (points := _points_of_to_do(to_do, context, alone=alone)):
            return Commitment(to_do.group("rest"), to_do.group("who").lstrip("@"), points)
    if owned.owner is not None:
        return None
    words = text.split()
    for size in (2, 1):
        name = " ".join(words[:size])
        if len(words) > size + 1 and name[:1].isupper() and name in context.roster:
            rest = " ".join(words[size:])
            if commits_in_french(rest) and not _WISH.search(folded(text)[:200]):
                return Commitment(rest, name, _OWNED)
    body = _BODY_WILL.match(text)
    if body:
        rest = body.group("rest")
        first = folded(rest.split()[0])
        if is_infinitive(first) or opens_english_task(rest) or body.group("modal")[:2].casefold() == "s’":
            return Commitment(rest, body.group("who"), ENOUGH)
    told = _THAT_OWNER.search(text)
    if told:
        return Commitment(told.group("rest"), told.group("who"), _PROMISE)
    return None


def _points_of_to_do(to_do: re.Match[str], context: ActionContext, *, alone: bool) -> float:
    """Points of "Dana to send the list": minutes in English write actions so, each on a line of its own."""
    who, rest = to_do.group("who"), to_do.group("rest")
    if _NO_VERB.match(rest) or _NO_NAME.match(who):
        return 0.0
    names = [name.strip(" @") for name in re.split(r",| and |&|/", who)]
    if all(name in context.roster for name in names):
        return _OWNED if alone or opens_english_task(rest) else _PROMISE
    if not all(name[:1].isupper() for name in names):
        return 0.0
    if any(len(name.split()) > 1 for name in names):
        return _PROMISE
    return ENOUGH if opens_english_task(rest) else 0.0


def _duty(text: str, context: ActionContext) -> Commitment | None:
    """What the notes say is to be done, by whoever it is."""
    flat = folded(text)
    for points, pattern in _DUTY:
        found = pattern.match(flat)
        if not found:
            continue
        rest = found.group("rest")
        first = re.sub(r"^(?:s|l|d|n)'", "", rest.split()[0])
        if first in ("se", "les", "la", "le", "leur", "lui", "y", "en") and len(rest.split()) > 1:
            first = rest.split()[1]
        if is_infinitive(first) or commits_in_english(rest):
            return Commitment(text, None, points)
    if opens_task(text, context):
        return Commitment(text, None, 1.0)
    return None
