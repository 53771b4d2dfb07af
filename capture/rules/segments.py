"""Topics of notes that have no headings: where the talk turns to something else.

TextTiling (Hearst 1997, https://aclanthology.org/J97-1003.pdf): two windows of the notes, one above and one
below, are compared at each gap between paragraphs, and a topic ends where they are least alike. Alike is by
meaning where there is an embedder (Solbiati et al. 2021, https://arxiv.org/abs/2106.12978), else by words.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from capture.blocks import Block
from capture.lines import LineKind, folded, word_set
from capture.vocabulary import PEOPLE_ROLES, Role, label_role
from search.embedding import Embedder

_WINDOW = 10
"""Paragraphs on each side of a gap."""
_LEAST_BLOCKS = 2 * _WINDOW
"""Shorter notes are of one topic, or their lines are."""
_LEAST_SEGMENT = 8
_DEPTH = 1.5
"""Standard deviations above the mean from which a valley parts two topics; fewer part more than people do."""
_TITLE_WORDS = 3
_MOST = 200
"""Paragraphs compared; longer notes without any heading are a record of speech, and are read by windows "
"of more."""
_STOP = word_set(
    """
    le la les un une des du de et ou que qui pas pour par sur dans avec est sont ete cette ces plus tout
    tous faire fait comme mais donc aussi bien etre avoir nous vous ils elles leur leurs ont the and for
    that this with are was were have has not but you they we our from will would can could there about
    just like then what when where which who some more also been their them than very really think know
    yeah okay right going one two get got should really because
    """
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A part of the notes that is about one matter."""

    title: str
    """The words that set it apart from the others, as the notes write them."""
    lines: tuple[int, int]
    """First and last."""


def segments(blocks: Sequence[Block], embedder: Embedder | None = None) -> list[Segment]:
    """Return the topics of notes without headings, in order; none for short notes.

    Args:
        blocks: The notes.
        embedder: Tells how near two paragraphs are in meaning; None compares their words.

    Raises:
        SearchError: The embedder's model cannot be loaded.
    """
    told = [
        block
        for block in blocks
        if block.kind in (LineKind.TEXT, LineKind.ITEM)
        and block.role not in (*PEOPLE_ROLES, Role.DATE, Role.META)
        and label_role(block.text) not in (*PEOPLE_ROLES, Role.DATE, Role.META)
        and len(_words(block.text)) >= 3
    ]
    if len(told) < _LEAST_BLOCKS:
        return []
    step = math.ceil(len(told) / _MOST)
    pieces = [told[start : start + step] for start in range(0, len(told), step)]
    texts = [" ".join(block.text for block in piece) for piece in pieces]
    bags = [Counter(_words(text)) for text in texts]
    scores = _by_meaning(texts, embedder) if embedder is not None else _by_words(bags)
    starts = [0, *_valleys(scores)]
    ends = [*starts[1:], len(pieces)]
    if len(starts) == 1:
        return []
    everywhere = Counter(
        word for start, end in zip(starts, ends, strict=True) for word in set().union(*bags[start:end])
    )
    return [
        Segment(
            title=_title(texts[start:end], sum(bags[start:end], Counter()), everywhere, len(starts)),
            lines=(pieces[start][0].lines[0], pieces[end - 1][-1].lines[-1]),
        )
        for start, end in zip(starts, ends, strict=True)
    ]


def _words(text: str) -> list[str]:
    return [word for word in re.findall(r"[^\W\d_]{3,}", folded(text)) if word not in _STOP]


def _by_words(bags: Sequence[Counter[str]]) -> list[float]:
    """How alike the windows above and below each gap are: cosine of counts, rare words for more."""
    pieces_with = Counter(word for bag in bags for word in bag)
    weights = {word: math.log(1 + len(bags) / count) for word, count in pieces_with.items()}

    def window(start: int, end: int) -> dict[str, float]:
        total: Counter[str] = sum(bags[max(0, start) : end], Counter())
        return {word: count * weights[word] for word, count in total.items()}

    scores = []
    for gap in range(1, len(bags)):
        above, below = window(gap - _WINDOW, gap), window(gap, gap + _WINDOW)
        norm = math.hypot(*above.values()) * math.hypot(*below.values())
        scores.append(
            sum(value * below.get(word, 0.0) for word, value in above.items()) / norm if norm else 0.0
        )
    return scores


def _by_meaning(texts: Sequence[str], embedder: Embedder) -> list[float]:
    """How alike the windows above and below each gap are: cosine of the sums of their paragraphs' vectors."""
    import numpy as np

    vectors = embedder.embed_passages([text[:500] for text in texts])
    sums = np.concatenate([np.zeros((1, vectors.shape[1]), np.float32), np.cumsum(vectors, axis=0)])
    scores = []
    for gap in range(1, len(texts)):
        above = sums[gap] - sums[max(0, gap - _WINDOW)]
        below = sums[min(len(texts), gap + _WINDOW)] - sums[gap]
        norm = float(np.linalg.norm(above) * np.linalg.norm(below))
        scores.append(float(above @ below) / norm if norm else 0.0)
    return scores


def _valleys(scores: Sequence[float]) -> list[int]:
    """Places before which a topic begins: where both sides rise high enough (Hearst's depth score)."""
    depths = []
    for place, score in enumerate(scores):
        left = right = score
        for before in reversed(scores[:place]):
            if before < left:
                break
            left = before
        for after in scores[place + 1 :]:
            if after < right:
                break
            right = after
        depths.append(left + right - 2 * score)
    if not depths:
        return []
    mean = sum(depths) / len(depths)
    spread = math.sqrt(sum((depth - mean) ** 2 for depth in depths) / len(depths))
    found: list[int] = []
    for place in sorted(range(len(depths)), key=lambda place: -depths[place]):
        if depths[place] <= mean + _DEPTH * spread or depths[place] <= 0:
            break
        start = place + 1
        bounds = [0, len(scores) + 1, *found]
        if all(abs(start - other) >= _LEAST_SEGMENT for other in bounds):
            found.append(start)
    return sorted(found)


def _title(texts: Sequence[str], bag: Counter[str], everywhere: Counter[str], number: int) -> str:
    """Return the words that are most a segment's own, in the order in which it first says them."""
    scored = sorted(
        bag, key=lambda word: (-bag[word] * math.log(1 + number / everywhere[word]), -len(word), word)
    )
    chosen = set(scored[:_TITLE_WORDS])
    said: dict[str, str] = {}
    for word in re.findall(r"[^\W\d_]{3,}", " ".join(texts)):
        if folded(word) in chosen:
            said.setdefault(folded(word), word)
    return ", ".join(said.values())
