"""What there is to know of what is sent: how sending stands, who was written to, and why not."""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from django.conf import settings
from django.db.models import Count
from django.utils import timezone

from percorso import contacts, identity
from percorso.app import company
from percorso.app.connectors import phrases
from percorso.app.outbox.models import Message, Relay, Sender, Suppressed
from percorso.app.outbox.posting import smtp
from percorso.contacts import STATES, Budget, ContactsError, Entry, Ledger, State
from percorso.i18n import current_language
from percorso.log.facts import key_of
from percorso.surveys import SurveyError, Surveys
from percorso.vocabulary import Phrase

#: People a search by name may mean; beyond them it has to say more.
_MOST_PEOPLE: Final = 500
_AT_ONCE: Final = 500


class Missing(StrEnum):
    """What has to be set up before anything is sent."""

    SERVER = "server"
    ADDRESS = "address"
    SENDER = "sender"
    BUDGET = "budget"


@dataclass(frozen=True, slots=True)
class Standing:
    """How sending stands."""

    missing: tuple[Missing, ...]
    paused_at: datetime | None
    rests_until: datetime | None
    trouble: Phrase | None
    last_good_at: datetime | None
    waiting: int
    returns_at: datetime | None
    returns_trouble: Phrase | None
    budget_trouble: str = ""

    @property
    def sends(self) -> bool:
        """Say whether messages are planned and written; a server that rests has them later."""
        return not self.missing and self.paused_at is None


@dataclass(frozen=True, slots=True)
class Line:
    """What became of a wish: of whom, and why, in words; ``message`` is the one written for it.

    ``outcome`` is the ledger's state; ``state`` the message's where that says more. ``reference``
    is empty where the person was erased. ``number`` is the entry's: see ``Ledger.latest``.
    """

    number: int
    reference: str
    name: str
    key: str
    purpose: str
    campaign: str
    outcome: State
    state: str
    at: datetime | None
    until: datetime | None
    reason: Phrase
    answer: str
    decided_at: datetime
    message: uuid.UUID | None

    @property
    def sent_at(self) -> datetime | None:
        """Return when it went out; None of what is on its way, which may not go."""
        return self.at if self.outcome == "sent" else None

    @property
    def weighed_again_at(self) -> datetime | None:
        return self.until if self.outcome == "waiting" else None


@dataclass(frozen=True, slots=True)
class Kept:
    """A message. ``again`` says that a person may have it sent again, ``stoppable`` stopped."""

    id: uuid.UUID
    reference: str
    name: str
    key: str
    address: str
    subject: str
    campaign: str
    purpose: str
    language: str
    state: str
    tries: int
    made_at: datetime
    next_at: datetime | None
    until: datetime
    sent_at: datetime | None
    why: Phrase | None
    answer: str
    again: bool
    stoppable: bool


def standing() -> Standing:
    """Return how sending stands."""
    relay = Relay.objects.first() or Relay()
    trouble = _budget_trouble()
    lacking = {
        Missing.SERVER: smtp() is None,
        Missing.ADDRESS: not address(),
        Missing.SENDER: not Sender.objects.exists(),
        Missing.BUDGET: bool(trouble),
    }
    now = timezone.now()
    return Standing(
        tuple(each for each, is_so in lacking.items() if is_so),
        relay.paused_at,
        relay.rests_until if relay.rests_until and relay.rests_until > now else None,
        phrases.read(relay.trouble),
        relay.last_good_at,
        Message.objects.filter(state=Message.State.QUEUED).count(),
        relay.returns_at,
        phrases.read(relay.returns_trouble),
        trouble,
    )


def address() -> str:
    """Return the address that links in messages begin with; empty where it is not set."""
    url: str = settings.ENVIRONMENT.url
    return url


def sender() -> Sender | None:
    """Return who writes to customers; None where nobody said."""
    return Sender.objects.first()


def postal() -> str:
    """Return the company's postal address as messages show it."""
    found = Sender.objects.first()
    return found.postal if found else ""


def budget() -> Budget:
    """Return the contact budget. Raises ContactsError."""
    return contacts.load(company.workspace())


def _budget_trouble() -> str:
    try:
        budget()
    except ContactsError as error:
        return str(error)
    return ""


def overview() -> Mapping[str, Mapping[str, int]]:
    """Return how many wishes are in each state, by campaign."""
    return Ledger(company.workspace()).overview()


