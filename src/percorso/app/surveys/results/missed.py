"""What people would miss, as the page of product-market fit shows it."""

from dataclasses import dataclass

from percorso import labels
from percorso.app.surveys.results.shown import (
    MOST_FACTORS,
    MOST_QUOTES,
    Figure,
    QuoteShown,
    by,
    figure,
    quote,
    texts,
)
from percorso.app.ui.components import is_few
from percorso.survey_results import Missed, MissedFactor


@dataclass(frozen=True, slots=True)
class FactorShown:
    name: str
    texts: str
    figure: Figure
    quotes: tuple[QuoteShown, ...]


@dataclass(frozen=True, slots=True)
class MissedShown:
    """What is missed; ``others`` are quotes that stand with none of the factors."""

    by: str
    unread: int
    factors: tuple[FactorShown, ...]
    others: tuple[QuoteShown, ...]


def missed(given: Missed) -> MissedShown:
    """Return what is missed. Nothing in it says whether a text sounds glad or sorry."""
    told: set[str] = set()
    return MissedShown(
        by=by(texts(given.texts), given.people),
        unread=0 if is_few(given.people) else given.unread,
        factors=tuple(_factor(each, told) for each in given.factors[:MOST_FACTORS]),
        others=tuple(quote(each) for each in given.quotes if each.text not in told)[:MOST_QUOTES],
    )


def _factor(given: MissedFactor, told: set[str]) -> FactorShown:
    """Return a factor with the quotes that none before it told; at least its first."""
    new = [each for each in given.quotes if each.text not in told] or given.quotes[:1]
    told |= {each.text for each in new}
    return FactorShown(
        name=labels.factor(given.factor),
        texts=texts(given.texts),
        figure=figure(given.share),
        quotes=tuple(map(quote, new)),
    )
