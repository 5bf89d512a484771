"""Interactions from programs, in batches."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Schema
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, ConfigDict, Field

from percorso.app.api.auth import Token
from percorso.app.api.frame import ERRORS, router
from percorso.app.api.problems import Problem, WrongField, broken, wrong
from percorso.app.intake import actions
from percorso.vocabulary import CHANNELS, FIELDS, KINDS, SCALES, Interaction, violations
from percorso.vocabulary.references import GONE

operations = router("Interactions")

MOST: Final = 5_000
_RULES: Final = {each.name: each for each in FIELDS}


def _words(known: Mapping[str, Any] | tuple[str, ...]) -> Any:
    return Field(json_schema_extra={"enum": list(known)})


def _text(name: str) -> Any:
    return Field(max_length=_RULES[name].longest)


def _is_text(given: Any) -> Any:
    if not isinstance(given, str):
        raise ValueError("must be a time with a zone, as text")
    return given


Moment = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_is_text)]


def _is_somebody(given: str) -> str:
    if given.lower().startswith(GONE):
        raise ValueError(f"must not begin with {GONE}: such rows are nobody's any more")
    return given


class Given(Schema):
    """One interaction: see docs/reference/log.md. ``received_at`` is ours to say."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: Annotated[str, Field(min_length=1), _text("id")]
    at: Moment
    customer: Annotated[str, Field(min_length=1), _text("customer"), AfterValidator(_is_somebody)]
    kind: Annotated[str, _words(KINDS)]
    touchpoint: Annotated[str, Field(min_length=1), _text("touchpoint")]
    channel: Annotated[str, _words(CHANNELS)] = "other"
    direction: Annotated[str, _words(("in", "out"))] = "in"
    source: Annotated[str, Field(min_length=1), _text("source")] = "api"
    name: Annotated[str, _text("name")] | None = None
    scale: Annotated[str, _words(SCALES)] | None = None
    score: float | None = None
    text: Annotated[str, _text("text")] | None = None
    language: Annotated[str, Field(pattern=f"^({_RULES['language'].pattern})$")] | None = None
    amount: Annotated[float, Field(ge=_RULES["amount"].least, le=_RULES["amount"].most)] | None = (
        None
    )
    currency: Annotated[str, Field(pattern=f"^{_RULES['currency'].pattern}$")] | None = None
    about: Annotated[str, _text("about")] | None = None
    due_at: Moment | None = None
    properties: dict[str, Any] = {}


class Batch(Schema):
    """Interactions to store, all or none."""

    model_config = ConfigDict(extra="forbid", strict=True)

    interactions: Annotated[list[Given], Field(min_length=1, max_length=MOST)]


class Stored(Schema):
    """``duplicates`` had an id that is in the log already, or came earlier in the batch."""

    added: int
    duplicates: int
    log_version: int


@operations.post(
    "/interactions",
    response={200: Stored, 400: ERRORS[422], 413: ERRORS[422], **ERRORS},
    auth=Token("write:interactions"),
    summary="Send interactions",
)
def receive(request: HttpRequest, given: Batch) -> Any:  # noqa: ARG001
    """Store interactions: all of them, or, where one breaks a rule, none.

    They are on the disk when this answers, and each `id` is stored once however often it is sent,
    so that a batch whose answer got lost can be sent again. A batch costs about as much as a
    single one: for events one by one there is the live intake. Scope: `write:interactions`.
    """
    now = datetime.now(UTC)
    made = [
        Interaction(received_at=now + timedelta(microseconds=place), **each.model_dump())
        for place, each in enumerate(given.interactions)
    ]
    errors = [error for place, each in enumerate(made) for error in _wrong(place, each)]
    if errors:
        raise Problem(422, " ".join((_("Nothing was stored."), broken(len(errors)))), errors)
    stored = actions.receive(made)
    return {"added": stored.added, "duplicates": stored.duplicates, "log_version": stored.version}


def _wrong(place: int, made: Interaction) -> Iterator[WrongField]:
    where = f"body.interactions.{place}."
    for violation in violations(made):
        yield wrong(where, violation)
    if not _can_be_kept(made.properties):
        yield WrongField(field=f"{where}properties", rule=_("must hold whole characters"))


def _can_be_kept(properties: Mapping[str, Any]) -> bool:
    """Say whether every text is made of whole characters (JSON can write half of a pair)."""
    try:
        json.dumps(properties, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True
