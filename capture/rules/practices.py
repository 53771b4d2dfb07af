"""Practices told in the notes: which topics carry one, and which statement belongs to which of its fields.

A field is known by the heading or label that a statement stands under, else by the statement's own phrases
(`capture.rules.practice_cues`), else by its form (a numbered list of things to do). The words stay the
notes' own.
"""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from capture.blocks import Block
from capture.draft import Statement
from capture.extraction import PracticeSketch
from capture.lines import LineKind, folded
from capture.people import Roster, unique_names
from capture.rules.practice_cues import cue_of, tells_of_practice
from capture.rules.verbs import opens_english_task, opens_french_task
from capture.vocabulary import PRACTICE_ROLES, Role, clean_heading, label_role, role_of
from connector.practice import FIELDS

_SKIPPED = (
    Role.PRESENT, Role.ABSENT, Role.CHAIR, Role.SCRIBE, Role.ACTIONS, Role.DECISIONS, Role.PROPOSALS,
    Role.QUESTIONS, Role.DATE, Role.META,
)  # fmt: skip
_INLINE_LABEL = re.compile(r"^(?P<label>[^\W\d_][^:.!?]{2,40}?)\s?:\s+(?P<rest>\S.*)$", re.S)
_MARKED = re.compile(
    r"^[^\w]{0,4}(?:action(?: item)?s?|todo|à faire|decision|décision|resolved|resolution|"
    r"résolution|proposed|proposal|proposition|question|agreed|"
    r"accord)s?(?:\s?[#n°]?\d+)?\s?[:(\[]",
    re.I,
)
_GENERIC = re.compile(
    r"^(?:discussions?|divers|tour de table|retours?(?: d'experience)?|points? divers|varia|"
    r"notes?|compte[- ]rendu|minutes?|aob|any other business|misc(?:ellaneous)?|updates?|"
    r"echanges?|partage(?: d'experience)?|pratiques?|practices?|introduction|general|questions "
    r"diverses|experience sharing|round table)$"
)
_MIN_CUE_SHARE = 0.12
"""Share of a topic's sentences that must speak of a practice, where no heading does."""
_MAX_TITLE = 100


@dataclass(slots=True)
class _Topic:
    path: tuple[str, ...]
    blocks: list[Block] = field(default_factory=list)


@dataclass(slots=True)
class _Found:
    statements: dict[str, list[Statement]] = field(default_factory=dict)
    explicit: set[str] = field(default_factory=set)
    cued: int = 0
    sentences: int = 0
    loose: list[Statement] = field(default_factory=list)
    """What stands before anything that was recognized: it may be the context."""
    _said: set[tuple[str, str]] = field(default_factory=set)

    def add(self, name: str, statement: Statement) -> None:
        if (name, statement.text) not in self._said:
            self._said.add((name, statement.text))
            self.statements.setdefault(name, []).append(statement)


def find_practices(
    blocks: list[Block],
    *,
    notes_title: str,
    roster: Roster,
    taken_lines: Collection[int],
    language_of: Callable[[str], str],
) -> list[PracticeSketch]:
    """Return the practices that the notes tell of, in order; topics without one give none.

    Args:
        blocks: The notes.
        notes_title: Title of the meeting, for a practice that has no heading of its own.
        roster: People whom the notes name.
        taken_lines: Lines that are actions or proposals, and so tell nothing of how things are done.
        language_of: Tells the language of a text.
    """
    sketches: list[PracticeSketch] = []
    for topic in _topics(blocks):
        found = _read(topic.blocks, taken_lines)
        if not _is_practice(found, topic):
            continue
        if "context" not in found.statements:
            for statement in found.loose[:2]:
                found.add("context", statement)
        fields = {name: tuple(found.statements[name]) for name in FIELDS if found.statements.get(name)}
        text = " ".join(statement.text for statements in fields.values() for statement in statements)
        sketches.append(
            PracticeSketch(
                title=_title(topic, fields, notes_title),
                language=language_of(text),
                fields=fields,
                people=_people(topic.blocks, fields, roster),
                topic=_topic_path(topic.path, notes_title),
            )
        )
    return sketches


