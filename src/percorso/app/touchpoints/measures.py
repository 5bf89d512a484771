"""What is compared between touchpoints, in words and units."""

from typing import Final

from percorso import labels
from percorso.app.ui.components import IntervalBar
from percorso.i18n import gettext as _
from percorso.journey_map.consistency import PROMISED
from percorso.metrics import METRICS
from percorso.vocabulary import Estimate

_FACTOR: Final = "factor:"
_SENTIMENT: Final = "sentiment"
_UNASKED: Final = "sentiment:unasked"


def name(measure: str) -> str:
    """Return what a measure is called."""
    if measure == _SENTIMENT:
        return _("Sentiment")
    if measure == _UNASKED:
        return _("Sentiment, unasked")
    if measure.startswith(_FACTOR):
        return _("Complaints: {factor}").format(factor=labels.factor(measure[len(_FACTOR) :]))
    if measure.startswith(PROMISED):
        return _("Days promised ({name})").format(name=measure[len(PROMISED) :])
    return labels.metric(measure)


def meaning(measure: str) -> str:
    """Return what a measure tells, in a few words."""
    if measure == _SENTIMENT:
        return _("of answers and reviews: positive less negative, in points")
    if measure == _UNASKED:
        return _("of messages and requests: positive less negative, in points")
    if measure.startswith(_FACTOR):
        return _("share of answers and reviews")
    if measure.startswith(PROMISED):
        return _("from the promise to when it is due")
    return labels.meaning(measure)


def unit(measure: str) -> labels.Unit:
    if measure in (_SENTIMENT, _UNASKED):
        return "points"
    return "percent" if measure.startswith(_FACTOR) else labels.unit_of(measure)


def digits(measure: str) -> int:
    if measure in (_SENTIMENT, _UNASKED) or measure.startswith(_FACTOR):
        return 0
    return labels.digits_of(measure)


def figure(measure: str, given: Estimate) -> str:
    return labels.estimate(given, unit(measure), digits(measure))


def interval(measure: str, given: Estimate) -> str:
    return labels.interval(given, unit(measure), digits(measure))


def difference(measure: str, given: Estimate) -> str:
    return labels.difference(given, unit(measure), digits(measure))


def bar(measure: str, given: Estimate, tone: str = "", most: float = 0.0) -> IntervalBar | None:
    """Return the bar of a figure; ``most`` is the end where the measure has none."""
    low, high = _ends(measure, most)
    return IntervalBar.of(given, low, high, tone)


def _ends(measure: str, most: float) -> tuple[float, float]:
    if measure in (_SENTIMENT, _UNASKED):
        return -100.0, 100.0
    if measure in METRICS:
        return METRICS[measure].low, METRICS[measure].high
    return 0.0, max(most, 1.0) if measure.startswith(PROMISED) else 100.0
