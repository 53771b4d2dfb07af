"""Decisions, proposals kept apart from them, and the questions that stay open."""

import re

from capture.blocks import Block
from capture.draft import Decision, OpenQuestion
from capture.lines import LineKind, folded
from capture.vocabulary import PEOPLE_ROLES, PRACTICE_ROLES, Role, label_role, role_of

_NUMBER = r"(?:\s?(?:[#n°-]{0,2}\s?\d{1,4}(?:\.\d{1,3})?|\(\s?#?\d{1,4}\s?\)))?"
_DECIDED = re.compile(
    rf"^[^\w(\[]{{0,4}}(?:resolved|resolution|résolution|résolu|decision|décision|decided|décidé|"
    rf"agreed|agreement|accord|consensus|adopté|adoptée|motion (?:passed|carried)|approved|"
    rf"validé|validée|approuvé|acté|vote)s?{_NUMBER}\s?(?::|–|—|->|=>|→|"
    rf"-(?=\s))\s*(?P<rest>\S.*)$",
    re.I | re.S,
)
_PROPOSED = re.compile(
    rf"^[^\w(\[]{{0,4}}(?:proposed(?: resolution)?|proposal|draft (?:proposal|resolution)|"
    rf"proposition|proposé|motion|suggestion){_NUMBER}\s?(?::|–|—|->|=>|→|"
    rf"-(?=\s))\s*(?P<rest>\S.*)$",
    re.I | re.S,
)
_SAID_DECIDED = re.compile(
    r"\b(?:il (?:est|a ete) (?:donc |finalement |aussi |egalement )?(?:decide|convenu|acte|vote|"
    r"approuve|adopte)|(?:on|nous|le ca|le cd|le bureau|le conseil|le groupe|l'assemblee|l'ag|"
    r"l'equipe|les membres|tout le monde)(?: \w+)? (?:a |avons |ont |)(?:donc |finalement |"
    r")(?:decide|decidons|decident|convenu|acte|actons|vote|valide|validons|adopte|approuve|"
    r"tranche)\b"
    r"|decision (?:est |a ete |)(?:prise|retenue)|(?:est|sont|a ete|ont ete) (?:adoptee?s?|"
    r"approuvee?s?|validee?s?|votee?s?|actee?s?|retenue?s?|elue?s?|refusee?s?|rejetee?s?)(?: "
    r"(?:a l'unanimite|par|a la majorite|en seance)|\b)"
    r"|a l'unanimite|adoptee?s? a la majorite|on (?:part|reste|passe|valide|garde|retient) "
    r"(?:sur|avec|a|donc|la|le|les|l')"
    r"|(?:we|the (?:group|board|committee|team|council|members?|meeting)|everyone|all|it (?:was|"
    r"is|has been)) (?:have |has |had |all |also |then |finally |unanimously )?(?:agreed|"
    r"decided|resolved|approved|voted|settled|chose|adopted)\b"
    r"|(?:motion|resolution|proposal|minutes|budget|report)s? (?:\w+ )?(?:(?:was|were|is|are|has "
    r"been|have been) )?(?:passed|passes|carried|carries|approved|adopted|accepted|unanimously)\b"
    r"|(?:passed|approved|adopted|carried|accepted) (?:unanimously|by consensus|by (?:the "
    r")?(?:board|group|vote)|without objection)|unanimously (?:approved|agreed|passed|adopted|"
    r"elected)"
    r"|^(?:agreed|decided|resolved) (?:to|that|on|against)\b|^(?:decide|convenu|acte) (?:de|d'|que|qu')"
    r"|without objections?|no objections?[,;:]|(?:there (?:was|is)|we have|we reached) (?:a "
    r")?(?:rough )?consensus (?:to|that|on|for)|decision (?:was |is |has been )?(?:made|taken|"
    r"reached) (?:to|that)|the decision (?:is|was) (?:to|that))"
)
_SAID_PROPOSED = re.compile(
    r"\b(?:il est propose|(?:je|on|nous) (?:propose|proposons) (?:de|que|d')|i(?:'d like to| "
    r"would like to)? propose (?:that|to|we|a)|my proposal is|it (?:was|is) proposed (?:that|to))"
)
_NOT_YET = re.compile(
    r"\b(?:pas (?:encore )?(?:ete )?(?:decide|tranche|vote|valide)|not (?:yet )?(?:agreed|"
    r"decided)|n'(?:a|est|ont) (?:pas|rien) |didn't|did not|haven't|have not|hasn't|whenever|"
    r"until|critical|important|i (?:think|mean|disagree|believe|guess|hope)|maybe|"
    r"at the time|early on|(?:have|let|has) the (?:group|board|team)|to be "
    r"(?:decided|agreed)|a (?:decider|valider|voter)|if (?:we|it|everyone)|should (?:we|it) |if "
    r"we |when we |as soon as |once (?:we|it) |before (?:we|it) "
    r"|whether|need to (?:decide|agree)|needs to be|can we|could we|if there (?:are|"
    r"is) no|unless|si (?:on|nous|tout)"
    r"|des (?:que|qu')|une fois (?:que|qu')|reste a)"
)
_LEAD_IN = re.compile(
    r"^(?:(?:il|elle) (?:est|a été) (?:donc |finalement )?(?:décidé|convenu|acté|voté)\s*(?:de |"
    r"d[’']|que |qu[’']|:)\s*|(?:on|nous) (?:a |avons )?(?:donc |finalement )?(?:décidé|décidons|"
    r"décide|convenu|acté)\s*(?:de |d[’']|que |qu[’']|:)\s*|"
    r"(?:we|the (?:group|board|team)|it was|it is) (?:have |has |all |also )?(?:agreed|decided|"
    r"resolved)\s*(?:that |to |:)\s*)",
    re.I,
)
_NUMBERED = re.compile(r"^(?:\d{1,4}(?:\.\d{1,3}){0,3}|[a-z]{1,3}\d{1,3})$", re.I)
_LEADING_NUMBER = re.compile(r"^(?:\d{1,4}(?:\.\d{1,3}){1,3}|#\d{1,4})\s*[:.)–—|-]*\s*(?=[^\W\d_])")
_NOTHING = re.compile(r"^(?:aucune?s?|neant|none|n/a|nothing|rien|no decisions?|tbd|ras)\b.{0,30}$")
_VOTE = re.compile(r"^[+-]\s?[01](?:[\s.,!]|$)")
_MIN_VOTERS = 3
_DECISION_COLUMN = re.compile(r"^(?:decisions?|decision items?|resolutions?|decisions made)(?: \w+)?$")

