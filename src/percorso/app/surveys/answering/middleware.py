"""The way in to the pages that customers answer on."""

from collections.abc import Callable
from typing import Final, cast

from django.core.exceptions import PermissionDenied
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponse
from django.urls import resolve
from django.utils import translation

from percorso import i18n
from percorso.app.accounts.middleware import visitors_language

#: Where the addresses of ``ADDRESSES`` begin.
ROOT: Final = "/s/"
ADDRESSES: Final = "percorso.app.surveys.answering_urls"


class Answering:
    """Answers customers here: what stands further in is of accounts, sessions and their messages.

    Customers have none of those. When a survey is sent out, all that would be most of the time
    their pages take.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        # What does not work is said in the visitor's language too.
        self._answer = cast(
            "Callable[[HttpRequest], HttpResponse]", convert_exception_to_response(_answer)
        )

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(ROOT):
            return self.get_response(request)
        language = visitors_language(request)
        translation.activate(language)
        with i18n.in_language(language):
            return self._answer(request)


def _answer(request: HttpRequest) -> HttpResponse:
    request.resolver_match = match = resolve(f"/{request.path_info[len(ROOT) :]}", ADDRESSES)
    if getattr(match.func, "login_required", True):
        # Nobody further in is asked: a page that does not say it is for everybody is for nobody.
        raise PermissionDenied
    answer: HttpResponse = match.func(request, **match.kwargs)
    return answer
