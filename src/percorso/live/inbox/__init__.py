"""The durable inbox: what was acknowledged waits here until it is in the log.

One row holds the requests that were written with one flush of the disk. A mark says up to which row
all is in the log; rows before it are kept for a week, to be seen and tried again. So is what was
rejected.
"""

import importlib.util
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from percorso.live.errors import InboxError, LiveError
from percorso.live.inbox import trimming
from percorso.live.inbox.database import NO_PSYCOPG, Connection, connect, errors, is_address
from percorso.live.inbox.erasing import erase
from percorso.live.inbox.packing import pack, unpack
from percorso.live.inbox.rejected import COLUMNS, as_record, as_rejected
from percorso.live.inbox.writer import Finish, Limits, Writer
from percorso.live.received import HOUR_US, Batch, Received, Rejected, Seen, Unmapped
from percorso.vocabulary import N_, Phrase
from percorso.workspace import Workspace

__all__ = ["Inbox", "Limits", "open_inbox"]

KEPT_DAYS: Final = 7
#: Bytes of drained requests that are kept at most: under a flood fewer days remain to be seen.
KEPT_BYTES: Final = 512 * 2**20
#: Bytes of rejected events that are kept at most.
REJECTED_BYTES: Final = 128 * 2**20
#: Bytes of requests that are taken at once, and rows that are read at once.
_TAKEN_BYTES: Final = 24 * 2**20
_TAKEN_ROWS: Final = 8


