"""Results as tables for a spreadsheet: the figures, and the responses one by one."""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, Final

from percorso.app.surveys.results.shown import say
from percorso.app.ui.components import is_few
from percorso.survey_results import Results
from percorso.surveys import Survey
from percorso.surveys.model import parts_of
from percorso.vocabulary import Estimate

COLUMNS: Final = (
    "question", "part", "words", "figure", "answer", "answers", "people", "value", "low", "high",
    "weighted_value", "weighted_low", "weighted_high",
)  # fmt: skip
_NONE: Final = (None, None, None)


def figures(results: Results) -> Iterator[tuple[Any, ...]]:
    """Yield a row for each figure; what is of too few people has no value."""
    rate = results.response_rate
    if rate is not None:
        rated = (_told(rate.answered), _told(rate.invited), *_three(rate.rate))
        yield ("", "", "", "response_rate", "", *rated, *_NONE)
    for step in results.steps:
        counted = (step.answered, step.shown)
        name = f"answered_of_shown_v{step.version}"
        share = _three(step.answered_share)
        yield (step.question, "", say(step.text), name, "", *counted, *share, *_NONE)
    for question in results.questions:
        for part in question.parts:
            about = (question.id, part.part, say(part.text) or say(question.text))
            people = _told(part.people)
            if part.estimate is not None:
                both = (*_three(part.estimate), *_three(part.weighted))
                answers = None if people is None else part.answers
                yield (*about, part.metric, "", answers, people, *both)
            for cell in part.distribution:
                shares = (*_three(cell.share), *_three(cell.weighted))
                yield (*about, "share", cell.value, cell.answers, people, *shares)


def _told(count: int) -> int | None:
    return None if is_few(count) else count


def _three(given: Estimate | None) -> tuple[float | None, float | None, float | None]:
    if given is None or not given.shown:
        return _NONE
    return given.value, given.low, given.high


def about(survey: Survey) -> tuple[str, ...]:
    """Return what stands before the answers: of an anonymous survey, less."""
    known = ("customer", "at") if not survey.anonymous else ("day",)
    return ("response", *known, "version", "language", "channel", "touchpoint")


def columns_of(survey: Survey) -> list[tuple[str, str]]:
    """Return a column for each question and each part of one: its name, and where it is found."""
    columns = []
    for each in survey.questions:
        parts = parts_of(each) if each.type in ("pyramid", "matrix") else ()
        for part in parts or ("",):
            name = f"{each.id}.{part}" if part else each.id
            columns.append((name, name))
    return columns


def responses(survey: Survey, rows: Iterable[Mapping[str, Any]]) -> Iterator[list[Any]]:
    """Yield a row for each response. ``rows`` are of the log, those of one response together."""
    columns = [name for name, _path in columns_of(survey)]
    for response, answers in groupby(rows, key=lambda row: str(row["id"]).split(":")[1]):
        given: dict[str, Any] = {}
        last: Mapping[str, Any] = {}
        version = ""
        for row in answers:
            properties = _properties(row)
            part = properties.get("part")
            name = str(properties.get("question", ""))
            given[f"{name}.{part}" if part else name] = _answer(row, properties)
            version, last = properties.get("version", ""), row
        when = (
            [last["at"].date().isoformat()]
            if survey.anonymous
            else [last["customer"], last["at"].isoformat(timespec="seconds")]
        )
        yield [
            response,
            *when,
            version,
            last["language"],
            last["channel"],
            last["touchpoint"],
            *(given.get(each) for each in columns),
        ]


def _properties(row: Mapping[str, Any]) -> dict[str, Any]:
    given = row["properties"]
    found = json.loads(given) if isinstance(given, str) and given else given or {}
    return dict(found)


def _answer(row: Mapping[str, Any], properties: Mapping[str, Any]) -> Any:
    if row["score"] is not None:
        return round(row["score"])
    if row["text"]:
        return row["text"]
    for name in ("choice", "value", "day"):
        if properties.get(name) is not None:
            return properties[name]
    if isinstance(properties.get("choices"), list):
        return ", ".join(map(str, properties["choices"]))
    contact = properties.get("contact")
    if isinstance(contact, dict):
        return ", ".join(str(each) for each in contact.values())
    return properties.get("choices") or ""
