"""Tables of actions: which column holds what, in French and English."""

import re
from dataclasses import dataclass

from capture.blocks import Block
from capture.lines import folded
from capture.vocabulary import Role

_NUMBER_CELL = re.compile(r"^[#n°]?\s?\d{1,4}(?:[.-]\d{1,3}){0,3}$", re.I)
_DONE_CELL = re.compile(
    r"^(?:x|✓|✔|✅|ok|oui|yes|fait|faite|done|closed|clos|termine|terminee|complete|completed|100 ?%)$"
)
_COLUMNS = (
    (
        "text",
        re.compile(
            r"^(?:quoi|action|actions|action items?|what|task|tasks|tache|taches|description|a "
            r"faire|to ?do|item|sujet|details?)$"
        ),
    ),
    (
        "owner",
        re.compile(
            r"^(?:qui|who|owner|owners|responsable|responsables|porteur|pilote|assignee|assigned "
            r"to|assigned|lead|par|by|charge|referent|personne|name|nom)$"
        ),
    ),
    (
        "due",
        re.compile(
            r"^(?:quand|when|due|due date|date|deadline|echeance|date limite|pour le|delai|eta|by when)$"
        ),
    ),
    ("done", re.compile(r"^(?:statut|status|etat|fait|done|state|avancement|ok)$")),
)
_DURATION = re.compile(r"^(?:minutes?|mins?|durees?|duration)$")


def action_columns(header: Block, role: Role | None) -> dict[str, int] | None:
    """Return which columns of a table hold what; None when it is no table of actions."""
    names = [folded(cell).strip(" :*") for cell in header.cells]
    columns: dict[str, int] = {}
    for index, name in enumerate(names):
        for kind, pattern in _COLUMNS:
            if kind not in columns and pattern.match(name):
                columns[kind] = index
                break
    actions = any(
        re.match(r"^(?:actions?|action items?|taches?|tasks?|to ?do|a faire)$", name) for name in names
    )
    if role is Role.ACTIONS or (actions and role not in (Role.DECISIONS,)):
        return columns
    # Who speaks on what for how long: an agenda, not what anybody has to do.
    if any(_DURATION.match(name) for name in names):
        return None
    return columns if {"text", "owner"} <= set(columns) else None


def is_done(cell: str) -> bool:
    """Whether a cell says that an action is done."""
    return bool(_DONE_CELL.match(folded(cell)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionCells:
    """What the cells of a row say of an action; "" where there is no such cell."""

    text: str
    owner: str
    due: str
    done: bool


def read_row(block: Block, columns: dict[str, int] | None) -> ActionCells:
    """Read a row of a table of actions; without known columns, its longest cell says what is to be done."""
    cells = [cell.strip() for cell in block.cells]
    places = columns or {}

    def cell(kind: str) -> str:
        index = places.get(kind, -1)
        return cells[index] if 0 <= index < len(cells) else ""

    taken = {index for kind, index in places.items() if kind != "text"}
    text = cell("text")
    if not text or _NUMBER_CELL.match(text):
        rest = [value for index, value in enumerate(cells) if index not in taken]
        text = max((value for value in rest if not _NUMBER_CELL.match(value)), key=len, default="")
    return ActionCells(text=text, owner=cell("owner"), due=cell("due"), done=is_done(cell("done")))
