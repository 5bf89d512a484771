"""Small pages that belong to no slice."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from percorso.app import fallen


@login_not_required
@require_GET
def health(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Say that the server and its database answer, which part of it does not, and nothing else."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("database unreachable\n", status=503, content_type="text/plain")
    down = fallen.fallen(settings.WORKSPACE) if settings.WORKSPACE is not None else ()
    parts = "".join(
        f"{each} does not stay up; its reason is in the server's log\n" for each in down
    )
    return HttpResponse(f"ok\n{parts}", content_type="text/plain")


@login_not_required
@require_GET
def robots(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Keep search engines out."""
    return HttpResponse("User-agent: *\nDisallow: /\n", content_type="text/plain")
