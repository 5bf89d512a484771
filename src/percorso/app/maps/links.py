"""The addresses of shared maps: signed, and good for a while."""

from typing import Final
from uuid import UUID

from django.core import signing
from django.urls import reverse
from django.utils import timezone

from percorso.app.maps.models import SharedMap

_SALT: Final = "percorso.maps.shared"
#: How long a link may work, in days.
LASTS: Final = (7, 30, 90)


def path_of(shared: SharedMap) -> str:
    """Return the address of a link, without the host."""
    return reverse("maps:shared", args=[signing.dumps(shared.id.hex, salt=_SALT)])


def shared_of(token: str) -> SharedMap | None:
    """Return what a token is for; None where it is not ours, too old or withdrawn."""
    try:
        told = signing.loads(token, salt=_SALT, max_age=max(LASTS) * 86_400 + 60)
        number = UUID(hex=str(told))
    except (signing.BadSignature, ValueError):
        return None
    found = SharedMap.objects.filter(id=number, withdrawn_at=None).first()
    return found if found and found.expires_at > timezone.now() else None
