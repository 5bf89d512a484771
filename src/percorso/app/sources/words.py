"""What the words of sources are called on the pages."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.utils.formats import localize
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from percorso import labels
from percorso.app.ui.templatetags.figures import moment
from percorso.live import LiveError

HEALTH: Final[Mapping[str, str | Promise]] = {
    "new": _("nothing has come yet"),
    "arrives": _("events arrive"),
    "quiet": _("quiet for more than a day"),
    "rejected": _("most of the last day is rejected"),
    "no_key": _("none of its keys works"),
    "closed": _("closed"),
}
HEALTH_TONES: Final[Mapping[str, str]] = {
    "new": "still",
    "arrives": "good",
    "quiet": "warn",
    "rejected": "bad",
    "no_key": "warn",
    "closed": "still",
}
FATES: Final[Mapping[str, str | Promise]] = {
    "waits": _("waits"),
    "kept": _("in the log"),
    "unmapped": _("not yet mapped"),
    "unwanted": _("left out by today's rules"),
    "rejected": _("rejected"),
}
FATE_TONES: Final[Mapping[str, str]] = {
    "waits": "still",
    "kept": "good",
    "unmapped": "warn",
    "unwanted": "still",
    "rejected": "bad",
}
FIELDS: Final[Mapping[str, str | Promise]] = {
    "kind": _("Kind"),
    "name": _("Name"),
    "customer": _("Customer"),
    "touchpoint": _("Touchpoint"),
    "channel": _("Channel"),
    "direction": _("Direction"),
    "scale": _("Scale"),
    "score": _("Score"),
    "text": _("Words"),
    "language": _("Language"),
    "amount": _("Amount"),
    "currency": _("Currency"),
    "about": _("About"),
    "due_at": _("Promised until"),
}
DIRECTIONS: Final[Mapping[str, str | Promise]] = {
    "in": _("from the customer"),
    "out": _("from the company"),
}
#: What a contact was about, as staff tap it.
REASONS: Final[Mapping[str, str | Promise]] = {
    "bought": _("Bought"),
    "asked": _("Asked something"),
    "collected": _("Collected"),
    "returned": _("Brought back"),
    "complained": _("Complained"),
    "thanked": _("Thanked"),
    "looked": _("Only looked"),
    "other": _("Something else"),
}
#: What happened -> the event's name in the tracking API, the words, what it can be about.
CONTACTS: Final[Mapping[str, tuple[str, str | Promise, tuple[str, ...]]]] = {
    "visit": ("Visit Logged", _("Visit to the shop"), tuple(REASONS)),
    "call_in": (
        "Call Received",
        _("They called"),
        ("asked", "bought", "complained", "thanked", "other"),
    ),
    "call_out": (
        "Call Made",
        _("We called"),
        ("asked", "bought", "complained", "thanked", "other"),
    ),
}


def field_value(name: str, value: object) -> str:
    """Return what stands in a field of the log, as it is said on pages."""
    if isinstance(value, datetime):
        return str(moment(value))
    if isinstance(value, int | float):
        return str(localize(value))
    match name:
        case "kind":
            return labels.kind(str(value))
        case "channel":
            return labels.channel(str(value))
        case "scale":
            return labels.scale(str(value))
        case "language":
            return labels.language(str(value))
        case "direction":
            return str(DIRECTIONS.get(str(value), value))
        case _:
            return str(value)


def why(error: Exception) -> str:
    """Say why something could not be done; what the inbox says, in the current language."""
    return labels.phrase(error.phrase) if isinstance(error, LiveError) else str(error)
