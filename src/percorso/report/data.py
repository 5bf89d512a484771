"""The report as strict JSON. Shares are percents, times ISO 8601 in UTC."""

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from percorso.report import voice
from percorso.report.headline import headline
from percorso.vocabulary import Estimate, Fate

if TYPE_CHECKING:
    from percorso.journeys.results import Edge, IdealPath, IdealStep, Variant
    from percorso.metrics import Change, GroupScore
    from percorso.metrics.promises import Promises
    from percorso.report.model import Report


def as_json(report: "Report") -> dict[str, Any]:
    """Return the report as a dict that ``json.dumps(..., allow_nan=False)`` takes as it is.

    See docs/reference/report.md for each key. Words (the headline, titles of problems) are in
    the current language.
    """
    said = headline(report)
    graph = report.graph
    found: dict[str, Any] = {
        "company": report.settings.company,
        "made_at": _time(report.made_at),
        "headline": {"sentence": said.sentence, "lede": said.lede, "tone": said.tone},
        "log": {
            "interactions": report.log.interactions,
            "customers": report.log.customers,
            "first": _time(report.log.first),
            "last": _time(report.log.last),
            "quarantined": report.log.quarantined,
            "version": report.log.version,
        },
        "selection": _selection(report),
        "metrics": {name: _estimate(each) for name, each in report.metrics.items()},
        "changes": {name: _change(each) for name, each in report.changes.items()},
        "compared": _compared(report),
        "months": {
            metric: [{"month": month, **_estimate(each)} for month, each in months]
            for metric, months in report.trends.items()
        },
        "answers": {
            scale: [{"answer": _number(answer), "count": n} for answer, n in counts.items()]
            for scale, counts in report.answers.items()
        },
        "promises": _promises(report.promises),
        "journeys": {
            "customers": graph.customers,
            "distinct_variants": report.variants.distinct,
            "variants": [_variant(each) for each in report.variants.rows],
            "graph": [_edge(each) for each in graph.edges],
            "starts": graph.starts,
            "ends": graph.ends,
            "ideal_customers": _ideal(report.ideal_path),
            "ideal_path": [_ideal_step(each) for each in report.ideal_path.rows],
        },
        "problems": [each.as_dict() for each in report.problems],
        "voice": voice.as_data(report),
    }
    if report.by is not None:
        found["by"] = {
            "dimension": report.by,
            "groups": [_group(each) for each in report.groups],
        }
    return found


def _time(given: datetime | None) -> str | None:
    if given is None:
        return None
    return given.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _number(given: float | None) -> float | None:
    """Return the number, or None for what JSON cannot hold."""
    return None if given is None or not math.isfinite(given) else given


def _estimate(given: Estimate) -> dict[str, Any]:
    return {
        "value": _number(given.value),
        "low": _number(given.low),
        "high": _number(given.high),
        "n": given.told,
        "method": given.method,
    }


def _maybe(given: Estimate | None) -> dict[str, Any] | None:
    return None if given is None else _estimate(given)


def _compared(report: "Report") -> dict[str, Any] | None:
    periods = report.compared
    if periods is None:
        return None
    return {
        "before": _time(periods.before),
        "since": _time(periods.since),
        "until": _time(periods.until),
    }


def _selection(report: "Report") -> dict[str, Any]:
    chosen = report.selection
    if chosen is None:
        return {}
    words = chosen.as_query()
    return {**words, "since": _time(chosen.since), "until": _time(chosen.until)}


def _change(given: "Change") -> dict[str, Any]:
    return {
        "now": _estimate(given.now),
        "before": _estimate(given.before),
        "difference": _estimate(given.difference),
        "p_value": _number(given.p_value),
        "p_adjusted": _number(given.p_adjusted),
    }


def _group(given: "GroupScore") -> dict[str, Any]:
    rest = given.rest_difference
    return {
        "group": given.group,
        "metric": given.metric,
        **_estimate(given.estimate),
        "difference": _maybe(rest.estimate if rest else None),
        "p_value": _number(rest.p_value) if rest else None,
        "p_adjusted": _number(given.p_adjusted),
    }


def _promises(given: "Promises") -> dict[str, Any]:
    counts = given.shown_counts
    told = given.kept_share_shown.shown
    return {
        "made": None if given.hidden else given.made,
        **{str(fate): counts.get(fate) for fate in Fate},
        # How many came due, less those shown, would tell what is hidden.
        "broken": given.broken if told else None,
        "kept_share": _estimate(given.kept_share_shown),
        "effect_on_score": _maybe(given.effect_on_score),
        "scale": given.scale,
        "score_after": {str(fate): _estimate(each) for fate, each in given.score_after.items()},
    }


def _variant(given: "Variant") -> dict[str, Any]:
    return {"steps": list(given.steps), "customers": given.customers, "share": given.share}


def _edge(given: "Edge") -> dict[str, Any]:
    return {
        "from": given.source,
        "to": given.target,
        "count": given.count,
        "customers": given.customers,
        "median_hours": _number(given.median_hours),
        "p90_hours": _number(given.p90_hours),
        "score_after": _maybe(given.score_after),
    }


def _ideal(given: "IdealPath") -> dict[str, Any]:
    return {
        "chosen_by": given.chosen_by,
        "scale": given.scale,
        "ideal": given.ideal,
        "others": given.others,
        "tested": given.tested,
    }


def _ideal_step(given: "IdealStep") -> dict[str, Any]:
    return {
        "step": " → ".join(given.step),
        "kind": given.kind,
        "ideal_share": _number(given.ideal_share),
        "other_share": _number(given.other_share),
        "difference": _estimate(given.difference),
        "effect": _number(given.effect),
        "p_value": _number(given.p_value),
        "p_adjusted": _number(given.p_adjusted),
    }
