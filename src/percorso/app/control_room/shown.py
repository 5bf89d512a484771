"""The scores and the promises of the control room, in words and positions."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from percorso import labels
from percorso.app.control_room import definitions
from percorso.app.control_room.definitions import Definition
from percorso.app.control_room.queries import PromisesKept, Scores
from percorso.app.ui.components import Change, IntervalBar, few_or
from percorso.i18n import gettext as _
from percorso.metrics import METRICS
from percorso.metrics.promises import Promises
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
    """A part of the bar of the promises shown; positions are text such as ``38.2%``.

    ``few`` says that its count is not shown.
    """

    fate: str
    words: str
    count: str
    start: str
    width: str
    few: bool = False


@dataclass(frozen=True, slots=True)
class PromisesShown:
    """The fates of the promises; ``made`` is empty where it would tell of a few customers."""

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
        share = kept.now.kept_share_shown
        card = _card("kept_share", share, 0, 100, _change_of_promises(kept), "")
        if kept.now.kept_share.shown and not share.shown:
            # It is not of few: how many were kept, less those shown, would tell the few hidden.
            card = replace(card, n=labels.NOTHING)
        cards.append(card)
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
    effect = now.effect_on_score
    known = effect is not None and effect.shown
    return PromisesShown(
        made="" if now.hidden else labels.number(now.made),
        parts=tuple(_parts(now)),
        effect=labels.difference(effect) if effect and known else "",
        effect_tone=_effect_tone(effect),
        scale=labels.scale(now.scale) if now.scale else "",
        after=tuple(
            (labels.fate(fate), labels.estimate(score), labels.interval(score))
            for fate, score in now.score_after.items()
            if score.shown and fate in ("kept", "late", "unmet")
        ),
    )


def _parts(now: Promises) -> Iterator[FatePart]:
    """Give the parts of the bar; its whole is what is shown, which tells nothing of the rest."""
    counts = now.shown_counts
    whole, start = sum(filter(None, counts.values())) or 1, 0.0
    for fate, count in counts.items():
        width = 100 * (count or 0) / whole
        words = _("too few to show") if count is None else labels.number(count)
        # Late and never kept are told together where one of the two may not be told alone.
        colour = str(Fate.LATE) if fate == "broken" else fate
        yield FatePart(
            colour, labels.fate(fate), words, f"{start:.2f}%", f"{width:.2f}%", count is None
        )
        start += width


def _effect_tone(effect: Estimate | None) -> str:
    if effect is None or not effect.certain or effect.value is None:
        return "still"
    return "bad" if effect.value < 0 else "good"
