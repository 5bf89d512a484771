"""What was answered to each question: scores, distributions, and how wordings compare."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from percorso.estimation import MIN_SHOWN, adjust
from percorso.metrics import GroupScore
from percorso.metrics.definitions import Metric
from percorso.metrics.groups import against_rest, estimates, shown_groups
from percorso.survey_results.definitions import Same
from percorso.survey_results.model import Cell, Part, QuestionResult, Texts, Wording
from percorso.survey_results.pmf import missed_by, verdict
from percorso.survey_results.pyramid import pyramid
from percorso.survey_results.reading import Rows, Words
from percorso.survey_results.scoring import (
    SHARE,
    metric_of,
    overall,
    share,
    tally_of,
    visible,
    worths,
)
from percorso.surveys import Survey
from percorso.surveys.model import (
    PMF_OPTIONS,
    AnyQuestion,
    Choice,
    Consent,
    Contact,
    Date,
    Matrix,
    Multiple,
    Open,
    Pmf,
    Pyramid,
    ends_of,
    parts_of,
)
from percorso.vocabulary import Estimate

if TYPE_CHECKING:
    from percorso.survey_results.said import Said
    from percorso.survey_results.weighting import Weights

#: The only answer there is to a request for consent or for an address.
GIVEN: Final = "given"


def result_of(
    same: Same,
    rows: Rows,
    versions: tuple[Survey, ...],
    weights: "Weights | None",
    said: "Said",
) -> QuestionResult:
    """Return the result of a question; ``rows`` are the answers to the whole survey."""
    known = [each.version for each in versions]
    mine = rows.take(same.rows(rows, known))
    question = same.latest
    answered = isinstance(question, Pmf) and len(mine)
    return QuestionResult(
        id=same.id,
        type=question.type,
        text=question.text,
        versions=tuple(version for version, _ in same.versions),
        wordings=_wordings(same, mine),
        answers=mine.responses,
        people=mine.people,
        parts=tuple(_parts(same, mine, _asked(same, rows), weights)),
        said=said.of(mine) if isinstance(question, Open) and len(mine) else None,
        pmf=verdict(mine, missed_by(same.id, mine, rows, versions, said)) if answered else None,
        pyramid=pyramid(question, mine, weights) if isinstance(question, Pyramid) else None,
    )


def _asked(same: Same, rows: Rows) -> Rows:
    """Return one row of each response to a version that has the question."""
    mine = np.isin(rows.version.codes, _places(rows.version, (str(v) for v, _ in same.versions)))
    there = rows.take(mine)
    _, first = np.unique(there.response.codes, return_index=True)
    return there.take(first)


def _places(words: Words, names: Iterable[str]) -> list[int]:
    return [words.names.index(each) for each in names if each in words.names]


def _wordings(same: Same, rows: Rows) -> tuple[Wording, ...]:
    asked = [rows.take(rows.wording.where(mark)) for mark in same.marks]
    shown = visible([each.people for each in asked], parts=True)
    return tuple(
        Wording(
            mark,
            versions,
            same.question_of(versions[-1]).text,
            each.responses if may else None,
        )
        for (mark, versions), each, may in zip(same.marks.items(), asked, shown, strict=True)
    )


def _parts(same: Same, rows: Rows, asked: Rows, weights: "Weights | None") -> Iterable[Part]:
    question = same.latest
    if isinstance(question, Open):
        return
    if isinstance(question, Contact | Consent):
        yield _given(question, rows, asked)
        return
    names = parts_of(question) if isinstance(question, Pyramid | Matrix) else ("",)
    for name in (*names, *_former(names, rows)):
        mine = rows.take(rows.part.where(name)) if names != ("",) else rows
        metric = metric_of(question, name)
        yield _part(same, name, metric, mine, weights)


def _former(names: Sequence[str], rows: Rows) -> list[str]:
    """Return the rows of a matrix that only earlier versions have."""
    if names == ("",):
        return []
    return [each for each in rows.part.names if each not in names and rows.part.where(each).any()]


def _part(
    same: Same, name: str, metric: Metric | None, rows: Rows, weights: "Weights | None"
) -> Part:
    customer = rows.customer.codes
    question = same.latest
    estimate = weighted = None
    wordings: tuple[GroupScore, ...] = ()
    if metric is not None:
        worth = worths(metric, rows.number)
        estimate = overall(metric, worth, customer)
        weighted = weights.estimate(metric, worth, rows.response.codes) if weights else None
        wordings = _by_wording(metric, worth, rows)
    ends = ends_of(question)
    return Part(
        part=name,
        text=_words_of_part(same, name),
        metric=metric.name if metric else "",
        points=ends[1] if ends else None,
        answers=rows.responses,
        people=rows.people,
        estimate=estimate,
        weighted=weighted,
        distribution=_distribution(same, rows, weights),
        wordings=wordings,
    )


def _given(question: AnyQuestion, rows: Rows, asked: Rows) -> Part:
    """Return how many gave a consent or an address, of all who answered a version that asks."""
    gave = np.isin(asked.response.codes, rows.response.codes)
    [shown] = visible([rows.people], parts=False)
    found = share(gave, asked.customer.codes)
    cell = Cell(
        GIVEN,
        {},
        rows.responses if shown else None,
        found if shown else Estimate.hidden(found.n, found.method),
    )
    return Part("", question.text, "", None, rows.responses, rows.people, None, None, (cell,))


def _by_wording(metric: Metric, worth: NDArray[np.float64], rows: Rows) -> tuple[GroupScore, ...]:
    """Return the score of each wording, against the others; none where there was only one."""
    found = tally_of(metric, worth, rows.customer.codes, rows.wording.codes, rows.wording.names)
    if len(found.groups) < 2:
        return ()
    shown = shown_groups(found)
    rest = against_rest(found, shown)
    p_values = iter(adjust([each.p_value for each in rest if each], method="holm"))
    return tuple(
        GroupScore(
            metric.name, mark, int(people), estimate, test, float(next(p_values)) if test else None
        )
        for mark, people, estimate, test in zip(
            found.groups, found.customers, estimates(found, shown), rest, strict=True
        )
    )


def _words_of_part(same: Same, name: str) -> Texts:
    for _, question in reversed(same.versions):
        if isinstance(question, Pyramid) and name:
            return question.level(name).text
        if isinstance(question, Matrix):
            found = next((each.text for each in question.rows if each.id == name), None)
            if found is not None:
                return found
    return same.latest.text if not name else {}


def _distribution(same: Same, rows: Rows, weights: "Weights | None") -> tuple[Cell, ...]:
    question = same.latest
    if isinstance(question, Choice | Multiple):
        words = _options(same)
    elif isinstance(question, Pmf):
        words = {each: question.answers.of(each) for each in PMF_OPTIONS}
    else:
        words = {}
    hits = _hits(question, rows, words)
    people = [int(np.unique(rows.customer.codes[hit]).size) for hit in hits.values()]
    # Of so few, what nobody answered tells what the others did.
    few = 0 < rows.people < MIN_SHOWN
    shown = visible(people, parts=not isinstance(question, Multiple))
    return tuple(
        _cell(
            value, words.get(value, {}), hit, rows, weights if may else None, shown=may and not few
        )
        for (value, hit), may in zip(hits.items(), shown, strict=True)
    )


def _cell(
    value: str,
    text: Texts,
    hit: NDArray[np.bool_],
    rows: Rows,
    weights: "Weights | None",
    *,
    shown: bool,
) -> Cell:
    customer = rows.customer.codes
    found = share(hit, customer)
    return Cell(
        value,
        text,
        int(hit.sum()) if shown else None,
        found if shown else Estimate.hidden(found.n, found.method),
        weights.estimate(SHARE, 100.0 * hit, rows.response.codes) if weights else None,
    )


def _options(same: Same) -> dict[str, Texts]:
    """Return the options of all versions, the latest's first."""
    found: dict[str, Texts] = {}
    for _, question in reversed(same.versions):
        if isinstance(question, Choice | Multiple):
            for option in question.options:
                found.setdefault(option.id, option.text)
    return found


def _hits(
    question: AnyQuestion, rows: Rows, words: Mapping[str, Texts]
) -> dict[str, NDArray[np.bool_]]:
    """Return for each answer there can be which rows gave it, in the order to show them."""
    if isinstance(question, Multiple):
        return _several(rows, words)
    if isinstance(question, Date):
        months = np.array([*(each[:7] for each in rows.day.names), ""])[rows.day.codes]
        return {str(each): months == each for each in np.unique(months) if each}
    if words:
        return {each: rows.choice.where(each) for each in words}
    low, high = ends_of(question) or (0, -1)
    return {str(each): rows.number == each for each in range(low, high + 1)}


def _several(rows: Rows, words: Mapping[str, Texts]) -> dict[str, NDArray[np.bool_]]:
    """Return who chose each option, where several can be chosen."""
    chosen = [_listed(each) for each in rows.choices.names]
    return {
        option: np.array([*(option in each for each in chosen), False])[rows.choices.codes]
        for option in words
    }


def _listed(text: str) -> frozenset[str]:
    try:
        found = json.loads(text)
    except ValueError:
        return frozenset()
    return frozenset(map(str, found)) if isinstance(found, list) else frozenset()
