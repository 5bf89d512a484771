"""What customers say, in short: how it sounds, what they blame most, and the way to the rest."""

from dataclasses import dataclass
from typing import Final

from percorso.app.filters import Scope
from percorso.app.voice import queries
from percorso.app.voice import shown as voice_shown
from percorso.app.voice.asked import Asked, Sought
from percorso.app.voice.shown import FactorRow, FindingShown, SentimentShown

#: Weaknesses shown; the rest are on the voice's own page.
MOST: Final = 3


@dataclass(frozen=True, slots=True)
class VoicePart:
    """How texts sound, the weaknesses beyond chance, else the most blamed factors."""

    sentiment: SentimentShown
    weaknesses: tuple[FindingShown, ...]
    blamed: tuple[FactorRow, ...]
    address: str


def failed(asked: Scope) -> str:
    """Return the page that says why texts could not be read; nothing where they could."""
    standing = queries.standing(asked.log)
    failure = queries.failure(asked.log, standing)
    return Asked(asked, Sought(), {}).page("overview") if failure is not None else ""


def part(asked: Scope) -> VoicePart | None:
    """Return the part; None where no text is read, or too few customers wrote."""
    if not queries.standing(asked.log).read:
        return None
    what = Asked(asked, Sought(), {})
    found = queries.overview(what)
    if not found.sentiment.balance.shown:
        return None
    blamed = sorted(
        (each for each in found.factors if each.balance.high is not None and each.balance.high < 0),
        key=lambda each: -each.mentions * (each.negative.value or 0.0),
    )
    return VoicePart(
        sentiment=voice_shown.sentiment(found.sentiment, what),
        weaknesses=voice_shown.summary(found.summary, what).weaknesses[:MOST],
        blamed=voice_shown.factors(blamed[:MOST], what),
        address=what.page("overview"),
    )
