"""What data say of what people believe.

A claim says that a measure is higher, or lower, where something holds than in the rest of the log.
It is confirmed where the difference goes that way beyond chance, and denied where data are sure
that it does not by as much as would matter: from a fifth of the standard deviation of single
answers on (what Cohen 1988 calls small), or 5 points of a share. What is neither stays open. Both
questions of all claims are corrected together by Holm's method: so likely as 95% none of them is
answered wrongly.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from percorso.estimation import MIN_SHOWN, adjust
from percorso.explain.comparing import Comparison, compare
from percorso.explain.promised import worths
from percorso.journey_map.laid import said
from percorso.journey_map.laid import texts as laid_texts
from percorso.journey_map.material import Material
from percorso.journey_map.model import PHASES, Item, Judged, Lane, Standing
from percorso.log.errors import LogError
from percorso.log.fates import fates
from percorso.log.moments import moments
from percorso.log.selection import Selection
from percorso.metrics.definitions import MEANS, SIGNIFICANT, Metric
from percorso.touchpoints import Belief, Touchpoint
from percorso.vocabulary import ABOUT_CUSTOMERS, EMOTIONS, FACTORS, SCALES, Fate

if TYPE_CHECKING:
    import ibis

    from percorso.log import Log

#: What would matter: so many standard deviations of single answers, so many points of a share.
LEAST_SPREAD: Final = 0.2
LEAST_SHARE: Final = 5.0
_SHARE: Final = Metric("share", "share", (), 0, 100)
_SENTIMENT: Final = Metric("sentiment", "mean", (), -1, 1)
_Z95: Final = 1.959963984540054

_LANES: Final[dict[str, Lane]] = {
    "need": "needs",
    "expectation": "needs",
    "preference": "needs",
    "pain": "pains",
    "emotion": "emotions",
    "opportunity": "opportunities",
}

Floats = NDArray[np.floating[Any]]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Rows:
    """What a claim is measured by: of whom each row is, what it is worth, whether it is there."""

    metric: Metric
    customer: NDArray[Any]
    worth: Floats
    there: Flags


def judge(
    log: "Log | Material", beliefs: Iterable[Belief], period: Selection | None = None
) -> tuple[Judged, ...]:
    """Return what data of a period say of beliefs, all corrected together.

    Of ``period`` only ``since`` and ``until`` count. Instead of the log its ``Material`` may be
    given, where texts were loaded for others already.
    """
    judge = _Judge(log if isinstance(log, Material) else Material(log), period)
    found = [judge.of(each) for each in beliefs]
    asked = [place for place, each in enumerate(found) if not each.reason]
    p_values = [p for place in asked for p in (found[place].p_confirmed, found[place].p_denied)]
    adjusted = adjust(p_values, "holm").tolist() if p_values else []
    for number, place in enumerate(asked):
        confirmed, denied = adjusted[2 * number : 2 * number + 2]
        standing = Standing.OPEN
        if confirmed <= SIGNIFICANT:
            standing = Standing.CONFIRMED
        elif denied <= SIGNIFICANT:
            standing = Standing.DENIED
        found[place] = replace(
            found[place], standing=standing, p_confirmed=confirmed, p_denied=denied
        )
    return tuple(found)


class _Judge:
    def __init__(self, material: Material, period: Selection | None) -> None:
        self._log = material.log
        self._material = material
        self._period = period

    def of(self, belief: Belief) -> Judged:
        """Return the comparison of a belief, its p-values not corrected yet."""
        if belief.claim is None:
            return Judged(belief, Standing.OPEN, reason="no_claim")
        try:
            where = Selection.from_query(belief.claim.query())
            rows = self._rows(belief.claim.measure, where)
        except LogError:
            # A segment that is there no more, a word that nobody knows.
            return Judged(belief, Standing.OPEN, reason="unknown")
        compared = _compare(rows)
        if compared is None:
            return Judged(belief, Standing.OPEN, reason="few")
        higher = belief.claim.direction == "higher"
        value = compared.difference.value or 0.0
        least = LEAST_SHARE if rows.metric.form == "share" else LEAST_SPREAD * compared.spread
        right_way = value > 0 if higher else value < 0
        return Judged(
            belief,
            Standing.OPEN,
            compared.here,
            compared.there,
            compared.difference,
            p_confirmed=compared.p_value if right_way else 1.0,
            p_denied=_p_less(compared, least, higher=higher),
            least=least,
        )

    def _rows(self, measure: str, where: Selection) -> _Rows:
        prefix, colon, name = measure.partition(":")
        if measure == "kept_share":
            return self._promises(where)
        if measure == "sentiment" or prefix in ("factor", "emotion"):
            return self._words(prefix, name, where)
        if colon:
            return self._kinds(name, where)
        return self._scores(measure, where)

    def _scores(self, measure: str, where: Selection) -> _Rows:
        scales = [each.name for each in SCALES.values() if each.metric == measure]
        ends = SCALES[scales[0]]
        metric = MEANS.get(measure) or Metric(measure, "mean", tuple(scales), ends.low, ends.high)
        table = self._in_period(said(self._log))
        table = table.filter(table.scale.isin(scales), table.score.notnull())
        marked = table.select("customer", "scale", "score", there=where.fits(self._log, table))
        found = marked.to_pyarrow()
        scale = np.array(found["scale"].to_pylist(), dtype=object)
        score = found["score"].to_numpy().astype(np.float64)
        worth = worths(measure, scale, score) if measure in MEANS else score
        there = found["there"].to_numpy()
        return _Rows(metric, _codes(found["customer"]), np.asarray(worth, np.float64), there)

    def _words(self, prefix: str, name: str, where: Selection) -> _Rows:
        texts = self._material.heard(self._period)
        ids = set(laid_texts(self._log, where).select("id").to_pyarrow()["id"].to_pylist())
        there = np.array([each in ids for each in texts.ids], bool)
        if prefix == "factor":
            worth: Floats = np.zeros(len(texts))
            worth[texts.factors.row[texts.factors.what == list(FACTORS).index(name)]] = 100.0
        elif prefix == "emotion":
            worth = 100.0 * texts.showing(name) if name in EMOTIONS else np.zeros(len(texts))
        else:
            worth = texts.sentiment.astype(np.float64)
        metric = _SENTIMENT if prefix == "sentiment" else _SHARE
        return _Rows(metric, texts.customer.codes, np.asarray(worth, np.float64), there)

    def _promises(self, where: Selection) -> _Rows:
        ended = (str(Fate.KEPT), str(Fate.LATE), str(Fate.UNMET))
        made = fates(self._log, selection=self._period, also=("properties",))
        made = made.filter(made.fate.isin(ended)).select("id", "customer", "fate")
        found = made.to_pyarrow()
        chosen = fates(self._log, selection=where, also=("properties",)).select("id").to_pyarrow()
        there = _is_in(found["id"], chosen["id"])
        kept = _is_in(found["fate"], [str(Fate.KEPT)])
        return _Rows(_SHARE, _codes(found["customer"]), 100.0 * kept, there)

    def _kinds(self, kind: str, where: Selection) -> _Rows:
        rows = self._in_period(moments(self._log))
        rows = rows.filter(*(rows.kind != each for each in ABOUT_CUSTOMERS))
        marked = rows.select("number", did=rows.kind == kind, there=where.fits(self._log, rows))
        found = (
            marked.group_by("number")
            .aggregate(did=marked.did.any(), there=marked.there.any())
            .to_pyarrow()
        )
        numbers = found["number"].to_numpy().astype(np.int64)
        return _Rows(_SHARE, numbers, 100.0 * found["did"].to_numpy(), found["there"].to_numpy())

    def _in_period(self, table: "ibis.Table") -> "ibis.Table":
        return table if self._period is None else self._period.apply(self._log, table)


def only_period(selection: Selection | None) -> Selection | None:
    """Return the period of a selection, everything else left in."""
    if selection is None:
        return None
    return Selection(since=selection.since, until=selection.until)


def items(
    judged: Sequence[Judged],
    touchpoints: Sequence[Touchpoint],
    places: dict[str, str],
    segments: Sequence[str] = (),
) -> list[Item]:
    """Return the beliefs where they stand on the map; of a persona, those about it or anybody."""
    found = []
    for each in judged:
        belief = each.belief
        if belief.segment and belief.segment not in segments:
            continue
        found.append(
            Item(
                phase=_phase(belief, touchpoints, places),
                lane=_LANES[belief.about],
                what="belief",
                key=belief.id,
                basis="belief",
                figure=each.difference,
                n=each.difference.n if each.difference else 0,
                measure=belief.claim.measure if belief.claim else "",
                text=belief.text,
                touchpoint=belief.touchpoint,
                standing=each.standing,
            )
        )
    return found


def _phase(belief: Belief, touchpoints: Sequence[Touchpoint], places: dict[str, str]) -> str:
    """Return the phase a belief stands in; empty where it is about the whole journey."""
    if belief.phase is not None:
        return str(belief.phase)
    claimed = dict(belief.claim.where) if belief.claim else {}
    if claimed.get("phase") in PHASES:
        return claimed["phase"]
    if claimed.get("touchpoint") in places:
        return places[claimed["touchpoint"]]
    own = next((each for each in touchpoints if each.id == belief.touchpoint), None)
    if own is None:
        return ""
    seen = [phase for name, phase in places.items() if own.is_called(name)]
    return next(iter(seen), str(own.phases[0]) if own.phases else "")


def _compare(rows: _Rows) -> Comparison | None:
    if not rows.there.any() or rows.there.all():
        return None
    found = compare(
        rows.metric,
        rows.there.astype(np.int64),
        np.unique(rows.customer, return_inverse=True)[1].astype(np.int64),
        rows.worth,
        least=MIN_SHOWN,
    )
    return next((each for each in found if each.group == 1), None)


def _p_less(compared: Comparison, least: float, *, higher: bool) -> float:
    """Return how easily chance brings so little, were the difference as large as would matter."""
    from scipy.special import ndtr

    difference = compared.difference
    if difference.value is None or difference.low is None or difference.high is None:
        return 1.0
    # The half of the interval on the side that a larger difference would lie.
    side = difference.high - difference.value if higher else difference.value - difference.low
    error = side / _Z95
    gap = least - difference.value if higher else least + difference.value
    if error <= 0 or gap <= 0:
        return 1.0
    return float(ndtr(-gap / error))


def _is_in(values: Any, among: Any) -> Flags:
    import pyarrow as pa
    import pyarrow.compute as pc

    known = pa.array(among) if isinstance(among, list) else among.combine_chunks()
    if values.type != known.type:
        known = known.cast(values.type)
    found: Any = pc.is_in(values, value_set=known)
    return np.asarray(found.to_numpy(), bool)


def _codes(column: Any) -> NDArray[np.int64]:
    encoded: Any = column.combine_chunks().dictionary_encode()
    return np.asarray(encoded.indices.to_numpy(), np.int64)
