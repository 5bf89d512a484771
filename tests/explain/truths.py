"""Holding the analyses to what is planted in the demo company."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from percorso import demo, explain, journeys, metrics
from percorso.demo import company
from percorso.explain import Problem
from percorso.log import open_log
from percorso.log.steps import open_steps
from percorso.workspace import Settings, Workspace

DELIVERY = company.TOUCHPOINTS["delivery"].name
PHONE_CART = company.TOUCHPOINTS["cart_phone"].name
MAIL, PHONE = (company.TOUCHPOINTS[key].name for key in ("mail", "phone"))
EVENT, OFFER = (company.TOUCHPOINTS[key].name for key in ("event", "offer"))


@dataclass(frozen=True)
class Seen:
    """What the analyses say of one made-up company."""

    problems: tuple[Problem, ...]
    by_touchpoint: tuple[Any, ...]
    by_nothing: tuple[Any, ...]
    ideal_path: Any


def look(path: Path, seed: int, *, effects: bool) -> Seen:
    workspace = Workspace.create(path, Settings(company.NAME, company.ZONE))
    log = open_log(workspace)
    log.append(demo.generate(seed, effects=effects))
    index = open_steps(log)
    return Seen(
        explain.problems(log, index),
        metrics.by(log, "touchpoint"),
        tuple(
            group
            for name in ("campaign", "genre", "send_day")
            for group in metrics.by(log, f"property:{name}")
        ),
        journeys.ideal_path(index, "promoters"),
    )


def is_courier(problem: Problem) -> bool:
    if problem.kind != "promise" or problem.touchpoint != DELIVERY or problem.since is None:
        return False
    near = abs(problem.since - company.COURIER_CHANGE) <= timedelta(days=14)
    return near and ("region", "Lombardia Est") in problem.groups


def is_phone_checkout(problem: Problem) -> bool:
    kinds = {each.kind for each in problem.evidence}
    return problem.touchpoint == PHONE_CART and {"stopped", "repeated", "score"} <= kinds


def is_explaining_again(problem: Problem) -> bool:
    return (problem.kind, problem.source, problem.touchpoint) == ("transition", MAIL, PHONE)


def is_slow_answer(problem: Problem) -> bool:
    return (problem.kind, problem.promise, problem.touchpoint) == ("promise", "answer", MAIL)


def is_late_elsewhere(problem: Problem) -> bool:
    """The usual late deliveries, outside of the new courier's: planted too, with the same cost."""
    return problem.kind == "promise" and problem.touchpoint == DELIVERY and problem.elsewhere


def kind_shop(seen: Seen) -> bool:
    higher = {
        each.group
        for each in seen.by_touchpoint
        if each.metric == "csat"
        and each.differs
        and each.rest_difference is not None
        and (each.rest_difference.estimate.value or 0) > 0
    }
    return {company.TOUCHPOINTS[key].name for key in ("till", "advice", "event")} <= higher


def event_path(seen: Seen) -> bool:
    return any(
        each.kind == "start" and each.step == (EVENT,) and each.significant
        and (each.difference.value or 0) > 0
        for each in seen.ideal_path.rows
    )  # fmt: skip


def _has(check: Callable[[Problem], bool]) -> Callable[[Seen], bool]:
    return lambda seen: any(check(each) for each in seen.problems)


#: Truth -> whether it was found.
FOUND: dict[str, Callable[[Seen], bool]] = {
    "courier": _has(is_courier),
    "phone_checkout": _has(is_phone_checkout),
    "explain_again": _has(is_explaining_again),
    "slow_answer": _has(is_slow_answer),
    "kind_shop": kind_shop,
    "event_path": event_path,
}


def false_problems(seen: Seen) -> list[Problem]:
    """Return the problems that are none of what was planted."""
    true = (
        is_courier, is_phone_checkout, is_explaining_again, is_slow_answer, is_late_elsewhere,
    )  # fmt: skip
    return [each for each in seen.problems if not any(check(each) for check in true)]


def nothing_found(seen: Seen) -> list[str]:
    """Return which planted nothings were called something."""
    found = [
        f"problem: {name}={value}"
        for each in seen.problems
        for name, value in each.groups
        if name in ("campaign", "genre", "send_day")
    ]
    found += [f"score: {each.group}" for each in seen.by_nothing if each.differs]
    found += [
        f"path: {each.step}"
        for each in seen.ideal_path.rows
        if each.significant and OFFER in each.step
    ]
    return found
