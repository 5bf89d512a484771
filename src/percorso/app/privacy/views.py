"""The pages about customers' rights, for the people who answer to them."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from percorso.app import company
from percorso.app.audit.looks import leaves_trace, note_once
from percorso.app.privacy import actions, queries
from percorso.app.ui.access import (
    may_erase,
    may_export_person,
    may_record_consent,
    may_see_customers,
    may_see_privacy,
    may_set_retention,
    opens_to,
)
from percorso.app.ui.export import csv_file
from percorso.app.ui.pages import Pages
from percorso.log.errors import LogError
from percorso.privacy import PrivacyError, retention
from percorso.privacy.consents import WAYS

_PER_PAGE = 50
_LONGEST = 200


@opens_to(may_see_privacy)
@require_GET
@leaves_trace("privacy.requests_seen")
def home(request: HttpRequest) -> HttpResponse:
    """Show whose requests wait, and find a person."""
    text = request.GET.get("q", "").strip()[:_LONGEST]
    found: tuple[str, ...] = ()
    trouble = ""
    if text:
        try:
            found = queries.who_is(text)
            note_once(request.user, "privacy.searched")
        except LogError as error:
            trouble = str(error)
        if len(found) == 1:
            return redirect_to(found[0])
    context = {
        "q": text,
        "found": found,
        "trouble": trouble,
        "requests": queries.requests(),
        "certificates": queries.certificates(5, 0),
        "erasing": queries.being_erased(),
    }
    return render(request, "privacy/home.html", context)


@opens_to(may_see_customers)
@require_GET
def person(request: HttpRequest) -> HttpResponse:
    """Show what somebody agreed to, and what can be done for them."""
    customer = _customer(request)
    actions.note_look(request.user, customer)  # type: ignore[arg-type] # signed in
    context = {"person": queries.somebody(customer), "ways": WAYS}
    return render(request, "privacy/person.html", context)


@opens_to(may_see_customers, change=may_record_consent)
@require_POST
def consent(request: HttpRequest) -> HttpResponse:
    """Write down what somebody said."""
    customer = _customer(request)
    choice = request.POST.get("given", "")
    try:
        if choice not in ("yes", "no"):
            raise PrivacyError(_("Say whether they agreed."))
        added = actions.write_consent(
            request.user,  # type: ignore[arg-type] # signed in
            customer,
            {request.POST.get("purpose", ""): choice == "yes"},
            request.POST.get("how", ""),
            request.POST.get("words", ""),
        )
        messages.success(request, _("It was written down.") if added else _("It was so already."))
    except LogError as error:
        messages.error(request, str(error))
    return redirect_to(customer)


@opens_to(may_see_customers, change=may_record_consent)
@require_POST
def link(request: HttpRequest) -> HttpResponse:
    """Make a link to the preference page, and show it."""
    customer = _customer(request)
    path = actions.make_link(request.user, customer)  # type: ignore[arg-type] # signed in
    base = settings.ENVIRONMENT.url or request.build_absolute_uri("/").rstrip("/")
    context = {"person": queries.somebody(customer), "ways": WAYS, "link": base + path}
    return render(request, "privacy/person.html", context)


@opens_to(may_export_person)
@require_POST
def copy(request: HttpRequest) -> HttpResponse:
    """Give all that is held about somebody as a zip."""
    customer = _customer(request)
    language = request.POST.get("language", "") or (get_language() or "it")[:2]
    try:
        packed = actions.give_copy(
            request.user,  # type: ignore[arg-type] # signed in
            customer,
            language if language in ("it", "en") else "it",
        )
    except LogError as error:
        messages.error(request, str(error))
        return redirect_to(customer)
    answer = HttpResponse(packed, content_type="application/zip")
    answer["Content-Disposition"] = 'attachment; filename="personal-data.zip"'
    answer["Cache-Control"] = "no-store"
    return answer


@opens_to(may_erase)
@require_POST
def erase(request: HttpRequest) -> HttpResponse:
    """Erase somebody, after they were named once more."""
    customer = _customer(request)
    if request.POST.get("again", "").strip() != customer:
        messages.error(request, _("Write the customer's name as it stands above, to be sure."))
        return redirect_to(customer)
    number = actions.erase(
        request.user,  # type: ignore[arg-type] # signed in
        customer,
        keep_figures="keep_figures" in request.POST,
    )
    return redirect("privacy:certificate", number)


@opens_to(may_see_privacy)
@require_GET
def certificates(request: HttpRequest) -> HttpResponse:
    """List what was erased."""
    pages = Pages.of(request, _PER_PAGE)
    found = queries.certificates(pages.size + 1, pages.offset)
    context = {
        "certificates": found[: pages.size],
        "pages": pages.of_unknown(len(found)),
        "broken": queries.certificates_broken(),
    }
    return render(request, "privacy/certificates.html", context)


@opens_to(may_see_privacy)
@require_GET
def certificate(request: HttpRequest, number: str) -> HttpResponse:
    """Show a certificate, or that it is being made."""
    found = queries.certificate(number)
    if found is None and not queries.is_waiting(number):
        raise Http404
    return render(
        request,
        "privacy/certificate.html",
        {"one": found, "places": queries.places_of(found) if found else (), "number": number},
    )


@opens_to(may_see_privacy)
@require_GET
def certificate_file(request: HttpRequest, number: str) -> HttpResponse:  # noqa: ARG001
    """Give a certificate as JSON."""
    found = queries.certificate(number)
    if found is None:
        raise Http404
    answer = JsonResponse(found.as_dict(), json_dumps_params={"indent": 1, "ensure_ascii": False})
    answer["Content-Disposition"] = f'attachment; filename="certificate-{found.id}.json"'
    return answer


@opens_to(may_see_privacy)
@require_POST
def close(request: HttpRequest, number: int) -> HttpResponse:
    """Close a request."""
    actions.close_request(request.user, number)  # type: ignore[arg-type] # signed in
    messages.success(request, _("The request is closed."))
    return redirect("privacy:home")


@opens_to(may_see_privacy)
@require_GET
def record(request: HttpRequest) -> HttpResponse:
    """Show the record of processing, and where everything is kept."""
    policy = queries.stated()
    context = {
        "policy": policy,
        "purposes": queries.shown_purposes(),
        "map": queries.data_map(),
        "rules": retention.rules(company.workspace()),
    }
    return render(request, "privacy/record.html", context)


@opens_to(may_see_privacy)
@require_GET
def data_map(request: HttpRequest) -> HttpResponse:
    """Give the data map as a CSV file."""
    actions.note_map_export(request.user)  # type: ignore[arg-type] # signed in
    columns = (_("Where"), _("What"), _("What for"), _("How long"))
    rows = [(each.where, each.what, each.purpose, each.kept) for each in queries.data_map()]
    return csv_file("data-map.csv", columns, rows)


@opens_to(may_see_privacy, change=may_set_retention)
def kept(request: HttpRequest) -> HttpResponse:
    """Show how long things are kept, what would go, and take other rules."""
    written = retention.text(company.workspace())
    trouble = ""
    if request.method == "POST":
        if request.POST.get("do") == "apply":
            actions.apply_retention(request.user)  # type: ignore[arg-type] # signed in
            messages.success(request, _("What was kept for long enough is being taken out."))
            return redirect("privacy:retention")
        written = request.POST.get("rules", "")[:20_000]
        try:
            actions.change_retention(request.user, written)  # type: ignore[arg-type] # signed in
        except PrivacyError as error:
            trouble = str(error)
        else:
            messages.success(
                request,
                _(
                    "The rules are saved. Nothing was taken out yet: what is due goes once a day, "
                    "from tomorrow on."
                ),
            )
            return redirect("privacy:retention")
    going: tuple[retention.Going, ...] = ()
    try:
        going = retention.dry_run(company.log())
    except PrivacyError as error:
        trouble = trouble or str(error)
    context = {"written": written, "trouble": trouble, "going": going}
    return render(request, "privacy/retention.html", context, status=422 if trouble else 200)


def redirect_to(customer: str) -> HttpResponse:
    """Go to the page of a person."""
    from urllib.parse import urlencode

    from django.urls import reverse

    return redirect(f"{reverse('privacy:person')}?{urlencode({'who': customer})}")


def _customer(request: HttpRequest) -> str:
    given = (request.POST if request.method == "POST" else request.GET).get("who", "").strip()
    if not given or len(given) > _LONGEST or "\0" in given:
        raise Http404
    return given
