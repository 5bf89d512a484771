"""Logs for the tests of the metrics."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from percorso.log import Log, open_log
from percorso.log.schema import as_table
from percorso.vocabulary import Interaction
from percorso.workspace import Settings, Workspace

START = datetime(2026, 1, 10, 9, tzinfo=UTC)


def hour(number: float) -> datetime:
    return START + timedelta(hours=number)


class Story:
    """Writes down interactions one after another, each with an id of its own."""

    def __init__(self) -> None:
        self.interactions: list[Interaction] = []

    def add(self, kind: str, customer: str = "user:1", at: float = 0, **more: Any) -> Interaction:
        given: dict[str, Any] = {
            "id": f"i{len(self.interactions)}",
            "at": hour(at),
            "received_at": hour(10_000),
            "customer": customer,
            "kind": kind,
            "source": "test",
            "touchpoint": "survey",
            "channel": "survey",
        }
        found = Interaction(**{**given, **more})
        self.interactions.append(found)
        return found

    def answers(self, scale: str, scores: Iterable[float], **more: Any) -> None:
        """Add answers, each of another customer unless one is named."""
        for number, score in enumerate(scores):
            self.add(
                "answer",
                **{"customer": f"user:{number}", "scale": scale, "score": score, **more},
            )

    def promise(self, about: str, due: float, name: str = "delivery", **more: Any) -> None:
        self.add(
            "promise",
            **{
                "about": about,
                "due_at": hour(due),
                "name": name,
                "touchpoint": "delivery",
                "channel": "courier",
                **more,
            },
        )

    def log(self, folder: Path, zone: str = "Europe/Rome") -> Log:
        log = open_log(Workspace.create(folder, Settings(zone=zone)))
        if self.interactions:
            log.append(as_table(self.interactions))
        return log
