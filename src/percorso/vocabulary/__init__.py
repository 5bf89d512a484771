"""The words of the field: phases, channels, kinds, scales, promises, purposes, factors, estimates.

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
from percorso.vocabulary.purposes import (
    BASES,
    BASIS_WORDS,
    PURPOSE_NAMES,
    PURPOSE_WORDS,
    PURPOSES,
    Basis,
    Purpose,
)
from percorso.vocabulary.scales import SCALES, Scale
from percorso.vocabulary.voice import EMOTIONS, FACTORS, PLEASANT_EMOTIONS, SENTIMENTS

__all__ = [
    "ABOUT_CUSTOMERS",
    "BASES",
    "BASIS_WORDS",
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
    "PURPOSES",
    "PURPOSE_NAMES",
    "PURPOSE_WORDS",
    "SCALES",
    "SENTIMENTS",
    "Basis",
    "Estimate",
    "Fate",
    "Field",
    "Interaction",
    "Phase",
    "Phrase",
    "PromiseType",
    "Purpose",
    "Scale",
    "Violation",
    "violations",
]
