"""The filter of a page, read from its address and written back to it.

Periods end with the last day in the log, not today: a file that ends in March is about March.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from percorso import labels
from percorso.i18n import gettext as _
from percorso.segments import READY, RFM
from percorso.segments.ready import BY_PURCHASES
from percorso.vocabulary import CHANNELS, Phase

if TYPE_CHECKING:
    from percorso.log.selection import Selection

DAYS: Final = {"30": 30, "90": 90, "365": 365}
PERIODS: Final = (*DAYS, "all", "custom")
USUAL: Final = "90"
QUARTER: Final = 90
#: A parameter longer than this is no name of anything.
LONGEST: Final = 500
#: How a property is named in an address: ``property.region=...``.
PROPERTY: Final = "property."
MOST_PROPERTIES: Final = 4
#: Before whatever a log can hold.
_BEFORE_ALL: Final = datetime(1, 1, 2, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Span:
    """A period: from the first moment to before the last; None leaves that end open."""

    since: datetime | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Compared:
    """Two periods of the same length, one right after the other."""

    now: Span
    before: Span

    @property
    def days(self) -> int:
        """How long each is."""
        if self.before.since is None or self.before.until is None:
            return 0
        return round((self.before.until - self.before.since).total_seconds() / 86_400)


@dataclass(frozen=True, slots=True)
class Spans:
    """The period asked for, and what is compared to tell what changed, where there is that."""

    now: Span
    compared: Compared | None


@dataclass(frozen=True, slots=True)
class Option:
    """A value to choose from, under the heading ``group`` where it has one."""

    value: str
    words: str
    group: str = ""


@dataclass(frozen=True, slots=True)
class Filter:
    """What part of the log is asked about. Empty text means all of it.

    ``problem`` says, in words, what of the address could not be used. ``nobody``: it fits so few
    that whoever asks is shown none of them; everything asked with it finds nothing.
    """

    period: str = USUAL
    since: date | None = None
    until: date | None = None
    segment: str = ""
    channel: str = ""
    touchpoint: str = ""
    phase: str = ""
    properties: tuple[tuple[str, str], ...] = ()
    problem: str = ""
    nobody: bool = False

    @classmethod
    def of(cls, query: Mapping[str, str], saved: Collection[str] = ()) -> "Filter":
        """Read the filter from the address. What makes no sense is left out, and said.

        ``saved`` are the names of the segments that people saved.
        """
        problems: list[str] = []
        since = _day(query.get("since", ""), problems)
        until = _day(query.get("until", ""), problems)
        given = query.get("period", "")
        if given not in PERIODS:
            if given:
                problems.append(_("The period {value} is not known.").format(value=given[:40]))
            given = "custom" if since or until else USUAL
        if since and until and since > until:
            since, until = until, since
        return cls(
            period=given,
            since=since if given == "custom" else None,
            until=until if given == "custom" else None,
            segment=_word(query, "segment", (*READY, *saved), problems),
            channel=_word(query, "channel", CHANNELS, problems),
            touchpoint=query.get("touchpoint", "")[:LONGEST],
            phase=_word(query, "phase", tuple(Phase), problems),
            properties=tuple(
                sorted(
                    (name.removeprefix(PROPERTY)[:LONGEST], value[:LONGEST])
                    for name, value in query.items()
                    if name.startswith(PROPERTY) and value
                )
            )[:MOST_PROPERTIES],
            problem=" ".join(problems),
        )

    def parameters(self) -> dict[str, str]:
        """Return the parameters of the address that say this filter; none for the usual one."""
        found = {
            "period": "" if self.period == USUAL else self.period,
            "since": self.since.isoformat() if self.since else "",
            "until": self.until.isoformat() if self.until else "",
            "segment": self.segment,
            "channel": self.channel,
            "touchpoint": self.touchpoint,
            "phase": self.phase,
            **{PROPERTY + name: value for name, value in self.properties},
        }
        return {name: value for name, value in found.items() if value}

    def address(self, extra: Mapping[str, str] | None = None, /, **changes: str) -> str:
        """Return ``?...`` with some parameters changed; an empty value takes one away."""
        wanted = {**self.parameters(), **(extra or {}), **changes}
        query = urlencode({name: value for name, value in wanted.items() if value})
        return f"?{query}" if query else "?"

    @property
    def narrowed(self) -> bool:
        """Say whether it asks about less than everybody (whatever the period)."""
        return bool(
            self.segment or self.channel or self.touchpoint or self.phase or self.properties
        )

    def spans(self, first: datetime | None, last: datetime | None, zone: ZoneInfo) -> Spans:
        """Return the period in a log that goes from ``first`` to ``last``, and what to compare.

        Days begin at midnight in ``zone``. What changed is the period against the one of the same
        length before it; without a period, the last quarter against the one before. There is
        nothing to compare with where the log does not reach back that far.
        """
        everything = Span(None, None)
        if last is None:
            return Spans(everything, None)
        if self.period == "custom":
            start = _midnight(self.since, zone) if self.since else None
            end = _midnight(self.until + timedelta(days=1), zone) if self.until else None
            asked = Span(start, end)
            end = end or _midnight(last.astimezone(zone).date() + timedelta(days=1), zone)
        else:
            end_day = last.astimezone(zone).date() + timedelta(days=1)
            end = _midnight(end_day, zone)
            start = _midnight(end_day - timedelta(days=DAYS.get(self.period, QUARTER)), zone)
            asked = everything if self.period == "all" else Span(start, end)
        if start is None or first is None or not first < start < end:
            return Spans(asked, None)
        return Spans(asked, Compared(Span(start, end), Span(start - (end - start), start)))

    def selection(self, span: Span) -> "Selection":
        """Return the selection of the log this filter asks for, in a period."""
        from percorso.log.selection import Selection

        if self.nobody:
            return Selection(until=_BEFORE_ALL)
        return Selection(
            since=span.since,
            until=span.until,
            segments=_one(self.segment),
            channels=_one(self.channel),
            touchpoints=_one(self.touchpoint),
            phases=_one(self.phase),
            properties=self.properties,
        )

    def period_words(self, span: Span, last: datetime | None, zone: ZoneInfo) -> str:
        """Return the period in words, with its days."""
        if span.since is None and span.until is None:
            return _("since the beginning")
        until = span.until - timedelta(microseconds=1) if span.until else last
        if span.since is None:
            return _("up to {day}").format(day=labels.day(until, zone))
        return f"{labels.day(span.since, zone)} – {labels.day(until, zone)}"


def period_options() -> tuple[Option, ...]:
    return (
        Option("30", _("Last 30 days")),
        Option("90", _("Last 90 days")),
        Option("365", _("Last year")),
        Option("all", _("Since the beginning")),
        Option("custom", _("From … to …")),
    )


def segment_options(saved: Collection[str] = ()) -> tuple[Option, ...]:
    """Return what to choose a segment from: the ready-made ones, and those people saved."""
    groups = ((_("By purchases"), BY_PURCHASES), (_("By RFM"), RFM))
    return (
        Option("", _("All customers")),
        *(Option(name, name, _("Saved")) for name in saved),
        *(Option(name, labels.segment(name), words) for words, names in groups for name in names),
    )


def _word(query: Mapping[str, str], name: str, known: Collection[str], problems: list[str]) -> str:
    given = query.get(name, "")
    if given and given not in known:
        problems.append(_("The filter {value} is not known.").format(value=given[:40]))
        return ""
    return given


def _one(value: str) -> tuple[str, ...]:
    return (value,) if value else ()


def _day(given: str, problems: list[str]) -> date | None:
    if not given:
        return None
    try:
        found = date.fromisoformat(given)
    except ValueError:
        found = None
    if found is None or not 1970 <= found.year < 2200:
        problems.append(_("{value} is not a day such as 2025-03-31.").format(value=given[:40]))
        return None
    return found


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
