"""What a wiki asks by itself, and the copy of it that does not hold what is asked."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from connector.model import Page, PageLinks, Section
from connector.store import Store
from connector.wikitext import parse
from search.exam_mirror import NO_HEADING, copy_without, without_heading, without_sentence
from search.exam_questions import ExamQuestion, Kind, find_questions
from search.language import Language, LanguageDetector
from tests.builders import FRENCH_WIKI, make_page, make_store

COMPOST = """Le compost mûrit à l'ombre du noyer, et il nourrit toutes les planches du jardin au printemps.
La [[grelinette|fourche à deux manches]] reste à côté, avec le seau pour les épluchures de la cuisine.
== Matières ==
Du brun et du vert.
== Retourner le tas en mars ==
On '''retourne''' le tas avec la [[grelinette]] dès que la terre se réchauffe.
Ensuite on arrose un peu, on couvre de paille, et on attend trois semaines avant d’y regarder.
=== Quand il pleut ===
Une bâche suffit. Elle se range derrière la cabane, sous les pots vides et les vieux arrosoirs du club.
"""
TOOL = """== Matières ==
Du bois, du fer.
La grelinette aère la terre sans la retourner, ce qui laisse les vers tranquilles et le dos aussi.
"""
SEEDS = """Voir la [[Grelinette|fourche à deux manches]] et le [[Compost|tas du fond]].
== Calendar of the first sowings ==
We sow beans when the lilac is in bloom and not before, whatever the neighbours do or say.
The tomatoes wait indoors until the middle of May, on the window sill of the club room, next to the radio.
"""
PAGES = (
    make_page(1, "Compost", COMPOST),
    make_page(2, "Grelinette", TOOL),
    make_page(3, "Semis", SEEDS),
    make_page(4, "Or noir du jardin", redirect="Compost"),
    make_page(5, "Composts", redirect="Compost"),
    make_page(6, "L’or noir du jardin", redirect="Compost"),
    make_page(7, "Utilisateur:Zoé/Potager", redirect="Semis"),
    make_page(8, "Fantôme du grenier", redirect="Page absente"),
    make_page(9, "Planches", "Le [[Semis|tas du fond]] ou la [[Semis|planche neuve]]. [[Compost|ici]]"),
)
LANGUAGES: dict[int, Language] = {1: "fr", 2: "fr", 3: "en", 9: "fr"}
DETECTOR = LanguageDetector()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with make_store(tmp_path, PAGES) as made:
        made.links.put_many([PageLinks(pageid=3, links=("Compost",))])
        yield made


def draw(store: Store, *, most: int = 50, seed: int = 1) -> list[ExamQuestion]:
    return find_questions(store, languages=LANGUAGES, detector=DETECTOR, most=most, seed=seed)


def ask(store: Store, kind: Kind) -> dict[str, ExamQuestion]:
    found = find_questions(store, languages=LANGUAGES, detector=DETECTOR, most=50, seed=1, kinds=[kind])
    assert {question.kind for question in found} <= {kind}
    return {question.text: question for question in found}


def test_redirects_ask_for_their_page_unless_they_only_spell_its_title(store: Store) -> None:
    found = ask(store, Kind.REDIRECT)
    assert {text: question.pageid for text, question in found.items()} == {
        "L’or noir du jardin": 1,
        "Zoé/Potager": 3,
    }
    assert found["L’or noir du jardin"].sources == (4, 6)  # one name, written in two ways


def test_words_of_links_ask_for_the_one_page_they_lead_to(store: Store) -> None:
    found = ask(store, Kind.LINK)
    # "tas du fond" leads to two pages, "ici" says nothing, "grelinette" is a title.
    assert {text: (q.pageid, q.sources) for text, q in found.items()} == {
        "fourche à deux manches": (2, (1, 3)),
        "planche neuve": (3, (9,)),
    }


def test_headings_are_asked_that_stand_on_one_page_only(store: Store) -> None:
    found = ask(store, Kind.HEADING)
    assert set(found) <= {"Retourner le tas en mars", "Quand il pleut", "Calendar of the first sowings"}
    assert "Matières" not in found
    assert found
    assert all(question.sources == (question.pageid,) for question in found.values())


def test_first_sentences_are_asked_where_enough_is_left(store: Store) -> None:
    found = ask(store, Kind.SENTENCE)
    assert (
        "Le compost mûrit à l'ombre du noyer, et il nourrit toutes les planches du jardin au printemps."
        in found
    )
    assert not any("Une bâche" in text or "Du bois" in text for text in found)  # too short a sentence


def test_a_question_is_in_its_own_language(store: Store) -> None:
    questions = draw(store)
    languages = {question.text: question.language for question in questions}
    assert languages["fourche à deux manches"] == "fr"
    assert "en" in languages.values()
    english = [text for text, language in languages.items() if language == "en"]
    assert all("the" in text for text in english)


def test_no_section_is_asked_twice(store: Store) -> None:
    questions = draw(store)
    headings = {q.text for q in questions if q.kind is Kind.HEADING}
    sentences = [q.text for q in questions if q.kind is Kind.SENTENCE]
    for page in store.pages.iterate():
        for section in parse(page.wikitext, site=FRENCH_WIKI).sections:
            assert not (section.heading in headings and any(s in section.text for s in sentences))


def test_a_seed_draws_the_same_and_another_draws_others(store: Store) -> None:
    first, again, other = ([q.digest for q in draw(store, most=4, seed=seed)] for seed in (1, 1, 9))
    assert first == again
    assert len(first) == len(other) == 4
    assert first != other


def test_an_edit_elsewhere_leaves_the_questions_what_they_are(store: Store) -> None:
    before = {q.digest for q in draw(store)}
    store.pages.put_many([make_page(9, "Planches", "Le [[Semis|tas du fond]] a changé.", revid=999)])
    after = {q.digest for q in draw(store)}
    assert after < before
    assert len(before - after) == 1  # the words of its own link


def test_kinds_share_what_may_be_asked(store: Store) -> None:
    questions = draw(store, most=4)
    assert sorted(question.kind for question in questions) == ["heading", "link", "redirect", "sentence"]


def test_a_mirror_without_a_wiki_asks_nothing(tmp_path: Path) -> None:
    with Store.open(tmp_path / "empty.sqlite3") as store:
        assert find_questions(store, languages={}, detector=DETECTOR, most=9, seed=1) == []


@pytest.fixture
def copied(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "copy.sqlite3") as made:
        yield made


def test_the_copy_holds_everything_but_what_is_asked(store: Store, copied: Store) -> None:
    original = {page.pageid: page for page in store.pages.iterate(redirects=True)}
    questions = draw(store)
    kept = copy_without(store, copied, questions)
    copies = {page.pageid: page for page in copied.pages.iterate(redirects=True)}
    assert original.keys() - copies.keys() == {4, 6, 7}  # the redirects that are asked for, in all spellings
    assert len(kept) >= 6
    for question in kept:
        parsed = parse(copies[question.pageid].wikitext, site=FRENCH_WIKI)
        if question.kind is Kind.HEADING:
            assert all(question.text not in section.path for section in parsed.sections)
            assert NO_HEADING in [section.heading for section in parsed.sections]
        elif question.kind is Kind.SENTENCE:
            assert question.text not in parsed.text
        elif question.kind is Kind.LINK:
            for pageid in question.sources:
                source = parse(copies[pageid].wikitext, site=FRENCH_WIKI)
                assert question.text not in [link.link_text for link in source.links]
                assert question.text in source.text  # somebody may still read it there
    assert {page.pageid: page for page in store.pages.iterate(redirects=True)} == original
    assert copied.site.get() == store.site.get()
    assert copied.links.get(3) == store.links.get(3)
    assert (copies[9].revid, copies[9].timestamp) == (original[9].revid, original[9].timestamp)


def test_renderings_are_copied_without_what_is_asked(store: Store, copied: Store) -> None:
    text = "La\u00a0bâche suffit à\ngarder le tas au sec. Elle se range."
    sections = [
        Section(heading="", level=0, anchor="", path=(), text="Début."),
        Section(
            heading="Retourner le tas en mars",
            level=2,
            anchor="R",
            path=("Retourner le tas en mars",),
            text="a",
        ),
        Section(heading="Pluie", level=3, anchor="P", path=("Retourner le tas en mars", "Pluie"), text=text),
    ]
    store.renderings.put(1, revid=100, touched=None, sections=sections)
    asked = ExamQuestion(
        kind=Kind.HEADING, text="Retourner le tas en mars", language="fr", pageid=1, sources=(1,)
    )
    sentence = replace(asked, kind=Kind.SENTENCE, text="La bâche suffit à garder le tas au sec.")
    copy_without(store, copied, [asked, sentence], rendered=True)
    rendering = copied.renderings.get(1)
    assert rendering is not None
    assert (rendering.revid, [section.text for section in rendering.sections]) == (
        100,
        ["Début.", "a", "Elle se range."],
    )
    assert [section.path for section in rendering.sections] == [(), (NO_HEADING,), (NO_HEADING, "Pluie")]


def test_a_question_that_cannot_be_held_out_is_not_asked(store: Store, copied: Store) -> None:
    absent = ExamQuestion(
        kind=Kind.SENTENCE,
        text="Cette phrase ne se trouve nulle part.",
        language="fr",
        pageid=1,
        sources=(1,),
    )
    other = replace(absent, kind=Kind.HEADING, text="Nulle part")
    assert copy_without(store, copied, [absent, other]) == []
    assert copied.pages.get(1) == store.pages.get(1)


@pytest.mark.parametrize(
    ("wikitext", "sentence"),
    [
        ("Avant. Le [[tour à bois|tour]] tourne vite. Après.", "Le tour tourne vite."),
        ("'''Le''' tour ''tourne'' vite. Après.", "Le tour tourne vite."),
        ("Le tour\ntourne vite. Après.", "Le tour tourne vite."),
        ("Le&nbsp;tour [[tourne]] vite. Après.", "Le tour tourne vite."),
    ],
)
def test_a_sentence_goes_with_its_markup(wikitext: str, sentence: str) -> None:
    changed = without_sentence(wikitext, sentence, site=FRENCH_WIKI)
    assert changed is not None
    text = parse(changed, site=FRENCH_WIKI).text
    assert "tourne" not in text
    assert text.endswith("Après.")


@pytest.mark.parametrize("wikitext", ["Le {{tour}} tourne vite.", "Le tour vite.", "", "Le " * 5_000])
def test_a_sentence_that_does_not_stand_there_as_such_is_left(wikitext: str) -> None:
    assert without_sentence(wikitext, "Le tour tourne vite.", site=FRENCH_WIKI) is None


def test_a_heading_goes_wherever_it_stands_and_its_section_stays() -> None:
    text = "a\n== L'''eau'' ==\nb\n=== Puits ===\nc\n== L'''eau'' ==\nd"
    heading = parse(text, site=FRENCH_WIKI).sections[1].heading
    changed = without_heading(text, heading, site=FRENCH_WIKI)
    assert changed is not None
    sections = parse(changed, site=FRENCH_WIKI).sections
    assert [section.text for section in sections] == ["a", "b", "c", "d"]
    assert [section.heading for section in sections] == ["", NO_HEADING, "Puits", NO_HEADING]
    assert without_heading(text, "Eau", site=FRENCH_WIKI) is None


def test_pages_that_are_no_wikitext_are_copied_as_they_are(tmp_path: Path) -> None:
    script = replace(make_page(1, "MediaWiki:Common.js", "var a = '[[b]]';"), content_model="javascript")
    other: Page = make_page(2, "Atelier")
    with make_store(tmp_path, [script, other]) as store, Store.open(tmp_path / "copy.sqlite3") as copied:
        languages: dict[int, Language] = {1: "fr", 2: "fr"}
        assert find_questions(store, languages=languages, detector=DETECTOR, most=9, seed=1) == []
        copy_without(store, copied, [])
        assert copied.pages.get_many([1, 2]) == {1: script, 2: other}
