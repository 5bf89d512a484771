"""What the journey explorer shows: the graph with its words, figures, colours and links.

Everything here is computed from results; nothing reads the log or knows of requests.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from percorso import labels
from percorso.app.journeys.card import Card, Link, card
from percorso.app.journeys.layout import (
    LINE,
    NODE_NARROWEST,
    Box,
    Header,
    Passage,
    Place,
    Ribbon,
    Stub,
    lay_out,
)
from percorso.app.journeys.results import Explored
from percorso.app.journeys.tones import Band, Tone, bands, score_words, tone
from percorso.app.ui.components import few_or
from percorso.estimation import MIN_SHOWN
from percorso.i18n import gettext as _
from percorso.i18n import ngettext
from percorso.journeys import Edge, JourneyGraph, Node
from percorso.vocabulary import Estimate, Phase

PHASES: Final = tuple(Phase)
TOPS: Final = (10, 20, 40)
TOP: Final = 20
#: How many ribbons a reader can follow; thinner ones are hidden and counted.
RIBBONS: Final = 40
LEASTS: Final = (
    *(MIN_SHOWN, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1_000, 1_500),
    *(2_000, 3_000, 5_000, 7_000, 10_000, 20_000, 50_000, 100_000),
)
STUBS: Final = 8
#: Width of a letter of a touchpoint's name, in pixels of the drawing.
LETTER: Final = 6.2
#: What the bar and the margins take of a box's width.
TEXT_ROOM: Final = 20.0


@dataclass(frozen=True, slots=True)
class Options:
    """What the reader chose: how many touchpoints, the thinnest ribbon, and what is picked.

    ``least`` None leaves the choice to the drawing. ``at`` is a touchpoint; with ``to`` the
    transition between the two.
    """

    top: int = TOP
    least: int | None = None
    at: str = ""
    to: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    header: Header
    words: str


@dataclass(frozen=True, slots=True)
class Text:
    """A line of words in the drawing; ``figures`` are smaller and quieter."""

    x: float
    y: float
    words: str
    figures: bool = False


@dataclass(frozen=True, slots=True)
class NodeShown:
    """A touchpoint: where it stands, what it says, and what colour its bar has.

    ``bar`` is the SVG path of the coloured bar at its left.
    """

    key: str
    box: Box
    bar: str
    texts: tuple[Text, ...]
    tone: Tone
    description: str
    address: str
    picked: bool
    faded: bool


@dataclass(frozen=True, slots=True)
class RibbonShown:
    """A transition; ``start`` and ``end`` are the keys of the touchpoints it joins."""

    key: str
    ribbon: Ribbon
    start: str
    end: str
    tone: Tone
    description: str
    address: str
    picked: bool
    faded: bool
    reachable: bool


@dataclass(frozen=True, slots=True)
class StubShown:
    stub: Stub
    text: Text


@dataclass(frozen=True, slots=True)
class Choice:
    words: str
    address: str
    current: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A transition as a row of the table that says what the graph draws."""

    source: str
    target: str
    customers: int
    count: int
    median: str
    p90: str
    score: str
    interval: str
    address: str


@dataclass(frozen=True, slots=True)
class Picture:
    """The explorer's drawing and everything said around it."""

    width: float
    height: float
    columns: tuple[Column, ...]
    nodes: tuple[NodeShown, ...]
    ribbons: tuple[RibbonShown, ...]
    stubs: tuple[StubShown, ...]
    card: Card | None
    bands: tuple[Band, ...]
    scale: str
    hidden: tuple[str, ...]
    tops: tuple[Choice, ...]
    leasts: tuple[Choice, ...]


def picture(found: Explored, options: Options, link: Link) -> Picture:
    """Return the drawing of ``found`` as the reader chose to see it."""
    graph = found.graph.shown
    nodes = _drawn(found, options.top)
    names = {each.touchpoint for each in nodes}
    between = [
        each
        for each in graph.edges
        if each.source in names and each.target in names and each.source != each.target
    ]
    least = options.least or _least(between)
    edges = [each for each in between if each.customers >= least]
    stubs = _stubs(found, names)
    drawing = lay_out(
        [_place(each, found, stubs) for each in nodes],
        [Passage(each.source, each.target, each.customers) for each in edges],
    )
    by_name = {each.touchpoint: each for each in nodes}
    by_pair = {(each.source, each.target): each for each in edges}
    near = _near(options, edges)
    keys = {each.name: _key(each) for each in drawing.boxes}
    return Picture(
        width=drawing.width,
        height=drawing.height,
        columns=tuple(Column(each, labels.phase(PHASES[each.phase])) for each in drawing.headers),
        nodes=tuple(
            _node(by_name[each.name], each, found, options, near, link) for each in drawing.boxes
        ),
        ribbons=tuple(
            _ribbon(by_pair[each.source, each.target], each, keys, found, options, link)
            for each in drawing.ribbons
        ),
        stubs=tuple(
            StubShown(
                each,
                Text(
                    each.text_x,
                    round(each.y + 13, 1),
                    _("{n} stop here").format(n=labels.number(stubs[each.name])),
                ),
            )
            for each in drawing.stubs
        ),
        card=card(found, options.at, options.to, link),
        bands=bands(graph.scale),
        scale=labels.scale(graph.scale) if graph.scale else "",
        hidden=_hidden(found, names, edges, least),
        tops=_tops(graph, options, link),
        leasts=_leasts(between, least, link),
    )


