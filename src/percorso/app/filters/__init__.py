"""What part of the log a page is about: period, segment, channel, touchpoint, in its address."""

from percorso.app.filters.filter import Filter, Option, Span, Spans

__all__ = ["Filter", "Option", "Span", "Spans"]
