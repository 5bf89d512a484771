"""What the intake says: a plan before anything is written, a result afterwards."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal


class IntakeError(Exception):
    """The files cannot be imported as asked. Says what is wrong and what to do."""


class NotConfirmedError(IntakeError):
    """The plan rests on guesses that nobody has confirmed. Holds the plan."""

    def __init__(self, message: str, plan: "Plan") -> None:
        super().__init__(message)
        self.plan = plan


@dataclass(frozen=True, slots=True)
class Finding:
    """Something found out about a file, such as its encoding: ``label`` and ``value``, to show."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file: its name as it will be known, and a few of its values."""

    name: str
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """A file of the plan.

    ``use`` says what it serves as, in words, or why it is left out (``used`` tells which).
    ``table`` is its name in the recipe. ``rows`` is ``None`` where it was not counted yet.
    """

    name: str
    format: str
    bytes: int
    used: bool
    use: str
    table: str | None = None
    rows: int | None = None
    findings: tuple[Finding, ...] = ()
    columns: tuple[Column, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldGuess:
    """Where a field of the interaction comes from.

    ``field`` is a field of the interaction (or of the recipe). ``source`` is what ``--map`` takes:
    a column's name, ``'a constant'`` in single quotes, or a template with ``{column}``.
    ``confidence`` is from 0 to 1; 1 for what the user or the recipe said. ``example`` is a value
    as it will be read, ``reason`` why this was guessed.
    """

    field: str
    source: str
    confidence: float
    example: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """Something to ask the user before importing.

    The answer to ``field`` goes into ``mapping``. ``options`` are sources to choose from (any
    other source may be given too); ``default`` is what is taken where the user agrees with the
    guess, ``None`` where there is none: then an answer is needed. ``example`` shows how an answer
    may be written.
    """

    field: str
    text: str
    options: tuple[str, ...] = ()
    default: str | None = None
    example: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would do, before it does it.

    ``inspect`` makes the same plan for the same ``paths``, ``recipe`` and ``mapping``, so that
    those three are all that needs to be kept between a preview and the import.
    ``problems`` stop the import; ``questions`` ask for confirmation; ``notes`` are worth reading.
    ``sample`` holds the first interactions as they would be stored (times as ISO text in UTC).
    """

    paths: tuple[Path, ...]
    recipe: str | None
    title: str
    files: tuple[PlannedFile, ...]
    fields: tuple[FieldGuess, ...] = ()
    mapping: Mapping[str, str] = field(default_factory=dict)
    questions: tuple[Question, ...] = ()
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    sample: tuple[Mapping[str, Any], ...] = ()
    recipe_text: str = ""

    @property
    def needs_answer(self) -> bool:
        """Say whether a question is open that has no answer to agree with."""
        return any(each.default is None for each in self.questions)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"paths": [str(path) for path in self.paths]}


@dataclass(frozen=True, slots=True)
class Skipped:
    """Rows left out on purpose, and why."""

    reason: str
    rows: int


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """What came out of a file: rows read, and rows of it that went to quarantine."""

    name: str
    rows: int
    quarantined: int


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did (or would do, where ``dry_run``).

    ``rows_read`` counts rows of the files. A row may give several interactions, or none; so
    ``interactions`` = ``added`` + ``duplicates`` counts those that were fit to be stored (in a dry
    run both are 0 and ``interactions`` says how many there are). ``quarantined`` counts rows that
    wait to be mended, ``already_quarantined`` those that were there from an earlier import.
    """

    import_id: str
    recipe: str
    rows_read: int
    interactions: int
    added: int
    duplicates: int
    quarantined: int
    already_quarantined: int
    skipped: tuple[Skipped, ...]
    files: tuple[ImportedFile, ...]
    notes: tuple[str, ...]
    seconds: float
    version: int | None
    dry_run: bool = False
    sample: tuple[Mapping[str, Any], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of a mended row: interactions added, or the rules it still breaks."""

    added: int
    duplicates: int
    violations: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool:
        return not self.violations


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is. ``total`` is 0 where it is not known; ``unit`` is bytes or rows."""

    stage: Literal["reading", "checking", "storing"]
    done: int
    total: int
    unit: Literal["bytes", "rows"]
    file: str = ""


OnProgress = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class ImportRecord:
    """A line of the import history. ``status`` is running, done, failed or interrupted."""

    id: str
    started_at: datetime
    finished_at: datetime | None
    status: Literal["running", "done", "failed", "interrupted"]
    who: str
    recipe: str
    files: tuple[str, ...]
    rows_read: int = 0
    added: int = 0
    duplicates: int = 0
    quarantined: int = 0
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[str, ...] = ()
    error: str = ""
