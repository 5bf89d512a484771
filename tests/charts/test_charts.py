"""Charts draw without a browser, say a sentence, and carry their table."""

import xml.etree.ElementTree as ET

import pytest

from percorso import charts
from percorso.i18n import in_language
from percorso.journeys.results import Edge, IdealPath, IdealStep, Variant, Variants
from percorso.vocabulary import SCALES, Estimate


def estimate(value, width=4.0, n=100):
    return Estimate(value, value - width, value + width, n, "test")


def ideal_path(*rows):
    return IdealPath("promoters", 412, 1130, 38, rows)


def step(names=("Incontro",), kind="start", difference=22.0, p=0.001):
    return IdealStep(
        names, kind, 100, 90, 31.0, 31.0 - difference, estimate(difference), 0.5, p / 2, p
    )


def every_figure(palette=charts.PAGE):
    months = [(f"2025-{month:02}", estimate(30 + month)) for month in (1, 2, 3, 5)]
    yield charts.trend("nps", months, palette)
    yield charts.by_group(
        "csat", [("Shop", estimate(90), True), ("Site", estimate(70), False)], "By", palette
    )
    yield charts.answers("stars", {1: 3, 4.5: 2, 5: 10}, palette)
    yield charts.promises_by_month([("2025-01", 90, 10, estimate(90))], palette)
    yield charts.score_after_promises(
        "stars",
        {"kept": estimate(4.3, 0.1), "late": estimate(2.3, 0.1), "unmet": Estimate.hidden(3, "t")},
        estimate(-2.0, 0.2),
        palette,
    )
    yield charts.ideal_path(ideal_path(step()), palette)
    yield charts.variants(Variants(100, 3, (Variant(("a", "b"), 60, 60.0),)), palette)
    yield charts.transitions([Edge("a", "b", 80, 70, 3.0, 30.0, None)], palette)


@pytest.mark.parametrize("place", range(8))
def test_a_figure_is_one_labelled_image_with_words_and_table(place):
    figure = list(every_figure())[place]
    root = ET.fromstring(figure.svg())
    assert root.get("role") == "img"
    assert figure.sentence in root.get("aria-label")
    assert root.get("width") is None
    assert [each for each in root.iter() if each.tag.endswith("script")] == []
    assert figure.title
    assert figure.table.rows
    for row in figure.table.rows:
        assert len(row) == len(figure.table.columns) == len(figure.table.numeric)


def test_pages_get_colours_from_the_style_sheet_and_notebooks_get_their_own():
    for page, notebook in zip(every_figure(charts.PAGE), every_figure(charts.LITERAL), strict=True):
        assert "var(--" in page.svg()
        assert "var(--" not in notebook.svg()


def test_numbers_on_axes_follow_the_language():
    months = [("2025-01", estimate(4.25, 0.1)), ("2025-02", estimate(4.35, 0.1))]
    with in_language("it"):
        drawn = charts.trend("stars", months).svg()
    assert "4,2" in drawn
    assert "4.2<" not in drawn


def test_words_of_the_data_are_escaped_in_picture_and_table():
    bad = '<script>alert("x")</script>'
    figure = charts.transitions([Edge(bad, "b", 80, 70, 3.0, 30.0, None)])
    assert "<script" not in figure.svg()
    assert "<script" not in figure.table.as_html()
    assert "<script" not in figure._repr_html_()


def test_a_month_without_answers_is_a_gap_not_a_line():
    figure = charts.trend("nps", [("2025-01", estimate(30)), ("2025-04", estimate(40))])
    (rows,) = figure.chart.to_dict()["datasets"].values()
    assert [(row["month"], row["value"]) for row in rows] == [
        ("2025-01-01", 30),
        ("2025-02-01", None),
        ("2025-03-01", None),
        ("2025-04-01", 40),
    ]


def test_hidden_months_are_said_to_be_hidden_not_zero():
    figure = charts.trend("nps", [("2025-01", estimate(30)), ("2025-02", Estimate.hidden(2, "t"))])
    assert figure.table.rows[1] == ("Feb 2025", "too few to show", "", "–")


def test_trend_sentence_has_first_and_last_with_intervals():
    figure = charts.trend("nps", [("2025-01", estimate(30)), ("2025-02", estimate(40))])
    assert figure.sentence == (
        "From 30 (26\xa0–\u2060\xa034) in Jan 2025 to 40 (36\xa0–\u2060\xa044) in Feb 2025; "
        "the band is the 95% interval."
    )


@pytest.mark.parametrize("scale", SCALES)
def test_answers_of_every_scale(scale):
    known = SCALES[scale]
    figure = charts.answers(scale, {known.low: 10, known.high: 30})
    assert figure.sentence.startswith("40 answers")
    assert len(figure.table.rows) == known.high - known.low + 1
    (rows,) = figure.chart.to_dict()["datasets"].values()
    moods = [row["mood"] for row in rows]
    first, last = ("bad", "good") if known.high_is_good else ("good", "bad")
    assert (moods[0], moods[-1]) == (first, last)


def test_a_wide_figure_has_a_form_for_a_phone_with_each_step_in_its_own_line():
    ways = charts.variants(Variants(100, 3, (Variant(("Shop", "Till", "Door"), 60, 60.0),)))
    for figure in (charts.ideal_path(ideal_path(step())), ways):
        picture = ET.fromstring(figure.narrow_svg())
        assert float(picture.get("viewBox").split()[2]) <= 360
    lines = [each.strip() for each in picture.itertext() if each.strip()]
    assert [each for each in lines if each[0] not in "0123456789" or "Shop" in each] == [
        "1. Shop →",
        "Till →",
        "Door",
    ]


def test_a_figure_with_nothing_to_draw_says_so():
    assert charts.ideal_path(ideal_path(step(p=0.9))).bare
    assert not charts.ideal_path(ideal_path(step())).bare


def test_ideal_path_shows_what_stands_and_says_when_nothing_does():
    kept = step()
    chance = step(("Newsletter",), "step", 1.0, p=0.6)
    figure = charts.ideal_path(ideal_path(kept, chance))
    assert [row[0] for row in figure.table.rows] == ["Begins with Incontro"]
    assert "Most of all: Begins with Incontro, 31% against 9%." in figure.sentence
    nothing = charts.ideal_path(ideal_path(chance))
    assert "None sets them apart beyond chance." in nothing.sentence


def test_a_long_way_is_cut_in_the_picture_and_whole_in_the_table():
    steps = tuple("abcdefghij")
    figure = charts.variants(Variants(10, 1, (Variant(steps, 10, 100.0),)))
    assert figure.table.rows[0][0] == " → ".join(steps)
    (rows,) = figure.chart.to_dict()["datasets"].values()
    assert rows[0]["way"] == "1. a → b → … +7 → j"


def test_ways_cut_to_the_same_name_stay_apart():
    one, other = tuple("abcdefghij"), tuple("abxdefghij")
    rows = (Variant(one, 10, 50.0), Variant(other, 10, 50.0))
    (drawn,) = charts.variants(Variants(20, 2, rows)).chart.to_dict()["datasets"].values()
    assert len({row["way"] for row in drawn}) == 2


def test_transitions_show_the_most_travelled_first():
    edges = [Edge("a", f"to {n}", n, n, 1.0, 2.0, None) for n in range(1, 30)]
    figure = charts.transitions(edges)
    assert figure.table.rows[0][1] == "to 29"
    assert len(figure.table.rows) == 12
