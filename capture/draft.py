"""What a capture returns: the shapes of `compagnon capture FILE --json` and of `POST /api/v1/capture`.

Every statement names the lines of the notes that it comes from. One without lines cannot be made, unless a
person wrote it during review; lines outside of the notes are refused when the validation context gives
`line_count`.
"""

import datetime
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    ValidationInfo,
    field_validator,
    model_serializer,
    model_validator,
)

from connector.practice import FIELDS


def _in_order(lines: tuple[int, ...], info: ValidationInfo) -> tuple[int, ...]:
    if any(number < 1 for number in lines):
        raise ValueError("lines are numbered from 1")
    last = info.context.get("line_count") if isinstance(info.context, Mapping) else None
    if last is not None and any(number > last for number in lines):
        raise ValueError(f"the notes have {last} lines")
    return tuple(sorted(set(lines)))


LineNumbers = Annotated[tuple[int, ...], AfterValidator(_in_order)]
"""Line numbers of the notes, from 1, ascending, each once."""
Text = Annotated[str, Field(min_length=1)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Statement(_Model):
    """A sentence of a draft, and where in the notes it stands."""

    text: Text
    lines: LineNumbers
    by_human: bool = False
    """Whether a person wrote it during review; only then may `lines` be empty. Not in the JSON when false."""

    @model_validator(mode="after")
    def _has_a_source(self) -> "Statement":
        if not self.lines and not self.by_human:
            raise ValueError("a statement names the lines of the notes that it comes from")
        return self

    @model_serializer(mode="wrap")
    def _without_default(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        data: dict[str, Any] = handler(self)
        if not self.by_human:
            data.pop("by_human", None)
        return data


SourceLines = Annotated[LineNumbers, Field(min_length=1)]


class ActionItem(_Model):
    """Something that someone is to do."""

    text: Text
    """What is to be done, without who."""
    owner: str | None = None
    """Who does it, as the notes name them."""
    due: datetime.date | None = None
    done: bool = False
    lines: SourceLines


class Decision(_Model):
    """Something that the meeting decided, or that was proposed to it."""

    text: Text
    decided: bool
    """False for a proposal that the notes do not show to be accepted."""
    lines: SourceLines


class OpenQuestion(_Model):
    """A question that the notes leave open."""

    text: Text
    lines: SourceLines


class Unsupported(_Model):
    """What an extractor said and the notes do not: it is shown to the reviewer, and is on no page."""

    text: Text
    lines: LineNumbers = ()
    """The lines that it was said to come from."""
    field: str = ""
    """Field of the practice it was meant for."""
    reason: Literal["name", "number", "date", "negation", "meaning", "no lines"]
    """What its lines do not hold."""


class Remark(_Model):
    """Something that the reader of a capture has to know."""

    code: Literal["fallback", "unsupported", "truncated"]
    """`fallback`: these lines were read by the local extractor; `unsupported`: statements were left out;
    `truncated`: not all of the notes was read."""
    detail: str = ""
    lines: LineNumbers = ()


class NotesSummary(_Model):
    """What the notes say about the meeting."""

    sha256: str
    """Of the notes' original bytes."""
    title: str
    """"" when the notes have none."""
    date: datetime.date | None
    language: str
    """`fr` or `en`: the language of most of the notes."""
    present: tuple[str, ...]
    absent: tuple[str, ...]
    """Absent and excused."""
    excused: tuple[str, ...] = ()
    """Those of the absent who sent word."""
    chair: str | None = None
    scribe: str | None = None
    accounts: dict[str, str] = Field(default_factory=dict)
    """Names in the notes and the wiki's user names that are surely theirs."""
    extracted_by: str = "local"
    """`local`, or the name of the language model."""
    topics: tuple[str, ...]
    actions: tuple[ActionItem, ...]
    decisions: tuple[Decision, ...]
    questions: tuple[OpenQuestion, ...]


class SimilarPractice(_Model):
    """A page of the wiki that may already hold the practice."""

    pageid: int
    title: str
    score: float
    """From 0 to 1."""
    why: str = ""
    """What both say, in a few words of theirs."""


Fields = dict[str, tuple[Statement, ...]]


class Draft(_Model):
    """A practice page that could be written from the notes."""

    title: Text
    language: str
    fields: Fields
    """Statements by field of the practice (`connector.practice.FIELDS`), in the order of the page."""
    people: tuple[str, ...]
    """Who can be asked: those whom the notes name where they tell of the practice."""
    similar: tuple[SimilarPractice, ...] = ()
    categories: tuple[str, ...] = ()
    """Suggested among those that the wiki has, without their prefix."""
    topic: str = ""
    """Headings above it in the notes, " › " between them."""
    dropped: tuple[Unsupported, ...] = ()
    wikitext: str

    @field_validator("fields")
    @classmethod
    def _known_fields(cls, fields: Fields) -> Fields:
        unknown = set(fields) - set(FIELDS)
        if unknown:
            raise ValueError(f"a practice has no field {sorted(unknown)[0]!r}")
        return {name: fields[name] for name in FIELDS if fields.get(name)}


class CaptureResult(_Model):
    """What was made of the notes. Nothing in it has been saved or published."""

    notes: NotesSummary
    drafts: tuple[Draft, ...]
    remarks: tuple[Remark, ...] = ()


class KeptSummary(_Model):
    """What is kept of a capture with its notes: all but the drafts, which have lives of their own."""

    notes: NotesSummary
    remarks: tuple[Remark, ...] = ()
