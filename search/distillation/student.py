"""A student before its first lesson: a copy of the teacher, with rows for French words."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from connector.errors import ConfigError
from search.distillation.pairs import Pair
from search.distillation.run_folder import whole
from search.distillation.settings import DistillationSettings
from search.distillation.vocabulary import add_words, choose_rows, has_word_pieces

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer


def network_of(model: "SentenceTransformer") -> "torch.nn.Module":
    """Return the transformer of a model that is one transformer, the mean of its tokens, and a length of 1.

    Raises:
        ConfigError: the model is put together otherwise.
    """
    kinds = [type(module).__name__ for module in model]
    if kinds not in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]):
        raise ConfigError(
            "only a model of a transformer and the mean of its tokens can be a teacher, "
            f"not one of {', '.join(kinds)}"
        )
    pooling = model[1].pooling_mode
    if pooling != "mean":
        raise ConfigError(
            "only a model that takes the mean of its tokens can be a teacher, "
            f"not one that takes another pooling ({pooling})"
        )
    return cast("torch.nn.Module", cast("Any", model[0]).auto_model)


def check_teacher(teacher: "SentenceTransformer", settings: DistillationSettings) -> None:
    """See that a student of this model can be made.

    Raises:
        ConfigError: it is put together otherwise, or words cannot be added to its vocabulary.
    """
    network_of(teacher)
    backend = getattr(teacher.tokenizer, "backend_tokenizer", None)
    if backend is None:
        raise ConfigError("only a model with a tokenizer of the library tokenizers can be a teacher")
    if settings.words and not has_word_pieces(json.loads(backend.to_str())):
        raise ConfigError(
            "words can be added to a WordPiece vocabulary only, which this teacher has not: "
            "let it be 0 words (--words 0)"
        )


def make_student(
    teacher: "SentenceTransformer", pairs: Sequence[Pair], settings: DistillationSettings, folder: Path
) -> None:
    """Write the student into a folder, which appears whole or not at all; the teacher is changed by it.

    Raises:
        ConfigError: the teacher is no model that can be taught, or words cannot be added to its vocabulary.
        SearchError: the folder cannot be written.
    """
    check_teacher(teacher, settings)
    network = cast("Any", network_of(teacher))
    with whole(folder) as draft:
        teacher.save(str(draft))
        if not settings.words:
            return
        embeddings = network.get_input_embeddings().weight.detach().float().cpu().numpy()
        chosen = choose_rows(
            draft, pairs, embeddings, most=settings.words, translated=settings.translated_rows
        )
        numbers = add_words(draft, chosen.rows)
        _fill(network, {numbers[word]: row for word, row in chosen.rows.items()})
        # Of the model only the transformer has changed; the tokenizer is in the folder already.
        network.save_pretrained(str(draft))


def _fill(network: Any, rows: "dict[int, np.ndarray[Any, np.dtype[np.float32]]]") -> None:
    """Put rows into the embeddings of a network's tokens, which grow as needed."""
    import torch

    tokens = network.get_input_embeddings().weight.shape[0]
    if rows and max(rows) >= tokens:
        network.resize_token_embeddings(max(rows) + 1, mean_resizing=False)
    weight = network.get_input_embeddings().weight
    with torch.no_grad():
        for number, row in rows.items():
            weight[number] = torch.from_numpy(row).to(weight)
