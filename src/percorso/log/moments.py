"""When each interaction was, whose, and what it can be selected by: prepared, its phase too.

Phases are worked out at every asking otherwise, and names of customers are long to compare: here
each customer has a ``number`` as well, from 0, in no order.
"""

from typing import TYPE_CHECKING, Any, Final

from percorso.log.prepared import Prepared, prepared

if TYPE_CHECKING:
    import ibis

    from percorso.log.table import Log


def moments(log: "Log", connection: Any = None) -> "ibis.Table":
    """Return a row an interaction: see MOMENTS for its columns."""
    return prepared(log, MOMENTS, connection)


def _query(log: "Log") -> str:
    view = log.interactions().get_name()
    return f"""
        WITH numbered AS (
            SELECT customer, CAST(row_number() OVER () - 1 AS INTEGER) AS number
            FROM (SELECT DISTINCT customer FROM {view})
        )
        SELECT number, customer, "at", kind, touchpoint, channel, phase, properties, scale, score
        FROM {view} JOIN numbered USING (customer)
    """


MOMENTS: Final = Prepared("moments", 1, _query)
