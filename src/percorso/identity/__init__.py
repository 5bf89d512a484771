"""Who is who: references that are one customer are found, asked about, joined and taken apart."""

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from percorso.identity.asking import (
        answer,
        explain,
        facts,
        history,
        pairs_to_ask,
        undo,
        waterfall,
    )
    from percorso.identity.model import Fact, IdentityError, Resolved, Settings, Weight
    from percorso.identity.resolving import due, resolve, resolve_new
    from percorso.identity.searching import Called, called, search_sql

_HOMES: Final = {
    **dict.fromkeys(
        ("answer", "explain", "facts", "history", "pairs_to_ask", "undo", "waterfall"), "asking"
    ),
    **dict.fromkeys(("Fact", "IdentityError", "Resolved", "Settings", "Weight"), "model"),
    **dict.fromkeys(("due", "resolve", "resolve_new"), "resolving"),
    **dict.fromkeys(("Called", "called", "search_sql"), "searching"),
}

__all__ = [
    "Called",
    "Fact",
    "IdentityError",
    "Resolved",
    "Settings",
    "Weight",
    "answer",
    "called",
    "due",
    "explain",
    "facts",
    "history",
    "pairs_to_ask",
    "resolve",
    "resolve_new",
    "search_sql",
    "undo",
    "waterfall",
]


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
