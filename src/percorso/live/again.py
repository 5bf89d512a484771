"""Events that no rule knew when they came, read again by the rules that hold now."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from percorso.live.channels import channels
from percorso.live.draining import LOCK
from percorso.live.inbox import KEPT_DAYS, Inbox
from percorso.live.mapping import Mapper, event_id, load_rules
from percorso.live.public import public_sources
from percorso.live.ready_rows import is_rows
from percorso.live.received import Batch, Received
from percorso.live.segment import UnfitError, parts, read

if TYPE_CHECKING:
    from percorso.log import Log

_WAIT: Final = 120.0
_PUT_AT_ONCE: Final = 500
#: Events that are held in memory at once, and that are read at once.
AT_ONCE: Final = 20_000
_READ_AT_ONCE: Final = 5_000
_ALL: Final = 2**62


def read_again(log: "Log", inbox: Inbox) -> int:
    """Bring events that are in the log as ``other`` in again where a rule knows them now.

    Only those that the inbox still keeps (a week). They wait in the inbox, on the disk, before
    their rows leave the log: whoever is stopped between the two has lost nothing, and may ask
    again. An event that the rules would reject stays as it is. Returns how many events it was;
    raises what the inbox, the log and the rules raise.
    """
    count = 0
    while True:
        found = _read_some_again(log, inbox)
        count += found
        if found < AT_ONCE:
            return count


def _read_some_again(log: "Log", inbox: Inbox) -> int:
    import pyarrow as pa

    from percorso.log.lock import exclusive

    with exclusive(log.workspace.path / LOCK, _WAIT):
        others = _unknown(log)
        if not others:
            return 0
        workspace = log.workspace
        known = inbox.touchpoints()
        rules = load_rules(workspace)
        public = public_sources(workspace)
        mapper = Mapper(rules, workspace.settings, known, channels(workspace), public)
        found: dict[str, Received] = {}
        for batch in inbox.kept(0, _ALL):
            for part in batch.portions(_READ_AT_ONCE):
                for id_, event in _known_now(part, others, mapper):
                    if len(found) < AT_ONCE:
                        found.setdefault(id_, event)
            if len(found) == AT_ONCE:
                break
        if not found:
            return 0
        events = list(found.values())
        for start in range(0, len(events), _PUT_AT_ONCE):
            inbox.put_again(events[start : start + _PUT_AT_ONCE])
        ids = pa.array(found, pa.string())

        def choose(rows: pa.Table) -> Any:
            theirs: Any = pa.compute.is_in(rows["id"], value_set=ids)
            unknown: Any = pa.compute.is_in(rows["kind"], value_set=pa.array(["other"]))
            return pa.compute.and_(theirs, unknown)

        log.forget(choose, returning=True)
        return len(found)


def _unknown(log: "Log") -> set[str]:
    import pyarrow.dataset as ds

    # What was sent in again once is kept for longer than a week after it came.
    oldest = datetime.now(UTC) - timedelta(days=4 * KEPT_DAYS)
    late = (ds.field("kind") == "other") & (ds.field("received_at") >= oldest)
    rows = log.read(["id"], where=late).read_all()
    return {str(each) for each in rows["id"].to_pylist()}


def _known_now(batch: Batch, unknown: set[str], mapper: Mapper) -> Iterator[tuple[str, Received]]:
    """Yield what of a batch a rule knows now, by its id, each event as a request of its own."""
    theirs = [
        (request, place, position, id_)
        for request, place in zip(batch.received, batch.places, strict=True)
        for position, id_ in enumerate(_ids(request, place))
        if id_ in unknown
    ]
    if not theirs:
        return
    mapped = mapper.map(batch)
    kinds: list[Any] = mapped.table["kind"].to_pylist()
    ids: list[Any] = mapped.table["id"].to_pylist()
    still = {id_ for id_, kind in zip(ids, kinds, strict=True) if kind == "other"}
    wrong = {place for place, _ in mapped.rejected}
    bodies: dict[tuple[int, int], list[bytes]] = {}
    for request, place, position, id_ in theirs:
        if id_ in still or f"{place[0]}.{place[1]}.{position}" in wrong:
            continue
        if place not in bodies:
            bodies = {place: parts(request.call, request.body)}
        body = bodies[place][position]
        call = "event" if request.call == "batch" else request.call.partition("@")[0]
        made = id_.partition(":")[2]
        if made.startswith("@"):
            # Read once more it has the same id: whatever is cut short in between doubles nothing.
            call += made
        yield id_, Received(request.source, call, request.received_at, body)


def _ids(request: Received, place: tuple[int, int]) -> Iterator[str]:
    """Yield the id that each event of a request has in the log; rows are what they are."""
    if is_rows(request.call):
        return
    for position, event in enumerate(read(request.call, request.body, request.received_at)):
        message = None if isinstance(event, UnfitError) else event.messageId
        yield event_id(request, place, position, message)
