"""A map as its page shows it: phases, lanes and cells, in words and positions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from percorso import labels
from percorso.i18n import gettext as _
from percorso.journey_map import LANES, PHASES, Draft, Item, JourneyMap, wording
from percorso.journey_map.curve import ends_of
from percorso.metrics.definitions import METRICS
from percorso.text.results import Quote

#: The height of the curve's drawing, and the room above and below its ends.
HEIGHT: Final = 120
_ROOM: Final = 14
QUOTE_LONGEST: Final = 180
#: Lanes that the curve stands above; the quotes' are no items.
_CURVE: Final = ("score", "sentiment")


@dataclass(frozen=True, slots=True)
class ItemShown:
    """One thing in a cell. ``basis`` is computed, belief or written."""

    title: str
    figure: str
    interval: str
    behind: str
    beside: str
    change: str
    change_tone: str
    tone: str
    basis: str
    basis_words: str
    standing: str
    text: str
    why: str
    address: str


@dataclass(frozen=True, slots=True)
class QuoteShown:
    text: str
    where: str
    language: str
    tone: str


@dataclass(frozen=True, slots=True)
class EntryShown:
    """Something that is to be, on a draft."""

    id: str
    lines: tuple[str, ...]
    first: bool
    last: bool


@dataclass(frozen=True, slots=True)
class CellShown:
    """A cell: ``id`` names it on the page, ``lane`` is its heading."""

    id: str
    phase: str
    lane: str
    words: str
    items: tuple[ItemShown, ...] = ()
    quotes: tuple[QuoteShown, ...] = ()
    entries: tuple[EntryShown, ...] = ()

    @property
    def empty(self) -> bool:
        return not (self.items or self.quotes or self.entries)


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the curve, in percent and pixels; ``figure`` and ``n`` say it in words."""

    x: str
    y: str
    top: str
    bottom: str
    tone: str


@dataclass(frozen=True, slots=True)
class Segment:
    """A line from one point to the next."""

    x1: str
    y1: str
    x2: str
    y2: str


@dataclass(frozen=True, slots=True)
class CurvePhase:
    """What the curve says of a phase, in words."""

    figure: str
    interval: str
    behind: str
    change: str
    change_tone: str
    sentiment: str
    sentiment_interval: str
    sentiment_behind: str


@dataclass(frozen=True, slots=True)
class Curve:
    """The experience curve: the score in its own unit, the sentiment beside it."""

    metric: str
    words: str
    meaning: str
    points: tuple[Point, ...]
    lines: tuple[Segment, ...]
    voice_points: tuple[Point, ...]
    voice_lines: tuple[Segment, ...]
    low: str
    high: str
    voice_low: str
    voice_high: str
    height: int = HEIGHT


@dataclass(frozen=True, slots=True)
class Metric:
    """A score that the curve can show."""

    name: str
    words: str
    address: str
    current: bool


@dataclass(frozen=True, slots=True)
class PhaseShown:
    """A phase: its head, what the curve says of it, its cells."""

    key: str
    number: int
    name: str
    customers: str
    share: str
    interval: str
    change: str
    change_tone: str
    curve: CurvePhase | None
    cells: tuple[CellShown, ...]
    target: str = ""
    reached: str = ""


@dataclass(frozen=True, slots=True)
class MapShown:
    """A map. ``everywhere`` are beliefs about no phase."""

    phases: tuple[PhaseShown, ...]
    lanes: tuple[tuple[str, str], ...]
    curve: Curve | None
    metrics: tuple[Metric, ...]
    everywhere: tuple[ItemShown, ...] = ()
    rows: tuple[tuple[str, ...], ...] = field(default=())


#: Item -> the address that tells more of it; empty where nothing does.
Address = Callable[[Item], str]


