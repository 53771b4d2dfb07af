"""A cross-encoder: any of sentence-transformers, in a folder, with scores between 0 and 1."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from connector.errors import SearchError
from search.reranking import CrossEncoderReranker
from tests.tiny_models import tiny_cross_encoder
from webui.config import load_config
from webui.search_parts import make_reranker

pytestmark = pytest.mark.model

QUESTION = "Où ranger les outils ?"
PASSAGES = [
    "Un tableau mural montre la silhouette de chaque outil.",
    "x",
    "",
    "Ask each visitor for a free donation at the door.",
    "The workshop is behind the town hall. " * 200,
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_cross_encoder(tmp_path_factory.mktemp("cross-encoder"))


def test_each_passage_has_a_score_in_order(folder: Path) -> None:
    reranker = CrossEncoderReranker(str(folder))
    scores = reranker.rerank(QUESTION, PASSAGES)
    assert len(scores) == len(PASSAGES)
    assert all(0 <= score <= 1 for score in scores)
    assert len({round(score, 4) for score in scores}) > 2
    backwards = reranker.rerank(QUESTION, PASSAGES[::-1])
    assert backwards[::-1] == pytest.approx(scores, abs=1e-4)
    # The question is read too.
    assert reranker.rerank("Who pays the rent?", PASSAGES) != pytest.approx(scores, abs=1e-3)


def test_scores_without_bounds_are_brought_between_0_and_1_in_the_same_order(
    folder: Path, tmp_path: Path
) -> None:
    bounded = CrossEncoderReranker(str(folder)).rerank(QUESTION, PASSAGES)
    logits = tiny_cross_encoder(tmp_path, logits=True)
    from sentence_transformers import CrossEncoder

    raw = CrossEncoder(str(logits), device="cpu").predict([(QUESTION, passage) for passage in PASSAGES])
    assert min(raw) < 0 or max(raw) > 1
    assert CrossEncoderReranker(str(logits)).rerank(QUESTION, PASSAGES) == pytest.approx(bounded, abs=1e-4)


def test_no_passage_has_no_score_and_loads_nothing() -> None:
    assert CrossEncoderReranker("/no/such/folder").rerank(QUESTION, []) == []


@pytest.mark.parametrize("model", ["no-such/model-of-ours", "/no/such/folder"])
def test_an_unknown_model_is_one_clear_line(model: str) -> None:
    with pytest.raises(SearchError, match=f"the reranking model “{model}” cannot be loaded") as caught:
        CrossEncoderReranker(model).rerank(QUESTION, PASSAGES)
    assert "\n" not in str(caught.value)


def test_a_model_that_sorts_into_classes_is_refused(tmp_path: Path) -> None:
    folder = tiny_cross_encoder(tmp_path, labels=3)
    with pytest.raises(SearchError, match="has 3 labels; one that scores has 1"):
        CrossEncoderReranker(str(folder)).rerank(QUESTION, PASSAGES)


def test_threads_share_it(folder: Path) -> None:
    reranker = CrossEncoderReranker(str(folder))
    expected = reranker.rerank(QUESTION, PASSAGES)
    with ThreadPoolExecutor(4) as pool:
        for scores in pool.map(lambda _: reranker.rerank(QUESTION, PASSAGES), range(8)):
            assert scores == pytest.approx(expected, abs=1e-4)


def test_it_is_off_unless_the_settings_name_one(tmp_path: Path, folder: Path) -> None:
    assert make_reranker(load_config(tmp_path)) is None
    (tmp_path / "compagnon.toml").write_text(f'[search]\nreranker = "{folder}"\n', encoding="utf-8")
    reranker = make_reranker(load_config(tmp_path))
    assert reranker is not None
    assert len(reranker.rerank(QUESTION, PASSAGES[:2])) == 2


def test_nothing_is_loaded_before_the_first_passages() -> None:
    program = (
        "import sys; from search.reranking import CrossEncoderReranker; CrossEncoderReranker('any');"
        "print('torch' in sys.modules)"
    )
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert finished.stdout.strip() == "False"
