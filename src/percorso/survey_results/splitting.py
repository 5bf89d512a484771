"""The score of one question by a dimension."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import numpy as np

from percorso.i18n import gettext as _
from percorso.metrics import DimensionError, GroupScore
from percorso.metrics.groups import adjusted, against_rest, estimates, shown_groups
from percorso.survey_results.definitions import (
    Same,
    is_anonymous,
    questions_of,
    versions_of,
)
from percorso.survey_results.reading import Rows, Words, read
from percorso.survey_results.scoring import metric_of, tally_of, worths
from percorso.surveys import SurveyError
from percorso.surveys.model import parts_of

if TYPE_CHECKING:
    from percorso.log import Log
    from percorso.log.selection import Selection

#: What scores can be split by. ``place`` is the shop or the table: what a door says of itself.
DIMENSIONS: Final = (
    "channel", "touchpoint", "place", "language", "version", "campaign", "month", "segment",
)  # fmt: skip
#: Of an anonymous survey by none that is of a person, nor by what its answers do not keep.
_NOT_OF_ANONYMOUS: Final = ("place", "campaign", "segment")


def dimensions(*, anonymous: bool) -> tuple[str, ...]:
    """Return what the scores of a survey can be split by."""
    return tuple(each for each in DIMENSIONS if not anonymous or each not in _NOT_OF_ANONYMOUS)


def by(
    log: "Log",
    survey: str,
    question: str,
    dimension: str,
    *,
    part: str = "",
    selection: "Selection | None" = None,
) -> tuple[GroupScore, ...]:
    """Return the score of a question, or of a part of it, by a dimension of DIMENSIONS.

    Months and versions come in order, other groups with the most answers first. Each group is
    tested against the others (Benjamini-Hochberg). ``segment`` is as it is now. Empty where the
    question has no score. Raises DimensionError, and SurveyError where there is no such survey,
    question or part.
    """
    versions = versions_of(log.workspace, survey)
    same = _find(questions_of(versions), survey, question, part)
    known = dimensions(anonymous=is_anonymous(versions))
    if dimension not in known:
        raise DimensionError(
            _("nothing can be split by {name!r}; by these it can: {known}").format(
                name=dimension, known=", ".join(known)
            )
        )
    metric = metric_of(same.latest, part)
    if metric is None:
        return ()
    everything = read(log, survey, selection)
    rows = everything.take(same.rows(everything, [each.version for each in versions]))
    rows = rows.take(rows.part.where(part))
    groups = _groups(log, rows, dimension)
    worth = worths(metric, rows.number)
    tally = tally_of(metric, worth, rows.customer.codes, groups.codes, groups.names)
    shown = shown_groups(tally)
    rest = against_rest(tally, shown)
    found = [
        GroupScore(metric.name, group, int(people), estimate, difference, p_adjusted)
        for group, people, estimate, difference, p_adjusted in zip(
            tally.groups,
            tally.customers,
            estimates(tally, shown),
            rest,
            adjusted(rest),
            strict=True,
        )
    ]
    if dimension == "version":
        return tuple(sorted(found, key=lambda each: each.group.rjust(6)))
    if dimension == "month":
        return tuple(found)
    return tuple(sorted(found, key=lambda each: (-each.estimate.n, each.group)))


def _find(questions: Sequence[Same], survey: str, name: str, part: str) -> Same:
    for each in questions:
        if each.id == name and part in (parts_of(each.latest) or ("",)):
            return each
    raise SurveyError(
        _("The survey “{survey}” has no question “{name}”.").format(
            survey=survey, name=f"{name}.{part}" if part else name
        )
    )


def _groups(log: "Log", rows: Rows, dimension: str) -> Words:
    if dimension == "month":
        return _months(log, rows)
    if dimension == "segment":
        return _segments(log, rows)
    words: Words = getattr(rows, dimension)
    return words


def _months(log: "Log", rows: Rows) -> Words:
    zone = log.workspace.settings.zone_info
    # Answers of one day are of one month but for the zone: so few moments are turned that it
    # does not matter how long each takes.
    hours, hour = np.unique(rows.at // 3_600_000_000, return_inverse=True)
    named = [
        datetime.fromtimestamp(int(each) * 3600, UTC).astimezone(zone).strftime("%Y-%m")
        for each in hours
    ]
    names = tuple(sorted(set(named)))
    places = np.array([names.index(each) for each in named], np.int64)
    return Words(places[hour] if len(places) else np.empty(0, np.int64), names)


def _segments(log: "Log", rows: Rows) -> Words:
    table = log.customers().select("customer", "segment").to_pyarrow()
    segments = dict(zip(table["customer"].to_pylist(), table["segment"].to_pylist(), strict=True))
    named = [str(segments.get(each) or "") for each in rows.customer.names]
    names = tuple(sorted({*named} - {""}))
    places = [names.index(each) if each else -1 for each in named]
    return Words(np.array([*places, -1], np.int64)[rows.customer.codes], names)
