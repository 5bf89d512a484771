"""What the pages of the problems ask of the log. Answers are kept: see percorso.app.results."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from percorso.app import results
from percorso.app.filters import Scope, scope
from percorso.estimation import MIN_SHOWN
from percorso.explain import Problem
from percorso.log.properties import has_any
from percorso.vocabulary import SCALES

if TYPE_CHECKING:
    import ibis

    from percorso.log import Log

QUOTES: Final = 6
#: Problems whose quotes are looked up before anybody asks.
PREPARED: Final = 5
#: More of a text than this is on no page.
TEXT_LONGEST: Final = 1000
#: Fewer people than this are not quoted: who they are could be guessed.
LEAST_VOICES: Final = MIN_SHOWN
#: Answers up to here are low; turned scales are counted below zero.
LOW: Final = {"nps": 6, "csat": 2, "ces": 3, "ces_effort": -5, "stars": 2}


@dataclass(frozen=True, slots=True)
class Found:
    """The problems, the worst first."""

    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """What somebody wrote; ``day`` is ``2025-03-31``."""

    text: str
    day: str
    touchpoint: str
    language: str


@dataclass(frozen=True, slots=True)
class Quotes:
    quotes: tuple[Quote, ...]


def problems(asked: Scope) -> tuple[Problem, ...]:
    """Return the problems in a part of the log, ranked."""

    def compute() -> Found:
        from percorso import explain
        from percorso.log.steps import open_steps

        index = open_steps(asked.log)
        return Found(tuple(explain.problems(asked.log, index, asked.selection)))

    return results.result(asked.log, "problems", asked.key, Found, compute).problems


def known(asked: Scope) -> bool:
    """Say whether the problems were looked for already: it takes longer than all else."""
    return results.known(asked.log, "problems", asked.key)


def problem(asked: Scope, problem_id: str) -> Problem | None:
    """Return the problem with this id, None where it is none in this part of the log."""
    return next((each for each in problems(asked) if each.id == problem_id), None)


def quotes(asked: Scope, about: Problem) -> tuple[Quote, ...]:
    """Return what customers with low scores wrote at the place of a problem, the latest first.

    Texts come from answers and reviews at the touchpoint, and from those about the same order,
    ticket or product as something there. None where fewer than 5 customers wrote.
    """

    def compute() -> Quotes:
        import ibis

        rows = asked.selection.apply(asked.log, asked.log.interactions())
        subjects = _subjects(asked, about)
        said = rows.filter(
            rows.text.notnull(),
            rows.text.strip() != "",
            rows.direction == "in",
            _is_low(rows),
            _at(rows, about) | rows.about.isin(subjects.about),
        )
        latest = (
            said.select("customer", "text", "at", "touchpoint", "language")
            .order_by([ibis.desc("at"), "text"])
            .limit(QUOTES * 5)
            .to_pyarrow()
            .to_pylist()
        )
        if len({row["customer"] for row in latest}) < LEAST_VOICES:
            return Quotes(())
        heard: dict[str, Quote] = {}
        for row in latest:
            heard.setdefault(
                row["customer"],
                Quote(
                    " ".join(row["text"].split())[:TEXT_LONGEST],
                    row["at"].date().isoformat(),
                    row["touchpoint"],
                    row["language"] or "",
                ),
            )
        return Quotes(tuple(heard.values())[:QUOTES])

    return results.result(asked.log, f"quotes-{about.id}", asked.key, Quotes, compute).quotes


def _subjects(asked: Scope, about: Problem) -> "ibis.Table":
    """Return the orders, tickets and products that something at the place was about."""
    chosen = replace(asked.selection, touchpoints=(about.touchpoint,))
    there = chosen.apply(asked.log, asked.log.interactions())
    if about.groups:
        there = there.filter(has_any(there.properties, about.groups))
    return there.filter(there.about.notnull()).select("about").distinct()


def _at(rows: "ibis.Table", about: Problem) -> "ibis.expr.types.BooleanValue":
    here = rows.touchpoint == about.touchpoint
    # Where the problem is one group's, others at the same touchpoint did not have it.
    return here & has_any(rows.properties, about.groups) if about.groups else here


def _is_low(rows: "ibis.Table") -> "ibis.expr.types.BooleanValue":
    """Say whether somebody gave a low score, or wrote without being asked for one."""
    low = rows.score.isnull()
    for scale, bound in LOW.items():
        score = rows.score if SCALES[scale].high_is_good else -rows.score
        low = low | ((rows.scale == scale) & (score <= bound))
    return low


def prepare(log: "Log") -> None:
    """Work out what the pages show where nobody chose anything."""
    usual = scope(log, {})
    if not usual.empty:
        for each in problems(usual)[:PREPARED]:
            quotes(usual, each)
