"""The part of the log a request asks about, ready to be asked."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from percorso import labels
from percorso.app import results
from percorso.app.filters.bar import Bar, bar
from percorso.app.filters.filter import PROPERTY, Filter, Spans
from percorso.estimation import MIN_SHOWN
from percorso.i18n import gettext as _
from percorso.i18n import ngettext
from percorso.segments import Catalogue, SegmentError
from percorso.vocabulary import ABOUT_CUSTOMERS, NOT_STEPS

if TYPE_CHECKING:
    from percorso.log import Log, LogSummary
    from percorso.log.selection import Selection

#: How many touchpoints the filter offers: those most travelled.
TOUCHPOINTS: Final = 80


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be filtered by: names that occur in the log, the most frequent first."""

    channels: tuple[str, ...]
    touchpoints: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """The log, what is asked about it, and the periods that means."""

    log: "Log"
    summary: "LogSummary"
    chosen: Filter
    spans: Spans
    zone: ZoneInfo
    known: bool = True

    @property
    def empty(self) -> bool:
        return self.summary.interactions == 0

    @property
    def selection(self) -> "Selection":
        return self.chosen.selection(self.spans.now)

    @property
    def key(self) -> tuple[object, ...]:
        """What tells the answers for one scope from those for another."""
        asked = (sorted(self.chosen.parameters().items()), self.spans)
        return (*asked, "nobody") if self.chosen.nobody else asked

    def whole_time(self) -> "Scope":
        """Return the same question about all of the log."""
        chosen = replace(self.chosen, period="all", since=None, until=None)
        first, last = self.summary.first, self.summary.last
        return replace(self, chosen=chosen, spans=chosen.spans(first, last, self.zone))

    @property
    def words(self) -> str:
        """The period in words, and who and what it is narrowed to."""
        chosen = self.chosen
        said = [
            chosen.period_words(self.spans.now, self.summary.last, self.zone),
            labels.segment(chosen.segment) if chosen.segment else "",
            labels.channel(chosen.channel) if chosen.channel else "",
            chosen.touchpoint,
            labels.phase(chosen.phase) if chosen.phase else "",
            *(f"{name}: {value}" for name, value in chosen.properties),
        ]
        return " · ".join(each for each in said if each)

    def bar(self, kept: Mapping[str, str] | None = None) -> Bar:
        """Return the row of filters; ``kept`` are the page's own parameters."""
        offered = choices(self.log)
        return bar(
            self.chosen,
            channels=offered.channels,
            touchpoints=offered.touchpoints,
            saved=saved_segments(self.log) if self.known else anybodys_segments(self.log),
            # "Since the beginning" is said by the list itself.
            words=""
            if self.chosen.period == "all"
            else self.chosen.period_words(self.spans.now, self.summary.last, self.zone),
            kept=kept,
        )


def scope(log: "Log", query: Mapping[str, str], *, known: bool = True) -> Scope:
    """Return what the address ``query`` asks about ``log``.

    Who may not see the customers (``known`` is false) filters by no property and by no segment
    whose rule asks for traits: the figures of one person would say that they are a customer. Of
    fewer than 5 customers they are shown nothing, the same as where there are none.
    """
    summary = log.summary()
    if known:
        chosen = Filter.of(query, saved_segments(log))
    else:
        asked = {name: value for name, value in query.items() if not name.startswith(PROPERTY)}
        chosen = Filter.of(asked, anybodys_segments(log))
        if len(asked) < len(query):
            words = _("Only who may see customers may filter by a property.")
            chosen = replace(chosen, problem=f"{chosen.problem} {words}".strip())
    zone = log.workspace.settings.zone_info
    spans = chosen.spans(summary.first, summary.last, zone)
    found = Scope(log, summary, chosen, spans, zone, known)
    if known or found.empty or _customers(found) >= MIN_SHOWN:
        return found
    words = _(
        "Nobody fits, or fewer than {n} customers. So few are shown only to who may see customers."
    ).format(n=MIN_SHOWN)
    chosen = replace(chosen, nobody=True, problem=f"{chosen.problem} {words}".strip())
    return replace(found, chosen=chosen)


def _customers(asked: Scope) -> int:
    """Return how many customers did, or were promised, anything in this part of the log."""

    def compute() -> int:
        from percorso.log.moments import moments

        rows = asked.selection.apply(asked.log, moments(asked.log))
        rows = rows.filter(*(rows.kind != each for each in ABOUT_CUSTOMERS))
        return int(rows.number.nunique().to_pyarrow().as_py())

    return results.result(asked.log, "customers", asked.key, int, compute)


def saved_segments(log: "Log") -> tuple[str, ...]:
    """Return the names of the segments people saved; none where their file cannot be read."""
    try:
        return tuple(each.name for each in Catalogue(log.workspace).saved())
    except SegmentError:
        # The page of the segments says what is wrong with it.
        return ()


def anybodys_segments(log: "Log") -> tuple[str, ...]:
    """Return the names of saved segments that ask for nothing that names people."""
    from percorso.log import segments

    names = []
    for name in saved_segments(log):
        try:
            if not segments.tells_who(log, segments.find(log, name).parsed()):
                names.append(name)
        except SegmentError:
            names.append(name)  # it cannot be asked: the page says so
    return tuple(names)


def choices(log: "Log") -> Choices:
    """Return what the filters offer."""

    def compute() -> Choices:
        return Choices(_names(log, "channel", 30), _names(log, "touchpoint", TOUCHPOINTS))

    return results.result(log, "choices", (), Choices, compute)


def _names(log: "Log", column: str, most: int) -> tuple[str, ...]:
    import ibis

    from percorso.log.moments import moments

    rows = moments(log)
    counted = (
        rows.filter(*(rows.kind != each for each in NOT_STEPS))
        .group_by(column)
        .agg(times=lambda each: each.count())
        .order_by([ibis.desc("times"), column])
        .limit(most)
    )
    return tuple(counted[column].to_pyarrow().to_pylist())


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where the figures of a page come from."""

    version: str
    identity: str
    interactions: str
    scope: str


def provenance(asked: Scope) -> Provenance:
    return Provenance(
        version=labels.number(asked.summary.version),
        identity=labels.number(asked.log.identity_version),
        interactions=_of_customers(asked),
        scope=asked.words,
    )


def _of_customers(asked: Scope) -> str:
    interactions, customers = asked.summary.interactions, asked.summary.customers
    if not asked.known and customers < MIN_SHOWN:
        return _("fewer than {n} customers").format(n=MIN_SHOWN)
    return _("{interactions} of {customers}").format(
        interactions=ngettext("{n} interaction", "{n} interactions", interactions).format(
            n=labels.number(interactions)
        ),
        customers=ngettext("{n} customer", "{n} customers", customers).format(
            n=labels.number(customers)
        ),
    )
