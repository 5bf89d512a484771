"""A problem: a place where the experience is worse than elsewhere, and what shows it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final, Literal

from percorso.estimation.differences import METHOD
from percorso.vocabulary import Estimate

ProblemKind = Literal["promise", "stopping", "repeat", "touchpoint", "transition"]

#: Evidence whose figures are shares in percent; the others' are scores.
SHARES: Final = ("broken", "since", "others", "stopped", "repeated", "stopped_in", "repeated_in")

#: What a piece of evidence compares:
#: ``effect``     the mean score after a broken promise, with that after a kept one;
#: ``broken``     the share of promises broken in a group, with the others';
#: ``since``      the share of promises broken since a day, with before;
#: ``others``     the share of promises broken outside of located groups, with other promises';
#: ``stopped``    the share of tries given up, with like touchpoints;
#: ``repeated``   the share of tries begun again, with like touchpoints;
#: ``score``      the mean score at a touchpoint, with the other touchpoints';
#: ``score_from`` the mean score at a touchpoint by the step before, with the other steps before;
#: ``score_in``, ``stopped_in``, ``repeated_in``: the same of a group, with the others there.
EvidenceKind = Literal[
    "effect",
    "broken",
    "since",
    "others",
    "stopped",
    "repeated",
    "score",
    "score_from",
    "score_in",
    "stopped_in",
    "repeated_in",
]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One tested comparison: ``here`` against ``there``, ``difference`` is here minus there.

    Shares are in percent, scores on ``scale`` as answered. ``p_adjusted`` is corrected together
    with all other comparisons that were made. ``property`` and ``value`` name the group, ``since``
    the day, where the comparison is of one. ``source`` is the touchpoint before, in ``score_from``.
    """

    kind: EvidenceKind
    touchpoint: str
    here: Estimate
    there: Estimate
    difference: Estimate
    p_adjusted: float
    scale: str | None = None
    property: str | None = None
    value: str | None = None
    since: date | None = None
    source: str | None = None

    def sentence(self) -> str:
        """Return the comparison in words and figures, in the current language."""
        from percorso.explain import wording

        return wording.sentence(self)

    def as_dict(self) -> dict[str, Any]:
        return {**_plain(self), "sentence": self.sentence()}

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> "Evidence":
        """Make it again from what ``as_dict`` gave."""
        values = {name: given[name] for name in cls.__slots__}
        for name in ("here", "there", "difference"):
            values[name] = Estimate(**values[name])
        return cls(**{**values, "since": _day(values["since"])})


@dataclass(frozen=True, slots=True)
class Problem:
    """A place where scores, stopping, repeating or promises are worse than elsewhere.

    ``customers`` were touched by it: they had the promise broken, gave up or began again, passed
    the touchpoint or made the transition; they are counted, not estimated. ``score_lost`` is what
    it costs each of them with its 95% interval, in points of ``scale`` (the scale most answered in
    the log; answers on others are stretched to its length; see ``making.score_lost``); None where
    no answer tells, and then the problem is ranked by customers alone, after the others.
    ``groups`` are the properties and values where it was found, ``since`` the day, where it could
    be located. ``others`` is for how many customers the same promise was not kept outside of all
    such groups, where that is no problem of its own; ``elsewhere`` says that the problem is that
    rest, and ``apart`` names the groups it leaves out.
    ``source`` is where a transition comes from, ``promise`` the name of the promise.
    """

    id: str
    kind: ProblemKind
    touchpoint: str
    customers: int
    score_lost: Estimate | None
    scale: str | None
    p_adjusted: float
    evidence: tuple[Evidence, ...]
    source: str | None = None
    promise: str | None = None
    groups: tuple[tuple[str, str], ...] = ()
    since: date | None = None
    elsewhere: bool = False
    apart: tuple[tuple[str, str], ...] = ()
    others: int = 0

    @property
    def lost_together(self) -> Estimate | None:
        """Return customers touched times score lost, with its 95% interval.

        The customers are known, so the interval is that of the score lost, times their number.
        """
        lost = self.score_lost
        if lost is None:
            return None
        value, low, high = (
            None if each is None else self.customers * each
            for each in (lost.value, lost.low, lost.high)
        )
        return Estimate(value, low, high, lost.n, lost.method)

    @property
    def weight(self) -> float:
        """Customers touched times score lost: what problems are ranked by; 0 where none tells."""
        together = self.lost_together
        return (together.value or 0.0) if together is not None else 0.0

    def title(self) -> str:
        """Return what is wrong, in the current language."""
        from percorso.explain import wording

        return wording.title(self)

    def where(self) -> str:
        """Return where it is wrong, in the current language."""
        from percorso.explain import wording

        return wording.where(self)

    def beside_title(self) -> str:
        """Return where it is wrong as far as the title does not say it; may be empty."""
        from percorso.explain import wording

        return wording.beside_title(self)

    def lost(self) -> str:
        """Return the score lost with its interval, such as ``0.9 [0.5 – 1.3]``."""
        from percorso.explain import wording

        return wording.lost(self)

    def remark(self) -> str:
        """Return what else is to be known of the same promise, in words; may be empty."""
        from percorso.explain import wording

        return wording.remark(self)

    def as_dict(self) -> dict[str, Any]:
        """Return the problem as JSON can hold it, with its words in the current language.

        ``score_lost`` is the number, ``score_lost_low`` and ``score_lost_high`` are its 95%
        interval and ``score_lost_n`` is how many answers it is from; all null where none tells.
        """
        lost = self.score_lost
        return {
            **_plain(self),
            "score_lost": lost.value if lost else None,
            "score_lost_low": lost.low if lost else None,
            "score_lost_high": lost.high if lost else None,
            "score_lost_n": lost.n if lost else None,
            "title": self.title(),
            "where": self.where(),
            "evidence": [each.as_dict() for each in self.evidence],
        }

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> "Problem":
        """Make it again from what ``as_dict`` gave; its words come in the language of then."""
        values = {name: given[name] for name in cls.__slots__}
        values["evidence"] = tuple(Evidence.from_dict(each) for each in given["evidence"])
        if values["score_lost"] is not None:
            low, high, n = (given[f"score_lost_{each}"] for each in ("low", "high", "n"))
            values["score_lost"] = Estimate(values["score_lost"], low, high, n, METHOD)
        for name in ("groups", "apart"):
            values[name] = tuple((key, value) for key, value in given[name])
        return cls(**{**values, "since": _day(values["since"])})


def _plain(given: "Evidence | Problem") -> dict[str, Any]:
    values = asdict(given)
    since = values["since"]
    return {**values, "since": since.isoformat() if since else None}


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
