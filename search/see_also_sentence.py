"""The sentence of a page that says best why it belongs to another: it stands in the nearest passage."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from search.answer_sentences import LONGEST_SENTENCE, Unit, answer_units, shown
from search.chunking import Chunk
from search.embedding import Embedder, Vectors
from search.link_words import PhraseReader

# Embedding a sentence takes some 4 ms: only those with the most words in common are compared.
_MOST_COMPARED = 12
_COMPARED = 3
_FREE_WORDS = 12
# What goes on from the sentence before is shown only where nothing else comes near.
_DEPENDENT = 0.15
_LONG_WORDS = 28
_LONG = 0.05
_FRAGMENT = 0.1
# Less than this and the sentence says nothing of the page.
_LEAST_COSINE = 0.2


@dataclass(frozen=True, slots=True)
class NearPassages:
    """The passage of another page that is nearest to one of this page."""

    theirs: Chunk
    own: Vectors
    """The vector of this page's passage: shape [dimension], length 1."""


@dataclass(frozen=True, slots=True)
class _Sentence:
    number: int
    text: str
    dependent: bool


def choose_sentences(
    passages: Sequence[NearPassages],
    *,
    text: str,
    words: Mapping[str, float],
    reader: PhraseReader,
    embedder: Embedder,
) -> list[str | None]:
    """Return for each pair the sentence that brings the two together, plain text in one line; None for none.

    Args:
        passages: one pair for each page that is suggested.
        text: of this page, in one line; what it says in the same words says nothing of another one.
        words: of this page, by how much they say (`AnchorTable.weighted`).
        reader: reads words as those were read.
        embedder: compares sentences with this page's passages.
    """
    lines = [_lines(pair.theirs) for pair in passages]
    counts = Counter(line for each in lines for line in each)
    most = min(_COMPARED, max(1, _MOST_COMPARED // max(1, len(passages))))
    sentences = [
        sentence
        for number, each in enumerate(lines)
        # What several pages say in the same words ("This page is a draft.") joins no two of them.
        for sentence in _by_words(
            [
                _Sentence(number, line, is_dependent)
                for line, is_dependent in each.items()
                if counts[line] == 1 and line not in text
            ],
            words,
            reader,
        )[:most]
    ]
    best: list[str | None] = [None] * len(passages)
    if not sentences:
        return best
    merits = [-math.inf] * len(passages)
    vectors = embedder.embed_passages([sentence.text for sentence in sentences])
    for sentence, vector in zip(sentences, vectors, strict=True):
        cosine = float(np.dot(vector, passages[sentence.number].own))
        merit = cosine - _faults(sentence)
        if cosine >= _LEAST_COSINE and merit > merits[sentence.number]:
            merits[sentence.number], best[sentence.number] = merit, sentence.text
    return best


def _by_words(
    sentences: Sequence[_Sentence], words: Mapping[str, float], reader: PhraseReader
) -> list[_Sentence]:
    """Return the sentences of a passage, those first that have most words of the page."""

    def shared(sentence: _Sentence) -> float:
        stems = [token.stem for token in reader.tokens(sentence.text)]
        weight = math.fsum(words.get(stem, 0.0) for stem in set(stems))
        return weight / math.sqrt(max(len(stems), _FREE_WORDS)) - _faults(sentence)

    # Of equal ones the first, which is nearest to what the passage is about.
    return sorted(sentences, key=shared, reverse=True)


def _faults(sentence: _Sentence) -> float:
    """Return what a sentence loses for not standing well alone."""
    words = len(sentence.text.split())
    lost = _DEPENDENT if sentence.dependent else 0.0
    lost += _LONG if words > _LONG_WORDS else 0.0
    # An item of a list is no sentence.
    return lost + (0.0 if sentence.text.endswith((".", "!", "?", "…")) else _FRAGMENT)


def _lines(chunk: Chunk) -> dict[str, bool]:
    """Return the whole sentences of a passage, a line each, and whether each goes on from one before it."""
    return {
        shown(text, unit): unit.dependent
        for text, unit in _units(chunk)
        if unit.end - unit.start <= LONGEST_SENTENCE  # others would be cut
    }


def _units(chunk: Chunk) -> list[tuple[str, Unit]]:
    """Return the sentences of a passage and the texts they stand in, without headings and labels."""
    found = []
    for part in chunk.parts:
        spans = [] if part.labels else chunk.sentences(part)
        if spans:
            text = chunk.text[spans[0][0] : spans[-1][1]]
            found += [(text, unit) for unit in answer_units(text)]
    return found
