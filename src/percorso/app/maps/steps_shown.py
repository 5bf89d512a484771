"""Next steps as their page shows them."""

from collections.abc import Sequence
from dataclasses import dataclass

from percorso import labels
from percorso.app.ui.components import IntervalBar
from percorso.journey_map import NextStep, PhaseSteps


@dataclass(frozen=True, slots=True)
class StepShown:
    """A next step; ``real`` says that it goes with going on beyond chance."""

    touchpoint: str
    customers: str
    went_on: str
    others: str
    effect: str
    interval: str
    bar: IntervalBar | None
    tone: str
    real: bool


@dataclass(frozen=True, slots=True)
class PhaseShown:
    """A phase; ``entered`` is empty where too few came in early enough to be followed."""

    key: str
    name: str
    entered: str
    went_on: str
    interval: str
    straight: str
    silent: str
    steps: tuple[StepShown, ...]


def phases(found: Sequence[PhaseSteps]) -> tuple[PhaseShown, ...]:
    return tuple(
        PhaseShown(
            each.phase,
            labels.phase(each.phase),
            labels.number(each.entered) if each.entered else "",
            labels.percent(each.went_on.value) if each.went_on.shown else "",
            labels.interval(each.went_on, "percent", 0),
            labels.number(each.straight) if each.straight else "",
            labels.number(each.silent) if each.silent else "",
            tuple(_step(one) for one in sorted(each.steps, key=_order)),
        )
        for each in found
    )


def _order(step: NextStep) -> tuple[bool, float]:
    return (not step.real, -(step.effect.difference.value or 0.0))


def _step(step: NextStep) -> StepShown:
    difference = step.effect.difference
    value = difference.value or 0.0
    tone = ("good" if value > 0 else "bad") if step.real else ""
    return StepShown(
        step.touchpoint,
        labels.number(step.customers),
        labels.percent(step.went_on.value) if step.went_on.shown else labels.NOTHING,
        labels.percent(step.others.value) if step.others.shown else labels.NOTHING,
        labels.signed(difference.value, "points", 0),
        labels.interval(difference, "points", 0),
        IntervalBar.of(difference, -60, 60, tone),
        tone,
        step.real,
    )
