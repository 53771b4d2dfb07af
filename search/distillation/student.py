"""A student before its first lesson: a copy of the teacher, with rows for French words."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from connector.errors import ConfigError
from search.distillation.pairs import Pair
from search.distillation.settings import DistillationSettings
from search.distillation.vocabulary import TOKENIZER_FILE, add_words, choose_rows

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer


def network_of(model: "SentenceTransformer") -> "torch.nn.Module":
    """Return the transformer of a model that is one transformer, the mean of its tokens, and a length of 1.

    Raises:
        ConfigError: the model is put together otherwise.
    """
    kinds = [type(module).__name__ for module in model]
    if (
        kinds[0] != "Transformer"
        or kinds[1:] not in (["Pooling"], ["Pooling", "Normalize"])
        or cast("Any", model[1]).get_pooling_mode_str() != "mean"
    ):
        raise ConfigError(
            "only a model of a transformer and the mean of its tokens can be taught, "
            f"not one of {', '.join(kinds)}"
        )
    return cast("torch.nn.Module", cast("Any", model[0]).auto_model)


def make_student(
    teacher: "SentenceTransformer", pairs: Sequence[Pair], settings: DistillationSettings, folder: Path
) -> None:
    """Write the student into a folder, which appears whole or not at all.

    Raises:
        ConfigError: the teacher is no model that can be taught, or words cannot be added to its vocabulary.
    """
    import torch

    draft = folder.with_name(folder.name + ".new")
    shutil.rmtree(draft, ignore_errors=True)
    network = cast("Any", network_of(teacher))
    teacher.save(str(draft))
    if settings.words:
        embeddings = network.get_input_embeddings().weight.detach().float().cpu().numpy()
        chosen = choose_rows(
            draft, pairs, embeddings, most=settings.words, translated=settings.translated_rows
        )
        numbers = add_words(draft, chosen.rows)
        tokenizer = (draft / TOKENIZER_FILE).read_bytes()
        vocabulary = (draft / "vocab.txt").read_bytes() if (draft / "vocab.txt").exists() else None
        grown = np.concatenate(
            [embeddings, np.zeros((max(0, max(numbers.values()) + 1 - len(embeddings)), embeddings.shape[1]))]
        )
        for word, row in chosen.rows.items():
            grown[numbers[word]] = row
        network.resize_token_embeddings(len(grown), mean_resizing=False)
        with torch.no_grad():
            weight = network.get_input_embeddings().weight
            weight.copy_(torch.from_numpy(grown).to(weight.dtype))
        teacher.save(str(draft))
        (draft / TOKENIZER_FILE).write_bytes(tokenizer)
        if vocabulary is not None:
            (draft / "vocab.txt").write_bytes(vocabulary)
    draft.rename(folder)