class Inbox:
    """The inbox of a workspace. One object may be used by several threads."""

    def __init__(self, place: Path | str, limits: Limits | None = None) -> None:
        self._place = place
        self._writer = Writer(place, limits or Limits())
        self._mutex = threading.RLock()
        self._database: Connection | None = None

    # Taking in

    def put(self, received: Sequence[Received]) -> None:
        """Keep requests; they are on the disk when this returns. Raises InboxFullError, InboxError.

        Where it raises, those that came first may be kept all the same: sending again does no harm
        to events that carry their ``messageId``.
        """
        done = threading.Event()
        failed: list[Exception] = []
        left = len(received)

        def finish(tokens: Sequence[Any], error: Exception | None) -> None:
            nonlocal left
            left -= len(tokens)
            if error is not None:
                failed.append(error)
            if left == 0:
                done.set()

        for each in received:
            self.submit(each, None, finish)
        if received:
            done.wait()
        if failed:
            raise failed[0]

    def submit(self, received: Received, token: Any, finish: Finish) -> None:
        """Have a request kept, without waiting for it; see ``writer.Writer.submit``."""
        self._writer.submit(received, token, finish)

    def close(self) -> None:
        """Write what was submitted, and let go of the database."""
        self._writer.close()
        with self._mutex:
            if self._database is not None:
                self._database.close()
                self._database = None

    # Draining

    def take(self, events: int = 50_000) -> Batch:
        """Return what waits, from the oldest on: about ``events`` of them, and 24 MB, at most.

        What was taken waits on until ``done``; nothing is lost if that never comes.
        """
        received: list[Received] = []
        places: list[tuple[int, int]] = []
        with self._asking() as database:
            ((last,),) = database.ask("SELECT up_to FROM drained")
            taken = size = 0
            while taken < events and size < _TAKEN_BYTES:
                rows = database.ask(
                    "SELECT number, events, size, requests FROM arrived WHERE number > ? "
                    "ORDER BY number LIMIT ?",
                    (last, _TAKEN_ROWS),
                )
                for last, counted, weight, requests in rows:
                    taken += counted
                    size += weight
                    for place, each in enumerate(unpack(requests)):
                        received.append(each)
                        places.append((last, place))
                    if taken >= events:
                        break
                if len(rows) < _TAKEN_ROWS:
                    break
        return Batch(tuple(received), tuple(places), last)

    def done(
        self,
        batch: Batch,
        rejected: Iterable[tuple[str, Rejected]] = (),
        seen: Sequence[Seen] = (),
        unmapped: Iterable[Unmapped] = (),
    ) -> None:
        """Say that a batch is in the log, on the disk, and what of it could not be.

        ``rejected`` come with their place, by which each is kept once. Each of ``seen`` is of one
        hour.
        """
        now = time.time_ns() // 1000
        with self._asking() as database, database.change():
            ((up_to,),) = database.ask("SELECT up_to FROM drained")
            if up_to >= batch.last:
                return
            database.ask("UPDATE drained SET up_to = ?, at = ?", (batch.last, now))
            database.many(
                "INSERT INTO rejected (place, source, call, received_at, body, reason, field, "
                "value, status, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'waiting', ?) "
                "ON CONFLICT DO NOTHING",
                [as_record(place, each, now) for place, each in rejected],
            )
            database.many(
                "INSERT INTO seen (source, first_at, last_at, events, rejected) "
                "VALUES (?, ?, ?, ?, ?) ON CONFLICT (source) DO UPDATE SET "
                # What is sent in again came before what came last.
                "last_at = CASE WHEN excluded.last_at > seen.last_at THEN excluded.last_at "
                "ELSE seen.last_at END, events = seen.events + excluded.events, "
                "rejected = seen.rejected + excluded.rejected",
                [(e.source, e.first_at, e.last_at, e.events, e.rejected) for e in seen],
            )
            database.many(
                "INSERT INTO seen_hourly (source, hour, events, rejected) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (source, hour) DO UPDATE SET "
                "events = seen_hourly.events + excluded.events, "
                "rejected = seen_hourly.rejected + excluded.rejected",
                [(e.source, e.last_at // HOUR_US, e.events, e.rejected) for e in seen],
            )
            database.many(
                "INSERT INTO unmapped (source, call, name, events, first_at, last_at, example) "
                "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (source, call, name) DO UPDATE SET "
                "last_at = excluded.last_at, events = unmapped.events + excluded.events, "
                "example = excluded.example",
                [
                    (e.source, e.call, e.name, e.events, e.first_at, e.last_at, e.example)
                    for e in unmapped
                ],
            )

    def depth(self) -> int:
        """Return how many events wait to be drained."""
        with self._asking() as database:
            ((waiting,),) = database.ask(
                "SELECT coalesce(sum(events), 0) FROM arrived "
                "WHERE number > (SELECT up_to FROM drained)"
            )
        return int(waiting)

    def oldest_waiting(self) -> int | None:
        """Return when the oldest request came that waits, in microseconds since 1970."""
        with self._asking() as database:
            ((oldest,),) = database.ask(
                "SELECT min(at) FROM arrived WHERE number > (SELECT up_to FROM drained)"
            )
        return None if oldest is None else int(oldest)

    def trim(
        self,
        days: float = KEPT_DAYS,
        most_bytes: int = KEPT_BYTES,
        most_rejected: int = REJECTED_BYTES,
    ) -> None:
        """Let go of what was drained and is older, or more, than is kept.

        A little at once: whoever sends meanwhile waits for as long. What was rejected goes too: a
        key that stands in a web page is public, and whoever sends what makes no sense could fill
        the disk with it.
        """
        oldest = time.time_ns() // 1000 - int(days * 86_400_000_000)
        with self._asking() as database:
            numbers = trimming.too_much(database, oldest, most_bytes)
        for number in numbers:
            with self._asking() as database:
                database.ask("DELETE FROM arrived WHERE number <= ?", (number,))
        with self._asking() as database, database.change():
            trimming.forget(database, oldest, most_rejected)

    # Seeing

    def recent(self, requests: int = 200, before: int | None = None) -> Batch:
        """Return the newest requests that are kept, drained or not, the oldest of them first.

        ``before`` is the number of a row: only earlier ones are looked at.
        """
        received: list[Received] = []
        places: list[tuple[int, int]] = []
        with self._asking() as database:
            ((last,),) = database.ask("SELECT coalesce(max(number), 0) FROM arrived")
            number = last + 1 if before is None else before
            while len(received) < requests:
                rows = database.ask(
                    "SELECT number, requests FROM arrived WHERE number < ? "
                    "ORDER BY number DESC LIMIT 1",
                    (number,),
                )
                if not rows:
                    break
                number = rows[0][0]
                for place, each in reversed(list(enumerate(unpack(rows[0][1])))):
                    received.append(each)
                    places.append((number, place))
        return Batch(tuple(reversed(received)), tuple(reversed(places)), last)

    def kept(self, since: int, requests: int = 20_000) -> Iterator[Batch]:
        """Yield what was kept since a time (microseconds), drained or not, a part at a time."""
        last = 0
        left = requests
        while left > 0:
            with self._asking() as database:
                rows = database.ask(
                    "SELECT number, requests FROM arrived WHERE number > ? AND at >= ? "
                    "ORDER BY number LIMIT 8",
                    (last, since),
                )
            if not rows:
                return
            last = rows[-1][0]
            found = [
                (each, (number, place))
                for number, requests_ in rows
                for place, each in enumerate(unpack(requests_))
            ][:left]
            left -= len(found)
            yield Batch(tuple(r for r, _ in found), tuple(p for _, p in found), last)

    def drained_up_to(self) -> int:
        """Return the number of the last row that is in the log."""
        with self._asking() as database:
            ((up_to,),) = database.ask("SELECT up_to FROM drained")
        return int(up_to)

    def rejected(
        self,
        limit: int = 100,
        before: int | None = None,
        source: str | None = None,
        status: str = "waiting",
    ) -> tuple[Rejected, ...]:
        """Return what could not enter the log, the newest first."""
        conditions, values = ["status = ?"], [status]
        more: list[Any] = [*values]
        for condition, value in (("id < ?", before), ("source = ?", source)):
            if value is not None:
                conditions.append(condition)
                more.append(value)
        with self._asking() as database:
            rows = database.ask(
                f"SELECT {COLUMNS} FROM rejected WHERE {' AND '.join(conditions)} "
                "ORDER BY id DESC LIMIT ?",
                (*more, limit),
            )
        return tuple(as_rejected(row) for row in rows)

    def rejected_at(self, places: Iterable[str]) -> dict[str, Rejected]:
        """Return what was rejected of the events at some places (``row.request.event``)."""
        found: dict[str, Rejected] = {}
        with self._asking() as database:
            for place in places:
                rows = database.ask(f"SELECT {COLUMNS} FROM rejected WHERE place = ?", (place,))
                if rows:
                    found[place] = as_rejected(rows[0])
        return found

    def rejected_count(self, status: str = "waiting") -> int:
        with self._asking() as database:
            ((count,),) = database.ask("SELECT count(*) FROM rejected WHERE status = ?", (status,))
        return int(count)

    def replay(self, numbers: Iterable[int]) -> int:
        """Put rejected events back to be drained again; return how many were waiting for it."""
        count = 0
        for number in numbers:
            with self._asking() as database, database.change():
                rows = database.ask(
                    f"SELECT {COLUMNS} FROM rejected WHERE id = ? AND status = 'waiting'",
                    (number,),
                )
                if not rows:
                    continue
                each = as_rejected(rows[0])
                _arrive_again(
                    database, [Received(each.source, each.call, each.received_at, each.body)]
                )
                database.ask(
                    "UPDATE seen SET rejected = rejected - 1 WHERE source = ?", (each.source,)
                )
                database.ask(
                    "UPDATE seen_hourly SET rejected = rejected - 1 WHERE source = ? AND hour = ?",
                    (each.source, each.received_at // HOUR_US),
                )
                database.ask(
                    "UPDATE rejected SET status = 'replayed', at = ? WHERE id = ?",
                    (time.time_ns() // 1000, number),
                )
                count += 1
        return count

    def put_again(self, received: Sequence[Received]) -> None:
        """Have events that were drained drained again; they are on the disk when this returns.

        They do not count once more among what their source has sent.
        """
        with self._asking() as database, database.change():
            _arrive_again(database, received)

    def discard(self, numbers: Iterable[int]) -> int:
        """Say of rejected events that they are not wanted; return how many were waiting."""
        now = time.time_ns() // 1000
        count = 0
        with self._asking() as database, database.change():
            for number in numbers:
                count += len(
                    database.ask(
                        "UPDATE rejected SET status = 'discarded', at = ? "
                        "WHERE id = ? AND status = 'waiting' RETURNING id",
                        (now, number),
                    )
                )
        return count

    def seen(self) -> dict[str, Seen]:
        """Return what each source has sent so far, as drained."""
        with self._asking() as database:
            rows = database.ask("SELECT source, first_at, last_at, events, rejected FROM seen")
        return {row[0]: Seen(*row) for row in rows}

    def seen_since(self, since: int) -> dict[str, tuple[int, int]]:
        """Return how many events each source sent, and how many were rejected, since a time.

        ``since`` is in microseconds, 7 days ago at most; whole hours are counted.
        """
        with self._asking() as database:
            rows = database.ask(
                "SELECT source, sum(events), sum(rejected) FROM seen_hourly WHERE hour >= ? "
                "GROUP BY source",
                (since // HOUR_US,),
            )
        return {source: (int(events), int(rejected)) for source, events, rejected in rows}

    def unmapped(self, limit: int = 200) -> tuple[Unmapped, ...]:
        """Return the names no rule knows, those that came most often first."""
        with self._asking() as database:
            rows = database.ask(
                "SELECT source, call, name, events, first_at, last_at, example FROM unmapped "
                "ORDER BY events DESC, source, name LIMIT ?",
                (limit,),
            )
        return tuple(
            Unmapped(source, call, name, events, first_at, last_at, bytes(example))
            for source, call, name, events, first_at, last_at, example in rows
        )

    def unmapped_count(self, source: str | None = None) -> int:
        """Return how many names no rule knows: of one source, or of all."""
        where, values = ("", ()) if source is None else ("WHERE source = ?", (source,))
        with self._asking() as database:
            ((count,),) = database.ask(f"SELECT count(*) FROM unmapped {where}", values)
        return int(count)

    def forget_unmapped(self, names: Iterable[tuple[str, str, str]]) -> None:
        """Take names (source, call, name) off the list: a rule knows them now."""
        with self._asking() as database, database.change():
            database.many(
                "DELETE FROM unmapped WHERE source = ? AND call = ? AND name = ?", list(names)
            )

    def touchpoints(self, new: Iterable[str] = ()) -> set[str]:
        """Return the touchpoints that events have named so far, ``new`` ones noted first."""
        added = [(name,) for name in new]
        with self._asking() as database:
            if added:
                with database.change():
                    database.many(
                        "INSERT INTO touchpoints (name) VALUES (?) ON CONFLICT DO NOTHING", added
                    )
            return {name for (name,) in database.ask("SELECT name FROM touchpoints")}

    # Forgetting

    def erase(self, keep: Callable[[Received], Received | None]) -> int:
        """Go through all that is kept, and keep what ``keep`` returns; return how many changed.

        ``keep`` gets each request, and each rejected event or example of a name as a request, and
        returns it as it is, with events taken out of its body, or None. When this returns the
        bytes that went are in no file of the inbox.
        """
        with self._asking() as database:
            with database.change():
                changed = erase(database, keep)
            database.tidy()
        return changed

    @contextmanager
    def _asking(self) -> Iterator[Connection]:
        with self._mutex:
            if self._database is None:
                self._database = connect(self._place)
            try:
                yield self._database
            except errors() as error:
                database, self._database = self._database, None
                database.close()
                raise InboxError(
                    Phrase(N_("The inbox cannot be used: {error}"), {"error": str(error)})
                ) from error


def is_there(workspace: Workspace) -> bool:
    """Say whether a workspace has an inbox yet, of its own or in PostgreSQL."""
    return bool(os.environ.get("PERCORSO_INBOX_URL")) or workspace.inbox.exists()


def open_inbox(workspace: Workspace, url: str | None = None, limits: Limits | None = None) -> Inbox:
    """Return the inbox of a workspace: ``inbox.sqlite`` in it, or the PostgreSQL at ``url``.

    ``url`` is PERCORSO_INBOX_URL where it is not given. Raises LiveError where it makes no sense.
    """
    address = os.environ.get("PERCORSO_INBOX_URL", "") if url is None else url
    if not address:
        return Inbox(workspace.inbox, limits)
    if not is_address(address):
        raise LiveError(
            Phrase(
                N_(
                    "PERCORSO_INBOX_URL is not the address of a PostgreSQL database. "
                    "Give postgresql://user:password@host:5432/name"
                )
            )
        )
    if importlib.util.find_spec("psycopg") is None:
        raise LiveError(NO_PSYCOPG)
    return Inbox(address, limits)


def _arrive_again(database: Connection, received: Sequence[Received]) -> None:
    packed = pack(received)
    events = sum(each.events for each in received)
    database.ask(
        "INSERT INTO arrived (at, events, size, requests) VALUES (?, ?, ?, ?)",
        (time.time_ns() // 1000, events, len(packed), packed),
    )
    # Draining counts each anew.
    database.many(
        "UPDATE seen SET events = events - ? WHERE source = ?",
        [(each.events, each.source) for each in received],
    )
    database.many(
        "UPDATE seen_hourly SET events = events - ? WHERE source = ? AND hour = ?",
        [(each.events, each.source, each.received_at // HOUR_US) for each in received],
    )
