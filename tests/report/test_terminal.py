"""The report in a terminal of 80 columns."""

from io import StringIO

import pytest
from rich.cells import cell_len
from rich.console import Console

from percorso import report
from percorso.i18n import in_language


def printed(built, width=80, **options) -> str:
    console = Console(file=StringIO(), width=width, **options)
    report.print_terminal(built, console)
    return console.file.getvalue()


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("language", ["en", "it"])
def test_no_line_is_wider_than_the_terminal(demo_report, width, language):
    with in_language(language):
        lines = printed(demo_report, width).splitlines()
    assert lines
    assert max(cell_len(line) for line in lines) <= width


def test_scores_stand_with_interval_and_number_of_answers(demo_report):
    text = printed(demo_report)
    nps = demo_report.metrics["nps"]
    (line,) = (
        line
        for line in text.splitlines()
        if line.strip().startswith("NPS") and "–" in line and f"{nps.n:,}" in line
    )
    assert f"{round(nps.low)}\xa0–\u2060\xa0{round(nps.high)}" in line


def test_promises_problems_and_journeys_are_there(demo_report):
    text = printed(demo_report)
    assert "Promises" in text
    assert "Journeys" in text
    assert f"{demo_report.promises.kept:,} kept" in text
    # One was never kept: it is told with the late ones, and how many were made is not.
    assert f"{demo_report.promises.broken:,} broken" in text
    assert "never kept" not in text
    assert f"{demo_report.promises.made:,} made" not in text
    assert "400 customers" in text


def test_an_empty_log_says_what_to_do(empty_report):
    text = printed(empty_report)
    assert "There is nothing in the log yet." in text
    assert "Import the files you already have" in text
    assert "NPS" not in text


def test_colour_is_never_the_only_sign(demo_report):
    plain = printed(demo_report)
    coloured = printed(demo_report, force_terminal=True, color_system="truecolor")
    assert "\x1b[" not in plain
    assert "\x1b[" in coloured


def test_what_a_problem_costs_stands_with_its_interval(demo_report):
    with in_language("en"):
        first = demo_report.problems[0].lost()
        low, high = demo_report.problems[0].score_lost.low, demo_report.problems[0].score_lost.high
        assert f"[{low:.1f}\xa0–\u2060\xa0{high:.1f}]" in first
        assert first in printed(demo_report, 120)
        assert first in report.as_html(demo_report, "en")
