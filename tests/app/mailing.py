"""Fixtures: a company that may write to its customers, and a real mail server.

A folder of tests takes them by importing them in its ``conftest``.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_django import Settings as DjangoSettings
from tests import relay as relays
from tests.app.outbox.waiting import post_for
from tests.relay import Relay

from percorso import contacts
from percorso.app import company as served
from percorso.app.outbox.models import Sender
from percorso.contacts import Budget, Ledger, Wish
from percorso.log.schema import as_table
from percorso.vocabulary import Interaction
from percorso.workspace import Workspace

#: A budget that holds nobody back, at any hour.
OPEN = Budget(
    total=None,
    survey=None,
    between_surveys=0,
    quiet_from=None,
    quiet_until=None,
    weekdays=frozenset(range(7)),
    holidays="",
)


@pytest.fixture
def relay(settings: DjangoSettings) -> Iterator[Relay]:
    with relays.running() as started:
        settings.EMAIL_CONFIGURED = True
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", started.port
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_USE_SSL = settings.EMAIL_USE_TLS = False
        yield started


@pytest.fixture
def shop(company: Workspace, db: None, settings: DjangoSettings) -> Workspace:
    """Return a company that is known to its customers, and is never quiet."""
    contacts.save(company, contacts.as_toml(OPEN))
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, url="https://cx.example.org")
    Sender.objects.create(name="Bottega Prova", address="ciao@example.org")
    return company


@pytest.fixture
def agree(shop: Workspace) -> Callable[..., None]:
    """Return what writes down that customers may be asked, or may not any more."""
    count = iter(range(1_000_000))

    def say(*customers: str, given: bool = True, at: datetime | None = None) -> None:
        served.log().append(
            as_table(
                Interaction(
                    id=f"agreed:{next(count)}",
                    at=at or datetime.now(UTC),
                    customer=each,
                    kind="consent",
                    name="given" if given else "withdrawn",
                    source="till",
                    touchpoint="shop",
                    properties={"purpose": "survey", "given": given, "basis": "consent"},
                )
                for each in customers
            )
        )

    return say


@pytest.fixture
def posted(shop: Workspace, agree: Callable[..., None]) -> Callable[..., Any]:
    """Return what puts a message to an address in line, by the budget, and returns its number."""

    def post(address: str, **given: Any) -> Any:
        now = datetime.now(UTC)
        person = f"email:{address}"
        if given.pop("agreed", True):
            agree(person)
        wish = Wish(f"wish:{address}", person, "survey", "nps", now, now + timedelta(days=7))
        [decision] = Ledger(shop).settle([wish], contacts.load(shop), now)
        assert decision.outcome == "send"
        return post_for(decision, address, **given)

    return post


def happened(
    *people: str, kind: str = "delivery", at: datetime | None = None, **given: Any
) -> None:
    """Have something happen to people, at a courier unless it is said where."""
    at = at or datetime.now(UTC)
    made = (
        Interaction(
            id=f"{kind}:{each}:{at.isoformat()}",
            at=at,
            customer=each,
            kind=kind,
            source="till",
            **{"touchpoint": "courier", "channel": "courier", **given},
        )
        for each in people
    )
    served.log().append(as_table(made))
