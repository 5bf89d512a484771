"""A map as a file: PDF, PNG. What is drawn is percorso.charts.journey_map."""

from dataclasses import replace

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from percorso import labels
from percorso.app import company
from percorso.app.maps import queries
from percorso.app.maps.asked import Asked, asked_by
from percorso.app.maps.draft_views import today, with_persona
from percorso.app.ui.access import may_look, opens_to
from percorso.app.ui.errors import too_many_requests
from percorso.app.ui.rates import too_often
from percorso.i18n import gettext as _
from percorso.journey_map import DraftError, Drafts

#: Drawing takes a second of a processor.
_A_MINUTE = 20


@opens_to(may_look)
@require_GET
def pdf(request: HttpRequest) -> HttpResponse:
    return _file(request, "pdf", "application/pdf")


@opens_to(may_look)
@require_GET
def png(request: HttpRequest) -> HttpResponse:
    return _file(request, "png", "image/png")


def _file(request: HttpRequest, kind: str, content_type: str) -> HttpResponse:
    from percorso.charts import journey_map as chart

    if too_often("map files", str(request.user.pk), _A_MINUTE):
        return too_many_requests(request)
    drawn = _drawn(asked_by(request), request.GET.get("draft", ""))
    content = chart.pdf(drawn) if kind == "pdf" else chart.png(drawn)
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="percorso-journey-map.{kind}"'
    return response


def _drawn(asked: Asked, draft_id: str) -> str:
    from percorso.charts import journey_map as chart

    try:
        draft = Drafts(company.workspace()).find(draft_id) if draft_id else None
    except DraftError as error:
        raise Http404 from error
    if draft_id and draft is None:
        raise Http404
    if draft is not None:
        asked = with_persona(asked, draft)
        given = today(asked.scope, draft)
    elif asked.scope.empty or asked.scope.chosen.nobody:
        # Of nobody, or of fewer than may be shown, there is no picture.
        raise Http404
    else:
        given = queries.shown(asked.scope, asked.against)
    settings = company.workspace().settings
    persona = draft.segment if draft else asked.scope.chosen.segment
    title = draft.name if draft else _("Journey map of {company}").format(company=settings.company)
    lines = [
        labels.segment(persona) if persona else _("All customers"),
        replace(asked.scope, chosen=replace(asked.scope.chosen, segment="")).words,
    ]
    if asked.held_against and not asked.too_short:
        lines.append(_("held against {what}").format(what=asked.held_against))
    lines.append(
        _("version {version} of the log").format(version=labels.number(asked.scope.summary.version))
    )
    return chart.svg(given, title, [" · ".join(lines)], metric=asked.scale, draft=draft)
