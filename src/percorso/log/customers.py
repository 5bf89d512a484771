"""One row a customer: since when, how often, what they bought, and which segment they are in."""

from typing import TYPE_CHECKING, Final

from percorso.log.prepared import Prepared
from percorso.vocabulary import ABOUT_CUSTOMERS
from percorso.vocabulary.references import PASSING

if TYPE_CHECKING:
    from percorso.log.table import Log


def cancelled(interactions: str) -> str:
    """Return the SQL of the orders that were cancelled: ``customer`` and ``about``, each once.

    An order is cancelled by a ``cancellation`` of the same customer about the same thing, at the
    moment of the order or later.
    """
    return f"""
        SELECT DISTINCT customer, about
        FROM (SELECT customer, about, "at" AS ordered_at FROM {interactions}
            WHERE kind = 'order' AND about IS NOT NULL)
        JOIN (SELECT customer, about, max("at") AS cancelled_at FROM {interactions}
            WHERE kind = 'cancellation' AND about IS NOT NULL GROUP BY 1, 2)
        USING (customer, about) WHERE cancelled_at >= ordered_at
    """


#: Whose rows about a cancelled order are left out: it was neither bought nor paid for.
OF_AN_ORDER: Final = ("order", "payment", "refund")


def query(interactions: str, currency: str) -> str:
    """Return the SQL of the customers of the view ``interactions``.

    Columns: ``customer``, ``first``, ``last``, ``interactions``, ``orders``, ``value``,
    ``currency``, ``segment``.

    ``first`` and ``last`` are of what happened; of whom only facts were given, of these. ``orders``
    counts orders; of a customer without any, payments and renewals. ``value`` is what they ordered
    (or, where orders carry no amount, paid) less what was refunded, in the ``currency`` most
    amounts of the log are in (an amount without one is in the company's); other currencies are
    left out rather than added up. Orders that were ``cancelled`` do not count, nor does what was
    paid and refunded for them.

    Those who were there once and cannot be known again (``vocabulary.references.PASSING``) are none
    of them.

    ``segment``: ``no_purchase``, ``one_purchase``, ``repeat`` (two or more), and ``top_fifth``
    instead of either where at most a fifth of those who purchased have a value as high.
    """
    happened = f"kind NOT IN {ABOUT_CUSTOMERS}"
    company = "'" + currency.replace("'", "''") + "'"
    return f"""
        WITH main AS (
            SELECT coalesce(max(currency), {company}) AS currency FROM (
                SELECT coalesce(currency, {company}) AS currency FROM {interactions}
                WHERE amount IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1)
        ), counted AS (
            SELECT customer,
                coalesce(min("at") FILTER ({happened}), min("at")) AS first,
                coalesce(max("at") FILTER ({happened}), max("at")) AS last,
                count(*) FILTER ({happened}) AS interactions,
                count(*) FILTER (kind = 'order' AND counts) AS orders,
                count(*) FILTER (kind IN ('payment', 'renewal') AND counts) AS payments,
                sum(counting) FILTER (kind = 'order') AS ordered,
                sum(counting) FILTER (kind IN ('payment', 'renewal')) AS paid,
                sum(abs(counting)) FILTER (kind = 'refund') AS refunded
            FROM (SELECT *, CASE WHEN counts AND coalesce(currency, {company}) =
                    (SELECT currency FROM main) THEN amount END AS counting
                FROM (SELECT customer, "at", kind, amount, currency,
                        c.about IS NULL OR kind NOT IN {OF_AN_ORDER} AS counts
                    FROM {interactions} LEFT JOIN ({cancelled(interactions)}) c
                    USING (customer, about))
                WHERE NOT starts_with(customer, '{PASSING}'))
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
            (SELECT currency FROM main) AS currency,
            CASE WHEN orders = 0 THEN 'no_purchase'
                WHEN place <= 0.2 AND value > 0 THEN 'top_fifth'
                WHEN orders = 1 THEN 'one_purchase'
                ELSE 'repeat' END AS segment
        FROM valued LEFT JOIN ranked USING (customer)
    """


def currency(log: "Log") -> str:
    """Return the currency that customers' values are in; see ``query``."""
    found = log.customers().select("currency").limit(1).to_pyarrow()["currency"].to_pylist()
    return str(found[0]) if found else log.workspace.settings.currency


def _query(log: "Log") -> str:
    return query(log.interactions().get_name(), log.workspace.settings.currency)


CUSTOMERS: Final = Prepared("customers", 4, _query)
