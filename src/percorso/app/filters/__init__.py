"""What part of the log a page is about: period, segment, channel, touchpoint, in its address."""

from percorso.app.filters.filter import Filter, Option, Span, Spans
from percorso.app.filters.scope import Provenance, Scope, provenance, scope

__all__ = ["Filter", "Option", "Provenance", "Scope", "Span", "Spans", "provenance", "scope"]
