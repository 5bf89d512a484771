"""The six phases of the loop a customer goes round."""

from enum import StrEnum


class Phase(StrEnum):
    """A phase of the loop, in order. Which one an interaction belongs to is decided by rules."""

    AWARENESS = "awareness"
    CONSIDERATION = "consideration"
    ACTIVATION = "activation"
    PURCHASE = "purchase"
    LOYALTY = "loyalty"
    ADVOCACY = "advocacy"
