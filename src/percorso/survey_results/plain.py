"""Results as plain values, for JSON."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any, Final

from percorso import labels
from percorso.estimation import MIN_SHOWN
from percorso.metrics import GroupScore
from percorso.survey_results.model import Results
from percorso.vocabulary import Estimate, Phrase

#: Numbers of people, or of what they gave.
_COUNTS: Final = {
    "answered",
    "answers",
    "invited",
    "people",
    "responses",
    "texts",
    "unread",
    "waiting",
}
_MOMENTS: Final = {"first", "last"}
_IDS: Final = {"ids"}


def as_plain(results: Results | GroupScore) -> dict[str, Any]:
    """Return results as dictionaries, lists, texts and numbers; no counts of hidden figures.

    Counts of 1 to 4 are None, and all counts, moments and ids that stand on 1 to 4 people.
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
    found = {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    of_few = _few(found.get("people"))
    found |= {name: None for name in _COUNTS & found.keys() if of_few or _few(found[name])}
    if of_few:
        found |= dict.fromkeys(_MOMENTS & found.keys())
        found |= {name: [] for name in _IDS & found.keys()}
    return found


def _few(count: Any) -> bool:
    return isinstance(count, int) and 0 < count < MIN_SHOWN
