"""The form of a draft: what it shows, and what comes back from it.

A statement is named by its field and its place in the version of the draft that the reviewer saw. Its lines
never come from the form: where a statement comes from is not the browser's to say.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from capture.draft import Draft, Statement
from capture.review import DraftEdit
from connector.errors import CaptureError
from connector.practice import FIELDS


@dataclass(frozen=True, slots=True, kw_only=True)
class FormStatement:
    """A statement as the form shows it."""

    text: str
    lines: tuple[int, ...]
    removed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftForm:
    """Everything in the form that a reviewer can change, but for the fields of publishing."""

    title: str
    people: str
    """Names, separated by commas."""
    fields: Mapping[str, tuple[FormStatement, ...]]
    added_field: str = ""
    added_text: str = ""
    """Statements that the reviewer writes themselves, one a line."""

    @property
    def text(self) -> str:
        """Everything that is written in the form, to be copied from."""
        statements = [
            one.text
            for group in self.fields.values()
            for one in group
            if not one.removed and one.text.strip()
        ]
        return "\n".join([self.title, "", *statements, *self.added_text.splitlines()]).strip()


def form_of(draft: Draft) -> DraftForm:
    """Return the form that shows a draft as it is."""
    return DraftForm(
        title=draft.title,
        people=", ".join(draft.people),
        fields={
            name: tuple(FormStatement(text=one.text, lines=one.lines) for one in group)
            for name, group in draft.fields.items()
        },
    )


def form_sent(draft: Draft, sent: Mapping[str, str]) -> DraftForm:
    """Return the form as the reviewer sent it; what is missing from it stays as the draft has it."""
    shown = form_of(draft)
    added_field = sent.get("added-field", "")
    return DraftForm(
        title=sent.get("title", shown.title),
        people=sent.get("people", shown.people),
        fields={
            name: tuple(
                FormStatement(
                    text=sent.get(f"text-{name}-{place}", one.text).replace("\r\n", "\n"),
                    lines=one.lines,
                    removed=f"remove-{name}-{place}" in sent,
                )
                for place, one in enumerate(group)
            )
            for name, group in shown.fields.items()
        },
        added_field=added_field if added_field in FIELDS else "",
        added_text=sent.get("added-text", ""),
    )


def edit_of(draft: Draft, form: DraftForm) -> DraftEdit | None:
    """Return what a reviewer changed, or None when they changed nothing.

    Raises:
        CaptureError: a statement is too long, or one was added without saying where it belongs.
    """
    fields = {name: _statements(group, form.fields[name]) for name, group in draft.fields.items()}
    written = [line.strip() for line in form.added_text.splitlines() if line.strip()]
    if written and not form.added_field:
        raise CaptureError("say to which part of the page the added statement belongs")
    if written:
        mine = [_statement(text, lines=(), by_human=True) for text in written]
        fields[form.added_field] = [*fields.get(form.added_field, []), *mine]
    changed = {name: group for name, group in fields.items() if tuple(group) != draft.fields.get(name)}
    people = [name.strip() for name in form.people.split(",") if name.strip()]
    edit = DraftEdit(
        title=form.title if form.title.strip() != draft.title else None,
        fields=changed or None,
        people=people if tuple(people) != draft.people else None,
    )
    return None if edit == DraftEdit() else edit


def _statements(kept: tuple[Statement, ...], sent: tuple[FormStatement, ...]) -> list[Statement]:
    return [
        _statement(form.text, lines=one.lines, by_human=one.by_human)
        for one, form in zip(kept, sent, strict=True)
        if not form.removed and form.text.strip()
    ]


def _statement(text: str, *, lines: tuple[int, ...], by_human: bool) -> Statement:
    try:
        # A statement is one paragraph of the page, however it was typed.
        return Statement(text=" ".join(text.split()), lines=lines, by_human=by_human)
    except ValidationError as e:
        raise CaptureError(f"a statement cannot be kept: {e.errors()[0]['msg']}") from e
