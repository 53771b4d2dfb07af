"""Editing a draft: what a reviewer changes, whether it can be kept, and how it is told afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from capture.draft import Draft, Statement
from capture.page import page_title
from connector.errors import CaptureError
from connector.model import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftEdit:
    """What a reviewer changes. None leaves a part as it is."""

    title: str | None = None
    language: str | None = None
    fields: Mapping[str, Sequence[Statement]] | None = None
    """New statements of the fields that are named here; an empty list empties a field, others stay. Words and
    lines may both change; a statement without lines must be `by_human`."""
    people: Sequence[str] | None = None
    categories: Sequence[str] | None = None
    """Without their prefix."""
    merge_into: int | None = None
    """Pageid of the page to add the draft to; 0 for a page of its own."""


def edited(draft: Draft, edit: DraftEdit, *, site: Site | None, line_count: int) -> Draft:
    """Return a draft as an edit makes it, but for its wikitext.

    Args:
        draft: The draft before.
        edit: What changes.
        site: The wiki, whose titles it must fit.
        line_count: How many lines the notes have.

    Raises:
        CaptureError: The edit cannot be kept; the message says why.
    """
    data = draft.model_dump()
    try:
        if edit.title is not None:
            data["title"] = page_title(edit.title, site=site)
    except ValueError as error:
        raise CaptureError(f"this title cannot be used: {error}") from error
    if edit.language is not None:
        data["language"] = edit.language
    for name in ("people", "categories"):
        texts = getattr(edit, name)
        if texts is not None:
            data[name] = tuple(dict.fromkeys(text.strip() for text in texts if text.strip()))
    if edit.fields is not None:
        changed = {name: [one.model_dump() for one in group] for name, group in edit.fields.items()}
        data["fields"] = {**data["fields"], **changed}
    try:
        result = Draft.model_validate(data, context={"line_count": line_count})
    except ValidationError as error:
        reason = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
        raise CaptureError(f"this edit cannot be kept: {reason}") from error
    if not result.fields:
        raise CaptureError("a draft needs at least one statement: drop it instead")
    return result


def told(edit: DraftEdit, *, before: Draft, after: Draft) -> str:
    """Return what an edit changed, in a few words: `title, problem, steps (8 → 8 9)`.

    Names of parts and fields, with commas between; where statements got other lines, the old and new ones.
    """
    names = [
        name for name in ("title", "language", "people", "categories") if getattr(edit, name) is not None
    ]
    if edit.merge_into is not None:
        names.append(f"merge_into {edit.merge_into}" if edit.merge_into else "merge_into")
    for name in sorted(edit.fields or {}):
        moves = _moved_lines(before.fields.get(name, ()), after.fields.get(name, ()))
        names.append(f"{name} ({'; '.join(moves)})" if moves else name)
    return ", ".join(names)


def _moved_lines(before: Sequence[Statement], after: Sequence[Statement]) -> list[str]:
    """Tell the statements apart by their words, or by their place where as many came back."""
    known = {one.text: one.lines for one in before}
    moves = []
    for place, one in enumerate(after):
        old = known.get(one.text)
        if old is None and len(before) == len(after):
            old = before[place].lines
        if old is not None and old != one.lines:
            moves.append(f"{_numbers(old)} → {_numbers(one.lines)}")
    return moves


def _numbers(lines: Sequence[int]) -> str:
    return " ".join(str(number) for number in lines) or "–"
