"""Which factors are tied to broken promises, as the page shows it."""

from dataclasses import dataclass

from percorso import labels
from percorso.app.voice import shown
from percorso.app.voice.asked import Asked
from percorso.explain.blamed import Tied, TiedToPromises
from percorso.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class TiedRow:
    """A factor: how many texts blame it on either side; ``real`` marks what is beyond chance."""

    name: str
    broken: str
    broken_interval: str
    kept: str
    kept_interval: str
    difference: str
    difference_interval: str
    real: str
    address: str


@dataclass(frozen=True, slots=True)
class TiedShown:
    """``sentence`` says which factor is tied most, or that none is."""

    sentence: str
    broken: str
    kept: str
    rows: tuple[TiedRow, ...]


def tied(given: TiedToPromises, asked: Asked) -> TiedShown | None:
    """Return the comparison; None where too few customers wrote about promised things."""
    if not given.factors:
        return None
    return TiedShown(
        _sentence(given.factors[0]),
        shown.texts(given.broken),
        shown.texts(given.kept),
        tuple(_row(each, asked) for each in given.factors),
    )


def _sentence(most: Tied) -> str:
    if not most.more:
        return _("No factor is blamed more often after broken promises, beyond chance.")
    return _(
        "Most tied to broken promises: {factor}. {broken} of the texts after a broken promise "
        "blame it, {kept} of those after a kept one."
    ).format(
        factor=labels.factor(most.factor).lower(),
        broken=labels.estimate(most.broken, "percent"),
        kept=labels.estimate(most.kept, "percent"),
    )


def _row(given: Tied, asked: Asked) -> TiedRow:
    gap = given.difference
    mark = "▲" if (gap.estimate.value or 0.0) > 0 else "▼"
    return TiedRow(
        name=labels.factor(given.factor),
        broken=labels.estimate(given.broken, "percent", shown.digits(given.broken)),
        broken_interval=labels.interval(given.broken, "percent", shown.digits(given.broken)),
        kept=labels.estimate(given.kept, "percent", shown.digits(given.kept)),
        kept_interval=labels.interval(given.kept, "percent", shown.digits(given.kept)),
        difference=labels.signed(gap.estimate.value, digits=0),
        difference_interval=labels.interval(gap.estimate, digits=0),
        real=mark if gap.real else "",
        address=asked.texts(factor=given.factor, polarity="negative"),
    )
