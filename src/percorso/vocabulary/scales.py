"""The scales customers answer on. A scale and its direction are stored with every answer."""

from dataclasses import dataclass
from typing import Final

from percorso.vocabulary.phrases import N_, Phrase


@dataclass(frozen=True, slots=True)
class Scale:
    """A scale of answers.

    ``low`` and ``high`` are the ends as answered, both included. ``whole`` says that only whole
    numbers are answers. ``high_is_good`` is the direction. ``metric`` names the figure that is
    computed from it.
    """

    name: str
    low: float
    high: float
    metric: str
    whole: bool = True
    high_is_good: bool = True

    def rule(self) -> Phrase:
        """Return the rule an answer must follow, in words."""
        ends = {"low": self.low, "high": self.high}
        if self.whole:
            return Phrase(N_("a whole number from {low:g} to {high:g}"), ends)
        return Phrase(N_("a number from {low:g} to {high:g}"), ends)

    def accepts(self, score: float) -> bool:
        """Say whether ``score`` is an answer on this scale."""
        return self.low <= score <= self.high and (not self.whole or score == int(score))


#: PMF answers are stored as 3 very disappointed, 2 somewhat, 1 not, 0 no longer use it.
PMF_ANSWERS: Final[dict[str, int]] = {"very": 3, "somewhat": 2, "not": 1, "no_longer_use": 0}

SCALES: Final[dict[str, Scale]] = {
    scale.name: scale
    for scale in (
        Scale("nps", 0, 10, "nps"),
        Scale("csat", 1, 5, "csat"),
        Scale("ces", 1, 7, "ces"),
        # The older question ("how much effort did you have to make?"): low is good.
        Scale("ces_effort", 1, 7, "ces", high_is_good=False),
        Scale("pmf", 0, 3, "pmf"),
        Scale("stars", 1, 5, "stars", whole=False),
        # The three levels of the pyramid (Manning and Bodine 2012), asked together.
        Scale("pyramid_needs", 1, 5, "pyramid_needs"),
        Scale("pyramid_ease", 1, 5, "pyramid_ease"),
        Scale("pyramid_enjoyment", 1, 5, "pyramid_enjoyment"),
    )
}
