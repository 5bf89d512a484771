"""A page, or only its content where htmx asks for that."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers


def show(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, address: str = ""
) -> HttpResponse:
    """Render ``template``, or its partial ``body`` where htmx swaps that in.

    The template is told by ``swapped`` which it is: a partial carries its title along where the
    pages it swaps between have titles of their own (``ui/parts/title.html``).
    ``address`` is the page's canonical address (``?...``): a form sends empty fields along, and
    the browser's address bar is better off without them.
    """
    partial = is_partial(request)
    response = render(
        request, f"{template}#body" if partial else template, {**context, "swapped": partial}
    )
    if partial and address:
        response["HX-Push-Url"] = request.path + ("" if address == "?" else address)
    patch_vary_headers(response, ["HX-Request-Type", "HX-History-Restore-Request"])
    return response


def is_partial(request: HttpRequest) -> bool:
    """Say whether htmx asks for a part of a page it shows already."""
    return (
        request.headers.get("HX-Request-Type") == "partial"
        and "HX-History-Restore-Request" not in request.headers
    )
