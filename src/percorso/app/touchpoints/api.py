"""Touchpoints for programs: what is described, what the log says, and how alike they are."""

from typing import Any

from django.http import HttpRequest
from ninja import Query, Schema

from percorso.app import company
from percorso.app.api.asked import Part, selection
from percorso.app.api.auth import Token
from percorso.app.api.frame import ERRORS, router
from percorso.app.touchpoints import plain, queries
from percorso.journey_map.touchpoints import cover

operations = router("Touchpoints")


class Touchpoints(Schema):
    """The touchpoints, and what is left open; see docs/concepts/touchpoints.md."""

    log_version: int
    touchpoints: list[dict[str, Any]]
    phases_without: list[str]


class Compared(Schema):
    """How alike touchpoints are in a part of the log; see docs/concepts/touchpoints.md."""

    log_version: int
    tests: int
    touchpoints: list[dict[str, Any]]
    gaps: list[dict[str, Any]]


@operations.get(
    "/touchpoints",
    response={200: Touchpoints, **ERRORS},
    auth=Token("read:figures"),
    summary="Touchpoints",
)
def touchpoints(request: HttpRequest, part: Query[Part]) -> Any:  # noqa: ARG001 - read by selection
    """Return the touchpoints that are described and those only the log knows.

    Each with its channel, owner, phases, strategy, what customers want there with the evidence,
    how much happens there, and what is left `open`: owner, strategy, listening (nobody listens),
    traffic (only listening), unseen (not in the log), undescribed. Counts are of the part of the
    log that is asked about, null where fewer than 5 customers were there; what is left open is of
    all of it. Scope: `read:figures`.
    """
    asked, log, kept = selection(request), company.log(), queries.kept()
    seen = queries.seen(log, kept.touchpoints)
    asked.check(log)
    there = queries.seen_in(log, asked, asked, kept.touchpoints) if seen.rows else seen
    coverage = cover(seen.rows, kept.touchpoints)
    return {
        "log_version": log.version,
        "touchpoints": list(plain.touchpoints(kept, there, coverage)),
        "phases_without": [str(each) for each in coverage.phases_without],
    }


@operations.get(
    "/touchpoints/consistency",
    response={200: Compared, **ERRORS},
    auth=Token("read:figures"),
    summary="Touchpoints compared",
)
def consistency(request: HttpRequest, part: Query[Part]) -> Any:  # noqa: ARG001 - read by selection
    """Return the scores, the sentiment and the promises of each touchpoint, and the gaps.

    A gap is a touchpoint that differs from the others of a phase, or a channel from the others of
    a touchpoint, beyond chance: p-values are corrected for every test (Holm). Scope:
    `read:figures`.
    """
    asked, log = selection(request), company.log()
    summary = log.summary()
    if summary.interactions == 0:
        return {"log_version": summary.version, "tests": 0, "touchpoints": [], "gaps": []}
    asked.check(log)
    found = queries.compared_in(log, asked, asked, queries.kept().touchpoints)
    return {"log_version": summary.version, **plain.consistency(found)}
