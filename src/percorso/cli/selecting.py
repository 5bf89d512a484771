"""Reads the options that narrow a report into a selection of the log."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final

import typer

from percorso.i18n import gettext as _
from percorso.vocabulary import CHANNELS, KINDS, Phase
from percorso.workspace import Settings

if TYPE_CHECKING:
    from percorso.log.selection import Selection

SEGMENTS: Final = ("no_purchase", "one_purchase", "repeat", "top_fifth")


def parse_selection(
    settings: Settings,
    *,
    since: str | None = None,
    until: str | None = None,
    touchpoints: Sequence[str] | None = None,
    channels: Sequence[str] | None = None,
    phases: Sequence[str] | None = None,
    segments: Sequence[str] | None = None,
    kinds: Sequence[str] | None = None,
    properties: Sequence[str] | None = None,
) -> "Selection | None":
    """Return the selection; None where nothing narrows. Raises BadParameter for what is unknown."""
    given = (since, until, touchpoints, channels, phases, segments, kinds, properties)
    if not any(given):
        return None
    from percorso.log.selection import Selection

    start = _midnight("--since", since, settings)
    end = _midnight("--until", until, settings, after=1)
    if start and end and start >= end:
        raise typer.BadParameter(_("--until must not be before --since."))
    return Selection(
        since=start,
        until=end,
        touchpoints=tuple(touchpoints or ()),
        channels=_known("--channel", channels, tuple(CHANNELS)),
        phases=_known("--phase", phases, tuple(Phase)),
        segments=_known("--segment", segments, SEGMENTS),
        kinds=_known("--kind", kinds, tuple(KINDS)),
        properties=tuple(_pair(each) for each in properties or ()),
    )


def _midnight(
    option: str, given: str | None, settings: Settings, *, after: int = 0
) -> datetime | None:
    """Return the beginning of a day in the company's zone, as UTC, ``after`` days later."""
    if not given:
        return None
    try:
        day = date.fromisoformat(given) + timedelta(days=after)
    except ValueError as error:
        raise typer.BadParameter(
            _("{option} takes a day such as 2025-01-31, not {given!r}.").format(
                option=option, given=given
            )
        ) from error
    return datetime(day.year, day.month, day.day, tzinfo=settings.zone_info).astimezone(UTC)


def _known(option: str, given: Sequence[str] | None, known: Sequence[str]) -> tuple[str, ...]:
    for each in given or ():
        if each not in known:
            raise typer.BadParameter(
                _("{option} takes one of {known}; not {given!r}.").format(
                    option=option, known=", ".join(known), given=each
                )
            )
    return tuple(given or ())


def _pair(given: str) -> tuple[str, str]:
    name, separator, value = given.partition("=")
    if not separator or not name:
        raise typer.BadParameter(
            _("--property takes NAME=VALUE, not {given!r}.").format(given=given)
        )
    return name, value
