"""Exact joins: references that share a value which only one person has, and what guards them.

A value joins its holders unless a guard stands against it:

- a mailbox that several people read (``info@``, ``ordini@``), a test account, a telephone of
  nothing but sevens, and what the company's ``identity.toml`` names;
- a value that more references hold than one person has;
- an order number under which one and the same source knows two customers by ids of one form: the
  source tells them apart;
- an order number of two sources, each of which counts from 1: it joins where an e-mail, a
  telephone, the whole name, or day and amount agree as well, or where the company says that the
  sources number their orders together;
- people with different given names who share an e-mail, a telephone, a card or an order: only those
  whose given names are alike are joined by it;
- a browser that several people signed in with: it belongs to none of them.
"""

from typing import TYPE_CHECKING, Any, Final

from percorso.identity import normal
from percorso.identity.database import put, take
from percorso.identity.gathering import AMOUNT
from percorso.identity.model import STRENGTHS, Settings

if TYPE_CHECKING:
    import pyarrow as pa

#: Mailboxes that are a role's, not a person's (RFC 2142, and what Italian companies use).
_ROLES: Final = """
abuse acquisti admin administrator amministrazione assistenza bookings booking business clienti
commerciale contabilita contact contacts contatti contatto customer customercare customerservice
direzione ecommerce fatture fatturazione hello help helpdesk hostmaster hr info informazioni it
jobs lavoro logistica magazzino mail mailbox marketing negozio news newsletter noreply no-reply
office ordini orders posta postmaster prenotazioni press privacy produzione reception reclami
redazione resi root sales segreteria service servizio servizioclienti shop shopping spedizioni
staff store supporto support ticket uff.acquisti ufficio ufficioacquisti vendite web webmaster
"""
SHARED_MAILBOXES: Final = tuple(_ROLES.split())
#: Addresses typed to get past a form, or by whoever tries the shop out.
TEST_MAILBOXES: Final = (
    r"(test|prova|demo|asdf\w*|qwert\w*|aaa+|xxx+|abc|nobody|nessuno|none|null|fake|example|"
    r"esempio|tester|collaudo|pippo|noemail|nomail|no_email|senzaemail)[0-9]*"
)
#: Endings of numbers that nobody has.
_NO_PHONES: Final = ("1234567", "2345678", "3456789", "4567890", "7654321", "0123456")
#: Facts that people of one household share.
_SHARED_AT_HOME: Final = ("email", "phone", "card", "order")


def find(connection: Any, settings: Settings) -> None:
    """Make ``held`` (who holds which value that may join) and ``edges`` from ``facts``.

    ``held``: reference, field, value, part; the holders of a value with the same part are one
    person. ``edges``: one, other, field, value; the one yields its name to the other.
    """
    _put_settings(connection, settings)
    _put_given_names(connection)
    connection.execute(_HELD)
    connection.execute(_EDGES)


def without_shared_browsers(connection: Any, people: "pa.Table") -> None:
    """Take away the links of browsers that several ``people`` (name, person) used."""
    put(connection, "people_by_keys", people)
    connection.execute(_SHARED_BROWSERS)
    connection.execute(
        "DELETE FROM edges WHERE field = 'link' AND "
        "(one IN (FROM shared_browsers) OR other IN (FROM shared_browsers))"
    )


def edges(connection: Any, *, links: bool) -> "pa.Table":
    """Return the edges with their strength, those of links or all others."""
    return take(
        connection,
        "SELECT one, other, field, value, strength FROM edges JOIN strengths USING (field) "
        f"WHERE (field = 'link') = {links}",
    )


def supported(connection: Any, standing: "pa.Table") -> "pa.Table":
    """Return the numbers of the exact joins of ``standing`` that the facts still support."""
    put(connection, "standing", standing)
    return take(
        connection,
        """
        SELECT number FROM standing s
        JOIN held one ON one.reference = s.reference AND one.field = s.field
            AND one.value = s.value
        JOIN held other ON other.reference = s.customer AND other.field = s.field
            AND other.value = s.value AND other.part = one.part
        WHERE s.kind = 'exact' AND s.field <> 'link'
        UNION
        SELECT number FROM standing s JOIN edges e
            ON e.one = s.reference AND e.other = s.customer AND e.field = s.field
        WHERE s.kind = 'exact' AND s.field = 'link'
        """,
    )


