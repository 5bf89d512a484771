"""Who did not answer: those who did beside all who were invited, fact by fact."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from percorso.estimation import MIN_SHOWN, adjust, may_be_shown, proportion
from percorso.estimation.proportions import exact_p_values
from percorso.survey_results.bands import merged
from percorso.survey_results.facts import FACTS, facts_of
from percorso.survey_results.given import Asked
from percorso.survey_results.model import Band, FactResult, NonResponse
from percorso.survey_results.reading import Words
from percorso.vocabulary import N_, Estimate, Phrase

if TYPE_CHECKING:
    from percorso.log import Log

#: Bands of fewer people are tested together with the next: chi-squared needs some in each.
LEAST_INVITED: Final = 10
_TOO_FEW: Final = Phrase(N_("Fewer than 5 people answered, or fewer than 5 did not."))
_NOBODY: Final = Phrase(N_("Nobody was invited by name."))


@dataclass(frozen=True, slots=True)
class Known:
    """Those who were invited by name, each person once, as they were when first asked.

    ``person`` is the number of each invitation's person: of those without a name, one of their
    own from ``len(people)`` on. ``facts`` have a band for each of ``people``, ``answered`` whether
    they answered any of their invitations.
    """

    person: NDArray[np.int64]
    people: tuple[str, ...]
    answered: NDArray[np.bool_]
    facts: Mapping[str, Words]

    @property
    def segments(self) -> Sequence[str] | None:
        """The segment of each invitation's person, empty where nobody knows."""
        words = self.facts.get("segment")
        if words is None:
            return None
        names = [words.names[code] for code in words.codes]
        return [names[each] if each < len(names) else "" for each in self.person]


def known_of(log: "Log", invited: Sequence[Asked]) -> Known:
    """Return who was invited and what was known of them then."""
    customers = log.identity.customers()
    first: dict[str, Asked] = {}
    answered: dict[str, bool] = {}
    for each in sorted(invited, key=lambda each: each.sent_on):
        if each.reference:
            name = customers.get(each.reference, each.reference)
            first.setdefault(name, each)
            answered[name] = answered.get(name, False) or each.answered
    people = tuple(sorted(first))
    number = {name: place for place, name in enumerate(people)}
    person = np.empty(len(invited), np.int64)
    for place, each in enumerate(invited):
        name = customers.get(each.reference, each.reference)
        person[place] = number[name] if name else len(people) + place
    facts = {}
    if people:
        asked = [first[name] for name in people]
        facts = facts_of(
            log, people, [each.sent_on for each in asked], [each.language for each in asked]
        )
    return Known(person, people, np.array([answered[name] for name in people], bool), facts)


def compare(known: Known) -> NonResponse:
    """Return in which facts those who answered differ from those who did not."""
    yes = int(known.answered.sum())
    if not known.people:
        return NonResponse(0, 0, (), _NOBODY)
    if min(yes, len(known.people) - yes) < MIN_SHOWN:
        return NonResponse(len(known.people), yes, (), _TOO_FEW)
    tested = {
        name: p_value
        for name, words in known.facts.items()
        if (p_value := _p_value(name, words, known.answered)) is not None
    }
    adjusted = adjust(list(tested.values()), method="holm")
    facts = [
        FactResult(name, _bands(known.facts[name], known.answered), p_value, float(corrected))
        for (name, p_value), corrected in zip(tested.items(), adjusted, strict=True)
    ]
    return NonResponse(len(known.people), yes, tuple(facts))


def _p_value(fact: str, words: Words, answered: NDArray[np.bool_]) -> float | None:
    """Return how easily chance would make those who answered so different; None of one band."""
    codes = merged(words.codes, len(words.names), LEAST_INVITED, ordered=bool(FACTS[fact]))
    everybody = np.bincount(codes).astype(np.float64)
    there = everybody > 0
    invited = everybody[there]
    said = np.bincount(codes, weights=answered)[there].astype(np.float64)
    if invited.size < 2:
        return None
    if invited.size == 2:
        return float(exact_p_values(said[0], invited[0], said[1], invited[1]))
    return chi_squared(said, invited)


def chi_squared(answered: NDArray[np.float64], invited: NDArray[np.float64]) -> float:
    """Return the p-value of Pearson's chi-squared that one rate of answering holds for all bands.

    Times (N - 1) / N, with which its mean under no difference is exact (Campbell 2007).
    """
    from scipy.special import chdtrc

    total = invited.sum()
    rate = answered.sum() / total
    statistic = ((answered - rate * invited) ** 2 / (invited * rate * (1 - rate))).sum()
    return float(chdtrc(invited.size - 1, statistic * (total - 1) / total))


def _bands(words: Words, answered: NDArray[np.bool_]) -> tuple[Band, ...]:
    size = len(words.names)
    invited = np.bincount(words.codes, minlength=size)
    said = np.bincount(words.codes[answered], minlength=size)
    there = np.flatnonzero(invited)
    shown = dict(zip(there.tolist(), may_be_shown(invited[there]), strict=True))
    found = []
    for place in there.tolist():
        n, k = int(invited[place]), int(said[place])
        rate = proportion(k, n)
        if shown[place]:
            of = 100 * n / len(answered), 100 * k / int(answered.sum())
            found.append(Band(words.names[place], n, rate, *of))
        else:
            hidden = Estimate.hidden(0, rate.method)
            found.append(Band(words.names[place], None, hidden, None, None))
    return tuple(found)
