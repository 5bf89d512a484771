"""Writes a rule as text, in English or Italian, such that reading it gives the same rule."""

import re
from datetime import date
from functools import cache
from typing import Final

from percorso.segments import words
from percorso.segments.rule import AnyOf, Condition, Not, Part, Span, Value

#: What needs no quotes: one word that is neither a keyword nor a number.
_PLAIN: Final = re.compile(r"[^\W\d][\w-]*")
#: How tightly a part holds together; a part inside a tighter one takes brackets.
_OR, _AND, _NOT = 1, 2, 3


def printed(part: Part, language: str, inside: int = 0) -> str:
    """Return a part as text; with brackets where what it stands in needs them."""
    if isinstance(part, Condition):
        return _condition(part, language)
    if isinstance(part, Not):
        return f"{_keyword('not', language)} {printed(part.part, language, _NOT)}"
    mine = _OR if isinstance(part, AnyOf) else _AND
    joiner = f" {_keyword('or' if mine == _OR else 'and', language)} "
    text = joiner.join(printed(each, language, mine) for each in part.parts)
    # The same joiner twice keeps its brackets: reading gives the same tree again.
    return f"({text})" if inside >= mine else text


def _condition(given: Condition, language: str) -> str:
    field = words.FIELDS[given.field]
    name = field.written(language)
    if field.type == "trait":
        name = f"{name} {_quoted(given.name)}"
    return f"{name} {_asked(given, field, language)}"


def _asked(given: Condition, field: words.Field, language: str) -> str:
    if given.operator == "unknown":
        return _keyword("never" if field.type == "time" else "unknown", language)
    if given.operator == "known":
        return _keyword("known", language)
    values = [_value(each, language) for each in given.values]
    if given.operator == "any":
        return ", ".join(values)
    if given.operator == "ago":
        more = {"en": "more than", "it": "più di"}[language]
        return f"{more} {values[0]} {_keyword('ago', language)}"
    if given.operator in ("within", "before", "since"):
        return f"{_keyword(given.operator, language)} {values[0]}"
    return f"{given.operator} {values[0]}"


def _value(value: Value, language: str) -> str:
    if isinstance(value, Span):
        one, several = words.UNIT_WORDS[value.unit][language]
        return f"{value.count} {one if value.count == 1 else several}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return f"{value:.10f}".rstrip("0").rstrip(".")
    return _quoted(value)


def _quoted(value: str) -> str:
    if _PLAIN.fullmatch(value) and value.casefold() not in _taken():
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


@cache
def _taken() -> frozenset[str]:
    return frozenset((*words.keywords(), *words.by_name()))


def _keyword(name: str, language: str) -> str:
    return words.KEYWORDS[name][language][0]
