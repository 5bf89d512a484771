"""Finding customers by what a person knows of them: a name, an e-mail, a phone, an order number."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from percorso.identity import gathering, normal
from percorso.identity.settings import load
from percorso.segments.sql import literal

if TYPE_CHECKING:
    from percorso.log import Log

#: Fields that are searched, beside the references themselves.
_SEARCHED: Final = ("first_name", "last_name", "email", "phone", "order", "card", "fiscal_code")
#: Words of a search beyond these are left out.
_MOST_WORDS: Final = 6


@dataclass(frozen=True, slots=True)
class Called:
    """What a customer is called: as they were named last; each empty where nobody said."""

    name: str = ""
    email: str = ""
    phone: str = ""
    first_name: str = ""
    last_name: str = ""


def search_sql(log: "Log", text: str) -> str | None:
    """Return the SQL of the customers (column ``customer``) that a search finds; None: no search.

    Each word must be in a name, an e-mail, a card or a reference of one customer; the whole text
    may also be a phone, in whatever form, or the number of an order. Capitals and accents do not
    matter.
    """
    words = [_plain(each) for each in text.split()][:_MOST_WORDS]
    if not words:
        return None
    parts = " INTERSECT ".join(_with_word(log, each) for each in words)
    return f"SELECT customer FROM (({parts}) UNION {_exactly(log, text)})"


def called(log: "Log", customers: Sequence[str]) -> dict[str, Called]:
    """Return what each of a few customers is called."""
    if not customers or _facts(log) is None:
        return {}
    wanted = "[" + ", ".join(map(literal, customers)) + "]"
    query = (
        f"SELECT customer, field, arg_max(shown, row(moment, value)) FROM ({_known(log)}) "
        f"WHERE list_contains({wanted}, customer) "
        "AND field IN ('first_name', 'last_name', 'email', 'phone') GROUP BY customer, field"
    )
    found: dict[str, dict[str, str]] = {}
    for customer, field, shown in log.engine().connection().raw_sql(query).fetchall():
        found.setdefault(customer, {})[field] = shown
    return {
        customer: Called(
            _name(each),
            each.get("email", ""),
            each.get("phone", ""),
            each.get("first_name", ""),
            each.get("last_name", ""),
        )
        for customer, each in found.items()
    }


def _name(given: Mapping[str, str]) -> str:
    first, last = given.get("first_name", ""), given.get("last_name", "")
    # A full name given in one piece stands under both fields.
    if first in last or last in first:
        return max(first, last, key=len)
    return f"{first} {last}"


def _with_word(log: "Log", word: str) -> str:
    fields = ", ".join(map(literal, _SEARCHED))
    facts = (
        f"SELECT customer FROM ({_known(log)}) WHERE field IN ({fields}) "
        f"AND {_holds('shown', word)} UNION "
        if _facts(log)
        else ""
    )
    return (
        f"({facts}SELECT customer FROM {_people(log)} WHERE {_holds('customer', word)} "
        f"UNION SELECT customer FROM {_references(log)} WHERE {_holds('reference', word)})"
    )


def _exactly(log: "Log", text: str) -> str:
    """Return the SQL of who has this phone, or this order."""
    country = load(log.workspace).country
    order = normal.order(f"order:{text.strip()}") or text.strip()
    about = ", ".join(map(literal, {text.strip(), f"order:{text.strip()}", order}))
    view = log.interactions().get_name()
    query = f"SELECT DISTINCT customer FROM {view} WHERE about IN ({about})"
    phone = normal.phone(text, country)
    if phone and _facts(log):
        query += (
            f" UNION SELECT customer FROM ({_known(log)}) WHERE field = 'phone' "
            f"AND value = {literal(phone)}"
        )
    return query


def _known(log: "Log") -> str:
    """Return the SQL of the facts with the customer each is of."""
    return (
        f"SELECT coalesce(i.customer, f.reference) AS customer, field, value, shown, moment "
        f"FROM {_facts(log)} f LEFT JOIN {_references(log)} i ON i.reference = f.reference"
    )


def _facts(log: "Log") -> str | None:
    from percorso.log.engine import parquet

    files = gathering.stored_files(log)
    return parquet(list(files)) if files else None


def _people(log: "Log") -> str:
    name: str = log.customers().get_name()
    return f'"{name}"'


def _references(log: "Log") -> str:
    """Return the relation of references that go by another's name."""
    return log.engine().references() or "(SELECT '' AS reference, '' AS customer WHERE false)"


def _holds(column: str, word: str) -> str:
    return f"contains(lower(strip_accents({column})), {literal(word)})"


def _plain(word: str) -> str:
    decomposed = unicodedata.normalize("NFKD", word.lower())
    return "".join(each for each in decomposed if not unicodedata.combining(each))
