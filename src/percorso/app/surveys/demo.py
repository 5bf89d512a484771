"""Who was asked by the invented bookshop, and what they were shown.

``python -m percorso.app.surveys.demo`` reads it from standard input, as JSON: ``percorso demo``
does so, that never loads Django itself.
"""

import os
import secrets
import sys
from datetime import timedelta
from typing import Final

import django

from percorso.demo import Asking

#: How long the links of the invitations were open.
_OPEN: Final = timedelta(days=30)
_AT_ONCE: Final = 2000


def write(asking: Asking) -> bool:
    """Write invitations and counters; return False where anybody was ever invited to a survey."""
    from django.db import transaction
    from django.db.models import F

    from percorso.app.surveys.models import Invitation, Shown

    with transaction.atomic():
        if Invitation.objects.exists():
            return False
        Invitation.objects.bulk_create(
            (
                Invitation(
                    survey=each.survey,
                    # Of no token: these links were never sent, and open nothing.
                    digest=secrets.token_hex(32),
                    reference=each.reference,
                    language=each.language,
                    touchpoint=each.touchpoint,
                    channel=each.channel,
                    expires_at=each.sent_at + _OPEN,
                    used=each.answered,
                    counted=each.answered,
                )
                for each in asking.invitations
            ),
            batch_size=_AT_ONCE,
        )
        # Now, says the table of each that is made: it was then.
        Invitation.objects.update(made_at=F("expires_at") - _OPEN)
        Shown.objects.bulk_create(
            (
                Shown(
                    survey=each.survey,
                    version=each.version,
                    question=each.question,
                    day=each.day,
                    shown=each.shown,
                    answered=each.answered,
                )
                for each in asking.counts
            ),
            batch_size=_AT_ONCE,
        )
    return True


def main() -> int:
    """Bring the application's database up, and write what standard input says."""
    import msgspec
    from django.core.management import call_command
    from django.db import DatabaseError

    asking = msgspec.json.decode(sys.stdin.buffer.read(), type=Asking)
    try:
        call_command("migrate", interactive=False, verbosity=0)
        write(asking)
    except DatabaseError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "percorso.app.config.settings")
    django.setup()
    sys.exit(main())
