"""Which phase of the loop an interaction belongs to, by rules that the company can edit.

The rules of a touchpoint (``percorso.touchpoints``) come first, then those of ``phases.toml``. A
phase is worked out when it is asked for, so that editing a rule re-reads the past.
"""

import difflib
import logging
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from percorso.i18n import gettext as _
from percorso.labels import toml
from percorso.log.errors import LogError
from percorso.touchpoints import Registry, Touchpoint, TouchpointError
from percorso.vocabulary import CHANNELS, KINDS, Phase
from percorso.workspace import Workspace

if TYPE_CHECKING:
    import ibis

_logger: Final = logging.getLogger("percorso")
SHIPPED: Final = Path(__file__).parent / "phases.toml"

_LISTED: Final[dict[str, tuple[str, ...]]] = {
    "kind": tuple(KINDS),
    "channel": tuple(CHANNELS),
    "direction": ("in", "out"),
}
_PATTERNS: Final = ("touchpoint", "name")
_COUNTS: Final = ("orders_before", "interactions_before")
_CONDITIONS: Final = (*_LISTED, *_PATTERNS, *_COUNTS)


class PhaseRulesError(LogError):
    """The file of phase rules does not make sense. Says where and what would."""


class TouchpointRulesError(PhaseRulesError):
    """The file of touchpoints, whose rules come first, cannot be read."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many there must be: ``at_least`` up to and with ``at_most`` (None: no end)."""

    at_least: int = 0
    at_most: int | None = None

    @property
    def thresholds(self) -> tuple[int, ...]:
        """The counts at which the answer changes."""
        upper = () if self.at_most is None else (self.at_most + 1,)
        return ((self.at_least,) if self.at_least else ()) + upper


@dataclass(frozen=True, slots=True)
class Rule:
    """A phase and the conditions under which it holds; an empty one always holds."""

    phase: Phase
    kind: tuple[str, ...] = ()
    channel: tuple[str, ...] = ()
    direction: tuple[str, ...] = ()
    touchpoint: tuple[str, ...] = ()
    name: tuple[str, ...] = ()
    orders_before: Bounds | None = None
    interactions_before: Bounds | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """Rules in order, and the phase of what fits none."""

    rules: tuple[Rule, ...]
    otherwise: Phase

    @property
    def order_thresholds(self) -> tuple[int, ...]:
        """Every n for which a rule asks whether the n-th order came before."""
        return _thresholds(each.orders_before for each in self.rules)

    @property
    def interaction_thresholds(self) -> tuple[int, ...]:
        return _thresholds(each.interactions_before for each in self.rules)

    def expression(self, table: "ibis.Table") -> "ibis.expr.types.StringValue":
        """Return the phase of each row of ``table``.

        The table has the columns of the log, and for each threshold n a column of booleans named
        by ``after("orders_before", n)`` that says whether n orders came before the row.
        """
        import ibis

        if not self.rules:
            return ibis.literal(str(self.otherwise))
        branches = [(_condition(rule, table), str(rule.phase)) for rule in self.rules]
        return ibis.cases(*branches, else_=str(self.otherwise))


def after(count: str, threshold: int) -> str:
    """Return the name of the column that says whether ``threshold`` of them came before."""
    return f"{count}_{threshold}"


def load_rules(workspace: Workspace) -> Rules:
    """Return the touchpoints' rules, then the company's, or the shipped ones where it has none."""
    general = load_general_rules(workspace)
    return Rules((*rules_of_touchpoints(workspace), *general.rules), general.otherwise)


class RulesInForce:
    """The rules of a workspace as they are written now. For one thread at a time.

    While the touchpoints cannot be read, those known last hold: a slip in one line of that file
    must not take every figure away, nor put customers into other phases.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._read: tuple[tuple[tuple[int, int, int], ...], Rules] | None = None

    def now(self) -> Rules:
        """Return the rules, read again where a file was changed. Raises PhaseRulesError."""
        files = (self._workspace.phase_rules, self._workspace.touchpoints)
        stamp = tuple(_stamp(each) for each in files)
        if self._read is None or self._read[0] != stamp:
            try:
                self._read = (stamp, load_rules(self._workspace))
            except TouchpointRulesError:
                if self._read is None:
                    raise
                self._read = (stamp, self._read[1])
                _logger.exception("The rules of touchpoints cannot be read; the last ones hold")
        return self._read[1]


def _stamp(file: Path) -> tuple[int, int, int]:
    """Return another value whenever the file was changed; zeros where there is none."""
    try:
        found = file.stat()
    except FileNotFoundError:
        return (0, 0, 0)
    return found.st_mtime_ns, found.st_size, found.st_ino


def load_general_rules(workspace: Workspace) -> Rules:
    """Return the company's rules without those of its touchpoints."""
    file = workspace.phase_rules if workspace.phase_rules.exists() else SHIPPED
    try:
        return read_rules(file.read_text(encoding="utf-8"), str(file))
    except UnicodeDecodeError as error:
        raise PhaseRulesError(_("%(file)s is not UTF-8 text.") % {"file": file}) from error


