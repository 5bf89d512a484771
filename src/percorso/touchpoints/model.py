"""A touchpoint as the company describes it, and what people believe of its customers.

All words are plain text, one line or a few. The same structures are the file: see
docs/reference/touchpoints.md.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Final, Literal

import msgspec

from percorso.vocabulary import CHANNELS, EMOTIONS, FACTORS, KINDS, SCALES, Phase

#: Safe in an address and as the name of an element of a page.
ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")

About = Literal["need", "expectation", "preference", "pain", "emotion", "opportunity"]
ABOUTS: Final[tuple[About, ...]] = (
    "need", "expectation", "preference", "pain", "emotion", "opportunity",
)  # fmt: skip
#: What is written down of customers at a touchpoint; the others belong to the map.
WANTS: Final[tuple[About, ...]] = ("need", "expectation", "preference")

EvidenceKind = Literal["topic", "factor", "question", "observation"]
EVIDENCE_KINDS: Final[tuple[EvidenceKind, ...]] = ("topic", "factor", "question", "observation")
Direction = Literal["higher", "lower"]

#: What a claim may measure by itself; ``PREFIXED`` say of what, after a colon.
MEASURES: Final = (
    *dict.fromkeys(each.metric for each in SCALES.values()), "sentiment", "kept_share",
)  # fmt: skip
PREFIXED: Final[dict[str, tuple[str, ...]]] = {
    "factor": tuple(FACTORS),
    "emotion": tuple(EMOTIONS),
    "kind": tuple(KINDS),
}
#: What a claim may be narrowed to, as links of a Selection name it; then ``property.NAME``.
WHERE: Final = ("touchpoint", "channel", "phase", "segment", "kind")
PROPERTY: Final = "property."


class _Part(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What all parts share: unknown fields are errors, and nothing changes."""


class Orders(_Part, frozen=True, kw_only=True):
    """How many orders the customer made before: ``at_least``, up to and with ``at_most``."""

    at_least: int = 0
    at_most: int | None = None


class PhaseRule(_Part, frozen=True, kw_only=True):
    """What happens here belongs to ``phase``, where it is of a kind, and after so many orders.

    No kinds: of any kind. The first rule of a touchpoint that fits decides, before the company's
    general rules do.
    """

    phase: Phase
    kinds: tuple[str, ...] = ()
    orders_before: Orders | None = None


class Strategy(_Part, frozen=True, kw_only=True):
    """How the company speaks here to a customer in ``phase``.

    ``tone`` of voice, ``message``, ``objective``, and what ``moves_on`` the customer to the next
    phase.
    """

    phase: Phase
    tone: str = ""
    message: str = ""
    objective: str = ""
    moves_on: str = ""

    def __bool__(self) -> bool:
        """Say whether anything is written."""
        return any((self.tone, self.message, self.objective, self.moves_on))


class Touchpoint(_Part, frozen=True, kw_only=True):
    """Where customers and the company meet, as the company describes it.

    ``id`` never changes. ``seen_as`` are the names the log has for it, where they are others than
    ``name``: * stands for anything, capitals do not matter. ``phases`` are those it is meant for;
    ``rules`` decide to which one something belongs that happens here. ``owner`` is a department.
    ``promise`` is what customers are promised here, in words. ``by`` and ``at`` say who changed it
    last, and when.
    """

    id: str
    name: str
    channel: str = "other"
    online: bool = False
    owner: str = ""
    seen_as: tuple[str, ...] = ()
    phases: tuple[Phase, ...] = ()
    rules: tuple[PhaseRule, ...] = ()
    promise: str = ""
    strategy: tuple[Strategy, ...] = ()
    by: str = ""
    at: datetime | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """What the log may call it."""
        return tuple(dict.fromkeys((self.name, *self.seen_as)))

    def is_called(self, name: str) -> bool:
        """Say whether the log's ``name`` is this touchpoint."""
        return pattern(self.names).fullmatch(name) is not None

    def strategy_for(self, phase: Phase | str) -> Strategy:
        """Return what is written for a phase; an empty one where nothing is."""
        found = (each for each in self.strategy if each.phase == phase)
        return next(found, Strategy(phase=Phase(phase)))


class Evidence(_Part, frozen=True, kw_only=True):
    """Why something is believed.

    ``kind`` says what ``what`` is: the id of a ``topic`` of customers' words, a ``factor`` of the
    experience, a survey's ``question`` (``SURVEY/QUESTION``, or a scale such as ``nps``), or an
    ``observation`` in words, made ``on`` a day.
    """

    kind: EvidenceKind
    what: str
    on: date | None = None


class Claim(_Part, frozen=True, kw_only=True):
    """What a belief says in figures, so that data can support or deny it.

    ``measure`` (``is_measure``) is ``direction`` ``where`` something holds than in the rest of the
    log. ``where`` are pairs such as ``("touchpoint", "Checkout")``, ``("phase", "purchase")``,
    ``("segment", "repeat")``, ``("property.region", "North")``: of one name any, of several all,
    as links of a Selection say it.
    """

    measure: str
    direction: Direction
    where: tuple[tuple[str, str], ...]

    def query(self) -> dict[str, list[str]]:
        """Return ``where`` as ``Selection.from_query`` takes it."""
        found: dict[str, list[str]] = {}
        for name, value in self.where:
            found.setdefault(name, []).append(value)
        return found


class Belief(_Part, frozen=True, kw_only=True):
    """What people hold to be true of customers: ``text``, ``about`` a need, a pain ...

    ``touchpoint`` is the id of one of the registry, ``phase`` and ``segment`` where and of whom it
    is believed; each may be empty. ``claim`` is what can be measured of it.
    """

    id: str
    text: str
    about: About
    touchpoint: str = ""
    phase: Phase | None = None
    segment: str = ""
    evidence: tuple[Evidence, ...] = ()
    claim: Claim | None = None
    by: str = ""
    at: datetime | None = None


def is_measure(measure: str) -> bool:
    """Say whether a claim can measure this: ``nps``, ``sentiment``, ``factor:ease`` ...

    A score of ``MEASURES``; ``sentiment``, the mean of customers' words from -1 to 1;
    ``kept_share`` of promises; ``factor:NAME`` and ``emotion:NAME``, the share of customers' words
    that speak of it; ``kind:NAME``, the share of customers with such an interaction.
    """
    prefix, colon, name = measure.partition(":")
    return name in PREFIXED.get(prefix, ()) if colon else measure in MEASURES


def is_place(name: str) -> bool:
    """Say whether a claim can be narrowed to this."""
    return name in WHERE or (name.startswith(PROPERTY) and len(name) > len(PROPERTY))


def is_online(channel: str) -> bool:
    """Say whether a channel is online, as far as its name tells."""
    return CHANNELS.get(channel) is True


def pattern(names: Iterable[str]) -> re.Pattern[str]:
    """Return what the whole of a name must be: any of ``names``, with * for anything."""
    return re.compile(f"(?:{'|'.join(map(_fitting, names))})", re.IGNORECASE | re.DOTALL)


def _fitting(name: str) -> str:
    """Return a regular expression that takes no longer for many a * than for one.

    What stands between two is looked for once, where it comes first: no later place fits better.
    """
    first, *rest = map(re.escape, name.split("*"))
    if not rest:
        return first
    between = "".join(f"(?>.*?{part})" for part in rest[:-1] if part)
    return f"{first}{between}.*{rest[-1]}"
