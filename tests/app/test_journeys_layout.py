"""The drawing of the journey graph: nothing overlaps, sizes compare, nothing falls outside."""

import re
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from percorso.app.journeys.layout import Drawing, Passage, Place, lay_out


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[Place], list[Passage]]:
    count = draw(st.integers(0, 40))
    phases = draw(st.integers(1, 6))
    places = [
        Place(
            name=f"t{number}",
            customers=draw(st.integers(1, 5000)),
            phase=draw(st.integers(0, phases - 1)),
            starts=draw(st.integers(0, 50)),
            stops=draw(st.sampled_from([0, 0, 5, 400])),
        )
        for number in range(count)
    ]
    passages = []
    if count:
        name = st.integers(0, count - 1).map("t{}".format)
        pairs = draw(st.lists(st.tuples(name, name), max_size=40, unique=True))
        passages = [Passage(a, b, draw(st.integers(1, 3000))) for a, b in pairs]
    return places, passages


def _numbers(path: str) -> list[float]:
    return [float(each) for each in re.findall(r"-?\d+(?:\.\d+)?", path)]


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_boxes_stay_apart_and_inside(graph: tuple[list[Place], list[Passage]]) -> None:
    drawing = lay_out(*graph)
    assert {each.name for each in drawing.boxes} == {each.name for each in graph[0]}
    stubs = {each.name: each for each in drawing.stubs}
    for box in drawing.boxes:
        assert box.x >= 0
        assert box.right <= drawing.width
        low = stubs[box.name].y + stubs[box.name].height if box.name in stubs else box.bottom
        assert low <= drawing.height + 0.2
    for one, other in combinations(drawing.boxes, 2):
        if one.column == other.column:
            upper, lower = sorted((one, other), key=lambda each: each.y)
            foot = stubs[upper.name].height if upper.name in stubs else 0
            assert upper.bottom + foot <= lower.y
        else:
            left, right = sorted((one, other), key=lambda each: each.column)
            assert left.right < right.x


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_columns_follow_the_phases(graph: tuple[list[Place], list[Passage]]) -> None:
    drawing = lay_out(*graph)
    phase = {each.name: each.phase for each in graph[0]}
    ordered = [phase[each.name] for each in sorted(drawing.boxes, key=lambda each: each.column)]
    assert ordered == sorted(ordered)
    assert [each.phase for each in drawing.headers] == sorted(set(ordered))
    for column in {each.column for each in drawing.boxes}:
        assert sum(each.column == column for each in drawing.boxes) <= 7


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_ribbons_join_the_sides_of_their_boxes(graph: tuple[list[Place], list[Passage]]) -> None:
    drawing = lay_out(*graph)
    boxes = {each.name: each for each in drawing.boxes}
    wanted = {(each.source, each.target) for each in graph[1] if each.source != each.target}
    assert {(each.source, each.target) for each in drawing.ribbons} == wanted
    for each in drawing.ribbons:
        source, target = boxes[each.source], boxes[each.target]
        x1, y1, *_, x2, y2 = _numbers(each.path)
        assert x1 in (source.x, round(source.right, 1))
        assert x2 in (target.x, round(target.right, 1))
        assert source.y <= y1 <= source.bottom
        assert target.y <= y2 <= target.bottom
        assert (each.course == "forward") == (source.column < target.column)
        assert (each.course == "back") == (source.column > target.column)


def test_one_scale_for_boxes_ribbons_and_stubs() -> None:
    drawing = lay_out(
        [Place("a", 1000, 0, starts=1000, stops=300), Place("b", 700, 1)],
        [Passage("a", "b", 500)],
    )
    assert drawing.scale > 0
    boxes = {each.name: each for each in drawing.boxes}
    assert boxes["a"].height == pytest.approx(1000 * drawing.scale, abs=0.1)
    assert boxes["b"].height == pytest.approx(700 * drawing.scale, abs=0.1)
    assert drawing.ribbons[0].width == pytest.approx(500 * drawing.scale, abs=0.1)
    assert drawing.stubs[0].width == pytest.approx(300 * drawing.scale, abs=0.1)


def test_a_log_with_one_phase_is_spread_in_the_order_people_go() -> None:
    names = ["e", "d", "c", "b", "a"]
    drawing = lay_out(
        [Place(each, 100, 3, starts=100 if each == "a" else 0) for each in names],
        [Passage(one, other, 100) for one, other in zip("abcd", "bcde", strict=True)],
    )
    ordered = sorted(drawing.boxes, key=lambda each: each.column)
    assert [each.name for each in ordered] == ["a", "b", "c", "d", "e"]
    assert all(each.course == "forward" for each in drawing.ribbons)
    assert len(drawing.headers) == 1


def test_same_input_same_drawing_whatever_the_order() -> None:
    places = [Place(f"t{number}", 100 + number, number % 6) for number in range(12)]
    passages = [Passage(f"t{number}", f"t{(number * 5 + 1) % 12}", 40) for number in range(12)]
    assert lay_out(places, passages) == lay_out(places, passages)


def test_what_is_not_drawn_is_left_out() -> None:
    drawing = lay_out([Place("a", 10, 0)], [Passage("a", "gone", 5), Passage("a", "a", 5)])
    assert drawing.ribbons == ()
    empty: Drawing = lay_out([], [])
    assert empty.boxes == ()
    assert empty.headers == ()
