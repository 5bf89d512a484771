"""The form of a question: its fields as they are shown, and what was written into them.

A question that is being written is plain values, as in the definition on disk, so that a number
that is none yet stays in its field with what is wrong.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import msgspec
from django.http import QueryDict

from percorso.app.surveys.building import conditions, edits
from percorso.app.surveys.building.conditions import ConditionField
from percorso.app.surveys.building.fields import (
    ChoiceShown,
    NumberField,
    TextsField,
    by_place,
    count,
    given,
    given_texts,
    optional_texts,
    rows_after,
    texts_field,
)
from percorso.app.surveys.building.words import part_names, type_names
from percorso.i18n import gettext as _
from percorso.surveys import Survey, problems
from percorso.surveys.checking import LONGEST_ANSWER, MOST_ENDINGS, MOST_OPTIONS, MOST_POINTS
from percorso.surveys.model import (
    CONTACT_PARTS,
    END,
    LEVELS,
    PMF_OPTIONS,
    QUESTION_TYPES,
    AnyQuestion,
)
from percorso.surveys.piping import ALWAYS_KNOWN, PERSONAL

#: What a question of each type has beside what all have.
_ENDS: Final = ("nps", "csat", "ces", "rating", "matrix")
_ROWS: Final[Mapping[str, str]] = {"choice": "options", "multiple": "options", "matrix": "rows"}
_NUMBERS: Final[Mapping[str, tuple[tuple[str, int], ...]]] = {
    "rating": (("points", 5),),
    "matrix": (("points", 5),),
    "open": (("longest", 2000), ("lines", 4)),
    "multiple": (("least", 1), ("most", 0)),
}
_BOUNDS: Final[Mapping[str, tuple[int, int]]] = {
    "points": (2, MOST_POINTS),
    "longest": (1, LONGEST_ANSWER),
    "lines": (1, 30),
    "least": (1, MOST_OPTIONS),
    "most": (0, MOST_OPTIONS),
}
PURPOSES: Final = ("survey", "marketing", "service", "profiling")


@dataclass(frozen=True, slots=True)
class Written:
    """A question as it is being written: plain values, and the fields that hold no value."""

    plain: dict[str, Any]
    wrong: dict[str, str]


@dataclass(frozen=True, slots=True)
class OptionRow:
    number: int
    id: str
    texts: TextsField
    problem: str
    first: bool
    last: bool


@dataclass(frozen=True, slots=True)
class JumpRow:
    number: int
    when: ConditionField
    targets: tuple[ChoiceShown, ...]
    problem: str


@dataclass(frozen=True, slots=True)
class QuestionForm:
    """All that the page of a question shows."""

    id: str
    type: str
    type_words: str
    texts: tuple[TextsField, ...]
    more_texts: tuple[TextsField, ...]
    rows: tuple[OptionRow, ...]
    rows_words: str
    rows_problem: str
    numbers: tuple[NumberField, ...]
    days: tuple[tuple[str, str, str, str], ...]
    parts: tuple[ChoiceShown, ...]
    purposes: tuple[ChoiceShown, ...]
    required: bool | None
    condition: ConditionField
    jumps: tuple[JumpRow, ...]
    problem: str
    id_problem: str
    has_problems: bool


def of_question(question: AnyQuestion) -> Written:
    """Return a saved question as it is written."""
    return Written(msgspec.to_builtins(question), {})


def read(form: QueryDict, type_name: str, survey: Survey) -> Written:
    """Return what was written, after the button that was pressed did its work on the rows."""
    languages, do = survey.languages, form.get("do", "")
    plain: dict[str, Any] = {
        "type": type_name,
        "id": given(form, "id")[:60],
        "text": given_texts(form, "text", languages),
        "help": optional_texts(form, "help", languages),
        "show_if": condition_given(form, "show_if"),
    }
    wrong: dict[str, str] = {}
    if type_name != "consent":
        plain["required"] = form.get("required") == "yes"
    plain |= _own_words(form, type_name, languages)
    if type_name in _ROWS:
        plain[_ROWS[type_name]] = _rows(form, survey, do)
    for name, usual in _NUMBERS.get(type_name, ()):
        plain[name] = _number(form, name, usual, wrong)
    if type_name == "date":
        plain |= {name: given(form, name)[:10] for name in ("earliest", "latest")}
    if type_name == "contact":
        plain["parts"] = [each for each in CONTACT_PARTS if each in form.getlist("parts")]
    if type_name == "consent":
        chosen = form.get("purpose", "")
        plain["purpose"] = chosen if chosen in PURPOSES else PURPOSES[0]
    plain["jumps"] = _jumps(form, do)
    return Written(plain, wrong)


def _own_words(form: QueryDict, type_name: str, languages: tuple[str, ...]) -> dict[str, Any]:
    """Return the words that only questions of this type have."""
    if type_name in _ENDS:
        return {name: given_texts(form, name, languages) for name in ("low", "high")}
    if type_name == "pmf":
        return {
            "answers": {
                name: given_texts(form, f"answers.{name}", languages) for name in PMF_OPTIONS
            }
        }
    if type_name == "pyramid":
        return {
            name: {
                part: given_texts(form, f"{name}.{part}", languages)
                for part in ("text", "low", "high")
            }
            for name in LEVELS
        }
    return {}


def condition_given(form: QueryDict, name: str) -> str:
    """Return a condition: the usual one that was chosen, or the one that was written.

    Both fields stand on the page; what was changed counts, and of two changes the choice.
    """
    written = given(form, name)
    chosen, before = form.get(f"{name}-pick", ""), form.get(f"{name}-picked", "")
    if chosen != before and chosen != "-":
        return "" if chosen == "always" else chosen.strip()[:1000]
    return written


def _rows(form: QueryDict, survey: Survey, do: str) -> list[dict[str, Any]]:
    rows = [
        {
            "id": given(form, f"option-{n}.id")[:60],
            "text": given_texts(form, f"option-{n}.text", survey.languages),
        }
        for n in range(count(form, "options", MOST_OPTIONS))
    ]
    new = {"id": "", "text": dict.fromkeys(survey.languages, "")}
    rows = rows_after(do, rows, new, "option", MOST_OPTIONS)
    for row in rows:
        row["id"] = row["id"] or _option_id(row, rows, survey)
    return rows


def _option_id(row: dict[str, Any], rows: list[dict[str, Any]], survey: Survey) -> str:
    """Name a new option after its words; one without words is named when it has some."""
    words = next((row["text"][each] for each in survey.languages if row["text"][each]), "")
    if not words:
        return ""
    made = edits.id_of(words, "option")
    return edits.free_id((each["id"] for each in rows if each["id"]), made)


def _jumps(form: QueryDict, do: str) -> list[dict[str, str]]:
    rows = [
        {"when": condition_given(form, f"jump-{n}.when"), "to": given(form, f"jump-{n}.to")[:60]}
        for n in range(count(form, "jumps", MOST_ENDINGS))
    ]
    return rows_after(do, rows, {"when": "", "to": END}, "jump", MOST_ENDINGS)


def _number(form: QueryDict, name: str, usual: int, wrong: dict[str, str]) -> int | str:
    written = given(form, name)[:20]
    if not written:
        return usual
    if written.isdecimal() and len(written) < 7:
        return int(written)
    wrong[name] = _("must be a whole number")
    return written


def question_of(written: Written) -> AnyQuestion:
    """Return the question that was written. ``written.wrong`` must be empty."""
    plain = dict(written.plain)
    rows = _ROWS.get(plain["type"])
    if rows:
        # An option without words and without a name is a row that was not filled in.
        taken = {each["id"] for each in plain[rows] if each["id"]}
        plain[rows] = [
            each | {"id": each["id"] or edits.free_id(taken, f"option_{n}")}
            for n, each in enumerate(plain[rows], 1)
        ]
    return cast("AnyQuestion", msgspec.convert(plain, QUESTION_TYPES[plain["type"]]))


def shown(
    survey: Survey, question_id: str, written: Written, language: str, *, check: bool = True
) -> QuestionForm:
    """Return the page's fields, each with what is wrong in it.

    ``survey`` holds the question as it was saved, under ``question_id``.
    """
    plain = written.plain
    found = dict(written.wrong)
    if check and not found:
        found |= _problems(survey, question_id, written)
    index = edits.index_of(survey, question_id)
    earlier, later = survey.questions[:index], survey.questions[index + 1 :]
    condition = conditions.field(
        survey, "show_if", plain.get("show_if", ""), earlier, language, always=_("Everybody")
    )
    return QuestionForm(
        id=plain["id"],
        type=plain["type"],
        type_words=type_names()[plain["type"]],
        texts=_first_texts(plain, survey, found),
        more_texts=_own_texts(plain, survey, found),
        rows=_option_rows(plain, survey, found),
        rows_words=part_names().get(_ROWS.get(plain["type"], ""), ""),
        rows_problem=found.get(_ROWS.get(plain["type"], ""), "") if plain["type"] in _ROWS else "",
        numbers=_number_fields(plain, found),
        days=_days(plain, found),
        parts=_parts(plain),
        purposes=_purposes(plain),
        required=None if plain["type"] == "consent" else bool(plain.get("required")),
        condition=condition,
        jumps=_jump_rows(plain, survey, (*earlier, survey.questions[index]), later, language),
        problem=found.get("", "") or found.get("parts", "") or found.get("required", ""),
        id_problem=found.get("id", ""),
        has_problems=bool(found),
    )


def _problems(survey: Survey, question_id: str, written: Written) -> dict[str, str]:
    made = question_of(written)
    changed = edits.replaced(survey, question_id, made)
    return by_place(problems(changed), f"questions.{made.id[:60]}")


def _first_texts(
    plain: dict[str, Any], survey: Survey, found: dict[str, str]
) -> tuple[TextsField, ...]:
    words = _("What they agree to") if plain["type"] == "consent" else _("The question")
    return (
        texts_field("text", words, plain["text"], survey.languages, found, lines=2),
        texts_field(
            "help",
            _("Help below it"),
            plain.get("help", {}),
            survey.languages,
            found,
            optional=True,
        ),
    )


def _own_texts(
    plain: dict[str, Any], survey: Survey, found: dict[str, str]
) -> tuple[TextsField, ...]:
    names = part_names()
    fields: list[tuple[str, str, dict[str, str], int]] = []
    if plain["type"] in _ENDS:
        fields += [(name, names[name], plain[name], 60) for name in ("low", "high")]
    if plain["type"] == "pmf":
        fields += [
            (f"answers.{name}", names[name], plain["answers"][name], 1000) for name in PMF_OPTIONS
        ]
    if plain["type"] == "pyramid":
        for name in LEVELS:
            level = conditions.level(name)
            fields.append((f"{name}.text", level, plain[name]["text"], 1000))
            fields += [
                (f"{name}.{part}", f"{level}: {names[part].lower()}", plain[name][part], 60)
                for part in ("low", "high")
            ]
    return tuple(
        texts_field(name, words, texts, survey.languages, found, most=most)
        for name, words, texts, most in fields
    )


def _option_rows(
    plain: dict[str, Any], survey: Survey, found: dict[str, str]
) -> tuple[OptionRow, ...]:
    name = _ROWS.get(plain["type"])
    rows = plain[name] if name else []
    shown_rows = []
    for n, row in enumerate(rows):
        placed = {
            f"option-{n}.text.{language}": found[f"{row['id']}.text.{language}"]
            for language in survey.languages
            if f"{row['id']}.text.{language}" in found
        }
        field = texts_field(
            f"option-{n}.text", str(n + 1), row["text"], survey.languages, placed, most=1000
        )
        problem = found.get(row["id"], "")
        shown_rows.append(OptionRow(n, row["id"], field, problem, n == 0, n == len(rows) - 1))
    return tuple(shown_rows)


def _number_fields(plain: dict[str, Any], found: dict[str, str]) -> tuple[NumberField, ...]:
    words = part_names() | {
        "points": _("Points on the scale"),
        "longest": _("Longest answer, in characters"),
        "lines": _("Lines shown"),
        "least": _("At least so many"),
        "most": _("At most so many"),
    }
    hints = {"most": _("0: as many as there are")}
    return tuple(
        NumberField(
            name,
            words[name],
            str(plain.get(name, usual)),
            *_BOUNDS[name],
            help=hints.get(name, ""),
            problem=found.get(name, ""),
        )
        for name, usual in _NUMBERS.get(plain["type"], ())
    )


def _days(plain: dict[str, Any], found: dict[str, str]) -> tuple[tuple[str, str, str, str], ...]:
    if plain["type"] != "date":
        return ()
    names = part_names()
    return tuple(
        (name, names[name], plain.get(name, ""), found.get(name, ""))
        for name in ("earliest", "latest")
    )


def _parts(plain: dict[str, Any]) -> tuple[ChoiceShown, ...]:
    if plain["type"] != "contact":
        return ()
    words = {"name": _("Name"), "email": _("E-mail address"), "phone": _("Phone")}
    chosen = plain.get("parts", ("name", "email"))
    return tuple(ChoiceShown(each, words[each], each in chosen) for each in CONTACT_PARTS)


def _purposes(plain: dict[str, Any]) -> tuple[ChoiceShown, ...]:
    if plain["type"] != "consent":
        return ()
    words = {
        "survey": _("To be asked in surveys"),
        "marketing": _("To get offers and news"),
        "service": _("To be contacted about what they bought"),
        "profiling": _("To have what they do read together"),
    }
    return tuple(ChoiceShown(each, words[each], each == plain["purpose"]) for each in PURPOSES)


def _jump_rows(
    plain: dict[str, Any],
    survey: Survey,
    known: tuple[AnyQuestion, ...],
    later: tuple[AnyQuestion, ...],
    language: str,
) -> tuple[JumpRow, ...]:
    rows = []
    ids = [each.id for each in later]
    for n, jump in enumerate(plain.get("jumps", ())):
        to = jump["to"]
        targets = [
            ChoiceShown(
                each.id,
                f"{len(known) + k}. {conditions.shown(survey, each, language)}",
                each.id == to,
            )
            for k, each in enumerate(later, 1)
        ]
        targets.append(ChoiceShown(END, _("The end: thanks"), to == END))
        problem = ""
        if to != END and to not in ids:
            targets.insert(0, ChoiceShown(to, to, chosen=True))
            problem = _("“{name}” is no later question.").format(name=to)
        when = conditions.field(
            survey, f"jump-{n}.when", jump.get("when", ""), known, language, always=_("Always")
        )
        rows.append(JumpRow(n, when, tuple(targets), problem))
    return tuple(rows)


def facts(survey: Survey) -> tuple[tuple[str, str], ...]:
    """Return what can be filled into words, as it is written, with what it says."""
    words = {
        "company": _("the company's name"),
        "first_name": _("the first name"),
        "last_name": _("the last name"),
        "name": _("the whole name"),
        "shop": _("the shop"),
        "touchpoint": _("where it happened"),
        "product": _("the product"),
        "order": _("the number of the order"),
        "agent": _("who served them"),
        "date": _("the day it happened"),
    }
    return tuple(
        (f"{{{name}}}" if name in ALWAYS_KNOWN else f"{{{name}|…}}", said)
        for name, said in words.items()
        if not (survey.anonymous and name in PERSONAL)
    )
