"""Where each touchpoint, ribbon and stub of the journey graph is drawn: geometry only.

Phases are columns from left to right. A phase with many touchpoints takes several columns side by
side, ordered by how early people come there. One scale (pixels a customer) serves the height of
touchpoints and the width of forward ribbons and stubs, so that they can be compared.
Lengths are pixels of the drawing; the page scales the whole.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

Course = Literal["forward", "back", "down", "up"]

WIDTH: Final = 1000.0
#: Room at both sides for what bulges out of the first and the last column.
MARGIN: Final = 28.0
BULGE: Final = 34.0
TOP: Final = 44.0
NODE_LEAST: Final = 46.0
LINE: Final = 15.0
NODE_MOST: Final = 132.0
NODE_WIDEST: Final = 176.0
PITCH_LEAST: Final = 164.0
NODE_SHARE: Final = 0.71
#: The narrowest a box can be: what its words must fit.
NODE_NARROWEST: Final = PITCH_LEAST * NODE_SHARE
#: About how wide the words beside a stub are.
STUB_WORDS: Final = 80.0
GAP: Final = 20.0
STUB: Final = 19.0
BODY: Final = 560.0
COLUMN_MOST: Final = 7
COLUMNS_WANTED: Final = 5
RIBBON_LEAST: Final = 1.5
#: What does not lead onward is drawn as a thin line, or it would cover what does.
BACK_SHARE: Final = 0.3
BACK_MOST: Final = 5.0
DOWN_MOST: Final = 12.0
ROUNDS: Final = 24


@dataclass(frozen=True, slots=True)
class Place:
    """A touchpoint to draw: who passes, how many journeys begin and stop there, its phase's rank.

    ``stops`` is what is drawn as a stub; leave it 0 where it is not worth saying. ``lines`` is how
    many lines its name takes.
    """

    name: str
    customers: int
    phase: int
    starts: int = 0
    stops: int = 0
    lines: int = 1


@dataclass(frozen=True, slots=True)
class Passage:
    """A step from one touchpoint to another, with the customers who made it."""

    source: str
    target: str
    customers: int


@dataclass(frozen=True, slots=True)
class Header:
    """The columns of one phase: where its name goes and how wide it is."""

    phase: int
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Box:
    """A touchpoint's box."""

    name: str
    column: int
    row: int
    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Ribbon:
    """A passage: ``path`` is the SVG path of its middle, ``width`` how wide it is.

    ``area`` is the path of the whole ribbon, to be filled, where the course is forward; the others
    are strokes. ``forward`` goes to a later column, ``back`` to an earlier one, ``down`` and ``up``
    stay in the column. Only ``forward`` is as wide as the scale says; the others are thinner.
    ``arrow`` is the path of a small head at its end, empty where the course is forward.
    """

    source: str
    target: str
    course: Course
    path: str
    width: float
    area: str
    arrow: str


@dataclass(frozen=True, slots=True)
class Stub:
    """What falls out of a touchpoint: a bar under its box, and where its words begin."""

    name: str
    x: float
    y: float
    width: float
    height: float
    text_x: float


@dataclass(frozen=True, slots=True)
class Drawing:
    """The whole drawing; every length is in pixels of a canvas ``width`` by ``height``."""

    width: float
    height: float
    scale: float
    headers: tuple[Header, ...]
    boxes: tuple[Box, ...]
    ribbons: tuple[Ribbon, ...]
    stubs: tuple[Stub, ...]


def lay_out(places: Sequence[Place], passages: Sequence[Passage]) -> Drawing:
    """Place every touchpoint and passage.

    ``passages`` between touchpoints that are not in ``places``, and from one to itself, are left
    out. The same input gives the same drawing.
    """
    known = {each.name for each in places}
    flows = [
        each
        for each in passages
        if each.source in known and each.target in known and each.source != each.target
    ]
    columns = _columns(places, flows)
    steps = len(columns) - 1
    pitch = max(PITCH_LEAST, (WIDTH - 2 * MARGIN) / max(1, len(columns)))
    node_width = round(min(NODE_WIDEST, pitch * NODE_SHARE), 1)
    # The last column needs no gap after it.
    step = max(PITCH_LEAST, (WIDTH - 2 * MARGIN - node_width) / steps) if steps > 0 else pitch
    width = max(WIDTH, 2 * MARGIN + step * steps + node_width)

    scale = _scale(columns)
    columns = _ordered(columns, flows)
    boxes, height = _stack(columns, flows, scale, step, node_width)
    by_name = {each.name: each for each in boxes}
    return Drawing(
        width=round(width, 1),
        height=round(height, 1),
        scale=scale,
        headers=_headers(columns, step, node_width),
        boxes=tuple(boxes),
        ribbons=tuple(_ribbons(by_name, flows, scale, step - node_width)),
        stubs=tuple(_stubs(places, by_name, scale)),
    )


