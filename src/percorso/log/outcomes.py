"""What was done to the log, and the log in one line."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Appended:
    """What an append did: rows added, rows left out because their id was known, log version."""

    added: int
    duplicates: int
    version: int


@dataclass(frozen=True, slots=True)
class LogSummary:
    """The log in one line: interactions, customers (after merges), first and last time, version.

    ``last`` is now where the slip of a date lies in the future, unless all of the log does: figures
    and promises are told as of then.
    """

    interactions: int
    customers: int
    first: datetime | None
    last: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class Compacted:
    """What a compaction did: small files before and after, leftover files deleted, version."""

    before: int
    after: int
    swept: int
    version: int


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure did: rows removed, the references they were under, log version.

    ``quarantined`` counts the rows that were removed from the quarantine, ``readings`` those of
    tables beside the log, ``corrected`` what people had said about what was read.
    """

    rows: int
    references: tuple[str, ...]
    version: int
    quarantined: int = 0
    readings: int = 0
    corrected: int = 0


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was taken out by its kind and age: rows, customers they were of, log version."""

    rows: int
    customers: int
    version: int
