"""The journey strip: six phases side by side, drawn by how many customers were in each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from percorso import labels
from percorso.app.control_room.queries import Strip
from percorso.app.journeys.tones import Band, Tone, bands, tone
from percorso.app.ui.components import few_or, is_few
from percorso.metrics.phases import PhasePassed
from percorso.vocabulary import Estimate

WIDTH: Final = 600
HEIGHT: Final = 120
#: Room above the highest and below the lowest.
ABOVE: Final = 8


@dataclass(frozen=True, slots=True)
class PhaseShown:
    """A phase. ``path`` is its part of the drawing; ``share`` is of the phase before."""

    name: str
    customers: str
    share: str
    share_words: str
    score: str
    interval: str
    tone: Tone
    path: str
    address: str
    current: bool
    nobody: bool


@dataclass(frozen=True, slots=True)
class StripShown:
    """The strip, with the scale of its scores and the legend of its colours."""

    customers: str
    scale: str
    bands: tuple[Band, ...]
    phases: tuple[PhaseShown, ...]
    width: int = WIDTH
    height: int = HEIGHT


def shown(found: Strip, link: Callable[[str], str], current: str) -> StripShown:
    """Return the strip; ``link`` gives the address that filters by a phase."""
    # Drawn to scale, a phase of few would tell how few they are.
    paths = paths_of([0 if is_few(each.customers) else each.customers for each in found.phases])
    phases = []
    for each, path in zip(found.phases, paths, strict=True):
        share, score = _told(each), each.score
        phases.append(
            PhaseShown(
                name=labels.phase(each.phase),
                customers=few_or(each.customers),
                share=labels.estimate(share, "percent") if share else "",
                share_words=labels.interval(share, "percent") if share else "",
                score=labels.estimate(score) if score and score.shown else "",
                interval=labels.interval(score) if score and score.shown else "",
                tone=tone(score, found.scale),
                path=path,
                address=link("" if current == each.phase else each.phase),
                current=current == each.phase,
                nobody=each.customers == 0,
            )
        )
    return StripShown(
        labels.number(found.customers),
        labels.scale(found.scale) if found.scale else "",
        bands(found.scale),
        tuple(phases),
    )


def _told(phase: PhasePassed) -> Estimate | None:
    """Return the share of the phase before that is also here; None where it tells of few."""
    share = phase.from_before
    if share is None or share.value is None or is_few(phase.customers):
        return None
    # How many they are follows from how many were in the phase before, which stands beside it.
    return None if is_few(round(share.value * share.n / 100)) else share


def paths_of(customers: list[int]) -> tuple[str, ...]:
    """Return each phase's part of the drawing: as high as it has customers, led into the next."""
    most = max(customers, default=0) or 1
    width = WIDTH / max(1, len(customers))
    heights = [(HEIGHT - ABOVE) * each / most for each in customers]
    paths = []
    for number, height in enumerate(heights):
        x, top = number * width, HEIGHT - height
        following = heights[number + 1] if number + 1 < len(heights) else height
        next_top = HEIGHT - following
        end = x + width
        # Level for the first part, then the way to the height of the next phase.
        turn = x + width * 0.45
        bend = x + width * 0.72
        paths.append(
            f"M{x:.1f} {top:.1f}H{turn:.1f}"
            f"C{bend:.1f} {top:.1f} {bend:.1f} {next_top:.1f} {end:.1f} {next_top:.1f}"
            f"V{HEIGHT}H{x:.1f}z"
        )
    return tuple(paths)