def _topics(blocks: list[Block]) -> list[_Topic]:
    """Group blocks by the innermost heading that names a matter."""
    topics: dict[tuple[str, ...], _Topic] = {}
    for block in blocks:
        if block.role in _SKIPPED or block.kind is LineKind.ROW:
            continue
        path = block.heading_path
        end = next(
            (index for index, heading in enumerate(path) if role_of(heading) in PRACTICE_ROLES), len(path)
        )
        key = path[:end]
        topics.setdefault(key, _Topic(path=key)).blocks.append(block)
    return list(topics.values())


def _read(blocks: list[Block], taken_lines: Collection[int]) -> _Found:
    found = _Found()
    label: tuple[str, Block] | None = None
    current: str | None = None
    steps = _step_positions(blocks)
    for index, block in enumerate(blocks):
        if label is not None and not _under(label[1], block, blocks[index - 1]):
            label = None
        if block.checked is not None or _MARKED.match(block.text):
            continue
        inline = _INLINE_LABEL.match(block.text)
        role = role_of(inline.group("label")) if inline else None
        if inline and role in PRACTICE_ROLES:
            name = str(role)
            _add_block(found, name, block, inline.group("rest"))
            found.explicit.add(name)
            label, current = (name, block), None
            continue
        if label_role(block.text) in _SKIPPED:  # "Présents : ..." in the paragraph of a practice
            label = current = None
            continue
        if block.role in PRACTICE_ROLES:
            name = str(block.role)
            _add_block(found, name, block, block.text)
            found.explicit.add(name)
            continue
        if label is not None:
            _add_block(found, label[0], block, block.text)
            continue
        if index in steps:
            _add_block(found, "steps", block, block.text)
            found.cued += 1
            found.sentences += 1
            continue
        current = _read_sentences(found, block, taken_lines, current)
    return found


def _read_sentences(
    found: _Found, block: Block, taken_lines: Collection[int], current: str | None
) -> str | None:
    """Sort a block's sentences by their phrases; one without goes with the one before it in its paragraph."""
    current = None if block.kind is LineKind.ITEM else current
    running: str | None = None
    if not found.statements:
        found.loose.clear()  # the context stands in the paragraph in which the story begins
    for sentence in block.sentences():
        if sentence.text.endswith("?") or len(sentence.text.split()) < 3:
            continue
        if sentence.text.startswith(("http://", "https://")):
            continue
        if len(sentence.lines) == 1 and sentence.lines[0] in taken_lines:
            continue
        found.sentences += 1
        name = cue_of(sentence.text)
        statement = _statement(sentence.text, sentence.lines)
        if statement is None:
            continue
        if name is not None:
            found.cued += 1
            found.add(name, statement)
            running = name
        elif running is not None:
            found.add(running, statement)
        elif not found.statements and block.kind is LineKind.TEXT and block.speaker is None:
            found.loose.append(statement)
    return running


def _under(label: Block, block: Block, previous: Block) -> bool:
    """Whether a block still belongs to an inline label ("Outils :  ...") above it."""
    if label.kind is LineKind.ITEM:
        return block.kind is LineKind.ITEM and block.depth > label.depth
    return block.kind is LineKind.ITEM and block.lines[0] - previous.lines[-1] <= 1


def _step_positions(blocks: Sequence[Block]) -> set[int]:
    """Indices of the items of lists that tell what to do, numbered or starting with a verb."""
    found: set[int] = set()
    start = 0
    while start < len(blocks):
        end = start
        while end < len(blocks) and blocks[end].kind is LineKind.ITEM and blocks[end].checked is None:
            end += 1
        items = [index for index in range(start, end) if blocks[index].depth == blocks[start].depth]
        opening = [index for index in items if _opens_task(blocks[index].text)]
        numbered = all(blocks[index].ordered for index in items)
        if len(items) >= (2 if numbered else 3) and len(opening) >= 0.7 * len(items):
            found.update(range(start, end))
        start = max(end, start + 1)
    return found


def _opens_task(text: str) -> bool:
    return opens_french_task(text) or opens_english_task(text)


