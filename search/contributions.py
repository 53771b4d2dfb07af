"""What each person really contributed to a page, from its history alone: who, when, and by how much.

An edit counts by what it added and what is still there. Moves, protections and null edits change no text; a
revert adds nothing that was not there, and what was reverted is not there any more; so with a page that was
blanked and restored. MediaWiki marks most of these (https://www.mediawiki.org/wiki/Help:Tags); older wikis
and older revisions have no marks, and there equal checksums and sizes tell the same.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.model import Revision

# Bytes of added text that are worth as much as having made one more edit.
_BYTES_AN_EDIT = 400
_MOST_OF_ONE_EDIT = 6.0
_GAVE_BACK = frozenset({"mw-undo", "mw-rollback", "mw-manual-revert"})
_TAKEN_BACK = frozenset({"mw-reverted"})
_NO_TEXT = frozenset({"mw-blank", "mw-replace"})
# Drafts that Compagnon made from notes: who published one has reviewed its words and not found them.
_WRITTEN_BY_PROGRAM = frozenset({"compagnon"})
# What MediaWiki's `mw-replace` calls replaced: less than a tenth of the page is left.
_BLANKED = 0.1
# A page that has nearly the size again that it had before it was blanked was restored.
_RESTORED = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """One person's part in one page, or in its discussion."""

    name: str
    """As the newest of the edits has it."""
    user_id: int
    edits: int
    """Those that added something, at least 1."""
    work: float
    """Above 0; only the proportions within a page matter."""
    recent_work: float
    """The same, the less the older the edits are."""
    created: bool
    """Whether the person made the page."""
    last: datetime


def contributions(
    history: Sequence[Revision],
    *,
    until: datetime,
    half_life: timedelta,
    is_person: Callable[[str], bool],
) -> list[Contribution]:
    """Return what each person contributed to a page, in the order of their first edit that did.

    Accounts are told apart by their ids, which a renamed account keeps.

    Args:
        history: the page's revisions, oldest first.
        until: no earlier than the newest of them.
        half_life: how much older than `until` an edit is that counts half in `recent_work`.
        is_person: whether an account is somebody's that may be named.
    """
    found: dict[int, Contribution] = {}
    for number in _lasting(history):
        revision = history[number]
        if revision.user is None or not revision.user_id or not is_person(revision.user):
            continue
        age = until - revision.timestamp
        work = 1 + min(_MOST_OF_ONE_EDIT, _added(history, number) / _BYTES_AN_EDIT)
        before = found.get(revision.user_id)
        found[revision.user_id] = Contribution(
            name=revision.user,
            user_id=revision.user_id,
            edits=1 + (before.edits if before else 0),
            work=work + (before.work if before else 0.0),
            recent_work=work * 0.5 ** (age / half_life) + (before.recent_work if before else 0.0),
            created=(before.created if before else False) or (number == 0 and _is_first(revision)),
            last=revision.timestamp,
        )
    return list(found.values())


def _is_first(revision: Revision) -> bool:
    return revision.parent_revid in {None, 0}


def _lasting(history: Sequence[Revision]) -> list[int]:
    """Return the positions of the edits whose text the newest one still builds on.

    Revisions form a tree: one with the text of an earlier one goes on where that one stood, so what lies
    between the two is on a branch that leads nowhere (unless it is brought back in turn).
    """
    parents: list[int] = []
    stands_for: list[int] = []
    newest_with: dict[str, int] = {}
    for number, revision in enumerate(history):
        same = newest_with.get(revision.sha1) if revision.sha1 else None
        stands_for.append(number if same is None else stands_for[same])
        parents.append(stands_for[number - 1] if number else -1)
        if revision.sha1:
            newest_with[revision.sha1] = number
    lasting = []
    number = stands_for[-1] if stands_for else -1
    while number >= 0:
        if not _adds_nothing(history, number):
            lasting.append(number)
        number = parents[number]
    return lasting[::-1]


def _adds_nothing(history: Sequence[Revision], number: int) -> bool:
    revision = history[number]
    if not (_GAVE_BACK | _TAKEN_BACK | _NO_TEXT).isdisjoint(revision.tags):
        return True
    return number > 0 and (_blanks(history, number) or _restores(history, number))


def _blanks(history: Sequence[Revision], number: int) -> bool:
    return number > 0 and history[number].size < _BLANKED * history[number - 1].size


def _restores(history: Sequence[Revision], number: int) -> bool:
    if number < 2 or not _blanks(history, number - 1):
        return False
    size = history[number - 2].size
    return abs(history[number].size - size) <= _RESTORED * size


def _added(history: Sequence[Revision], number: int) -> int:
    """Return by how many bytes an edit made the page longer."""
    revision = history[number]
    if not _WRITTEN_BY_PROGRAM.isdisjoint(revision.tags):
        return 0
    if number:
        return max(0, revision.size - history[number - 1].size)
    # What was there before is not known where the first revision follows one that is not kept.
    return revision.size if _is_first(revision) else 0
