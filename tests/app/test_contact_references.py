"""Whom a member of staff means by what they type."""

from typing import Any

import pytest
from tests.log.rows import add, row

from percorso.app.sources.contacts import reference
from percorso.log import Log, open_log
from percorso.privacy import find, gather
from percorso.workspace import Workspace


@pytest.fixture
def log(company: Workspace) -> Log:
    found = open_log(company)
    profile = {"traits": {"phone": "0151 23456789", "email": "ada@example.org"}}
    add(
        found,
        [
            row("a", "user:10023456"),
            row("b", "user:3331234567"),
            row("c", "10099999"),
            row("d", "phone:+390212345678"),
            row("e", "user:7", kind="profile", properties=profile),
            row("f", "phone:+4915123456789"),
        ],
    )
    found.merge("10099999", "email:ada@example.org")
    return found


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("10023456", "user:10023456"),
        ("3331234567", "user:3331234567"),
        ("10099999", "email:ada@example.org"),
        ("10023457", "10023457"),
        ("123456789", "123456789"),
        ("333 1234568", "phone:+393331234568"),
        ("02 12345678", "phone:+390212345678"),
        ("+39 02 7654321", "phone:+39027654321"),
        ("user:9", "user:9"),
        ("Ada@Example.org", "email:ada@example.org"),
    ],
)
def test_a_customers_number_is_no_telephone(log: Log, typed: str, meant: str) -> None:
    assert reference(typed) == meant


def test_telephones_are_of_the_companys_country(log: Log) -> None:
    settings: dict[str, Any] = {"encoding": "utf-8"}
    assert reference("0151 23456789") != "phone:+4915123456789"
    assert find(log, "0151 23456789") == ()
    assert "+4915123456789" not in gather(log, "user:7").names
    (log.workspace.path / "identity.toml").write_text('country = "DE"\n', **settings)
    assert reference("0151 23456789") == "phone:+4915123456789"
    assert reference("0151 23456780") == "phone:+4915123456780"
    assert find(log, "0151 23456789") == ("phone:+4915123456789",)
    names = gather(log, "user:7").names
    assert "+4915123456789" in names
    assert "15123456789" in names
