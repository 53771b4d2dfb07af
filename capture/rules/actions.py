"""Actions: what someone is to do after the meeting."""

import re
from collections.abc import Collection, Sequence

from capture.blocks import Block, Sentence, below_lists
from capture.dates import due_date
from capture.draft import ActionItem
from capture.lines import LineKind, folded
from capture.people import Roster, clean_name
from capture.rules.action_tables import action_columns, is_done, read_row
from capture.rules.commitments import CERTAIN, ENOUGH, ActionContext, commitment
from capture.rules.owner_lists import accepted_requests, owner_lists
from capture.rules.owners import split_owner
from capture.vocabulary import PEOPLE_ROLES, Role, label_role, role_of

_MARKER = re.compile(
    r"^(?:[^\w@(\[]{0,4})(?:\*\*)?(?:action(?: item| point)?s?|todo|to-do|à faire|a faire|tâche|"
    r"tache|task|ap)\b(?:\s?[-#n°]{0,2}\s?\d{1,4}(?:\.\d{1,3})?)?"
    r"(?:\s?(?:pour|for|à|by)\s+(?P<for>[^:–—]{2,50}?)|\s?[\[(](?P<in>[^)\]:]{1,50})[\])]|"
    r"\s+(?P<who>@?[A-ZÀ-Þ][\w'’.-]{1,30}))?\s?(?:(?::|–|—|->|=>|→|-(?=\s))\s*|(?<=todo)\s+|"
    r"(?<=TODO)\s+|(?<=#action)\s+)(?P<rest>\S.*)$",
    re.I | re.S,
)
_TODO = re.compile(
    r"(?:^|[.;:,!?(]\s*|\s(?:→|->|=>|⇒)\s*|\s)\b(?:TODO|ToDo|A FAIRE|À FAIRE)\b\s*(?P<rest>.*)$", re.S
)
_TODO_OF = re.compile(r"^@?(?P<who>[^\W\d_][\w.-]{1,20})\s?:\s+(?P<rest>\S.*)$", re.S)
_LEADING_ID = re.compile(
    r"^(?:[#n°]{1,2}\s?\d{1,4}|\d{1,4}(?:\.\d{1,3}){1,3})\s*[:.)–—-]*\s*(?=[^\W\d_@])|"
    r"^\d{1,4}\s*[:)–—-]+\s+|^action(?: item)?\s?\d*(?:\.\d+)*\s?[:–—-]\s*",
    re.I,
)

_OPENS_DONE = re.compile(
    r"^(?:\[?(?:fait|done|completed?|closed|terminé|réglé|✓|✔|✅|☑)\]?\s*(?:[:!.–—-]|(?<=[✓✔✅☑]))\s*|"
    r"(?-i:DONE|FAIT)\s+)",
    re.I,
)
_DONE = re.compile(
    r"(?:^|[\s(\[:,–—-])(?:fait|faite|faits|faites|done|completed?|complété|terminée?|réglée?|"
    r"closed|clos|ok fait|c'est fait|✓|✔|✅|☑)\s*[!.]*[)\]]?\s*$|^(?:\[?(?:fait|done|completed|✓|"
    r"✔|✅|terminé)\]?\s*[:!.–-]\s*)",
    re.I,
)
_NOT_TASKS = (*PEOPLE_ROLES, Role.DATE, Role.META, Role.AGENDA)
_NOTHING = re.compile(
    r"^(?:aucune?s?|neant|none|n/a|nothing|rien|no (?:new )?action|pas d'action|tbd|ras|-|idem)\b.{0,30}$"
)
_OVER = re.compile(
    r"^(?:https?://\S+|next (?:meeting|call)|prochaine (?:reunion|seance|rencontre)|fin\b|end\b|début|debut)",
    re.I,
)

_PAST = re.compile(
    r"\b(?:precedentes?|previous|derniere|last (?:meeting|time|call|week)|old|review of|revue|suivi|rappel|"
    r"from the last|carried over|en cours)\b"
)
_MOST_PLACES = 20
"""Lines of an action that the notes repeat."""
_MARKED = 10.0
"""Points of an action that a marker, a checkbox, a table or a section shows."""


