"""How many answered each survey, and when last: all of them at once, from the log."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from percorso.app import results as kept

if TYPE_CHECKING:
    from percorso.log import Log

_ABOUT: Final = "survey:"


@dataclass(frozen=True, slots=True)
class Answered:
    """Who answered a survey. ``last`` is the moment of the last answer."""

    survey: str
    responses: int
    people: int
    last: datetime


@dataclass(frozen=True, slots=True)
class _All:
    rows: tuple[Answered, ...]


def answered(log: "Log") -> dict[str, Answered]:
    """Return who answered, by the survey's id; a survey that nobody answered is not there."""
    if log.summary().interactions == 0:
        return {}
    found = kept.result(log, "surveys-answered", (), _All, lambda: _All(_counted(log)))
    return {each.survey: each for each in found.rows}


def _counted(log: "Log") -> tuple[Answered, ...]:
    from percorso.log.properties import property_text

    table = log.interactions()
    table = table.filter(table.kind == "answer", table.about.startswith(_ABOUT))
    table = table.select(
        "about", "customer", "at", response=property_text(table.properties, "response")
    )
    counted = (
        table.group_by("about")
        .agg(
            # Rows that say no response, as of an import, are one each of their customer.
            responses=table.response.fill_null(table.customer).nunique(),
            people=table.customer.nunique(),
            last=table.at.max(),
        )
        .to_pyarrow()
    )
    return tuple(
        Answered(
            each["about"].removeprefix(_ABOUT), each["responses"], each["people"], each["last"]
        )
        for each in counted.to_pylist()
    )
