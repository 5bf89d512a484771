"""Looking for problems: every comparison is made, all are corrected together, what is left is said.

See docs/concepts/problems.md for the definitions.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from percorso.estimation import MIN_SHOWN
from percorso.explain.causes import LEAST_POINTS, Cause, Located, separate
from percorso.explain.comparing import Comparison, compare
from percorso.explain.comparisons import (
    LEAST_SPREAD,
    Promised,
    Test,
    by_metric,
    in_shadow,
    scores,
    share,
    sources,
    test_promises,
    trials,
)
from percorso.explain.correcting import correct
from percorso.explain.material import Answers, customers_at, customers_between, gather
from percorso.explain.problem import Evidence, EvidenceKind, Problem, ProblemKind
from percorso.explain.promised import PromiseGroup, promise_groups
from percorso.log.steps import StepsIndex, as_datetime
from percorso.metrics.definitions import MEANS, SIGNIFICANT

if TYPE_CHECKING:
    from percorso.log import Log
    from percorso.log.selection import Selection

Flags = npt.NDArray[np.bool_]


def problems(
    log: "Log", index: StepsIndex, selection: "Selection | None" = None
) -> tuple[Problem, ...]:
    """Return where the experience is worse than elsewhere beyond chance, the worst first.

    Problems are ranked by customers touched times score lost. All comparisons are corrected
    together (Benjamini-Hochberg): of what is returned at most 5% is expected to be chance.
    """
    finder = _Finder(log, index, selection)
    return finder.find()


class _Finder:
    """The comparisons of one log and selection."""

    def __init__(self, log: "Log", index: StepsIndex, selection: "Selection | None") -> None:
        self.index = index
        self.selection = selection
        self.zone = log.workspace.settings.zone_info
        self.answers, self.tries = gather(index, selection)
        self.promised = [test_promises(each) for each in promise_groups(log, index, selection)]
        self.clear = self.answers.where(~in_shadow(self.answers, self.promised))
        self.main = _main_metric(index, self.answers)
        self.tests: list[Test] = []
        self.level = SIGNIFICANT
        self._correct([*scores(self.clear), *sources(self.clear), *trials(self.tries)])

    def _correct(self, families: list[list[Test]]) -> None:
        """Correct all tests together: the effects, each promise's causes, each other family."""
        effects = [each.effect for each in self.promised]
        tested = [place for place, effect in enumerate(effects) if effect is not None]
        p_values = [effect.p_value for effect in effects if effect is not None]
        causes = [[cause.p_value for cause in each.causes] for each in self.promised]
        adjusted, self.level = correct(
            [p_values, *causes, *([test.p_value for test in each] for each in families)]
        )
        of_effect = dict(zip(tested, adjusted[0].tolist(), strict=True))
        count = 1 + len(self.promised)
        self.promised = [
            Promised(
                each.group,
                each.effect,
                tuple(
                    replace(cause, p_adjusted=p)
                    for cause, p in zip(each.causes, adjusted[1 + place].tolist(), strict=True)
                ),
                of_effect.get(place, 1.0),
            )
            for place, each in enumerate(self.promised)
        ]
        for family, p_adjusted in zip(families, adjusted[count:], strict=True):
            self.tests += [
                replace(test, p_adjusted=p)
                for test, p in zip(family, p_adjusted.tolist(), strict=True)
            ]

    def find(self) -> tuple[Problem, ...]:
        found = [
            *self._of_places(),
            *(problem for each in self.promised for problem in self._of_promises(each)),
        ]
        shown = [each for each in found if each.customers >= MIN_SHOWN]
        shown.sort(key=lambda each: (-each.weight, -each.customers, each.id))
        return tuple(shown)

    # Promises

    def _of_promises(self, promised: Promised) -> list[Problem]:
        group = promised.group
        effect = None
        if promised.effect_p_adjusted <= SIGNIFICANT:
            effect = self._effect(promised)
        held = [
            each
            for each in promised.causes
            if each.p_adjusted <= SIGNIFICANT and each.points >= LEAST_POINTS
        ]
        located = separate(group, held, self.level)
        found = [self._promise(promised, effect, part) for part in _together(located)]
        rest = group.broken.copy()
        for each in located:
            rest &= ~each.cause.rows(group)
        if effect is not None and rest.any():
            told = [each.groups for each in found]
            found.append(self._promise(promised, effect, (), rest, apart=told if located else None))
        return found

    def _effect(self, promised: Promised) -> "Evidence | None":
        comparison, after = promised.effect, promised.group.after
        if comparison is None or after is None:
            return None
        if -(comparison.difference.value or 0.0) < LEAST_SPREAD * comparison.spread:
            return None
        return _evidence(
            "effect",
            promised.group.touchpoint,
            comparison,
            promised.effect_p_adjusted,
            after.metric,
        )

    def _promise(
        self,
        promised: Promised,
        effect: Evidence | None,
        parts: Sequence[Located],
        rest: Flags | None = None,
        *,
        apart: Sequence[tuple[tuple[str, str], ...]] | None = None,
    ) -> Problem:
        group = promised.group
        evidence = [
            each
            for part in parts
            for cause in (part.cause, *part.same)
            for each in self._located(group, cause)
        ]
        groups = tuple(
            dict.fromkeys(
                (each.property, each.value)
                for each in evidence
                if each.property is not None and each.value is not None
            )
        )
        rows = rest
        for part in parts:
            mine = part.cause.rows(group)
            rows = mine if rows is None else rows | mine
        touched = group.customer[group.broken & rows] if rows is not None else group.customer
        if effect is not None:
            evidence.append(effect)
        days = [each.since for each in evidence if each.since is not None]
        parts_of_id = [
            "promise",
            group.name,
            group.touchpoint,
            *map(str, groups),
            str(apart is not None),
        ]
        return self._problem(
            "promise",
            parts_of_id,
            group.touchpoint,
            len(np.unique(touched)),
            evidence,
            promise=group.name,
            groups=groups,
            since=min(days, default=None),
            elsewhere=apart is not None,
            apart=tuple(dict.fromkeys(each for groups in apart or () for each in groups)),
        )

    def _located(self, group: PromiseGroup, cause: Cause) -> list[Evidence]:
        """Show the group beside the others, and beside itself before the day."""
        day = self._day(cause.since) if cause.since is not None else None
        name = value = None
        if cause.dimension >= 0:
            name = group.properties[cause.dimension].name
            value = group.properties[cause.dimension].values[cause.value]
        sides: list[tuple[EvidenceKind, Flags]] = []
        if cause.dimension >= 0:
            sides.append(("broken", cause.others(group)))
        if cause.since is not None:
            sides.append(("since", cause.before(group)))
        found = []
        for kind, others in sides:
            comparison = _broken_beside(group, cause.rows(group), others)
            if comparison is not None:
                found.append(
                    Evidence(
                        kind, group.touchpoint, comparison.here, comparison.there,
                        comparison.difference, cause.p_adjusted, None, name, value, day,
                    )
                )  # fmt: skip
        return found

    def _day(self, microseconds: int) -> date:
        return as_datetime(microseconds).astimezone(self.zone).date()

    # Touchpoints and transitions

    def _of_places(self) -> list[Problem]:
        held = [each for each in self.tests if each.worse and each.p_adjusted <= SIGNIFICANT]
        found = []
        moved = self._transitions(held)
        for place in sorted({each.place for each in held if each.kind != "score_from"}):
            tests = [each for each in held if each.place == place and each.kind != "score_from"]
            if {each.kind for each in tests} == {"score"} and self._only_through(place, moved):
                continue
            ways = [each for each in moved if each.place == place]
            found.append(self._place(place, tests, ways))
            moved = [each for each in moved if each not in ways]
        return [*found, *(self._transition(each, held) for each in moved)]

    def _transitions(self, held: list[Test]) -> list[Test]:
        """Return the transitions that hold, each once, by the metric where it is surest."""
        best: dict[tuple[int, int], Test] = {}
        for each in held:
            if each.kind != "score_from":
                continue
            known = best.get((each.source, each.place))
            if known is None or each.p_value < known.p_value:
                best[each.source, each.place] = each
        return list(best.values())

    def _only_through(self, place: int, moved: list[Test]) -> bool:
        """Say whether a touchpoint is no worse without those who came by such transitions."""
        ways = [each.source for each in moved if each.place == place]
        if not ways:
            return False
        through = (self.clear.touchpoint == place) & np.isin(self.clear.source, ways)
        again = [
            each
            for family in scores(self.clear.where(~through))
            for each in family
            if each.place == place
        ]
        return not any(each.worse and each.p_value <= self.level for each in again)

    def _place(self, place: int, tests: list[Test], ways: list[Test]) -> Problem:
        kinds = {each.kind for each in tests}
        tried = self.tries.touchpoint == place
        trouble = np.zeros(len(tried), bool)
        if "stopped" in kinds:
            trouble |= self.tries.stopped == 1
        if "repeated" in kinds:
            trouble |= self.tries.repeated
        kind: ProblemKind = "touchpoint"
        if kinds & {"stopped", "repeated"}:
            kind = "stopping" if "stopped" in kinds else "repeat"
            customers = len(np.unique(self.tries.customer[tried & trouble]))
        else:
            customers = customers_at(self.index, self.selection, place)
        name = self.index.touchpoints[place]
        evidence = [self._of_test(each) for each in (*tests, *ways)]
        return self._problem(kind, ["place", name], name, customers, evidence)

    def _transition(self, test: Test, held: list[Test]) -> Problem:
        name, source = (self.index.touchpoints[each] for each in (test.place, test.source))
        also = [each for each in held if each.kind == "score" and each.place == test.place]
        return self._problem(
            "transition",
            ["transition", source, name],
            name,
            customers_between(self.index, self.selection, test.source, test.place),
            [self._of_test(each) for each in (test, *also)],
            source=source,
        )

    # What both share

    def _of_test(self, test: Test) -> Evidence:
        name = self.index.touchpoints[test.place]
        source = self.index.touchpoints[test.source] if test.source >= 0 else None
        return _evidence(test.kind, name, test.comparison, test.p_adjusted, test.metric, source)

    def _problem(
        self,
        kind: ProblemKind,
        parts: Sequence[str],
        touchpoint: str,
        customers: int,
        evidence: list[Evidence],
        *,
        source: str | None = None,
        promise: str | None = None,
        groups: tuple[tuple[str, str], ...] = (),
        since: date | None = None,
        elsewhere: bool = False,
        apart: tuple[tuple[str, str], ...] = (),
    ) -> Problem:
        scored = [each for each in evidence if each.scale is not None]
        lost = None
        if scored and self.main is not None:
            surest = min(scored, key=lambda each: each.p_adjusted)
            # A transition's own score comes first: the touchpoint's is that of others too.
            surest = scored[0] if kind == "transition" else surest
            lost = -(surest.difference.value or 0.0) * _length(self.main) / _length(surest.scale)
        # That a promise kept or not shows in scores does not make it surer where it is not kept.
        located = [each for each in evidence if each.kind != "effect"] or evidence
        return Problem(
            _identity(parts),
            kind,
            touchpoint,
            customers,
            lost,
            self.main if lost is not None else None,
            min(each.p_adjusted for each in located),
            tuple(evidence),
            source,
            promise,
            groups,
            since,
            elsewhere,
            apart,
        )


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


