"""The fields of a form about words in several languages, side by side."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import QueryDict

from percorso import labels
from percorso.surveys import Problem

#: More is cut before it is looked at: no text of a survey is near it.
LONGEST: Final = 20_000


@dataclass(frozen=True, slots=True)
class Input:
    """One language of a text."""

    name: str
    language: str
    language_words: str
    value: str
    problem: str


@dataclass(frozen=True, slots=True)
class TextsField:
    """A text in every language of the survey. ``lines`` is its height; ``optional`` is said."""

    name: str
    words: str
    inputs: tuple[Input, ...]
    lines: int = 1
    help: str = ""
    optional: bool = False
    most: int = 1000


@dataclass(frozen=True, slots=True)
class NumberField:
    name: str
    words: str
    value: str
    low: int
    high: int
    help: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ChoiceShown:
    value: str
    words: str
    chosen: bool = False
    group: str = ""


def texts_field(
    name: str,
    words: str,
    texts: Mapping[str, str],
    languages: Sequence[str],
    problems: Mapping[str, str],
    **more: Any,
) -> TextsField:
    """Return the field of a text; ``problems`` are by the names of inputs, ``name.it``."""
    return TextsField(
        name,
        words,
        tuple(
            Input(
                f"{name}.{each}",
                each,
                labels.language(each),
                texts.get(each, ""),
                problems.get(f"{name}.{each}", ""),
            )
            for each in languages
        ),
        **more,
    )


def given(form: QueryDict, name: str) -> str:
    """Return what a field holds, with line ends as in Unix."""
    return form.get(name, "").replace("\0", "").replace("\r\n", "\n").strip()[:LONGEST]


def given_texts(form: QueryDict, name: str, languages: Sequence[str]) -> dict[str, str]:
    """Return a text in every language."""
    return {each: given(form, f"{name}.{each}") for each in languages}


def optional_texts(form: QueryDict, name: str, languages: Sequence[str]) -> dict[str, str]:
    """Return a text in every language; nothing where it is written in none."""
    found = given_texts(form, name, languages)
    return found if any(found.values()) else {}


def count(form: QueryDict, name: str, most: int) -> int:
    """Return how many rows a form says that it has."""
    written = form.get(name, "0")
    return min(int(written), most) if written.isdecimal() and len(written) < 4 else 0


def rows_after(do: str, rows: list[Any], new: Any, what: str, most: int) -> list[Any]:
    """Return the rows after the button that was pressed: ``add-option``, ``remove-option-2``."""
    verb, _dash, rest = do.partition("-")
    name, _dash, number = rest.partition("-")
    if name != what:
        return rows
    at = int(number) if number.isdecimal() and len(number) < 4 else -1
    if verb == "add" and len(rows) < most:
        return [*rows, new]
    if not 0 <= at < len(rows):
        return rows
    if verb == "remove":
        return [*rows[:at], *rows[at + 1 :]]
    if verb in ("up", "down"):
        to = min(max(at + (1 if verb == "down" else -1), 0), len(rows) - 1)
        rows = list(rows)
        rows.insert(to, rows.pop(at))
    return rows


def by_place(found: Iterable[Problem], prefix: str) -> dict[str, str]:
    """Return the problems under a place, by what follows it; several are joined."""
    placed: dict[str, str] = {}
    for each in found:
        if each.where == prefix or each.where.startswith(f"{prefix}."):
            name = each.where[len(prefix) + 1 :]
            words = labels.phrase(each.rule)
            placed[name] = f"{placed[name]}; {words}" if name in placed else words
    return placed
