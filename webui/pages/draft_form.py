"""The form of a draft: what it shows, and what comes back from it.

A statement is named by its field and its place in the version of the draft that the reviewer saw. Of its
lines the reviewer has the last word; that the notes have them is checked.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext
from pydantic import ValidationError

from capture.draft import Statement
from capture.review import DraftEdit, ReviewedDraft
from connector.errors import CaptureError
from connector.practice import FIELDS
from webui.language import LANGUAGES
from webui.pages.display import line_spans
from webui.pages.line_choice import LineChoiceError, chosen_lines

NEW_PAGE, OTHER_PAGE, NOTHING = "new", "other", "nothing"
"""Where a draft goes, besides the pages that are like it, which are named by their pageids."""


class UnusableLinesError(CaptureError):
    """The lines that a reviewer chose for a statement cannot be used; told in the reviewer's language."""

    def __init__(self, message: str, *, key: str) -> None:
        super().__init__(message)
        self.key = key
        """The statement: its field and place, `solution-0`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormStatement:
    """A statement as the form shows it."""

    text: str
    lines: tuple[int, ...]
    """As the draft has them."""
    chosen: str
    """As the reviewer writes them."""
    by_human: bool = False
    removed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FormCategory:
    """A category of the draft, and whether it stays."""

    name: str
    kept: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftForm:
    """Everything in the form that a reviewer can change, but for the fields of publishing."""

    title: str
    language: str
    people: str
    """Names, separated by commas."""
    fields: Mapping[str, tuple[FormStatement, ...]]
    categories: tuple[FormCategory, ...] = ()
    other_categories: str = ""
    """Names, separated by commas."""
    added_field: str = ""
    added_text: str = ""
    """Statements that the reviewer writes themselves, one a line."""
    target: str = NEW_PAGE
    """`NEW_PAGE`, `OTHER_PAGE`, `NOTHING` or a pageid."""
    other_title: str = ""
    """Of the page to add to, for `OTHER_PAGE`."""

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

    @property
    def pageid(self) -> int | None:
        """The page to add to, where the form names one by its pageid."""
        return int(self.target) if self.target.isdigit() else None


def form_of(reviewed: ReviewedDraft) -> DraftForm:
    """Return the form that shows a draft as it is."""
    draft = reviewed.draft
    return DraftForm(
        title=draft.title,
        language=draft.language,
        people=", ".join(draft.people),
        fields={
            name: tuple(
                FormStatement(
                    text=one.text, lines=one.lines, chosen=line_spans(one.lines), by_human=one.by_human
                )
                for one in group
            )
            for name, group in draft.fields.items()
        },
        categories=tuple(FormCategory(name=name) for name in draft.categories),
        target=NEW_PAGE if reviewed.merge_into is None else str(reviewed.merge_into),
    )


def form_sent(reviewed: ReviewedDraft, sent: Mapping[str, str]) -> DraftForm:
    """Return the form as the reviewer sent it; what is missing from it stays as the draft has it."""
    shown = form_of(reviewed)
    added_field, language = sent.get("added-field", ""), sent.get("language", shown.language)
    # A box that is not checked is not sent: another field says that the boxes were there.
    asked = "categories-shown" in sent
    return DraftForm(
        title=sent.get("title", shown.title),
        language=language if language in (*LANGUAGES, shown.language) else shown.language,
        people=sent.get("people", shown.people),
        fields={
            name: tuple(
                FormStatement(
                    text=sent.get(f"text-{name}-{place}", one.text).replace("\r\n", "\n"),
                    lines=one.lines,
                    chosen=sent.get(f"lines-{name}-{place}", one.chosen),
                    by_human=one.by_human,
                    removed=f"remove-{name}-{place}" in sent,
                )
                for place, one in enumerate(group)
            )
            for name, group in shown.fields.items()
        },
        categories=tuple(
            FormCategory(name=one.name, kept=not asked or f"category-{place}" in sent)
            for place, one in enumerate(shown.categories)
        ),
        other_categories=sent.get("other-categories", ""),
        added_field=added_field if added_field in FIELDS else "",
        added_text=sent.get("added-text", ""),
        target=_target(sent.get("target", shown.target), shown.target),
        other_title=sent.get("other-title", "").strip(),
    )


def _target(sent: str, shown: str) -> str:
    is_pageid = sent.isascii() and sent.isdigit() and len(sent) < 10
    return sent if is_pageid or sent in (NEW_PAGE, OTHER_PAGE, NOTHING) else shown


def edit_of(
    reviewed: ReviewedDraft, form: DraftForm, *, line_count: int, merge_into: int | None = None
) -> DraftEdit | None:
    """Return what a reviewer changed, or None when they changed nothing.

    Args:
        reviewed: The draft as the reviewer saw it.
        form: What they sent.
        line_count: How many lines the notes have.
        merge_into: The page to add it to by the form; 0 for a page of its own, None where the form leaves it.

    Raises:
        UnusableLinesError: The lines of a statement cannot be used.
        CaptureError: A statement is too long, or one was added without saying where it belongs.
    """
    draft = reviewed.draft
    fields = {
        name: _statements(name, group, form.fields[name], line_count=line_count)
        for name, group in draft.fields.items()
    }
    written = [line.strip() for line in form.added_text.splitlines() if line.strip()]
    if written and not form.added_field:
        raise CaptureError("say to which part of the page the added statement belongs")
    if written:
        mine = [_statement(text, lines=(), by_human=True) for text in written]
        fields[form.added_field] = [*fields.get(form.added_field, []), *mine]
    changed = {name: group for name, group in fields.items() if tuple(group) != draft.fields.get(name)}
    people = _names(form.people)
    categories = [one.name for one in form.categories if one.kept]
    categories += [name for name in _names(form.other_categories) if name not in categories]
    edit = DraftEdit(
        title=form.title if form.title.strip() != draft.title else None,
        language=form.language if form.language != draft.language else None,
        fields=changed or None,
        people=people if tuple(people) != draft.people else None,
        categories=categories if tuple(categories) != draft.categories else None,
        merge_into=merge_into if merge_into != (reviewed.merge_into or 0) else None,
    )
    return None if edit == DraftEdit() else edit


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _statements(
    field: str, kept: tuple[Statement, ...], sent: tuple[FormStatement, ...], *, line_count: int
) -> list[Statement]:
    statements = []
    for place, (one, form) in enumerate(zip(kept, sent, strict=True)):
        if form.removed or not form.text.strip():
            continue
        lines = _lines(one, form, key=f"{field}-{place}", line_count=line_count)
        statements.append(_statement(form.text, lines=lines, by_human=one.by_human))
    return statements


def _lines(one: Statement, form: FormStatement, *, key: str, line_count: int) -> tuple[int, ...]:
    try:
        lines = chosen_lines(form.chosen, line_count=line_count)
    except LineChoiceError as e:
        if e.beyond:
            message = gettext(
                "The notes have %(last)s lines: there is no line %(line)s.", last=line_count, line=e.part
            )
        else:
            message = gettext("“%(text)s” names no lines: write for example 12, 14–16.", text=e.part)
        raise UnusableLinesError(message, key=key) from e
    if not lines and not one.by_human:
        raise UnusableLinesError(
            gettext("Name the lines that this statement comes from, or remove the statement."), key=key
        )
    return lines


def _statement(text: str, *, lines: tuple[int, ...], by_human: bool) -> Statement:
    try:
        # A statement is one paragraph of the page, however it was typed.
        return Statement(text=" ".join(text.split()), lines=lines, by_human=by_human)
    except ValidationError as e:
        raise CaptureError(f"a statement cannot be kept: {e.errors()[0]['msg']}") from e
