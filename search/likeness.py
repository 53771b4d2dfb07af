"""How much pages say of what another text says: by meaning, passage for passage, and by words."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from search.chunking import without_keys
from search.embedding import Vectors
from search.indexer import Index
from search.words import fold, is_stop_word

# Words of one origin begin alike in French and English ("consentement", "consent"); they count by half.
_COGNATE_LETTERS = 5
_COGNATE = 0.5
_SHOWN_WORDS = 5
_SHORTEST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """What a page has of a text."""

    meaning: float
    """Mean, over the text's parts, of the cosine to the nearest passage of the page (-1..1)."""
    words: float
    """Which part of the text's words the page has, weighted by how rare they are in the wiki (0..1)."""
    shared: tuple[str, ...]
    """The rarest of the words that both have, as the text writes them."""


def compare(index: Index, parts: Sequence[str], *, pageids: Sequence[int]) -> dict[int, Likeness]:
    """Return how like a text pages are; those that are not in the index are left out.

    Args:
        index: the index, whose vectors are used; only the parts are embedded.
        parts: the text, in pieces no longer than a passage.
        pageids: which pages.

    Raises:
        SearchError: there is no index, or it cannot be used.
    """
    if not parts:
        return {}
    with index.answering() as embedder:
        own = embedder.embed_passages(list(parts))
        weights = _weights(index, parts)
        found = {}
        for pageid in pageids:
            ids = sorted(without_keys(index.keywords.chunk_ids([pageid])))
            vectors = index.vectors.get(embedder.model_id, ids)
            if vectors:
                texts = [stored.chunk.embedded for stored in index.keywords.chunks(ids).values()]
                found[pageid] = _likeness(index, own, np.stack(list(vectors.values())), weights, texts)
    return found


def _likeness(
    index: Index, own: Vectors, theirs: Vectors, weights: Mapping[str, float], texts: Sequence[str]
) -> Likeness:
    forms = {word.form for text in texts for word in index.analyzer.words(text)}
    stems = {stem for form in forms for stem in index.analyzer.stems_of(form)}
    starts = {_start(form) for form in forms if len(form) >= _COGNATE_LETTERS}
    total = have = 0.0
    shared = []
    for form, weight in weights.items():
        total += weight
        if index.analyzer.stems_of(form) & stems:
            have += weight
            shared.append(form)
        elif len(form) >= _COGNATE_LETTERS and _start(form) in starts:
            have += _COGNATE * weight
    shared.sort(key=lambda form: (-weights[form], form))
    return Likeness(
        meaning=float(np.max(own @ theirs.T, axis=1).mean()),
        words=have / total if total else 0.0,
        shared=tuple(shared[:_SHOWN_WORDS]),
    )


def _weights(index: Index, parts: Sequence[str]) -> dict[str, float]:
    """Return the words of a text and how much each counts: as its rarest stem is rare."""
    forms = {
        word.form
        for part in parts
        for word in index.analyzer.words(part)
        if len(word.form) >= _SHORTEST
        and not word.form.isdigit()
        and not is_stop_word(word.form, "fr")
        and not is_stop_word(word.form, "en")
    }
    stems = {form: index.analyzer.stems_of(form) for form in forms}
    frequencies = index.keywords.frequencies(sorted({stem for group in stems.values() for stem in group}))
    passages = max(index.keywords.counts()[1], 1)
    return {
        form: math.log1p(passages / (0.5 + max((frequencies.get(stem, 0) for stem in group), default=0)))
        for form, group in stems.items()
    }


def _start(form: str) -> str:
    return fold(form)[:_COGNATE_LETTERS]
