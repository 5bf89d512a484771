"""Results as plain values, for JSON."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any

from percorso import labels
from percorso.survey_results.model import Results
from percorso.vocabulary import Phrase


def as_plain(results: Results) -> dict[str, Any]:
    """Return results as dictionaries, lists, texts and numbers.

    Phrases are said in the current language, moments written as in ISO 8601.
    """
    found: dict[str, Any] = _plain(results)
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, Phrase):
        return labels.phrase(value)
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if is_dataclass(value):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
