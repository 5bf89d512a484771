"""The drawing of the journey map: words that are escaped, within their columns, and files."""

import re
from xml.etree import ElementTree

from percorso.charts import journey_map as chart
from percorso.journey_map import Column, Item, JourneyMap
from percorso.vocabulary import Estimate

HOSTILE = '<script>alert("x")</script> & \x00 \ud800'


def made(**more: object) -> JourneyMap:
    share = Estimate(50.0, 45.0, 55.0, 200, "wilson")
    columns = tuple(
        Column(phase, 100, share)
        for phase in ("awareness", "consideration", "activation", "purchase", "loyalty", "advocacy")
    )
    items = (
        Item(phase="activation", lane="touchpoints", what="passed", key=HOSTILE, figure=share,
             customers=100, n=120),
        Item(phase="activation", lane="experience", what="score", key="csat", measure="csat",
             figure=Estimate(80.0, 70.0, 90.0, 50, "wilson"), customers=50, n=50),
        Item(phase="purchase", lane="owner", what="owner", key="Shop", basis="written",
             text="a very long list of places, " * 20),
    )  # fmt: skip
    return JourneyMap(200, 900, columns, items, ("csat",), (), {}, {}, 0)


def test_words_of_others_are_only_words() -> None:
    drawn = chart.svg(made(), HOSTILE, [HOSTILE])
    ElementTree.fromstring(drawn)
    assert "<script" not in drawn
    assert "&lt;script&gt;" in drawn


def test_every_line_stays_in_its_column() -> None:
    drawn = chart.svg(made(), "Map")
    longest = (chart.COLUMN - 2 * chart.PADDING) / (11.5 * 0.5)
    lines = re.findall(r'font-size="11.5"[^>]*>([^<]*)<', drawn)
    assert any("a very long list" in each for each in lines)
    assert max(len(each) for each in lines if "long" in each) <= longest


def test_the_picture_as_files() -> None:
    drawn = chart.svg(made(), "Map")
    assert chart.pdf(drawn).startswith(b"%PDF-")
    assert chart.png(drawn).startswith(b"\x89PNG")


def test_an_empty_map_is_drawn_too() -> None:
    assert "too few customers" in chart.svg(JourneyMap.empty(), "Map")
