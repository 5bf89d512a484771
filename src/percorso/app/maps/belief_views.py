"""Beliefs: the list with what data say of each, and the form to write one."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from percorso import labels
from percorso.app import company
from percorso.app.accounts.asking import user_of
from percorso.app.filters.scope import choices, saved_segments
from percorso.app.maps import actions, forms, queries
from percorso.app.maps.asked import Asked, asked_by
from percorso.app.maps.forms import BeliefForm
from percorso.app.maps.views import page, unreadable
from percorso.app.ui.access import may_edit_maps, may_look, opens_to
from percorso.i18n import gettext as _
from percorso.journey_map import Judged, Standing, wording
from percorso.touchpoints import Belief, Registry, TouchpointError, state


@dataclass(frozen=True, slots=True)
class BeliefShown:
    """A belief in the list."""

    id: str
    text: str
    about: str
    place: str
    claim: str
    standing: str
    standing_words: str
    tone: str
    why: str
    by: str
    day: str
    address: str


@opens_to(may_look)
@require_GET
def beliefs(request: HttpRequest) -> HttpResponse:
    asked = asked_by(request)
    try:
        judged = () if asked.scope.empty else queries.judged(asked.scope)
        known = {each.belief.id: each for each in judged}
        given = Registry(company.workspace()).beliefs()
    except TouchpointError as error:
        return page(request, "beliefs", asked, nothing=unreadable(error))
    return page(
        request,
        "beliefs",
        asked,
        rows=[_shown(each, known.get(each.id), asked) for each in given],
        period=asked.scope.words,
    )


def _shown(belief: Belief, judged: Judged | None, asked: Asked) -> BeliefShown:
    standing = judged.standing if judged else Standing.OPEN
    names = queries.names_of_touchpoints(asked.scope.log)
    where = [
        names.get(belief.touchpoint, belief.touchpoint),
        labels.phase(belief.phase) if belief.phase else "",
        labels.segment(belief.segment) if belief.segment else "",
    ]
    return BeliefShown(
        belief.id,
        belief.text,
        forms.about(belief.about),
        " · ".join(each for each in where if each),
        wording.claim(belief.claim) if belief.claim else "",
        str(standing),
        wording.standing(standing),
        {"confirmed": "good", "denied": "bad"}.get(str(standing), "still"),
        wording.why(judged) if judged else "",
        belief.by,
        labels.day(belief.at, asked.scope.zone) if belief.at else "",
        reverse("maps:belief", args=[belief.id]),
    )


@opens_to(may_look, change=may_edit_maps)
@require_http_methods(["GET", "POST"])
def belief(request: HttpRequest, belief_id: str = "") -> HttpResponse:
    """Show the form of a belief, a new one where no id is given, and save it."""
    log = company.log()
    try:
        registry = Registry(log.workspace)
        found = registry.belief(belief_id) if belief_id else None
        touchpoints = [(each.id, each.name) for each in registry.all()]
    except TouchpointError as error:
        return page(request, "belief", nothing=unreadable(error))
    if belief_id and found is None:
        raise Http404
    form = BeliefForm(
        request.POST if request.method == "POST" else None,
        touchpoints=touchpoints,
        log_touchpoints=choices(log).touchpoints if log.summary().interactions else (),
        segments=saved_segments(log),
        belief=found,
        **({} if found else {"initial": _begun(request)}),
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.save_belief(
                user_of(request), form.belief(), request.POST.get("state", "")
            )
        except TouchpointError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The belief is saved; this is what data say of it."))
            return HttpResponseRedirect(f"{reverse('maps:beliefs')}?period=all#{made.id}")
    return page(
        request,
        "belief",
        form=form,
        belief=found,
        also=forms.also(found),
        state=request.POST.get("state") or (state(found) if found else ""),
    )


def _begun(request: HttpRequest) -> dict[str, str]:
    """Return what a link to a new belief says of it already: its phase."""
    return {"phase": request.GET.get("phase", "")[:20], "direction": "lower"}


@opens_to(may_edit_maps)
@require_http_methods(["POST"])
def delete(request: HttpRequest, belief_id: str) -> HttpResponse:
    try:
        actions.delete_belief(user_of(request), belief_id)
        messages.success(request, _("The belief is deleted."))
    except TouchpointError as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(reverse("maps:beliefs"))
