"""Customers as pages show them: words and figures, masked for those who may not know who they are.

A person who may not see the customers is told what happened, never whom to: no name, reference or
number, texts with the personal data in them masked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Final

from percorso import labels
from percorso.app.customers.person import Answered, Event, Person
from percorso.app.customers.queries import FEWEST, Row
from percorso.i18n import current_language, gettext, ngettext
from percorso.i18n import gettext as _
from percorso.identity.searching import Called
from percorso.identity.words import field_name
from percorso.privacy.consents import WAY_WORDS
from percorso.segments.words import purpose
from percorso.text.personal_data import mask
from percorso.vocabulary import BASIS_WORDS, SCALES, Fate, Phase

if TYPE_CHECKING:
    from percorso.privacy.consents import Consent

TONES: Final = {"negative": "bad", "neutral": "still", "positive": "good"}
_FATE_TONES: Final = {
    "kept": "good", "late": "bad", "unmet": "bad", "open": "warn", "withdrawn": "still",
}  # fmt: skip
#: Answers up to here are low, and from here on high.
_LOW: Final = {"nps": (6, 9), "csat": (2, 4), "ces": (3, 6), "stars": (2, 4), "pmf": (1, 3)}
TEXT_LONGEST: Final = 600


@dataclass(frozen=True, slots=True)
class RowShown:
    """A customer in the list. ``beside`` is what else they are called."""

    key: str
    name: str
    beside: str
    phase: str
    orders: str
    value: str
    last: str
    ago: str
    score: str
    score_tone: str
    broken: str
    open: str
    segment: str


def too_few() -> str:
    """Say why a short list is not shown to who may not know the customers."""
    return _(
        "Fewer than {n} customers fit. So few are shown only to who may see customers."
    ).format(n=FEWEST)


def rule(written: str) -> str:
    """Return a rule in the language of the reader, or as it was given where it cannot be read."""
    from percorso.segments import SegmentError, parse

    try:
        return parse(written).as_text(current_language()) if written else ""
    except SegmentError:
        return written


def name_of(row: Row, called: Mapping[str, Called], *, known: bool) -> tuple[str, str]:
    """Return what a customer is called, and what else; a pseudonym where that is not ``known``."""
    if not known:
        return _("Customer {key}").format(key=row.key[:6]), ""
    names = called.get(row.customer)
    if names is None or not names.name:
        return reference(row.customer), ""
    return names.name, names.email or reference(row.customer)


def reference(given: str) -> str:
    """Return a reference as a person reads it: an e-mail without its prefix, the others with."""
    form, colon, rest = given.partition(":")
    if not colon:
        return given
    words = {
        "user": _("Customer number {n}"),
        "anon": _("Browser {n}"),
        "card": _("Card {n}"),
        "phone": "{n}",
        "email": "{n}",
        "fiscal": _("Fiscal code {n}"),
    }.get(form)
    # Numbers of browsers are long, and nobody reads them.
    shown = rest[:8] + "…" if form == "anon" and len(rest) > 10 else rest
    return words.format(n=shown) if words else given


def rows(
    found: Sequence[Row],
    called: Mapping[str, Called],
    now: datetime,
    zone: tzinfo,
    *,
    known: bool,
) -> list[RowShown]:
    """Return the list; figures are of each customer since the beginning."""
    return [_row(each, called, now, zone, known=known) for each in found]


def _row(
    row: Row,
    called: Mapping[str, Called],
    now: datetime,
    zone: tzinfo,
    *,
    known: bool,
) -> RowShown:
    name, beside = name_of(row, called, known=known)
    score, tone = _last_score(row)
    return RowShown(
        key=row.key,
        name=name,
        beside=beside,
        phase=labels.phase(row.phase) if row.phase else "",
        orders=ngettext("{n} order", "{n} orders", row.orders).format(n=labels.number(row.orders))
        if row.orders
        else "",
        value=labels.money(row.value, row.currency) if row.orders else labels.NOTHING,
        last=labels.day(row.last, zone),
        ago=ago(row.last, now, zone),
        score=score,
        score_tone=tone,
        broken=labels.number(row.broken_promises) if row.broken_promises else "",
        open=labels.number(row.open_promises) if row.open_promises else "",
        segment=labels.segment(row.rfm or row.segment),
    )


def _last_score(row: Row) -> tuple[str, str]:
    for scale, score in (("nps", row.nps), ("csat", row.csat), ("stars", row.stars)):
        if score is not None:
            return f"{_metric(scale)} {_score(score)}", score_tone(scale, score)
    return "", ""


def _metric(scale: str) -> str:
    """Return the short name of what a scale measures: NPS, CSAT."""
    known = SCALES.get(scale)
    return labels.metric(known.metric) if known else scale


def _score(score: float) -> str:
    return labels.number(score, 0 if score == int(score) else 1)


def score_tone(scale: str, score: float) -> str:
    """Return whether an answer is good, bad or neither."""
    known = SCALES.get(scale)
    if known is not None and not known.high_is_good:
        score = known.low + known.high - score
    low, high = _LOW.get(known.metric if known else scale, (None, None))
    if low is None or high is None:
        return "still"
    return "bad" if score <= low else "good" if score >= high else "still"


def ago(then: datetime | None, now: datetime, zone: tzinfo) -> str:
    """Return how long ago something was, in days of the zone or in months."""
    if then is None:
        return ""
    days = (now.astimezone(zone).date() - then.astimezone(zone).date()).days
    if days < 1:
        return _("on the last day")
    if days < 60:
        return ngettext("{n} day before", "{n} days before", days).format(n=labels.number(days))
    months = round(days / 30.4)
    return ngettext("{n} month before", "{n} months before", months).format(n=labels.number(months))


@dataclass(frozen=True, slots=True)
class Tile:
    words: str
    value: str
    beside: str = ""


def tiles(row: Row, now: datetime, zone: tzinfo) -> list[Tile]:
    """Return value so far, recency and frequency, each with its fifth among those who bought."""
    found = [Tile(_("Last contact"), labels.day(row.last, zone), ago(row.last, now, zone))]
    if row.orders:
        mean = labels.money(row.average_order, row.currency)
        found = [
            Tile(
                _("Value so far"),
                labels.money(row.value, row.currency),
                _fifth(row.value_score) + " · " + _("{mean} an order").format(mean=mean),
            ),
            Tile(_("Orders"), labels.number(row.orders), _fifth(row.frequency_score)),
            Tile(
                _("Last order"),
                labels.day(row.last_order, zone),
                f"{ago(row.last_order, now, zone)} · {_fifth(row.recency_score)}",
            ),
            *found,
        ]
    known_since = ngettext("{n} interaction", "{n} interactions", row.interactions).format(
        n=labels.number(row.interactions)
    )
    return [*found, Tile(_("Known since"), labels.day(row.first, zone), known_since)]


def _fifth(score: int | None) -> str:
    return _("score {n} of 5").format(n=score) if score else ""


@dataclass(frozen=True, slots=True)
class PhaseShown:
    """A phase of the loop: how often the customer was there, and whether they are there now."""

    words: str
    steps: str
    reached: bool
    now: bool


def phases(person: Person, current: str | None) -> list[PhaseShown]:
    return [
        PhaseShown(
            labels.phase(each),
            _steps(person.phases.get(str(each), 0)),
            person.phases.get(str(each), 0) > 0,
            str(each) == current,
        )
        for each in Phase
    ]


def _steps(count: int) -> str:
    return ngettext("{n} step", "{n} steps", count).format(n=labels.number(count))


@dataclass(frozen=True, slots=True)
class FactShown:
    words: str
    value: str


@dataclass(frozen=True, slots=True)
class FactsShown:
    """Facts that came together: ``source`` says from where, when and under which reference."""

    source: str
    facts: tuple[FactShown, ...]


def facts(person: Person, zone: tzinfo) -> list[FactsShown]:
    """Return what is known of a customer by where it came from; orders are left out.

    Of one fact said several times, the last time.
    """
    found: dict[tuple[str, str], tuple[str, FactShown]] = {}
    for each in person.facts:
        if each.field in ("order", "link") or (each.field, each.value) in found:
            continue
        where = [
            each.source or _("from the reference itself"),
            labels.day(each.at, zone) if each.at else "",
            reference(each.reference) if each.source else "",
        ]
        fact = FactShown(_capital(field_name(each.field)), each.shown)
        found[(each.field, each.value)] = (" · ".join(w for w in where if w), fact)
    order = {name: place for place, name in enumerate(_FACT_ORDER)}
    grouped: dict[str, list[FactShown]] = {}
    for key in sorted(found, key=lambda key: (order.get(key[0], len(order)), key[1])):
        source, fact = found[key]
        grouped.setdefault(source, []).append(fact)
    return [FactsShown(source, tuple(each)) for source, each in grouped.items()]


_FACT_ORDER: Final = (
    "first_name", "last_name", "birth_date", "email", "phone", "street", "postal_code", "city",
    "fiscal_code", "card",
)  # fmt: skip


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


@dataclass(frozen=True, slots=True)
class ReferenceShown:
    """A reference of the customer, and the join that makes it theirs; ``number`` is the join's."""

    name: str
    words: str
    why: str
    number: int


