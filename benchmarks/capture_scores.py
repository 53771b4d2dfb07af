"""How what was found in notes is held against what is known of them."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from benchmarks.capture_sets import GoldAction
from capture.draft import ActionItem
from capture.extraction import Extraction
from capture.notes import Notes

Found = TypeVar("Found")
Known = TypeVar("Known")

SAME_TEXT = 0.6
"""Token F1 from which two texts say the same."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What was found, what there is, and how much of both is the same; they add up over notes."""

    found: int = 0
    known: int = 0
    right: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        """Return both together."""
        return Counts(self.found + other.found, self.known + other.known, self.right + other.right)

    @property
    def precision(self) -> float:
        """Share of what was found that is right; 1 where nothing was found."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Share of what there is that was found; 1 where there is nothing."""
        return self.right / self.known if self.known else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of both; 1 where there is nothing and nothing was found."""
        total = self.found + self.known
        return 2 * self.right / total if total else 1.0


def words_of(text: str) -> list[str]:
    """Return the words of a text, without case, accents and the underscores of nicks."""
    bare = unicodedata.normalize("NFD", unicodedata.normalize("NFC", text).casefold())
    bare = "".join(char for char in bare if not unicodedata.combining(char))
    return re.findall(r"[^\W_]+", bare.replace("œ", "oe"))


def token_f1(one: str, other: str) -> float:
    """Return the F1 of the words of two texts, as bags."""
    first, second = Counter(words_of(one)), Counter(words_of(other))
    same = (first & second).total()
    return 2 * same / (first.total() + second.total()) if same else 0.0


def matched(scores: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """Return the one-to-one pairs with the largest sum of scores; pairs of score 0 are none."""
    if not scores or not scores[0]:
        return []
    from scipy.optimize import linear_sum_assignment  # type: ignore[import-untyped]

    table = np.array(scores)
    pairs = zip(*linear_sum_assignment(-table), strict=True)
    return [(int(row), int(column)) for row, column in pairs if table[row, column] > 0]


def count_texts(found: Sequence[str], known: Sequence[str]) -> Counts:
    """Count the texts that say the same."""
    return Counts(len(found), len(known), len(matched(_scores(found, known, _same_text))))


def count_actions(found: Sequence[ActionItem], known: Sequence[GoldAction]) -> tuple[Counts, Counts]:
    """Count the actions that say the same, and among them the owners that are the same person's names.

    What the notes tell as done is not offered as something to do: where no label says the same, it is not
    counted as found.
    """
    pairs = matched(_scores(found, known, _same_action))
    offered = sum(not item.done or row in {place for place, _ in pairs} for row, item in enumerate(found))
    owned = [(found[row].owner, known[column].owner) for row, column in pairs if known[column].owner]
    owners = sum(_same_owner(ours, theirs) for ours, theirs in owned)
    return Counts(offered, len(known), len(pairs)), Counts(len(owned), len(owned), owners)


def count_people(found: Sequence[str], known: Sequence[str], nicks: Mapping[str, str]) -> Counts:
    """Count the people that are the same, one to one."""

    def same(ours: str, theirs: str) -> float:
        name = nicks.get(ours.casefold().replace(" ", "_").rstrip("_"), ours)
        return max(same_person(name, theirs), same_person(ours, theirs))

    return Counts(len(found), len(known), len(matched(_scores(found, known, same))))


def same_person(one: str, other: str) -> float:
    """Say how surely two names are one person's: 1 the same words, less for a part of a name or a nick.

    "Danny" may be "Danny Ryan"; "gkellogg" and "greggk" may be "Gregg Kellogg".
    """
    first, second = words_of(one), words_of(other)
    if not first or not second:
        return 0.0
    if set(first) == set(second):
        return 1.0
    if set(first) <= set(second) or set(second) <= set(first):
        return 0.8
    for nick, name in ((first, second), (second, first)):
        bare = re.sub(r"\d+$", "", "".join(nick))
        if len(nick) == 1 and len(name) > 1 and len(bare) >= 3 and bare in _nicks_of(name):
            return 0.7
    return 0.0


def _nicks_of(name: Sequence[str]) -> set[str]:
    first, last = name[0], name[-1]
    return {first, last, first[0] + last, first + last, first + last[0], last + first[0], last + first}


def _same_owner(ours: str | None, theirs: str | None) -> bool:
    if not ours or not theirs:
        return False
    mine, others = (re.split(r",| et | and |&|/", people) for people in (ours, theirs))
    return len(mine) == len(others) and all(
        any(same_person(one, other) for other in others if other.strip()) for one in mine if one.strip()
    )


def _scores(
    found: Sequence[Found], known: Sequence[Known], score: Callable[[Found, Known], float]
) -> list[list[float]]:
    return [[score(ours, theirs) for theirs in known] for ours in found]


def _same_text(ours: str, theirs: str) -> float:
    score = token_f1(ours, theirs)
    return score if score >= SAME_TEXT else 0.0


def _same_action(ours: ActionItem, theirs: GoldAction) -> float:
    # The owner stands within the text of some labels, and beside it in others.
    mine = (ours.text, f"{ours.owner} {ours.text}") if ours.owner else (ours.text,)
    others = (theirs.text, f"{theirs.owner} {theirs.text}") if theirs.owner else (theirs.text,)
    return max(_same_text(one, other) for one in mine for other in others)


def reachable(known: Sequence[str], text: str) -> int:
    """Count the labels of which some line, or sentence of a line, says the same: more no quoting can find."""
    pieces = [
        re.sub(r"^[\s\d:.\[\]-]*<[^<>]*>", "", piece)
        for line in text.splitlines()
        for piece in {line, *re.split(r"(?<=[.!?;])\s+", line)}
        if piece.strip()
    ]
    return sum(any(token_f1(piece, label) >= SAME_TEXT for piece in pieces) for label in known)


def count_support(notes: Notes, extraction: Extraction) -> Counts:
    """Count the statements whose every word, number and name stands in the lines that they name."""
    summary = extraction.summary
    said = [(item.text, item.lines) for item in summary.actions]
    said += [(item.text, item.lines) for item in summary.decisions]
    said += [(item.text, item.lines) for item in summary.questions]
    for practice in extraction.practices:
        said += [(one.text, one.lines) for statements in practice.fields.values() for one in statements]
    right = 0
    for text, lines in said:
        there = set(words_of(" ".join(notes.lines[number - 1].text for number in lines)))
        right += bool(lines) and set(words_of(text)) <= there
    return Counts(len(said), len(said), right)
