"""The answers: the interactions that carry a score, prepared so that asking reads little."""

from typing import TYPE_CHECKING, Final

from percorso.log.prepared import Prepared, prepared

if TYPE_CHECKING:
    import ibis

    from percorso.log import Log
    from percorso.log.selection import Selection

#: What no question about scores needs: words take most of the room.
_LEFT_OUT: Final = ("text", "reference", "received_at", "due_at")


def answers(log: "Log", selection: "Selection | None" = None) -> "ibis.Table":
    """Return the interactions that carry a score: the log's columns (see ANSWERS), and phase."""
    table = prepared(log, ANSWERS)
    return table if selection is None else selection.apply(log, table)


def _query(log: "Log") -> str:
    import ibis

    table = log.interactions().drop(*_LEFT_OUT)
    table = table.filter(table.scale.notnull() & table.score.notnull())
    return str(ibis.to_sql(table.order_by("at"), dialect="duckdb"))


ANSWERS: Final = Prepared("answers", 1, _query)
