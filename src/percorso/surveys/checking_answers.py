"""Checks what was sent in: from a page as fields of a form, or whole through the API.

Whatever is sent, only what the questions ask for is kept, in the form they ask for. Fields that
belong to no question asked are left aside.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from percorso.surveys.answers import Answers, Value, is_answered
from percorso.surveys.model import (
    AnyQuestion,
    Choice,
    Consent,
    Contact,
    Date,
    Multiple,
    Open,
    Pmf,
    Question,
    ends_of,
    options_of,
    parts_of,
)
from percorso.surveys.parsing import did_you_mean, is_day
from percorso.surveys.walking import Course
from percorso.surveys.words import clean
from percorso.vocabulary.phrases import N_, Phrase

Form = Mapping[str, Sequence[str]]

YES: Final = ("yes", "on", "true", "1")
_LONGEST: Final = {"name": 100, "email": 254, "phone": 30}
_EMAIL: Final = re.compile(r"[^\s@<>\",;:()\\]{1,64}@[^\s@<>\",;:()\\.]+(\.[^\s@<>\",;:()\\.]+)+")
_PHONE: Final = re.compile(r"\+?[0-9][0-9 ().\-/]{4,27}[0-9]")
_NUMBER: Final = re.compile(r"[0-9]{1,3}")
#: So many unknown questions of one response are told.
_MOST_UNKNOWN: Final = 100
#: And of so many what may have been meant, which takes a while to find among hundreds.
_MOST_HINTS: Final = 10
_FORM: Final = N_("This answer cannot be read.")
_NEEDED: Final = N_("An answer is needed here.")


@dataclass(frozen=True, slots=True)
class Mistake:
    """What keeps an answer from being taken. ``field`` is the form's: ``why``, ``pyramid.ease``."""

    field: str
    rule: Phrase


@dataclass(frozen=True, slots=True)
class Checked:
    """The answers that are right, by question, and what is wrong with the others.

    A question that was left blank, and may be, is among the answers as None.
    """

    answers: Answers
    mistakes: tuple[Mistake, ...]

    @property
    def right(self) -> bool:
        return not self.mistakes


class _RefusalError(Exception):
    def __init__(self, rule: Phrase, *parts: str) -> None:
        super().__init__()
        self.rule = rule
        self.parts = parts


def check_form(questions: Iterable[AnyQuestion], form: Form) -> Checked:
    """Check the fields of a form for these questions.

    A field is called as its question, or ``QUESTION.PART`` for a level of the pyramid, a row of a
    matrix, a part of a contact. Never raises, whatever the form holds.
    """
    answers: dict[str, Value | None] = {}
    mistakes: list[Mistake] = []
    for each in questions:
        try:
            value = _read(each, form)
            if each.required and not is_answered(value):
                raise _RefusalError(Phrase(_NEEDED), *_blank(each, value)[:1])
            answers[each.id] = value if is_answered(value) else None
        except _RefusalError as refusal:
            for part in refusal.parts or ("",):
                field = f"{each.id}.{part}" if part else each.id
                mistakes.append(Mistake(field, refusal.rule))
    return Checked(answers, tuple(mistakes))


def check_response(course: Course, given: Mapping[str, Any]) -> Checked:
    """Check a whole response, as the API takes it: a JSON value for each question answered.

    A number for a rating; an option's id; a list of them; words; a day; true for a consent; an
    object by level, row or part. An unknown question, or one that is not asked of whoever gives
    these answers, is a mistake.
    """
    known = {each.id: each for each in course.survey.questions}
    unknown = [name for name in given if name not in known][:_MOST_UNKNOWN]
    mistakes = [
        Mistake(_shown(name), _unknown(name, known if number < _MOST_HINTS else ()))
        for number, name in enumerate(unknown)
    ]
    form: dict[str, list[str]] = {}
    for name, value in given.items():
        if name in known:
            fields = _as_fields(known[name], value)
            if fields is None:
                mistakes.append(Mistake(name, Phrase(_FORM)))
            else:
                form.update(fields)
    if mistakes:
        return Checked({}, tuple(mistakes))
    return _walk_through(course, given, form)


def _walk_through(course: Course, given: Mapping[str, Any], form: Form) -> Checked:
    answers: Answers = {}
    walk = course.walk(answers)
    while walk.screen is not None:
        checked = check_form(walk.screen.questions, form)
        if not checked.right:
            return Checked({}, checked.mistakes)
        answers = {**answers, **checked.answers}
        walk = course.walk(answers)
    rule = Phrase(N_("This question is not asked after the other answers."))
    beside = [
        Mistake(name, rule)
        for name, value in given.items()
        if value is not None and name not in walk.answers
    ]
    return Checked({} if beside else walk.answers, tuple(beside))


# One question


def _read(question: Question, form: Form) -> Value | None:
    parts = parts_of(question)
    if isinstance(question, Contact):
        return _contact(
            question, {part: _single(form, f"{question.id}.{part}", 300) for part in parts}
        )
    if parts:
        return _rated(question, form, parts)
    for kind, read in _READ.items():
        if isinstance(question, kind):
            return read(question, form)
    return _number(question, _single(form, question.id))


def _single(form: Form, field: str, longest: int = 100) -> str:
    """Return the one value of a field, empty where there is none."""
    given = [each for each in form.get(field, ()) if not isinstance(each, str) or each.strip()]
    if not given:
        return ""
    if len(given) > 1:
        raise _RefusalError(Phrase(N_("Only one answer can be given here.")))
    if not isinstance(given[0], str) or len(given[0]) > longest:
        raise _RefusalError(Phrase(_FORM))
    return given[0].strip()


