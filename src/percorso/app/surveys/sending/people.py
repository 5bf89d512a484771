"""What sending has to know of customers: their address, name, language, and whether they agreed."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, cast

from percorso import identity
from percorso.app.outbox import suppression
from percorso.app.outbox.telling import SOURCE
from percorso.app.surveys.sending import words
from percorso.contacts import CONTACT_PURPOSES, Contact, ContactPurpose
from percorso.privacy import consents
from percorso.segments.sql import literal
from percorso.vocabulary import Phrase

if TYPE_CHECKING:
    from percorso.log import Log

_OUTWARDS: Final = ("message", "call", "offer")
_LOOKUPS: Final = 500


@dataclass(frozen=True, slots=True)
class Person:
    """A customer as a message needs them. ``why_not`` says why nothing can be sent to them."""

    customer: str
    address: str = ""
    name: str = ""
    first_name: str = ""
    last_name: str = ""
    language: str = ""
    why_not: Phrase | None = None


def people(log: "Log", customers: Collection[str]) -> dict[str, Person]:
    """Return what is known of some customers, and whether they may be asked."""
    listed = sorted(set(customers))
    found: dict[str, Person] = {}
    for start in range(0, len(listed), _LOOKUPS):
        found.update(_people(log, listed[start : start + _LOOKUPS]))
    return found


def _people(log: "Log", customers: Sequence[str]) -> dict[str, Person]:
    called = identity.called(log, customers)
    may = consents.who_may(log, customers, "survey")
    spoken = _languages(log, customers)
    named = {each: called.get(each, identity.Called()) for each in customers}
    reached = {
        each: names.email or _address_in(log.identity.references_of(each), each)
        for each, names in named.items()
    }
    silent = suppression.why_not(filter(None, reached.values()), "survey")
    found = {}
    for each, names in named.items():
        address = reached[each]
        why = silent[address] if address else words.NO_ADDRESS
        if why is None and each not in may:
            why = words.NO_CONSENT
        found[each] = Person(
            each, address, names.name, names.first_name, names.last_name, spoken.get(each, ""), why
        )
    return found


def _address_in(references: Iterable[str], customer: str) -> str:
    """Return the address that a reference of somebody is."""
    named = sorted({*references, customer})
    return next((each.removeprefix("email:") for each in named if each.startswith("email:")), "")


def _languages(log: "Log", customers: Sequence[str]) -> dict[str, str]:
    """Return the language each wrote or was written to in last."""
    if not log.files():
        return {}
    view = log.interactions().get_name()
    query = (
        f'SELECT customer, arg_max(language, "at") FROM {view} '
        f"WHERE customer IN ({', '.join(map(literal, customers))}) AND language IS NOT NULL "
        "GROUP BY customer"
    )
    return dict(log.engine().connection().raw_sql(query).fetchall())


def same(log: "Log", references: Collection[str]) -> Iterator[Sequence[str]]:
    """Yield which references are of one person, the one they are known by now first."""
    seen = set()
    for each in references:
        customer = log.identity.customer_of(each)
        if customer not in seen:
            seen.add(customer)
            yield (customer, *(r for r in log.identity.references_of(customer) if r != customer))


def elsewhere(
    log: "Log", customers: Collection[str], days: int, now: datetime
) -> tuple[Contact, ...]:
    """Return what was sent to customers and did not go through the ledger, as the log has it.

    To these customers within ``days``, and to everybody within a day. What says no purpose is a
    service message; offers are marketing.
    """
    if not log.files():
        return ()
    import ibis

    rows = log.interactions()
    first, lately = now - timedelta(days=days), now - timedelta(days=1)
    chosen = rows.filter(
        rows.kind.isin(_OUTWARDS),
        rows.direction == "out",
        rows.source != SOURCE,
        rows["at"] > ibis.literal(first),
        rows["at"] <= ibis.literal(now),
        rows.customer.isin(sorted(customers)) | (rows["at"] > ibis.literal(lately)),
    )
    found = chosen.select("customer", "kind", "at", "properties").to_pyarrow().to_pylist()
    return tuple(
        Contact(each["customer"], _purpose(each["kind"], each["properties"]), "", each["at"])
        for each in found
    )


def _purpose(kind: str, properties: str | None) -> ContactPurpose:
    import json

    try:
        said = json.loads(properties or "{}").get("purpose")
    except (ValueError, AttributeError):
        said = None
    if said in CONTACT_PURPOSES:
        return cast("ContactPurpose", said)
    return "marketing" if kind == "offer" else "service"
