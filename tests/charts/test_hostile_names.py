"""Names that a file of a stranger holds end no process."""

import altair as alt
import pytest

from percorso.charts.figure import svg


@pytest.mark.parametrize("name", ["shop\x1b[31m", "a\x00b", "\ud800", "<script>alert(1)</script>"])
def test_names_of_any_characters_are_drawn(name: str) -> None:
    rows = [{"name": name, "value": 1}]
    chart = alt.Chart(alt.Data(values=rows)).mark_bar().encode(x="value:Q", y="name:N")
    drawn = svg(chart)
    assert drawn.startswith("<svg")
    assert "<script" not in drawn
    assert "\x1b" not in drawn
