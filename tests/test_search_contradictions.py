"""Pages that contradict each other: found once, judged, forgotten when a sentence changes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from connector.store import Store
from search.contradictions import AT_MEETING, JUDGED, NONE, SETTLED, Contradictions
from search.indexer import Index
from tests.builders import HashingEmbedder, ReadableWhere, make_index, make_page, make_store
from tests.knowledge_pages import SHARPEN, WORKSHOP, subject_pages


class Scene:
    """Two pages that disagree, among others."""

    def __init__(self, folder: Path) -> None:
        pages = [
            make_page(1, "Affûter un ciseau à bois", SHARPEN),
            make_page(2, "Atelier bois", WORKSHOP),
            make_page(
                3,
                "Discussion:Atelier bois",
                "Affûtez le ciseau à bois avec la pierre mouillée !",
                namespace=1,
            ),
            *subject_pages(first=10),
        ]
        self.store: Store = make_store(folder, pages)
        self.index: Index = make_index(folder, self.store, HashingEmbedder())
        self.index.update()
        self.found = Contradictions(store=self.store, index=self.index)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return Scene(tmp_path_factory.mktemp("scene"))


@pytest.fixture
def scene(shared: Scene) -> Iterator[Scene]:
    """The two pages as they were, judged by nobody: what is judged in a test is forgotten."""
    yield shared
    shared.store.judgements.forget(JUDGED, list(shared.store.judgements.of_kind(JUDGED)))


def test_both_sides_are_quoted_with_their_place(scene: Scene) -> None:
    [found] = scene.found.open()
    assert (found.why, found.left.pageid, found.right.pageid) == ("negation", 1, 2)
    assert found.left.sentence == "Affûtez le ciseau à bois avec la pierre mouillée."
    assert (found.left.heading, found.right.heading) == ("Pierre", "Entretien")
    assert found.left.url == "https://wiki.example.org/wiki/Aff%C3%BBter_un_ciseau_%C3%A0_bois"
    assert 0.6 < found.score <= 1


@pytest.mark.parametrize(("verdict", "stays"), [(SETTLED, False), (NONE, False), (AT_MEETING, True)])
def test_what_was_judged_is_not_put_before_anybody_again(scene: Scene, verdict: str, stays: bool) -> None:
    [found] = scene.found.open()
    scene.store.judgements.put(JUDGED, found.key, verdict, judged_by=None)
    assert [each.at_meeting for each in scene.found.open()] == ([True] if stays else [])
    assert scene.found.find(found.key) is not None
    scene.store.judgements.forget(JUDGED, [found.key])
    assert [each.at_meeting for each in scene.found.open()] == [False]


@pytest.mark.parametrize("hidden", [1, 2])
def test_who_may_not_read_both_sides_is_told_of_none(scene: Scene, hidden: int) -> None:
    readable = ReadableWhere(lambda page: page.pageid != hidden)
    assert scene.found.open(readable=readable) == []
    [found] = scene.found.open()
    assert scene.found.find(found.key, readable=readable) is None


def test_another_wording_is_judged_anew_and_a_mended_page_is_no_matter(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    [found] = scene.found.open()
    scene.store.judgements.put(JUDGED, found.key, SETTLED, judged_by=None)
    reworded = WORKSHOP.replace("N’affûtez jamais le", "N’affûtez pas ce")
    scene.store.pages.put_many([make_page(2, "Atelier bois", reworded, revid=900)])
    scene.index.update()
    assert [each.right.sentence for each in scene.found.open()] == [
        "N’affûtez pas ce ciseau à bois avec la pierre mouillée."
    ]
    mended = WORKSHOP.replace("N’affûtez jamais", "Affûtez")
    scene.store.pages.put_many([make_page(2, "Atelier bois", mended, revid=901)])
    scene.index.update()
    assert scene.found.all() == []


def _found(folder: Path, *texts: str) -> Contradictions:
    """What is found on a wiki with these pages, beside others; numbered from 1."""
    pages = [make_page(number, f"Fiche {number}", text) for number, text in enumerate(texts, start=1)]
    store = make_store(folder, [*pages, *subject_pages(first=10)])
    index = make_index(folder, store, HashingEmbedder())
    index.update()
    return Contradictions(store=store, index=index)


_WET: Final = "Affûtez le ciseau à bois avec la pierre mouillée."
_DRY: Final = "N’affûtez jamais le ciseau à bois avec la pierre mouillée."


def test_two_sentences_of_many_pages_are_put_before_a_person_once(tmp_path: Path) -> None:
    found = _found(tmp_path, _WET, _WET, _DRY)
    first, second = found.all()
    assert [each.key for each in found.open()] == [first.key]
    found._store.judgements.put(JUDGED, first.key, SETTLED, judged_by=None)
    assert [each.key for each in found.open()] == [second.key]  # the other page still says it
    found._store.judgements.put(JUDGED, first.key, NONE, judged_by=None)
    assert found.open() == []
    found._store.judgements.put(JUDGED, second.key, AT_MEETING, judged_by=None)
    found._store.judgements.forget(JUDGED, [first.key])
    assert [each.key for each in found.open()] == [second.key]


def test_a_page_that_says_both_tells_two_cases_apart(tmp_path: Path) -> None:
    both = f"== Acier ==\n{_WET}\n== Carbone ==\n{_DRY}\n"
    assert _found(tmp_path, both, _DRY).all() == []


@pytest.mark.parametrize("heading", ["Notes de version", "Problèmes connus", "Problème", "Témoignages"])
def test_what_was_changed_or_lived_through_is_no_advice(tmp_path: Path, heading: str) -> None:
    assert _found(tmp_path, f"== {heading} ==\n{_WET}\n", _DRY).all() == []
