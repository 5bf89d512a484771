"""Small pages that belong to no slice."""

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET


@login_not_required
@require_GET
def health(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Say that the server and its database answer, and nothing else."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("database unreachable\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@require_GET
def robots(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Keep search engines out."""
    return HttpResponse("User-agent: *\nDisallow: /\n", content_type="text/plain")
