# ruff: noqa: E501 - exports are as wide as they are
"""Shipped recipes on exports as the tools write them; the company's own; hostile ones."""

import json
import tomllib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from percorso import intake
from percorso.i18n import in_language
from percorso.intake import recipes
from percorso.log import Log
from percorso.workspace import Workspace

Importing = Callable[..., intake.ImportResult]
Rows = Callable[[], list[dict[str, Any]]]
Writing = Callable[..., Path]

SHOPIFY = """Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Currency,Total,Created at,Lineitem quantity,Lineitem name,Shipping Province,Cancelled at,Refunded Amount,Payment Method,Source,Id
#1001,ada@example.org,paid,2024-05-01 10:05:00 +0200,fulfilled,2024-05-02 09:00:00 +0200,EUR,45.90,2024-05-01 10:04:00 +0200,1,Book A,MI,,0.00,card,web,5001
#1001,ada@example.org,,,,,,,2024-05-01 10:04:00 +0200,2,Book B,,,,,,
#1002,bob@example.org,refunded,2024-05-03 11:00:00 +0200,,,EUR,12.00,2024-05-03 10:59:00 +0200,1,Book A,RM,2024-05-04 08:00:00 +0200,12.00,card,pos,5002
"""

WOO = """Order ID,Order Date,Order Status,Order Total,Billing Email,Payment Method,Date Paid,Estimated Delivery,Delivered Date,Shipping State
2001,2024-03-30 23:30:00,wc-completed,"1.234,50",ada@example.org,Stripe,2024-03-30 23:31:00,02/04/2024,02/04/2024 21:00,MI
2002,2024-03-31 12:00:00,wc-cancelled,"20,00",bob@example.org,Stripe,,05/04/2024,,RM
2003,2024-03-31 12:00:00,wc-refunded,"20,00",eve@example.org,Stripe,2024-03-31 12:01:00,25/04/2024,26/04/2024 00:00:01,RM
"""

ORDERS = """Numero ordine;Cliente;Data ordine;Totale;Consegna prevista;Data consegna;Provincia
A1;77;13/05/2024 10:00;€ 12,50;15/05/2024;15/05/2024 18:30;MI
A2;78;13/05/2024 11:00;€ 1.012,50;15/05/2024;16/05/2024 09:00;RM
A3;79;14/05/2024 11:00;n.d.;16/05/2024;;RM
"""

TICKETS = """Ticket ID,Requester Email,Created At,Channel,Subject,First Reply At,First Response Due,Solved At,Satisfaction,Status
501,ada@example.org,2024-05-01 09:00,Email,Where is my book?,2024-05-01 12:00,2024-05-01 11:00,2024-05-02 09:00,4,solved
502,bob@example.org,2024-05-01 09:30,Telefono,Wrong size,,2024-05-01 11:30,,,open
"""

REVIEWS = """Review ID,Date,Stelle,Titolo,Testo,Email
r1,2024-05-01,5,Bello,Arrivato presto,ada@example.org
r2,2024-05-02,4.5,,Tutto bene,
"""

SEGMENT = "\n".join(
    json.dumps(each)
    for each in (
        {
            "type": "page",
            "messageId": "m1",
            "anonymousId": "a-1",
            "name": "Home",
            "timestamp": "2024-05-01T10:00:00.000Z",
            "context": {"page": {"path": "/"}},
            "properties": {"url": "https://example.org/"},
        },
        {
            "type": "track",
            "messageId": "m2",
            "userId": "u-1",
            "event": "Order Completed",
            "originalTimestamp": "2030-01-01T00:00:00Z",
            "sentAt": "2030-01-01T00:00:10Z",
            "receivedAt": "2024-05-01T12:00:10Z",
            "properties": {"order_id": "1001", "revenue": 45.9, "currency": "EUR"},
        },
        {"type": "alias", "messageId": "m3", "userId": "u-1", "previousId": "a-1"},
        {"type": "track", "messageId": "m4", "event": "Lost", "timestamp": "2024-05-01T10:00:00Z"},
    )
)


def _by_kind(rows: Rows) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows():
        found.setdefault(row["kind"], []).append(row)
    return found


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text + "+00:00")


def test_shopify_puts_the_lines_of_an_order_together(
    file: Writing, bring: Importing, rows: Rows
) -> None:
    assert bring(file("orders_export.csv", SHOPIFY)).recipe == "shopify"
    found = _by_kind(rows)
    first, second = sorted(found["order"], key=lambda row: row["id"])
    assert (first["customer"], first["about"], first["amount"]) == (
        "email:ada@example.org",
        "order:#1001",
        45.9,
    )
    assert json.loads(first["properties"])["items"] == "Book A · Book B"
    assert first["at"] == _utc("2024-05-01T08:04:00")
    assert second["channel"] == "store"
    assert {kind: len(each) for kind, each in found.items()} == {
        "order": 2,
        "payment": 2,
        "shipment": 1,
        "cancellation": 1,
        "refund": 1,
    }


