"""What groups of texts are called: their own nouns and names, in both languages, and no empty words."""

from collections.abc import Mapping, Sequence

import pytest

from search.distinctive_terms import GroupText, distinctive_terms
from search.language import Language
from search.naming_words import NamingWords, likely_noun
from search.words import WordAnalyzer

NAMING = NamingWords(WordAnalyzer())

FRENCH = {
    1: (
        "On tient un registre. Chaque cuisinière doit tenir le stock des épices, et chaque cuisinière pèse "
        "la farine.",
        "Pour tenir la cuisine, il faut nettoyer le four. Chaque cuisinière range la farine près du four.",
        "Il faut tenir la farine au sec. Chaque soir, nous nettoyons le four et nous fermons la cuisine.",
    ),
    2: (
        "Chaque serrurier doit tenir la clé droite. On tient le barillet et on tourne la clé.",
        "Il faut tenir le barillet propre. Chaque porte a une serrure, et la serrure a un barillet.",
        "Nous tenons une liste : chaque clé ouvre une serrure, et chaque porte a sa clé.",
    ),
}
ENGLISH = {
    1: (
        "We facilitate the harvest. The facilitator keeps every basket dry, and the orchard needs a ladder.",
        "You should facilitate slowly. A facilitator holds the ladder in the orchard, and all get a basket.",
        "To facilitate well, keep the orchard clean. The basket hangs on the ladder.",
    ),
    2: (
        "Every kiln must be kept dry. We fire the clay in a kiln, and the glaze waits on the shelf.",
        "You should mix the glaze twice. The clay dries near the kiln.",
        "To mix well, keep the clay wet. The glaze goes on the shelf, the kiln stays shut.",
    ),
}


def named(
    groups: Mapping[int, Sequence[str]],
    language: Language,
    *,
    titles: Mapping[int, Sequence[str]] | None = None,
    headings: Sequence[str] = (),
    left_out: frozenset[str] = frozenset(),
    most: int = 3,
) -> dict[int, tuple[str, ...]]:
    read = {}
    for number, texts in groups.items():
        read[number] = GroupText()
        for place, text in enumerate(texts):
            title = titles[number][place] if titles else ""
            read[number].add(
                title, [text], headings=headings, language=language, naming=NAMING, left_out=left_out
            )
    return distinctive_terms(read, most=most)


def test_a_french_group_is_called_after_things_and_not_after_what_is_done_with_each() -> None:
    names = named(FRENCH, "fr", most=4)
    assert set(names[1]) >= {"farine", "four"}
    assert set(names[2]) >= {"clé", "serrure", "barillet"}
    words = {word for some in names.values() for word in some}
    assert not words & {"chaque", "tenir", "tient", "tenons", "doit", "faut", "nettoyer", "nettoyons", "soir"}


def test_an_english_verb_gives_its_noun() -> None:
    names = named(ENGLISH, "en", most=4)
    assert set(names[1]) == {"orchard", "basket", "ladder", "facilitator"}
    assert set(names[2]) >= {"kiln", "clay", "glaze"}
    words = {word for some in names.values() for word in some}
    assert not words & {"keep", "every", "facilitate", "must", "mix"}


def test_a_title_says_more_than_a_text_and_one_long_page_names_no_group() -> None:
    texts = {1: ["Le hangar."] * 3, 2: ["Le verger."] * 3}
    titles = {1: ["La voile", "Une voile", "Sa voile"], 2: ["Le pré", "Un pré", "Ce pré"]}
    assert named(texts, "fr", titles=titles)[1] == ("voile", "hangar")
    long = {1: ["Le mât. " * 200 + "Le bateau.", "Un bateau.", "Ce bateau."], 2: ["Le verger."] * 3}
    assert named(long, "fr")[1] == ("bateau",)


def test_what_all_groups_have_names_none_and_headings_tell_more_than_text() -> None:
    shared = {1: ["Le projet a un moulin.", "Ce projet, ce moulin."], 2: ["Un projet de phare.", "Le phare."]}
    names = named(shared, "fr")
    assert (names[1][0], names[2][0]) == ("moulin", "phare")
    two = {1: GroupText(), 2: GroupText()}
    for number, (heading, text) in {1: ("La digue", "Le sable."), 2: ("", "Le champ.")}.items():
        for _ in range(3):
            two[number].add(
                "", [text], headings=[heading], language="fr", naming=NAMING, left_out=frozenset()
            )
    assert distinctive_terms(two, most=2)[1] == ("digue", "sable")


def test_words_that_begin_alike_are_one_and_people_are_none() -> None:
    texts = {
        1: ["Une organisation et un organisateur, avec Ismérie.", "Cette organisation, cet organisateur."],
        2: ["Le puits.", "Un puits."],
    }
    names = named(texts, "fr", left_out=frozenset({"ismérie"}))
    assert len(names[1]) == 1
    assert names[1][0].startswith("organisat")


def test_one_group_alone_is_called_after_what_most_of_its_pages_have() -> None:
    assert named({1: FRENCH[2]}, "fr")[1][:1] == ("clé",)
    assert named({1: ()}, "fr") == {1: ()}


@pytest.mark.parametrize(
    ("text", "language", "signs"),
    [
        ("L’atelier répare des vélos", "fr", {"atelier": 1, "vélos": 1, "répare": 0}),
        ("Nous réparons. Vélos du quartier", "fr", {"réparons": -1, "vélos": 0, "quartier": 1}),
        ("We bake a loaf by kneading", "en", {"bake": -1, "loaf": 1, "kneading": 0}),
        ("With a round loaf", "en", {"round": 0, "loaf": 0}),
        ("Contain the information in the containers", "en", {"containers": 1}),
        ("The meeting is delayed", "en", {"meeting": 1, "delayed": -1}),
        (
            "See https://example.org/oven/bread.html or bread_oven.py in the bakery",
            "en",
            {"bakery": 1},
        ),
    ],
)
def test_what_stands_before_a_word_tells_what_it_is(
    text: str, language: Language, signs: dict[str, int]
) -> None:
    assert {word.form: sign for word, _, sign in NAMING.read(text, language)} == signs


def test_more_company_makes_surer() -> None:
    assert likely_noun({1: 8}) == 1.0
    assert likely_noun({-1: 8, 0: 3}) == 0.0
    assert likely_noun({1: 2}) > likely_noun({}) == likely_noun({0: 9}) > likely_noun({-1: 1}) >= 0.0
