"""Weights that make the answers alike to all invitations, and figures with them.

The unit is the invitation: whoever is asked more often, and answers more often, would otherwise
count by how often they answered. A person is a cluster of all their invitations.

See docs/decisions/0006-weights-by-raking.md for what was chosen among, and measured.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from percorso.estimation import MIN_SHOWN, mean_limits, proportion_limits
from percorso.metrics.definitions import Metric
from percorso.survey_results.bands import merged
from percorso.survey_results.facts import FACTS
from percorso.survey_results.model import Weighting
from percorso.survey_results.non_response import Known
from percorso.survey_results.reading import Words
from percorso.survey_results.scoring import Worths
from percorso.vocabulary import N_, Estimate, Phrase

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

METHOD: Final = "raked"
#: The facts weights go by, the most telling first. Orders and tenure are told by the others.
WEIGHED: Final = ("segment", "recency", "trouble", "channel", "language")
#: Fewer answers carry no weights.
LEAST_PEOPLE: Final = 30
#: Bands of fewer answers are weighted with their neighbour.
LEAST_IN_BAND: Final = 10
#: People who answered for each band that is told apart: with fewer, weights follow chance.
_ANSWERS_A_BAND: Final = 10
#: The largest weight, the mean being 1. A lower one hides that some hardly answer: measured in
#: docs/decisions/0006-weights-by-raking.md.
LARGEST: Final = 10.0
_ROUNDS: Final = 20
_ROUNDING: Final = 1e-9
#: Percent points that shares may be off before weights are cut.
_CLOSE: Final = 0.01

_TOO_FEW: Final = Phrase(
    N_("Weights need {least} people who were invited by name and answered."),
    {"least": LEAST_PEOPLE},
)
_ALL: Final = Phrase(N_("Everybody who was invited answered: there is nothing to weight."))
_ALIKE: Final = Phrase(N_("Nothing is known in which those who were invited differ."))
_NO_WEIGHTS: Final = Phrase(N_("No weights make those who answered like all who were invited."))


@dataclass(frozen=True, slots=True)
class Weights:
    """A weight, the mean being 1, for each invitation that was answered.

    ``position`` is the place of each response among them, -1 for one without, ``person`` the
    number of each one's person. ``basis`` has orthonormal columns that span the bands, scaled by
    the root of the weights; ``among`` the sums of their products over the people of all
    invitations, ``invited`` in number.
    """

    weight: Floats
    position: Ints
    person: Ints
    basis: Floats
    among: Floats
    invited: int

    def estimate(self, metric: Metric, worth: Worths, response: Ints) -> Estimate:
        """Return a score of all invitations: the weighted mean of what answers count.

        The interval knows that weights were made to fit (the variance is of what the bands leave
        unexplained: Deville and Särndal 1992), that answers of one person resemble each other,
        and that those invited are themselves some of many. Hidden where fewer than 5 people stand
        behind.
        """
        place = self.position[response]
        counts = ~np.isnan(worth) & (place >= 0)
        place, worth = place[counts], worth[counts]
        size = len(self.weight)
        m = np.bincount(place, minlength=size).astype(np.float64)
        if np.unique(self.person[m > 0]).size < MIN_SHOWN:
            return Estimate.hidden(len(worth), METHOD)
        y = np.bincount(place, weights=worth, minlength=size)
        total = float((self.weight * m).sum())
        value = float((self.weight * y).sum() / total)
        spread = float((self.weight[place] * (worth - value) ** 2).sum() / total)
        spread *= len(worth) / (len(worth) - 1)
        n = self._effective(y - value * m, m, total, spread)
        low, high = _limits(metric, n, value, spread)
        return Estimate(value, min(low, value), max(high, value), len(worth), METHOD)

    def _effective(self, residual: Floats, m: Floats, total: float, spread: float) -> float:
        """Return as many independent answers, without weights, as would tell as much.

        The smaller of two: Kish's, of the weights alone, and that of the linearised variance of
        the ratio of two calibrated sums, clustered by person (Deville and Särndal 1992; Särndal,
        Swensson and Wretman 1992, 4.2 and 5.6):

            P / (P - b)  Σ_p (Σ_i w_i (e_i - x_i B))²  +  (n / N)²  Σ_p (Σ_j x_j B)²

        over the square of the weighted number of answers. e_i is an answer less the score, B the
        weighted regression of e on the b bands x; i are the answers of person p of P, j all their
        invitations, n the answers and N the invitations of all.
        """
        weight = self.weight
        carried = weight * m
        kish_size = float(carried.sum() ** 2 / (carried * weight).sum())
        if spread <= 0:
            return kish_size
        scaled = np.sqrt(weight) * residual
        terms = self.basis.T @ scaled
        size, bands = self.basis.shape
        theirs = np.bincount(self.person, weights=np.sqrt(weight) * (scaled - self.basis @ terms))
        left = (theirs**2).sum() * theirs.size / max(theirs.size - bands, 1)
        # What the bands explain is known of all who were invited, and varies with them.
        known = terms @ self.among @ terms * (size / self.invited) ** 2
        variance = (left + known) / total**2
        return min(kish_size, max(float(spread / variance), 1.0)) if variance > 0 else kish_size


def weigh(known: Known, invitation: Ints) -> tuple[Weights | None, Weighting]:
    """Return weights for the responses to invitations by name, and how they came.

    ``invitation`` is the place of each response's among those by name, -1 where it has none.
    """
    theirs = np.flatnonzero(invitation >= 0)
    answered = invitation[theirs]
    invited = len(known.named)
    _, person = np.unique(known.who[answered], return_inverse=True)
    people = int(person.max(initial=-1)) + 1

    def without(why: Phrase) -> tuple[None, Weighting]:
        return None, Weighting((), len(answered), people, invited, 0.0, 0.0, 0, 0.0, why)

    if people < LEAST_PEOPLE:
        return without(_TOO_FEW)
    if len(answered) == invited:
        return without(_ALL)
    margins = _margins(known.facts, answered, people // _ANSWERS_A_BAND)
    if not margins:
        return without(_ALIKE)
    everybody, indicators = _design(list(margins.values()), answered)
    targets = everybody.mean(axis=0) * len(answered)
    weight = rake(indicators, targets)
    if weight is None:
        return without(_NO_WEIGHTS)
    weight, trimmed = trim(weight, indicators, targets)
    position = np.full(len(invitation), -1, np.int64)
    position[theirs] = np.arange(len(theirs))
    scaled = np.sqrt(weight)[:, None] * indicators
    turned = np.linalg.inv(np.linalg.cholesky(scaled.T @ scaled)).T
    sums = _sums(everybody @ turned, known.who)
    told = Weighting(
        facts=tuple(margins),
        answers=len(answered),
        people=people,
        invited=invited,
        effective=kish(weight),
        largest=float(weight.max()),
        trimmed=trimmed,
        off=_off(weight, indicators, targets),
    )
    return Weights(weight, position, person, scaled @ turned, sums.T @ sums, invited), told


def _sums(columns: Floats, who: Ints) -> Floats:
    """Return the sums of columns over each person's rows."""
    people, person = np.unique(who, return_inverse=True)
    found = np.zeros((people.size, columns.shape[1]))
    np.add.at(found, person, columns)
    return found


