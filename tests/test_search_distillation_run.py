"""A whole distillation, from files of pairs to a model to embed with; cut off, and gone on with."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from connector.errors import ConfigError, SearchError
from search.distillation import run as run_module
from search.distillation import training
from search.distillation.run import CARD_FILE, distill
from search.distillation.run_folder import RunFolder
from search.distillation.settings import DistillationSettings
from search.embedding import SentenceTransformerEmbedder
from search.encoder_export import export_encoder
from search.question_encoder import EncoderShelf
from search.settings import EmbeddingSettings
from tests.command_line import ROOT, CommandLine, compagnon
from tests.community import shared_embedder
from tests.file_limits import files_no_larger_than
from tests.invented_pairs import invented_pairs, write_pairs
from tests.tiny_models import tiny_embedding_model

__all__ = ["compagnon"]

pytestmark = pytest.mark.model

# Of the command, too, with the options `SMALL`.
SMALL_SETTINGS = DistillationSettings(words=60, epochs=1.0, tokens_at_once=512, device="cpu")
SMALL = ["--words", "60", "--epochs", "1", "--batch-tokens", "512", "--device", "cpu"]


@pytest.fixture(scope="module", autouse=True)
def _one_processor() -> Iterator[None]:
    """Several threads wait for each other longer than a tiny model takes."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    yield
    os.sched_setaffinity(0, before)


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pairs(tmp_path_factory.mktemp("pairs") / "pairs.tsv", invented_pairs())


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_embedding_model(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def small(tiny: Path) -> DistillationSettings:
    return replace(SMALL_SETTINGS, teacher=str(tiny))


@pytest.fixture(scope="module")
def uncut(small: DistillationSettings, pairs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a tiny model that nothing interrupted."""
    out = tmp_path_factory.mktemp("uncut") / "model"
    distill([pairs], out, small)
    return out


@pytest.fixture(scope="module")
def bilingual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a student of the bundled model."""
    out = tmp_path_factory.mktemp("bilingual") / "model"
    few = write_pairs(out.with_name("few.tsv"), invented_pairs()[:360])
    settings = DistillationSettings(words=300, epochs=1.0, tokens_at_once=512, held_out=30, device="cpu")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("search.distillation.choice._LEAST_PAIRS", 300)  # it is a large model for a test
        patch.setattr(training, "_LOOKS", 2)  # each writes 350 MB
        made = distill([few], out, settings)
    assert made.pairs > 330
    assert len(made.looks) in (2, 3)
    assert not out.with_name("model.training").exists()
    return out


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class CutOff:
    """Progress that is interrupted when something is done."""

    def __init__(self, what: str, done: int) -> None:
        self._at = (what, done)
        self.told: list[str] = []

    def __call__(self, done: int, total: int, what: str) -> None:
        self.told.append(what)
        if (what, done) == self._at:
            raise KeyboardInterrupt


def test_a_run_that_is_cut_off_at_any_moment_ends_as_one_that_was_not(
    small: DistillationSettings, pairs: Path, uncut: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "model"

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    # Before the student is written, while the teacher's vectors are computed, and in the lessons.
    with monkeypatch.context() as patch:
        patch.setattr(run_module, "make_student", interrupted)
        with pytest.raises(KeyboardInterrupt):
            distill([pairs], out, small)
    for what, done in (("teacher", 0), ("lessons", 1), ("lessons", 7)):
        progress = CutOff(what, done)
        with pytest.raises(KeyboardInterrupt):
            distill([pairs], out, small, progress=progress)
        assert ("teacher" in progress.told) == (done < 7)
        assert not out.exists()
    # After the last lesson, while the model is written.
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copytree", interrupted)
        with pytest.raises(KeyboardInterrupt):
            distill([pairs], out, small)
    assert not out.exists()
    distill([pairs], out, small)
    assert files_of(out) == files_of(uncut)
    assert not out.with_name("model.training").exists()


def distill_process(pairs: Path, tiny: Path, out: Path, data: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "webui.cli", "--data", str(data), "distill", "--teacher", str(tiny)]
    command += ["--pairs", str(pairs), "--out", str(out), *SMALL]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_a_process_that_is_killed_loses_nothing(
    pairs: Path, tiny: Path, uncut: Path, tmp_path: Path, small: DistillationSettings
) -> None:
    out = tmp_path / "model"
    checkpoint = tmp_path / "model.training" / training.CHECKPOINT_FILE
    with distill_process(pairs, tiny, out, tmp_path) as process:
        deadline = time.monotonic() + 300
        while not checkpoint.exists() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.005)
        process.send_signal(signal.SIGSTOP)
        # It stands still, in the middle: nobody else goes on meanwhile.
        with pytest.raises(SearchError, match="another process"):
            distill([pairs], out, small)
        process.kill()
    assert process.returncode == -signal.SIGKILL
    assert checkpoint.exists()
    assert not out.exists()
    with distill_process(pairs, tiny, out, tmp_path) as process:
        printed, complaints = process.communicate(timeout=300)
    assert (process.returncode, complaints) == (0, "")
    assert printed.startswith(
        f"Taught with {json.loads((out / CARD_FILE).read_text())['pairs']:,} pairs: {out}\n"
    )
    assert files_of(out) == files_of(uncut)


def test_the_model_is_one_that_the_project_embeds_with(bilingual: Path, tmp_path: Path) -> None:
    embedder = SentenceTransformerEmbedder(EmbeddingSettings(model=str(bilingual)))
    held = [pair for pair in invented_pairs(200, seed=9) if pair not in set(invented_pairs())]
    assert len(held) > 100
    french, english = [pair.french for pair in held], [pair.english for pair in held]
    teacher = shared_embedder()
    own = [embedder.embed_passages(texts) for texts in (french, english)]
    theirs = [teacher.embed_passages(texts) for texts in (french, english)]
    for rows in own:
        assert rows.shape == (len(held), 384)
        assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    near = float((own[0] * theirs[1]).sum(axis=1).mean())
    assert near > float((theirs[0] * theirs[1]).sum(axis=1).mean()) + 0.1
    assert first_hits(own) > first_hits(theirs) + 0.2
    # English has stayed where it was.
    assert float((own[1] * theirs[1]).sum(axis=1).mean()) > 0.9
    other = ["Who welcomes the newcomers?", "The budget was voted without a debate."]
    kept = (embedder.embed_passages(other) * teacher.embed_passages(other)).sum(axis=1)
    assert kept.min() > 0.8


def first_hits(rows: Sequence[np.ndarray]) -> float:
    french, english = rows
    return float(np.mean(np.argmax(french @ english.T, axis=1) == np.arange(len(french))))


def test_the_model_is_computed_in_float32_though_its_weights_take_half_the_room(bilingual: Path) -> None:
    from safetensors.torch import load_file

    weights = load_file(bilingual / "model.safetensors")
    assert {str(tensor.dtype) for tensor in weights.values()} == {"torch.bfloat16"}
    loaded = SentenceTransformerEmbedder(EmbeddingSettings(model=str(bilingual)))._loaded()
    assert {str(parameter.dtype) for parameter in loaded.parameters()} == {"torch.float32"}


def test_the_model_is_exported_for_questions(bilingual: Path, tmp_path: Path) -> None:
    embedder = SentenceTransformerEmbedder(EmbeddingSettings(model=str(bilingual)), folder=tmp_path)
    shelf = EncoderShelf(tmp_path, embedder.model_id)
    whole = SentenceTransformerEmbedder(EmbeddingSettings(model=str(bilingual)))
    assert export_encoder(
        whole._loaded(),
        place=shelf.place,
        model_id=embedder.model_id,
        encode=lambda texts: whole._encode(list(texts), fast=False),
    )
    question = "Qui répare la machine à coudre avant la réunion ?"
    assert embedder.embed_query(question) @ whole.embed_query(question) > 0.9999


def test_the_card_says_what_it_was_made_of(bilingual: Path) -> None:
    card = json.loads((bilingual / CARD_FILE).read_text(encoding="utf-8"))
    assert card["settings"]["words"] == 300
    assert card["sources"] == ["patterns"]
    assert all(len(look) == 3 for look in card["looks"])


def test_a_run_without_words_of_its_own_keeps_the_vocabulary(
    small: DistillationSettings, tiny: Path, pairs: Path, tmp_path: Path
) -> None:
    distill([pairs], tmp_path / "model", replace(small, words=0, epochs=0.1))
    before, after = (
        json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
        for folder in (tiny, tmp_path / "model")
    )
    assert before == after


def test_what_a_run_cannot_do_is_one_clear_line_and_leaves_nothing(
    compagnon: CommandLine, pairs: Path, tiny: Path, tmp_path: Path
) -> None:
    few = write_pairs(tmp_path / "few.tsv", invented_pairs(900))
    malformed = tmp_path / "malformed.tsv"
    malformed.write_text("English only\n", encoding="utf-8")
    cls = tiny_embedding_model(tmp_path / "cls", pooling="cls")
    dense = tiny_embedding_model(tmp_path / "dense", dense=True)
    there = tmp_path / "there"
    there.mkdir()
    out = tmp_path / "model"
    cases = [
        (few, tiny, out, "810 pairs are too few"),
        (malformed, tiny, out, "malformed.tsv, line 1"),
        (pairs, cls, out, "another pooling (cls)"),
        (pairs, dense, out, "Transformer, Pooling, Dense"),
        (pairs, tmp_path / "nowhere", out, "cannot be loaded"),
        (pairs, tiny, there, "is there already"),
    ]
    for file, teacher, folder, words in cases:
        ended = compagnon(
            "distill", "--pairs", str(file), "--teacher", str(teacher), "--out", str(folder), *SMALL
        )
        assert words in ended.assert_one_clear_line()
        assert not folder.with_name(f"{folder.name}.training").exists()


def test_a_teacher_with_another_kind_of_vocabulary_is_said(
    small: DistillationSettings, tiny: Path, pairs: Path, tmp_path: Path
) -> None:
    from tokenizers import Tokenizer, models
    from transformers import PreTrainedTokenizerFast

    folder = tmp_path / "teacher"
    shutil.copytree(tiny, folder)
    bare = Tokenizer(models.Unigram([("<unk>", 0.0), ("e", -1.0), ("<pad>", -9.0)], unk_id=0))
    marks = {"unk_token": "<unk>", "pad_token": "<pad>"}
    PreTrainedTokenizerFast(tokenizer_object=bare, **marks).save_pretrained(str(folder))  # type: ignore[no-untyped-call]
    with pytest.raises(ConfigError, match="WordPiece"):
        distill([pairs], tmp_path / "model", replace(small, teacher=str(folder)))
    assert not (tmp_path / "model.training").exists()


def test_a_run_that_holds_nothing_out_is_none(
    small: DistillationSettings, pairs: Path, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match="no pair is held out"):
        distill([pairs], tmp_path / "model", replace(small, held_out=0))


def test_another_run_is_not_gone_on_with(small: DistillationSettings, pairs: Path, tmp_path: Path) -> None:
    out = tmp_path / "model"
    with pytest.raises(KeyboardInterrupt):
        distill([pairs], out, small, progress=CutOff("teacher", 0))
    before = files_of(RunFolder(out).path)
    changed = invented_pairs()
    changed[3] = replace(changed[3], french="Une autre phrase, tout aussi longue.")
    others = write_pairs(tmp_path / "others.tsv", changed)
    for file, settings in ((others, small), (pairs, replace(small, seed=8))):
        with pytest.raises(ConfigError, match="other settings or pairs"):
            distill([file], out, settings)
    assert files_of(RunFolder(out).path) == before


def test_a_folder_of_somebody_else_is_left_alone(
    small: DistillationSettings, pairs: Path, tmp_path: Path
) -> None:
    theirs = tmp_path / "model.training" / "notes.txt"
    theirs.parent.mkdir()
    theirs.write_text("mine", encoding="utf-8")
    with pytest.raises(ConfigError, match="holds something else"):
        distill([pairs], tmp_path / "model", small)
    assert theirs.read_text(encoding="utf-8") == "mine"


def test_a_folder_that_cannot_be_made_is_said(
    small: DistillationSettings, pairs: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(SearchError, match="cannot be written"):
        distill([pairs], tmp_path / "file" / "model", small)


def test_a_disk_that_is_full_on_the_way_loses_nothing(
    pairs: Path, uncut: Path, small: DistillationSettings, tmp_path: Path
) -> None:
    out = tmp_path / "model"
    # No room for the student's weights (4 MB), then for a checkpoint (three times as large).
    for kilobytes, what in ((1_000, "student"), (8_000, r"checkpoint\.pt")):
        with (
            files_no_larger_than(1024 * kilobytes),
            pytest.raises(SearchError, match=f"{what} cannot be written"),
        ):
            distill([pairs], out, small)
    distill([pairs], out, small)
    assert files_of(out) == files_of(uncut)
