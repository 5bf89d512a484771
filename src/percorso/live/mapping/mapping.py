"""What was received, as rows of the log."""

import hashlib
import logging
from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from percorso.live import ready_rows, references
from percorso.live.mapping import making, unmappable
from percorso.live.mapping.columns import (
    OF_CUSTOMERS,
    UNKNOWN,
    Origin,
    Plain,
    Plan,
    by_column,
    encoded,
)
from percorso.live.mapping.finding import Finder, fits, normal
from percorso.live.mapping.gathering import Work
from percorso.live.mapping.ids import event_ids
from percorso.live.mapping.rules import Rules
from percorso.live.received import Batch, Received, Rejected, Seen, Unmapped
from percorso.live.segment import MOST_NAME, Event, UnfitError, read
from percorso.vocabulary import FIELDS, Violation
from percorso.vocabulary.references import LINK
from percorso.workspace import Settings

if TYPE_CHECKING:
    import pyarrow as pa

#: Different touchpoints that names of events may make: a key that is public can send any name, and
#: journeys of a hundred thousand touchpoints tell nothing.
MOST_TOUCHPOINTS: Final = 2_000
_logger: Final = logging.getLogger("percorso.live")
ELSEWHERE: Final = "Other events"
_LINKS_KNOWN: Final = 100_000
#: Events of a portion with which one and the same link is tried.
_CANDIDATES: Final = 8
_PLANS_KEPT: Final = 5_000
#: Bytes of properties after which a portion is full: what a batch says for all is in each event.
_PORTION: Final = 64 * 2**20


@dataclass(slots=True)
class MappedEvents:
    """A batch as rows of the log, and what could not become any.

    ``table`` has the columns of the log, checked; ``rejected`` come with the place of the event in
    the inbox (``row.request.event``), by which each is kept once. ``seen`` is one for each source
    and hour. ``unmapped`` are names that no rule knows, ``unknown`` the places of their events.
    ``touchpoints`` are named for the first time, and so are ``links``: tell the mapper of them by
    ``said`` once the table is in the log.
    """

    table: "pa.Table"
    rejected: list[tuple[str, Rejected]] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    unmapped: list[Unmapped] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    touchpoints: list[str] = field(default_factory=list)
    links: list[bytes] = field(default_factory=list)


