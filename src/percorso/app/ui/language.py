"""In which language whoever has no account here reads."""

from django.http import HttpRequest
from django.utils import translation

from percorso.workspace import LANGUAGES


def of_visitor(request: HttpRequest) -> str:
    """Return the language that an address asks for (``?lang=en``), else the visitor's."""
    asked = request.GET.get("lang", "")
    return asked if asked in LANGUAGES else (translation.get_language() or "it")[:2]
