"""One row a customer with all that segments ask: what they bought, did, said and were promised.

Prepared, so that a segment of a million customers is a pass over columns. The language of
segments names the columns: ``percorso.segments.words``.
"""

from typing import TYPE_CHECKING, Any, Final

from percorso.log.consents import may_sql, words_sql
from percorso.log.customers import OF_AN_ORDER, cancelled
from percorso.log.keys import FILE as KEY_FILE
from percorso.log.keys import hashed, hashed_sql, secret_or_passing
from percorso.log.prepared import Prepared, prepared
from percorso.log.purposes import policy
from percorso.segments.ready import RFM_GRID
from percorso.segments.sql import quoted_name
from percorso.vocabulary import ABOUT_CUSTOMERS, NOT_STEPS, SCALES

if TYPE_CHECKING:
    import ibis

    from percorso.log.table import Log

#: Somebody came, or looked.
_VISITS: Final = ("visit", "view", "attendance")
_PAYMENTS: Final = ("payment", "renewal")
#: Scale as answered -> the column with the last answer, turned so that high is good.
_ANSWERS: Final = {
    "nps": ("nps",),
    "csat": ("csat",),
    "ces": ("ces", "ces_effort"),
    "pmf": ("pmf",),
    "stars": ("stars",),
}
#: Letters of the ``key`` of a customer: enough that no two of a billion are the same.
_KEY: Final = 20


def facts(log: "Log", connection: Any = None) -> "ibis.Table":
    """Return a row a customer, as the log is now.

    ``customer``; ``key``, letters that name the customer in an address and, without the secret of
    the workspace, tell nothing of who it is; the columns of ``log.customers`` (``first``, ``last``,
    ``interactions``, ``orders``, ``value``, ``currency``, ``segment``); and what segments ask
    beside them, see ``segments.words.FIELDS``. Where a customer has no orders, payments and
    renewals count in their place.
    """
    return prepared(log, FACTS, connection)


def key_of(log: "Log", customer: str) -> str:
    """Return the ``key`` of a customer, or of any reference."""
    return hashed(_secret(log), customer)[:_KEY]


def key_sql(log: "Log", column: str) -> str:
    """Return the SQL of the ``key`` of the customers, or references, in a column."""
    return f"substr({hashed_sql(_secret(log), column)}, 1, {_KEY})"


def _secret(log: "Log") -> bytes:
    # Without it, whoever has a backup could try e-mails against the trail, which is for good.
    return secret_or_passing(log.workspace.path / KEY_FILE)


def _query(log: "Log") -> str:
    from percorso.log.fates import FATES

    view = log.interactions().get_name()
    customers = _relation(log.customers())
    return f"""
        WITH did AS ({_did(view)}),
            words AS ({_words(view)}),
            promised AS ({_promised(_relation(prepared(log, FATES)))}),
            agreed AS ({words_sql(view)}),
            told AS ({_told(view)}),
            bought AS ({_bought(view, customers)})
        SELECT c.customer, {key_sql(log, "c.customer")} AS key,
            c.first, c.last, c.interactions, c.orders, c.value, c.currency, c.segment,
            CASE WHEN c.orders > 0 THEN c.value / c.orders END AS average_order,
            b.* EXCLUDE (customer), {_rfm("b")} AS rfm,
            d.* EXCLUDE (customer), w.* EXCLUDE (customer),
            coalesce(p.promises, 0) AS promises,
            coalesce(p.broken_promises, 0) AS broken_promises,
            coalesce(p.open_promises, 0) AS open_promises,
            {may_sql("a", policy(log.workspace).purposes)} AS consents, t.traits
        FROM {customers} c
        LEFT JOIN bought b USING (customer)
        LEFT JOIN did d USING (customer)
        LEFT JOIN words w USING (customer)
        LEFT JOIN promised p USING (customer)
        LEFT JOIN agreed a USING (customer)
        LEFT JOIN told t USING (customer)
    """


