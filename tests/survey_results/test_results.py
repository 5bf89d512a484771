"""What was answered: scores, distributions, versions, languages, and who is hidden."""

import subprocess
import sys
import textwrap
from datetime import UTC, datetime, timedelta

import pytest
from tests.survey_results.made import (
    NOON,
    alike,
    answered,
    answered_by_nobody,
    invited,
    order,
    published,
)
from tests.surveys.making import options, question, survey, words

import percorso as px
from percorso.log import open_log
from percorso.log.schema import as_table
from percorso.log.selection import Selection
from percorso.metrics import DimensionError
from percorso.survey_results import Shown, by, results
from percorso.surveys import SurveyError
from percorso.workspace import Workspace


def test_scores_are_those_of_the_metrics(workspace: Workspace) -> None:
    given = survey(
        question("nps", "nps"), question("csat", "csat"), question("ces", "ces"),
        question("rating", "stars", points=7),
    )  # fmt: skip
    published(workspace, given)
    numbers = [(n % 11, n % 5 + 1, n % 7 + 1) for n in range(60)]
    log = answered(
        workspace,
        [
            (f"user:{n}", {"nps": a, "csat": b, "ces": c, "stars": c})
            for n, (a, b, c) in enumerate(numbers)
        ],
    )
    found = results(log, "tried")
    assert (found.responses, found.people, found.versions) == (60, 60, {1: 60})
    expected = {
        "nps": px.nps(a for a, _, _ in numbers),
        "csat": px.csat(b for _, b, _ in numbers),
        "ces": px.ces(c for _, _, c in numbers),
    }
    for each in found.questions:
        [part] = each.parts
        if each.id in expected:
            assert part.estimate is not None
            assert alike(part.estimate, expected[each.id])
    rating = found.questions[-1].parts[0]
    assert rating.metric == "rating"
    assert rating.estimate is not None
    assert rating.estimate.value == pytest.approx(sum(c for *_, c in numbers) / 60)
    assert found.response_rate is None
    assert found.weighting is None


def test_response_rate_is_wilsons(workspace: Workspace) -> None:
    """Newcombe 1998, table 1: 81 of 263 lies between 25.53 and 36.62 percent."""
    published(workspace, survey(question("nps", "nps")))
    log = answered(workspace, [])
    asked = [
        invited(f"user:{n}", answered=n < 81, channel="email" if n % 2 else "social")
        for n in range(263)
    ]
    found = results(log, "tried", invited=asked).response_rate
    assert found is not None
    assert (found.invited, found.answered) == (263, 81)
    assert found.rate.low == pytest.approx(25.53, abs=0.005)
    assert found.rate.high == pytest.approx(36.62, abs=0.005)
    channels = {each.group: each for each in found.by["channel"]}
    assert {name: (each.invited, each.answered) for name, each in channels.items()} == {
        "email": (131, 40),
        "social": (132, 41),
    }
    assert not any(each.differs for each in channels.values())
    # One language, touchpoint and campaign is no dimension.
    assert set(found.by) == {"channel"}


def test_a_person_asked_twice_is_one_person(workspace: Workspace) -> None:
    published(workspace, survey(question("nps", "nps")))
    log = answered(workspace, [])
    log.merge("user:0", "email:ada@example.org")
    asked = [invited(f"user:{n}", answered=n < 10) for n in range(20)]
    asked += [invited("email:ada@example.org", answered=False, campaign="again")]
    found = results(log, "tried", invited=asked)
    assert found.non_response is not None
    assert (found.non_response.invited, found.non_response.answered) == (21, 10)
    assert found.response_rate is not None
    assert found.response_rate.invited == 21
    # Four who answer twice are four, and too few to be held against the others.
    asked = [invited(f"user:{n % 20}", answered=n % 20 < 4) for n in range(40)]
    few = results(log, "tried", invited=asked).non_response
    assert few is not None
    assert (few.answered, few.facts) == (8, ())


