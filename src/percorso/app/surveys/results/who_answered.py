"""Who answered as its pages show it: where people stop, the response rate, who did not answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from percorso import labels
from percorso.app.surveys.queries import CountedDays
from percorso.app.surveys.results.shown import Figure, count, figure, say
from percorso.app.ui.components import few_or
from percorso.i18n import gettext as _
from percorso.survey_results import FactResult, GroupRate, ResponseRate, Results, Step, words


@dataclass(frozen=True, slots=True)
class RateGroup:
    name: str
    invited: str
    answered: str
    figure: Figure
    differs: bool


@dataclass(frozen=True, slots=True)
class BandShown:
    name: str
    invited: str
    of_invited: str
    of_answered: str
    figure: Figure


@dataclass(frozen=True, slots=True)
class FactShown:
    name: str
    differs: bool
    bands: tuple[BandShown, ...]


@dataclass(frozen=True, slots=True)
class StepShown:
    number: int
    words: str
    shown: str
    answered: str
    figure: Figure
    lost: str
    lost_interval: str


def steps(results: Results, version: int | None = None) -> tuple[StepShown, ...]:
    """Return the questions in the order they are asked, of the latest version that was seen."""
    seen = [each.version for each in results.steps]
    if not seen:
        return ()
    chosen = version if version in seen else max(seen)
    of_it = [each for each in results.steps if each.version == chosen]
    return tuple(_step(number, each) for number, each in enumerate(of_it, 1))


def period(days: CountedDays, *, narrowed: bool) -> str:
    """Say which days the steps are of, and that of the filter they know the period only."""
    first, last = labels.day(days.since), labels.day(days.until)
    if days.since and days.until:
        said = _("Seen from {first} to {last}.").format(first=first, last=last)
    elif days.since:
        said = _("Seen since {first}.").format(first=first)
    elif days.until:
        said = _("Seen until {last}.").format(last=last)
    else:
        said = _("Seen since the beginning.")
    if days.months and days.since:
        said += " " + _("What people see of an anonymous survey is counted by whole months.")
    if narrowed:
        said += " " + _(
            "By everybody: of those who leave nobody knows who they are, so only the period of the "
            "filter holds here."
        )
    return said


def _step(number: int, given: Step) -> StepShown:
    lost = given.lost if given.lost is not None and given.lost.shown else None
    return StepShown(
        number,
        say(given.text),
        count(given.shown),
        count(given.answered),
        figure(given.answered_share),
        labels.estimate(lost, "percent") if lost else "",
        labels.interval(lost, "percent") if lost else "",
    )


def waiting(rate: ResponseRate | None) -> str:
    """Say how many invitations do not count yet; nothing where all do."""
    return words.waiting(few_or(rate.waiting), rate.days) if rate and rate.waiting else ""


def rate_groups(groups: Sequence[GroupRate], dimension: str) -> tuple[RateGroup, ...]:
    return tuple(
        RateGroup(
            labels.group(dimension, each.group),
            count(each.invited),
            count(each.answered),
            figure(each.rate),
            each.differs,
        )
        for each in groups
    )


@dataclass(frozen=True, slots=True)
class RateDimension:
    """The response rate by one dimension: what it is called alone, and as a heading."""

    name: str
    title: str
    groups: tuple[RateGroup, ...]


def rate_dimensions(results: Results) -> tuple[RateDimension, ...]:
    """Return the response rate by each dimension that has groups.

    What is a fact of people too stands with the facts, and not here again.
    """
    if results.response_rate is None:
        return ()
    of_people = {each.fact for each in results.non_response.facts} if results.non_response else {}
    names = {"campaign": _("Sending")}
    found = []
    for dimension, groups in results.response_rate.by.items():
        # The channel is the invitation's here; among the facts it is the one last used.
        if dimension in of_people and dimension != "channel":
            continue
        name = names.get(dimension) or labels.dimension(dimension)
        title = _("By {dimension}").format(dimension=name.lower())
        found.append(RateDimension(name, title, rate_groups(groups, dimension)))
    return tuple(found)


def facts(given: Sequence[FactResult]) -> tuple[FactShown, ...]:
    """Return what is known of those who were invited; what differs first."""
    ordered = sorted(given, key=lambda each: (not each.differs, each.p_adjusted))
    return tuple(
        FactShown(
            words.fact(each.fact),
            each.differs,
            tuple(
                BandShown(
                    words.band(each.fact, band.value),
                    count(band.invited),
                    labels.percent(band.of_invited) if band.of_invited is not None else "",
                    labels.percent(band.of_answered) if band.of_answered is not None else "",
                    figure(band.rate),
                )
                for band in each.bands
            ),
        )
        for each in ordered
    )