def kish(weight: Floats) -> float:
    """Return Kish's effective sample size: (sum w)^2 / sum w^2 (Kish 1965)."""
    return float(weight.sum() ** 2 / (weight**2).sum())


def rake(indicators: Floats, targets: Floats, start: Floats | None = None) -> Floats | None:
    """Return weights whose weighted sums of ``indicators`` (people x bands) are ``targets``.

    Of all such weights, those nearest to ``start`` (1 for each) in the sense of Kullback and
    Leibler: start x exp(sum of a term for each band), which is what raking converges to (Ireland
    and Kullback 1968; Deville and Särndal 1992). The terms minimise a convex function, which SciPy
    does. None where there are no such weights. Columns must not depend on each other.
    """
    from scipy.optimize import minimize

    begin = np.ones(len(indicators)) if start is None else start
    # People with the same bands have the same factor: their cell stands for them.
    cells, cell = _cells(indicators)
    mass = np.bincount(cell, weights=begin, minlength=len(cells))
    total = float(targets[0])

    def of(terms: Floats) -> tuple[float, Floats]:
        made = mass * np.exp(np.minimum(cells @ terms, 50.0))
        return float(made.sum() - targets @ terms) / total, (cells.T @ made - targets) / total

    def curvature(terms: Floats) -> Floats:
        made = mass * np.exp(np.minimum(cells @ terms, 50.0))
        return np.asarray((cells.T * made) @ cells / total)

    found = minimize(
        of, np.zeros(len(targets)), jac=True, hess=curvature, method="trust-exact",
        options={"gtol": 1e-10, "maxiter": 500},
    )  # fmt: skip
    weight = begin * np.exp(np.minimum(cells @ found.x, 50.0))[cell]
    return weight if _off(weight, indicators, targets) <= _CLOSE else None


