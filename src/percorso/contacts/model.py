"""The contact budget, who wants to be written to, and what was decided."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final, Literal, get_args

from percorso.vocabulary import Phrase

#: What a contact is for; ``profiling`` is a purpose of data, and writes to nobody.
ContactPurpose = Literal["survey", "marketing", "service"]
CONTACT_PURPOSES: Final[tuple[ContactPurpose, ...]] = get_args(ContactPurpose)
#: What a purpose can be free of: the limits of a person's contacts over all purposes, those of the
#: company, quiet hours, and days on which the company is closed.
Freedom = Literal["total", "company", "quiet_hours", "closed_days"]
FREEDOMS: Final[tuple[Freedom, ...]] = get_args(Freedom)
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

Outcome = Literal["send", "wait", "never"]


def in_utc(moment: datetime) -> datetime:
    """Return a moment in UTC. Raises ValueError where it has no zone.

    Two times of one zone are compared by the clock on the wall, which an hour in autumn has twice;
    and of one without a zone Python would take the machine's.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no zone.")
    return moment.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``most`` contacts in any ``days`` × 24 hours running, wherever they begin."""

    most: int
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How often one person, and all of them together, are written to, and when.

    Per person: ``total`` over all purposes, and one limit for each purpose (None: no limit);
    ``between_surveys`` (0: no such rule) and ``same_survey`` are days. Per company: most contacts
    in any 24 hours and in any 60 minutes (None: no limit). ``zone`` is an IANA name; in it, from
    ``quiet_from`` until ``quiet_until`` (excluded; both None: no quiet hours; it may pass midnight)
    nobody is written to, nor on other days than ``weekdays`` (0 is Monday), nor on ``holidays`` (a
    country, ISO 3166-1, perhaps with a subdivision: ``IT``, ``IT-MI``; empty: none), nor on days
    ``closed`` (from, to, both included). Service messages are not held by what they are
    ``service_free_of``. Every contact counts, whatever it is free of.
    """

    zone: str = "Europe/Rome"
    total: Limit | None = Limit(4, 30)
    survey: Limit | None = Limit(2, 90)
    marketing: Limit | None = Limit(4, 30)
    service: Limit | None = None
    between_surveys: int = 30
    same_survey: int = 180
    a_day: int | None = 2000
    an_hour: int | None = 500
    quiet_from: time | None = time(20)
    quiet_until: time | None = time(9)
    weekdays: frozenset[int] = frozenset(range(5))
    holidays: str = "IT"
    closed: tuple[tuple[date, date], ...] = ()
    service_free_of: frozenset[Freedom] = frozenset(("total", "company", "closed_days"))

    def of(self, purpose: ContactPurpose) -> Limit | None:
        """Return the limit of one purpose."""
        return {"survey": self.survey, "marketing": self.marketing, "service": self.service}[
            purpose
        ]

    @property
    def longest(self) -> int:
        """How many days back any of the limits looks."""
        limits = (self.total, self.survey, self.marketing, self.service)
        spans = [each.days for each in limits if each is not None]
        return max(1, *spans, self.between_surveys, self.same_survey)

    def holds(self, purpose: ContactPurpose, freedom: Freedom) -> bool:
        """Say whether a purpose is held by that part of the budget."""
        return purpose != "service" or freedom not in self.service_free_of


@dataclass(frozen=True, slots=True)
class Wish:
    """That a person be written to, once. Times are aware, and kept in UTC.

    ``id`` names this one occasion and makes it happen at most once. ``person`` is the reference
    they are known by now. ``campaign`` is the survey, the mailing or the kind of service message.
    Nothing is sent before ``wanted_at``, nor at ``expires_at`` or later. The higher ``priority``
    goes first; then who was wanted earlier; then by id. Raises ValueError.
    """

    id: str
    person: str
    purpose: ContactPurpose
    campaign: str
    wanted_at: datetime
    expires_at: datetime
    priority: int = 0

    def __post_init__(self) -> None:
        if not (self.id and self.person and self.campaign):
            raise ValueError("A wish has an id, a person and a campaign.")
        if self.purpose not in CONTACT_PURPOSES:
            raise ValueError(f"{self.purpose!r} is none of {', '.join(CONTACT_PURPOSES)}.")
        object.__setattr__(self, "wanted_at", in_utc(self.wanted_at))
        object.__setattr__(self, "expires_at", in_utc(self.expires_at))

    @property
    def rank(self) -> tuple[int, datetime, str]:
        """What wishes are weighed by, the first first."""
        return -self.priority, self.wanted_at, self.id


@dataclass(frozen=True, slots=True)
class Contact:
    """That a person was written to at ``at``.

    ``pending``: it was decided then, and may go out any moment from then on. It counts as now.
    Kept in UTC. Raises ValueError where ``at`` has no zone.
    """

    person: str
    purpose: ContactPurpose
    campaign: str
    at: datetime
    pending: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "at", in_utc(self.at))


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a wish, and why, in words.

    ``send``: now, and not at ``until`` or later, when it expires or quiet hours begin, or in a
    week.
    ``wait``: ask again at ``until``. ``never``: it is over, ``until`` is None. ``reservation`` is
    given by the ledger to what is to be sent.
    """

    wish: Wish
    outcome: Outcome
    until: datetime | None
    reason: Phrase
    reservation: str = ""
