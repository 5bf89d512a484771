"""Which problems one customer met: was at the place, or had the promise broken, in the period."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from percorso.app.filters import Scope
from percorso.app.problems import queries
from percorso.explain import Problem
from percorso.vocabulary import NOT_STEPS, Fate

if TYPE_CHECKING:
    from percorso.log import Log

_BROKEN = (str(Fate.LATE), str(Fate.UNMET))


def met(asked: Scope, customer: str) -> tuple[Problem, ...]:
    """Return the problems of a part of the log that the customer met, the worst first.

    A broken promise is met by those to whom it was broken; a transition by those who made it; any
    other problem by those who passed its place, whether or not they gave up there.
    """
    found = queries.problems(asked)
    if not found:
        return ()
    span = asked.spans.now
    steps = [
        row
        for row in _history(asked.log, customer)
        if (span.since is None or row["at"] >= span.since)
        and (span.until is None or row["at"] < span.until)
    ]
    broken = _broken(asked, customer) if any(each.kind == "promise" for each in found) else []
    return tuple(each for each in found if _met(each, steps, broken))


def _met(problem: Problem, steps: Sequence[Mapping[str, Any]], broken: Sequence[Any]) -> bool:
    if problem.kind == "promise":
        return any(
            each["touchpoint"] == problem.touchpoint
            and (each["name"] or "") == (problem.promise or "")
            and _is_of(problem, each, each["made_at"])
            for each in broken
        )
    if problem.kind == "transition":
        return any(
            one["touchpoint"] == problem.source and other["touchpoint"] == problem.touchpoint
            for one, other in pairwise(steps)
        )
    return any(
        each["touchpoint"] == problem.touchpoint and _is_of(problem, each, each["at"])
        for each in steps
    )


def _is_of(problem: Problem, row: Mapping[str, Any], at: Any) -> bool:
    """Say whether a row is of the groups, and since the day, where the problem was found."""
    if problem.since is not None and at.astimezone(UTC).date() < problem.since:
        return False
    if not problem.groups:
        return True
    properties = json.loads(row["properties"] or "{}")
    return any(str(properties.get(name)) == value for name, value in problem.groups)


def _history(log: "Log", customer: str) -> list[dict[str, Any]]:
    from percorso.log.history import history

    rows = history(log, customer).select(["at", "kind", "touchpoint", "properties"]).to_pylist()
    return [each for each in rows if each["kind"] not in NOT_STEPS]


def _broken(asked: Scope, customer: str) -> list[dict[str, Any]]:
    from percorso.log.fates import fates

    table = fates(asked.log, selection=asked.selection)
    theirs = table.filter(table.customer == customer, table.fate.isin(_BROKEN))
    rows: list[dict[str, Any]] = (
        theirs.select("name", "touchpoint", "made_at", "properties").to_pyarrow().to_pylist()
    )
    return rows