_QUESTION = re.compile(
    r"^[^\w]{0,4}(?:question ouverte|open question|question|open issue|point ouvert|à trancher|à "
    r"clarifier)s?(?:\s?[#n°]?\d{1,3})?\s?(?::|–|—)\s*(?P<rest>\S.*)$",
    re.I | re.S,
)
_ANSWER = re.compile(r"^[^\w]{0,4}(?:a|r|answer|réponse|response|rép)\s?[:.]\s|^(?:oui|non|yes|no)\b", re.I)
_SMALL_TALK = re.compile(
    r"\b(?:any (?:other )?(?:questions|comments|objections|thoughts|updates?)|anything else|can "
    r"(?:you|everyone) (?:hear|see)|does that make sense|right\?$|makes sense\?|ok(?:ay)?\?$|"
    r"d'autres (?:questions|points)|des questions|tu m'entends|vous m'entendez|n'est-ce pas|who "
    r"wants to|who would like to go|what do you think|anyone (?:else|want|have))"
)


def find_decisions(blocks: list[Block]) -> list[Decision]:
    """Return decisions and proposals in the order of the notes.

    A proposal that was then accepted is the decision.
    """
    found: list[tuple[Decision, bool]] = []
    in_table = False
    for index, block in enumerate(blocks):
        if block.role in PEOPLE_ROLES or block.role in (Role.DATE, Role.META):
            continue
        if block.kind is LineKind.ROW:
            if block.header:
                in_table = any(_DECISION_COLUMN.match(folded(cell).strip(" :*")) for cell in block.cells)
            elif in_table or block.role is Role.DECISIONS:
                found.extend((decision, True) for decision in _row(block))
            continue
        in_table = False
        marked = _marked(block, blocks, index)
        if marked is None:
            found.extend((decision, False) for decision in _said(block))
        else:
            found.extend((decision, True) for decision in marked)
    # Who marks decisions marks all of them: then what is only said of one, in reported speech, is not one.
    marks = any(is_marked and decision.decided for decision, is_marked in found)
    spoken = {number for block in blocks if block.speaker for number in block.lines}
    kept = [
        decision
        for decision, is_marked in found
        if is_marked or not (marks and spoken.intersection(decision.lines))
    ]
    proposals = any(is_marked and not decision.decided for decision, is_marked in found)
    if not marks and not proposals:
        kept = sorted([*kept, *_voted(blocks)], key=lambda decision: decision.lines)
    return _merged(kept)


