"""Every change to webhooks, each with its entry in the trail."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from percorso import labels, net
from percorso.app import sealing
from percorso.app.accounts.models import User
from percorso.app.audit.actions import record
from percorso.app.sources.models import Source
from percorso.app.webhooks import events, sending
from percorso.app.webhooks.errors import WebhookError
from percorso.app.webhooks.models import Delivery, Endpoint, Hook, Message
from percorso.vocabulary import KINDS

#: How long the secret before goes on signing, or being accepted, after a new one was made.
OVERLAP: Final = timedelta(hours=24)
MOST_ENDPOINTS: Final = 50
AGAIN_AT_ONCE: Final = 10_000
_LONGEST_DESCRIPTION: Final = 120


def add(
    by: User | None,
    url: str,
    told: Sequence[str],
    *,
    description: str = "",
    kinds: Sequence[str] = (),
    with_words: bool = False,
) -> tuple[uuid.UUID, str]:
    """Add an endpoint; return it and its secret, which is shown this once. Raises WebhookError."""
    _check(url, told, kinds)
    secret = net.signatures.new_secret()
    with transaction.atomic():
        if Endpoint.objects.count() >= MOST_ENDPOINTS:
            raise WebhookError(
                _("There are %(most)s webhooks already. Remove one first.")
                % {"most": MOST_ENDPOINTS}
            )
        made = Endpoint.objects.create(
            url=url,
            description=description.strip()[:_LONGEST_DESCRIPTION],
            events=list(told),
            kinds=list(kinds),
            with_words=with_words,
            secret=sealing.seal(secret),
            made_by=by,
        )
        record(by, "webhook.added", str(made), url=url, events=list(told), words=with_words)
    return made.id, secret


def change(
    by: User | None,
    endpoint_id: uuid.UUID,
    url: str,
    told: Sequence[str],
    *,
    description: str = "",
    kinds: Sequence[str] = (),
    with_words: bool = False,
) -> str:
    """Change where an endpoint is and what it is told; return its secret where it is a new one.

    Another server gets another secret: whoever is behind it must not be able to sign for the one
    before. What waits for that one is not sent to the new one. Raises WebhookError.
    """
    _check(url, told, kinds)
    secret = ""
    with transaction.atomic():
        endpoint = _locked(endpoint_id)
        before = endpoint.url
        if _server(url) != _server(before):
            secret = net.signatures.new_secret()
            endpoint.secret = sealing.seal(secret)
            endpoint.previous_secret, endpoint.previous_until = "", None
            endpoint.deliveries.filter(status=Delivery.Status.WAITING).update(
                status=Delivery.Status.CANCELLED
            )
        endpoint.url, endpoint.events, endpoint.kinds = url, list(told), list(kinds)
        endpoint.description = description.strip()[:_LONGEST_DESCRIPTION]
        endpoint.with_words, endpoint.rests_until = with_words, None
        endpoint.save()
        moved = {"before": before} if secret else {}
        record(
            by,
            "webhook.changed",
            str(endpoint),
            url=url,
            events=list(told),
            words=with_words,
            **moved,
        )
    return secret


@transaction.atomic
def rotate(by: User | None, endpoint_id: uuid.UUID) -> str:
    """Make a new secret and return it; the one before goes on signing for a day."""
    endpoint = _locked(endpoint_id)
    secret = net.signatures.new_secret()
    endpoint.previous_secret, endpoint.secret = endpoint.secret, sealing.seal(secret)
    endpoint.previous_until = timezone.now() + OVERLAP
    endpoint.save()
    record(by, "webhook.rotated", str(endpoint))
    return secret


@transaction.atomic
def pause(by: User | None, endpoint_id: uuid.UUID) -> None:
    """Send nothing for now; messages wait."""
    endpoint = _locked(endpoint_id)
    endpoint.paused_at = timezone.now()
    endpoint.save(update_fields=["paused_at"])
    record(by, "webhook.paused", str(endpoint))


@transaction.atomic
def resume(by: User | None, endpoint_id: uuid.UUID) -> None:
    """Send again, also to one that was given up."""
    endpoint = _locked(endpoint_id)
    endpoint.paused_at = endpoint.disabled_at = endpoint.rests_until = None
    endpoint.reason, endpoint.failures = "", 0
    endpoint.save()
    record(by, "webhook.resumed", str(endpoint))


@transaction.atomic
def remove(by: User | None, endpoint_id: uuid.UUID) -> None:
    """Forget an endpoint, its secret and its log."""
    endpoint = _locked(endpoint_id)
    record(by, "webhook.removed", str(endpoint), url=endpoint.url)
    endpoint.delete()


@transaction.atomic
def test(by: User | None, endpoint_id: uuid.UUID) -> int:
    """Send a test message; return the number of its delivery."""
    endpoint = _locked(endpoint_id)
    event = events.Event(
        type=events.TEST,
        key=uuid.uuid4().hex,
        at=timezone.now(),
        data={"words": "This is a test message of Percorso."},
    )
    message = Message.objects.create(
        id=events.new_id(),
        type=event.type,
        key=f"{event.type}:{event.key}",
        body=event.body(),
    )
    made = Delivery.objects.create(message=message, endpoint=endpoint, next_at=timezone.now())
    record(by, "webhook.tested", str(endpoint))
    return made.id


@transaction.atomic
def send_again(by: User | None, endpoint_id: uuid.UUID, numbers: Iterable[int]) -> int:
    """Send messages once more, under their own ids; return how many. Those that wait go now."""
    endpoint = _locked(endpoint_id)
    chosen = endpoint.deliveries.filter(id__in=list(numbers))
    count = chosen.update(status=Delivery.Status.WAITING, tries=0, next_at=timezone.now())
    if count:
        record(by, "webhook.redelivered", str(endpoint), messages=count)
    return count


def send_failed_again(by: User | None, endpoint_id: uuid.UUID) -> int:
    """Send all that never arrived once more; return how many."""
    lost = Delivery.objects.filter(
        endpoint_id=endpoint_id, status__in=(Delivery.Status.FAILED, Delivery.Status.CANCELLED)
    )
    return send_again(by, endpoint_id, list(lost.values_list("id", flat=True)[:AGAIN_AT_ONCE]))


def erase(references: Sequence[str]) -> int:
    """Remove the messages about a customer, sent or not; return how many. For an erasure."""
    chosen = Message.objects.filter(Q(customer__in=references) | Q(reference__in=references))
    count = chosen.count()
    chosen.delete()
    return count


# Ways in


def add_hook(by: User | None, source_name: str, customer_at: str = "") -> str:
    """Let a system send signed messages as a source; return the secret, shown this once."""
    secret = net.signatures.new_secret()
    _check_place(customer_at)
    with transaction.atomic():
        source = Source.objects.filter(name=source_name, closed_at=None).first()
        if source is None:
            raise WebhookError(
                _("There is no open source named %(name)s.") % {"name": source_name}, "source"
            )
        if Hook.objects.filter(source=source).exists():
            raise WebhookError(_("This source has a way in already."), "source")
        Hook.objects.create(
            source=source, customer_at=customer_at.strip(), secret=sealing.seal(secret)
        )
        record(by, "hook.added", source.name)
    return secret


@transaction.atomic
def rotate_hook(by: User | None, source_name: str) -> str:
    """Make a new secret and return it; the one before is accepted for a day."""
    hook = _hook(source_name)
    secret = net.signatures.new_secret()
    hook.previous_secret, hook.secret = hook.secret, sealing.seal(secret)
    hook.previous_until = timezone.now() + OVERLAP
    hook.save()
    record(by, "hook.rotated", source_name)
    return secret


@transaction.atomic
def remove_hook(by: User | None, source_name: str) -> None:
    """Close a way in. What came by it stays."""
    _hook(source_name).delete()
    record(by, "hook.removed", source_name)


def _hook(source_name: str) -> Hook:
    hook = Hook.objects.select_for_update().filter(source__name=source_name).first()
    if hook is None:
        raise WebhookError(_("There is no such way in any more."))
    return hook


def _check_place(customer_at: str) -> None:
    parts = customer_at.strip().split(".")
    if customer_at.strip() and not all(each and len(each) <= 60 for each in parts):
        raise WebhookError(
            _("Write the names from the outside in, such as data.customer.email."), "customer_at"
        )


def _check(url: str, told: Sequence[str], kinds: Sequence[str]) -> None:
    try:
        net.check_url(url)
    except net.NetError as error:
        raise WebhookError(labels.phrase(error.phrase), "url") from error
    if urlsplit(url).scheme != "https" and not _is_inside(url):
        raise WebhookError(_("What happens to customers is sent over https only."), "url")
    if not told or any(each not in events.EVENTS for each in told):
        raise WebhookError(_("Choose at least one thing to tell of."), "events")
    if any(each not in KINDS for each in kinds):
        raise WebhookError(_("There is no such kind of interaction."), "kinds")


def _is_inside(url: str) -> bool:
    """Say whether an address is within a private network that may be asked."""
    parts = urlsplit(url)
    try:
        net.resolve(
            parts.hostname or "", parts.port or 80, timeout=5.0, guard=sending.guard_for(url)
        )
    except net.NetError:
        return False
    return True


def _server(url: str) -> tuple[Any, ...]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)


def _locked(endpoint_id: uuid.UUID) -> Endpoint:
    endpoint = Endpoint.objects.select_for_update().filter(id=endpoint_id).first()
    if endpoint is None:
        raise WebhookError(_("There is no such webhook any more."))
    return endpoint
