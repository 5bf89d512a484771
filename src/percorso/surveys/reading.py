"""A survey as JSON: reading it, with what is wrong in words, and writing it."""

import re
from typing import Any, Final

import msgspec

from percorso.i18n import gettext as _
from percorso.surveys import model
from percorso.surveys.errors import DefinitionError, SurveyError
from percorso.surveys.model import QUESTION_TYPES, Survey
from percorso.surveys.parsing import did_you_mean

#: The largest definition, in bytes: two hundred questions in ten languages are half of it.
LARGEST: Final = 1_000_000
_decoder: Final = msgspec.json.Decoder(Survey)
_encoder: Final = msgspec.json.Encoder()
_FIELD: Final = re.compile(r"(?:unknown|missing required) field `(.*)`")
_PLACE: Final = re.compile(r" - at `(?:key in )?\$?\.?(?P<place>[^`]*)`$")


def from_json(data: bytes | str, name: str = "") -> Survey:
    """Return the survey that JSON defines.

    Raises DefinitionError: ``name``, where, what, and a hint. Only the form is checked
    here; whether the survey makes sense is told by ``problems``.
    """
    given = data.encode(errors="replace") if isinstance(data, str) else data
    if len(given) > LARGEST:
        rule = _("A survey has at most {most} bytes; this has {n}.").format(
            most=LARGEST, n=len(given)
        )
        raise DefinitionError(_at(name, "") + rule, rule)
    try:
        return _decoder.decode(given)
    except msgspec.ValidationError as error:
        raise _explained(str(error), name) from error
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        rule = _no_json(str(error))
        raise DefinitionError(_at(name, "") + rule, rule) from error


def to_json(survey: Survey) -> bytes:
    """Return a survey as JSON that a person can read. The same survey gives the same bytes.

    Raises SurveyError where its words hold halves of characters, which no file can.
    """
    try:
        return msgspec.json.format(_encoder.encode(survey), indent=2) + b"\n"
    except UnicodeEncodeError as error:
        raise SurveyError(
            _at(survey.id, "") + _("a text holds characters that cannot be written.")
        ) from error


def from_plain(given: Any, name: str = "") -> Survey:
    """Return the survey that plain values define, as a form or an API sends them.

    Raises SurveyError, as ``from_json`` does.
    """
    try:
        return msgspec.convert(given, Survey)
    except msgspec.ValidationError as error:
        raise _explained(str(error), name) from error
    except RecursionError as error:
        raise SurveyError(_at(name, "") + _("Too many brackets in others.")) from error


def to_plain(survey: Survey) -> dict[str, Any]:
    """Return a survey as plain values."""
    plain: dict[str, Any] = msgspec.to_builtins(survey)
    return plain


def _at(name: str, place: str) -> str:
    where = ", ".join(each for each in (name, place) if each)
    return f"{where}: " if where else ""


def _explained(error: str, name: str) -> DefinitionError:
    """Return msgspec's words in ours, with where it is, and what may have been meant."""
    found = _PLACE.search(error)
    place = found["place"] if found else ""
    said = _PLACE.sub("", error)[:300]
    rule, field = _in_our_words(said), _FIELD.search(said)
    return DefinitionError(_at(name, place) + rule, rule, place, field[1] if field else "")


def _no_json(error: str) -> str:
    """Return in our words why a text is no JSON."""
    byte = re.search(r"\(byte (\d+)\)", error)
    wanted = re.search(r"expected ('.*?)(?: \(byte|$)", error)
    if "truncated" in error:
        return _("This is no JSON: it ends before it is whole. A bracket or a quote is missing.")
    if byte and wanted:
        signs = wanted[1].replace("' or '", "  ").replace("'", "")
        return _("This is no JSON: at byte {n} one of these is missing: {signs}").format(
            n=byte[1], signs=signs
        )
    if byte:
        return _("This is no JSON: what stands at byte {n} cannot stand there.").format(n=byte[1])
    return _("This is no JSON: {error}").format(error=error)


def _in_our_words(said: str) -> str:
    unknown = re.search(r"unknown field `(.*)`", said)
    if unknown:
        return _("unknown field “{name}”.").format(name=unknown[1]) + did_you_mean(
            unknown[1], _FIELDS
        )
    missing = re.search(r"missing required field `(.*)`", said)
    if missing:
        return _("the field “{name}” is missing.").format(name=missing[1])
    wrong = re.search(r"Expected `(.*)`, got `(.*)`", said)
    if wrong:
        return _("expected {wanted}, found {found}.").format(wanted=wrong[1], found=wrong[2])
    bound = re.search(r"Expected `.*` ([<>]=) (\d+)", said)
    if bound:
        least = _("expected a number that is at least {bound}.")
        most = _("expected a number that is at most {bound}.")
        return (least if bound[1] == ">=" else most).format(bound=bound[2])
    value = re.search(r"Invalid (?:enum )?value '(.*)'", said)
    if value:
        return _("“{value}” is no value here.").format(value=value[1]) + did_you_mean(
            value[1], _VALUES
        )
    return said


def _fields() -> frozenset[str]:
    parts: tuple[type[msgspec.Struct], ...] = (
        model.Survey, model.Jump, model.Option, model.Level, model.PmfWords, model.Page,
        model.Colours, model.Theme, model.Ending, model.Link, *QUESTION_TYPES.values(),
    )  # fmt: skip
    return frozenset(field.encode_name for each in parts for field in msgspec.structs.fields(each))


_FIELDS: Final = _fields()
_VALUES: Final = (
    *QUESTION_TYPES, "one", "all", "pages", "review", "refer", "other", *model.CONTACT_PARTS,
    "service", "survey", "marketing", "profiling",
)  # fmt: skip
