"""Noting that somebody was contacted, as they had asked."""

import time
from typing import Final

from django.db import transaction
from django.utils import timezone

from percorso.app.accounts.models import User
from percorso.app.audit.actions import record
from percorso.app.inbox import inbox
from percorso.app.surveys.contacting import promised, queries
from percorso.app.surveys.errors import AskingError
from percorso.app.surveys.models import ContactMade
from percorso.i18n import gettext as _
from percorso.live import ready_rows
from percorso.surveys.rows import SOURCE
from percorso.vocabulary import Interaction

LONGEST_NOTE: Final = 2000
#: How somebody can be contacted: the kind and the channel of the interaction.
WAYS: Final = {
    "phone": ("call", "phone"),
    "email": ("message", "email"),
    "other": ("call", "other"),
}


@transaction.atomic
def note_made(by: User, response: str, how: str, note: str = "") -> None:
    """Note that somebody was contacted, which keeps the promise to them.

    The note stays here and is not in the log. Raises AskingError, and what the inbox raises.
    """
    asking = queries.one(response)
    if asking is None or how not in WAYS:
        raise AskingError(_("Nobody waits there any more."))
    made, is_new = ContactMade.objects.get_or_create(
        response=response,
        defaults={
            "reference": asking.reference,
            "by": by,
            "by_name": str(by)[:254],
            "note": note.replace("\0", "").strip()[:LONGEST_NOTE],
        },
    )
    if not is_new:
        raise AskingError(_("{who} noted it before you.").format(who=made.by_name))
    # Whose request it was is not told: the trail is for good.
    record(by, "survey.contact_made", asking.survey, how=how)
    kind, channel = WAYS[how]
    now = timezone.now()
    row = Interaction(
        id=f"survey:{response}:contacted",
        at=now,
        received_at=now,
        customer=asking.reference,
        kind=kind,
        name="contacted as asked",
        source=SOURCE,
        touchpoint=asking.touchpoint,
        channel=channel,
        direction="out",
        about=promised.about(response),
        properties={"survey": asking.survey, "response": response},
    )
    inbox().put([ready_rows.request(SOURCE, [row], time.time_ns() // 1000)])
