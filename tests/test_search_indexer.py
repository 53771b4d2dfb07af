"""The index in step with the mirror: what changed is done again, and what breaks heals by running again."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from connector.errors import IndexBusyError, IndexNotBuiltError, ModelMismatchError
from connector.model import Page
from connector.store import Store
from search.index_lock import IndexLock
from search.indexer import Index, IndexReport
from search.settings import SearchSettings
from tests.builders import HashingEmbedder, make_index, make_page, make_store

SECTIONS = "\n".join(
    f"== Partie {n} ==\n"
    + " ".join(f"La phrase {n}.{m} parle de la table et du banc numéro {m}." for m in range(8))
    for n in range(4)
)
PAGES = (
    make_page(1, "Accueil des bénévoles", SECTIONS),
    make_page(2, "Ranger les outils", "Chaque outil a sa silhouette au mur."),
    make_page(3, "Fablab", "Un lieu ouvert à tous, avec des machines."),
    make_page(4, "Atelier de fabrication", redirect="Fablab"),
    make_page(5, "Discussion:Fablab", "On en parle ici.", namespace=1),
    make_page(6, "Utilisateur:Nadia", "Je répare des radios.", namespace=2),
    make_page(7, "Modèle:Bandeau", "Un bandeau.", namespace=10),
    make_page(8, "Catégorie:Machines", "Toutes les machines.", namespace=14),
)
SEARCHED = {1, 2, 3, 8}


class Scene:
    """A mirror, and an index that is opened again for each step as a new process would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store: Store = make_store(folder, PAGES)
        self.embedder = HashingEmbedder()
        self.settings = SearchSettings(lock_wait_seconds=0.2)

    def open(self) -> Index:
        return make_index(self.folder, self.store, self.embedder, settings=self.settings)

    def update(self) -> IndexReport:
        self.embedder.embedded.clear()
        index = self.open()
        report = index.update()
        assert report.chunks_embedded == len(self.embedder.embedded)
        assert_whole(index)
        index.close()
        return report

    def put(self, page: Page) -> None:
        self.store.pages.put_many([page])


def assert_whole(index: Index) -> None:
    """Manifest, words and vectors say the same, and an index built from nothing says it too."""
    index.check()
    chunk_ids = index.keywords.chunk_ids()
    assert index.vectors.ids(index.embedder.model_id) == chunk_ids
    assert {int(i.partition(":")[0]) for i in chunk_ids} == set(index.keywords.manifest())


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    made = Scene(tmp_path)
    yield made
    made.store.close()


def found(scene: Scene, words: str) -> list[int]:
    index = scene.open()
    hits = index.keywords.search(index.analyzer.query(words, "fr"), limit=20)
    index.close()
    return [int(chunk_id.partition(":")[0]) for chunk_id, _ in hits]


def test_pages_are_indexed_and_talk_users_templates_and_redirects_are_not(scene: Scene) -> None:
    report = scene.update()
    index = scene.open()
    assert set(index.keywords.manifest()) == SEARCHED
    stats = index.stats()
    assert (stats.pages, stats.model) == (4, "hashing@1")
    assert stats.chunks == report.chunks_embedded > 6
    index.close()


def test_nothing_to_do_embeds_nothing(scene: Scene) -> None:
    first = scene.update()
    again = scene.update()
    assert (again.pages_indexed, again.pages_unchanged, again.chunks_embedded) == (0, 4, 0)
    assert again.chunks_reused == first.chunks_embedded


def test_an_edit_embeds_only_the_passages_it_changed(scene: Scene) -> None:
    scene.update()
    edited = SECTIONS.replace("La phrase 2.3", "La phrase nouvelle")
    scene.put(replace(PAGES[0], wikitext=edited, revid=999))
    report = scene.update()
    assert (report.pages_indexed, report.chunks_embedded) == (1, 1)
    assert "La phrase nouvelle" in scene.embedder.embedded[0]
    assert scene.open().keywords.pages([1])[1].revid == 999


def test_ten_edits_embed_ten_passages(scene: Scene) -> None:
    for number in range(20, 60):
        scene.put(make_page(number, f"Page {number}", SECTIONS.replace("phrase", f"phrase {number}")))
    whole = scene.update()
    for number in range(30, 40):
        text = SECTIONS.replace("phrase", f"phrase {number}").replace(f"{number} 3.5", "nouvelle")
        scene.put(make_page(number, f"Page {number}", text, revid=10_000 + number))
    report = scene.update()
    assert (report.pages_indexed, report.pages_unchanged) == (10, 34)
    assert report.chunks_embedded == 10
    assert report.chunks_reused == whole.chunks_embedded - 10
    assert sum("nouvelle" in text for text in scene.embedder.embedded) == 10


