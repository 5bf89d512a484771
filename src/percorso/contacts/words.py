"""Why somebody is not written to now, in words."""

from collections.abc import Callable
from datetime import datetime, time
from typing import Final

from percorso.contacts.model import Limit
from percorso.vocabulary import N_, Phrase

#: Says a limit that so many contacts have reached: the last of them when, as of now.
Had = Callable[[Limit, int, datetime, datetime], Phrase]

#: Days as a budget's file has them, and what messages call them.
DAYS: Final = {
    "monday": N_("Mondays"),
    "tuesday": N_("Tuesdays"),
    "wednesday": N_("Wednesdays"),
    "thursday": N_("Thursdays"),
    "friday": N_("Fridays"),
    "saturday": N_("Saturdays"),
    "sunday": N_("Sundays"),
}
NOW: Final = Phrase(N_("may be sent now"))
TO_COME: Final = Phrase(N_("not wanted before then"))
EXPIRED: Final = Phrase(N_("expired before it could be sent"))
IS_SENT: Final = Phrase(N_("was sent"))
IS_RESERVED: Final = Phrase(N_("is on its way"))
PENDING: Final = Phrase(N_("another message to them is on its way"))
PLANNED: Final = Phrase(N_("something more important is planned for them"))


def clock(given: time) -> str:
    """Return a time of day as a clock shows it."""
    return f"{given:%H:%M}"


def days(count: int) -> Phrase:
    """Return a number of days."""
    return Phrase(N_("one day")) if count == 1 else Phrase(N_("{n} days"), {"n": count})


def ago(at: datetime, now: datetime) -> Phrase:
    """Return how long ago something was, in whole days of 24 hours."""
    whole = (now - at).days
    if whole < 1:
        return Phrase(N_("less than a day ago"))
    return Phrase(N_("one day ago")) if whole == 1 else Phrase(N_("{n} days ago"), {"n": whole})


def messages(count: int) -> Phrase:
    """Return a number of messages."""
    return Phrase(N_("one message")) if count == 1 else Phrase(N_("{n} messages"), {"n": count})


def too_late(why: Phrase) -> Phrase:
    """Return that a wish expires before it can be sent."""
    return Phrase(N_("expires before it can be sent: {why}"), {"why": why})


def surveys_apart(limit: Limit, _count: int, at: datetime, now: datetime) -> Phrase:
    """Return that somebody was asked too lately."""
    return Phrase(
        N_("was asked {ago}; at least {days} between two surveys"),
        {"ago": ago(at, now), "days": days(limit.days)},
    )


def same_survey(limit: Limit, _count: int, at: datetime, now: datetime) -> Phrase:
    """Return that somebody was asked this very survey too lately."""
    return Phrase(
        N_("was asked this {ago}; the same survey not again within {days}"),
        {"ago": ago(at, now), "days": days(limit.days)},
    )


def had_enough(message: str) -> Had:
    """Return what says, with one of HAD, that somebody had as much as they may get."""

    def said(limit: Limit, count: int, _at: datetime, _now: datetime) -> Phrase:
        return Phrase(
            message, {"count": messages(count), "most": limit.most, "days": days(limit.days)}
        )

    return said


#: By purpose; ``total`` over all of them.
HAD: Final = {
    "total": N_("had {count} in {days}; at most {most}"),
    "survey": N_("surveys: had {count} in {days}; at most {most}"),
    "marketing": N_("news and offers: had {count} in {days}; at most {most}"),
    "service": N_("service: had {count} in {days}; at most {most}"),
}
COMPANY_HOUR: Final = N_("the company’s limit of messages an hour is reached: {most}")
COMPANY_DAY: Final = N_("the company’s limit of messages a day is reached: {most}")
