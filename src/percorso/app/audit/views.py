"""The page of the trail, for administrators."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from percorso.app.audit import queries
from percorso.app.ui.access import Role, role_required
from percorso.app.ui.pages import Pages

PER_PAGE = 50


@role_required(Role.ADMINISTRATOR)
def trail(request: HttpRequest) -> HttpResponse:
    """Show who did what."""
    pages = Pages.of(request, PER_PAGE)
    found = queries.trail(pages.size, pages.offset)
    return render(
        request, "audit/trail.html", {"lines": found.lines, "pages": pages.over(found.total)}
    )