def _add_block(found: _Found, name: str, block: Block, text: str) -> None:
    if text is not block.text and not block.text.endswith(text):
        return
    offset = len(block.text) - len(text)
    if block.kind is LineKind.ITEM or name in ("steps", "tools"):
        statement = _statement(text, block.lines_of(offset, len(block.text)))
        if statement is not None:
            found.add(name, statement)
        return
    for sentence in block.sentences():
        stripped = sentence.text
        if offset and block.text.startswith(stripped):
            stripped = stripped[offset:] if len(stripped) > offset else ""
        statement = _statement(stripped, sentence.lines)
        if statement is None:
            continue
        # A warning at the end of what came of it is a warning.
        warns = name == "results" and found.statements.get(name) and cue_of(stripped) == "cautions"
        found.add("cautions" if warns else name, statement)


def _statement(text: str, lines: tuple[int, ...]) -> Statement | None:
    """Make a statement of the notes' own words, with a capital letter in front."""
    cleaned = re.sub(r"^[\s:;,·•*–—>-]+", "", text).strip()
    if not any(char.isalnum() for char in cleaned):
        return None
    first = cleaned[0]
    # "iPhone", "npm install" and addresses keep their small letter.
    word = cleaned.split(maxsplit=1)[0]
    if first.islower() and word.isalpha() and word.islower():
        cleaned = first.upper() + cleaned[1:]
    return Statement(text=cleaned[:4000], lines=lines)


def _is_practice(found: _Found, topic: _Topic) -> bool:
    fields = set(found.statements)
    doing = fields & {"solution", "steps"}
    if found.explicit & {"solution", "steps"}:
        return bool(doing)
    if len(found.explicit - {"context"}) >= 2:
        return True
    announced = any(tells_of_practice(heading) for heading in topic.path[-1:])
    if announced and doing and (found.cued >= 2 or found.explicit):
        return True
    why = fields & {"problem", "results", "cautions", "tools"}
    share = found.cued / max(found.sentences, 1)
    return bool(doing and (found.explicit or (why and found.cued >= 3 and share >= _MIN_CUE_SHARE)))


def _title(topic: _Topic, fields: dict[str, tuple[Statement, ...]], notes_title: str) -> str:
    heading = clean_heading(topic.path[-1]) if topic.path else ""
    is_meeting = folded(heading) == folded(clean_heading(notes_title)) or _GENERIC.match(folded(heading))
    if heading and not is_meeting and role_of(heading) is None:
        return _shortened(heading)
    for name in ("solution", "problem", "steps", "results", "tools", "cautions", "context"):
        if fields.get(name):
            return _shortened(_first_clause(fields[name][0].text))
    return _shortened(heading or notes_title)


def _topic_path(path: tuple[str, ...], notes_title: str) -> str:
    """Return the headings over a topic, without the meeting's own title."""
    headings = [clean_heading(heading) for heading in path]
    title = folded(clean_heading(notes_title))
    return " › ".join(heading for heading in headings if heading and folded(heading) != title)


_CONNECTOR = re.compile(
    r"^(?:du coup|alors|donc|finalement|ensuite|et|mais|so|then|and|but|therefore),?\s+", re.I
)


def _first_clause(text: str) -> str:
    text = _CONNECTOR.sub("", text)
    text = text[:1].upper() + text[1:]
    clause = re.split(r"(?<=\w{3})[.;:!(]\s|\s[–—-]\s", text, maxsplit=1)[0]
    return clause.strip(" .;:!,")


def _shortened(text: str) -> str:
    if len(text) <= _MAX_TITLE:
        return text
    cut = text[:_MAX_TITLE].rsplit(" ", 1)[0]
    return cut.rstrip(" ,;:–—-")


def _people(blocks: list[Block], fields: dict[str, tuple[Statement, ...]], roster: Roster) -> tuple[str, ...]:
    lines = {
        number for statements in fields.values() for statement in statements for number in statement.lines
    }
    names: list[str] = []
    for block in blocks:
        if not lines.intersection(block.lines):
            continue
        if block.speaker:
            names.append(roster.find(block.speaker) or block.speaker)
        words = [(match.group(), match.start()) for match in re.finditer(r"[^\W\d_][\w'’-]*", block.text)]
        position = 0
        while position < len(words):
            for size in (3, 2, 1):
                name = " ".join(word for word, _ in words[position : position + size])
                person = roster.find(name) if name[:1].isupper() and position + size <= len(words) else None
                if person is not None:
                    names.append(person)
                    position += size - 1
                    break
            position += 1
    return tuple(unique_names(names))
