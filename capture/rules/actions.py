"""Actions: what someone is to do after the meeting."""

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass

from capture.blocks import Block, Sentence
from capture.dates import due_date
from capture.draft import ActionItem
from capture.lines import LineKind, folded
from capture.people import Roster, clean_name
from capture.rules.action_tables import action_columns, read_row
from capture.rules.owners import split_owner
from capture.rules.verbs import commits_in_english, commits_in_french, opens_english_task, opens_french_task
from capture.vocabulary import PEOPLE_ROLES, PRACTICE_ROLES, Role, label_role

_MARKER = re.compile(
    r"^(?:[^\w@(\[]{0,4})(?:\*\*)?(?:action(?: item| point)?s?|todo|to-do|à faire|a faire|tâche|"
    r"tache|task|ap)\b(?:\s?[-#n°]{0,2}\s?\d{1,4}(?:\.\d{1,3})?)?"
    r"(?:\s?(?:pour|for|à|by)\s+(?P<for>[^:–—]{2,50}?)|\s?[\[(](?P<in>[^)\]:]{1,50})[\])]|"
    r"\s+(?P<who>@?[A-ZÀ-Þ][\w'’.-]{1,30}))?\s?(?:(?::|–|—|->|=>|→|-(?=\s))\s*|(?<=todo)\s+|"
    r"(?<=TODO)\s+)(?P<rest>\S.*)$",
    re.I | re.S,
)
_TODO = re.compile(
    r"(?:^|[.;:,!?(]\s*|\s(?:→|->|=>|⇒)\s*|\s)\b(?:TODO|ToDo|A FAIRE|À FAIRE)\b\s*(?P<rest>.*)$", re.S
)
_ARROW_ACTION = re.compile(r"(?:→|->|=>|⇒)\s*(?:action\s?:?\s*)?(?P<rest>\S.{3,})$", re.S)
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

