"""Every change to connectors, each with its entry in the trail."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings as django_settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from percorso import connectors, labels
from percorso.app import sealing
from percorso.app.accounts.models import User
from percorso.app.audit.actions import record
from percorso.app.connectors import watched
from percorso.app.connectors.errors import ConnectorSetupError
from percorso.app.connectors.models import ConnectorSetup
from percorso.connectors import (
    FeedSettings,
    FolderSettings,
    MailboxSettings,
    MastodonSettings,
    PullSettings,
)
from percorso.connectors.settings import SECRETS
from percorso.vocabulary import Interaction
from percorso.workspace import is_one_line

LEAST_MINUTES: Final = 2
MOST_MINUTES: Final = 7 * 24 * 60
_LONGEST_NAME: Final = 80
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Tried:
    """What a connector would bring now: nothing of it was kept."""

    read: int
    skipped: Mapping[str, int]
    interactions: tuple[Interaction, ...]
    rows: tuple[Mapping[str, Any], ...]
    files: tuple[str, ...]


def add(
    by: User | None, name: str, kind: str, given: Mapping[str, Any], every_minutes: int = 15
) -> uuid.UUID:
    """Set a connector up; it runs at once. Raises ConnectorSetupError that names the setting."""
    name = _checked_name(name)
    _check(kind, given, every_minutes)
    plain, secrets = _parted(kind, given)
    with transaction.atomic():
        if ConnectorSetup.objects.filter(name__iexact=name).exists():
            raise ConnectorSetupError(_("There is a connector of this name already."), "name")
        made = ConnectorSetup.objects.create(
            name=name,
            kind=kind,
            settings=plain,
            secrets=_sealed(secrets),
            every_minutes=every_minutes,
            next_at=timezone.now(),
            made_by=by,
        )
        record(by, "connector.added", name, kind=kind)
    return made.id


def change(
    by: User | None, setup_id: uuid.UUID, given: Mapping[str, Any], every_minutes: int
) -> None:
    """Change the settings. A secret that is not given stays. Raises ConnectorSetupError.

    Where it listens elsewhere from now on, it begins from the beginning there; a secret of another
    server must be given then, for the one that is kept is not sent to whatever is typed.
    """
    with transaction.atomic():
        setup = _locked(setup_id)
        whole = _with_kept_secrets(setup, given)
        after = _server(_check(setup.kind, whole, every_minutes))
        before = _server_of(setup)
        plain, secrets = _parted(setup.kind, whole)
        if plain != setup.settings:
            setup.state = {}
        setup.settings, setup.secrets = plain, _sealed(secrets)
        setup.every_minutes, setup.failures, setup.trouble = every_minutes, 0, None
        setup.revision += 1
        setup.next_at = timezone.now()
        setup.save()
        moved = {"server": after, "before": before} if after != before else {}
        record(by, "connector.changed", setup.name, **moved)


@transaction.atomic
def pause(by: User | None, setup_id: uuid.UUID) -> None:
    """Let a connector rest until somebody resumes it."""
    setup = _locked(setup_id)
    setup.paused_at = timezone.now()
    setup.save(update_fields=["paused_at"])
    record(by, "connector.paused", setup.name)


@transaction.atomic
def resume(by: User | None, setup_id: uuid.UUID) -> None:
    """Let a connector run again, from where it left off."""
    setup = _locked(setup_id)
    setup.paused_at, setup.next_at, setup.failures = None, timezone.now(), 0
    setup.save(update_fields=["paused_at", "next_at", "failures"])
    record(by, "connector.resumed", setup.name)


@transaction.atomic
def run_now(by: User | None, setup_id: uuid.UUID) -> None:
    """Have a connector run in the next seconds."""
    setup = _locked(setup_id)
    setup.next_at = timezone.now()
    setup.save(update_fields=["next_at"])
    record(by, "connector.run", setup.name)


@transaction.atomic
def remove(by: User | None, setup_id: uuid.UUID) -> None:
    """Forget a connector, its secrets and its runs. What it brought stays in the log."""
    setup = _locked(setup_id)
    record(by, "connector.removed", setup.name)
    setup.delete()


def try_out(
    kind: str,
    given: Mapping[str, Any],
    setup_id: uuid.UUID | None = None,
    *,
    by: User | None = None,
) -> Tried:
    """Fetch once, keep nothing. Raises ConnectorSetupError, and ConnectorError from the fetching.

    With ``setup_id`` secrets that are not given are those of that connector, where the server is
    the same.
    """
    setup = ConnectorSetup.objects.filter(id=setup_id, kind=kind).first() if setup_id else None
    whole = dict(given) if setup is None else _with_kept_secrets(setup, given)
    chosen = _check(kind, whole, LEAST_MINUTES)
    record(
        by, "connector.tried", "" if setup is None else setup.name, kind=kind,
        server=_server(chosen),
    )  # fmt: skip
    fetched = connectors.run(chosen, {}, source="?", guard=django_settings.NETWORK_GUARD)
    return Tried(
        fetched.read,
        {str(why): count for why, count in fetched.skipped.items()},
        fetched.interactions[:_SHOWN],
        fetched.rows[:_SHOWN],
        tuple(each.name for each in fetched.files[:_SHOWN]),
    )


def _with_kept_secrets(setup: ConnectorSetup, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was chosen with the secrets that are kept, where none is given.

    Raises ConnectorSetupError where they were for another server.
    """
    kept = json.loads(sealing.unseal(setup.secrets)) if setup.secrets else {}
    missing = {name: value for name, value in kept.items() if value and not given.get(name)}
    whole = {**given, **missing}
    if missing and _server(_check(setup.kind, whole, LEAST_MINUTES)) != _server_of(setup):
        raise ConnectorSetupError(
            _(
                "This is another server than before. The secret that is kept is not sent there: "
                "enter the one for this server."
            ),
            next(iter(missing)),
        )
    return whole


