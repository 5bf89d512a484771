"""Do the 95% intervals hold their 95%, and do the tests keep their rate of false findings?

    .venv/bin/python bench/bench_coverage.py            # everything, a few minutes
    .venv/bin/python bench/bench_coverage.py --quick    # fewer sizes and draws

Prints JSON. Shares and net scores of up to 200 answers are counted exactly, outcome by outcome;
the rest is drawn with a fixed seed. The peer is the textbook interval (normal for shares and net
scores, Student's t for means), measured on the same outcomes.
"""

import argparse
import itertools
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, gammaln, xlog1py, xlogy

from percorso.estimation import (
    differences_of_means,
    differences_of_proportions,
    mean_limits,
    net_score_limits,
    proportion_limits,
)

Floats = NDArray[np.float64]

SIZES = (10, 12, 15, 20, 30, 50, 100, 200, 500, 1000, 2000)
SHARES = np.round(np.arange(0.02, 0.9801, 0.0025), 4)
SCALES = {"stars 1-5": (1, 5), "ces 1-7": (1, 7), "nps answers 0-10": (0, 10)}
#: Beyond this many answers the outcomes of a net score are drawn, not enumerated.
MOST_ENUMERATED = 200
EDGE = 1e-9  # a limit that meets the truth covers it, whatever the last bit says


@dataclass(frozen=True, slots=True)
class Coverage:
    """How often the interval covers the truth, in percent: on average, and where it does worst."""

    n: int
    average: float
    worst: float
    worst_at: str
    textbook: float


def proportions(n: int, shares: Floats = SHARES) -> Coverage:
    """Count exactly, over every outcome of n answers, at each true share."""
    k = np.arange(n + 1)
    weights = np.exp(
        gammaln(n + 1)
        - gammaln(k + 1)
        - gammaln(n - k + 1)
        + xlogy(k, shares[:, None])
        + xlog1py(n - k, -shares[:, None])
    )
    truth = 100 * shares[:, None]
    low, high = proportion_limits(k, np.full(n + 1, n))
    covered = (weights * _holds(low, high, truth)).sum(axis=1)
    half = 196 * np.sqrt(k / n * (1 - k / n) / n)
    textbook = (weights * _holds(100 * k / n - half, 100 * k / n + half, truth)).sum(axis=1)
    return _summary(n, covered, textbook, [f"share {share:.2%}" for share in shares])


def net_score_grid(step: float = 0.04) -> list[tuple[float, float]]:
    """Return true shares of (promoters, detractors): each at least 2%, and 2% left for passives."""
    levels = np.round(np.arange(0.02, 0.97, step), 4)
    return [(p, d) for p, d in itertools.product(levels, levels) if p + d <= 0.98]


def net_scores(
    n: int, grid: list[tuple[float, float]], seed: int = 1, draws: int = 4000
) -> Coverage:
    """Count exactly up to 200 answers; draw beyond."""
    exact = n <= MOST_ENUMERATED
    if exact:
        up, down = (each.astype(np.float64) for each in np.nonzero(np.tri(n + 1)[::-1]))
        constant = gammaln(n + 1) - gammaln(up + 1) - gammaln(down + 1) - gammaln(n - up - down + 1)
        limits = _both_net_limits(up, down, n)
    random = np.random.default_rng(seed)
    covered, textbook = [], []
    for p, d in grid:
        if exact:
            log_weight = constant + up * np.log(p) + down * np.log(d)
            weight = np.exp(log_weight + xlogy(n - up - down, max(1 - p - d, 1e-300)))
        else:
            drawn = random.multinomial(n, [p, d, 1 - p - d], size=draws).astype(np.float64)
            limits = _both_net_limits(drawn[:, 0], drawn[:, 1], n)
            weight = np.full(draws, 1 / draws)
        truth = np.float64(100 * (p - d))
        ours, theirs = ((weight * _holds(*each, truth)).sum() for each in limits)
        covered.append(ours)
        textbook.append(theirs)
    names = [f"promoters {p:.0%}, detractors {d:.0%}" for p, d in grid]
    return _summary(n, np.array(covered), np.array(textbook), names)


def _both_net_limits(up: Floats, down: Floats, n: int) -> tuple[tuple[Floats, Floats], ...]:
    middle = 100 * (up - down) / n
    half = 1.96 * np.sqrt(np.maximum(1e4 * (up + down) / n - middle**2, 0) / n)
    return net_score_limits(up, n - up - down, down), (middle - half, middle + half)


