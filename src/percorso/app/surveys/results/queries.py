"""The results of a survey, worked out once for each part of the log that is asked about."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from percorso.app import results as kept
from percorso.app.filters import Scope
from percorso.app.surveys import queries as asking
from percorso.app.surveys.answering import counting
from percorso.app.surveys.queries import CountedDays
from percorso.metrics import GroupScore
from percorso.survey_results import Results, results
from percorso.survey_results import by as split

_OF_A_ROW: Final = (
    "id", "customer", "at", "language", "channel", "touchpoint", "score", "text", "properties",
)  # fmt: skip
#: Changes with what results hide: what an earlier program kept is not shown.
_EDITION: Final = 4


@dataclass(frozen=True, slots=True)
class Groups:
    """Scores by a dimension."""

    rows: tuple[GroupScore, ...]


def found(scope: Scope, survey_id: str) -> Results:
    """Return all that a survey says in this part of the log. Raises SurveyError."""
    from percorso.app import company
    from percorso.surveys import Surveys

    counting.settle()
    invited = asking.invited(survey_id)
    days = counted(scope, survey_id)
    shown = asking.drop_off(survey_id, since=days.since, until=days.until)
    versions = Surveys(company.workspace()).versions(survey_id)
    # What is not in the log belongs into the key: invitations, counters, versions.
    stands_on = (
        survey_id,
        versions,
        invited.made,
        invited.answered,
        sum(each.shown + each.answered for each in shown),
        days,
        # What was sent of late counts from another day on.
        datetime.now(scope.log.workspace.settings.zone_info).date(),
    )

    def compute() -> Results:
        return results(
            scope.log,
            survey_id,
            invited=asking.invitations(survey_id),
            shown=shown,
            selection=scope.selection or None,
        )

    parameters = (_EDITION, scope.key, scope.known, stands_on)
    return kept.result(scope.log, "survey", parameters, Results, compute)


def counted(scope: Scope, survey_id: str) -> CountedDays:
    """Return the days of the period that is asked about, by which questions are counted."""
    span = scope.spans.now
    return asking.counted_days(survey_id, span.since, span.until)


def by(
    scope: Scope, survey_id: str, question: str, part: str, dimension: str
) -> tuple[GroupScore, ...]:
    """Return the scores of a question by a dimension, each group tested against the others."""

    def compute() -> Groups:
        selection = scope.selection or None
        found = split(scope.log, survey_id, question, dimension, part=part, selection=selection)
        return Groups(found)

    parameters = (scope.key, scope.known, survey_id, question, part, dimension)
    return kept.result(scope.log, "survey-by", parameters, Groups, compute).rows


def rows(scope: Scope, survey_id: str) -> Iterator[dict[str, Any]]:
    """Yield the answers as the log has them, those of one response after the other."""
    table = scope.selection.apply(scope.log, scope.log.interactions())
    table = table.filter(table.kind == "answer", table.about == f"survey:{survey_id}")
    chosen = table.select(*_OF_A_ROW).order_by("id").to_pyarrow()
    for batch in chosen.to_batches(max_chunksize=5000):
        yield from batch.to_pylist()
