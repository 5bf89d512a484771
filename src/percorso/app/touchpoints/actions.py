"""Every change of the registry of touchpoints, each with its entry in the trail.

What touchpoints are called, and their phases, decide answers: the worker works those out anew.
"""

from collections.abc import Sequence
from typing import Final

from django.contrib.auth.models import AbstractBaseUser
from msgspec.structs import replace

from percorso.app import company
from percorso.app.audit.actions import record
from percorso.app.intake.tasks import refresh
from percorso.app.touchpoints import queries
from percorso.i18n import current_language
from percorso.i18n import gettext as _
from percorso.journey_map.touchpoints import suggested
from percorso.touchpoints import (
    READY,
    Belief,
    Evidence,
    Registry,
    Touchpoint,
    TouchpointError,
    ready,
    state,
)

#: To begin with what the log has found.
FROM_LOG: Final = "log"


def save(by: AbstractBaseUser, given: Touchpoint, instead_of: str = "") -> Touchpoint:
    """Save a touchpoint; without an id it is new. Raises TouchpointError."""
    made = _registry().save(given, who=by.get_username(), instead_of=instead_of)
    record(by, "touchpoint.changed" if given.id else "touchpoint.added", made.name)
    refresh()
    return made


def begin(by: AbstractBaseUser, what: str) -> tuple[Touchpoint, ...]:
    """Add what the log has found, or a ready list; return those that are new.

    Raises TouchpointError.
    """
    who = by.get_username()
    if what == FROM_LOG:
        log, registry = company.log(), _registry()
        traffic = queries.seen(log, registry.all()).rows
        added = registry.add([suggested(each) for each in traffic if not each.id], who=who)
    elif what in READY:
        start = ready(what, current_language())
        added = _registry().add(start.touchpoints, start.beliefs, who=who)
    else:
        raise TouchpointError(_("Choose what to begin with."))
    record(by, "touchpoint.begun", what, touchpoints=len(added))
    refresh()
    return added


def delete(by: AbstractBaseUser, id_: str) -> Touchpoint:
    """Delete a touchpoint, with what is believed of it; return it. Raises TouchpointError."""
    registry = _registry()
    gone = _there(registry.find(id_))
    registry.delete(id_)
    record(by, "touchpoint.deleted", gone.name)
    refresh()
    return gone


def believe(by: AbstractBaseUser, given: Belief) -> Belief:
    """Write down what customers want at a touchpoint. Raises TouchpointError."""
    made = _registry().save_belief(given, who=by.get_username())
    record(by, "belief.written", made.text)
    return made


def add_evidence(by: AbstractBaseUser, belief_id: str, evidence: Evidence) -> Belief:
    """Add evidence to what is believed. Raises TouchpointError."""
    registry = _registry()
    there = _believed(registry.belief(belief_id))
    if evidence in there.evidence:
        return there
    return _changed(by, there, (*there.evidence, evidence))


def remove_evidence(by: AbstractBaseUser, belief_id: str, place: int) -> Belief:
    """Take a piece of evidence away. Raises TouchpointError."""
    there = _believed(_registry().belief(belief_id))
    left = [each for number, each in enumerate(there.evidence) if number != place]
    return _changed(by, there, left)


def disbelieve(by: AbstractBaseUser, belief_id: str) -> Belief:
    """Delete what is believed; return it. Raises TouchpointError."""
    registry = _registry()
    gone = _believed(registry.belief(belief_id))
    registry.delete_belief(belief_id)
    record(by, "belief.deleted", gone.text)
    return gone


def _changed(by: AbstractBaseUser, before: Belief, evidence: Sequence[Evidence]) -> Belief:
    made = _registry().save_belief(
        replace(before, evidence=tuple(evidence)),
        who=by.get_username(),
        instead_of=state(before),
    )
    record(by, "belief.changed", made.text)
    return made


def _registry() -> Registry:
    return Registry(company.workspace())


def _there(found: Touchpoint | None) -> Touchpoint:
    if found is None:
        raise TouchpointError(_("This touchpoint is gone already."))
    return found


def _believed(found: Belief | None) -> Belief:
    if found is None:
        raise TouchpointError(_("What was written there is gone already."))
    return found
