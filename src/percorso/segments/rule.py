"""A rule as a value: conditions on a customer, joined by and, or and not."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

Operator = Literal[
    "=", "!=", "<", "<=", ">", ">=", "within", "ago", "before", "since", "any", "known", "unknown"
]
Unit = Literal["hour", "day", "week", "month", "year"]
UNITS: Final[tuple[Unit, ...]] = ("hour", "day", "week", "month", "year")


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time, such as 90 days."""

    count: int
    unit: Unit


Value = float | str | date | Span


@dataclass(frozen=True, slots=True)
class Condition:
    """What one field of a customer is asked.

    ``field`` is a name of ``words.FIELDS``; ``name`` is which trait, where the field is ``trait``.
    ``any`` asks whether a word is one of the values. A customer of whom the field is not known
    fits ``unknown`` and nothing else.
    """

    field: str
    operator: Operator
    values: tuple[Value, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class Not:
    """Whoever does not fit ``part``."""

    part: "Part"


@dataclass(frozen=True, slots=True)
class AllOf:
    """Whoever fits every part; there are two or more."""

    parts: "tuple[Part, ...]"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Whoever fits at least one part; there are two or more."""

    parts: "tuple[Part, ...]"


Part = Condition | Not | AllOf | AnyOf


@dataclass(frozen=True, slots=True)
class Rule:
    """A whole rule. Two rules are equal where they ask the same in the same order."""

    root: Part

    def as_text(self, language: str = "en") -> str:
        """Return the rule written in ``en`` or ``it``, such that ``parse`` gives it again."""
        from percorso.segments.printing import printed

        return printed(self.root, language)

    def conditions(self) -> Iterator[Condition]:
        """Yield every condition, in the order it is written."""
        yield from _conditions(self.root)

    def segments(self) -> tuple[str, ...]:
        """Return the names of the segments the rule refers to."""
        named = (each.values for each in self.conditions() if each.field == "segment")
        return tuple(dict.fromkeys(str(name) for values in named for name in values))


def _conditions(part: Part) -> Iterator[Condition]:
    if isinstance(part, Condition):
        yield part
    elif isinstance(part, Not):
        yield from _conditions(part.part)
    else:
        for each in part.parts:
            yield from _conditions(each)
