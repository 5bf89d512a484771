"""The answers customers give about a thing once the fate of a promise about it is known."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from percorso.estimation import MIN_SHOWN
from percorso.metrics.definitions import MEANS
from percorso.metrics.groups import against
from percorso.metrics.tally import Tally, tally
from percorso.vocabulary import Estimate, Fate

if TYPE_CHECKING:
    import ibis

BROKEN: Final = "broken"

#: Where several promises about one thing have ended, an answer counts under the worst fate.
_WORST_FIRST: Final = (Fate.UNMET, Fate.LATE, Fate.KEPT, Fate.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class ScoreAfter:
    """Mean scores after each fate.

    ``scale`` is the metric whose answers are counted (nps 0-10, csat 1-5, ces 1-7 with high easy,
    stars 1-5); ``effect`` is the mean after broken minus the mean after kept.
    """

    scale: str | None
    by_fate: dict[str, Estimate]
    effect: Estimate | None


def score_after(table: "ibis.Table", promises: "ibis.Table") -> ScoreAfter:
    """Return the mean score after each fate, on the scale most answered.

    ``table`` holds the interactions, ``promises`` the fates. An answer counts where it is about
    the same thing and was given when the fate was known, or later. Each answer counts once.
    """
    tallies = tally(_answers(table, promises), MEANS.values())
    if not tallies:
        return ScoreAfter(None, {}, None)
    main = max(tallies.values(), key=lambda each: float(each.n.sum()))
    parts = {fate: main.take([place]) for place, fate in enumerate(main.groups)}
    broken = _together(main, [str(fate) for fate in Fate if fate.broken])
    if broken is not None:
        parts[BROKEN] = broken
    kept = parts.get(str(Fate.KEPT))
    effect = None
    if broken is not None and kept is not None and _enough(broken) and _enough(kept):
        effect = against(broken, kept)[0].estimate
    shown = {fate: each.estimates()[0] for fate, each in parts.items()}
    return ScoreAfter(main.metric.name, shown, effect)


def _answers(table: "ibis.Table", promises: "ibis.Table") -> "ibis.Table":
    """Return the answers that follow a known fate: group (the fate), customer, scale, score."""
    scales = sorted({scale for metric in MEANS.values() for scale in metric.scales})
    scored = table.filter(table.scale.isin(scales), table.score.notnull(), table.about.notnull())
    scored = scored.select("id", "customer", "about", "scale", "score", when="at")
    known = promises.filter(promises.known_at.notnull())
    rank = known.fate.cases(*((str(fate), place) for place, fate in enumerate(_WORST_FIRST)))
    known = known.select("about", "known_at", rank=rank)
    pairs = scored.inner_join(known, "about").filter(lambda t: t.when >= t.known_at)
    once = pairs.group_by("id").aggregate(
        customer=pairs.customer.first(),
        scale=pairs.scale.first(),
        score=pairs.score.first(),
        rank=pairs["rank"].min(),
    )
    fate = once["rank"].cases(*((place, str(fate)) for place, fate in enumerate(_WORST_FIRST)))
    return once.select("customer", "scale", "score", group=fate)


def _together(main: Tally, groups: list[str]) -> Tally | None:
    places = [place for place, group in enumerate(main.groups) if group in groups]
    return main.take(places).together(BROKEN) if places else None


def _enough(tally: Tally) -> bool:
    return bool(tally.customers[0] >= MIN_SHOWN)
