"""Looking for problems: every comparison is made, all are corrected together, what is left is said.

See docs/concepts/problems.md for the definitions.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from percorso.estimation import MIN_SHOWN
from percorso.explain.comparisons import (
    Promised,
    Test,
    by_metric,
    in_shadow,
    scores,
    sources,
    test_promises,
    trials,
)
from percorso.explain.correcting import correct
from percorso.explain.making import evidence_of, problem_of
from percorso.explain.material import Answers, customers_at, customers_between, gather
from percorso.explain.problem import Evidence, Problem, ProblemKind
from percorso.explain.promise_problems import PromiseProblems
from percorso.explain.promised import promise_groups
from percorso.log.steps import StepsIndex
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
            *PromiseProblems(self.promised, self.main, self.level, self.zone).find(),
        ]
        shown = [each for each in found if each.customers >= MIN_SHOWN]
        shown.sort(key=lambda each: (-each.weight, -each.customers, each.id))
        return tuple(shown)

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
        return problem_of(self.main, kind, ["place", name], name, customers, evidence)

    def _transition(self, test: Test, held: list[Test]) -> Problem:
        name, source = (self.index.touchpoints[each] for each in (test.place, test.source))
        also = [each for each in held if each.kind == "score" and each.place == test.place]
        return problem_of(
            self.main,
            "transition",
            ["transition", source, name],
            name,
            customers_between(self.index, self.selection, test.source, test.place),
            [self._of_test(each) for each in (test, *also)],
            source=source,
        )

    def _of_test(self, test: Test) -> Evidence:
        name = self.index.touchpoints[test.place]
        source = self.index.touchpoints[test.source] if test.source >= 0 else None
        return evidence_of(
            test.kind, name, test.comparison, test.p_adjusted, test.metric, source=source
        )


def _main_metric(index: StepsIndex, answers: Answers) -> str | None:
    """Return the metric of the scale most answered in the log, of those that have a length."""
    if index.main_scale is not None:
        for metric in MEANS.values():
            if index.main_scale in metric.scales:
                return metric.name
    counted = [(len(own.at), metric.name) for metric, own in by_metric(answers)]
    return max(counted)[1] if counted else None
