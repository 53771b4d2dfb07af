"""The benchmark of translations: who finds them, and what is counted."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from benchmarks.bilingual import first, main, measure, report, shared_words
from search.distillation.pairs import Pair
from search.distillation.settings import DistillationSettings
from search.embedding import Vectors
from tests.builders import HashingEmbedder
from tests.invented_pairs import invented_pairs, write_pairs

PAIRS = [
    Pair("the tools of the workshop", "les outils de l’atelier", "guide"),
    Pair("a coffee machine", "une cafetière", "guide"),
    Pair("the station of Lyon", "la gare de Lyon", "guide"),
    Pair("who lends a ladder", "qui prête une échelle", "glossary"),
    Pair("a ladder", "une échelle", "glossary"),
]


class Reader(HashingEmbedder):
    """Reads French as its English."""

    def embed_passages(self, texts: Sequence[str], *, progress: object = None) -> Vectors:
        english = {pair.french: pair.english for pair in PAIRS}
        return super().embed_passages([english.get(text, text) for text in texts])


def test_each_text_is_asked_among_those_of_its_source() -> None:
    guide, glossary = measure(PAIRS, student=Reader(), teacher=HashingEmbedder())
    assert (guide.source, guide.pairs, glossary.source, glossary.pairs) == ("guide", 3, "glossary", 2)
    assert guide.to_english["student"] == guide.to_french["student"] == 1
    assert guide.to_english["teacher"] < 1
    assert guide.english_kept == pytest.approx(1)
    assert "| guide (3) | 1.000 |" in report([guide])


def test_what_is_as_near_as_another_is_not_found() -> None:
    assert first(np.array([[0.9, 0.1], [0.5, 0.5]], dtype=np.float32)) == 0.5
    assert first(np.zeros((3, 3), dtype=np.float32)) == 0


def test_names_are_words_of_both_languages() -> None:
    scores = shared_words([pair.french for pair in PAIRS], [pair.english for pair in PAIRS])
    assert scores[2].argmax() == 2
    assert scores[1].max() < scores[2, 2] <= 1 + 1e-6


def test_held_out_are_the_pairs_that_were_never_taught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = DistillationSettings(held_out=50)
    (tmp_path / "distillation.json").write_text(json.dumps({"settings": settings.described()}))
    write_pairs(tmp_path / "pairs.tsv", invented_pairs(1_200))
    monkeypatch.setattr("benchmarks.bilingual.SentenceTransformerEmbedder", lambda _: HashingEmbedder())
    monkeypatch.setattr("sys.argv", ["bilingual", str(tmp_path), str(tmp_path / "pairs.tsv")])
    main()
    assert "(50)" in capsys.readouterr().out
