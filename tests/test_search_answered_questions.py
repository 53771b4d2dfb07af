"""Answered questions are keys of the page that answers them, as long as they are answered by it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.store import Store
from search.answered_questions import lacks_answers, lost_by_key, same_question
from search.chunking import is_key
from search.indexer import Index
from search.likeness import compare
from search.probes import draw_probes
from search.query import Searcher
from search.results import Hit
from search.settings import SearchSettings
from tests.builders import HashingEmbedder, make_page, make_store

BEDS = """Les planches sont couvertes dès les premiers froids avec des feuilles mortes du parc.
Le sol reste souple sous la couverture, et rien n’est bêché au printemps.
"""
HENS = """Un filet tendu à vingt centimètres au-dessus des semis protège les jeunes pousses trois semaines.
Il est retiré quand les plants dépassent la largeur d’une main.
"""
QUESTION = "Comment empêcher les gallinacés de gratter mon potager ?"
FIXED = "Que faire des gallinacés au potager ?"
PAGES = (
    make_page(1, "Pailler les planches", BEDS),
    make_page(2, "Filet sur les semis", HENS),
    make_page(3, "Ancien filet", redirect="Filet sur les semis"),
    make_page(4, "Bureau", "Le bureau se réunit le premier mardi du mois, dans la petite salle."),
)


class Ground:
    """A small wiki with its index, and the community's list."""

    def __init__(self, folder: Path, store: Store) -> None:
        self.store = store
        self.embedder = HashingEmbedder()
        settings = SearchSettings(lock_wait_seconds=0.2)
        self.index = Index(folder=folder / "index", store=store, embedder=self.embedder, settings=settings)
        self.searcher = Searcher(store=store, index=self.index, settings=settings)
        self.index.update()
        self.embedder.embedded.clear()

    def answer(self, text: str = QUESTION, *, pageid: int = 2, by: tuple[str, int] | None = None) -> int:
        asked, _ = self.store.questions.ask(text, language="fr", asked_by=None)
        name, number = by or (None, None)
        self.store.questions.close(
            asked.id,
            state="answered",
            closed_by=None,
            answer_pageid=pageid,
            answered_by=name,
            answered_by_user_id=number,
        )
        return asked.id

    def first(self, question: str = FIXED) -> Hit | None:
        return next(iter(self.searcher.search(question).hits), None)


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    with make_store(tmp_path, PAGES) as store:
        made = Ground(tmp_path, store)
        yield made
        made.index.close()


def test_who_asks_alike_finds_the_page_that_answered_and_reads_why(ground: Ground) -> None:
    before = ground.first()
    assert before is None or before.pageid != 2
    assert not lacks_answers(ground.index.keywords, ground.store)
    ground.answer()
    assert lacks_answers(ground.index.keywords, ground.store)
    assert ground.index.compare_with_mirror().stale == (2,)
    report = ground.index.update()
    assert not lacks_answers(ground.index.keywords, ground.store)
    assert (report.pages_indexed, report.chunks_embedded) == (1, 1)
    assert ground.embedder.embedded == [QUESTION]
    hit = ground.first()
    assert hit is not None
    assert (hit.pageid, hit.answered) == (2, QUESTION)
    # What is shown is the page's text, and so is what an answer is made from.
    assert "semis" in hit.snippet
    assert "gallinacés" not in hit.snippet
    texts = [passage.text for passage in ground.searcher.search(FIXED).passages]
    assert texts
    assert not any("gallinacés" in text for text in texts)
    assert ground.index.compare_with_mirror().in_step


def test_a_page_that_is_found_by_its_own_text_says_nothing_of_questions(ground: Ground) -> None:
    ground.answer()
    ground.index.update()
    hit = ground.first("jeunes pousses protégées par un filet tendu")
    assert hit is not None
    assert (hit.pageid, hit.answered) == (2, None)


@pytest.mark.parametrize("change", ["reopened", "reworded"])
def test_what_is_answered_no_more_is_named_no_more_at_once_and_gone_after_the_update(
    ground: Ground, change: str
) -> None:
    number = ground.answer()
    ground.index.update()
    if change == "reopened":
        ground.store.questions.reopen(number)
    else:
        ground.store.questions.reword(lambda text: text.replace("gallinacés", "●"))
    hit = ground.first()
    assert hit is None or hit.answered is None
    ground.index.update()
    found = ground.index.keywords.chunks(ground.index.keywords.chunk_ids([2]))
    assert not any("gallinacés" in stored.chunk.text for stored in found.values())
    assert any(stored.chunk.is_key for stored in found.values()) == (change == "reworded")


