"""What becomes of promises, against plain Python over the interactions."""

import tempfile
from collections import Counter, defaultdict
from datetime import datetime
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.metrics.given import Story, hour

from percorso.metrics import promises
from percorso.vocabulary import Interaction

#: Type of promise -> what fulfils it (kind, direction).
FULFILLED_BY: dict[str, list[tuple[str, str | None]]] = {
    "delivery": [("delivery", None), ("pickup", None)],
    "answer": [("message", "out"), ("call", "out"), ("resolution", "out")],
    "resolution": [("resolution", None)],
}
KINDS = ["delivery", "pickup", "message", "call", "resolution", "cancellation", "fulfilment"]


@st.composite
def stories(draw: st.DrawFn) -> Story:
    story = Story()
    thing = st.integers(0, 8).map("order:{}".format)
    hours = st.integers(0, 12)
    for _ in range(draw(st.integers(1, 24))):
        made = draw(hours)
        story.promise(
            draw(thing),
            due=made + draw(st.integers(-1, 6)),
            name=draw(st.sampled_from([*FULFILLED_BY, "call back", None])),
            at=made,
            customer=f"user:{draw(st.integers(0, 2))}",
        )
    for _ in range(draw(st.integers(0, 30))):
        story.add(
            draw(st.sampled_from(KINDS)),
            at=draw(hours),
            about=draw(thing),
            direction=draw(st.sampled_from(["in", "out"])),
            name=draw(st.sampled_from([None, "call back", "delivery"])),
        )
    for _ in range(draw(st.integers(0, 30))):
        story.add(
            "review",
            customer=f"user:{draw(st.integers(0, 2))}",
            at=draw(hours),
            about=draw(thing),
            scale="stars",
            score=draw(st.integers(1, 5)),
        )
    return story


def fulfils(promise: Interaction, event: Interaction) -> bool:
    if promise.name in FULFILLED_BY:
        return any(
            event.kind == kind and direction in (None, event.direction)
            for kind, direction in FULFILLED_BY[promise.name]
        )
    return event.kind == "fulfilment" and event.name == promise.name


def first(times: list[datetime]) -> datetime | None:
    return min(times, default=None)


def made_anew(promise: Interaction, log: list[Interaction], as_of: datetime) -> datetime | None:
    """Return when the same was promised to the same customer next."""
    same = [
        each
        for each in log
        if each.kind == "promise"
        and each.at <= as_of
        and (each.customer, each.about, each.name)
        == (promise.customer, promise.about, promise.name)
    ]
    same.sort(key=lambda each: (each.at, each.received_at, each.id))
    after = same[same.index(promise) + 1 :]
    return after[0].at if after else None


def fate_of(
    promise: Interaction, log: list[Interaction], as_of: datetime
) -> tuple[str, datetime | None] | None:
    """Return the fate and when it was known, as docs/concepts/promises.md says it.

    None where another promise stands in its place.
    """
    due = promise.due_at
    assert due is not None
    later = [each for each in log if each.about == promise.about and promise.at <= each.at <= as_of]
    fulfilled = first([each.at for each in later if fulfils(promise, each)])
    cancelled = first([each.at for each in later if each.kind == "cancellation"])
    anew = made_anew(promise, log, as_of)
    ended = [each for each in (fulfilled, cancelled) if each]
    if anew and anew <= due and all(each >= anew for each in ended):
        return None
    if cancelled and cancelled < due and (fulfilled is None or cancelled < fulfilled):
        return "withdrawn", cancelled
    if fulfilled is not None:
        return ("kept", fulfilled) if fulfilled <= due else ("late", due)
    return ("open", None) if due >= as_of else ("unmet", due)


@settings(max_examples=8, deadline=None)
@given(stories(), st.one_of(st.none(), st.integers(0, 14)))
def test_fates_and_the_scores_after(story: Story, until: int | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        log = story.log(Path(folder) / "w")
        as_of = None if until is None else hour(until)
        rows = promises.fates(log, as_of).to_pyarrow().to_pylist()
        found = promises.summary(log, as_of)
    moment = as_of or max(each.at for each in story.interactions)
    expected = {
        each.id: fate
        for each in story.interactions
        if each.kind == "promise" and each.at <= moment
        if (fate := fate_of(each, story.interactions, moment)) is not None
    }
    assert {row["id"]: (row["fate"], row["known_at"]) for row in rows} == expected
    check_summary(found, story, expected, moment)


def check_summary(
    found: promises.Promises,
    story: Story,
    expected: dict[str, tuple[str, Any]],
    moment: datetime,
) -> None:
    counts = Counter(fate for fate, _ in expected.values())
    assert (found.made, found.kept, found.late) == (len(expected), counts["kept"], counts["late"])
    assert (found.unmet, found.open) == (counts["unmet"], counts["open"])
    assert found.withdrawn == counts["withdrawn"]
    assert found.broken == found.late + found.unmet
    assert found.kept_share.n == found.kept + found.broken
    after = scores_after(story, expected, moment)
    assert {fate: each.n for fate, each in found.score_after.items()} == {
        fate: len(scores) for fate, scores in after.items()
    }
    for fate, each in found.score_after.items():
        if each.shown:
            assert each.value == pytest.approx(fmean(after[fate]))


def scores_after(
    story: Story, expected: dict[str, tuple[str, Any]], moment: datetime
) -> dict[str, list[float]]:
    worst = ["unmet", "late", "kept", "withdrawn"]
    about = {each.id: each.about for each in story.interactions}
    after: dict[str, list[float]] = defaultdict(list)
    for each in story.interactions:
        if each.kind != "review" or each.at > moment or each.score is None:
            continue
        known = [
            fate
            for id_, (fate, known_at) in expected.items()
            if about[id_] == each.about and known_at is not None and known_at <= each.at
        ]
        if known:
            fate = min(known, key=worst.index)
            after[fate].append(each.score)
            if fate in ("unmet", "late"):
                after["broken"].append(each.score)
    return after