def table(found: Explored, link: Link) -> tuple[Row, ...]:
    """Return every transition that may be shown, the most travelled first."""
    return tuple(
        Row(
            source=each.source,
            target=each.target,
            customers=each.customers,
            count=each.count,
            median=labels.hours(each.median_hours),
            p90=labels.hours(each.p90_hours),
            score=score_words(each.score_after),
            interval=labels.interval(each.score_after) if each.score_after else "",
            address=link(at=each.source, to=each.target),
        )
        for each in sorted(
            found.graph.shown.edges, key=lambda each: (-each.customers, each.source, each.target)
        )
    )


def named(name: str, width: float) -> tuple[str, ...]:
    """Break a touchpoint's name over at most two lines of ``width`` pixels."""
    most = max(6, int(width / LETTER))
    if len(name) <= most:
        return (name,)
    # Break after a space or a mark that joins words; else where the line ends.
    breaks = [
        place + 1 for place, letter in enumerate(name[:most]) if letter in " :/-_·|,." and place > 2
    ]
    cut = breaks[-1] if breaks else most
    first, rest = name[:cut].rstrip(), name[cut:].lstrip()
    if len(rest) > most:
        rest = rest[: most - 1].rstrip() + "…"
    return (first, rest) if rest else (first,)


def _drawn(found: Explored, top: int) -> list[Node]:
    """Return the touchpoints with the most customers, and of each phase the first at least."""
    ordered = sorted(found.graph.shown.nodes, key=lambda each: (-each.customers, each.touchpoint))
    firsts: dict[int, Node] = {}
    for each in ordered:
        firsts.setdefault(_phase(found, each.touchpoint), each)
    chosen = list(firsts.values())
    chosen += [each for each in ordered if each not in chosen][: max(0, top - len(chosen))]
    return sorted(chosen, key=ordered.index)


def _place(node: Node, found: Explored, stubs: dict[str, int]) -> Place:
    return Place(
        name=node.touchpoint,
        customers=node.customers,
        phase=_phase(found, node.touchpoint),
        starts=found.graph.starts.get(node.touchpoint, 0),
        stops=stubs.get(node.touchpoint, 0),
        # The narrowest box there is decides, so that a name never needs more room than it has.
        lines=len(named(node.touchpoint, NODE_NARROWEST - TEXT_ROOM)),
    )


def _phase(found: Explored, touchpoint: str) -> int:
    try:
        return PHASES.index(Phase(found.phases.get(touchpoint, "")))
    except ValueError:
        return PHASES.index(Phase.LOYALTY)


def _least(edges: Sequence[Edge]) -> int:
    """Return the round number of customers that leaves about RIBBONS transitions to see."""
    if len(edges) <= RIBBONS:
        return LEASTS[0]
    first_hidden = sorted((each.customers for each in edges), reverse=True)[RIBBONS]
    return next((each for each in LEASTS if each > first_hidden), first_hidden + 1)


def _stubs(found: Explored, names: set[str]) -> dict[str, int]:
    """Return where to draw that people stop: the places with the most, if they are many."""
    worth = max(5, found.graph.customers * 0.01)
    rows = [each for each in found.stops.rows if each.touchpoint in names and each.stopped >= worth]
    rows.sort(key=lambda each: (-each.stopped, each.touchpoint))
    return {each.touchpoint: each.stopped for each in rows[:STUBS]}


def _near(options: Options, edges: Sequence[Edge]) -> set[str] | None:
    """Return the touchpoints to keep in full colour, None where nothing is picked."""
    if not options.at:
        return None
    if options.to:
        return {options.at, options.to}
    near = {options.at}
    for each in edges:
        if options.at in (each.source, each.target):
            near |= {each.source, each.target}
    return near


def _node(
    node: Node,
    box: Box,
    found: Explored,
    options: Options,
    near: set[str] | None,
    link: Link,
) -> NodeShown:
    shade = tone(node.score, found.graph.scale)
    score = score_words(node.score)
    people = labels.number(node.customers)
    picked = options.at == node.touchpoint and not options.to
    return NodeShown(
        key=_key(box),
        box=box,
        bar=_bar(box),
        texts=_texts(box, node.touchpoint, f"{people} · {score}" if score else people),
        tone=shade,
        description=_described(node.touchpoint, node.customers, node.score, shade),
        address=link(at="", to="") if picked else link(at=node.touchpoint, to=""),
        picked=picked,
        faded=near is not None and node.touchpoint not in near,
    )


def _key(box: Box) -> str:
    return f"{box.column}-{box.row}"


def _bar(box: Box) -> str:
    """Return the path of a bar 5 wide whose left corners follow the box's."""
    straight = box.height - 14
    return (
        f"M{box.x + 7:.1f} {box.y:.1f}a7 7 0 0 0-7 7v{straight:.1f}a7 7 0 0 0 7 7"
        f"h-2v{-box.height:.1f}z"
    )


