"""The paths customers take: graph, variants, funnels, stops, friction and the ideal path."""

from percorso.journeys.results import (
    BackAndForth,
    Edge,
    Friction,
    Funnel,
    FunnelStep,
    Ideal,
    IdealPath,
    IdealStep,
    JourneyGraph,
    Loop,
    Node,
    Stop,
    Stops,
    Variant,
    Variants,
    Wait,
)

__all__ = [
    "BackAndForth",
    "Edge",
    "Friction",
    "Funnel",
    "FunnelStep",
    "Ideal",
    "IdealPath",
    "IdealStep",
    "JourneyGraph",
    "Loop",
    "Node",
    "Stop",
    "Stops",
    "Variant",
    "Variants",
    "Wait",
]
