"""A whole distillation: from files of pairs to a folder with a model in it.

What is made on the way lies beside that folder (`RunFolder`): the student before its first lesson, the
teacher's vectors, the checkpoint. It goes when the model is there.
"""

import copy
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from connector.errors import ConfigError
from connector.progress import Progress
from search.distillation.choice import choose_pairs
from search.distillation.pairs import LEAST_WATCHED, Pair, grouped
from search.distillation.run_folder import RunFolder, whole, writing
from search.distillation.settings import DistillationSettings
from search.distillation.student import check_teacher, make_student, network_of
from search.distillation.training import Course, Encoder, Lessons, Look, Tokens, Vectors
from search.embedding import cpu_multiplies_bf16, load_model

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

CARD_FILE, WEIGHTS_FILE = "distillation.json", "model.safetensors"
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
        SearchError: the teacher cannot be loaded, a file of the run cannot be written, or another process is
            at this very run.
    """
    if out.exists():
        raise ConfigError(f"{out} is there already: name another folder, or remove it")
    pairs = choose_pairs(files, settings)
    teacher = load_model(settings.teacher, device=settings.device, max_tokens=settings.max_tokens)
    check_teacher(teacher, settings)
    run = RunFolder(out)
    with run.hold({**settings.described(), "pairs": pairs.fingerprint}):
        if not run.student.exists():
            make_student(copy.deepcopy(teacher), pairs.taught, settings, run.student)
        taught = [*pairs.taught, *pairs.passages]
        student = load_model(str(run.student), device=settings.device, max_tokens=settings.max_tokens)
        teaching = _encoder(teacher)
        targets = _targets(run, teaching, _tokens(teacher, [p.english for p in taught]), settings, progress)
        looked_at = []
        for places in grouped(pairs.watched, least=LEAST_WATCHED).values():
            some = [pairs.watched[i] for i in places]
            english = _tokens(teacher, [pair.english for pair in some])
            rows = teaching.rows(english, tokens_at_once=settings.tokens_at_once)
            looked_at.append(_lessons(student, some, rows))
        lessons = _lessons(student, taught, targets)
        looks = Course(_encoder(student), lessons, looked_at, settings, run.path).run(progress)
        card = {
            "settings": settings.described(),
            "pairs": len(taught),
            "sources": sorted({pair.source for pair in taught}),
            "looks": [[look.step, look.french, look.english] for look in looks],
        }
        _write(student, run, out, card)
    return Distilled(len(taught), tuple(looks))


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
    run: RunFolder, teacher: Encoder, texts: Tokens, settings: DistillationSettings, progress: Progress | None
) -> Vectors:
    """Return the teacher's vectors, which are computed once."""
    if not run.targets.exists():
        rows: list[Vectors] = []
        for start in range(0, len(texts), _ROWS_AT_ONCE):
            if progress is not None:
                progress(start, len(texts), "teacher")
            some = texts[start : start + _ROWS_AT_ONCE]
            rows.append(teacher.rows(some, tokens_at_once=settings.tokens_at_once))
        if progress is not None:
            progress(len(texts), len(texts), "teacher")
        with whole(run.targets) as draft, draft.open("wb") as file:
            np.save(file, np.concatenate(rows).astype(np.float16))
    return np.asarray(np.load(run.targets, mmap_mode="r"))


def _write(student: "SentenceTransformer", run: RunFolder, out: Path, card: dict[str, Any]) -> None:
    """Write the model's folder, which appears whole; then the run's goes."""
    with whole(run.path / "model") as draft, writing(out):
        # The tokenizer is the one that was learned with, to the byte; of a model of half the size come the
        # weights alone, so that the settings go on saying that it computes in float32.
        shutil.copytree(run.student, draft)
        student.bfloat16().save(str(draft / "half"))
        (draft / "half" / WEIGHTS_FILE).replace(draft / WEIGHTS_FILE)
        shutil.rmtree(draft / "half")
        (draft / CARD_FILE).write_text(json.dumps(card, indent=1, ensure_ascii=False), encoding="utf-8")
    with writing(out):
        (run.path / "model").replace(out)
    run.remove()
