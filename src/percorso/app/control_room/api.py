"""Figures for programs: the scores, and the whole report."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language
from ninja import Query, Schema

from percorso.app import company, results
from percorso.app.api.asked import Estimate, Part, selection
from percorso.app.api.auth import Token
from percorso.app.api.frame import ERRORS, router
from percorso.estimation import MIN_SHOWN
from percorso.journeys.results import Ideal
from percorso.metrics import GroupScore

operations = router("Figures")


class Group(Schema):
    """The score of one group, ``customers`` null where they are fewer than 5.

    ``rest_difference`` is the group less all the others together.
    """

    metric: str
    group: str
    customers: int | None
    score: Estimate
    rest_difference: Estimate | None
    p_adjusted: float | None


class Figures(Schema):
    """The scores of a part of the log, at a version of it."""

    log_version: int
    interactions: int
    scores: dict[str, Estimate]
    groups: list[Group]


@operations.get(
    "/figures", response={200: Figures, **ERRORS}, auth=Token("read:figures"), summary="Scores"
)
def figures(request: HttpRequest, part: Query[Part], by: str | None = None) -> Any:  # noqa: ARG001
    """Return NPS, CSAT, CES, PMF and stars with their intervals, where they were answered.

    `by` adds each score by a dimension: channel, touchpoint, phase, segment, month, kind,
    language, source, name or `property:NAME`. Any `property.NAME=value` narrows the answer too.
    Scope: `read:figures`.
    """
    from percorso import metrics

    asked, log = selection(request, "by"), company.log()
    summary = log.summary()

    def compute() -> dict[str, Any]:
        found = metrics.scores(log, asked)
        groups = metrics.by(log, by, asked) if by else ()
        return {
            "scores": {name: each.as_dict() for name, each in found.items()},
            "groups": [_group(each) for each in groups],
        }

    kept = results.result(log, "api-figures", (asked, by), dict, compute)
    return {"log_version": summary.version, "interactions": summary.interactions, **kept}


def _group(given: GroupScore) -> dict[str, Any]:
    difference = given.rest_difference
    return {
        "metric": given.metric,
        "group": given.group,
        "customers": given.customers if given.customers >= MIN_SHOWN else None,
        "score": given.estimate.as_dict(),
        "rest_difference": difference.estimate.as_dict() if difference else None,
        "p_adjusted": given.p_adjusted,
    }


@operations.get(
    "/report",
    response={200: dict[str, Any], **ERRORS},
    auth=Token("read:figures"),
    summary="The report",
)
def report(
    request: HttpRequest,
    part: Query[Part],  # noqa: ARG001 - describes what ``selection`` reads
    by: str | None = None,
    ideal: Ideal = "promoters",
) -> Any:
    """Return the whole report: headline, scores, changes, promises, journeys, problems.

    Its keys are those of `percorso report --json`. Words are in the language of
    `Accept-Language`. Scope: `read:figures`.
    """
    from percorso import report as reports

    asked, log = selection(request, "by", "ideal"), company.log()
    language = get_language()

    def compute() -> dict[str, Any]:
        return reports.as_json(reports.build(log, by=by, selection=asked, ideal=ideal))

    key = (asked, by, ideal, language)
    return results.result(log, "api-report", key, dict, compute)