def find_actions(blocks: Sequence[Block], context: ActionContext) -> list[ActionItem]:
    """Return the actions of the notes, in their order, each once.

    What is open in a list of the actions of the time before is left out where there is a list of new ones:
    who takes notes copies into that what still stands. What is done of it is told.
    """
    found: list[tuple[ActionItem, float]] = []
    columns: dict[str, int] | None = None
    owner_above: tuple[int, str] | None = None
    # Where a section holds the actions, such a list elsewhere tells of those of the time before.
    sections = [
        block
        for block in blocks
        if block.role is Role.ACTIONS and (block.speaker is None or block.kind is LineKind.ITEM)
    ]
    renewed = any(not _is_past(block) for block in sections)
    lists = set() if sections else owner_lists(blocks, context)
    below = below_lists(blocks)
    for index, block in enumerate(blocks):
        if block.role in PEOPLE_ROLES or block.role is Role.DATE:
            continue
        past = renewed and _is_past(block)
        if block.kind is LineKind.ROW:
            if block.header:
                columns = action_columns(block, block.role)
            elif columns is not None or block.role is Role.ACTIONS:
                found.extend(
                    (item, _MARKED) for item in _from_row(block, columns, context) if item.done or not past
                )
            continue
        columns = None
        if owner_above and (block.kind is not LineKind.ITEM or block.depth <= owner_above[0]):
            owner_above = None
        heading_owner = _owner_of_heading(block, context.roster)
        following = blocks[index + 1] if index + 1 < len(blocks) else None
        if _opens_owner_list(block, following, context.roster):
            owner_above = (block.depth, block.text.rstrip(" :"))
            continue
        owner = owner_above[1] if owner_above else heading_owner
        found.extend(
            (item, points)
            for item, points in _from_block(
                block, context, owner, listed=index in lists, below_list=block.position in below
            )
            if item.done or not past
        )
    # Who marks actions marks all of them: then what is only said in passing, in reported speech, is not one,
    # and elsewhere only what is certain.
    marks = any(points == _MARKED for _, points in found)
    if not marks and not context.verbatim:
        found.extend((item, ENOUGH) for item in accepted_requests(blocks))
    spoken = {number for block in blocks if block.speaker for number in block.lines}
    enough = CERTAIN if marks else ENOUGH
    kept = [
        item
        for item, points in found
        if points == _MARKED
        or (points >= enough and not (marks and (item.done or spoken.intersection(item.lines))))
    ]
    return _unique(sorted(kept, key=lambda item: item.lines[0]))


def _is_past(block: Block) -> bool:
    return block.role is Role.ACTIONS and any(
        _PAST.search(folded(heading)) for heading in block.heading_path[-1:]
    )


def _from_block(
    block: Block, context: ActionContext, owner: str | None, *, listed: bool, below_list: bool
) -> list[tuple[ActionItem, float]]:
    """Return a block's actions, and their points (`capture.rules.commitments`)."""
    marked = _marked_actions(block, context, owner, listed=listed, below_list=below_list)
    if marked is not None:
        return [(item, _MARKED) for item in marked]
    found: list[tuple[ActionItem, float]] = []
    previous: Sentence | None = None
    for sentence in block.sentences():
        todo = _TODO.search(sentence.text)
        if todo and todo.group("rest").strip():
            found.extend((item, _MARKED) for item in _after_todo(sentence, previous, todo, context, owner))
            continue
        previous = sentence
        said = commitment(sentence.text, block, context)
        if said is not None and said.points >= ENOUGH:
            item = _item(said.text, said.owner, sentence.lines, context, done=False)
            found.append((item, min(said.points, CERTAIN)))
    return found


def _after_todo(
    sentence: Sentence,
    previous: Sentence | None,
    todo: re.Match[str],
    context: ActionContext,
    owner: str | None,
) -> list[ActionItem]:
    rest = todo.group("rest").strip(" :–").lstrip("- ")
    if rest.count(")") > rest.count("("):
        rest = rest.rstrip(" .)")  # "(TODO Debnet)"
    name = rest.strip(" .")
    before = sentence.text[: todo.start()].strip(" →->=⇒:–(")
    lines = sentence.lines
    if not before and len(rest.split()) == 1 and previous is not None:
        before, lines = previous.text, tuple(sorted({*previous.lines, *lines}))
    named = _TODO_OF.match(rest)
    if named and role_of(named.group("who")) is None:
        return _made(named.group("rest"), lines, context, owner=named.group("who"), done=None)
    if before and (len(rest.split()) == 1 or (len(rest.split()) == 2 and name in context.roster)):
        # "déjà essayé le CNAM ? → TODO Debnet": the name follows the matter
        return _made(before, lines, context, owner=name, done=None)
    return _made(rest, lines, context, owner=owner, done=None)


