"""Is the experience the same on every channel? Touchpoints compared, one by one.

Within each phase, a touchpoint is compared with all the others that serve the phase; and a
touchpoint that customers meet on several channels, channel by channel with the others. Compared
are the scores, how customers speak, the promises kept, how long what is promised takes, and how
often customers complain of inconsistency and of unclear information. What customers write when
they are asked is never set against what they write by themselves: who writes to a help desk has a
problem, whichever way the help comes. Where only listening happens
(a general survey, a review site) nothing is compared: it tells of all the others.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from percorso.estimation import adjust
from percorso.journey_map.touchpoints import Traffic, found, keys_of, phases_served
from percorso.log.fates import fates
from percorso.log.written import ask, write
from percorso.metrics.answers import answers
from percorso.metrics.definitions import METRICS, SIGNIFICANT, Metric
from percorso.metrics.groups import against_rest, shown_groups
from percorso.metrics.tally import Tally, sums_over_customers, tally_of, worth_of
from percorso.touchpoints import Touchpoint
from percorso.vocabulary import Estimate, Fate, Phase

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

    from percorso.log import Log
    from percorso.log.selection import Selection

#: The two best of five stars say what the stars say.
_SCORES: Final = tuple(each for name, each in METRICS.items() if name != "stars_top2")
#: Customers were asked for what they wrote, or wrote it for other customers to read.
_ASKED: Final = ("answer", "review")
#: Positive less negative: of what customers were asked for, and of what they wrote by themselves.
_SENTIMENTS: Final = (
    Metric("sentiment", "net", (), -100, 100),
    Metric("sentiment:unasked", "net", (), -100, 100),
)
#: Of a hundred texts that customers were asked for, those that blame it.
_FACTORS: Final = (
    Metric("factor:consistency", "share", (), 0, 100),
    Metric("factor:transparency", "share", (), 0, 100),
)
_OF_TEXTS: Final = (*_SENTIMENTS, *_FACTORS)
_KEPT: Final = Metric("kept_share", "share", (), 0, 100)
#: ``promised_days:NAME``: days from a promise of this name to when it is due.
PROMISED: Final = "promised_days:"
#: Where more is worse.
_MORE_IS_WORSE: Final = ("factor:", PROMISED)

#: A share differs enough to matter from so many percent points on; another figure from so many
#: standard deviations of single answers (Cohen 1988 calls a fifth small).
LEAST_SHARE: Final = 5.0
LEAST_SPREAD: Final = 0.2
#: The size of a difference between figures that never vary.
_NO_SPREAD: Final = 10.0
_EVERYWHERE: Final = ""
_PHASES: Final = tuple(map(str, Phase))


@dataclass(frozen=True, slots=True)
class Gap:
    """A touchpoint, or one channel of it, that is unlike the others beyond chance.

    ``phases`` are those whose touchpoints are compared; empty where it is the channels of one
    touchpoint, and ``channel`` that of this one. ``others`` are the names it is compared with,
    together. Of two that are compared with each other the worse is told. ``measure`` is a metric,
    ``sentiment``, ``sentiment:unasked``, ``kept_share``, ``factor:NAME`` or
    ``promised_days:NAME``. ``difference`` is ``value`` less ``rest``, in their unit; ``p_adjusted``
    is corrected for every test made (Holm). ``size`` is the difference in standard deviations of
    single answers. ``worse`` says whether it is to the bad.
    """

    id: str
    name: str
    phases: tuple[str, ...]
    channel: str
    others: tuple[str, ...]
    measure: str
    value: Estimate
    rest: Estimate
    difference: Estimate
    p_adjusted: float
    size: float
    worse: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A touchpoint with its figures by measure; hidden ones of fewer than 5 customers too."""

    id: str
    name: str
    channel: str
    phases: tuple[str, ...]
    figures: dict[str, Estimate]


