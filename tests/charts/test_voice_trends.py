"""Charts over time and group: each is a picture that takes room, with its table."""

import re

import pytest

from percorso import charts
from percorso.charts import voice, voice_trends
from percorso.charts.figure import Figure
from percorso.vocabulary import Estimate

MONTHS = [
    (f"2026-0{month}", Estimate(5.0 + month, 4.0, 8.0 + month, 100, "wilson"))
    for month in range(1, 7)
]
FIGURES = {
    "topics": voice_trends.topics_over_time([("Late deliveries", MONTHS), ("Staff", MONTHS)]),
    "topic": voice_trends.topic_over_time("Late deliveries", MONTHS),
    "months": voice_trends.factor_by_month("Speed", MONTHS),
    "groups": voice_trends.factor_by("Speed", [("Shop", MONTHS[0][1], True)]),
}


@pytest.mark.parametrize("figure", FIGURES.values(), ids=FIGURES.keys())
def test_a_picture_takes_room(figure: Figure) -> None:
    width, height = map(int, re.findall(r'viewBox="0 0 (\d+) (\d+)"', charts.svg(figure.chart))[0])
    assert width > 300
    assert height > 40
    assert figure.table.rows


@pytest.mark.parametrize("name", ["topics", "topic", "months"])
def test_a_picture_of_time_has_a_form_that_a_phone_is_wide_enough_for(name: str) -> None:
    picture = FIGURES[name].narrow_svg()
    [(width, _height)] = re.findall(r'viewBox="0 0 (\d+) (\d+)"', picture)
    assert int(width) <= 360
    assert 'role="img"' in picture


def test_each_topic_has_a_panel() -> None:
    picture = charts.svg(FIGURES["topics"].chart)
    assert "Late deliveries" in picture
    assert "Staff" in picture


def test_a_long_name_leaves_the_bars_their_room() -> None:
    long = "Enrolling my daughter in the reading group for children of nine years"
    picture = charts.svg(voice.asked_for([(long, 60, MONTHS[0][1])]).chart)
    assert long not in picture.replace("aria-label", "")
    assert "Enrolling my daughter" in picture
    assert "…" in picture
