"""Logistic regressions over vectors and over words, joined and calibrated on folds.

Folds keep texts that begin alike together.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

from ridge import ridge
from sources import Example

FOLDS = 5
_LETTERS = 12


@dataclass(frozen=True, slots=True)
class Rows:
    """What is seen of examples; the first ``ours`` are our own, on which fits are judged."""

    vectors: NDArray
    words: sparse.csr_matrix
    folds: NDArray[np.int64]
    ours: int

    def only(self, rows: NDArray) -> "Rows":
        return Rows(self.vectors[rows], self.words[rows], self.folds[rows], len(rows))


@dataclass(frozen=True, slots=True)
class Fitted:
    """Weights of vectors and of words, one column an output."""

    vectors: NDArray
    words: NDArray
    intercept: NDArray
    figures: dict[str, float]


@dataclass(frozen=True, slots=True)
class Strengths:
    """Inverse strength of the penalty on vectors, and strength of that on words."""

    vectors: float
    words: float
    #: The part of the words' best scale that is kept: on other kinds of text words say less.
    heed: float = 1.0


def folds(examples: Sequence[Example]) -> NDArray[np.int64]:
    """Put each text into a fold; those that begin with the same letters into the same one."""
    return np.array(
        [crc32(each.text[:_LETTERS].lower().encode()) % FOLDS for each in examples], np.int64
    )


def fit_choice(
    name: str, rows: Rows, said: Sequence[int], counts: NDArray, strengths: Strengths
) -> Fitted:
    """Fit one of several. Both parts are scaled so that probabilities hold on folds."""
    right = np.array(said)
    targets = np.eye(right.max() + 1)[right]
    dense = _held_out(rows, lambda some: _logistic(rows, right, counts, some, strengths))
    wordy = _held_out(rows, lambda some: _wordy(rows, targets, counts, some, strengths))
    ours, weighed = right[: rows.ours], counts[: rows.ours]

    def loss(scales: NDArray) -> float:
        scaled = scales[0] * dense + scales[1] * wordy
        chosen = scaled[np.arange(len(ours)), ours]
        return float((weighed * (np.logaddexp.reduce(scaled, axis=1) - chosen)).sum())

    scales = minimize(loss, [1.0, 1.0], method="Nelder-Mead").x
    scales[1] *= strengths.heed
    joined = scales[0] * dense + scales[1] * wordy
    figures = {
        f"{name} {part}": round(f1_score(ours, out.argmax(axis=1), average="macro"), 4)
        for part, out in (("vectors", dense), ("words", wordy), ("joined", joined))
    }
    every = np.arange(len(right))
    vectors, intercept = _logistic(rows, right, counts, every, strengths)[:2]
    words, centre = _wordy(rows, targets, counts, every, strengths)[:2]
    return Fitted(
        vectors * scales[0], words * scales[1], intercept * scales[0] + centre * scales[1], figures
    )


def fit_yes_no(names: Sequence[str], rows: Rows, yes: NDArray, strengths: Strengths) -> Fitted:
    """Fit a yes or no for each name; ``yes`` is (rows, names).

    The threshold with the best F1 on folds becomes log-odds of 0.
    """
    counts, every = np.ones(len(yes)), np.arange(len(yes))
    targets = np.where(yes, 1.0, -1.0)

    def several(some: NDArray) -> tuple[NDArray, NDArray, Any]:
        each = [_logistic(rows, right, counts, some, strengths) for right in yes.T]
        weights = np.column_stack([one[0] for one in each])
        intercepts = np.concatenate([one[1] for one in each])
        return weights, intercepts, rows.vectors

    dense = _held_out(rows, several)
    wordy = _held_out(rows, lambda some: _wordy(rows, targets, counts, some, strengths))
    vectors, intercept, _ = several(every)
    words, centre, _ = _wordy(rows, targets, counts, every, strengths)
    figures = {}
    ours = yes[: rows.ours]
    for column, name in enumerate(names):
        outs = np.column_stack([dense[:, column], wordy[:, column]])
        spread = outs.std(axis=0)
        joiner = LogisticRegression(C=1.0).fit(outs / spread, ours[:, column])
        scales = np.maximum(joiner.coef_[0] / spread, 0)
        threshold, figure = _best_threshold(outs @ scales, ours[:, column])
        figures[name] = round(figure, 4)
        intercept[column] = intercept[column] * scales[0] + centre[column] * scales[1] - threshold
        vectors[:, column] *= scales[0]
        words[:, column] *= scales[1]
    return Fitted(vectors, words, intercept, figures)


def _logistic(
    rows: Rows, right: NDArray, counts: NDArray, some: NDArray, strengths: Strengths
) -> tuple[NDArray, NDArray, Any]:
    model = LogisticRegression(C=strengths.vectors, max_iter=300, tol=1e-3, class_weight="balanced")
    fitted = model.fit(rows.vectors[some], right[some], counts[some])
    return fitted.coef_.T, fitted.intercept_, rows.vectors


def _wordy(
    rows: Rows, targets: NDArray, counts: NDArray, some: NDArray, strengths: Strengths
) -> tuple[NDArray, NDArray, Any]:
    weights, centre = ridge(rows.words[some], targets[some], strengths.words, counts[some])
    return weights, centre, rows.words


def _held_out(rows: Rows, fit: Callable[[NDArray], tuple[NDArray, NDArray, Any]]) -> NDArray:
    """Return what models fitted on the other folds say of our own examples."""
    out: NDArray | None = None
    for fold in range(FOLDS):
        held = np.flatnonzero(rows.folds[: rows.ours] == fold)
        weights, intercept, features = fit(np.flatnonzero(rows.folds != fold))
        said = features[held] @ weights + intercept
        if out is None:
            out = np.zeros((rows.ours, said.shape[1]))
        out[held] = said
    assert out is not None
    return out


def _best_threshold(out: NDArray, right: NDArray[np.bool_]) -> tuple[float, float]:
    order = np.argsort(-out)
    hits = np.cumsum(right[order])
    found = np.arange(1, len(out) + 1)
    scores = 2 * hits / (found + right.sum())
    # Neighbouring thresholds are averaged: one example more or less must not decide.
    width = 15
    smooth = np.convolve(np.pad(scores, width // 2, mode="edge"), np.ones(width) / width, "valid")
    place = int(smooth[: len(out) - 1].argmax())
    threshold = (out[order[place]] + out[order[place + 1]]) / 2
    return float(threshold), float(scores[place])