@dataclass(frozen=True, slots=True)
class Consistency:
    """How alike touchpoints are: the ``gaps`` (the largest first) of ``tests`` comparisons."""

    places: tuple[Place, ...]
    gaps: tuple[Gap, ...]
    tests: int

    @property
    def measures(self) -> tuple[str, ...]:
        """What was measured anywhere, in the order of the definitions."""
        there = {name for each in self.places for name in each.figures}
        known = [each.name for each in (*_SCORES, *_OF_TEXTS, _KEPT)]
        return (
            *(name for name in known if name in there),
            *sorted(name for name in there if name.startswith(PROMISED)),
        )


def consistency(
    log: "Log", touchpoints: Sequence[Touchpoint] = (), selection: "Selection | None" = None
) -> Consistency:
    """Compare the touchpoints of a selection; those described are counted as the registry says.

    Tests of means and shares with customers drawn, not answers, corrected by Holm 1979. A gap is
    a difference that is beyond chance and large enough to matter (``LEAST_SHARE``,
    ``LEAST_SPREAD``).
    """
    traffic = [each for each in found(log, touchpoints, selection) if each.happened]
    described = {each.id: each for each in touchpoints}
    keys = {each.key: each for each in traffic}
    phases = {
        key: tuple(map(str, phases_served(each, described.get(each.id))))
        for key, each in keys.items()
    }
    groups = _groups(
        {name: key for name, key in keys_of(log, touchpoints).items() if key in keys},
        phases,
        {key: tuple(each.channels) for key, each in keys.items()},
    )
    tallies = _tallies(log, groups, selection)
    whole = tallies.pop(_EVERYWHERE, {})
    gaps, tests = _gaps(tallies, keys)
    places = tuple(
        Place(each.id, each.name, each.channel, phases[key], _figures(key, whole))
        for key, each in keys.items()
    )
    return Consistency(tuple(each for each in places if each.figures), gaps, tests)


def _groups(
    names: Mapping[str, str],
    phases: Mapping[str, tuple[str, ...]],
    channels: Mapping[str, tuple[str, ...]],
) -> "pa.Table":
    """Return for each name of the log the tests it is in, and its group there.

    A test is a phase, or ``=`` and a touchpoint, whose groups are the channels that things happen
    on there (where a question about it is answered, such as by e-mail, is none of them); and one of
    all, in which nothing is compared. Columns name, test, group, channel (none: rows of any).
    """
    import pyarrow as pa

    rows = [
        (name, test, group, channel)
        for name, key in names.items()
        for test, group, channel in (
            (_EVERYWHERE, key, None),
            *((phase, key, None) for phase in phases[key]),
            *((f"={key}", each, each) for each in channels[key]),
        )
    ]
    columns = zip(*rows, strict=True) if rows else ((), (), (), ())
    names_ = ("name", "test", "group", "channel")
    return pa.table(
        {name: pa.array(column, pa.string()) for name, column in zip(names_, columns, strict=True)}
    )


def _tallies(
    log: "Log", groups: "pa.Table", selection: "Selection | None"
) -> dict[str, dict[str, Tally]]:
    """Return for each test and measure the groups, each with all the others of the test."""
    if not groups.num_rows:
        return {}
    promised = _promised(log, selection)
    rows: list[dict[str, Any]] = [
        *ask(log, _sums_of_answers(), given=answers(log, selection), groups=groups).to_pylist(),
        *ask(log, _sums_of_texts(), given=_worths_of_texts(log, selection), groups=groups)
        .to_pylist(),
        *ask(log, _sums_of_promises(), given=promised, groups=groups).to_pylist(),
    ]  # fmt: skip
    metrics = {each.name: each for each in (*_SCORES, *_OF_TEXTS, _KEPT)}
    metrics |= _metrics_of_days(promised)
    by_test: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        if row["n"]:
            by_test.setdefault((row["test"], row["measure"]), []).append(row)
    tallies: dict[str, dict[str, Tally]] = {}
    for (test, measure), own in sorted(by_test.items()):
        own.sort(key=lambda row: str(row["group"]))
        tallies.setdefault(test, {})[measure] = tally_of(metrics[measure], own, rest=True)
    return tallies


