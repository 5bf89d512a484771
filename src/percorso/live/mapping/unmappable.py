"""What of a batch could become no rows of the log, with where it is in the inbox, and why."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from percorso.live import ready_rows
from percorso.live.mapping.columns import Origin
from percorso.live.mapping.gathering import Work
from percorso.live.received import Batch, Received, Rejected, Unmapped
from percorso.live.segment import context_size, parts
from percorso.vocabulary import N_, Phrase, Violation

NOT_READ: Final = Phrase(N_("could not be read"))
#: Bytes of a request's context that are kept with its rejected events, each of which has it.
_CONTEXTS_KEPT: Final = 64 * 1024


def place(batch: Batch, origin: Origin) -> str:
    """Return the place of an event in the inbox."""
    row, request = batch.places[origin[0]]
    return f"{row}.{request}.{origin[1]}"


def rejected(batch: Batch, unfit: dict[Origin, Violation]) -> Iterable[tuple[str, Rejected]]:
    """Yield the events that could not be mapped, with their places in the inbox."""
    bodies: dict[int, list[bytes]] = {}
    counts = Counter(number for number, _ in unfit)
    for (number, position), why in unfit.items():
        request = batch.received[number]
        if number not in bodies:
            bodies[number] = _kept(request, counts[number])
        body = _at(bodies[number], position, request)
        yield (
            place(batch, (number, position)),
            Rejected(
                request.source,
                # By itself it says which call it is.
                "event" if request.call == "batch" and body is not request.body else request.call,
                request.received_at + position,
                body,
                why.rule,
                why.field,
                why.value,
            ),
        )


def whole(batch: Batch) -> list[tuple[str, Rejected]]:
    """Return the requests of a batch as rejected, each as it came."""
    return [
        (
            f"{row}.{request}.0",
            Rejected(each.source, each.call, each.received_at, each.body, NOT_READ),
        )
        for each, (row, request) in zip(batch.received, batch.places, strict=True)
    ]


def _kept(request: Received, rejected: int) -> list[bytes]:
    """Return the events of a request to be kept, with its context where that is not much."""
    if ready_rows.is_rows(request.call):
        return ready_rows.parts(request.body)
    size = context_size(request.call, request.body) * rejected
    return parts(request.call, request.body, shared=size <= _CONTEXTS_KEPT)


def _at(bodies: list[bytes], position: int, request: Received) -> bytes:
    return bodies[position] if position < len(bodies) else request.body


def unmapped(batch: Batch, work: Work) -> Iterable[Unmapped]:
    """Yield the names that no rule knows, by source, with the last event of each."""
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
            example = _at(bodies[number], position, batch.received[number])
            yield Unmapped(source, call, name, len(own), min(times), max(times), example)
