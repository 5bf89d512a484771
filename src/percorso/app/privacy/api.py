"""Customers' rights for programs: consents, a copy of all that is held, erasure."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Schema, Status
from pydantic import AwareDatetime, BeforeValidator, ConfigDict, Field

from percorso.app.api.asked import refuse_others
from percorso.app.api.auth import Token, caller
from percorso.app.api.frame import ERRORS, router
from percorso.app.api.problems import Problem, ProblemDetails, WrongField, broken
from percorso.app.privacy import actions, links, queries
from percorso.privacy import Certificate, PrivacyError
from percorso.privacy.consents import How
from percorso.vocabulary import Basis, Purpose

operations = router("Privacy")

_LONGEST: Final = 200
_ABSENT: Final = {404: ProblemDetails}
_BODY: Final = {400: ProblemDetails, 413: ProblemDetails}
#: Clocks differ: what was said so far in the future was said now.
_SKEW: Final = timedelta(minutes=5)


class Word(Schema):
    """What a customer said, as it was written down: the proof."""

    given: bool
    at: datetime
    basis: Basis
    words: str
    words_version: str
    how: str
    by: str
    source: str
    reference: str
    id: str


class PurposeOfUse(Schema):
    """Whether a customer's data may be used for a purpose, and all that was said, latest first."""

    purpose: Purpose
    basis: Basis
    may: bool
    history: list[Word]


class Consents(Schema):
    """What holds for a customer, for each purpose."""

    customer: str
    purposes: list[PurposeOfUse]


class Recorded(Consents):
    """What holds now; ``added`` counts the words that changed something."""

    added: int


def _is_text(given: Any) -> Any:
    if not isinstance(given, str):
        raise ValueError("must be a time with a zone, as text")
    return given


Moment = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_is_text)]


class Choices(Schema):
    """What a customer said, purpose by purpose.

    ``words`` is what they read or heard (left out: the company's own), ``how`` where they said it,
    ``at`` when (left out: now).
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    choices: Annotated[dict[Purpose, bool], Field(min_length=1)]
    how: How = "api"
    words: Annotated[str, Field(max_length=1000)] = ""
    at: Moment | None = None


class Link(Schema):
    """The address of a customer's page of choices. Whoever has it can choose for them."""

    url: str
    expires_at: datetime


class Person(Schema):
    """All that is held, as in the ``data.json`` that a person is given."""

    model_config = ConfigDict(extra="allow")

    person: dict[str, Any]
    profile: list[dict[str, Any]]
    consents: list[dict[str, Any]]
    interactions: list[dict[str, Any]]
    readings: list[dict[str, Any]]
    joins: list[dict[str, Any]]
    received: list[dict[str, Any]]
    quarantine: list[dict[str, Any]]
    more: dict[str, list[dict[str, Any]]]


class ToErase(Schema):
    """Whom to erase, by any reference of theirs, and whether the figures stay without them."""

    model_config = ConfigDict(extra="forbid", strict=True)

    customer: Annotated[str, Field(min_length=1, max_length=_LONGEST)]
    keep_figures: bool = False


class ClearedPlace(Schema):
    """A place that was cleared: how much was searched there, and removed."""

    name: str
    searched: int
    removed: int


class Remainder(Schema):
    """Strings still there: ``others`` (other customers wrote them too) or ``found``."""

    where: str
    strings: int
    why: Literal["others", "found"]


class Proof(Schema):
    """A certificate of erasure. It names nobody."""

    id: str
    at: datetime
    clean: bool
    figures_kept: bool
    references: int
    places: list[ClearedPlace]
    left: list[Remainder]
    files: int
    bytes: int
    unpacked: int
    strings: int
    seconds: float
    log_version: int
    previous: str
    digest: str


class Erasure(Schema):
    """How far an erasure is; the certificate comes with its end."""

    id: str
    state: Literal["waiting", "done"]
    certificate: Proof | None


@operations.get(
    "/customers/{customer}/consents",
    response={200: Consents, **ERRORS, **_ABSENT},
    auth=Token("privacy"),
    summary="What a customer agreed to",
)
def consents(request: HttpRequest, customer: str) -> Any:
    """Say what a customer's data may be used for, with the proof. Ask before you send anything.

    `customer` is any reference of theirs (`user:42`, `email:ada@example.org`); of somebody who
    never said a word, what needs a yes may not be done. The look is noted in the trail.
    Scope: `privacy`.
    """
    refuse_others(request, ())
    by, known = caller(request), _reference(customer, "path.customer")
    actions.note_look(by.person, known, by.name)
    return _consents(known)


