"""Figures of customers on the pages: amounts in the currency they are in, days of the company."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from tests.log.rows import START, add, row

from percorso.app import results
from percorso.log import Log, open_log
from percorso.log.facts import key_of
from percorso.log.joins import Changes, Question
from percorso.workspace import Workspace

ClientOf = Callable[[str], Client]


@pytest.fixture
def log(company: Workspace) -> Log:
    results.forget()
    assert company.settings.currency == "EUR"
    assert company.settings.zone == "Europe/Rome"
    found = open_log(company)
    order = {"kind": "order", "amount": 75.0}
    # 1 March in UTC, but in Rome half past midnight of the log's last day.
    late = START.replace(hour=23, minute=30)
    add(
        found,
        [
            row("a1", "user:1", about="order:1", currency="USD", **order),
            row("a2", "user:1", 1, about="order:2", currency="USD", **order),
            row("a3", "user:2", about="order:3", at=late, currency="USD", **order),
            row("a4", "user:2", kind="refund", amount=2.0, at=late),
            row("b1", "user:3", at=START.replace(hour=12) + timedelta(days=1)),
        ],
    )
    return found


def _page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def test_amounts_are_printed_in_the_currency_they_are_in(log: Log, client_of: ClientOf) -> None:
    log.identity.change(
        Changes(questions=[Question(one="user:1", other="user:2", strength=0.8, evidence={})]),
        who="percorso",
    )
    client = client_of("cx_manager")
    addresses = ("/customers/", f"/customers/{key_of(log, 'user:1')}/", "/customers/duplicates/")
    for address in addresses:
        text = _page(client, address)
        assert "$\xa0150" in text, address
        assert "€\xa0150" not in text, address
    # An amount that says no currency is in the company's.
    assert "€\xa02.00" in _page(client, f"/customers/{key_of(log, 'user:2')}/")


def test_days_ago_are_days_of_the_company(log: Log, client_of: ClientOf) -> None:
    text = _page(client_of("agent"), f"/customers/{key_of(log, 'user:2')}/")
    assert "on the last day" in text
    assert "1 day before" not in text
