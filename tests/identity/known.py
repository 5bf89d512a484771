"""People of the tests: profiles that say facts about references."""

from datetime import timedelta
from typing import Any

from tests.log.rows import START, row

from percorso.log import Log
from percorso.log.schema import as_table

_COUNT = iter(range(10**9))


def profile(
    reference: str, *, links: tuple[str, ...] = (), minutes: float = 0, **traits: Any
) -> Any:
    """Return the row that an identify call becomes."""
    return row(
        f"profile-{next(_COUNT)}",
        reference,
        minutes,
        kind="profile",
        name="identify",
        properties={"traits": traits, "links": list(links)},
    )


def tell(log: Log, *rows: Any) -> None:
    log.append(as_table(rows))


def together(log: Log) -> set[frozenset[str]]:
    """Return the customers that have several references."""
    customers: dict[str, set[str]] = {}
    for reference, customer in log.identity.customers().items():
        customers.setdefault(customer, {customer}).add(reference)
    return {frozenset(each) for each in customers.values()}


LATER = START + timedelta(days=1)