def _put_settings(connection: Any, settings: Settings) -> None:
    fields = [each for each in STRENGTHS if each in settings.exact]
    put(
        connection,
        "strengths",
        {
            "field": fields or [""],
            "strength": [STRENGTHS[each] for each in fields] or [0.0],
            "most": [settings.most[each] for each in fields] or [0],
            "at_home": [each in _SHARED_AT_HOME for each in fields] or [False],
        },
    )
    never = {each for value in settings.never for each in _never(value, settings.country)}
    put(connection, "never", {"value": [*sorted(never), ""]})
    mailboxes = [*SHARED_MAILBOXES, *(value[:-1] for value in never if value.endswith("@"))]
    put(connection, "mailboxes", {"name": mailboxes})
    groups = [(each, group[0]) for group in settings.same_numbers for each in group]
    sources, firsts = zip(*groups, strict=True) if groups else ([""], [""])
    put(connection, "same_numbers", {"source": list(sources), "numbering": list(firsts)})
    connection.execute(f"SET VARIABLE most_browsers = {int(settings.most_browsers)}")


def _never(value: str, country: str) -> set[str]:
    """Return a value of the company's list in every way that it may be compared in."""
    value = value.strip()
    read = (
        value.casefold(),
        normal.email(value),
        normal.phone(value, country),
        normal.fiscal_code(value),
        normal.card(value) if "@" not in value else None,
        normal.order(value),
    )
    return {each for each in read if each}


def _put_given_names(connection: Any) -> None:
    # Family names too: who fills a form in often turns the two round.
    query = "SELECT DISTINCT value FROM facts WHERE field IN ('first_name', 'last_name')"
    names: list[Any] = take(connection, query)["value"].to_pylist()
    keys = [normal.given_key(each) for each in names]
    known = [normal.is_given_name(each) for each in names]
    columns = {"name": [*names, ""], "key": [*keys, ""], "known": [*known, False]}
    put(connection, "given_names", columns)
    connection.execute(
        """
        CREATE OR REPLACE TABLE called AS
        SELECT reference, arg_max(key, moment) FILTER (field = 'first_name') AS given,
            arg_max(value, moment) FILTER (field = 'last_name') AS family
        FROM facts JOIN given_names ON name = value
        WHERE field IN ('first_name', 'last_name') GROUP BY reference
        """
    )


_RANK: Final = """CASE split_part({0}, ':', 1) WHEN 'user' THEN 0 WHEN 'email' THEN 2
    WHEN 'card' THEN 3 WHEN 'phone' THEN 4 WHEN 'fiscal' THEN 5 WHEN 'anon' THEN 6 ELSE 1 END"""

