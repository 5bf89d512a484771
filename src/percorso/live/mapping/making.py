"""Rows of the log from one event and the rule it fits."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from percorso.live import references
from percorso.live.mapping.finding import (
    as_number,
    as_text,
    as_time,
    first,
    is_currency_code,
    template,
)
from percorso.live.mapping.rules import Makes
from percorso.live.segment import Event
from percorso.vocabulary import CHANNELS, FIELDS, OUTWARD

#: A row of the log: a value for each of FIELDS; times are microseconds, properties JSON in UTF-8.
Row = list[Any]
Fills = tuple[int, Callable[[Event], Any]]

(
    ID, AT, RECEIVED_AT, CUSTOMER, KIND, NAME, TOUCHPOINT, CHANNEL, DIRECTION, SCALE, SCORE, TEXT,
    LANGUAGE, AMOUNT, CURRENCY, ABOUT, DUE_AT, SOURCE, PROPERTIES,
) = range(len(FIELDS))  # fmt: skip

_PHONES: Final = ("ios", "android", "mobile", "tablet")
_APPS: Final = ("ios", "android", "react-native", "flutter", "swift", "kotlin")
_encode: Final = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Maker:
    """What a rule makes, ready to be filled: the row as far as it is the same for all events."""

    row: tuple[Any, ...]
    fills: tuple[Fills, ...]
    needs: tuple[int, ...]
    consent: bool

    @classmethod
    def of(cls, makes: Makes, zone: ZoneInfo) -> "Maker":
        row: Row = [None] * len(FIELDS)
        row[KIND] = makes.kind
        row[CHANNEL] = makes.channel or None
        row[DIRECTION] = makes.direction or ("out" if makes.kind in OUTWARD else "in")
        fills: list[Fills] = []
        for place, text in (
            (TOUCHPOINT, makes.touchpoint),
            (NAME, makes.name),
            (ABOUT, makes.about),
            (SCALE, makes.scale),
        ):
            if text and "{" in text:
                fills.append((place, template(text)))
            elif text:
                row[place] = text
        fills.extend(_numbers_and_texts(makes))
        if makes.due_at or makes.due_after is not None:
            fills.append((DUE_AT, _due(makes, zone)))
        needs = (ABOUT, DUE_AT) if makes.kind == "promise" else ()
        return cls(tuple(row), tuple(fills), needs, makes.kind == "consent")

    def make(self, event: Event) -> Row:
        """Return the row, as far as the rule says it. Raises UnfitError."""
        row = list(self.row)
        for place, fill in self.fills:
            row[place] = fill(event)
        return row


def _numbers_and_texts(makes: Makes) -> list[Fills]:
    fills: list[Fills] = []
    if makes.currency and is_currency_code(makes.currency):
        fills.append((CURRENCY, template(makes.currency)))
    elif makes.currency:
        read_code = first((makes.currency,))
        fills.append((CURRENCY, lambda event: _code(read_code(event))))
    for place, paths in ((AMOUNT, makes.amount), (SCORE, makes.score)):
        if paths:
            fills.append((place, _number(paths)))
    for place, paths in ((TEXT, makes.text), (LANGUAGE, makes.language)):
        if paths:
            fills.append((place, _said(paths)))
    return fills


def _number(paths: tuple[str, ...]) -> Callable[[Event], float | None]:
    read = first(paths)
    return lambda event: as_number(paths[0], read(event))


def _said(paths: tuple[str, ...]) -> Callable[[Event], str | None]:
    read = first(paths)
    return lambda event: as_text(read(event))


def _code(value: Any) -> Any:
    return value.strip().upper() if isinstance(value, str) else value


def _due(makes: Makes, zone: ZoneInfo) -> Callable[[Event], int | None]:
    read = first(makes.due_at) if makes.due_at else None
    after = None if makes.due_after is None else makes.due_after * 1_000_000

    def due(event: Event) -> int | None:
        said = None if read is None else as_time(makes.due_at[0], read(event), zone)
        return event.at + after if said is None and after is not None else said

    return due


def customer(event: Event) -> str:
    """Return the reference of the one an event is about."""
    if event.userId:
        return references.of_user(event.userId)
    return references.of_device(event.anonymousId or "")


def said(event: Event) -> str:
    """Return what an event is called; a page without a name by where its address begins."""
    given = event.event or event.name or event.category
    if given and given.strip():
        return given
    page = event.context.page if event.context else None
    path = (page.path if page else None) or (event.properties or {}).get("path")
    if event.type == "page" and isinstance(path, str):
        return "/" + path.strip("/").partition("/")[0]
    return event.type or ""


def channel(event: Event) -> str:
    """Return where an event happened: as it says, else by the device and the library."""
    given = event.properties.get("channel") if event.properties else None
    if given is not None and isinstance(given, str) and given in CHANNELS:
        return given
    if event.type == "screen":
        return "app"
    context = event.context
    if context is None:
        return "website"
    if context.library is not None and context.library.name:
        found = _of_library(context.library.name)
        if found is not None:
            return found
    device = context.device.type if context.device else None
    return "app" if device and device.lower() in _PHONES and context.page is None else "website"


@lru_cache(maxsize=1_000)
def _of_library(name: str) -> str | None:
    return "app" if any(each in name.lower() for each in _APPS) else None


def properties(event: Event) -> bytes | None:
    """Return what an event says besides, with the page it was on and the campaign that led there.

    The address of the visitor's machine and the name of their browser are not kept.
    """
    given = event.properties
    context = event.context
    if context is None or (context.page is None and context.campaign is None):
        return _encode(given) if given else None
    whole = dict(given) if given else {}
    page = context.page
    if page is not None:
        if page.path:
            whole.setdefault("path", page.path)
        if page.referrer:
            whole.setdefault("referrer", page.referrer)
    if context.campaign:
        for name, value in context.campaign.items():
            whole.setdefault(f"campaign_{name}", value)
    return _encode(whole) if whole else None


_CONSENT: Final = ("purpose", "given", "basis", "words", "words_version", "how", "by")
_TAKEN_BACK: Final = ("consent withdrawn", "unsubscribed")


def consent(event: Event, name: str) -> bytes:
    """Return the properties of a consent: as given, with what the event's name says."""
    given = event.properties or {}
    whole = {each: given[each] for each in _CONSENT if each in given}
    whole.setdefault("purpose", "marketing")
    whole.setdefault("given", name not in _TAKEN_BACK)
    whole.setdefault("basis", "consent")
    whole.setdefault("how", "api")
    return _encode(whole)


def facts(traits: dict[str, Any], links: list[str]) -> bytes:
    """Return the properties of a profile: traits without nesting, and who is the same person."""
    return _encode({"traits": _flat(traits), "links": links})


def _flat(traits: dict[str, Any], before: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in traits.items():
        if isinstance(value, dict):
            found.update(_flat(value, f"{before}{name}."))
        else:
            found[before + name] = value
    return found
