"""Rows of the log from one event and the rule it fits."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from percorso.live import references
from percorso.live.mapping.finding import (
    ReadsMany,
    as_number,
    as_text,
    as_time,
    first,
    is_currency_code,
    template,
)
from percorso.live.mapping.rules import Makes
from percorso.live.segment import Event, UnfitError
from percorso.log.consents import WEBSITE
from percorso.vocabulary import BASES, CHANNELS, FIELDS, N_, OUTWARD, PURPOSES, Phrase

#: A row of the log: a value for each of FIELDS; times are microseconds, properties JSON in UTF-8.
Row = list[Any]
#: A place of a row, and what fills it for each of some events. Raises UnfitError.
Fills = tuple[int, ReadsMany]
_Told = TypeVar("_Told")

(
    ID, AT, RECEIVED_AT, CUSTOMER, KIND, NAME, TOUCHPOINT, CHANNEL, DIRECTION, SCALE, SCORE, TEXT,
    LANGUAGE, AMOUNT, CURRENCY, ABOUT, DUE_AT, SOURCE, PROPERTIES,
) = range(len(FIELDS))  # fmt: skip

_PHONES: Final = ("ios", "android", "mobile", "tablet")
_BROWSERS: Final = ("percorso.js", "analytics.js")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?![A-Za-z])")
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
        alone = (event,)
        for place, fill in self.fills:
            (row[place],) = fill(alone)
        return row


def _numbers_and_texts(makes: Makes) -> list[Fills]:
    fills: list[Fills] = []
    if makes.currency and is_currency_code(makes.currency):
        fills.append((CURRENCY, template(makes.currency)))
    elif makes.currency:
        read_code = first((makes.currency,))
        fills.append((CURRENCY, lambda events: [_code(each) for each in read_code(events)]))
    for place, paths in ((AMOUNT, makes.amount), (SCORE, makes.score)):
        if paths:
            fills.append((place, _number(paths)))
    for place, paths in ((TEXT, makes.text), (LANGUAGE, makes.language)):
        if paths:
            fills.append((place, _said(paths)))
    return fills


def _number(paths: tuple[str, ...]) -> ReadsMany:
    read, name = first(paths), paths[0]
    return lambda events: [as_number(name, each) for each in read(events)]


def _said(paths: tuple[str, ...]) -> ReadsMany:
    read = first(paths)
    return lambda events: [as_text(each) for each in read(events)]


def _code(value: Any) -> str | None:
    said = as_text(value)
    return None if said is None else said.strip().upper()


def _due(makes: Makes, zone: ZoneInfo) -> ReadsMany:
    read = first(makes.due_at) if makes.due_at else None
    after = None if makes.due_after is None else makes.due_after * 1_000_000

    def due(event: Event, given: Any) -> int | None:
        said = None if given is None else as_time(makes.due_at[0], given, zone)
        return event.at + after if said is None and after is not None else said

    def dues(events: Sequence[Event]) -> list[int | None]:
        given = [None] * len(events) if read is None else read(events)
        return [due(event, each) for event, each in zip(events, given, strict=True)]

    return dues


def customer(event: Event) -> str:
    """Return the reference of the one an event is about."""
    if event.userId:
        return references.of_user(event.userId)
    return references.of_device(event.anonymousId or "")


def customers(events: Sequence[Event]) -> list[str]:
    """Return ``customer`` of each."""
    return [
        f"{references.DEVICE}{each.anonymousId}" if each.userId is None else customer(each)
        for each in events
    ]


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


def channel(event: Event, of_source: str = "") -> str:
    """Return where an event happened: as it says, else where its source is.

    Where neither is said, it is the app or the website if the event shows that it comes from one,
    and else ``other``: a till's events are not a website's.
    """
    holds = event.properties
    if holds is not None and "channel" in holds:
        given = holds["channel"]
        if isinstance(given, str) and given in CHANNELS:
            return given
    return _channel_around(event, of_source)


def _channel_around(event: Event, of_source: str) -> str:
    """Return where an event happened, as far as its call, its context and its source say it."""
    if of_source:
        return of_source
    context = event.context
    if event.type == "screen":
        return "app"
    if context is None:
        return "website" if event.type == "page" else "other"
    library, page = context.library, context.page
    sent_by = "" if library is None or not library.name else _of_library(library.name)
    if sent_by == "app":
        return "app"
    if page is not None:
        return "website"
    device = context.device.type if context.device else None
    if device and device.lower() in _PHONES:
        return "app"
    return "website" if event.type == "page" or sent_by == "website" else "other"


def channels(events: Sequence[Event], of_source: str) -> list[str]:
    """Return ``channel`` of each of some events of one call."""
    found = _by_context(events, lambda each: _channel_around(each, of_source))
    for number, event in enumerate(events):
        if event.properties and "channel" in event.properties:
            found[number] = channel(event, of_source)
    return found


@lru_cache(maxsize=1_000)
def _of_library(name: str) -> str:
    if any(each in name.lower() for each in _APPS):
        return "app"
    return "website" if name.lower() in _BROWSERS else ""


def language(event: Event) -> str | None:
    """Return the language that the device of whoever did something is set to."""
    context = event.context
    said = None if context is None else context.locale
    # As much as says a language.
    return _language_of(said[:4]) if said else None


def languages(events: Sequence[Event]) -> list[str | None]:
    """Return ``language`` of each."""
    return _by_context(events, language)


def _by_context(events: Sequence[Event], tell: Callable[[Event], _Told]) -> list[_Told]:
    """Return what is told of each event; those that have one and the same context are told once."""
    contexts = [id(each.context) for each in events]
    told = {
        context: tell(event) for context, event in dict(zip(contexts, events, strict=True)).items()
    }
    return [told[each] for each in contexts]


@lru_cache(maxsize=1_000)
def _language_of(begin: str) -> str | None:
    found = _LANGUAGE.match(begin)
    return found[0].lower() if found else None


def set_language(row: Row, language: str | None) -> None:
    """Say whose language it was where nothing was written.

    Of words the language is found in them: a device may be set to another.
    """
    if row[LANGUAGE] is None and row[TEXT] is None and row[DIRECTION] == "in":
        row[LANGUAGE] = language


#: Characters of an address; names of a campaign, and characters of each and of what it says: what a
#: batch says for all is written with every event.
_MOST_ADDRESS: Final = 2_048
_MOST_CAMPAIGN: Final = 20
_MOST_OF_CAMPAIGN: Final = 200


def properties(event: Event) -> bytes | None:
    """Return ``besides`` as JSON in UTF-8."""
    whole = besides(event)
    return _encode(whole) if whole else None


def besides(event: Event) -> dict[str, Any] | None:
    """Return what an event says besides, with the page it was on and the campaign that led there.

    The address of the visitor's machine and the name of their browser are not kept.
    """
    (whole,) = all_besides((event,))
    return whole


def all_besides(events: Sequence[Event]) -> list[dict[str, Any] | None]:
    """Return ``besides`` of each."""
    around = _by_context(events, _around)
    return [
        {**told, **each.properties} if told and each.properties else told or each.properties
        for told, each in zip(around, events, strict=True)
    ]


def _around(event: Event) -> dict[str, Any]:
    """Return what an event's context says of the page and the campaign."""
    told: dict[str, Any] = {}
    context = event.context
    if context is None:
        return told
    for name, value in islice((context.campaign or {}).items(), _MOST_CAMPAIGN):
        if isinstance(value, str | int | float | bool):
            said = value[:_MOST_OF_CAMPAIGN] if isinstance(value, str) else value
            told.setdefault(f"campaign_{name[:_MOST_OF_CAMPAIGN]}", said)
    page = context.page
    if page is not None and page.path:
        told["path"] = page.path[:_MOST_ADDRESS]
    if page is not None and page.referrer:
        told["referrer"] = page.referrer[:_MOST_ADDRESS]
    return told