def _voted(blocks: list[Block]) -> list[Decision]:
    """What a chat votes for ("+1") without anyone against, where nobody marks decisions."""
    found: list[Decision] = []
    proposal: Block | None = None
    voters: set[str] = set()
    against = False
    for block in [*blocks, None]:
        vote = _VOTE.match(block.text) if block is not None and block.speaker else None
        if vote and block is not None and len(block.text) <= 30:
            against = against or block.text.startswith("-")
            if block.text.startswith("+1"):
                voters.add(block.speaker or "")
            continue
        if proposal is not None and len(voters) >= _MIN_VOTERS and not against:
            text = proposal.text
            marked = _PROPOSED.match(text)
            text = marked.group("rest") if marked else text
            if len(text.split()) >= 3 and not text.endswith("?"):
                found.append(Decision(text=text, decided=True, lines=proposal.lines))
        proposal, voters, against = block, set(), False
    return found


def _row(block: Block) -> list[Decision]:
    cells = [cell.strip() for cell in block.cells if cell.strip() and not _NUMBERED.match(cell.strip())]
    text = max(cells, key=len, default="")
    return [Decision(text=text, decided=True, lines=block.lines)] if len(text) > 3 else []


def _marked(block: Block, blocks: list[Block], index: int) -> list[Decision] | None:
    """Return the decisions that a marker or a section shows; None when the sentences must be looked at."""
    text = block.text
    if not any(char.isalpha() for char in text) or _NOTHING.match(folded(text)):
        return []
    proposed = _PROPOSED.match(text)
    if proposed:
        return [Decision(text=proposed.group("rest"), decided=False, lines=block.lines)]
    decided = _DECIDED.match(text)
    if decided and not decided.group("rest").endswith("?"):
        return [Decision(text=decided.group("rest"), decided=True, lines=block.lines)]
    if block.role in (Role.DECISIONS, Role.PROPOSALS) and block.checked is None:
        details = block.kind is LineKind.ITEM and block.depth > 1 and not _is_label(blocks, index)
        if block.kind is LineKind.ITEM and not details and not text.endswith(":"):
            cleaned = _LEADING_NUMBER.sub("", text)
            return [Decision(text=cleaned, decided=block.role is Role.DECISIONS, lines=block.lines)]
        if block.kind is LineKind.TEXT and role_of(block.heading_path[-1]) is None:
            return None  # a long account below "Resolutions": the decision is one sentence of it
        if block.kind is LineKind.TEXT and len(text) > 15:
            return [
                Decision(text=sentence.text, decided=block.role is Role.DECISIONS, lines=sentence.lines)
                for sentence in block.sentences()
                if len(sentence.text) > 10 and not sentence.text.endswith((":", "?"))
            ]
        return []
    if block.role in PRACTICE_ROLES or block.role is Role.ACTIONS or label_role(text) in PRACTICE_ROLES:
        return []
    return None


