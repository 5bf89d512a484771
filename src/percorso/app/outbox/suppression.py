"""Addresses that are not written to: nobody is there, somebody complained, or we said so."""

import uuid
from collections.abc import Iterable

from percorso.app.outbox import addresses
from percorso.app.outbox.models import Suppressed
from percorso.vocabulary import N_, Phrase

_WORDS = {
    Suppressed.Why.BOUNCED: Phrase(N_("the address does not exist: mail to it came back")),
    Suppressed.Why.COMPLAINED: Phrase(N_("marked an earlier message as unwanted")),
    Suppressed.Why.BY_HAND: Phrase(N_("the address was put on the list of those not written to")),
}


def why_not(addressed: Iterable[str], purpose: str) -> dict[str, Phrase | None]:
    """Return of each address why it is not written to for a purpose; None where it may be.

    Who complained still gets what a contract asks for; where nobody is, nothing goes.
    """
    found: dict[str, Phrase | None] = {}
    digests: dict[str, str] = {}
    for each in addressed:
        try:
            digests[each] = addresses.digest(addresses.read(each))
        except addresses.AddressError as error:
            found[each] = error.phrase
    listed = Suppressed.objects.filter(digest__in=set(digests.values()))
    silent = dict(listed.values_list("digest", "why"))
    for each, digest in digests.items():
        why = silent.get(digest)
        if why is None or (why == Suppressed.Why.COMPLAINED and purpose == "service"):
            found[each] = None
        else:
            found[each] = _WORDS[Suppressed.Why(why)]
    return found


def suppress(address: str, why: Suppressed.Why, message: uuid.UUID | None = None) -> bool:
    """Write to an address no more; say whether it was written to until now. Raises AddressError."""
    digest = addresses.digest(addresses.read(address))
    _found, made = Suppressed.objects.get_or_create(
        digest=digest, defaults={"why": why, "message": message}
    )
    return made


def lift(address: str) -> bool:
    """Write to an address again; say whether it was on the list. Raises AddressError."""
    digest = addresses.digest(addresses.read(address))
    return bool(Suppressed.objects.filter(digest=digest).delete()[0])


def find(address: str) -> Suppressed | None:
    """Return what the list has of an address. Raises AddressError."""
    return Suppressed.objects.filter(digest=addresses.digest(addresses.read(address))).first()
