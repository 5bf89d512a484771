"""The journey results that pages are made of, worked out once for each view of the log."""

from dataclasses import dataclass

from percorso.journeys import Friction, JourneyGraph, Stops


@dataclass(frozen=True, slots=True)
class Explored:
    """What the explorer is made of. ``phases`` holds the phase most usual for a touchpoint."""

    graph: JourneyGraph
    stops: Stops
    friction: Friction
    phases: dict[str, str]


@dataclass(frozen=True, slots=True)
class Phases:
    """Touchpoint -> the phase most usual there."""

    of: dict[str, str]
