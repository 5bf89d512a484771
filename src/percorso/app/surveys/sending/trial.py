"""The dry run: whom a rule or campaign would ask now, and why not the others."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import TYPE_CHECKING, Final

from percorso import labels
from percorso.app.surveys.sending import finding, rounds
from percorso.app.surveys.sending.finding import Candidate
from percorso.app.surveys.sending.models import Campaign, Rule
from percorso.contacts import Decision
from percorso.i18n import gettext as _
from percorso.log.facts import key_of

if TYPE_CHECKING:
    from percorso.log import Log

_SHOWN: Final = 50
_MOST_DAYS: Final = 90


@dataclass(frozen=True, slots=True)
class Seen:
    """Somebody in a dry run. ``outcome`` is send, wait or never; ``until`` when it is weighed."""

    name: str
    key: str
    address: str
    outcome: str
    until: datetime | None
    why: str


@dataclass(frozen=True, slots=True)
class Trial:
    """A dry run: how many of each outcome, the reasons by how often, and the first of them.

    ``of`` is what they were taken from, in words; ``cut`` says that there are more.
    """

    of: str
    total: int
    send: int
    wait: int
    never: int
    reasons: tuple[tuple[str, str, int], ...]
    seen: tuple[Seen, ...]
    cut: bool


def run(log: "Log", sending: Rule | Campaign, now: datetime) -> Trial:
    """Return what would become of everybody now; nothing is written down. Raises SegmentError.

    A rule is tried on what happened lately: as long ago as it waits, and as it may still be sent.
    """
    if isinstance(sending, Rule):
        days = min(ceil(sending.delay_hours / 24) + sending.wanted_days, _MOST_DAYS)
        found: Sequence[Candidate] = finding.lately(log, sending, now, days)
        of = _("what happened in the last {n} days").format(n=labels.number(days))
    else:
        found = finding.of_campaign(log, sending, now).candidates
        name = labels.segment(sending.segment)
        of = _("the segment “{name}”").format(name=name) if sending.segment else _("all")
    decided = rounds.foresee(log, found, now)
    outcomes = Counter(_outcome(decision) for _candidate, decision in decided)
    reasons = Counter((_outcome(decision), _why(each, decision)) for each, decision in decided)
    return Trial(
        of,
        len(found),
        outcomes["send"],
        outcomes["wait"],
        outcomes["never"],
        tuple((outcome, why, n) for (outcome, why), n in reasons.most_common()),
        tuple(_seen(log, each, decision) for each, decision in decided[:_SHOWN]),
        len(found) >= finding.AT_ONCE,
    )


def _seen(log: "Log", each: Candidate, decision: Decision | None) -> Seen:
    person = each.person
    return Seen(
        person.name or person.address or person.customer,
        key_of(log, person.customer),
        person.address,
        _outcome(decision),
        decision.until if decision and decision.outcome == "wait" else None,
        _why(each, decision),
    )


def _outcome(decision: Decision | None) -> str:
    return decision.outcome if decision else "never"


def _why(each: Candidate, decision: Decision | None) -> str:
    reason = decision.reason if decision else each.why_not
    return labels.phrase(reason) if reason else ""
