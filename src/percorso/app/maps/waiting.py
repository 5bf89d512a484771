"""Maps that take longer than their page: the page is shown first, and its map follows."""

from typing import Final

from django.http import HttpRequest

from percorso.app.filters import Scope
from percorso.app.maps import queries
from percorso.app.maps.queries import Against

#: Says in an address that whoever asks waits until the map is worked out.
WAIT: Final = "wait"


def later(request: HttpRequest, query: str, *maps: tuple[Scope, Against]) -> str:
    """Return where a page gets what it shows of ``maps``; empty where nobody has to wait.

    With script the page asks for it once it is shown; without, the browser goes there by itself.
    ``query`` is the page's own (``?...`` or empty).
    """
    if request.GET.get(WAIT):
        return ""
    if all(scope.empty or scope.chosen.nobody or queries.known(scope, a) for scope, a in maps):
        return ""
    return f"{query or '?'}{'&' if query else ''}{WAIT}=1"
