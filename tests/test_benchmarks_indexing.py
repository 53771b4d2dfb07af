"""The benchmark of indexing, in its smallest size, on invented pages and without any time."""

import lzma
import tarfile
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from benchmarks.indexing import CONTESTANTS, Outcome, report, sample_passages

PAGES = {
    "Ranger les outils": "Un tableau mural montre la silhouette de chaque outil.\n\n"
    + "On range le soir. " * 60,
    "Welcome": "Two members welcome each newcomer, and show them the workshop.",
    "Café": "La machine à café est détartrée tous les trois mois.",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "practices" / "fr-exemple"
    place.mkdir(parents=True)
    with lzma.open(place / "pages.tar.xz", "wb") as packed, tarfile.open(fileobj=packed, mode="w") as archive:
        for title, text in PAGES.items():
            member = tarfile.TarInfo(f"{title}.md")
            member.size = len(text.encode())
            archive.addfile(member, BytesIO(text.encode()))
    return tmp_path


def test_passages_are_sampled_evenly_in_the_order_of_the_pages(folder: Path) -> None:
    everything = sample_passages(folder, number=100)
    assert len(everything) >= 4
    assert "Ranger les outils" in everything[0]
    some = sample_passages(folder, number=2)
    assert len(some) == 2
    assert set(some) <= set(everything)


@pytest.mark.model
def test_everybody_makes_the_same_vectors_and_the_report_says_so(folder: Path, tmp_path: Path) -> None:
    texts = sample_passages(folder, number=6)
    vectors = {}
    outcomes = {}
    for number, (name, take_part) in enumerate(CONTESTANTS.items()):
        rows, embedding_seconds, adding_seconds = take_part(texts, tmp_path / str(number))
        vectors[name] = rows
        outcomes[name] = [
            Outcome(embedding_seconds=embedding_seconds, adding_seconds=adding_seconds, peak_mb=1.0)
        ]
    ours, float32, baseline = vectors.values()
    assert (ours * baseline).sum(axis=1).min() > 0.999
    assert np.allclose(float32, baseline, atol=1e-4)
    text = report(texts, outcomes, vectors)
    assert text.count("\n| ") >= 5
    assert all(name in text for name in CONTESTANTS)
