"""The ideal path as pages show it: two shares on one line, and the difference with its interval."""

from dataclasses import dataclass
from typing import Final, Literal

from percorso import labels
from percorso.app.journeys.card import Link
from percorso.app.ui.components import few_or
from percorso.i18n import gettext as _
from percorso.i18n import ngettext
from percorso.journeys import IdealPath, IdealStep

IDEALS: Final = ("promoters", "value", "advocates")
#: Ends of the scale a dumbbell may have, in percent.
ENDS: Final = (10, 20, 40, 60, 80, 100)

Tone = Literal["up", "down", "same"]


@dataclass(frozen=True, slots=True)
class Dumbbell:
    """A step of the ideal path. Positions are text such as ``38.2%`` of the line's length."""

    words: str
    kind: str
    ideal_share: str
    other_share: str
    difference: str
    tone: Tone
    ideal_at: str
    other_at: str
    described: str
    address: str


@dataclass(frozen=True, slots=True)
class Chooser:
    words: str
    address: str
    current: bool


@dataclass(frozen=True, slots=True)
class IdealShown:
    """The contrast: who is compared, what was found, on a scale from 0 to ``end`` percent."""

    compared: str
    tested: str
    rows: tuple[Dumbbell, ...]
    end: str
    more: int
    enough: bool
    choosers: tuple[Chooser, ...]
    whole_time: str


def shown(path: IdealPath, link: Link, *, most: int | None = None) -> IdealShown:
    """Return what sets ideal customers apart: what stands after the correction, strongest first."""
    rows = path.significant[:most]
    largest = max((max(each.ideal_share, each.other_share) for each in rows), default=0)
    end = next(each for each in ENDS if each >= largest)
    return IdealShown(
        compared=_("{ideal} {who} against {others} others").format(
            ideal=few_or(path.ideal),
            who=labels.ideal(path.chosen_by),
            others=few_or(path.others),
        )
        + labels.by_answer(path.scale),
        tested=ngettext(
            "{n} step compared, the tests corrected for it",
            "{n} steps compared, the tests corrected for that many",
            path.tested,
        ).format(n=labels.number(path.tested)),
        rows=tuple(_dumbbell(each, end, link) for each in rows),
        end=labels.percent(end),
        more=len(path.significant) - len(rows),
        enough=path.tested > 0,
        choosers=tuple(
            Chooser(labels.ideal(each), link(ideal=each), each == path.chosen_by) for each in IDEALS
        ),
        whole_time=link(period="all", since="", until=""),
    )


def step_words(each: IdealStep) -> str:
    """Return what the customers did."""
    if each.kind == "start":
        return _("Begin with {touchpoint}").format(touchpoint=each.step[0])
    if each.kind == "transition":
        return " → ".join(each.step)
    return _("Pass through {touchpoint}").format(touchpoint=each.step[0])


def _dumbbell(each: IdealStep, end: float, link: Link) -> Dumbbell:
    words = step_words(each)
    ideal, other = labels.percent(each.ideal_share), labels.percent(each.other_share)
    value = each.difference.value or 0.0
    return Dumbbell(
        words=words,
        kind={
            "start": _("first step"),
            "step": _("step"),
            "transition": _("straight after one another"),
        }[each.kind],
        ideal_share=ideal,
        other_share=other,
        difference=labels.difference(each.difference, "percent"),
        tone="same" if not each.significant else ("up" if value > 0 else "down"),
        ideal_at=f"{100 * each.ideal_share / end:.2f}%",
        other_at=f"{100 * each.other_share / end:.2f}%",
        described=_("{words}: {ideal} against {other}").format(
            words=words, ideal=ideal, other=other
        ),
        address=link(at=each.step[0], to=each.step[1] if each.kind == "transition" else ""),
    )
