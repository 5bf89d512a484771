"""The addresses that customers get: signed, and good for a while."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from django.core import signing
from django.urls import reverse
from django.utils import timezone

from percorso.app.privacy.models import PreferenceLink

LASTS: Final = timedelta(days=90)
_SALT: Final = "percorso.privacy.preferences"


def path_of(link: PreferenceLink) -> str:
    """Return the address of a link, without the host."""
    return path_to(signing.dumps(link.id.hex, salt=_SALT))


def path_to(token: str) -> str:
    """Return the address with a token."""
    return reverse("preferences:page", args=[token])


def link_of(token: str) -> PreferenceLink | None:
    """Return the link of a token; None where it is not ours, too old, withdrawn or erased."""
    try:
        number = UUID(hex=signing.loads(token, salt=_SALT, max_age=LASTS))
    except (signing.BadSignature, ValueError, TypeError):
        return None
    found = PreferenceLink.objects.filter(id=number, withdrawn_at=None).first()
    return found if found and found.expires_at > timezone.now() else None
