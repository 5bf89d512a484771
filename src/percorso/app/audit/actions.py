"""Writing the trail. Called by the other slices' actions, inside their transaction."""

from typing import Any, Final

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from percorso.app.audit.models import Entry

#: Actions on what people here named as they liked.
_TYPED: Final = (
    *("import.", "topic.", "segment.", "contact.", "quarantine."),
    *("touchpoint.", "belief.", "sending."),
)


def record(
    actor: AbstractBaseUser | AnonymousUser | None, action: str, subject: str = "", **details: Any
) -> None:
    """Note that ``actor`` (None: the machine) did ``action``, such as ``import.confirmed``.

    Entries cannot be deleted: where it was done to a customer, ``subject`` is their key
    (``percorso.log.facts.key_of``), never a reference or what they wrote. Names that people here
    gave to things are kept without the addresses and numbers of customers that may be in them.
    """
    person = actor if isinstance(actor, AbstractBaseUser) else None
    if action.startswith(_TYPED):
        subject = _without_customers(subject)
        details = {name: _without_customers(each) for name, each in details.items()}
    Entry.objects.create(
        actor_id=person.pk if person else None,
        actor_name=person.get_username() if person else "",
        action=action,
        subject=subject[:500],
        details=details,
    )


def _without_customers(given: Any) -> Any:
    if not isinstance(given, str) or not given:
        return given
    from percorso.text.personal_data import mask

    return mask(given)
