"""What the page of one customer asks of the log."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from percorso.app.audit.models import Entry
from percorso.app.customers.models import Note
from percorso.vocabulary import NOT_STEPS, Phase
from percorso.vocabulary.references import LINK

if TYPE_CHECKING:
    import pyarrow as pa

    from percorso.identity import Fact
    from percorso.log import Log
    from percorso.log.joins import Join
    from percorso.privacy.consents import Consent

#: What of the timeline is shown, by kinds; everything where nothing is chosen.
ONLY: Final = {
    "said": ("answer", "review", "message", "call", "ticket", "mention", "referral"),
    "bought": (
        "order", "payment", "renewal", "invoice", "shipment", "delivery", "pickup", "return",
        "refund", "cancellation", "checkout", "cart",
    ),
    "promised": ("promise", "fulfilment"),
    "company": ("offer", "action", "shipment", "update", "resolution"),
}  # fmt: skip
#: Entries of the trail about who looked, on the page.
_MOST_LOOKS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Interaction:
    """An interaction; `fate` is what became of a promise: kept, late, unmet, open or withdrawn."""

    id: str
    at: datetime
    kind: str
    name: str
    touchpoint: str
    channel: str
    direction: str
    phase: str
    scale: str
    score: float | None
    text: str
    sentiment: str
    amount: float | None
    currency: str
    about: str
    due_at: datetime | None
    fate: str
    source: str
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Event(Interaction):
    """One interaction of the timeline; of a consent its purpose, and whether it was given."""

    consent: tuple[str, bool] | None


@dataclass(frozen=True, slots=True)
class Timeline:
    """A page of a customer's interactions, the latest first, and how many there are."""

    events: tuple[Event, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Answered:
    """How a customer answered on one scale: the scores with their times, the latest first."""

    scale: str
    scores: tuple[tuple[datetime, float, str], ...]


@dataclass(frozen=True, slots=True)
class Person:
    """Everything of one customer that the page shows beside the list's figures."""

    references: tuple[str, ...]
    joins: "tuple[Join, ...]"
    facts: "tuple[Fact, ...]"
    timeline: Timeline
    phases: dict[str, int] = field(default_factory=dict)
    answers: tuple[Answered, ...] = ()
    consents: "tuple[Consent, ...]" = ()
    open_promises: tuple[Event, ...] = ()
    segments: tuple[str, ...] = ()


def person(log: "Log", customer: str, only: str, limit: int, offset: int) -> Person:
    """Return a customer's profile, and a page of their timeline."""
    from percorso import identity
    from percorso.log import segments
    from percorso.log.history import history
    from percorso.privacy.consents import consents

    rows = history(log, customer)
    chosen = _only(_that_happened(rows), only)
    total = chosen.num_rows
    start = max(total - offset - limit, 0)
    page = chosen.slice(start, max(total - offset - start, 0))
    fates = _fates(log, customer)
    sentiments = _sentiments(log, page)
    company = log.workspace.settings.currency
    events = [_event(each, fates, sentiments, company) for each in reversed(page.to_pylist())]
    due = [
        _event(each, fates, {}, company)
        for each in rows.filter(_equal(rows, "kind", ["promise"])).to_pylist()
        if fates.get(each["id"]) == "open"
    ]
    return Person(
        references=log.identity.references_of(customer),
        joins=identity.explain(log, customer),
        facts=identity.facts(log, customer),
        timeline=Timeline(tuple(events), total),
        phases=_phases(rows),
        answers=_answers(rows),
        consents=consents(log, customer),
        open_promises=tuple(sorted(due, key=lambda each: each.due_at or each.at)),
        segments=segments.of(log, customer),
    )


def _equal(rows: "pa.Table", column: str, values: Sequence[str]) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.is_in(rows[column], value_set=pa.array(list(values)))


def _that_happened(rows: "pa.Table") -> "pa.Table":
    """Leave out the notes that a device is somebody's: what came of them is who this is."""
    import pyarrow.compute as pc

    notes = pc.and_(_equal(rows, "kind", ["profile"]), _equal(rows, "name", [LINK]))
    return rows.filter(pc.invert(notes))


def _only(rows: "pa.Table", only: str) -> "pa.Table":
    import pyarrow as pa
    import pyarrow.compute as pc

    if only not in ONLY:
        return rows
    wanted = _equal(rows, "kind", ONLY[only])
    if only == "company":
        wanted = pc.or_(wanted, pc.equal(rows["direction"], pa.scalar("out")))
    return rows.filter(wanted)


def _event(
    row: dict[str, Any],
    fates: dict[str, str],
    sentiments: dict[str, str],
    company: str,
) -> Event:
    """Return a row as an event; an amount without a currency is in the ``company``'s."""
    said = _properties(row) if row["kind"] == "consent" else {}
    return Event(
        id=row["id"],
        at=row["at"],
        kind=row["kind"],
        name=row["name"] or "",
        touchpoint=row["touchpoint"],
        channel=row["channel"],
        direction=row["direction"],
        phase=row["phase"] if row["kind"] not in NOT_STEPS else "",
        scale=row["scale"] or "",
        score=row["score"],
        text=row["text"] or "",
        amount=row["amount"],
        currency=(row["currency"] or company) if row["amount"] is not None else "",
        about=row["about"] or "",
        due_at=row["due_at"],
        source=row["source"],
        reference=row["customer"],
        sentiment=sentiments.get(row["id"], ""),
        fate=fates.get(row["id"], ""),
        consent=(str(said.get("purpose", "")), said.get("given") is True) if said else None,
    )


def _properties(row: dict[str, Any]) -> dict[str, Any]:
    try:
        found = json.loads(row["properties"] or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _fates(log: "Log", customer: str) -> dict[str, str]:
    """Return what became of each promise."""
    from percorso.log.fates import fates

    table = fates(log)
    theirs = table.filter(table.customer == log.identity.customer_of(customer))
    rows = theirs.select("id", "fate").to_pyarrow().to_pylist()
    return {each["id"]: each["fate"] for each in rows}


def _sentiments(log: "Log", rows: "pa.Table") -> dict[str, str]:
    """Return what was read in the texts of these interactions, as people corrected it."""
    import pyarrow.compute as pc

    from percorso.text import kept

    texts: Any = rows.filter(pc.is_valid(rows["text"]))
    if not texts.num_rows:
        return {}
    ids = texts["id"].to_pylist()
    read = kept.readings(log).of(ids, ["id", "sentiment"]).to_pylist()
    found = {each["id"]: each["sentiment"] for each in read if each["sentiment"]}
    wanted = set(ids)
    for said in kept.corrected(log).last():
        if said.field == "sentiment" and said.id in wanted:
            found[said.id] = str(said.value)
    return found


def _phases(rows: "pa.Table") -> dict[str, int]:
    """Return how many steps a customer made in each phase."""
    import pyarrow.compute as pc

    steps: Any = rows.filter(pc.invert(_equal(rows, "kind", NOT_STEPS)))["phase"]
    counted = {each["values"]: each["counts"] for each in pc.value_counts(steps).to_pylist()}
    return {str(each): counted.get(str(each), 0) for each in Phase}


def _answers(rows: "pa.Table") -> tuple[Answered, ...]:
    import pyarrow.compute as pc

    given: Any = rows.filter(pc.and_(pc.is_valid(rows["scale"]), pc.is_valid(rows["score"])))
    found: dict[str, list[tuple[datetime, float, str]]] = {}
    for each in reversed(given.select(["scale", "at", "score", "touchpoint"]).to_pylist()):
        found.setdefault(each["scale"], []).append((each["at"], each["score"], each["touchpoint"]))
    return tuple(Answered(scale, tuple(scores)) for scale, scores in sorted(found.items()))


def notes(references: Sequence[str]) -> list[Note]:
    """Return the notes about a customer, the latest first."""
    return list(Note.objects.filter(reference__in=references).select_related("by"))


def looks(keys: Sequence[str]) -> list[tuple[datetime, str]]:
    """Return who looked at a customer's page and when, the latest first."""
    seen = Entry.objects.filter(action="customer.seen", subject__in=keys)[:_MOST_LOOKS]
    return [(each.at, each.actor_name) for each in seen]
