"""Conditions for whoever makes a survey: usual ones to choose from, and what one says in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from percorso.app import company
from percorso.app.surveys.building.words import type_name
from percorso.i18n import gettext as _
from percorso.surveys import LogicError, Survey, fill
from percorso.surveys.answers import Place, places_of
from percorso.surveys.logic import (
    ALWAYS,
    AllOf,
    Answered,
    AnyOf,
    Chosen,
    Compared,
    Condition,
    Not,
)
from percorso.surveys.model import (
    AnyQuestion,
    Choice,
    Matrix,
    Multiple,
    Pmf,
    Pyramid,
    Question,
)
from percorso.surveys.parsing import parse

_LONGEST: Final = 60


@dataclass(frozen=True, slots=True)
class Pick:
    """A usual condition: as it is written, in words, and the question it is about."""

    rule: str
    words: str
    group: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class ConditionField:
    """A condition in a form: ``name`` of its field, as written, and what may be chosen instead.

    ``said`` is it in words; ``before``, ``wrong`` and ``after`` are its parts around what cannot be
    read, where ``problem`` says what.
    """

    name: str
    text: str
    picks: tuple[Pick, ...]
    listed: bool
    always: str
    said: str = ""
    problem: str = ""
    before: str = ""
    wrong: str = ""
    after: str = ""


def field(
    survey: Survey,
    name: str,
    text: str,
    earlier: Sequence[AnyQuestion],
    language: str,
    *,
    always: str,
) -> ConditionField:
    """Return a condition's field. ``always`` says what an empty one means."""
    picks = tuple(_picks(survey, earlier, language, text.strip()))
    listed = not text.strip() or any(each.chosen for each in picks)
    try:
        found = parse(text, places_of(earlier))
    except LogicError as error:
        end = error.at + (error.length or 1)
        around = (text[: error.at], text[error.at : end] or "…", text[end:])
        return ConditionField(name, text, picks, listed, always, "", str(error), *around)
    said = in_words(found, survey, language) if text.strip() else ""
    return ConditionField(name, text, picks, listed, always, said)


def said(survey: Survey, text: str, earlier: Sequence[AnyQuestion], language: str) -> str:
    """Return a condition in words; as it is written where it cannot be read."""
    try:
        return in_words(parse(text, places_of(earlier)), survey, language)
    except LogicError:
        return text


def in_words(condition: Condition, survey: Survey, language: str) -> str:
    """Return what a condition says, with the words of the survey."""
    if condition == ALWAYS:
        return _("always")
    return _Says(survey, language).whole(condition)


def shown(survey: Survey, question: Question, language: str) -> str:
    """Return the words of a question, short enough to be named by them."""
    words = fill(survey.say(question.text, language), company_fact()).strip()
    return _short(words) if words else f"{type_name(question.type)} ({question.id})"


def company_fact() -> dict[str, str]:
    """Return what is always known, to fill into words."""
    return {"company": company.workspace().settings.company}


def _short(words: str) -> str:
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1].rstrip() + "…"


