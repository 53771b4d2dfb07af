"""The map of topics: what is on it, what it is called, and for whom."""

from pathlib import Path

import pytest

from connector.errors import IndexNotBuiltError
from connector.store import Store
from search.experts import ExpertFinder
from search.indexer import Index
from search.settings import SearchSettings
from search.topic_map import TopicMap
from tests.builders import HashingEmbedder, ReadableWhere, make_history, make_index, make_page, make_store
from tests.knowledge_pages import subject_pages

NOWHERE = "Yvonne Tissu"
"""She has opted out, and one of her names is a word that a topic could be called by."""


class Scene:
    """Twelve pages about three subjects, and some that are on no map."""

    def __init__(self, folder: Path, *, practices: bool = False) -> None:
        pages = subject_pages(first=1)
        if practices:
            pages = [
                make_page(page.pageid, page.title, "{{Practice|statut=testée}}\n" + page.wikitext)
                for page in pages
            ] + [make_page(60, "Trésorerie", "Le budget et la caisse, le budget et la banque.")]
        pages.append(make_page(50, "Discussion:Vélo", "On en parle.", namespace=1))
        self.store: Store = make_store(folder, pages)
        for pageid in range(1, 13):
            self.store.revisions.put_many(
                make_history(pageid, ["Hugo", NOWHERE] if pageid % 3 else ["Solène"])
            )
        settings = SearchSettings(opt_out=(NOWHERE,), lock_wait_seconds=0.2)
        self.index: Index = make_index(folder, self.store, HashingEmbedder(), settings=settings)
        finder = ExpertFinder(store=self.store, people=self.index.people)
        self.map = TopicMap(store=self.store, index=self.index, finder=finder)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """What no test here changes."""
    scene = Scene(tmp_path_factory.mktemp("scene"))
    scene.index.update()
    return scene


def test_pages_about_the_same_are_one_topic_called_by_its_words(scene: Scene) -> None:
    drawn = scene.map.draw()
    assert (drawn.pages, drawn.practices_only) == (12, False)
    by_title = {frozenset(page.title[:-2] for page in topic.pages): topic for topic in drawn.topics}
    assert set(by_title) == {frozenset({"Vélo"}), frozenset({"Jardin"}), frozenset({"Couture"})}
    names = {title: topic.names["fr"] for (title,), topic in by_title.items()}
    assert "vélo" in [word.lower() for word in names["Vélo"]]
    assert {"compost", "semis"} & set(names["Jardin"])
    assert "machine" in names["Couture"]


def test_who_opted_out_is_neither_named_nor_anything_called_after_them(scene: Scene) -> None:
    drawn = scene.map.draw()
    assert {expert.name for topic in drawn.topics for expert in topic.people} == {"Hugo", "Solène"}
    assert all("tissu" not in words for topic in drawn.topics for words in topic.names.values())


def test_a_page_is_found_with_its_topic_and_the_language_is_the_readers_if_it_can_be(scene: Scene) -> None:
    drawn = scene.map.draw()
    topic = drawn.topic_of(4)
    assert topic is not None
    assert {page.pageid for page in topic.pages} == {1, 4, 7, 10}
    assert topic.words("fr") == topic.words("en") == ("fr", topic.names["fr"])
    assert drawn.topic_of(50) is None


def test_who_may_read_less_has_a_map_of_their_own(scene: Scene) -> None:
    whole = scene.map.draw()
    readable = ReadableWhere(lambda page: not page.title.startswith("Jardin"))
    drawn = scene.map.draw(readable=readable)
    assert drawn.pages == 8
    words = {word for topic in drawn.topics for some in topic.names.values() for word in some}
    assert not words & {"compost", "semis", "Jardin", "jardin"}
    assert scene.map.draw() is whole
    assert scene.map.draw(readable=ReadableWhere(lambda _: False)).topics == ()


def test_who_may_not_read_a_talk_page_is_not_told_who_talks_there(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    title = scene.store.pages.get_many([1])[1].title
    scene.store.pages.put_many([make_page(70, f"Discussion:{title}", "On en parle.", namespace=1)])
    scene.store.revisions.put_many(make_history(70, ["Ulysse"]))
    scene.index.update()

    def known(*, talks: bool) -> set[str]:
        # Both may read the same pages of content; the one the others as well.
        readable = ReadableWhere(lambda page: page.pageid != 2 and (talks or page.namespace != 1))
        drawn = scene.map.draw(readable=readable)
        return {expert.name for topic in drawn.topics for expert in topic.people}

    assert "Ulysse" in known(talks=True)
    assert "Ulysse" not in known(talks=False)


def test_it_is_kept_until_the_index_changes(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.index.update()
    first = scene.map.draw()
    assert scene.map.draw() is first
    scene.store.pages.put_many([make_page(13, "Vélo Z", "Le vélo, sa roue, sa chaîne et son frein.")])
    assert scene.map.draw() is first  # what is not searched yet is not drawn yet
    scene.index.update()
    assert scene.map.draw().pages == 13


def test_with_enough_practices_the_map_is_of_them(tmp_path: Path) -> None:
    scene = Scene(tmp_path, practices=True)
    scene.index.update()
    drawn = scene.map.draw()
    assert (drawn.pages, drawn.practices_only) == (12, True)
    assert drawn.topic_of(60) is None


def test_without_an_index_there_is_no_map(tmp_path: Path) -> None:
    with pytest.raises(IndexNotBuiltError):
        Scene(tmp_path).map.draw()
