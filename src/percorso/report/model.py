"""What a report holds: every answer of the library about one log, ready to be shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from percorso.vocabulary import Estimate
from percorso.workspace import Settings

if TYPE_CHECKING:
    from percorso.explain import Problem
    from percorso.journeys import IdealPath, JourneyGraph, Variants
    from percorso.log.selection import Selection
    from percorso.metrics import Change, GroupScore
    from percorso.metrics.promises import Promises
    from percorso.text.results import Summary, Voice


@dataclass(frozen=True, slots=True)
class LogFacts:
    """The log as a whole, whatever was selected from it. Times are UTC."""

    interactions: int
    customers: int
    first: datetime | None
    last: datetime | None
    quarantined: int
    version: int


@dataclass(frozen=True, slots=True)
class MonthOfPromises:
    """Promises due in a month (``2025-03``): kept and broken, as they are shown.

    The counts are None, and the share is hidden, where few customers had one kept or broken.
    """

    month: str
    kept: int | None
    broken: int | None
    kept_share: Estimate


@dataclass(frozen=True, slots=True)
class Compared:
    """The two periods that ``changes`` compares: ``[since, until)`` and the one before it."""

    before: datetime
    since: datetime
    until: datetime

    @property
    def days(self) -> int:
        return round((self.until - self.since).total_seconds() / 86_400)


@dataclass(frozen=True, slots=True)
class Report:
    """A report. ``trends`` maps a metric to its months, ``answers`` a scale to counts by answer.

    ``groups`` are of the dimension ``by``, where one was asked for. ``voice`` is None where the
    log has no texts. ``summary`` is what it says in writing, in the company's language: a language
    model's words where one was chosen.
    """

    settings: Settings
    made_at: datetime
    log: LogFacts
    selection: "Selection | None"
    metrics: Mapping[str, Estimate]
    trends: Mapping[str, tuple[tuple[str, Estimate], ...]]
    answers: Mapping[str, Mapping[float, int]]
    compared: Compared | None
    changes: "Mapping[str, Change]"
    by: str | None
    groups: "tuple[GroupScore, ...]"
    promises: "Promises"
    promise_months: tuple[MonthOfPromises, ...]
    graph: "JourneyGraph"
    variants: "Variants"
    ideal_path: "IdealPath"
    problems: "tuple[Problem, ...]"
    voice: "Voice | None"
    summary: "Summary | None"