_FRENCH_FIRST_PERSON = re.compile(
    r"^(?:ok,? |oui,? |bon,? |alors,? )*(?:je (?:m[’']en (?:occupe|charge)|vais|ferai|me charge|"
    r"m[’']occupe|m[’']engage|prends|peux m[’']en occuper|\w+erai|\w+irai))\b",
    re.I,
)
_ENGLISH_FIRST_PERSON = re.compile(
    r"^(?:ok(?:ay)?,? |yes,? |yeah,? |so,? |and |sure,? |great,? |um,? |alright,? )*(?:I[’']ll|I "
    r"will|I can|I[’']m going to|I am going to|let me)\s+(?P<rest>.+)$",
    re.I | re.S,
)
_WISH = re.compile(
    r"\b(?:will (?:be|not|have)|won'?t|would|could|might|if|peut-etre|maybe|perhaps|si |plutot|"
    r"pourrait|aurait)\b"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionContext:
    """What is known of the meeting when its actions are read."""

    roster: Roster
    meeting: datetime.date | None
    day_first: bool | None
    language_of: Callable[[str], str]
    """Tells the language of a text: "However" looks like a French verb."""
    verbatim: bool = False
    """Whether the notes are a record of all that was said: "I'll just share my screen" is no action there."""


def find_actions(blocks: list[Block], context: ActionContext) -> list[ActionItem]:
    """Return the actions of the notes, in their order, each once."""
    found: list[tuple[ActionItem, bool]] = []
    columns: dict[str, int] | None = None
    owner_above: tuple[int, str] | None = None
    # Where a section holds the actions, such a list elsewhere tells of those of the time before.
    sectioned = any(block.role is Role.ACTIONS and block.speaker is None for block in blocks)
    lists = set() if sectioned else _owner_lists(blocks, context)
    for index, block in enumerate(blocks):
        if block.role in PEOPLE_ROLES or block.role is Role.DATE:
            continue
        if block.kind is LineKind.ROW:
            if block.header:
                columns = action_columns(block, block.role)
            elif columns is not None or block.role is Role.ACTIONS:
                found.extend((item, True) for item in _from_row(block, columns, context))
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
        found.extend(_from_block(block, context, owner, listed=index in lists))
    # Who marks actions marks all of them: then what is only said in passing, in reported speech, is not one.
    marks = any(marked for _, marked in found)
    spoken = {number for block in blocks if block.speaker for number in block.lines}
    return _unique(
        [item for item, marked in found if marked or not (marks and spoken.intersection(item.lines))]
    )


def _owner_lists(blocks: list[Block], context: ActionContext) -> set[int]:
    """Indices of items of lists that share out work: most items name someone, and most of those are tasks.

    Such a list needs no heading to be one of actions, and an item in it no verb ("Bruno : mail aux membres").
    """
    found: set[int] = set()
    start = 0
    while start < len(blocks):
        end = start
        while end < len(blocks) and _in_list(blocks[end]):
            end += 1
        owned: list[int] = []
        tasks = 0
        for index in range(start, end):
            text, owner = blocks[index].text, blocks[index].speaker
            if owner is None:
                split = split_owner(text, context.roster, expected=False)
                text, owner = split.text, split.owner
            if owner is not None:
                owned.append(index)
                tasks += _opens_task(text, context) or commits_in_french(text)
        if len(owned) >= 3 and len(owned) >= 0.6 * (end - start) and tasks >= 0.5 * len(owned):
            found.update(owned)
        start = max(end, start + 1)
    return found


def _in_list(block: Block) -> bool:
    return (
        block.kind is LineKind.ITEM
        and block.checked is None
        and block.role not in PEOPLE_ROLES
        and block.role is not Role.ACTIONS
    )


def _from_block(
    block: Block, context: ActionContext, owner: str | None, *, listed: bool
) -> list[tuple[ActionItem, bool]]:
    """Return a block's actions, and whether a marker, a checkbox or a section says that they are actions."""
    marked = _marked_actions(block, context, owner, listed=listed)
    if marked is not None:
        return [(item, True) for item in marked]
    found: list[tuple[ActionItem, bool]] = []
    for sentence in block.sentences():
        todo = _TODO.search(sentence.text)
        if todo and todo.group("rest").strip():
            found.extend((item, True) for item in _after_todo(sentence, todo, context, owner))
            continue
        said = _said(sentence.text, block, context)
        if said is not None:
            found.append((_item(said[0], said[1], sentence.lines, context, done=False), False))
    return found


def _after_todo(
    sentence: Sentence, todo: re.Match[str], context: ActionContext, owner: str | None
) -> list[ActionItem]:
    rest = todo.group("rest").strip(" :–").lstrip("- ")
    name = rest.strip(" .")
    before = sentence.text[: todo.start()].strip(" →->=⇒:–")
    if before and (len(rest.split()) == 1 or (len(rest.split()) == 2 and name in context.roster)):
        # "déjà essayé le CNAM ? → TODO Debnet": the name follows the matter
        return _made(before, sentence.lines, context, owner=name, done=None)
    return _made(rest, sentence.lines, context, owner=owner, done=None)


def _marked_actions(
    block: Block, context: ActionContext, owner: str | None, *, listed: bool
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
        return _made(rest, block.lines, context, owner=owner, done=block.checked)
    if block.checked is not None:
        if block.role is Role.AGENDA:
            return []
        return _made(text, block.lines, context, owner=owner, done=block.checked)
    # In a chat, what is said under the topic "Next steps" is talk like any other.
    in_section = listed or (
        block.role is Role.ACTIONS and (block.speaker is None or block.kind is LineKind.ITEM)
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


def _said(text: str, block: Block, context: ActionContext) -> tuple[str, str | None] | None:
    """Read a sentence that tells of an action without a marker: what is to be done, and who does it."""
    if block.role in PRACTICE_ROLES or block.role in (Role.DECISIONS, Role.META, Role.PROPOSALS):
        return None
    if text.endswith("?") or len(text) > 400 or len(text.split()) < 3:
        return None
    flat = folded(text)
    if block.speaker and not context.verbatim and block.kind is LineKind.ITEM and _opens_task(text, context):
        return text.rstrip(" ."), block.speaker
    if block.speaker and not context.verbatim and (mine := _ENGLISH_FIRST_PERSON.match(text)):
        rest = mine.group("rest")
        if commits_in_english(rest) and not re.match(
            r"^(?:try|keep|start|move|talk|get|give|put|go|make|run|read|work|find|help|explain|"
            r"present|share my|add that|add to)\b",
            rest,
            re.I,
        ):
            return rest.rstrip(" ."), block.speaker
    if block.speaker and not context.verbatim and _FRENCH_FIRST_PERSON.match(flat):
        return text.rstrip(" ."), block.speaker
    owned = split_owner(text, context.roster, expected=False)
    arrow = _ARROW_ACTION.search(text)
    if owned.owner is None and arrow:
        owned = split_owner(arrow.group("rest"), context.roster, expected=False)
    if owned.owner is not None:
        rest = re.sub(
            r"^(?:doit|doivent|devra|devront|devrait|should|must|shall)\s+", "", owned.text, flags=re.I
        )
        task = (
            _opens_task(rest, context)
            or commits_in_french(rest)
            or re.match(r"^(?:s[’']occup|se charg|prend|take)", rest, re.I)
        )
        if task and not _WISH.search(folded(text)[:200]):
            return owned.text.rstrip(" ."), owned.owner
        return None
    words = text.split()
    for size in (2, 1):
        name = " ".join(words[:size])
        if len(words) > size + 1 and name[:1].isupper() and name in context.roster:
            rest = " ".join(words[size:])
            if commits_in_french(rest) and not _WISH.search(flat[:200]):
                return rest.rstrip(" ."), name
    return None


def _opens_task(text: str, context: ActionContext) -> bool:
    return opens_english_task(text) or (opens_french_task(text) and context.language_of(text) == "fr")


def _made(
    text: str, lines: tuple[int, ...], context: ActionContext, *, owner: str | None, done: bool | None
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
    return [_item(text, owner, lines, context, done=done)]


def _item(
    text: str, owner: str | None, lines: tuple[int, ...], context: ActionContext, *, done: bool | None
) -> ActionItem:
    finished = bool(_DONE.search(text))
    cleaned = _DONE.sub("", text).strip(" :–—-") if finished else text
    due = due_date(text, day_first=context.day_first, meeting=context.meeting)
    return ActionItem(
        text=(cleaned or text)[:2000],
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
        return [made[0].model_copy(update={"due": due})]
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