def _bought(view: str, customers: str) -> str:
    """Return the SQL of when customers purchased, and their scores from 1 to 5.

    A score says in which fifth of those who purchased a customer is, 5 the best. Who are equal
    stand together in the middle of the places they take, so that no fifth splits them.
    """

    def score(by: str) -> str:
        return (
            f"least(5, 1 + CAST(floor(5 * (rank() OVER (ORDER BY {by}) - 1 + "
            f"(count(*) OVER (PARTITION BY {by})) / 2.0) / count(*) OVER ()) AS INTEGER))"
        )

    return f"""
        SELECT customer, first_order, last_order, {score("last_order")} AS recency_score,
            {score("orders")} AS frequency_score, {score("value")} AS value_score
        FROM (SELECT customer, any_value(c.orders) AS orders, any_value(c.value) AS value,
                coalesce(min("at") FILTER (kind = 'order'), min("at")) AS first_order,
                coalesce(max("at") FILTER (kind = 'order'), max("at")) AS last_order
            FROM {view} JOIN {customers} c USING (customer)
                LEFT JOIN ({cancelled(view)}) off USING (customer, about)
            WHERE kind IN {("order", *_PAYMENTS)} AND c.orders > 0
                AND (off.about IS NULL OR kind NOT IN {OF_AN_ORDER}) GROUP BY customer)
    """


def _rfm(bought: str) -> str:
    """Return the SQL of the RFM segment: see ``segments.ready.RFM_GRID``."""
    mean = f"CAST(floor(({bought}.frequency_score + {bought}.value_score + 1) / 2) AS INTEGER)"
    branches = " ".join(
        f"WHEN {bought}.recency_score BETWEEN {r[0]} AND {r[1]} "
        f"AND {mean} BETWEEN {fm[0]} AND {fm[1]} THEN '{name}'"
        for name, r, fm in RFM_GRID
    )
    return f"CASE {branches} END"


def _did(view: str) -> str:
    """Return the SQL of what each customer did last and how often, and their last answers."""
    # Of two things in one moment the id decides: the same log gives the same answer.
    last = 'row("at", "id")'
    answers = ", ".join(
        f"arg_max({_turned(scales)}, {last}) FILTER (scale IN {_listed(scales)}) AS {name}"
        for name, scales in _ANSWERS.items()
    )
    return f"""
        SELECT customer,
            count(*) FILTER (kind IN {_VISITS}) AS visits,
            max("at") FILTER (kind IN {_VISITS}) AS last_visit,
            count(*) FILTER (kind = 'ticket') AS tickets,
            max("at") FILTER (kind = 'ticket') AS last_ticket,
            count(*) FILTER (kind = 'return') AS returns,
            count(*) FILTER (kind = 'review') AS reviews,
            max("at") FILTER (scale IS NOT NULL AND score IS NOT NULL) AS last_answer,
            arg_max(phase, {last}) FILTER (kind NOT IN {NOT_STEPS}) AS phase,
            arg_max(language, {last}) FILTER (direction = 'in' AND language IS NOT NULL)
                AS language,
            {answers}
        FROM {view} GROUP BY customer
    """


def _turned(scales: tuple[str, ...]) -> str:
    turned = [SCALES[each] for each in scales if not SCALES[each].high_is_good]
    cases = " ".join(f"WHEN '{each.name}' THEN {each.low + each.high} - score" for each in turned)
    return f"CASE scale {cases} ELSE score END" if cases else "score"


def _listed(words: tuple[str, ...]) -> str:
    return "(" + ", ".join(f"'{each}'" for each in words) + ")"


def _words(view: str) -> str:
    """Return the SQL of which channels, touchpoints, kinds and sources each customer met."""
    columns = {"channels": "channel", "touchpoints": "touchpoint", "kinds": "kind"}
    lists = ", ".join(
        f"list_sort(list(DISTINCT {column}) FILTER (kind NOT IN {ABOUT_CUSTOMERS})) AS {name}"
        for name, column in columns.items()
    )
    return (
        f"SELECT customer, {lists}, list_sort(list(DISTINCT source)) AS sources "
        f"FROM (SELECT DISTINCT customer, channel, touchpoint, kind, source FROM {view}) "
        "GROUP BY customer"
    )


def _promised(fates: str) -> str:
    return f"""
        SELECT customer, count(*) AS promises,
            count(*) FILTER (fate IN ('late', 'unmet')) AS broken_promises,
            count(*) FILTER (fate = 'open') AS open_promises
        FROM {fates} GROUP BY customer
    """


def _told(view: str) -> str:
    """Return the SQL of the facts customers, or those who know them, gave: later ones win."""
    return f"""
        SELECT customer, list_reduce(list(traits ORDER BY "at", "id"),
            lambda before, after : json_merge_patch(before, after)) AS traits
        FROM (SELECT customer, "at", "id", json_extract(properties, '/traits') AS traits
            FROM {view} WHERE kind = 'profile')
        WHERE json_type(traits) = 'OBJECT' GROUP BY customer
    """


def _relation(table: "ibis.Table") -> str:
    name: str = table.get_name()
    return quoted_name(name)


FACTS: Final = Prepared("facts", 6, _query)
