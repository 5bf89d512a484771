"""Touchpoints: where customers and the company meet, as the company describes it.

Each with its channel, owner, phases, promise and a communication strategy for each phase, and with
what is believed of customers there: needs, expectations, preferences, each with its evidence. What
the log says of touchpoints is asked of ``percorso.journey_map.touchpoints``.
"""

from percorso.touchpoints.errors import TouchpointChangedError, TouchpointError
from percorso.touchpoints.model import (
    ABOUTS,
    EVIDENCE_KINDS,
    MEASURES,
    PREFIXED,
    PROPERTY,
    WANTS,
    WHERE,
    About,
    Belief,
    Claim,
    Direction,
    Evidence,
    EvidenceKind,
    Orders,
    PhaseRule,
    Strategy,
    Touchpoint,
    is_measure,
    is_online,
    pattern,
)
from percorso.touchpoints.ready import READY, Start, ready
from percorso.touchpoints.registry import Registry, called, state

__all__ = [
    "ABOUTS",
    "EVIDENCE_KINDS",
    "MEASURES",
    "PREFIXED",
    "PROPERTY",
    "READY",
    "WANTS",
    "WHERE",
    "About",
    "Belief",
    "Claim",
    "Direction",
    "Evidence",
    "EvidenceKind",
    "Orders",
    "PhaseRule",
    "Registry",
    "Start",
    "Strategy",
    "Touchpoint",
    "TouchpointChangedError",
    "TouchpointError",
    "called",
    "is_measure",
    "is_online",
    "pattern",
    "ready",
    "state",
]