def _number(question: Question, text: str, part: str = "") -> int | None:
    ends = ends_of(question)
    if not text or ends is None:
        return None
    if not _NUMBER.fullmatch(text) or not ends[0] <= int(text) <= ends[1]:
        rule = Phrase(
            N_("Please choose a number from {low} to {high}."),
            dict(zip(("low", "high"), ends, strict=True)),
        )
        raise _RefusalError(rule, part)
    return int(text)


def _rated(question: Question, form: Form, parts: tuple[str, ...]) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in parts:
        try:
            number = _number(question, _single(form, f"{question.id}.{part}"), part)
        except _RefusalError as refusal:
            raise _RefusalError(refusal.rule, part) from None
        if number is not None:
            found[part] = number
    if question.required and (blank := _blank(question, found)):
        # All at once: whoever left several out learns it once.
        raise _RefusalError(Phrase(_NEEDED), *blank)
    return found


def _option(question: Question, form: Form) -> str | None:
    chosen = _single(form, question.id)
    if chosen and chosen not in options_of(question):
        raise _RefusalError(Phrase(N_("Please choose one of the answers.")))
    return chosen or None


def _several(question: Multiple, form: Form) -> tuple[str, ...]:
    options = options_of(question)
    given = [each for each in form.get(question.id, ()) if each]
    if len(given) > len(options) or any(each not in options for each in given):
        raise _RefusalError(Phrase(N_("Please choose among the answers.")))
    chosen = tuple(each for each in options if each in given)
    if chosen and len(chosen) < question.least:
        raise _RefusalError(
            Phrase(N_("Please choose at least {least}."), {"least": question.least})
        )
    if question.most and len(chosen) > question.most:
        raise _RefusalError(Phrase(N_("Please choose at most {most}."), {"most": question.most}))
    return chosen


def _words(question: Open, form: Form) -> str:
    # A browser counts a line end as two characters; far more than that nobody types.
    written = _single(form, question.id, 1_000_000)
    text = clean(written, lines=True) if len(written) <= 4 * question.longest + 1000 else written
    if len(text) > question.longest:
        values = {"most": question.longest, "n": len(text)}
        raise _RefusalError(Phrase(N_("At most {most} characters; these are {n}."), values))
    return text


def _day(question: Date, form: Form) -> str:
    day = _single(form, question.id)
    if day and not is_day(day):
        raise _RefusalError(Phrase(N_("Please write a day such as 2025-01-31.")))
    if day and question.earliest and day < question.earliest:
        raise _RefusalError(Phrase(N_("Please choose {day} or later."), {"day": question.earliest}))
    if day and question.latest and day > question.latest:
        raise _RefusalError(Phrase(N_("Please choose {day} or earlier."), {"day": question.latest}))
    return day


def _contact(question: Contact, given: Mapping[str, str]) -> dict[str, str]:
    found = {part: clean(text) for part, text in given.items() if clean(text)}
    for part, text in found.items():
        if len(text) > _LONGEST[part]:
            rule = Phrase(
                N_("At most {most} characters; these are {n}."),
                {"most": _LONGEST[part], "n": len(text)},
            )
            raise _RefusalError(rule, part)
    if "email" in found and not _EMAIL.fullmatch(found["email"]):
        raise _RefusalError(Phrase(N_("Please write an address such as ada@example.org.")), "email")
    if "phone" in found and not _PHONE.fullmatch(found["phone"]):
        raise _RefusalError(
            Phrase(N_("Please write a telephone number such as +39 02 1234567.")), "phone"
        )
    ways = [part for part in question.parts if part != "name"]
    if ways and not any(part in found for part in ways) and (found or question.required):
        raise _RefusalError(Phrase(N_("Please say how to reach you.")), ways[0])
    return found


def _consent(question: Question, form: Form) -> bool | None:
    given = _single(form, question.id)
    if given and given not in YES:
        raise _RefusalError(Phrase(_FORM))
    return True if given else None


_READ: Final[Mapping[type[Question], Callable[[Any, Form], Value | None]]] = {
    Choice: _option,
    Pmf: _option,
    Multiple: _several,
    Open: _words,
    Date: _day,
    Consent: _consent,
}


def _blank(question: Question, value: Value | None) -> list[str]:
    given = value if isinstance(value, Mapping) else {}
    return [part for part in parts_of(question) if part not in given]


# A response through the API


def _as_fields(question: Question, value: Any) -> dict[str, list[str]] | None:
    """Return a JSON value as fields of a form; None where it has not the question's form."""
    if value is None:
        return {}
    parts = parts_of(question)
    if parts:
        return _parts_as_fields(question, value, parts)
    if isinstance(question, Multiple):
        fits = isinstance(value, list) and all(isinstance(each, str) for each in value)
        return {question.id: list(value)} if fits else None
    if isinstance(question, Consent):
        return {question.id: ["yes"] if value else []} if isinstance(value, bool) else None
    fits = _is_number(value) if ends_of(question) else isinstance(value, str)
    return {question.id: [str(value)]} if fits else None


def _parts_as_fields(
    question: Question, value: Any, parts: tuple[str, ...]
) -> dict[str, list[str]] | None:
    if not isinstance(value, Mapping) or not set(value) <= set(parts):
        return None
    rated = ends_of(question) is not None
    if not all(_is_number(each) if rated else isinstance(each, str) for each in value.values()):
        return None
    return {f"{question.id}.{part}": [str(each)] for part, each in value.items()}


def _is_number(value: Any) -> bool:
    # Python refuses to write out a number of thousands of digits.
    return type(value) is int and abs(value) < 1000


def _unknown(name: str, known: Iterable[str]) -> Phrase:
    # The hint is words already, in the language of whoever asks.
    hint = did_you_mean(_shown(name), known).strip()
    return Phrase(N_("There is no such question. {hint}"), {"hint": hint})


def _shown(name: str) -> str:
    return clean(str(name))[:60]