_CONSENT: Final = ("purpose", "given", "basis", "words", "words_version", "how", "by")
#: What the name of an event says by itself, in the form of ``finding.normal``.
_SAID_BY_NAME: Final[Mapping[str, Mapping[str, Any]]] = {
    "consent given": {"given": True},
    "consent withdrawn": {"given": False},
    "unsubscribed": {"given": False, "purpose": "marketing"},
}


def consent(event: Event, name: str) -> bytes:
    """Return the properties of a consent: as given, with what the event's name says.

    Nothing is presumed: an event that does not say whether it was given, and for what, raises
    UnfitError, as does one that says the opposite of its name.
    """
    given = event.properties or {}
    said: Mapping[str, Any] = _SAID_BY_NAME.get(name, {})
    whole: dict[str, Any] = dict(said)
    whole.update((each, given[each]) for each in _CONSENT if each in given)
    if not isinstance(whole.get("given"), bool):
        raise UnfitError(Phrase(N_("must be true or false")), "given", whole.get("given", ""))
    if whole["given"] != said.get("given", whole["given"]):
        rule = Phrase(N_("must not be the opposite of what the event's name says"))
        raise UnfitError(rule, "given", whole["given"])
    whole.setdefault("basis", "consent")
    for field, allowed in (("purpose", PURPOSES), ("basis", BASES)):
        if whole.get(field) not in allowed:
            rule = Phrase(N_("must be one of: {allowed}"), {"allowed": ", ".join(allowed)})
            raise UnfitError(rule, field, whole.get(field, ""))
    if whole["given"] and not (whole.get("words") or whole.get("words_version")):
        # Without what the customer read it proves nothing (GDPR 7(1)).
        raise UnfitError(Phrase(N_("must be given: what the customer read or heard")), "words")
    whole.setdefault("how", "api")
    return _encode(whole)


#: What a website may not say: its key can be read by anybody, and would join strangers.
ONLY_A_BROWSER: Final = Phrase(
    N_("a website can say only whose browser it is; send what joins two customers from a server")
)
_ONLY_A_VISITOR: Final = Phrase(
    N_("a website can say only that its visitor agreed: give anonymousId too, or use a server")
)


def visitors_browser(event: Event) -> str:
    """Return the reference of the browser that an alias of a website names. Raises UnfitError."""
    previous = event.previousId or ""
    if references.is_device(previous):
        return previous
    if previous.startswith(references.FORMS):
        raise UnfitError(ONLY_A_BROWSER, "previousId", previous)
    return references.of_device(previous)


def say_on_website(event: Event, row: Row) -> None:
    """Have a consent be what it is on a website: the word of whoever sits at a browser.

    That somebody agreed is said of the browser, and holds for whom it belongs to unless they said
    no elsewhere (``log.consents``); that somebody takes it back is said of whom they name: in doubt
    it is no. Raises UnfitError.
    """
    said = msgspec.json.decode(row[PROPERTIES])
    if said["given"]:
        if not event.anonymousId:
            raise UnfitError(_ONLY_A_VISITOR, "anonymousId")
        row[CUSTOMER] = references.of_device(event.anonymousId)
    said.pop("by", None)
    row[PROPERTIES] = _encode({**said, "how": WEBSITE})


def says_consent(event: Event) -> bool:
    """Say whether an event speaks of a consent beside something else."""
    given = event.properties or {}
    return "given" in given or "purpose" in given


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