def references(person: Person, zone: tzinfo) -> list[ReferenceShown]:
    joined = {each.reference: each for each in person.joins}
    found = []
    for name in person.references:
        join = joined.get(name)
        why = _why(join.kind, join.evidence, join.strength, join.who) if join else ""
        if join and join.at:
            why = f"{why} · {labels.day(join.at, zone)}"
        found.append(ReferenceShown(name, reference(name), why, join.number if join else 0))
    return found


def _why(kind: str, evidence: Mapping[str, object], strength: float, who: str) -> str:
    if kind == "person":
        return _("{who} said so").format(who=who) if who else _("a person said so")
    if evidence.get("field") == "link":
        return _("the sender says so")
    if kind == "exact" and evidence.get("field"):
        return _("the same {field}").format(field=field_name(str(evidence["field"])))
    share = labels.percent(100 * strength, 1)
    return _("alike: {share} probable").format(share=share)


@dataclass(frozen=True, slots=True)
class EventShown:
    """An interaction of the timeline. ``day`` is empty where the one above has the same."""

    anchor: str
    day: str
    time: str
    what: str
    where: str
    phase: str
    score: str
    score_tone: str
    sentiment: str
    tone: str
    text: str
    amount: str
    promise: str
    promise_tone: str
    about: str
    source: str
    outward: bool