def _marked_actions(
    block: Block, context: ActionContext, owner: str | None, *, listed: bool, below_list: bool
) -> list[ActionItem] | None:
    """Return the actions that are marked as such; None when the block's sentences must be looked at."""
    text = block.text
    if label_role(text) in _NOT_TASKS:
        return []
    if _OVER.match(folded(text)) or _NOTHING.match(folded(text)):
        return []
    marked = _MARKER.match(text)
    if marked and not (block.checked is None and len(text) < 4):
        given = marked.group("for") or marked.group("in") or marked.group("who")
        if given and clean_name(given) is not None:
            rest = marked.group("rest")
            return _made(rest, block.lines, context, owner=given.strip().lstrip("@"), done=block.checked)
        rest = f"{given}: {marked.group('rest')}" if given and not given.isdigit() else marked.group("rest")
        nicks = context.nicks if text.startswith("#action") else ()
        return _made(rest, block.lines, context, owner=owner, done=block.checked, nicks=nicks)
    if block.checked is not None:
        if block.role is Role.AGENDA:
            return []
        return _made(text, block.lines, context, owner=owner, done=block.checked)
    # In a chat, what is said under the topic "Next steps" is talk like any other.
    in_section = listed or (
        block.role is Role.ACTIONS
        and (block.speaker is None or block.kind is LineKind.ITEM)
        and not below_list
    )
    if in_section and owner is None and block.speaker in context.roster:
        owner = block.speaker  # "- Léa : relancer la mairie" where speech is written the same way
    if in_section and block.kind is LineKind.ITEM:
        return _made(text, block.lines, context, owner=owner, done=None)
    if in_section and len(text) <= 300:
        return _made(text, block.lines, context, owner=owner, done=None)
    if in_section:
        return [
            item
            for sentence in block.sentences()
            if len(sentence.text) > 15
            for item in _made(sentence.text, sentence.lines, context, owner=owner, done=None)
        ]
    return None


def _made(
    text: str,
    lines: tuple[int, ...],
    context: ActionContext,
    *,
    owner: str | None,
    done: bool | None,
    nicks: Collection[str] = (),
) -> list[ActionItem]:
    text = _LEADING_ID.sub("", text.strip())
    if not text or _NOTHING.match(folded(text)) or not any(char.isalpha() for char in text):
        return []
    if owner is None:
        opened = _OPENS_DONE.match(text)  # "DONE: Léa to call": the owner stands after it
        if opened and any(char.isalpha() for char in text[opened.end() :]):
            text, done = text[opened.end() :], True
        owned = split_owner(text, context.roster, expected=True)
        text, owner = owned.text, owned.owner
        first, _, rest = text.partition(" ")
        if owner is None and rest and first in nicks:
            text, owner = rest.strip(), first
    return [_item(text, owner, lines, context, done=done)]


def _item(
    text: str, owner: str | None, lines: tuple[int, ...], context: ActionContext, *, done: bool | None
) -> ActionItem:
    finished = bool(_DONE.search(text))
    cleaned = _DONE.sub("", text).strip(" :–—→>=-") if finished else text
    due = due_date(text, day_first=context.day_first, meeting=context.meeting)
    return ActionItem(
        text=(cleaned or text).lstrip("-–—>→=⇒ ")[:2000] or text[:2000],
        owner=owner,
        due=due,
        done=bool(done) or finished,
        lines=lines,
    )


def _from_row(block: Block, columns: dict[str, int] | None, context: ActionContext) -> list[ActionItem]:
    cells = read_row(block, columns)
    made = _made(cells.text, block.lines, context, owner=cells.owner or None, done=cells.done)
    if made and cells.due:
        due = due_date(f"due {cells.due}", day_first=context.day_first, meeting=context.meeting)
        done = made[0].done or is_done(cells.due)
        return [made[0].model_copy(update={"due": due, "done": done})]
    return made


def _owner_of_heading(block: Block, roster: Roster) -> str | None:
    """Return the person under whose name ("### Léa" below "Actions") an action stands."""
    if block.role is not Role.ACTIONS or not block.heading_path:
        return None
    name = block.heading_path[-1].rstrip(" :")
    return name if name in roster and len(name.split()) <= 3 else None


def _opens_owner_list(block: Block, following: Block | None, roster: Roster) -> bool:
    """Whether an item is a person's name over a nested list of what they do."""
    if block.role is not Role.ACTIONS or following is None or following.depth <= block.depth:
        return False
    name = block.text.rstrip(" :")
    return name in roster or (
        block.text.endswith(":") and clean_name(name) is not None and len(name.split()) <= 3
    )


def _unique(items: list[ActionItem]) -> list[ActionItem]:
    """Keep an action that the notes repeat (in a summary, say) once, with the lines of both places."""
    result: list[ActionItem] = []
    places: dict[str, int] = {}
    for item in items:
        key = " ".join(re.findall(r"\w+", folded(item.text)))
        if key in places:
            known = result[places[key]]
            if len(known.lines) >= _MOST_PLACES:
                continue
            result[places[key]] = known.model_copy(
                update={
                    "owner": known.owner or item.owner,
                    "due": known.due or item.due,
                    "done": known.done or item.done,
                    "lines": tuple(sorted({*known.lines, *item.lines})),
                }
            )
        else:
            places[key] = len(result)
            result.append(item)
    return result
