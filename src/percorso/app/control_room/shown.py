"""The scores and the promises of the control room, in words and positions."""

from dataclasses import dataclass
from typing import Final

from percorso import labels
from percorso.app.control_room import definitions
from percorso.app.control_room.definitions import Definition
from percorso.app.control_room.queries import PromisesKept, Scores
from percorso.app.ui.components import Change, IntervalBar, few_or
from percorso.i18n import gettext as _
from percorso.metrics import METRICS
from percorso.vocabulary import Estimate, Fate

#: ``stars_top2`` says again what ``stars`` says; it stands in its details.
ORDER: Final = ("nps", "csat", "ces", "pmf", "stars")
CERTAIN: Final = 0.05


@dataclass(frozen=True, slots=True)
class ScoreShown:
    """A score with its interval, what changed, and where it comes from."""

    key: str
    name: str
    meaning: str
    value: str
    interval: str
    n: str
    bar: IntervalBar | None
    change: Change | None
    definition: Definition
    method: str
    also: str


@dataclass(frozen=True, slots=True)
class FatePart:
    """A part of the bar of all promises; positions are text such as ``38.2%``."""

    fate: str
    words: str
    count: str
    start: str
    width: str


@dataclass(frozen=True, slots=True)
class PromisesShown:
    made: str
    parts: tuple[FatePart, ...]
    effect: str
    effect_tone: str
    scale: str
    after: tuple[tuple[str, str, str], ...]


def scores(found: Scores, kept: PromisesKept) -> tuple[ScoreShown, ...]:
    """Return the scores that have answers, and the share of promises kept."""
    cards = [_score(name, found) for name in ORDER if name in found.metrics]
    if kept.now.kept + kept.now.broken:
        cards.append(
            _card("kept_share", kept.now.kept_share, 0, 100, _change_of_promises(kept), "")
        )
    return tuple(cards)


def _score(name: str, found: Scores) -> ScoreShown:
    metric = METRICS[name]
    also = ""
    if name == "stars" and "stars_top2" in found.metrics:
        top = found.metrics["stars_top2"]
        also = f"{labels.metric('stars_top2')}: {labels.estimate(top, 'percent')} "
        also += f"({labels.interval(top, 'percent')})"
    return _card(name, found.metrics[name], metric.low, metric.high, _change(name, found), also)


def _card(
    name: str, estimate: Estimate, low: float, high: float, change: Change | None, also: str
) -> ScoreShown:
    unit, digits = labels.unit_of(name), labels.digits_of(name)
    return ScoreShown(
        key=name,
        name=labels.metric(name),
        meaning=labels.meaning(name),
        value=labels.estimate(estimate, unit, digits),
        interval=labels.interval(estimate, unit, digits),
        n=labels.number(estimate.n) if estimate.shown else few_or(1),
        bar=IntervalBar.of(estimate, low, high),
        change=change,
        definition=definitions.of(name),
        method=estimate.method,
        also=also,
    )


def _change(name: str, found: Scores) -> Change | None:
    if found.days is None:
        return None
    given = found.changes.get(name)
    if given is None:
        return Change(_("too few answers to compare"))
    return _worded(
        given.difference, name, certain=given.p_adjusted is not None and given.p_adjusted < CERTAIN
    )


def _change_of_promises(kept: PromisesKept) -> Change | None:
    if kept.difference is None or kept.p_value is None:
        return None
    return _worded(kept.difference, "kept_share", certain=kept.p_value < CERTAIN)


def _worded(difference: Estimate, name: str, *, certain: bool) -> Change:
    words = labels.change(difference, labels.unit_of(name), labels.digits_of(name), certain=certain)
    if not certain or not difference.value:
        return Change(words)
    return Change(words, "up" if difference.value > 0 else "down")


def promises(kept: PromisesKept) -> PromisesShown | None:
    """Return the fates of the promises, and what a broken one does; None where none was made."""
    now = kept.now
    if not now.made or kept.few:
        return None
    counts = {
        Fate.KEPT: now.kept,
        Fate.LATE: now.late,
        Fate.UNMET: now.unmet,
        Fate.OPEN: now.open,
        Fate.WITHDRAWN: now.withdrawn,
    }
    parts, start = [], 0.0
    for fate, count in counts.items():
        if fate in kept.hidden:
            parts.append(FatePart(str(fate), labels.fate(fate), _("too few to show"), "0%", "0%"))
            continue
        width = 100 * count / now.made
        parts.append(
            FatePart(
                fate=str(fate),
                words=labels.fate(fate),
                count=labels.number(count),
                start=f"{start:.2f}%",
                width=f"{width:.2f}%",
            )
        )
        start += width
    effect = now.effect_on_score
    known = effect is not None and effect.shown
    return PromisesShown(
        made=labels.number(now.made),
        parts=tuple(parts),
        effect=labels.difference(effect) if effect and known else "",
        effect_tone=_effect_tone(effect),
        scale=labels.scale(now.scale) if now.scale else "",
        after=tuple(
            (labels.fate(fate), labels.estimate(score), labels.interval(score))
            for fate, score in now.score_after.items()
            if score.shown and fate in ("kept", "late", "unmet")
        ),
    )


def _effect_tone(effect: Estimate | None) -> str:
    if effect is None or not effect.certain or effect.value is None:
        return "still"
    return "bad" if effect.value < 0 else "good"