def rules_of_touchpoints(workspace: Workspace) -> tuple[Rule, ...]:
    """Return the rules that the company wrote for its touchpoints, in their order."""
    try:
        touchpoints = Registry(workspace).all()
    except TouchpointError as error:
        raise TouchpointRulesError(str(error)) from error
    return tuple(rule for each in touchpoints for rule in _rules_of(each))


def _rules_of(touchpoint: Touchpoint) -> Iterator[Rule]:
    for each in touchpoint.rules:
        orders = each.orders_before
        yield Rule(
            each.phase,
            kind=each.kinds,
            touchpoint=touchpoint.names,
            orders_before=Bounds(orders.at_least, orders.at_most) if orders else None,
        )


def read_rules(text: str, file: str = "phases.toml") -> Rules:
    """Return the rules written in TOML. Raises PhaseRulesError that names file, rule and value."""
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PhaseRulesError(f"{file}: {toml.wrong(error)}") from error
    for key in given:
        _known(key, ("otherwise", "rule"), file)
    if "otherwise" not in given:
        raise PhaseRulesError(_("%s: otherwise must name the phase of what fits no rule.") % file)
    otherwise = Phase(_known(given["otherwise"], tuple(Phase), f"{file}, otherwise"))
    rules = given.get("rule", [])
    if not isinstance(rules, list):
        raise PhaseRulesError(_("%s: write each rule below a line [[rule]].") % file)
    return Rules(
        tuple(_rule(each, f"{file}, rule {number}") for number, each in enumerate(rules, start=1)),
        otherwise,
    )


def _rule(given: dict[str, Any], where: str) -> Rule:
    for key in given:
        _known(key, ("phase", *_CONDITIONS), where)
    if "phase" not in given:
        raise PhaseRulesError(_("%s: phase must be given.") % where)
    values: dict[str, Any] = {"phase": Phase(_known(given["phase"], tuple(Phase), where))}
    for key, allowed in _LISTED.items():
        if key in given:
            values[key] = tuple(_known(each, allowed, where) for each in _texts(given, key, where))
    for key in _PATTERNS:
        if key in given:
            values[key] = _texts(given, key, where)
    for key in _COUNTS:
        if key in given:
            values[key] = _bounds(given[key], f"{where}, {key}")
    return Rule(**values)


def _texts(given: dict[str, Any], key: str, where: str) -> tuple[str, ...]:
    value = given[key]
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not values or not all(isinstance(v, str) for v in values):
        raise PhaseRulesError(
            _("%(where)s: %(key)s must be a text or a list of texts, not %(value)r.")
            % {"where": where, "key": key, "value": value}
        )
    return tuple(values)


def _bounds(value: Any, where: str) -> Bounds:
    fits = isinstance(value, dict) and bool(value)
    if fits:
        for key in value:
            _known(key, ("at_least", "at_most"), where)
        fits = all(type(each) is int and 0 <= each <= 100 for each in value.values())
        fits = fits and value.get("at_least", 0) <= value.get("at_most", 100)
    if not fits:
        raise PhaseRulesError(
            _(
                "%(where)s must be like { at_least = 1 } or { at_most = 0 }, with numbers from 0 "
                "to 100, not %(value)r."
            )
            % {"where": where, "value": value}
        )
    return Bounds(**value)


def _known(word: Any, allowed: Iterable[str], where: str) -> str:
    words = [str(each) for each in allowed]
    if isinstance(word, str) and word in words:
        return word
    near = difflib.get_close_matches(str(word), words, n=1)
    hint = _("Did you mean %r?") % near[0] if near else _("Known are: %s.") % ", ".join(words)
    raise PhaseRulesError(
        _("%(where)s: %(word)r is not known. %(hint)s")
        % {"where": where, "word": word, "hint": hint}
    )


def _thresholds(bounds: Iterable[Bounds | None]) -> tuple[int, ...]:
    return tuple(sorted({n for each in bounds if each is not None for n in each.thresholds}))


def _condition(rule: Rule, table: "ibis.Table") -> "ibis.expr.types.BooleanValue":
    import ibis

    # Not isin(): DuckDB makes a join of a list of more than a few, and then plans worse.
    parts = [
        ibis.or_(*(table[key] == each for each in getattr(rule, key)))
        for key in _LISTED
        if getattr(rule, key)
    ]
    parts.extend(
        table[key].fill_null("").re_search(_pattern(getattr(rule, key)))
        for key in _PATTERNS
        if getattr(rule, key)
    )
    for key in _COUNTS:
        bounds = getattr(rule, key)
        if bounds is not None and bounds.at_least:
            parts.append(table[after(key, bounds.at_least)])
        if bounds is not None and bounds.at_most is not None:
            parts.append(~table[after(key, bounds.at_most + 1)])
    return ibis.and_(*parts) if parts else ibis.literal(True)


def _pattern(texts: tuple[str, ...]) -> str:
    """Return the regular expression that matches any of the texts, whole, with * for anything."""
    each = ("[^\\x00]*".join(re.escape(part) for part in text.split("*")) for text in texts)
    return f"(?i)^({'|'.join(each)})$"
