"""The benchmark of speed, in its smallest size, on invented pages and without any time."""

import lzma
import tarfile
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from benchmarks.speed import sample_questions, serve
from benchmarks.speed_collections import Passages, build, is_built, open_collection
from benchmarks.speed_measures import PARTS, clients, parts, update
from benchmarks.speed_report import Measured, ratio, write_report
from search.chunking import Chunk, Part
from search.embedding import SentenceTransformerEmbedder
from search.settings import EmbeddingSettings

SIZE = 30
QUESTIONS = ["Où ranger les outils ?", "Who repairs the coffee machine?"]
TEXTS = {
    "Ranger les outils": "Un tableau mural montre la silhouette de chaque outil. On range le soir, à deux.",
    "Café": "La machine à café est détartrée tous les trois mois. Le carnet dit par qui.",
    "Welcome": "Two members welcome each newcomer. They show them the workshop and its keys.",
}


@pytest.fixture(scope="module")
def passages() -> Passages:
    chunks = tuple(
        Chunk(
            title=title,
            heading="",
            text=text,
            language="en" if title == "Welcome" else "fr",
            parts=(Part(0, "", ""),),
        )
        for title, text in TEXTS.items()
    )
    vectors = SentenceTransformerEmbedder(EmbeddingSettings()).embed_passages([c.embedded for c in chunks])
    return Passages(tuple((chunk,) for chunk in chunks), vectors)


@pytest.fixture(scope="module")
def collection(passages: Passages, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("speed") / str(SIZE)
    build(folder, passages, size=SIZE)
    return folder


@pytest.mark.model
def test_a_collection_has_its_size_and_is_in_step_with_its_mirror(collection: Path) -> None:
    assert is_built(collection, size=SIZE)
    assert not is_built(collection, size=SIZE + 1)
    assert not is_built(collection.parent / "absent", size=SIZE)
    services = open_collection(collection)
    try:
        comparison = services.index.compare_with_mirror()
        assert comparison.in_step
        found = services.searcher.search("Où ranger les outils ?")
        assert found.hits[0].title == "Ranger les outils"
        assert found.experts
        ids = sorted(services.index.keywords.chunk_ids())
        model_id = services.index.embedder.model_id
        rows = services.index.vectors.get(model_id, ids)
        assert sorted(rows) == ids
        assert np.allclose([np.linalg.norm(row) for row in rows.values()], 1, atol=1e-4)
    finally:
        services.close()


@pytest.mark.model
def test_everything_is_measured_and_reported(collection: Path) -> None:
    by_part = parts(collection, QUESTIONS)
    assert set(by_part["milliseconds"]) == set(PARTS)
    assert all(len(taken) == len(QUESTIONS) for taken in by_part["milliseconds"].values())
    asked = clients(collection, QUESTIONS, number=4)
    assert len(asked["milliseconds"]) == 4
    served = serve(collection, QUESTIONS)
    assert served["VmHWM"] >= served["VmRSS"] > 0
    edited = update(collection, ["La perceuse se prête deux jours. On la rend chargée."])
    assert edited["embedded"] == 1
    measured = Measured(
        questions=len(QUESTIONS),
        baseline={"milliseconds": [1.0, 1.0]},
        parts={SIZE: by_part},
        clients={(SIZE, 4): asked},
        updates={SIZE: edited},
        served={SIZE: served},
        cold={SIZE: [1.0]},
        help=[0.1],
    )
    report = write_report("A machine.", measured)
    assert "`Searcher.search`" in report
    assert report.count("\n| ") >= 15
    assert ratio(measured, SIZE, baseline=True) == pytest.approx(np.median(by_part["milliseconds"]["whole"]))


def test_a_missed_target_is_called_so() -> None:
    taken = {name: [10.0] for name in PARTS} | {"whole": [16.0]}
    measured = Measured(
        questions=1,
        baseline={"milliseconds": [12.0]},
        parts={SIZE: {"milliseconds": taken, "cpu": [9.0]}},
        updates={SIZE: {"seconds": 1.0, "peak_mb": 1.0}},
        served={SIZE: {"VmHWM": 900.0, "VmRSS": 800.0, "first_answer": 1.0, "median": 1.0}},
        cold={SIZE: [3.5]},
        help=[0.2],
    )
    verdicts = [line for line in write_report("", measured).splitlines() if line.endswith(("met |", "** |"))]
    assert ["missed" in line for line in verdicts] == [True, False, True, False, False]


def test_questions_are_those_of_the_folder_or_our_own(tmp_path: Path) -> None:
    assert sample_questions(tmp_path, number=5)
    place = tmp_path / "practices" / "fr-exemple"
    place.mkdir(parents=True)
    text = (
        "# Ranger\n\n<summary>Chaque outil a sa place au mur, et chacun la voit.</summary>\n\n"
        + "On range les outils et la colle dans la salle. " * 10
    )
    with lzma.open(place / "pages.tar.xz", "wb") as packed, tarfile.open(fileobj=packed, mode="w") as archive:
        member = tarfile.TarInfo("ranger.md")
        member.size = len(text.encode())
        archive.addfile(member, BytesIO(text.encode()))
    assert sample_questions(tmp_path, number=5) == ["Chaque outil a sa place au mur, et chacun la voit."]
