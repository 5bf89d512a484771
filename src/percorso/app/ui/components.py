"""What the components in ``templates/ui/parts`` are given: words and positions, ready to show.

Positions are text such as ``"38.2%"``: a template would write the number with the comma of the
reader's language, which no drawing understands.
"""

from dataclasses import dataclass
from typing import Self

from percorso import labels
from percorso.estimation import MIN_SHOWN
from percorso.i18n import gettext as _
from percorso.vocabulary import Estimate


def is_few(count: int) -> bool:
    """Say whether there are so few customers that they might be recognised."""
    return 0 < count < MIN_SHOWN


def few_or(count: int) -> str:
    """Show how many customers; of so few that they might be recognised, only that they are few."""
    if is_few(count):
        return _("fewer than {n}").format(n=MIN_SHOWN)
    return labels.number(count)


@dataclass(frozen=True, slots=True)
class IntervalBar:
    """The bar of an interval between two ends. ``tone`` is empty, ``good`` or ``bad``."""

    start: str
    width: str
    mark: str
    zero: str = ""
    tone: str = ""

    @classmethod
    def of(cls, estimate: Estimate, low_end: float, high_end: float, tone: str = "") -> Self | None:
        """Place the estimate between the ends of its scale; None where it is hidden."""
        value, low, high = estimate.value, estimate.low, estimate.high
        if value is None or low is None or high is None:
            return None

        def place(x: float) -> float:
            share = (x - low_end) / (high_end - low_end)
            return 100 * min(max(share, 0.0), 1.0)

        zero = _percent(place(0)) if low_end < 0 < high_end else ""
        width = max(place(high) - place(low), 0.5)
        return cls(_percent(place(low)), _percent(width), _percent(place(value)), zero, tone)


@dataclass(frozen=True, slots=True)
class Change:
    """What changed, in words. ``tone`` is ``up`` (better), ``down`` (worse) or ``same``."""

    words: str
    tone: str = "same"
    sign: str = ""


def _percent(place: float) -> str:
    return f"{place:.2f}%"
