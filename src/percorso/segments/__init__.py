"""Segments: which customers, said in a small language that a person reads and writes.

    orders >= 2 and last_order within 90 days and nps <= 6 and not consent marketing

Words may be English or Italian. Here is the language and what was saved in it; who is in a segment
is asked of the log: ``percorso.log.segments``.
"""

from percorso.segments.builder import from_builder, to_builder
from percorso.segments.errors import RuleError, SegmentError
from percorso.segments.parsing import parse
from percorso.segments.ready import READY, RFM
from percorso.segments.rule import AllOf, AnyOf, Condition, Not, Rule, Span
from percorso.segments.saved import Catalogue, Segment

__all__ = [
    "READY",
    "RFM",
    "AllOf",
    "AnyOf",
    "Catalogue",
    "Condition",
    "Not",
    "Rule",
    "RuleError",
    "Segment",
    "SegmentError",
    "Span",
    "from_builder",
    "parse",
    "to_builder",
]
