"""Writing the trail. Called by the other slices' actions, inside their transaction."""

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from percorso.app.audit.models import Entry


def record(
    actor: AbstractBaseUser | AnonymousUser | None, action: str, subject: str = "", **details: Any
) -> None:
    """Note that ``actor`` (None: the machine) did ``action``, such as ``import.confirmed``.

    Entries cannot be deleted: where it was done to a customer, ``subject`` is their key
    (``percorso.log.facts.key_of``), never a reference or what they wrote.
    """
    person = actor if isinstance(actor, AbstractBaseUser) else None
    Entry.objects.create(
        actor_id=person.pk if person else None,
        actor_name=person.get_username() if person else "",
        action=action,
        subject=subject[:500],
        details=details,
    )
