"""Customers and segments for programs."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Final

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Schema, Status
from pydantic import ConfigDict, Field

from percorso.app import company
from percorso.app.api.asked import refuse_others
from percorso.app.api.auth import Token, caller
from percorso.app.api.frame import ERRORS, router
from percorso.app.api.problems import Problem, ProblemDetails, WrongField, broken
from percorso.app.customers import actions, person, queries
from percorso.app.customers.asked import LONGEST, LONGEST_RULE, Asked
from percorso.app.customers.errors import CustomersError
from percorso.segments import SegmentError

if TYPE_CHECKING:
    from percorso.app.customers.queries import Row
    from percorso.identity.searching import Called

operations = router("Customers")

MOST: Final = 500
_ABSENT: Final = {404: ProblemDetails}


class CustomerFigures(Schema):
    """A customer and their figures since the beginning.

    `key` names them in addresses; `customer` is their best reference. `value` is in `currency`.
    The scores from 1 to 5 say in which fifth of those who bought they are.
    """

    key: str
    customer: str
    name: str
    email: str
    phone: str
    first: datetime | None
    last: datetime | None
    last_order: datetime | None
    interactions: int
    orders: int
    value: float
    average_order: float | None
    currency: str
    segment: str
    rfm: str | None
    recency_score: int | None
    frequency_score: int | None
    value_score: int | None
    phase: str | None
    nps: float | None
    csat: float | None
    stars: float | None
    promises: int
    broken_promises: int
    open_promises: int


class Customers(Schema):
    """Some customers by their `key`, how many there are in all, and where to go on (`after`)."""

    log_version: int
    total: int
    customers: list[CustomerFigures]
    after: str | None


class Which(Schema):
    """Which customers. All that is given must fit."""

    q: Annotated[
        str | None,
        Field(max_length=LONGEST, description="Words of a name, an e-mail, a phone, an order."),
    ] = None
    reference: Annotated[
        str | None,
        Field(max_length=LONGEST, description="Any reference of theirs, such as `user:42`."),
    ] = None
    segment: Annotated[
        str | None, Field(max_length=LONGEST, description="The name of a segment: see /segments.")
    ] = None
    rule: Annotated[
        str | None,
        Field(max_length=LONGEST_RULE, description="A rule of segments, such as `orders >= 2`."),
    ] = None
    limit: Annotated[int, Field(ge=1, le=MOST)] = 100
    after: Annotated[
        str | None,
        Field(pattern="^[0-9a-f]{20}$", description="`after` of the answer before this one."),
    ] = None


class Known(Schema):
    """A fact, the reference it was given under, where it came from and when."""

    field: str
    value: str
    reference: str
    source: str
    at: datetime | None


class Answer(Schema):
    """An answer to a question on a scale, as it was given."""

    scale: str
    score: float
    at: datetime
    touchpoint: str


class ConsentGiven(Schema):
    """Whether a customer's data may be used for a purpose, and the last word on it."""

    purpose: str
    basis: str
    may: bool
    given: bool | None
    at: datetime | None


class NoteKept(Schema):
    """What somebody wrote about a customer."""

    id: int
    at: datetime
    by: str
    text: str


class OneCustomer(CustomerFigures):
    """A customer with all that their page shows, but for the interactions.

    `phases` counts their steps in each phase of the loop; answers and notes are the latest first.
    """

    references: list[str]
    facts: list[Known]
    phases: dict[str, int]
    answers: list[Answer]
    consents: list[ConsentGiven]
    segments: list[str]
    notes: list[NoteKept]


class Interactions(Schema):
    """A page of a customer's interactions, the latest first, and how many there are.

    Facts that were given and consents are among them; `interactions` of the figures leaves them
    out.
    """

    total: int
    interactions: list[person.Interaction]


class Place(Schema):
    """Which part of a list."""

    limit: Annotated[int, Field(ge=1, le=MOST)] = 100
    offset: Annotated[int, Field(ge=0, le=10_000_000)] = 0


class NewNote(Schema):
    """A note to keep with a customer."""

    model_config = ConfigDict(extra="forbid", strict=True)

    text: Annotated[str, Field(min_length=1, max_length=actions.LONGEST_NOTE, pattern=r"[^\s\x00]")]


class SegmentSize(Schema):
    """A segment. `size` is null, and `problem` says why, where its rule cannot be counted."""

    name: str
    rule: str
    size: int | None
    ready_made: bool
    made_by: str
    made_at: datetime | None
    problem: str


class Segments(Schema):
    """All segments, those that people saved first, and how many customers there are."""

    log_version: int
    customers: int
    segments: list[SegmentSize]


@operations.get(
    "/customers",
    response={200: Customers, **ERRORS},
    auth=Token("read:customers"),
    summary="Customers: searched, or those of a segment",
)
def customers(request: HttpRequest, which: Query[Which]) -> Any:
    """Return customers with their figures, `limit` at a time, sorted by key.

    Ask again with the `after` of an answer until it is null. What is taken is noted in the trail.
    Scope: `read:customers`.
    """
    from percorso import identity

    refuse_others(request, Which.model_fields)
    log, by = company.log(), caller(request)
    version = log.version
    if log.summary().interactions == 0:
        return {"log_version": version, "total": 0, "customers": [], "after": None}
    asked = Asked(q=which.q or "", segment=which.segment or "", rule=which.rule or "")
    try:
        found = queries.by_keys(log, asked, which.reference, which.limit, which.after or "")
    except SegmentError as error:
        field = "query.rule" if which.rule else "query.segment"
        raise Problem(422, broken(1), [WrongField(field=field, rule=str(error))]) from error
    called = identity.called(log, [each.customer for each in found.rows])
    actions.note_export(by.person, len(found.rows), by.name)
    more = len(found.rows) == which.limit
    return {
        "log_version": version,
        "total": found.total,
        "customers": [_figures(each, called) for each in found.rows],
        "after": found.rows[-1].key if more else None,
    }


