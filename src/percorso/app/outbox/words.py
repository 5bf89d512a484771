"""What the outbox's words are called on the pages."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

STATES: Final[Mapping[str, str | Promise]] = {
    "waiting": _("waits"),
    "reserved": _("on its way"),
    "queued": _("on its way"),
    "sending": _("on its way"),
    "sent": _("sent"),
    "unsure": _("may have gone out"),
    "failed": _("not sent"),
    "never": _("not sent"),
    "stopped": _("not sent"),
    "bounced": _("came back"),
    "complained": _("unwanted"),
}
TONES: Final[Mapping[str, str]] = {
    "waiting": "still",
    "reserved": "",
    "queued": "",
    "sending": "",
    "sent": "good",
    "unsure": "warn",
    "failed": "bad",
    "never": "still",
    "stopped": "still",
    "bounced": "bad",
    "complained": "bad",
}
#: States of the record that can be chosen.
CHOSEN: Final[Mapping[str, str | Promise]] = {
    "sent": _("sent"),
    "reserved": _("on its way"),
    "waiting": _("waits"),
    "failed": _("could not be sent"),
    "never": _("not to be sent"),
}
PURPOSES: Final[Mapping[str, str | Promise]] = {
    "survey": _("survey"),
    "marketing": _("news and offers"),
    "service": _("service"),
}
SILENT: Final[Mapping[str, str | Promise]] = {
    "bounced": _("mail came back"),
    "complained": _("said it was unwanted"),
    "by hand": _("put there by hand"),
}
MISSING: Final[Mapping[str, str | Promise]] = {
    "server": _(
        "No mail server is set up. Whoever runs the server names it in PERCORSO_EMAIL_URL."
    ),
    "address": _(
        "The address that links lead to is not known. Whoever runs the server names it in "
        "PERCORSO_URL."
    ),
    "sender": _("Nobody said yet who writes: the name and the address that customers see."),
    "budget": _("The contact budget cannot be read."),
}
