"""Lists of touchpoints to begin with, in Italian and English: shop, e-commerce, service company.

What customers need and expect is written as a company of that kind would, without evidence: it is
for the company to find some, or to change it.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from percorso.touchpoints.model import Belief, Strategy, Touchpoint
from percorso.vocabulary import Phase

#: The lists, by name.
READY: Final = ("shop", "ecommerce", "service")
LANGUAGES: Final = ("it", "en")
_FILE: Final = Path(__file__).with_name("ready.toml")


@dataclass(frozen=True, slots=True)
class Start:
    """Touchpoints, and what customers may be believed to want there; for ``Registry.add``."""

    touchpoints: tuple[Touchpoint, ...]
    beliefs: tuple[Belief, ...]


def ready(name: str, language: str) -> Start:
    """Return a list of ``READY`` in ``it`` or ``en``. Raises KeyError for another."""
    if name not in READY or language not in LANGUAGES:
        raise KeyError(name if name not in READY else language)
    rows = [each for each in _rows() if name in each["lists"]]
    return Start(
        tuple(_touchpoint(each, language) for each in rows),
        tuple(
            Belief(
                id=f"{row['id']}-{number}",
                text=want[language],
                about=want["about"],
                touchpoint=row["id"],
            )
            for row in rows
            for number, want in enumerate(row["want"], 1)
        ),
    )


@cache
def _rows() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = tomllib.loads(_FILE.read_text(encoding="utf-8"))["touchpoint"]
    return rows


def _touchpoint(row: Mapping[str, Any], language: str) -> Touchpoint:
    return Touchpoint(
        id=row["id"],
        name=row["name"][language],
        channel=row["channel"],
        online=row["online"],
        owner=row["owner"][language],
        phases=tuple(Phase(each) for each in row["phases"]),
        strategy=tuple(
            Strategy(phase=Phase(phase), **{name: given[language] for name, given in said.items()})
            for phase, said in row["strategy"].items()
        ),
    )
