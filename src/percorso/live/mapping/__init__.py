"""What live events mean: rules from events to rows of the log."""

from percorso.live.mapping.ids import event_id
from percorso.live.mapping.mapping import (
    ELSEWHERE,
    MOST_TOUCHPOINTS,
    MappedEvents,
    Mapper,
)
from percorso.live.mapping.rules import (
    SHIPPED,
    Makes,
    MappingRulesError,
    Rule,
    Rules,
    load_rules,
    own_text,
    read_rules,
)
from percorso.live.mapping.trial import Changed, Trial, try_rules
from percorso.live.mapping.unmappable import whole

__all__ = [
    "ELSEWHERE",
    "MOST_TOUCHPOINTS",
    "SHIPPED",
    "Changed",
    "Makes",
    "MappedEvents",
    "Mapper",
    "MappingRulesError",
    "Rule",
    "Rules",
    "Trial",
    "event_id",
    "load_rules",
    "own_text",
    "read_rules",
    "try_rules",
    "whole",
]
