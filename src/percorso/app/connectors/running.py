"""Running what is due, one connector after the other. The worker's side thread calls this."""

import json
import logging
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.conf import settings as django_settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from percorso import connectors, net
from percorso.app import sealing
from percorso.app.audit.actions import record
from percorso.app.connectors import filing, phrases, watched
from percorso.app.connectors.models import ConnectorRun, ConnectorSetup
from percorso.app.intake.tasks import refresh
from percorso.connectors import ConnectorError, Fetched, FolderSettings
from percorso.vocabulary import N_, Phrase

logger = logging.getLogger("percorso.connectors")

#: Where there is more already, the next run follows after this many seconds.
MORE_AFTER_S: Final = 1.0
FIRST_RETRY_S: Final = 60.0
LONGEST_RETRY_S: Final = 6 * 60 * 60.0
RUNS_KEPT: Final = 200
_UNEXPECTED: Final = Phrase(N_("Something went wrong inside Percorso; its log says what."))
_NOT_WATCHED: Final = N_("The folder {path} may not be watched any more: it leads elsewhere.")
_SEALED: Final = Phrase(N_("The secret cannot be read any more. Enter it again."))


@dataclass(frozen=True, slots=True)
class _Outcome:
    """How a run ended: what it brought, or why it brought nothing."""

    fetched: Fetched | None = None
    filed: filing.Filed = field(default_factory=filing.Filed)
    failure: ConnectorError | None = None


def run_due(now: datetime | None = None) -> int:
    """Run the connectors whose time has come, each once; return how many."""
    due = ConnectorSetup.objects.filter(paused_at=None, next_at__lte=now or timezone.now())
    ids = list(due.order_by("next_at").values_list("id", flat=True))
    for each in ids:
        run(each)
    return len(ids)


def run(setup_id: Any) -> None:
    """Run one, and keep what it brought, where it left off and how it went."""
    setup = ConnectorSetup.objects.select_related("made_by").filter(id=setup_id).first()
    if setup is None:
        return
    begun, clock = timezone.now(), time.monotonic()
    _begin(setup)
    try:
        outcome = _fetch_and_file(setup)
    except ConnectorError as error:
        outcome = _Outcome(failure=error)
    except Exception:
        logger.exception("connector %s failed", setup.name)
        outcome = _Outcome(failure=ConnectorError(_UNEXPECTED))
    _note(setup, outcome, begun, time.monotonic() - clock)


def _begin(setup: ConnectorSetup) -> None:
    """Count the run as cut off until its end is noted: what kills it must not do so for ever."""
    begun = {**setup.state, connectors.CUT_OFF: setup.state.get(connectors.CUT_OFF, 0) + 1}
    ConnectorSetup.objects.filter(id=setup.id, revision=setup.revision).update(state=begun)


def _fetch_and_file(setup: ConnectorSetup) -> _Outcome:
    chosen = read_settings(setup)
    # Whoever may write above the folder can have put a link in its place since it was chosen.
    if isinstance(chosen, FolderSettings) and not watched.may_be(Path(chosen.path)):
        raise ConnectorError(Phrase(_NOT_WATCHED, {"path": chosen.path}))
    fetched = connectors.run(
        chosen, setup.state, source=setup.name, guard=django_settings.NETWORK_GUARD
    )
    return _Outcome(fetched, filing.file(setup, chosen, fetched))


def read_settings(setup: ConnectorSetup) -> connectors.Settings:
    """Return the settings with their secrets. Raises ConnectorError where they make no sense."""
    try:
        secrets = json.loads(sealing.unseal(setup.secrets)) if setup.secrets else {}
        return connectors.read(setup.kind, {**setup.settings, **secrets})
    except sealing.SealError as error:
        raise ConnectorError(_SEALED, final=True) from error
    except connectors.SettingsError as error:
        raise ConnectorError(error.phrase, final=True) from error


@transaction.atomic
def _note(setup: ConnectorSetup, outcome: _Outcome, begun: datetime, seconds: float) -> None:
    fetched, failure = outcome.fetched, outcome.failure
    trouble = failure.phrase if failure else fetched.trouble if fetched else None
    values: dict[str, Any] = {
        "last_run_at": begun,
        "trouble": None if trouble is None else phrases.kept(trouble),
        "failures": 0 if trouble is None else F("failures") + 1,
        "next_at": timezone.now() + timedelta(seconds=_wait(setup, outcome)),
    }
    if trouble is None:
        values["last_good_at"] = begun
    left = setup.state if fetched is None else fetched.state
    values["state"] = {name: each for name, each in left.items() if name != connectors.CUT_OFF}
    if failure is not None and failure.final:
        values["paused_at"] = timezone.now()
    # Whoever changed the settings meanwhile began anew: this run's place means nothing there.
    same = ConnectorSetup.objects.filter(id=setup.id, revision=setup.revision)
    if same.update(**values) and failure is not None and failure.final:
        record(None, "connector.stopped", setup.name)
    if ConnectorSetup.objects.filter(id=setup.id).exists():
        _keep_run(setup, outcome, begun, seconds, trouble)
    if outcome.filed.added:
        refresh()


def _keep_run(
    setup: ConnectorSetup,
    outcome: _Outcome,
    begun: datetime,
    seconds: float,
    trouble: Phrase | None,
) -> None:
    fetched, filed = outcome.fetched, outcome.filed
    ConnectorRun.objects.create(
        setup=setup,
        at=begun,
        seconds=seconds,
        good=trouble is None,
        read=fetched.read if fetched else 0,
        added=filed.added,
        duplicates=filed.duplicates,
        quarantined=filed.quarantined,
        skipped={str(why): count for why, count in fetched.skipped.items()} if fetched else {},
        imports=list(filed.imports),
        trouble=None if trouble is None else phrases.kept(trouble),
    )
    kept = ConnectorRun.objects.filter(setup=setup).values_list("id", flat=True)[:RUNS_KEPT]
    ConnectorRun.objects.filter(setup=setup).exclude(id__in=list(kept)).delete()


def _wait(setup: ConnectorSetup, outcome: _Outcome) -> float:
    """Return after how many seconds it runs again."""
    usual = setup.every_minutes * 60.0
    fetched, failure = outcome.fetched, outcome.failure
    if failure is not None or (fetched is not None and fetched.trouble is not None):
        asked = (failure.wait if failure else fetched.wait if fetched else None) or 0.0
        longest = max(usual, LONGEST_RETRY_S)
        return max(asked, net.retrying.back_off(setup.failures + 1, FIRST_RETRY_S, longest))
    if fetched is not None and fetched.more:
        return MORE_AFTER_S
    asked = (fetched.wait if fetched else None) or 0.0
    return max(asked, net.retrying.jittered(usual))
