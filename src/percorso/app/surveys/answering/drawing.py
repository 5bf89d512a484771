"""Questions as the pages show them: the words in one language, and what stands in each field."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from percorso import labels
from percorso.app.surveys.answering.steps import Page
from percorso.i18n import gettext as _
from percorso.surveys import Value, fill
from percorso.surveys.checking_answers import Checked, Mistake
from percorso.surveys.model import (
    LEVELS,
    PMF_OPTIONS,
    AnyQuestion,
    Choice,
    Contact,
    Date,
    Matrix,
    Multiple,
    Open,
    Pmf,
    Pyramid,
    Question,
    Scored,
    Survey,
    ends_of,
)

#: The name of the field that asks how to reach somebody, on the page of thanks.
REACH: Final = "reach"
#: How a browser can help to fill in a way to be reached.
_CONTACT: Final[Mapping[str, tuple[str, str, int]]] = {
    "name": ("text", "name", 100),
    "email": ("email", "email", 254),
    "phone": ("tel", "tel", 30),
}


@dataclass(frozen=True, slots=True)
class Point:
    """One answer of a scale, or one of several to choose. ``words`` stand at the ends of scales."""

    value: str
    words: str
    chosen: bool
    id: str


@dataclass(frozen=True, slots=True)
class Row:
    """One field, or one group of fields, of a question.

    ``text`` is empty where the question has only this one. ``points`` are there where one is
    chosen; ``value`` holds what was typed.
    """

    name: str
    id: str
    text: str = ""
    low: str = ""
    high: str = ""
    points: tuple[Point, ...] = ()
    value: str = ""
    type: str = "text"
    autocomplete: str = ""
    longest: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A question. ``form`` says which of the templates shows it.

    ``hints`` are the ids of what explains it besides its words, as ``aria-describedby`` has them.
    """

    id: str
    number: int
    type: str
    form: str
    text: str
    help: str
    required: bool
    rows: tuple[Row, ...]
    error: str = ""
    lines: int = 0
    earliest: str = ""
    latest: str = ""
    wide: bool = False

    @property
    def hints(self) -> str:
        names = [f"h-{self.id}"] if self.help else []
        names += [f"e-{self.id}"] if self.error else []
        return " ".join(names)


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a field, with where to mend it."""

    anchor: str
    question: str
    words: str


@dataclass(frozen=True, slots=True)
class Reach:
    """How somebody wants to be contacted, as they wrote it, and what is wrong with it."""

    form: Mapping[str, Sequence[str]]
    checked: Checked


@dataclass(frozen=True, slots=True)
class Draft:
    """What all questions of a page are drawn with."""

    survey: Survey
    language: str
    facts: Mapping[str, str]
    values: Mapping[str, Sequence[str]]
    errors: Mapping[str, str] = field(default_factory=dict)

    def say(self, texts: Mapping[str, str]) -> str:
        return fill(self.survey.say(dict(texts), self.language), self.facts)


def drawn(page: Page, language: str, facts: Mapping[str, str]) -> tuple[Drawn, ...]:
    """Return the questions of a page, each as it is shown."""
    values: dict[str, Sequence[str]] = {}
    for each in page.screen.questions:
        values.update(fields_of(each, page.answers.get(each.id)))
    if page.mistakes:
        values = {name: list(given) for name, given in page.form.items()}
    errors = {each.field: _said(each) for each in page.mistakes}
    draft = Draft(page.survey, language, facts, values, errors)
    first = sum(len(each.questions) for each in page.walk.screens[: page.screen.number]) + 1
    return tuple(
        _drawn(each, number, draft) for number, each in enumerate(page.screen.questions, first)
    )


def wrongs(questions: Sequence[Drawn], mistakes: Sequence[Mistake]) -> tuple[Wrong, ...]:
    """Return what is wrong, in the order of the page, each with the field to go to."""
    found = []
    for each in questions:
        theirs = {m.field: _said(m) for m in mistakes if _is_of(m.field, each.id)}
        for row in each.rows:
            said = theirs.get(row.name) or (theirs.get(each.id) if row is each.rows[0] else None)
            if said:
                anchor = row.points[0].id if row.points else row.id
                found.append(Wrong(anchor, row.text or each.text, said))
    return tuple(found)


def reach(given: Reach | None) -> tuple[Row, ...]:
    """Return the fields that ask how to reach somebody, as they were filled in."""
    question = Contact(id=REACH, text={}, parts=("name", "email", "phone"))
    values = given.form if given else {}
    wrong = given.checked.mistakes if given else ()
    errors = {each.field: _said(each) for each in wrong}
    return tuple(_contact(question, part, values, errors) for part in question.parts)


def fields_of(question: Question, value: Value | None) -> dict[str, Sequence[str]]:
    """Return what stands in the fields of a question that was answered."""
    if value is None:
        return {}
    if isinstance(value, bool):
        return {question.id: ["yes"] if value else []}
    if isinstance(value, tuple):
        return {question.id: value}
    if isinstance(value, Mapping):
        return {f"{question.id}.{part}": [str(each)] for part, each in value.items()}
    return {question.id: [str(value)]}


def _said(mistake: Mistake) -> str:
    """Say what is wrong, a day as people write it."""
    rule = mistake.rule
    if isinstance(day := rule.values.get("day"), str):
        rule = replace(rule, values={**rule.values, "day": labels.day(date.fromisoformat(day))})
    return labels.phrase(rule)


def _is_of(name: str, question: str) -> bool:
    return name == question or name.startswith(f"{question}.")


def _drawn(question: AnyQuestion, number: int, draft: Draft) -> Drawn:
    ends = ends_of(question)
    return Drawn(
        id=question.id,
        number=number,
        type=question.type,
        form=_form(question),
        text=draft.say(question.text),
        help=_help(question, draft),
        required=question.required,
        rows=tuple(_rows(question, draft)),
        error=draft.errors.get(question.id, ""),
        lines=question.lines if isinstance(question, Open) else 0,
        earliest=question.earliest if isinstance(question, Date) else "",
        latest=question.latest if isinstance(question, Date) else "",
        wide=ends is not None and ends[1] - ends[0] >= 7,
    )


def _help(question: Question, draft: Draft) -> str:
    """Return what helps to answer; how many to choose too, so that nobody learns it by an error."""
    own = draft.say(question.help)
    if not isinstance(question, Multiple):
        return own
    most = question.most if question.most < len(question.options) else 0
    if question.least > 1 and most:
        rule = _("Please choose from {least} to {most}.")
    elif question.least > 1:
        rule = _("Please choose at least {least}.")
    elif most:
        rule = _("Please choose at most {most}.")
    else:
        return own
    said = rule.format(least=question.least, most=most)
    if said == draft.errors.get(question.id):
        return own  # the error says it already
    return "\n".join(filter(None, (own, said)))


def _form(question: Question) -> str:
    if isinstance(question, Matrix | Pyramid):
        return "scales"
    if isinstance(question, Scored):
        return "scale"
    if isinstance(question, Choice | Pmf):
        return "choice"
    return question.type


def _rows(question: AnyQuestion, draft: Draft) -> Iterator[Row]:
    if isinstance(question, Pyramid):
        for name in LEVELS:
            level = question.level(name)
            yield _scale(question, draft, level.low, level.high, name, level.text)
    elif isinstance(question, Matrix):
        for each in question.rows:
            yield _scale(question, draft, question.low, question.high, each.id, each.text)
    elif isinstance(question, Scored):
        yield _scale(question, draft, question.low, question.high)
    elif isinstance(question, Pmf):
        words = [(each, question.answers.of(each)) for each in PMF_OPTIONS]
        yield _choice(question, draft, words)
    elif isinstance(question, Choice | Multiple):
        yield _choice(question, draft, [(each.id, each.text) for each in question.options])
    elif isinstance(question, Contact):
        for part in question.parts:
            yield _contact(question, part, draft.values, draft.errors)
    else:
        yield _typed(question, draft)


def _scale(
    question: Question,
    draft: Draft,
    low: Mapping[str, str],
    high: Mapping[str, str],
    part: str = "",
    text: Mapping[str, str] | None = None,
) -> Row:
    name = f"{question.id}.{part}" if part else question.id
    first, last = ends_of(question) or (0, 0)
    said = {first: draft.say(low), last: draft.say(high)}
    chosen = draft.values.get(name, ())
    points = tuple(
        Point(str(n), said.get(n, ""), str(n) in chosen, f"q-{name}-{n}")
        for n in range(first, last + 1)
    )
    return Row(
        name,
        f"q-{name}",
        draft.say(text or {}),
        said[first],
        said[last],
        points,
        error=draft.errors.get(name, "") if part else "",
    )


def _choice(
    question: Question, draft: Draft, options: Sequence[tuple[str, Mapping[str, str]]]
) -> Row:
    chosen = draft.values.get(question.id, ())
    points = tuple(
        Point(each, draft.say(words), each in chosen, f"q-{question.id}-{each}")
        for each, words in options
    )
    return Row(question.id, f"q-{question.id}", points=points)


def _contact(
    question: Question,
    part: str,
    values: Mapping[str, Sequence[str]],
    errors: Mapping[str, str],
) -> Row:
    name = f"{question.id}.{part}"
    kind, autocomplete, longest = _CONTACT[part]
    return Row(
        name,
        f"q-{name}",
        text=_called(part),
        value=_one(values, name),
        type=kind,
        autocomplete=autocomplete,
        longest=longest,
        error=errors.get(name, ""),
    )


def _called(part: str) -> str:
    return {"name": _("Name"), "email": _("E-mail"), "phone": _("Telephone")}[part]


def _typed(question: Question, draft: Draft) -> Row:
    longest = question.longest if isinstance(question, Open) else 0
    return Row(
        question.id, f"q-{question.id}", value=_one(draft.values, question.id), longest=longest
    )


def _one(values: Mapping[str, Sequence[str]], name: str) -> str:
    given = values.get(name, ())
    return given[0][:20_000] if given else ""
