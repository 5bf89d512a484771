"""The answers customers give about a thing once the fate of a promise about it is known."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from percorso.estimation import MIN_SHOWN
from percorso.log.written import ask, write
from percorso.metrics.definitions import MEANS
from percorso.metrics.groups import against
from percorso.metrics.tally import Tally, tally
from percorso.vocabulary import Estimate, Fate

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

    from percorso.log import Log

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


def score_after(log: "Log", given: "ibis.Table", promises: "pa.Table") -> ScoreAfter:
    """Return the mean score after each fate, on the scale most answered.

    ``given`` holds the answers, ``promises`` the fates. An answer counts where it is about the
    same thing and was given when the fate was known, or later. Each answer counts once.
    """
    given = given.select("id", "customer", "about", "scale", "score", when="at")
    known = promises.select(["about", "known_at", "fate"])
    tallies = tally(log, ask(log, written(), given=given, known=known), MEANS.values())
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


@cache
def written() -> str:
    """Return the query for the answers after a known fate: group (it), customer, scale, score."""
    import ibis

    words = dict.fromkeys(("id", "customer", "about", "scale"), "string")
    moment = "timestamp('UTC', 6)"
    given = ibis.table({**words, "score": "float64", "when": moment}, name="given")
    known = ibis.table({"about": "string", "known_at": moment, "fate": "string"}, name="known")
    scales = sorted({scale for metric in MEANS.values() for scale in metric.scales})
    scored = given.filter(given.scale.isin(scales), given.about.notnull())
    known = known.filter(known.known_at.notnull())
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
    return write(once.select("customer", "scale", "score", group=fate))


def _together(main: Tally, groups: list[str]) -> Tally | None:
    places = [place for place, group in enumerate(main.groups) if group in groups]
    return main.take(places).together(BROKEN) if places else None


def _enough(tally: Tally) -> bool:
    return bool(tally.customers[0] >= MIN_SHOWN)
