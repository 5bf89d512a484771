"""Events out of all that the inbox keeps."""

from collections.abc import Callable

from percorso.live.inbox.database import Connection
from percorso.live.inbox.packing import pack, unpack
from percorso.live.received import Received

#: Returns a request as it is, with events taken out of its body, or None.
Keep = Callable[[Received], Received | None]


def erase(database: Connection, keep: Keep) -> int:
    """Keep what ``keep`` returns of each request, rejected event and example; see ``Inbox``."""
    changed = 0
    for (number,) in database.ask("SELECT number FROM arrived"):
        changed += _erase_row(database, number, keep)
    for table, key in (("rejected", "id"), ("unmapped", "name")):
        changed += _erase_single(database, table, key, keep)
    return changed


def _erase_row(database: Connection, number: int, keep: Keep) -> int:
    ((requests,),) = database.ask("SELECT requests FROM arrived WHERE number = ?", (number,))
    before = unpack(requests)
    after = [keep(each) for each in before]
    changed = sum(old != new for old, new in zip(before, after, strict=True))
    if changed:
        # An emptied request stays in its place: places of others are counted by it.
        packed = pack(
            new or Received(old.source, old.call, old.received_at, b"", 0)
            for old, new in zip(before, after, strict=True)
        )
        database.ask(
            "UPDATE arrived SET requests = ?, size = ?, events = ? WHERE number = ?",
            (packed, len(packed), sum(new.events for new in after if new), number),
        )
    return changed


def _erase_single(database: Connection, table: str, key: str, keep: Keep) -> int:
    body, at = ("body", "received_at") if table == "rejected" else ("example", "last_at")
    changed = 0
    rows = database.ask(f"SELECT {key}, source, call, {at}, {body} FROM {table}")
    for name, source, call, received_at, kept in rows:
        given = Received(source, call, received_at, bytes(kept))
        if keep(given) != given:
            database.ask(
                f"DELETE FROM {table} WHERE {key} = ? AND source = ? AND call = ?",
                (name, source, call),
            )
            changed += 1
    return changed
