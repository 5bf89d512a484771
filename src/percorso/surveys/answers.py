"""What somebody answered, and the places of it that conditions can ask about."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from percorso.surveys.model import (
    Contact,
    Date,
    Multiple,
    Question,
    ends_of,
    options_of,
    parts_of,
)

#: A number; words, an option's id or a day; several options' ids; parts by name; a yes.
Value: TypeAlias = int | str | tuple[str, ...] | Mapping[str, int] | Mapping[str, str] | bool
#: Answers by the id of their question. None: it was asked, and left blank.
Answers: TypeAlias = Mapping[str, Value | None]

#: What can be asked of a place: a number, one of its options, a day, or only whether it is there.
PlaceType = Literal["number", "option", "day", "yes"]
_NOTHING: Final[tuple[Any, ...]] = (None, False, "", (), {})


@dataclass(frozen=True, slots=True)
class Place:
    """What a condition can ask about: a question, or with ``part`` one row or level of it.

    ``low`` and ``high`` are the ends of a number, ``options`` the ids that can be chosen.
    """

    question: str
    type: PlaceType
    part: str = ""
    low: int = 0
    high: int = 0
    options: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.question}.{self.part}" if self.part else self.question


def places_of(questions: Iterable[Question]) -> dict[str, Place]:
    """Return every place by its name, as it is written in conditions."""
    return {place.name: place for each in questions for place in _places(each)}


def _places(question: Question) -> Iterable[Place]:
    ends, options, parts = ends_of(question), options_of(question), parts_of(question)
    if isinstance(question, Date):
        yield Place(question.id, "day")
    elif options:
        yield Place(question.id, "option", options=options)
    elif ends and not parts:
        yield Place(question.id, "number", low=ends[0], high=ends[1])
    else:
        # Of several fields the question itself can be asked about too: whether it was answered.
        yield Place(question.id, "yes")
    if ends and parts:
        for part in parts:
            yield Place(question.id, "number", part, *ends)


def is_answered(value: Value | None) -> bool:
    """Say whether something was answered. A consent that was not given is no answer."""
    # 0 is an answer, and equal to False.
    return not any(
        value is each or (type(value) is type(each) and value == each) for each in _NOTHING
    )


def value_at(place: Place, answers: Answers) -> Any:
    """Return what was answered at a place; None where nothing was."""
    value = answers.get(place.question)
    if place.part:
        return value.get(place.part) if isinstance(value, Mapping) else None
    return value if is_answered(value) else None


def as_plain(answers: Answers) -> dict[str, Any]:
    """Return answers as plain JSON values, to be kept between two pages."""
    return {
        name: list(value)
        if isinstance(value, tuple)
        else dict(value)
        if isinstance(value, Mapping)
        else value
        for name, value in answers.items()
    }


def from_plain(questions: Iterable[Question], plain: Mapping[str, Any]) -> dict[str, Value | None]:
    """Return the answers that ``as_plain`` made; what fits no question any more is left out."""
    found: dict[str, Value | None] = {}
    for each in questions:
        if each.id in plain and _fits(each, plain[each.id]):
            value = plain[each.id]
            found[each.id] = tuple(value) if isinstance(value, list) else value
    return found


def _fits(question: Question, value: Any) -> bool:
    """Say whether a value has the form of an answer to the question."""
    if value is None:
        return True
    ends, options, parts = ends_of(question), options_of(question), parts_of(question)
    if isinstance(question, Multiple):
        return isinstance(value, list) and all(each in options for each in value)
    if options:
        return value in options
    if isinstance(question, Contact) or parts:
        kind = int if ends else str
        return (
            isinstance(value, dict)
            and set(value) <= set(parts)
            and all(type(each) is kind for each in value.values())
        )
    if ends:
        return type(value) is int and ends[0] <= value <= ends[1]
    return type(value) is (bool if question.type == "consent" else str)