def test_a_category_changes_one_passage_and_a_redirect_none(scene: Scene) -> None:
    scene.update()
    scene.put(replace(PAGES[0], wikitext=SECTIONS + "\n[[Catégorie:Accueil]]", revid=500))
    report = scene.update()
    assert (report.pages_indexed, report.chunks_embedded) == (1, 1)
    assert set(found(scene, "Accueil")) == {1}
    scene.put(make_page(60, "Bienvenue", redirect="Accueil des bénévoles"))
    report = scene.update()
    assert (report.pages_indexed, report.chunks_embedded) == (1, 0)
    assert set(found(scene, "bienvenue")) == {1}


def test_an_edit_back_finds_no_vector_of_the_past(scene: Scene) -> None:
    scene.update()
    scene.put(replace(PAGES[1], wikitext="Autre chose.", revid=300))
    scene.update()
    scene.put(replace(PAGES[1], revid=301))
    assert scene.update().chunks_embedded == 1


def test_a_move_changes_the_title_that_is_found(scene: Scene) -> None:
    scene.update()
    scene.put(replace(PAGES[1], title="Tableau mural"))
    report = scene.update()
    assert (report.pages_indexed, report.pages_removed) == (1, 0)
    assert found(scene, "tableau mural") == [2]
    assert scene.open().keywords.pages([2])[2].title == "Tableau mural"


def test_a_redirect_is_another_name_of_its_target_as_long_as_it_is_there(scene: Scene) -> None:
    scene.update()
    assert found(scene, "fabrication") == [3]
    scene.store.pages.delete([4])
    report = scene.update()
    assert (report.pages_indexed, report.chunks_embedded) == (1, 0)
    assert found(scene, "fabrication") == []


def test_a_page_that_became_a_redirect_is_no_page(scene: Scene) -> None:
    scene.update()
    scene.put(make_page(2, "Ranger les outils", redirect="Fablab", revid=222))
    assert scene.update().pages_removed == 1
    assert found(scene, "ranger") == [3]


def test_a_deleted_page_is_gone_from_words_and_vectors(scene: Scene) -> None:
    scene.update()
    scene.store.pages.delete([1])
    report = scene.update()
    assert (report.pages_removed, report.chunks_embedded) == (1, 0)
    assert found(scene, "table banc") == []


def test_an_empty_mirror_is_an_index_of_nothing(scene: Scene) -> None:
    scene.store.pages.delete([page.pageid for page in PAGES])
    assert scene.update().pages_indexed == 0
    assert scene.open().stats().pages == 0


def test_before_the_first_update_there_is_no_index(scene: Scene) -> None:
    index = scene.open()
    for ask in (index.check, index.stats):
        with pytest.raises(IndexNotBuiltError, match="compagnon index"):
            ask()
    assert not (scene.folder / "index").exists()


