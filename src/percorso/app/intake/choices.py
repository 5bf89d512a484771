"""The form under a preview: where each field of an interaction comes from."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import QueryDict

from percorso import labels
from percorso.app.intake.words import FIELDS as WORDS
from percorso.vocabulary import FIELDS

#: Names in the form: ``map.customer`` says where ``customer`` comes from.
PREFIX: Final = "map."
LONGEST: Final = 2000
#: Fields that are mostly a column as it stands: the columns are offered in a list.
_COLUMNS: Final = ("customer", "at", "score", "due_at", "amount", "text")
#: How the command line is told where a field comes from; the page has a field for it.
_MAP: Final = re.compile(r'--map "?(\w+)=(?:"([^"]*)"|([^\s"]+)"?)')
#: Fields whose value may be the same for all rows, by their names in the reader's language.
_CLOSED: Final[dict[str, Callable[[str], str]]] = {
    "kind": labels.kind,
    "channel": labels.channel,
    "scale": labels.scale,
    "direction": str,
}


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    words: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A field: what it is, what was chosen or guessed, what else could be.

    ``columns`` and ``constants`` are offered in a list where ``listed``; else any text may be
    written, with the columns suggested. ``asked`` is the question, where the guess needs a yes;
    ``needed`` says that there is no guess, and nothing is imported without an answer.
    """

    field: str
    words: str
    help: str
    chosen: str
    columns: tuple[Option, ...]
    constants: tuple[Option, ...] = ()
    listed: bool = True
    asked: str = ""
    needed: bool = False
    example: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Choices:
    """The fields to ask about or show, and those left out so far."""

    shown: tuple[Choice, ...]
    more: tuple[Choice, ...]
    columns: tuple[str, ...]


def choices(plan: Mapping[str, Any], mapping: Mapping[str, str]) -> Choices:
    """Return the form for a plan; what the person chose stands over what was guessed."""
    guesses = {each["field"]: each for each in plan.get("fields", ())}
    questions = {each["field"]: each for each in plan.get("questions", ())}
    columns = _columns(plan)
    named = list(dict.fromkeys([*questions, *guesses]))
    free = not plan.get("recipe")
    rest = [each.name for each in FIELDS if each.name not in named and each.name in WORDS]
    return Choices(
        shown=tuple(
            _choice(name, guesses.get(name, {}), questions.get(name, {}), columns, mapping)
            for name in named
        ),
        more=tuple(
            _choice(name, {}, {}, columns, mapping)
            for name in rest
            if free and name not in ("received_at", "properties")
        ),
        columns=columns,
    )


def chosen(form: QueryDict) -> dict[str, str]:
    """Return the mapping a form says; an empty choice is none."""
    return {
        name.removeprefix(PREFIX): value.strip()[:LONGEST]
        for name, value in form.items()
        if name.startswith(PREFIX) and isinstance(value, str) and value.strip()
    }


def on_the_page(text: str) -> str:
    """Return words of the intake as the page says them: with its fields, not with ``--map``."""

    def words(found: re.Match[str]) -> str:
        field, quoted, plain = found.groups()
        return f"{WORDS.get(field, (field,))[0]} = {quoted or plain}"

    return _MAP.sub(words, text)


def _choice(
    name: str,
    guess: Mapping[str, Any],
    question: Mapping[str, Any],
    columns: Sequence[str],
    mapping: Mapping[str, str],
) -> Choice:
    needed = bool(question) and not question.get("default")
    words, help_words = WORDS.get(name, (name, ""))
    taken = mapping.get(name) or guess.get("source") or question.get("default") or ""
    constants = _constants(name)
    fixed = {each.value for each in constants}
    options = (each for each in question.get("options", ()) if each not in fixed)
    sources = list(dict.fromkeys([*columns, *options]))
    column = not taken or taken in sources
    if taken and not column and taken not in fixed:
        sources.insert(0, taken)
    return Choice(
        field=name,
        words=str(words),
        help=str(help_words),
        chosen=taken,
        columns=tuple(Option(each, each) for each in sources),
        constants=constants,
        # What is no column as it stands has to be written.
        listed=bool(constants) or (name in _COLUMNS and column and not needed),
        asked=_asked(name, question.get("text", "")),
        needed=needed,
        # A value for every row is named by the choice itself, and in the reader's words.
        example=""
        if taken in fixed
        else str(guess.get("example") or _answer(name, question.get("example")) or ""),
        reason=guess.get("reason", ""),
    )


def _asked(name: str, text: str) -> str:
    """Return a question as the page puts it: below the field, whose name it need not repeat."""
    said = on_the_page(text).removeprefix(f"{name}: ")
    return said[:1].upper() + said[1:]


def _answer(name: str, example: str | None) -> str:
    """Return the example of an answer without the field's name and quotes of a terminal."""
    return (example or "").strip('"').removeprefix(f"{name}=").strip('"')


def _constants(name: str) -> tuple[Option, ...]:
    field = next((each for each in FIELDS if each.name == name), None)
    if field is None or field.allowed is None:
        return ()
    in_words = _CLOSED.get(name, str)
    return tuple(Option(f"'{each}'", in_words(each)) for each in field.allowed)


def _columns(plan: Mapping[str, Any]) -> tuple[str, ...]:
    names = (
        column["name"]
        for file in plan.get("files", ())
        if file.get("used")
        for column in file.get("columns", ())
    )
    return tuple(dict.fromkeys(names))
