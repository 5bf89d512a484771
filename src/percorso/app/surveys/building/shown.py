"""A survey as its pages show it: the frame with its tabs, and the questions in order."""

from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from percorso import labels
from percorso.app.surveys import queries as ways
from percorso.app.surveys.building import conditions, edits, places, queries
from percorso.app.surveys.building.places import ProblemShown
from percorso.app.surveys.building.words import type_name
from percorso.app.surveys.results.answered import Answered
from percorso.app.ui.access import may_build_surveys
from percorso.app.ui.components import few_or, is_few
from percorso.i18n import current_language
from percorso.i18n import gettext as _
from percorso.surveys import Survey, problems, state
from percorso.surveys.model import END, LEVELS, AnyQuestion, Contact, Matrix, Open, ends_of


@dataclass(frozen=True, slots=True)
class Tab:
    words: str
    address: str
    current: bool


@dataclass(frozen=True, slots=True)
class Words:
    """A text in one language."""

    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Led:
    """Where a question's answer leads: when, and the name of what comes then."""

    when: str
    to: str
    anchor: str


@dataclass(frozen=True, slots=True)
class QuestionShown:
    """A question in the list. ``answers`` are the words of what can be answered."""

    id: str
    address: str
    number: int
    type: str
    type_words: str
    words: str
    others: tuple[Words, ...]
    answers: tuple[str, ...]
    scale: tuple[str, str, int, int] | None
    required: bool
    shown_if: str
    leads: tuple[Led, ...]
    problems: tuple[str, ...]
    page: int
    begins: bool
    page_title: str
    first: bool
    last: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """A survey in the list. ``answered`` and ``last`` are empty where nobody answered."""

    row: queries.Row
    types: str
    languages: str
    answered: str
    last: str


def listed(row: queries.Row, so_far: Answered | None, zone: tzinfo, *, known: bool) -> Listed:
    """Return a survey as the list shows it.

    Where fewer than 5 people answered, only who may see customers (``known``) is told how many and
    when; of an anonymous survey nobody is.
    """
    answered = last = ""
    if so_far is not None:
        told = not is_few(so_far.people) or (known and not row.anonymous)
        answered = labels.number(so_far.responses) if told else few_or(so_far.people)
        last = labels.day(so_far.last, zone) if told else ""
    return Listed(
        row,
        ", ".join(type_name(kind) for kind in row.types),
        ", ".join(labels.language(code) for code in row.languages),
        answered,
        last,
    )


def frame(request: HttpRequest, survey: Survey, current: str) -> dict[str, Any]:
    """Return what the head of every page of a survey shows."""
    asked = queries.published(survey.id)
    found = () if survey.published else problems(survey)
    builds = may_build_surveys(request.user)
    language = current_language()
    return {
        "survey": survey,
        "survey_title": queries.title(survey),
        "tabs": _tabs(survey, current, builds=builds),
        "asked": asked,
        "is_asked": survey.id in ways.asking([survey.id]),
        "broken": queries.broken(survey.id) if builds else (),
        "state": state(survey),
        "draft": not survey.published,
        "problems": places.shown_problems(survey, found, language) if builds else (),
        "hints": places.hints(survey) if builds else (),
        "languages_in_words": ", ".join(labels.language(each) for each in survey.languages),
    }


def _tabs(survey: Survey, current: str, *, builds: bool) -> tuple[Tab, ...]:
    names = {"one": _("Questions")}
    if builds:
        names |= {
            "settings": _("Words and pages"),
            "endings": _("Thanks"),
            "look": _("Look"),
        }
    names |= {"try": _("Try it"), "ask": _("Ask"), "results": _("Results")}
    names["versions"] = _("Versions")
    # A survey may have been asked once, long ago: its results begin with all of them.
    query = {"results": "?period=all"}
    return tuple(
        Tab(
            words,
            reverse(f"surveys:{name}", args=[survey.id]) + query.get(name, ""),
            name == current,
        )
        for name, words in names.items()
    )


