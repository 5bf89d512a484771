"""What the explorer says and draws: figures in words, what is hidden is said, links lead on."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from percorso.app.journeys import explorer, ideal, lists
from percorso.app.journeys.explorer import Options
from percorso.app.journeys.headline import headline
from percorso.app.journeys.results import Explored
from percorso.app.journeys.tones import bands, tone
from percorso.i18n import in_language
from percorso.journeys import (
    Edge,
    Friction,
    IdealPath,
    IdealStep,
    JourneyGraph,
    Loop,
    Node,
    Stop,
    Stops,
    Variant,
    Variants,
    Wait,
)
from percorso.vocabulary import Estimate


def _estimate(value: float, n: int = 100) -> Estimate:
    return Estimate(value, value - 0.5, value + 0.5, n, "test")


def _link(**changes: str) -> str:
    return "?" + "&".join(f"{name}={value}" for name, value in sorted(changes.items()) if value)


def _explored(touchpoints: int = 3, least: int = 40) -> Explored:
    names = [f"Place {number}" for number in range(touchpoints)]
    nodes = tuple(
        Node(name, 3000 - number, 2000 - 10 * number, _estimate(8.1 - number % 4))
        for number, name in enumerate(names)
    )
    pairs = [(a, b) for a in names for b in names if a != b and (a < b or a == names[-1])]
    edges = [
        Edge(a, b, 2 * (least + number), least + number, 0.5, 80.0, _estimate(7.0))
        for number, (a, b) in enumerate(pairs)
    ]
    edges.append(Edge(names[1], names[0], 8, 4, 1.0, 2.0, None))
    return Explored(
        JourneyGraph(2500, 9000, "nps", nodes, tuple(edges), {names[0]: 2400}, {names[1]: 300}),
        Stops(
            datetime(2025, 3, 31, tzinfo=UTC),
            2500,
            300,
            (
                Stop(names[1], 1000, 300, _estimate(30), 48.0),
                Stop(names[0], 9, 3, _estimate(33), 1),
            ),
        ),
        Friction(
            2500,
            (Loop(names[0], 50, 40, _estimate(2), 3.0),),
            (),
            (Wait(names[0], names[1], 90, 80, _estimate(12), 4.0, 12.0, 900.0),),
        ),
        {name: ("awareness", "purchase", "loyalty")[i % 3] for i, name in enumerate(names)},
    )


def test_figures_are_in_words_and_nothing_is_told_by_colour_alone() -> None:
    picture = explorer.picture(_explored(), Options(), _link)
    first = next(each for each in picture.nodes if each.texts[0].words == "Place 0")
    assert [each.words for each in first.texts] == ["Place 0", "2,000 · 8.1"]
    assert first.tone == "good"
    assert (
        first.description
        == "Place 0, 2,000 customers, score after 8.1 (7.6\xa0–\u2060\xa08.6), good"
    )
    assert first.address == "?at=Place 0"
    assert [each.words for each in picture.columns] == ["Awareness", "Purchase", "Loyalty"]
    assert [each.text.words for each in picture.stubs] == ["300 stop here"]
    assert all(each.description for each in picture.ribbons)


def test_in_italian_figures_have_the_comma_and_drawings_the_point() -> None:
    with in_language("it"):
        picture = explorer.picture(_explored(), Options(), _link)
    node = next(each for each in picture.nodes if each.texts[0].words == "Place 0")
    assert node.texts[1].words == "2.000 · 8,1"
    assert all("," not in each.ribbon.path + each.ribbon.area for each in picture.ribbons)
    assert all("," not in each.bar for each in picture.nodes)


def test_fewer_than_five_are_not_drawn_nor_offered() -> None:
    found = _explored()
    picture = explorer.picture(found, Options(least=1), _link)
    assert len(picture.ribbons) == len(found.graph.edges) - 1
    assert not any("Place 1 to Place 0" in each.description for each in picture.ribbons)
    assert all(row.customers >= 5 for row in explorer.table(found, _link))
    assert explorer.picture(found, Options(at="Place 0", to="Nowhere"), _link).card is None


def test_what_is_hidden_is_said() -> None:
    found = _explored(touchpoints=30)
    picture = explorer.picture(found, Options(top=10), _link)
    assert len(picture.nodes) == 10
    assert picture.hidden[0] == "20 touchpoints with fewer customers are not drawn"
    assert "ribbons are hidden" in picture.hidden[1]
    assert [each.words for each in picture.tops] == ["10", "20", "40"]
    assert len(explorer.picture(found, Options(top=40), _link).nodes) == 30


def test_no_more_ribbons_than_can_be_followed_unless_asked() -> None:
    found = _explored(touchpoints=20, least=10)
    picture = explorer.picture(found, Options(), _link)
    assert 0 < len(picture.ribbons) <= explorer.RIBBONS
    chosen = next(each for each in picture.leasts if each.current)
    assert f"under {chosen.words} customers" in picture.hidden[-1]
    everything = explorer.picture(found, Options(least=5), _link)
    assert len(everything.ribbons) > explorer.RIBBONS


def test_every_phase_keeps_its_largest_touchpoint() -> None:
    found = _explored(touchpoints=12)
    rare = {**found.phases, "Place 11": "advocacy"}
    found = Explored(found.graph, found.stops, found.friction, rare)
    picture = explorer.picture(found, Options(top=4), _link)
    assert [each.words for each in picture.columns][-1] == "Advocacy"
    assert len(picture.nodes) == 4


def test_picking_a_touchpoint_tells_its_figures_and_fades_the_rest() -> None:
    picture = explorer.picture(_explored(touchpoints=5), Options(at="Place 0"), _link)
    assert picture.card is not None
    assert picture.card.title == "Place 0"
    facts = {each.term: (each.figure, each.detail) for each in picture.card.facts}
    assert facts["customers"] == ("2,000", "80% of all")
    assert facts["score after"] == ("8.1", "7.6\xa0–\u2060\xa08.6, n 100")
    assert facts["repeat it at once"][0] == "40"
    assert "stop here" not in facts  # 3 customers are too few to tell
    assert picture.card.leaving[0].address.startswith("?at=Place 0&to=")
    picked = next(each for each in picture.nodes if each.picked)
    assert picked.address == "?"
    reachable = [each for each in picture.ribbons if each.reachable]
    assert reachable
    assert all(each.faded for each in picture.ribbons if not each.reachable)


def test_picking_a_ribbon_tells_how_long_and_how_it_scored() -> None:
    picture = explorer.picture(_explored(), Options(at="Place 0", to="Place 1"), _link)
    assert picture.card is not None
    facts = {each.term: (each.figure, each.detail) for each in picture.card.facts}
    assert facts["customers"] == ("40", "2% of those at Place 0")
    assert facts["median wait"] == ("30 min", "")
    assert facts["9 in 10 within"][0] == "3.3 days"
    assert facts["wait unusually long"][0] == "80"


@pytest.mark.parametrize(
    ("value", "scale", "colour"),
    [
        (7.5, "nps", "good"),
        (7.44, "nps", "fair"),
        (6.4, "nps", "poor"),
        (3.96, "csat", "good"),  # shown as 4.0
        (2.0, "ces_effort", "good"),
        (6.0, "ces_effort", "poor"),
        (4.0, None, "none"),
    ],
)
def test_colours_follow_the_scale_and_its_direction(
    value: float, scale: str | None, colour: str
) -> None:
    assert tone(_estimate(value), scale) == colour
    assert tone(Estimate.hidden(3, "test"), scale) == "none"


def test_the_legend_says_where_colours_change() -> None:
    assert [each.words for each in bands("nps")] == [
        "score of 7.5 or more",
        "from 6.5",
        "below 6.5",
    ]
    assert [each.tone for each in bands("ces_effort")] == ["good", "fair", "poor"]
    assert bands(None) == ()


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("Cart", ("Cart",)),
        ("Website: product page", ("Website:", "product page")),
        ("Donaudampfschifffahrtsgesellschaft", ("Donaudampfschiff", "fahrtsgesellsch…")),
        ("", ("",)),
    ],
)
def test_names_take_two_lines_at_most(name: str, lines: tuple[str, ...]) -> None:
    assert explorer.named(name, 100) == lines


def test_the_headline_says_where_most_stop_or_only_how_many_there_are() -> None:
    found = replace(_explored(), phases={"Place 0": "awareness", "Place 1": "activation"})
    said = headline(found)
    assert said.sentence == (
        "Of the steps before buying, customers most often go no further than Place 1: 300 of 1,000."
    )
    assert "[30\xa0–\u2060\xa031]" not in said.sentence
    assert "idle for more than 2 days" in said.lede
    nobody = Explored(found.graph, Stops(None, 2500, 0, ()), found.friction, found.phases)
    assert headline(nobody).sentence == "The journeys of 2,500 customers."


@pytest.mark.parametrize("phase", ["purchase", "loyalty", "advocacy"])
def test_the_headline_takes_the_natural_end_of_the_way_for_no_stop(phase: str) -> None:
    found = _explored()
    stop = Stop("Place 0", 200, 20, _estimate(10), 48.0)
    rows = (Stop("review", 1000, 970, _estimate(97), 48.0), stop)
    ends = {"review": phase, "Place 0": "consideration"}
    found = replace(found, stops=replace(found.stops, rows=rows), phases=ends)
    assert "than Place 0: 20 of 200" in headline(found).sentence
    only = replace(found, stops=replace(found.stops, rows=rows[:1]))
    assert headline(only).sentence == "The journeys of 2,500 customers."


def test_the_ideal_path_shows_what_stands_and_counts_the_rest() -> None:
    def step(name: str, difference: float, p: float) -> IdealStep:
        return IdealStep(
            (name,), "step", 40, 100, 31.0, 31.0 - difference, _estimate(difference), 0.3, p, p
        )

    path = IdealPath(
        "promoters", 400, 1100, 38, (step("A", 22, 0.001), step("B", -8, 0.01), step("C", 1, 0.6))
    )
    shown = ideal.shown(path, _link, most=1)
    assert [each.words for each in shown.rows] == ["Pass through A"]
    assert (shown.rows[0].tone, shown.more, shown.end) == ("up", 1, "40%")
    assert shown.rows[0].ideal_at == "77.50%"
    assert [each.tone for each in ideal.shown(path, _link).rows] == ["up", "down"]
    assert "stars" not in shown.compared
    by_stars = ideal.shown(replace(path, scale="stars"), _link)
    assert by_stars.compared.endswith("others (by the last answer: stars, 1 to 5)")
    nothing = IdealPath("value", 0, 0, 0, ())
    assert not ideal.shown(nothing, _link).enough


def test_long_journeys_keep_their_first_and_last_steps() -> None:
    steps = tuple(f"s{number}" for number in range(40))
    shown = lists.variants(Variants(50, 9, (Variant(steps, 20, 40.0), Variant(steps[:2], 4, 8.0))))
    assert len(shown.rows) == 1
    assert shown.rows[0].steps[0] == "s0"
    assert shown.rows[0].last == ("s37", "s38", "s39")
    assert shown.rows[0].left_out == "27 more steps"