def test_woocommerce_orders_promise_a_day_and_keep_it_or_not(
    file: Writing, bring: Importing, rows: Rows
) -> None:
    result = bring(file("orders.csv", WOO))
    assert result.recipe == "woocommerce"
    found = _by_kind(rows)
    assert sorted(row["amount"] for row in found["order"]) == [20.0, 20.0, 1234.5]
    due = {row["about"]: row["due_at"] for row in found["promise"]}
    # The last moment of the promised day in Rome, where clocks went forward on 31 March.
    assert due["order:2001"] == _utc("2024-04-02T21:59:59.999999")
    late = {row["about"]: row["at"] > due[row["about"]] for row in found["delivery"]}
    assert late == {"order:2001": False, "order:2003": True}
    assert [row["about"] for row in found["cancellation"]] == ["order:2002"]
    assert [row["about"] for row in found["refund"]] == ["order:2003"]


def test_orders_in_italian(file: Writing, bring: Importing, rows: Rows) -> None:
    result = bring(file("ordini.csv", ORDERS, "cp1252"))
    assert result.recipe == "orders"
    assert result.quarantined == 0
    found = _by_kind(rows)
    assert [(row["customer"], row["amount"]) for row in found["order"]] == [
        ("user:77", 12.5),
        ("user:78", 1012.5),
        ("user:79", None),
    ]
    assert {row["currency"] for row in found["order"]} == {"EUR", None}
    assert len(found["promise"]) == 3
    assert [json.loads(row["properties"])["region"] for row in found["delivery"]] == ["MI", "RM"]


def test_satisfaction_in_words_is_counted_out_and_kept_with_the_ticket(
    file: Writing, bring: Importing, rows: Rows
) -> None:
    tickets = "Ticket ID,Created At,Requester,Solved At,Satisfaction\n" + "".join(
        f"{number},2024-05-01 09:00,a@example.org,2024-05-02 09:00,{said}\n"
        for number, said in enumerate(("Good", "4", "Offered", "9", ""))
    )
    done = bring(file("tickets.csv", tickets))
    assert [(each.rows, "in words" in each.reason) for each in done.skipped] == [(2, True)]
    assert done.quarantined == 1  # 9 is no answer from 1 to 5
    assert [row["score"] for row in rows() if row["kind"] == "answer"] == [4]
    kept = [json.loads(row["properties"] or "{}") for row in rows() if row["kind"] == "ticket"]
    assert [each.get("satisfaction") for each in kept] == ["Good", None, "Offered", None, None]


def test_tickets_promise_a_first_answer(file: Writing, bring: Importing, rows: Rows) -> None:
    assert bring(file("tickets.csv", TICKETS)).recipe == "tickets"
    found = _by_kind(rows)
    assert {row["about"] for row in found["promise"]} == {"ticket:501", "ticket:502"}
    assert {row["name"] for row in found["promise"]} == {"answer"}
    (answer,) = found["message"]
    assert (answer["direction"], answer["at"]) == ("out", _utc("2024-05-01T10:00:00"))
    assert [row["channel"] for row in found["ticket"]] == ["email", "phone"]
    assert [row["score"] for row in found["answer"]] == [4.0]
    assert len(found["resolution"]) == 1


def test_reviews(file: Writing, bring: Importing, rows: Rows) -> None:
    assert bring(file("reviews.csv", REVIEWS)).recipe == "reviews"
    assert {(row["score"], row["text"]) for row in rows()} == {
        (5.0, "Bello: Arrivato presto"),
        (4.5, "Tutto bene"),
    }


def test_segment_events_with_a_wrong_clock(
    file: Writing, bring: Importing, rows: Rows, log: Log
) -> None:
    result = bring(file("events.jsonl", SEGMENT))
    assert result.recipe == "segment"
    assert [each.rows for each in result.skipped] == [1]
    assert result.quarantined == 1  # neither userId nor anonymousId
    found = _by_kind(rows)
    (order,) = found["order"]
    assert order["at"] == _utc("2024-05-01T12:00:00")
    assert (order["id"], order["customer"], order["about"]) == ("m2", "user:u-1", "order:1001")
    assert (order["amount"], order["currency"]) == (45.9, "EUR")
    (page,) = found["view"]
    assert (page["customer"], page["touchpoint"]) == ("anon:a-1", "Home")


def test_broken_json_lines_wait(file: Writing, bring: Importing, log: Log) -> None:
    text = '{"date":"2024-01-01","nps":9}\n{broken\n[1]\n{"date":"2024-01-02","nps":8,"new":1}\n'
    result = bring(file("a.jsonl", text))
    assert (result.added, result.quarantined) == (2, 2)


