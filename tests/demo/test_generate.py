"""The made-up bookshop is whole, equal at each run, and says what was planted in it."""

import json
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from percorso import demo
from percorso.demo import company
from percorso.demo.voice import Voice
from percorso.log import open_log
from percorso.vocabulary import PROMISES, Interaction, violations
from percorso.workspace import Workspace, WorkspaceError

ROME = ZoneInfo(company.ZONE)


@pytest.fixture(scope="module")
def table() -> pa.Table:
    return demo.generate(seed=7)


@pytest.fixture(scope="module")
def frame(table: pa.Table) -> pd.DataFrame:
    return table.to_pandas()


def test_volume_and_years_are_those_of_a_real_bookshop(frame: pd.DataFrame) -> None:
    assert 120_000 <= len(frame) <= 200_000
    assert frame["customer"].nunique() == pytest.approx(5000, rel=0.02)
    local = frame["at"].dt.tz_convert(ROME)
    assert local.min().date() >= company.FIRST_DAY
    assert local.max().date() == company.LAST_DAY
    assert frame["at"].is_monotonic_increasing
    assert (frame["received_at"] > frame["at"]).all()


def test_every_row_may_enter_the_log(table: pa.Table) -> None:
    rows = table.take(np.arange(0, table.num_rows, 37)).to_pylist()
    for row in rows:
        row["properties"] = json.loads(row["properties"] or "{}")
        assert violations(Interaction(**row)) == []
    assert len(set(table["id"].to_pylist())) == table.num_rows


def test_same_seed_same_rows_other_seed_other_rows() -> None:
    once, again, other = (demo.generate(seed, customers=300) for seed in (3, 3, 4))
    assert once.equals(again)
    assert not once.equals(other)


def test_no_customer_is_a_real_address(frame: pd.DataFrame) -> None:
    kinds = frame["customer"].str.split(":").str[0]
    assert set(kinds) == {"email", "card", "anon"}
    addresses = frame.loc[kinds == "email", "customer"]
    assert addresses.str.endswith("@example.org").all()


def test_everything_a_bookshop_has_is_there(frame: pd.DataFrame) -> None:
    assert set(frame["touchpoint"]) == {each.name for each in company.TOUCHPOINTS.values()}
    pyramid = {"pyramid_needs", "pyramid_ease", "pyramid_enjoyment"}
    assert {"nps", "csat", "ces", "pmf", "stars", *pyramid} == set(frame["scale"].dropna())
    assert {"delivery", "answer", "refund"} == set(frame.loc[frame.kind == "promise", "name"])
    assert set(frame.loc[frame.kind == "promise", "name"]) <= set(PROMISES)
    texts = frame.loc[frame["text"].notna() & (frame["kind"] != "search")]
    assert texts["text"].nunique() > 350
    assert 0.75 < (texts["language"] == "it").mean() < 0.95


def test_promises_have_all_fates(frame: pd.DataFrame) -> None:
    """Kept, late, never kept, still open at the end, withdrawn."""
    promises = frame[(frame["kind"] == "promise") & (frame["name"] == "delivery")]
    delivered = frame[frame["kind"] == "delivery"].set_index("about")["at"]
    at = promises["about"].map(delivered)
    end = frame["at"].max()
    assert (at <= promises["due_at"]).mean() > 0.85
    assert (at > promises["due_at"]).sum() > 200
    assert (at.isna() & (promises["due_at"] < end)).sum() > 10
    assert (at.isna() & (promises["due_at"] > end)).sum() >= 5
    assert (frame["kind"] == "cancellation").sum() > 20
    due = promises["due_at"].dt.tz_convert(ROME)
    assert set(due.dt.strftime("%H:%M:%S")) == {"23:59:59"}


def test_the_year_has_its_seasons_and_the_shop_its_hours(frame: pd.DataFrame) -> None:
    orders = frame[frame["kind"] == "order"]
    local = orders["at"].dt.tz_convert(ROME)
    month = local.dt.strftime("%Y-%m").value_counts()
    assert month["2025-12"] > 1.5 * month["2025-11"]
    assert month["2026-08"] < 0.8 * month["2026-07"]
    till = orders["touchpoint"] == "Cassa in negozio"
    assert local[till].dt.hour.between(9, 22).all()
    week = local[till].dt.day_of_week.value_counts()
    # Saturday is the busiest day, but for the evenings with authors on Thursdays.
    assert week[5] > 1.3 * max(week[day] for day in (0, 1, 2, 4, 6))


def test_the_new_courier_breaks_promises_where_and_since_when_planted(
    frame: pd.DataFrame,
) -> None:
    promises = frame[(frame["kind"] == "promise") & (frame["name"] == "delivery")]
    properties = pd.DataFrame(promises["properties"].map(json.loads).tolist(), promises.index)
    delivered = frame[frame["kind"] == "delivery"].set_index("about")["at"]
    at = promises["about"].map(delivered)
    broken = ~(at <= promises["due_at"])
    known = promises["due_at"] < frame["at"].max()
    change = datetime.combine(company.COURIER_CHANGE, datetime.min.time(), ROME).astimezone(UTC)
    hit = known & (properties["region"] == "Lombardia Est") & (promises["at"] >= change)
    assert hit.sum() > 60
    assert 0.40 < broken[hit].mean() < 0.65
    assert broken[known & ~hit].mean() < 0.08


def test_without_effects_the_regions_and_devices_are_alike() -> None:
    frame = demo.generate(seed=5, effects=False).to_pandas()
    ces = frame[frame["scale"] == "ces"].groupby("touchpoint")["score"].mean()
    assert ces["Carrello da telefono"] == pytest.approx(ces["Carrello da computer"], abs=0.2)
    csat = frame[frame["scale"] == "csat"].groupby("touchpoint")["score"].mean()
    assert csat["Cassa in negozio"] == pytest.approx(csat["Consegna a casa"], abs=0.2)


def test_sentences_are_many_and_each_is_said_once_in_its_situation() -> None:
    people = None
    voice = Voice(np.random.default_rng(1), people)  # type: ignore[arg-type]
    assert len(voice.texts) > 450
    assert len(set(voice.texts)) == len(voice.texts)
    assert all(text == text.strip() and text for text in voice.texts)


def test_make_writes_a_workspace_with_the_truths_beside_the_log(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    workspace = demo.make(
        tmp_path / "aurora", customers=200, on_progress=lambda *each: seen.append(each)
    )
    assert workspace == Workspace.open(tmp_path / "aurora")
    assert workspace.settings.company == "Libreria Aurora"
    rows = sum(batch.num_rows for batch in open_log(workspace).read())
    assert seen[-1] == (rows, rows)
    written = (workspace.path / "truths.md").read_text(encoding="utf-8")
    for truth in (*demo.TRUTHS, *demo.SURVEY_TRUTHS):
        assert truth.english in written
        assert truth.italian in written
    with pytest.raises(WorkspaceError):
        demo.make(tmp_path / "aurora", customers=200)
