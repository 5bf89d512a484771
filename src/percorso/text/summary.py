"""Strengths, weaknesses and opportunities, and the same in writing, out of the figures alone.

The rules (``docs/concepts/voice-of-the-customer.md``):

- a **strength** is a factor or topic that is surely praised more than blamed (the whole interval
  of its balance is above 0) and more so than texts as a whole;
- a **weakness** is one that is surely blamed more than praised, or that surely got worse;
- an **opportunity** is a need that at least 5 customers ask for, or a factor that surely got
  better but is not praised on balance yet.

Strengths and weaknesses come by how many texts are praise, or blame.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from percorso.text.results import (
    Clause,
    Evidence,
    FactorScore,
    Finding,
    Need,
    Needs,
    Sentiment,
    Summary,
    Topic,
    Topics,
)
from percorso.vocabulary import N_, Phrase

if TYPE_CHECKING:
    from percorso.log.selection import Selection
    from percorso.vocabulary import Estimate

#: More of a kind than this is not read.
_AT_ONCE: Final = 5
_IN_WRITING: Final = 2


def of(
    whole: Sentiment,
    factors: Sequence[FactorScore],
    topics: Topics,
    needs: Needs,
    selection: "Selection | None" = None,
) -> Summary:
    """Return the summary of these figures; evidence is within ``selection``."""
    base: Evidence = selection.as_query() if selection else {}
    strengths: list[Finding] = []
    weaknesses: list[Finding] = []
    opportunities: list[Finding] = []
    spoken_of: list[FactorScore | Topic] = [*factors, *topics.rows]
    for each in spoken_of:
        if not each.balance.shown:
            continue
        if _praised(each.balance, whole.balance):
            strengths.append(_finding(each, "positive", base))
        elif _blamed(each):
            weaknesses.append(_finding(each, "negative", base))
        elif each.change is not None and each.change.real and (each.change.estimate.value or 0) > 0:
            opportunities.append(_finding(each, "negative", base))
    opportunities = [*(_wish(each, base) for each in needs.rows), *opportunities]
    strengths, weaknesses = _most(strengths), _most(weaknesses)
    opportunities = opportunities[:_AT_ONCE]
    written = tuple(_written(whole, strengths, weaknesses, opportunities, base))
    return Summary(whole.texts, tuple(strengths), tuple(weaknesses), tuple(opportunities), written)


def _praised(balance: "Estimate", whole: "Estimate") -> bool:
    return (balance.low or 0.0) > 0 and (balance.value or 0.0) > (whole.value or 0.0)


def _blamed(given: FactorScore | Topic) -> bool:
    worse = (
        given.change is not None and given.change.real and (given.change.estimate.value or 0) < 0
    )
    return (given.balance.high or 0.0) < 0 or worse


def _most(found: list[Finding]) -> list[Finding]:
    """Return the findings with the most texts of praise, or of blame."""
    found = sorted(found, key=lambda each: -each.texts * (each.figure.value or 0.0))
    return found[:_AT_ONCE]


def _finding(given: FactorScore | Topic, polarity: str, base: Evidence) -> Finding:
    figure = given.positive if polarity == "positive" else given.negative
    if isinstance(given, FactorScore):
        links: Evidence = {**base, "factor": [given.factor], "polarity": [polarity]}
        return Finding(
            "factor",
            given.factor,
            Phrase(FACTOR_NAMES[given.factor]),
            _why(polarity, figure, given.mentions),
            given.mentions,
            given.customers,
            figure,
            links,
        )
    return Finding(
        "topic",
        given.id,
        Phrase(given.name),
        _why(polarity, figure, given.texts),
        given.texts,
        given.customers,
        figure,
        {**base, "topic": [given.id]},
    )


def _wish(given: Need, base: Evidence) -> Finding:
    return Finding(
        "need",
        given.id,
        Phrase(given.name),
        Phrase(
            N_("{customers} customers ask for it in {texts} texts"),
            {"customers": given.customers, "texts": given.texts},
        ),
        given.texts,
        given.customers,
        given.share,
        {**base, "wish": [given.id]},
    )


def _why(polarity: str, figure: "Estimate", n: int) -> Phrase:
    message = (
        N_("{share}% of {n} texts praise it ({low} to {high}%)")
        if polarity == "positive"
        else N_("{share}% of {n} texts blame it ({low} to {high}%)")
    )
    return Phrase(message, {**_numbers(figure), "n": n})


def _numbers(figure: "Estimate") -> dict[str, int]:
    return {
        "share": round(figure.value or 0),
        "low": round(figure.low or 0),
        "high": round(figure.high or 0),
    }


def _written(
    whole: Sentiment,
    strengths: Sequence[Finding],
    weaknesses: Sequence[Finding],
    opportunities: Sequence[Finding],
    base: Evidence,
) -> Iterator[Clause]:
    """Yield the sentences, each with the texts it stands on."""
    if not whole.positive.shown:
        return
    yield Clause(
        Phrase(
            N_("Of {n} texts, {positive}% sound positive and {negative}% negative."),
            {
                "n": whole.texts,
                "positive": round(whole.positive.value or 0),
                "negative": round(whole.negative.value or 0),
            },
        ),
        base,
    )
    change = whole.change
    if change is not None and change.real:
        better = (change.estimate.value or 0) > 0
        message = (
            N_("They sound better than in the period before, by {points} points.")
            if better
            else N_("They sound worse than in the period before, by {points} points.")
        )
        yield Clause(Phrase(message, {"points": round(abs(change.estimate.value or 0))}), base)
    lists = (
        (strengths, N_("Customers praise {what}: {why}.")),
        (weaknesses, N_("They blame {what}: {why}.")),
    )
    for found, message in lists:
        for each in found[:_IN_WRITING]:
            yield Clause(Phrase(message, {"what": _named(each), "why": each.why}), each.evidence)
    for each in [each for each in opportunities if each.about == "need"][:_IN_WRITING]:
        words = Phrase(
            N_("They ask for {what}: {customers} customers, in {texts} texts."),
            {"what": _named(each), "customers": each.customers, "texts": each.texts},
        )
        yield Clause(words, each.evidence)


def _named(found: Finding) -> Phrase:
    """Return what a sentence calls it: a topic or a need is words of customers, hence quoted."""
    if found.about == "factor":
        return found.title
    return Phrase(N_("“{words}”"), {"words": found.title})


#: The factors as they are called inside a sentence.
FACTOR_NAMES: Final = {
    "quality": N_("quality"),
    "value": N_("value for money"),
    "ease": N_("ease"),
    "personalisation": N_("personal attention"),
    "speed": N_("speed"),
    "security": N_("security"),
    "transparency": N_("transparency"),
    "assistance": N_("assistance"),
    "consistency": N_("consistency"),
    "continuity": N_("continuity"),
}
