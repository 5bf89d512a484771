"""Where the experience curve is drawn."""

from collections.abc import Sequence

from percorso.journey_map.model import Item
from percorso.vocabulary import Estimate


def figure_of(item: Item | None) -> Estimate | None:
    """Return an item's figure where it is shown."""
    return item.figure if item is not None and item.figure and item.figure.shown else None


def ends_of(items: Sequence[Item | None], lowest: float, highest: float) -> tuple[float, float]:
    """Return the ends between which a curve is drawn: what its intervals need, and some room.

    On the whole of its scale every curve looks flat. The ends stand beside the drawing.
    """
    shown = [each for each in map(figure_of, items) if each is not None]
    lows = [each.low for each in shown if each.low is not None]
    highs = [each.high for each in shown if each.high is not None]
    if not lows or not highs:
        return lowest, highest
    step = (highest - lowest) / 20
    low = max(lowest, lowest + step * ((min(lows) - lowest) // step))
    high = min(highest, highest - step * ((highest - max(highs)) // step))
    return (low, high) if low < high else (lowest, highest)
