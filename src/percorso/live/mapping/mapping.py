"""What was received, as rows of the log."""

import hashlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from percorso.live import references
from percorso.live.mapping import making
from percorso.live.mapping.finding import Finder, normal
from percorso.live.mapping.rules import Rule, Rules
from percorso.live.received import Batch, Received, Rejected, Seen, Unmapped
from percorso.live.segment import Event, UnfitError, parts, read
from percorso.vocabulary import FIELDS, N_, Phrase, Violation
from percorso.workspace import Settings

if TYPE_CHECKING:
    import pyarrow as pa

#: Different touchpoints that names of events may make: a key that is public can send any name, and
#: journeys of a hundred thousand touchpoints tell nothing.
MOST_TOUCHPOINTS: Final = 2_000
_logger: Final = logging.getLogger("percorso.live")
ELSEWHERE: Final = "Other events"
_LINKS_KNOWN: Final = 100_000
_LONGEST_NAME: Final = 500

#: The number of a request in its batch, and of the event in the request.
Origin = tuple[int, int]


@dataclass(slots=True)
class MappedEvents:
    """A batch as rows of the log, and what could not become any.

    ``table`` has the columns of the log, checked; ``rejected`` come with the place of the event in
    the inbox (``row.request.event``), by which each is kept once. ``unmapped`` are names that no
    rule knows. ``touchpoints`` are named for the first time.
    """

    table: "pa.Table"
    rejected: list[tuple[str, Rejected]] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    unmapped: list[Unmapped] = field(default_factory=list)
    touchpoints: list[str] = field(default_factory=list)


