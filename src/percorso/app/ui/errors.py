"""Pages for when something cannot be done: what happened, and what to do.

Customers, and whoever a link was sent to, know the company and not Percorso: they are not led to
its first page, where they would have to sign in.
"""

from typing import Final

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from percorso.app.ui.language import of_visitor

#: Where addresses begin that are for those outside the company.
OUTSIDE: Final = ("/s/", "/choices/", "/here/", "/maps/shared/")
_Words = str | Promise


def _page(
    request: HttpRequest, status: int, title: _Words, advice: _Words, outside: _Words = ""
) -> HttpResponse:
    """Return a page that says what happened; ``outside`` is what others than people here can do.

    Theirs is in the language that the address asks for.
    """
    if not request.path_info.startswith(OUTSIDE):
        return render(request, "ui/error.html", {"title": title, "advice": advice}, status=status)
    with translation.override(of_visitor(request)):
        shown = {"title": title, "advice": outside or advice}
        return render(request, "ui/outside_error.html", shown, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        return _page(
            request,
            413,
            _("That is more than the server takes at once."),
            _(
                "Send the files one by one, or zipped. Whoever runs the server can raise the limit "
                "(PERCORSO_UPLOAD_LIMIT_MB), free the disk, or run percorso import there."
            ),
            _("Go back, write less and send it again."),
        )
    return _page(
        request,
        400,
        _("The request could not be read."),
        _("Go back and try again. If it happens again, tell whoever runs the server."),
        _("Go back and try again. If it happens again, tell whoever gave you the link."),
    )


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return _page(
        request,
        403,
        _("Your role does not allow this."),
        _("An administrator can change your role on the page People."),
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    return _page(
        request,
        403,
        _("The form was open for too long, or cookies are switched off."),
        _("Go back, reload the page and send the form again."),
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return _page(
        request,
        404,
        _("There is no such page."),
        _("The link may be old, or what was here is gone. Start again from the first page."),
        _("The link is old or not whole. Open it once more, or ask whoever gave it to you."),
    )


def too_many_requests(request: HttpRequest) -> HttpResponse:
    return _page(
        request,
        429,
        _("That was tried too often."),
        _("Wait some minutes, then try again. This keeps others from guessing."),
        _("Wait a minute, then go back and try again."),
    )


def unreadable_rules(request: HttpRequest, error: Exception) -> HttpResponse:
    advice: _Words = _("Try again later. Nothing is lost.")
    # Where the file lies, and what is in it, is for those who work here.
    if request.user.is_authenticated:
        advice = _("{error} Mend the file: the figures are back at once.").format(error=error)
    return _page(request, 503, _("The rules of the phases cannot be read."), advice)


def server_error(request: HttpRequest) -> HttpResponse:
    return _page(
        request,
        500,
        _("Something went wrong on our side."),
        _("Nothing you sent was lost or half done. The reason is in the server's log."),
        _("Nothing is half done. Go back and try again in a minute."),
    )
