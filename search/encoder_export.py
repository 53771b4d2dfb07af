"""Exports an embedding model for `search.question_encoder`, and keeps it only if the two agree.

torch's own exporter does it: the transformer, its pooling and what follows become one graph from tokens to a
vector of length 1. Source: https://docs.pytorch.org/docs/stable/onnx_torchscript.html
"""

import json
import logging
import os
import shutil
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from search.question_encoder import (
    CARD_FILE,
    FORMAT,
    KNOWN_INPUTS,
    MODEL_FILE,
    TOKENIZER_FILE,
    WEIGHTS_FILE,
    EncoderCard,
    QuestionEncoder,
    checksums_of,
    engines,
    open_encoder,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    import torch
    from sentence_transformers import SentenceTransformer

    from search.embedding import Vectors

log = logging.getLogger(__name__)

LEAST_COSINE = 0.999
"""Of each sample's two vectors, or the export is not kept."""
REFUSAL_FILE = "not-exportable.json"
_OPSET = 17
# A graph is one protobuf message while it is written, and none can be larger than 2 GiB.
_LARGEST_BYTES = 1_800_000_000
# What is computed from tokens and their mask alone, whatever the text is for.
_KNOWN_MODULES = frozenset({"Transformer", "Pooling", "Dense", "LayerNorm", "Normalize"})
_EXAMPLES = ("Où ranger les outils ?", "Who can repair the old coffee machine of the workshop?")
# A question that one thread answers in this time waits for nothing better: the other cores are for others.
_SOON_SECONDS = 0.03
# Beyond, more threads must pay: while they work for one question, they do not work for another.
_WORTH_A_THREAD = 1.4
_RUNS = 9

_SENTENCES = (
    "Chaque nouveau bénévole est accueilli par deux anciens, qui lui montrent l’atelier.",
    "Après la soirée réparation, les outils sont rangés sur le tableau mural ; rien ne manque !",
    "Ask each visitor for a free donation at the door, and publish the monthly accounts.",
    "The sewing machine (model E-4012) needs oil every 3 months; see the sheet on the wall.",
    "L’assemblée générale a voté le budget 2026 : 12 450 € pour le loyer, 38 % de plus qu’en 2025.",
    "Before a meeting we agree on its goal, and afterwards someone writes down what was decided.",
)
SAMPLES = (
    "",
    "vélo",
    "donation",
    "Où trouve-t-on un fer à souder ?",
    "How do we welcome new members who speak no French?",
    *_SENTENCES,
    " ".join(_SENTENCES[:2]),
    " ".join(_SENTENCES[1:5]),
    " ".join(_SENTENCES),
    " ".join(_SENTENCES[::2] * 2),
    " ".join(_SENTENCES[1::2] * 4),
    "日本語 — ελληνικά — 🙂 C++ node.js",
    " ".join(_SENTENCES * 12),  # longer than any model here reads
)


class NotExportableError(Exception):
    """This model cannot be exported, or its export does not say the same; it is used as it is."""


def is_refused(place: Path, *, model_id: str) -> bool:
    """Whether an export of this model was tried with these versions already, in vain."""
    try:
        refusal = json.loads((place / REFUSAL_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(refusal, dict) and refusal.get("for") == _attempt(model_id)


def export_encoder(
    model: "SentenceTransformer",
    *,
    place: Path,
    model_id: str,
    encode: Callable[[Sequence[str]], "Vectors"],
) -> bool:
    """Export a model to the folder `place`; exports beside it, of other models, are removed.

    Where that is not possible, a note in `place` says so, for `is_refused`. A crash leaves nothing that would
    be taken for an export.

    Args:
        model: in float32, on the CPU, already told how many tokens to read.
        place: the folder, `EncoderShelf.place`; what is there is replaced.
        model_id: `Embedder.model_id`.
        encode: the model's own vectors of texts, to compare with: rows of length 1.

    Returns:
        Whether there is an export now.

    Raises:
        OSError: it cannot be written.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    for other in place.parent.glob("encoder-*"):
        if other != place:
            shutil.rmtree(other, ignore_errors=True)
    made = Path(tempfile.mkdtemp(prefix=f"{place.name}.", dir=place.parent))
    try:
        try:
            _export_and_compare(model, made, model_id=model_id, encode=encode)
            kept = True
        except NotExportableError as e:
            log.info("the model %s answers questions through torch: %s", model_id, e)
            for file in made.iterdir():
                file.unlink()
            refusal = {"for": _attempt(model_id), "reason": str(e)}
            (made / REFUSAL_FILE).write_text(json.dumps(refusal, ensure_ascii=False), encoding="utf-8")
            kept = False
        if place.exists():
            shutil.rmtree(place)
        made.rename(place)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return kept


def _attempt(model_id: str) -> str:
    versions = ", ".join(f"{name} {version(name)}" for name in ("torch", "transformers", "onnx"))
    return f"{model_id}, format {FORMAT}, {engines()}, {versions}"


def _export_and_compare(
    model: "SentenceTransformer",
    folder: Path,
    *,
    model_id: str,
    encode: Callable[[Sequence[str]], "Vectors"],
) -> None:
    features = _features(model)
    _write_tokenizer(model, folder)
    with _failures():
        inputs = _write_graph(model, features, folder)
    tokenizer = model.tokenizer
    card = EncoderCard(
        model_id=model_id,
        dimension=int(model.get_embedding_dimension() or 0),
        max_tokens=int(model.max_seq_length or 0),
        inputs=inputs,
        pad_id=int(tokenizer.pad_token_id or 0),
        pad_type_id=int(getattr(tokenizer, "pad_token_type_id", 0) or 0),
        threads=1,
        made_with=engines(),
        checksums=tuple(checksums_of(folder).items()),
    )
    encoder = _opened(folder, card)
    _compare(model, encoder, encode)
    # Opened once more for each number of threads, and not kept: its memory goes with it.
    del encoder
    _write_card(folder, replace(card, threads=_best_threads(folder, card)))


def _features(model: "SentenceTransformer") -> "dict[str, torch.Tensor]":
    """Return the inputs of the model for two texts of different lengths.

    Raises:
        NotExportableError: the model is not one that the encoder can stand for.
    """
    import torch

    strange = sorted({type(module).__name__ for module in model} - _KNOWN_MODULES)
    if strange:
        raise NotExportableError(f"it has modules of other kinds: {', '.join(strange)}")
    if model.default_prompt_name is not None or model.truncate_dim is not None:
        raise NotExportableError("it has a prompt of its own, or cuts its vectors")
    if getattr(model.tokenizer, "backend_tokenizer", None) is None:
        raise NotExportableError("its tokenizer is not one of the library tokenizers")
    size = sum(p.numel() * p.element_size() for p in model.parameters())
    if size > _LARGEST_BYTES:
        raise NotExportableError(f"its weights are {size / 1e9:.1f} GB")
    found = {k: v for k, v in model.preprocess(list(_EXAMPLES)).items() if isinstance(v, torch.Tensor)}
    if not KNOWN_INPUTS.issuperset(found) or "input_ids" not in found:
        raise NotExportableError(f"it wants other inputs: {', '.join(found)}")
    return found


def _write_tokenizer(model: "SentenceTransformer", folder: Path) -> None:
    from tokenizers import Tokenizer

    copy = Tokenizer.from_str(model.tokenizer.backend_tokenizer.to_str())
    copy.no_truncation()
    copy.no_padding()
    copy.save(str(folder / TOKENIZER_FILE))


def _write_graph(
    model: "SentenceTransformer", features: "dict[str, torch.Tensor]", folder: Path
) -> tuple[str, ...]:
    """Write graph and weights; return which of the features the graph reads."""
    import onnx
    import torch

    names = list(features)

    class FromTokensToVector(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.steps = model

        def forward(self, *tensors: torch.Tensor) -> torch.Tensor:
            found: dict[str, Any] = dict(zip(names, tensors, strict=True))
            for step in self.steps:
                found = step(found)
            return torch.nn.functional.normalize(found["sentence_embedding"].float(), dim=-1)

    whole = folder / "whole.onnx"
    axes = {name: {0: "texts", 1: "tokens"} for name in names}
    with torch.no_grad(), warnings.catch_warnings():
        # The tracer warns of each condition that it takes for constant: `_compare` looks at the result.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            FromTokensToVector().eval(),
            tuple(features.values()),
            str(whole),
            input_names=names,
            output_names=["vector"],
            dynamic_axes={**axes, "vector": {0: "texts"}},
            opset_version=_OPSET,
            dynamo=False,  # the newer exporter wants a package more (onnxscript)
        )
    graph = onnx.load_model(str(whole))
    # A tokenizer may say more than its model reads: DistilBERT has no token types.
    read = tuple(each.name for each in graph.graph.input)
    onnx.save_model(
        graph,
        str(folder / MODEL_FILE),
        save_as_external_data=True,
        all_tensors_to_one_file=True,
        location=WEIGHTS_FILE,
    )
    whole.unlink()
    return read


@contextmanager
def _failures() -> "Iterator[None]":
    """Turn what the libraries raise at a model that they cannot export or run into our refusal."""
    from onnxruntime.capi import onnxruntime_pybind11_state as engine

    try:
        yield
    except (
        ArithmeticError,
        AssertionError,
        AttributeError,
        LookupError,
        NotImplementedError,
        RuntimeError,  # torch.onnx.OnnxExporterError is one
        TypeError,
        ValueError,
        engine.Fail,
        engine.InvalidArgument,
        engine.InvalidGraph,
        engine.NotImplemented,
        engine.RuntimeException,
    ) as e:
        reason = " ".join(str(e).split())[:200]
        raise NotExportableError(f"{type(e).__name__}: {reason}") from e


def _opened(folder: Path, card: EncoderCard) -> QuestionEncoder:
    _write_card(folder, card)
    with _failures():
        encoder = open_encoder(folder, model_id=card.model_id)
    if encoder is None:
        raise NotExportableError("the export is damaged")
    return encoder


def _write_card(folder: Path, card: EncoderCard) -> None:
    (folder / CARD_FILE).write_text(card.to_json(), encoding="utf-8")


def _compare(
    model: "SentenceTransformer", encoder: QuestionEncoder, encode: Callable[[Sequence[str]], "Vectors"]
) -> None:
    """Raise `NotExportableError` where model and export disagree on a sample."""
    with _failures():
        for text in SAMPLES:
            read = model.preprocess([text])["input_ids"][0].tolist()
            if read != encoder.token_ids(text):
                raise NotExportableError(f"other tokens of a text of {len(text)} characters")
        own = encode(SAMPLES)
        alone = np.array([encoder.encode_one(text) for text in SAMPLES])
        together = encoder.encode(SAMPLES)
    if own.shape != alone.shape:
        raise NotExportableError(f"vectors of another shape: {alone.shape} for {own.shape}")
    least = float(min((own * alone).sum(axis=1).min(), (own * together).sum(axis=1).min()))
    if not least >= LEAST_COSINE:  # a NaN is none either
        raise NotExportableError(f"cosine {least:.4f}")


def _best_threads(folder: Path, card: EncoderCard) -> int:
    """Return with how many threads one question is answered fastest, by trying."""
    best, fastest = 1, _seconds_of_a_question(folder, card)
    threads = 2
    while fastest > _SOON_SECONDS and threads <= min(8, len(os.sched_getaffinity(0))):
        seconds = _seconds_of_a_question(folder, replace(card, threads=threads))
        if seconds * _WORTH_A_THREAD < fastest:
            best, fastest = threads, seconds
        threads *= 2
    return best


def _seconds_of_a_question(folder: Path, card: EncoderCard) -> float:
    encoder = _opened(folder, card)
    taken = []
    for _ in range(_RUNS):
        started = time.perf_counter()
        encoder.encode_one(_EXAMPLES[1])
        taken.append(time.perf_counter() - started)
    return min(taken)  # the machine may be busy with other things