def titles(campaigns: Iterable[str]) -> dict[str, str]:
    """Return what surveys are called, in the reader's language; nothing of what is none."""
    kept = Surveys(company.workspace())
    named = {}
    for each in campaigns:
        try:
            survey = kept.find(each)
        except SurveyError:
            continue
        if survey is not None:
            named[each] = survey.say(survey.title, current_language()).strip()
    return {each: title for each, title in named.items() if title}


def lines(
    *,
    campaign: str = "",
    state: str = "",
    people: Sequence[str] | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    before: int | None = None,
    limit: int = 50,
    offset: int = 0,
) -> tuple[Line, ...]:
    """Return what became of wishes, the last to come first; see ``Ledger.latest``.

    A ``state`` that there is not is as if none was asked for.
    """
    chosen = Ledger(company.workspace()).latest(
        campaign=campaign or None,
        state=next((each for each in STATES if each == state), None),
        people=people,
        since=since,
        until=until,
        before=before,
        limit=limit,
        offset=offset,
    )
    return _lines(chosen)


def all_lines(campaign: str, state: str, people: Sequence[str] | None) -> Iterator[Line]:
    """Yield what became of all wishes that are chosen so, as ``lines`` does, some at a time."""
    before: int | None = None
    while found := lines(
        campaign=campaign, state=state, people=people, before=before, limit=_AT_ONCE
    ):
        yield from found
        before = found[-1].number


def _lines(entries: Sequence[Entry]) -> tuple[Line, ...]:
    log = company.log()
    written = {
        each.wish: each
        for each in Message.objects.filter(wish__in=[e.wish for e in entries if e.wish])
    }
    of = {each.person: log.identity.customer_of(each.person) for each in entries if each.person}
    called = identity.called(log, sorted(set(of.values())))
    found = []
    for each in entries:
        message = written.get(each.wish) if each.wish else None
        customer = of.get(each.person, "")
        found.append(
            Line(
                each.number,
                each.person,
                called[customer].name if customer in called else "",
                key_of(log, customer) if customer else "",
                each.purpose,
                each.campaign,
                each.state,
                _state(each, message),
                each.at,
                each.until,
                _reason(each, message),
                message.answer if message else "",
                each.decided_at,
                message.id if message else None,
            )
        )
    return tuple(found)


def _state(entry: Entry, message: Message | None) -> str:
    """Return the state to show: the ledger's, and of what was written what became of it."""
    if message is None or entry.state not in ("reserved", "sent", "failed"):
        return entry.state
    return message.state if message.state != Message.State.WAITING else entry.state


def _reason(entry: Entry, message: Message | None) -> Phrase:
    said = phrases.read(message.why) if message and entry.state != "waiting" else None
    return said or entry.reason


def those_called(text: str) -> tuple[str, ...]:
    """Return all references of the customers that a search finds; at most of some hundred."""
    log = company.log()
    query = identity.search_sql(log, text)
    if query is None or not log.files():
        return (text.strip(),)
    found = log.engine().connection().raw_sql(f"{query} LIMIT {_MOST_PEOPLE}").fetchall()
    references = {text.strip()}
    for (customer,) in found:
        references.update((customer, *log.identity.references_of(customer)))
    return tuple(references)


def message(number: uuid.UUID) -> Kept | None:
    """Return one message."""
    each = Message.objects.filter(id=number).first()
    if each is None:
        return None
    log = company.log()
    customer = log.identity.customer_of(each.reference)
    called = identity.called(log, [customer])
    return Kept(
        each.id,
        each.reference,
        called[customer].name if customer in called else "",
        key_of(log, customer),
        each.address,
        each.subject,
        each.campaign,
        each.purpose,
        each.language,
        each.state,
        each.tries,
        each.made_at,
        each.next_at if each.state == Message.State.QUEUED else None,
        each.until,
        each.sent_at,
        phrases.read(each.why),
        each.answer,
        each.state == Message.State.UNSURE and bool(each.body),
        each.state == Message.State.QUEUED,
    )


def silent() -> Mapping[str, int]:
    """Return how many addresses are not written to, by the reason."""
    counted = Suppressed.objects.values_list("why").annotate(n=Count("digest")).order_by()
    return dict.fromkeys(Suppressed.Why.values, 0) | dict(counted)
