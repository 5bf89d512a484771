"""The JSON of the report: its keys, that it is strict, that its figures are the library's."""

import json
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from percorso import metrics, report
from percorso.i18n import in_language
from percorso.log import open_log
from percorso.log.selection import Selection

ESTIMATE = {"value", "low", "high", "n", "method"}


@pytest.fixture(scope="module")
def data(demo_report):
    return report.as_json(demo_report)


def test_it_is_strict_json(data):
    assert set(json.loads(json.dumps(data, allow_nan=False))) == set(data)


def test_the_log_is_said_as_a_whole(data, small_demo):
    summary = open_log(small_demo).summary()
    assert data["log"] == {
        "interactions": summary.interactions,
        "customers": 400,
        "first": summary.first.isoformat().replace("+00:00", "Z"),
        "last": summary.last.isoformat().replace("+00:00", "Z"),
        "quarantined": 0,
        "version": summary.version,
    }
    for end in ("first", "last"):
        assert datetime.fromisoformat(data["log"][end]).utcoffset() == timedelta(0)


def test_metrics_are_estimates_in_order_within_their_range(data, small_demo):
    assert set(data["metrics"]) >= {"nps", "csat", "ces", "stars", "stars_top2"}
    for name, each in data["metrics"].items():
        assert set(each) == ESTIMATE, name
        assert each["low"] <= each["value"] <= each["high"]
        assert each["n"] > 0
    assert 1 <= data["metrics"]["stars"]["value"] <= 5
    expected = metrics.scores(open_log(small_demo))
    assert {n: e["value"] for n, e in data["metrics"].items()} == {
        n: e.value for n, e in expected.items()
    }


def test_promises_add_up(data, small_demo):
    found, whole = data["promises"], metrics.promises.summary(open_log(small_demo))
    assert whole.broken == whole.late + whole.unmet
    assert whole.made == whole.kept + whole.broken + whole.open + whole.withdrawn
    # One was never kept: that, and what would tell it, is not told.
    assert set(whole.hidden) >= {"late", "unmet"}
    for name in ("made", "late", "unmet"):
        assert found[name] is None
    assert (found["kept"], found["broken"]) == (whole.kept, whole.broken)
    assert found["kept_share"]["value"] == pytest.approx(
        100 * found["kept"] / (found["kept"] + found["broken"])
    )
    assert set(found["effect_on_score"]) == ESTIMATE
    assert found["scale"] in ("csat", "nps", "stars", "ces")
    assert found["effect_on_score"]["value"] == pytest.approx(
        found["score_after"]["broken"]["value"] - found["score_after"]["kept"]["value"]
    )


def test_changes_tell_now_before_and_the_difference(data, small_demo):
    changes = data["changes"]
    periods = data["compared"]
    ends = [datetime.fromisoformat(periods[each]) for each in ("before", "since", "until")]
    shares = [
        metrics.promises.summary(open_log(small_demo), selection=Selection(since=one, until=two))
        for one, two in pairwise(ends)
    ]
    # Not where so few customers had one broken that it would tell of them.
    told = all(each.kept_share_shown.shown for each in shares)
    assert ("kept_share" in changes) == told
    assert "nps" in changes
    for each in changes.values():
        assert each["p_value"] <= each["p_adjusted"] <= 1
        assert each["difference"]["value"] == pytest.approx(
            each["now"]["value"] - each["before"]["value"]
        )


def test_journeys_agree_with_each_other(data):
    journeys = data["journeys"]
    assert sum(each["customers"] for each in journeys["variants"]) == journeys["customers"]
    assert sum(each["share"] for each in journeys["variants"]) == pytest.approx(100)
    assert len(journeys["variants"]) == journeys["distinct_variants"]
    passages = sum((len(v["steps"]) - 1) * v["customers"] for v in journeys["variants"])
    assert sum(each["count"] for each in journeys["graph"]) == passages
    for each in journeys["graph"]:
        assert set(each) >= {"from", "to", "count", "customers", "median_hours"}
        assert each["customers"] <= each["count"]
        assert each["median_hours"] <= each["p90_hours"]


def test_ideal_path_rows_have_their_parts(data):
    assert data["journeys"]["ideal_customers"]["tested"] == len(data["journeys"]["ideal_path"])
    for each in data["journeys"]["ideal_path"]:
        assert isinstance(each["step"], str)
        assert set(each["difference"]) == ESTIMATE
        assert each["difference"]["value"] == pytest.approx(
            each["ideal_share"] - each["other_share"]
        )
        assert 0 <= each["p_value"] <= each["p_adjusted"] <= 1


def test_problems_have_title_where_customers_and_evidence(data):
    for each in data["problems"]:
        assert each["title"]
        assert each["where"]
        assert each["customers"] >= 5
        assert each["evidence"]
        assert "score_lost" in each


def test_groups_are_there_only_when_asked(data, small_demo):
    assert data["by"]["dimension"] == "channel"
    for each in data["by"]["groups"]:
        assert {"group", "metric", "difference", "p_adjusted"} <= set(each)
        assert set(each) >= ESTIMATE
    assert "by" not in report.as_json(report.build(open_log(small_demo)))


def test_words_follow_the_language_and_figures_do_not(demo_report):
    with in_language("en"):
        english = report.as_json(demo_report)
    with in_language("it"):
        italian = report.as_json(demo_report)
    assert english["metrics"] == italian["metrics"]
    assert english["log"] == italian["log"]


def test_an_empty_log_is_a_report_too(empty_report):
    data = report.as_json(empty_report)
    assert json.dumps(data, allow_nan=False)
    assert data["log"]["interactions"] == 0
    assert data["log"]["first"] is None
    assert data["metrics"] == {}
    assert data["promises"]["made"] == 0
    assert data["journeys"]["graph"] == []
    assert data["problems"] == []
    assert data["headline"]["tone"] == "empty"
