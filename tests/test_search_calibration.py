"""The chance of an answer: what raises it, how it is kept, and how it is fitted to a wiki."""

import json
import logging
import math
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from connector.errors import SearchError
from connector.store import Store
from search.calibration import (
    DEFAULT,
    AnswerSigns,
    Calibration,
    KeptCalibration,
    keep,
    read_calibration,
    read_kept,
)
from search.indexer import Index
from search.probes import Probe, Shown, ask_index, calibrate, calibrate_if_due, draw_probes
from tests.builders import HashingEmbedder, make_index, make_page, make_store

SIGNS = AnswerSigns(cosine=0.5, coverage=0.6, words=4)
SUBJECTS = (
    "le compost du jardin partagé",
    "la machine à coudre du lundi",
    "un four solaire en carton",
    "les ruches derrière la cabane",
    "une serrure qui ne ferme plus",
    "la reliure des vieux carnets",
    "le prêt du tour à bois",
    "une lampe de chevet en verre",
    "les vélos donnés par la mairie",
    "la soupe du dernier vendredi",
    "un herbier avec les enfants",
    "la clé du local à outils",
)


def test_what_comes_nearer_and_says_more_is_likelier() -> None:
    chance = DEFAULT.chance(SIGNS)
    assert 0 < chance < 1
    assert DEFAULT.chance(replace(SIGNS, cosine=0.6)) > chance
    assert DEFAULT.chance(replace(SIGNS, coverage=0.8)) > chance
    assert DEFAULT.chance(replace(SIGNS, words=8)) > chance
    assert DEFAULT.chance(replace(SIGNS, foreign=True)) > chance  # so few words are shared anyway
    # Where no word is shared, the length of the question says nothing.
    bare = replace(SIGNS, coverage=0)
    assert DEFAULT.chance(replace(bare, words=9)) == DEFAULT.chance(bare)


def test_the_default_tells_an_answer_from_nonsense() -> None:
    assert DEFAULT.answers(AnswerSigns(cosine=0.7, coverage=0.9, words=5))
    assert not DEFAULT.answers(AnswerSigns(cosine=0.15, coverage=0.1, words=5))


@pytest.mark.parametrize("cosine", [-1e9, -1.0, 0.0, 1.0, 1e9])
def test_a_chance_is_one_whatever_the_signs(cosine: float) -> None:
    assert 0 <= DEFAULT.chance(replace(SIGNS, cosine=cosine)) <= 1


def test_the_settings_may_say_from_when_on() -> None:
    assert DEFAULT.with_threshold(None) == DEFAULT
    assert not DEFAULT.with_threshold(0.99).answers(SIGNS)
    assert DEFAULT.with_threshold(0.0).answers(replace(SIGNS, cosine=-1))


def test_a_calibration_is_read_as_it_was_written() -> None:
    assert Calibration.from_json(DEFAULT.to_json()) == DEFAULT


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", "3", '{"intercept": "much"}', "NaN"])
def test_what_is_no_calibration_is_none(text: str) -> None:
    assert Calibration.from_json(text) is None
    values = json.loads(DEFAULT.to_json())
    assert Calibration.from_json(json.dumps(values | {"intercept": math.inf})) is None
    assert Calibration.from_json(json.dumps(values | {"by_weather": 1})) is None


def probes(number: int) -> Iterator[Probe]:
    return (Probe(f"question {n}", n, frozenset()) for n in range(number))


def asking(cosine: float, *, found: float = 1.0) -> "tuple[list[str], Recorded]":
    asked: list[str] = []
    return asked, Recorded(asked, cosine, found)


class Recorded:
    """Finds the page of every so many probes; the cosines rise a little from one to the next."""

    def __init__(self, asked: list[str], cosine: float, found: float) -> None:
        self._asked, self._cosine, self._found = asked, cosine, found

    def __call__(self, question: str, without: Collection[str]) -> Shown | None:
        number = len(self._asked)
        self._asked.append(question)
        right = math.floor(number * self._found) < math.floor((number + 1) * self._found)
        pageid = int(question.split()[1]) if right else -1
        return Shown((-2, pageid), replace(SIGNS, cosine=self._cosine + number / 10_000))


def test_a_subject_whose_words_all_stand_there_is_answered() -> None:
    far = AnswerSigns(cosine=0.1, coverage=1.0, words=1)
    assert DEFAULT.chance(far) < DEFAULT.threshold
    assert DEFAULT.answers(far)
    assert DEFAULT.answers(replace(far, words=3))
    assert not DEFAULT.answers(replace(far, words=4))
    assert not DEFAULT.answers(replace(far, words=3, coverage=0.9))
    assert not DEFAULT.answers(replace(far, words=0, coverage=0.0))


def test_most_of_a_wikis_own_answers_stay_answers() -> None:
    for cosine in (0.1, 0.3, 0.9):
        _, ask = asking(cosine)
        fitted = calibrate(probes(60), ask)
        lost = sum(not fitted.answers(replace(SIGNS, cosine=cosine + n / 10_000)) for n in range(60))
        default_lost = sum(not DEFAULT.answers(replace(SIGNS, cosine=cosine + n / 10_000)) for n in range(60))
        assert fitted.threshold == DEFAULT.threshold
        assert fitted.by_cosine == DEFAULT.by_cosine
        assert lost <= max(default_lost, 3)
    assert calibrate(probes(60), asking(0.9)[1]).intercept < DEFAULT.intercept
    assert calibrate(probes(60), asking(-0.2)[1]).intercept > DEFAULT.intercept