#: ``scope`` says within what a value is one and the same: everywhere, but for orders' numbers.
_HELD: Final = f"""
CREATE OR REPLACE TABLE held AS
WITH fit AS (
    SELECT DISTINCT reference, field, value,
        CASE WHEN field = 'order' THEN 'source ' || coalesce(numbering, f.source) ELSE '' END
            AS scope
    FROM facts f LEFT JOIN same_numbers s ON s.source = f.source
    WHERE field <> 'link' AND value NOT IN (SELECT value FROM never)
        AND NOT (field = 'email' AND (
            split_part(value, '@', 1) IN (SELECT name FROM mailboxes)
            OR '@' || split_part(value, '@', 2) IN (SELECT value FROM never)
            OR regexp_full_match(split_part(value, '@', 1), '{TEST_MAILBOXES}')))
        AND NOT (field = 'phone' AND (
            replace(right(value, 7), right(value, 1), '') = ''
            OR right(value, 7) IN {_NO_PHONES}))
        AND NOT (field = 'card' AND NOT regexp_matches(value, '[1-9A-Z]'))
), agreeing AS (
    SELECT reference, field || ' ' || value AS scope FROM fit WHERE field IN ('email', 'phone')
    UNION ALL
    SELECT reference, 'name ' || least(given, family) || ' ' || greatest(given, family)
    FROM called WHERE given IS NOT NULL AND family IS NOT NULL
), scoped AS (
    FROM fit
    UNION
    SELECT reference, o.field, o.value, a.scope
    FROM fit o JOIN agreeing a USING (reference) WHERE o.field = 'order'
    UNION
    SELECT reference, o.field, o.value, 'amount ' || a.value
    FROM fit o JOIN facts a USING (reference) WHERE o.field = 'order'
        AND a.field = '{AMOUNT}' AND regexp_replace(a.value, '[|][^|]*[|][^|]*$', '') = o.value
), good AS (
    SELECT reference, field, value, scope, most, at_home,
        starts_with(reference, 'anon:') AS browser
    FROM scoped JOIN strengths USING (field)
), counted AS (
    SELECT field, value, scope FROM good
    GROUP BY field, value, scope
    HAVING count(*) > 1 AND count(*) FILTER (NOT browser) <= any_value(most)
        AND count(*) FILTER (browser) <= getvariable('most_browsers')
), names AS (
    SELECT field, value, scope, count(DISTINCT given) AS names
    FROM good JOIN counted USING (field, value, scope) JOIN called USING (reference)
    GROUP BY field, value, scope
), told_apart AS (
    SELECT DISTINCT field, value, scope FROM (
        SELECT field, value, g.scope, source,
            CASE WHEN contains(reference, ':') THEN split_part(reference, ':', 1) END AS form
        FROM facts JOIN good g USING (reference, field, value) WHERE field = 'order'
        GROUP BY ALL HAVING count(DISTINCT reference) > 1)
)
SELECT reference, field, value,
    scope || CASE WHEN at_home AND coalesce(names, 0) > 1 THEN ' ' || given ELSE '' END AS part
FROM good JOIN counted USING (field, value, scope) LEFT JOIN names USING (field, value, scope)
    LEFT JOIN called USING (reference) ANTI JOIN told_apart USING (field, value, scope)
WHERE NOT (at_home AND coalesce(names, 0) > 1 AND given IS NULL)
"""

_EDGES: Final = f"""
CREATE OR REPLACE TABLE edges AS
WITH hubs AS (
    SELECT field, value, part,
        arg_min(reference, ({_RANK.format("reference")}, reference)) AS hub
    FROM held GROUP BY ALL HAVING count(*) > 1
), links AS (
    SELECT reference, value, {_RANK.format("reference")} AS r, {_RANK.format("value")} AS v
    FROM facts WHERE field = 'link' AND reference <> value
        AND 'link' IN (SELECT field FROM strengths)
        AND reference NOT IN (SELECT value FROM never) AND value NOT IN (SELECT value FROM never)
)
SELECT DISTINCT reference AS one, hub AS other, field, value
FROM held JOIN hubs USING (field, value, part) WHERE reference <> hub
UNION ALL
SELECT DISTINCT CASE WHEN (r, reference) > (v, value) THEN reference ELSE value END,
    CASE WHEN (r, reference) > (v, value) THEN value ELSE reference END, 'link', ''
FROM links
"""

#: Of the browsers with links to others than browsers: those whose others are several people.
_SHARED_BROWSERS: Final = """
CREATE OR REPLACE TABLE shared_browsers AS
WITH used AS (
    SELECT one AS browser, other AS name FROM edges
    WHERE field = 'link' AND starts_with(one, 'anon:') AND NOT starts_with(other, 'anon:')
)
SELECT browser FROM used LEFT JOIN people_by_keys USING (name)
GROUP BY browser HAVING count(DISTINCT coalesce(person, name)) > 1
"""
