"""Which part of the log an answer is about: a period, and words that rows or customers must have.

A selection is a value: it can be compared, kept in a cache and written into a link.
"""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Any, Final

from percorso.i18n import gettext as _
from percorso.log.errors import LogError
from percorso.log.properties import property_text
from percorso.vocabulary import CHANNELS, KINDS, Phase

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

    from percorso.log.table import Log

#: Field -> its name in a link.
_IN_LINKS: Final = {
    "touchpoints": "touchpoint",
    "channels": "channel",
    "phases": "phase",
    "segments": "segment",
    "kinds": "kind",
}
_PROPERTY: Final = "property."
_KNOWN: Final[dict[str, tuple[str, ...]]] = {
    "channels": tuple(CHANNELS),
    "phases": tuple(str(each) for each in Phase),
    "kinds": tuple(KINDS),
}


class SelectionError(LogError):
    """A selection does not make sense. Says which value and what would."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What is asked about; an empty field leaves everything in.

    ``since`` is in, ``until`` is not; both are aware datetimes, kept in UTC. Of the words of one
    field a row has any; of the fields, all. ``segments`` are of the customer, over all of the
    log: ready-made ones, and those people saved, by name (one that is not there raises
    SelectionError when the selection is applied). ``properties`` are pairs of a name and a value,
    compared as text. Words may be given in any order and any iterable; they are kept sorted, each
    once.
    """

    since: datetime | None = None
    until: datetime | None = None
    touchpoints: Sequence[str] = ()
    channels: Sequence[str] = ()
    phases: Sequence[str] = ()
    segments: Sequence[str] = ()
    kinds: Sequence[str] = ()
    properties: Sequence[tuple[str, str]] = ()

    def __post_init__(self) -> None:
        for name in ("since", "until"):
            object.__setattr__(self, name, _in_utc(name, getattr(self, name)))
        if self.since and self.until and self.since >= self.until:
            raise SelectionError(
                _("The period ends at %(until)s, before it begins at %(since)s.")
                % {"since": self.since.isoformat(), "until": self.until.isoformat()}
            )
        for name in _IN_LINKS:
            object.__setattr__(self, name, _words(name, getattr(self, name)))
        given = self.properties
        pairs = given.items() if isinstance(given, Mapping) else given
        object.__setattr__(
            self, "properties", tuple(sorted({(str(key), str(value)) for key, value in pairs}))
        )

    def __bool__(self) -> bool:
        """Say whether anything is left out."""
        return any(getattr(self, each.name) for each in fields(self))

    def apply(self, log: "Log", table: "ibis.Table") -> "ibis.Table":
        """Return the rows of ``table``, which comes from ``log.interactions()``, that fit."""
        conditions = self._conditions(table)
        if conditions:
            table = table.filter(conditions)
        if self.segments:
            table = table.semi_join(self._chosen(log, table.get_backend()), "customer")
        return table

    def fits(self, log: "Log", table: "ibis.Table") -> "ibis.expr.types.BooleanValue":
        """Return whether each row of ``table`` fits, where the others are needed too."""
        import ibis

        found = ibis.and_(*self._conditions(table))
        if self.segments:
            found &= table.customer.isin(self._chosen(log, table.get_backend()).customer)
        return found.fill_null(False)

    def _conditions(self, table: "ibis.Table") -> "list[ibis.expr.types.BooleanValue]":
        conditions = [table[_IN_LINKS[name]].isin(words) for name, words in self._row_words()]
        if self.since is not None:
            conditions.append(table["at"] >= self.since)
        if self.until is not None:
            conditions.append(table["at"] < self.until)
        conditions.extend(
            property_text(table.properties, name) == value for name, value in self.properties
        )
        return conditions

    def customers(self, log: "Log") -> "pa.ChunkedArray[Any] | None":
        """Return the customers of the chosen segments; None where all are in."""
        if not self.segments:
            return None
        names: pa.ChunkedArray[Any] = self._chosen(log).customer.to_pyarrow()
        return names

    def check(self, log: "Log") -> None:
        """Raise SelectionError where a segment is none of this log's."""
        if self.segments:
            self._chosen(log)

    def _chosen(self, log: "Log", connection: Any = None) -> "ibis.Table":
        from percorso.log import segments
        from percorso.segments import SegmentError

        try:
            return segments.chosen(log, self.segments, connection)
        except SegmentError as error:
            raise SelectionError(str(error)) from error

    def _row_words(self) -> Iterable[tuple[str, Sequence[str]]]:
        for name in _IN_LINKS:
            words = getattr(self, name)
            if words and name != "segments":
                yield name, words

    @classmethod
    def from_query(
        cls, query: Mapping[str, str | Sequence[str]], zone: tzinfo = UTC
    ) -> "Selection":
        """Return the selection written in a link's parameters; others are left alone.

        ``query`` maps a name to a value or to several. A time without a zone, and a day, which
        means its midnight, are read in ``zone``. Raises SelectionError.
        """
        values = {
            name: [value] if isinstance(value, str) else list(value)
            for name, value in query.items()
        }
        given: dict[str, Any] = {
            name: values[parameter] for name, parameter in _IN_LINKS.items() if parameter in values
        }
        for name in ("since", "until"):
            if values.get(name) and values[name][-1]:
                given[name] = _read_time(name, values[name][-1], zone)
        given["properties"] = [
            (name.removeprefix(_PROPERTY), value)
            for name, texts in values.items()
            if name.startswith(_PROPERTY)
            for value in texts
        ]
        return cls(**given)

    def as_query(self) -> dict[str, list[str]]:
        """Return the parameters of a link, such that ``from_query`` gives this selection again."""
        query: dict[str, list[str]] = {}
        for name in ("since", "until"):
            moment = getattr(self, name)
            if moment is not None:
                query[name] = [moment.isoformat().replace("+00:00", "Z")]
        for name, parameter in _IN_LINKS.items():
            if getattr(self, name):
                query[parameter] = list(getattr(self, name))
        for key, value in self.properties:
            query.setdefault(_PROPERTY + key, []).append(value)
        return query


def _in_utc(name: str, moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise SelectionError(
            _("%(name)s must be a time with a zone, not %(value)r.")
            % {"name": name, "value": moment}
        )
    return moment.astimezone(UTC)


def _words(name: str, given: Iterable[str]) -> tuple[str, ...]:
    words = tuple(sorted({str(each) for each in ([given] if isinstance(given, str) else given)}))
    known = _KNOWN.get(name)
    for word in words:
        if not word or (known is not None and word not in known):
            near = difflib.get_close_matches(word, known or (), n=1)
            hint = (
                _("Did you mean %r?") % near[0]
                if near
                else _("Known are: %s.") % ", ".join(known or ())
            )
            raise SelectionError(
                _("%(name)s: %(word)r is not known. %(hint)s")
                % {"name": _IN_LINKS[name], "word": word, "hint": hint}
            )
    return words


def _read_time(name: str, text: str, zone: tzinfo) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise SelectionError(
            _("%(name)s must be a day such as 2026-03-31, or a time, not %(value)r.")
            % {"name": name, "value": text[:100]}
        ) from None
