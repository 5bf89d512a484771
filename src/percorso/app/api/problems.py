"""Errors as ``application/problem+json`` (RFC 9457): what is wrong, never how the inside looks."""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError
from pydantic import BaseModel

from percorso import labels
from percorso.log.errors import LogBusyError, LogError
from percorso.log.selection import SelectionError
from percorso.metrics import DimensionError
from percorso.vocabulary import Violation
from percorso.workspace import WorkspaceError

TYPE: Final = "application/problem+json"
ROOT: Final = "/api/"
#: Headers of an error that say what to do about it.
_KEPT: Final = ("Allow", "Retry-After", "WWW-Authenticate")
#: More errors than this are counted, not listed.
LISTED: Final = 100
_VALUE_SHOWN: Final = 200
#: What is said where Django gives no reason of its own.
_ADVICE: Final = {
    404: gettext_lazy("There is nothing here. See /api/v1/openapi.json."),
    405: gettext_lazy("This address takes other methods: see the header Allow."),
}


class WrongField(BaseModel):
    """A field that breaks a rule: where it is, the rule, and the value where it can be shown."""

    field: str
    rule: str
    value: str | None = None


class ProblemDetails(BaseModel):
    """RFC 9457: ``title`` is the same for every problem of a status, ``detail`` is of this one."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""
    errors: list[WrongField] = []


class Problem(Exception):  # noqa: N818 - reads as what it says
    """Something the caller can mend; operations raise it."""

    def __init__(self, status: int, detail: str, errors: Sequence[WrongField] = ()) -> None:
        super().__init__(detail)
        self.status, self.detail, self.errors = status, detail, tuple(errors)


def answer(
    status: int,
    detail: str = "",
    errors: Sequence[WrongField] = (),
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Return the problem as an answer."""
    details = ProblemDetails(
        title=HTTPStatus(status).phrase, status=status, detail=detail, errors=list(errors[:LISTED])
    )
    # Escapes keep what is no character, such as half of a pair, from breaking the answer.
    body = json.dumps(details.model_dump(exclude_none=True, exclude_defaults=False))
    return HttpResponse(body, status=status, content_type=TYPE, headers=dict(headers or {}))


def wrong(place: str, violation: Violation) -> WrongField:
    """Return a violation of the log's rules, in the caller's language."""
    return WrongField(
        field=f"{place}{violation.field}",
        rule=labels.phrase(violation.rule),
        value=violation.value or None,
    )


def add_to(api: NinjaAPI) -> None:
    """Have every error of the API answered as a problem."""
    for kind, handler in _HANDLERS.items():
        api.add_exception_handler(kind, handler)


class Problems:
    """Turns what Django itself says below /api/ (no such address, wrong method) into problems."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        said_well = response.headers.get("Content-Type", "").startswith(TYPE)
        if not request.path.startswith(ROOT) or response.status_code < 400 or said_well:
            return response
        kept = {name: response.headers[name] for name in _KEPT if name in response.headers}
        return answer(
            response.status_code, str(_ADVICE.get(response.status_code, "")), headers=kept
        )


def _of_problem(_request: HttpRequest, error: Any) -> HttpResponse:
    return answer(error.status, error.detail, error.errors)


def _of_validation(_request: HttpRequest, error: Any) -> HttpResponse:
    fields = [_wrong_field(each) for each in error.errors]
    return answer(422, broken(len(fields)), fields)


def broken(values: int) -> str:
    """Say how many values break a rule."""
    return ngettext("%d value breaks a rule.", "%d values break a rule.", values) % values


def _wrong_field(error: Mapping[str, Any]) -> WrongField:
    place = [str(each) for each in error.get("loc", ())]
    if place[:1] == ["body"]:
        del place[1:2]  # the name of a parameter of ours
    given = error.get("input")
    value = str(given)[:_VALUE_SHOWN] if isinstance(given, str | int | float) else None
    return WrongField(field=".".join(place), rule=str(error.get("msg", "")), value=value)


def _of_authentication(_request: HttpRequest, error: Any) -> HttpResponse:
    return answer(401, error.message, headers={"WWW-Authenticate": 'Bearer realm="percorso"'})


def _of_throttling(_request: HttpRequest, error: Any) -> HttpResponse:
    wait = str(error.wait or 1)
    return answer(429, _("Ask again in %s s.") % wait, headers={"Retry-After": wait})


def _of_http(_request: HttpRequest, error: Any) -> HttpResponse:
    return answer(error.status_code, str(error))


def _of_absence(_request: HttpRequest, _error: Any) -> HttpResponse:
    return answer(404, str(_ADVICE[404]))


def _of_permission(_request: HttpRequest, _error: Any) -> HttpResponse:
    return answer(403, _("The token does not allow this."))


def _of_question(_request: HttpRequest, error: Any) -> HttpResponse:
    return answer(422, str(error))


def _of_size(_request: HttpRequest, _error: Any) -> HttpResponse:
    return answer(413, _("Send less at once."))


def _of_a_busy_log(_request: HttpRequest, _error: Any) -> HttpResponse:
    return answer(503, _("The log is busy. Nothing was stored."), headers={"Retry-After": "5"})


def _of_the_log(_request: HttpRequest, error: Any) -> HttpResponse:
    logging.getLogger("percorso").error("the API could not use the log: %s", error)
    return answer(503, _("The log cannot be used now."), headers={"Retry-After": "60"})


def _of_anything(request: HttpRequest, error: Any) -> HttpResponse:
    logging.getLogger("percorso").error(
        "%s %s failed", request.method, request.path, exc_info=error
    )
    return answer(500, _("Something went wrong on our side."))


_HANDLERS: Final[dict[type[Exception], Callable[[HttpRequest, Any], HttpResponse]]] = {
    Exception: _of_anything,
    Problem: _of_problem,
    ValidationError: _of_validation,
    HttpError: _of_http,
    AuthenticationError: _of_authentication,
    Throttled: _of_throttling,
    Http404: _of_absence,
    PermissionDenied: _of_permission,
    SelectionError: _of_question,
    DimensionError: _of_question,
    RequestDataTooBig: _of_size,
    LogError: _of_the_log,
    LogBusyError: _of_a_busy_log,
    WorkspaceError: _of_the_log,
}
