"""What is known of each customer after the exact joins, and which pairs are worth comparing.

Comparing everybody with everybody would take n squared comparisons. Compared are customers that
share at least one *key*: a telephone, an e-mail's local part, a street number with a name, a day of
birth with a name, a whole name in one area. A key that many share says nothing and is left out.
"""

from typing import TYPE_CHECKING, Any, Final

from percorso.identity.database import count, put, take
from percorso.identity.exact import SHARED_MAILBOXES

if TYPE_CHECKING:
    import pyarrow as pa

#: Customers that share a key from which on it is left out.
MOST_OF_A_KEY: Final = 60
#: Values of one kind that are kept of a customer, the latest first.
_KEPT: Final = 5


def gather(connection: Any, belonging: "pa.Table") -> None:
    """Make the table ``people`` from ``facts``; ``belonging`` is reference -> customer.

    Columns: customer; reference (the one that gave their name last); first, given (the name it
    counts as), last; whole (both names, in an order that does not matter); born; and the lists
    lasts, phones, emails, locals, places (street|number|area) and areas; ``known`` says whether
    the given name is one that is known.
    """
    put(connection, "belonging", belonging)
    put(connection, "roles", {"name": list(SHARED_MAILBOXES)})
    connection.execute(_OWN)
    connection.execute(_PLACES)
    connection.execute(_PEOPLE)


def touched_by(connection: Any, references: "pa.Table") -> None:
    """Make ``touched``: the customers of these references."""
    put(connection, "new_references", references)
    connection.execute(
        "CREATE OR REPLACE TABLE touched AS SELECT DISTINCT coalesce(b.customer, n.reference) "
        "AS customer FROM new_references n LEFT JOIN belonging b USING (reference)"
    )


def pair_up(connection: Any, *, only_touched: bool) -> int:
    """Make the table ``pairs`` (one, other) of customers worth comparing; return how many."""
    connection.execute(_KEYS)
    mine = "(FROM k SEMI JOIN touched USING (customer))" if only_touched else "k"
    apart = "l.customer <> r.customer" if only_touched else "l.customer < r.customer"
    connection.execute(
        f"""
        CREATE OR REPLACE TABLE pairs AS
        WITH useful AS (
            SELECT key FROM keys GROUP BY key HAVING count(*) BETWEEN 2 AND {MOST_OF_A_KEY}
        ), k AS (SELECT customer, key FROM keys SEMI JOIN useful USING (key))
        SELECT DISTINCT least(l.customer, r.customer) AS one,
            greatest(l.customer, r.customer) AS other
        FROM {mine} l JOIN k r ON l.key = r.key AND {apart}
        """
    )
    return count(connection, "SELECT count(*) AS n FROM pairs")


def fiscal_codes(connection: Any) -> "pa.Table":
    """Return reference and value of each fiscal code."""
    return take(
        connection, "SELECT DISTINCT reference, value FROM facts WHERE field = 'fiscal_code'"
    )


_OWN: Final = """
CREATE OR REPLACE TABLE own AS
SELECT coalesce(b.customer, f.reference) AS customer, f.reference, f.field, f.value, f.moment, f.id
FROM facts f LEFT JOIN belonging b USING (reference)
WHERE f.field IN ('first_name', 'last_name', 'birth_date', 'phone', 'email', 'street',
    'postal_code', 'city')
"""

#: A street and an area that were given together.
_PLACES: Final = f"""
CREATE OR REPLACE TABLE places AS
SELECT customer, list(place ORDER BY moment DESC, place)[:{_KEPT}] AS places
FROM (SELECT s.customer, s.value || '|' || area.value AS place, max(s.moment) AS moment
FROM own s JOIN (
    SELECT reference, id, coalesce(max(value) FILTER (field = 'postal_code'),
        max(value) FILTER (field = 'city')) AS value
    FROM own WHERE field IN ('postal_code', 'city') GROUP BY reference, id
) area USING (reference, id)
WHERE s.field = 'street' GROUP BY ALL)
GROUP BY customer
"""


def _latest(field: str) -> str:
    """Return the SQL of the values of a field that are kept; of one moment, by the alphabet."""
    return f"list(value ORDER BY moment DESC, value) FILTER (field = '{field}')[:{_KEPT}]"


_PEOPLE: Final = f"""
CREATE OR REPLACE TABLE people AS
WITH said AS (
    SELECT customer, field, value, max(moment) AS moment, arg_max(reference, moment) AS reference
    FROM (SELECT customer, reference, field, value, moment FROM own
        UNION ALL SELECT customer, reference, 'local', local, moment
        FROM (SELECT *, regexp_replace(split_part(value, '@', 1), '[^a-z0-9]+', '', 'g') AS local
            FROM own WHERE field = 'email')
        WHERE length(local) >= 5 AND NOT regexp_full_match(local, '[0-9]+')
            AND split_part(value, '@', 1) NOT IN (SELECT name FROM roles))
    GROUP BY ALL
), gathered AS (
    SELECT customer,
        coalesce(arg_max(reference, moment) FILTER (field = 'last_name'), customer) AS reference,
        arg_max(value, moment) FILTER (field = 'first_name') AS first,
        arg_max(value, moment) FILTER (field = 'last_name') AS last,
        {_latest("last_name")} AS lasts,
        arg_max(value, moment) FILTER (field = 'birth_date') AS born,
        {_latest("phone")} AS phones,
        {_latest("email")} AS emails,
        {_latest("local")} AS locals,
        {_latest("postal_code")} AS areas
    FROM said GROUP BY customer
), turned AS (
    -- Where the family's name stands for the given one, and the other way round.
    SELECT g.* REPLACE (
        CASE WHEN NOT f.known AND l.known THEN g.last ELSE g.first END AS first,
        CASE WHEN NOT f.known AND l.known THEN g.first ELSE g.last END AS last,
        CASE WHEN NOT f.known AND l.known THEN [replace(g.first, ' ', '')] ELSE g.lasts END
            AS lasts)
    FROM gathered g LEFT JOIN given_names f ON f.name = g.first
        LEFT JOIN given_names l ON l.name = g.last
    WHERE first IS NOT NULL OR last IS NOT NULL OR born IS NOT NULL
), named AS (
    SELECT t.*, coalesce(key, first) AS given, coalesce(known, false) AS known, places
    FROM turned t LEFT JOIN given_names ON name = first LEFT JOIN places USING (customer)
), keyed AS (
    SELECT *, CASE WHEN last IS NOT NULL AND given IS NOT NULL
        THEN least(given, last) || ' ' || greatest(given, last) END AS whole
    FROM named
)
FROM keyed
"""

_KEYS: Final = """
CREATE OR REPLACE TABLE keys AS
SELECT DISTINCT customer, hash(kind, key) AS key FROM (
    SELECT customer, 'phone' AS kind, unnest(phones) AS key FROM people
    UNION ALL SELECT customer, 'local', unnest(locals) FROM people
    UNION ALL SELECT customer, 'place and given', given || unnest(places) FROM people
    UNION ALL SELECT customer, 'place and last', last || unnest(places) FROM people
    UNION ALL SELECT customer, 'born and given', born || given FROM people
    UNION ALL SELECT customer, 'born and last', born || last FROM people
    UNION ALL SELECT customer, 'both', whole FROM people
    UNION ALL SELECT customer, 'both and area', whole || left(unnest(areas), 3) FROM people
    UNION ALL SELECT customer, 'last and area', last || left(given, 1) || unnest(areas)
        FROM people
) WHERE key IS NOT NULL
"""