def shown(
    given: JourneyMap,
    *,
    metric: str,
    metric_address: Callable[[str], str],
    address: Address,
    draft: Draft | None = None,
) -> MapShown:
    """Return a map as it is shown; ``metric`` is the score on the curve, where it was answered."""
    chosen = metric if metric in given.metrics else next(iter(given.metrics), "")
    curve = _curve(given, chosen) if chosen or _any_sentiment(given) else None
    heads = {each.phase: each for each in given.columns}
    phases = []
    for number, phase in enumerate(PHASES):
        head = heads[phase]
        change = head.change
        phases.append(
            PhaseShown(
                key=phase,
                number=number + 1,
                name=labels.phase(phase),
                customers=labels.number(head.customers) if head.customers else "",
                share=labels.percent(head.share.value) if head.share.shown else "",
                interval=labels.interval(head.share, "percent", 0),
                change=labels.change(change.difference, "percent", 0, certain=change.real)
                if change
                else "",
                change_tone="same",
                curve=_of_curve(given, phase, chosen) if curve else None,
                cells=tuple(_cell(given, phase, lane, address, draft) for lane in LANES),
                **_aim(given, phase, draft),
            )
        )
    return MapShown(
        phases=tuple(phases),
        lanes=tuple((lane, wording.lane(lane)) for lane in LANES),
        curve=curve,
        metrics=tuple(
            Metric(name, labels.metric(name), metric_address(name), name == chosen)
            for name in given.metrics
        ),
        everywhere=tuple(item(each, given, address) for each in given.items if not each.phase),
        rows=tuple(_rows(given)),
    )


def item(each: Item, given: JourneyMap, address: Address) -> ItemShown:
    """Return an item in words."""
    judged = given.belief(each.key) if each.what == "belief" else None
    return ItemShown(
        title=wording.title(each, given),
        figure=wording.figure(each),
        interval=wording.interval(each),
        behind=wording.behind(each),
        beside=wording.beside(each),
        change=wording.change(each) if each.change is not None and each.change.real else "",
        change_tone=wording.change_tone(each),
        tone=wording.tone(each),
        basis=each.basis,
        basis_words=wording.basis(each),
        standing=str(each.standing or ""),
        text=each.text if each.basis == "written" else "",
        why=wording.why(judged) if judged else "",
        address=address(each),
    )


def _cell(
    given: JourneyMap, phase: str, lane: str, address: Address, draft: Draft | None
) -> CellShown:
    items: list[Item] = [
        each
        for each in given.items
        if (each.phase, each.lane) == (phase, lane)
        # The curve says these, but for effort, whose score is in no curve.
        and not (each.what in _CURVE and each.lane == "experience")
    ]
    # What stands out comes before the usual, beliefs after what is known.
    items.sort(key=lambda each: each.basis != "computed")
    quotes = given.quotes.get(phase, ()) if lane == "quotes" else ()
    entries = draft.cell(phase, lane) if draft else ()
    return CellShown(
        id=f"{phase}-{lane}",
        phase=phase,
        lane=lane,
        words=wording.lane(lane),
        items=tuple(item(each, given, address) for each in items),
        quotes=tuple(map(_quote, quotes)),
        entries=tuple(
            EntryShown(
                each.id, tuple(each.text.split("\n")), number == 0, number == len(entries) - 1
            )
            for number, each in enumerate(entries)
        ),
    )


def _quote(given: Quote) -> QuoteShown:
    text = given.text
    if len(text) > QUOTE_LONGEST:
        text = text[:QUOTE_LONGEST].rsplit(" ", 1)[0] + " …"
    tone = {"negative": "bad", "positive": "good"}.get(given.sentiment, "")
    return QuoteShown(text, given.touchpoint or "", given.language, tone)


def _any_sentiment(given: JourneyMap) -> bool:
    return any(each.what == "sentiment" for each in given.items)


