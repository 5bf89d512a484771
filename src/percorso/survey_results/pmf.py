"""Product-market fit: how many would be very disappointed, and what they would miss."""

from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from percorso.metrics.definitions import METRICS
from percorso.survey_results.model import PMF_ANSWERS, PMF_LINE, Missed, PmfVerdict
from percorso.survey_results.reading import Rows
from percorso.survey_results.scoring import overall, share, visible, worths
from percorso.surveys import Survey
from percorso.surveys.model import Open
from percorso.vocabulary import Estimate
from percorso.vocabulary.scales import PMF_ANSWERS as SCORES

if TYPE_CHECKING:
    from percorso.survey_results.said import Said

_VERY: Final = SCORES["very"]


def verdict(rows: Rows, missed: Missed | None) -> PmfVerdict:
    """Return how answers to the PMF question stand to the line of 40%."""
    metric = METRICS["pmf"]
    found = overall(metric, worths(metric, rows.number), rows.customer.codes)
    few = found.n < PMF_ANSWERS
    low, high = found.low, found.high
    stands: Literal["above", "below", "not_sure"] = "not_sure"
    if low is not None and high is not None and not few:
        stands = "above" if low > PMF_LINE else "below" if high < PMF_LINE else "not_sure"
    return PmfVerdict(found, stands, few, _left(rows), missed)


def _left(rows: Rows) -> Estimate:
    """Return the share of those who left; hidden where the answers beside it would tell few."""
    customer = rows.customer.codes
    hits = {name: rows.number == score for name, score in SCORES.items()}
    people = [int(np.unique(customer[hit]).size) for hit in hits.values()]
    shown = dict(zip(hits, visible(people, parts=True), strict=True))
    found = share(hits["no_longer_use"], customer)
    return found if shown["no_longer_use"] else Estimate.hidden(found.n, found.method)


def missed_by(
    question: str, rows: Rows, everything: Rows, versions: tuple[Survey, ...], said: "Said"
) -> Missed | None:
    """Return what those wrote who would be very disappointed, in the first open question after.

    That is the one that asks what they get from it; None where no open question follows.
    """
    asked = {name for survey in versions if (name := _open_after(survey, question))}
    if not asked:
        return None
    disappointed = np.unique(rows.response.codes[rows.number == _VERY])
    theirs = np.isin(everything.response.codes, disappointed)
    open_ones = np.logical_or.reduce([everything.question.where(name) for name in asked])
    return said.missed(everything.take(theirs & open_ones))


def _open_after(survey: Survey, question: str) -> str | None:
    ids = [each.id for each in survey.questions]
    if question not in ids:
        return None
    after = survey.questions[ids.index(question) + 1 :]
    return next((each.id for each in after if isinstance(each, Open)), None)
