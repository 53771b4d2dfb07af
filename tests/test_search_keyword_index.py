"""The contract of a keyword index, held against each engine: what a question finds, and in which order."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.errors import IndexNotBuiltError
from search.chunking import chunk_ids, pageid_of
from search.keyword_index import KeywordIndex
from search.keyword_postgresql import PostgresqlKeywordIndex
from search.keyword_sqlite import SqliteKeywordIndex
from search.words import QueryWords
from tests.keyword_pages import ANALYZER, chunk, fill, found, put
from tests.postgresql import LocalPostgresql

_SCHEMAS = count(1)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[KeywordIndex]:
    """An index that nobody has created yet."""
    made: KeywordIndex
    if request.param == "sqlite":
        made = SqliteKeywordIndex(tmp_path / "folder" / "keyword.sqlite3", analyzer=ANALYZER)
    else:
        server: LocalPostgresql = request.getfixturevalue("postgresql")
        made = PostgresqlKeywordIndex(server.url, analyzer=ANALYZER, schema=f"contract_{next(_SCHEMAS)}")
    yield made
    made.close()


@pytest.fixture
def index(empty: KeywordIndex) -> KeywordIndex:
    empty.create()
    return empty


def test_what_was_not_created_is_no_index(empty: KeywordIndex) -> None:
    assert not empty.exists
    with pytest.raises(IndexNotBuiltError, match="compagnon index"):
        empty.manifest()
    with pytest.raises(IndexNotBuiltError):
        empty.titles_starting("a", limit=1)
    empty.create()
    assert empty.exists
    assert empty.manifest() == {}


def test_creating_again_keeps_what_is_there(index: KeywordIndex) -> None:
    put(index, 1, chunk("Soudure", "Le fer."))
    index.put_meta("fact", "kept")
    index.create()
    assert found(index, "fer") == [1]
    assert index.get_meta("fact") == "kept"
    assert index.get_meta("other") is None


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


def test_a_rare_word_counts_more_than_a_frequent_one(index: KeywordIndex) -> None:
    fill(index)
    put(index, 1, chunk("Un", "Ce numéro parle de soudure."))
    put(index, 2, chunk("Deux", "Ce texte parle de numéro."))
    assert found(index, "numéro texte soudure")[0] == 1


def test_a_redirect_s_title_finds_its_target(index: KeywordIndex) -> None:
    fill(index)
    put(index, 1, chunk("Fablab", "Un lieu."), redirects=("Atelier de fabrication numérique",))
    assert found(index, "fabrication numérique") == [1]


CODES = "Le four E-4012, 2kΩ, en C++ et F#, node.js, .NET, la norme ISO 9001, v2.3.1, le n°12"


@pytest.mark.parametrize(
    "question",
    ["E-4012", "e4012", "C++", "F#", "node.js", "nodejs", ".NET", "ISO 9001", "n°12", "2kΩ"],
)
def test_what_is_no_word_is_found_letter_for_letter(index: KeywordIndex, question: str) -> None:
    fill(index)
    put(index, 1, chunk("Four", CODES))
    put(
        index,
        2,
        chunk("Autre", "L'erreur E-4013 vient de 3kΩ ; en C#, deno, la norme ISA 9002, v2.3.2, n°13."),
    )
    assert found(index, question) == [1]


def test_a_version_is_found_before_another_version(index: KeywordIndex) -> None:
    fill(index)
    put(index, 1, chunk("Notes", "La version v2.3.2 est sortie."))
    put(index, 2, chunk("Notes", "La version v2.3.1 est sortie."))
    assert found(index, "v2.3.1")[0] == 2


def test_a_passage_is_stemmed_in_its_own_language(index: KeywordIndex) -> None:
    fill(index)
    put(index, 1, chunk("Tools", "Everyone is repairing something.", language="en"))
    assert found(index, "repairs", "en") == [1]
    assert found(index, "repairs", None) == [1]


@pytest.mark.parametrize(
    ("question", "pages"),
    [
        ('"gestion des déchets"', [1]),
        ("“gestion des dechets” verts", [1]),
        ("« gestions des déchet » au jardin", [1]),
        ('"déchets des gestion"', []),
        ('"gestion déchets"', []),
        ('"gestion des déchets', [1, 2]),  # not closed: no phrase
        ('"l’atelier" "gestion des déchets"', []),
        ('"tri sélectif"', [1]),  # of a redirect
        ('"sélectif le compost"', []),  # from one redirect into the next
        ('"déchets la gestion"', []),  # from the title into the text
        ('"réduire durablement"', [3]),
        ('"C++" "C"', []),
    ],
)
def test_a_phrase_must_be_held(index: KeywordIndex, question: str, pages: list[int]) -> None:
    fill(index)
    put(
        index,
        1,
        chunk("Les déchets", "La gestion des déchets du jardin.", heading="Réduire"),
        redirects=("Tri sélectif", "Le compost"),
    )
    put(index, 2, chunk("Des déchets", "Leur gestion : celle du jardin, où des déchets sont posés."))
    put(index, 3, chunk("Jardin", "Réduire durablement, en C."))
    assert sorted(found(index, question)) == pages


def test_holding_says_which_chunks_hold_the_phrases(index: KeywordIndex) -> None:
    one, two = chunk("Un", "La gestion des déchets verts."), chunk("Un", "Des déchets en gestion.")
    put(index, 1, one, two)
    put(index, 2, chunk("Deux", "La gestion des déchets verts."))
    phrases = ANALYZER.query('"gestion des déchets" "verts"', "fr").phrases
    ids = chunk_ids(1, [one, two])
    assert index.holding(phrases, ids) == {ids[0]}
    assert index.holding((), ids) == set(ids)
    assert index.holding(phrases, []) == set()
    assert index.holding(phrases, ["3:unknown"]) == set()


def test_a_code_in_quotes_is_that_code(index: KeywordIndex) -> None:
    fill(index)
    put(index, 1, chunk("Langage", "Écrit en C++ pour l’erreur E-4012."))
    put(index, 2, chunk("Langage", "Écrit en C pour l’erreur E-4013, voir 4012."))
    assert found(index, 'langage "C++"') == [1]
    assert found(index, 'langage "erreur E-4012"') == [1]


def test_a_page_is_replaced_whole(index: KeywordIndex) -> None:
    fill(index)
    put(index, 1, chunk("Un", "Le mot ancien."), chunk("Un", "Le mot durable."), redirects=("Kiosque",))
    put(index, 1, chunk("Un", "Le mot récent."), revid=2)
    assert found(index, "ancien durable kiosque") == []
    assert found(index, "récent") == [1]
    assert index.titles_starting("kiosque", limit=5) == []
    assert index.pages([1])[1].revid == 2
    assert index.pages([1])[1].contacts == ("Aïcha Benali",)
    assert index.pages([1])[1] == index.manifest()[1]
    assert len(index.chunk_ids([1])) == 1
    assert index.counts() == (11, 11)


def test_a_chunk_comes_back_as_it_was(index: KeywordIndex) -> None:
    put(index, 1, chunk("Un", "Le mot « durable ».", heading="Un › Deux", language="en"))
    (stored,) = index.chunks(index.chunk_ids()).values()
    assert stored.chunk == chunk("Un", "Le mot « durable ».", heading="Un › Deux", language="en")
    assert stored.pageid == 1


def test_what_is_deleted_is_nowhere(index: KeywordIndex) -> None:
    fill(index)
    secret = chunk("Kryptonite", "Le digicode kryptonite ouvre la réserve.")
    put(index, 1, secret, redirects=("Kryptonites",))
    assert index.delete_pages([1, 999]) == chunk_ids(1, [secret])
    assert found(index, "kryptonite") == []
    assert index.pages([1]) == {}
    assert index.titles_starting("krypt", limit=5) == []
    assert index.words_like("kriptonite", edits=2) == []
    assert index.frequencies(ANALYZER.stems("kryptonite", "fr")) == {}
    assert index.wipe()
    assert index.wipe()  # nothing to do


def test_a_failed_write_leaves_the_page_as_it_was(index: KeywordIndex) -> None:
    fill(index)
    put(index, 1, chunk("Un", "Le mot durable."))
    with pytest.raises(UnicodeEncodeError):
        put(index, 1, chunk("Un", "Le mot \ud800 récent."))
    assert found(index, "durable") == [1]
    assert [word.form for word in index.words_like("recent", edits=1)] == []


def test_frequencies_count_passages(index: KeywordIndex) -> None:
    put(index, 1, chunk("Un", "soudure soudure"), chunk("Un", "la soudure"))
    (stem,) = ANALYZER.stems("soudure", "fr")
    assert index.frequencies([stem, "absent"]) == {stem: 2}
    index.optimize()
    put(index, 1, chunk("Un", "soudure"))
    assert index.frequencies([stem, "absent"]) == {stem: 1}


def test_optimizing_changes_no_answer_and_later_changes_are_seen(index: KeywordIndex) -> None:
    fill(index)
    put(index, 1, chunk("Établi", "Le texte de la soudure."))
    before = found(index, "le numéro de la soudure")
    index.optimize()
    assert found(index, "le numéro de la soudure") == before
    put(index, 2, chunk("Étain", "Le numéro de la soudure, et la soudure."))
    put(index, 1, chunk("Établi", "Rien."))
    index.delete_pages([55])
    after = found(index, "le numéro de la soudure")
    assert after[0] == 2
    assert not {1, 55} & set(after)
    index.optimize()
    assert found(index, "le numéro de la soudure") == after


@pytest.mark.parametrize(
    ("typed", "titles"),
    [
        ("ate", ["Atelier", "Atelier vélo", "L’atelier bois", "Petit atelier"]),
        ("ATELIER V", ["Atelier vélo"]),
        ("velo ate", ["Atelier vélo"]),
        ("l’ate", ["Atelier", "Atelier vélo", "L’atelier bois", "Petit atelier"]),
        ("gestion des d", ["Gestion des déchets"]),
        ("gestion de ", ["Gestion des déchets"]),
        ("dechets gest", ["Gestion des déchets"]),
        ("compost", ["Gestion des déchets"]),  # a redirect
        ("E-40", ["Erreur E-4012"]),
        ("zzz", []),
        ("", []),
        ('  ’ * " ', []),
        ("ate*", ["Atelier", "Atelier vélo", "L’atelier bois", "Petit atelier"]),
        ("100 %", ["100 % recyclé"]),
        ("atelier_", ["Atelier", "Atelier vélo", "L’atelier bois", "Petit atelier"]),
    ],
)
def test_titles_are_found_while_they_are_typed(index: KeywordIndex, typed: str, titles: list[str]) -> None:
    put(index, 1, chunk("Atelier vélo", "x"))
    put(index, 2, chunk("Atelier", "x"), redirects=("Ateliers", "Atelier ouvert"))
    put(index, 3, chunk("Petit atelier", "x"))
    put(index, 4, chunk("Gestion des déchets", "x"), redirects=("Compostage",))
    put(index, 5, chunk("Erreur E-4012", "x"))
    put(index, 6, chunk("L’atelier bois", "x"))
    put(index, 7, chunk("100 % recyclé", "x"))
    assert [match.title for match in index.titles_starting(typed, limit=10)] == titles


def test_a_title_s_match_says_which_title_matched(index: KeywordIndex) -> None:
    put(index, 4, chunk("Gestion des déchets", "x"), redirects=("Compostage",))
    (match,) = index.titles_starting("comp", limit=10)
    assert (match.pageid, match.title, match.matched) == (4, "Gestion des déchets", "Compostage")
    assert index.titles_starting("comp", limit=0) == []


@pytest.mark.parametrize(
    ("typed", "edits"),
    [
        ("compsot", 1),
        ("ocmpost", 1),
        ("compots", 1),
        ("composst", 1),
        ("compst", 1),
        ("xompost", 1),
        ("compos", 1),
        ("compost", 1),
    ],
)
def test_words_one_edit_away_are_among_those_alike(index: KeywordIndex, typed: str, edits: int) -> None:
    put(index, 1, chunk("Jardin", "Le compost, puis le COMPOST. Été 2024, fer."))
    alike = {word.form: word for word in index.words_like(typed, edits=edits)}
    assert alike["compost"].count == 2


def test_a_word_of_the_vocabulary_keeps_its_accents(index: KeywordIndex) -> None:
    put(index, 1, chunk("Jardin", "La décantation."))
    (word,) = index.words_like("decantatoin", edits=2)
    assert (word.form, word.folded, word.count) == ("décantation", "decantation", 1)


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
    "'; DROP TABLE chunk; --",
    "a\x00b",
    "atelier \ud800",
    "🔥 atelier",
    "\u202eatelier",
    "'",
    "(((",
    "atelier & | ! <-> :*",
    '"atelier \\"',
    "\\",
    "%s %(x)s {0}",
    '«»“”""',
    '"\x00"',
    '"\ud800 x"',
    "x" * 10_000,
    "mot " * 2_500,
    '"a" ' * 500,
]


@pytest.mark.parametrize("question", NASTY, ids=range(len(NASTY)))
def test_an_engine_s_syntax_is_text(index: KeywordIndex, question: str) -> None:
    put(index, 1, chunk("Atelier", "Un atelier."))
    fill(index)
    expected = {1} if "atelier" in question else set()
    assert set(found(index, question)) == expected
    assert {match.pageid for match in index.titles_starting(question, limit=5)} <= {1, *range(50, 60)}
    index.words_like(question, edits=2)
    index.chunks([question])
    assert index.counts() == (11, 11)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(text=st.text(max_size=80), question=st.text(max_size=80))
def test_any_text_can_be_indexed_and_asked_for(index: KeywordIndex, text: str, question: str) -> None:
    text = text.encode("utf-8", "ignore").decode().replace("\x00", " ")  # neither reaches a mirror
    put(index, 1, chunk(text, text, heading=text), redirects=(text,))
    for asked in (text, question, f'"{text}"', f"«{question}»"):
        words = ANALYZER.query(asked, None)
        index.search(words, limit=5)
        index.holding(words.phrases, index.chunk_ids())
        index.titles_starting(asked, limit=5)
        index.frequencies(words.terms)
    assert index.chunks(index.chunk_ids([1])).popitem()[1].chunk.text == text


def test_nothing_asked_for_finds_nothing(index: KeywordIndex) -> None:
    fill(index)
    assert index.search(QueryWords(terms=(), exact=()), limit=5) == []
    assert index.search(ANALYZER.query("texte", "fr"), limit=0) == []
    assert index.pages([]) == {}
    assert index.chunks([]) == {}
    assert index.chunk_ids([]) == set()
    assert index.frequencies([]) == {}
    assert index.delete_pages([]) == []


def test_at_most_as_many_as_wanted_are_found(index: KeywordIndex) -> None:
    fill(index)
    assert len(index.search(ANALYZER.query("texte", "fr"), limit=3)) == 3


def test_only_some_pages_are_searched_and_score_as_among_all(index: KeywordIndex) -> None:
    fill(index)
    put(index, 20, chunk("Lampe", "Souder la lampe."), chunk("Lampe", "Une lampe froide."))
    put(index, 21, chunk("Lampe de poche", "Une pile."))
    words = ANALYZER.query('lampe "une pile"', "fr")
    bare = ANALYZER.query("lampe pile", "fr")
    for optimized in (False, True):
        everywhere = index.search(bare, limit=20)
        for pages in ([20], [21, 20], [3], [], [404]):
            wanted = [each for each in everywhere if pageid_of(each[0]) in pages]
            assert index.search(bare, limit=20, pages=pages) == wanted
        assert index.search(bare, limit=1, pages=[20, 21]) == index.search(bare, limit=20, pages=[20, 21])[:1]
        assert index.search(words, limit=20, pages=[20]) == []
        assert [i for i, _ in index.search(words, limit=20, pages=[21])] == [
            i for i, _ in everywhere if pageid_of(i) == 21
        ]
        if not optimized:
            index.optimize()


def test_threads_share_an_index(index: KeywordIndex) -> None:
    fill(index)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: found(index, "numéro 55"), range(16)))
    assert all(answer == answers[0] for answer in answers)


def test_a_closed_index_opens_again(index: KeywordIndex) -> None:
    put(index, 1, chunk("Soudure", "Le fer."))
    index.close()
    assert found(index, "fer") == [1]