@operations.get(
    "/customers/{customer}",
    response={200: OneCustomer, **ERRORS, **_ABSENT},
    auth=Token("read:customers"),
    summary="One customer",
)
def one_customer(request: HttpRequest, customer: str) -> Any:
    """Return a customer by key, or by any reference of theirs (`user:42`).

    Who asked is noted in the trail. Scope: `read:customers`.
    """
    from percorso import identity

    refuse_others(request, ())
    log, by = company.log(), caller(request)
    row = _found(customer)
    actions.note_look(by.person, row.customer, by.name)
    found = person.person(log, row.customer, "", 0, 0)
    return {
        **_figures(row, identity.called(log, [row.customer])),
        "references": found.references,
        "facts": [
            {
                "field": each.field,
                "value": each.shown,
                "reference": each.reference,
                "source": each.source,
                "at": each.at,
            }
            for each in found.facts
        ],
        "phases": found.phases,
        "answers": [
            {"scale": each.scale, "score": score, "at": at, "touchpoint": touchpoint}
            for each in found.answers
            for at, score, touchpoint in each.scores
        ],
        "consents": [
            {
                "purpose": each.purpose,
                "basis": each.basis,
                "may": each.may,
                "given": each.last.given if each.last else None,
                "at": each.last.at if each.last else None,
            }
            for each in found.consents
        ],
        "segments": found.segments,
        "notes": [
            {"id": each.pk, "at": each.at, "by": each.by_name, "text": each.text}
            for each in person.notes(found.references)
        ],
    }


@operations.get(
    "/customers/{customer}/interactions",
    response={200: Interactions, **ERRORS, **_ABSENT},
    auth=Token("read:customers"),
    summary="What happened with a customer",
)
def interactions(request: HttpRequest, customer: str, place: Query[Place]) -> Any:
    """Return a customer's interactions, the latest first, with sentiment and fate of promises.

    Who asked is noted in the trail. Scope: `read:customers`.
    """
    refuse_others(request, Place.model_fields)
    log, by = company.log(), caller(request)
    row = _found(customer)
    actions.note_look(by.person, row.customer, by.name)
    found = person.person(log, row.customer, "", place.limit, place.offset).timeline
    return {"total": found.total, "interactions": found.events}


@operations.post(
    "/customers/{customer}/notes",
    response={201: NoteKept, 400: ProblemDetails, 413: ProblemDetails, **ERRORS, **_ABSENT},
    auth=Token("write:customers"),
    summary="Write a note about a customer",
)
def write_note(request: HttpRequest, customer: str, note: NewNote) -> Any:
    """Keep a note with a customer; the page shows it as written by who made the token.

    Scope: `write:customers`.
    """
    refuse_others(request, ())
    row, by = _found(customer), caller(request)
    try:
        made = actions.write_note(by.person, row.customer, note.text, by.name)
    except CustomersError as error:
        raise Problem(422, broken(1), [WrongField(field="body.text", rule=str(error))]) from error
    return Status(201, {"id": made.pk, "at": made.at, "by": made.by_name, "text": made.text})


@operations.get(
    "/segments",
    response={200: Segments, **ERRORS},
    auth=Token("read:figures"),
    summary="Segments with their sizes",
)
def segments(request: HttpRequest) -> Any:
    """Return the saved and the ready-made segments; each filters figures, problems and reports.

    Without `read:customers` no `rule` is shown, no size under 5 and no segment that asks for traits
    or sources: they say who somebody is. Scope: `read:figures`.
    """
    from percorso.log import segments as members

    refuse_others(request, ())
    log = company.log()
    version = log.version
    try:
        found = members.catalogue(log).all()
    except SegmentError as error:
        raise Problem(503, str(error)) from error
    # A rule may name people, and so few may be one: both are for who may see the customers.
    known = "read:customers" in caller(request).scopes
    if not known:
        found = tuple(e for e in found if not queries.tells_who(log, Asked(segment=e.name)))
    empty = log.summary().interactions == 0
    sizes = [0] * len(found) if empty else members.sizes(log, found)
    return {
        "log_version": version,
        "customers": 0 if empty else queries.count_of(log),
        "segments": [
            {
                "name": each.name,
                "rule": each.rule if known else "",
                "size": size if known or size is None or size >= queries.FEWEST else None,
                "ready_made": each.ready,
                "made_by": each.made_by,
                "made_at": each.made_at,
                "problem": queries.problem_of(log, each) if size is None else "",
            }
            for each, size in sorted(zip(found, sizes, strict=True), key=lambda pair: pair[0].ready)
        ],
    }


def _figures(row: "Row", called: "dict[str, Called]") -> dict[str, Any]:
    named = called.get(row.customer)
    names = ("name", "email", "phone")
    return {
        **{name: getattr(named, name) if named else "" for name in names},
        **{name: getattr(row, name) for name in CustomerFigures.model_fields if hasattr(row, name)},
    }


def _found(customer: str) -> "Row":
    log = company.log()
    row = None
    if log.summary().interactions:
        row = queries.by_key(log, customer) or queries.by_name(log, customer)
    if row is None:
        raise Http404(_("There is no such customer."))
    return row
