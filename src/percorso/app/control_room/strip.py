"""The journey strip: six phases side by side, drawn by how many customers were in each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from percorso import labels
from percorso.app.control_room.queries import Strip
from percorso.estimation import MIN_SHOWN
from percorso.i18n import gettext as _
from percorso.metrics import GroupScore

WIDTH: Final = 600
HEIGHT: Final = 120
#: Room above the highest and below the lowest.
ABOVE: Final = 8

Tone = Literal["good", "bad", "none"]


@dataclass(frozen=True, slots=True)
class PhaseShown:
    """A phase. ``path`` is its part of the drawing; ``share`` is of the phase before."""

    name: str
    customers: str
    share: str
    share_words: str
    score: str
    interval: str
    verdict: str
    tone: Tone
    path: str
    address: str
    current: bool


@dataclass(frozen=True, slots=True)
class StripShown:
    customers: str
    metric: str
    phases: tuple[PhaseShown, ...]
    width: int = WIDTH
    height: int = HEIGHT


def shown(found: Strip, link: Callable[[str], str], current: str) -> StripShown:
    """Return the strip; the score is the one most answered, told per phase where 5 answered."""
    metric = _metric(found)
    by_phase = {each.group: each for each in found.scores if each.metric == metric}
    paths = paths_of([each.customers for each in found.phases])
    phases = []
    for each, path in zip(found.phases, paths, strict=True):
        group = by_phase.get(each.phase)
        tone = _tone(group)
        share = each.from_before
        few = 0 < each.customers < MIN_SHOWN
        phases.append(
            PhaseShown(
                name=labels.phase(each.phase),
                customers=_("fewer than {n}").format(n=MIN_SHOWN)
                if few
                else labels.number(each.customers),
                share=labels.estimate(share, "percent") if share and share.shown else "",
                share_words=labels.interval(share, "percent") if share and share.shown else "",
                score=_score(group),
                interval=_interval(group),
                verdict=_verdict(tone),
                tone=tone,
                path=path,
                address=link("" if current == each.phase else each.phase),
                current=current == each.phase,
            )
        )
    return StripShown(
        labels.number(found.customers), labels.metric(metric) if metric else "", tuple(phases)
    )


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


def _metric(found: Strip) -> str:
    answers: dict[str, int] = {}
    for each in found.scores:
        if each.metric != "stars_top2":
            answers[each.metric] = answers.get(each.metric, 0) + each.estimate.n
    return max(answers, key=lambda name: (answers[name], name)) if answers else ""


def _tone(group: GroupScore | None) -> Tone:
    """Say whether a phase differs from the rest beyond chance, and which way."""
    if group is None or group.rest_difference is None or group.p_adjusted is None:
        return "none"
    value = group.rest_difference.estimate.value
    if group.p_adjusted >= 0.05 or not value:
        return "none"
    return "good" if value > 0 else "bad"


def _verdict(tone: Tone) -> str:
    return {"good": _("better than the rest"), "bad": _("worse than the rest"), "none": ""}[tone]


def _score(group: GroupScore | None) -> str:
    if group is None or not group.estimate.shown:
        return ""
    return labels.estimate(
        group.estimate, labels.unit_of(group.metric), labels.digits_of(group.metric)
    )


def _interval(group: GroupScore | None) -> str:
    if group is None or not group.estimate.shown:
        return ""
    return labels.interval(
        group.estimate, labels.unit_of(group.metric), labels.digits_of(group.metric)
    )
