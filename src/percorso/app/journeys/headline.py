"""The sentence at the top of the journey pages."""

from dataclasses import dataclass
from typing import Final

from percorso import labels
from percorso.app.journeys.results import Explored
from percorso.app.journeys.tones import share_words
from percorso.estimation import MIN_SHOWN
from percorso.i18n import gettext as _
from percorso.i18n import ngettext
from percorso.vocabulary import Phase

#: Where a stop says that something is in the way. From the purchase on, the way may simply end:
#: with the goods delivered, a question answered, a review.
_BEFORE_BUYING: Final = (Phase.AWARENESS, Phase.CONSIDERATION, Phase.ACTIVATION)


@dataclass(frozen=True, slots=True)
class Headline:
    sentence: str
    lede: str


def headline(found: Explored) -> Headline:
    """Say where most customers stop before buying; where that is nowhere, how many there are."""
    graph = found.graph
    people = ngettext("{n} customer", "{n} customers", graph.customers).format(
        n=labels.number(graph.customers)
    )
    touchpoints = ngettext("{n} touchpoint", "{n} touchpoints", len(graph.nodes)).format(
        n=labels.number(len(graph.nodes))
    )
    size = _("{customers}, {touchpoints}, {steps} steps.").format(
        customers=people, touchpoints=touchpoints, steps=labels.number(graph.steps)
    )
    first = next(
        (
            each
            for each in found.stops.rows
            if each.stopped >= MIN_SHOWN and found.phases.get(each.touchpoint) in _BEFORE_BUYING
        ),
        None,
    )
    if first is None or not first.share.shown:
        return Headline(_("The journeys of {customers}.").format(customers=people), size)
    return Headline(
        _(
            "Of the steps before buying, customers most often go no further than {touchpoint}: "
            "{n} of {all}."
        ).format(
            touchpoint=first.touchpoint,
            n=labels.number(first.stopped),
            all=labels.number(first.customers),
        ),
        _("That is {share} of those who pass there, idle for more than {time}.").format(
            share=share_words(first.share), time=labels.hours(first.idle_hours)
        )
        + " "
        + size,
    )
