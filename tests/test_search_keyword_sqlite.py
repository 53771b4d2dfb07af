"""The keyword index: what a question finds, in which order, and that nothing a user types is FTS5 syntax."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.errors import IndexNotBuiltError, SearchError
from search.chunking import Chunk, Part, chunk_ids
from search.keyword_index import IndexedPage
from search.keyword_sqlite import SqliteKeywordIndex as KeywordIndex
from search.language import Language
from search.words import WordAnalyzer
from tests.builders import MONDAY

ANALYZER = WordAnalyzer()


@pytest.fixture
def index(tmp_path: Path) -> Iterator[KeywordIndex]:
    made = KeywordIndex(tmp_path / "keyword.sqlite3", analyzer=ANALYZER)
    made.create()
    yield made
    made.close()


def chunk(title: str, text: str, *, heading: str = "", language: Language = "fr") -> Chunk:
    return Chunk(title=title, heading=heading, text=text, language=language, parts=(Part(0, heading, ""),))


def put(
    index: KeywordIndex, pageid: int, *chunks: Chunk, redirects: tuple[str, ...] = (), revid: int = 1
) -> None:
    page = IndexedPage(
        pageid=pageid,
        revid=revid,
        title=chunks[0].title,
        digest="d",
        index_version="v",
        namespace=0,
        language="fr",
        last_edited=MONDAY,
        status="tested",
        contacts=("Aïcha Benali",),
    )
    index.put_page(page, chunks, redirects)


def found(index: KeywordIndex, question: str, language: Language | None = "fr") -> list[int]:
    scored = index.search(ANALYZER.query(question, language), limit=50)
    assert all(score > 0 for _, score in scored)
    assert [score for _, score in scored] == sorted((score for _, score in scored), reverse=True)
    return [int(chunk_id.partition(":")[0]) for chunk_id, _ in scored]


def fill(index: KeywordIndex) -> None:
    """Words are rare only among others: BM25 weighs nothing that every passage has."""
    for pageid in range(50, 60):
        put(index, pageid, chunk(f"Page {pageid}", f"Le texte numéro {pageid} ne dit rien de tout cela."))


def test_another_form_of_a_word_and_a_word_without_accents_are_found(index: KeywordIndex) -> None:
    fill(index)
    put(index, 1, chunk("Soirée", "On y fait des réparations d’appareils."))
    assert found(index, "réparation") == [1]
    assert found(index, "reparation appareil") == [1]
    assert found(index, "REPARATIONS") == [1]


def test_a_title_counts_more_than_a_heading_and_a_heading_more_than_text(index: KeywordIndex) -> None:
    fill(index)
    put(index, 1, chunk("Sans rapport un", "Un texte assez long qui parle de soudure."))
    put(index, 2, chunk("Sans rapport deux", "Un texte assez long qui parle d'étain.", heading="La soudure"))
    put(index, 3, chunk("La soudure", "Un texte assez long qui parle d'étain ici."))
    assert found(index, "soudure") == [3, 2, 1]


def test_a_redirect_s_title_finds_its_target(index: KeywordIndex) -> None:
    fill(index)
    put(index, 1, chunk("Fablab", "Un lieu."), redirects=("Atelier de fabrication numérique",))
    assert found(index, "fabrication numérique") == [1]


@pytest.mark.parametrize("question", ["E-4012", "e4012", "C++", "node.js", "nodejs", "2kΩ"])
def test_what_is_no_word_is_found_letter_for_letter(index: KeywordIndex, question: str) -> None:
    fill(index)
    put(
        index,
        1,
        chunk("Four", "L'erreur E-4012 vient de la résistance de 2kΩ ; le code est en C++ et node.js."),
    )
    put(
        index, 2, chunk("Autre", "L'erreur E-4013 vient de la résistance de 3kΩ ; le code est en C# et deno.")
    )
    assert found(index, question)[0] == 1
    assert found(index, question) == [1]


def test_a_passage_is_stemmed_in_its_own_language(index: KeywordIndex) -> None:
    fill(index)
    put(index, 1, chunk("Tools", "Everyone is repairing something.", language="en"))
    assert found(index, "repairs", "en") == [1]
    assert found(index, "repairs", None) == [1]


NASTY = [
    '"',
    '"" OR ""',
    "title:atelier",
    "NEAR(a b)",
    "a AND NOT b",
    "*",
    "atelier*",
    "^atelier",
    "{title body}: atelier",
    "-- ; DROP TABLE chunk",
    "a\x00b",
    "🔥 atelier",
    "\u202eatelier",
    "'",
    "(((",
]


@pytest.mark.parametrize("question", NASTY)
def test_fts_syntax_is_text(index: KeywordIndex, question: str) -> None:
    fill(index)
    put(index, 1, chunk("Atelier", "Un atelier."))
    expected = {1} if "atelier" in question else set()
    assert set(found(index, question)) == expected


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(text=st.text(max_size=80))
def test_any_text_can_be_indexed_and_asked_for(index: KeywordIndex, text: str) -> None:
    text = text.encode("utf-8", "ignore").decode()  # lone surrogates reach no mirror
    put(index, 1, chunk(text, text))
    index.search(ANALYZER.query(text, None), limit=5)
    assert index.chunks(index.chunk_ids([1])).popitem()[1].chunk.text == text


def test_a_page_is_replaced_whole(index: KeywordIndex) -> None:
    fill(index)
    put(index, 1, chunk("Un", "Le mot ancien."), chunk("Un", "Le mot durable."))
    put(index, 1, chunk("Un", "Le mot récent."), revid=2)
    assert found(index, "ancien durable") == []
    assert found(index, "récent") == [1]
    assert index.pages([1])[1].revid == 2
    assert index.pages([1])[1].contacts == ("Aïcha Benali",)
    assert len(index.chunk_ids([1])) == 1


def test_deleting_leaves_no_trace_in_the_file(index: KeywordIndex, tmp_path: Path) -> None:
    fill(index)
    secret = chunk("Confidentiel", "Le digicode kryptonite ouvre la réserve.")
    put(index, 1, secret)
    assert index.delete_pages([1]) == chunk_ids(1, [secret])
    assert found(index, "kryptonite") == []
    assert index.pages([1]) == {}
    index.close()
    with sqlite3.connect(tmp_path / "keyword.sqlite3") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    assert b"kryptonit" not in (tmp_path / "keyword.sqlite3").read_bytes()


def test_a_failed_write_leaves_the_page_as_it_was(index: KeywordIndex) -> None:
    fill(index)
    put(index, 1, chunk("Un", "Le mot durable."))
    with pytest.raises(UnicodeEncodeError):
        put(index, 1, chunk("Un", "Le mot \ud800 récent."))
    assert found(index, "durable") == [1]


def test_a_file_of_another_version_is_emptied(index: KeywordIndex, tmp_path: Path) -> None:
    put(index, 1, chunk("Un", "Un."))
    index.close()
    with sqlite3.connect(tmp_path / "keyword.sqlite3") as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()
    assert not index.exists
    index.create()
    assert index.exists
    assert index.manifest() == {}


def test_no_file_is_no_index(tmp_path: Path) -> None:
    missing = KeywordIndex(tmp_path / "none" / "keyword.sqlite3", analyzer=ANALYZER)
    assert not missing.exists
    with pytest.raises(IndexNotBuiltError):
        missing.manifest()
    assert not (tmp_path / "none").exists()


def test_a_file_that_is_no_database_is_one_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "keyword.sqlite3"
    path.write_bytes(b"this is no database " * 100)
    with pytest.raises(SearchError, match=r"delete .*keyword\.sqlite3") as caught:
        KeywordIndex(path, analyzer=ANALYZER).create()
    assert "\n" not in str(caught.value)


def test_frequencies_count_passages(index: KeywordIndex) -> None:
    put(index, 1, chunk("Un", "soudure soudure"), chunk("Un", "la soudure"))
    (stem,) = ANALYZER.stems("soudure", "fr")
    assert index.frequencies([stem, "absent"]) == {stem: 2}


def test_a_full_disk_is_said_as_what_it_is(index: KeywordIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    """The advice to delete the file would be wrong: nothing in it is."""
    connect = sqlite3.connect

    def on_a_small_disk(path: Path, **options: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(path, **options)
        connection.execute("PRAGMA max_page_count = 1")  # SQLite takes the size that the file has
        return connection

    index.close()
    monkeypatch.setattr(sqlite3, "connect", on_a_small_disk)
    with pytest.raises(SearchError, match="disk is full"):
        put(index, 1, *(chunk("Perceuse", f"mot{number} " * 200) for number in range(200)))
