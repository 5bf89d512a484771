"""How well the values of a column fit what its name says: a field, or a scale of scores."""

from collections.abc import Callable
from typing import Final

from percorso import labels
from percorso.i18n import gettext as _
from percorso.intake.mapping import normalised
from percorso.intake.profiling import Profile
from percorso.intake.sql import pmf_case
from percorso.intake.synonyms import CHANNEL_WORDS, PMF_WORDS
from percorso.vocabulary import KINDS, SCALES

#: From this share of a column's values on, they are what most of them are.
SURE: Final = 0.9


def confidence(field: str, profile: Profile) -> float:
    """Return how well the values fit a field whose name fits; 0 where they do not."""
    if profile.filled == 0:
        return 0
    fits = _BY_FIELD.get(field)
    return fits(profile) if fits else 0.9


def _fits_time(profile: Profile) -> float:
    if profile.times > SURE:
        return 0.95
    return 0.6 if profile.times > 0.5 else 0.0


def _fits_channel(profile: Profile) -> float:
    known = [each for each in profile.words if normalised(each) in CHANNEL_WORDS]
    return 0.95 if len(known) == len(profile.words) else 0.0


#: Field -> how sure one may be that a column named so is that field, by its values; 0: it is not.
_BY_FIELD: Final[dict[str, Callable[[Profile], float]]] = {
    "at": _fits_time,
    "due_at": _fits_time,
    "amount": lambda profile: 0.9 if profile.numbers > SURE else 0.0,
    "channel": _fits_channel,
    "kind": lambda profile: 0.95 if set(profile.words) <= set(KINDS) else 0.0,
    "touchpoint": lambda profile: 0.8 if profile.distinct < 0.5 or len(profile.words) < 40 else 0.0,
    "text": lambda profile: 0.9 if profile.numbers < 0.5 else 0.0,
    "id": lambda profile: 0.9 if profile.distinct > 0.999 and profile.filled == 1 else 0.0,
    "currency": lambda profile: 0.9 if profile.length <= 5 else 0.0,
    "language": lambda profile: 0.9 if profile.length <= 5 else 0.0,
}


def on_scale(scale: str, profile: Profile) -> bool:
    """Say whether a column's values are scores of the scale."""
    if scale == "pmf" and _pmf_words(profile):
        return True
    rule = SCALES[scale]
    if profile.numbers < SURE or profile.least is None or profile.most is None:
        return False
    inside = rule.low <= profile.least and profile.most <= rule.high
    return inside and (profile.whole or not rule.whole)


def outside(scale: str, profile: Profile) -> str:
    """Say why a column that is named for a scale does not hold its scores."""
    if profile.least is None:
        return _(
            "{column}: its name is that of a score ({scale}), but it holds no numbers."
        ).format(column=profile.name, scale=labels.metric(SCALES[scale].metric))
    return _(
        "{column}: its name is that of a score ({scale}), but its values go from {least:g} to "
        "{most:g}, where {rule} is expected. It is kept beside as a property."
    ).format(
        column=profile.name,
        scale=labels.metric(SCALES[scale].metric),
        least=profile.least,
        most=profile.most,
        rule=labels.phrase(SCALES[scale].rule()),
    )


def _pmf_words(profile: Profile) -> bool:
    words = [word.lower() for word in profile.words]
    known = [word for word in words if any(word.startswith(start) for start, _to in PMF_WORDS)]
    return len(known) >= 2 and len(known) == len(words)


def score_sql(scale: str, column: str, profile: Profile) -> str:
    """Return the SQL of the scores in a column that is on the scale."""
    if scale != "pmf" or not _pmf_words(profile):
        return f"given({column})"
    return pmf_case(column)
