"""Another model is made ready beside the one that answers, and takes over when its vectors are whole."""

import threading
from collections.abc import Sequence

import pytest

from connector.errors import IndexNotBuiltError, ModelMismatchError, SearchError
from connector.progress import Progress
from search.embedding import Vectors
from search.indexer import IndexReport
from tests.builders import HashingEmbedder, make_page
from tests.test_search_indexer import PAGES, Scene, assert_whole, scene

__all__ = ["scene"]  # a fixture

_PATIENCE = 60.0


class SlowEmbedder(HashingEmbedder):
    """A model that embeds only when it is let."""

    def __init__(self, model_id: str) -> None:
        super().__init__(model_id)
        self.asked, self.let = threading.Event(), threading.Event()

    def embed_passages(self, texts: Sequence[str], *, progress: Progress | None = None) -> Vectors:
        """See `Embedder`."""
        self.asked.set()
        assert self.let.wait(_PATIENCE)
        return super().embed_passages(texts, progress=progress)


class FailingEmbedder(HashingEmbedder):
    """A model that fails at its second handful."""

    def embed_passages(self, texts: Sequence[str], *, progress: Progress | None = None) -> Vectors:
        """See `Embedder`."""
        if self.embedded:
            raise SearchError("no room for the other model")
        return super().embed_passages(texts, progress=progress)


def test_the_old_model_answers_and_updates_until_the_new_one_is_whole(scene: Scene) -> None:
    first = scene.update()
    index, new = scene.open(), SlowEmbedder("hashing@2")
    reports: list[IndexReport] = []
    with index.lock.acquire(exclusive=True, wait_seconds=0):  # as a process that serves has it
        change = threading.Thread(target=lambda: reports.append(index.change_model(new)))
        change.start()
        assert new.asked.wait(_PATIENCE)
        # A page that is published meanwhile is found meanwhile, and one that goes is gone.
        scene.put(make_page(9, "La nouvelle", "Un tabouret en bois."))
        scene.store.pages.delete([2])
        assert index.update().pages_indexed == 1
        with index.answering() as embedder:
            assert embedder.model_id == "hashing@1"
            question = embedder.embed_query("tabouret")
            assert index.vectors.nearest("hashing@1", question, limit=1)[0][0].startswith("9:")
        assert index.compare_with_mirror().in_step
        assert_whole(index)
        new.let.set()
        change.join(_PATIENCE)
        assert index.embedder is new
        assert_whole(index)
        assert index.vectors.nearest("hashing@2", new.embed_query("tabouret"), limit=1)[0][0].startswith("9:")
        with pytest.raises(IndexNotBuiltError):
            index.vectors.nearest("hashing@1", question, limit=1)
        assert index.stats().model == "hashing@2"
        assert index.compare_with_mirror().in_step
        index.close()
    (report,) = reports
    assert report.chunks_embedded == first.chunks_embedded + 1, "the page that went had been read already"


def test_a_question_keeps_the_vectors_that_it_began_with(scene: Scene) -> None:
    scene.update()
    index, new = scene.open(), HashingEmbedder("hashing@2")
    change = threading.Thread(target=lambda: index.change_model(new))
    with index.lock.acquire(exclusive=True, wait_seconds=0):
        with index.answering() as embedder:
            change.start()
            while index.embedder is not new:
                change.join(0.02)
            with index.answering() as other:  # who asks now is answered by the new one
                assert other is new
            assert embedder.model_id == "hashing@1"
            assert index.vectors.nearest("hashing@1", embedder.embed_query("outil"), limit=1)
            assert change.is_alive()
        change.join(_PATIENCE)
        assert not change.is_alive()
        with pytest.raises(IndexNotBuiltError):
            index.vectors.nearest("hashing@1", embedder.embed_query("outil"), limit=1)
        index.close()


def test_a_change_that_fails_leaves_the_old_model_and_the_next_one_goes_on(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search.index_filling.PASSAGES_AT_ONCE", 3)
    first = scene.update()
    index = scene.open()
    with pytest.raises(SearchError, match="no room"):
        index.change_model(FailingEmbedder("hashing@2"))
    assert index.embedder.model_id == "hashing@1"
    index.check()
    assert_whole(index)
    report = index.change_model(HashingEmbedder("hashing@2"))
    assert report.chunks_embedded == first.chunks_embedded - 3
    assert_whole(index)
    index.close()


def test_a_change_to_the_same_model_is_an_update(scene: Scene) -> None:
    scene.update()
    scene.put(make_page(9, "La nouvelle"))
    index = scene.open()
    assert index.change_model(HashingEmbedder("hashing@1")).pages_indexed == 1
    index.close()


def test_without_an_index_of_the_present_model_nothing_answers_until_the_end(scene: Scene) -> None:
    scene.update()
    scene.embedder = HashingEmbedder("hashing@2")
    index = scene.open()
    with pytest.raises(ModelMismatchError), index.answering():
        pass
    index.change_model(HashingEmbedder("hashing@3"))
    assert_whole(index)
    assert index.stats().model == "hashing@3"
    index.close()


def test_vectors_of_a_model_that_was_given_up_go_with_the_next_update(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search.index_filling.PASSAGES_AT_ONCE", 3)
    scene.update()
    index = scene.open()
    with pytest.raises(SearchError):
        index.change_model(FailingEmbedder("hashing@2"))
    assert index.vectors.get("hashing@2", sorted(index.keywords.chunk_ids()))
    scene.put(PAGES[1])
    index.update()
    with pytest.raises(IndexNotBuiltError):
        index.vectors.get("hashing@2", ["1:a"])
    index.close()
