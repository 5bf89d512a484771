"""What part of the log a request asks about, and figures as they are sent."""

from collections.abc import Collection
from typing import Annotated, Any, Final

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Schema
from pydantic import Field

from percorso.app.api.problems import Problem, WrongField, broken
from percorso.app.company import workspace
from percorso.log.selection import Selection
from percorso.vocabulary import CHANNELS, KINDS, Phase

_PROPERTY: Final = "property."
_SEVERAL: Final = ("touchpoint", "channel", "phase", "segment", "kind")
_MOMENT: Final = {"examples": ["2026-01-31", "2026-01-31T09:30:00Z"]}


def _words(known: Any) -> Any:
    return Field(default=[], json_schema_extra={"items": {"type": "string", "enum": list(known)}})


class Part(Schema):
    """A part of the log; a row has any of the words of one field, and of the fields all."""

    since: Annotated[
        str | None,
        Field(description="From this day or moment on.", json_schema_extra=_MOMENT),
    ] = None
    until: Annotated[
        str | None,
        Field(description="Before this day or moment.", json_schema_extra=_MOMENT),
    ] = None
    touchpoint: list[str] = []
    channel: list[str] = _words(CHANNELS)
    phase: list[str] = _words(str(each) for each in Phase)
    segment: list[str] = []
    kind: list[str] = _words(KINDS)


def selection(request: HttpRequest, *own: str) -> Selection:
    """Return what the address asks about: a Part, and ``property.NAME=value``.

    ``own`` are the operation's parameters of its own. Raises Problem where one is not known or
    empty, and SelectionError where the part makes no sense.
    """
    known = {*Part.model_fields, *own}
    given = dict(request.GET.lists())
    for name, values in given.items():
        rule = _broken_rule(name, values, known)
        if rule:
            raise Problem(422, broken(1), [WrongField(field=f"query.{name}", rule=rule)])
    return Selection.from_query(
        {name: values for name, values in given.items() if name not in own},
        workspace().settings.zone_info,
    )


def _broken_rule(name: str, values: list[str], known: Collection[str]) -> str:
    of_property = name.startswith(_PROPERTY) and name != _PROPERTY
    if name not in known and not of_property:
        return _("is not a parameter")
    if "" in values:
        return _("must not be empty")
    if len(values) > 1 and not of_property and name not in _SEVERAL:
        return _("must be given once")
    return ""


def refuse_others(request: HttpRequest, known: Collection[str]) -> None:
    """Refuse parameters that are not ``known``, empty, or given twice. Raises Problem."""
    for name, values in request.GET.lists():
        rule = _broken_rule(name, values, known) if name in known else _("is not a parameter")
        if rule:
            raise Problem(422, broken(1), [WrongField(field=f"query.{name}", rule=rule)])


class Estimate(Schema):
    """A figure with its 95% interval; null where fewer than 5 customers stand behind it, also n."""

    value: float | None
    low: float | None
    high: float | None
    n: int | None
    method: str
