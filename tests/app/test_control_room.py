"""The control room's own answers: the headline, the journey strip, what to do next."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from percorso.app import results
from percorso.app.control_room import next_steps, queries, shown, strip
from percorso.app.control_room.headline import headline
from percorso.app.control_room.queries import PromisesKept, Scores, Strip
from percorso.app.filters import Scope, scope
from percorso.estimation import proportion
from percorso.i18n import in_language
from percorso.log import open_log
from percorso.metrics import Change
from percorso.metrics.phases import PhasePassed
from percorso.metrics.promises import Promises
from percorso.vocabulary import Estimate, Phase
from percorso.workspace import Workspace


def _estimate(value: float, half: float = 3.0, n: int = 400) -> Estimate:
    return Estimate(value, value - half, value + half, n, "test")


def _change(metric: str, before: float, now: float, p_adjusted: float) -> Change:
    difference = _estimate(now - before)
    return Change(metric, _estimate(now), _estimate(before), difference, p_adjusted, p_adjusted)


def _scores(*changes: Change, days: int | None = 90) -> Scores:
    metrics = {"nps": _estimate(41), "csat": _estimate(82, 2)}
    return Scores(metrics, {each.metric: each for each in changes}, days)


def _promises(
    difference: float | None = None, p_value: float | None = None, waiting: int = 0
) -> PromisesKept:
    counts, share = (100, 80, 8, 2, 10, 7, 3), _estimate(89)
    now = Promises(*counts, share, _estimate(-1.5, 0.3), "csat", {}, (), share)
    return PromisesKept(
        now,
        _estimate(94) if difference else None,
        _estimate(difference) if difference else None,
        p_value,
        waiting,
    )


def _sentence(scores: Scores, promises: PromisesKept) -> str:
    return "".join(part.words for part in headline(scores, promises))


@pytest.mark.parametrize(
    ("scores", "promises", "said"),
    [
        (
            _scores(_change("csat", 80, 82, 0.4)),
            _promises(),
            "No certain change in the last 90 days.",
        ),
        (
            _scores(),
            _promises(),
            "How it stands: NPS 41, CSAT 82%. There are too few answers to say what changed.",
        ),
        (
            _scores(_change("nps", 47, 41, 0.2)),
            _promises(-5, 0.3),
            "No certain change in the last 90 days.",
        ),
        (
            _scores(_change("nps", 47, 41, 0.01), days=30),
            _promises(),
            "Worse in the last 30 days: NPS from 47 to 41; no other certain change.",
        ),
        (
            _scores(),
            _promises(-5, 0.001),
            "Worse in the last 90 days: promises kept from 94% to 89%; no other certain change.",
        ),
        (
            _scores(_change("csat", 78, 82, 0.01)),
            _promises(),
            "Better in the last 90 days: CSAT from 78% to 82%; no other certain change.",
        ),
        (
            _scores(_change("csat", 78, 82, 0.01), _change("nps", 47, 41, 0.01)),
            _promises(),
            "In the last 90 days some things got worse: NPS from 47 to 41; others better: "
            "CSAT from 78% to 82%.",
        ),
        (
            _scores(days=None),
            _promises(),
            "How it stands: NPS 41, CSAT 82%. There is no earlier period to compare with.",
        ),
        (
            Scores({}, {}, 90),
            _promises(),
            "Nobody has been asked yet: the log holds what customers did, no scores.",
        ),
    ],
)
def test_the_headline_is_no_surer_than_the_tests(
    scores: Scores, promises: PromisesKept, said: str
) -> None:
    assert _sentence(scores, promises) == said


def test_what_got_worse_is_in_its_own_colour() -> None:
    parts = headline(_scores(_change("nps", 47, 41, 0.01)), _promises())
    assert [(part.words, part.tone) for part in parts if part.tone != "none"] == [
        ("NPS from 47 to 41", "bad")
    ]


def test_scores_tell_change_and_certainty_in_words() -> None:
    cards = {
        card.key: card
        for card in shown.scores(_scores(_change("nps", 47, 41, 0.01)), _promises(-5, 0.001))
    }
    assert list(cards) == ["nps", "csat", "kept_share"]
    assert cards["nps"].change == shown.Change("▼ 6 points, certain", "down")
    assert cards["csat"].change == shown.Change("too few answers to compare")
    assert cards["kept_share"].change == shown.Change("▼ 5 points, certain", "down")
    assert (cards["nps"].value, cards["nps"].interval, cards["nps"].n) == (
        "41",
        "38\xa0–\u2060\xa044",
        "400",
    )
    alone = shown.scores(_scores(days=None), _promises())
    assert all(card.change is None for card in alone)


def test_promises_that_few_met_are_told_by_nothing_beside_them() -> None:
    share = _estimate(97)
    few = replace(
        _promises().now, kept=97, late=3, unmet=0, broken=3, open=0, withdrawn=0, hidden=("late",),
        kept_share=share, kept_share_shown=Estimate.hidden(100, share.method),
    )  # fmt: skip
    found = replace(_promises(), now=few)
    [card] = [each for each in shown.scores(_scores(), found) if each.key == "kept_share"]
    assert (card.value, card.interval, card.n, card.bar) == ("too few to show", "", "–", None)
    promises = shown.promises(found)
    assert promises is not None
    assert promises.made == ""
    assert [(each.fate, each.count) for each in promises.parts][:2] == [
        ("kept", "97"),
        ("late", "too few to show"),
    ]
    assert [each.width for each in promises.parts] == ["100.00%", *["0.00%"] * 4]


def test_late_and_never_kept_are_told_together_where_one_is_of_few() -> None:
    mixed = replace(_promises().now, hidden=("late", "unmet"))
    promises = shown.promises(replace(_promises(), now=mixed))
    assert promises is not None
    told = [(each.fate, each.words, each.count) for each in promises.parts]
    assert told[1:3] == [("late", "broken", "10"), ("open", "still open", "7")]


def test_the_fates_of_promises_fill_the_bar() -> None:
    found = shown.promises(_promises())
    assert found is not None
    assert [(part.fate, part.count) for part in found.parts] == [
        ("kept", "80"),
        ("late", "8"),
        ("unmet", "2"),
        ("open", "7"),
        ("withdrawn", "3"),
    ]
    assert sum(float(part.width.rstrip("%")) for part in found.parts) == pytest.approx(100)
    assert (found.effect, found.effect_tone) == ("−1.5\xa0[−1.8\xa0to\xa0−1.2]", "bad")


def test_next_steps_follow_from_what_is_there() -> None:
    wide = Scores({"nps": _estimate(10, 20, 40)}, {}, None)
    found = next_steps.steps((), wide, _promises(waiting=9), 3, data="/data/quarantine")
    assert [step.words for step in found] == [
        "Keep, or call off, 9 promises that are past their time",
        "Mend 3 rows that could not be read",
        "Ask more customers before reading much into the NPS",
    ]
    assert found[1].address == "/data/quarantine"
    assert next_steps.steps((), _scores(), _promises(), 0, data="/") == ()
    silent = next_steps.steps((), Scores({}, {}, None), _promises(), 0, data="/data/")
    assert [step.action for step in silent] == ["Bring in data"]


def test_the_strip_is_drawn_by_customers_with_words_for_the_rest() -> None:
    facts = [
        PhasePassed(str(phase), customers, None, None)
        for phase, customers in zip(Phase, (500, 250, 100, 3, 0, 50), strict=True)
    ]
    found = strip.shown(
        Strip(500, "csat", tuple(facts)), lambda phase: f"?phase={phase}", "loyalty"
    )
    assert [each.customers for each in found.phases] == [
        "500",
        "250",
        "100",
        "fewer than 5",
        "0",
        "50",
    ]
    assert [each.current for each in found.phases] == [False] * 4 + [True, False]
    assert found.phases[4].address == "?phase="
    assert found.phases[0].address == "?phase=awareness"
    assert found.phases[3].path == strip.paths_of([500, 250, 100, 0, 0, 50])[3]
    with in_language("it"):
        paths = strip.paths_of([1234, 567, 1])
    assert all("," not in path for path in paths)
    assert strip.paths_of([]) == ()
    assert len(strip.paths_of([0, 0])) == 2


def test_the_strip_tells_no_share_of_few() -> None:
    """The share times how many were in the phase before, which stands beside it, tells them."""
    of_whole = ((100, None), (3, 3), (60, 0), (40, 2), (30, 30), (0, 0))
    before, facts = 0, []
    for phase, (customers, both) in zip(Phase, of_whole, strict=True):
        share = None if both is None else proportion(both, before)
        facts.append(PhasePassed(str(phase), customers, share, None))
        before = customers
    found = strip.shown(Strip(120, None, tuple(facts)), str, "").phases
    assert [each.share for each in found] == ["", "", "", "", "75%", "0%"]
    assert [bool(each.share_words) for each in found] == [False, False, False, False, True, True]


@pytest.fixture
def asked(small_demo: Workspace) -> Iterator[Scope]:
    results.forget()
    yield scope(open_log(small_demo), {"period": "365"})
    results.forget()


def _rows(asked: Scope) -> list[dict[str, Any]]:
    table = asked.log.interactions().select(
        "id", "customer", "phase", "at", "scale", "score", "kind", "about", "due_at"
    )
    rows: list[dict[str, Any]] = table.to_pyarrow().to_pylist()
    return rows


def test_the_strip_equals_a_count_by_hand(asked: Scope) -> None:
    found = queries.strip(asked)
    rows, span = _rows(asked), asked.spans.now
    assert span.since is not None
    assert span.until is not None
    phases: dict[str, set[str]] = defaultdict(set)
    moments: dict[str, list[tuple[Any, str]]] = defaultdict(list)
    for row in rows:
        if span.since <= row["at"] < span.until:
            phases[row["phase"]].add(row["customer"])
            moments[row["customer"]].append((row["at"], row["phase"]))
    assert found.customers == len(set().union(*phases.values()))
    answers: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        if row["scale"] == found.scale and row["score"] is not None:
            month = timedelta(days=30)
            near = {p for at, p in moments[row["customer"]] if at <= row["at"] <= at + month}
            for phase in near:
                answers[phase].append(row["score"])
    before = ""
    for each in found.phases:
        assert each.customers == len(phases[each.phase])
        if before and phases[before]:
            assert each.from_before is not None
            both = len(phases[each.phase] & phases[before])
            assert each.from_before.value == pytest.approx(100 * both / len(phases[before]))
        scores = answers[each.phase]
        if len(scores) >= 5:
            assert each.score is not None
            assert each.score.n == len(scores)
            assert each.score.value == pytest.approx(sum(scores) / len(scores))
        before = each.phase


def test_all_phases_are_in_the_strip_whichever_is_picked(asked: Scope) -> None:
    picked = scope(asked.log, {"period": "365", "phase": "purchase"})
    assert queries.strip(picked) == queries.strip(asked)


def test_promises_compare_the_two_periods(asked: Scope) -> None:
    from percorso import metrics

    found = queries.promises(asked)
    compared = asked.spans.compared
    assert compared is not None
    now, before = (
        metrics.promises.summary(asked.log, selection=asked.chosen.selection(span))
        for span in (compared.now, compared.before)
    )
    assert found.now == now
    assert found.difference is not None
    expected = (now.kept_share.value or 0) - (before.kept_share.value or 0)
    assert found.difference.value == pytest.approx(expected)
    assert 0 <= found.waiting <= now.unmet
