"""Whether the conditions of a survey can be read, and every question can be reached.

A question is called unreachable only where that is sure: its own condition cannot hold whatever is
answered, or every way to it jumps past it. Conditions are tried with each answer that makes a
difference to them; one that asks about too much to try is taken to be possible.
"""

import itertools
from collections.abc import Iterator, Mapping
from typing import Any, Final

from percorso.surveys.answers import Place, Value, places_of
from percorso.surveys.errors import LogicError
from percorso.surveys.logic import ALWAYS, AllOf, Compared, Condition, Not, leaves
from percorso.surveys.model import END, Question, Survey
from percorso.surveys.parsing import did_you_mean, parse
from percorso.surveys.problem import Problem
from percorso.vocabulary.phrases import N_, Phrase

#: So many ways to answer what a condition asks about are tried.
_MOST_TRIED: Final = 20_000
#: So many comparisons are made for a whole survey: about a second.
_PATIENCE: Final = 1_000_000


def problems(survey: Survey) -> Iterator[Problem]:
    """Yield what is wrong with the conditions and jumps of a survey."""
    reader = _Conditions(survey)
    yield from reader.problems
    if not reader.problems:
        yield from _Reaching(survey, reader).problems()


class _Conditions:
    """The conditions of a survey, read, with what is wrong with them."""

    def __init__(self, survey: Survey) -> None:
        self.problems: list[Problem] = []
        self.places = places_of(survey.questions)
        #: Of each question: its condition, and its jumps with where they lead.
        self.shown: list[Condition] = []
        self.jumps: list[list[tuple[Condition, int]]] = []
        order = {each.id: index for index, each in enumerate(survey.questions)}
        known: dict[str, Place] = {}
        for index, each in enumerate(survey.questions):
            at = f"questions.{each.id[:60]}"
            self.shown.append(self._read(f"{at}.show_if", each.show_if, known))
            known = known | places_of([each])
            self.jumps.append(self._read_jumps(at, each, index, order, known))
        for number, ending in enumerate(survey.endings, 1):
            self._read(f"endings.{number}.show_if", ending.show_if, known)
        if survey.endings and survey.endings[-1].show_if.strip():
            rule = N_("the last ending is for everybody else: it takes no condition")
            self.problems.append(Problem(f"endings.{len(survey.endings)}.show_if", Phrase(rule)))

    def _read(self, where: str, text: str, known: Mapping[str, Place]) -> Condition:
        try:
            return parse(text, known)
        except LogicError as error:
            self.problems.append(Problem(where, _rule(error)))
            return ALWAYS

    def _read_jumps(
        self,
        at: str,
        question: Question,
        index: int,
        order: Mapping[str, int],
        known: Mapping[str, Place],
    ) -> list[tuple[Condition, int]]:
        found = []
        for number, jump in enumerate(question.jumps, 1):
            target = len(order) if jump.to == END else order.get(jump.to, -1)
            if target <= index:
                later = [name for name, place in order.items() if place > index]
                hint = did_you_mean(jump.to[:60], (*later, END))
                values = {"name": jump.to[:60], "hint": hint}
                rule = N_("“{name}” is no later question.{hint}")
                self.problems.append(Problem(f"{at}.jumps.{number}.to", Phrase(rule, values)))
            when = self._read(f"{at}.jumps.{number}.when", jump.when, known)
            found.append((when, target))
        return found


def _rule(error: LogicError) -> Phrase:
    """Return what a condition's error says. Its words are in the current language already."""
    return Phrase(str(error))


