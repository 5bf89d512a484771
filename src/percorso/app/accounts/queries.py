"""Reading people and invitations."""

from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.utils import timezone

from percorso.app.accounts import links, second_factor
from percorso.app.accounts.models import ROLES, Invitation, User
from percorso.app.ui.access import Role


@dataclass(frozen=True, slots=True)
class Person:
    """A person, as the page of people lists them."""

    id: int
    name: str
    email: str
    role: Role
    active: bool
    last_seen: datetime | None
    second_factor: bool = False


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation still open."""

    id: int
    email: str
    role: Role
    expires_at: datetime

    @property
    def role_words(self) -> str:
        return str(dict(ROLES)[self.role.value])


def anybody() -> bool:
    """Say whether the company has any account."""
    return User.objects.exists()


def people() -> tuple[Person, ...]:
    """Return everybody, those with access first."""
    guarded = set(
        Authenticator.objects.filter(type__in=second_factor.STRONG).values_list(
            "user_id", flat=True
        )
    )
    return tuple(
        Person(
            each.id,
            each.name,
            each.email,
            Role(each.role),
            each.is_active,
            each.last_login,
            each.id in guarded,
        )
        for each in User.objects.order_by("-is_active", "name", "id")
    )


def invitations() -> tuple[Invited, ...]:
    """Return the invitations nobody has used yet."""
    return tuple(
        Invited(each.id, each.email, Role(each.role), each.expires_at)
        for each in Invitation.objects.filter(
            accepted_at=None, withdrawn_at=None, expires_at__gt=timezone.now()
        )
    )


def invitation(token: str) -> Invited | None:
    """Return the open invitation the token belongs to."""
    found = Invitation.objects.filter(
        token_digest=links.digest(token),
        accepted_at=None,
        withdrawn_at=None,
        expires_at__gt=timezone.now(),
    ).first()
    if found is None:
        return None
    return Invited(found.id, found.email, Role(found.role), found.expires_at)
