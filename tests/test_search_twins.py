"""Twins: found in both languages, compared section by section."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from connector.store import Store
from search.indexer import Index
from search.twins import DONE, JUDGED, NOT_TWINS, Twins, align, twin_key
from tests.builders import HashingEmbedder, ReadableWhere, make_index, make_page, make_store
from tests.knowledge_pages import SHARPEN_ENGLISH, SHARPEN_FRENCH, subject_pages

FRENCH, ENGLISH = 1, 2


class Scene:
    """One pair among pages that have no twin."""

    def __init__(self, folder: Path) -> None:
        pages = [
            make_page(FRENCH, "Burin de Kervern", SHARPEN_FRENCH),
            make_page(ENGLISH, "Kervern chisel", SHARPEN_ENGLISH),
            make_page(
                3, "Treasurer", "The treasurer counts the money of every evening and locks the box away."
            ),
            *subject_pages(first=10, each=1),
        ]
        self.store: Store = make_store(folder, pages)
        self.index: Index = make_index(folder, self.store, HashingEmbedder())
        self.index.update()
        self.twins = Twins(store=self.store, index=self.index)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return Scene(tmp_path_factory.mktemp("scene"))


@pytest.fixture
def scene(shared: Scene) -> Iterator[Scene]:
    """The pair as it was, judged by nobody: what is judged in a test is forgotten."""
    yield shared
    shared.store.judgements.forget(JUDGED, list(shared.store.judgements.of_kind(JUDGED)))


def test_the_pair_is_found_and_nobody_else_has_a_twin(scene: Scene) -> None:
    [pair] = scene.twins.all()
    assert (pair.french.title, pair.english.title) == ("Burin de Kervern", "Kervern chisel")
    assert (pair.french.language, pair.english.language) == ("fr", "en")
    assert pair.key == twin_key(FRENCH, ENGLISH)


def test_the_section_that_only_one_has_is_told(scene: Scene) -> None:
    compared = scene.twins.compare(FRENCH, ENGLISH)
    assert compared is not None
    assert [each.heading for each in compared.only_french] == ["Assurance"]
    assert compared.only_french[0].beginning.startswith("L’association déclare")
    assert compared.only_english == ()
    assert compared.paired == (("", ""), ("Pierre", "Stone"))
    assert scene.twins.compare(FRENCH, ENGLISH) is compared


def test_a_changed_page_is_compared_anew(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    english = SHARPEN_ENGLISH + (
        "== Insurance ==\nThe association declares every accident to the mutual company within five days,"
        " with the yellow formular of the drawer.\n"
    )
    scene.store.pages.put_many([make_page(ENGLISH, "Kervern chisel", english, revid=900)])
    scene.index.update()
    compared = scene.twins.compare(FRENCH, ENGLISH)
    assert compared is not None
    assert compared.only_french == compared.only_english == ()


def test_who_was_erased_stands_in_no_comparison_that_was_made_before(tmp_path: Path) -> None:
    """Texts are masked where they stand: the wiki's revision stays the same."""
    scene = Scene(tmp_path)
    before = scene.twins.compare(FRENCH, ENGLISH)
    assert before is not None
    assert before.only_french[0].beginning.startswith("L’association")
    page = scene.store.pages.get_many([FRENCH])[FRENCH]
    masked = replace(page, wikitext=page.wikitext.replace("L’association", "…"))
    scene.store.pages.put_many([masked])
    after = scene.twins.compare(FRENCH, ENGLISH)
    assert after is not None
    assert not after.only_french[0].beginning.startswith("L’association")


@pytest.mark.parametrize("hidden", [FRENCH, ENGLISH])
def test_who_may_not_read_both_is_told_of_no_pair(scene: Scene, hidden: int) -> None:
    readable = ReadableWhere(lambda page: page.pageid != hidden)
    assert scene.twins.all(readable=readable) == []
    assert scene.twins.compare(FRENCH, ENGLISH, readable=readable) is None


def test_what_somebody_judged_stays(scene: Scene) -> None:
    scene.store.judgements.put(JUDGED, twin_key(FRENCH, ENGLISH), DONE, judged_by=None)
    assert [pair.judged for pair in scene.twins.all()] == [True]
    scene.store.judgements.put(JUDGED, twin_key(FRENCH, ENGLISH), NOT_TWINS, judged_by=None)
    assert scene.twins.all() == []
    assert scene.twins.compare(FRENCH, ENGLISH) is None


@pytest.mark.parametrize(
    ("near", "pairs"),
    [
        ([[0.9, 0.1], [0.1, 0.9]], [(0, 0), (1, 1)]),
        ([[0.9, 0.3, 0.1], [0.1, 0.3, 0.9]], [(0, 0), (1, 2)]),
        ([[0.1, 0.9], [0.9, 0.1]], [(0, 1), (1, 0)]),  # the other way round on the other page
        ([[0.1]], []),
        (np.zeros((0, 2)).tolist(), []),
    ],
)
def test_sections_are_put_side_by_side(near: list[list[float]], pairs: list[tuple[int, int]]) -> None:
    rows = np.array(near, dtype=np.float32).reshape(len(near), -1 if near else 2)
    assert align(rows) == pairs