def _curve(given: JourneyMap, metric: str) -> Curve:
    ends = METRICS.get(metric)
    score = [given.score(phase, metric) if metric else None for phase in PHASES]
    voice = [given.sentiment(phase) for phase in PHASES]
    low, high = ends_of(score, *((ends.low, ends.high) if ends else (-100.0, 100.0)))
    voice_low, voice_high = ends_of(voice, -100.0, 100.0)
    points = _points(score, low, high)
    voice_points = _points(voice, voice_low, voice_high)
    unit, digits = labels.unit_of(metric), int(high - low <= 5)
    return Curve(
        metric=metric,
        words=labels.metric(metric) if metric else "",
        meaning=labels.meaning(metric) if metric else "",
        points=tuple(each for each in points if each),
        lines=_lines(points),
        voice_points=tuple(each for each in voice_points if each),
        voice_lines=_lines(voice_points),
        low=labels.measured(low, unit, digits),
        high=labels.measured(high, unit, digits),
        voice_low=labels.number(voice_low),
        voice_high=labels.number(voice_high),
    )


def _points(items: Sequence[Item | None], low: float, high: float) -> list[Point | None]:
    return [
        None if each is None else _point(each, number, low, high)
        for number, each in enumerate(items)
    ]


def _point(each: Item, number: int, low: float, high: float) -> Point | None:
    figure = each.figure
    if figure is None or figure.value is None or figure.low is None or figure.high is None:
        return None

    def y(value: float) -> str:
        share = min(max((value - low) / (high - low), 0.0), 1.0)
        return f"{HEIGHT - _ROOM - share * (HEIGHT - 2 * _ROOM):.1f}"

    x = f"{100 * (number + 0.5) / len(PHASES):.3f}%"
    return Point(x, y(figure.value), y(figure.high), y(figure.low), wording.tone(each))


def _lines(points: Sequence[Point | None]) -> tuple[Segment, ...]:
    there = [each for each in points if each is not None]
    return tuple(Segment(one.x, one.y, other.x, other.y) for one, other in pairwise(there))


def _of_curve(given: JourneyMap, phase: str, metric: str) -> CurvePhase:
    score = given.score(phase, metric) if metric else None
    voice = given.sentiment(phase)
    return CurvePhase(
        figure=wording.figure(score) if score else "",
        interval=wording.interval(score) if score else "",
        behind=wording.behind(score) if score else "",
        change=wording.change(score) if score and score.change else "",
        change_tone=wording.change_tone(score) if score else "same",
        sentiment=wording.figure(voice) if voice else "",
        sentiment_interval=wording.interval(voice) if voice else "",
        sentiment_behind=wording.behind(voice) if voice else "",
    )


def _aim(given: JourneyMap, phase: str, draft: Draft | None) -> Mapping[str, str]:
    """Return the score a phase is to reach, and whether it does."""
    target = draft.target(phase) if draft else None
    if target is None:
        return {}
    unit, digits = labels.unit_of(target.metric), labels.digits_of(target.metric)
    words = _("{metric} to reach: {value}").format(
        metric=labels.metric(target.metric),
        value=labels.measured(target.value, unit, digits),
    )
    return {"target": words, "reached": _reached(given.score(phase, target.metric), target.value)}


def _reached(score: Item | None, wanted: float) -> str:
    figure = score.figure if score else None
    if score is None or figure is None or figure.low is None or figure.high is None:
        return _("too few answers to say whether it is")
    words = {"now": wording.figure(score), "interval": wording.interval(score)}
    if figure.low >= wanted:
        return _("reached: {now} [{interval}]").format(**words)
    if figure.high < wanted:
        return _("not yet: {now} [{interval}]").format(**words)
    return _("it may be: {now} [{interval}]").format(**words)


def _rows(given: JourneyMap) -> list[tuple[str, ...]]:
    """Return the map as a table of words, for whoever does not see the grid."""
    found: list[tuple[str, ...]] = []
    for phase in PHASES:
        for each in given.items:
            if each.phase != phase:
                continue
            interval = wording.interval(each)
            figure = wording.figure(each) + (f" [{interval}]" if interval else "")
            found.append(
                (
                    labels.phase(phase),
                    wording.lane(each.lane),
                    wording.title(each, given),
                    figure or each.text,
                    wording.behind(each),
                    wording.basis(each),
                )
            )
    return found
