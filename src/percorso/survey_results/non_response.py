"""Who did not answer: the invitations that were answered beside all, fact by fact.

Each invitation counts for itself, with what was known of its person the day before it: whoever
is asked six times and answers twice has answered a third of the times. A person whose invitations
are several is one cluster, in tests and intervals.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from percorso.estimation import MIN_SHOWN, adjust, may_be_shown
from percorso.estimation.proportions import exact_p_values
from percorso.survey_results.bands import merged
from percorso.survey_results.facts import FACTS, facts_of
from percorso.survey_results.given import Asked
from percorso.survey_results.model import Band, FactResult, NonResponse
from percorso.survey_results.reading import Words
from percorso.survey_results.scoring import share
from percorso.vocabulary import N_, Estimate, Phrase

if TYPE_CHECKING:
    from percorso.log import Log

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Bands of fewer invitations are tested together with the next: chi-squared needs some in each.
LEAST_INVITED: Final = 10
_TOO_FEW: Final = Phrase(N_("Fewer than 5 people answered, or fewer than 5 did not."))
_NOBODY: Final = Phrase(N_("Nobody was invited by name."))


@dataclass(frozen=True, slots=True)
class Known:
    """The invitations by name, each with what was known of its person the day before it.

    ``customers`` are the people of all invitations, empty of those to nobody in particular, and
    ``person`` their numbers: of each without a name one of its own. ``named`` are the places of
    those with a name; ``facts`` have a band for each of these, ``answered`` whether it was.
    """

    customers: tuple[str, ...]
    person: Ints
    named: Ints
    answered: NDArray[np.bool_]
    facts: Mapping[str, Words]

    @property
    def who(self) -> Ints:
        """The number of the person of each invitation by name."""
        return self.person[self.named]

    @property
    def segments(self) -> Sequence[str] | None:
        """The segment of each invitation's person then, empty where nobody knows."""
        words = self.facts.get("segment")
        if words is None:
            return None
        found = [""] * len(self.customers)
        for place, code in zip(self.named.tolist(), words.codes.tolist(), strict=True):
            found[place] = words.names[code]
        return found


def known_of(log: "Log", invited: Sequence[Asked]) -> Known:
    """Return who was invited and what was known of them then."""
    names = log.identity.customers()
    customers = tuple(names.get(each.reference, each.reference) for each in invited)
    number: dict[str, int] = {}
    person = [
        number.setdefault(each or f"\0{place}", len(number)) for place, each in enumerate(customers)
    ]
    named = [place for place, each in enumerate(customers) if each]
    asked = [invited[place] for place in named]
    facts = {}
    if asked:
        people = [customers[place] for place in named]
        facts = facts_of(
            log, people, [each.sent_on for each in asked], [each.language for each in asked]
        )
    answered = np.array([each.answered for each in asked], bool)
    return Known(customers, np.array(person, np.int64), np.array(named, np.int64), answered, facts)


def compare(known: Known) -> NonResponse:
    """Return in which facts the invitations that were answered differ from the others."""
    invited, yes, who = len(known.named), int(known.answered.sum()), known.who
    if not invited:
        return NonResponse(0, 0, (), _NOBODY)
    sides = (np.unique(who[side]).size for side in (known.answered, ~known.answered))
    if min(sides) < MIN_SHOWN:
        return NonResponse(invited, yes, (), _TOO_FEW)
    tested = {
        name: p_value
        for name, words in known.facts.items()
        if (p_value := _p_value(name, words, known.answered, who)) is not None
    }
    adjusted = adjust(list(tested.values()), method="holm")
    facts = [
        FactResult(name, _bands(known.facts[name], known.answered, who), p_value, float(corrected))
        for (name, p_value), corrected in zip(tested.items(), adjusted, strict=True)
    ]
    return NonResponse(invited, yes, tuple(facts))


