"""The results of a survey: everything in one answer, or one question by a dimension."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Final

import numpy as np

from percorso.survey_results.definitions import is_anonymous, questions_of, versions_of
from percorso.survey_results.given import Asked, Counted
from percorso.survey_results.matching import invitation_of
from percorso.survey_results.model import Results
from percorso.survey_results.non_response import Known, compare, known_of
from percorso.survey_results.questions import result_of
from percorso.survey_results.rates import response_rate, steps
from percorso.survey_results.reading import Ints, Rows, Words, read
from percorso.survey_results.said import Said
from percorso.survey_results.scoring import visible
from percorso.survey_results.waiting import USUAL_DAYS, counts_yet, usual_days
from percorso.survey_results.weighting import weigh

if TYPE_CHECKING:
    from percorso.log import Log
    from percorso.log.selection import Selection

_CAMPAIGN: Final = "campaign"


def results(
    log: "Log",
    survey: str,
    *,
    invited: Iterable[Asked] = (),
    shown: Iterable[Counted] = (),
    selection: "Selection | None" = None,
    today: date | None = None,
) -> Results:
    """Return all that a survey says.

    ``survey`` is its id. ``invited`` are those who were asked by name, ``shown`` how often its
    questions were seen: without them there is no response rate, no step. A selection narrows the
    answers, and the invitations by their day, channel, touchpoint, campaign and the segment of
    their person; where it asks for what invitations do not have (a phase, a kind, a property),
    there is no response rate. ``shown`` is taken as it is given. Invitations too young for most
    answers to have come by ``today`` (the company's, if not said) do not count yet.

    Of a survey that is anonymous, or was in any version, nobody's facts are looked at. Raises
    SurveyError.
    """
    versions = versions_of(log.workspace, survey)
    anonymous = is_anonymous(versions)
    rows = read(log, survey, selection)
    everyone = tuple(_narrowed(log, invited, selection, anonymous=anonymous))
    zone = log.workspace.settings.zone_info
    today = today or datetime.now(zone).date()
    invitation, days = None, USUAL_DAYS
    if everyone and not anonymous:
        names = log.identity.customers()
        customers = [names.get(each.reference, each.reference) for each in everyone]
        invitation = invitation_of(everyone, customers, rows, zone)
        days = usual_days(everyone, invitation, rows, today, zone)
    counts = counts_yet(everyone, today, days)
    asked = [each for each, may in zip(everyone, counts, strict=True) if may]
    known: Known | None = known_of(log, asked) if asked and not anonymous else None
    rate = response_rate(
        asked,
        known.person if known else np.arange(len(asked)),
        known.segments if known else None,
        anonymous=anonymous,
        waiting=len(everyone) - len(asked),
        days=days,
    )
    weights, weighting = None, None
    if known is not None and invitation is not None:
        weights, weighting = weigh(known, _among(invitation, np.flatnonzero(counts)[known.named]))
    said = Said(log, survey, selection)
    return Results(
        survey=survey,
        title=versions[-1].title,
        anonymous=anonymous,
        versions={int(name): n for name, n in _counted(rows, rows.version) if name.isdigit()},
        languages={name: n for name, n in _counted(rows, rows.language) if n is not None},
        responses=rows.responses,
        people=rows.people,
        first=_moment(rows.at.min()) if len(rows) else None,
        last=_moment(rows.at.max()) if len(rows) else None,
        response_rate=rate,
        steps=steps(shown, versions),
        questions=tuple(
            result_of(each, rows, versions, weights, said) for each in questions_of(versions)
        ),
        non_response=compare(known) if known else None,
        weighting=weighting,
    )


def _among(places: Ints, chosen: Ints) -> Ints:
    """Return where each of the places stands among the chosen ones, -1 where it does not."""
    found = np.full(max(places.max(initial=-1), chosen.max(initial=-1)) + 2, -1, np.int64)
    found[chosen] = np.arange(len(chosen))
    # The last one is what -1, no place at all, finds.
    return np.asarray(found[places])


def _narrowed(
    log: "Log", invited: Iterable[Asked], selection: "Selection | None", *, anonymous: bool
) -> Sequence[Asked]:
    """Return the invitations that a selection has; none where it asks for what they have not."""
    asked = list(invited)
    if not selection or not asked:
        return asked
    campaigns = {value for name, value in selection.properties if name == _CAMPAIGN}
    other = any(name != _CAMPAIGN for name, _value in selection.properties)
    if selection.phases or selection.kinds or other or len(campaigns) > 1:
        return []
    if selection.segments and anonymous:
        return []
    chosen = selection.customers(log)
    people = None if chosen is None else set(chosen.to_pylist())
    customers = log.identity.customers() if people is not None else {}
    first, last = _days(selection, log.workspace.settings.zone_info)
    return [
        each
        for each in asked
        if first <= each.sent_on <= last
        and (not selection.channels or each.channel in selection.channels)
        and (not selection.touchpoints or each.touchpoint in selection.touchpoints)
        and (not campaigns or each.campaign in campaigns)
        and (people is None or customers.get(each.reference, each.reference) in people)
    ]


def _days(selection: "Selection", zone: tzinfo) -> tuple[date, date]:
    """Return the first and the last day of a selection's period in a zone."""
    first, last = date.min, date.max
    if selection.since is not None:
        first = selection.since.astimezone(zone).date()
    if selection.until is not None:
        last = (selection.until - timedelta(microseconds=1)).astimezone(zone).date()
    return first, last


def _counted(rows: Rows, words: Words) -> list[tuple[str, int | None]]:
    """Return how many responses have each word, the most first; None of too few people."""
    parts = [rows.take(words.where(name)) for name in words.names]
    shown = visible([each.people for each in parts], parts=True)
    found = [
        (name, each.responses if may else None)
        for name, each, may in zip(words.names, parts, shown, strict=True)
        if len(each)
    ]
    return sorted(found, key=lambda each: (-(each[1] or 0), each[0]))


def _moment(microseconds: int) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=int(microseconds))
