"""Which phase what customers say is about.

A survey is answered after what it asks about, when the customer may be in another phase already.
So an answer to a survey is laid to the phase of the last thing that happened to the customer at
the same touchpoint in the 30 days before it; where nothing did, to that of the last thing that
happened to them at all in those days. Reviews, messages, calls stand in their own phase.
"""

from typing import TYPE_CHECKING, Any, Final

from percorso.log.prepared import Prepared, prepared
from percorso.vocabulary import NOT_STEPS

if TYPE_CHECKING:
    import ibis

    from percorso.log import Log
    from percorso.log.selection import Selection

#: An answer is about what happened at most so many days before it.
DAYS: Final = 30
#: What customers say is not what happened to them; nor is being asked.
_NOTHING_HAPPENED: Final = ("answer", "review", *NOT_STEPS)
_OF_TEXTS: Final = (
    '"id", customer, "at", kind, touchpoint, channel, phase, properties, "scale", score, '
    "sent_language"
)


def said(log: "Log", selection: "Selection | None" = None, connection: Any = None) -> "ibis.Table":
    """Return a row for all that customers said, by a score or in words.

    Columns: id, customer, at, kind, touchpoint, channel, phase (as laid), properties, scale, score,
    sent_language, and ``spoken``: whether there are words of a customer.
    """
    table = prepared(log, SAID, connection)
    return table if selection is None else selection.apply(log, table)


def texts(log: "Log", selection: "Selection | None" = None) -> "ibis.Table":
    """Return the texts of customers with what was read in them: the columns that are counted.

    As ``text.voice.texts``, but of the prepared table, with phases as laid and without the words.
    """
    from percorso.text.joined import with_readings

    rows = said(log).get_name()
    table = with_readings(log, f'SELECT {_OF_TEXTS} FROM "{rows}" WHERE spoken', f"laid {rows}")
    return table if selection is None else selection.apply(log, table)


def _query(log: "Log") -> str:
    from percorso.text.kept import said_by_customers

    view = log.interactions().get_name()
    recent = f"INTERVAL {DAYS} DAYS"
    return f"""
        WITH happened AS (
            SELECT customer, touchpoint, "at", arg_max(phase, "id") AS phase FROM {view}
            WHERE kind NOT IN {_NOTHING_HAPPENED} AND NOT coalesce(about, '') LIKE 'survey:%'
            GROUP BY customer, touchpoint, "at"
        ), anywhere AS (
            SELECT customer, "at", arg_max(phase, touchpoint) AS phase FROM happened
            GROUP BY customer, "at"
        ), said AS (
            SELECT "id", customer, "at", kind, touchpoint, channel, phase, properties, scale, score,
                language AS sent_language, coalesce({said_by_customers()}, false) AS spoken
            FROM {view} WHERE score IS NOT NULL OR text IS NOT NULL
        ), answered AS (SELECT * FROM said WHERE kind = 'answer')
        SELECT "id", customer, "at", kind, touchpoint, channel, phase, properties, scale, score,
            sent_language, spoken
        FROM said WHERE kind <> 'answer'
        UNION ALL
        SELECT a."id", a.customer, a."at", a.kind, a.touchpoint, a.channel,
            CASE WHEN here."at" >= a."at" - {recent} THEN here.phase
                WHEN near."at" >= a."at" - {recent} THEN near.phase ELSE a.phase END AS phase,
            a.properties, a.scale, a.score, a.sent_language, a.spoken
        FROM answered a
        ASOF LEFT JOIN happened here
            ON a.customer = here.customer AND a.touchpoint = here.touchpoint
            AND a."at" >= here."at"
        ASOF LEFT JOIN anywhere near ON a.customer = near.customer AND a."at" >= near."at"
    """


SAID: Final = Prepared("said", 2, _query)
