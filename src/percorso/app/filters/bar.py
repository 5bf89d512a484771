"""The row of filters at the top of a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from percorso import labels
from percorso.app.filters.filter import (
    LONGEST,
    PROPERTY,
    Filter,
    Option,
    period_options,
    segment_options,
)
from percorso.i18n import gettext as _
from percorso.vocabulary import Phase


@dataclass(frozen=True, slots=True)
class Select:
    """A list to choose from, named ``name`` in the address."""

    name: str
    words: str
    options: tuple[Option, ...]
    chosen: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A parameter the form carries along."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Bar:
    """What the row shows.

    ``words`` says the period in days, ``clear`` leads back to everybody, ``said`` are conditions
    that have no list of their own.
    """

    selects: tuple[Select, ...]
    custom: bool
    since: str
    until: str
    words: str
    clear: str
    problem: str
    kept: tuple[Kept, ...]
    said: tuple[str, ...]


def bar(
    chosen: Filter,
    *,
    channels: Sequence[str],
    touchpoints: Sequence[str],
    words: str,
    saved: Sequence[str] = (),
    kept: Mapping[str, str] | None = None,
) -> Bar:
    """Return the row for ``chosen``.

    ``saved`` are the segments people saved, ``kept`` the page's own parameters.
    """
    phases = tuple(Option(each, labels.phase(each)) for each in Phase)
    selects = (
        Select("period", _("Period"), period_options(), chosen.period),
        Select("segment", _("Customers"), segment_options(saved), chosen.segment),
        _select("channel", _("Channel"), _("All channels"), chosen.channel, _channels(channels)),
        _select("phase", _("Phase"), _("All phases"), chosen.phase, phases),
        # The last, with the longest names: on a phone it has a row of its own.
        _select(
            "touchpoint",
            _("Touchpoint"),
            _("All touchpoints"),
            chosen.touchpoint,
            tuple(Option(each, each[:80]) for each in touchpoints),
        ),
    )
    period = {name: value for name, value in chosen.parameters().items() if _is_period(name)}
    return Bar(
        # A list of nothing but "all" is no choice.
        selects=tuple(each for each in selects if len(each.options) > 1),
        custom=chosen.period == "custom",
        since=chosen.since.isoformat() if chosen.since else "",
        until=chosen.until.isoformat() if chosen.until else "",
        words=words,
        clear=Filter.of(period).address(kept) if chosen.narrowed else "",
        problem=chosen.problem,
        kept=tuple(
            Kept(name, value[:LONGEST])
            for name, value in ({**(kept or {}), **_properties(chosen)}).items()
            if value
        ),
        said=tuple(f"{name}: {value}" for name, value in chosen.properties),
    )


def _properties(chosen: Filter) -> dict[str, str]:
    return {PROPERTY + name: value for name, value in chosen.properties}


def _is_period(name: str) -> bool:
    return name in ("period", "since", "until")


def _channels(channels: Sequence[str]) -> tuple[Option, ...]:
    named = (Option(each, labels.channel(each)) for each in channels)
    return tuple(sorted(named, key=lambda each: each.words.casefold()))


def _select(
    name: str, words: str, everything: str, chosen: str, options: tuple[Option, ...]
) -> Select:
    # What the address asks for is offered even where the log does not hold it.
    if chosen and all(each.value != chosen for each in options):
        options = (Option(chosen, chosen[:80]), *options)
    return Select(name, words, (Option("", everything), *options), chosen)
