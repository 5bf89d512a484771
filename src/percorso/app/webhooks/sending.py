"""Sending what waits: signed, each endpoint by itself, again and again for about three days."""

import logging
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings as django_settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from percorso import net
from percorso.app import sealing
from percorso.app.audit.actions import record
from percorso.app.connectors import phrases
from percorso.app.webhooks.models import Attempt, Delivery, Endpoint, Message
from percorso.vocabulary import N_, Phrase

logger = logging.getLogger("percorso.webhooks")

TIMEOUT_S: Final = 20.0
#: Seconds after each failure until the next attempt, as the standard suggests: ten attempts in
#: all, the last some 75 hours after the first.
WAITS_S: Final = (5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 86_400)
#: Messages one endpoint is sent in a round, and endpoints that are sent to at once.
PER_ENDPOINT: Final = 50
AT_ONCE: Final = 8
#: How long messages and their attempts are kept: they hold who did what.
KEPT: Final = timedelta(days=30)
_REST_FIRST_S: Final = 5.0
_REST_LONGEST_S: Final = 5 * 60.0
_MAX_ANSWER: Final = 64 * 1024
_SHOWN: Final = 500
_GONE: Final = 410
_BUSY: Final = (429, 503)
_SEALED: Final = Phrase(N_("The secret cannot be read any more. Make a new one."))