class _Reaching:
    """Which questions can be reached."""

    def __init__(self, survey: Survey, found: _Conditions) -> None:
        self._questions = survey.questions
        self._by_id = {each.id: each for each in survey.questions}
        self._found = found
        self._patience = _PATIENCE

    def problems(self) -> Iterator[Problem]:
        reached = {0}
        rule = Phrase(N_("nobody can get here: change what leads past it, or take it out"))
        for index, question in enumerate(self._questions):
            if index not in reached:
                yield Problem(f"questions.{question.id}", rule)
                continue
            asked = self._possible(self._found.shown[index])
            if not asked:
                yield Problem(f"questions.{question.id}.show_if", rule)
            reached.update(self._after(index, asked=asked))

    def _after(self, index: int, *, asked: bool) -> Iterator[int]:
        """Yield the places to which one may go on from a question."""
        shown, jumps = self._found.shown[index], self._found.jumps[index]
        if not jumps or not asked or self._possible(Not(shown)):
            yield index + 1
        if not asked:
            return
        before: list[Condition] = [shown]
        for when, target in jumps:
            if self._possible(AllOf((*before, when))):
                yield target
            before.append(Not(when))
        if jumps and self._possible(AllOf(tuple(before))):
            yield index + 1

    def _possible(self, condition: Condition) -> bool:
        """Say whether some answers fit a condition; True where there are too many to try."""
        if condition == ALWAYS:
            return True
        tried = _worth_trying(condition, self._by_id)
        if tried is None:
            return True
        each_way = sum(1 for _leaf in leaves(condition))
        names = list(tried)
        for values in itertools.product(*tried.values()):
            self._patience -= each_way
            if self._patience < 0 or condition.holds(dict(zip(names, values, strict=True))):
                return True
        return False


def _worth_trying(
    condition: Condition, questions: Mapping[str, Question]
) -> dict[str, list[Value | None]] | None:
    """Return the answers of each question asked about that make a difference; None if too many."""
    asked: dict[str, list[Any]] = {}
    for leaf in leaves(condition):
        asked.setdefault(leaf.place.question, []).append(leaf)
    found: dict[str, list[Value | None]] = {}
    ways = 1
    for name, parts in asked.items():
        values = _values(questions[name], parts)
        ways *= len(values) if values is not None else _MOST_TRIED + 1
        if ways > _MOST_TRIED or values is None:
            return None
        # Who must answer has no blank; who was not asked has.
        found[name] = [None, *values]
    return found


def _values(question: Question, parts: list[Any]) -> list[Value] | None:
    """Return answers that stand for all as far as these parts of a condition can tell."""
    if any(each.place.part for each in parts):
        return _rated(parts)
    place: Place = parts[0].place
    if place.type == "number":
        return list(_numbers(place))
    if place.type == "option":
        return _chosen(question, place, parts)
    if place.type == "day":
        days = {str(each.value) for each in parts if isinstance(each, Compared)}
        return ["1900-01-01", "2199-12-31", *(near for day in days for near in _near(day))]
    return [{"email": "ada@example.org"}] if question.type == "contact" else ["x"]


def _rated(parts: list[Any]) -> list[Value] | None:
    places = {each.place.part: each.place for each in parts if each.place.part}
    ranges = [[None, *_numbers(each)] for each in places.values()]
    ways = 1
    for each in ranges:
        ways *= len(each)
    if ways > _MOST_TRIED:
        return None
    return [
        {name: n for name, n in zip(places, chosen, strict=True) if n is not None}
        # Rows that nothing is asked about may be answered too.
        | {"": 1}
        for chosen in itertools.product(*ranges)
    ]


def _numbers(place: Place) -> range:
    """Return the numbers that answer; of more than a condition can name, the first of them."""
    return range(place.low, min(place.high, place.low + _MOST_TRIED) + 1)


def _chosen(question: Question, place: Place, parts: list[Any]) -> list[Value] | None:
    if question.type != "multiple":
        return list(place.options)
    named = {option for each in parts for option in getattr(each, "options", ())}
    other = [each for each in place.options if each not in named][:1]
    several = [*named, *other]
    if len(several) > 12:
        return None
    return [
        chosen for n in range(1, len(several) + 1) for chosen in itertools.combinations(several, n)
    ]


def _near(day: str) -> Iterator[str]:
    """Yield texts just before, at and just after a day, as they compare."""
    yield day[:-1]
    yield day
    yield f"{day} "
