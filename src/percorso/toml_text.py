"""Values and tables as TOML has them: the standard library reads TOML, and does not write it."""

import json
import math
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any


def value(given: object) -> str:
    """Return a text, a number, a truth, a day, a moment, or a list of these as TOML.

    What JSON has besides null, TOML has too; of a text it wants DEL escaped as well, and a number
    without end is written ``inf``, one that is none ``nan``.
    """
    if isinstance(given, list | tuple):
        return f"[{', '.join(map(value, given))}]"
    if isinstance(given, datetime):
        moment = given.astimezone(UTC).isoformat(timespec="microseconds")
        return moment.replace("+00:00", "Z")
    if isinstance(given, date):
        return given.isoformat()
    if isinstance(given, float) and not math.isfinite(given):
        return str(given)
    return json.dumps(given, ensure_ascii=False).replace("\x7f", "\\u007f")


def one_of(name: str, row: Mapping[str, Any]) -> str:
    """Return one of the tables ``name`` of a file, with the tables within it.

    Keys are bare: letters, digits and underscores.
    """
    return f"\n[[{name}]]\n{_lines(name, row)}"


def _lines(name: str, row: Mapping[str, Any]) -> str:
    """Return the lines of a table: its own values first, then the tables within it."""
    inner = {key: each for key, each in row.items() if _is_table(each)}
    lines = [f"{key} = {value(each)}\n" for key, each in row.items() if key not in inner]
    for key, found in inner.items():
        below = f"{name}.{key}"
        if isinstance(found, dict):
            lines.append(f"[{below}]\n{_lines(below, found)}")
        else:
            lines.extend(f"[[{below}]]\n{_lines(below, each)}" for each in found)
    return "".join(lines)


def _is_table(given: Any) -> bool:
    several = isinstance(given, list | tuple)
    return isinstance(given, dict) or (several and bool(given) and isinstance(given[0], dict))
