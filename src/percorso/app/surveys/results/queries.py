"""The results of a survey, worked out once for each part of the log that is asked about."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from percorso.app import results as kept
from percorso.app.filters import Scope
from percorso.app.surveys import queries as asking
from percorso.app.surveys.answering import counting
from percorso.app.surveys.queries import CountedDays
from percorso.metrics import GroupScore
from percorso.metrics import by as split_all
from percorso.survey_results import DIMENSIONS, Results, results
from percorso.survey_results import by as split

if TYPE_CHECKING:
    from percorso.log.selection import Selection

_OF_A_ROW: Final = (
    "id", "customer", "at", "language", "channel", "touchpoint", "score", "text", "properties",
)  # fmt: skip
#: Changes with what results hide: what an earlier program kept is not shown.
_EDITION: Final = 3
#: The shop, the table: what a door says of where it hangs.
PLACE: Final = "property:place"
#: Scores that are not of surveys alone, which can be split by what their answers carry.
_COMMON: Final = ("nps", "csat", "ces", "pmf")


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


def dimensions(question: str, *, anonymous: bool) -> tuple[str, ...]:
    """Return what the score of a type of question can be split by."""
    named = [each for each in DIMENSIONS if not anonymous or each not in ("campaign", "segment")]
    return (*named, PLACE) if question in _COMMON and not anonymous else tuple(named)


def by(
    scope: Scope, survey_id: str, question: str, part: str, dimension: str
) -> tuple[GroupScore, ...]:
    """Return the scores of a question by a dimension, each group tested against the others."""

    def compute() -> Groups:
        if dimension == PLACE:
            asked = (("survey", survey_id), ("question", question))
            return Groups(split_all(scope.log, PLACE, narrowed(scope.selection, asked)))
        selection = scope.selection or None
        found = split(scope.log, survey_id, question, dimension, part=part, selection=selection)
        return Groups(found)

    parameters = (scope.key, scope.known, survey_id, question, part, dimension)
    return kept.result(scope.log, "survey-by", parameters, Groups, compute).rows


def narrowed(selection: "Selection", pairs: Sequence[tuple[str, str]]) -> "Selection":
    """Return a selection that also asks for these properties."""
    return replace(selection, properties=(*selection.properties, *pairs))


def rows(scope: Scope, survey_id: str) -> Iterator[dict[str, Any]]:
    """Yield the answers as the log has them, those of one response after the other."""
    table = scope.selection.apply(scope.log, scope.log.interactions())
    table = table.filter(table.kind == "answer", table.about == f"survey:{survey_id}")
    chosen = table.select(*_OF_A_ROW).order_by("id").to_pyarrow()
    for batch in chosen.to_batches(max_chunksize=5000):
        yield from batch.to_pylist()
