"""Who may not read everything is answered as if there were only what they may read.

Held against an index of the readable pages alone. What is not promised to be equal: scores, and with them the
order of pages that answer about as well (how rare a word is, and how long passages are, is counted over the
whole wiki where it stands in more than `search.reach.RARE` passages), and how sure a hit may be (calibrated).
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from connector.model import PageLinks
from connector.store import Store
from search.filters import Facets
from search.indexer import Index
from search.query import Searcher
from search.readable import AT_ONCE, MOST_BATCHES
from search.results import SearchResult
from search.settings import SearchSettings
from search.titles import readable_titles
from tests.builders import (
    HashingEmbedder,
    ReadableWhere,
    make_history,
    make_index,
    make_page,
    make_store,
)

PRACTICE = "{{{{Practice|statut={0}|contacts={1}|langue=fr}}}}\n"
PAGES = (
    make_page(
        1, "Réparer une bouilloire", PRACTICE.format("testée", "Nadia") + "Détartrer puis changer le joint."
    ),
    make_page(2, "Bouilloire bavarde", "La bouilloire siffle dès que son couvercle ferme mal."),
    make_page(3, "Budget secret", "Le licenciement de Gontran coûtera deux mille euros à l’association."),
    make_page(4, "Compost", "Retourner le tas de feuilles chaque semaine, sans viande ni poisson."),
    make_page(5, "Paying the rent", "A donation box at the door pays the rent of the workshop."),
    make_page(
        6, "Remorque", PRACTICE.format("adoptée", "Hugo") + "La remorque à vélo porte le compost du marché."
    ),
    make_page(7, "Discussion:Remorque", "Merci, la remorque roule.", namespace=1),
    make_page(8, "Serrure", "Le code de la serrure est dans le tiroir du bureau, sous la bouilloire."),
    make_page(9, "Gontran", "Gontran tient la caisse de l’association et répare les serrures."),
    make_page(10, "Vélo", "Graisser la chaîne du vélo, puis régler les freins de la remorque."),
    make_page(11, "Siffleur", redirect="Bouilloire bavarde"),
)
# Everybody may read these: BM25 weighs nothing in an index of two passages.
PUBLIC = tuple(
    make_page(20 + number, f"Réunion {number}", f"Ordre du jour numéro {number} : bilan, projets, divers.")
    for number in range(8)
)
AUTHORS = {1: ["Nadia", "Hugo"], 2: ["Solène"], 3: ["Malo"], 4: ["Hugo"], 5: ["Ruth"], 6: ["Hugo", "Solène"]}
AUTHORS |= {7: ["Tess"], 8: ["Malo", "Nadia"], 9: ["Solène"], 10: ["Tom"]}
CATEGORIES = {
    1: ("Cuisine",),
    2: ("Cuisine",),
    3: ("Bureau",),
    6: ("Jardin",),
    8: ("Bureau",),
    10: ("Jardin",),
}
QUESTIONS = (
    "Comment réparer la bouilloire ?",
    "licenciement de Gontran",
    "lisenciement",  # misspelt, and the right word may be hidden
    "remorqe et compots",
    "siffleur",
    "How to pay the rent?",
    "serrure",
    '"tiroir du bureau"',
    "zygomatique",
)


def in_settings() -> SearchSettings:
    return SearchSettings(lock_wait_seconds=0.2)


class Scene:
    """A mirror of some of the pages, its index, and who asks it."""

    def __init__(self, folder: Path, pageids: frozenset[int]) -> None:
        self.store: Store = make_store(folder, [*PUBLIC, *(page for page in PAGES if page.pageid in pageids)])
        for pageid, authors in AUTHORS.items():
            if pageid in pageids:
                self.store.revisions.put_many(make_history(pageid, authors))
        self.store.links.put_many(
            PageLinks(pageid=pageid, categories=tuple(f"Catégorie:{name}" for name in names))
            for pageid, names in CATEGORIES.items()
            if pageid in pageids
        )
        self.index: Index = make_index(folder, self.store, HashingEmbedder(), settings=in_settings())
        self.index.update()
        self.searcher = Searcher(store=self.store, index=self.index, settings=in_settings())

    def close(self) -> None:
        self.index.close()
        self.store.close()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    made = Scene(tmp_path_factory.mktemp("whole"), frozenset(page.pageid for page in PAGES))
    yield made
    made.close()


def told(result: SearchResult) -> dict[str, object]:
    """What an answer tells, without scores and the order of what is nearly equal."""
    return {
        "pages": {(hit.pageid, hit.title, hit.same, hit.snippet) for hit in result.hits},
        "count": len(result.hits),
        "corrections": result.corrections,
        "experts": {(expert.name, expert.user) for expert in result.experts},
        "answerable": result.answerable,
        "passages": {passage.text for passage in result.passages},
    }


# Without shrinking: each example builds an index.
@settings(max_examples=10, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(readable=st.frozensets(st.integers(1, len(PAGES)), min_size=1))
def test_an_answer_is_as_of_an_index_of_the_readable_pages_alone(
    whole: Scene, readable: frozenset[int]
) -> None:
    asked = ReadableWhere(lambda page: page.pageid in readable or page.pageid >= 20)
    with TemporaryDirectory() as folder:
        # A redirect is a name of the page that it leads to, which who may read that may know.
        alone = Scene(Path(folder), readable | ({11} if 2 in readable else frozenset()))
        try:
            for question in QUESTIONS:
                result = whole.searcher.search(question, readable=asked)
                assert told(result) == told(alone.searcher.search(question)), question
                proofs = {proof.pageid for expert in result.experts for proof in expert.evidence}
                assert proofs <= readable | {page.pageid for page in PUBLIC}
                theirs = whole.searcher.experts(question, readable=asked)
                wanted = alone.searcher.experts(question)
                assert {each.name for each in theirs.experts} == {each.name for each in wanted.experts}
            for pageid in readable - {7, 11}:
                near = whole.searcher.related(pageid, top_k=10, readable=asked)
                wanted_near = alone.searcher.related(pageid, top_k=10)
                # The last digit of a cosine depends on how many are worked out at once.
                assert [replace(each, score=round(each.score, 5)) for each in near] == [
                    replace(each, score=round(each.score, 5)) for each in wanted_near
                ]
            facets = whole.searcher.facets(readable=asked)
            named = alone.searcher.facets()
            for kind in ("statuses", "categories", "languages", "namespaces"):
                values = {(choice.value, choice.name) for choice in getattr(facets, kind)}
                assert values == {(choice.value, choice.name) for choice in getattr(named, kind)}
        finally:
            alone.close()


def test_a_word_that_only_hidden_pages_have_is_unknown(whole: Scene) -> None:
    hidden = ReadableWhere(lambda page: page.pageid != 3)
    assert whole.searcher.search("lisenciement").corrections[0].read_as == ("licenciement",)
    assert whole.searcher.search("lisenciement", readable=hidden).corrections == ()
    # Typed rightly it leads nowhere either.
    right = whole.searcher.search("licenciement", readable=hidden)
    assert (right.corrections, 3 in [hit.pageid for hit in right.hits]) == ((), False)
    assert whole.searcher.search("détartrerr").corrections[0].read_as == ("détartrer",)
    lonely = ReadableWhere(lambda page: page.pageid != 2)
    assert whole.searcher.search("siffle").corrections == ()
    assert whole.searcher.search("siffle", readable=lonely).corrections == ()
    # A word of the same family on a page that may be read is not taken for the hidden one.
    assert whole.searcher.search("gontrant", readable=hidden).corrections[0].read_as == ("gontran",)


def test_a_rare_form_of_a_frequent_word_is_not_told_of(tmp_path: Path) -> None:
    pages = [make_page(n, f"Fiche {n}", "Le marteleur passe le lundi.") for n in range(1, 61)]
    pages.append(make_page(99, "Secret", "Une marteleuse vient le mardi."))
    with make_store(tmp_path, pages) as store:
        index = make_index(tmp_path, store, HashingEmbedder(), settings=in_settings())
        index.update()
        searcher = Searcher(store=store, index=index, settings=in_settings())
        hidden = ReadableWhere(lambda page: page.pageid != 99)
        assert searcher.search("marteleuxe").corrections
        told_of = [
            form
            for each in searcher.search("marteleuxe", readable=hidden).corrections
            for form in each.read_as
        ]
        assert "marteleuse" not in told_of
        assert searcher.search("martelleur", readable=hidden).corrections[0].read_as == ("marteleur",)
        index.close()


def test_who_may_read_nothing_is_told_nothing(whole: Scene) -> None:
    nothing = ReadableWhere(lambda page: False)
    for question in QUESTIONS:
        result = whole.searcher.search(question, readable=nothing)
        assert (result.hits, result.experts, result.corrections, result.passages) == ((), (), (), ())
        assert not result.answerable
        assert result.confidence == 0
    assert whole.searcher.related(1, top_k=5, readable=nothing) == []
    assert whole.searcher.similar("La bouilloire siffle.", readable=nothing) == []
    assert whole.searcher.facets(readable=nothing) == Facets()
    assert readable_titles(whole.index.keywords, "bou", limit=5, readable=nothing) == []


def test_titles_and_similar_pages_are_those_that_may_be_read(whole: Scene) -> None:
    keywords = whole.index.keywords
    some = ReadableWhere(lambda page: page.pageid != 1)
    assert [m.pageid for m in readable_titles(keywords, "bouil", limit=5)] == [2, 1]
    assert [m.pageid for m in readable_titles(keywords, "bouil", limit=1, readable=some)] == [2]
    assert [m.matched for m in readable_titles(keywords, "siff", limit=5, readable=some)] == ["Siffleur"]
    text = "Une bouilloire qui siffle, et dont le joint est à changer."
    assert whole.searcher.similar(text)[0].pageid == 1
    found = whole.searcher.similar(text, readable=some)
    assert found[0].pageid == 2
    assert 1 not in [page.pageid for page in found]


def test_nobody_is_asked_about_who_may_read_everything(whole: Scene) -> None:
    free = ReadableWhere(lambda page: False)
    free.restricted = False
    for question in QUESTIONS:
        assert whole.searcher.search(question, readable=free) == whole.searcher.search(question)
    assert whole.searcher.facets(readable=free) == whole.searcher.facets()
    assert free.asked == []


def test_pages_are_asked_for_in_few_batches(tmp_path: Path) -> None:
    pages = [make_page(n, f"Fiche {n}", f"Une fiche de remorque, la {n}e.") for n in range(1, 301)]
    with make_store(tmp_path, pages) as store:
        index = make_index(tmp_path, store, HashingEmbedder(), settings=in_settings())
        index.update()
        searcher = Searcher(store=store, index=index, settings=in_settings())
        everything = ReadableWhere(lambda page: True)
        assert len(searcher.search("remorque", readable=everything).hits) == 10
        assert [len(batch) for batch in everything.asked[:1]] == [AT_ONCE]
        # What votes for people is asked about once more, all at once.
        assert len(everything.asked) == 2
        nothing = ReadableWhere(lambda page: False)
        assert searcher.search("remorque", readable=nothing).hits == ()
        assert sum(map(len, nothing.asked)) <= AT_ONCE * MOST_BATCHES
        one = ReadableWhere(lambda page: page.pageid == 300)
        assert [hit.pageid for hit in searcher.search("Fiche 300", readable=one).hits] == [300]
        index.close()
