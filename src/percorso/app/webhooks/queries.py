"""What there is to know of webhooks."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Count
from django.utils import timezone

from percorso.app.connectors import phrases
from percorso.app.sources.models import Source
from percorso.app.webhooks.models import Attempt, Delivery, Endpoint, Hook
from percorso.app.webhooks.sending import body_of
from percorso.vocabulary import Phrase


class Health(StrEnum):
    """How an endpoint is."""

    WELL = "well"
    NEW = "new"  # was not told anything yet
    TROUBLE = "trouble"  # does not take messages; they are tried again
    PAUSED = "paused"
    GONE = "gone"  # answered 410: it wants no more
    FAILING = "failing"  # took nothing for three days


@dataclass(frozen=True, slots=True)
class Webhook:
    """An endpoint as it may be shown: without its secrets."""

    id: uuid.UUID
    url: str
    description: str
    events: tuple[str, ...]
    kinds: tuple[str, ...]
    with_words: bool
    health: Health
    previous_until: datetime | None
    last_good_at: datetime | None
    waiting: int
    failed: int

    @property
    def name(self) -> str:
        return self.description or self.url


@dataclass(frozen=True, slots=True)
class Sent:
    """A message to an endpoint, in the log. ``status`` is that of the last answer."""

    number: int
    message_id: str
    type: str
    at: datetime
    state: str
    tries: int
    next_at: datetime | None
    status: int | None


@dataclass(frozen=True, slots=True)
class Try:
    at: datetime
    seconds: float
    status: int | None
    answer: str
    trouble: Phrase | None


@dataclass(frozen=True, slots=True)
class Detail:
    """A message to an endpoint with what was sent and each attempt, the newest first."""

    sent: Sent
    body: str
    attempts: tuple[Try, ...]


@dataclass(frozen=True, slots=True)
class WayIn:
    """A way in for messages of another system."""

    source: str
    customer_at: str
    previous_until: datetime | None
    last_at: datetime | None


def webhooks() -> tuple[Webhook, ...]:
    """Return all endpoints, the oldest first."""
    return tuple(_webhook(each) for each in Endpoint.objects.all())


def webhook(endpoint_id: uuid.UUID) -> Webhook | None:
    found = Endpoint.objects.filter(id=endpoint_id).first()
    return None if found is None else _webhook(found)


def log(endpoint_id: uuid.UUID, limit: int, offset: int, state: str = "") -> tuple[Sent, ...]:
    """Return messages to an endpoint, the newest first."""
    chosen = Delivery.objects.filter(endpoint_id=endpoint_id).select_related("message")
    if state:
        chosen = chosen.filter(status=state)
    return tuple(_sent(each) for each in chosen[offset : offset + limit])


def detail(endpoint_id: uuid.UUID, number: int) -> Detail | None:
    found = (
        Delivery.objects.filter(endpoint_id=endpoint_id, id=number)
        .select_related("message", "endpoint")
        .first()
    )
    if found is None:
        return None
    return Detail(
        _sent(found),
        body_of(found),
        tuple(
            Try(each.at, each.seconds, each.status, each.answer, phrases.read(each.trouble))
            for each in found.attempts.all()[:50]
        ),
    )


def ways_in() -> tuple[WayIn, ...]:
    """Return the ways in, by the names of their sources."""
    now = timezone.now()
    return tuple(
        WayIn(
            each.source.name,
            each.customer_at,
            each.previous_until if each.previous_until and each.previous_until > now else None,
            each.last_at,
        )
        for each in Hook.objects.select_related("source")
    )


def sources_without_way_in() -> tuple[str, ...]:
    """Return the names of open sources that can be given a way in."""
    taken = Hook.objects.values_list("source_id", flat=True)
    free = Source.objects.filter(closed_at=None).exclude(id__in=taken)
    return tuple(free.values_list("name", flat=True))


def _webhook(endpoint: Endpoint) -> Webhook:
    counts = dict(
        endpoint.deliveries.order_by()
        .values_list("status")
        .annotate(found=Count("id"))
        .values_list("status", "found")
    )
    until = endpoint.previous_until
    return Webhook(
        id=endpoint.id,
        url=endpoint.url,
        description=endpoint.description,
        events=tuple(endpoint.events),
        kinds=tuple(endpoint.kinds),
        with_words=endpoint.with_words,
        health=_health(endpoint),
        previous_until=until if until and until > timezone.now() else None,
        last_good_at=endpoint.last_good_at,
        waiting=counts.get(Delivery.Status.WAITING, 0),
        failed=counts.get(Delivery.Status.FAILED, 0) + counts.get(Delivery.Status.CANCELLED, 0),
    )


def _health(endpoint: Endpoint) -> Health:
    if endpoint.disabled_at is not None:
        return Health.GONE if endpoint.reason == "gone" else Health.FAILING
    if endpoint.paused_at is not None:
        return Health.PAUSED
    if endpoint.failures:
        return Health.TROUBLE
    return Health.NEW if endpoint.last_good_at is None else Health.WELL


def _sent(delivery: Delivery) -> Sent:
    last: Attempt | None = delivery.attempts.first()
    waiting = delivery.status == Delivery.Status.WAITING
    return Sent(
        number=delivery.id,
        message_id=delivery.message.id,
        type=delivery.message.type,
        at=delivery.message.at,
        state=delivery.status,
        tries=delivery.tries,
        next_at=delivery.next_at if waiting else None,
        status=None if last is None else last.status,
    )
