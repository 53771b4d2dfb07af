"""People who want to be left out, or were erased: which names in notes are theirs.

What a person said stays in the notes, which are the community's own words; but nothing made from the notes
says that they were there, have something to do, or can be asked.
"""

import re
from collections.abc import Callable, Collection, Iterable

from capture.accounts import match_accounts
from capture.draft import Draft, NotesSummary
from capture.lines import folded
from connector.erased import MASK, Erased

_BETWEEN = " · "
_COMMA = ", "
_AND = re.compile(r"[,;/&+]|\s(?:et|and)\s")


class LeftOut:
    """Knows the names of those who want to be left out.

    Args:
        people: Their names or accounts, as the settings have them.
        also: Gives the names of those who say so themselves; asked each time, for they may change their mind.
        erased: Gives who was erased.
    """

    def __init__(
        self,
        people: Iterable[str] = (),
        *,
        also: Callable[[], Iterable[str]] = tuple,
        erased: Callable[[], Erased] | None = None,
    ) -> None:
        self._settings = tuple(people)
        self._also = also
        self._erased = erased

    def may_have(self, name: str) -> bool:
        """Whether a name has a word of theirs, so that it is worth knowing who else was there."""
        words = {word for person in self._people() for word in _words(person)}
        return self._was_erased(name) or not words.isdisjoint(_words(name))

    def _people(self) -> tuple[str, ...]:
        return tuple(name.replace("_", " ") for name in (*self._settings, *self._also()))

    def _was_erased(self, name: str) -> bool:
        return MASK in name or (self._erased is not None and self._erased().is_name(name))

    def among(self, names: Iterable[str]) -> frozenset[str]:
        """Return which names of one meeting are theirs.

        These are their own name in any order, case and accents, their account, and a part of the name (“Léa”)
        where the notes have it in full and nobody else of that name.
        """
        given = tuple(dict.fromkeys(name for name in names if name.strip()))
        people = self._people()
        nobodies = frozenset(name for name in given if self._was_erased(name))
        if not people or not given:
            return nobodies
        wanted = {tuple(sorted(_words(name))) for name in people}
        theirs = {name for name in given if tuple(sorted(_words(name))) in wanted}
        theirs |= match_accounts(given, people).keys()
        full = [name for name in theirs if len(_words(name)) > 1]
        parts = {word for name in full for word in _words(name)}
        parts -= {
            word for name in given if name not in theirs and len(_words(name)) > 1 for word in _words(name)
        }
        return nobodies | frozenset(
            theirs | {name for name in given if _words(name) and {*_words(name)} <= parts}
        )

    def summary(self, summary: NotesSummary, *, also: Iterable[str] = ()) -> NotesSummary:
        """Return what notes say about a meeting without them; `also` are other names that the notes have."""
        gone = self.among([*names_of(summary), *also])
        if not gone:
            return summary

        def kept(names: Iterable[str]) -> tuple[str, ...]:
            return tuple(name for name in names if name not in gone)

        return summary.model_copy(
            update={
                "present": kept(summary.present),
                "absent": kept(summary.absent),
                "excused": kept(summary.excused),
                "chair": None if summary.chair in gone else summary.chair,
                "scribe": None if summary.scribe in gone else summary.scribe,
                "accounts": {name: its for name, its in summary.accounts.items() if name not in gone},
                "actions": tuple(
                    action.model_copy(update={"owner": owner_without(action.owner, gone)})
                    for action in summary.actions
                ),
            }
        )

    def draft(self, draft: Draft, *, others: Iterable[str] = ()) -> Draft:
        """Return a draft without them among its people; `others` are the names of its meeting."""
        gone = self.among([*draft.people, *others])
        people = tuple(name for name in draft.people if name not in gone)
        if people == draft.people:
            return draft
        similar = tuple(one.model_copy(update={"why": _without(one.why, gone)}) for one in draft.similar)
        return draft.model_copy(update={"people": people, "similar": similar})


def names_of(summary: NotesSummary) -> list[str]:
    """Return all names that notes have for people."""
    named = [*summary.present, *summary.absent, summary.chair, summary.scribe]
    named += [name for action in summary.actions for name in owners(action.owner)]
    return [name for name in named if name]


def owners(owner: str | None) -> list[str]:
    """Return the people whom the owner of an action names: “Léa et Marc” are two."""
    return [name for name in map(str.strip, _AND.split(owner or "")) if name]


def owner_without(owner: str | None, gone: Collection[str]) -> str | None:
    """Return the owner of an action without some people; as it is where none of them is meant."""
    named = owners(owner)
    left = [name for name in named if name not in gone]
    return owner if left == named else _COMMA.join(left) or None


def _without(why: str, gone: frozenset[str]) -> str:
    parts = (
        _COMMA.join(word for word in part.split(_COMMA) if word not in gone) for part in why.split(_BETWEEN)
    )
    return _BETWEEN.join(filter(None, parts))


def _words(name: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[^\W_]+", folded(name)))
