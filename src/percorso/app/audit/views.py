"""The page of the trail, for administrators."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from percorso.app import company
from percorso.app.audit import queries
from percorso.app.audit.actions import record
from percorso.app.ui.access import may_see_activity, opens_to
from percorso.app.ui.export import csv_file
from percorso.app.ui.fragment import show
from percorso.app.ui.pages import Pages

PER_PAGE = 50
_LONGEST = 200


@opens_to(may_see_activity)
@require_GET
def trail(request: HttpRequest) -> HttpResponse:
    """Show who did what."""
    pages = Pages.of(request, PER_PAGE)
    zone = company.workspace().settings.zone_info
    found = queries.trail(_asked(request), zone, pages.size, pages.offset)
    given = {name: request.GET.get(name, "") for name in ("q", "action", "since", "until", "about")}
    context = {
        "lines": found.lines,
        "pages": pages.over(found.total),
        "actions": queries.actions(),
        "given": given,
        "total": found.total,
        "query": request.GET.urlencode(),
    }
    return show(request, "audit/trail.html", context)


@opens_to(may_see_activity)
@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """Give what was asked for as a CSV file. That too is written down."""
    zone = company.workspace().settings.zone_info
    rows = [
        (
            each.at.astimezone(zone).isoformat(timespec="seconds"),
            each.actor,
            each.action,
            each.subject,
        )
        for each in queries.all_lines(_asked(request), zone)
    ]
    record(request.user, "trail.exported", rows=len(rows))
    return csv_file("activity.csv", (_("When"), _("Who"), _("What"), _("About")), rows)


def _asked(request: HttpRequest) -> queries.Asked:
    customer = request.GET.get("about", "").strip()[:_LONGEST]
    return queries.Asked(
        words=request.GET.get("q", "")[:_LONGEST],
        action=request.GET.get("action", "")[:_LONGEST],
        since=_day(request.GET.get("since", "")),
        until=_day(request.GET.get("until", "")),
        keys=_keys(customer) if customer else (),
    )


def _keys(customer: str) -> tuple[str, ...]:
    """Return the keys by which the trail names a customer, whatever they were called then."""
    from percorso.log.facts import key_of
    from percorso.privacy import find

    log = company.log()
    known = {each for name in find(log, customer) for each in log.identity.references_of(name)}
    return tuple(sorted(key_of(log, each) for each in {customer, *known}))


def _day(given: str) -> date | None:
    try:
        day = date.fromisoformat(given)
    except ValueError:
        return None
    return day if 1990 <= day.year <= 2200 else None