def test_a_page_that_became_another_hands_its_questions_on(ground: Ground) -> None:
    ground.answer(pageid=3)
    ground.index.update()
    hit = ground.first()
    assert hit is not None
    assert (hit.pageid, hit.answered) == (2, QUESTION)


def test_questions_are_no_part_of_what_a_page_says(ground: Ground) -> None:
    def known() -> tuple[object, ...]:
        likeness = compare(ground.index, ["gratter le potager"], pageids=[2])
        related = [(each.pageid, round(each.score, 5)) for each in ground.searcher.related(2)]
        return likeness, related, list(draw_probes(ground.index))

    before = known()
    ground.answer()
    ground.index.update()
    assert sum(map(is_key, ground.index.keywords.chunk_ids([2]))) == 1
    assert known() == before


def test_only_the_last_questions_of_a_page_are_kept(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.answered_questions.MOST_KEYS", 2)
    for number in range(4):
        ground.answer(f"Question {number}")
    ground.index.update()
    keys = [i for i in ground.index.keywords.chunk_ids([2]) if is_key(i)]
    texts = sorted(each.chunk.text for each in ground.index.keywords.chunks(keys).values())
    assert texts == ["Question 2", "Question 3"]


def test_an_answer_to_a_page_that_is_gone_is_no_key(ground: Ground) -> None:
    ground.answer(pageid=99)
    ground.store.pages.delete([4])
    ground.answer("Quand se réunit le bureau ?", pageid=4)
    ground.index.update()
    assert not any(map(is_key, ground.index.keywords.chunk_ids()))


def test_who_answers_questions_is_found_with_the_page(ground: Ground) -> None:
    assert ground.searcher.experts(QUESTION).experts == ()
    ground.answer(by=("Inès Roux", 7))
    ground.index.update()
    (expert,) = ground.searcher.experts(FIXED).experts
    assert (expert.name, expert.user) == ("Inès Roux", "Inès Roux")
    (proof,) = expert.evidence
    assert (proof.pageid, proof.reason) == (2, "answered_question")
    assert proof.why("fr") == "a répondu à une question de la communauté avec cette page"
    score = expert.score
    ground.answer("Quel filet contre les gallinacés ?", by=("Inès Roux", 7))
    (again,) = ground.searcher.experts(FIXED).experts
    assert again.score > score
    ground.store.questions.credit(1, name=None, user_id=None)
    ground.store.questions.credit(2, name=None, user_id=None)
    assert ground.searcher.experts(FIXED).experts == ()


def test_a_key_that_shares_a_subject_only_stands_behind_the_page_that_answers(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = "Le sol est-il bêché au printemps dans le potager des gallinacés ?"
    ground.answer("Le potager et les gallinacés du quartier, au printemps ?")
    ground.index.update()
    first, *others = ground.searcher.search(asked).hits
    assert (first.pageid, first.answered) == (1, None)
    assert [hit.pageid for hit in others if hit.answered is not None] == [2]
    # Without the weight that it deserves it would stand first.
    monkeypatch.setattr("search.retrieval.lost_by_key", lambda cosine, coverage: 0.0)
    before = ground.first(asked)
    assert before is not None
    assert (before.pageid, before.answered is not None) == (2, True)


def test_a_key_loses_nothing_when_it_is_asked_again_and_more_the_less_alike_it_is() -> None:
    assert lost_by_key(0.9, 0.0) == lost_by_key(0.1, 0.9) == 0.0
    rising = [lost_by_key(cosine, 0.0) for cosine in (0.85, 0.8, 0.7, 0.6)]
    assert rising == sorted(set(rising))
    assert lost_by_key(-0.2, 0.0) == lost_by_key(0.6, 0.4) == rising[-1]
    assert lost_by_key(0.7, 0.7) < lost_by_key(0.7, 0.0)
    assert same_question(0.85, 0.0) == same_question(0.0, 0.8) == 1.0
    assert same_question(0.6, 0.4) == 0.0
