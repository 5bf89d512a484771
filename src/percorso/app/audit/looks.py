"""Noting who saw what is known of customers: once, however often a page refreshes."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, Final

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from percorso.app.audit.actions import record
from percorso.app.audit.models import Entry

#: Who does the same again within this time is noted once.
SAME: Final = timedelta(minutes=15)


def note_once(
    actor: AbstractBaseUser | AnonymousUser | None, action: str, subject: str = "", **details: Any
) -> None:
    """Note what ``record`` notes, unless it was a moment ago."""
    done = Entry.objects.filter(
        actor_id=actor.pk if isinstance(actor, AbstractBaseUser) else None,
        action=action,
        subject=subject,
        details=details,
        at__gte=timezone.now() - SAME,
    )
    if not done.exists():
        record(actor, action, subject, **details)


View = Callable[..., HttpResponse]


def leaves_trace(action: str, to: Callable[[object], bool] | None = None) -> Callable[[View], View]:
    """Have a view note who saw its page. What they asked for is not: it may be a name.

    ``to`` is the permission to see single customers there, where others see figures only.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def noted(request: HttpRequest, *given: Any, **named: Any) -> HttpResponse:
            answer = view(request, *given, **named)
            seen = request.method == "GET" and answer.status_code == 200
            if seen and (to is None or to(request.user)):
                note_once(request.user, action)
            return answer

        return noted

    return decorate