def _server_of(setup: ConnectorSetup) -> str:
    """Return the server that a connector's secrets are for; nothing where it cannot be said."""
    kept = json.loads(sealing.unseal(setup.secrets)) if setup.secrets else {}
    try:
        return _server(connectors.read(setup.kind, {**setup.settings, **kept}))
    except connectors.SettingsError:
        return ""


def _server(chosen: connectors.Settings) -> str:
    """Return which server is asked, and how: scheme, host and port, without the rest."""
    match chosen:
        case MailboxSettings():
            return f"imap+{chosen.encryption}://{chosen.host.lower()}:{chosen.port_used}"
        case MastodonSettings():
            parts = urlsplit(chosen.base)
        case FeedSettings() | PullSettings():
            parts = urlsplit(chosen.url)
        case _:
            return ""
    port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    return f"{parts.scheme}://{parts.hostname}:{port}"


def _checked_name(name: str) -> str:
    name = name.strip()
    if not is_one_line(name) or len(name) > _LONGEST_NAME:
        raise ConnectorSetupError(
            _("A name is one line of text, at most %(most)s characters long.")
            % {"most": _LONGEST_NAME},
            "name",
        )
    return name


def _check(kind: str, given: Mapping[str, Any], every_minutes: int) -> connectors.Settings:
    if kind not in connectors.KINDS:
        raise ConnectorSetupError(_("There is no such connector."), "kind")
    if not LEAST_MINUTES <= every_minutes <= MOST_MINUTES:
        raise ConnectorSetupError(
            _("Give a number of minutes from %(least)s to %(most)s.")
            % {"least": LEAST_MINUTES, "most": MOST_MINUTES},
            "every_minutes",
        )
    try:
        chosen = connectors.read(kind, given)
    except connectors.SettingsError as error:
        raise ConnectorSetupError(labels.phrase(error.phrase), error.field) from error
    if isinstance(chosen, FolderSettings):
        _check_folder(Path(chosen.path))
    return chosen


def _check_folder(path: Path) -> None:
    if not watched.may_be(path):
        raise ConnectorSetupError(
            _(
                "This folder may not be watched. Whoever runs the server can allow it "
                "(PERCORSO_WATCHED_FOLDERS); these may be: %(folders)s."
            )
            % {"folders": ", ".join(str(each) for each in watched.folders())},
            "path",
        )


def _parted(kind: str, given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what may be shown again, and what may not."""
    secret = SECRETS[kind]
    return (
        {name: value for name, value in given.items() if name not in secret},
        {name: value for name, value in given.items() if name in secret},
    )


def _sealed(secrets: Mapping[str, Any]) -> str:
    return sealing.seal(json.dumps(secrets)) if secrets else ""


def _locked(setup_id: uuid.UUID) -> ConnectorSetup:
    setup = ConnectorSetup.objects.select_for_update().filter(id=setup_id).first()
    if setup is None:
        raise ConnectorSetupError(_("There is no such connector any more."))
    return setup
