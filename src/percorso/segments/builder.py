"""A rule as JSON, for the builder of the page and for programs.

    {"match": "all", "conditions": [
        {"field": "orders", "operator": ">=", "values": [2]},
        {"field": "last_order", "operator": "within", "values": [{"count": 90, "unit": "day"}]},
        {"field": "consent", "operator": "any", "values": ["marketing"], "not": true},
        {"match": "any", "conditions": [...]}]}

``match`` is ``all`` or ``any``; ``not`` turns a condition or a group round. Days are texts such as
``2025-01-31``. A trait has its ``name``.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from percorso.i18n import gettext as _
from percorso.segments import words
from percorso.segments.errors import RuleError
from percorso.segments.rule import (
    UNITS,
    AllOf,
    AnyOf,
    Condition,
    Not,
    Operator,
    Part,
    Rule,
    Span,
    Value,
)

#: What can be asked of each type of field.
OPERATORS: Final[dict[str, tuple[Operator, ...]]] = {
    "number": (">=", "<=", "=", "!=", ">", "<", "known", "unknown"),
    "time": ("within", "ago", "since", "before", "known", "unknown"),
    "word": ("any", "known", "unknown"),
    "words": ("any", "known", "unknown"),
    "trait": ("any", ">=", "<=", ">", "<", "known", "unknown"),
}
_DEEPEST: Final = 20
_MOST: Final = 200


def to_builder(rule: Rule) -> dict[str, Any]:
    """Return the rule as JSON can hold it; always a group at the top."""
    found = _group(rule.root)
    if "conditions" in found and not found.get("not"):
        return found
    return {"match": "all", "conditions": [found]}


def _group(part: Part) -> dict[str, Any]:
    if isinstance(part, Not):
        inner = _group(part.part)
        if inner.get("not"):
            return {"match": "all", "conditions": [inner], "not": True}
        return {**inner, "not": True}
    if isinstance(part, Condition):
        found: dict[str, Any] = {"field": part.field, "operator": part.operator}
        if part.values:
            found["values"] = [_plain(each) for each in part.values]
        return {**found, "name": part.name} if part.name else found
    match = "any" if isinstance(part, AnyOf) else "all"
    return {"match": match, "conditions": [_group(each) for each in part.parts]}


def _plain(value: Value) -> Any:
    if isinstance(value, Span):
        return {"count": value.count, "unit": value.unit}
    if isinstance(value, date):
        return value.isoformat()
    return int(value) if isinstance(value, float) and value == int(value) else value


def from_builder(given: Any) -> Rule:
    """Return the rule that JSON says. Raises RuleError that names the condition."""
    part = _part(given, "", 0)
    if part is None:
        raise RuleError(_("Add at least one condition."))
    return Rule(part)


def _part(given: Any, where: str, depth: int) -> Part | None:
    if not isinstance(given, Mapping) or depth > _DEEPEST:
        raise RuleError(_("Condition {where} cannot be read.").format(where=where or "1"))
    found = _joined(given, where, depth) if "conditions" in given else _condition(given, where)
    return Not(found) if found is not None and given.get("not") is True else found


def _joined(given: Mapping[str, Any], where: str, depth: int) -> Part | None:
    conditions = given["conditions"]
    if given.get("match") not in ("all", "any") or not isinstance(conditions, list | tuple):
        raise RuleError(_("A group takes match (all or any) and its conditions."))
    if len(conditions) > _MOST:
        raise RuleError(_("A group has at most {most} conditions.").format(most=_MOST))
    parts = tuple(
        part
        for number, each in enumerate(conditions, 1)
        if (part := _part(each, f"{where}.{number}".strip("."), depth + 1)) is not None
    )
    if len(parts) < 2:
        return parts[0] if parts else None
    return AllOf(parts) if given["match"] == "all" else AnyOf(parts)


def _condition(given: Mapping[str, Any], where: str) -> Condition:
    field = words.FIELDS.get(str(given.get("field")))
    if field is None:
        raise _wrong(where, _("{value} is nothing that can be asked."), given.get("field"))
    operator = given.get("operator")
    if operator not in OPERATORS[field.type]:
        raise _wrong(where, _("{value} cannot be asked of it."), operator)
    name = str(given.get("name") or "").strip()[:200] if field.type == "trait" else ""
    if field.type == "trait" and not name:
        raise _wrong(where, _("name which fact is meant."), "")
    if operator in ("known", "unknown"):
        return Condition(field.name, operator, name=name)
    values = given.get("values")
    if not isinstance(values, list | tuple) or not 0 < len(values) <= _MOST:
        raise _wrong(where, _("give a value."), "")
    if operator != "any" and len(values) != 1:
        raise _wrong(where, _("give one value."), values)
    read = tuple(_read(field, operator, each, where) for each in values)
    return Condition(field.name, operator, tuple(dict.fromkeys(read)), name)


def _read(field: words.Field, operator: str, value: Any, where: str) -> Value:
    if operator == "any":
        return _read_word(field, value, where)
    if operator in ("within", "ago"):
        return _read_span(value, where)
    if operator in ("before", "since"):
        return _read_day(value, where)
    return _read_number(value, where)


def _read_word(field: words.Field, value: Any, where: str) -> str:
    word = value.strip() if isinstance(value, str) else ""
    if not word or len(word) > 500:
        raise _wrong(where, _("give a value."), value)
    if not field.known:
        return word
    found = words.values_of(field.name).get(word.casefold())
    if found is None:
        raise _wrong(where, _("{value} is not known."), value)
    return found


def _read_span(value: Any, where: str) -> Span:
    if isinstance(value, Mapping) and value.get("unit") in UNITS:
        count = _read_number(value.get("count"), where)
        if count == int(count) and 0 < count <= 100_000:
            return Span(int(count), value["unit"])
    raise _wrong(where, _("give a length of time, such as 90 days."), value)


def _read_day(value: Any, where: str) -> date:
    try:
        found = date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None or not 1970 <= found.year < 2200:
        raise _wrong(where, _("give a day, such as 2025-01-31."), value)
    return found


def _read_number(value: Any, where: str) -> float:
    try:
        text = str(value).strip().replace(",", ".")
        found = float(text) if isinstance(value, str | int | float) else None
    except ValueError:
        found = None
    if found is None or isinstance(value, bool) or not abs(found) <= 1e12:
        raise _wrong(where, _("give a number."), value)
    return found


def _wrong(where: str, message: str, value: object) -> RuleError:
    said = message.format(value=f"“{str(value)[:80]}”")
    return RuleError(_("Condition {where}: {said}").format(where=where or "1", said=said))
