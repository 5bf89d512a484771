"""What the inbox lets go of: what was drained long ago or is too much, and what was rejected."""

from typing import Final

from percorso.live.inbox.database import Connection
from percorso.live.inbox.writer import REJECTED_SIZE
from percorso.live.received import HOUR_US

#: Bytes of requests that are let go of at once.
AT_ONCE: Final = 4 * 2**20


def too_much(database: Connection, oldest: int, most_bytes: int) -> list[int]:
    """Return the rows up to which is too much, a little more each: the last is the newest."""
    # Never the newest: the next row's number is one more than its.
    ((up_to,),) = database.ask(
        "SELECT least FROM (SELECT CASE WHEN up_to < newest THEN up_to ELSE newest - 1 END "
        "AS least FROM drained, (SELECT coalesce(max(number), 0) AS newest "
        "FROM arrived) n) l"
    )
    ((last,),) = database.ask(
        "SELECT max(number) FROM (SELECT number, at, "
        "sum(size) OVER (ORDER BY number DESC) AS newer FROM arrived WHERE number <= ?) a "
        "WHERE at < ? OR newer > ?",
        (up_to, oldest, most_bytes),
    )
    if last is None:
        return []
    rows = database.ask(
        "SELECT max(number) FROM (SELECT number, "
        "sum(size) OVER (ORDER BY number) AS older FROM arrived WHERE number <= ?) a "
        "GROUP BY CAST(older / ? AS BIGINT) ORDER BY 1",
        (last, AT_ONCE),
    )
    return [int(number) for (number,) in rows]


def forget(database: Connection, oldest: int, most_rejected: int) -> None:
    """Let go of counts and rejected events that are older, and of rejected ones beyond a size."""
    database.ask("DELETE FROM seen_hourly WHERE hour < ?", (oldest // HOUR_US,))
    database.ask("DELETE FROM rejected WHERE at < ?", (oldest,))
    ((size,),) = database.ask(REJECTED_SIZE)
    if size > most_rejected:
        database.ask(
            "DELETE FROM rejected WHERE id IN (SELECT id FROM (SELECT id, "
            "sum(length(body) + 500) OVER (ORDER BY id DESC) AS newer FROM rejected) r "
            "WHERE newer > ?)",
            (most_rejected,),
        )
