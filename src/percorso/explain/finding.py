"""Looking for problems: every comparison is made, all are corrected together, what is left is said.

See docs/concepts/problems.md for the definitions.
"""

from dataclasses import dataclass, replace
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
from percorso.explain.splits import Split, customers_of, read_properties, split_answers, split_tries
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


@dataclass(frozen=True, slots=True)
class _Group:
    """Values of one property that are worse at a touchpoint, with where they are in their splits.

    ``tests`` are all that was found about them, ``rows`` marks their entries in each split.
    """

    place: int
    tests: list[Test]
    rows: list[tuple[Split, Flags]]


class _Finder:
    """The comparisons of one log and selection."""

    def __init__(self, log: "Log", index: StepsIndex, selection: "Selection | None") -> None:
        self.log = log
        self.index = index
        self.selection = selection
        self.zone = log.workspace.settings.zone_info
        self.answers, self.tries = gather(index, selection)
        self.promised = [test_promises(each) for each in promise_groups(log, index, selection)]
        clear = ~in_shadow(self.answers, self.promised)
        self.clear = self.answers.where(clear)
        self.main = _main_metric(index, self.answers)
        self.tests: list[Test] = []
        self.level = SIGNIFICANT
        self.splits = self._split(log, clear)
        self._correct(
            [
                *scores(self.clear),
                *sources(self.clear),
                *trials(self.tries),
                *([test for split in family for test in split.tests()] for family in self.splits),
            ]
        )

    def _split(self, log: "Log", clear: Flags) -> list[list[Split]]:
        """Read the properties of answers and tries; a family of splits for each question."""
        answered, tried = read_properties(log, self.index, self.selection, self.answers, self.tries)
        return [
            *split_answers(self.clear, answered.filter(clear)),
            *split_tries(self.tries, tried),
        ]

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
        worse = [each for each in self.tests if each.worse and each.p_adjusted <= SIGNIFICANT]
        held = [each for each in worse if each.group is None]
        found = []
        moved = self._transitions(held)
        groups = self._groups([each for each in worse if each.group is not None], moved)
        for place in sorted({each.place for each in held if each.kind != "score_from"}):
            tests = [each for each in held if each.place == place and each.kind != "score_from"]
            own = [each for each in groups if each.place == place]
            if {each.kind for each in tests} == {"score"} and self._only_through(place, moved, own):
                continue
            ways = [each for each in moved if each.place == place]
            inside = [test for each in own for test in each.tests]
            found.append(self._place(place, tests, [*ways, *inside]))
            moved = [each for each in moved if each not in ways]
            groups = [each for each in groups if each not in own]
        return [
            *found,
            *(self._transition(each, held) for each in moved),
            *(self._group(each) for each in groups),
        ]

    def _groups(self, held: list[Test], moved: list[Test]) -> list["_Group"]:
        """Return the groups that are worse than others at their touchpoint, on their own.

        The values of one property are told together. Who came by a transition that is told by
        itself is set aside.
        """
        found: dict[tuple[int, str], _Group] = {}
        for split in (each for family in self.splits for each in family):
            mine = [
                each
                for each in held
                if (each.place, each.kind) == (split.place, split.kind)
                and each.metric == split.mean
            ]
            ways = [each.source for each in moved if each.place == split.place]
            for tests in split.separate(mine, self.level, ~np.isin(split.source, ways)):
                name = (tests[0].group or ("", ""))[0]
                known = found.setdefault((split.place, name), _Group(split.place, [], []))
                known.tests.extend(tests)
                known.rows.append((split, split.rows(tests[0].group)))
        return list(found.values())

    def _group(self, group: "_Group") -> Problem:
        kinds = {each.kind for each in group.tests}
        groups = tuple(dict.fromkeys(each.group for each in group.tests if each.group is not None))
        name = self.index.touchpoints[group.place]
        kind: ProblemKind = "touchpoint"
        if kinds & {"stopped_in", "repeated_in"}:
            kind = "stopping" if "stopped_in" in kinds else "repeat"
            touched = [
                split.customer[rows & (split.worth > 0)]
                for split, rows in group.rows
                if split.kind != "score_in"
            ]
            customers = len(np.unique(np.concatenate(touched)))
        else:
            answered = [split.customer[rows] for split, rows in group.rows]
            customers = max(
                customers_of(self.log, self.selection, name, groups),
                len(np.unique(np.concatenate(answered))),
            )
        evidence = [self._of_test(each) for each in group.tests]
        parts = ["place", name, *map(str, groups)]
        return problem_of(self.main, kind, parts, name, customers, evidence, groups=groups)

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

    def _only_through(self, place: int, moved: list[Test], groups: list["_Group"]) -> bool:
        """Say whether a touchpoint is no worse without such transitions and such groups."""
        ways = [each.source for each in moved if each.place == place]
        if not ways and not groups:
            return False
        left = ~((self.clear.touchpoint == place) & np.isin(self.clear.source, ways))
        for split, rows in (each for group in groups for each in group.rows):
            if split.kind == "score_in":
                left[split.places[rows]] = False
        again = [
            each
            for family in scores(self.clear.where(left))
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
            test.kind, name, test.comparison, test.p_adjusted, test.metric, source=source,
            property=test.group[0] if test.group else None,
            value=test.group[1] if test.group else None,
        )  # fmt: skip


def _main_metric(index: StepsIndex, answers: Answers) -> str | None:
    """Return the metric of the scale most answered in the log, of those that have a length."""
    if index.main_scale is not None:
        for metric in MEANS.values():
            if index.main_scale in metric.scales:
                return metric.name
    counted = [(len(own.at), metric.name) for metric, own, _ in by_metric(answers)]
    return max(counted)[1] if counted else None
