"""Pages that belong under "See also": by meaning, by links, never what is linked, rejected or gone."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from connector.errors import IndexNotBuiltError
from connector.model import Page
from connector.store import Store
from search.chunking import Chunk, Part
from search.embedding import Vectors
from search.indexer import Index
from search.link_words import PhraseReader
from search.links import LinkSettings, LinkSuggester
from search.see_also import SeeAlso, SeeAlsoSuggestion
from search.see_also_score import FEATURES, LEARNT, Signs, Surroundings, score
from search.see_also_sentence import NearPassages, choose_sentences
from tests.builders import HashingEmbedder, ReadableWhere, make_index, make_page, make_store

REPAIR = "Réparer un vélo"
PAGES = {
    REPAIR: "Démonter la [[roue]] et réparer la chambre à air. La crevaison veut une rustine.",
    "Crevaison": (
        "Une photo manque.\n\n"
        "== Marche à suivre ==\n"
        "Pour réparer la '''chambre''' à air, démonter la roue et poser une [[rustine]]. "
        "Ensuite, gonfler.\n[[Catégorie:Atelier]]"
    ),
    "Outils": "Les clés plates et les démonte-pneus sont rangés au mur de l’atelier.",
    "Compost": "Les épluchures mûrissent six mois au fond du jardin, à l’ombre.",
    "Bike repair": "Take off the wheel and repair the inner tube. The puncture wants a patch.",
    "Pneu": "Un pneu à plat.",
    "Pneu à plat": "[[Catégorie:Pneu]]",
}
WORDS = {
    "take off": "démonter",
    "wants a": "veut une",
    "the": "la",
    "and": "et",
    "puncture": "crevaison",
    "inner tube": "chambre à air",
    "repair": "réparer",
    "patch": "rustine",
    "wheel": "roue",
    "bike": "vélo",
}


class BilingualEmbedder(HashingEmbedder):
    """Reads some English words as the French ones, as a multilingual model does."""

    def _vector(self, text: str) -> Vectors:
        text = text.lower()
        for english, french in WORDS.items():
            text = text.replace(english, french)
        return super()._vector(text)


def pages_of_the_wiki() -> list[Page]:
    pages = [make_page(number, title, text) for number, (title, text) in enumerate(PAGES.items(), 1)]
    return [*pages, make_page(50, "Pneu crevé", redirect="Crevaison")]


@pytest.fixture(scope="module")
def embedder() -> BilingualEmbedder:
    return BilingualEmbedder()


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, embedder: BilingualEmbedder) -> Iterator[Index]:
    """Of the pages as they were at first; each test has a mirror of its own."""
    folder = tmp_path_factory.mktemp("see-also")
    with make_store(folder, pages_of_the_wiki()) as store:
        made = make_index(folder, store, embedder)
        made.update()
        yield made
        made.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with make_store(tmp_path, pages_of_the_wiki()) as made:
        yield made


@pytest.fixture
def see_also(store: Store, index: Index) -> SeeAlso:
    return SeeAlso(store=store, index=index)


def page_of(store: Store, title: str) -> Page:
    page = store.pages.by_title(title)
    assert page is not None
    return page


def by_title(found: list[SeeAlsoSuggestion]) -> dict[str, SeeAlsoSuggestion]:
    return {each.title: each for each in found}


def test_pages_of_one_meaning_come_first_whatever_their_language(store: Store, see_also: SeeAlso) -> None:
    found = see_also.find(page_of(store, REPAIR))
    assert [each.title for each in found][:2] == ["Crevaison", "Bike repair"]
    assert "Compost" not in by_title(found)
    assert all(0 < each.score <= 1 for each in found)
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)
    assert [each.title for each in see_also.find(page_of(store, REPAIR), top_k=1)] == ["Crevaison"]


def test_the_sentence_is_whole_and_plain_and_says_what_the_pages_share(
    store: Store, see_also: SeeAlso
) -> None:
    found = by_title(see_also.find(page_of(store, REPAIR)))
    assert found["Crevaison"].sentence == (
        "Pour réparer la chambre à air, démonter la roue et poser une rustine."
    )
    assert found["Crevaison"].sentence_pageid == found["Crevaison"].pageid == 2
    assert found["Bike repair"].sentence == "Take off the wheel and repair the inner tube."


def test_pages_and_sentences_that_may_not_be_read_are_not_offered(store: Store, see_also: SeeAlso) -> None:
    page = page_of(store, REPAIR)
    everything = see_also.find(page)
    hidden = ReadableWhere(lambda each: each.title != "Crevaison")
    found = see_also.find(page, readable=hidden)
    assert found[0].title == "Bike repair"
    assert found[0].sentence == by_title(everything)["Bike repair"].sentence
    assert all(each.title != "Crevaison" and each.sentence_pageid != 2 for each in found)
    assert see_also.find(page, readable=ReadableWhere(lambda each: False)) == []
    assert see_also.find(page, readable=ReadableWhere(lambda each: True)) == everything


def test_a_page_without_a_sentence_is_offered_without_one(store: Store, see_also: SeeAlso) -> None:
    found = by_title(see_also.find(page_of(store, "Pneu")))
    assert found["Pneu à plat"].sentence is None  # its category is no sentence of it
    assert found["Pneu à plat"].sentence_pageid is None


@pytest.mark.parametrize("link", ["[[Crevaison]]", "[[crevaison#Marche à suivre|là]]", "[[Pneu crevé]]"])
def test_what_the_text_links_to_is_not_offered_saved_or_not(
    store: Store, see_also: SeeAlso, link: str
) -> None:
    page = page_of(store, REPAIR)
    written = replace(page, wikitext=f"{page.wikitext} {link}")
    assert "Crevaison" not in by_title(see_also.find(written))
    store.pages.put_many([replace(written, revid=9_000)])
    assert "Crevaison" not in by_title(see_also.find(page_of(store, REPAIR)))
    assert "Crevaison" in by_title(see_also.find(page))


def test_a_new_page_is_compared_by_a_few_passages_of_its_text(
    see_also: SeeAlso, embedder: BilingualEmbedder
) -> None:
    paragraph = "La chambre à air du vélo se répare avec une rustine, roue démontée. "
    sections = "".join(f"\n== Essai {number} ==\n{paragraph * 8}" for number in range(30))
    embedder.embedded.clear()
    found = see_also.find(make_page(0, "Pneus", sections, revid=1))
    assert "Crevaison" in by_title(found)
    assert sum("Essai" in text for text in embedder.embedded) <= 4


def test_passages_of_a_text_that_did_not_change_are_not_embedded_again(
    store: Store, see_also: SeeAlso, embedder: BilingualEmbedder
) -> None:
    page = page_of(store, REPAIR)
    embedder.embedded.clear()
    see_also.find(replace(page, wikitext=page.wikitext.replace("[[roue]]", "roue")))
    assert not any(REPAIR in text for text in embedder.embedded)


def test_of_a_long_text_only_what_is_new_is_embedded(tmp_path: Path, embedder: BilingualEmbedder) -> None:
    paragraph = "La chambre à air du vélo se répare avec une rustine, roue démontée. "
    text = "".join(f"\n== Essai {n} ==\n{paragraph * 8}" for n in range(60))
    with make_store(tmp_path, [*pages_of_the_wiki(), make_page(60, "Vélos", text)]) as store:
        index = make_index(tmp_path, store, embedder)
        index.update()
        page, see_also = page_of(store, "Vélos"), SeeAlso(store=store, index=index)
        # Sixty passages of its own are nearer.
        assert "Crevaison" in by_title(see_also.find(page))
        embedder.embedded.clear()
        see_also.find(replace(page, revid=0, wikitext=text + "\n== Fin ==\nUne phrase nouvelle."))
        index.close()
    passages = [text for text in embedder.embedded if "Essai" in text or "Fin" in text]
    assert len(passages) == 1
    assert "Une phrase nouvelle" in passages[0]


def test_what_was_rejected_twice_on_a_page_is_offered_there_no_more(store: Store, see_also: SeeAlso) -> None:
    page = page_of(store, REPAIR)
    store.link_feedback.offer(page.pageid, page.revid, [(2, "Crevaison"), (5, "Bike repair")])
    for reason in ("target", "other"):
        assert "Crevaison" in by_title(see_also.find(page))
        store.link_feedback.judge(page.pageid, page.revid, 2, "Crevaison", "rejected", reason)
    found = by_title(see_also.find(page))
    assert "Crevaison" not in found
    assert "Bike repair" in found


def test_a_page_that_is_gone_from_the_mirror_is_gone_before_the_index_follows(
    store: Store, see_also: SeeAlso
) -> None:
    store.pages.delete([2])
    assert "Crevaison" not in by_title(see_also.find(page_of(store, REPAIR)))


def test_redirects_and_pages_that_are_no_wikitext_get_nothing(store: Store, see_also: SeeAlso) -> None:
    assert see_also.find(page_of(store, "Pneu crevé")) == []
    assert see_also.find(replace(page_of(store, REPAIR), content_model="json")) == []


def test_without_an_index_it_says_so(store: Store, tmp_path: Path) -> None:
    bare = make_index(tmp_path / "other", store, HashingEmbedder())
    with pytest.raises(IndexNotBuiltError):
        SeeAlso(store=store, index=bare).find(page_of(store, REPAIR))
    bare.close()


def test_what_near_pages_link_to_comes_with_them(tmp_path: Path) -> None:
    texts = {f"Semis {n}": f"Semer les tomates en mars, rang {n}. Voir [[Lune]]." for n in range(6)}
    pages = [make_page(number, title, text) for number, (title, text) in enumerate(texts.items(), 10)]
    pages.append(make_page(1, "Lune", "Un calendrier."))
    pages.append(make_page(2, "Semis tardif", "Semer les tomates en mai."))
    with make_store(tmp_path, pages) as store:
        index = make_index(tmp_path, store, HashingEmbedder())
        index.update()
        found = by_title(SeeAlso(store=store, index=index).find(page_of(store, "Semis tardif")))
        index.close()
    assert "Lune" in found


def test_links_around_a_page_are_counted_without_the_one_that_is_judged(store: Store) -> None:
    pages = [
        make_page(60, "A", "[[M]] [[B]]"),
        make_page(61, "B", "[[M]] [[A]]"),
        make_page(62, "M", "Rien."),
        make_page(63, "C", "Rien."),
    ]
    store.pages.put_many(pages)
    table = LinkSuggester(store=store, settings=LinkSettings()).table()
    assert table is not None
    around = Surroundings(table, pageid=60, links={61, 62}, near=[(61, 0.5), (63, 0.5)])
    alone = Surroundings(table, pageid=60, links={62}, near=[(61, 0.5), (63, 0.5)])
    both = [each.signs(61, passage=0.4, likeness=0.2) for each in (around, alone)]
    assert both[0].linked_back == both[1].linked_back == 1.0
    assert both[0].paths == both[1].paths == pytest.approx(1.0)  # by way of M, which has no other link
    assert [each.signs(62, passage=0.0, likeness=0.0).neighbours for each in (around, alone)] == [0.5, 0.5]
    assert around.signs(63, passage=0.0, likeness=0.0).paths == 0.0
    assert around.candidates() == {61, 62}


def test_a_page_that_half_the_wiki_links_to_is_compared_with_some_of_these(store: Store) -> None:
    linkers = [make_page(number, f"Page {number}", "[[Glossaire]]") for number in range(100, 1_200)]
    store.pages.put_many(
        [*linkers, make_page(90, "Glossaire", "Rien."), make_page(91, "Mot", "[[Page 1100]]")]
    )
    table = LinkSuggester(store=store, settings=LinkSettings()).table()
    assert table is not None
    glossary = Surroundings(table, pageid=90, links=set(), near=[(91, 0.5)])
    assert 1100 in glossary.candidates()  # for which another link speaks
    assert len(glossary.candidates()) <= 60
    # That all of them lead to the glossary joins no two of them.
    page = Surroundings(table, pageid=100, links={90}, near=[])
    assert page.candidates() == set()


def test_each_sign_makes_a_page_likelier() -> None:
    plain = Signs(passage=0.3, likeness=0.2, linked_back=0.0, neighbours=0.0, paths=0.0, known=0.9)
    for name in FEATURES:
        assert score(replace(plain, **{name: 1.0})) > score(plain)
    assert len(LEARNT.with_links) == len(LEARNT.without_links) == 1 + len(FEATURES)
    near = replace(plain, passage=0.8)
    assert score(replace(near, known=0.0)) > score(near)  # links that are not there speak against it


def test_a_sentence_that_several_pages_have_joins_no_two_of_them() -> None:
    boilerplate = "Cette page du jardin parle de tomates et de semis."
    embedder, reader = HashingEmbedder(), PhraseReader()
    own = embedder.embed_query("Les semis de tomates du jardin")
    passages = [
        NearPassages(_chunk(f"{boilerplate}\n{rest}"), own)
        for rest in (
            "Elles demandent des semis au jardin. Au jardin, les semis de tomates se font en mars.",
            "Nul ne sait pourquoi il pleut.",
            "semis de tomates au jardin en mai\nAvec des semis de tomates, le jardin nourrit une famille.",
        )
    ]
    found = choose_sentences(
        passages, text="Un texte.", words={"semi": 0.7, "tomat": 0.7}, reader=reader, embedder=embedder
    )
    assert found == [
        "Au jardin, les semis de tomates se font en mars.",  # and not the one that goes on from another
        None,
        "Avec des semis de tomates, le jardin nourrit une famille.",  # and not the item
    ]
    said = choose_sentences(
        passages[:1], text=f"Ici. {boilerplate}", words={}, reader=reader, embedder=embedder
    )
    assert said == found[:1]
    assert choose_sentences([], text="", words={}, reader=reader, embedder=embedder) == []


def _chunk(text: str) -> Chunk:
    return Chunk(title="T", heading="", text=text, language="fr", parts=(Part(0, "", ""),))
