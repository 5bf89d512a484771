"""Every change to sources and their keys, each with its entry in the trail."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from percorso.app import company
from percorso.app.accounts.models import User
from percorso.app.audit.actions import record
from percorso.app.inbox import inbox
from percorso.app.sources import queries
from percorso.app.sources.errors import SourceError
from percorso.app.sources.health import STAFF
from percorso.app.sources.models import Source, WriteKey
from percorso.app.sources.write_keys import digest, new_key
from percorso.vocabulary import CHANNELS

#: How long the key before keeps working after a new one was made.
OVERLAP: Final = timedelta(days=7)
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,49}")
_MOST_ORIGINS: Final = 50
#: What ids begin with that are made elsewhere.
_RESERVED: Final = ("mail", "feed", "mastodon", "consent", "percorso")


def add(
    by: User | None,
    name: str,
    origins: Iterable[str] = (),
    most_per_second: int | None = None,
    channel: str = "",
) -> str:
    """Add a source, and return its key, which is shown this once. Raises SourceError."""
    with transaction.atomic():
        key = _add(by, name, origins, most_per_second, _channel(channel))
    tell_drainer()
    return key


def _add(
    by: User | None, name: str, origins: Iterable[str], most_per_second: int | None, channel: str
) -> str:
    name = name.strip().lower()
    if not _NAME.fullmatch(name):
        raise SourceError(
            _(
                "A name may have small letters, digits and hyphens, 50 at most, such as "
                "online-shop; not %(name)r."
            )
            % {"name": name}
        )
    if name == STAFF:
        raise SourceError(
            _("%(name)r is what people here log themselves. Choose another name.") % {"name": name}
        )
    if name in _RESERVED:
        raise SourceError(
            _("%(name)r is taken by what comes by itself. Choose another name.") % {"name": name}
        )
    if Source.objects.filter(name=name).exists():
        raise SourceError(_("There is a source named %(name)s already.") % {"name": name})
    source = Source.objects.create(
        name=name,
        origins=read_origins(origins),
        most_per_second=most_per_second,
        channel=channel,
        made_by=by,
    )
    record(by, "source.added", name, origins=source.origins)
    return _new_key(source)


@transaction.atomic
def rotate(by: User | None, name: str, overlap: timedelta = OVERLAP) -> str:
    """Make a new key and return it; the ones before work for ``overlap``. Raises SourceError."""
    source = _open(name)
    # The new one may be kept better.
    source.seen_in_browser = None
    source.save(update_fields=["seen_in_browser"])
    transaction.on_commit(tell_drainer)
    until = timezone.now() + overlap
    _working(source, until).update(expires_at=until)
    record(by, "source.rotated", source.name, until=until.isoformat())
    return _new_key(source)


@transaction.atomic
def revoke(by: User | None, name: str, ending: str | None = None) -> int:
    """Revoke keys of a source, at once: the one with this ending, or all; return how many.

    Raises SourceError where there is none to revoke.
    """
    source = _open(name)
    keys = _working(source, None)
    if ending is not None:
        keys = keys.filter(ending=ending)
    revoked = keys.update(revoked_at=timezone.now())
    if not revoked:
        raise SourceError(_("%(name)s has no such key that works.") % {"name": name})
    record(by, "source.revoked", source.name, keys=revoked)
    return revoked


@transaction.atomic
def close(by: User | None, name: str) -> None:
    """Close a source: its keys stop working. What came from it stays. Raises SourceError."""
    source = _open(name)
    now = timezone.now()
    _working(source, None).update(revoked_at=now)
    source.closed_at = now
    source.save(update_fields=["closed_at"])
    record(by, "source.closed", source.name)


def change(
    by: User | None,
    name: str,
    origins: Iterable[str],
    most_per_second: int | None = None,
    channel: str = "",
) -> None:
    """Say which websites may send with a source's keys, how much, and where its customers are.

    Raises SourceError.
    """
    with transaction.atomic():
        source = _open(name)
        before = source.origins
        source.origins, source.most_per_second = read_origins(origins), most_per_second
        source.channel = _channel(channel)
        source.save(update_fields=["origins", "most_per_second", "channel"])
        record(by, "source.changed", source.name, before=before, now=source.origins)
    tell_drainer()


def _channel(given: str) -> str:
    if given and given not in CHANNELS:
        raise SourceError(
            _("%(given)r is no channel. Known are: %(known)s.")
            % {"given": given, "known": ", ".join(CHANNELS)}
        )
    return given


def seen_in_browser(name: str) -> None:
    """Note that a source's key came from a web page: it is no secret of a server's."""
    Source.objects.filter(name=name, seen_in_browser=None).update(seen_in_browser=timezone.now())
    tell_drainer()


def tell_drainer() -> None:
    """Tell the drainer, which asks no database, where sources are and which are public."""
    from percorso.live.channels import write_channels
    from percorso.live.public import write_public

    workspace = company.workspace()
    told = Source.objects.exclude(channel="").values_list("name", "channel")
    write_channels(workspace, dict(told))
    write_public(workspace, queries.public())


def read_origins(given: Iterable[str]) -> list[str]:
    """Return addresses of websites as browsers send them. Raises SourceError for what is none."""
    origins = list(dict.fromkeys(_origin(each) for each in given if each.strip()))
    if len(origins) > _MOST_ORIGINS:
        raise SourceError(_("Give %(most)s origins at most.") % {"most": _MOST_ORIGINS})
    return origins


def _origin(given: str) -> str:
    wrong = SourceError(
        _("%(given)r is not the address of a website. Write it like https://www.example.org")
        % {"given": given}
    )
    try:
        parts = urlsplit(given.strip())
        port = parts.port
    except ValueError:
        raise wrong from None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/"):
        raise wrong
    if parts.query or parts.fragment or parts.username is not None:
        raise wrong
    usual = {"http": 80, "https": 443}[parts.scheme]
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + ("" if port in (None, usual) else f":{port}")


def discard_rejected(by: User, numbers: Iterable[int]) -> int:
    """Say of rejected events that they are not wanted; return how many waited.

    Raises InboxError.
    """
    count = inbox().discard(numbers)
    record(by, "event.discarded", events=count)
    return count


def replay_rejected(by: User, numbers: Iterable[int]) -> int:
    """Send rejected events in again; return how many waited. Raises InboxError."""
    count = inbox().replay(numbers)
    record(by, "event.replayed", events=count)
    return count


def _open(name: str) -> Source:
    source = Source.objects.select_for_update().filter(name=name, closed_at=None).first()
    if source is None:
        raise SourceError(_("There is no open source named %(name)s.") % {"name": name})
    return source


def _working(source: Source, until: datetime | None) -> QuerySet[WriteKey]:
    """Return the keys that work now, and beyond ``until`` where that is given."""
    keys = WriteKey.objects.filter(source=source, revoked_at=None)
    return keys.filter(Q(expires_at=None) | Q(expires_at__gt=until or timezone.now()))


def _new_key(source: Source) -> str:
    key = new_key()
    WriteKey.objects.create(source=source, digest=digest(key), ending=key[-4:])
    return key
