"""Messages of other systems: believed when they are signed, kept in the inbox, each once."""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from django.utils import timezone

from percorso import net
from percorso.app import sealing
from percorso.app.api.limits import Limit
from percorso.app.inbox import inbox
from percorso.app.sources import allowance
from percorso.app.webhooks.models import Hook
from percorso.live import Received
from percorso.live.segment import CALLS, MOST_MESSAGE_ID, MOST_REQUEST, RefusedError

#: Messages from one address, believed or not, in a minute; and believed ones of one source that has
#: no limit of its own.
FROM_ADDRESS: Final = Limit(1_200, 60)
OF_SOURCE: Final = Limit(1_200, 60)

_EVENT: Final = "message"
_FORMS: Final = ("user:", "anon:", "email:", "phone:", "fiscal:", "card:")


def slow_down(address: str) -> None:
    """Count a message from a network address. Raises InboxFullError where there are too many."""
    allowance.spend(FROM_ADDRESS, address, "Too many messages from this address.")


def take(source: str, headers: Mapping[str, str], body: bytes) -> str:
    """Keep a message, and return its id; it is on the disk then.

    Raises SignatureError where it is not to be believed (nobody learns whether there is such a way
    in), RefusedError where it makes no sense, InboxFullError where the source sends more than it
    may, and what the inbox raises where it is full.
    """
    if len(body) > MOST_REQUEST:
        raise RefusedError(413, f"A message may hold {MOST_REQUEST // 1024} KB at most.")
    hook = (
        Hook.objects.select_related("source")
        .filter(source__name=source, source__closed_at=None)
        .first()
    )
    # Without a way in, it is checked against a secret that nobody has: it takes as long.
    secrets = (net.signatures.new_secret(),) if hook is None else _secrets(hook)
    message_id, _sent = net.signatures.verify(secrets, headers, body)
    if hook is None:  # not reached: no message is signed with a secret made a moment ago
        raise RefusedError(404, "Nobody listens here.")
    # After the signature: whoever only knows the name of a source must not use up what it may send.
    own = hook.source.most_per_second
    allowance.spend(OF_SOURCE if own is None else allowance.a_second(own), hook.source.name)
    call, event, count = _event(body, message_id, hook.customer_at)
    now = timezone.now()
    inbox().put([Received(hook.source.name, call, int(now.timestamp() * 1_000_000), event, count)])
    Hook.objects.filter(id=hook.id).update(last_at=now)
    return message_id


def _secrets(hook: Hook) -> tuple[str, ...]:
    keys = [sealing.unseal(hook.secret)]
    if hook.previous_secret and hook.previous_until and hook.previous_until > timezone.now():
        keys.append(sealing.unseal(hook.previous_secret))
    return tuple(keys)


def _event(body: bytes, message_id: str, customer_at: str) -> tuple[str, bytes, int]:
    """Return a message as the tracking API would take it: the call, its body, its events.

    One that speaks the tracking API goes in as it is. Any other is an event named by its ``type``,
    with its ``data`` as properties, of the customer that is found at ``customer_at``.
    """
    try:
        said = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RefusedError(400, "The body must be JSON.") from error
    if not isinstance(said, dict):
        raise RefusedError(400, "The body must be an object.")
    named = _short(message_id)
    batch = said.get("batch")
    if isinstance(batch, list):
        for number, each in enumerate(batch):
            if isinstance(each, dict):
                each.setdefault("messageId", _short(f"{message_id}:{number}"))
        return "batch", msgspec.json.encode(said), len(batch)
    if said.get("type") in CALLS:
        return str(said["type"]), msgspec.json.encode({"messageId": named, **said}), 1
    data = said.get("data")
    event: dict[str, Any] = {
        "type": "track",
        "messageId": named,
        "event": str(said.get("type") or _EVENT)[:500],
        "properties": data if isinstance(data, dict) else {"value": data},
    }
    if isinstance(said.get("timestamp"), str):
        event["timestamp"] = said["timestamp"]
    customer = _customer(said, customer_at)
    if customer:
        event["userId"] = customer
    return "track", msgspec.json.encode(event), 1


def _customer(said: Mapping[str, Any], place: str) -> str:
    found: Any = said
    for name in filter(None, place.split(".")):
        found = found.get(name) if isinstance(found, dict) else None
    if not place or isinstance(found, bool | dict | list) or found is None:
        return ""
    customer = str(found).strip()
    if "@" in customer and not customer.startswith(_FORMS):
        return f"email:{customer.lower()}"
    return customer


def _short(message_id: str) -> str:
    if len(message_id) < MOST_MESSAGE_ID:
        return message_id
    return hashlib.sha256(message_id.encode()).hexdigest()
