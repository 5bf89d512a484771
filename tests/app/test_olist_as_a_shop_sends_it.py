"""Olist's orders, sent as a shop sends them and read by the rules that come with Percorso.

The same files are imported by the recipe for Olist, and told as Segment's events for shops, one for
each thing that happened: Order Completed with its products and the day promised, Payment Completed,
Order Shipped, Order Delivered, Order Cancelled, Order Reviewed. The company has no rules of its
own.

Equal must be: how many of each kind; of each customer the first and the last interaction, the
orders, the value (but for the order in which cents are added), each score with its time and what it
is about; of each promise what became of it; and of the report, to the last digit of each interval,
the scores, their months, changes and answers, the promises with the share kept and the score after
a broken one, and how many customers make journeys.

Not equal, and not compared, is what such events do not say: the touchpoints and channels (Olist's
recipe calls them checkout, carrier, courier; a live event is called by its name, and happened where
its source is), so the steps of journeys that are named by them; how something was paid, which the
recipe makes the payment's name; the buyer's state and the seller's, and the category, by which the
recipe's problems are split; the review's title, which the recipe puts before the text, and that all
of them are Portuguese, so the voice.
"""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.app.through_the_door import sent

from percorso import intake, report
from percorso.log import Log, open_log
from percorso.log.fates import fates
from percorso.workspace import Settings, Workspace

#: A shop's company has the shop's zone: a day promised ends there.
SHOP = Settings(company="Olist", zone="America/Sao_Paulo", currency="BRL", language="en")
FILES = "olist_{}_dataset.csv"
#: Of the orders in the file, every so many.
EVERY = 40

Rows = list[dict[str, str]]


def _read(folder: Path, name: str) -> Rows:
    with (folder / FILES.format(name)).open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def _write(folder: Path, name: str, rows: Rows) -> None:
    with (folder / FILES.format(name)).open("w", encoding="utf-8", newline="") as text:
        writer = csv.DictWriter(text, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _some(whole: Path, folder: Path) -> Path:
    """Write a few hundred orders with all that is about them, in files like those of the whole."""
    orders = _read(whole, "orders")
    # Few are called off: all of these are taken, for their promises are withdrawn.
    kept = [
        each
        for place, each in enumerate(orders)
        if place % EVERY == 0 or each["order_status"] == "canceled"
    ]
    of_orders = {each["order_id"] for each in kept}
    _write(folder, "orders", kept)
    for name in ("order_payments", "order_reviews", "order_items"):
        _write(folder, name, [each for each in _read(whole, name) if each["order_id"] in of_orders])
    of_customers = {each["customer_id"] for each in kept}
    customers = _read(whole, "customers")
    _write(folder, "customers", [each for each in customers if each["customer_id"] in of_customers])
    return folder


def _imported(folder: Path, place: Path) -> Log:
    log = open_log(Workspace.create(place, SHOP))
    intake.run(log, intake.inspect(log.workspace, [folder]))
    return log


def _by_order(rows: Rows) -> dict[str, Rows]:
    found: defaultdict[str, Rows] = defaultdict(list)
    for each in rows:
        found[each["order_id"]].append(each)
    return found


def _events(folder: Path) -> Iterator[dict[str, Any]]:
    customers = {
        each["customer_id"]: each["customer_unique_id"] for each in _read(folder, "customers")
    }
    payments, reviews, items = (
        _by_order(_read(folder, name))
        for name in ("order_payments", "order_reviews", "order_items")
    )
    for order in _read(folder, "orders"):
        number = order["order_id"]
        parts = {"order_id": number, "currency": "BRL"}
        told = (
            _completed(order, items[number], parts),
            *(_paid(order, each, parts) for each in payments[number]),
            *_parcel(order),
            *(_reviewed(each) for each in reviews[number]),
        )
        for name, of_shop, at, said in told:
            yield {
                "type": "track",
                "event": name,
                "userId": customers[order["customer_id"]],
                "messageId": f"{name}:{of_shop}",
                "timestamp": _moment(at),
                "properties": said,
            }


#: The event's name, its number in the shop, when it happened, and what it says.
Told = tuple[str, str, str, dict[str, Any]]


def _completed(order: dict[str, str], items: Rows, parts: dict[str, Any]) -> Told:
    said = {**parts, "estimated_delivery_date": order["order_estimated_delivery_date"][:10]}
    if items:
        said["products"] = [
            {"product_id": each["product_id"], "price": float(each["price"]), "quantity": 1}
            for each in items
        ]
        revenue = sum(float(each["price"]) for each in items)
        shipping = sum(float(each["freight_value"]) for each in items)
        said |= {
            "revenue": round(revenue, 2),
            "shipping": round(shipping, 2),
            "total": round(revenue + shipping, 2),
        }
    return "Order Completed", order["order_id"], order["order_purchase_timestamp"], said


def _paid(order: dict[str, str], payment: dict[str, str], parts: dict[str, Any]) -> Told:
    said = {**parts, "amount": payment["payment_value"], "payment_method": payment["payment_type"]}
    at = order["order_approved_at"] or order["order_purchase_timestamp"]
    return "Payment Completed", f"{order['order_id']}:{payment['payment_sequential']}", at, said


def _parcel(order: dict[str, str]) -> Iterator[Told]:
    number = order["order_id"]
    said = {"order_id": number}
    if at := order["order_delivered_carrier_date"]:
        yield "Order Shipped", number, at, said
    if at := order["order_delivered_customer_date"]:
        yield "Order Delivered", number, at, said
    if order["order_status"] == "canceled":
        # When, the files do not say: the recipe takes the last that is known, and so does this.
        known = ("order_purchase_timestamp", "order_approved_at", "order_delivered_carrier_date")
        yield "Order Cancelled", number, max(order[each] for each in known), said


def _reviewed(review: dict[str, str]) -> Told:
    said = {
        "order_id": review["order_id"],
        "review_id": review["review_id"],
        "rating": int(review["review_score"]),
        "review_body": review["review_comment_message"],
    }
    # One review may be of several orders.
    of_shop = f"{review['review_id']}:{review['order_id']}"
    return "Order Reviewed", of_shop, review["review_answer_timestamp"], said


def _moment(local: str) -> str:
    return datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(SHOP.zone)).isoformat()


