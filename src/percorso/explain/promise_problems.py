"""Problems of promises that are not kept: one story for each cause, and what is left of the rest.

See docs/concepts/problems.md for what is told and what is not.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, tzinfo
from typing import Final

import numpy as np
import numpy.typing as npt

from percorso.estimation import MIN_SHOWN, adjust
from percorso.explain.causes import LEAST_POINTS, Cause, Located, separate
from percorso.explain.comparing import Comparison, compare
from percorso.explain.comparisons import LEAST_SPREAD, Promised, effect_of, share
from percorso.explain.making import evidence_of, problem_of
from percorso.explain.problem import Evidence, EvidenceKind, Problem
from percorso.explain.promised import PromiseGroup
from percorso.log.steps import as_datetime
from percorso.metrics.definitions import SIGNIFICANT

Flags = npt.NDArray[np.bool_]

#: Causes are one story where so much of what one of them broke is also in the other.
_NESTED: Final = 0.5


@dataclass(frozen=True, slots=True)
class _Story:
    """Causes told together. ``rows`` marks their promises that no story before them has."""

    parts: tuple[Located, ...]
    rows: Flags

    @property
    def causes(self) -> tuple[Cause, ...]:
        return tuple(cause for part in self.parts for cause in (part.cause, *part.same))


@dataclass(frozen=True, slots=True)
class _Rest:
    """What is left of a promise outside of its stories, with what was tested about it."""

    rows: Flags
    broken: Comparison
    effect: Comparison
    p_adjusted: float = 1.0

    @property
    def p_value(self) -> float:
        """Return the larger of the two: both must hold."""
        return max(self.broken.p_value, self.effect.p_value)

    @property
    def matters(self) -> bool:
        return (self.broken.difference.value or 0.0) >= LEAST_POINTS and _matters(self.effect)


class PromiseProblems:
    """The problems of all promises of a log.

    ``main`` is the scale that costs are told on, ``level`` what adjusted p-values must not exceed
    when something is tested again, ``zone`` the company's.
    """

    def __init__(
        self, promised: Sequence[Promised], main: str | None, level: float, zone: tzinfo
    ) -> None:
        self.promised = promised
        self.main = main
        self.level = level
        self.zone = zone

    def find(self) -> list[Problem]:
        stories = [self._stories(each) for each in self.promised]
        rests = self._rests(stories)
        return [
            problem
            for each, own, rest in zip(self.promised, stories, rests, strict=True)
            for problem in self._told(each, own, rest)
        ]

    def _stories(self, promised: Promised) -> list[_Story]:
        group = promised.group
        held = [
            each
            for each in promised.causes
            if each.p_adjusted <= SIGNIFICANT and each.points >= LEAST_POINTS
        ]
        found = _merged(group, _together(separate(group, held, self.level)))
        told = np.zeros(len(group.broken), bool)
        stories = []
        for parts in found:
            rows = _rows(group, parts) & ~told
            told |= rows
            stories.append(_Story(tuple(parts), rows))
        return stories

    # What is left

    def _rests(self, stories: list[list[_Story]]) -> list[_Rest | None]:
        """Return for each promise what is left, where that is worse than elsewhere by itself.

        Two comparisons of its own must hold: more of these promises are not kept than of the
        company's other promises, and not keeping them lowers the score. All are corrected together.
        """
        rests = {place: self._rest(place, own) for place, own in enumerate(stories) if own}
        tested = {place: rest for place, rest in rests.items() if rest is not None}
        # What is left to each family of the level is left to this one too.
        factor = SIGNIFICANT / self.level
        adjusted = adjust([rest.p_value for rest in tested.values()]) if tested else ()
        found = {
            place: replace(rest, p_adjusted=min(p * factor, 1.0))
            for (place, rest), p in zip(tested.items(), adjusted, strict=True)
            if p <= self.level and rest.matters
        }
        return [found.get(place) for place in range(len(stories))]

    def _rest(self, place: int, stories: Sequence[_Story]) -> _Rest | None:
        group = self.promised[place].group
        rows = np.ones(len(group.broken), bool)
        for story in stories:
            rows &= ~story.rows
        others = [each.group for number, each in enumerate(self.promised) if number != place]
        broken = _beside_others(group, rows, others)
        effect = effect_of(group, rows)
        return None if broken is None or effect is None else _Rest(rows, broken, effect)

    # Telling

    def _told(
        self, promised: Promised, stories: Sequence[_Story], rest: _Rest | None
    ) -> list[Problem]:
        group = promised.group
        effect = self._effect(promised)
        if not stories:
            whole = np.ones(len(group.broken), bool)
            return [] if effect is None else [self._problem(group, whole, [effect])]
        left = group.broken.copy()
        for story in stories:
            left &= ~story.rows
        others = 0 if rest is not None else len(np.unique(group.customer[left]))
        found = [self._story(group, story, effect, others) for story in stories]
        if rest is not None:
            found.append(self._of_rest(group, rest, found))
        return found

    def _effect(self, promised: Promised) -> Evidence | None:
        comparison, group = promised.effect, promised.group
        if promised.effect_p_adjusted > SIGNIFICANT or comparison is None or group.after is None:
            return None
        if not _matters(comparison):
            return None
        return evidence_of(
            "effect", group.touchpoint, comparison, promised.effect_p_adjusted, group.after.metric
        )

    def _story(
        self, group: PromiseGroup, story: _Story, effect: Evidence | None, others: int
    ) -> Problem:
        evidence = [each for cause in story.causes for each in self._located(group, cause)]
        groups = tuple(
            dict.fromkeys(
                (each.property, each.value)
                for each in evidence
                if each.property is not None and each.value is not None
            )
        )
        days = [each.since for each in evidence if each.since is not None]
        evidence += [effect] if effect is not None else []
        problem = self._problem(group, story.rows, evidence, groups)
        return replace(problem, since=min(days, default=None), others=others)

    def _of_rest(self, group: PromiseGroup, rest: _Rest, stories: Sequence[Problem]) -> Problem:
        metric = group.after.metric if group.after is not None else None
        evidence = [
            evidence_of("others", group.touchpoint, rest.broken, rest.p_adjusted),
            evidence_of("effect", group.touchpoint, rest.effect, rest.p_adjusted, metric),
        ]
        problem = self._problem(group, rest.rows, evidence, rest=True)
        apart = tuple(dict.fromkeys(each for story in stories for each in story.groups))
        return replace(problem, elsewhere=True, apart=apart)

    def _problem(
        self,
        group: PromiseGroup,
        rows: Flags,
        evidence: Sequence[Evidence],
        groups: tuple[tuple[str, str], ...] = (),
        *,
        rest: bool = False,
    ) -> Problem:
        return problem_of(
            self.main,
            "promise",
            ["promise", group.name, group.touchpoint, *map(str, groups), str(rest)],
            group.touchpoint,
            len(np.unique(group.customer[group.broken & rows])),
            evidence,
            promise=group.name,
            groups=groups,
        )

    def _located(self, group: PromiseGroup, cause: Cause) -> list[Evidence]:
        """Show the group beside the others, and beside itself before the day."""
        since = cause.since
        day = self._day(since) if since is not None else None
        name = value = None
        sides: list[tuple[EvidenceKind, Flags]] = []
        if cause.dimension >= 0:
            name = group.properties[cause.dimension].name
            value = group.properties[cause.dimension].values[cause.value]
            sides.append(("broken", cause.others(group)))
        if since is not None:
            sides.append(("since", cause.before(group)))
        found = []
        for kind, others in sides:
            comparison = _broken_beside(group, cause.rows(group), others)
            if comparison is not None:
                found.append(
                    evidence_of(
                        kind, group.touchpoint, comparison, cause.p_adjusted,
                        property=name, value=value, since=day,
                    )
                )  # fmt: skip
        return found

    def _day(self, microseconds: int) -> date:
        return as_datetime(microseconds).astimezone(self.zone).date()


def _matters(effect: Comparison) -> bool:
    """Say whether scores are lower, and by enough."""
    return -(effect.difference.value or 0.0) >= LEAST_SPREAD * effect.spread > 0


def _broken_beside(group: PromiseGroup, rows: Flags, others: Flags) -> Comparison | None:
    """Compare the share of promises broken in two groups of them."""
    chosen = rows | others
    compared = compare(
        share("broken"),
        rows[chosen].astype(np.int64),
        group.customer[chosen],
        group.broken[chosen] * 100.0,
        least=MIN_SHOWN,
    )
    return next((each for each in compared if each.group == 1), None)


def _beside_others(
    group: PromiseGroup, rows: Flags, others: Sequence[PromiseGroup]
) -> Comparison | None:
    """Compare the share broken among some promises with that among the company's others."""
    mine = int(rows.sum())
    customer = np.concatenate([group.customer[rows], *(each.customer for each in others)])
    broken = np.concatenate([group.broken[rows], *(each.broken for each in others)])
    here = (np.arange(len(broken)) < mine).astype(np.int64)
    compared = compare(share("broken"), here, customer, broken * 100.0)
    return next((each for each in compared if each.group == 1), None)


def _rows(group: PromiseGroup, parts: Sequence[Located]) -> Flags:
    rows = np.zeros(len(group.broken), bool)
    for part in parts:
        rows |= part.cause.rows(group)
    return rows


def _together(located: list[Located]) -> list[list[Located]]:
    """Put the values of one property that are worse all the time into one story."""
    whole: dict[int, list[Located]] = {}
    parts: list[list[Located]] = []
    for each in located:
        dated = each.cause.since is not None or each.same
        if dated or each.cause.dimension < 0:
            parts.append([each])
        else:
            whole.setdefault(each.cause.dimension, []).append(each)
    return [*parts, *whole.values()]


def _merged(group: PromiseGroup, stories: list[list[Located]]) -> list[list[Located]]:
    """Join stories of which one is for the most part inside another: they are one cause."""
    found: list[list[Located]] = []
    for story in stories:
        within = next((each for each in found if _nested(group, each, story)), None)
        if within is None:
            found.append(story)
        else:
            within.extend(story)
    return found


def _nested(group: PromiseGroup, one: Sequence[Located], other: Sequence[Located]) -> bool:
    first, second = (_rows(group, each) & group.broken for each in (one, other))
    return bool((first & second).sum() >= _NESTED * min(first.sum(), second.sum()))
