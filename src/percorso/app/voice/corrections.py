"""What a form says of a text's labels."""

from typing import Any, Final

from django.http import QueryDict

from percorso.vocabulary import EMOTIONS, FACTORS, SENTIMENTS

#: As the form says them: by their number.
URGENCIES: Final = ("0", "1", "2")


def said(form: QueryDict) -> dict[str, Any]:
    """Return field -> value as READINGS has them, of what the form speaks of; {} for nothing."""
    found: dict[str, Any] = {}
    if form.get("sentiment") in SENTIMENTS:
        found["sentiment"] = form["sentiment"]
    if form.get("labels") != "all":
        return found
    found["factors"] = _factors(form)
    found["emotions"] = [each for each in EMOTIONS if each in form.getlist("emotion")]
    if form.get("language"):
        found["language"] = form["language"]
    if form.get("urgency") in URGENCIES:
        found["urgency"] = URGENCIES.index(str(form["urgency"]))
    found["need"] = form.get("need") == "yes"
    return found


def _factors(form: QueryDict) -> list[tuple[str, str]]:
    """Return the factors as the form has them: those it showed, as they are now, and one more.

    ``factor-speed-negative`` says what became of speed, which was blamed when it was shown: by
    its name, as its place in the list may be another one by now.
    """
    kept = [
        (factor, polarity)
        for factor in FACTORS
        for was in SENTIMENTS
        if (polarity := form.get(input_name(factor, was), "")) in SENTIMENTS
    ]
    more, polarity = form.get("more-factor", ""), form.get("more-polarity", "")
    if more in FACTORS and polarity in SENTIMENTS:
        kept.append((more, polarity))
    return kept


def input_name(factor: str, polarity: str) -> str:
    """Return the name of the input that says what becomes of a factor that was read so."""
    return f"factor-{factor}-{polarity}"
