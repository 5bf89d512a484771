"""Keys of programs: made, recognised, revoked.

A token is ``prc_`` and 43 characters of chance. It opens what its scopes say, until it expires or
is revoked, and only while whoever made it may still make tokens: an administrator who leaves takes
their keys along.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from percorso.app.accounts import links
from percorso.app.accounts.models import ApiToken, User
from percorso.app.audit.actions import record
from percorso.app.ui.access import may_manage_tokens

START: Final = "prc_"
#: What a token may be made for, and what it then opens.
SCOPES: Final[Mapping[str, str | Promise]] = {
    "read:figures": _("read scores, reports, problems; have texts read"),
    "read:customers": _("read customers and what they wrote"),
    "write:customers": _("write notes about customers"),
    "write:interactions": _("send interactions"),
    "write:answers": _("send answers to surveys, and make links for one person"),
    "write:sending": _("send surveys by e-mail: make, change and stop rules and campaigns"),
    "privacy": _("export and erase a person, record consents"),
}
#: A use is noted when the last noted one is older than this, so that reading writes little.
NOTED_EVERY: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Caller:
    """A program that asks with a token, and the person who answers for it."""

    token_id: int
    name: str
    scopes: frozenset[str]
    person: User


@dataclass(frozen=True, slots=True)
class Listed:
    """A token, as the page lists it."""

    id: int
    name: str
    start: str
    scopes: tuple[str, ...]
    made_by: str
    made_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    works: bool
    why_not: str | Promise


@transaction.atomic
def make(by: User, name: str, scopes: Iterable[str], days: int) -> str:
    """Make a token and return it; it cannot be read again afterwards."""
    wanted = [scope for scope in SCOPES if scope in set(scopes)]
    key = START + links.new_token()
    ApiToken.objects.create(
        name=name,
        start=key[:8],
        digest=links.digest(key),
        scopes=wanted,
        made_by=by,
        expires_at=timezone.now() + timedelta(days=days),
    )
    record(by, "token.made", name, scopes=wanted, days=days)
    return key


@transaction.atomic
def revoke(by: User, token_id: int) -> bool:
    """End a token at once. Return False where there is none that is still open."""
    changed = ApiToken.objects.filter(id=token_id, revoked_at=None).update(
        revoked_at=timezone.now()
    )
    if changed:
        record(by, "token.revoked", ApiToken.objects.get(id=token_id).name)
    return bool(changed)


def recognise(key: str) -> Caller | None:
    """Return whose token this is; None where it opens nothing."""
    if not key.startswith(START):
        return None
    now = timezone.now()
    found = (
        ApiToken.objects.select_related("made_by")
        .filter(digest=links.digest(key), revoked_at=None, expires_at__gt=now)
        .first()
    )
    if found is None or not may_manage_tokens(found.made_by):
        return None
    if found.last_used_at is None or found.last_used_at < now - NOTED_EVERY:
        ApiToken.objects.filter(id=found.id).update(last_used_at=now)
    return Caller(found.id, found.name, frozenset(found.scopes), found.made_by)


def listed() -> tuple[Listed, ...]:
    """Return every token, the latest first."""
    now = timezone.now()
    return tuple(_listed(each, now) for each in ApiToken.objects.select_related("made_by"))


def _listed(token: ApiToken, now: datetime) -> Listed:
    why_not: str | Promise = ""
    if token.revoked_at is not None:
        why_not = _("revoked")
    elif token.expires_at <= now:
        why_not = _("expired")
    elif not may_manage_tokens(token.made_by):
        why_not = _("its maker is no longer an administrator")
    return Listed(
        token.id,
        token.name,
        token.start,
        tuple(token.scopes),
        token.made_by.name,
        token.made_at,
        token.expires_at,
        token.last_used_at,
        not why_not,
        why_not,
    )
