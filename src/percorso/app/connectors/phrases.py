"""Phrases on their way into the database and back."""

from typing import Any

import msgspec

from percorso.vocabulary import Phrase


def kept(phrase: Phrase) -> dict[str, Any]:
    """Return a phrase as plain values."""
    plain: dict[str, Any] = msgspec.to_builtins(phrase)
    return plain


def read(plain: dict[str, Any] | None) -> Phrase | None:
    """Return the phrase that plain values hold."""
    return None if plain is None else _phrase(plain)


def _phrase(plain: dict[str, Any]) -> Phrase:
    return Phrase(
        str(plain["message"]),
        {
            name: _phrase(value) if isinstance(value, dict) else value
            for name, value in plain.get("values", {}).items()
        },
    )