def _cells(indicators: Floats) -> tuple[Floats, Ints]:
    """Return the different rows of indicators, and which of them each row is."""
    packed = np.ascontiguousarray(np.packbits(indicators > 0, axis=1))
    bits = packed.view(np.dtype((np.void, packed.shape[1]))).ravel()
    _, first, cell = np.unique(bits, return_index=True, return_inverse=True)
    return indicators[first], cell.astype(np.int64)


def trim(weight: Floats, indicators: Floats, targets: Floats) -> tuple[Floats, int]:
    """Cut weights, whose mean is 1, to LARGEST; say how many are cut.

    They are raked again after each cut. What was cut cannot be had: where raking and cutting pull
    apart, shares stay a little off.
    """
    for _ in range(_ROUNDS):
        if weight.max() <= LARGEST * (1 + _ROUNDING):
            break
        again = rake(indicators, targets, _cut(weight))
        if again is None:
            break
        weight = again
    weight = _cut(weight)
    return weight, int((weight >= LARGEST * (1 - _ROUNDING)).sum())


def _cut(weight: Floats) -> Floats:
    """Return the weights with none above LARGEST; what was cut off, the others carry."""
    while True:
        cut = weight >= LARGEST
        left = np.where(cut, 0.0, weight)
        factor = (weight.size - LARGEST * cut.sum()) / left.sum()
        weight = np.where(cut, LARGEST, weight * factor)
        if weight.max() <= LARGEST:
            return weight


def _margins(facts: Mapping[str, Words], answered: Ints, room: int) -> dict[str, Ints]:
    """Return the band of everybody who was invited for each fact that can be weighted by.

    Facts enter in the order of WEIGHED while there are answers enough for their bands.
    """
    there = np.zeros(len(next(iter(facts.values())).codes), dtype=bool)
    there[answered] = True
    found: dict[str, Ints] = {}
    for name in WEIGHED:
        words = facts[name]
        codes = merged(
            words.codes,
            len(words.names),
            LEAST_IN_BAND,
            ordered=bool(FACTS[name]),
            counted=there,
        )
        more = np.unique(codes).size - 1
        if 0 < more <= room:
            found[name] = codes
            room -= more
    return found


def _design(margins: Sequence[Ints], answered: Ints) -> tuple[Floats, Floats]:
    """Return indicators of the bands of all invitations, and of those that were answered.

    The first column is 1 for all; of each fact one band is left out, and so is a band that those
    before tell already.
    """
    columns = [np.ones(len(margins[0]))]
    for codes in margins:
        columns += [(codes == band).astype(np.float64) for band in np.unique(codes)[1:]]
    everybody = np.stack(columns, axis=1)
    mine = everybody[answered]
    kept = [0]
    for column in range(1, mine.shape[1]):
        if np.linalg.matrix_rank(mine[:, [*kept, column]]) == len(kept) + 1:
            kept.append(column)
    return everybody[:, kept], mine[:, kept]


def _off(weight: Floats, indicators: Floats, targets: Floats) -> float:
    """Return the largest distance of a weighted share from its target, in percent points."""
    return float(100 * np.abs(indicators.T @ weight - targets).max() / targets[0])


def _limits(metric: Metric, n: float, value: float, spread: float) -> tuple[float, float]:
    if metric.form == "share":
        share = min(max(value, 0.0), 100.0)
        low, high = proportion_limits(min(n * share / 100, n), n)
    else:
        low, high = mean_limits(n, value, spread, metric.low, metric.high)
    return float(low), float(high)
