"""Reads question and passage together: slower than vectors, and better at telling near misses from answers.

A cross-encoder is optional (`search.reranker`); nothing of it is loaded before the first question.
"""

import math
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from connector.errors import SearchError

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

# Of question and passage together. Models read 512; passages are of at most 200 words.
_MOST_TOKENS = 512
_AT_ONCE = 16


class Reranker(Protocol):
    """Says how well passages answer a question. Safe to share between threads."""

    def rerank(self, question: str, passages: Sequence[str]) -> list[float]:
        """Return a score (0..1, higher is better) for each passage, in their order.

        Raises:
            SearchError: the model cannot be loaded, or is none that scores.
        """
        ...


class CrossEncoderReranker:
    """A `Reranker` on any CrossEncoder of sentence-transformers with one score, loaded on first use.

    Source: https://sbert.net/docs/cross_encoder/usage/usage.html
    """

    def __init__(self, model: str) -> None:
        """Take the model's name or folder; nothing is loaded yet."""
        self._name = model
        self._model: CrossEncoder | None = None
        self._lock = threading.Lock()

    def rerank(self, question: str, passages: Sequence[str]) -> list[float]:
        """See `Reranker`. Scores without bounds are brought to 0..1 by a sigmoid."""
        if not passages:
            return []
        with self._lock:
            model = self._loaded()
            found = model.predict(
                [(question, passage) for passage in passages],
                batch_size=_AT_ONCE,
                show_progress_bar=False,
                convert_to_numpy=True,
            )
        scores = [float(score) for score in found]
        if not all(math.isfinite(score) for score in scores):
            raise SearchError(f"the reranking model “{self._name}” gives scores that are no numbers")
        return [min(1.0, max(0.0, score)) for score in scores]

    def _loaded(self) -> "CrossEncoder":
        if self._model is None:
            self._model = self._load()
        return self._model

    def _load(self) -> "CrossEncoder":
        import torch
        from sentence_transformers import CrossEncoder
        from transformers.utils import logging as transformers_logging

        transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            model: CrossEncoder = CrossEncoder(self._name, device="cpu")
        except (OSError, ValueError, RuntimeError, ImportError) as e:
            reason = " ".join(str(e).split())[:200]
            raise SearchError(f"the reranking model “{self._name}” cannot be loaded: {reason}") from e
        if model.num_labels != 1:
            raise SearchError(
                f"the reranking model “{self._name}” has {model.num_labels} labels; one that scores has 1"
            )
        model.max_seq_length = min(_MOST_TOKENS, model.max_seq_length or _MOST_TOKENS)
        if isinstance(model.activation_fn, torch.nn.Identity):
            model.activation_fn = torch.nn.Sigmoid()  # its scores are logits: in order, but without bounds
        return model
