"""What the webhooks' words are called on the pages."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from percorso.app.webhooks.events import EVENTS, TEST

HEALTH: Final[Mapping[str, str | Promise]] = {
    "well": _("takes messages"),
    "new": _("was not told anything yet"),
    "trouble": _("does not take messages; they are tried again"),
    "paused": _("paused: messages wait"),
    "gone": _("disabled: it answered that it wants no more (410)"),
    "failing": _("disabled: it took nothing for three days"),
}
TONES: Final[Mapping[str, str]] = {
    "well": "good",
    "new": "still",
    "trouble": "warn",
    "paused": "still",
    "gone": "bad",
    "failing": "bad",
}
#: What is told, a test too.
TOLD: Final[Mapping[str, str | Promise]] = {**EVENTS, TEST: _("A test message")}
STATES: Final[Mapping[str, str | Promise]] = {
    "waiting": _("waiting"),
    "delivered": _("delivered"),
    "failed": _("never arrived"),
    "cancelled": _("not sent"),
}
STATE_TONES: Final[Mapping[str, str]] = {
    "waiting": "still",
    "delivered": "good",
    "failed": "bad",
    "cancelled": "still",
}
