"""Problems for programs."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language
from ninja import Query, Schema

from percorso.app import company, results
from percorso.app.api.asked import Part, selection
from percorso.app.api.auth import Token
from percorso.app.api.frame import ERRORS, router

operations = router("Problems")


class Problems(Schema):
    """The problems in a part of the log, the worst first; see docs/concepts/problems.md."""

    log_version: int
    problems: list[dict[str, Any]]


@operations.get(
    "/problems", response={200: Problems, **ERRORS}, auth=Token("read:figures"), summary="Problems"
)
def problems(request: HttpRequest, part: Query[Part]) -> Any:  # noqa: ARG001 - read by selection
    """Return where customers fare worse than elsewhere, how many, and what it costs them in score.

    Words are in the language of `Accept-Language`. Scope: `read:figures`.
    """
    asked, log = selection(request), company.log()
    summary = log.summary()

    def compute() -> dict[str, Any]:
        from percorso import explain
        from percorso.log.steps import open_steps

        if summary.interactions == 0:
            return {"problems": []}
        found = explain.problems(log, open_steps(log), asked)
        return {"problems": [each.as_dict() for each in found]}

    kept = results.result(log, "api-problems", (asked, get_language()), dict, compute)
    return {"log_version": summary.version, **kept}