def questions(survey: Survey) -> tuple[QuestionShown, ...]:
    """Return the questions in their order."""
    language = current_language()
    shown_in = survey.language_for(language)
    found = () if survey.published else problems(survey)
    pages = survey.page_numbers()
    titles = [survey.say(page.title, shown_in) for page in survey.pages]
    rows = []
    for index, each in enumerate(survey.questions):
        begins = index == 0 or pages[index] != pages[index - 1]
        page = pages[index]
        at = f"questions.{each.id}"
        rows.append(
            QuestionShown(
                id=each.id,
                address=places.edit_address(survey, each.id),
                number=index + 1,
                type=each.type,
                type_words=type_name(each.type),
                words=survey.say(each.text, shown_in),
                others=tuple(
                    Words(other, each.text.get(other, ""))
                    for other in survey.languages
                    if other != shown_in and each.text.get(other) != survey.say(each.text, shown_in)
                ),
                answers=_answers(survey, each, shown_in),
                scale=_scale(survey, each, shown_in),
                required=each.required,
                shown_if=conditions.said(survey, each.show_if, survey.questions[:index], shown_in)
                if each.show_if.strip()
                else "",
                leads=_leads(survey, index, shown_in),
                problems=tuple(
                    _problem(survey, problem, shown_in, at)
                    for problem in places.shown_problems(
                        survey, [p for p in found if _is_at(p.where, at)], shown_in
                    )
                ),
                page=page + 1,
                begins=begins and survey.layout == "pages",
                page_title=titles[page] if page < len(titles) else "",
                first=index == 0,
                last=index == len(survey.questions) - 1,
            )
        )
    return tuple(rows)


def _is_at(where: str, at: str) -> bool:
    return where == at or where.startswith(f"{at}.")


def _problem(survey: Survey, problem: ProblemShown, language: str, at: str) -> str:
    """Return a problem without its question, under which it stands."""
    question = places.where(survey, at, language)
    place = problem.where.removeprefix(question).removeprefix(" · ")
    return f"{place}: {problem.what}" if place else problem.what


def _answers(survey: Survey, question: AnyQuestion, language: str) -> tuple[str, ...]:
    options = conditions.options_in_words(survey, question, language)
    if options:
        return tuple(words for _id, words in options)
    if isinstance(question, Matrix):
        return tuple(survey.say(each.text, language) or each.id for each in question.rows)
    if question.type == "pyramid":
        return tuple(conditions.level(each) for each in LEVELS)
    if isinstance(question, Contact):
        words = {"name": _("Name"), "email": _("E-mail address"), "phone": _("Phone")}
        return tuple(words[each] for each in question.parts)
    if isinstance(question, Open):
        return (_("up to {n} characters").format(n=labels.number(question.longest)),)
    return ()


def _scale(
    survey: Survey, question: AnyQuestion, language: str
) -> tuple[str, str, int, int] | None:
    ends = ends_of(question)
    low, high = getattr(question, "low", None), getattr(question, "high", None)
    if ends is None or low is None or high is None:
        return None
    return (survey.say(low, language), survey.say(high, language), *ends)


def _leads(survey: Survey, index: int, language: str) -> tuple[Led, ...]:
    known = survey.questions[: index + 1]
    leads = []
    for jump in survey.questions[index].jumps:
        target = survey.question(jump.to)
        if jump.to == END:
            to, anchor = _("the end"), ""
        elif target is None:
            to, anchor = jump.to, ""
        else:
            number = edits.index_of(survey, jump.to) + 1
            to = f"{number}. {conditions.shown(survey, target, language)}"
            anchor = places.anchor(jump.to)
        when = conditions.said(survey, jump.when, known, language) if jump.when.strip() else ""
        leads.append(Led(when, to, anchor))
    return tuple(leads)