class Mapper:
    """The rules of a workspace, ready to map one batch after another. Not for several threads."""

    def __init__(self, rules: Rules, settings: Settings, touchpoints: Iterable[str] = ()) -> None:
        self._finder = Finder(rules)
        self._makers = making.Makers(settings.zone_info)
        self._touchpoints = set(touchpoints)
        self._names: dict[str, str] = {}
        self._links: dict[tuple[str, str, str], None] = {}

    def map(self, batch: Batch) -> MappedEvents:
        """Return the rows of a batch. Never raises for what an event holds."""
        work = _Work()
        for number, (request, place) in enumerate(zip(batch.received, batch.places, strict=True)):
            events = read(request.call, request.body, request.received_at)
            for position, event in enumerate(events):
                origin = (number, position)
                try:
                    if isinstance(event, UnfitError):
                        raise event
                    self._map(event, request, f"{place[0]}.{place[1]}", origin, work)
                except UnfitError as unfit:
                    work.unfit[origin] = Violation(unfit.field, unfit.reason, unfit.value)
                except Exception:
                    # One event must not stop all others; it is kept, to be tried again.
                    _logger.exception("an event of %s could not be mapped", request.source)
                    work.unfit[origin] = Violation("", Phrase(N_("could not be read")), "")
            work.count(request, len(events))
        table = work.checked_table()
        rejected = list(_rejected(batch, work.unfit))
        for _, each in rejected:
            work.seen[each.source].rejected += 1
        return MappedEvents(
            table,
            rejected,
            [each.as_seen(source) for source, each in work.seen.items()],
            list(_unmapped(batch, work)),
            work.touchpoints,
        )

    def _map(
        self, event: Event, request: Received, place: str, origin: Origin, work: "_Work"
    ) -> None:
        """Add the rows of one event. Raises UnfitError."""
        source = request.source
        message = event.messageId
        id_ = (
            f"{source}:{message}"
            if message
            # Whoever sends no id means each request to count.
            else f"{source}:@{request.received_at}.{place}.{origin[1]}"
        )
        rows: list[making.Row] = []
        rule = self._finder.rule(source, event)
        call = event.type
        if call in ("identify", "group", "alias"):
            rows.append(self._facts(event, id_))
        if rule is not None:
            if rule.drop:
                return
            rows.extend(self._ruled(event, rule, id_, work))
        elif call in ("track", "page", "screen"):
            rows.append(self._unknown(event, id_, origin, work))
        if event.userId and event.anonymousId and call not in ("identify", "alias"):
            rows.extend(self._link(event, source))
        received_at = request.received_at + origin[1]
        for row in rows:
            row[making.AT] = event.at
            row[making.RECEIVED_AT] = received_at
            row[making.SOURCE] = source
            row[making.CUSTOMER] = row[making.CUSTOMER] or making.customer(event)
            row[making.CHANNEL] = row[making.CHANNEL] or making.channel(event)
        work.rows.extend(rows)
        work.origins.extend([origin] * len(rows))

    def _ruled(self, event: Event, rule: Rule, id_: str, work: "_Work") -> list[making.Row]:
        maker, also = self._makers.of(rule)
        row = maker.make(event)
        said = making.said(event)
        name = self._name(said)
        row[making.ID] = id_ if event.type not in ("identify", "group", "alias") else f"{id_}#0"
        row[making.NAME] = row[making.NAME] or name
        row[making.TOUCHPOINT] = self._touchpoint(row[making.TOUCHPOINT] or name, work)
        if maker.consent:
            row[making.PROPERTIES] = making.consent(event, normal(said))
        else:
            row[making.PROPERTIES] = making.properties(event)
        if row[making.SCORE] is None and row[making.SCALE] is not None:
            row[making.SCALE] = None
        made = [row]
        for number, each in enumerate(also, start=1):
            besides = each.make(event)
            if any(besides[need] is None for need in each.needs):
                continue
            besides[making.ID] = f"{id_}#{number}"
            besides[making.NAME] = besides[making.NAME] or name
            besides[making.TOUCHPOINT] = self._touchpoint(
                besides[making.TOUCHPOINT] or row[making.TOUCHPOINT], work
            )
            made.append(besides)
        return made

    def _unknown(self, event: Event, id_: str, origin: Origin, work: "_Work") -> making.Row:
        row: making.Row = [None] * len(FIELDS)
        name = self._name(making.said(event))
        row[making.ID] = id_
        row[making.KIND] = "other"
        row[making.DIRECTION] = "in"
        row[making.NAME] = name
        row[making.TOUCHPOINT] = self._touchpoint(name, work)
        row[making.PROPERTIES] = making.properties(event)
        # Of names without end, those beyond the first two thousand are counted as one.
        listed = name if row[making.TOUCHPOINT] == name else ELSEWHERE
        work.unknown.setdefault((event.type or "", listed), []).append(origin)
        return row

    def _facts(self, event: Event, id_: str) -> making.Row:
        links: list[str] = []
        traits = dict(event.traits or {})
        if event.type == "alias":
            previous = event.previousId or ""
            # The protocol does not say whether it was a device's or a user's.
            links = [references.of_device(previous), references.of_user(previous)]
        elif event.userId and event.anonymousId:
            links = [references.of_device(event.anonymousId)]
        if event.type == "group":
            traits = {"group": event.groupId, **{f"group.{k}": v for k, v in traits.items()}}
        return _profile(id_, event.type or "", making.facts(traits, links))

    def _link(self, event: Event, source: str) -> list[making.Row]:
        """Say once that the user and the device of an event are the same person."""
        key = (source, event.userId or "", event.anonymousId or "")
        if key in self._links:
            return []
        if len(self._links) >= _LINKS_KNOWN:
            self._links.clear()
        self._links[key] = None
        digest = hashlib.blake2b("\0".join(key).encode(), digest_size=15).hexdigest()
        links = [references.of_device(event.anonymousId or "")]
        return [_profile(f"{source}:link:{digest}", "link", making.facts({}, links))]

    def _name(self, said: str) -> str:
        """Return a name on one line, as it was sent otherwise."""
        name = self._names.get(said)
        if name is None:
            if len(self._names) > MOST_TOUCHPOINTS * 10:
                self._names.clear()
            name = " ".join(said.replace("\0", " ").split())[:_LONGEST_NAME] or "?"
            self._names[said] = name
        return name

    def _touchpoint(self, name: str, work: "_Work") -> str:
        if name in self._touchpoints:
            return name
        if len(self._touchpoints) >= MOST_TOUCHPOINTS:
            return ELSEWHERE
        name = self._name(name)
        self._touchpoints.add(name)
        work.touchpoints.append(name)
        return name


