"""After a random life of a real wiki, mirror and index are the wiki: no ghost, nothing missing or stale.

`make soak` does the same with 1,000 operations a seed. A failure prints the seed and the last operations.
"""

import dataclasses
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from search.indexer import Index
from tests.builders import HashingEmbedder, make_index
from tests.conftest import MakeWiki
from tests.mediawiki import LocalWiki
from tests.mirrored_wiki import MirroredWiki
from tests.wiki_history import KINDS, RandomHistory
from tests.wiki_truth import differences

# Indexed: even, and none of User, MediaWiki, Template, Module.
_SEARCHED = {0, 4, 12, 14}


class Scene(MirroredWiki):
    """A wiki with a random history, and its mirror and index in a folder."""

    def __init__(self, wiki: LocalWiki, folder: Path, *, seed: int) -> None:
        super().__init__(wiki, folder)
        self.history = RandomHistory(wiki, seed=seed)
        self.embedder = HashingEmbedder()

    def assert_the_feed_saw_what_it_can_see(self) -> None:
        history = self.history
        seen = self.differences(unseen_pages=history.unseen_pages, unseen_revisions=history.unseen_revisions)
        assert not seen, self.complain("after a sync without a sweep", seen)

    def assert_equal(self) -> None:
        self.history.settle()
        self.sync(sweep=True)
        self.history.everything_was_seen()
        different = self.differences(links=True)
        assert not different, self.complain("after a sweep", different)

    def assert_the_index_is_the_wiki(self) -> None:
        """The manifest has the wiki's pages; an index made from nothing has the same passages."""
        pages = self.truth().pages.values()
        searched = {
            (p.pageid, p.namespace, p.title, p.revid)
            for p in pages
            if p.namespace in _SEARCHED and not p.redirect
        }
        index = make_index(self.folder, self.store, self.embedder)
        index.update()
        manifest = index.keywords.manifest().values()
        assert {(p.pageid, p.namespace, p.title, p.revid) for p in manifest} == searched
        anew = make_index(self.folder / "anew", self.store, self.embedder)
        anew.update()
        assert passages(index) == passages(anew)
        index.close()
        anew.close()

    def complain(self, when: str, lines: list[str]) -> str:
        return "\n".join([f"the mirror is not the wiki {when}:", *lines, self.history.story()])


def passages(index: Index) -> set[str]:
    ids = index.keywords.chunk_ids()
    assert index.vectors.ids(index.embedder.model_id) == ids
    return ids


@pytest.fixture
def scenes(make_wiki: MakeWiki, tmp_path: Path, seeds: list[int]) -> Iterator[Iterator[Scene]]:
    """A scene for each seed."""
    made: list[Scene] = []

    def make() -> Iterator[Scene]:
        for seed in seeds:
            print(f"seed {seed}")
            made.append(Scene(make_wiki(), tmp_path / str(seed), seed=seed))
            yield made[-1]

    yield make()
    for scene in made:
        scene.close()


@pytest.mark.timeout(7_200)
def test_after_a_random_history_mirror_and_index_are_the_wiki(scenes: Iterator[Scene], soak: bool) -> None:
    rounds, operations = (50, 20) if soak else (6, 14)
    for scene in scenes:
        scene.history.found(pages=24)
        scene.sync(sweep=True)
        scene.assert_equal()
        for number in range(rounds):
            scene.history.run(operations)
            scene.sync(sweep=False)
            scene.assert_the_feed_saw_what_it_can_see()
            if number % 5 == 2:
                scene.assert_equal()
        assert set(scene.history.kinds) == set(KINDS)
        scene.assert_equal()
        scene.assert_the_index_is_the_wiki()
        again = scene.sync(sweep=True)
        assert (again.added, again.updated, again.moved, again.purged) == (0, 0, 0, 0), again


@pytest.mark.timeout(7_200)
def test_what_happens_while_the_mirror_is_brought_in_step_is_in_it_after_the_next_sync(
    scenes: Iterator[Scene], soak: bool
) -> None:
    operations = 300 if soak else 40
    for scene in scenes:
        scene.history.found(pages=24)
        problems: list[BaseException] = []

        def live(scene: Scene = scene, problems: list[BaseException] = problems) -> None:
            try:
                scene.history.run(operations)
            except BaseException as error:  # for the test's own thread to raise
                problems.append(error)

        life = threading.Thread(target=live)
        life.start()
        syncs = 0
        while life.is_alive():
            scene.sync(sweep=syncs % 3 == 0)
            syncs += 1
        life.join()
        if problems:
            raise problems[0]
        scene.sync(sweep=False)
        scene.assert_the_feed_saw_what_it_can_see()
        scene.assert_equal()
        print(f"{syncs} syncs during {operations} operations")


def test_a_difference_is_found(scenes: Iterator[Scene]) -> None:
    """The comparison itself: each field of each kind of thing is compared."""
    scene = next(scenes)
    scene.history.found(pages=3)
    scene.sync(sweep=True)
    scene.wiki.run_maintenance("runJobs.php")
    truth = scene.truth()
    assert differences(truth, scene.mirror(), links=True) == []
    for kind in ("pages", "revisions", "links"):
        states = getattr(truth, kind)
        key, state = next(iter(states.items()))
        less = dataclasses.replace(truth, **{kind: {k: s for k, s in states.items() if k != key}})
        assert [line.split()[0] for line in differences(truth, less, links=True)] == ["missing"]
        assert [line.split()[0] for line in differences(less, truth, links=True)] == ["ghost"]
        for field in dataclasses.fields(state):
            changed = dataclasses.replace(state, **{field.name: "autre"})
            wrong = dataclasses.replace(truth, **{kind: {**states, key: changed}})
            [line] = differences(truth, wrong, links=True)
            assert line.startswith("stale")
            assert f"{field.name}: wiki " in line