def test_distributions(workspace: Workspace) -> None:
    published(
        workspace,
        survey(
            question("choice", "one"), question("multiple", "some"), question("matrix", "table"),
            question("date", "day"), question("consent", "yes"), question("contact", "me"),
        ),
    )  # fmt: skip
    given = [
        {
            "one": "red" if n < 12 else "green" if n < 30 else "blue",
            "some": ("red", "blue") if n < 20 else ("blue",),
            "table": {"staff": 5, "place": n % 5 + 1},
            "day": "2025-01-15" if n < 25 else "2025-02-01",
            **({"yes": True} if n < 15 else {}),
            **({"me": {"email": "ada@example.org"}} if n < 8 else {}),
        }
        for n in range(40)
    ]
    log = answered(workspace, [(f"user:{n}", each) for n, each in enumerate(given)])
    found = results(log, "tried")

    def counts(name: str, part: str = "") -> dict[str, int | None]:
        result = found.question(name)
        assert result is not None
        [mine] = [each for each in result.parts if each.part == part]
        return {each.value: each.answers for each in mine.distribution}

    assert counts("one") == {"red": 12, "green": 18, "blue": 10}
    assert counts("some") == {"red": 20, "green": 0, "blue": 40}
    assert counts("table", "staff") == {"1": 0, "2": 0, "3": 0, "4": 0, "5": 40}
    assert counts("table", "place") == {str(n): 8 for n in range(1, 6)}
    assert counts("day") == {"2025-01": 25, "2025-02": 15}
    assert counts("yes") == {"given": 15}
    assert counts("me") == {"given": 8}
    consent = found.question("yes")
    assert consent is not None
    assert consent.parts[0].distribution[0].share.value == pytest.approx(100 * 15 / 40)
    choice = found.question("one")
    assert choice is not None
    assert choice.parts[0].distribution[0].text == words("red")
    # What somebody left to be reached is nowhere in the results.
    assert "ada@" not in repr(found)


def test_few_people_are_hidden_and_not_told_by_the_rest(workspace: Workspace) -> None:
    published(workspace, survey(question("choice", "one"), question("csat", "csat")))
    log = answered(
        workspace,
        [
            (f"user:{n}", {"one": "red" if n < 3 else "green" if n < 9 else "blue", "csat": 5})
            for n in range(30)
        ],
    )
    found = results(log, "tried").question("one")
    assert found is not None
    cells = {each.value: each for each in found.parts[0].distribution}
    # Three are too few; the next smallest is hidden with them.
    assert cells["red"].answers is None
    assert not cells["red"].share.shown
    assert cells["green"].answers is None
    assert cells["blue"].answers == 21


def test_of_four_people_no_figure_is_shown(workspace: Workspace) -> None:
    published(
        workspace, survey(question("nps", "nps"), question("pmf", "pmf"), question("open", "why"))
    )
    log = answered(
        workspace, [(f"user:{n}", {"nps": 9, "pmf": "very", "why": "Kind"}) for n in range(4)]
    )
    asked = [invited(f"user:{n}", answered=True) for n in range(4)]
    found = results(log, "tried", invited=asked, shown=[Shown(1, "nps", 4, 4)])
    assert found.people == 4
    for question_ in found.questions:
        for part in question_.parts:
            assert part.estimate is None or not part.estimate.shown
            # Nor what nobody answered: it would tell what these four did.
            assert all(each.answers is None for each in part.distribution)
    assert found.response_rate is not None
    assert not found.response_rate.rate.shown
    assert found.steps[0].shown is None
    [said] = [each.said for each in found.questions if each.said]
    assert (said.ids, said.quotes) == ((), ())
    pmf = found.question("pmf")
    assert pmf is not None
    assert pmf.pmf is not None
    assert pmf.pmf.verdict == "not_sure"


def test_versions_are_joined_and_their_wordings_kept_apart(workspace: Workspace) -> None:
    first = survey(question("csat", "csat"), question("choice", "one"), question("open", "old"))
    changed = question("csat", "csat", text=words("Were you happy?"))
    second = survey(changed, question("choice", "one", options=options("blue", "violet")))
    third = survey(changed, question("rating", "one", points=7))
    published(workspace, first, second, third)
    answered(workspace, [(f"user:{n}", {"csat": 5, "one": "red"}) for n in range(20)], version=1)
    answered(workspace, [(f"more:{n}", {"csat": 2, "one": "violet"}) for n in range(20)], version=2)
    log = answered(workspace, [(f"last:{n}", {"csat": 2, "one": 7}) for n in range(10)], version=3)
    found = results(log, "tried")
    assert found.versions == {1: 20, 2: 20, 3: 10}
    csat = found.question("csat")
    assert csat is not None
    assert csat.text == words("Were you happy?")
    assert csat.parts[0].estimate is not None
    assert csat.parts[0].estimate.value == pytest.approx(40)
    assert [(each.versions, each.answers) for each in csat.wordings] == [((1,), 20), ((2, 3), 30)]
    by_mark = {each.group: each for each in csat.parts[0].wordings}
    assert by_mark[csat.wordings[0].mark].estimate.value == 100
    assert by_mark[csat.wordings[1].mark].estimate.value == 0
    assert all(each.differs for each in by_mark.values())
    # What became another kind of question is another result; a question that is gone comes last.
    assert [(each.id, each.type, each.answers) for each in found.questions] == [
        ("csat", "csat", 50),
        ("one", "rating", 10),
        ("one", "choice", 40),
        ("old", "open", 0),
    ]
    choice = found.questions[2].parts[0].distribution
    assert {each.value: each.answers for each in choice} == {
        "blue": 0, "violet": 20, "red": 20, "green": 0,
    }  # fmt: skip