class Mapper:
    """The rules of a workspace, ready to map one batch after another. Not for several threads."""

    def __init__(
        self,
        rules: Rules,
        settings: Settings,
        touchpoints: Iterable[str] = (),
        channels: Mapping[str, str] | None = None,
        public: Container[str] = (),
    ) -> None:
        """``channels`` says of sources where they are, see ``live.channels``.

        ``public`` are those whose key stands in web pages: see ``live.public``.
        """
        self._public = public
        self._finder = Finder(rules)
        self._zone = settings.zone_info
        self._channels = channels or {}
        self._touchpoints = set(touchpoints)
        self._plans: dict[tuple[str, str, str], list[Plan]] = {}
        #: Those of them that are plain and hold whatever an event says, by its name as sent.
        self._quick: dict[tuple[str, str | None, str | None], Plan] = {}
        self._links: set[bytes] = set()

    def map(self, batch: Batch) -> MappedEvents:
        """Return the rows of a batch. Never raises for what an event holds."""
        (mapped,) = self._portions(batch, None)
        return mapped

    def portions(self, batch: Batch) -> Iterator[MappedEvents]:
        """Yield a batch as ``map`` returns it, in portions that memory holds; one at least."""
        return self._portions(batch, _PORTION)

    def said(self, links: Iterable[bytes]) -> None:
        """Note that these links are in the log: who is whose device is not said once more."""
        if len(self._links) >= _LINKS_KNOWN:
            self._links.clear()
        self._links.update(links)

    def _portions(self, batch: Batch, most: int | None) -> Iterator[MappedEvents]:
        work = Work()
        for number, (request, place) in enumerate(zip(batch.received, batch.places, strict=True)):
            if most is not None and work.size >= most:
                self._write(work)
                yield self._mapped(batch, work)
                work = Work()
            if ready_rows.is_rows(request.call):
                sent = _take_rows(request, number, work)
            else:
                events = _read(request)
                self._take(events, request, place, number, work)
                sent = len(events)
            work.count(request, sent)
            if work.many:
                self._write(work)
        self._write(work)
        yield self._mapped(batch, work)

    def _take(
        self,
        events: list[Event | UnfitError],
        request: Received,
        place: tuple[int, int],
        number: int,
        work: Work,
    ) -> None:
        """Gather the plain events of a request, and map the others."""
        source, quick = request.source, self._quick
        ids = event_ids(
            request,
            place,
            [None if isinstance(each, UnfitError) else each.messageId for each in events],
        )
        origins = [(number, position) for position in range(len(events))]
        plans = [
            quick.get((source, each.type, each.event)) if not isinstance(each, UnfitError) else None
            for each in events
        ]
        if None not in plans:
            came = range(request.received_at, request.received_at + len(events))
            work.plain.add(events, plans, ids, [request] * len(events), origins, came)
            return
        for event, plan, id_, origin in zip(events, plans, ids, origins, strict=True):
            if plan is None or isinstance(event, UnfitError):
                self._sort_out(event, id_, request, origin, work)
            else:
                work.plain.add_one(event, plan, id_, request, origin)

    def _sort_out(
        self, event: Event | UnfitError, id_: str, request: Received, origin: Origin, work: Work
    ) -> None:
        """Gather an event, or map it where it is not plain."""
        with _rejecting(work, origin, request):
            if isinstance(event, UnfitError):
                raise event
            plan = self._plan(request.source, event)
            if plan.plain:
                work.plain.add_one(event, plan, id_, request, origin)
            elif not plan.drop:
                self._map(event, plan, id_, request, origin, work)

    def _write(self, work: Work) -> None:
        """Put what was gathered into columns."""
        plain, work.plain = work.plain, Plain()
        try:
            table, left = by_column(
                plain, self._channels, lambda name: self._touchpoint(name, work)
            )
        except Exception:
            _logger.exception("events are mapped one by one, to find the one it comes from")
            table, left = encoded().empty_table(), list(range(len(plain.events)))
        for each in left:
            request, origin = plain.requests[each], plain.origins[each]
            with _rejecting(work, origin, request):
                event, plan, id_ = plain.events[each], plain.plans[each], plain.ids[each]
                self._map(event, plan, id_, request, origin, work)
        kept = plain.without(left)
        unknown = {each for each in set(kept.plans) if each.maker is UNKNOWN}
        for number, plan in enumerate(kept.plans if unknown else ()):
            if plan in unknown:
                self._note_unknown(plan, kept.origins[number], work)
        work.linking += [
            (kept.origins[number], event, kept.requests[number])
            for number, event in enumerate(kept.events)
            if event.userId is not None and event.anonymousId is not None
        ]
        self._link_all(work)
        work.write(table, kept.origins)

    def _mapped(self, batch: Batch, work: Work) -> MappedEvents:
        table = work.checked_table()
        for number, _ in work.unfit:
            work.sent(batch.received[number]).rejected += 1
        return MappedEvents(
            table,
            list(unmappable.rejected(batch, work.unfit)),
            [each.as_seen(source) for (source, _), each in work.seen.items()],
            list(unmappable.unmapped(batch, work)),
            [unmappable.place(batch, each) for own in work.unknown.values() for each in own],
            work.touchpoints,
            list(work.links),
        )

    def _map(
        self, event: Event, plan: Plan, id_: str, request: Received, origin: Origin, work: Work
    ) -> None:
        """Add the rows of one event. Raises UnfitError."""
        rows = self._rows(event, plan, id_, request, work)
        self._complete(rows, event, request, origin)
        for row in rows:
            work.add(row, origin)
        if event.userId is not None and event.anonymousId is not None:
            work.linking.append((origin, event, request))
        if plan.maker is UNKNOWN and plan.call not in OF_CUSTOMERS:
            self._note_unknown(plan, origin, work)

    def _rows(
        self, event: Event, plan: Plan, id_: str, request: Received, work: Work
    ) -> list[making.Row]:
        """Return the rows of one event. Raises UnfitError."""
        rows: list[making.Row] = []
        if plan.call in OF_CUSTOMERS:
            rows.append(self._facts(event, id_, public=request.source in self._public))
            id_ = f"{id_}#0"
            if plan.maker is UNKNOWN:
                return rows
        rows.append(self._ruled(event, plan, id_, work))
        if plan.also:
            rows.extend(self._besides(event, plan, id_, rows[-1], work))
        return rows

    def _complete(
        self, rows: Iterable[making.Row], event: Event, request: Received, origin: Origin
    ) -> None:
        """Fill in what is the same in all rows of an event."""
        received_at = request.received_at + origin[1]
        customer = making.customer(event)
        channel = making.channel(event, self._channels.get(request.source, ""))
        language = making.language(event)
        public = request.source in self._public
        for row in rows:
            row[making.AT] = event.at
            row[making.RECEIVED_AT] = received_at
            row[making.SOURCE] = request.source
            row[making.CUSTOMER] = customer
            if public and row[making.KIND] == "consent":
                making.say_on_website(event, row)
            if row[making.CHANNEL] is None:
                row[making.CHANNEL] = channel
            making.set_language(row, language)

    def _plan(self, source: str, event: Event) -> Plan:
        """Return what to do with an event."""
        call = event.type or ""
        said = making.said(event)[:MOST_NAME]
        key = (source, call, said)
        plans = self._plans.get(key)
        if plans is None:
            if len(self._plans) >= _PLANS_KEPT:
                self._plans.clear()
                self._quick.clear()
            plans = self._plans[key] = self._make_plans(source, call, said)
            if plans[0].plain and not plans[0].conditions and said == event.event:
                self._quick[key] = plans[0]
        return next(each for each in plans if fits(event, each.conditions))

    def _make_plans(self, source: str, call: str, said: str) -> list[Plan]:
        name = " ".join(said.replace("\0", " ").split()) or "?"
        plans = [
            Plan(
                source,
                call,
                name,
                making.Maker.of(rule.makes, self._zone),
                tuple(making.Maker.of(each, self._zone) for each in rule.also),
                conditions,
                rule.drop,
            )
            for rule, conditions in self._finder.candidates(source, call, said)
        ]
        if not plans or plans[-1].conditions:
            plans.append(Plan(source, call, name))
        return plans

    def _ruled(self, event: Event, plan: Plan, id_: str, work: Work) -> making.Row:
        row = plan.maker.make(event)
        row[making.ID] = id_
        if row[making.NAME] is None:
            row[making.NAME] = plan.name
        row[making.TOUCHPOINT] = self._touchpoint(row[making.TOUCHPOINT] or plan.name, work)
        if plan.maker.consent:
            row[making.PROPERTIES] = making.consent(event, normal(plan.name))
        else:
            row[making.PROPERTIES] = making.properties(event)
        if row[making.SCALE] is not None and row[making.SCORE] is None:
            row[making.SCALE] = None
        return row

    def _besides(
        self, event: Event, plan: Plan, id_: str, first: making.Row, work: Work
    ) -> Iterable[making.Row]:
        """Yield what a rule makes also, where all that it needs is given."""
        for number, maker in enumerate(plan.also, start=1):
            row = maker.make(event)
            if any(row[need] is None for need in maker.needs):
                continue
            if maker.consent:
                if not making.says_consent(event):
                    continue
                row[making.PROPERTIES] = making.consent(event, normal(plan.name))
            row[making.ID] = f"{id_}#{number}"
            row[making.NAME] = row[making.NAME] or plan.name
            touchpoint = row[making.TOUCHPOINT] or first[making.TOUCHPOINT]
            row[making.TOUCHPOINT] = self._touchpoint(touchpoint, work)
            yield row

    def _note_unknown(self, plan: Plan, origin: Origin, work: Work) -> None:
        # Of names without end, those beyond the first two thousand are counted as one.
        key = (plan.call, self._touchpoint(plan.name, work))
        work.unknown.setdefault(key, []).append(origin)

    def _facts(self, event: Event, id_: str, *, public: bool) -> making.Row:
        links: list[str] = []
        traits = dict(event.traits or {})
        if event.type == "alias" and public:
            links = [making.visitors_browser(event)]
        elif event.type == "alias":
            previous = event.previousId or ""
            # The protocol does not say whether it was a device's or a user's.
            links = [references.of_device(previous), references.of_user(previous)]
        elif event.userId and event.anonymousId:
            links = [references.of_device(event.anonymousId)]
        if public and event.type != "group" and references.is_device(event.userId):
            # Two browsers are nobody's to join.
            raise UnfitError(making.ONLY_A_BROWSER, "userId", event.userId)
        if event.type == "group":
            traits = {"group": event.groupId, **{f"group.{k}": v for k, v in traits.items()}}
        return _profile(id_, event.type or "", making.facts(traits, links))

    def _link_all(self, work: Work) -> None:
        """Say of the users and devices of events that they are the same person, in order."""
        for origin, event, request in sorted(work.linking, key=itemgetter(0)):
            link = self._link(event, request.source, work)
            if link is not None:
                digest, row = link
                self._complete((row,), event, request, origin)
                work.candidates.setdefault(digest, []).append((origin, row))
        work.linking.clear()

    def _link(self, event: Event, source: str, work: Work) -> tuple[bytes, making.Row] | None:
        """Return what says once that the user and the device of an event are the same person."""
        if not event.userId or not event.anonymousId or event.type in ("identify", "alias"):
            return None
        if references.is_device(event.userId):
            return None
        pair = (source, event.userId, event.anonymousId)
        if pair in work.linked:
            return None
        digest = hashlib.blake2b("\0".join(pair).encode(), digest_size=15)
        given = digest.digest()
        # The event it is said with may be rejected: then it is said with the next.
        if given in self._links or len(work.candidates.get(given, ())) >= _CANDIDATES:
            work.linked.add(pair)
            return None
        links = [references.of_device(event.anonymousId)]
        facts = making.facts({}, links)
        return given, _profile(f"{source}:link:{digest.hexdigest()}", LINK, facts)

    def _touchpoint(self, name: str, work: Work) -> str:
        """Return the touchpoint to write for one that a rule or a name makes."""
        if name in self._touchpoints:
            return name
        name = " ".join(name.replace("\0", " ").split())[:MOST_NAME] or "?"
        if name not in self._touchpoints:
            if len(self._touchpoints) >= MOST_TOUCHPOINTS:
                return ELSEWHERE
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


def _take_rows(request: Received, number: int, work: Work) -> int:
    """Gather rows that were made here, as they are; return how many they were."""
    rows = ready_rows.read(request.body)
    for position, row in enumerate(rows):
        with _rejecting(work, (number, position), request):
            if isinstance(row, UnfitError):
                raise row
            work.add(row, (number, position))
    return len(rows)


def _read(request: Received) -> list[Event | UnfitError]:
    """Return the events of a request, as ``segment.read`` does; whatever it holds."""
    try:
        return read(request.call, request.body, request.received_at)
    except Exception:
        _logger.exception("a request of %s could not be read", request.source)
        return [UnfitError(unmappable.NOT_READ)]


@contextmanager
def _rejecting(work: Work, origin: Origin, request: Received) -> Iterator[None]:
    """Note of an event that it is rejected, where it cannot be mapped."""
    try:
        yield
    except UnfitError as unfit:
        work.unfit[origin] = Violation(unfit.field, unfit.reason, unfit.value)
    except Exception:
        # One event must not stop all others; it is kept, to be tried again.
        _logger.exception("an event of %s could not be mapped", request.source)
        work.unfit[origin] = Violation("", unmappable.NOT_READ, "")