def _p_value(fact: str, words: Words, answered: NDArray[np.bool_], who: Ints) -> float | None:
    """Return how easily chance would make those who answered so different; None of one band."""
    codes = merged(words.codes, len(words.names), LEAST_INVITED, ordered=bool(FACTS[fact]))
    there, codes = np.unique(codes, return_inverse=True)
    if there.size < 2:
        return None
    invited = np.bincount(codes).astype(np.float64)
    said = np.bincount(codes, weights=answered).astype(np.float64)
    if np.unique(who).size < who.size:
        return chi_squared(said, invited, design_effects(codes, answered, who))
    if there.size == 2:
        return float(exact_p_values(said[0], invited[0], said[1], invited[1]))
    return chi_squared(said, invited)


def chi_squared(answered: Floats, invited: Floats, effects: Floats | None = None) -> float:
    """Return the p-value of Pearson's chi-squared that one rate of answering holds for all bands.

    Times (N - 1) / N, with which its mean under no difference is exact (Campbell 2007). With
    ``effects`` of clusters, corrected as Rao and Scott (1984) do to the second order: over their
    mean, with as many degrees of freedom as they tell of. A mean under 1 is taken as 1.
    """
    from scipy.special import chdtrc

    total, freedom = invited.sum(), float(invited.size - 1)
    rate = answered.sum() / total
    statistic = ((answered - rate * invited) ** 2 / (invited * rate * (1 - rate))).sum()
    statistic *= (total - 1) / total
    if effects is not None and effects.sum() > 0:
        alike = effects.sum() ** 2 / (effects**2).sum() / freedom
        statistic *= alike / max(effects.mean(), 1.0)
        freedom *= alike
    return float(chdtrc(freedom, statistic))


def design_effects(band: Ints, answered: NDArray[np.bool_], who: Ints) -> Floats:
    """Return the generalised design effects: how much more the bands' rates vary by clusters.

    The eigenvalues of V0^-1 V (Rao and Scott 1984): V0 is the covariance of the bands' sums of
    answers were each invitation for itself, V that of the people's sums.
    """
    invited = np.bincount(band).astype(np.float64)
    bands, total = invited.size, invited.sum()
    left = answered - answered.mean()
    _, person = np.unique(who, return_inverse=True)
    people = int(person.max()) + 1
    sums = np.bincount(person * bands + band, weights=left, minlength=people * bands)
    sums = sums.reshape(people, bands)
    # What each person takes off the common rate, that is estimated of them too.
    sums -= np.outer(sums.sum(axis=1), invited / total)
    alone = answered.mean() * (1 - answered.mean())
    alone = alone * (np.diag(invited) - np.outer(invited, invited) / total)
    # The last band follows from the others.
    ratio = np.linalg.solve(alone[:-1, :-1], (sums.T @ sums)[:-1, :-1])
    return np.asarray(np.maximum(np.linalg.eigvals(ratio).real, 0.0), np.float64)


def _bands(words: Words, answered: NDArray[np.bool_], who: Ints) -> tuple[Band, ...]:
    there = np.unique(words.codes)
    inside = [words.codes == each for each in there]
    shown = _shown([np.unique(who[each]) for each in inside])
    found = []
    for place, mine, may in zip(there.tolist(), inside, shown, strict=True):
        rate = share(answered[mine], who[mine])
        if may:
            n, k = int(mine.sum()), int(answered[mine].sum())
            of = 100 * n / len(answered), 100 * k / int(answered.sum())
            found.append(Band(words.names[place], n, rate, *of))
        else:
            hidden = Estimate.hidden(0, rate.method)
            found.append(Band(words.names[place], None, hidden, None, None))
    return tuple(found)


def _shown(people: Sequence[Ints]) -> NDArray[np.bool_]:
    """Say which bands, of these people each, may be shown.

    Of several invitations a person may be in several bands: those that are hidden are of 5
    different people together, or the next smallest is hidden with them.
    """
    sizes = np.array([each.size for each in people])
    shown = may_be_shown(sizes)
    while shown.any() and not shown.all():
        hidden = [each for each, may in zip(people, shown, strict=True) if not may]
        if np.unique(np.concatenate(hidden)).size >= MIN_SHOWN:
            break
        shown[np.argmin(np.where(shown, sizes, sizes.max() + 1))] = False
    return shown
