"""The journey results that pages are made of, worked out once for each view of the log."""

from dataclasses import dataclass

from percorso.journeys import Friction, JourneyGraph, Stops


@dataclass(frozen=True, slots=True)
class Explored:
    """What the explorer is made of. ``phases``: see Phases."""

    graph: JourneyGraph
    stops: Stops
    friction: Friction
    phases: dict[str, str]


@dataclass(frozen=True, slots=True)
class Phases:
    """Touchpoint -> the phase in which most customers pass it for the first time."""

    of: dict[str, str]
