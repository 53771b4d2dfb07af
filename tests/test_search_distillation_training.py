"""The lessons of a student: what they do to it, and that none is lost when they are cut off."""

import copy
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from connector.errors import SearchError
from search.distillation import training
from search.distillation.settings import DistillationSettings
from search.distillation.training import BEST_FILE, CHECKPOINT_FILE, Course, Encoder, Lessons, Look, Tokens
from tests.file_limits import files_no_larger_than
from tests.tiny_models import tiny_embedding_model

pytestmark = pytest.mark.model

SETTINGS = DistillationSettings(epochs=6, tokens_at_once=256, learning_rate=5e-3)
TEXTS = 400
# Behind the marks of a text's beginning and end.
WORDS = (range(3, 43), range(43, 83))


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    """Several threads wait for each other longer than what is computed here takes."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def tiny() -> Any:
    """A transformer of a few thousand random weights, which reads two tongues of 40 words each."""
    import torch
    from transformers import BertConfig, BertModel

    torch.manual_seed(7)
    config = BertConfig(
        vocab_size=WORDS[1].stop,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
        initializer_range=0.3,
    )
    return BertModel(config)


@pytest.fixture(scope="module")
def lessons(tiny: Any) -> Lessons:
    """An invented tongue, each word of which stands for one of the other."""
    chance = np.random.default_rng(3)
    english: Tokens = [
        np.concatenate([[1], chance.choice(WORDS[0], chance.integers(3, 12)), [2]]).astype(np.int32)
        for _ in range(TEXTS)
    ]
    between = WORDS[1].start - WORDS[0].start
    foreign: Tokens = [np.where(text >= WORDS[0].start, text + between, text) for text in english]
    return Lessons(foreign, english, encoder_of(tiny).rows(english, tokens_at_once=4_096))


def encoder_of(network: Any, *, bf16: bool = False) -> Encoder:
    same: Any = copy.deepcopy(network)
    return Encoder(same.eval(), device="cpu", bf16=bf16)


def slice_of(lessons: Lessons, some: slice) -> Lessons:
    return Lessons(lessons.french[some], lessons.english[some], lessons.targets[some])


def course(
    tiny: Any, lessons: Lessons, folder: Path, settings: DistillationSettings = SETTINGS
) -> tuple[Course, Encoder]:
    folder.mkdir(exist_ok=True)
    encoder = encoder_of(tiny)
    taught, watched = slice_of(lessons, slice(0, 350)), slice_of(lessons, slice(350, TEXTS))
    return Course(encoder, taught, [watched], settings, folder), encoder


def weights(encoder: Encoder) -> dict[str, bytes]:
    return {name: value.numpy().tobytes() for name, value in encoder.network.state_dict().items()}


class CutOff:
    """Progress that is interrupted after a step."""

    def __init__(self, step: int | None) -> None:
        self.step = step
        self.steps: list[int] = []

    def __call__(self, done: int, total: int, what: str) -> None:
        self.steps.append(done)
        if done == self.step:
            raise KeyboardInterrupt


@pytest.fixture(scope="module")
def whole(
    tiny: Any, lessons: Lessons, tmp_path_factory: pytest.TempPathFactory
) -> tuple[list[Look], Encoder, int]:
    """A course that nothing interrupted: what was seen, its student, how many steps it took."""
    made, encoder = course(tiny, lessons, tmp_path_factory.mktemp("whole"))
    progress = CutOff(None)
    looks = made.run(progress)
    assert progress.steps == list(range(1, len(progress.steps) + 1))
    return looks, encoder, len(progress.steps)


def test_vectors_are_those_that_the_model_itself_gives(tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer

    model: Any = SentenceTransformer(str(tiny_embedding_model(tmp_path)), device="cpu")
    network = model[0].auto_model
    texts = ["Où ranger les outils ?", "a", "Who repairs the sewing machine on Thursdays? " * 3]
    backend: Any = model.tokenizer.backend_tokenizer
    backend.no_padding()
    tokens = [np.array(found.ids, dtype=np.int32) for found in backend.encode_batch(texts)]
    rows = encoder_of(network).rows(tokens, tokens_at_once=64)
    own = model.encode(texts, normalize_embeddings=True)
    assert np.allclose(rows, own, atol=1e-5)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    half = encoder_of(network, bf16=True).rows(tokens, tokens_at_once=64)
    assert half.dtype == np.float32
    assert 0.99 < (half * rows).sum(axis=1).min() < 1 - 1e-6


def test_the_foreign_comes_to_its_english_which_stays(
    tiny: Any, lessons: Lessons, whole: tuple[list[Look], Encoder, int]
) -> None:
    looks, encoder, _ = whole
    watched = slice_of(lessons, slice(350, TEXTS))
    cosines = [
        float((some.rows(watched.french, tokens_at_once=4_096) * watched.targets).sum(axis=1).mean())
        for some in (encoder_of(tiny), encoder)
    ]
    assert 1 - cosines[1] < 0.6 * (1 - cosines[0])
    assert looks[-1].french > looks[0].french
    assert min(look.english for look in looks) > 0.9


def test_the_best_weights_are_kept(tiny: Any, lessons: Lessons, tmp_path: Path) -> None:
    # A rate at which every further lesson does harm.
    settings = replace(SETTINGS, contrast=0.0, learning_rate=0.5)
    made, encoder = course(tiny, lessons, tmp_path / "run", settings)
    looks = made.run()
    best = max(looks, key=lambda look: look.score)
    assert best.score > looks[-1].score + 0.01
    watched = slice_of(lessons, slice(350, TEXTS))
    english = encoder.rows(watched.english, tokens_at_once=256)
    assert float((english * watched.targets).sum(axis=1).mean()) == pytest.approx(best.english, abs=1e-6)


@pytest.mark.parametrize("seconds", [0.0, 1_000.0], ids=["saved at each step", "saved when looked at"])
def test_a_course_that_is_cut_off_again_and_again_ends_as_one_that_was_not(
    tiny: Any,
    lessons: Lessons,
    whole: tuple[list[Look], Encoder, int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    seconds: float,
) -> None:
    monkeypatch.setattr(training, "_CHECKPOINT_SECONDS", seconds)
    looks, uncut, steps = whole
    epoch = steps // 6
    reached = 0
    for step in (1, 4, epoch - 1, epoch, epoch + 1, steps - 1, steps):
        progress = CutOff(step)
        with pytest.raises(KeyboardInterrupt):
            course(tiny, lessons, tmp_path / "run")[0].run(progress)
        # What was saved is not learned again.
        assert progress.steps[0] <= reached + 1
        assert progress.steps[0] > (reached - 1 if seconds == 0 else reached - steps // 20 - 1)
        reached = step
    made, encoder = course(tiny, lessons, tmp_path / "run")
    assert made.run() == looks
    assert weights(encoder) == weights(uncut)


def test_a_course_that_is_cut_off_while_it_writes_ends_as_one_that_was_not(
    tiny: Any,
    lessons: Lessons,
    whole: tuple[list[Look], Encoder, int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import torch

    save, calls = torch.save, 0

    def cut_off(value: object, file: Any) -> None:
        nonlocal calls
        calls += 1
        # The best weights of a look are written before its checkpoint: cut in each, half way.
        if calls in (3, 6, 9, 12):
            file.write(b"half")
            raise KeyboardInterrupt
        save(value, file)

    monkeypatch.setattr(torch, "save", cut_off)
    cuts = 0
    while True:
        made, encoder = course(tiny, lessons, tmp_path / "run")
        try:
            looks = made.run()
            break
        except KeyboardInterrupt:
            cuts += 1
    assert cuts == 4
    assert looks == whole[0]
    assert weights(encoder) == weights(whole[1])
    assert {path.name for path in (tmp_path / "run").iterdir()} == {BEST_FILE, CHECKPOINT_FILE}


def test_a_full_disk_loses_nothing(
    tiny: Any, lessons: Lessons, whole: tuple[list[Look], Encoder, int], tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    with pytest.raises(KeyboardInterrupt):
        course(tiny, lessons, folder)[0].run(CutOff(whole[2] // 2))
    before = (folder / CHECKPOINT_FILE).read_bytes()
    made, _ = course(tiny, lessons, folder)
    # The best weights still find room, a checkpoint of three times their size does not.
    with (
        files_no_larger_than(2 * (folder / BEST_FILE).stat().st_size),
        pytest.raises(SearchError, match=r"checkpoint\.pt cannot be written") as caught,
    ):
        made.run()
    assert "\n" not in str(caught.value)
    assert (folder / CHECKPOINT_FILE).read_bytes() == before
    assert {path.name for path in folder.iterdir()} == {BEST_FILE, CHECKPOINT_FILE}
    made, encoder = course(tiny, lessons, folder)
    assert made.run() == whole[0]
    assert weights(encoder) == weights(whole[1])


def test_lessons_that_go_astray_are_said(tiny: Any, lessons: Lessons, tmp_path: Path) -> None:
    made, _ = course(tiny, lessons, tmp_path / "run", replace(SETTINGS, learning_rate=1e38))
    with pytest.raises(SearchError, match="lower learning rate"):
        made.run()


def test_another_seed_learns_in_another_order(
    tiny: Any, lessons: Lessons, whole: tuple[list[Look], Encoder, int], tmp_path: Path
) -> None:
    made, encoder = course(tiny, lessons, tmp_path / "run", replace(SETTINGS, seed=8))
    made.run()
    assert weights(encoder) != weights(whole[1])


def test_texts_that_are_nearly_the_same_are_no_wrong_answers_to_each_other(
    tiny: Any, lessons: Lessons, tmp_path: Path
) -> None:
    """With one text many times in a batch the contrast asks for nothing: no loss is left but the cosine."""
    same = Lessons(
        [lessons.french[0]] * 40, [lessons.english[0]] * 40, np.repeat(lessons.targets[:1], 40, axis=0)
    )
    rows = []
    for number, contrast in enumerate((0.0, 5.0)):
        folder = tmp_path / str(number)
        folder.mkdir()
        encoder = encoder_of(tiny)
        settings = replace(SETTINGS, contrast=contrast)
        Course(encoder, same, [same], settings, folder).run()
        rows.append(encoder.rows(same.french[:1], tokens_at_once=64)[0])
    assert np.allclose(rows[0], rows[1], atol=1e-4)