def test_few_probes_move_little_and_fewer_nothing() -> None:
    many, some, few = (calibrate(probes(n), asking(0.9)[1]).intercept for n in (60, 15, 9))
    assert many < some < few == DEFAULT.intercept


def test_no_wiki_moves_it_out_of_sight() -> None:
    assert calibrate(probes(60), asking(100.0)[1]).intercept >= DEFAULT.intercept - 4


def test_probing_ends() -> None:
    asked, ask = asking(0.5, found=0.0)
    assert calibrate(probes(10_000), ask) == DEFAULT
    assert len(asked) == 120
    asked, ask = asking(0.5)
    calibrate(probes(10_000), ask, most=30)
    assert len(asked) == 30
    asked, ask = asking(0.5)
    calibrate(probes(10_000), ask, seconds=-1)
    assert asked == []


def test_where_nothing_is_found_the_default_stays() -> None:
    assert calibrate(probes(60), lambda question, without: None) == DEFAULT


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    pages = [make_page(n, f"Fiche {n}", text_of(subject)) for n, subject in enumerate(SUBJECTS, start=1)]
    with make_store(tmp_path, [*pages, make_page(90, "Courte", "Rien de plus.")]) as made:
        yield made


def text_of(subject: str) -> str:
    """Two sections of the same subject, each a passage of its own."""
    first = f"Nous avons parlé de {subject} pendant la réunion du mois de mars. "
    second = f"Chacun peut aider pour {subject} en écrivant son nom au tableau. "
    filling = "Puis " + " ".join(f"mot{subject[3:6].strip()}{n}" for n in range(90)) + "."
    return f"{first}{filling}\n== Suite ==\n{second}{filling}"


@pytest.fixture
def index(store: Store, tmp_path: Path) -> Iterator[Index]:
    made = make_index(tmp_path, store, HashingEmbedder())
    made.update()
    yield made
    made.close()


def test_probes_ask_what_other_passages_of_the_page_answer(index: Index) -> None:
    drawn = list(draw_probes(index))
    assert {probe.pageid for probe in drawn} == set(
        range(1, len(SUBJECTS) + 1)
    )  # the short page has one only
    assert [probe.question for probe in drawn] == [probe.question for probe in draw_probes(index)]
    ask = ask_index(index)
    for probe in drawn:
        passages = index.keywords.chunks(index.keywords.chunk_ids([probe.pageid]))
        holding = {i for i, stored in passages.items() if probe.question in stored.chunk.text}
        assert holding == probe.without
        shown = ask(probe.question, probe.without)
        assert shown is not None
        # It is out of reach: nothing that is shown says all of it.
        assert shown.signs.coverage < 1
        assert shown.pageids[0] == probe.pageid
        whole = ask(probe.question, frozenset())
        assert whole is not None
        assert whole.signs.coverage == pytest.approx(1)


def test_nothing_is_found_in_an_index_without_pages(tmp_path: Path) -> None:
    with make_store(tmp_path, [make_page(1, "Seule", "Une page.")]) as store:
        index = make_index(tmp_path, store, HashingEmbedder())
        index.update()
        assert ask_index(index)("Une page ?", index.keywords.chunk_ids()) is None
        index.close()


def test_an_index_keeps_its_calibration_until_it_is_another_one(index: Index, store: Store) -> None:
    model_id = index.embedder.model_id
    assert read_calibration(index.keywords, model_id=model_id) == DEFAULT
    assert calibrate_if_due(index)
    kept = read_kept(index.keywords)
    assert kept is not None
    assert (kept.model, kept.pages) == (model_id, len(SUBJECTS) + 1)
    assert kept.calibration.intercept != DEFAULT.intercept
    assert read_calibration(index.keywords, model_id=model_id) == kept.calibration
    assert read_calibration(index.keywords, model_id="another") == DEFAULT

    assert not calibrate_if_due(index)
    store.pages.put_many([make_page(91, "Une de plus")])
    index.update()
    assert not calibrate_if_due(index)
    store.pages.put_many([make_page(92, "Et une autre")])
    index.update()
    assert calibrate_if_due(index)


def test_another_model_is_calibrated_anew(index: Index) -> None:
    keep(index.keywords, KeptCalibration(calibration=DEFAULT, model="another", pages=len(SUBJECTS) + 1))
    assert calibrate_if_due(index)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "3", '{"version": 0}', '{"version": 1, "calibration": "{}"}']
)
def test_what_another_version_kept_is_not_used(index: Index, text: str) -> None:
    index.keywords.put_meta("calibration", text)
    assert read_kept(index.keywords) is None
    assert read_calibration(index.keywords, model_id=index.embedder.model_id) == DEFAULT


def test_an_index_is_of_use_without_a_calibration(
    index: Index, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(text: str) -> None:
        raise SearchError("the model is gone")

    monkeypatch.setattr(index.embedder, "embed_query", broken)
    with caplog.at_level(logging.WARNING):
        assert not calibrate_if_due(index)
    assert "the model is gone" in caplog.text
    assert read_kept(index.keywords) is None
