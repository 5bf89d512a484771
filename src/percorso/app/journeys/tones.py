"""The colours of scores, and how scores and shares are said."""

from dataclasses import dataclass
from typing import Final, Literal

from percorso import labels
from percorso.i18n import gettext as _
from percorso.vocabulary import SCALES, Estimate

Tone = Literal["good", "fair", "poor", "none"]
#: Where the colours change, as a share of the scale's length.
GOOD_FROM: Final = 0.75
FAIR_FROM: Final = 0.65


@dataclass(frozen=True, slots=True)
class Band:
    """A colour of the legend with its words."""

    tone: Tone
    words: str


def tone(score: Estimate | None, scale: str | None) -> Tone:
    """Return the colour of a mean score: by where it lies between the ends of its scale."""
    known = SCALES.get(scale or "")
    if score is None or score.value is None or known is None:
        return "none"
    # The figure as it is shown: 4.0 must not look like less than 4.0.
    share = (round(score.value, 1) - known.low) / (known.high - known.low)
    share = share if known.high_is_good else 1 - share
    if share >= GOOD_FROM:
        return "good"
    return "fair" if share >= FAIR_FROM else "poor"


def bands(scale: str | None) -> tuple[Band, ...]:
    """Return the legend of the colours on ``scale``; empty where there are no scores."""
    known = SCALES.get(scale or "")
    if known is None:
        return ()
    good = known.low + GOOD_FROM * (known.high - known.low)
    fair = known.low + FAIR_FROM * (known.high - known.low)
    if not known.high_is_good:
        good, fair = known.low + known.high - good, known.low + known.high - fair
        return (
            Band("good", _("score of {n} or less").format(n=labels.number(good, 1))),
            Band("fair", _("up to {n}").format(n=labels.number(fair, 1))),
            Band("poor", _("above {n}").format(n=labels.number(fair, 1))),
        )
    return (
        Band("good", _("score of {n} or more").format(n=labels.number(good, 1))),
        Band("fair", _("from {n}").format(n=labels.number(fair, 1))),
        Band("poor", _("below {n}").format(n=labels.number(fair, 1))),
    )


def score_words(score: Estimate | None) -> str:
    return labels.estimate(score) if score is not None and score.shown else ""


def share_of(part: int, whole: int) -> str:
    return labels.percent(100 * part / whole if whole else None)


def share_words(share: Estimate) -> str:
    return f"{labels.estimate(share, 'percent')} [{labels.interval(share, 'percent')}]"
