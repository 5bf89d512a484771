"""What the pages about customers' rights show."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from percorso.app import company, holdings
from percorso.app.privacy.models import Request
from percorso.log.facts import key_of
from percorso.log.purposes import Policy, Terms, policy
from percorso.privacy import Certificate, Register, find, gather, waiting
from percorso.privacy.certificates import PlaceCleared
from percorso.privacy.consents import Consent, consents
from percorso.privacy.places import AFTER_THE_LOG, BEFORE_THE_LOG, LOG_WORDS
from percorso.vocabulary import BASIS_WORDS, PURPOSE_NAMES, PURPOSE_WORDS


@dataclass(frozen=True, slots=True)
class ShownConsent:
    """What holds for a purpose, in words; ``said`` is its name when the customer is spoken to."""

    terms: Terms
    name: str
    said: str
    basis: str
    consent: Consent


@dataclass(frozen=True, slots=True)
class Somebody:
    """A customer, before anything is done for them."""

    customer: str
    key: str
    references: tuple[str, ...]
    interactions: int
    consents: tuple[ShownConsent, ...]


@dataclass(frozen=True, slots=True)
class ShownRequest:
    """A request that waits; ``late`` where its month is over."""

    number: int
    reference: str
    what: str
    note: str
    at: datetime
    due_at: datetime
    late: bool


@dataclass(frozen=True, slots=True)
class MapRow:
    """A row of the data map: where what is kept, why, and for how long."""

    where: str
    what: str
    purpose: str
    kept: str


def who_is(text: str) -> tuple[str, ...]:
    """Return the customers that a text may mean. Raises PrivacyError."""
    return find(company.log(), text)


def somebody(customer: str) -> Somebody:
    """Return what is known of a customer."""
    log = company.log()
    person = gather(log, customer)
    return Somebody(
        person.customer,
        key_of(log, person.customer),
        person.references,
        person.interactions,
        shown_consents(customer),
    )


def shown_consents(customer: str) -> tuple[ShownConsent, ...]:
    """Return what holds for a customer, for each purpose."""
    log = company.log()
    stated = policy(log.workspace)
    return tuple(
        ShownConsent(
            terms,
            _(PURPOSE_NAMES[terms.purpose]),
            _(PURPOSE_WORDS[terms.purpose]),
            _(BASIS_WORDS[terms.basis]),
            each,
        )
        for terms, each in zip(stated.purposes, consents(log, customer), strict=True)
    )


def shown_purposes() -> tuple[tuple[Terms, str, str, str], ...]:
    """Return each purpose with its name, its basis and its words in the current language."""
    language = (get_language() or "en")[:2]
    return tuple(
        (each, _(PURPOSE_NAMES[each.purpose]), _(BASIS_WORDS[each.basis]), each.words(language))
        for each in stated().purposes
    )


def stated() -> Policy:
    return policy(company.workspace())


def offered() -> tuple[Terms, ...]:
    """Return the purposes that a customer can agree to or refuse."""
    return tuple(each for each in stated().purposes if each.may_object)


def words_version(language: str) -> str:
    """Return what tells the words a customer can agree to from any others: a short digest."""
    words = [(each.purpose, each.basis, each.version, each.words(language)) for each in offered()]
    return sha256(repr(words).encode()).hexdigest()[:16]


def certificates(limit: int, offset: int) -> tuple[Certificate, ...]:
    return Register(company.workspace()).certificates(limit, offset)


def certificate(number: str) -> Certificate | None:
    return Register(company.workspace()).certificate(number)


def places_of(one: Certificate) -> tuple[tuple[PlaceCleared, str], ...]:
    """Return the places of a certificate, each with what it is called."""
    words = {each.name: each.words for each in (*BEFORE_THE_LOG, *AFTER_THE_LOG)} | LOG_WORDS
    tables = {each.model: str(each.words) for each in holdings.holdings()}
    return tuple(
        (each, tables.get(each.name) or _(words.get(each.name, each.name))) for each in one.places
    )


def certificates_broken() -> str | None:
    return Register(company.workspace()).broken()


def is_waiting(number: str) -> bool:
    """Say whether an erasure was asked for and is not done yet."""
    return any(each.id == number for each in waiting(company.log()))


def being_erased() -> int:
    return len(waiting(company.log()))


def requests() -> tuple[ShownRequest, ...]:
    """Return the requests that wait, the one due first first."""
    words = {
        "copy": _("a copy of their data"),
        "erase": _("to be erased"),
        "correct": _("a correction"),
    }
    now = timezone.now()
    return tuple(
        ShownRequest(
            each.pk,
            each.reference,
            words[each.kind],
            each.note,
            each.at,
            each.due_at,
            each.due_at < now,
        )
        for each in Request.objects.filter(closed_at=None)
    )


def data_map() -> tuple[MapRow, ...]:
    """Return where what is kept of customers, the application's own tables too."""
    service = _(PURPOSE_NAMES["service"])
    listening = _("Understanding customers' experience")
    rules = _("as the rules below say")
    rows = [
        MapRow("log/", _("interactions with customers"), listening, rules),
        MapRow(
            "identity.sqlite",
            _("which names are one customer"),
            listening,
            _("as long as interactions"),
        ),
        MapRow("inbox.sqlite", _("events as they were received"), listening, _("7 days")),
        MapRow("quarantine.sqlite", _("rows that could not be read"), listening, rules),
        MapRow(
            "corrections.sqlite",
            _("what people corrected of readings"),
            listening,
            _("as long as interactions"),
        ),
        MapRow(
            "derived/",
            _("what is worked out of the log"),
            listening,
            _("made again after each change"),
        ),
        MapRow("topics.json", _("names of topics"), listening, _("until changed")),
        MapRow(
            "uploads/",
            _("files that were uploaded"),
            listening,
            _("until imported, 7 days at most"),
        ),
        MapRow("imports.sqlite", _("history of imports"), listening, _("until changed")),
        MapRow(
            "privacy.sqlite",
            _("certificates, and keyed hashes of who was erased"),
            _("Keeping the law"),
            _("for good"),
        ),
    ]
    rows += [
        MapRow("app.sqlite", str(held.words), service, _("until erased"))
        for held in holdings.holdings()
    ]
    rows.append(
        MapRow(
            "app.sqlite",
            _("the trail of what people here did"),
            _("Keeping the law"),
            _("for good"),
        )
    )
    return tuple(rows)
