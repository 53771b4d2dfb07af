"""Vectors from a server that speaks OpenAI's embeddings: TEI, Ollama, vLLM, llama.cpp.

Source: https://platform.openai.com/docs/api-reference/embeddings/create
"""

import hashlib
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from connector.errors import ConfigError
from connector.progress import Progress
from search.model_prefixes import prefixes
from search.model_server import ModelServer
from search.settings import EmbeddingSettings

if TYPE_CHECKING:
    from search.embedding import Vectors

# How much of a text is sent: servers cut what their model cannot read, or refuse it. No language that the
# bundled chunks are made of has more than six characters in a token.
_CHARACTERS_PER_TOKEN = 6
# TEI refuses more in one request unless it is told otherwise.
_MOST_TEXTS = 32


class EndpointEmbedder:
    """An `Embedder` behind `POST .../v1/embeddings`. Texts go to that address and nowhere else."""

    def __init__(
        self,
        settings: EmbeddingSettings,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Read the settings; nothing is sent yet.

        Raises:
            ConfigError: there is no address, or it cannot be used.
        """
        if not settings.url:
            raise ConfigError("search.embedding_url is empty")
        self._settings = settings
        self._server = ModelServer(
            settings.url,
            path="/embeddings",
            what="the embedding server",
            setting="search.embedding_url",
            api_key=settings.api_key,
            connect_seconds=settings.connect_seconds,
            answer_seconds=settings.answer_seconds,
            sleep=sleep,
            clock=clock,
        )
        self._query_prefix, self._passage_prefix = prefixes(settings)
        self._longest = settings.max_tokens * _CHARACTERS_PER_TOKEN
        self._dimension: int | None = None
        self._lock = threading.Lock()

    @property
    def model_id(self) -> str:
        """Model, address and all settings that change a vector; the key does not. Asks nobody."""
        shape = (
            self._server.url,
            self._settings.model,
            self._query_prefix,
            self._passage_prefix,
            str(self._longest),
        )
        digest = hashlib.sha256("\x1f".join(shape).encode()).hexdigest()
        return f"{self._settings.model}@{digest[:12]}"

    @property
    def dimension(self) -> int:
        """Length of a vector. Asks the server, once."""
        if self._dimension is None:
            self._ask(["dimension"], patience_seconds=self._settings.question_seconds)
        assert self._dimension is not None  # noqa: S101 - an answer says it
        return self._dimension

    def embed_passages(self, texts: Sequence[str], *, progress: Progress | None = None) -> "Vectors":
        """See `Embedder`."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        rows: list[Vectors] = []
        size = min(_MOST_TEXTS, self._settings.batch_size)
        for start in range(0, len(texts), size):
            batch = [self._passage_prefix + text for text in texts[start : start + size]]
            rows.append(self._ask(batch, patience_seconds=self._settings.patience_seconds))
            if progress is not None:
                progress(start + len(batch), len(texts), "embedding")
        return np.concatenate(rows)

    def embed_query(self, text: str) -> "Vectors":
        """See `Embedder`."""
        row: Vectors = self._ask(
            [self._query_prefix + text], patience_seconds=self._settings.question_seconds
        )[0]
        return row

    def prepare(self, *, progress: Progress | None = None) -> None:
        """See `Embedder`: the server has its own ways."""

    def _ask(self, texts: Sequence[str], *, patience_seconds: float) -> "Vectors":
        # Some servers refuse an empty text; the vector of a space says as little.
        asked = [text[: self._longest] or " " for text in texts]
        reply = self._server.ask(
            {"model": self._settings.model, "input": asked}, patience_seconds=patience_seconds
        )
        try:
            rows = _read(reply, count=len(asked))
        except (ValueError, TypeError, LookupError, AttributeError, OverflowError) as e:
            raise self._server.error("answers something else than one vector for each text") from e
        with self._lock:
            if self._dimension is None:
                self._dimension = rows.shape[1]
            if rows.shape[1] != self._dimension:
                raise self._server.error(
                    f"answers vectors of {rows.shape[1]} numbers, after some of {self._dimension}"
                )
        return rows


def _read(reply: object, *, count: int) -> "Vectors":
    """Return the vectors of a reply, in the order of the texts, each of length 1.

    Raises:
        ValueError: they are not what was asked for; so do TypeError, LookupError, AttributeError and, at
            a number too large to be one, OverflowError.
    """
    items = reply["data"]  # type: ignore[index]  # whatever it is
    places = [item.get("index", place) for place, item in enumerate(items)]
    if sorted(places) != list(range(count)) or not all(type(place) is int for place in places):
        raise ValueError("not one vector for each text")
    in_order = sorted(zip(places, items, strict=True), key=lambda pair: pair[0])
    rows = np.array([item["embedding"] for _, item in in_order], dtype=np.float64)
    if rows.ndim != 2 or rows.shape[1] == 0 or not np.isfinite(rows).all():
        raise ValueError("not finite numbers, or not as many in each")
    largest = np.abs(rows).max(axis=1, keepdims=True)
    if not (largest > 0).all():
        raise ValueError("a vector without a direction")
    rows = rows / largest  # the squares of large numbers are infinite, those of small ones nothing
    unit: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit
