"""The reading of texts for programs."""

from dataclasses import asdict
from typing import Annotated, Any, Final

from django.http import HttpRequest
from ninja import Schema
from pydantic import ConfigDict, Field

from percorso.app.api.auth import Token
from percorso.app.api.frame import ERRORS, router

operations = router("Texts")

MOST: Final = 200
LONGEST: Final = 10_000


class ToRead(Schema):
    """Texts to read. They are not kept."""

    model_config = ConfigDict(extra="forbid", strict=True)

    texts: Annotated[
        list[Annotated[str, Field(max_length=LONGEST)]], Field(min_length=1, max_length=MOST)
    ]


class FactorFound(Schema):
    """A factor blamed or praised, and where in the text (characters, from 0)."""

    factor: str
    polarity: str
    start: int
    end: int


class Reading(Schema):
    """What was read in one text; see docs/concepts/voice-of-the-customer.md."""

    language: str
    language_certainty: float
    sentiment: str
    score: float
    certainty: float
    emotions: list[str]
    factors: list[FactorFound]
    urgency: int
    need: bool
    path: str


class Read(Schema):
    """One reading for each text, in the order they came."""

    readings: list[Reading]


@operations.post(
    "/texts/read",
    response={200: Read, 400: ERRORS[422], 413: ERRORS[422], **ERRORS},
    auth=Token("read:figures"),
    summary="Have texts read",
)
def read(request: HttpRequest, given: ToRead) -> Any:  # noqa: ARG001
    """Return the language, sentiment, emotions, factors, urgency and need of each text.

    The texts are read on this machine and not kept. Scope: `read:figures`.
    """
    from percorso import text

    return {"readings": [asdict(each) for each in text.read(given.texts)[:]]}