def timeline(
    events: Sequence[Event], zone: tzinfo, customer: str, *, known: bool
) -> list[EventShown]:
    """Return the events as they are shown, the day said once.

    The reference is said where it is another one than the ``customer`` goes by.
    """
    found: list[EventShown] = []
    last = ""
    for each in events:
        day = labels.day(each.at, zone)
        found.append(_event(each, "" if day == last else day, zone, customer if known else ""))
        last = day
    return found


def _event(event: Event, day: str, zone: tzinfo, customer: str) -> EventShown:
    """Return one event; ``customer`` is empty where nobody may know who it is."""
    known = bool(customer)
    score = ""
    if event.score is not None and event.scale:
        score = f"{_metric(event.scale)} {_score(event.score)}"
    return EventShown(
        anchor=event.id,
        day=day,
        time=labels.moment(event.at, zone).rpartition(", ")[2],
        what=_what(event),
        where=" · ".join(dict.fromkeys((event.touchpoint, labels.channel(event.channel)))),
        phase=labels.phase(event.phase) if event.phase else "",
        score=score,
        score_tone=score_tone(event.scale, event.score or 0.0) if score else "",
        sentiment=labels.sentiment(event.sentiment) if event.sentiment else "",
        tone=TONES.get(event.sentiment, "still"),
        text=_text(event.text, known=known),
        amount=labels.money(event.amount, event.currency) if event.amount is not None else "",
        promise=_promise(event, zone),
        promise_tone=_FATE_TONES.get(event.fate, "still"),
        about=event.about if known else "",
        source=f"{event.source} · {reference(event.reference)}"
        if known and event.reference != customer
        else event.source,
        outward=event.direction == "out",
    )


def _what(event: Event) -> str:
    if event.consent is not None:
        name = purpose(event.consent[0])
        pattern = _("Agreed: {purpose}") if event.consent[1] else _("Withdrew: {purpose}")
        return pattern.format(purpose=name)
    return labels.kind(event.kind)


def _text(text: str, *, known: bool) -> str:
    words = " ".join(text.split())
    if not known:
        words = mask(words)
    return words if len(words) <= TEXT_LONGEST else words[: TEXT_LONGEST - 1].rstrip() + "…"


def _promise(event: Event, zone: tzinfo) -> str:
    if not event.fate:
        return ""
    due = labels.moment(event.due_at, zone)
    words = {
        str(Fate.KEPT): _("kept, due {due}"),
        str(Fate.LATE): _("late, was due {due}"),
        str(Fate.UNMET): _("not kept, was due {due}"),
        str(Fate.OPEN): _("open, due {due}"),
        str(Fate.WITHDRAWN): _("called off, was due {due}"),
    }[event.fate]
    return words.format(due=due)


@dataclass(frozen=True, slots=True)
class AnswersShown:
    scale: str
    last: str
    tone: str
    when: str
    before: str


def answers(given: Sequence[Answered], zone: tzinfo) -> list[AnswersShown]:
    """Return the last answer on each scale, and those before it."""
    return [
        AnswersShown(
            _capital(labels.scale(each.scale)),
            _score(each.scores[0][1]),
            score_tone(each.scale, each.scores[0][1]),
            f"{labels.day(each.scores[0][0], zone)} · {each.scores[0][2]}",
            ", ".join(_score(score) for _at, score, _where in each.scores[1:9]),
        )
        for each in given
    ]


@dataclass(frozen=True, slots=True)
class ConsentShown:
    """A use of the customer's data: whether it ``may`` be, and on what that rests."""

    words: str
    may: bool
    why: str


def consents(given: "Sequence[Consent]", zone: tzinfo, *, known: bool) -> list[ConsentShown]:
    """Return what the customer's data may be used for, with when, how and in which words."""
    return [
        ConsentShown(purpose(each.purpose), each.may, _why_so(each, zone, known=known))
        for each in given
    ]


def _why_so(consent: "Consent", zone: tzinfo, *, known: bool) -> str:
    said = consent.last
    if said is None:
        asked = consent.basis == "consent"
        return _("they were not asked yet") if asked else gettext(BASIS_WORDS[consent.basis])
    parts = (
        _("agreed") if said.given else _("refused or withdrew"),
        labels.day(said.at, zone),
        gettext(WAY_WORDS[said.how]) if said.how in WAY_WORDS else said.how,
        f"“{said.words[:200]}”" if said.words else "",
        said.by if known else "",
    )
    return " · ".join(each for each in parts if each)
