"""``touchpoints.toml``: reading it, with what is wrong in words, and writing it."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from percorso import durable_file, toml_text
from percorso.i18n import gettext as _
from percorso.touchpoints import model
from percorso.touchpoints.checking import checked, checked_belief, did_you_mean
from percorso.touchpoints.errors import TouchpointError
from percorso.touchpoints.model import Belief, Touchpoint
from percorso.vocabulary import Phase

_HEADING: Final = (
    "# Percorso: touchpoints and what is believed of customers. "
    "See docs/reference/touchpoints.md.\n"
)
#: The largest file that is read, in bytes: ten times what a company of many branches writes.
LARGEST: Final = 4_000_000
_PLACE: Final = re.compile(r" - at `(?:key in )?\$?\.?(?P<place>[^`]*)`$")
_TABLES: Final = ("touchpoint", "belief")


class Written(msgspec.Struct, frozen=True):
    """What the file holds, in its order."""

    touchpoints: tuple[Touchpoint, ...] = ()
    beliefs: tuple[Belief, ...] = ()


def read(file: Path) -> Written:
    """Read the file. Raises TouchpointError that names file, row, field, rule and value."""
    try:
        if file.stat().st_size > LARGEST:
            raise TouchpointError(
                _("{file} is larger than {most} MB.").format(file=file, most=LARGEST // 1_000_000)
            )
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Written()
    except (OSError, UnicodeDecodeError) as error:
        raise TouchpointError(
            _("{file} cannot be read: {error}").format(file=file, error=error)
        ) from error
    return from_toml(text, str(file))


def from_toml(text: str, file: str = "touchpoints.toml") -> Written:
    """Return what TOML says. Raises TouchpointError."""
    try:
        given = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        # A number of thousands of digits is a ValueError of its own.
        raise TouchpointError(
            _("{file} cannot be read: {error}").format(file=file, error=error)
        ) from error
    for name in given:
        if name not in _TABLES:
            raise TouchpointError(
                f"{file}: " + _("“{word}” is not known.").format(word=name[:80])
                + did_you_mean(name, _TABLES)
            )  # fmt: skip
    touchpoints = _rows(given, "touchpoint", Touchpoint, file, checked)
    _once(touchpoints, "touchpoint", file)
    ids = [each.id for each in touchpoints]
    beliefs = _rows(given, "belief", Belief, file, lambda each: checked_belief(each, ids))
    _once(beliefs, "belief", file)
    return Written(touchpoints, beliefs)


def _rows(given: Mapping[str, Any], name: str, kind: Any, file: str, check: Any) -> tuple[Any, ...]:
    rows = given.get(name, [])
    if not isinstance(rows, list):
        raise TouchpointError(
            _("{file}: write each {name} below a line [[{name}]].").format(file=file, name=name)
        )
    found = []
    for number, row in enumerate(rows, 1):
        try:
            found.append(check(msgspec.convert(row, kind)))
        except msgspec.ValidationError as error:
            raise TouchpointError(_where(file, name, number) + explained(str(error))) from error
        except TouchpointError as error:
            place = f"{error.place}: " if error.place else ""
            raise TouchpointError(
                f"{_where(file, name, number)}{place}{error}", error.place
            ) from error
    return tuple(found)


def _once(rows: Iterable[Touchpoint | Belief], name: str, file: str) -> None:
    seen: set[str] = set()
    for number, each in enumerate(rows, 1):
        if each.id in seen:
            raise TouchpointError(
                _where(file, name, number)
                + _("the id “{id}” is there twice.").format(id=each.id)
            )  # fmt: skip
        seen.add(each.id)


def _where(file: str, name: str, number: int) -> str:
    return f"{file}, {name} {number}: "


def explained(error: str) -> str:
    """Return what msgspec says of plain values in our words, with the field it is in."""
    found = _PLACE.search(error)
    place = f"{found['place']}: " if found and found["place"] else ""
    said = _PLACE.sub("", error)[:300]
    unknown = re.search(r"unknown field `(.*)`", said)
    if unknown:
        hint = did_you_mean(unknown[1], _FIELDS)
        return place + _("unknown field “{name}”.").format(name=unknown[1]) + hint
    missing = re.search(r"missing required field `(.*)`", said)
    if missing:
        return place + _("the field “{name}” is missing.").format(name=missing[1])
    wrong = re.search(r"Expected `(.*)`, got `(.*)`", said)
    if wrong:
        return place + _("expected {wanted}, found {found}.").format(
            wanted=wrong[1], found=wrong[2]
        )
    value = re.search(r"Invalid (?:enum )?value '(.*)'", said)
    if value:
        hint = did_you_mean(value[1], _VALUES)
        return place + _("“{word}” is not known.").format(word=value[1]) + hint
    return place + said


_FIELDS: Final = frozenset(
    field.name
    for part in (
        Touchpoint, Belief, model.Strategy, model.PhaseRule, model.Orders, model.Evidence,
        model.Claim,
    )
    for field in msgspec.structs.fields(part)
)  # fmt: skip
_VALUES: Final = (*map(str, Phase), *model.ABOUTS, *model.EVIDENCE_KINDS, "higher", "lower")


def write(file: Path, written: Written) -> None:
    """Put all in the place of what the file held; on the disk when this returns.

    Raises TouchpointError where it would be too large to be read again.
    """
    text = as_toml(written)
    if len(text.encode()) > LARGEST:
        raise TouchpointError(_("There is no room for more: shorten or delete something first."))
    durable_file.write(file, text, private=True)


def as_toml(written: Written) -> str:
    """Return what the file holds, such that reading it gives the same."""
    rows = [
        *(("touchpoint", each) for each in written.touchpoints),
        *(("belief", each) for each in written.beliefs),
    ]
    parts = [
        toml_text.one_of(name, msgspec.to_builtins(each, builtin_types=(date, datetime)))
        for name, each in rows
    ]
    return _HEADING + "".join(parts)
