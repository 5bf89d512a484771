"""Files become interactions: readers, recipes, guesses, the import itself, and its history.

    plan = intake.inspect(workspace, ["exports/"])        # nothing is written
    result = intake.run(log, plan, confirmed=True)        # one import is one commit
    replayed = intake.replay(log, quarantine_id, {"at": "2024-02-28"})

Three steps: files are read as text tables (``sources``, ``readers``), a recipe turns tables into
rows of text (``recipes``; without one, ``guessing`` writes it), and what is said in text becomes
typed, checked interactions (``values``, ``running``).
"""

from percorso.intake.history import History
from percorso.intake.inspecting import inspect
from percorso.intake.model import (
    Column,
    FieldGuess,
    Finding,
    ImportedFile,
    ImportRecord,
    ImportResult,
    IntakeError,
    NotConfirmedError,
    OnProgress,
    Plan,
    PlannedFile,
    Progress,
    Question,
    Replayed,
    Skipped,
)
from percorso.intake.replaying import replay, replay_many
from percorso.intake.running import run
from percorso.intake.spreadsheet import safe_cell, write_csv

__all__ = [
    "Column",
    "FieldGuess",
    "Finding",
    "History",
    "ImportRecord",
    "ImportResult",
    "ImportedFile",
    "IntakeError",
    "NotConfirmedError",
    "OnProgress",
    "Plan",
    "PlannedFile",
    "Progress",
    "Question",
    "Replayed",
    "Skipped",
    "inspect",
    "replay",
    "replay_many",
    "run",
    "safe_cell",
    "write_csv",
]
