"""Rules that say what a live event means, written in TOML; the company's come before ours."""

import difflib
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from percorso.i18n import gettext as _
from percorso.labels import toml
from percorso.live.errors import LiveError
from percorso.live.segment import CALLS
from percorso.vocabulary import CHANNELS, KINDS, SCALES
from percorso.workspace import Workspace

SHIPPED: Final = Path(__file__).parent / "shipped.toml"

_LISTED: Final[dict[str, tuple[str, ...]]] = {
    "kind": tuple(KINDS),
    "channel": tuple(CHANNELS),
    "direction": ("in", "out"),
}
_TEMPLATES: Final = ("touchpoint", "name", "about")
_PATHS: Final = ("amount", "score", "text", "language", "due_at")
_MADE: Final = ("kind", "channel", "direction", "scale", "currency", *_TEMPLATES, *_PATHS)
_CONDITIONS: Final = ("type", "event", "source", "where")
_GAP: Final = re.compile(r"\{([^{}]*)\}")
_OFFSET: Final = re.compile(r"\+\s*(\d{1,4})\s*(minute|hour|day|week)s?")
_SECONDS: Final = {"minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}


class MappingRulesError(LiveError):
    """The file of mapping rules does not make sense. Says where and what would.

    ``rule`` is the number of the rule, from 1 on, where it is one of them.
    """

    rule: int | None = None


@dataclass(frozen=True, slots=True)
class Makes:
    """What a rule makes of an event: fields of an interaction.

    ``touchpoint``, ``name``, ``about`` and ``scale`` are texts with gaps in braces; a gap names a
    property, or several of which the first that is given counts (``order:{order_id|id}``).
    ``amount``, ``score``, ``text``, ``language`` and ``due_at`` name the properties they are read
    from, the first that is given. ``currency`` is a code, or a property. ``due_after`` is the
    seconds after the event until which is promised.
    """

    kind: str
    channel: str = ""
    direction: str = ""
    touchpoint: str = ""
    name: str = ""
    about: str = ""
    scale: str = ""
    currency: str = ""
    amount: tuple[str, ...] = ()
    score: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    due_at: tuple[str, ...] = ()
    due_after: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """Which events it is about, and what it makes of them: ``also`` where all of it is given.

    An empty condition always holds. ``events`` may hold ``*`` for anything; capitals, spaces,
    hyphens and underscores do not matter. ``where`` asks of properties that they are one of some
    values. With ``drop`` the events are not wanted in the log.
    """

    makes: Makes
    types: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    also: tuple[Makes, ...] = ()
    drop: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    """Rules in order: the company's own, then those that come with Percorso."""

    rules: tuple[Rule, ...]
    own: int = 0


def load_rules(workspace: Workspace) -> Rules:
    """Return the rules that hold in a workspace. Raises MappingRulesError."""
    own = own_text(workspace)
    return read_rules(own, str(workspace.mapping_rules))


def own_text(workspace: Workspace) -> str:
    """Return the company's own rules as they are written, empty where it has none."""
    try:
        return workspace.mapping_rules.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        raise MappingRulesError(
            _("{file} is not UTF-8 text.").format(file=workspace.mapping_rules)
        ) from error


def read_rules(own: str, file: str = "mapping.toml") -> Rules:
    """Return the company's rules written in TOML, and ours after them unless they say otherwise.

    Raises MappingRulesError that names file, rule and value.
    """
    given = _table(own, file)
    for key in given:
        _known(key, ("rule", "shipped"), file)
    shipped = given.get("shipped", True)
    if not isinstance(shipped, bool):
        raise MappingRulesError(
            _("{where}: {key} must be true or false, not {value!r}.").format(
                where=file, key="shipped", value=shipped
            )
        )
    rules = _rules(given, file)
    ours = _rules(_table(SHIPPED.read_text(encoding="utf-8"), SHIPPED.name), SHIPPED.name)
    return Rules((*rules, *(ours if shipped else ())), len(rules))


def _table(text: str, file: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MappingRulesError(f"{file}: {toml.wrong(error)}") from error


def _rules(given: dict[str, Any], file: str) -> tuple[Rule, ...]:
    rules = given.get("rule", [])
    if not isinstance(rules, list) or not all(isinstance(each, dict) for each in rules):
        raise MappingRulesError(
            _("{file}: write each rule below a line [[rule]].").format(file=file)
        )
    read: list[Rule] = []
    for number, each in enumerate(rules, start=1):
        try:
            read.append(_rule(each, _("{file}, rule {number}").format(file=file, number=number)))
        except MappingRulesError as error:
            error.rule = number
            raise
    return tuple(read)


def _rule(given: dict[str, Any], where: str) -> Rule:
    for key in given:
        _known(key, (*_CONDITIONS, *_MADE, "also", "drop"), where)
    drop = given.get("drop", False)
    if not isinstance(drop, bool):
        raise MappingRulesError(
            _("{where}: {key} must be true or false, not {value!r}.").format(
                where=where, key="drop", value=drop
            )
        )
    also = given.get("also", [])
    if not isinstance(also, list) or not all(isinstance(each, dict) for each in also):
        raise MappingRulesError(
            _("{where}: write what is made besides below a line [[rule.also]].").format(where=where)
        )
    types = _texts(given, "type", where)
    return Rule(
        makes=_makes({"kind": "other", **given} if drop else given, where),
        types=tuple(_known(each, CALLS, where) for each in types),
        events=_texts(given, "event", where),
        sources=_texts(given, "source", where),
        where=_where(given.get("where", {}), where),
        also=tuple(_makes(each, f"{where}, also", also=True) for each in also),
        drop=drop,
    )


def _where(given: Any, where: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not isinstance(given, dict):
        raise MappingRulesError(
            _('{where}: where must be like {{ "status" = "paid" }}, not {value!r}.').format(
                where=where, value=given
            )
        )
    words = {
        path: [str(each) for each in (value if isinstance(value, list) else [value])]
        for path, value in given.items()
    }
    return tuple((_path(path, where), _texts(words, path, where)) for path in words)


def _makes(given: dict[str, Any], where: str, *, also: bool = False) -> Makes:
    if also:
        for key in given:
            _known(key, _MADE, where)
    if "kind" not in given:
        raise MappingRulesError(_("{where}: kind must be given.").format(where=where))
    values: dict[str, Any] = {
        key: _known(given[key], allowed, where) for key, allowed in _LISTED.items() if key in given
    }
    if "scale" in given:
        scale = _text(given, "scale", where)
        values["scale"] = scale if _GAP.search(scale) else _known(scale, SCALES, where)
    for key in _TEMPLATES:
        if key in given:
            values[key] = _template(_text(given, key, where), where)
    if "currency" in given:
        values["currency"] = _text(given, "currency", where)
    for key in _PATHS:
        if key in given:
            values[key] = tuple(_path(each, where) for each in _texts(given, key, where))
    return Makes(**_with_offset(values, where))


def _with_offset(values: dict[str, Any], where: str) -> dict[str, Any]:
    """Read ``due_at = "+3 days"`` as what it says."""
    due = values.get("due_at", ())
    offsets = [each for each in due if each.startswith("+")]
    for each in offsets:
        found = _OFFSET.fullmatch(each)
        if found is None:
            raise MappingRulesError(
                _("{where}: write {value!r} like +3 days.").format(where=where, value=each)
            )
        values["due_after"] = int(found[1]) * _SECONDS[found[2]]
    return {**values, "due_at": tuple(each for each in due if each not in offsets)}


def _template(text: str, where: str) -> str:
    for gap in _GAP.findall(text):
        for path in gap.split("|"):
            _path(path, where)
    if "{" in _GAP.sub("", text) or "}" in _GAP.sub("", text):
        raise MappingRulesError(
            _("{where}: {value!r} has a brace too many or too few.").format(where=where, value=text)
        )
    return text


def _path(path: str, where: str) -> str:
    if path.strip() and all(part.strip() for part in path.split(".")):
        return path.strip()
    raise MappingRulesError(
        _("{where}: {value!r} names no property.").format(where=where, value=path)
    )


def _text(given: dict[str, Any], key: str, where: str) -> str:
    value = given[key]
    if isinstance(value, str) and value.strip():
        return value.strip()
    raise MappingRulesError(
        _("{where}: {key} must be a text, not {value!r}.").format(where=where, key=key, value=value)
    )


def _texts(given: dict[str, Any], key: str, where: str) -> tuple[str, ...]:
    value = given.get(key, ())
    values = tuple(value) if isinstance(value, list | tuple) else (value,)
    fits = all(isinstance(each, str) and each.strip() for each in values)
    if key in given and not (values and fits):
        raise MappingRulesError(
            _("{where}: {key} must be a text or a list of texts, not {value!r}.").format(
                where=where, key=key, value=value
            )
        )
    return tuple(each.strip() for each in values)


def _known(word: Any, allowed: Iterable[str], where: str) -> str:
    words = list(allowed)
    if isinstance(word, str) and word in words:
        return word
    near = difflib.get_close_matches(str(word), words, n=1)
    hint = (
        _("Did you mean {near!r}?").format(near=near[0])
        if near
        else _("Known are: {known}.").format(known=", ".join(words))
    )
    raise MappingRulesError(
        _("{where}: {word!r} is not known. {hint}").format(where=where, word=word, hint=hint)
    )
