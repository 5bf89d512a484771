"""Conditions on earlier answers: what they say, and whether they hold.

    nps <= 6 and not contact
    reason is price, delivery or pyramid.ease < 3

A place that was not asked, or was left blank, fits no comparison; ``not`` turns that round: whoever
gave no ``nps`` fits ``not nps <= 6`` and not ``nps <= 6``.
"""

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from percorso.surveys.answers import Answers, Place, value_at

Sign = Literal["=", "!=", "<", "<=", ">", ">="]
_COMPARED: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Answered:
    """The place was answered; of a consent, that it was given."""

    place: Place

    def holds(self, answers: Answers) -> bool:
        return value_at(self.place, answers) is not None


@dataclass(frozen=True, slots=True)
class Compared:
    """The number, or the day written 2025-01-31, compares so."""

    place: Place
    sign: Sign
    value: int | str

    def holds(self, answers: Answers) -> bool:
        found = value_at(self.place, answers)
        return found is not None and _COMPARED[self.sign](found, self.value)


@dataclass(frozen=True, slots=True)
class Chosen:
    """At least one of these options was chosen."""

    place: Place
    options: tuple[str, ...]

    def holds(self, answers: Answers) -> bool:
        found = value_at(self.place, answers)
        chosen = found if isinstance(found, tuple) else (found,)
        return any(each in self.options for each in chosen)


@dataclass(frozen=True, slots=True)
class Not:
    part: "Condition"

    def holds(self, answers: Answers) -> bool:
        return not self.part.holds(answers)


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part holds; without parts, always."""

    parts: tuple["Condition", ...]

    def holds(self, answers: Answers) -> bool:
        return all(each.holds(answers) for each in self.parts)


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple["Condition", ...]

    def holds(self, answers: Answers) -> bool:
        return any(each.holds(answers) for each in self.parts)


Condition: TypeAlias = Answered | Compared | Chosen | Not | AllOf | AnyOf
#: What an empty condition says.
ALWAYS: Final = AllOf(())


def asked_of(condition: Condition) -> frozenset[str]:
    """Return the ids of the questions that a condition asks about."""
    return frozenset(each.place.question for each in leaves(condition))


def leaves(condition: Condition) -> Iterator[Answered | Compared | Chosen]:
    """Yield the parts of a condition that ask about one place."""
    if isinstance(condition, Not):
        yield from leaves(condition.part)
    elif isinstance(condition, AllOf | AnyOf):
        for each in condition.parts:
            yield from leaves(each)
    else:
        yield condition
