"""Most events make one row each, and many of them the same: these are mapped by the column.

What comes out is what ``making`` makes of them one by one, in a fifth of the time.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import msgspec

from percorso.live.mapping import making
from percorso.live.mapping.finding import Conditions
from percorso.live.mapping.rules import Makes
from percorso.live.received import Received
from percorso.live.segment import Event, UnfitError
from percorso.vocabulary import FIELDS

if TYPE_CHECKING:
    import pyarrow as pa

#: The number of a request in its batch, and of the event in the request.
Origin = tuple[int, int]

#: Calls that say something of customers beside what happened.
OF_CUSTOMERS: Final = ("identify", "group", "alias")
_NAMED: Final = (making.NAME, making.TOUCHPOINT)
#: What is made of an event that no rule knows.
UNKNOWN: Final = making.Maker.of(Makes(kind="other"), ZoneInfo("UTC"))
_encode_lines: Final = msgspec.json.Encoder().encode_lines
_NEWLINE: Final = ord("\n")


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What to do with the events of a source, a call and a name, where the conditions hold."""

    source: str
    call: str
    name: str
    maker: making.Maker = UNKNOWN
    also: tuple[making.Maker, ...] = ()
    conditions: Conditions = field(default_factory=list)
    drop: bool = False

    @property
    def plain(self) -> bool:
        """Whether an event makes one row, and no more."""
        return not (self.also or self.maker.consent or self.call in OF_CUSTOMERS or self.drop)


@dataclass(slots=True)
class Plain:
    """Events of plain plans, in the order they came."""

    events: list[Event] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    requests: list[Received] = field(default_factory=list)
    origins: list[Origin] = field(default_factory=list)
    #: When each came, in microseconds.
    came: list[int] = field(default_factory=list)

    def add(
        self,
        events: Iterable[Any],
        plans: Iterable[Any],
        ids: Iterable[str],
        requests: Iterable[Received],
        origins: Iterable[Origin],
        came: Iterable[int],
    ) -> None:
        self.events += events
        self.plans += plans
        self.ids += ids
        self.requests += requests
        self.origins += origins
        self.came += came

    def add_one(
        self, event: Event, plan: Plan, id_: str, request: Received, origin: Origin
    ) -> None:
        came = request.received_at + origin[1]
        self.add((event,), (plan,), (id_,), (request,), (origin,), (came,))

    def without(self, left: Sequence[int]) -> "Plain":
        """Return what is there but for the events of some numbers."""
        if not left:
            return self
        out = set(left)
        kept = [each for each in range(len(self.events)) if each not in out]
        return Plain(
            [self.events[each] for each in kept],
            [self.plans[each] for each in kept],
            [self.ids[each] for each in kept],
            [self.requests[each] for each in kept],
            [self.origins[each] for each in kept],
            [self.came[each] for each in kept],
        )


@dataclass(frozen=True, slots=True)
class _Group:
    """Events of one plan: their numbers, and what of their rows the rule fills."""

    plan: Plan
    numbers: list[int]
    filled: dict[int, list[Any]]

    def constant(self, place: int) -> Any:
        """Return what all of their rows have at a place, unless the rule fills it."""
        given = self.plan.maker.row[place]
        return self.plan.name if given is None and place in _NAMED else given


def by_column(
    plain: Plain, channels: Mapping[str, str], touchpoint: Callable[[str], str]
) -> "tuple[pa.Table, list[int]]":
    """Return the rows of plain events, and the numbers of the events that have none there.

    These are all events of a plan of which one cannot be read: one by one it is seen which. The
    columns are those of ``encoded``. ``channels`` says of sources where they are;
    ``touchpoint`` is told each new touchpoint, and returns the one to write.
    """
    left: list[int] = []
    filled: dict[Plan, dict[int, list[Any]]] = {}
    by_plan = _by_plan(plain.plans)
    for plan, numbers in by_plan.items():
        events = [plain.events[each] for each in numbers]
        try:
            filled[plan] = {place: fill(events) for place, fill in plan.maker.fills}
        except UnfitError:
            left += numbers
    left.sort()
    kept = plain.without(left)
    if left:
        by_plan = _by_plan(kept.plans)
    groups = [_Group(plan, numbers, filled[plan]) for plan, numbers in by_plan.items()]
    return _Table(kept, groups).make(channels, touchpoint), left


def _by_plan(plans: Sequence[Plan]) -> dict[Plan, list[int]]:
    """Return the numbers of the events of each plan."""
    found: defaultdict[Plan, list[int]] = defaultdict(list)
    for number, plan in enumerate(plans):
        found[plan].append(number)
    return found