def _profile(id_: str, name: str, facts: bytes) -> making.Row:
    row: making.Row = [None] * len(FIELDS)
    row[making.ID] = id_
    row[making.KIND] = "profile"
    row[making.NAME] = name
    row[making.TOUCHPOINT] = name
    row[making.DIRECTION] = "in"
    row[making.PROPERTIES] = facts
    return row


@dataclass(slots=True)
class _Sent:
    first_at: int
    last_at: int
    events: int = 0
    rejected: int = 0

    def as_seen(self, source: str) -> Seen:
        return Seen(source, self.first_at, self.last_at, self.events, self.rejected)


@dataclass(slots=True)
class _Work:
    """What is gathered while a batch is mapped."""

    rows: list[making.Row] = field(default_factory=list)
    origins: list[Origin] = field(default_factory=list)
    unfit: dict[Origin, Violation] = field(default_factory=dict)
    seen: dict[str, _Sent] = field(default_factory=dict)
    unknown: dict[tuple[str, str], list[Origin]] = field(default_factory=dict)
    touchpoints: list[str] = field(default_factory=list)

    def count(self, request: Received, events: int) -> None:
        sent = self.seen.get(request.source)
        if sent is None:
            at = request.received_at
            sent = self.seen[request.source] = _Sent(at, at)
        sent.first_at = min(sent.first_at, request.received_at)
        sent.last_at = max(sent.last_at, request.received_at)
        sent.events += events

    def checked_table(self) -> "pa.Table":
        """Return the rows that follow the log's rules; what breaks one goes with its event."""
        import pyarrow as pa

        from percorso.log.schema import SCHEMA
        from percorso.log.validation import validate

        if not self.rows:
            return SCHEMA.empty_table()
        columns = list(zip(*self.rows, strict=True))
        table = pa.Table.from_arrays(
            [_column(columns[place], each.type) for place, each in enumerate(FIELDS)],
            schema=SCHEMA,
        )
        # What we wrote ourselves is JSON; and of 32 KB there are no 100,000 characters.
        known = table.set_column(
            making.PROPERTIES, SCHEMA.field("properties"), pa.nulls(len(table), pa.string())
        )
        for number, violation in validate(known).rejected:
            self.unfit.setdefault(self.origins[number], violation)
        if not self.unfit:
            return table
        return table.filter(pa.array([each not in self.unfit for each in self.origins]))


def _column(values: tuple[Any, ...], kind: str) -> "pa.Array[Any]":
    import pyarrow as pa

    from percorso.log.schema import TIME

    if kind == "time":
        return pa.array(values, pa.int64()).cast(TIME)
    if kind == "json":
        return pa.array(values, pa.binary()).cast(pa.string())
    return pa.array(values, pa.float64() if kind == "number" else pa.string())


def _rejected(batch: Batch, unfit: dict[Origin, Violation]) -> Iterable[tuple[str, Rejected]]:
    bodies: dict[int, list[bytes]] = {}
    for (number, position), why in unfit.items():
        request, place = batch.received[number], batch.places[number]
        if number not in bodies:
            bodies[number] = parts(request.call, request.body)
        body = bodies[number][position]
        yield (
            f"{place[0]}.{place[1]}.{position}",
            Rejected(
                request.source,
                # By itself it says which call it is.
                "event" if request.call == "batch" else request.call,
                request.received_at + position,
                body,
                why.rule,
                why.field,
                why.value,
            ),
        )


def _unmapped(batch: Batch, work: _Work) -> Iterable[Unmapped]:
    bodies: dict[int, list[bytes]] = {}
    for (call, name), origins in work.unknown.items():
        of_source: dict[str, list[Origin]] = {}
        for origin in origins:
            if origin not in work.unfit:
                of_source.setdefault(batch.received[origin[0]].source, []).append(origin)
        for source, own in of_source.items():
            times = [batch.received[number].received_at for number, _ in own]
            number, position = own[-1]
            if number not in bodies:
                request = batch.received[number]
                bodies[number] = parts(request.call, request.body)
            example = bodies[number][position]
            yield Unmapped(source, call, name, len(own), min(times), max(times), example)
