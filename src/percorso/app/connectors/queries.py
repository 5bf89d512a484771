"""What there is to know of connectors."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from django.utils import timezone

from percorso.app.connectors import phrases
from percorso.app.connectors.models import ConnectorRun, ConnectorSetup
from percorso.app.intake import queries as intake
from percorso.app.intake.queries import Outcome
from percorso.vocabulary import Phrase

#: A connector that did not run for this many of its intervals is late.
_LATE: Final = 4
_LATE_LEAST: Final = timedelta(hours=1)


class Health(StrEnum):
    """How a connector is."""

    NEW = "new"  # has not run yet
    WELL = "well"
    TROUBLE = "trouble"  # the last run failed; it is tried again
    STOPPED = "stopped"  # failed, and is of no use to try again until something changes
    PAUSED = "paused"
    LATE = "late"  # should have run: the worker does not get to it


@dataclass(frozen=True, slots=True)
class Run:
    """One run, with what its imports added since. ``skipped`` by reason (``connectors.Skip``)."""

    at: datetime
    seconds: float
    good: bool
    read: int
    added: int
    duplicates: int
    quarantined: int
    skipped: Mapping[str, int]
    imports: tuple[str, ...]
    trouble: Phrase | None


@dataclass(frozen=True, slots=True)
class Connector:
    """A connector as it may be shown: without its secrets. ``added`` is of the last 30 days."""

    id: uuid.UUID
    name: str
    kind: str
    settings: Mapping[str, Any]
    every_minutes: int
    health: Health
    trouble: Phrase | None
    last_run_at: datetime | None
    last_good_at: datetime | None
    next_at: datetime | None
    added: int
    runs: tuple[Run, ...]


def connectors(runs: int = 1) -> tuple[Connector, ...]:
    """Return all connectors by name, each with its last ``runs``."""
    return tuple(_connector(each, runs) for each in ConnectorSetup.objects.all())


def connector(setup_id: uuid.UUID, runs: int = 50) -> Connector | None:
    """Return one connector with its last ``runs``."""
    found = ConnectorSetup.objects.filter(id=setup_id).first()
    return None if found is None else _connector(found, runs)


def _connector(setup: ConnectorSetup, runs: int) -> Connector:
    since = timezone.now() - timedelta(days=30)
    kept = list(setup.runs.all())
    outcomes = intake.outcomes(each for run in kept for each in run.imports)
    all_runs = [_run(each, outcomes) for each in kept]
    return Connector(
        id=setup.id,
        name=setup.name,
        kind=setup.kind,
        settings=setup.settings,
        every_minutes=setup.every_minutes,
        health=_health(setup),
        trouble=phrases.read(setup.trouble),
        last_run_at=setup.last_run_at,
        last_good_at=setup.last_good_at,
        next_at=None if setup.paused_at else setup.next_at,
        added=sum(each.added for each in all_runs if each.at >= since),
        runs=tuple(all_runs[:runs]),
    )


def _health(setup: ConnectorSetup) -> Health:
    if setup.paused_at is not None:
        return Health.PAUSED if setup.trouble is None else Health.STOPPED
    late = max(_LATE * timedelta(minutes=setup.every_minutes), _LATE_LEAST)
    if setup.next_at < timezone.now() - late:
        return Health.LATE
    if setup.last_run_at is None:
        return Health.NEW
    return Health.WELL if setup.trouble is None else Health.TROUBLE


def _run(run: ConnectorRun, outcomes: Mapping[str, Outcome]) -> Run:
    imported = [outcomes[each] for each in run.imports if each in outcomes]
    return Run(
        run.at,
        run.seconds,
        run.good,
        run.read,
        run.added + sum(each.added for each in imported),
        run.duplicates + sum(each.duplicates for each in imported),
        run.quarantined + sum(each.quarantined for each in imported),
        run.skipped,
        tuple(run.imports),
        phrases.read(run.trouble),
    )