def _columns(places: Sequence[Place], flows: Sequence[Passage]) -> list[list[Place]]:
    """Put the touchpoints of each phase into as many columns as they need."""
    phases: dict[int, list[Place]] = defaultdict(list)
    for each in places:
        phases[each.phase].append(each)
    parts = {phase: -(-len(members) // COLUMN_MOST) for phase, members in phases.items()}
    # Few phases (a log from another system has one) are spread out, or nothing would flow.
    while sum(parts.values()) < min(COLUMNS_WANTED, len(places)):
        widest = max(parts, key=lambda phase: (len(phases[phase]) / parts[phase], -phase))
        parts[widest] += 1
    earliness = _earliness(places, flows)
    columns: list[list[Place]] = []
    for phase in sorted(phases):
        members = sorted(phases[phase], key=lambda each: (earliness[each.name], each.name))
        count = parts[phase]
        edges = [round(len(members) * part / count) for part in range(count + 1)]
        columns.extend(members[start:end] for start, end in pairwise(edges) if end > start)
    return columns


def _earliness(places: Sequence[Place], flows: Sequence[Passage]) -> dict[str, float]:
    """Return about how many steps lie before each touchpoint."""
    before = {each.name: 0.0 for each in places}
    arriving: dict[str, list[Passage]] = defaultdict(list)
    for flow in flows:
        arriving[flow.target].append(flow)
    for _ in range(30):
        # A touch of damping keeps a loop that nobody starts in from running away.
        before = {
            each.name: 0.95
            * sum(flow.customers * (before[flow.source] + 1) for flow in arriving[each.name])
            / max(1, each.starts + sum(flow.customers for flow in arriving[each.name]))
            for each in places
        }
    return before


def _scale(columns: list[list[Place]]) -> float:
    """Return pixels a customer: as large as lets the fullest column fit."""
    most = max((each.customers for column in columns for each in column), default=0)
    if most == 0:
        return 0.0
    scale = NODE_MOST / most
    # Below the least a column is too tall at any scale: the drawing grows instead.
    least = NODE_LEAST / most
    while scale > least and any(_height(column, scale) > BODY for column in columns):
        scale *= 0.97
    return scale


def _box_height(place: Place, scale: float) -> float:
    return max(NODE_LEAST + LINE * (place.lines - 1), place.customers * scale)


def _below(place: Place) -> float:
    """Return the room to keep under a box."""
    return GAP + (STUB if place.stops else 0.0)


def _height(column: list[Place], scale: float) -> float:
    return sum(_box_height(each, scale) + _below(each) for each in column)


def _ordered(columns: list[list[Place]], flows: Sequence[Passage]) -> list[list[Place]]:
    """Order each column so that ribbons cross little: the mean place of the neighbours, swept."""
    column_of = {each.name: number for number, column in enumerate(columns) for each in column}
    near: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for flow in flows:
        if column_of[flow.source] != column_of[flow.target]:
            near[flow.source].append((flow.target, flow.customers))
            near[flow.target].append((flow.source, flow.customers))
    columns = [sorted(column, key=lambda each: (-each.customers, each.name)) for column in columns]
    at: dict[str, float] = {}

    def settle(column: list[Place]) -> None:
        for row, each in enumerate(column):
            at[each.name] = (row + 0.5) / len(column)

    for column in columns:
        settle(column)
    for sweep in range(6):
        for column in columns if sweep % 2 == 0 else reversed(columns):
            column.sort(key=lambda each: _mean_place(near[each.name], at, at[each.name]))
            settle(column)
    return columns


def _mean_place(near: list[tuple[str, int]], at: dict[str, float], otherwise: float) -> float:
    total = sum(weight for _, weight in near)
    return sum(at[name] * weight for name, weight in near) / total if total else otherwise


def _stack(
    columns: list[list[Place]],
    flows: Sequence[Passage],
    scale: float,
    step: float,
    node_width: float,
) -> tuple[list[Box], float]:
    """Give every touchpoint its box, drawn towards what it is joined to; and the height of all."""
    body = max((_height(column, scale) for column in columns), default=0.0)
    tops: dict[str, float] = {}
    heights = {each.name: _box_height(each, scale) for column in columns for each in column}
    for column in columns:
        y = TOP + (body - _height(column, scale)) / 2
        for each in column:
            tops[each.name] = y
            y += heights[each.name] + _below(each)
    near: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for flow in flows:
        near[flow.source].append((flow.target, flow.customers))
        near[flow.target].append((flow.source, flow.customers))
    for turn in range(ROUNDS):
        middles = {name: y + heights[name] / 2 for name, y in tops.items()}
        for column in columns if turn % 2 == 0 else reversed(columns):
            for each in column:
                wanted = _mean_place(near[each.name], middles, middles[each.name])
                tops[each.name] += (wanted - middles[each.name]) * 0.6 * 0.94**turn
            _part(column, tops, heights, TOP + body)
            for each in column:
                middles[each.name] = tops[each.name] + heights[each.name] / 2
    boxes = [
        Box(
            name=each.name,
            column=number,
            row=row,
            x=round(MARGIN + number * step, 1),
            y=round(tops[each.name], 1),
            width=node_width,
            height=round(heights[each.name], 1),
        )
        for number, column in enumerate(columns)
        for row, each in enumerate(column)
    ]
    bottom = max(
        (
            tops[each.name] + heights[each.name] + _below(each)
            for column in columns
            for each in column
        ),
        default=TOP,
    )
    return boxes, bottom


def _part(
    column: list[Place], tops: dict[str, float], heights: dict[str, float], bottom: float
) -> None:
    """Push the boxes of a column apart, downwards and then back up, inside the drawing."""
    y = TOP
    for each in column:
        tops[each.name] = max(tops[each.name], y)
        y = tops[each.name] + heights[each.name] + _below(each)
    y = bottom
    for each in reversed(column):
        tops[each.name] = min(tops[each.name], y - heights[each.name] - _below(each))
        y = tops[each.name]


def _headers(columns: list[list[Place]], step: float, node_width: float) -> tuple[Header, ...]:
    spans: dict[int, tuple[int, int]] = {}
    for number, column in enumerate(columns):
        phase = column[0].phase
        first, _ = spans.get(phase, (number, number))
        spans[phase] = (first, number)
    return tuple(
        Header(
            phase,
            round(MARGIN + first * step, 1),
            round((last - first) * step + node_width, 1),
        )
        for phase, (first, last) in spans.items()
    )


def _course(source: Box, target: Box) -> Course:
    if source.column != target.column:
        return "forward" if source.column < target.column else "back"
    return "down" if source.y < target.y else "up"


def _width(course: Course, customers: int, scale: float) -> float:
    width = customers * scale
    if course in ("back", "up"):
        width = min(width * BACK_SHARE, BACK_MOST)
    elif course == "down":
        width = min(width, DOWN_MOST)
    return max(RIBBON_LEAST, width)


#: Course -> the side it leaves by and the side it arrives at.
_SIDES: Final[dict[Course, tuple[str, str]]] = {
    "forward": ("right", "left"),
    "back": ("left", "right"),
    "down": ("right", "right"),
    "up": ("left", "left"),
}


def _ribbons(
    boxes: dict[str, Box], flows: Sequence[Passage], scale: float, gap: float
) -> list[Ribbon]:
    """Draw the passages, the widest first so that the thin ones lie on top."""
    ports = _ports(boxes, flows, scale)
    drawn = []
    for flow in sorted(flows, key=lambda each: (-each.customers, each.source, each.target)):
        source, target = boxes[flow.source], boxes[flow.target]
        course = _course(source, target)
        leaves, arrives = _SIDES[course]
        start = (getattr(source, "right" if leaves == "right" else "x"), ports[flow, "out"])
        end = (getattr(target, "right" if arrives == "right" else "x"), ports[flow, "in"])
        width = round(_width(course, flow.customers, scale), 1)
        drawn.append(
            Ribbon(
                flow.source,
                flow.target,
                course,
                _path(course, start, end, gap),
                width,
                _area(start, end, width / 2) if course == "forward" else "",
                "" if course == "forward" else _arrow(end, arrives),
            )
        )
    return drawn


def _ports(
    boxes: dict[str, Box], flows: Sequence[Passage], scale: float
) -> dict[tuple[Passage, str], float]:
    """Return the height at which each passage leaves and arrives.

    On each side of a box passages stand in the order of what lies at their other end. Where they
    are together wider than the box (people go several ways), they overlap evenly.
    """
    sides: dict[tuple[str, str], list[tuple[float, str, Passage, str]]] = defaultdict(list)
    for flow in flows:
        source, target = boxes[flow.source], boxes[flow.target]
        leaves, arrives = _SIDES[_course(source, target)]
        sides[flow.source, leaves].append((target.middle, flow.target, flow, "out"))
        sides[flow.target, arrives].append((source.middle, flow.source, flow, "in"))
    ports: dict[tuple[Passage, str], float] = {}
    for (name, _), members in sides.items():
        box = boxes[name]
        members.sort(key=lambda each: (each[0], each[1], each[3]))
        widths = [
            _width(_course(boxes[each.source], boxes[each.target]), each.customers, scale)
            for _, _, each, _ in members
        ]
        inner = box.height - 8
        total = sum(widths)
        squeeze = min(1.0, inner / total)
        y = box.middle - min(total, inner) / 2
        for (_, _, flow, end), width in zip(members, widths, strict=True):
            # Half a ribbon must not stick out of a box that is lower than the ribbon is wide.
            half = min(width, inner) / 2
            port = y + width * squeeze / 2
            ports[flow, end] = round(
                min(max(port, box.middle - inner / 2 + half), box.middle + inner / 2 - half), 1
            )
            y += width * squeeze
    return ports


def _path(course: Course, start: tuple[float, float], end: tuple[float, float], gap: float) -> str:
    (x1, y1), (x2, y2) = start, end
    if course in ("forward", "back"):
        middle = (x1 + x2) / 2
        return f"M{x1:.1f} {y1:.1f}C{middle:.1f} {y1:.1f} {middle:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
    bulge = min(BULGE, gap, 14 + abs(y2 - y1) * 0.12) * (1 if course == "down" else -1)
    return (
        f"M{x1:.1f} {y1:.1f}C{x1 + bulge:.1f} {y1:.1f} {x2 + bulge:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
    )


def _area(start: tuple[float, float], end: tuple[float, float], half: float) -> str:
    """Return the ribbon between two upright ends.

    A stroke as wide would stick out of its boxes where the way is short and steep.
    """
    (x1, y1), (x2, y2) = start, end
    middle = (x1 + x2) / 2
    return (
        f"M{x1:.1f} {y1 - half:.1f}"
        f"C{middle:.1f} {y1 - half:.1f} {middle:.1f} {y2 - half:.1f} {x2:.1f} {y2 - half:.1f}"
        f"V{y2 + half:.1f}"
        f"C{middle:.1f} {y2 + half:.1f} {middle:.1f} {y1 + half:.1f} {x1:.1f} {y1 + half:.1f}z"
    )


def _arrow(end: tuple[float, float], side: str) -> str:
    x, y = end
    out = 6 if side == "right" else -6
    return f"M{x:.1f} {y:.1f}l{out} -3.5v7z"


def _stubs(places: Sequence[Place], boxes: dict[str, Box], scale: float) -> list[Stub]:
    stubs = []
    for each in places:
        if not each.stops:
            continue
        box = boxes[each.name]
        width = min(max(2.0, each.stops * scale), box.width - 12)
        x = box.x + 12
        # The words stand beside a narrow bar and upon a wide one.
        beside = x + width + 6 + STUB_WORDS <= box.right + 12
        stubs.append(
            Stub(
                each.name,
                round(x, 1),
                round(box.bottom, 1),
                round(width, 1),
                STUB,
                round(x + width + 6 if beside else x + 6, 1),
            )
        )
    return stubs