class _Says:
    def __init__(self, survey: Survey, language: str) -> None:
        self._survey = survey
        self._language = language

    def whole(self, condition: Condition, *, inner: bool = False) -> str:
        if isinstance(condition, AllOf | AnyOf):
            joint = _(" and ") if isinstance(condition, AllOf) else _(" or ")
            words = joint.join(self.whole(each, inner=True) for each in condition.parts)
            return f"({words})" if inner else words
        if isinstance(condition, Not):
            return self._turned(condition.part)
        if isinstance(condition, Answered):
            return self._answered(condition.place, turned=False)
        if isinstance(condition, Compared):
            return self._compared(condition)
        return self._chosen(condition, _("{place} is {value}"))

    def _turned(self, part: Condition) -> str:
        if isinstance(part, Answered):
            return self._answered(part.place, turned=True)
        if isinstance(part, Chosen):
            return self._chosen(part, _("{place} is not {value}"))
        return _("not: {condition}").format(condition=self.whole(part, inner=True))

    def _answered(self, place: Place, *, turned: bool) -> str:
        question = self._survey.question(place.question)
        if question is not None and question.type == "consent":
            words = _("{place} was not agreed to") if turned else _("{place} was agreed to")
        else:
            words = _("{place} was not answered") if turned else _("{place} was answered")
        return words.format(place=self._place(place))

    def _compared(self, condition: Compared) -> str:
        words = {
            "=": _("{place} is {value}"),
            "!=": _("{place} is not {value}"),
            "<": _("{place} is below {value}"),
            "<=": _("{place} is at most {value}"),
            ">": _("{place} is above {value}"),
            ">=": _("{place} is at least {value}"),
        }[condition.sign]
        return words.format(place=self._place(condition.place), value=condition.value)

    def _chosen(self, condition: Chosen, words: str) -> str:
        question = self._survey.question(condition.place.question)
        options = dict(options_in_words(self._survey, question, self._language) if question else ())
        value = _(" or ").join(f"“{options.get(each, each)}”" for each in condition.options)
        return words.format(place=self._place(condition.place), value=value)

    def _place(self, place: Place) -> str:
        question = self._survey.question(place.question)
        if question is None:
            return place.name
        words = f"“{shown(self._survey, question, self._language)}”"
        part = part_in_words(self._survey, question, place.part, self._language)
        return f"{words} ({part})" if part else words


def options_in_words(
    survey: Survey, question: Question, language: str
) -> tuple[tuple[str, str], ...]:
    """Return the options of a question, each with its words."""
    if isinstance(question, Pmf):
        from percorso.surveys.model import PMF_OPTIONS

        return tuple(
            (each, survey.say(question.answers.of(each), language) or each) for each in PMF_OPTIONS
        )
    if isinstance(question, Choice | Multiple):
        return tuple(
            (each.id, _short(survey.say(each.text, language)) or each.id)
            for each in question.options
        )
    return ()


def part_in_words(survey: Survey, question: Question, part: str, language: str) -> str:
    """Return what a level of a pyramid or a row of a matrix is called."""
    if not part:
        return ""
    if isinstance(question, Pyramid):
        return level(part)
    if isinstance(question, Matrix):
        row = next((each for each in question.rows if each.id == part), None)
        return _short(survey.say(row.text, language)) or part if row else part
    return part


def level(name: str) -> str:
    """Return what a level of the pyramid is called."""
    return {"needs": _("Needs met"), "ease": _("Ease"), "enjoyment": _("Enjoyment")}[name]


# What may be chosen


def _picks(
    survey: Survey, earlier: Sequence[AnyQuestion], language: str, text: str
) -> Iterator[Pick]:
    for question in earlier:
        group = shown(survey, question, language)
        for rule, words in _usual(survey, question, language):
            yield Pick(rule, words, group, rule == text)


def _usual(survey: Survey, question: Question, language: str) -> Iterator[tuple[str, str]]:
    for place in places_of([question]).values():
        name = place.name
        part = part_in_words(survey, question, place.part, language)
        if place.type == "number":
            for rule, words in _bands(question.type, name, place.low, place.high):
                yield rule, f"{part}: {words}" if part else words
        elif place.type == "option":
            for option, words in options_in_words(survey, question, language):
                yield f"{name} is {option}", f"“{words}”"
        elif question.type == "consent":
            yield name, _("agreed")
            yield f"not {name}", _("did not agree")
        elif place.type == "yes":
            yield name, _("answered")
            yield f"not {name}", _("left blank, or not asked")


def _bands(type_name: str, name: str, low: int, high: int) -> tuple[tuple[str, str], ...]:
    """Return the usual parts of a scale: low, middle, high."""
    if type_name == "nps":
        return (
            (f"{name} <= 6", _("0 to 6 (detractors)")),
            (f"{name} >= 7 and {name} <= 8", _("7 or 8 (passives)")),
            (f"{name} >= 9", _("9 or 10 (promoters)")),
        )
    third = max(1, (high - low + 1) * 2 // 5)
    return (
        (
            f"{name} <= {low + third - 1}",
            _("{low} to {high}").format(low=low, high=low + third - 1) if third > 1 else str(low),
        ),
        (
            f"{name} >= {high - third + 1}",
            _("{low} to {high}").format(low=high - third + 1, high=high)
            if third > 1
            else str(high),
        ),
    )
