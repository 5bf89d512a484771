"""Making problems of what was found: their evidence, what they cost, and what they are known by."""

import hashlib
from collections.abc import Sequence
from typing import Any

from percorso.estimation.differences import METHOD
from percorso.explain.comparing import Comparison
from percorso.explain.problem import Evidence, EvidenceKind, Problem, ProblemKind
from percorso.metrics.definitions import MEANS
from percorso.vocabulary import Estimate


def evidence_of(
    kind: EvidenceKind,
    touchpoint: str,
    comparison: Comparison,
    p_adjusted: float,
    metric: str | None = None,
    **about: Any,
) -> Evidence:
    """Return a comparison as evidence; ``about`` are further fields of it."""
    return Evidence(
        kind,
        touchpoint,
        comparison.here,
        comparison.there,
        comparison.difference,
        p_adjusted,
        scale=metric,
        **about,
    )


def problem_of(
    main: str | None,
    kind: ProblemKind,
    parts: Sequence[str],
    touchpoint: str,
    customers: int,
    evidence: Sequence[Evidence],
    **about: Any,
) -> Problem:
    """Return a problem. ``main`` is the scale its cost is told on, ``parts`` what identifies it."""
    grouped = bool(about.get("groups"))
    lost = None if main is None else score_lost(main, kind, evidence, grouped=grouped)
    # That a promise kept or not shows in scores does not make it surer where it is not kept.
    located = [each for each in evidence if each.kind != "effect"] or evidence
    return Problem(
        _identity(parts),
        kind,
        touchpoint,
        customers,
        lost,
        main if lost is not None else None,
        min(each.p_adjusted for each in located),
        tuple(evidence),
        **about,
    )


def score_lost(
    main: str, kind: ProblemKind, evidence: Sequence[Evidence], *, grouped: bool = False
) -> Estimate | None:
    """Return what a problem costs each of those touched, in points of ``main``.

    With d the difference of mean scores (here minus there) in the surest comparison of scores,
    [l, u] its 95% interval and f the length of ``main`` over that of the scale d is on, this is
    f * -d with the interval [f * -u, f * -l]. The interval is that of the difference (see
    percorso.estimation.differences); turning and stretching leave its coverage as it is. None
    where no comparison is of scores. What a group of a place loses is not what all lose there: it
    counts where the problem is the group's (``grouped``).
    """
    scored = [
        each for each in evidence if each.scale is not None and (grouped or each.kind != "score_in")
    ]
    if not scored:
        return None
    # A transition's own score comes first: the touchpoint's is that of others too.
    surest = scored[0] if kind == "transition" else min(scored, key=lambda each: each.p_adjusted)
    factor = -_length(main) / _length(surest.scale)
    value, low, high = (
        (each or 0.0) * factor
        for each in (surest.difference.value, surest.difference.high, surest.difference.low)
    )
    return Estimate(value, low, high, surest.difference.n, METHOD)


def _length(metric: str | None) -> float:
    chosen = MEANS[metric or ""]
    return chosen.high - chosen.low


def _identity(parts: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
