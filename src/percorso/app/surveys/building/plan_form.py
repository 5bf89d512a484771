"""Before asking: how many answers to expect, and how sure the figure will be."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from percorso import labels
from percorso.app import company
from percorso.app.surveys.building.fields import ChoiceShown
from percorso.i18n import gettext as _
from percorso.surveys import MEASURES, Survey, expected, invitations, sample_size, spread_of

#: Of a scale, so that what answers differ by can be told from those there are.
_ENOUGH: Final = 30
_SCALES: Final[Mapping[str, str]] = {
    "nps": "nps",
    "csat": "csat",
    "ces": "ces",
    "pmf": "pmf",
    "pyramid": "pyramid_needs",
}
_USUAL: Final[Mapping[str, float]] = {"points": 10, "percent": 5, "score": 0.2}


@dataclass(frozen=True, slots=True)
class Plan:
    """The fields of the helper, and what it says."""

    measures: tuple[ChoiceShown, ...]
    people: str
    rate: str
    width: str
    unit: str
    all: str
    problem: str = ""
    answers: str = ""
    between: str = ""
    sure: str = ""
    wanted: str = ""
    needed: str = ""
    to_ask: str = ""
    too_many: bool = False
    spread_from: str = ""


def plan(survey: Survey, query: Mapping[str, str], rate: float | None = None) -> Plan:
    """Return what to expect of asking; ``rate`` is the share that answered so far, if known."""
    offered = [each for each in MEASURES if any(q.type == each for q in survey.questions)]
    offered = [*offered, "share"]
    measure = query.get("measure", "")
    measure = measure if measure in offered else offered[0]
    unit = MEASURES[measure].unit
    usual_rate = labels.number(100 * rate) if rate else "20"
    given = {
        "people": query.get("people", "500"),
        "rate": query.get("rate", usual_rate),
        "width": query.get("width", f"{_USUAL[unit]:g}"),
        "all": query.get("all", ""),
    }
    if query.get("was") not in (None, measure):
        # Another figure has another unit: what was wanted of the one before makes no sense of it.
        given["width"] = f"{_USUAL[unit]:g}"
    fields: dict[str, Any] = {
        "measures": tuple(ChoiceShown(each, _called(each), each == measure) for each in offered),
        "unit": {"points": _("points"), "percent": _("percent points"), "score": _("of 1 to 7")}[
            unit
        ],
        **{name: value[:20] for name, value in given.items()},
    }
    people, share = _number(given["people"]), _number(given["rate"])
    width, total = _number(given["width"]), _number(given["all"]) if given["all"].strip() else None
    problem = _problem(people, share, width, total, given["all"])
    if problem or people is None or share is None or width is None:
        return Plan(**fields, problem=problem)
    spread, spread_from = _spread(measure)
    population = int(total) if total else None
    found = expected(measure, int(people), share / 100, population, spread=spread)
    needed = sample_size(measure, width, population, spread=spread)
    return Plan(
        **fields,
        answers=labels.number(found.answers),
        between=_("{low} to {high}").format(
            low=labels.number(found.answers_low), high=labels.number(found.answers_high)
        ),
        sure=_width(found.half_width, unit) if found.half_width is not None else "",
        wanted=_width(width, unit),
        needed=labels.number(needed),
        to_ask=labels.number(invitations(needed, share / 100)) if share else "",
        too_many=bool(population and share and invitations(needed, share / 100) > population),
        spread_from=spread_from,
    )


def _called(measure: str) -> str:
    if measure == "share":
        return _("A share, such as of an answer to choose")
    if measure == "pyramid":
        return _("Pyramid, each level")
    return labels.metric(measure)


def _number(written: str) -> float | None:
    try:
        found = float(written.strip().replace(" ", "").replace(",", "."))
    except ValueError:
        return None
    return found if 0 <= found <= 1e9 else None


def _problem(
    people: float | None,
    share: float | None,
    width: float | None,
    total: float | None,
    written_total: str,
) -> str:
    if people is None or people < 1:
        return _("Say how many people you will ask: a number of 1 or more.")
    if share is None or share > 100:
        return _("Say how many in 100 will answer: a number from 0 to 100.")
    if width is None or not 0.01 <= width <= 100:
        return _("Say how sure the figure should be: a number above 0.")
    if written_total.strip() and (total is None or total < people):
        return _("All of them together are at least those you ask.")
    return ""


def _width(value: float, unit: str) -> str:
    digits = 2 if unit == "score" else 1 if value < 10 else 0
    said = labels.number(value, digits)
    return _("± {n} points").format(n=said) if unit != "score" else f"± {said}"


def _spread(measure: str) -> tuple[float | None, str]:
    """Return how far answers differed so far, where there are enough to say, and in words."""
    scale = _SCALES.get(measure)
    if scale is None:
        return None, ""
    counts = _given(scale)
    total = sum(counts.values())
    if total < _ENOUGH:
        return None, ""
    words = _("as far apart as the {n} answers in the log").format(n=labels.number(total))
    return spread_of(measure, counts), words


def _given(scale: str) -> dict[int, int]:
    """Return how often each answer was given on a scale, in the whole log."""
    from percorso.metrics.answers import answers

    log = company.log()
    if log.summary().interactions == 0:
        return {}
    table = answers(log)
    counted = (
        table.filter(table.scale == scale)
        .group_by("score")
        .agg(times=lambda each: each.count())
        .to_pyarrow()
    )
    return {
        round(score): times
        for score, times in zip(
            counted["score"].to_pylist(), counted["times"].to_pylist(), strict=True
        )
    }
