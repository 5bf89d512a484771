"""What the words of sources are called on the pages."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

HEALTH: Final[Mapping[str, str | Promise]] = {
    "new": _("nothing has come yet"),
    "arrives": _("events arrive"),
    "quiet": _("quiet for more than a day"),
    "rejected": _("most of it is rejected"),
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
    "unwanted": _("not wanted"),
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
