"""Answers in the log: found by the metrics, and of anonymous ones nobody is a customer."""

from datetime import date

from tests.surveys.making import changed
from tests.surveys.test_rows import ADA

from percorso import metrics
from percorso.log import open_log
from percorso.log.schema import as_table
from percorso.surveys import AnonymousResponse, anonymous_rows, known_rows, ready, release
from percorso.workspace import Workspace


def test_answers_are_found_by_the_metrics(workspace: Workspace) -> None:
    survey = changed(ready("nps"), anonymous=True)
    day = AnonymousResponse(date(2025, 3, 4), "it", "Delivery")
    waiting = [anonymous_rows(survey, {"nps": n, "why": f"Reason {n}"}, day) for n in range(1, 11)]
    log = open_log(workspace)
    log.append(as_table(known_rows(ready("nps"), {"nps": 10, "why": "Kind"}, ADA)))
    log.append(as_table(release(waiting)))
    found = metrics.scores(log)["nps"]
    assert found.n == 11
    # Three promoters, two passives, six detractors.
    assert round(found.value or 0) == -27
    summary = log.summary()
    assert (summary.interactions, summary.customers) == (22, 1)
    # Sent once more, nothing is added.
    again = log.append(as_table(known_rows(ready("nps"), {"nps": 10, "why": "Kind"}, ADA)))
    assert again.added == 0
