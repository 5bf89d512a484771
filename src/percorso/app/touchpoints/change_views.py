"""What CX managers change: a touchpoint, and what customers want there."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from percorso import labels
from percorso.app import company
from percorso.app.accounts.asking import user_of
from percorso.app.touchpoints import actions, queries
from percorso.app.touchpoints.forms import EvidenceForm, TouchpointForm, WantForm
from percorso.app.touchpoints.views import show_one
from percorso.app.ui.access import may_edit_touchpoints, opens_to
from percorso.i18n import gettext as _
from percorso.i18n import ngettext
from percorso.journey_map.touchpoints import suggested
from percorso.touchpoints import Touchpoint, TouchpointChangedError, TouchpointError, state


@opens_to(may_edit_touchpoints)
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Add what the log has found, or a ready list, in one step."""
    try:
        added = actions.begin(user_of(request), request.POST.get("with", ""))
    except TouchpointError as error:
        messages.error(request, str(error))
    else:
        words = ngettext(
            "{n} touchpoint is added. Say who answers for it.",
            "{n} touchpoints are added. Say who answers for them.",
            len(added),
        )
        messages.success(
            request,
            words.format(n=labels.number(len(added)))
            if added
            else _("All of these are there already."),
        )
    return redirect("touchpoints:list")


@opens_to(may_edit_touchpoints)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Describe a touchpoint: a new one, or one the log knows by a name."""
    if request.method == "POST":
        return _saved(request, TouchpointForm.sent(request.POST), "")
    return _editor(request, TouchpointForm.of(_suggestion(request.GET), ""), None)


@opens_to(may_edit_touchpoints)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, touchpoint_id: str) -> HttpResponse:
    """Change a touchpoint."""
    given = _find(touchpoint_id)
    if request.method == "POST":
        return _saved(request, TouchpointForm.sent(request.POST), given.id)
    return _editor(request, TouchpointForm.of(given, state(given)), given)


@opens_to(may_edit_touchpoints)
@require_POST
def delete(request: HttpRequest, touchpoint_id: str) -> HttpResponse:
    """Delete a touchpoint of the registry; the log keeps what happened there."""
    try:
        gone = actions.delete(user_of(request), touchpoint_id)
    except TouchpointError as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request,
            _("“{name}” is no longer described. What happened there stays in the log.").format(
                name=gone.name
            ),
        )
    return redirect("touchpoints:list")


@opens_to(may_edit_touchpoints)
@require_POST
def want(request: HttpRequest, touchpoint_id: str) -> HttpResponse:
    """Write down what customers want at a touchpoint."""
    given = _find(touchpoint_id)
    form = WantForm(request.POST)
    if form.is_valid():
        try:
            actions.believe(user_of(request), form.belief(given.id))
        except TouchpointError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("It is written down."))
            return _back(given.id)
    return show_one(request, given.id, want=form, status=422)


@opens_to(may_edit_touchpoints)
@require_POST
def change_want(request: HttpRequest, touchpoint_id: str, want_id: str) -> HttpResponse:
    """Add evidence to what customers want, take some away, or delete it."""
    given = _find(touchpoint_id)
    if all(each.id != want_id for each in queries.kept().of(given.id)):
        raise Http404
    do, _dash, place = request.POST.get("do", "").partition("-")
    form = EvidenceForm(request.POST)
    try:
        if do == "delete":
            actions.disbelieve(user_of(request), want_id)
            messages.success(request, _("It is deleted."))
        elif do == "remove" and place.isdecimal():
            actions.remove_evidence(user_of(request), want_id, int(place))
            messages.success(request, _("The evidence is taken away."))
        elif form.is_valid() and (evidence := list(form.evidence())):
            for each in evidence:
                actions.add_evidence(user_of(request), want_id, each)
            messages.success(request, _("The evidence is added."))
        else:
            if form.is_valid():
                form.add_error(None, _("Choose something measured, or say what was seen."))
            return show_one(request, given.id, adding=form, adding_to=want_id, status=422)
    except TouchpointError as error:
        form.add_error(None, str(error))
        return show_one(request, given.id, adding=form, adding_to=want_id, status=422)
    return _back(given.id)


def _saved(request: HttpRequest, form: TouchpointForm, id_: str) -> HttpResponse:
    if form.is_valid():
        try:
            made = actions.save(
                user_of(request), form.touchpoint(id_), form.cleaned_data["state"] if id_ else ""
            )
        except TouchpointChangedError:
            form.add_error(
                None,
                _(
                    "Somebody else changed this touchpoint meanwhile. Open it in another tab, and "
                    "put your change to theirs."
                ),
            )
        except TouchpointError as error:
            form.blame(error)
        else:
            messages.success(request, _("“{name}” is saved.").format(name=made.name))
            return redirect("touchpoints:one", made.id)
    return _editor(request, form, _find(id_) if id_ else None, status=422)


def _editor(
    request: HttpRequest, form: TouchpointForm, given: Touchpoint | None, status: int = 200
) -> HttpResponse:
    kept = queries.kept()
    seen = queries.seen(company.log(), kept.touchpoints)
    context = {
        "form": form,
        "given": given,
        "owners": sorted({each.owner for each in kept.touchpoints if each.owner}),
        "free": [each.name for each in seen.rows if not each.id],
    }
    return render(request, "touchpoints/edit.html", context, status=status)


def _suggestion(query: QueryDict) -> Touchpoint:
    """Return a touchpoint to begin with: as the log knows the one named, else a blank one."""
    name = query.get("name", "")
    if name:
        kept = queries.kept()
        for each in queries.seen(company.log(), kept.touchpoints).rows:
            if not each.id and each.name == name:
                return suggested(each)
    return Touchpoint(id="", name="", channel="store")


def _find(touchpoint_id: str) -> Touchpoint:
    found = queries.kept().find(touchpoint_id)
    if found is None:
        raise Http404
    return found


def _back(touchpoint_id: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("touchpoints:one", args=[touchpoint_id]) + "#wants")
