"""Percorso: customer experience from the data you already have.

In a notebook::

    import percorso as px

    shop = px.open("percorso-demo")  # or a file: px.open("answers.csv")
    shop.scores(by="channel")

Importing the package loads nothing else: each name below comes in when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from percorso.notebook import Analysis, ces, csat, frame, nps, open, pmf, read, stars  # noqa: A004
    from percorso.vocabulary import Estimate, Interaction, Phase
    from percorso.workspace import Settings, Workspace

__version__ = "0.1.0"

__all__ = [
    "Analysis",
    "Estimate",
    "Interaction",
    "Phase",
    "Settings",
    "Workspace",
    "ces",
    "csat",
    "frame",
    "nps",
    "open",
    "pmf",
    "read",
    "stars",
]

_HOMES: Final = {
    "percorso.notebook": (
        "Analysis",
        "ces",
        "csat",
        "frame",
        "nps",
        "open",
        "pmf",
        "read",
        "stars",
    ),
    "percorso.vocabulary": ("Estimate", "Interaction", "Phase"),
    "percorso.workspace": ("Settings", "Workspace"),
}
_HOME_OF: Final = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'percorso' has no attribute {name!r}")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
