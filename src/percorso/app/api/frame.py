"""The API itself: ``config/api.py`` adds the slices' routers to what is made here."""

import json
from typing import Any, Final, NoReturn, cast

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.urls import URLPattern
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Router
from ninja.parser import Parser

from percorso.app.api import problems
from percorso.app.api.problems import Problem, ProblemDetails

NAMESPACE: Final = "api"
#: Every operation may answer these beside its own.
ERRORS: Final[dict[int, Any]] = dict.fromkeys((401, 403, 422, 429, 503), ProblemDetails)
_ABOUT: Final = """\
Figures with their uncertainty, and interactions in. Send a token with every request
(`Authorization: Bearer prc_...`); an administrator makes them on the page API tokens. Errors are
`application/problem+json` (RFC 9457). Shares and scores are in percent points, times in UTC.
"""


class StrictJson(Parser):
    """Reads JSON as RFC 8259 has it: no NaN, no Infinity."""

    def parse_body(self, request: HttpRequest) -> Any:
        try:
            return json.loads(request.body, parse_constant=_no_number)
        except RequestDataTooBig:
            raise
        except (ValueError, RecursionError) as error:
            raise Problem(400, _("The body is not JSON.")) from error


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)


class Api(NinjaAPI):
    """Describes errors as what they are: problems."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._described: dict[str, Any] = {}

    def get_openapi_schema(self, **options: Any) -> Any:
        """Return the description, made once for each place it lies at: only read from it.

        To make it takes seconds, and whoever knows the address may ask for it.
        """
        prefix = options.get("path_prefix")
        if prefix is None:
            prefix = self.get_root_path(options.get("path_params") or {})
        if prefix not in self._described:
            self._described[prefix] = self._describe(prefix)
        return self._described[prefix]

    def _describe(self, prefix: str) -> Any:
        schema = super().get_openapi_schema(path_prefix=prefix)
        for methods in schema["paths"].values():
            for operation in methods.values():
                for status, response in operation["responses"].items():
                    content = response.get("content", {})
                    if int(status) >= 400 and "application/json" in content:
                        content[problems.TYPE] = content.pop("application/json")
        return schema


def make_api(version: str) -> NinjaAPI:
    """Return the API without operations."""
    api = Api(
        title="Percorso",
        version=version,
        description=_ABOUT,
        urls_namespace=NAMESPACE,
        docs_url=None,
        parser=StrictJson(),
    )
    problems.add_to(api)
    return api


def router(tag: str) -> Router:
    """Return a router for a slice's operations, under a heading of the description."""
    return Router(tags=[tag])


def addresses(api: NinjaAPI) -> tuple[list[URLPattern], str, str]:
    """Return the API's addresses for ``path("api/v1/", ...)``.

    They take no session: each operation asks for a token, and says so in the permission table.
    """
    patterns, application, namespace = api.urls
    for pattern in patterns:
        login_not_required(cast("Any", pattern).callback)
    return cast("list[URLPattern]", patterns), application, namespace
