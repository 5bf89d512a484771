"""What there is to know of sources and their keys."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from percorso.app.sources.models import Source, WriteKey


@dataclass(frozen=True, slots=True)
class KeyInfo:
    """A key as it may be shown: by its last characters."""

    ending: str
    made_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    works: bool


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """A source with its keys, the newest first."""

    name: str
    origins: tuple[str, ...]
    most_per_second: int | None
    channel: str
    public: bool
    made_at: datetime
    closed_at: datetime | None
    keys: tuple[KeyInfo, ...]


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a key that works allows: to write as ``source``, from ``origins`` (empty: from any).

    ``public`` says that it is known to stand in web pages.
    """

    source: str
    origins: frozenset[str] = frozenset()
    most_per_second: int | None = None
    public: bool = False


def sources() -> tuple[SourceInfo, ...]:
    """Return all sources by name, closed ones too."""
    now = timezone.now()
    return tuple(
        SourceInfo(
            each.name,
            tuple(each.origins),
            each.most_per_second,
            each.channel,
            _is_public(each),
            each.made_at,
            each.closed_at,
            tuple(_key(key, now) for key in each.keys.all()),
        )
        for each in Source.objects.prefetch_related("keys")
    )


def source(name: str) -> SourceInfo | None:
    return next((each for each in sources() if each.name == name), None)


def working_keys() -> dict[str, Allowed]:
    """Return what each key that works now allows, by the key's digest."""
    keys = (
        WriteKey.objects.filter(revoked_at=None, source__closed_at=None)
        .filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()))
        .select_related("source")
    )
    return {
        each.digest: Allowed(
            each.source.name,
            frozenset(each.source.origins),
            each.source.most_per_second,
            _is_public(each.source),
        )
        for each in keys
    }


def public() -> list[str]:
    """Return the names of the sources whose key stands in web pages."""
    return [each.name for each in Source.objects.all() if _is_public(each)]


def _is_public(source: Source) -> bool:
    return bool(source.origins) or source.seen_in_browser is not None


def _key(key: WriteKey, now: datetime) -> KeyInfo:
    expired = key.expires_at is not None and key.expires_at <= now
    works = key.revoked_at is None and not expired
    return KeyInfo(key.ending, key.made_at, key.expires_at, key.revoked_at, works)