def test_excel_and_parquet_read_like_csv(tmp_path: Path, bring: Importing, rows: Rows) -> None:
    import openpyxl
    import pyarrow as pa
    import pyarrow.parquet as pq

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Risposte 2024"])
    sheet.append(["Data", "Email", "NPS", "Commento"])
    sheet.append([datetime(2024, 4, 25, 14, 30), "ada@example.org", 9, "Bene"])  # noqa: DTZ001
    sheet.append([datetime(2024, 4, 26), "bob@example.org", 3.0, None])  # noqa: DTZ001
    book.create_sheet("Vuoto")
    book.save(tmp_path / "a.xlsx")
    assert bring(tmp_path / "a.xlsx").added == 2
    times = pa.array([_utc("2024-04-25T12:30:00")], pa.timestamp("us", tz="UTC"))
    table = pa.table({"date": times, "email": ["eve@example.org"], "nps": [10]})
    pq.write_table(table, tmp_path / "a.parquet")
    assert bring(tmp_path / "a.parquet").added == 1
    assert [(row["customer"], row["at"], row["score"]) for row in rows()] == [
        ("email:ada@example.org", _utc("2024-04-25T12:30:00"), 9.0),
        ("email:bob@example.org", _utc("2024-04-25T22:00:00"), 3.0),
        ("email:eve@example.org", _utc("2024-04-25T12:30:00"), 10.0),
    ]


OWN = """
name = "{name}"
title = "Till receipts"
[tables.receipts]
columns = ["receipt", "card", "moment"]
[[interactions]]
kind = "order"
touchpoint = "till"
channel = "store"
[interactions.fields]
id = "'till:' || receipt"
at = "moment"
customer = {customer}
"""


def _own(workspace: Workspace, customer: str = "\"'user:' || card\"", name: str = "till") -> None:
    workspace.recipes.mkdir(exist_ok=True)
    text = OWN.format(name=name, customer=customer)
    (workspace.recipes / f"{name}.toml").write_text(text, "utf-8")


RECEIPTS = "receipt,card,moment\n1,7,2024-01-02 10:00\n"


def test_a_company_writes_its_own_recipe(
    file: Writing, workspace: Workspace, bring: Importing
) -> None:
    _own(workspace)
    infos = {each.name: each for each in recipes.available(workspace)}
    assert not infos["till"].shipped
    assert infos["olist"].shipped
    assert infos["till"].tables == (("receipts", ("receipt", "card", "moment")),)
    assert recipes.text(workspace, "till").startswith("\nname")
    assert bring(file("receipts.csv", RECEIPTS)).recipe == "till"


def test_a_recipe_of_the_company_hides_a_shipped_one(workspace: Workspace) -> None:
    _own(workspace, name="survey")
    assert recipes.load(workspace, "survey").title == "Till receipts"


@pytest.mark.parametrize(
    "customer",
    [
        "\"(SELECT content FROM read_text('/etc/passwd'))\"",
        "\"(SELECT any_value(file) FROM glob('/etc/*'))\"",
        "\"card FROM receipts; COPY (SELECT 1) TO '/tmp/percorso-stolen.csv'; SELECT card\"",
        '"card FROM receipts; SET lock_configuration = false; SELECT card"',
        "\"(SELECT any_value(x) FROM read_csv('https://example.org/x.csv') AS t(x))\"",
        '"(SELECT nothing FROM nowhere)"',
    ],
)
def test_a_hostile_recipe_reaches_nothing(
    file: Writing, workspace: Workspace, customer: str
) -> None:
    _own(workspace, customer)
    plan = intake.inspect(workspace, [file("receipts.csv", RECEIPTS)], recipe="till")
    assert len(plan.problems) == 1
    assert "till" in plan.problems[0]
    assert "root:" not in plan.problems[0]
    assert not Path("/tmp/percorso-stolen.csv").exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("moment", "momnt"), "momnt"),
        (('kind = "order"', 'knd = "order"'), "did you mean"),
        (("touchpoint", "touchpiont"), "did you mean"),
        (("[tables.receipts]", "[tables.'a b']"), "small letters"),
        (("= ", ": "), "is not TOML"),
        (('title = "Till receipts"', 'zone = "Mars/Base"'), "zone must be"),
    ],
)
def test_a_wrong_recipe_says_what_is_wrong(
    file: Writing, workspace: Workspace, change: tuple[str, str], words: str
) -> None:
    workspace.recipes.mkdir()
    text = OWN.format(name="till", customer='"card"').replace(*change)
    (workspace.recipes / "till.toml").write_text(text, "utf-8")
    path = file("receipts.csv", RECEIPTS)
    try:
        told = "\n".join(intake.inspect(workspace, [path], recipe="till").problems)
    except intake.IntakeError as error:
        told = str(error)
    assert words in told


