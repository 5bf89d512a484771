"""How customers feel in each phase: scores, sentiment, emotions, needs, and their own words."""

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from percorso.estimation import MIN_SHOWN, Difference
from percorso.journey_map.laid import said
from percorso.journey_map.laid import texts as laid_texts
from percorso.journey_map.model import PHASES, Item, Tested
from percorso.metrics.definitions import METRICS
from percorso.metrics.groups import against_previous, against_rest, estimates, shown_groups
from percorso.metrics.surveys import by
from percorso.metrics.tally import Tally, tally
from percorso.text.frame import COLUMNS, Texts, Words
from percorso.text.results import Quote, Shift
from percorso.vocabulary import SCALES

if TYPE_CHECKING:
    from percorso.log import Log
    from percorso.log.selection import Selection

#: The two best of five stars say what the stars say.
_LEFT_OUT: Final = ("stars_top2",)
#: Quotes of blame, and of praise, in each phase.
_QUOTES: Final = {-1: 2, 1: 1}


def scores(now: dict[str, Tally], other: dict[str, Tally]) -> list[Item]:
    """Return the scores of the answers about each phase, against the others and the other map."""
    found = []
    for name, each in now.items():
        shown = shown_groups(each)
        previous = other.get(name)
        rests = against_rest(each, shown)
        changes = against_previous(each, shown, previous)
        found += [
            Item(
                phase=phase,
                lane="effort" if name == "ces" else "experience",
                what="score",
                key=name,
                figure=estimate,
                customers=int(each.customers[place]),
                n=int(each.n[place]),
                measure=name,
                rest=_tested(rests[place]),
                change=_tested(changes[place]),
            )
            for place, (phase, estimate) in enumerate(
                zip(each.groups, estimates(each, shown), strict=True)
            )
            if estimate.shown
        ]
    return found


def most_telling(items: list[Item]) -> tuple[str, ...]:
    """Return the scores answered: first what says something of most phases, then by answers."""
    of_metric: dict[str, list[Item]] = {}
    for each in items:
        if each.what == "score" and each.figure is not None and each.figure.shown:
            of_metric.setdefault(each.key, []).append(each)
    return tuple(
        sorted(
            of_metric,
            key=lambda name: (
                -len(of_metric[name]),
                -sum(each.n for each in of_metric[name]),
                name,
            ),
        )
    )


def tallies(log: "Log", selection: "Selection | None") -> dict[str, Tally]:
    """Return the scores of the answers of a selection by the phase they are about."""
    table = said(log, selection)
    table = table.filter(table.scale.notnull(), table.score.notnull())
    chosen = table.select("customer", "scale", "score", group="phase")
    metrics = [each for name, each in METRICS.items() if name not in _LEFT_OUT]
    return tally(log, chosen, metrics, rest=True)


def standing_out(
    log: "Log",
    selection: "Selection | None",
    against: "Selection | None",
    places: dict[str, str],
) -> list[Item]:
    """Return the touchpoints whose score differs from elsewhere beyond chance, the largest first.

    These comparisons are corrected together (Benjamini-Hochberg), as in ``metrics.by``.
    """
    differing = [
        each
        for each in by(log, "touchpoint", selection, against)
        if each.differs and each.metric not in _LEFT_OUT and each.group in places
    ]
    found = []
    for phase in PHASES:
        here = [each for each in differing if places[each.group] == phase]
        here.sort(key=lambda each: (each.p_adjusted or 0.0, each.group))
        for each in here:
            rest = each.rest_difference
            assert rest is not None  # only what was compared differs  # noqa: S101
            found.append(
                Item(
                    phase=phase,
                    lane="effort" if each.metric == "ces" else "experience",
                    what="stands_out",
                    key=each.group,
                    measure=each.metric,
                    figure=each.estimate,
                    customers=each.customers,
                    n=each.estimate.n,
                    rest=Tested(rest.estimate, rest.p_value, each.p_adjusted or 0.0),
                    change=_tested(each.previous_difference),
                )
            )
    return found


def hear(log: "Log", selection: "Selection | None") -> Texts:
    """Load the texts of a selection; answers to surveys are laid to the phase they are about."""
    table = laid_texts(log, selection).select(*COLUMNS).to_pyarrow()
    texts = Texts.of(table, log.workspace.settings.zone_info)
    # The last one is what -1, no phase at all, finds.
    number = np.array([*(PHASES.index(name) for name in texts.phase.names), -1], np.int64)
    return replace(texts, phase=Words(number[texts.phase.codes], PHASES))


def words(now: Texts, other: Texts | None) -> list[Item]:
    """Return how the texts about each phase sound, the emotions they show, what they ask for."""
    if not len(now):
        return []
    before = None if other is None or not len(other) else other
    return [*_sentiment(now, before), *_emotions(now, before)]


