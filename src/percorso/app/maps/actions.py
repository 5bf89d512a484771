"""Every change to maps: links, drafts, beliefs, each with its entry in the trail."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from percorso.app import company
from percorso.app.accounts.models import User
from percorso.app.audit.actions import record
from percorso.app.maps import links
from percorso.app.maps.errors import MapsError
from percorso.app.maps.models import SharedMap
from percorso.i18n import gettext as _
from percorso.journey_map import Draft, Drafts
from percorso.touchpoints import Belief, Registry

#: Links that work at a time.
MOST_LINKS = 200
LONGEST_TITLE = 120


@transaction.atomic
def share(by: User, title: str, days: int, *, query: str = "", draft: str = "") -> SharedMap:
    """Make a link to a map. Raises MapsError."""
    if days not in links.LASTS:
        raise MapsError(_("Choose for how long the link works."))
    working = SharedMap.objects.filter(withdrawn_at=None, expires_at__gt=timezone.now())
    if working.count() >= MOST_LINKS:
        raise MapsError(_("There are {most} links already.").format(most=MOST_LINKS))
    made = SharedMap.objects.create(
        title=" ".join(title.split())[:LONGEST_TITLE],
        query=query[:2000],
        draft=draft,
        made_by=by,
        made_by_name=by.get_username(),
        expires_at=timezone.now() + timedelta(days=days),
    )
    record(by, "map.shared", str(made.id), days=days)
    return made


@transaction.atomic
def withdraw(by: User, number: UUID) -> None:
    """Withdraw a link: it opens nothing from now on. Raises MapsError."""
    found = SharedMap.objects.filter(id=number, withdrawn_at=None).first()
    if found is None:
        raise MapsError(_("That link is withdrawn already."))
    found.withdrawn_at = timezone.now()
    found.save(update_fields=["withdrawn_at"])
    record(by, "map.withdrawn", str(found.id))


def note_read(shared: SharedMap) -> None:
    """Note that somebody read a shared map; once an hour, and not who."""
    now = timezone.now()
    if shared.last_read_at is None or now - shared.last_read_at > timedelta(hours=1):
        SharedMap.objects.filter(pk=shared.pk).update(last_read_at=now)


def save_belief(by: User, given: Belief, instead_of: str = "") -> Belief:
    """Save a belief. Raises TouchpointError."""
    with transaction.atomic():
        made = _registry().save_belief(given, who=by.get_username(), instead_of=instead_of)
        record(by, "belief.changed" if given.id else "belief.written", made.id)
    return made


def delete_belief(by: User, id_: str) -> None:
    """Delete a belief. Raises TouchpointError."""
    with transaction.atomic():
        _registry().delete_belief(id_)
        record(by, "belief.deleted", id_)


def make_draft(by: User, name: str, segment: str) -> Draft:
    """Make a map as it is to be. Raises DraftError."""
    with transaction.atomic():
        made = _drafts().make(name, segment=segment, who=by.get_username())
        record(by, "draft.made", made.id)
    return made


def rename_draft(by: User, id_: str, name: str, segment: str) -> Draft:
    """Change a draft's name and persona. Raises DraftError."""
    with transaction.atomic():
        made = _drafts().rename(id_, name, segment=segment, who=by.get_username())
        record(by, "draft.changed", id_)
    return made


def delete_draft(by: User, id_: str) -> None:
    """Delete a draft, and withdraw the links to it. Raises DraftError."""
    with transaction.atomic():
        _drafts().delete(id_)
        SharedMap.objects.filter(draft=id_, withdrawn_at=None).update(withdrawn_at=timezone.now())
        record(by, "draft.deleted", id_)


def write_entry(by: User, id_: str, phase: str, lane: str, text: str, entry: str = "") -> Draft:
    """Write an entry of a draft, or change one. Raises DraftError."""
    with transaction.atomic():
        made = _drafts().write(id_, phase, lane, text, who=by.get_username(), entry=entry)
        record(by, "draft.changed", id_)
    return made


def move_entry(by: User, id_: str, entry: str, *, up: bool) -> Draft:
    """Move an entry within its cell. Raises DraftError."""
    with transaction.atomic():
        made = _drafts().move(id_, entry, up=up, who=by.get_username())
        record(by, "draft.changed", id_)
    return made


def put_entry(by: User, id_: str, entry: str, phase: str, lane: str, before: str = "") -> Draft:
    """Put an entry into a cell, before another one or last. Raises DraftError."""
    with transaction.atomic():
        made = _drafts().put(id_, entry, phase, lane, before=before, who=by.get_username())
        record(by, "draft.changed", id_)
    return made


def remove_entry(by: User, id_: str, entry: str) -> Draft:
    """Remove an entry of a draft. Raises DraftError."""
    with transaction.atomic():
        made = _drafts().remove(id_, entry, who=by.get_username())
        record(by, "draft.changed", id_)
    return made


def aim(by: User, id_: str, phase: str, metric: str, value: float | None) -> Draft:
    """Set, or take away, the score that a phase is to reach. Raises DraftError."""
    with transaction.atomic():
        made = _drafts().aim(id_, phase, metric, value, who=by.get_username())
        record(by, "draft.changed", id_)
    return made


def _registry() -> Registry:
    return Registry(company.workspace())


def _drafts() -> Drafts:
    return Drafts(company.workspace())
