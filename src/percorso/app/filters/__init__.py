"""What part of the log a page is about: period, segment, channel, touchpoint, in its address."""

from percorso.app.filters.filter import Compared, Filter, Option, Span, Spans
from percorso.app.filters.scope import Provenance, Scope, provenance, scope

__all__ = [
    "Compared",
    "Filter",
    "Option",
    "Provenance",
    "Scope",
    "Span",
    "Spans",
    "provenance",
    "scope",
]
