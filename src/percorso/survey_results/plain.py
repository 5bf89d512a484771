"""Results as plain values, for JSON."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any

from percorso import labels
from percorso.metrics import GroupScore
from percorso.survey_results.model import Results
from percorso.vocabulary import Estimate, Phrase


def as_plain(results: Results | GroupScore) -> dict[str, Any]:
    """Return results as dictionaries, lists, texts and numbers; no counts of hidden figures.

    Phrases are said in the current language, moments written as in ISO 8601.
    """
    found: dict[str, Any] = _plain(results)
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, Phrase):
        return labels.phrase(value)
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, Estimate):
        return value.as_dict()
    if isinstance(value, GroupScore):
        few = not value.estimate.shown
        return {**_fields(value), **({"customers": None} if few else {})}
    if is_dataclass(value):
        return _fields(value)
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value


def _fields(value: Any) -> dict[str, Any]:
    return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
