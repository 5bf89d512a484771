"""A figure with its uncertainty."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure, its 95% interval, how many people or answers stand behind it, and how it was made.

    ``value``, ``low`` and ``high`` share one unit, given by what the estimate is of. All three are
    ``None`` where fewer than 5 stand behind it: such a figure is hidden, not shown as zero.
    ``method`` names the formula of the interval.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    method: str

    @classmethod
    def hidden(cls, n: int, method: str) -> "Estimate":
        """Return the estimate of a group too small to be shown."""
        return cls(None, None, None, n, method)

    @property
    def shown(self) -> bool:
        return self.value is not None

    @property
    def certain(self) -> bool:
        """Say whether the interval leaves zero out (of use where this is a difference)."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)

    @property
    def told(self) -> int | None:
        """How many stand behind it, to be told: None where they are too few to show the figure."""
        return self.n if self.shown or not self.n else None

    def as_dict(self) -> dict[str, Any]:
        """Return it as files and programs are told: without ``n`` where the figure is hidden."""
        return {**asdict(self), "n": self.told}
