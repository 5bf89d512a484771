"""The notebook face: frames, estimates and charts are those of the library."""

import subprocess
import sys

import pandas as pd
import pytest

import percorso as px
from percorso import metrics
from percorso.log import open_log


@pytest.fixture(scope="module")
def shop(small_demo):
    return px.open(small_demo.path)


def test_every_name_promised_is_there():
    for name in px.__all__:
        assert getattr(px, name) is not None
    with pytest.raises(AttributeError, match="nonsense"):
        px.nonsense  # noqa: B018


def test_importing_it_is_instant():
    code = (
        "import time; began = time.perf_counter(); import percorso as px; "
        "assert time.perf_counter() - began < 0.1; "
        "import sys; assert 'numpy' not in sys.modules and 'pandas' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_scores_are_the_librarys(shop, small_demo):
    assert shop.scores() == metrics.scores(open_log(small_demo))
    frame = shop.scores(by="channel")
    assert isinstance(frame, pd.DataFrame)
    expected = metrics.by(open_log(small_demo), "channel")
    assert frame.group.tolist() == [each.group for each in expected]
    assert frame.value.tolist() == pytest.approx(
        [each.estimate.value for each in expected], nan_ok=True
    )
    assert "rest_difference_estimate_low" in frame or "rest_difference_low" in frame


def test_interactions_as_frame_arrow_and_ibis_agree(shop):
    frame = shop.interactions(["id", "at", "customer"])
    assert list(frame) == ["id", "at", "customer"]
    assert len(frame) == shop.arrow(["id"]).num_rows == shop.table().count().execute()
    assert str(frame["at"].dt.tz) == "UTC"
    assert len(shop.customers()) == 400


def test_where_narrows_and_leaves_the_first_alone(shop):
    orders = shop.where(kinds=["order"])
    assert set(orders.interactions(["kind"]).kind) == {"order"}
    assert set(shop.interactions(["kind"]).kind) > {"order"}
    late = orders.where(since="2026-01-01")
    assert set(late.interactions(["kind"]).kind) == {"order"}
    assert late.interactions(["at"])["at"].min() >= pd.Timestamp("2026-01-01", tz="Europe/Rome")


def test_until_includes_its_day_in_the_companys_zone(shop):
    day = shop.where(since="2026-03-29", until="2026-03-29")
    assert (day.selection.until - day.selection.since).total_seconds() == 23 * 3600


def test_promises_by_touchpoint_add_up(shop):
    frame = shop.promises(by="touchpoint")
    assert isinstance(frame, pd.DataFrame)
    whole = shop.promises()
    assert frame.n.sum() == whole.kept + whole.broken


def test_journeys_as_frames(shop):
    edges = px.frame(shop.graph().edges)
    assert {"source", "target", "customers", "median_hours"} <= set(edges)
    variants = shop.variants()
    assert sum(each.customers for each in variants.rows) == variants.customers


def test_charts_show_themselves_without_scripts_or_style_sheets(shop):
    for figure in (
        shop.chart_trend("csat"),
        shop.chart_by("csat", "channel"),
        shop.chart_promises(),
        shop.chart_ideal_path(),
        shop.chart_variants(),
        shop.chart_transitions(),
    ):
        shown = figure._repr_html_()
        assert "<svg" in shown
        assert "<script" not in shown
        assert "var(--" not in shown


def test_a_file_opens_without_a_workspace(tmp_path):
    lines = [f"a{n}@example.org,2025-01-{1 + n % 28:02},{9 if n % 2 else 2}" for n in range(40)]
    file = tmp_path / "answers.csv"
    file.write_text("email,date,nps\n" + "\n".join(lines), encoding="utf-8")
    found = px.open(file, mapping={"customer": "email", "at": "date", "nps": "nps"})
    assert found.scores()["nps"].value == pytest.approx(0)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["answers.csv"]


def test_guesses_are_not_taken_in_silence(tmp_path):
    from percorso.intake import NotConfirmedError

    file = tmp_path / "answers.csv"
    file.write_text("who,score\nada,9\nbob,3\n", encoding="utf-8")
    with pytest.raises(NotConfirmedError, match=r"px\.open\(.*mapping="):
        px.open(file)


def test_nps_by_hand():
    found = px.nps([10] * 50 + [7] * 30 + [3] * 20)
    assert (found.value, found.n) == (30.0, 100)
    assert found.low < 30 < found.high


@pytest.mark.parametrize(
    ("function", "answers", "value"),
    [
        (px.csat, [5, 4, 3, 2, 1, 5, None, float("nan")], 50.0),
        (px.ces, [7, 6, 5, 4, 3], 5.0),
        (px.pmf, [3, 3, 3, 2, 1, 0, 0], 60.0),
        (px.stars, [5, 4.5, 4, 3.5, 3], 4.0),
    ],
)
def test_formulas_on_plain_answers(function, answers, value):
    assert function(answers).value == pytest.approx(value)


def test_fewer_than_five_are_hidden():
    assert not px.nps([10, 9, 8, 2]).shown


@pytest.mark.parametrize(
    ("function", "bad"), [(px.nps, 11), (px.csat, 0), (px.ces, 7.5), (px.pmf, 4), (px.stars, 6)]
)
def test_what_is_no_answer_is_refused(function, bad):
    with pytest.raises(ValueError, match=f"{bad:g}"):
        function([1, bad])


def test_texts_are_read_and_asked_for(tmp_path):
    readings = px.read(["Personale gentilissimo, grazie!", "ok"], path="fast")
    assert readings[0].sentiment == "positive"
    file = tmp_path / "answers.csv"
    file.write_text("date,customer,nps,comment\n2025-03-01,ada,9,Ottimo servizio\n")
    shop = px.open(file)
    assert shop.texts().sentiment.to_pyarrow().to_pylist() == [None]
    assert shop.enrich().read == 1
    [row] = shop.texts().to_pyarrow().to_pylist()
    assert (row["text"], row["language"]) == ("Ottimo servizio", "it")
    assert row["sentiment"] == "positive"
    assert shop.where(until="2024-01-01").texts().count().to_pyarrow().as_py() == 0
