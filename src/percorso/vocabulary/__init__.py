"""The words of the field: phases, channels, kinds, scales, promises, factors, estimates.

Everything above speaks in these. The module imports nothing but the standard library, so that
reading it costs nothing.
"""

from percorso.vocabulary.channels import CHANNELS
from percorso.vocabulary.estimate import Estimate
from percorso.vocabulary.interaction import FIELDS, Field, Interaction, Violation, violations
from percorso.vocabulary.kinds import ABOUT_CUSTOMERS, KINDS, NOT_STEPS, OUTWARD
from percorso.vocabulary.phases import Phase
from percorso.vocabulary.phrases import N_, Phrase
from percorso.vocabulary.promises import PROMISES, Fate, PromiseType
from percorso.vocabulary.scales import SCALES, Scale
from percorso.vocabulary.voice import EMOTIONS, FACTORS, PLEASANT_EMOTIONS, SENTIMENTS

__all__ = [
    "ABOUT_CUSTOMERS",
    "CHANNELS",
    "EMOTIONS",
    "FACTORS",
    "FIELDS",
    "KINDS",
    "NOT_STEPS",
    "N_",
    "OUTWARD",
    "PLEASANT_EMOTIONS",
    "PROMISES",
    "SCALES",
    "SENTIMENTS",
    "Estimate",
    "Fate",
    "Field",
    "Interaction",
    "Phase",
    "Phrase",
    "PromiseType",
    "Scale",
    "Violation",
    "violations",
]
