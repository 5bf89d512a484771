"""A slow, plain judge of what went out. It shares no code with what it judges.

What is allowed where the budget is edited: each message fits the budget it was decided by, together
with all that were decided before it, by whichever budget, and whenever each of them went out. So an
edit neither takes back what was reserved before nor forgets what it counts for. It goes out within
the hours and days of the budget it was decided by. And nothing goes out twice, whatever is edited.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import holidays

from percorso.contacts import Budget


@dataclass(frozen=True)
class Gone:
    """A message that went out, in the order in which it was decided.

    ``at`` is by the clock of the machine, ``truly`` by a clock that nobody sets. ``people`` are all
    references that were known, when it was decided, to be of this person. ``budget`` is what it was
    decided by.
    """

    wish: str
    people: Collection[str]
    person: str
    purpose: str
    campaign: str
    at: datetime
    truly: datetime
    budget: Budget


def complaints(gone: Sequence[Gone]) -> list[str]:
    """Return what went out that should not have."""
    found = []
    if len({each.wish for each in gone}) < len(gone):
        found.append("a wish went out twice")
    for number, each in enumerate(gone):
        before = gone[: number + 1]
        theirs = [other for other in before if other.person in each.people]
        found += [
            f"{each}: {words}"
            for words, most, span, counted in _limits(each, theirs, before)
            for clock in ("at", "truly")
            if _fullest(counted, getattr(each, clock), span, clock) > most
        ]
        found += _out_of_hours(each)
    return found


def _limits(each, theirs, everybody):
    budget, day = each.budget, timedelta(hours=24)
    alike = [other for other in theirs if other.purpose == each.purpose]
    own = getattr(budget, each.purpose)
    if own:
        yield "its purpose", own.most, own.days * day, alike
    if each.purpose == "survey":
        yield "between surveys", 1, budget.between_surveys * day, alike
        same = [other for other in alike if other.campaign == each.campaign]
        yield "the same survey", 1, budget.same_survey * day, same
    free = budget.service_free_of if each.purpose == "service" else ()
    if budget.total and "total" not in free:
        yield "over all purposes", budget.total.most, budget.total.days * day, theirs
    if "company" not in free:
        yield "a day", budget.a_day or len(everybody), day, everybody
        yield "an hour", budget.an_hour or len(everybody), timedelta(minutes=60), everybody


def _fullest(counted, moment, span, clock):
    """Return how many the fullest stretch holds that ``moment`` is in."""
    times = [getattr(each, clock) for each in counted]
    starts = [each for each in times if moment - span < each <= moment]
    return max((sum(start <= t < start + span for t in times) for start in starts), default=0)


def _out_of_hours(each: Gone):
    budget = each.budget
    local = each.at.astimezone(ZoneInfo(budget.zone))
    day, minutes = local.date(), local.hour * 60 + local.minute
    free = budget.service_free_of if each.purpose == "service" else ()
    if "closed_days" not in free:
        if local.isoweekday() - 1 not in budget.weekdays:
            yield f"{each}: on a {local:%A}"
        if any(first <= day <= last for first, last in budget.closed):
            yield f"{each}: on a day of its own"
        if budget.holidays and day in holidays.country_holidays(budget.holidays, years=day.year):
            yield f"{each}: on a public holiday"
    if "quiet_hours" not in free and budget.quiet_from:
        start = budget.quiet_from.hour * 60 + budget.quiet_from.minute
        end = budget.quiet_until.hour * 60 + budget.quiet_until.minute
        quiet = {n % 1440 for n in range(start, end if end > start else end + 1440)}
        if minutes in quiet:
            yield f"{each}: at {local:%H:%M}"
