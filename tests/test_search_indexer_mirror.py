"""How the index stands to the mirror, and which reading of a page it takes: wikitext or rendering."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from connector.errors import IndexNotBuiltError
from connector.model import Section
from search.indexer import IndexComparison
from tests.builders import MONDAY, HashingEmbedder, make_page
from tests.store_on_postgresql import rows_behind
from tests.test_search_indexer import PAGES, SEARCHED, Scene, found, scene

__all__ = ["scene"]  # a fixture


def compare(scene: Scene) -> IndexComparison:
    index = scene.open()
    comparison = index.compare_with_mirror()
    index.close()
    return comparison


def test_compared_with_the_mirror_the_index_names_what_sets_them_apart(scene: Scene) -> None:
    with pytest.raises(IndexNotBuiltError):
        compare(scene)
    scene.update()
    assert compare(scene) == IndexComparison(pages=4, ghosts=(), missing=(), stale=())
    assert compare(scene).in_step
    scene.store.pages.delete([1])
    scene.put(make_page(2, "Ranger les outils", redirect="Fablab", revid=222))
    scene.put(replace(PAGES[2], revid=333))
    scene.put(replace(PAGES[7], title="Catégorie:Outillage"))
    scene.put(make_page(9, "Nouvelle page"))
    scene.put(make_page(10, "Discussion:Nouvelle page", namespace=1))
    apart = compare(scene)
    assert apart == IndexComparison(pages=4, ghosts=(1, 2), missing=(9,), stale=(3, 8))
    assert not apart.in_step
    scene.update()
    assert compare(scene) == IndexComparison(pages=3, ghosts=(), missing=(), stale=())


def test_a_text_that_was_mended_is_indexed_anew_although_its_revision_is_the_same(scene: Scene) -> None:
    """The wiki was restored from a backup, say, and has given the number of a lost revision again."""
    scene.update()
    scene.put(replace(PAGES[1], wikitext="Chaque outil pend à son clou."))
    assert compare(scene).stale == (2,)
    assert scene.update().pages_indexed == 1
    assert (found(scene, "silhouette"), found(scene, "clou")) == ([], [2])
    assert compare(scene).in_step


def test_an_index_of_other_settings_is_stale_as_a_whole(scene: Scene) -> None:
    scene.update()
    scene.embedder = HashingEmbedder("hashing@2")
    assert set(compare(scene).stale) == SEARCHED


RENDERED = [Section(heading="", level=0, anchor="", path=(), text="Le gabarit affiche une brouette.")]
CHANGED = [replace(RENDERED[0], text="Le gabarit affiche un diable.")]


def render(scene: Scene, sections: list[Section], *, touched: datetime = MONDAY, revid: int = 200) -> None:
    scene.store.renderings.put(2, revid=revid, touched=touched, sections=sections)


def test_a_rendering_is_read_in_the_wikitexts_place_when_the_settings_say_so(scene: Scene) -> None:
    render(scene, RENDERED)
    scene.update()
    assert found(scene, "silhouette") == [2]
    assert found(scene, "brouette") == []
    scene.settings = replace(scene.settings, rendered=True)
    assert compare(scene).stale == (2,)
    assert scene.update().pages_indexed == 1
    assert found(scene, "silhouette") == []
    assert found(scene, "brouette") == [2]
    assert scene.update().pages_indexed == 0
    assert found(scene, "fablab") == [3], "a page that is not rendered yet is read from its wikitext"
    scene.settings = replace(scene.settings, rendered=False)
    scene.update()
    assert found(scene, "silhouette") == [2]


def test_a_template_that_changed_leads_to_a_new_reading(scene: Scene) -> None:
    scene.settings = replace(scene.settings, rendered=True)
    render(scene, RENDERED)
    scene.update()
    render(scene, CHANGED, touched=MONDAY + timedelta(days=1))
    assert compare(scene).stale == (2,)
    assert scene.update().pages_indexed == 1
    assert found(scene, "brouette") == []
    assert found(scene, "diable") == [2]


def test_a_rendering_of_an_older_revision_is_not_read(scene: Scene) -> None:
    scene.settings = replace(scene.settings, rendered=True)
    render(scene, RENDERED)
    scene.update()
    scene.put(replace(PAGES[1], wikitext="Une étagère à outils.", revid=201))
    scene.update()
    assert found(scene, "brouette") == []
    assert found(scene, "étagère") == [2]


def test_a_rendering_that_names_who_opted_out_is_not_read(scene: Scene) -> None:
    practice = "{{Practice|contacts=Nadia Ferrand}}\nOn range."
    scene.put(make_page(2, "Ranger les outils", practice))
    render(scene, [replace(RENDERED[0], text="Contacts : Nadia Ferrand. On range la brouette.")])
    scene.settings = replace(scene.settings, rendered=True)
    scene.update()
    assert found(scene, "Ferrand") == found(scene, "brouette") == [2]
    scene.settings = replace(scene.settings, opt_out=("Nadia Ferrand",))
    scene.update()
    assert found(scene, "Ferrand") == []
    assert found(scene, "range") == [2]


def files_with(scene: Scene, word: str) -> list[str]:
    folder = scene.folder / "index"
    read = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return sorted(name for name, data in read.items() if word.encode() in data + rows_behind(data))


def test_of_a_deleted_page_no_file_keeps_a_word_while_the_index_is_open(scene: Scene) -> None:
    secret = "La quinquamarque est cachée sous l'établi. " * 200
    scene.put(make_page(9, "Quinquamarque", secret))
    for number in range(20, 60):
        scene.put(make_page(number, f"Page {number}", f"La page {number} parle du banc. " * number))
    index = scene.open()
    with index.lock.acquire(exclusive=True, wait_seconds=0):  # as a process that serves has it
        index.update()
        assert files_with(scene, "quinquamarque")
        scene.store.pages.delete([9, *range(20, 50)])
        index.update()
        assert files_with(scene, "quinquamarque") == files_with(scene, "Quinquamarque") == []
        index.close()


@pytest.mark.sqlite("a reader keeps what was deleted in the file's log")
def test_what_a_reader_keeps_from_being_wiped_is_wiped_later(scene: Scene) -> None:
    scene.put(make_page(9, "Quinquamarque", "La quinquamarque est cachée."))
    scene.update()
    index = scene.open()
    with index.lock.acquire(exclusive=True, wait_seconds=0):
        index.update()
        with closing(sqlite3.connect(scene.folder / "index" / "keyword.sqlite3")) as reader:
            reader.execute("BEGIN")
            assert reader.execute("SELECT count(*) FROM manifest").fetchone() == (5,)
            scene.store.pages.delete([9])
            index.keywords.delete_pages([9])
            assert not index.keywords.wipe()
        assert index.keywords.wipe()
        index.update()
        assert files_with(scene, "quinquamarque") == []
        index.close()


def test_a_page_of_which_the_wiki_gives_no_rendering_is_read_from_its_wikitext(scene: Scene) -> None:
    render(scene, [])
    scene.settings = replace(scene.settings, rendered=True)
    scene.update()
    assert found(scene, "silhouette") == [2]
    assert compare(scene).in_step
