"""The living journey map: what customers go through, phase by phase, computed from the log.

shown = journey_map.build(log, Registry(workspace), selection)
shown.cell("purchase", "pains")
"""

from percorso.journey_map.beliefs import judge
from percorso.journey_map.building import annotated, build, compute, quotes
from percorso.journey_map.comparing import Comparison, compare
from percorso.journey_map.drafts import Draft, DraftError, Drafts, Entry, Target
from percorso.journey_map.feeling import state as texts_state
from percorso.journey_map.material import Material
from percorso.journey_map.model import (
    LANES,
    PHASES,
    Column,
    Item,
    JourneyMap,
    Judged,
    Lane,
    Standing,
    Tested,
)
from percorso.journey_map.moving import NextStep, PhaseSteps, next_steps
from percorso.journey_map.rows import COLUMNS as MAP_COLUMNS
from percorso.journey_map.rows import rows as map_rows

__all__ = [
    "LANES",
    "MAP_COLUMNS",
    "PHASES",
    "Column",
    "Comparison",
    "Draft",
    "DraftError",
    "Drafts",
    "Entry",
    "Item",
    "JourneyMap",
    "Judged",
    "Lane",
    "Material",
    "NextStep",
    "PhaseSteps",
    "Standing",
    "Target",
    "Tested",
    "annotated",
    "build",
    "compare",
    "compute",
    "judge",
    "map_rows",
    "next_steps",
    "quotes",
    "texts_state",
]
