"""The sentence at the top: how the experience is and what changed, no surer than the tests are."""

from dataclasses import dataclass
from typing import Literal

from percorso import labels
from percorso.app.control_room.queries import PromisesKept, Scores
from percorso.app.control_room.shown import CERTAIN, ORDER
from percorso.i18n import gettext as _
from percorso.i18n import ngettext
from percorso.vocabulary import Estimate

Tone = Literal["good", "bad", "none"]


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the sentence; what got worse or better is in colour as well as in words."""

    words: str
    tone: Tone = "none"


@dataclass(frozen=True, slots=True)
class _Moved:
    words: str
    better: bool


def headline(scores: Scores, promises: PromisesKept) -> tuple[Part, ...]:
    """Return the sentence in parts. A change is told where it stands after the correction."""
    compared = any(each.difference.shown for each in scores.changes.values())
    if scores.days is None or not (compared or promises.difference):
        return (Part(_state(scores)),)
    days = ngettext("{n} day", "{n} days", scores.days).format(n=labels.number(scores.days))
    moved = _moved(scores, promises)
    worse = ", ".join(each.words for each in moved if not each.better)
    better = ", ".join(each.words for each in moved if each.better)
    if worse and better:
        return (
            Part(_("In the last {days} some things got worse: ").format(days=days)),
            Part(worse, "bad"),
            Part(_("; others better: ")),
            Part(better, "good"),
            Part("."),
        )
    if worse or better:
        opening = _("Worse in the last {days}: ") if worse else _("Better in the last {days}: ")
        return (
            Part(opening.format(days=days)),
            Part(worse or better, "bad" if worse else "good"),
            Part(_("; no other certain change.")),
        )
    return (Part(_("No certain change in the last {days}.").format(days=days)),)


def _moved(scores: Scores, promises: PromisesKept) -> list[_Moved]:
    found = [
        _told(name, each.before, each.now, each.difference)
        for name in ORDER
        if (each := scores.changes.get(name)) is not None
        and each.difference.shown
        and each.p_adjusted < CERTAIN
    ]
    p_value, difference, before = promises.p_value, promises.difference, promises.before
    if p_value is not None and p_value < CERTAIN and difference and before and difference.value:
        now = Estimate(
            (before.value or 0.0) + difference.value, None, None, difference.n, difference.method
        )
        found.append(_told("kept_share", before, now, difference))
    return found


def _told(name: str, before: Estimate, now: Estimate, difference: Estimate) -> _Moved:
    unit, digits = labels.unit_of(name), labels.digits_of(name)
    return _Moved(
        _("{metric} from {before} to {now}").format(
            metric=_inside(labels.metric(name)),
            before=labels.estimate(before, unit, digits),
            now=labels.estimate(now, unit, digits),
        ),
        better=(difference.value or 0.0) > 0,
    )


def _inside(name: str) -> str:
    """Return a name as it is written inside a sentence; NPS stays NPS."""
    return name[:1].lower() + name[1:] if name[1:2].islower() else name


def _state(scores: Scores) -> str:
    shown = [name for name in ORDER if name in scores.metrics and scores.metrics[name].shown]
    if not shown:
        return _("Nobody has been asked yet: the log holds what customers did, no scores.")
    stands = ", ".join(
        f"{labels.metric(name)} "
        + labels.estimate(scores.metrics[name], labels.unit_of(name), labels.digits_of(name))
        for name in shown[:3]
    )
    pattern = (
        _("How it stands: {scores}. There is no earlier period to compare with.")
        if scores.days is None
        else _("How it stands: {scores}. There are too few answers to say what changed.")
    )
    return pattern.format(scores=stands)
