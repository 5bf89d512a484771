"""What a connector brings, and how it says that it could not."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from percorso.net import NetError
from percorso.vocabulary import Interaction, Phrase

#: In a state: how many runs in a row did not come to their end, not even to a failure.
CUT_OFF: Final = "cut_off"
_LONGEST_REFERENCE: Final = 200


class Skip(StrEnum):
    """Why something that was read is no interaction."""

    OWN = "own"  # written by the company itself
    AUTOMATIC = "automatic"  # an automatic reply, a bounce, a calendar
    BULK = "bulk"  # a newsletter, a list
    REPEATED = "repeated"  # a repetition of another's words, such as a boost
    EMPTY = "empty"  # without words or a name
    UNREADABLE = "unreadable"  # cannot be taken apart; it stays where it is
    UNSETTLED = "unsettled"  # a file that may still be being written


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What one run brought.

    ``interactions`` are ready for the log. ``rows`` (JSON objects) and ``files`` are for the file
    import, which knows how to read them. ``state`` is where to go on from, as JSON; keep it once
    the rest is safe. ``read`` counts what was looked at, ``skipped`` what of it was left out.
    ``more`` says that there is more already; ``wait`` for how many seconds the other side asks to
    be left alone; ``unchanged`` that it says nothing has changed.
    ``trouble`` is what ended the run early, after some of it was good.
    """

    state: Mapping[str, Any]
    interactions: tuple[Interaction, ...] = ()
    rows: tuple[Mapping[str, Any], ...] = ()
    files: tuple[Path, ...] = ()
    read: int = 0
    skipped: Mapping[Skip, int] = field(default_factory=dict)
    more: bool = False
    wait: float | None = None
    unchanged: bool = False
    trouble: Phrase | None = None


class Settings:
    """What somebody chose for a connector. Each kind has a dataclass of its own."""

    __slots__ = ()


class SettingsError(ValueError):
    """A setting makes no sense: ``field`` names it, ``phrase`` says why."""

    def __init__(self, name: str, phrase: Phrase) -> None:
        super().__init__(f"{name}: {phrase}")
        self.field = name
        self.phrase = phrase


class ConnectorError(Exception):
    """A run that brought nothing.

    ``wait`` is for how many seconds the other side asks to be left alone. ``final`` says that it
    is of no use to try again until somebody changes something.
    """

    def __init__(self, phrase: Phrase, *, wait: float | None = None, final: bool = False) -> None:
        super().__init__(str(phrase))
        self.phrase = phrase
        self.wait = wait
        self.final = final

    @classmethod
    def of(cls, error: NetError) -> "ConnectorError":
        return cls(error.phrase)


def digest(*parts: str) -> str:
    """Return 32 characters that name the parts, the same on every machine."""
    joined = "\x00".join(parts).encode("utf-8", "replace")
    return hashlib.sha256(joined).hexdigest()[:32]


def reference(prefix: str, name: str) -> str:
    """Return a reference of a customer that fits the log, however long the name is."""
    whole = f"{prefix}:{name}"
    if len(whole) <= _LONGEST_REFERENCE:
        return whole
    return f"{prefix}:{digest(name)}"
