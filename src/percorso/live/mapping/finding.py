"""Which rule an event fits, and how what it says is read."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from percorso.live.mapping.rules import Rule, Rules
from percorso.live.segment import MOST_NAME, Event, UnfitError
from percorso.vocabulary import N_, Phrase
from percorso.vocabulary.numbers import read_number

Reads = Callable[[Event], Any]
#: Reads of each of some events.
ReadsMany = Callable[[Sequence[Event]], list[Any]]
#: What stands between the stars of a pattern.
Pieces = list[str]
Conditions = list[tuple[Reads, list[Pieces]]]
Candidate = tuple[Rule, Conditions]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_ROOTS: Final = ("properties", "traits", "context")
_NOTHING: Final[dict[str, Any]] = {}
_GAP: Final = re.compile(r"\{([^{}]*)\}")
_CODE: Final = re.compile(r"[A-Z]{3}")
_BOUNDARY: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_BETWEEN: Final = re.compile(r"[\W_]+")


class Finder:
    """The rules, ready to be asked of one event after another."""

    def __init__(self, rules: Rules) -> None:
        self._rules = [
            (rule, _conditions(rule), [_pieces(each) for each in rule.events])
            for rule in rules.rules
        ]

    def candidates(self, source: str, call: str, name: str) -> list["Candidate"]:
        """Return the rules that may fit events of a name, in order.

        The last fits whatever an event holds, unless none does.
        """
        found: list[Candidate] = []
        said = normal(name[:MOST_NAME])
        for rule, conditions, patterns in self._rules:
            if rule.types and call not in rule.types:
                continue
            if rule.sources and source not in rule.sources:
                continue
            if patterns and not any(_matches(each, said) for each in patterns):
                continue
            found.append((rule, conditions))
            if not conditions:
                break
        return found


def fits(event: Event, conditions: Conditions) -> bool:
    """Say whether what a rule asks of an event holds."""
    return all(_holds(event, read, words) for read, words in conditions)


def normal(name: str) -> str:
    """Return a name in the form names are compared in: ``Order Completed``, ``orderCompleted``."""
    return _BETWEEN.sub(" ", _BOUNDARY.sub(" ", name)).strip().casefold()


def _pieces(name: str) -> Pieces:
    return [normal(piece) for piece in name.split("*")]


def _matches(pieces: Pieces, said: str) -> bool:
    """Say whether a text is these pieces with anything between them.

    Each is looked for once, from left to right: what is said is somebody else's, and however it is
    made this takes no longer than reading it.
    """
    if len(pieces) == 1:
        return said == pieces[0]
    first, *middle, last = pieces
    if len(said) < len(first) + len(last):
        return False
    if not (said.startswith(first) and said.endswith(last)):
        return False
    at, end = len(first), len(said) - len(last)
    for piece in middle:
        found = said.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True


def _conditions(rule: Rule) -> Conditions:
    return [
        (reader(path), [word.casefold().split("*") for word in words]) for path, words in rule.where
    ]


def _holds(event: Event, read: Reads, words: list[Pieces]) -> bool:
    value = read(event)
    if value is None:
        return False
    said = str(value).casefold()
    return any(_matches(word, said) for word in words)


@lru_cache(maxsize=2_000)
def reader(path: str) -> Reads:
    """Return what reads a path of an event: ``order_id`` of its properties, ``context.page.path``.

    Without a root it is a property, or a trait where the event has traits in place of properties.
    What is missing or empty reads as None.
    """
    root, _, rest = path.partition(".")
    if root in _ROOTS and rest:
        names = rest.split(".")
        return lambda event: _value(_walk(getattr(event, root), names))
    if "." not in path:

        def read(event: Event) -> Any:
            holds = event.properties or event.traits
            return _value(holds.get(path)) if holds else None

        return read
    names = path.split(".")
    return lambda event: _value(_walk(event.properties or event.traits, names))


def _walk(value: Any, names: list[str]) -> Any:
    for name in names:
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, msgspec.Struct) and name in value.__struct_fields__:
            value = getattr(value, name)
        else:
            return None
    return value


def _value(value: Any) -> Any:
    return None if value == "" else value


def template(text: str) -> ReadsMany:
    """Return what fills the gaps of a text; None where a gap has nothing to fill it."""
    pieces = _GAP.split(text)
    gaps = [first(tuple(each.split("|"))) for each in pieces[1::2]]
    words = pieces[::2]
    if not gaps:
        return lambda events: [text] * len(events)
    if len(gaps) == 1:
        (gap,), (before, after) = gaps, words
        return lambda events: [
            None
            if value is None or (said := as_text(value)) is None
            else (before + said + after).strip() or None
            for value in gap(events)
        ]

    def fill(events: Sequence[Event]) -> list[str | None]:
        return [
            _filled(words, values) for values in zip(*(each(events) for each in gaps), strict=True)
        ]

    return fill


def _filled(words: list[str], values: tuple[Any, ...]) -> str | None:
    filled = words[0]
    for value, after in zip(values, words[1:], strict=True):
        said = as_text(value)
        if said is None:
            return None
        filled += said + after
    return filled.strip() or None


def first(paths: tuple[str, ...]) -> ReadsMany:
    """Return what reads the first of some paths that is given."""
    reads = [reader(each.strip()) for each in paths]

    def read(event: Event) -> Any:
        for each in reads:
            value = each(event)
            if value is not None:
                return value
        return None

    if any("." in each for each in paths):
        return lambda events: [read(each) for each in events]
    name, *others = (each.strip() for each in paths)

    def read_plain(events: Sequence[Event]) -> list[Any]:
        holding = [each.properties or each.traits or _NOTHING for each in events]
        found = [each.get(name) for each in holding]
        for other in others:
            if None not in found and "" not in found:
                return found
            found = [
                holds.get(other) if value is None or value == "" else value
                for value, holds in zip(found, holding, strict=True)
            ]
        return [None if each == "" else each for each in found] if "" in found else found

    return read_plain


def as_text(value: Any) -> str | None:
    """Return a value as text; what is no single value (a list) has none."""
    if value.__class__ is str or value is None:
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value) if isinstance(value, int | float) else None


def as_number(name: str, value: Any) -> float | None:
    """Return a value as a number; raises UnfitError where it is none."""
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return None if value is None else float(value)
    found = read_number(value) if isinstance(value, str) else None
    if found is None:
        raise UnfitError(Phrase(N_("must be a number")), name, value)
    return found


def as_time(name: str, value: Any, zone: ZoneInfo) -> int | None:
    """Return a value as microseconds since 1970; a day alone is over when it ends.

    What has no zone is in the company's. Raises UnfitError where it is no time.
    """
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone)
        if len(value.strip()) <= len("2026-01-31"):
            # The second time, where clocks going back make an hour of its evening twice.
            moment = moment.replace(hour=23, minute=59, second=59, microsecond=999_999, fold=1)
        return (moment.astimezone(UTC) - _EPOCH) // _MICROSECOND
    except (AttributeError, ValueError, OverflowError):
        rule = Phrase(N_("must be a time such as 2026-01-31T09:30:00Z"))
        raise UnfitError(rule, name, value) from None


def is_currency_code(text: str) -> bool:
    """Say whether a rule names a currency itself, not the property that does."""
    return _CODE.fullmatch(text) is not None
