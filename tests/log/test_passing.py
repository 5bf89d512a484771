"""Those who were there once and cannot be known again are nobody in a list or a count."""

from datetime import UTC, datetime, timedelta

from percorso.log import open_log
from percorso.log.facts import facts
from percorso.log.schema import as_table
from percorso.vocabulary import Interaction
from percorso.vocabulary.references import PASSING
from percorso.workspace import Workspace

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)


def seen(number: int, customer: str) -> Interaction:
    return Interaction(
        id=str(number), at=AT + timedelta(minutes=number), received_at=AT, customer=customer,
        kind="view", source="website", touchpoint="Home", channel="website",
    )  # fmt: skip


def test_who_passes_is_traffic_and_no_customer(workspace: Workspace) -> None:
    log = open_log(workspace)
    passing = [seen(n, f"{PASSING}{n:032x}") for n in range(20)]
    log.append(as_table([*passing, seen(20, "anon:7f"), seen(21, f"{PASSING}fe")]))
    assert log.interactions().count().execute() == 22
    assert log.summary().interactions == 22
    assert log.summary().customers == 1
    for table in (log.customers(), facts(log)):
        assert table.select("customer").to_pyarrow()["customer"].to_pylist() == ["anon:7f"]
    # Whoever turns out to be somebody is, with what they did before.
    log.merge(f"{PASSING}fe", "user:42")
    log.append(as_table([seen(22, "user:42")]))
    found = {
        each["customer"]: each["interactions"] for each in log.customers().to_pyarrow().to_pylist()
    }
    assert found == {"anon:7f": 1, "user:42": 2}
    assert log.summary().customers == 2
