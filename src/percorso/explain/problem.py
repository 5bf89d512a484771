"""A problem: a place where the experience is worse than elsewhere, and what shows it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal

from percorso.vocabulary import Estimate

ProblemKind = Literal["promise", "stopping", "repeat", "touchpoint", "transition"]

#: What a piece of evidence compares:
#: ``effect``     the mean score after a broken promise, with that after a kept one;
#: ``broken``     the share of promises broken in a group, with the others';
#: ``since``      the share of promises broken since a day, with before;
#: ``stopped``    the share of tries given up, with like touchpoints;
#: ``repeated``   the share of tries begun again, with like touchpoints;
#: ``score``      the mean score at a touchpoint, with the other touchpoints';
#: ``score_from`` the mean score at a touchpoint by the step before, with the other steps before.
EvidenceKind = Literal["effect", "broken", "since", "stopped", "repeated", "score", "score_from"]


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
    the touchpoint or made the transition. ``score_lost`` is what it costs each of them, in points
    of ``scale`` (the scale most answered in the log; answers on others are stretched to its
    length); None where no answer tells, and then the problem is ranked by customers alone, after
    the others. ``groups`` are the properties and values where it was found, ``since`` the day,
    where it could be located; ``elsewhere`` says that it is what is left outside of located ones,
    and ``apart`` names their groups.
    ``source`` is where a transition comes from, ``promise`` the name of the promise.
    """

    id: str
    kind: ProblemKind
    touchpoint: str
    customers: int
    score_lost: float | None
    scale: str | None
    p_adjusted: float
    evidence: tuple[Evidence, ...]
    source: str | None = None
    promise: str | None = None
    groups: tuple[tuple[str, str], ...] = ()
    since: date | None = None
    elsewhere: bool = False
    apart: tuple[tuple[str, str], ...] = ()

    @property
    def weight(self) -> float:
        """Customers touched times score lost: what problems are ranked by."""
        return self.customers * (self.score_lost or 0.0)

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

    def as_dict(self) -> dict[str, Any]:
        """Return the problem as JSON can hold it, with its words in the current language."""
        return {
            **_plain(self),
            "title": self.title(),
            "where": self.where(),
            "evidence": [each.as_dict() for each in self.evidence],
        }

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> "Problem":
        """Make it again from what ``as_dict`` gave; its words come in the language of then."""
        values = {name: given[name] for name in cls.__slots__}
        values["evidence"] = tuple(Evidence.from_dict(each) for each in given["evidence"])
        for name in ("groups", "apart"):
            values[name] = tuple((key, value) for key, value in given[name])
        return cls(**{**values, "since": _day(values["since"])})


def _plain(given: "Evidence | Problem") -> dict[str, Any]:
    values = asdict(given)
    since = values["since"]
    return {**values, "since": since.isoformat() if since else None}


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
