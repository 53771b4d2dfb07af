"""What a language model is asked to say of notes, as types: their JSON schema goes to the server.

Nobody promises that an answer holds to it. It is read item by item: what is no item is left out, and a line
number may come as a text.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from connector.errors import LanguageModelError

_MOST_ITEMS = 200
_MOST_RANGE = 100
_RANGE = re.compile(r"(\d{1,6})(?:\s*(?:-|–|—|\.\.|to|à)\s*L?(\d{1,6}))?")
_NOTHING = frozenset({"", "none", "null", "n/a", "na", "-", "?", "unknown", "inconnu", "aucun", "aucune"})
_Part = TypeVar("_Part", bound=BaseModel)


def _line_numbers(value: object) -> tuple[int, ...]:
    """Read line numbers as models write them: 12, "12", "L12", "12-14", [12, "13"]."""
    found: dict[int, None] = {}
    for each in value if isinstance(value, list | tuple) else [value]:
        if isinstance(each, bool):
            continue
        if isinstance(each, int) or (isinstance(each, float) and each.is_integer()):
            found[int(each)] = None
        elif isinstance(each, str):
            for first, last in _RANGE.findall(each):
                end = int(last) if last else int(first)
                if 0 <= end - int(first) <= _MOST_RANGE:
                    found.update(dict.fromkeys(range(int(first), end + 1)))
    return tuple(found)


def _text(value: object) -> object:
    if isinstance(value, list) and value and all(isinstance(each, str) for each in value):
        return ", ".join(value)
    return value


def _optional(value: object) -> object:
    value = _text(value)
    return None if not isinstance(value, str) or value.strip().casefold() in _NOTHING else value


def _truth(value: object) -> bool:
    return value is True or (isinstance(value, str) and value.strip().casefold() in {"true", "yes", "oui"})


def _strict(schema: dict[str, Any]) -> None:
    """Say that all keys must come and no others, as servers want a schema that they hold a model to."""
    schema["additionalProperties"] = False
    schema["required"] = list(schema["properties"])
    schema.pop("title", None)
    for told in schema["properties"].values():
        told.pop("default", None)
        told.pop("title", None)


Lines = Annotated[tuple[int, ...], BeforeValidator(_line_numbers)]
Said = Annotated[str, BeforeValidator(_text)]
OptionalText = Annotated[str | None, BeforeValidator(_optional)]
Truth = Annotated[bool, BeforeValidator(_truth)]


class _Answered(BaseModel):
    model_config = ConfigDict(frozen=True, str_strip_whitespace=True, json_schema_extra=_strict)


class SaidText(_Answered):
    """A topic, a question, a title."""

    text: Said
    lines: Lines = ()


class SaidPerson(_Answered):
    """Someone whom the notes say to have been there, or not."""

    name: Said
    role: Literal["present", "absent", "excused", "chair", "scribe"]
    lines: Lines = ()


class SaidAction(_Answered):
    """Something that someone is to do."""

    text: Said
    owner: OptionalText = None
    due: OptionalText = None
    done: Truth = False
    lines: Lines = ()


class SaidDecision(_Answered):
    """Something that was decided, or proposed."""

    text: Said
    decided: Truth = False
    lines: Lines = ()


class SaidStatement(_Answered):
    """A sentence of a practice."""

    field: Literal["context", "problem", "solution", "steps", "tools", "results", "cautions"]
    text: Said
    lines: Lines = ()


class SaidPractice(_Answered):
    """A practice that the notes tell of."""

    id: Said = ""
    """A practice that goes on from one window to the next keeps it."""
    title: Said = ""
    statements: tuple[SaidStatement, ...] = ()


class Reply(_Answered):
    """All that is asked about a window of notes."""

    title: SaidText | None = None
    date: SaidText | None = None
    people: tuple[SaidPerson, ...] = ()
    topics: tuple[SaidText, ...] = ()
    actions: tuple[SaidAction, ...] = ()
    decisions: tuple[SaidDecision, ...] = ()
    questions: tuple[SaidText, ...] = ()
    practices: tuple[SaidPractice, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing was found but perhaps a title, a date and people."""
        return not (self.topics or self.actions or self.decisions or self.questions or self.practices)


REPLY_SCHEMA: Mapping[str, Any] = Reply.model_json_schema()
"""For the server, which may hold the model to it."""


def read_reply(answer: object) -> Reply:
    """Read the JSON that a model answered, leaving out what is no item.

    Raises:
        LanguageModelError: it is something else than was asked for.
    """
    if isinstance(answer, dict) and len(answer) == 1:
        inner = next(iter(answer.values()))  # {"answer": {...}}
        answer = (
            inner if isinstance(inner, dict) and not answer.keys() & Reply.model_fields.keys() else answer
        )
    lists = [name for name in Reply.model_fields if name not in ("title", "date")]
    if not isinstance(answer, dict) or not any(isinstance(answer.get(name), list) for name in lists):
        raise LanguageModelError("the language model answered other JSON", kind="unreadable")
    practices = [
        SaidPractice(
            id=_name(each.get("id")),
            title=_name(each.get("title")),
            statements=_items(SaidStatement, each.get("statements")),
        )
        for each in _entries(answer.get("practices"))
    ]
    return Reply(
        title=next(iter(_items(SaidText, answer.get("title"))), None),
        date=next(iter(_items(SaidText, answer.get("date"))), None),
        people=_items(SaidPerson, answer.get("people")),
        topics=_items(SaidText, answer.get("topics")),
        actions=_items(SaidAction, answer.get("actions")),
        decisions=_items(SaidDecision, answer.get("decisions")),
        questions=_items(SaidText, answer.get("questions")),
        practices=tuple(practices),
    )


def _name(value: object) -> str:
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _entries(value: object) -> Sequence[Mapping[str, object]]:
    listed = value if isinstance(value, list) else [value]
    return [each for each in listed if isinstance(each, dict)][:_MOST_ITEMS]


def _items(kind: type[_Part], value: object) -> tuple[_Part, ...]:
    items = []
    for each in _entries(value):
        try:
            items.append(kind.model_validate(each))
        except ValidationError:
            continue
    return tuple(items)
