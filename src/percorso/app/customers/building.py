"""The builder of segments: rows of a form that are a rule, without any script.

The rows are in the address (``field-0``, ``operator-0``, ``value-0`` ...), so that a rule half
built can be sent on. A rule that has brackets in it is written as text.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from django.http import QueryDict

from percorso import labels
from percorso.app.filters.scope import choices, saved_segments
from percorso.i18n import gettext as _
from percorso.segments import READY, Rule, RuleError, from_builder, to_builder
from percorso.segments.builder import OPERATORS
from percorso.segments.words import FIELDS, Field, named, purpose

if TYPE_CHECKING:
    from percorso.log import Log

MOST_ROWS: Final = 30
_LONGEST: Final = 500
_GROUPS: Final = (
    ("orders", "first_seen"),
    ("first_seen", "nps"),
    ("nps", "promises"),
    ("promises", "consent"),
    ("consent", ""),
)
_NEW: Final[dict[str, Any]] = {"field": "orders", "operator": ">=", "values": []}


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    words: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    words: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class RowShown:
    """One condition of the form. ``shape`` says which inputs its value takes.

    number, span, day, choice, text, nothing. ``several`` are more values than one.
    """

    number: int
    fields: tuple[Group, ...]
    operators: tuple[Choice, ...]
    shape: str
    name: str
    trait: bool
    value: str
    choices: tuple[Choice, ...]
    several: bool
    units: tuple[Choice, ...]
    suggestions: tuple[str, ...]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A rule being built: its rows as of ``percorso.segments.builder``."""

    match: str
    rows: tuple[dict[str, Any], ...]

    @classmethod
    def of(cls, query: QueryDict) -> "Draft":
        """Read the rows, and do what the pressed button says: add one, or remove one."""
        do = query.get("do", "")
        count = query.get("rows", "0")
        numbers = range(min(int(count), MOST_ROWS) if count.isdecimal() and len(count) < 4 else 0)
        rows = [_row(query, n) for n in numbers if do != f"remove-{n}"]
        if (do == "add" and len(rows) < MOST_ROWS) or not rows:
            rows.append(dict(_NEW))
        return cls("any" if query.get("match") == "any" else "all", tuple(rows))

    @classmethod
    def of_rule(cls, rule: Rule) -> "Draft | None":
        """Return the rows of a rule; None where it takes brackets."""
        found = to_builder(rule)
        rows = found["conditions"]
        flat = all("field" in each and _fits(each) for each in rows)
        return cls(found["match"], tuple(rows)) if flat else None

    def rule(self) -> Rule:
        """Return the rule. Raises RuleError."""
        return from_builder({"match": self.match, "conditions": list(self.rows)})

    def problems(self) -> list[str]:
        """Return what is wrong with each row, empty where nothing is."""
        found = []
        for row in self.rows:
            try:
                from_builder({"match": "all", "conditions": [row]})
                found.append("")
            except RuleError as error:
                found.append(str(error).partition(": ")[2] or str(error))
        return found


def _fits(row: dict[str, Any]) -> bool:
    """Say whether the form can show a condition: "not" only where it has a word for it."""
    return not row.get("not") or row["operator"] == "any"


def _row(query: QueryDict, number: int) -> dict[str, Any]:
    def given(name: str) -> str:
        return query.get(f"{name}-{number}", "").replace("\0", "").strip()[:_LONGEST]

    field = FIELDS.get(given("field"), FIELDS["orders"])
    operator = given("operator")
    turned = operator == "not-any"
    operator = "any" if turned else operator
    if operator not in OPERATORS[field.type]:
        # Another field was chosen: what was asked of the one before makes no sense of it.
        return {"field": field.name, "operator": OPERATORS[field.type][0], "values": []}
    row: dict[str, Any] = {"field": field.name, "operator": operator}
    if field.type == "trait":
        row["name"] = given("name")
    if operator not in ("known", "unknown"):
        row["values"] = _values(query, number, operator)
    return {**row, "not": True} if turned else row