def _kinds(log: Log) -> Counter[str]:
    return Counter(log.read(["kind"]).read_all()["kind"].to_pylist())


def _customers(log: Log) -> list[dict[str, Any]]:
    columns = ("customer", "first", "last", "interactions", "orders", "value")
    rows = log.customers().select(*columns).order_by("customer").to_pyarrow().to_pylist()
    return [{**each, "value": round(each["value"] or 0, 6)} for each in rows]


def _scores(log: Log) -> list[tuple[Any, ...]]:
    columns = ["customer", "at", "kind", "about", "scale", "score"]
    rows = log.read(columns).read_all().to_pylist()
    return sorted(
        tuple(each[name] for name in columns) for each in rows if each["score"] is not None
    )


def _promises(log: Log) -> list[tuple[Any, ...]]:
    columns = ("about", "customer", "name", "made_at", "due_at", "fulfilled_at", "fate")
    rows = fates(log).select(*columns).to_pyarrow().to_pylist()
    return sorted(
        (tuple(each[name] for name in columns) for each in rows), key=lambda each: each[:4]
    )


def _figures(log: Log) -> dict[str, Any]:
    said = report.as_json(report.build(log))
    names = ("metrics", "months", "changes", "compared", "answers", "promises")
    # Below the headline stands the first problem.
    headline = {name: said["headline"][name] for name in ("sentence", "tone")}
    journeys = {name: said["journeys"][name] for name in ("customers", "ideal_customers")}
    return {**{name: said[name] for name in names}, "headline": headline, "journeys": journeys}


def _same(folder: Path, place: Path) -> dict[str, Any]:
    """Import and send the orders of a folder, and return the figures of both."""
    imported = _imported(folder, place / "imported")
    live = sent(Workspace.create(place / "live", SHOP), _events(folder))
    assert _kinds(live) == _kinds(imported)
    assert _customers(live) == _customers(imported)
    assert _scores(live) == _scores(imported)
    assert _promises(live) == _promises(imported)
    figures = _figures(live)
    assert figures == _figures(imported)
    return figures


def test_some_hundred_orders_sent_by_their_shop_are_what_the_import_says(
    datasets: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "some"
    folder.mkdir()
    promises = _same(_some(datasets / "olist", folder), tmp_path)["promises"]
    assert promises["late"] > 0
    assert promises["withdrawn"] > 0
    assert promises["score_after"]["kept"]["n"] > 0


@pytest.mark.slow  # sends 75,000 events and makes two reports, minutes
def test_all_orders_sent_by_their_shop_are_what_the_import_says(
    datasets: Path, tmp_path: Path
) -> None:
    promises = _same(datasets / "olist", tmp_path)["promises"]
    assert (promises["kept"], promises["late"]) == (13_595, 957)