@dataclass(frozen=True, slots=True)
class _Letter:
    """A message ready to be signed and sent."""

    delivery: int
    due: datetime
    url: str
    message_id: str
    body: bytes = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Result:
    """How one attempt ended."""

    delivery: int
    at: datetime
    seconds: float
    status: int | None = None
    answer: str = ""
    trouble: Phrase | None = None
    wait: float | None = None
    due: datetime | None = None

    @property
    def good(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def deliver_due(now: datetime | None = None) -> int:
    """Send what is due, at most some to each endpoint; return how many attempts were made."""
    letters = _due(now or timezone.now())
    if not letters:
        return 0
    count = 0
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhooks") as pool:
        # The threads only send; the database is this one's.
        running = dict(filter(None, (_submitted(pool, iter(each)) for each in letters)))
        while running:
            for done in wait(running, return_when=FIRST_COMPLETED).done:
                rest, result = running.pop(done), done.result()
                _note(result)
                count += 1
                # An endpoint that does not answer has a rest.
                if result.status is not None and result.status not in (_GONE, *_BUSY):
                    running.update(filter(None, [_submitted(pool, rest)]))
    return count


def _submitted(
    pool: ThreadPoolExecutor, letters: Iterator[_Letter]
) -> "tuple[Future[_Result], Iterator[_Letter]] | None":
    """Have the next of an endpoint's messages sent that is still due; nothing, where none is."""
    letter = next((each for each in letters if _still_due(each)), None)
    return None if letter is None else (pool.submit(_sent, letter), letters)


def tidy(now: datetime | None = None) -> None:
    """Let go of messages that were kept for long enough."""
    Message.objects.filter(at__lt=(now or timezone.now()) - KEPT).delete()


def _due(now: datetime) -> list[list[_Letter]]:
    awake = Endpoint.objects.filter(
        Q(rests_until=None) | Q(rests_until__lte=now), paused_at=None, disabled_at=None
    )
    groups = []
    for endpoint in awake:
        waiting = (
            endpoint.deliveries.filter(status=Delivery.Status.WAITING, next_at__lte=now)
            .select_related("message")
            .order_by("id")[:PER_ENDPOINT]
        )
        letters = _letters(endpoint, list(waiting), now)
        if letters:
            groups.append(letters)
    return groups


def _letters(endpoint: Endpoint, waiting: Sequence[Delivery], now: datetime) -> list[_Letter]:
    if not waiting:
        return []
    try:
        keys = secrets_of(endpoint, now)
    except sealing.SealError:
        for each in waiting:
            _note(_Result(each.id, now, 0.0, trouble=_SEALED))
        return []
    return [
        _Letter(each.id, each.next_at, endpoint.url, each.message.id, body_of(each).encode(), keys)
        for each in waiting
    ]


def secrets_of(endpoint: Endpoint, now: datetime) -> tuple[str, ...]:
    """Return the secrets that sign now: the new one, and the one before for a while."""
    keys = [sealing.unseal(endpoint.secret)]
    if endpoint.previous_secret and endpoint.previous_until and endpoint.previous_until > now:
        keys.append(sealing.unseal(endpoint.previous_secret))
    return tuple(keys)


def body_of(delivery: Delivery) -> str:
    """Return what is sent: without what customers wrote, unless the endpoint is to get it."""
    message = delivery.message
    return message.body if delivery.endpoint.with_words else message.bare_body or message.body


def guard_for(url: str) -> net.Guard:
    """Return which addresses may be sent to: over http only those inside of private networks.

    It is asked of the very address that is connected to, so that a name that changes its mind
    brings nothing in the clear to the internet.
    """
    guard: net.Guard = django_settings.NETWORK_GUARD
    return guard if urlsplit(url).scheme == "https" else replace(guard, public=False)


def _still_due(letter: _Letter) -> bool:
    """Say whether a message is still to be sent: it was read a while ago, with many others."""
    return Delivery.objects.filter(
        id=letter.delivery,
        status=Delivery.Status.WAITING,
        endpoint__paused_at=None,
        endpoint__disabled_at=None,
        endpoint__url=letter.url,
    ).exists()


def _sent(letter: _Letter) -> _Result:
    return replace(_send(letter), due=letter.due)


def _send(letter: _Letter) -> _Result:
    at, clock = timezone.now(), time.monotonic()
    headers = {
        "content-type": "application/json",
        "accept": "*/*",
        **net.signatures.headers(letter.secrets, letter.message_id, letter.body),
    }
    try:
        answer = net.fetch(
            letter.url,
            method="POST",
            headers=headers,
            body=letter.body,
            timeout=TIMEOUT_S,
            max_bytes=_MAX_ANSWER,
            guard=guard_for(letter.url),
            redirects=0,
        )
    except net.NetError as error:
        return _Result(letter.delivery, at, time.monotonic() - clock, trouble=error.phrase)
    except Exception:
        logger.exception("a webhook could not be sent")
        return _Result(letter.delivery, at, time.monotonic() - clock, trouble=_UNEXPECTED)
    wait = net.retrying.retry_after(answer.headers) if answer.status in _BUSY else None
    shown = answer.body[: 4 * _SHOWN].decode("utf-8", "replace").replace("\0", "")[:_SHOWN]
    return _Result(letter.delivery, at, time.monotonic() - clock, answer.status, shown, wait=wait)


_UNEXPECTED: Final = Phrase(N_("Something went wrong inside Percorso; its log says what."))


@transaction.atomic
def _note(result: _Result) -> None:
    """Keep how an attempt went, and when the next is."""
    delivery = (
        Delivery.objects.select_for_update(of=("self",))
        .select_related("endpoint", "message")
        .filter(id=result.delivery)
        .first()
    )
    if delivery is None:
        return  # its customer was erased, or its endpoint removed, meanwhile
    Attempt.objects.create(
        delivery=delivery,
        at=result.at,
        seconds=result.seconds,
        status=result.status,
        answer=result.answer,
        trouble=None if result.trouble is None else phrases.kept(result.trouble),
    )
    endpoint = delivery.endpoint
    if result.due is not None and delivery.next_at != result.due:
        return  # somebody had it sent again meanwhile, from the beginning: that stands
    delivery.tries += 1
    if result.good:
        delivery.status, delivery.delivered_at = Delivery.Status.DELIVERED, result.at
        endpoint.failures, endpoint.rests_until, endpoint.last_good_at = 0, None, result.at
        endpoint.save(update_fields=["failures", "rests_until", "last_good_at"])
    elif result.status == _GONE:
        delivery.status = Delivery.Status.CANCELLED
        disable(endpoint, "gone")
    else:
        _fail(delivery, endpoint, result)
    delivery.save(update_fields=["status", "tries", "next_at", "delivered_at"])


def _fail(delivery: Delivery, endpoint: Endpoint, result: _Result) -> None:
    now = timezone.now()
    endpoint.failures += 1
    if result.status is None or result.status in _BUSY:
        rest = net.retrying.back_off(endpoint.failures, _REST_FIRST_S, _REST_LONGEST_S)
        endpoint.rests_until = now + timedelta(seconds=max(rest, result.wait or 0.0))
    endpoint.save(update_fields=["failures", "rests_until"])
    if delivery.tries > len(WAITS_S):
        delivery.status = Delivery.Status.FAILED
        first = delivery.attempts.order_by("at").values_list("at", flat=True).first()
        if first and (endpoint.last_good_at is None or endpoint.last_good_at < first):
            disable(endpoint, "failing")
        return
    wait = net.retrying.jittered(WAITS_S[delivery.tries - 1])
    delivery.next_at = now + timedelta(seconds=max(wait, result.wait or 0.0))


def disable(endpoint: Endpoint, reason: str) -> None:
    """Give an endpoint up; what waits for it is not sent any more. A person can enable it again."""
    endpoint.disabled_at, endpoint.reason = timezone.now(), reason
    endpoint.save(update_fields=["disabled_at", "reason"])
    endpoint.deliveries.filter(status=Delivery.Status.WAITING).update(
        status=Delivery.Status.CANCELLED
    )
    record(None, "webhook.disabled", str(endpoint), reason=reason)
