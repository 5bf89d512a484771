"""The marketplace data, from nine related files (Must show 2)."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest

from percorso import intake
from percorso.log import Log
from percorso.workspace import Workspace

pytestmark = pytest.mark.xdist_group("olist")


def _table(log: Log, kind: str) -> Any:
    table = log.read().read_all()
    return table.filter(pc.equal(table["kind"], kind))


def test_the_recipe_is_found_and_every_file_accounted_for(
    olist: tuple[Log, intake.Plan, intake.ImportResult],
) -> None:
    _log, plan, result = olist
    assert plan.recipe == "olist"
    assert not plan.questions
    uses = {each.name: (each.used, each.use) for each in plan.files}
    assert len(uses) == 10
    assert uses["olist_marketing_qualified_leads_dataset.csv"] == (
        False,
        "not used: possible sellers, not customers",
    )
    assert uses["olist_products_dataset.csv"] == (True, "read as products")
    assert result.quarantined == 0
    assert result.skipped == ()


def test_the_figures_are_those_of_the_data(
    olist: tuple[Log, intake.Plan, intake.ImportResult],
) -> None:
    log, _plan, result = olist
    assert log.summary().customers == 14_904
    assert result.added == log.summary().interactions
    reviews = _table(log, "review")
    assert reviews.num_rows == 14_944
    assert pc.mean(reviews["score"]).as_py() == pytest.approx(4.084, abs=5e-4)
    top = pc.mean(pc.greater_equal(reviews["score"], 4).cast("double")).as_py()
    assert 100 * top == pytest.approx(76.85, abs=5e-3)
    assert set(reviews["scale"].to_pylist()) == {"stars"}
    counts = Counter(log.read(["kind"]).read_all()["kind"].to_pylist())
    assert counts == {
        "order": 15_000,
        "promise": 15_000,
        "payment": 15_733,
        "shipment": 14_552 + 159 + 11,
        "delivery": 14_552,
        "review": 14_944,
        "cancellation": 113,
    }


def test_deliveries_are_late_after_the_end_of_the_promised_day(
    olist: tuple[Log, intake.Plan, intake.ImportResult],
) -> None:
    log, _plan, _result = olist
    due = {row["about"]: row["due_at"] for row in _table(log, "promise").to_pylist()}
    late = sum(row["at"] > due[row["about"]] for row in _table(log, "delivery").to_pylist())
    assert late == 957
    assert 14_552 - late == 13_595


def test_problems_can_be_located(
    olist: tuple[Log, intake.Plan, intake.ImportResult],
) -> None:
    log, _plan, _result = olist
    for kind in ("promise", "delivery", "review"):
        for text in _table(log, kind)["properties"].to_pylist()[:500]:
            assert len(json.loads(text)["state"]) == 2
    cancelled = _table(log, "cancellation")["properties"].to_pylist()
    assert all(json.loads(text)["time_assumed"] is True for text in cancelled)


def test_importing_again_adds_nothing(
    olist: tuple[Log, intake.Plan, intake.ImportResult],
) -> None:
    log, plan, first = olist
    again = intake.run(log, plan)
    assert (again.added, again.duplicates) == (0, first.added)
    assert again.version == first.version


def test_a_missing_column_is_named_with_what_may_be_meant(
    datasets: Path, tmp_path: Path, workspace: Workspace
) -> None:
    folder = tmp_path / "olist"
    folder.mkdir()
    for name in ("olist_orders_dataset.csv", "olist_customers_dataset.csv"):
        lines = (datasets / "olist" / name).read_text("utf-8").splitlines()[:50]
        head = lines[0].replace("customer_unique_id", "customer_unique_key")
        (folder / name).write_text("\n".join([head, *lines[1:]]), "utf-8")
    plan = intake.inspect(workspace, [folder], recipe="olist")
    assert len(plan.problems) == 1
    assert "customer_unique_id" in plan.problems[0]
    assert "Did you mean customer_unique_key?" in plan.problems[0]
    mended = intake.inspect(
        workspace,
        [folder],
        recipe="olist",
        mapping={"customer_unique_id": "customer_unique_key"},
    )
    assert mended.problems == ()
