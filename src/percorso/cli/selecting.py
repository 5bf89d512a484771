"""Reads the options that narrow a report into a selection of the log."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import typer

from percorso.i18n import gettext as _

if TYPE_CHECKING:
    from percorso.log import Log
    from percorso.log.selection import Selection
    from percorso.workspace import Settings

Words = Sequence[str] | None


def parse_selection(
    log: "Log",
    *,
    since: str | None = None,
    until: str | None = None,
    properties: Words = None,
    **words: Words,
) -> "Selection | None":
    """Return the selection; None where nothing narrows. Raises BadParameter for what is unknown.

    ``words`` are fields of Selection: touchpoints, channels, phases, segments, kinds.
    """
    from percorso.log.selection import Selection, SelectionError

    settings = log.workspace.settings
    try:
        chosen = Selection(
            since=_midnight("--since", since, settings),
            until=_midnight("--until", until, settings, after=1),
            properties=[_pair(each) for each in properties or ()],
            **{name: tuple(given or ()) for name, given in words.items()},
        )
        chosen.check(log)
    except SelectionError as error:
        raise typer.BadParameter(str(error)) from error
    return chosen or None


def _midnight(
    option: str, given: str | None, settings: "Settings", *, after: int = 0
) -> datetime | None:
    """Return the beginning of a day in the company's zone, as UTC, ``after`` days later."""
    if not given:
        return None
    try:
        day = date.fromisoformat(given) + timedelta(days=after)
    except (ValueError, OverflowError) as error:
        raise typer.BadParameter(
            _("{option} takes a day such as 2025-01-31, not {given!r}.").format(
                option=option, given=given
            )
        ) from error
    return datetime(day.year, day.month, day.day, tzinfo=settings.zone_info).astimezone(UTC)


def _pair(given: str) -> tuple[str, str]:
    name, separator, value = given.partition("=")
    if not separator or not name:
        raise typer.BadParameter(
            _("--property takes NAME=VALUE, not {given!r}.").format(given=given)
        )
    return name, value