def test_languages_are_one_result(workspace: Workspace) -> None:
    published(workspace, survey(question("nps", "nps")))
    answered(workspace, [(f"user:{n}", {"nps": 10}) for n in range(10)], language="it")
    log = answered(workspace, [(f"more:{n}", {"nps": 0}) for n in range(10)], language="en")
    found = results(log, "tried")
    assert found.languages == {"en": 10, "it": 10}
    nps = found.question("nps")
    assert nps is not None
    assert nps.parts[0].estimate is not None
    assert nps.parts[0].estimate.value == 0
    groups = by(log, "tried", "nps", "language")
    assert {each.group: each.estimate.value for each in groups} == {"en": -100, "it": 100}
    assert all(each.differs for each in groups)


def test_selections_narrow_answers_and_invitations(workspace: Workspace) -> None:
    published(workspace, survey(question("nps", "nps")))
    answered(workspace, [(f"a:{n}", {"nps": 10}) for n in range(10)], channel="email")
    log = answered(workspace, [(f"b:{n}", {"nps": 0}) for n in range(8)], channel="social")
    asked = [invited(f"a:{n}", answered=n < 10, channel="email") for n in range(20)]
    asked += [invited(f"b:{n}", answered=n < 8, channel="social") for n in range(20)]
    found = results(log, "tried", invited=asked, selection=Selection(channels=("social",)))
    assert found.responses == 8
    assert found.response_rate is not None
    assert (found.response_rate.invited, found.response_rate.answered) == (20, 8)
    # An invitation has no phase: nothing is said of who did not answer.
    phases = results(log, "tried", invited=asked, selection=Selection(phases=("loyalty",)))
    assert phases.response_rate is None
    later = Selection(since=datetime(2025, 3, 11, tzinfo=UTC))
    assert results(log, "tried", invited=asked, selection=later).response_rate is None


def test_anonymous_answers_are_looked_at_by_nothing_of_their_people(workspace: Workspace) -> None:
    published(workspace, survey(question("nps", "nps"), anonymous=True))
    log = answered_by_nobody(workspace, [{"nps": n % 11} for n in range(22)])
    asked = [
        invited(f"user:{n}", answered=n < 22, language="it" if n < 26 else "en") for n in range(60)
    ]
    found = results(log, "tried", invited=asked)
    assert found.anonymous
    assert (found.responses, found.non_response, found.weighting) == (22, None, None)
    assert found.response_rate is not None
    assert set(found.response_rate.by) == {"language"}
    # Of those asked in Italian all but four answered: that would tell of each that they did.
    assert all(each.answered is None for each in found.response_rate.by["language"])
    assert found.questions[0].parts[0].weighted is None
    some = results(log, "tried", invited=asked, selection=Selection(segments=("no_purchase",)))
    assert (some.responses, some.response_rate) == (0, None)
    for dimension in ("segment", "place", "campaign"):
        with pytest.raises(DimensionError):
            by(log, "tried", "nps", dimension)
    assert [each.group for each in by(log, "tried", "nps", "channel")] == ["survey"]


def test_what_was_anonymous_stays_so(workspace: Workspace) -> None:
    """A later version that knows people does not open what was promised before."""
    first = survey(question("nps", "nps"), anonymous=True)
    published(workspace, first, survey(question("nps", "nps")))
    log = answered(workspace, [(f"user:{n}", {"nps": n % 11}) for n in range(40)])
    asked = [invited(f"user:{n}", answered=n < 40) for n in range(90)]
    found = results(log, "tried", invited=asked)
    assert (found.anonymous, found.non_response, found.weighting) == (True, None, None)
    assert found.response_rate is not None
    assert not found.response_rate.by
    with pytest.raises(DimensionError):
        by(log, "tried", "nps", "segment")


def test_a_language_of_few_is_not_counted(workspace: Workspace) -> None:
    published(workspace, survey(question("nps", "nps"), languages=["en", "it"]))
    answered(workspace, [(f"a:{n}", {"nps": 9}) for n in range(2)], language="it")
    answered(workspace, [(f"b:{n}", {"nps": 9}) for n in range(6)], language="en")
    log = answered(workspace, [(f"c:{n}", {"nps": 9}) for n in range(20)], language="de")
    found = results(log, "tried")
    # The six are left out with the two, whom the total would tell otherwise.
    assert found.languages == {"de": 20}
    assert found.responses == 28