@pytest.mark.parametrize(
    ("lost", "embeds"),
    [(("keyword.sqlite3",), False), (("chroma",), True), (("keyword.sqlite3", "chroma"), True)],
)
def test_what_was_deleted_heals(scene: Scene, lost: tuple[str, ...], embeds: bool) -> None:
    whole = scene.update()
    for name in lost:
        for path in (scene.folder / "index").glob(f"{name}*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    report = scene.update()
    assert report.chunks_embedded == (whole.chunks_embedded if embeds else 0)
    assert found(scene, "silhouette") == [2]


def test_vectors_that_went_missing_are_embedded_again_and_strays_removed(scene: Scene) -> None:
    scene.update()
    index = scene.open()
    some = sorted(index.keywords.chunk_ids())[:2]
    with index.lock.acquire(exclusive=True, wait_seconds=0):
        index.vectors.delete(some)
        stray = scene.embedder.embed_passages(["a", "b"])
        index.vectors.add(scene.embedder.model_id, ["1:stray", "77:stray"], stray)
        index.vectors.close()
    assert scene.update().chunks_embedded == 2


def test_another_model_is_a_mismatch_until_all_is_indexed_again(scene: Scene) -> None:
    first = scene.update()
    scene.embedder = HashingEmbedder("hashing@2")
    index = scene.open()
    with pytest.raises(ModelMismatchError) as caught:
        index.check()
    assert (caught.value.built_with, caught.value.configured) == ("hashing@1", "hashing@2")
    report = scene.update()
    assert (report.pages_indexed, report.pages_unchanged) == (0, 4), "the words are the same"
    assert report.chunks_embedded == first.chunks_embedded
    scene.embedder = HashingEmbedder("hashing@1")
    with pytest.raises(ModelMismatchError):
        scene.open().check()


class BreakingEmbedder(HashingEmbedder):
    """A model too big for the machine."""

    def embed_passages(self, texts, *, progress=None):  # type: ignore[no-untyped-def]
        raise MemoryError("no room for the other model")


def test_a_new_model_that_fails_leaves_the_old_index_in_use(scene: Scene) -> None:
    scene.update()
    scene.embedder = BreakingEmbedder("hashing@2")
    with pytest.raises(MemoryError):
        scene.open().update()
    scene.embedder = HashingEmbedder("hashing@1")
    index = scene.open()
    assert_whole(index)
    index.close()
    assert scene.update().chunks_embedded == 0


def test_who_opts_out_leaves_the_labels_and_nothing_else_is_embedded(scene: Scene) -> None:
    practice = "{{Practice|statut=testée|contacts=Nadia Ferrand, Hugo Le Bris}}\nOn range les outils."
    scene.put(make_page(9, "Le tableau", practice))
    scene.update()
    assert found(scene, "Ferrand") == [9]
    scene.settings = replace(scene.settings, opt_out=("nadia_ferrand",))
    report = scene.update()
    assert report.chunks_embedded == 1
    assert found(scene, "Ferrand") == []
    assert scene.open().keywords.pages([9])[9].contacts == ("Hugo Le Bris",)


def test_a_practice_gives_its_status_and_its_labels(scene: Scene) -> None:
    practice = "{{Practice|statut=adoptée|contexte=Ressourcerie}}\nOn trie. [[Catégorie:Déchets]]"
    scene.put(make_page(9, "Trier", practice))
    scene.update()
    assert scene.open().keywords.pages([9])[9].status == "adopted"
    assert scene.open().keywords.pages([2])[2].status is None
    assert found(scene, "ressourcerie") == found(scene, "adoptée") == found(scene, "déchets") == [9]
    assert found(scene, "contexte statut") == [9]


def test_an_index_that_another_process_owns_is_not_written(scene: Scene) -> None:
    with (
        IndexLock(scene.folder / "index").acquire(exclusive=True, wait_seconds=0),
        pytest.raises(IndexBusyError),
    ):
        scene.open().update()


def test_a_reader_may_become_the_writer(scene: Scene) -> None:
    scene.update()
    index = scene.open()
    vector = scene.embedder.embed_query("outil")
    assert index.vectors.nearest("hashing@1", vector, limit=1)
    scene.put(make_page(9, "Nouvelle page"))
    index.update()
    assert_whole(index)
    assert not index.lock.exclusive
    index.close()


def test_chroma_is_open_only_under_a_lock(scene: Scene) -> None:
    scene.settings = replace(scene.settings, chroma_url=None)  # a server needs none
    index = scene.open()
    other = IndexLock(scene.folder / "index")
    index.update()
    with other.acquire(exclusive=True, wait_seconds=0):
        pass
    index.vectors.ids("hashing@1")
    with pytest.raises(IndexBusyError), other.acquire(exclusive=True, wait_seconds=0):
        pass
    index.close()
    with other.acquire(exclusive=True, wait_seconds=0):
        pass


def test_a_serving_process_updates_without_letting_go(scene: Scene) -> None:
    index = scene.open()
    other = IndexLock(scene.folder / "index")
    with index.lock.acquire(exclusive=True, wait_seconds=0, url="http://127.0.0.1:9"):
        index.update()
        assert_whole(index)
        with pytest.raises(IndexBusyError), other.acquire(exclusive=False, wait_seconds=0):
            pass
        index.close()


def test_progress_tells_of_pages_read_and_then_of_passages_embedded(scene: Scene) -> None:
    told: list[tuple[int, int, str]] = []
    report = scene.open().update(progress=lambda *args: told.append(args))
    reading = [(done, total) for done, total, what in told if what == "reading"]
    embedding = [(done, total) for done, total, what in told if what == "index"]
    assert reading[-1] == (4, 4)
    assert embedding[-1] == (report.chunks_embedded, report.chunks_embedded)
    assert embedding == sorted(embedding)
