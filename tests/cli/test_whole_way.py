"""From the files of a real marketplace to the report, by the two commands a newcomer types."""

import json

import pytest


def test_olist_from_folder_to_report(run, datasets, tmp_path):
    place = tmp_path / "olist"
    first = json.loads(run("import", datasets / "olist", "--dir", place, "--json").out)
    assert first["quarantined"] == 0
    again = json.loads(run("import", datasets / "olist", "--dir", place, "--json").out)
    assert (again["added"], again["duplicates"]) == (0, first["added"])

    report = json.loads(run("report", "--dir", place, "--json").out)
    assert report["log"]["customers"] == 14_904
    assert report["log"]["interactions"] == first["added"]
    stars = report["metrics"]["stars"]
    assert (stars["n"], round(stars["value"], 3)) == (14_944, 4.084)
    assert round(report["metrics"]["stars_top2"]["value"], 2) == 76.85
    promises = report["promises"]
    assert (promises["late"], promises["kept"], promises["late"] + promises["kept"]) == (
        957,
        13_595,
        14_552,
    )
    after = promises["score_after"]
    assert after["late"]["value"] == pytest.approx(2.27, abs=0.005)
    assert after["kept"]["value"] == pytest.approx(4.28, abs=0.005)
    touchpoints = {step for variant in report["journeys"]["variants"] for step in variant["steps"]}
    assert {"checkout", "payment", "carrier", "delivery", "review"} <= touchpoints
