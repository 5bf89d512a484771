"""Where a definition that cannot be read is wrong: which question, which field, what stands there.

Whoever wrote one by hand, or had it written, is led to the place.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from percorso.surveys.errors import DefinitionError
from percorso.surveys.reading import LARGEST

#: Of what stands there, in characters: enough to know it again.
_SHOWN: Final = 80
_PIECE: Final = re.compile(r"(?P<name>[^.\[\]]+)|\[(?P<index>\d+|\.\.\.)\]")
_BYTE: Final = re.compile(r"\(byte (\d+)\)")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong. Every part but ``rule`` is empty, or 0, where it is not known.

    ``question`` counts from 1, ``id`` is what it is called. ``field`` is a path such as
    ``options.2.text.it``, in the question where there is one; its lists count from 1. ``value``
    stands there, as JSON. ``line`` and ``column`` count from 1, and ``excerpt`` is of that line:
    of what is no JSON at all.
    """

    rule: str
    question: int = 0
    id: str = ""
    field: str = ""
    value: str = ""
    line: int = 0
    column: int = 0
    excerpt: str = ""


def fault(text: str, error: DefinitionError) -> Fault:
    """Return what is wrong in ``text``, of which ``from_json`` raised ``error``."""
    if not error.place and not error.field:
        return _of_no_json(text, error)
    pieces = [_piece(each) for each in _PIECE.finditer(error.place)]
    whole = _plain(text)
    known, value = _walked(whole, pieces)
    if error.field:
        known.append(error.field)
        value = value.get(error.field, _NOTHING) if isinstance(value, dict) else _NOTHING
    question, name = 0, ""
    if len(known) > 1 and known[0] == "questions" and isinstance(known[1], int):
        question = known[1] + 1
        name = _id(whole, known[1])
        known = known[2:]
    path = ".".join(str(each + 1) if isinstance(each, int) else each for each in known)
    return Fault(error.rule, question, name, path[:_SHOWN], _shown(value))


_NOTHING: Final = object()


def _piece(found: re.Match[str]) -> str | int | None:
    """Return a name, a place in a list, or None for whichever value of an object."""
    if found["name"]:
        return found["name"]
    return None if found["index"] == "..." else int(found["index"])


def _walked(value: Any, pieces: list[str | int | None]) -> tuple[list[str | int], Any]:
    """Follow a path as far as it leads; of an object's values take the first that is no text."""
    known: list[str | int] = []
    for each in pieces:
        key = each
        if each is None and isinstance(value, dict):
            key = next((name for name, one in value.items() if not isinstance(one, str)), None)
        if key is None:
            break
        known.append(key)
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            value = _NOTHING
    return known, value


def _plain(text: str) -> Any:
    """Return JSON as plain values; nothing of what is nested too deep for that."""
    try:
        return msgspec.json.decode(text.encode(errors="replace"))
    except (msgspec.DecodeError, RecursionError):
        return _NOTHING


def _id(whole: Any, index: int) -> str:
    try:
        found = whole["questions"][index]["id"]
    except (KeyError, IndexError, TypeError):
        return ""
    return found[:_SHOWN] if isinstance(found, str) else ""


def _shown(value: Any) -> str:
    if value is _NOTHING:
        return ""
    try:
        said = msgspec.json.encode(value).decode()
    except (RecursionError, ValueError):
        return ""
    return said if len(said) <= _SHOWN else f"{said[: _SHOWN - 1]}…"


def _of_no_json(text: str, error: DefinitionError) -> Fault:
    found = _BYTE.search(str(error.__cause__ or ""))
    if found is None or len(text) > LARGEST:
        return Fault(error.rule)
    before = text.encode(errors="replace")[: int(found[1])].decode(errors="replace")
    line = before.count("\n") + 1
    column = len(before) - (before.rfind("\n") + 1) + 1
    row = text.split("\n")[line - 1]
    start = max(0, column - 1 - _SHOWN // 2)
    return Fault(
        error.rule,
        line=line,
        column=column,
        excerpt=row[start : start + _SHOWN],
    )
