"""Words, stems and exact tokens: what a question and a page have in common."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.language import Language
from search.words import WordAnalyzer, fold

ANALYZER = WordAnalyzer()


def forms(text: str) -> list[str]:
    return [word.form for word in ANALYZER.words(text)]


def test_elided_words_lose_their_article() -> None:
    assert forms("L'atelier d’Aïcha qu'on range, lorsqu'il pleut") == [
        "atelier",
        "aïcha",
        "on",
        "range",
        "il",
        "pleut",
    ]


def test_a_word_with_an_apostrophe_of_its_own_stays_whole() -> None:
    assert forms("aujourd’hui, l'aujourd'hui") == ["aujourd'hui", "aujourd'hui"]


def test_a_word_says_where_it_stands_without_its_article() -> None:
    text = "Dans l’ŒUVRE."
    assert [text[w.start : w.end] for w in ANALYZER.words(text)] == ["Dans", "ŒUVRE"]


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [
        ("réparations", "réparation", "fr"),
        ("bénévoles", "Bénévole", "fr"),
        ("repaired", "repairing", "en"),
        ("workshop's", "workshops", "en"),
    ],
)
def test_forms_of_a_word_share_a_stem(one: str, other: str, language: Language) -> None:
    assert ANALYZER.stems(one, language) == ANALYZER.stems(other, language)


def test_accents_are_folded_after_stemming() -> None:
    assert ANALYZER.stems("hétérogénéité", "fr") == [fold(ANALYZER.stems("hétérogénéité", "fr")[0])]
    assert fold("Œuvre à l'été".lower()) == "oeuvre a l'ete"


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("L'erreur E-4012.", ["e-4012", "e4012"]),
        ("en C++, ou en C#", ["c++", "c#"]),
        ("Node.js?", ["node.js", "nodejs"]),
        ("une résistance de 2kΩ", ["2kω"]),
        ("2k\u2126", ["2kω"]),  # the ohm sign is another character than the capital omega
        ("e-mail", ["e-mail", "email"]),
        ("un mot", []),
        ("... -- +", []),
    ],
)
def test_exact_tokens(text: str, tokens: list[str]) -> None:
    assert ANALYZER.exact_tokens(text) == tokens


def test_stop_words_are_those_of_the_question_s_language() -> None:
    assert "font" not in ANALYZER.query("que font les bénévoles", "fr").terms
    assert "font" in ANALYZER.query("which font is it", "en").terms


@pytest.mark.parametrize(
    ("question", "terms"),
    [
        ("Quelqu’un sait-il réparer un vélo ?", {"repar", "velo"}),
        ("Does anyone repair bikes?", {"repair", "bike"}),
    ],
)
def test_whoever_is_asked_for_is_no_subject(question: str, terms: set[str]) -> None:
    words = ANALYZER.query(question, "fr" if "vélo" in question else "en")
    assert {term for group in words.groups for term in group} & terms == terms
    assert len(words.groups) == len(terms)


def test_a_question_of_stop_words_keeps_them() -> None:
    assert ANALYZER.query("qui est-ce ?", "fr").terms
    assert ANALYZER.query("what is it", "en").terms


def test_a_single_letter_of_a_code_is_no_word_of_its_own() -> None:
    words = ANALYZER.query("erreur E-4012", "fr")
    assert "e" not in words.terms
    assert "e-4012" in words.exact


def test_a_question_is_stemmed_as_both_languages_would() -> None:
    terms = ANALYZER.query("la communication", "fr").terms
    assert set(ANALYZER.stems("communication", "fr") + ANALYZER.stems("communication", "en")) <= set(terms)


@given(st.text(max_size=200))
def test_any_text_gives_words_that_stand_where_they_say(text: str) -> None:
    end = 0
    for word in ANALYZER.words(text):
        assert end <= word.start < word.end <= len(text)
        end = word.end
    ANALYZER.query(text, None)
    ANALYZER.exact_tokens(text)


def test_threads_share_an_analyzer() -> None:
    text = "les réparations régulières des ateliers associatifs " * 200
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: ANALYZER.stems(text, "fr"), range(32)))
    assert all(result == results[0] for result in results)


def test_each_word_and_code_of_a_question_is_asked_for_once() -> None:
    words = ANALYZER.query("l’erreur E-4012 du grille-pain", "fr")
    assert len(words.groups) == 5  # erreur, 4012, E-4012, grille, pain
    assert frozenset({"e-4012", "e4012"}) in words.groups
    assert {"grille-pain", "grillepain"} <= set(words.exact)


def test_a_turn_of_phrase_is_no_compound() -> None:
    assert ANALYZER.query("peut-on réparer, y a-t-il un fer, est-ce cher ?", "fr").exact == ()


def test_a_word_says_how_it_was_typed() -> None:
    words = ANALYZER.query("l’Atelier vélo E-4012", "fr")
    assert words.forms == ("atelier", "vélo", "4012", "e-4012")
    assert len(words.forms) == len(words.groups)


@pytest.mark.parametrize(
    ("question", "phrases"),
    [
        ('la "gestion des déchets" ?', 1),
        ("« gestion des déchets » et « tri »", 2),
        ("“gestion des déchets”", 1),
        ("„gestion des déchets“", 1),
        ("l’atelier d’Aïcha", 0),
        ("'gestion des déchets'", 0),
        ('la "gestion des déchets', 0),
        ('un écran 24" ou 27" large', 0),
        ('""', 0),
        ('" "', 0),
        ('"tri" "tri"', 1),
    ],
)
def test_what_stands_in_quotes_is_a_phrase(question: str, phrases: int) -> None:
    assert len(ANALYZER.query(question, "fr").phrases) == phrases


def test_a_phrase_has_its_little_words_and_each_word_its_stems() -> None:
    (phrase,) = ANALYZER.query('"Gestions des déchets"', "fr").phrases
    assert [min(group, key=len) for group in phrase] == ["gestion", "de", "dechet"]
    assert all(set(ANALYZER.stems("gestions", "en")) <= phrase[0] for _ in phrase)
    assert ANALYZER.query('"C++"', "fr").phrases == ((frozenset({"c"}),), (frozenset({"c++"}),))


def test_words_are_found_by_their_stems_however_few_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.words._KEPT_STEMS", 3)
    analyzer = WordAnalyzer()
    texts = ["la déchèterie trie", "les déchèteries trient", "repairing a repaired toaster", "réparer, œuvre"]

    def ask(number: int) -> None:
        forms = {word.form for word in analyzer.words(texts[number % len(texts)])}
        for stem in sorted(frozenset().union(*map(ANALYZER.stems_of, forms))):
            expected = {form for form in forms if stem in ANALYZER.stems_of(form)}
            assert analyzer.having({stem, "absent"}, forms) == expected
        assert analyzer.having({"absent"}, forms) == set()
        assert {form: analyzer.stems_of(form) for form in forms} == {
            form: ANALYZER.stems_of(form) for form in forms
        }

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(ask, range(200)))


@given(st.text(alphabet="aéÉœÆæøłđǣﬁçñ̈ 가ʼ", max_size=30))
def test_a_text_is_folded_as_its_characters_are(text: str) -> None:
    assert fold(text) == "".join(map(fold, text))
