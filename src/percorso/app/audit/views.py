"""The page of the trail, for administrators."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from percorso.app.audit import queries
from percorso.app.ui.access import may_see_activity, opens_to
from percorso.app.ui.pages import Pages

PER_PAGE = 50


@opens_to(may_see_activity)
@require_GET
def trail(request: HttpRequest) -> HttpResponse:
    """Show who did what."""
    pages = Pages.of(request, PER_PAGE)
    found = queries.trail(pages.size, pages.offset)
    return render(
        request, "audit/trail.html", {"lines": found.lines, "pages": pages.over(found.total)}
    )