def families(levels: int, seed: int = 1, many: int = 120) -> dict[str, Floats]:
    """Return families of true distributions over the levels of a scale, one a row.

    ``realistic``: smooth, one or two heaps, means from 8% to 95% of the scale, from nearly all
    alike to U-shaped. ``extreme``: rough at random; only the two ends; only the top two levels;
    only the middle and the top; nearly everybody at the top with a few at the bottom.
    """
    random = np.random.default_rng(seed)
    middle = random.uniform(0.08, 0.95, many)
    tight = np.exp(random.uniform(np.log(0.7), np.log(12), many))
    edges = np.linspace(0, 1, levels + 1)
    smooth = np.diff(
        betainc((middle * tight)[:, None], ((1 - middle) * tight)[:, None], edges), axis=1
    )
    share = np.linspace(0.02, 0.98, 25)
    heap = np.linspace(0.6, 0.98, 25)
    top, bottom = levels - 1, 0
    return {
        "realistic": smooth,
        "rough": random.dirichlet(np.full(levels, 0.3), many),
        "two ends": _mix(levels, {bottom: 1 - share, top: share}),
        "top two": _mix(levels, {top - 1: 1 - share, top: share}),
        "middle and top": _mix(levels, {levels // 2: 1 - share, top: share}),
        "top and a tail": _mix(
            levels, {top: heap, top - 1: 2 * (1 - heap) / 3, bottom: (1 - heap) / 3}
        ),
    }


def _mix(levels: int, shares: dict[int, Floats]) -> Floats:
    rows = np.zeros((len(next(iter(shares.values()))), levels))
    for level, share in shares.items():
        rows[:, level] += share
    return rows


def means(
    n: int, scale: tuple[int, int], family: Floats, seed: int = 1, draws: int = 2000
) -> Coverage:
    """Draw answers from each distribution of the family."""
    values = np.arange(scale[0], scale[1] + 1, dtype=np.float64)
    random = np.random.default_rng(seed)
    covered, textbook = [], []
    for shares in family:
        moments = _moments(random.multinomial(n, shares, size=draws), values)
        truth = np.float64(shares @ values)
        covered.append(_holds(*mean_limits(*moments, *scale), truth).mean())
        textbook.append(_holds(*mean_limits(*moments), truth).mean())
    names = [" ".join(f"{100 * share:.0f}" for share in shares) + " %" for shares in family]
    return _summary(n, np.array(covered), np.array(textbook), names)


def differences_of_shares(n1: int, n2: int, shares: Floats = SHARES[::16]) -> Coverage:
    """Count exactly over every pair of outcomes, at each pair of true shares."""
    k1, k2 = (each.ravel() for each in np.meshgrid(np.arange(n1 + 1), np.arange(n2 + 1)))
    found = differences_of_proportions(k1, np.full(k1.size, n1), k2, np.full(k2.size, n2))
    first, second = k1 / n1, k2 / n2
    half = 196 * np.sqrt(first * (1 - first) / n1 + second * (1 - second) / n2)
    gap = 100 * (first - second)
    covered, textbook, names = [], [], []
    for p, q in itertools.product(shares, shares):
        weight = _binomial(k1, n1, p) * _binomial(k2, n2, q)
        truth = np.float64(100 * (p - q))
        covered.append((weight * _holds(found.low, found.high, truth)).sum())
        textbook.append((weight * _holds(gap - half, gap + half, truth)).sum())
        names.append(f"{p:.1%} against {q:.1%}")
    return _summary(n1 + n2, np.array(covered), np.array(textbook), names)


def _binomial(k: NDArray[np.integer], n: int, p: float) -> Floats:
    log_choose = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    return np.exp(log_choose + k * np.log(p) + (n - k) * np.log1p(-p))


def differences_of_mean_scores(
    n1: int, n2: int, scale: tuple[int, int], family: Floats, seed: int = 1, draws: int = 2000
) -> Coverage:
    """Draw two groups from two distributions of the family, for many pairs."""
    values = np.arange(scale[0], scale[1] + 1, dtype=np.float64)
    random = np.random.default_rng(seed)
    covered, textbook, names = [], [], []
    for first, second in zip(family, family[::-1], strict=True):
        one = _moments(random.multinomial(n1, first, size=draws), values)
        two = _moments(random.multinomial(n2, second, size=draws), values)
        truth = np.float64((first - second) @ values)
        ours = differences_of_means(*one, *two, low=scale[0], high=scale[1])
        theirs = differences_of_means(*one, *two)
        covered.append(_holds(ours.low, ours.high, truth).mean())
        textbook.append(_holds(theirs.low, theirs.high, truth).mean())
        names.append(f"means {first @ values:.2f} and {second @ values:.2f}")
    return _summary(n1 + n2, np.array(covered), np.array(textbook), names)


#: Skewed shares of 1 to 5 stars as shops see them, an even spread, and a divided public.
NULLS = {
    "usual stars": (0.11, 0.03, 0.08, 0.19, 0.59),
    "very good stars": (0.02, 0.01, 0.02, 0.10, 0.85),
    "even": (0.2, 0.2, 0.2, 0.2, 0.2),
}
DIVIDED, AGREED = (0.5, 0.0, 0.0, 0.0, 0.5), (0.05, 0.2, 0.5, 0.2, 0.05)


def false_findings_of_means(
    n1: int, n2: int, first: Iterable[float], second: Iterable[float], draws: int, seed: int = 1
) -> dict[str, float]:
    """Return how often groups of equal mean are called different, in percent, at each level."""
    random = np.random.default_rng(seed)
    values = np.arange(1.0, 6.0)
    one = _moments(random.multinomial(n1, list(first), size=draws), values)
    two = _moments(random.multinomial(n2, list(second), size=draws), values)
    return _false_findings(differences_of_means(*one, *two, low=1, high=5).p_value)


def false_findings_of_shares(
    n1: int, n2: int, share: float, draws: int, seed: int = 1
) -> dict[str, float]:
    """Return how often equal shares are called different, in percent, at each level."""
    random = np.random.default_rng(seed)
    k1, k2 = random.binomial(n1, share, draws), random.binomial(n2, share, draws)
    # The same few tables come up again and again: test each once.
    tables, which = np.unique(np.stack([k1, k2]), axis=1, return_inverse=True)
    many = tables.shape[1]
    found = differences_of_proportions(tables[0], np.full(many, n1), tables[1], np.full(many, n2))
    return _false_findings(found.p_value[which.ravel()])


def _false_findings(p_values: Floats) -> dict[str, float]:
    levels = (0.05, 0.01, 0.001, 0.0001)
    return {f"{100 * each:g}%": round(100 * float((p_values <= each).mean()), 4) for each in levels}


def _moments(counts: NDArray[np.integer], values: Floats) -> tuple[Floats, Floats, Floats]:
    n = counts.sum(axis=-1).astype(np.float64)
    middle = counts @ values / n
    squares = np.maximum(counts @ values**2 - n * middle**2, 0)
    return n, middle, squares / (n - 1)


def _holds(low: Floats, high: Floats, truth: Floats) -> NDArray[np.bool_]:
    return np.asarray((low <= truth + EDGE) & (truth - EDGE <= high))


def _summary(n: int, covered: Floats, textbook: Floats, names: list[str]) -> Coverage:
    worst = int(covered.argmin())
    return Coverage(
        n,
        round(100 * float(covered.mean()), 2),
        round(100 * float(covered[worst]), 2),
        names[worst],
        round(100 * float(textbook.mean()), 2),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer sizes and draws")
    quick = parser.parse_args().quick
    sizes = SIZES[::3] if quick else SIZES
    draws = 400 if quick else 3000
    every = [proportions(n) for n in (sizes if quick else range(10, 2001))]
    worst = min(every, key=lambda each: each.worst)
    grid = net_score_grid(0.16 if quick else 0.04)
    print(
        json.dumps(
            {
                "shares": {
                    "sizes": len(every),
                    "lowest_average": min(each.average for each in every),
                    "highest_average": max(each.average for each in every),
                    "worst": asdict(worst),
                    "by_n": [asdict(each) for each in every if each.n in SIZES],
                },
                "net_scores": [asdict(net_scores(n, grid, draws=draws)) for n in sizes],
                "means": {
                    scale: {
                        name: [asdict(means(n, ends, family, draws=draws)) for n in sizes]
                        for name, family in families(ends[1] - ends[0] + 1).items()
                    }
                    for scale, ends in SCALES.items()
                },
                "differences_of_shares": {
                    f"{n1} and {n2}": asdict(differences_of_shares(n1, n2))
                    for n1, n2 in ((10, 10), (10, 50), (30, 30), (50, 200))
                },
                "differences_of_means": {
                    f"{name}, {n1} and {n2}": asdict(
                        differences_of_mean_scores(n1, n2, (1, 5), family, draws=draws)
                    )
                    for name, family in families(5).items()
                    for n1, n2 in ((10, 10), (10, 500), (30, 30), (50, 2000))
                },
                "false_findings": _all_false_findings(draws=20_000 if quick else 400_000),
            },
            indent=1,
        )
    )


def _all_false_findings(draws: int) -> dict[str, dict[str, float]]:
    found = {}
    for n1, n2 in ((8, 3000), (30, 3000), (100, 3000), (30, 60), (500, 3000)):
        for name, shares in NULLS.items():
            case = f"means, {name}, {n1} and {n2}"
            found[case] = false_findings_of_means(n1, n2, shares, shares, draws)
        case = f"means, a divided group against an agreed one, {n1} and {n2}"
        found[case] = false_findings_of_means(n1, n2, DIVIDED, AGREED, draws)
        for share in (0.01, 0.1, 0.4):
            case = f"shares of {share:.0%}, {n1} and {n2}"
            found[case] = false_findings_of_shares(n1, n2, share, draws)
    return found


if __name__ == "__main__":
    main()
