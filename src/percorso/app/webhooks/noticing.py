"""Noticing what happens, and writing down whom to tell: both in one transaction, each thing once.

What enters the log is read from the log itself, so that nothing is missed, whoever wrote it and
however the program ended. Two things are no news: what is older than three days when it comes (an
import of the past), and what happened before anybody was to be told of it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.utils import timezone

from percorso.app import company
from percorso.app.webhooks import events
from percorso.app.webhooks.events import Event
from percorso.app.webhooks.models import Delivery, Endpoint, Message, Noticed

if TYPE_CHECKING:
    import pyarrow as pa

    from percorso.explain import Problem
    from percorso.log import Log

#: What is older when it comes is history, not news.
NEWS: Final = timedelta(days=3)
#: Events told in one round; the rest have their turn in the next.
AT_ONCE: Final = 2000
PROMISES_EVERY: Final = timedelta(minutes=5)
_COLUMNS: Final = (
    *("id", "at", "received_at", "customer", "kind", "name", "touchpoint", "channel", "direction"),
    *("scale", "score", "text", "language", "amount", "currency", "about", "due_at", "source"),
)
#: Kinds that tell nothing that happened.
_QUIET: Final = ("profile", "consent")


def wanted() -> frozenset[str]:
    """Return the types of events somebody is to be told."""
    told = Endpoint.objects.filter(disabled_at=None).values_list("events", flat=True)
    return frozenset(name for each in told for name in each)


def notice(now: datetime | None = None) -> int:
    """Look at what happened since the last time; return how many messages were written."""
    types = wanted()
    if not types:
        # Whoever is told from later on is told of what happens from then on.
        Noticed.objects.all().delete()
        return 0
    now = now or timezone.now()
    log = company.log()
    place = Noticed.objects.first()
    if place is None:
        _begin(log, now)
        return 0
    begun = _place(place)
    # Reading takes as long as it takes; nobody's change waits for it. What is found is written in
    # a short transaction, unless somebody moved the place on meanwhile: then it is read again.
    found = [
        *(_arrived(log, place, types) if types & {events.RECEIVED, events.SCORED} else ()),
        *_merged(log, place),
        *(_broken(log, place, now) if events.BROKEN in types else ()),
    ]
    if not types & {events.RECEIVED, events.SCORED}:
        place.log_version, place.row = log.version, 0
    if not found and _place(place) == begun:
        return 0
    with transaction.atomic():
        current = Noticed.objects.select_for_update().first()
        if current is None or _place(current) != begun:
            return 0
        place.save(update_fields=_PLACE)
        return write(found)


#: What says up to where was noticed; problems have their own place.
_PLACE: Final = ("log_version", "row", "join", "promises_since", "promises_until")


def _place(noticed: Noticed) -> tuple[Any, ...]:
    return tuple(getattr(noticed, name) for name in _PLACE)


def _begin(log: "Log", now: datetime) -> None:
    joins = _last_join(log)
    Noticed.objects.create(
        log_version=log.version, join=joins, promises_since=now, promises_until=now
    )


def _last_join(log: "Log") -> int:
    last = 0
    while found := log.identity.since(last):
        last = found[-1].number
    return last


def write(found: Iterable[Event]) -> int:
    """Write messages and their deliveries; what was told before is not told again."""
    told = list(found)
    endpoints = list(Endpoint.objects.filter(disabled_at=None))
    keys = {f"{each.type}:{each.key}"[:300]: each for each in told}
    known = set(Message.objects.filter(key__in=list(keys)).values_list("key", flat=True))
    now, written = timezone.now(), 0
    for key, event in keys.items():
        listening = [each for each in endpoints if _listens(each, event)]
        if key in known or not listening:
            continue
        message = Message.objects.create(
            id=events.new_id(),
            type=event.type,
            key=key,
            body=event.body(),
            bare_body=event.bare_body(),
            customer=event.customer[:200],
            reference=event.reference[:200],
        )
        Delivery.objects.bulk_create(
            Delivery(message=message, endpoint=each, next_at=now) for each in listening
        )
        written += 1
    return written


def _listens(endpoint: Endpoint, event: Event) -> bool:
    if event.type not in endpoint.events:
        return False
    return not endpoint.kinds or not event.kind or event.kind in endpoint.kinds


# What entered the log


def _arrived(log: "Log", place: Noticed, types: frozenset[str]) -> Iterator[Event]:
    """Yield what entered the log, and move the place on; it may stop inside of a commit."""
    from percorso.log.arrivals import arrivals

    left, upto = AT_ONCE, log.version
    for arrival in arrivals(log, place.log_version, _COLUMNS):
        begin = place.row
        rows = arrival.rows.slice(begin, left)
        yield from _interactions(log, rows, types)
        left -= rows.num_rows
        if begin + rows.num_rows < arrival.rows.num_rows:
            place.log_version, place.row = arrival.version - 1, begin + rows.num_rows
            return
        place.log_version, place.row = arrival.version, 0
        if left <= 0:
            return
    place.log_version, place.row = max(place.log_version, upto), 0


def _interactions(log: "Log", rows: "pa.Table", types: frozenset[str]) -> Iterator[Event]:
    names: dict[str, str] = {}
    for row in rows.to_pylist():
        if row["kind"] in _QUIET or row["received_at"] - row["at"] > NEWS:
            continue
        reference = row["customer"]
        if reference not in names:
            names[reference] = log.identity.customer_of(reference)
        told = _told(row, names[reference])
        both: dict[str, Any] = {
            "key": row["id"], "at": row["received_at"], "data": told,
            "customer": names[reference], "reference": reference, "kind": row["kind"],
        }  # fmt: skip
        if events.RECEIVED in types:
            yield Event(type=events.RECEIVED, **both)
        if events.SCORED in types and row["score"] is not None:
            yield Event(type=events.SCORED, **both)


def _told(row: Mapping[str, Any], customer: str) -> dict[str, Any]:
    """Return an interaction as messages tell it; what is not there is left out."""
    told = {
        **row,
        "at": events.time(row["at"]),
        "received_at": events.time(row["received_at"]),
        "due_at": events.time(row["due_at"]),
        "customer": customer,
        "reference": row["customer"],
    }
    return {name: value for name, value in told.items() if value is not None}


# Who is who


def _merged(log: "Log", place: Noticed) -> Iterator[Event]:
    for join in log.identity.since(place.join, AT_ONCE):
        place.join = join.number
        if join.undone_at is not None:
            continue
        customer = log.identity.customer_of(join.reference)
        yield Event(
            type=events.MERGED,
            key=str(join.number),
            at=join.at or datetime.now(UTC),
            data={
                "reference": join.reference,
                "with": join.customer,
                "customer": customer,
                "kind": join.kind,
                "strength": join.strength,
            },
            customer=customer,
            reference=join.reference,
        )


# Promises


def _broken(log: "Log", place: Noticed, now: datetime) -> Sequence[Event]:
    """Return the promises that were broken lately, also those that were only told of now."""
    if now - place.promises_until < PROMISES_EVERY:
        return ()
    import ibis
    import pyarrow as pa

    from percorso.metrics import promises

    since = max(place.promises_since, now - NEWS)
    place.promises_until = now
    fates = promises.fates(log, as_of=now, also=())
    chosen = fates.filter(
        fates.fate.isin(["late", "unmet"]), fates.known_at > since, fates.known_at <= now
    )
    # Not from a place on: a promise may come to the log after others that were broken later.
    told = ibis.memtable(pa.table({"id": pa.array(_promises_told(since), pa.string())}))
    left = chosen.anti_join(told, "id").order_by(["known_at", "id"]).limit(AT_ONCE)
    rows = left.to_pyarrow().to_pylist()
    return [
        Event(
            type=events.BROKEN,
            key=row["id"],
            at=row["known_at"],
            data={
                name: events.time(value) if isinstance(value, datetime) else value
                for name, value in row.items()
                if value is not None
            },
            customer=row["customer"],
        )
        for row in rows
    ]


def _promises_told(since: datetime) -> list[str]:
    """Return the promises that were told of, of those broken after ``since``."""
    # None is told of before it is broken.
    keys = Message.objects.filter(type=events.BROKEN, at__gte=since).values_list("key", flat=True)
    return [each.removeprefix(f"{events.BROKEN}:") for each in keys]


# Problems


def tell_problems(found: "Sequence[Problem]") -> int:
    """Tell of problems that were not there the last time. Called where they are looked for."""
    if events.FOUND not in wanted():
        return 0
    with transaction.atomic():
        place = Noticed.objects.select_for_update().first()
        if place is None:
            return 0
        before, place.problems = place.problems, [each.id for each in found]
        place.save(update_fields=["problems"])
        if before is None:
            return 0
        new = [each for each in found if each.id not in before]
        now = timezone.now()
        return write(
            Event(
                type=events.FOUND,
                key=f"{each.id}:{now:%Y-%m-%d}",
                at=now,
                data=each.as_dict(),
            )
            for each in new
        )
