"""One row of the log, and the rules it follows."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal

from percorso.vocabulary.channels import CHANNELS
from percorso.vocabulary.kinds import KINDS
from percorso.vocabulary.phrases import N_, Phrase
from percorso.vocabulary.scales import SCALES

FieldType = Literal["text", "time", "number", "json"]

#: Times outside these years are slips of a keyboard or of a zero date, not customers.
FIRST_YEAR: Final = 1970
LAST_YEAR: Final = 2200
MAX_TEXT: Final = 100_000
MAX_NAME: Final = 500
MAX_AMOUNT: Final = 1e12


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an interaction and the rule its value follows.

    ``allowed`` lists the values, where they can be listed; ``pattern`` is a regular expression
    the whole value matches, ``example`` a value that does, to show; ``longest`` is in characters;
    ``least`` and ``most`` bound numbers.
    The same rules check one interaction here and millions at once in ``percorso.log``.
    """

    name: str
    type: FieldType
    required: bool = False
    allowed: tuple[str, ...] | None = None
    pattern: str | None = None
    example: str = ""
    longest: int | None = None
    least: float | None = None
    most: float | None = None


FIELDS: Final[tuple[Field, ...]] = (
    Field("id", "text", required=True, longest=200),
    Field("at", "time", required=True),
    Field("received_at", "time", required=True),
    Field("customer", "text", required=True, longest=200),
    Field("kind", "text", required=True, allowed=tuple(KINDS)),
    Field("name", "text", longest=MAX_NAME),
    Field("touchpoint", "text", required=True, longest=MAX_NAME),
    Field("channel", "text", required=True, allowed=tuple(CHANNELS)),
    Field("direction", "text", required=True, allowed=("in", "out")),
    Field("scale", "text", allowed=tuple(SCALES)),
    Field("score", "number"),
    Field("text", "text", longest=MAX_TEXT),
    Field("language", "text", pattern=r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", example="it"),
    Field("amount", "number", least=-MAX_AMOUNT, most=MAX_AMOUNT),
    Field("currency", "text", pattern=r"[A-Z]{3}", example="EUR"),
    Field("about", "text", longest=200),
    Field("due_at", "time"),
    Field("source", "text", required=True, longest=MAX_NAME),
    Field("properties", "json", longest=MAX_TEXT),
)


@dataclass(frozen=True, slots=True)
class Violation:
    """A value that breaks a rule, said so that a person can mend it.

    ``percorso.labels.violation`` says it in the current language, ``str()`` in English.
    """

    field: str
    rule: Phrase
    value: str

    def __str__(self) -> str:
        return f"{self.field}: {self.rule} (got {self.value!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interaction:
    """Something that happened between a customer and the company.

    ``id`` is the sender's and the idempotency key: the same id is stored once, however often it
    comes. ``at``, ``received_at`` and ``due_at`` are aware datetimes, kept in UTC to the
    microsecond. ``customer`` is the sender's reference, such as ``email:ada@example.org``,
    ``user:42`` or ``anon:7f``. ``about`` is the order, ticket or product it concerns
    (``order:1001``). ``score`` is as answered, on ``scale``. ``amount`` is in ``currency``.
    ``due_at`` makes sense on a promise only.
    """

    id: str
    at: datetime
    customer: str
    kind: str
    source: str
    touchpoint: str
    channel: str = "other"
    direction: str = "in"
    received_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    name: str | None = None
    scale: str | None = None
    score: float | None = None
    text: str | None = None
    language: str | None = None
    amount: float | None = None
    currency: str | None = None
    about: str | None = None
    due_at: datetime | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)


def violations(interaction: Interaction) -> list[Violation]:
    """Return every rule the interaction breaks; none, and it may enter the log."""
    found = [
        violation for each in FIELDS for violation in _check(each, getattr(interaction, each.name))
    ]
    found.extend(_check_together(interaction))
    return found


def _check(rule: Field, value: Any) -> Iterator[Violation]:
    if value is None or value == "":
        if rule.required:
            yield Violation(rule.name, Phrase(N_("must be given")), "")
        return
    broken = _CHECKS[rule.type](rule, value)
    if broken:
        yield Violation(rule.name, broken, str(value)[:200])


def _check_text(rule: Field, value: Any) -> Phrase | None:
    if not isinstance(value, str):
        return Phrase(N_("must be text"))
    if rule.allowed is not None and value not in rule.allowed:
        return Phrase(N_("must be one of: {allowed}"), {"allowed": ", ".join(rule.allowed)})
    if rule.pattern is not None and not re.fullmatch(rule.pattern, value):
        return Phrase(N_("must be written like {example}"), {"example": rule.example})
    if rule.longest is not None and len(value) > rule.longest:
        return Phrase(N_("must be at most {most} characters"), {"most": rule.longest})
    return None


def _check_time(_: Field, value: Any) -> Phrase | None:
    if not isinstance(value, datetime) or value.tzinfo is None:
        return Phrase(N_("must be a time with a zone"))
    if not FIRST_YEAR <= value.year < LAST_YEAR:
        return Phrase(
            N_("must be from {first} to {last}"), {"first": FIRST_YEAR, "last": LAST_YEAR}
        )
    return None


def _check_number(rule: Field, value: Any) -> Phrase | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        return Phrase(N_("must be a number"))
    if rule.least is not None and value < rule.least:
        return Phrase(N_("must be at least {least:g}"), {"least": rule.least})
    if rule.most is not None and value > rule.most:
        return Phrase(N_("must be at most {most:g}"), {"most": rule.most})
    return None


def _check_json(rule: Field, value: Any) -> Phrase | None:
    if not isinstance(value, Mapping):
        return Phrase(N_("must be names and values"))
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    except (TypeError, ValueError, RecursionError):
        return Phrase(N_("must be names and values"))
    if rule.longest is not None and len(text) > rule.longest:
        return Phrase(N_("must be at most {most} characters"), {"most": rule.longest})
    return None


_CHECKS = {
    "text": _check_text,
    "time": _check_time,
    "number": _check_number,
    "json": _check_json,
}


def _check_together(interaction: Interaction) -> Iterator[Violation]:
    """Check the rules that tie two fields."""
    scale = SCALES.get(interaction.scale or "")
    score = interaction.score
    if score is not None and interaction.scale is None:
        yield Violation("scale", Phrase(N_("must be given with a score")), "")
    if scale is not None and score is not None and not scale.accepts(score):
        rule = Phrase(N_("on {scale} must be {rule}"), {"scale": scale.name, "rule": scale.rule()})
        yield Violation("score", rule, f"{score:g}")
    if interaction.kind == "promise" and interaction.due_at is None:
        yield Violation("due_at", Phrase(N_("must be given with a promise")), "")
    if interaction.kind == "promise" and interaction.about is None:
        yield Violation("about", Phrase(N_("must be given with a promise")), "")