def test_every_shipped_recipe_can_be_read(workspace: Workspace) -> None:
    names = {each.name for each in recipes.available(workspace)}
    assert names == {
        "customers",
        "event-log",
        "olist",
        "orders",
        "reviews",
        "segment",
        "shopify",
        "survey",
        "survey-long",
        "tickets",
        "woocommerce",
    }


def test_shipped_recipes_are_told_in_italian(
    file: Writing, workspace: Workspace, bring: Importing
) -> None:
    english = {each.name: each for each in recipes.available(workspace)}
    with in_language("it"):
        for each in recipes.available(workspace):
            assert each.title != english[each.name].title
            assert each.description != english[each.name].description
            ours, theirs = recipes.load(workspace, each.name), tomllib.loads(english_text(each))
            assert ours.unused.keys() == theirs.get("unused", {}).keys()
            assert not set(ours.unused.values()) & set(theirs.get("unused", {}).values())
        answers = "date,customer,nps,csat\n2024-01-02,1,9,\n2024-01-03,2,,4\n"
        result = bring(file("a.csv", answers))
    assert {each.reason for each in result.skipped} == {
        "nessuna risposta a NPS",
        "nessuna risposta a CSAT",
    }


def english_text(info: recipes.RecipeInfo) -> str:
    return info.path.read_text("utf-8")


def test_every_reason_of_a_shipped_recipe_has_its_italian(workspace: Workspace) -> None:
    for each in recipes.available(workspace):
        for output in tomllib.loads(english_text(each))["interactions"]:
            for skip in output.get("skip", ()):
                assert skip["reason_it"]


def test_a_recipe_of_the_company_may_speak_one_language_or_two(workspace: Workspace) -> None:
    _own(workspace)
    path = workspace.recipes / "till.toml"
    with in_language("it"):
        assert recipes.load(workspace, "till").title == "Till receipts"
        path.write_text('title_it = "Scontrini"\n' + path.read_text("utf-8"), "utf-8")
        assert recipes.load(workspace, "till").title == "Scontrini"
    assert recipes.load(workspace, "till").title == "Till receipts"
    path.write_text('title_fr = "Tickets"\n' + path.read_text("utf-8"), "utf-8")
    with pytest.raises(intake.IntakeError, match="unknown key 'title_fr'; did you mean 'title"):
        recipes.load(workspace, "till")
    with in_language("it"), pytest.raises(intake.IntakeError, match="chiave sconosciuta"):
        recipes.load(workspace, "till")


def test_rows_left_out_need_a_reason(workspace: Workspace) -> None:
    _own(workspace)
    path = workspace.recipes / "till.toml"
    skip = 'channel = "store"\nskip = [{ when = "card IS NULL" }]'
    path.write_text(path.read_text("utf-8").replace('channel = "store"', skip), "utf-8")
    with pytest.raises(intake.IntakeError, match="skip: reason must be text"):
        recipes.load(workspace, "till")


def test_the_recipe_in_the_documentation_works(
    file: Writing, workspace: Workspace, bring: Importing, rows: Rows
) -> None:
    page = Path(__file__).parents[2] / "docs" / "how-to" / "write-a-recipe.md"
    text = page.read_text("utf-8")
    receipts = text.partition("`receipts.csv`:\n\n```\n")[2].partition("```")[0]
    toml = text.partition("```toml\n")[2].partition("```")[0]
    workspace.recipes.mkdir()
    (workspace.recipes / "till.toml").write_text(toml, "utf-8")
    result = bring(file("receipts.csv", receipts))
    assert (result.recipe, result.added, result.quarantined) == ("till", 2, 0)
    assert {(row["kind"], row["amount"], row["score"]) for row in rows()} == {
        ("order", 12.9, None),
        ("answer", None, 5.0),
    }


def test_every_shipped_recipe_is_documented(workspace: Workspace) -> None:
    page = Path(__file__).parents[2] / "docs" / "reference" / "recipes.md"
    text = page.read_text("utf-8")
    for each in recipes.available(workspace):
        assert f"| `{each.name}` |" in text


def test_a_reference_of_a_customer_stays_as_it_is(
    file: Writing, bring: Importing, rows: Rows
) -> None:
    given = ["Ada@Example.org", "email:ada@example.org", "user:a@b", "card:9", "8", "\tx@y.org"]
    lines = [f'2024-01-02,"{customer}",9\n' for customer in given]
    assert bring(file("a.csv", "date,customer_id,nps\n" + "".join(lines))).added == 6
    ours = ["email:ada@example.org"] * 2 + ["user:a@b", "card:9", "user:8", "email:x@y.org"]
    assert sorted(row["customer"] for row in rows()) == sorted(ours)