def test_where_others_left(workspace: Workspace) -> None:
    published(
        workspace,
        survey(
            question("nps", "nps"),
            question("csat", "csat"),
            question("open", "why", show_if="nps <= 6"),
            question("ces", "ces"),
        ),
    )
    log = answered(workspace, [])
    shown = [
        Shown(1, "nps", 60, 50), Shown(1, "nps", 40, 40), Shown(1, "csat", 90, 80),
        Shown(1, "why", 20, 10), Shown(1, "ces", 81, 80),
    ]  # fmt: skip
    steps = results(log, "tried", shown=shown).steps
    assert [(each.question, each.shown, each.answered) for each in steps] == [
        ("nps", 100, 90),
        ("csat", 90, 80),
        ("why", 20, 10),
        ("ces", 81, 80),
    ]
    lost = {each.question: each.lost and each.lost.value for each in steps}
    # Ten of a hundred left before the second, nine of ninety before the last; a question for some
    # only is no step.
    assert lost == {"nps": None, "csat": 10, "why": None, "ces": 10}
    assert steps[0].answered_share.value == 90


def test_what_is_not_there_is_said(workspace: Workspace) -> None:
    published(workspace, survey(question("nps", "nps")))
    log = answered(workspace, [])
    with pytest.raises(SurveyError, match="tried"):
        results(log, "tired")
    with pytest.raises(SurveyError, match="nsp"):
        by(log, "tried", "nsp", "channel")
    empty = results(log, "tried")
    assert (empty.responses, empty.first) == (0, None)
    assert empty.questions[0].parts[0].estimate is not None
    assert not empty.questions[0].parts[0].estimate.shown


def test_scores_by_everything(workspace: Workspace) -> None:
    published(workspace, survey(question("pyramid", "pyr"), question("matrix", "mat", points=7)))
    given = [
        (f"user:{n}", {"pyr": {"needs": 5 if n < 20 else 1, "ease": 3, "enjoyment": 3},
                       "mat": {"staff": n % 7 + 1, "place": 1}})
        for n in range(40)
    ]  # fmt: skip
    answered(workspace, given[:20], channel="email")
    log = answered(
        workspace, given[20:], channel="social", at=datetime(2025, 3, 31, 23, tzinfo=UTC)
    )
    needs = by(log, "tried", "pyr", "channel", part="needs")
    assert {each.group: each.estimate.value for each in needs} == {"email": 100, "social": -100}
    assert {each.metric for each in needs} == {"pyramid_needs"}
    # An hour before midnight in UTC is April in Rome.
    assert [each.group for each in by(log, "tried", "mat", "month", part="staff")] == [
        "2025-03",
        "2025-04",
    ]
    assert [each.group for each in by(log, "tried", "mat", "version", part="staff")] == ["1"]
    assert by(log, "tried", "pyr", "segment", part="needs")


def test_results_in_a_notebook(workspace: Workspace) -> None:
    published(workspace, survey(question("nps", "nps")))
    answered(workspace, [(f"user:{n}", {"nps": 10}) for n in range(10)], language="it")
    answered(workspace, [(f"more:{n}", {"nps": 0}) for n in range(10)], channel="email")
    shop = px.open(workspace.path)
    found = shop.where(channels=["email"]).survey("tried")
    assert found.responses == 10
    nps = shop.survey("tried").question("nps")
    assert nps is not None
    assert px.frame(nps.parts).loc[0, ["value", "n"]].tolist() == [0, 20]
    groups = shop.survey_by("tried", "nps", "language").set_index("group")
    assert groups.value["it"] == 100


def test_results_need_no_pandas(workspace: Workspace) -> None:
    """The processes of the pages leave it out: it takes 60 MB."""
    published(workspace, survey(question("nps", "nps")))
    people = [f"user:{n}" for n in range(80)]
    eve = NOON - timedelta(days=1)
    rows = [order(each, eve, channel="website", id=each) for each in people[::2]]
    open_log(workspace).append(as_table(rows))
    answered(workspace, [(each, {"nps": 9}) for each in people[:40]])
    code = """
        import sys
        from datetime import date
        from pathlib import Path
        from percorso.app.lean import leave_pandas_out
        leave_pandas_out()
        from percorso.log import open_log
        from percorso.survey_results import Invited, by, results
        from percorso.workspace import Workspace
        log = open_log(Workspace.open(Path(sys.argv[1])))
        asked = [
            Invited(reference=f"user:{n}", sent_on=date(2025, 3, 10), answered=n < 40)
            for n in range(80)
        ]
        found = results(log, "tried", invited=asked)
        assert found.weighting.why_not is None, found.weighting
        assert by(log, "tried", "nps", "segment")
        assert "pandas" not in sys.modules
        assert "scipy.stats" not in sys.modules
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), str(workspace.path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
