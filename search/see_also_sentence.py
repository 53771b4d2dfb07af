"""The sentence of a page that says best why it belongs to another: it stands in the nearest passage."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from search.answer_sentences import LONGEST_SENTENCE, Unit, answer_units, shown
from search.chunking import Chunk
from search.embedding import Embedder, Vectors
from search.link_words import PhraseReader

# Embedding a sentence takes some 4 ms: of a passage only those with the most words in common are compared.
_COMPARED = 3
_FREE_WORDS = 12
# What goes on from the sentence before is shown only where nothing else comes near.
_DEPENDENT = 0.15
_LONG_WORDS = 28
_LONG = 0.05
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
    words: Mapping[str, float],
    reader: PhraseReader,
    embedder: Embedder,
) -> list[str | None]:
    """Return for each pair the sentence that brings the two together, plain text in one line; None for none.

    Args:
        passages: one pair for each page that is suggested.
        words: of this page, by how much they say (`AnchorTable.weighted`).
        reader: reads words as those were read.
        embedder: compares sentences with this page's passages.
    """
    sentences = [
        sentence
        for number, pair in enumerate(passages)
        for sentence in _most_shared(number, pair.theirs, words, reader)
    ]
    best: list[str | None] = [None] * len(passages)
    if not sentences:
        return best
    merits = [-math.inf] * len(passages)
    vectors = embedder.embed_passages([sentence.text for sentence in sentences])
    for sentence, vector in zip(sentences, vectors, strict=True):
        cosine = float(np.dot(vector, passages[sentence.number].own))
        merit = cosine - (_DEPENDENT if sentence.dependent else 0.0)
        merit -= _LONG if len(sentence.text.split()) > _LONG_WORDS else 0.0
        if cosine >= _LEAST_COSINE and merit > merits[sentence.number]:
            merits[sentence.number], best[sentence.number] = merit, sentence.text
    return best


def _most_shared(
    number: int, chunk: Chunk, words: Mapping[str, float], reader: PhraseReader
) -> list[_Sentence]:
    """Return the whole sentences of a passage that have most words of the page, each line once."""
    found: dict[str, tuple[float, _Sentence]] = {}
    for text, unit in _units(chunk):
        if unit.end - unit.start > LONGEST_SENTENCE:
            continue  # it would be cut
        line = shown(text, unit)
        stems = [token.stem for token in reader.tokens(line)]
        shared = math.fsum(words.get(stem, 0.0) for stem in set(stems))
        merit = shared / math.sqrt(max(len(stems), _FREE_WORDS)) - (_DEPENDENT if unit.dependent else 0.0)
        found.setdefault(line, (merit, _Sentence(number, line, unit.dependent)))
    # Of equal ones the first, which is nearest to what the passage is about.
    ordered = sorted(found.values(), key=lambda each: -each[0])
    return [sentence for _, sentence in ordered[:_COMPARED]]


def _units(chunk: Chunk) -> list[tuple[str, Unit]]:
    """Return the sentences of a passage and the texts they stand in, without headings and labels."""
    found = []
    for part in chunk.parts:
        spans = [] if part.labels else chunk.sentences(part)
        if spans:
            text = chunk.text[spans[0][0] : spans[-1][1]]
            found += [(text, unit) for unit in answer_units(text)]
    return found
