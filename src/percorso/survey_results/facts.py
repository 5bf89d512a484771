"""What was known of people the day before they were asked.

Answering changes what is known of somebody, and so does what they do afterwards: facts of today
would set those who answered apart by themselves.
"""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from percorso.log.customers import OF_AN_ORDER, currency
from percorso.survey_results.reading import Words
from percorso.vocabulary import ABOUT_CUSTOMERS

if TYPE_CHECKING:
    import pyarrow as pa

    from percorso.log import Log

#: The facts, each with its bands in their order; none where bands are what the log has.
FACTS: Final[dict[str, tuple[str, ...]]] = {
    "segment": ("no_purchase", "one_purchase", "repeat", "top_fifth"),
    "orders": ("0", "1", "2-4", "5+"),
    # Days since the last purchase; since the first thing known of them.
    "recency": ("-30", "31-90", "91-365", "366+", "never"),
    "tenure": ("-90", "91-365", "366+", "never"),
    # Whether they had a return, a cancellation or a request for help in the 90 days before.
    "trouble": ("no", "yes"),
    # Where they last did something.
    "channel": (),
    # Of the invitation.
    "language": (),
}
_TROUBLE: Final = ("return", "cancellation", "ticket")
_TROUBLE_DAYS: Final = 90
_PAYMENTS: Final = ("payment", "renewal")
_BOUGHT: Final = ("order", *_PAYMENTS)
#: Edges in days that close a band, as in FACTS.
_RECENCY: Final = (30, 90, 365)
_TENURE: Final = (90, 365)


def facts_of(
    log: "Log", people: Sequence[str], days: Sequence[date], languages: Sequence[str]
) -> dict[str, Words]:
    """Return each fact of these customers at the beginning of the day beside them, in bands."""
    table = _known(log, people, days)
    found = {name: table[name].to_numpy(zero_copy_only=False) for name in table.column_names}
    orders = np.where(found["orders"] > 0, found["orders"], found["payments"]).astype(np.int64)
    value = np.nan_to_num(np.where(found["orders"] > 0, found["ordered"], found["paid"]))
    return {
        "segment": Words(_segment(orders, value), FACTS["segment"]),
        "orders": Words(np.searchsorted([1, 2, 5], orders, side="right"), FACTS["orders"]),
        "recency": _banded("recency", found["days_since_bought"], _RECENCY),
        "tenure": _banded("tenure", found["days_since_seen"], _TENURE),
        "trouble": Words((found["troubles"] > 0).astype(np.int64), FACTS["trouble"]),
        "channel": _named([str(each) for each in table["channel"].to_pylist()]),
        "language": _named(languages),
    }


def _known(log: "Log", people: Sequence[str], days: Sequence[date]) -> "pa.Table":
    """Return what the log says of each of the customers before their day, in their order."""
    import pyarrow as pa

    from percorso.log.written import ask

    zone = log.workspace.settings.zone_info
    asked = pa.table(
        {
            "person": pa.array(range(len(people)), pa.int64()),
            "customer": pa.array(people, pa.string()),
            "day": pa.array(
                [datetime.combine(each, time(), zone) for each in days], pa.timestamp("us", "UTC")
            ),
        }
    )
    main = currency(log).replace("'", "''")
    sql = f"""
        WITH cancelled AS (
            SELECT customer, about, max("at") AS cancelled_at FROM interactions
            WHERE kind = 'cancellation' AND about IS NOT NULL GROUP BY ALL
        ), did AS (
            SELECT a.person, a.day, i."at", i.kind, i.channel, i.direction,
                CASE WHEN coalesce(i.currency, '{main}') = '{main}' THEN i.amount END AS amount,
                i.kind NOT IN {OF_AN_ORDER} OR c.cancelled_at IS NULL
                    OR c.cancelled_at < i."at" OR c.cancelled_at >= a.day AS counts
            FROM asked a JOIN interactions i ON i.customer = a.customer AND i."at" < a.day
            LEFT JOIN cancelled c ON c.customer = i.customer AND c.about = i.about
            WHERE i.kind NOT IN {ABOUT_CUSTOMERS}
        ), facts AS (
            SELECT person,
                count(*) FILTER (kind = 'order' AND counts) AS orders,
                count(*) FILTER (kind IN {_PAYMENTS} AND counts) AS payments,
                sum(amount) FILTER (kind = 'order' AND counts) AS ordered,
                sum(amount) FILTER (kind IN {_PAYMENTS} AND counts) AS paid,
                date_diff('day', max("at") FILTER (kind IN {_BOUGHT} AND counts),
                    any_value(day)) AS days_since_bought,
                date_diff('day', min("at"), any_value(day)) AS days_since_seen,
                count(*) FILTER (kind IN {_TROUBLE}
                    AND "at" >= day - INTERVAL {_TROUBLE_DAYS} DAY) AS troubles,
                arg_max(channel, "at") FILTER (direction = 'in') AS channel
            FROM did GROUP BY person
        )
        SELECT coalesce(orders, 0) AS orders, coalesce(payments, 0) AS payments,
            CAST(ordered AS DOUBLE) AS ordered, CAST(paid AS DOUBLE) AS paid,
            CAST(days_since_bought AS DOUBLE) AS days_since_bought,
            CAST(days_since_seen AS DOUBLE) AS days_since_seen,
            coalesce(troubles, 0) AS troubles, coalesce(channel, '') AS channel
        FROM asked LEFT JOIN facts USING (person) ORDER BY person
    """
    return ask(log, sql, asked=asked, interactions=log.interactions())


def _segment(orders: NDArray[np.int64], value: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the place of each customer's segment, as ``log.customers`` has it, among these."""
    found = np.minimum(orders, 2)
    bought = np.sort(value[orders > 0])
    if bought.size:
        # How many of those who purchased have a value as high.
        as_high = bought.size - np.searchsorted(bought, value, side="left")
        top = (orders > 0) & (value > 0) & (as_high <= 0.2 * bought.size)
        found = np.where(top, 3, found)
    return np.asarray(found, dtype=np.int64)


def _banded(fact: str, days: NDArray[np.float64], edges: tuple[int, ...]) -> Words:
    never = np.isnan(days)
    band = np.searchsorted(edges, np.where(never, 0, days), side="left")
    return Words(np.where(never, len(FACTS[fact]) - 1, band).astype(np.int64), FACTS[fact])


def _named(words: Sequence[str]) -> Words:
    names, codes = np.unique(np.array([*words], dtype=str), return_inverse=True)
    return Words(codes.astype(np.int64), tuple(str(each) for each in names))
