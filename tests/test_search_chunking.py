"""Passages: short enough for the model, long enough to mean something, known by what they say."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from connector.model import Section
from search.chunking import MAX_WORDS, Chunk, chunk_ids, chunk_page, pageid_of
from search.language import LanguageDetector
from search.sentences import sentence_spans

DETECTOR = LanguageDetector()


def section(text: str, *path: str) -> Section:
    return Section(
        heading=path[-1] if path else "",
        level=len(path) + 1 if path else 0,
        anchor="_".join(path[-1].split()) if path else "",
        path=path,
        text=text,
    )


def chunks_of(*sections: Section, labels: str = "", title: str = "Soirée réparation") -> list[Chunk]:
    return chunk_page(title=title, sections=sections, labels=labels, language="fr", detector=DETECTOR)


def sentences(count: int, *, start: int = 0) -> str:
    return " ".join(
        f"La phrase numéro {n} parle de la table {n} et de son outil." for n in range(start, start + count)
    )


def test_a_long_section_becomes_passages_that_overlap_by_a_sentence() -> None:
    chunks = chunks_of(section(sentences(40), "Étapes"))
    assert len(chunks) > 3
    for chunk in chunks:
        assert len(chunk.text.split()) <= MAX_WORDS
        assert chunk.heading == "Étapes"
    for before, after in itertools.pairwise(chunks):
        first = after.text[: after.text.index(". ") + 1]
        assert first in before.text


def test_no_word_is_lost() -> None:
    text = sentences(60)
    joined = " ".join(
        chunk.text for chunk in chunks_of(section(text), section(sentences(3, start=90), "Suite"))
    )
    assert set(text.split()) | set(sentences(3, start=90).split()) <= set(joined.split())


def test_short_neighbours_share_a_passage_and_keep_their_anchors() -> None:
    (chunk,) = chunks_of(
        section("Deux mots."), section("On prépare la table.", "Étapes"), section("Un badge.", "Outils")
    )
    assert [part.anchor for part in chunk.parts] == ["", "Étapes", "Outils"]
    assert chunk.part_at(chunk.text.index("table")).anchor == "Étapes"
    assert chunk.part_at(chunk.text.index("badge")).anchor == "Outils"
    assert chunk.part_at(0).anchor == ""


def test_a_long_section_does_not_swallow_a_short_one() -> None:
    chunks = chunks_of(section(sentences(10), "Solution"), section("Trois mots ici.", "Outils"))
    assert [chunk.heading for chunk in chunks] == ["Solution", "Outils"]


def test_the_heading_path_and_title_are_embedded() -> None:
    (chunk,) = chunks_of(section("On prépare.", "Solution", "Avant"))
    assert chunk.embedded == "Soirée réparation\nSolution › Avant\nOn prépare."


def test_an_endless_sentence_is_cut() -> None:
    chunks = chunks_of(section(" ".join(["mot"] * 1000)))
    assert all(len(chunk.text.split()) <= MAX_WORDS for chunk in chunks)
    assert sum(chunk.text.count("mot") for chunk in chunks) >= 1000


def test_list_items_and_rows_stay_on_lines_of_their_own() -> None:
    (chunk,) = chunks_of(section("- une pince\n- un fer. Il chauffe.\n\nPrix | 12 €", "Outils"))
    assert chunk.text == "- une pince\n- un fer. Il chauffe.\nPrix | 12 €"


def test_an_empty_page_has_its_title() -> None:
    (chunk,) = chunks_of()
    assert chunk.embedded == "Soirée réparation"


def test_labels_stand_with_the_lead_and_are_known_as_labels() -> None:
    (chunk,) = chunks_of(section("Une soirée par mois."), labels="Catégories : Accueil")
    assert chunk.text == "Une soirée par mois.\nCatégories : Accueil"
    assert [part.labels for part in chunk.parts] == [False, True]
    (chunk,) = chunks_of(section("On range.", "Étapes"), labels="Statut : testée")
    assert chunk.text.startswith("Statut : testée")


def test_a_passage_is_in_its_own_language() -> None:
    english = "Everyone brings something that is broken and we mend it together on a Thursday evening. " * 4
    chunks = chunks_of(section(sentences(10)), section(english, "In English"))
    assert [chunk.language for chunk in chunks] == ["fr", "en"]


def test_ids_follow_the_text_and_are_unique() -> None:
    same = section(sentences(8), "Une")
    other = section(sentences(8, start=50), "Deux")
    before = chunk_ids(7, chunks_of(same, other))
    edited = chunk_ids(7, chunks_of(same, section(sentences(8, start=70), "Deux")))
    assert before[0] == edited[0]
    assert before[1] != edited[1]
    repeated = chunk_ids(7, [*chunks_of(same), *chunks_of(same)])
    assert len(set(repeated)) == 2
    assert {pageid_of(i) for i in (*before, *repeated)} == {7}
    assert set(chunk_ids(8, chunks_of(same, other))).isdisjoint(before)
    assert set(chunk_ids(7, chunks_of(same, other, title="Autre titre"))).isdisjoint(before)


def test_sentences_do_not_end_at_an_abbreviation() -> None:
    text = "M. Le Goff range, cf. le plan. Il part ! « Déjà ? » dit-elle. Fin"
    assert [text[a:b] for a, b in sentence_spans(text)] == [
        "M. Le Goff range, cf. le plan.",
        "Il part !",
        "« Déjà ? » dit-elle.",
        "Fin",
    ]


@given(st.text(max_size=300))
def test_sentences_cover_everything_but_white_space(text: str) -> None:
    spans = list(sentence_spans(text))
    outside = "".join(
        text[a:b]
        for a, b in zip([0, *(e for _, e in spans)], [*(s for s, _ in spans), len(text)], strict=True)
    )
    assert not outside.strip()
    assert all(text[s:e].strip() == text[s:e] != "" for s, e in spans)
