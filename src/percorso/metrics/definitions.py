"""What each score is: which answers it counts and what an answer is worth."""

from dataclasses import dataclass
from typing import Final, Literal

#: Adjusted p-values at or under this are called findings.
SIGNIFICANT: Final = 0.05

#: A share and a net score count answers as 0 or 100 and -100, 0 or 100; a mean as they are.
Form = Literal["share", "net", "mean"]


@dataclass(frozen=True, slots=True)
class Metric:
    """A score.

    ``bounds`` says what an answer is worth: pairs of the lowest answer and the worth of answers
    from there up, in rising order; answers under the first are left out. Without bounds an answer
    is worth itself. On ``turned_scales`` it is counted from the other end. ``low`` and ``high``
    are the ends of what an answer can be worth.
    """

    name: str
    form: Form
    scales: tuple[str, ...]
    low: float
    high: float
    bounds: tuple[tuple[float, float], ...] = ()
    turned_scales: tuple[str, ...] = ()


METRICS: Final[dict[str, Metric]] = {
    metric.name: metric
    for metric in (
        # 0-6 detractors, 7-8 passives, 9-10 promoters (Reichheld 2003).
        Metric("nps", "net", ("nps",), -100, 100, ((0, -100), (7, 0), (9, 100))),
        # The two best of five.
        Metric("csat", "share", ("csat",), 0, 100, ((1, 0), (4, 100))),
        # The mean agreement, 1 to 7, that it was easy; the older question is turned round.
        Metric("ces", "mean", ("ces", "ces_effort"), 1, 7, turned_scales=("ces_effort",)),
        # "Very disappointed" among those who still use it: 0 is "no longer use it" (Ellis).
        Metric("pmf", "share", ("pmf",), 0, 100, ((1, 0), (3, 100))),
        Metric("stars", "mean", ("stars",), 1, 5),
        Metric("stars_top2", "share", ("stars",), 0, 100, ((1, 0), (4, 100))),
    )
}

#: The mean of the answers as given, in its scale's own unit, for comparing before with after.
#: PMF is left out: its four answers are no distances.
MEANS: Final[dict[str, Metric]] = {
    metric.name: metric
    for metric in (
        Metric("nps", "mean", ("nps",), 0, 10),
        Metric("csat", "mean", ("csat",), 1, 5),
        METRICS["ces"],
        METRICS["stars"],
    )
}

#: The levels of the pyramid (Manning and Bodine 2012): good, 4 and 5, less bad, 1 and 2.
PYRAMID: Final[dict[str, Metric]] = {
    name: Metric(name, "net", (name,), -100, 100, ((1, -100), (3, 0), (4, 100)))
    for name in ("pyramid_needs", "pyramid_ease", "pyramid_enjoyment")
}
