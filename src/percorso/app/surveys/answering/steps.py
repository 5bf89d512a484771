"""One step of somebody through a survey: what is shown, what was said, and what comes next.

A step that only looks (GET) keeps nothing: programs that check mail open every link.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

import msgspec

from percorso.app.surveys.answering import courses, holding, known
from percorso.app.surveys.answering.counting import count
from percorso.app.surveys.answering.sheets import Sheet
from percorso.app.surveys.answering.ways import Way
from percorso.app.surveys.errors import SpentError
from percorso.surveys import Answers, Course, Survey, Walk, as_plain, check_form, from_plain, new_id
from percorso.surveys.checking_answers import Mistake
from percorso.surveys.model import AnyQuestion, Ending
from percorso.surveys.walking import Screen

Form = Mapping[str, Sequence[str]]
#: How the key of a way begins that is only tried out: nothing of it is kept.
TEST: Final = "p:"
#: What somebody pressed: to go on, to go back, to read it in another language.
Press = Literal["on", "back", "language"]


@dataclass(frozen=True, slots=True)
class Page:
    """A page to show. ``form`` is what stands in its fields where they were filled in wrongly.

    ``preselected`` says that the fields were filled by the link, and nobody has confirmed it.
    ``before`` says that there is a page to go back to.
    """

    survey: Survey
    sheet: Sheet
    screen: Screen
    walk: Walk
    answers: Answers
    before: bool
    mistakes: tuple[Mistake, ...] = ()
    form: Form = field(default_factory=dict)
    preselected: bool = False


@dataclass(frozen=True, slots=True)
class Finished:
    """A survey that was answered to its end. ``answers`` are those that count."""

    survey: Survey
    sheet: Sheet
    answers: Answers
    ending: Ending | None


def begin(
    way: Way, course: Course, language: str, picked: Form, *, counts: bool = True
) -> Page | Finished:
    """Return the page to show to whoever opens a link; ``picked`` is what the link chooses."""
    sheet = known.unfinished(way, course) or Sheet(
        way=way.key,
        survey=course.survey.id,
        version=course.survey.version,
        language=language,
        response=way.response or new_id(),
    )
    resumed = courses.course(sheet.survey, sheet.version) if counts else course
    if resumed is None:
        raise SpentError
    page = _next(resumed, replace_sheet(sheet, language=language), None, counts=counts)
    if isinstance(page, Finished) or not picked:
        return page
    return _preselected(page, picked)


def step(course: Course, way: Way, sheet: Sheet, form: Form, press: Press) -> Page | Finished:
    """Return what comes after somebody pressed a button, with what they said kept.

    Raises SpentError where the page is not of this way, and what the inbox raises.
    """
    survey = course.survey
    test = sheet.way.startswith(TEST)
    if sheet.way != way.key or (way.response and sheet.response != way.response):
        raise SpentError
    if (sheet.survey, sheet.version) != (survey.id, survey.version):
        raise SpentError
    questions = [each for each in survey.questions if each.id in sheet.asked]
    before = from_plain(survey.questions, dict(sheet.answers))
    checked = check_form(questions, form)
    if press != "on":
        # What is half done comes along, without being asked for.
        given = {name: value for name, value in checked.answers.items() if value is not None}
        return _aside(course, sheet, {**before, **given}, press)
    here = _screen_of(course, sheet, before)
    if not checked.right:
        again = _shown(course, sheet, before, here)
        return replace(again, mistakes=checked.mistakes, form=form)
    gone_on = replace_sheet(sheet, answers=as_plain({**before, **checked.answers}))
    page = _next(course, gone_on, here.number + 1, counts=not test)
    if not test:
        _keep(way, page, begun=bool(sheet.answers))
        count(survey, (), [name for name, value in checked.answers.items() if value is not None])
    return page


def replace_sheet(sheet: Sheet, **changes: Any) -> Sheet:
    """Return a sheet with changes."""
    return msgspec.structs.replace(sheet, **changes)


def _keep(way: Way, page: Page | Finished, *, begun: bool) -> None:
    survey, sheet = page.survey, page.sheet
    if isinstance(page, Finished):
        if survey.anonymous:
            holding.hold(way, survey, page.answers, sheet.response, sheet.language)
        else:
            given = (way, survey, page.answers, sheet.response, sheet.language)
            known.send_in(*given, begun=begun)
    elif not survey.anonymous:
        known.keep(way, sheet)


def _next(course: Course, sheet: Sheet, number: int | None, *, counts: bool) -> Page | Finished:
    """Return a screen by its number, or the first that was not answered; or the end.

    Whoever went back sees the screens between once more, filled in.
    """
    answers = from_plain(course.survey.questions, dict(sheet.answers))
    walk = course.walk(answers)
    screens = walk.screens if number is None else walk.screens[: number + 1]
    if not screens or (walk.screen is None and (number is None or number >= len(walk.screens))):
        return Finished(course.survey, sheet, walk.answers, walk.ending)
    screen = screens[-1]
    if counts:
        count(course.survey, [each.id for each in screen.questions], ())
    return _shown(course, sheet, walk.answers, screen)


def _shown(course: Course, sheet: Sheet, answers: Answers, screen: Screen) -> Page:
    walk = course.walk(answers)
    asked = tuple(each.id for each in screen.questions)
    return Page(
        survey=course.survey,
        sheet=replace_sheet(sheet, asked=asked, answers=as_plain(answers)),
        screen=screen,
        walk=_up_to(walk, screen),
        answers=answers,
        before=screen.number > 0,
    )


def _up_to(walk: Walk, screen: Screen) -> Walk:
    """Return a walk as it was when it came to a screen: how far somebody is who went back."""
    passed = sum(len(each.questions) for each in walk.screens[: screen.number])
    return replace(walk, done=passed, ahead=walk.done + walk.ahead - passed)


def _aside(course: Course, sheet: Sheet, answers: Answers, press: Press) -> Page:
    """Return the page before, or the same again in another language."""
    screen = _screen_of(course, sheet, answers)
    if press == "back" and screen.number > 0:
        screen = course.walk(answers).screens[screen.number - 1]
    return _shown(course, sheet, answers, screen)


def _screen_of(course: Course, sheet: Sheet, answers: Answers) -> Screen:
    """Return the screen that a sheet shows. Raises SpentError where there is none any more."""
    without = {name: value for name, value in answers.items() if name not in sheet.asked}
    walk = course.walk(without)
    if walk.screen is None:
        raise SpentError
    return walk.screen


def _preselected(page: Page, picked: Form) -> Page:
    """Return a page with what the link chooses filled in, as far as it makes sense."""
    questions: list[AnyQuestion] = [each for each in page.screen.questions if _named(each, picked)]
    given = check_form(questions, picked).answers
    given = {name: value for name, value in given.items() if value is not None}
    if not given:
        return page
    return replace(page, answers={**page.answers, **given}, preselected=True)


def _named(question: AnyQuestion, picked: Form) -> bool:
    return any(each == question.id or each.startswith(f"{question.id}.") for each in picked)
