"""What customers bought, against counting by hand; a cancelled order was not bought."""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pytest
from tests.log.rows import add, row

from percorso.log import Log
from percorso.log.customers import currency
from percorso.log.facts import facts
from percorso.vocabulary import Interaction


@dataclass
class _Bought:
    orders: list[datetime] = field(default_factory=list)
    paid: list[datetime] = field(default_factory=list)
    value: float = 0.0


def _by_hand(rows: Sequence[Interaction], currency: str) -> dict[str, _Bought]:
    cancelled = {
        (order.customer, order.about)
        for order in rows
        for each in rows
        if order.kind == "order" and each.kind == "cancellation" and each.at >= order.at
        and order.about and (order.customer, order.about) == (each.customer, each.about)
    }  # fmt: skip
    found: dict[str, _Bought] = defaultdict(_Bought)
    sums: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for each in rows:
        own = found[each.customer]
        off = (each.customer, each.about) in cancelled and each.kind != "renewal"
        if off or each.kind not in ("order", "payment", "renewal", "refund"):
            continue
        if each.kind != "refund":
            (own.orders if each.kind == "order" else own.paid).append(each.at)
        kind = "payment" if each.kind == "renewal" else each.kind
        if each.amount is not None and (each.currency or "EUR") == currency:
            sums[each.customer][kind] += abs(each.amount) if kind == "refund" else each.amount
    for customer, own in found.items():
        own.value = sums[customer]["order"] or sums[customer]["payment"]
        own.value -= sums[customer]["refund"]
    return found


@pytest.mark.parametrize("seed", range(4))
def test_what_was_bought_equals_counting_by_hand(log: Log, seed: int) -> None:
    dice = random.Random(seed)
    kinds = ("order", "order", "payment", "renewal", "refund", "cancellation", "visit")
    rows = [
        row(
            f"r{number}",
            f"user:{dice.randrange(25)}",
            dice.randrange(5000),
            kind=dice.choice(kinds),
            about=dice.choice((None, *(f"order:{n}" for n in range(4)))),
            amount=dice.choice((None, 0.0, 5.0, 12.5, 80.0)),
            currency=dice.choice((None, "EUR", "USD", "EUR")),
        )
        for number in range(400)
    ]
    add(log, rows)
    expected = _by_hand(rows, currency(log))
    table = facts(log).select(
        "customer", "orders", "value", "currency", "first_order", "last_order"
    )
    for each in table.to_pyarrow().to_pylist():
        own = expected[each["customer"]]
        bought = own.orders or own.paid
        assert each["orders"] == len(bought), each
        assert each["value"] == pytest.approx(own.value), each
        times = (min(bought), max(bought)) if bought else (None, None)
        assert (each["first_order"], each["last_order"]) == times, each
        assert each["currency"] == "EUR"


def test_a_cancelled_order_was_not_bought(log: Log) -> None:
    order = {"kind": "order", "currency": "EUR", "amount": 50.0}
    add(
        log,
        [
            row("a", "user:1", 0, about="order:1", **order),
            row("b", "user:1", 1, about="order:2", **order),
            row("c", "user:1", 1, kind="payment", about="order:2", amount=50.0, currency="EUR"),
            row("d", "user:1", 9, kind="cancellation", about="order:2", amount=50.0),
            row("e", "user:1", 10, kind="refund", about="order:2", amount=50.0, currency="EUR"),
            # Another customer's order of that number stands.
            row("f", "user:2", 1, about="order:2", **order),
            # A subscription that ended was paid for until then.
            row("g", "user:3", 1, kind="renewal", about="subscription:7", amount=9.0),
            row("h", "user:3", 5, kind="cancellation", about="subscription:7"),
        ],
    )
    found = {each["customer"]: each for each in log.customers().to_pyarrow().to_pylist()}
    figures = {name: (each["orders"], each["value"]) for name, each in found.items()}
    assert figures == {"user:1": (1, 50.0), "user:2": (1, 50.0), "user:3": (1, 9.0)}


def test_values_say_their_currency(log: Log) -> None:
    assert currency(log) == "EUR"
    order = {"kind": "order", "amount": 50.0}
    add(log, [row(f"a{n}", "user:1", n, currency="USD", **order) for n in range(3)])
    add(log, [row("b", "user:2", 0, currency="EUR", **order)])
    assert currency(log) == "USD"
    rows = log.customers().order_by("customer").to_pyarrow().to_pylist()
    assert [(each["value"], each["currency"]) for each in rows] == [(150.0, "USD"), (0.0, "USD")]