def _texts(box: Box, name: str, figures: str) -> tuple[Text, ...]:
    x = box.x + 14
    lines = named(name, box.width - TEXT_ROOM)
    words = [Text(x, round(box.y + 19 + LINE * row, 1), line) for row, line in enumerate(lines)]
    return (*words, Text(x, round(box.y + 20 + LINE * len(lines), 1), figures, figures=True))


def _ribbon(
    edge: Edge,
    ribbon: Ribbon,
    keys: dict[str, str],
    found: Explored,
    options: Options,
    link: Link,
) -> RibbonShown:
    shade = tone(edge.score_after, found.graph.scale)
    picked = (options.at, options.to) == (edge.source, edge.target)
    touched = not options.to and options.at in (edge.source, edge.target)
    name = _("{source} to {target}").format(source=edge.source, target=edge.target)
    start, end = keys[edge.source], keys[edge.target]
    return RibbonShown(
        key=f"{start}-{end}",
        ribbon=ribbon,
        start=start,
        end=end,
        tone=shade,
        description=_described(name, edge.customers, edge.score_after, shade)
        + ", "
        + _("median wait {time}").format(time=labels.hours(edge.median_hours)),
        address=link(at="", to="") if picked else link(at=edge.source, to=edge.target),
        picked=picked,
        faded=bool(options.at) and not picked and not touched,
        reachable=picked or touched,
    )


def _described(name: str, customers: int, score: Estimate | None, shade: Tone) -> str:
    """Return in words what the drawing shows by size and colour."""
    words = [
        name,
        ngettext("{n} customer", "{n} customers", customers).format(n=labels.number(customers)),
    ]
    if score is not None and score.shown:
        judged = {"good": _("good"), "fair": _("fair"), "poor": _("poor"), "none": ""}[shade]
        words.append(
            _("score after {score} ({interval}), {judged}").format(
                score=score_words(score), interval=labels.interval(score), judged=judged
            )
        )
    return ", ".join(words)


def _hidden(found: Explored, names: set[str], edges: Sequence[Edge], least: int) -> tuple[str, ...]:
    """Say what is not drawn."""
    said = []
    away = len(found.graph.nodes) - len(names)
    if away:
        said.append(
            ngettext(
                "{n} touchpoint with fewer customers is not drawn",
                "{n} touchpoints with fewer customers are not drawn",
                away,
            ).format(n=labels.number(away))
        )
    moves = [each for each in found.graph.edges if each.source != each.target]
    thin = len(moves) - len(edges)
    passages = sum(each.count for each in moves)
    drawn = sum(each.count for each in edges)
    if thin and passages:
        said.append(
            ngettext(
                "{n} ribbon is hidden: under {least} customers or to what is not drawn "
                "({share} of passages)",
                "{n} ribbons are hidden: under {least} customers or to what is not drawn "
                "({share} of passages)",
                thin,
            ).format(
                n=labels.number(thin),
                least=labels.number(least),
                share=labels.percent(100 * (passages - drawn) / passages),
            )
        )
    return tuple(said)


def _tops(graph: JourneyGraph, options: Options, link: Link) -> tuple[Choice, ...]:
    count = len(graph.nodes)
    if count <= TOPS[0]:
        return ()
    return tuple(
        Choice(labels.number(each), link(top=str(each)), each == options.top)
        for number, each in enumerate(TOPS)
        if number == 0 or TOPS[number - 1] < count
    )


def _leasts(edges: Sequence[Edge], least: int, link: Link) -> tuple[Choice, ...]:
    most = max((each.customers for each in edges), default=0)
    offered = sorted({each for each in LEASTS if each <= most} | ({least} if least else set()))
    if len(offered) < 2:
        return ()
    place = offered.index(least)
    start = max(0, min(place - 2, len(offered) - 5))
    return tuple(
        Choice(labels.number(each), link(least=str(each)), each == least)
        for each in offered[start : start + 5]
    )


@dataclass(frozen=True, slots=True)
class NodeRow:
    """A touchpoint as a row of the table."""

    touchpoint: str
    phase: str
    customers: int
    count: int
    starts: str
    ends: str
    score: str
    interval: str
    address: str


def customers(found: Explored) -> str:
    return labels.number(found.graph.customers)


def node_rows(found: Explored, link: Link) -> tuple[NodeRow, ...]:
    """Return every touchpoint that may be shown, the most visited first."""
    graph = found.graph.shown
    return tuple(
        NodeRow(
            touchpoint=each.touchpoint,
            phase=labels.phase(PHASES[_phase(found, each.touchpoint)]),
            customers=each.customers,
            count=each.count,
            starts=few_or(found.graph.starts.get(each.touchpoint, 0)),
            ends=few_or(found.graph.ends.get(each.touchpoint, 0)),
            score=score_words(each.score),
            interval=labels.interval(each.score) if each.score else "",
            address=link(at=each.touchpoint),
        )
        for each in sorted(graph.nodes, key=lambda each: (-each.customers, each.touchpoint))
    )