@cache
def _sums_of_answers() -> str:
    import ibis

    columns = dict.fromkeys(("touchpoint", "channel", "customer", "scale"), "string")
    given = ibis.table({**columns, "score": "float64"}, name="given")
    worths = [
        given.filter(given.scale == scale).select(
            "touchpoint",
            "channel",
            "customer",
            measure=ibis.literal(metric.name),
            worth=worth_of(metric, scale, given.score).cast("float64"),
        )
        for metric in _SCORES
        for scale in metric.scales
    ]
    return _sums(ibis.union(*worths))


@cache
def _sums_of_texts() -> str:
    import ibis

    columns = dict.fromkeys(("touchpoint", "channel", "customer"), "string")
    measures = {f"m{n}": "float64" for n, _ in enumerate(_OF_TEXTS)}
    given = ibis.table({**columns, **measures}, name="given")
    worths = [
        given.select(*columns, measure=ibis.literal(metric.name), worth=given[f"m{n}"])
        for n, metric in enumerate(_OF_TEXTS)
    ]
    return _sums(ibis.union(*worths))


def _worths_of_texts(log: "Log", selection: "Selection | None") -> "ibis.Table":
    """Return what each text that was read is worth to each measure."""
    import ibis

    from percorso.text.voice import texts

    table = texts(log, selection)
    table = table.filter(table.sentiment.notnull())
    asked = table.kind.isin(_ASKED)
    sentiment = table.sentiment.cases(("positive", 100.0), ("negative", -100.0), else_=0.0)
    nothing = ibis.null("float64")
    worth = {"m0": asked.ifelse(sentiment, nothing), "m1": asked.ifelse(nothing, sentiment)}
    for n, metric in enumerate(_FACTORS, len(_SENTIMENTS)):
        name = metric.name.partition(":")[2]
        blamed = table.factors.filter(
            lambda each, name=name: (each.factor == name) & (each.polarity == "negative")
        )
        worth[f"m{n}"] = asked.ifelse(ibis.ifelse(blamed.length() > 0, 100.0, 0.0), nothing)
    return table.select("touchpoint", "channel", "customer", **worth)


def _promised(log: "Log", selection: "Selection | None") -> "ibis.Table":
    table = fates(log, selection=selection, also=())
    return table.select(
        "touchpoint",
        "channel",
        "customer",
        "fate",
        name=table.name.coalesce(""),
        days=(table.due_at.epoch_seconds() - table.made_at.epoch_seconds()).cast("float64")
        / 86_400.0,
    )


@cache
def _sums_of_promises() -> str:
    import ibis

    columns = dict.fromkeys(("touchpoint", "channel", "customer", "fate", "name"), "string")
    given = ibis.table({**columns, "days": "float64"}, name="given")
    kept, late, unmet = (given.fate == str(each) for each in (Fate.KEPT, Fate.LATE, Fate.UNMET))
    named = given.filter(given.name != "", given.days >= 0)
    ended = given.filter(kept | late | unmet)
    return _sums(
        ended.select(
            "touchpoint",
            "channel",
            "customer",
            measure=ibis.literal(_KEPT.name),
            worth=ibis.ifelse(ended.fate == str(Fate.KEPT), 100.0, 0.0),
        ).union(
            named.select(
                "touchpoint",
                "channel",
                "customer",
                measure=ibis.literal(PROMISED) + named.name,
                worth=named.days,
            )
        )
    )


def _metrics_of_days(promised: "ibis.Table") -> dict[str, Metric]:
    """Return a metric for each name of a promise: days, up to the longest that was promised."""
    longest = promised.group_by("name").agg(days=promised.days.max()).to_pyarrow().to_pylist()
    return {
        f"{PROMISED}{row['name']}": Metric(
            f"{PROMISED}{row['name']}", "mean", (), 0, max(1.0, row["days"] or 0.0)
        )
        for row in longest
    }