def _values(query: QueryDict, number: int, operator: str) -> list[Any]:
    values = [each.strip()[:_LONGEST] for each in query.getlist(f"value-{number}")]
    values = [each for each in values if each]
    if operator in ("within", "ago"):
        unit = query.get(f"unit-{number}", "day")
        return [{"count": values[0], "unit": unit}] if values else []
    return values if operator == "any" else values[:1]


def shown(log: "Log", draft: Draft, *, say: bool) -> list[RowShown]:
    """Return the rows of the form; ``say`` what is wrong with them too."""
    problems = draft.problems()
    return [
        replace(_shown(log, number, row), problem=problem if say and row.get("values") else "")
        for number, (row, problem) in enumerate(zip(draft.rows, problems, strict=True))
    ]


def _shown(log: "Log", number: int, row: dict[str, Any]) -> RowShown:
    field = FIELDS[row["field"]]
    operator = "not-any" if row.get("not") else row["operator"]
    values = row.get("values", [])
    first = values[0] if values else ""
    span = first if isinstance(first, dict) else {}
    offered = _offered(log, field)
    known = [(each, _word(field, each)) for each in offered] if field.known or offered else []
    shape = _shape(row["operator"], known=bool(known) and field.name != "touchpoint")
    return RowShown(
        number=number,
        fields=_fields(field.name),
        operators=tuple(
            Choice(value, words, value == operator) for value, words in _operators(field)
        ),
        shape=shape,
        name=row.get("name", ""),
        trait=field.type == "trait",
        value=str(span.get("count", "")) if span else ", ".join(str(each) for each in values),
        choices=tuple(Choice(value, words, value in values) for value, words in known),
        several=len(values) > 1,
        units=tuple(
            Choice(unit, words, unit == span.get("unit", "day")) for unit, words in _units()
        ),
        suggestions=offered if shape == "text" else (),
    )


def _shape(operator: str, *, known: bool) -> str:
    if operator in ("known", "unknown"):
        return "nothing"
    if operator in ("within", "ago"):
        return "span"
    if operator in ("since", "before"):
        return "day"
    if operator == "any":
        return "choice" if known else "text"
    return "number"


def _offered(log: "Log", field: Field) -> tuple[str, ...]:
    """Return what a field's value can be chosen from."""
    if field.name == "segment":
        return (*saved_segments(log), *READY)
    if field.name == "touchpoint":
        return choices(log).touchpoints
    if field.name == "language":
        return ("it", "en", "fr", "de", "es")
    return field.known


def _word(field: Field, value: str) -> str:
    name = {
        "channel": labels.channel,
        "phase": labels.phase,
        "kind": labels.kind,
        "rfm": labels.segment,
        "segment": labels.segment,
        "consent": purpose,
        "language": labels.language,
    }.get(field.name, str)
    return name(value)


def _fields(chosen: str) -> tuple[Group, ...]:
    headings = (
        _("What they bought"),
        _("What they did"),
        _("What they said"),
        _("What was promised to them"),
        _("Who they are"),
    )
    names = list(FIELDS)
    groups = []
    for words, (first, end) in zip(headings, _GROUPS, strict=True):
        part = names[names.index(first) : names.index(end) if end else None]
        groups.append(
            Group(words, tuple(Choice(each, named(each), each == chosen) for each in part))
        )
    return tuple(groups)


def _operators(field: Field) -> Sequence[tuple[str, str]]:
    words = {
        ">=": _("at least"),
        "<=": _("at most"),
        "=": _("exactly"),
        "!=": _("other than"),
        ">": _("more than"),
        "<": _("less than"),
        "within": _("in the last"),
        "ago": _("longer ago than"),
        "since": _("since the day"),
        "before": _("before the day"),
        "known": _("is known"),
        "unknown": _("never") if field.type == "time" else _("is not known"),
        "any": _("is"),
    }
    found: list[tuple[str, str]] = [(each, words[each]) for each in OPERATORS[field.type]]
    if "any" in OPERATORS[field.type]:
        found.insert(1, ("not-any", _("is not")))
    return found


def _units() -> Sequence[tuple[str, str]]:
    return (
        ("day", _("days")),
        ("week", _("weeks")),
        ("month", _("months")),
        ("year", _("years")),
        ("hour", _("hours")),
    )
