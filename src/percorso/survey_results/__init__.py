"""What a survey says: who answered, what, what those who did not would have said.

    found = results(log, "after-delivery", invited=invitations, shown=counters)
    found.response_rate.rate                      # an Estimate, in percent
    found.question("nps").parts[0].estimate       # of those who answered
    found.question("nps").parts[0].weighted       # of all who were invited
    by(log, "after-delivery", "nps", "channel")

Answers are read from the log; who was invited and how often questions were seen is given. Figures
of fewer than 5 people are hidden; of an anonymous survey nobody's facts are looked at.
"""

from percorso.survey_results import words
from percorso.survey_results.facts import FACTS
from percorso.survey_results.given import Asked, Counted, Invited, Shown
from percorso.survey_results.model import (
    ALPHA,
    PMF_ANSWERS,
    PMF_LINE,
    Band,
    Cell,
    FactResult,
    GroupRate,
    Missed,
    MissedFactor,
    NonResponse,
    Part,
    PmfVerdict,
    PyramidLevel,
    PyramidResult,
    QuestionResult,
    ResponseRate,
    Results,
    SaidOn,
    Step,
    Weighting,
    Wording,
)
from percorso.survey_results.plain import as_plain
from percorso.survey_results.questions import GIVEN
from percorso.survey_results.results import results
from percorso.survey_results.splitting import DIMENSIONS, by, dimensions

__all__ = [
    "ALPHA",
    "DIMENSIONS",
    "FACTS",
    "GIVEN",
    "PMF_ANSWERS",
    "PMF_LINE",
    "Asked",
    "Band",
    "Cell",
    "Counted",
    "FactResult",
    "GroupRate",
    "Invited",
    "Missed",
    "MissedFactor",
    "NonResponse",
    "Part",
    "PmfVerdict",
    "PyramidLevel",
    "PyramidResult",
    "QuestionResult",
    "ResponseRate",
    "Results",
    "SaidOn",
    "Shown",
    "Step",
    "Weighting",
    "Wording",
    "as_plain",
    "by",
    "dimensions",
    "results",
    "words",
]
