"""What became of reading the texts in the background: why it failed, and trying again.

The reason is kept as a word, and said in the language of whoever looks.
"""

import errno
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from percorso.app.audit.actions import record
from percorso.app.intake.models import ReadingFailure
from percorso.i18n import gettext as _
from percorso.vocabulary import N_

Stage = Literal["reading", "topics"]

#: What can be in the way -> how that is said.
REASONS: Final = {
    "busy": N_("Another process is at it. When it is done, this can be tried again."),
    "space": N_("The disk is full. Make room, then try again."),
    "memory": N_("The machine has too little free memory for it."),
    "files": N_("Files of the company's folder cannot be read or written."),
    "server": N_("The server that compares texts by meaning did not answer as it should."),
    "stopped": N_(
        "The background process ended three times while it was at it, most likely for want of "
        "memory."
    ),
    "log": N_("The log cannot be used as it is."),
    "unknown": N_("Something unexpected went wrong; the server's log says what."),
}
_LONGEST: Final = 500


@dataclass(frozen=True, slots=True)
class Failure:
    """``stage`` is what failed: reading the texts, or finding topics in them."""

    at: datetime
    stage: str
    why: str
    said: str


def failure() -> Failure | None:
    """Return why the last try failed; None where it did not."""
    row = ReadingFailure.objects.first()
    if row is None:
        return None
    return Failure(row.at, row.stage, _(REASONS.get(row.reason, REASONS["unknown"])), row.said)


def note(stage: Stage, error: BaseException) -> None:
    """Keep why it failed, in the place of what was kept before."""
    reason, said = _reason(error)
    ReadingFailure.objects.update_or_create(
        id=1, defaults={"stage": stage, "reason": reason, "said": said[:_LONGEST]}
    )


def note_stopped() -> None:
    """Keep that the worker ended over and over while it read texts."""
    ReadingFailure.objects.update_or_create(
        id=1, defaults={"stage": "reading", "reason": "stopped", "said": ""}
    )


def has_stopped() -> bool:
    """Say whether the worker ended over and over, so that nobody tries by themselves."""
    return ReadingFailure.objects.filter(reason="stopped").exists()


def forget() -> None:
    """It works again, or is tried again."""
    ReadingFailure.objects.all().delete()


def again(by: AbstractBaseUser) -> None:
    """Have the worker try again."""
    from percorso.app.intake import tasks

    with transaction.atomic():
        record(by, "voice.read_again")
        forget()
        tasks.once(tasks.read_texts)


def _reason(error: BaseException) -> tuple[str, str]:
    """Return which of the reasons an error is, and what it says for people."""
    from percorso.log.errors import LogBusyError, LogError
    from percorso.text.embedding.endpoint import EmbeddingError

    if isinstance(error, LogBusyError):
        return "busy", ""
    if isinstance(error, EmbeddingError):
        return "server", str(error)
    if isinstance(error, LogError):
        return "log", str(error)
    if isinstance(error, MemoryError):
        return "memory", ""
    if isinstance(error, OSError):
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        return ("space", "") if full else ("files", "")
    return "unknown", ""
