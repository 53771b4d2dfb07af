"""What an operation of the API is: where it is asked for, with what, who may, and what it answers."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from connector.errors import (
    CompagnonError,
    InvalidQueryError,
    NotAllowedError,
    SignInWantedError,
    StoreError,
)
from webui.errors import TROUBLES
from webui.rights.roles import Role

JsonSchema = Mapping[str, Any]
"""A JSON Schema, 2020-12."""

Caller = Literal["people", "anybody", "owner", "wiki", "gadget"]
"""Who asks: people (or nobody) by their role, anybody whatever the role, the command line of the same
machine, the wiki with a claim, or a page of the wiki."""

LARGEST_PAGEID: Final = 999_999_999
TOP_K_MAX: Final = 100
_OF_FLASK: Final = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """What comes in the address."""

    name: str
    what: str
    """A phrase that goes on after “give”: “a question, in French or English”."""
    schema: JsonSchema
    """Type integer or string, with bounds and default; of one value, also where it may come several times."""
    where: Literal["query", "path"] = "query"
    required: bool = False
    repeatable: bool = False
    refusal: type[CompagnonError] | None = None
    """The error of ours that says what is wrong with it; None: BadRequest."""
    example: str | int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What comes in the body."""

    media_types: Mapping[str, JsonSchema]
    """The schema of each media type that is taken."""
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One thing that can be asked of the API."""

    name: str
    """Its name in the document, and of its route."""
    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    """As Flask has it: `/api/v1/pages/<pageid>/related`."""
    subject: str
    """Under which heading it stands: a key of `SUBJECTS`."""
    summary: str
    answer: Callable[..., Any]
    """The function that answers it."""
    answers: Mapping[int, str | None]
    """The name of the schema (a file of `webui/api/schemas`) of each good answer; None: there is no body."""
    description: str = ""
    parameters: tuple[Parameter, ...] = ()
    body: Body | None = None
    errors: tuple[type[CompagnonError] | int, ...] = ()
    """What it is refused with, beside what any operation may be: errors of ours, or statuses."""
    caller: Caller = "people"
    role: Role = Role.VISITOR
    """The least that people must be."""
    statuses: Mapping[int, tuple[str, ...]] = field(init=False)
    """The types of error of each status that it can be refused with."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "statuses", self._statuses())

    @property
    def template(self) -> str:
        """The path as OpenAPI has it: `/api/v1/pages/{pageid}/related`."""
        return _OF_FLASK.sub(r"{\1}", self.path)

    @property
    def endpoint(self) -> str:
        """The name of its route in the application."""
        return f"{self.room}.{self.name}"

    @property
    def room(self) -> str:
        """The blueprint that it belongs to: each lets others in."""
        return {"wiki": "wiki_api", "gadget": "gadget_api"}.get(self.caller, "api")

    def _statuses(self) -> dict[int, tuple[str, ...]]:
        found: dict[int, list[str]] = {}
        for error in (*self._common(), *self.errors):
            if isinstance(error, int):
                found.setdefault(error, [])
            else:
                found.setdefault(TROUBLES[error].status, []).append(error.__name__)
        return {status: tuple(dict.fromkeys(names)) for status, names in sorted(found.items())}

    def _common(self) -> tuple[type[CompagnonError] | int, ...]:
        common: list[type[CompagnonError] | int] = [StoreError, 429]
        if self.parameters or self.body:
            common.append(400)
        if self.body:
            common += [413, 415]
        if self.caller == "people":
            common.append(SignInWantedError)
            if self.role > Role.VISITOR:
                common.append(NotAllowedError)
        if self.method != "GET" or self.caller in ("owner", "wiki", "gadget"):
            common.append(403)
        return tuple(common)


def N_(text: str) -> str:  # noqa: N802 - as gettext calls what marks a text that is translated where it is shown
    """Return a text as it is: the document is English, the page that people read is in their language."""
    return text


def question() -> Parameter:
    """Return the parameter that holds a question."""
    return Parameter(
        name="q",
        what=N_("a question, in French or English"),
        schema={"type": "string", "minLength": 1, "maxLength": 1_000, "pattern": r"\S"},
        required=True,
        refusal=InvalidQueryError,
        example="Comment accueillir un nouveau bénévole ?",
    )


def top_k(default: int) -> Parameter:
    """Return the parameter that says how many are wanted."""
    schema = {"type": "integer", "minimum": 1, "maximum": TOP_K_MAX, "default": default}
    return Parameter(name="top_k", what=N_("how many at most"), schema=schema)


def switch(name: str, what: str) -> Parameter:
    """Return a parameter that is 1 or 0."""
    return Parameter(name=name, what=what, schema={"type": "integer", "enum": [0, 1], "default": 0})


def pageid(*, where: Literal["query", "path"], required: bool) -> Parameter:
    """Return the parameter that is the number of a page."""
    schema = {"type": "integer", "minimum": 0, "maximum": LARGEST_PAGEID}
    return Parameter(
        name="pageid",
        what=N_("the number of a page"),
        schema=schema,
        where=where,
        required=required,
        example=1,
    )


def offset(most: int) -> Parameter:
    """Return the parameter that says how many of a list to leave out."""
    schema = {"type": "integer", "minimum": 0, "maximum": most, "default": 0}
    return Parameter(name="offset", what=N_("how many to leave out"), schema=schema)
