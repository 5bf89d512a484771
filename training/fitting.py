"""Logistic regressions, judged and calibrated on folds that keep alike texts together."""

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

from sources import Example

FOLDS = 5
_LETTERS = 12


@dataclass(frozen=True, slots=True)
class Rows:
    """Features of examples; the first ``ours`` are our own, on which fits are judged."""

    features: NDArray
    folds: NDArray[np.int64]
    ours: int


def folds(examples: Sequence[Example]) -> NDArray[np.int64]:
    """Put each text into a fold; those that begin with the same letters into the same one."""
    return np.array(
        [crc32(each.text[:_LETTERS].lower().encode()) % FOLDS for each in examples], np.int64
    )


def fit_choice(
    name: str, rows: Rows, said: Sequence[int], counts: NDArray, strength: float
) -> tuple[NDArray, NDArray, dict[str, float]]:
    """Fit one of several. The log-odds are scaled so that their probabilities hold on folds."""
    right = np.array(said)

    def model() -> LogisticRegression:
        return LogisticRegression(C=strength, max_iter=1000, class_weight="balanced")

    out = np.zeros((rows.ours, right.max() + 1))
    for fold in range(FOLDS):
        others = rows.folds != fold
        fitted = model().fit(rows.features[others], right[others], counts[others])
        held = np.flatnonzero(rows.folds[: rows.ours] == fold)
        out[held] = fitted.decision_function(rows.features[held])
    ours = right[: rows.ours]
    weighed = counts[: rows.ours]

    def loss(scale: float) -> float:
        scaled = out * scale
        chosen = scaled[np.arange(len(ours)), ours]
        return float((weighed * (np.logaddexp.reduce(scaled, axis=1) - chosen)).sum())

    scale = minimize_scalar(loss, bounds=(0.3, 10), method="bounded").x
    fitted = model().fit(rows.features, right, counts)
    figure = f1_score(ours, out.argmax(axis=1), average="macro")
    figures = {f"{name} macro F1": round(float(figure), 4), f"{name} scale": round(scale, 3)}
    return fitted.coef_.T * scale, fitted.intercept_ * scale, figures


def fit_yes_no(
    name: str, rows: Rows, yes: Sequence[bool], strength: float
) -> tuple[NDArray, float, dict[str, float]]:
    """Fit yes or no. The threshold with the best F1 on folds becomes log-odds of 0."""
    right = np.array(yes)

    def model() -> LogisticRegression:
        return LogisticRegression(C=strength, max_iter=1000, class_weight="balanced")

    out = np.zeros(len(right))
    for fold in range(FOLDS):
        held = rows.folds == fold
        fitted = model().fit(rows.features[~held], right[~held])
        out[held] = fitted.decision_function(rows.features[held])
    threshold, figure = _best_threshold(out, right)
    fitted = model().fit(rows.features, right)
    return fitted.coef_[0], fitted.intercept_[0] - threshold, {name: round(figure, 4)}


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
