"""One row a customer: since when, how often, what they bought, and which segment they are in."""

from typing import TYPE_CHECKING, Final

from percorso.log.prepared import Prepared
from percorso.vocabulary import ABOUT_CUSTOMERS

if TYPE_CHECKING:
    from percorso.log.table import Log

#: By purchases and value, so that every customer is in exactly one.
SEGMENTS: Final = ("no_purchase", "one_purchase", "repeat", "top_fifth")


def query(interactions: str, currency: str) -> str:
    """Return the SQL of the customers of the view ``interactions``.

    Columns: ``customer``, ``first``, ``last``, ``interactions``, ``orders``, ``value``,
    ``segment``.

    ``orders`` counts orders; of a customer without any, payments and renewals. ``value`` is what
    they ordered (or, where orders carry no amount, paid) less what was refunded, in the currency
    most amounts of the log are in (an amount without one is in ``currency``); other currencies
    are left out rather than added up.

    ``segment``: ``no_purchase``, ``one_purchase``, ``repeat`` (two or more), and ``top_fifth``
    instead of either where at most a fifth of those who purchased have a value as high.
    """
    company = "'" + currency.replace("'", "''") + "'"
    return f"""
        WITH main AS (
            SELECT coalesce(max(currency), {company}) AS currency FROM (
                SELECT coalesce(currency, {company}) AS currency FROM {interactions}
                WHERE amount IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1)
        ), counted AS (
            SELECT customer, min("at") AS first, max("at") AS last,
                count(*) FILTER (kind NOT IN {ABOUT_CUSTOMERS}) AS interactions,
                count(*) FILTER (kind = 'order') AS orders,
                count(*) FILTER (kind IN ('payment', 'renewal')) AS payments,
                sum(counting) FILTER (kind = 'order') AS ordered,
                sum(counting) FILTER (kind IN ('payment', 'renewal')) AS paid,
                sum(abs(counting)) FILTER (kind = 'refund') AS refunded
            FROM (SELECT customer, "at", kind,
                CASE WHEN coalesce(currency, {company}) = (SELECT currency FROM main)
                    THEN amount END AS counting
                FROM {interactions})
            GROUP BY customer
        ), valued AS (
            SELECT customer, first, last, interactions,
                CASE WHEN orders > 0 THEN orders ELSE payments END AS orders,
                coalesce(nullif(ordered, 0), paid, 0) - coalesce(refunded, 0) AS value
            FROM counted
        ), ranked AS (
            SELECT customer, cume_dist() OVER (ORDER BY value DESC) AS place
            FROM valued WHERE orders > 0
        )
        SELECT customer, first, last, interactions, orders, value,
            CASE WHEN orders = 0 THEN 'no_purchase'
                WHEN place <= 0.2 AND value > 0 THEN 'top_fifth'
                WHEN orders = 1 THEN 'one_purchase'
                ELSE 'repeat' END AS segment
        FROM valued LEFT JOIN ranked USING (customer)
    """


def _query(log: "Log") -> str:
    return query(log.interactions().get_name(), log.workspace.settings.currency)


CUSTOMERS: Final = Prepared("customers", 1, _query)