def _sums(worths: "ibis.Table") -> str:
    """Return the query of the sums that Tallies need, by test, measure and group."""
    import ibis

    names = dict.fromkeys(("name", "test", "group", "channel"), "string")
    groups = ibis.table(names, name="groups")
    worths = worths.filter(worths.worth.notnull())
    fits = groups.channel.isnull() | (groups.channel == worths.channel)
    rows = worths.inner_join(groups, [worths.touchpoint == groups.name, fits])
    customers = rows.group_by(["group", "test", "measure", "customer"]).aggregate(
        m=rows.worth.count().cast("float64"),
        y=rows.worth.sum(),
        s=(rows.worth * rows.worth).sum(),
    )
    return write(sums_over_customers(customers, ["group", "test", "measure"], rest=True))


def _gaps(
    tallies: Mapping[str, Mapping[str, Tally]], keys: Mapping[str, Traffic]
) -> tuple[tuple[Gap, ...], int]:
    """Return the gaps, and how many comparisons were made."""
    tried: dict[tuple[str, ...], tuple[Gap, float]] = {}
    for test, measured in tallies.items():
        for tally in measured.values():
            for gap, p_value in _compared(test, tally, keys):
                # Phases with the same touchpoints ask the same: it is one comparison.
                name = (
                    test if test not in _PHASES else "",
                    gap.name,
                    gap.channel,
                    gap.measure,
                    *tally.groups,
                )
                before = tried[name][0].phases if name in tried else ()
                tried[name] = (replace(gap, phases=(*before, *gap.phases)), p_value)
    p_adjusted = adjust([p for _, p in tried.values()], "holm")
    gaps = [
        replace(gap, p_adjusted=float(p), phases=tuple(e for e in _PHASES if e in gap.phases))
        for (gap, _), p in zip(tried.values(), p_adjusted, strict=True)
        if p <= SIGNIFICANT and _matters(gap)
    ]
    return tuple(sorted(gaps, key=lambda each: (not each.worse, -each.size, each.name))), len(tried)


def _compared(test: str, tally: Tally, keys: Mapping[str, Traffic]) -> Iterator[tuple[Gap, float]]:
    """Yield each group of a test less the others, with its p-value; of two groups the worse."""
    rest = tally.rest
    if rest is None or len(tally.groups) < 2:
        return
    of_channels = test not in _PHASES
    names = tally.groups if of_channels else tuple(keys[each].name for each in tally.groups)
    own, others = tally.estimates(), rest.estimates()
    spread = np.sqrt((tally.variance + rest.variance) / 2)
    measure = tally.metric.name
    for n, difference in enumerate(against_rest(tally, shown_groups(tally))):
        if difference is None:
            continue
        traffic = keys[test[1:] if of_channels else tally.groups[n]]
        value = difference.estimate.value or 0.0
        worse = (value > 0) == measure.startswith(_MORE_IS_WORSE)
        if len(names) == 2 and not worse:
            continue
        gap = Gap(
            id=traffic.id,
            name=traffic.name,
            phases=() if of_channels else (test,),
            channel=tally.groups[n] if of_channels else traffic.channel,
            others=tuple(each for each in names if each != names[n]),
            measure=measure,
            value=own[n],
            rest=others[n],
            difference=difference.estimate,
            p_adjusted=1.0,
            size=abs(value) / float(spread[n]) if spread[n] else _NO_SPREAD * (value != 0),
            worse=worse,
        )
        yield gap, difference.p_value


def _matters(gap: Gap) -> bool:
    form = {each.name: each.form for each in (*_SCORES, *_OF_TEXTS, _KEPT)}.get(gap.measure)
    if form == "share":
        return abs(gap.difference.value or 0.0) >= LEAST_SHARE
    return gap.size >= LEAST_SPREAD


def _figures(key: str, whole: Mapping[str, Tally]) -> dict[str, Estimate]:
    found_: dict[str, Estimate] = {}
    for measure, tally in whole.items():
        if key in tally.groups:
            place = tally.groups.index(key)
            shown = bool(shown_groups(tally)[place])
            estimate = tally.estimates()[place]
            found_[measure] = estimate if shown else Estimate.hidden(estimate.n, estimate.method)
    return found_
