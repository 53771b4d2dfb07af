"""Misspelt words are read as words of the wiki, and words that are right stay as they are."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search.keyword_sqlite import SqliteKeywordIndex
from search.spelling import SpellingCorrector
from search.words import Correction, QueryWords
from tests.keyword_pages import ANALYZER, chunk, found, put


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteKeywordIndex]:
    path: Path = tmp_path_factory.mktemp("spelling") / "keyword.sqlite3"
    made = SqliteKeywordIndex(path, analyzer=ANALYZER)
    made.create()
    put(
        made,
        1,
        chunk("Compostage", "Le compost, la décantation et la réparation. Le compost mûrit avec Benali."),
    )
    put(
        made, 2, chunk("Ateliers", "On va décanter, bricoler, réparer ; la gouvernance partagée. Le compost.")
    )
    put(made, 3, chunk("Composants", "Les composants des perceuses, erreur E-4012, dans les années 2020."))
    put(made, 4, chunk("Workshop", "Our volunteers maintain the machines and the schedule.", language="en"))
    put(made, 5, chunk("Composte", "Un composteur intéressé, des dessins et des cousins, des coussins."))
    yield made
    made.close()


def correct(index: SqliteKeywordIndex, question: str) -> QueryWords:
    return SpellingCorrector(index, analyzer=ANALYZER).correct(ANALYZER.query(question, "fr"))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("comopst", "compost"),
        ("copmost", "compost"),
        ("xompost", "compost"),
        ("gouvernence", "gouvernance"),
        ("gouvrenanec", "gouvernance"),
        ("réparatoin", "réparation"),
        ("reparatoin", "réparation"),
        ("decantatoin", "décantation"),
        ("perceusse", "perceuses"),
        ("perseuses", "perceuses"),
        ("volonteers", "volunteers"),
        ("schedul", "schedule"),
        ("benalli", "benali"),
    ],
)
def test_a_misspelt_word_is_read_as_the_wiki_s(index: SqliteKeywordIndex, typed: str, meant: str) -> None:
    words = correct(index, typed)
    stems = {ANALYZER.stem(meant, "fr"), ANALYZER.stem(meant, "en")}
    if words.corrections:
        assert words.corrections[0].typed == typed
        assert words.corrections[0].read_as[0] == meant
    assert stems & set(words.terms)
    assert stems & words.groups[0]


@pytest.mark.parametrize(
    "typed",
    [
        "compost",  # right
        "COMPOSTS",  # another form
        "bricoleur",  # of the family of "bricoler"
        "décanteur",  # of that of "décanter"
        "E-4013",  # a code, and another one
        "2021",
        "xyz",  # too short to tell
        "kafkaïen",  # nothing is near
        "dasn",  # a little word was meant
        "aujourd’hui",
    ],
)
def test_what_is_no_slip_stays(index: SqliteKeywordIndex, typed: str) -> None:
    words = correct(index, typed)
    assert words == ANALYZER.query(typed, "fr")


def test_what_was_typed_stays_beside_the_readings(index: SqliteKeywordIndex) -> None:
    words = correct(index, "le comopst des bénévoles")
    typed = ANALYZER.query("le comopst des bénévoles", "fr")
    assert set(typed.terms) <= set(words.terms)
    assert len(words.groups) == len(typed.groups)
    assert typed.groups[0] < words.groups[0]
    assert words.corrections[0] == Correction(typed="comopst", read_as=words.corrections[0].read_as)


def test_a_corrected_question_finds_its_page(index: SqliteKeywordIndex) -> None:
    assert found(index, "gouvrenance") == []
    hits = index.search(correct(index, "gouvrenance"), limit=5)
    assert [chunk_id.partition(":")[0] for chunk_id, _ in hits] == ["2"]


def test_a_misspelt_phrase_is_looked_for_as_it_was_meant(index: SqliteKeywordIndex) -> None:
    hits = index.search(correct(index, '"gouvrenance partagée"'), limit=5)
    assert [chunk_id.partition(":")[0] for chunk_id, _ in hits] == ["2"]


def test_only_missing_accents_are_no_correction_to_speak_of(index: SqliteKeywordIndex) -> None:
    words = correct(index, "interesse")
    assert words.corrections == ()
    assert index.search(words, limit=5)


def test_the_nearest_then_the_more_frequent_word_is_read_first(index: SqliteKeywordIndex) -> None:
    (correction,) = correct(index, "coussin cousssins coxsins").corrections[-1:]
    assert correction.typed == "coxsins"
    assert set(correction.read_as) <= {"cousins", "coussins"}
    assert len(correction.read_as) <= 3


def test_a_pasted_text_is_not_corrected_word_by_word(index: SqliteKeywordIndex) -> None:
    text = " ".join(f"comop{letter}t" for letter in "abcdefghijklmnopqrstuvwxyz")
    assert len(correct(index, text).corrections) <= 6


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(question=st.text(max_size=60))
def test_any_question_can_be_corrected(index: SqliteKeywordIndex, question: str) -> None:
    typed = ANALYZER.query(question, None)
    words = correct(index, question)
    assert set(words.terms) >= set(ANALYZER.query(question, "fr").terms)
    assert len(words.groups) <= len(typed.groups) or typed != words
