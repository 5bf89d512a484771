"""Walks through a survey page by page: what is asked next, what was passed, how far it is.

A survey is walked from its first question whenever it is asked, from the answers alone: nothing
else has to be remembered between two pages, and who goes back and answers otherwise is led on from
there. Answers to questions that are then no longer asked count for nothing.

Questions stand together as the layout says, except where that cannot be: a page ends before a
question that depends on an answer of the same page, and after a question that may jump. So every
survey works without a script in every layout.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from percorso.surveys.answers import Answers, Value, places_of
from percorso.surveys.logic import Condition, asked_of
from percorso.surveys.model import END, AnyQuestion, Ending, Survey
from percorso.surveys.parsing import parse

#: A condition, and the place in the survey that it leads to; one past the last is the end.
_Leap: TypeAlias = tuple[Condition, int]


@dataclass(frozen=True, slots=True)
class Screen:
    """Questions asked at once. ``number`` counts from 0, ``page`` too: that of the layout."""

    number: int
    page: int
    questions: tuple[AnyQuestion, ...]


@dataclass(frozen=True, slots=True)
class Walk:
    """Where somebody is.

    ``screens`` are those passed, and the one to answer next where there is one, which is
    ``screen``. ``answers`` are those that count: of questions on the way. ``done`` questions were
    passed and at most ``ahead`` are to come, those of ``screen`` among them.
    """

    screens: tuple[Screen, ...]
    screen: Screen | None
    answers: Answers
    done: int
    ahead: int
    ending: Ending | None

    @property
    def finished(self) -> bool:
        return self.screen is None

    @property
    def progress(self) -> float:
        """Return how far they are, 0 to 1. It never goes back while they go on."""
        return self.done / (self.done + self.ahead) if self.done + self.ahead else 1.0


class Course:
    """A survey with its conditions read, to be walked by many."""

    def __init__(self, survey: Survey) -> None:
        """Read the conditions. Raises LogicError where one cannot be read: see ``problems``."""
        self.survey = survey
        self._pages = survey.page_numbers()
        self._indexes = {each.id: index for index, each in enumerate(survey.questions)}
        places = places_of(survey.questions)
        earlier: dict[str, object] = {}
        self._shown: list[Condition] = []
        self._leaps: list[tuple[_Leap, ...]] = []
        for index, each in enumerate(survey.questions):
            known = {name: place for name, place in places.items() if place.question in earlier}
            self._shown.append(parse(each.show_if, known))
            earlier[each.id] = None
            known = {name: place for name, place in places.items() if place.question in earlier}
            self._leaps.append(
                tuple(
                    (parse(jump.when, known), self._target(jump.to, index)) for jump in each.jumps
                )
            )
        self._endings = tuple((parse(each.show_if, places), each) for each in survey.endings)
        self._asked = [asked_of(each) for each in self._shown]

    def _target(self, to: str, after: int) -> int:
        """Return where a jump leads. One that leads back, or nowhere, leads to the next."""
        found = len(self.survey.questions) if to == END else self._indexes.get(to, 0)
        return max(found, after + 1)

    def walk(self, answers: Answers) -> Walk:
        """Return where somebody is who gave these answers."""
        return _Going(self, answers).walk()

    # What a walk asks

    def shown(self, index: int, answers: Answers) -> bool:
        return self._shown[index].holds(answers)

    def belongs(self, index: int, together: list[int]) -> bool:
        """Say whether a question can stand on a screen with those before it."""
        asked = self._asked[index]
        here = self._pages[index] == self._pages[together[-1]]
        return here and not any(self.survey.questions[each].id in asked for each in together)

    def may_jump(self, index: int) -> bool:
        return bool(self._leaps[index])

    def after(self, index: int, answers: Answers) -> int:
        """Return the place to go on at, after a question was passed."""
        return next((to for when, to in self._leaps[index] if when.holds(answers)), index + 1)

    def possible(self, start: int, answers: Answers) -> int:
        """Return how many questions from ``start`` on may still be asked."""
        settled = {each.id for each in self.survey.questions[:start]}
        return sum(
            not (self._asked[index] <= settled) or self.shown(index, answers)
            for index in range(start, len(self.survey.questions))
        )

    def screen(self, number: int, indexes: list[int]) -> Screen:
        questions = tuple(self.survey.questions[each] for each in indexes)
        return Screen(number, self._pages[indexes[0]], questions)

    def ending(self, answers: Answers) -> Ending | None:
        return next((each for when, each in self._endings if when.holds(answers)), None)


class _Going:
    """One walk, from the first question to the first screen that was not answered whole."""

    def __init__(self, course: Course, answers: Answers) -> None:
        self._course = course
        self._given: Mapping[str, Value | None] = answers
        self._kept: dict[str, Value | None] = {}
        self._passed: list[Screen] = []
        self._done = 0

    def walk(self) -> Walk:
        questions = self._course.survey.questions
        start = 0
        while start < len(questions):
            indexes, following = self._together(start)
            if not indexes:
                break
            screen = self._course.screen(len(self._passed), indexes)
            asked = [questions[each].id for each in indexes]
            self._kept.update({each: self._given[each] for each in asked if each in self._given})
            if not all(each in self._kept for each in asked):
                return self._stopped(screen, indexes[0])
            self._passed.append(screen)
            self._done += len(indexes)
            leaps = self._course.may_jump(indexes[-1])
            start = self._course.after(indexes[-1], self._kept) if leaps else following
        ending = self._course.ending(self._kept)
        return Walk(tuple(self._passed), None, self._kept, self._done, 0, ending)

    def _together(self, start: int) -> tuple[list[int], int]:
        """Return the questions of the next screen, and the place after them."""
        found: list[int] = []
        for index in range(start, len(self._course.survey.questions)):
            if found and not self._course.belongs(index, found):
                return found, index
            if not self._course.shown(index, self._kept):
                continue
            found.append(index)
            if self._course.may_jump(index):
                return found, index + 1
        return found, len(self._course.survey.questions)

    def _stopped(self, screen: Screen, start: int) -> Walk:
        settled = {
            name: value for name, value in self._kept.items() if name not in screen_ids(screen)
        }
        ahead = self._course.possible(start, settled)
        return Walk((*self._passed, screen), screen, self._kept, self._done, ahead, None)


def screen_ids(screen: Screen) -> frozenset[str]:
    """Return the ids of the questions of a screen."""
    return frozenset(each.id for each in screen.questions)
