"""Vectors without torch: an export of the embedding model, run by onnxruntime and tokenizers alone.

Loading torch and sentence-transformers takes seconds and half a gigabyte; what a question needs of them is
in the export, a folder that `search.encoder_export` makes once.
"""

import hashlib
import json
import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

    from search.embedding import Vectors

FORMAT = 1
"""Of the folder: an export of another one is made again."""
CARD_FILE = "encoder.json"
MODEL_FILE = "model.onnx"
# Beside the graph and not in it: onnxruntime maps it, which saves 58 MB of the 90, and a process shares it.
WEIGHTS_FILE = "model.weights"
TOKENIZER_FILE = "tokenizer.json"
_FILES = (MODEL_FILE, WEIGHTS_FILE, TOKENIZER_FILE)
# Inputs that can be computed from tokens alone.
KNOWN_INPUTS = frozenset({"input_ids", "attention_mask", "token_type_ids"})
# More in one run is no faster, and onnxruntime keeps the room that it needed.
_TOKENS_AT_ONCE = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderCard:
    """What an export is of, and how it is run."""

    model_id: str
    """Whose vectors it gives (`Embedder.model_id`)."""
    dimension: int
    max_tokens: int
    """Longer texts are cut."""
    inputs: tuple[str, ...]
    """Of the graph: some of `KNOWN_INPUTS`."""
    pad_id: int
    pad_type_id: int
    threads: int
    """With so many one question is answered fastest on the machine that made the export."""
    made_with: str
    """See `engines`."""
    checksums: tuple[tuple[str, str], ...]
    """Of each file, by name: SHA-256."""

    def to_json(self) -> str:
        """Return it as `from_json` reads it."""
        return json.dumps({"format": FORMAT, **asdict(self)}, ensure_ascii=False, indent=1)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read a card.

        Raises:
            ValueError: it is none, or of another format.
        """
        try:
            values: dict[str, Any] = json.loads(text)
            if values.pop("format") != FORMAT:
                raise ValueError("another format")
            inputs = tuple(str(name) for name in values.pop("inputs"))
            checksums = tuple((str(name), str(digest)) for name, digest in values.pop("checksums"))
            card = cls(inputs=inputs, checksums=checksums, **values)
        except (KeyError, TypeError, AttributeError) as e:
            raise ValueError(f"no card of an encoder: {e}") from e
        numbers = (card.dimension, card.max_tokens, card.pad_id, card.pad_type_id, card.threads)
        if not all(type(number) is int for number in numbers) or not KNOWN_INPUTS.issuperset(inputs):
            raise ValueError("no card of an encoder: wrong values")
        return card


class QuestionEncoder:
    """Runs an export. Safe to share between threads, which do not wait for each other."""

    def __init__(self, card: EncoderCard, session: "InferenceSession", tokenizer: "Tokenizer") -> None:
        """Take a session and a tokenizer whose settings nobody changes any more; see `open_encoder`."""
        self.card = card
        self._session = session
        self._tokenizer = tokenizer
        self._at_once = max(1, len(os.sched_getaffinity(0)) // card.threads)

    def token_ids(self, text: str) -> list[int]:
        """Return what the model reads of a text."""
        return list(self._tokenizer.encode(text).ids)

    def encode_one(self, text: str) -> "Vectors":
        """Return the vector of a text: shape [dimension], float32, length 1."""
        row: Vectors = self._run([self.token_ids(text)], keep_memory=True)[0]
        return row

    def encode(self, texts: Sequence[str]) -> "Vectors":
        """Return one row per text: shape [n, dimension], float32, length 1. All cores work on them."""
        ids = [self.token_ids(text) for text in texts]
        rows = np.zeros((len(texts), self.card.dimension), dtype=np.float32)
        batches = batches_by_length([len(each) for each in ids], tokens=_TOKENS_AT_ONCE)

        def run(batch: list[int]) -> None:
            rows[batch] = self._run([ids[i] for i in batch], keep_memory=False)

        if self._at_once == 1 or len(batches) == 1:
            for batch in batches:
                run(batch)
        else:
            # A run of one thread on each core passes over more text than one run on all cores.
            with ThreadPoolExecutor(self._at_once) as pool:
                list(pool.map(run, batches))
        return rows

    def _run(self, ids: list[list[int]], *, keep_memory: bool) -> "Vectors":
        from onnxruntime import RunOptions

        shape = (len(ids), max(map(len, ids)))
        tokens = np.full(shape, self.card.pad_id, dtype=np.int64)
        mask = np.zeros(shape, dtype=np.int64)
        types = np.full(shape, self.card.pad_type_id, dtype=np.int64)
        for row, each in enumerate(ids):
            tokens[row, : len(each)] = each
            mask[row, : len(each)] = 1
            types[row, : len(each)] = 0  # one text, not a pair
        given = {"input_ids": tokens, "attention_mask": mask, "token_type_ids": types}
        options = RunOptions()
        if not keep_memory:
            options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
        found = self._session.run(None, {name: given[name] for name in self.card.inputs}, options)[0]
        rows: Vectors = np.asarray(found, dtype=np.float32)
        return rows


class EncoderShelf:
    """Where the export of a model is kept, and the opened encoder. Safe to share between threads."""

    def __init__(self, folder: Path, model_id: str) -> None:
        """Take the folder of all exports, and whose is wanted; nothing is read yet."""
        self.place = folder / f"encoder-{hashlib.sha256(model_id.encode()).hexdigest()[:16]}"
        self._model_id = model_id
        self._lock = threading.Lock()
        self._encoder: QuestionEncoder | None = None
        self._broken: tuple[int, int] | None = None

    def encoder(self) -> QuestionEncoder | None:
        """Return the encoder, opened once, or None where there is no export, or none that can be used."""
        if self._encoder is not None:
            return self._encoder
        card = self.place / CARD_FILE
        with self._lock:
            if self._encoder is None:
                try:
                    status = card.stat()
                except OSError:
                    return None
                seen = (status.st_mtime_ns, status.st_ino)
                # Its checksums are not computed again for each question: nothing has changed since.
                if seen != self._broken:
                    self._encoder = open_encoder(self.place, model_id=self._model_id)
                    self._broken = None if self._encoder else seen
            return self._encoder


def open_encoder(folder: Path, *, model_id: str) -> QuestionEncoder | None:
    """Open an export; None when it is damaged, of another model, or made by other versions."""
    from onnxruntime import GraphOptimizationLevel, InferenceSession, SessionOptions
    from tokenizers import Tokenizer

    try:
        card = EncoderCard.from_json((folder / CARD_FILE).read_text(encoding="utf-8"))
        if (card.model_id, card.made_with) != (model_id, engines()):
            return None
        if dict(card.checksums) != checksums_of(folder):
            return None
    except (OSError, ValueError):
        return None
    # What follows is byte for byte what these very engines have opened before.
    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
    tokenizer.no_padding()
    tokenizer.enable_truncation(card.max_tokens)
    options = SessionOptions()
    options.intra_op_num_threads = max(1, min(card.threads, len(os.sched_getaffinity(0))))
    options.inter_op_num_threads = 1
    # Waiting threads would spin, and take the cores from whoever else asks.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.graph_optimization_level = GraphOptimizationLevel.ORT_ENABLE_ALL
    options.log_severity_level = 4
    session = InferenceSession(
        str(folder / MODEL_FILE), sess_options=options, providers=["CPUExecutionProvider"]
    )
    return QuestionEncoder(card, session, tokenizer)


def engines() -> str:
    """Return what runs an export, with its version: another one may read it differently, or not at all."""
    return ", ".join(f"{name} {version(name)}" for name in ("onnxruntime", "tokenizers"))


def checksums_of(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file of an export, by name.

    Raises:
        OSError: one is not there.
    """
    sums = {}
    for name in _FILES:
        with (folder / name).open("rb") as file:
            sums[name] = hashlib.file_digest(file, "sha256").hexdigest()
    return sums


def batches_by_length(lengths: Sequence[int], *, tokens: int, most: int | None = None) -> list[list[int]]:
    """Return the positions of texts in batches, longest first, so that a batch holds little padding.

    Args:
        lengths: of each text, in tokens.
        tokens: how many a batch has at the most, padding included; a longer text is a batch of its own.
        most: how many texts a batch has at the most.
    """
    order = sorted(range(len(lengths)), key=lambda i: lengths[i], reverse=True)
    batches: list[list[int]] = []
    start = 0
    while start < len(order):
        size = max(1, tokens // max(1, lengths[order[start]]))
        batches.append(order[start : start + min(size, most or size)])
        start += len(batches[-1])
    return batches