def _together(located: list[Located]) -> list[list[Located]]:
    """Put the values of one property that are worse all the time into one problem."""
    whole: dict[int, list[Located]] = {}
    parts: list[list[Located]] = []
    for each in located:
        dated = each.cause.since is not None or each.same
        if dated or each.cause.dimension < 0:
            parts.append([each])
        else:
            whole.setdefault(each.cause.dimension, []).append(each)
    return [*parts, *whole.values()]


def _evidence(
    kind: EvidenceKind,
    touchpoint: str,
    comparison: Comparison,
    p_adjusted: float,
    metric: str | None = None,
    source: str | None = None,
) -> Evidence:
    return Evidence(
        kind,
        touchpoint,
        comparison.here,
        comparison.there,
        comparison.difference,
        p_adjusted,
        scale=metric,
        source=source,
    )


def _main_metric(index: StepsIndex, answers: Answers) -> str | None:
    """Return the metric of the scale most answered in the log, of those that have a length."""
    if index.main_scale is not None:
        for metric in MEANS.values():
            if index.main_scale in metric.scales:
                return metric.name
    counted = [(len(own.at), metric.name) for metric, own in by_metric(answers)]
    return max(counted)[1] if counted else None


def _length(metric: str | None) -> float:
    chosen = MEANS[metric or ""]
    return chosen.high - chosen.low


def _identity(parts: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
