"""A whole distillation: from files of pairs to a folder with a model in it.

What is made on the way lies beside that folder (`OUT.training`), so that a run that was cut off goes on where
it was: the student before its first lesson, the teacher's vectors, the checkpoint. It goes when the model is
there.
"""

import copy
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from connector.errors import ConfigError
from connector.progress import Progress
from search.distillation.pairs import Pair, held_out, joined, read_pairs, sampled, worth_training
from search.distillation.settings import DistillationSettings
from search.distillation.student import make_student, network_of
from search.distillation.training import Course, Encoder, Lessons, Look, Tokens, Vectors
from search.embedding import cpu_multiplies_bf16, load_model

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

CARD_FILE = "distillation.json"
_SETTINGS_FILE, _STUDENT_FOLDER, _TARGETS_FILE = "settings.json", "student", "targets.npy"
_LEAST_PAIRS = 1_000
_ROWS_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Distilled:
    """What came of it."""

    pairs: int
    """That were trained on, longer ones made of neighbours included."""
    looks: tuple[Look, ...]
    """What was seen of the held-out pairs, from the first to the last."""


def distill(
    files: Sequence[Path],
    out: Path,
    settings: DistillationSettings,
    *,
    progress: Progress | None = None,
) -> Distilled:
    """Make a student of a model, which reads French as its teacher reads English, in a folder.

    Run again after it was cut off, with the same files and settings, it goes on.

    Args:
        files: of pairs (`search.distillation.pairs`).
        out: the student's folder, which must not be there yet.
        settings: of the run.
        progress: told how far it is.

    Raises:
        ConfigError: a file or the teacher cannot be used, the folder is there already, there are too few
            pairs, or the run that was cut off had other settings.
        SearchError: the teacher cannot be loaded, or a file of the run cannot be written.
    """
    if out.exists():
        raise ConfigError(f"{out} is there already: name another folder, or remove it")
    pairs = list(worth_training(chain.from_iterable(map(read_pairs, files))))
    most = dict.fromkeys({pair.source for pair in pairs}, settings.most_pairs)
    taught, watched = held_out(
        sampled(pairs, most=most, seed=settings.seed), each=settings.held_out, seed=settings.seed
    )
    if len(taught) < _LEAST_PAIRS:
        raise ConfigError(f"{len(taught)} pairs are too few to learn from: {_LEAST_PAIRS:,} at least")
    work = out.with_name(out.name + ".training")
    _claim(work, settings, pairs)
    teacher = load_model(settings.teacher, device=settings.device, max_tokens=settings.max_tokens)
    network_of(teacher)
    if not (work / _STUDENT_FOLDER).exists():
        make_student(copy.deepcopy(teacher), taught, settings, work / _STUDENT_FOLDER)
    taught += joined(taught, seed=settings.seed)
    student = load_model(str(work / _STUDENT_FOLDER), device=settings.device, max_tokens=settings.max_tokens)
    encoder = _encoder(student)
    teaching = _encoder(teacher)
    targets = _targets(work, teaching, _tokens(teacher, [p.english for p in taught]), settings, progress)
    by_source: dict[str, list[Pair]] = {}
    for pair in watched:
        by_source.setdefault(pair.source, []).append(pair)
    course = Course(
        encoder,
        _lessons(student, taught, targets),
        [
            _lessons(
                student,
                some,
                teaching.rows(
                    _tokens(teacher, [p.english for p in some]), tokens_at_once=settings.tokens_at_once
                ),
            )
            for some in by_source.values()
        ],
        settings,
        work,
    )
    looks = course.run(progress)
    card = {
        "settings": settings.described(),
        "pairs": len(taught),
        "sources": sorted(by_source),
        "looks": [[look.step, look.french, look.english] for look in looks],
    }
    _write(student, work, out, card)
    return Distilled(len(taught), tuple(looks))


def _claim(work: Path, settings: DistillationSettings, pairs: Sequence[Pair]) -> None:
    """Make the run's folder, or see that it is of this very run."""
    described = {**settings.described(), "pairs": len(pairs)}
    path = work / _SETTINGS_FILE
    try:
        if path.exists():
            if json.loads(path.read_text(encoding="utf-8")) != described:
                raise ConfigError(
                    f"{work} is of a run with other settings or pairs: finish that one, or remove the folder"
                )
            return
        work.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(described), encoding="utf-8")
    except OSError as e:
        raise ConfigError(f"{work} cannot be written: {e.strerror}") from e


def _encoder(model: "SentenceTransformer") -> Encoder:
    device = str(model.device)
    bf16 = device.startswith("cuda") or cpu_multiplies_bf16()
    return Encoder(network_of(model), device=device, bf16=bf16)


def _tokens(model: "SentenceTransformer", texts: Sequence[str]) -> Tokens:
    """Return the numbers of the tokens of each text, those around it included."""
    backend: Any = model.tokenizer.backend_tokenizer
    backend.no_padding()
    backend.enable_truncation(int(model.max_seq_length or 256))
    found = backend.encode_batch(list(texts))
    backend.no_truncation()
    return [np.array(encoding.ids, dtype=np.int32) for encoding in found]


def _lessons(student: "SentenceTransformer", pairs: Sequence[Pair], targets: Vectors) -> Lessons:
    return Lessons(
        _tokens(student, [pair.french for pair in pairs]),
        _tokens(student, [pair.english for pair in pairs]),
        targets,
    )


def _targets(
    work: Path, teacher: Encoder, texts: Tokens, settings: DistillationSettings, progress: Progress | None
) -> Vectors:
    """Return the teacher's vectors, which are computed once."""
    path = work / _TARGETS_FILE
    if not path.exists():
        rows: list[Vectors] = []
        for start in range(0, len(texts), _ROWS_AT_ONCE):
            if progress is not None:
                progress(start, len(texts), "teacher")
            some = texts[start : start + _ROWS_AT_ONCE]
            rows.append(teacher.rows(some, tokens_at_once=settings.tokens_at_once))
        draft = work / f"new-{_TARGETS_FILE}"
        np.save(draft, np.concatenate(rows).astype(np.float16))
        draft.replace(path)
    return np.asarray(np.load(path, mmap_mode="r"))


def _write(student: "SentenceTransformer", work: Path, out: Path, card: dict[str, Any]) -> None:
    """Write the model's folder, which appears whole; then the run's goes."""
    draft = work / "model"
    shutil.rmtree(draft, ignore_errors=True)
    shutil.copytree(work / _STUDENT_FOLDER, draft)
    student.bfloat16().save(str(draft / "whole"))
    (draft / "whole" / "model.safetensors").replace(draft / "model.safetensors")
    shutil.rmtree(draft / "whole")
    (draft / CARD_FILE).write_text(json.dumps(card, indent=1), encoding="utf-8")
    draft.replace(out)
    shutil.rmtree(work)
