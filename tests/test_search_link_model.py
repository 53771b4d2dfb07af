"""The chance of a link: a logistic regression that is kept as numbers."""

import json
from dataclasses import replace

import numpy as np
import pytest

from search.link_model import DEFAULT, FEATURES, LinkFeatures, LinkModel, fit

NOTHING = LinkFeatures(**dict.fromkeys(FEATURES, 0.0))


def test_a_title_that_is_always_linked_is_likelier_than_a_word_that_never_is() -> None:
    linked = replace(NOTHING, link_probability=0.9, commonness=1.0, title=1.0, exact=1.0, words=0.7)
    common = replace(NOTHING, short=1.0, frequency=0.4, unlinked=3.0)
    assert DEFAULT.score(linked) > 0.8
    assert DEFAULT.score(common) < 0.1


@pytest.mark.parametrize("value", [1e9, -1e9])
def test_a_score_stays_a_chance(value: float) -> None:
    assert 0 <= DEFAULT.score(replace(NOTHING, link_probability=value)) <= 1


def test_a_model_comes_back_from_its_numbers() -> None:
    assert LinkModel.from_json(DEFAULT.to_json()) == DEFAULT
    assert set(json.loads(DEFAULT.to_json())["weights"]) == set(FEATURES)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        DEFAULT.to_json().replace('"version": 1', '"version": 0'),
        DEFAULT.to_json().replace('"alone"', '"else"'),
        DEFAULT.to_json().replace('"bias": -4.0', '"bias": NaN'),
        DEFAULT.to_json().replace('"bias": -4.0', '"bias": "x"'),
    ],
)
def test_what_is_no_model_of_this_version_is_none(text: str) -> None:
    assert LinkModel.from_json(text) is None


def test_many_examples_move_the_weights_and_few_hardly() -> None:
    column = FEATURES.index("see_also")
    rows = np.zeros((2000, len(FEATURES)))
    rows[::2, column] = 1.0
    labels = rows[:, column].copy()
    learnt = fit(rows, labels, strength=5.0, start=DEFAULT)
    timid = fit(rows[:4], labels[:4], strength=5.0, start=DEFAULT)
    here = replace(NOTHING, see_also=1.0)
    assert learnt.score(here) > 0.95
    assert learnt.score(NOTHING) < 0.05
    assert abs(timid.weights[column] - DEFAULT.weights[column]) < 0.5
    assert learnt.weights[FEATURES.index("alone")] == pytest.approx(
        DEFAULT.weights[FEATURES.index("alone")]
    ), "what no example shows stays"


def test_what_is_fitted_is_calibrated() -> None:
    chance = np.random.default_rng(1)
    rows = np.zeros((4000, len(FEATURES)))
    rows[:, FEATURES.index("likeness")] = chance.random(4000)
    rows[:, FEATURES.index("commonness")] = chance.random(4000)
    truth = 1 / (1 + np.exp(-(rows @ np.full(len(FEATURES), 3.0) - 3)))
    labels = (chance.random(4000) < truth).astype(float)
    model = fit(rows, labels, strength=5.0, start=DEFAULT)
    scores = np.array([model.score(LinkFeatures(**dict(zip(FEATURES, row, strict=True)))) for row in rows])
    sure = (scores > 0.55) & (scores < 0.65)
    assert labels[sure].mean() == pytest.approx(0.6, abs=0.08)