def _said(block: Block) -> list[Decision]:
    """Return the decisions and proposals that a block's sentences tell of."""
    found: list[Decision] = []
    for sentence in block.sentences():
        flat = folded(sentence.text[:600])
        if sentence.text.endswith("?") or len(sentence.text) > 600 or len(sentence.text.split()) < 3:
            continue
        if _NOT_YET.search(flat):
            continue
        if _SAID_DECIDED.search(flat):
            found.append(Decision(text=_stripped(sentence.text), decided=True, lines=sentence.lines))
        elif _SAID_PROPOSED.search(flat):
            found.append(Decision(text=sentence.text, decided=False, lines=sentence.lines))
    return found


def _is_label(blocks: list[Block], index: int) -> bool:
    """Whether the item above a nested one is only its label ("Budget :")."""
    depth = blocks[index].depth
    for above in reversed(blocks[:index]):
        if above.depth < depth:
            return above.text.endswith(":")
    return False


def _stripped(text: str) -> str:
    rest = _LEAD_IN.sub("", text).strip()
    return rest if len(rest.split()) >= 2 else text


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", folded(text)))


def _merged(found: list[Decision]) -> list[Decision]:
    """Join a proposal with the decision that accepts it, and what is said twice."""
    result: list[Decision] = []
    words: list[set[str]] = []
    for decision in found:
        own = _words(decision.text)
        same = next(
            (
                place
                for place in range(len(result) - 1, max(-1, len(result) - 40), -1)
                if _alike(words[place], own)
            ),
            None,
        )
        if same is None:
            result.append(decision)
            words.append(own)
            continue
        known = result[same]
        lines = tuple(sorted({*known.lines, *decision.lines}))
        better = decision if decision.decided and not known.decided else known
        result[same] = better.model_copy(
            update={"decided": known.decided or decision.decided, "lines": lines}
        )
        words[same] = _words(better.text)
    return result


def _alike(one: set[str], other: set[str]) -> bool:
    return bool(one) and bool(other) and len(one & other) >= 0.85 * max(len(one), len(other))


def find_questions(blocks: list[Block], *, verbatim: bool) -> list[OpenQuestion]:
    """Return the questions that nothing below them answers.

    Args:
        blocks: the notes.
        verbatim: whether they are all that was said; what is asked there is answered by who speaks next, and
            only what is marked as an open question is one.
    """
    found: list[OpenQuestion] = []
    seen: set[str] = set()
    for index, block in enumerate(blocks):
        if block.role in PEOPLE_ROLES or block.role in (Role.DATE, Role.META, Role.ACTIONS):
            continue
        if block.role is Role.AGENDA and block.kind is LineKind.ITEM:
            continue  # what the meeting was to talk about
        if block.kind is LineKind.ROW or block.checked is not None:
            continue
        following = blocks[index + 1] if index + 1 < len(blocks) else None
        answered = following is not None and (
            (block.kind is LineKind.ITEM and following.depth > block.depth)
            or bool(_ANSWER.match(following.text))
        )
        marked = _QUESTION.match(block.text)
        sentences = block.sentences()
        candidates: list[tuple[str, tuple[int, ...]]] = []
        if marked:
            candidates.append((marked.group("rest"), block.lines))
        elif block.role is Role.QUESTIONS and (block.kind is LineKind.ITEM or block.text.endswith("?")):
            candidates.append((block.text, block.lines))
        elif not verbatim and sentences and _asks(sentences[-1].text):
            candidates.append((sentences[-1].text, sentences[-1].lines))
        for text, lines in candidates:
            key = folded(text)
            if answered or key in seen or len(text.split()) < 3 or _SMALL_TALK.search(key) or len(text) > 500:
                continue
            seen.add(key)
            found.append(OpenQuestion(text=text, lines=lines))
    return found


def _asks(text: str) -> bool:
    # "(?)" only says that the writer is not sure of a word.
    return text.rstrip(' )»"”').endswith("?") and not text.endswith("(?)")
