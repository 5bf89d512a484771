"""A map as rows of a table: for CSV files, and for readers who do not see the drawing."""

from collections.abc import Iterator
from typing import Final

from percorso import labels
from percorso.journey_map import wording
from percorso.journey_map.model import Item, JourneyMap
from percorso.vocabulary import Estimate

COLUMNS: Final = (
    "phase", "lane", "what", "title", "basis", "standing", "value", "low", "high", "unit",
    "customers", "n", "difference_from_rest", "rest_p_adjusted", "difference", "difference_low",
    "difference_high", "p_adjusted", "text",
)  # fmt: skip

Row = tuple[str | int | float | None, ...]


def rows(given: JourneyMap) -> Iterator[Row]:
    """Yield a row for each phase, item and quote; ``COLUMNS`` names the cells.

    Values are in the unit named; ``difference`` is this map minus the one it is held against.
    """
    for column in given.columns:
        if not column.customers:
            continue
        yield (
            column.phase, "", "customers", labels.phase(column.phase), "computed", "",
            *_ends(column.share), "percent", column.customers or None, None, None, None,
            *_ends(column.change.difference if column.change else None),
            column.change.p_adjusted if column.change else None, "",
        )  # fmt: skip
    for item in given.items:
        yield _row(item, given)
    for phase, quotes in given.quotes.items():
        for quote in quotes:
            yield (
                phase, "quotes", "quote", quote.touchpoint or "", "computed", "", *(None,) * 12,
                quote.text,
            )  # fmt: skip


def _row(item: Item, given: JourneyMap) -> Row:
    rest, change = item.rest, item.change
    return (
        item.phase,
        item.lane,
        item.what,
        wording.title(item, given),
        item.basis,
        str(item.standing or ""),
        *_ends(item.figure),
        wording.unit_of(item)[0] if item.figure else "",
        item.customers or None,
        item.n or None,
        rest.difference.value if rest else None,
        rest.p_adjusted if rest else None,
        *_ends(change.difference if change else None),
        change.p_adjusted if change else None,
        item.text,
    )


def _ends(given: Estimate | None) -> tuple[float | None, float | None, float | None]:
    return (None, None, None) if given is None else (given.value, given.low, given.high)
