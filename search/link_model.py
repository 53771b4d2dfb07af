"""How likely an editor makes a link: a logistic regression on what is known of phrase, target and page.

Its weights are learnt from the wiki's own links (`search.link_training`), drawn to those of `DEFAULT`: with
few links it stays near them, with many it goes where they lead. It is kept as plain numbers in JSON.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_VERSION: Final = 1
_FAR: Final = 30.0
_STEPS: Final = 40
_SMALL_STEP: Final = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkFeatures:
    """What is known of a possible link; each in about 0..1 unless it says otherwise.

    Whatever the page's own links would tell is left out, so that a page of the mirror is judged as a new one.
    """

    link_probability: float
    """Of the other pages that have the phrase, the share that links it to this target (smoothed)."""
    commonness: float
    """Of the links of the phrase, the share that leads to this target (smoothed)."""
    linked: float
    """log(1 + pages that link the phrase to this target)."""
    unlinked: float
    """log(1 + pages that have the phrase and do not link it)."""
    rivals: float
    """log(1 + other targets that the phrase may have)."""
    title: float
    """1 when the phrase is the target's title."""
    redirect: float
    """1 when it is a redirect's."""
    short: float
    """1 when it is the title without its qualifier or parent page."""
    exact: float
    """1 the same letters as the name, 0.5 other capitals, 0 another form."""
    words: float
    """log(number of words)."""
    long_name: float
    """1 when the phrase is a name (title, redirect) of three words and more."""
    capital: float
    """1 when a word after the first one, or the first one inside a sentence, begins with a capital."""
    alone: float
    """1 when the phrase is all that stands on its line, or in its list item or table cell."""
    covered: float
    """1 when it is a part of a longer phrase that names a page."""
    frequency: float
    """Share of the wiki's pages that have the phrase."""
    mentions: float
    """log(number of places on the page that name the target)."""
    position: float
    """Where the phrase stands: 0 at the page's beginning, 1 at its end."""
    length: float
    """log(1 + words of the page) / 10."""
    see_also: float
    """1 in a section that a wiki keeps for links ("See also", "Voir aussi")."""
    inlinks: float
    """log(1 + other pages that link to the target)."""
    likeness: float
    """Cosine of the words of page and target."""
    neighbours: float
    """Cosine of the words of the page and of the pages most like it that link to the target."""
    linked_back: float
    """1 when the target links to the page."""
    shared_linkers: float
    """Cosine of the sets of pages that link to the page and to the target."""
    shared_categories: float
    """Share of the categories of page and target that both have."""
    siblings: float
    """1 when page and target are subpages of one page."""
    young: float
    """Near 1 in a wiki with hardly any links: that a phrase is not linked says nothing there."""

    def values(self) -> tuple[float, ...]:
        """Return the features in the order of `FEATURES`."""
        return astuple(self)


FEATURES: Final = tuple(field.name for field in fields(LinkFeatures))


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkModel:
    """Weights of the features in the log-odds of a link."""

    bias: float
    weights: tuple[float, ...]
    """In the order of `FEATURES`."""

    def score(self, features: LinkFeatures) -> float:
        """Return how likely an editor makes the link, in 0..1."""
        odds = self.bias + sum(map(float.__mul__, self.weights, features.values()))
        return 1 / (1 + math.exp(-max(-_FAR, min(odds, _FAR))))

    def to_json(self) -> str:
        """Return the text from which `from_json` makes the same."""
        weights = dict(zip(FEATURES, self.weights, strict=True))
        return json.dumps({"version": _VERSION, "bias": self.bias, "weights": weights}, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Self | None:
        """Return what `to_json` wrote; None for what another version wrote, or nobody."""
        try:
            kept = json.loads(text)
            if kept["version"] != _VERSION or set(kept["weights"]) != set(FEATURES):
                return None
            model = cls(
                bias=float(kept["bias"]), weights=tuple(float(kept["weights"][name]) for name in FEATURES)
            )
        except (ValueError, TypeError, KeyError):
            return None
        return model if all(map(math.isfinite, (model.bias, *model.weights))) else None


def _model(bias: float, weights: Mapping[str, float]) -> LinkModel:
    return LinkModel(bias=bias, weights=tuple(weights.get(name, 0.0) for name in FEATURES))


DEFAULT: Final = _model(
    -4.0,
    {
        "link_probability": 6.0,
        "commonness": 0.3,
        "linked": 0.1,
        "unlinked": -0.2,
        "rivals": -0.2,
        "title": 1.0,
        "redirect": 0.8,
        "short": 0.4,
        "exact": 0.9,
        "words": 1.1,
        "long_name": 0.2,
        "capital": 0.8,
        "alone": 1.4,
        "covered": -0.5,
        "frequency": -4.5,
        "see_also": 0.5,
        "inlinks": 0.3,
        "likeness": 1.5,
        "neighbours": 0.5,
        "linked_back": 0.3,
        "shared_linkers": 0.3,
        "shared_categories": 0.3,
        "young": 1.8,
    },
)
"""What a wiki begins with, before it has links to learn from."""


def fit(
    rows: "NDArray[np.float64]",
    labels: "NDArray[np.float64]",
    *,
    counts: "NDArray[np.float64] | None" = None,
    strength: float,
    start: LinkModel,
) -> LinkModel:
    """Return the most likely weights, drawn to those of `start` (a Gaussian prior around them).

    Args:
        rows: features, shape [examples, len(FEATURES)].
        labels: 1 for what editors linked, else 0, shape [examples].
        counts: for how many each counts, shape [examples]; None for one.
        strength: how much the prior counts; of features that are scaled by `_SCALE`.
        start: the prior's mean.
    """
    import numpy as np

    prior = np.array([start.bias, *start.weights])
    design = np.hstack([np.ones((len(rows), 1)), rows])
    # The bias moves freely: how many links a wiki makes differs most of all.
    pull = np.full(len(prior), strength)
    pull[0] = strength / 10
    weights = prior.copy()
    counts = np.ones(len(rows)) if counts is None else counts
    for _ in range(_STEPS):  # Newton's method; the loss is convex
        chances = 1 / (1 + np.exp(-np.clip(design @ weights, -_FAR, _FAR)))
        slope = design.T @ (counts * (labels - chances)) - pull * (weights - prior)
        curvature = (design * (counts * chances * (1 - chances))[:, np.newaxis]).T @ design + np.diag(pull)
        step = np.linalg.solve(curvature, slope)
        weights = weights + step * min(1.0, 3.0 / max(1e-12, float(np.abs(step).max())))
        if float(np.abs(step).max()) < _SMALL_STEP:
            break
    return LinkModel(bias=float(weights[0]), weights=tuple(map(float, weights[1:])))


def log_odds(model: LinkModel, rows: Sequence[Sequence[float]]) -> list[float]:
    """Return the log-odds that a model gives to rows of features."""
    return [model.bias + sum(w * x for w, x in zip(model.weights, row, strict=True)) for row in rows]
