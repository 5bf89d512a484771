"""Pairs that may be one customer: what speaks for and against, and a person's answer."""

from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from percorso.app import company
from percorso.app.accounts.asking import user_of
from percorso.app.audit.looks import leaves_trace
from percorso.app.customers import actions, pairs_shown
from percorso.app.customers.errors import CustomersError
from percorso.app.ui.access import may_join_customers, opens_to
from percorso.app.ui.fragment import show
from percorso.i18n import gettext as _

#: Pairs on the page; the next come when these are answered.
PAIRS: Final = 10


@opens_to(may_join_customers)
@require_GET
@leaves_trace("customer.pairs_seen")
def pairs(request: HttpRequest) -> HttpResponse:
    """Show the pairs that wait, the most probable first, and what was answered lately."""
    log = company.log()
    waiting = pairs_shown.waiting(log, PAIRS)
    context = {
        "pairs": waiting,
        "total": log.identity.count()["questions"],
        "answered": pairs_shown.answered(log),
    }
    return show(request, "customers/pairs.html", context)


@opens_to(may_join_customers)
@require_POST
def answer(request: HttpRequest) -> HttpResponse:
    """Keep what a person says of a pair; it counts at once, in the past too."""
    one, other, said = (request.POST.get(name, "") for name in ("one", "other", "same"))
    if not one or not other or said not in ("yes", "no"):
        return HttpResponse(status=400)
    try:
        actions.answer_pair(user_of(request), one, other, same=said == "yes")
    except CustomersError as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request,
            _("They are one customer now, in the past too.")
            if said == "yes"
            else _("They stay two customers; nobody is asked again."),
        )
    return HttpResponseRedirect(reverse("customers:pairs"))
