"""The paths customers take: graph, variants, funnels, stops, friction and the ideal path."""

from percorso.journeys.directly_follows import graph
from percorso.journeys.funnels import funnel
from percorso.journeys.going_in_circles import friction
from percorso.journeys.ideal import ideal_path
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
from percorso.journeys.stopping import stops

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
    "friction",
    "funnel",
    "graph",
    "ideal_path",
    "stops",
    "variants",
]
