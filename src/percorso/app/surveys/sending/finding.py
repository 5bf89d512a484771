"""Who is to be asked: what happened since the last round, and who is in a segment."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from percorso import contacts
from percorso.app.surveys.sending import words
from percorso.app.surveys.sending.models import Campaign, Rule, Sending
from percorso.app.surveys.sending.people import Person, people
from percorso.contacts import Wish
from percorso.log import keys
from percorso.log import segments as members_of
from percorso.log.arrivals import arrivals
from percorso.log.facts import facts, key_of
from percorso.segments import Rule as SegmentRule
from percorso.vocabulary import Phrase

if TYPE_CHECKING:
    from percorso.log import Log

#: Interactions a rule looks at in one round, and customers of a campaign.
AT_ONCE: Final = 1000
_COLUMNS: Final = (
    *("id", "at", "customer", "kind", "touchpoint", "direction", "language", "about", "source"),
)
_LETTERS: Final = 24
#: References of nobody in particular.
_NOBODYS: Final = ("anon:", "gone:")


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who might be asked: the wish, what is known of the occasion, and why not, if so."""

    wish: Wish
    person: Person
    touchpoint: str
    language: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    why_not: Phrase | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Candidates of a round, and up to where was looked."""

    candidates: tuple[Candidate, ...]
    place: Any


# Rules


def after_rule(log: "Log", rule: Rule, now: datetime) -> Found:
    """Return who is to be asked by a rule since it looked last, and where it looks from next."""
    rows, place = _arrived(log, rule)
    return Found(
        candidates(log, rule, [each for each in rows if _concerns(rule, each, now)]), place
    )


def lately(log: "Log", rule: Rule, now: datetime, days: int) -> tuple[Candidate, ...]:
    """Return whom a rule would have considered of the last days, looking at the log itself."""
    if not log.files():
        return ()
    import ibis

    rows = log.interactions()
    since = now - timedelta(days=days)
    chosen = rows.filter(rows.kind == rule.kind, rows["at"] > ibis.literal(since))
    if rule.only_at:
        chosen = chosen.filter(chosen.touchpoint == rule.only_at)
    found = chosen.select(*_COLUMNS).order_by(["at", "id"]).limit(AT_ONCE).to_pyarrow().to_pylist()
    return candidates(log, rule, [each for each in found if _concerns(rule, each, now, since)])


def _arrived(log: "Log", rule: Rule) -> tuple[list[dict[str, Any]], tuple[int, int]]:
    """Return what entered the log since the rule looked last; it may stop inside of a commit."""
    found: list[dict[str, Any]] = []
    upto, left = log.version, AT_ONCE
    version, row = rule.log_version, rule.row
    for arrival in arrivals(log, version, _COLUMNS):
        rows = arrival.rows.slice(row, left)
        found += rows.to_pylist()
        left -= rows.num_rows
        if row + rows.num_rows < arrival.rows.num_rows:
            return found, (arrival.version - 1, row + rows.num_rows)
        version, row = arrival.version, 0
        if left <= 0:
            return found, (version, 0)
    return found, (max(version, upto), 0)


def _concerns(
    rule: Rule, row: dict[str, Any], now: datetime, since: datetime | None = None
) -> bool:
    """Say whether a rule is about a row. What is too old by now is history, and no occasion."""
    ends = row["at"] + timedelta(hours=rule.delay_hours, days=rule.wanted_days)
    return (
        row["kind"] == rule.kind
        and (not rule.only_at or row["touchpoint"] == rule.only_at)
        and row["at"] > (since or rule.since)
        and ends > now
        and not (row["kind"] in ("message", "call") and row["direction"] == "out")
    )


def candidates(log: "Log", rule: Rule, rows: Sequence[dict[str, Any]]) -> tuple[Candidate, ...]:
    """Return the candidates that interactions make, each with why not, where that is known."""
    customers = {each["customer"]: log.identity.customer_of(each["customer"]) for each in rows}
    rows = [each for each in rows if not customers[each["customer"]].startswith(_NOBODYS)]
    known = people(log, {customers[each["customer"]] for each in rows})
    inside = _inside(log, rule)
    secret = keys.secret(log.workspace.path / keys.FILE)
    made = []
    for row in rows:
        person = known[customers[row["customer"]]]
        wanted = row["at"] + timedelta(hours=rule.delay_hours)
        wish = Wish(
            f"{rule.tag}:{keys.hashed(secret, row['id'])[:_LETTERS]}",
            person.customer,
            "survey",
            rule.survey,
            wanted,
            wanted + timedelta(days=rule.wanted_days),
            rule.priority,
        )
        made.append(
            Candidate(
                wish,
                person,
                rule.touchpoint or row["touchpoint"],
                row["language"] or person.language,
                _facts(person, row),
                # Drawn anew each time: a fifth of the deliveries, not of the customers for ever.
                _why_not(rule, person, inside, row["id"], secret),
            )
        )
    return tuple(made)


def _facts(person: Person, row: dict[str, Any]) -> dict[str, str]:
    about = str(row["about"] or "")
    order = about.removeprefix("order:") if about.startswith("order:") else ""
    product = about.removeprefix("product:") if about.startswith("product:") else ""
    given = {"touchpoint": row["touchpoint"], "order": order, "product": product}
    return {name: value for name, value in {**_names(person), **given}.items() if value}


def _names(person: Person) -> dict[str, str]:
    return {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "name": person.name,
    }


# Campaigns


def of_campaign(log: "Log", campaign: Campaign, now: datetime, limit: int = AT_ONCE) -> Found:
    """Return the next of those a campaign asks, in the order of their keys."""
    customers = _members(log, campaign, limit)
    known = people(log, customers)
    secret = keys.secret(log.workspace.path / keys.FILE)
    made = []
    for each in customers:
        person = known[each]
        wish = Wish(
            f"{campaign.tag}:{key_of(log, each)}",
            each,
            "survey",
            campaign.survey,
            campaign.starts_at,
            max(campaign.starts_at, now) + timedelta(days=campaign.wanted_days),
            campaign.priority,
        )
        made.append(
            Candidate(
                wish,
                person,
                campaign.touchpoint or "E-mail",
                person.language,
                {name: fact for name, fact in _names(person).items() if fact},
                _why_not(campaign, person, None, each, secret),
            )
        )
    last = key_of(log, customers[-1]) if len(customers) == limit else None
    return Found(tuple(made), last)


def _members(log: "Log", campaign: Campaign, limit: int) -> list[str]:
    if not log.files():
        return []
    table = facts(log)
    fits = members_of.sql(log, _segment(log, campaign)) if campaign.segment else "true"
    nobody = " OR ".join(f"starts_with(customer, '{each}')" for each in _NOBODYS)
    query = (
        f'SELECT customer FROM "{table.get_name()}" WHERE ({fits}) AND NOT ({nobody}) '
        f"AND key > $upto ORDER BY key LIMIT {limit}"
    )
    found = table.get_backend().raw_sql(query, parameters={"upto": campaign.upto}).fetchall()
    return [customer for (customer,) in found]


# Both


def _why_not(
    sending: Sending, person: Person, inside: frozenset[str] | None, one: str, secret: bytes
) -> Phrase | None:
    """Return why somebody is not asked; None where the contact budget is to decide.

    ``one`` is what is drawn where a share is: the customer, or the occasion.
    """
    if inside is not None and person.customer not in inside:
        return words.outside(sending.segment)
    tag = sending.tag  # type: ignore[attr-defined] # rules and campaigns have one
    if not contacts.chosen(sending.share, tag, one, secret):
        return words.NOT_DRAWN
    return person.why_not


def _inside(log: "Log", sending: Sending) -> frozenset[str] | None:
    """Return who is in the segment of a rule; None where it is for everybody."""
    if not sending.segment:
        return None
    found = members_of.members(log, _segment(log, sending))
    return frozenset(str(each) for each in found.to_pylist())


def _segment(log: "Log", sending: Sending) -> SegmentRule:
    """Return the rule of the segment. Raises SegmentError where there is none of that name."""
    return members_of.find(log, sending.segment).parsed()