def _sentiment(texts: Texts, before: Texts | None) -> list[Item]:
    from percorso.text import sentiment

    return [
        Item(
            phase=each.group,
            lane="experience",
            what="sentiment",
            key="sentiment",
            figure=each.balance,
            customers=each.customers,
            n=each.texts,
            rest=_shifted(each.rest),
            change=_shifted(each.change),
        )
        for each in sentiment.of(texts, before, "phase")
        if each.group is not None and each.balance.shown
    ]


def _emotions(texts: Texts, before: Texts | None) -> list[Item]:
    from percorso.text import emotions

    found = []
    shown = [each for each in emotions.of(texts, before, "phase") if each.shown and each.texts]
    for phase in PHASES:
        here = [each for each in shown if each.group == phase]
        here.sort(key=lambda each: (-(each.share.value or 0.0), each.emotion))
        found += [
            Item(
                phase=phase,
                lane="emotions",
                what="emotion",
                key=each.emotion,
                figure=each.share,
                customers=each.customers,
                n=each.texts,
                rest=_shifted(each.rest),
                change=_shifted(each.change),
            )
            for each in here
        ]
    return found


def needs(log: "Log", now: Texts, other: Texts | None) -> tuple[list[Item], dict[str, str]]:
    """Return the unmet needs that customers of each phase write of, and their names."""
    from percorso.text import needs as analysis

    found, names = [], {}
    spent = analysis.values_of(log) if now.need.any() else {}
    for code, phase in enumerate(PHASES):
        here = now.take(now.phase.codes == code)
        if not here.need.any():
            continue
        before = None if other is None else other.take(other.phase.codes == code)
        for each in analysis.of(log, here, before, 0, spent=spent).rows:
            names[each.id] = each.name
            found.append(
                Item(
                    phase=phase,
                    lane="needs",
                    what="need",
                    key=each.id,
                    figure=each.share,
                    customers=each.customers,
                    n=each.texts,
                    change=_shifted(each.share_change),
                )
            )
    return found, names


def quotes(log: "Log", texts: Texts) -> dict[str, tuple[Quote, ...]]:
    """Return what customers wrote about each phase, blame before praise, masked.

    ``texts`` are those that ``hear`` loads. Of phases that fewer than 5 customers wrote about
    nothing is quoted, nor from touchpoints where fewer wrote. Masks are in the current language.
    """
    from percorso.text.quotes import choose

    newest = np.argsort(-texts.at, kind="stable")
    newest = newest[_heard_at(texts)[newest]]
    leaning = _leaning(texts)
    wanted = {}
    for code, phase in enumerate(PHASES):
        mine = newest[texts.phase.codes[newest] == code]
        if len(np.unique(texts.customer.codes[mine])) < MIN_SHOWN:
            continue
        for sign in _QUOTES:
            # Where a score stands beside the words and says the opposite, one of them misleads.
            fits = (texts.sentiment[mine] == sign) & ~(leaning[mine] * sign < 0)
            wanted[phase, sign] = mine[fits]
    found: dict[str, tuple[Quote, ...]] = {}
    for (phase, _sign), some in choose(
        log, texts, wanted, {key: _QUOTES[key[1]] for key in wanted}
    ).items():
        found[phase] = (*found.get(phase, ()), *some)
    return found


def _heard_at(texts: Texts) -> NDArray[np.bool_]:
    """Mark the texts from touchpoints where at least 5 customers wrote: a quote names its place."""
    known = texts.touchpoint.codes >= 0
    pairs = np.unique(np.stack([texts.touchpoint.codes, texts.customer.codes])[:, known], axis=1)
    writers = np.bincount(pairs[0], minlength=len(texts.touchpoint.names))
    # The last one is what -1, no touchpoint at all, finds.
    enough = np.append(writers >= MIN_SHOWN, False)
    return np.asarray(enough[texts.touchpoint.codes])


def _leaning(texts: Texts) -> NDArray[np.float64]:
    """Return whether the score beside each text is high (over 0), low, or not there (0)."""
    middles = np.array([_middle(name) for name in texts.scale.names] or [0.0])
    turned = np.array([-1.0 if _is_turned(name) else 1.0 for name in texts.scale.names] or [1.0])
    code = np.maximum(texts.scale.codes, 0)
    off = (texts.score - middles[code]) * turned[code]
    return np.where((texts.scale.codes < 0) | np.isnan(texts.score), 0.0, np.sign(off))


def _middle(scale: str) -> float:
    known = SCALES.get(scale)
    return (known.low + known.high) / 2 if known else 0.0


def _is_turned(scale: str) -> bool:
    known = SCALES.get(scale)
    return known is not None and not known.high_is_good


def state(log: "Log") -> str:
    """Name what these answers stand on besides the log: what was read in texts, and the topics."""
    from percorso.text import voice

    return voice.state(log)


def _tested(given: Difference | None) -> Tested | None:
    return None if given is None else Tested(given.estimate, given.p_value)


def _shifted(given: Shift | None) -> Tested | None:
    return None if given is None else Tested(given.estimate, given.p_value)
