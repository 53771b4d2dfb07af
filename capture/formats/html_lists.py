"""List items and boxes to tick, as the editors write them that people paste from.

Known: Word and Outlook (`mso-list:l0 level2 lfo1`), Google Docs (`aria-level`, `lst-kix_…-1`, check lists by
`role=checkbox`), Etherpad (`list-bullet2`, `tasklist-done`), Confluence (inline tasks, `ac:task`, its new
editor's `data-task-state`), Notion (`checkbox-on`), Quill (`data-list`, `ql-indent-1`), GitHub and GitLab.
"""

import re
from dataclasses import dataclass

from bs4 import Tag

_MSO_LEVEL = re.compile(r"\blevel([1-9])\b", re.I)
_CLASS_DEPTHS = (
    (re.compile(r"^lst-kix_[\w-]{1,60}-([0-8])$"), 1),
    (re.compile(r"^list-(?:bullet|number|task)([1-9])\d?$"), 0),
)
_INDENT = re.compile(r"^ql-indent-([1-8])$")
_MAX_DEPTH = 20


@dataclass(frozen=True, slots=True)
class Mark:
    """What an element says of the list item that it is."""

    depth: int = 0
    """Depth of the item, from 1; 0 when the element does not say."""
    ordered: bool | None = None
    checked: bool | None = None


def classes_of(tag: Tag) -> set[str]:
    """Return an element's classes in lower case."""
    return {str(value).lower() for value in tag.get_attribute_list("class") if value}


def list_depth(tag: Tag, around: int) -> int:
    """Return the depth of the items in a list element, inside a list of the given depth."""
    classes = classes_of(tag)
    for name in classes:
        if re.match(r"^list-indent\d", name):
            return around  # Etherpad indents plain text with a list
        for pattern, offset in _CLASS_DEPTHS:
            met = pattern.match(name)
            if met:
                return int(met.group(1)) + offset
    return min(around + 1, _MAX_DEPTH)


def paragraph_mark(style: dict[str, str]) -> Mark:
    """Return what a paragraph of Word or Outlook says of the list item that it is."""
    listed = style.get("mso-list", "")
    level = _MSO_LEVEL.search(listed)
    if not level:
        return Mark()
    return Mark(depth=int(level.group(1)))


def item_mark(tag: Tag) -> Mark:
    """Return what a list item says of itself by its attributes."""
    depth = 0
    level = str(tag.get("aria-level") or "")
    if re.fullmatch(r"[1-9]|1\d", level):
        depth = int(level)
    ordered: bool | None = None
    kind = str(tag.get("data-list") or "").lower()
    if kind in ("bullet", "ordered"):
        ordered = kind == "ordered"
    if kind:  # Quill keeps its lists flat
        indents = [int(met.group(1)) for name in classes_of(tag) if (met := _INDENT.match(name))]
        depth = (indents[0] if indents else 0) + 1
    return Mark(depth=depth, ordered=ordered, checked=_state(tag, kind))


def _state(tag: Tag, kind: str) -> bool | None:
    if kind in ("checked", "unchecked"):
        return kind == "checked"
    for name in ("aria-checked", "data-checked"):
        if tag.get(name) is not None:
            return str(tag.get(name)).lower() == "true"
    classes = classes_of(tag)
    around = tag.parent
    lists = classes_of(around) if around is not None else set()
    if "checked" in classes or "task-list-item-checked" in classes:
        return True
    if around is not None and around.get("data-checked") is not None:
        return str(around.get("data-checked")).lower() == "true"
    if "inline-task-list" in lists or "unchecked" in classes:
        return False
    if "tasklist-done" in lists | classes:
        return True
    if "tasklist-not-done" in lists | classes:
        return False
    if "task-list-item" in classes and tag.find("input") is None:
        return False
    return None


def box_state(tag: Tag) -> bool | None:
    """Return the state of an element that draws a box to tick; None for another element."""
    if tag.name == "input":
        return tag.has_attr("checked")
    if tag.name == "ac:task-status":  # Confluence's storage format
        return tag.get_text().strip().lower() == "complete"
    state = str(tag.get("data-task-state") or "").lower()
    if state:
        return state == "done"
    classes = classes_of(tag)
    if "checkbox" in classes:
        return "checkbox-on" in classes if classes & {"checkbox-on", "checkbox-off"} else None
    return None
