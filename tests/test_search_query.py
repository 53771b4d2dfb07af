"""Questions and their answers, with the real model and a real Chroma."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from connector.errors import (
    IndexBusyError,
    IndexNotBuiltError,
    InvalidQueryError,
    ModelMismatchError,
    SearchError,
)
from connector.store import Store
from search.index_lock import IndexLock
from search.indexer import Index
from search.query import MAX_TOP_K, Searcher
from search.settings import SearchSettings
from tests.builders import HashingEmbedder, ReadableWhere, make_history, make_index, make_page, make_store
from tests.community import shared_embedder

pytestmark = pytest.mark.model

TOASTER = """{{Practice|statut=testée|contacts=Nadia Ferrand|langue=fr}}
Un grille-pain qui ne tient plus baissé revient chaque semaine.
== Problème ==
Le levier remonte tout seul et la tartine reste froide.
== Étapes ==
# Débrancher l’appareil et attendre qu’il refroidisse.
# Nettoyer l’électroaimant avec une brosse douce : les miettes l’empêchent de coller.
== Points de vigilance ==
Le code d’erreur E-4012 n’est affiché que par le modèle à écran.
[[Catégorie:Petit électroménager]]
"""
WELCOME = """== Problème ==
Les nouveaux repartent sans savoir à qui parler.
== Solution ==
Deux anciens accueillent chaque nouvelle personne, lui montrent la salle et réparent un objet avec elle.
"""
MONEY = """== Problem ==
Grants run out, and the rent of the room does not.
== Solution ==
Put a donation box at the door, and publish every month what came in and what it paid for.
"""
CHILDREN = """== Solution ==
Children take apart a broken toy with an adult beside them, and keep one piece of it as a souvenir.
"""
PAGES = (
    make_page(1, "Réparer un grille-pain", TOASTER),
    make_page(2, "Accueillir une nouvelle personne", WELCOME),
    make_page(3, "Paying the rent", MONEY),
    make_page(4, "Workshops for children", CHILDREN),
    make_page(5, "Salle", "La salle se trouve derrière la médiathèque, au fond de la cour."),
    make_page(6, "Toaster", redirect="Réparer un grille-pain"),
    make_page(7, "Discussion:Réparer un grille-pain", "Merci, la brosse a suffi !", namespace=1),
    make_page(8, "Compte rendu d’avril", "Élection du bureau, puis vote du budget de l’année."),
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with make_store(tmp_path_factory.mktemp("mirror"), PAGES) as made:
        made.revisions.put_many(
            make_history(1, ["Hugo Le Bris", "RangeBot", "Solène"], sizes=[900, 901, 1200])
        )
        made.revisions.put_many(make_history(2, ["Aïcha Benali"]))
        made.revisions.put_many(make_history(3, ["Ruth Ellery"]))
        made.revisions.put_many(make_history(4, ["Ruth Ellery", "Tom Ashby"]))
        made.revisions.put_many(make_history(7, ["Malo"]))
        yield made


@pytest.fixture(scope="module")
def index(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    made = make_index(tmp_path_factory.mktemp("data"), store, shared_embedder())
    made.update()
    yield made
    made.close()


@pytest.fixture(scope="module")
def searcher(store: Store, index: Index) -> Searcher:
    return Searcher(store=store, index=index, settings=SearchSettings())


@pytest.mark.parametrize(
    ("question", "language", "pageid"),
    [
        ("Comment réparer un grille-pain dont le levier remonte ?", "fr", 1),
        ("nettoyer electroaimant miettes", "fr", 1),
        ("accueil des nouveaux", "fr", 2),
        ("Où est la salle ?", "fr", 5),
        ("How can we pay for our room?", "en", 3),
        ("activities for kids with toys", "en", 4),
        ("E-4012", "fr", 1),
        ("toaster", "en", 1),
    ],
)
def test_a_question_finds_its_page(searcher: Searcher, question: str, language: str, pageid: int) -> None:
    result = searcher.search(question)
    assert result.hits[0].pageid == pageid
    assert result.language == language or len(question.split()) < 2


@pytest.mark.parametrize(
    ("question", "pageid"),
    [("Comment payer la location, avec des donations ?", 3), ("repair the toaster of the médiathèque", 1)],
)
def test_a_question_finds_pages_in_the_other_language(searcher: Searcher, question: str, pageid: int) -> None:
    assert pageid in [hit.pageid for hit in searcher.search(question).hits[:3]]


def test_a_hit_says_where_and_why(searcher: Searcher) -> None:
    hit = searcher.search("nettoyer l’électroaimant du grille-pain").hits[0]
    assert (hit.pageid, hit.title, hit.revid, hit.status) == (1, "Réparer un grille-pain", 100, "tested")
    assert (hit.section, hit.anchor, hit.language) == ("Étapes", "Étapes", "fr")
    assert hit.url == "https://wiki.example.org/wiki/R%C3%A9parer_un_grille-pain#%C3%89tapes"
    assert "Nettoyer l’électroaimant" in hit.snippet
    assert {"Nettoyer", "électroaimant"} <= {hit.snippet[a:b] for a, b in hit.marks}
    assert hit.last_edited == PAGES[0].timestamp
    assert hit.matched == ("words", "meaning")


def test_each_page_comes_once_with_falling_scores(searcher: Searcher) -> None:
    hits = searcher.search("réparer", top_k=50).hits
    assert len({hit.pageid for hit in hits}) == len(hits) == 6
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score < 1 for score in scores)
    assert searcher.search("réparer", top_k=2).hits == hits[:2]


def test_a_good_answer_scores_higher_than_a_bad_one(searcher: Searcher) -> None:
    good = searcher.search("réparer un grille-pain dont le levier remonte").hits[0].score
    bad = searcher.search("le levier dans la reproduction des hippocampes").hits[0].score
    assert good > 0.6
    assert bad < 0.35


def test_experts_come_with_their_pages(searcher: Searcher) -> None:
    result = searcher.experts("réparer un grille-pain")
    assert result.experts[0].name == "Nadia Ferrand"
    assert result.experts[0].evidence[0].why(result.language) == "personne à contacter pour cette pratique"
    names = [expert.name for expert in result.experts]
    assert {"Hugo Le Bris", "Solène", "Malo"} <= set(names)
    assert "RangeBot" not in names
    assert searcher.search("réparer un grille-pain").experts == result.experts
    assert len(searcher.experts("réparer un grille-pain", top_k=1).experts) == 1
    assert searcher.experts("rent of the room, donations").experts[0].name == "Ruth Ellery"


def test_who_opted_out_is_no_expert(store: Store, index: Index) -> None:
    settings = SearchSettings(opt_out=("Nadia Ferrand",))
    other = Index(
        folder=index.lock._folder, store=store, embedder=shared_embedder(), settings=settings, lock=index.lock
    )
    result = Searcher(store=store, index=other, settings=settings).experts("réparer un grille-pain")
    assert "Nadia Ferrand" not in [expert.name for expert in result.experts]
    assert result.experts


def test_similar_pages_are_those_that_say_the_same(searcher: Searcher) -> None:
    text = (
        "Accueillir : deux anciens montrent la salle à chaque nouvelle personne et réparent avec elle. " * 40
    )
    first, second, *_ = searcher.similar(text)
    assert (first.pageid, first.title) == (2, "Accueillir une nouvelle personne")
    assert 1 > first.score > second.score > 0
    assert searcher.similar(text, exclude=[2])[0].pageid != 2
    assert len(searcher.similar(text, top_k=1)) == 1
    assert searcher.similar(" \n ") == []


@pytest.mark.parametrize("question", ["", "   ", "\n\t", "\x00", "\u202e\u200f"])
def test_an_empty_question_is_refused(searcher: Searcher, question: str) -> None:
    for ask in (searcher.search, searcher.experts):
        with pytest.raises(InvalidQueryError, match="empty"):
            ask(question)


def test_a_question_too_long_is_refused(searcher: Searcher) -> None:
    with pytest.raises(InvalidQueryError, match="10,000 characters; at most 1,000"):
        searcher.search("a" * 10_000)
    assert searcher.search(("levier " * 200)[:1_000]).hits


@pytest.mark.parametrize("top_k", [0, -1, MAX_TOP_K + 1])
def test_an_impossible_number_of_results_is_refused(searcher: Searcher, top_k: int) -> None:
    with pytest.raises(InvalidQueryError, match="1 to 100"):
        searcher.search("outil", top_k=top_k)


@pytest.mark.parametrize(
    "question",
    [
        "grille-pain\x00levier",
        '"grille-pain" AND NEAR(levier) OR title:*',
        "🔥🔥🔥",
        "\u202eگرille-pain levier\u202c",
        "'; DROP TABLE manifest; --",
        "qui est-ce ?",
        "?",
        "a",
        "\ud83d",
    ],
)
def test_odd_questions_are_questions(searcher: Searcher, question: str) -> None:
    if question == "\ud83d":
        with pytest.raises(InvalidQueryError):
            searcher.search(question)
        return
    hits = searcher.search(question).hits
    assert all(hit.snippet for hit in hits)
    if "levier" in question:
        assert hits[0].pageid == 1


@pytest.mark.parametrize("question", ["qsdfghjk", "?!", "-", "🔧", "xqzt wvkp"])
def test_what_means_nothing_here_has_no_answer_and_no_expert(searcher: Searcher, question: str) -> None:
    result = searcher.search(question)
    assert result.hits == ()
    assert result.experts == ()


def test_threads_share_a_searcher(searcher: Searcher) -> None:
    questions = ["grille-pain", "accueil des nouveaux", "pay the rent", "children and toys"] * 5
    expected = [searcher.search(question) for question in questions]
    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(searcher.search, questions)) == expected


def test_a_page_that_left_the_manifest_is_not_shown(store: Store, tmp_path: Path) -> None:
    index = make_index(tmp_path, store, shared_embedder())
    index.update()
    searcher = Searcher(store=store, index=index, settings=SearchSettings())
    index.keywords.delete_pages([1])
    assert 1 not in [hit.pageid for hit in searcher.search("réparer un grille-pain").hits]
    index.close()


def test_without_an_index_there_is_one_clear_error(store: Store, tmp_path: Path) -> None:
    searcher = Searcher(
        store=store, index=make_index(tmp_path, store, HashingEmbedder()), settings=SearchSettings()
    )
    for ask in (lambda: searcher.search("x"), lambda: searcher.similar("x"), searcher.warm_up):
        with pytest.raises(IndexNotBuiltError, match="compagnon index"):
            ask()


def test_another_model_is_refused(store: Store, tmp_path: Path) -> None:
    index = make_index(tmp_path, store, HashingEmbedder())
    index.update()
    index.close()
    other = make_index(tmp_path, store, HashingEmbedder("hashing@2"))
    with pytest.raises(ModelMismatchError, match="run `compagnon index`"):
        Searcher(store=store, index=other, settings=SearchSettings()).search("outil")


@pytest.mark.sqlite("a folder of vectors; a Chroma server’s are in test_search_indexer_damage.py")
def test_lost_vectors_are_an_error_and_not_a_worse_answer(store: Store, tmp_path: Path) -> None:
    index = make_index(tmp_path, store, HashingEmbedder())
    index.update()
    index.close()
    shutil.rmtree(tmp_path / "index" / "chroma")
    with pytest.raises(SearchError, match="compagnon index"):
        Searcher(store=store, index=index, settings=SearchSettings()).search("outil")
    index.close()


@pytest.mark.sqlite("a folder that one process owns")
def test_an_index_that_another_process_serves_says_so(store: Store, tmp_path: Path) -> None:
    index = make_index(tmp_path, store, HashingEmbedder())
    index.update()
    index.close()
    with (
        IndexLock(tmp_path / "index").acquire(exclusive=True, wait_seconds=0, url="http://127.0.0.1:9"),
        pytest.raises(IndexBusyError, match=r"http://127\.0\.0\.1:9"),
    ):
        Searcher(store=store, index=index, settings=SearchSettings()).search("outil")


def test_an_empty_wiki_answers_nothing(tmp_path: Path) -> None:
    with make_store(tmp_path, []) as store:
        index = make_index(tmp_path, store, HashingEmbedder())
        index.update()
        result = Searcher(store=store, index=index, settings=SearchSettings()).search("outil")
        assert (result.hits, result.experts) == ((), ())
        index.close()


def test_a_passage_that_only_the_title_lifted_is_not_what_is_shown(tmp_path: Path) -> None:
    owners = "== Personnes ==\n* Courriel : lea@example.org\n* Courriel : marc@example.org\n"
    told = "== Principe ==\n" + "Le prêt de la remorque est gratuit pour qui la rend propre. " * 7
    with make_store(tmp_path, [make_page(1, "Prêt de la remorque", f"{told}\n{owners * 12}")]) as store:
        index = make_index(tmp_path, store, HashingEmbedder())
        index.update()
        words_only = replace(SearchSettings(), meaning_weight={"fr": 0.0, "en": 0.0})
        for settings in (SearchSettings(), words_only):
            (hit,) = Searcher(store=store, index=index, settings=settings).search("prêt de la remorque").hits
            assert "est gratuit" in hit.snippet
            assert (hit.section, hit.anchor) == ("Principe", "Principe")
        index.close()


def test_weights_follow_the_language_of_the_question(store: Store, index: Index) -> None:
    words_only = replace(SearchSettings(), meaning_weight={"fr": 0.0, "en": 0.0})
    meaning_only = replace(SearchSettings(), meaning_weight={"fr": 1.0, "en": 1.0})
    question = "children mending toys, Salle"
    by_words = Searcher(store=store, index=index, settings=words_only).search(question)
    by_meaning = Searcher(store=store, index=index, settings=meaning_only).search(question)
    assert [hit.pageid for hit in by_words.hits] != [hit.pageid for hit in by_meaning.hits]


def test_importing_search_loads_no_model_and_no_chroma() -> None:
    code = (
        "import sys, search.query, search.indexer, search.experts, search.embedding, search.vector_index;"
        "heavy = {'torch', 'chromadb', 'sentence_transformers', 'py3langid'} & set(sys.modules);"
        "sys.exit(f'loaded: {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parent.parent, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()


def test_what_may_not_be_read_is_neither_found_nor_told(searcher: Searcher) -> None:
    question = "Comment nettoyer l’électroaimant d’un grille-pain ?"
    everything = searcher.search(question)
    assert everything.hits[0].pageid == 1
    assert everything.answerable
    hidden = ReadableWhere(lambda page: page.pageid != 1)
    found = searcher.search(question, readable=hidden)
    assert 1 not in [hit.pageid for hit in found.hits]
    assert not found.answerable
    assert not {"Hugo Le Bris", "Solène", "Nadia Ferrand"} & {expert.name for expert in found.experts}
    assert searcher.search("electroaiment").corrections
    assert not searcher.search("electroaiment", readable=hidden).corrections
    assert searcher.search(question, readable=ReadableWhere(lambda page: True)).hits == everything.hits


def test_experts_tell_the_languages_of_their_pages(searcher: Searcher) -> None:
    languages = {each.name: each.languages for each in searcher.experts("workshops for children").experts}
    assert languages["Tom Ashby"] == ("en",)
    repair = {each.name: each for each in searcher.experts("réparer un grille-pain").experts}
    assert repair["Solène"].languages == ("fr",)
    assert repair["Solène"].available