@operations.post(
    "/customers/{customer}/consents",
    response={200: Recorded, **_BODY, **ERRORS, **_ABSENT},
    auth=Token("privacy"),
    summary="Record what a customer agreed to",
)
def record_consents(request: HttpRequest, customer: str, said: Choices) -> Any:
    """Write down that a customer agreed to purposes or withdrew, as a proof.

    Sent twice, it is written once: only what changes is added. Scope: `privacy`.
    """
    refuse_others(request, ())
    by, known = caller(request), _reference(customer, "path.customer")
    _whole(said.words, "body.words")
    if said.at is not None and said.at > timezone.now() + _SKEW:
        raise _wrong("body.at", _("must not be in the future"))
    try:
        added = actions.write_consent(
            by.person,
            known,
            {str(purpose): given for purpose, given in said.choices.items()},
            said.how,
            said.words,
            at=said.at,
            program=by.name,
        )
    except PrivacyError as error:
        raise _wrong("body.choices", str(error)) from error
    return {**_consents(known), "added": added}


@operations.post(
    "/customers/{customer}/choices-link",
    response={201: Link, **ERRORS, **_ABSENT},
    auth=Token("privacy"),
    summary="Make a link to a customer's page of choices",
)
def choices_link(request: HttpRequest, customer: str) -> Any:
    """Make a link for a mail to this customer: signed, and good for 90 days.

    For one-click unsubscription (RFC 8058) name the link with `/leave` at its end in the header
    `List-Unsubscribe`. Scope: `privacy`.
    """
    refuse_others(request, ())
    by, known = caller(request), _reference(customer, "path.customer")
    path = actions.make_link(by.person, known, program=by.name)
    base = settings.ENVIRONMENT.url or request.build_absolute_uri("/").rstrip("/")
    return Status(201, {"url": base + path, "expires_at": timezone.now() + links.LASTS})


@operations.get(
    "/customers/{customer}/data",
    response={200: Person, **ERRORS, **_ABSENT},
    auth=Token("privacy"),
    summary="All that is held about a person",
)
def data(request: HttpRequest, customer: str) -> Any:
    """Return all that is held about a person: for them alone (GDPR 15 and 20).

    404 where nothing is held. The page gives the same as a zip that people can read.
    Scope: `privacy`.
    """
    refuse_others(request, ())
    by, known = caller(request), _reference(customer, "path.customer")
    try:
        held = actions.give_data(by.person, known, by.name)
    except PrivacyError as error:
        raise Http404(str(error)) from error
    return HttpResponse(
        held, content_type="application/json", headers={"Cache-Control": "no-store"}
    )


@operations.post(
    "/erasures",
    response={202: Erasure, **_BODY, **ERRORS},
    auth=Token("privacy"),
    summary="Erase a person",
)
def erase(request: HttpRequest, whom: ToErase) -> Any:
    """Erase a person from everything, for good. It cannot be undone.

    The erasure is noted on the disk when this answers, and done in the background, with a search
    of every byte; ask for it by its `id` until the certificate is there. Whom you name goes with
    all references that are joined with theirs; a name that is not known in the log is still
    looked for everywhere else. Scope: `privacy`.
    """
    refuse_others(request, ())
    by, known = caller(request), _reference(whom.customer, "body.customer")
    number = actions.erase(by.person, known, keep_figures=whom.keep_figures, program=by.name)
    return Status(202, {"id": number, "state": "waiting", "certificate": None})


@operations.get(
    "/erasures/{id}",
    response={200: Erasure, **ERRORS, **_ABSENT},
    auth=Token("privacy"),
    summary="How far an erasure is, and its certificate",
)
def erasure(request: HttpRequest, id: str) -> Any:  # noqa: A002 - the parameter's public name
    """Return the certificate of an erasure once it is done. Scope: `privacy`."""
    refuse_others(request, ())
    found = queries.certificate(id)
    if found is None and not queries.is_waiting(id):
        raise Http404(_("There is no such erasure."))
    state = "done" if found else "waiting"
    return {"id": id, "state": state, "certificate": _proof(found) if found else None}


def _consents(customer: str) -> dict[str, Any]:
    return {
        "customer": customer,
        "purposes": [
            {
                "purpose": each.terms.purpose,
                "basis": each.consent.basis,
                "may": each.consent.may,
                "history": [
                    {name: getattr(said, name) for name in Word.model_fields}
                    for said in each.consent.history
                ],
            }
            for each in queries.shown_consents(customer)
        ],
    }


def _proof(found: Certificate) -> dict[str, Any]:
    return {name: getattr(found, name) for name in Proof.model_fields}


def _reference(given: str, field: str) -> str:
    """Return a reference as the log may hold it. Raises Problem."""
    reference = given.strip()
    _whole(reference, field)
    if not reference or len(reference) > _LONGEST:
        raise _wrong(
            field, _("must be a reference of 1 to {most} characters").format(most=_LONGEST)
        )
    return reference


def _whole(text: str, field: str) -> None:
    """Refuse what no file can hold: halves of characters, NUL. Raises Problem."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise _wrong(field, _("must hold whole characters")) from None
    if "\0" in text:
        raise _wrong(field, _("must hold whole characters"))


def _wrong(field: str, rule: str) -> Problem:
    return Problem(422, broken(1), [WrongField(field=field, rule=rule)])
