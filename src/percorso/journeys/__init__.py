"""The paths customers take: graph, variants, funnels, stops, friction and the ideal path."""

from percorso.journeys.directly_follows import graph
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
from percorso.journeys.same_journeys import variants

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
    "graph",
    "variants",
]
