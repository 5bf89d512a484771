"""What a form says of a text's labels."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.http import QueryDict

from percorso.vocabulary import EMOTIONS, FACTORS, SENTIMENTS

#: As the form says them: by their number.
URGENCIES: Final = ("0", "1", "2")


def said(form: QueryDict, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return field -> value as READINGS has them, of what the form speaks of; {} for nothing."""
    found: dict[str, Any] = {}
    if form.get("sentiment") in SENTIMENTS:
        found["sentiment"] = form["sentiment"]
    if form.get("labels") != "all":
        return found
    found["factors"] = _factors(form, row["factors"] or [])
    found["emotions"] = [each for each in EMOTIONS if each in form.getlist("emotion")]
    if form.get("language"):
        found["language"] = form["language"]
    if form.get("urgency") in URGENCIES:
        found["urgency"] = URGENCIES.index(str(form["urgency"]))
    found["need"] = form.get("need") == "yes"
    return found


def _factors(form: QueryDict, read: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Return the factors as the form has them: those read, changed or left out, and one more."""
    kept: list[tuple[str, str]] = []
    for number, each in enumerate(read):
        polarity = form.get(f"factor-{number}", each["polarity"])
        if polarity in SENTIMENTS:
            kept.append((each["factor"], polarity))
    more, polarity = form.get("more-factor", ""), form.get("more-polarity", "")
    if more in FACTORS and polarity in SENTIMENTS:
        kept.append((more, polarity))
    return kept
