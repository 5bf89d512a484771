"""What to do next, worked out from what the page shows. Only what follows from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.urls import reverse
from django.utils import timezone

from percorso import labels
from percorso.app.control_room.queries import PromisesKept, Scores
from percorso.app.problems.shown import ProblemRow
from percorso.app.surveys.contacting.queries import Asking, Standing
from percorso.i18n import gettext as _
from percorso.i18n import ngettext

#: An interval of a net score wider than this says little: more answers are worth asking for.
WIDE_POINTS: Final = 20.0
MOST: Final = 4


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do: what, why, and where."""

    words: str
    reason: str
    address: str
    action: str


def steps(
    problems: Sequence[ProblemRow],
    scores: Scores,
    promises: PromisesKept,
    waiting: int,
    *,
    data: str,
    unread: str = "",
    contact: Standing | None = None,
) -> tuple[Step, ...]:
    """Return the next steps, the most useful first. ``data`` is the data page's address.

    ``unread`` is the voice page's, where reading what customers write failed. ``contact`` is who
    waits to be contacted, for those who may see it.
    """
    found = []
    if contact is not None and contact.waiting:
        found.append(_contact(contact.waiting))
    if unread:
        found.append(
            Step(
                _("Have the texts read again"),
                _("reading what customers write failed; the page says why"),
                unread,
                _("See why"),
            )
        )
    found += [
        Step(
            _("Look at the evidence: {problem}").format(problem=each.title),
            _("{n} customers touched").format(n=each.customers),
            each.address,
            _("See the evidence"),
        )
        for each in problems[:2]
    ]
    late = promises.waiting
    if late:
        found.append(
            Step(
                _("Keep, or call off, the promises that are past their time")
                if promises.waiting_few
                else ngettext(
                    "Keep, or call off, {n} promise that is past its time",
                    "Keep, or call off, {n} promises that are past their time",
                    late,
                ).format(n=labels.number(late)),
                _("due in the last 30 days of the log, and nothing says it was done"),
                "",
                "",
            )
        )
    if waiting:
        found.append(
            Step(
                ngettext(
                    "Mend {n} row that could not be read",
                    "Mend {n} rows that could not be read",
                    waiting,
                ).format(n=labels.number(waiting)),
                _("until then they are missing from these figures"),
                data,
                _("Open the quarantine"),
            )
        )
    nps = scores.metrics.get("nps")
    if not scores.metrics:
        found.append(
            Step(
                _("Bring in what customers say: survey answers or reviews"),
                _("the log holds what they did, not how they found it"),
                data,
                _("Bring in data"),
            )
        )
    elif nps is not None and (not nps.shown or _width(nps.low, nps.high) > WIDE_POINTS):
        found.append(
            Step(
                _("Ask more customers before reading much into the NPS"),
                _("{n} answers in this period leave it wide").format(n=labels.number(nps.n))
                if nps.shown
                else _("too few answers to compare"),
                "",
                "",
            )
        )
    return tuple(found[:MOST])


def _contact(waiting: Sequence[Asking]) -> Step:
    n, late = len(waiting), sum(each.due_at < timezone.now() for each in waiting)
    return Step(
        ngettext(
            "Get in touch with {n} customer who asked for it",
            "Get in touch with {n} customers who asked for it",
            n,
        ).format(n=labels.number(n)),
        _("for {n} of them the promised time has passed").format(n=labels.number(late))
        if late
        else _("promised on a survey's page of thanks"),
        reverse("surveys:contact"),
        _("See who"),
    )


def _width(low: float | None, high: float | None) -> float:
    return (high or 0.0) - (low or 0.0)