class _Table:
    """The columns of the rows of some events."""

    def __init__(self, plain: Plain, groups: list[_Group]) -> None:
        import numpy as np

        self._plain = plain
        self._groups = groups
        self._codes = np.zeros(len(plain.events), dtype=np.int32)
        for code, each in enumerate(groups):
            self._codes[each.numbers] = code

    def make(self, channels: Mapping[str, str], touchpoint: Callable[[str], str]) -> "pa.Table":
        import pyarrow as pa

        events = self._plain.events
        columns: dict[int, Any] = {
            making.ID: pa.array(self._plain.ids, pa.string()),
            making.AT: as_times([each.at for each in events]),
            making.RECEIVED_AT: as_times(self._plain.came),
            making.CUSTOMER: pa.array(making.customers(events), pa.string()),
            making.KIND: self._words(making.KIND),
            making.NAME: self._words(making.NAME),
            making.TOUCHPOINT: self._touchpoints(touchpoint),
            making.CHANNEL: self._channels(channels),
            making.DIRECTION: self._words(making.DIRECTION),
            making.SCALE: self._scales(),
            making.SCORE: self._filled(making.SCORE, pa.float64()),
            making.TEXT: self._filled(making.TEXT, pa.string()),
            making.LANGUAGE: self._languages(),
            making.AMOUNT: self._filled(making.AMOUNT, pa.float64()),
            making.CURRENCY: self._words(making.CURRENCY),
            making.ABOUT: self._filled(making.ABOUT, pa.string()),
            making.DUE_AT: as_times(self._values(making.DUE_AT)),
            making.SOURCE: self._spread([each.plan.source for each in self._groups]),
            making.PROPERTIES: _as_json(making.all_besides(events)),
        }
        return pa.Table.from_arrays(
            [columns[place] for place in range(len(FIELDS))], schema=encoded()
        )

    def _fills(self, place: int) -> bool:
        return any(place in each.filled for each in self._groups)

    def _values(self, place: int) -> list[Any]:
        """Return what each row has at a place."""
        values: list[Any] = [None] * len(self._plain.events)
        for each in self._groups:
            constant = each.constant(place)
            if place in each.filled:
                for number, value in zip(each.numbers, each.filled[place], strict=True):
                    values[number] = constant if value is None else value
            elif constant is not None:
                for number in each.numbers:
                    values[number] = constant
        return values

    def _filled(self, place: int, kind: Any) -> Any:
        """Return a column that has nothing but what rules fill in."""
        import pyarrow as pa

        if not self._fills(place):
            return pa.nulls(len(self._plain.events), kind)
        return pa.array(self._values(place), kind)

    def _words(self, place: int) -> "pa.Array[Any]":
        if self._fills(place):
            return _encoded(self._values(place))
        return self._spread([each.constant(place) for each in self._groups])

    def _spread(self, words: list[str | None]) -> "pa.Array[Any]":
        """Return a column of words, of which there is one a group."""
        import pyarrow as pa

        found: Any = _encoded(words)
        indices = found.indices.take(pa.array(self._codes))
        return pa.DictionaryArray.from_arrays(indices, found.dictionary)

    def _touchpoints(self, touchpoint: Callable[[str], str]) -> "pa.Array[Any]":
        if not self._fills(making.TOUCHPOINT):
            return self._spread(
                [touchpoint(each.constant(making.TOUCHPOINT)) for each in self._groups]
            )
        values = self._values(making.TOUCHPOINT)
        written = {each: touchpoint(each) for each in dict.fromkeys(values)}
        return _encoded([written[each] for each in values])

    def _channels(self, channels: Mapping[str, str]) -> "pa.Array[Any]":
        events = self._plain.events
        found = [""] * len(events)
        for each in self._groups:
            constant = each.constant(making.CHANNEL)
            if constant is not None:
                for number in each.numbers:
                    found[number] = constant
                continue
            own = [events[number] for number in each.numbers]
            said = making.channels(own, channels.get(each.plan.source, ""))
            for number, channel in zip(each.numbers, said, strict=True):
                found[number] = channel
        return _encoded(found)

    def _scales(self) -> "pa.Array[Any]":
        """Return the scales; where there is no score they say nothing."""
        if not self._fills(making.SCORE):
            return self._spread([None] * len(self._groups))
        scores = self._values(making.SCORE)
        scales = self._values(making.SCALE)
        return _encoded(
            [None if score is None else scale for score, scale in zip(scores, scales, strict=True)]
        )

    def _languages(self) -> "pa.Array[Any]":
        """Return the languages, as ``making.set_language`` sets them."""
        device = making.languages(self._plain.events)
        if not self._fills(making.LANGUAGE) and not any(device):
            return _encoded(device)
        places = (making.LANGUAGE, making.TEXT, making.DIRECTION)
        rows = zip(device, *map(self._values, places), strict=True)
        return _encoded(
            [
                set_to if said is None and text is None and direction == "in" else said
                for set_to, said, text, direction in rows
            ]
        )


def encoded() -> "pa.Schema":
    """Return the columns of the log, those with few different values as dictionaries."""
    import pyarrow as pa

    from percorso.log.schema import REPEATED, SCHEMA

    words = pa.dictionary(pa.int32(), pa.string())
    return pa.schema(
        [pa.field(each.name, words if each.name in REPEATED else each.type) for each in SCHEMA]
    )


def as_times(values: Sequence[int | None]) -> "pa.Array[Any]":
    """Return microseconds since 1970 as times."""
    import pyarrow as pa

    from percorso.log.schema import TIME

    return pa.array(values, pa.int64()).cast(TIME)


def _encoded(values: Sequence[str | None]) -> "pa.Array[Any]":
    import pyarrow as pa

    return pa.array(values, pa.string()).dictionary_encode()


def _as_json(given: list[dict[str, Any] | None]) -> "pa.Array[Any]":
    """Return properties as JSON; nothing where there are none."""
    import numpy as np
    import pyarrow as pa

    # Of no text in JSON a newline is part, so that it says where the next begins.
    lines = _encode_lines([each for each in given if each])
    ends = np.flatnonzero(np.frombuffer(lines, np.uint8) == _NEWLINE)
    offsets = np.zeros(len(ends) + 1, dtype=np.int32)
    offsets[1:] = ends - np.arange(len(ends))
    texts = pa.StringArray.from_buffers(
        len(ends), pa.py_buffer(offsets.tobytes()), pa.py_buffer(lines.replace(b"\n", b""))
    )
    if len(texts) == len(given):
        return texts
    there = np.array([bool(each) for each in given], dtype=bool)
    return texts.take(pa.array(np.cumsum(there) - 1, mask=~there))
