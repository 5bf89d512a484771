"""What was known of people before they were asked, and whether those who answered differ in it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from tests.survey_results.made import DAY, answered, invited, order, published
from tests.survey_results.worlds import known_as, world
from tests.surveys.making import question, survey

from percorso.log import Log, open_log
from percorso.log.schema import as_table
from percorso.survey_results import results
from percorso.survey_results.facts import FACTS, facts_of
from percorso.survey_results.matching import invitation_of
from percorso.survey_results.non_response import chi_squared, compare
from percorso.survey_results.reading import Words, read
from percorso.vocabulary import Interaction
from percorso.workspace import Workspace

#: The beginning of the day they were asked, in Rome.
MIDNIGHT = datetime(2025, 3, 9, 23, tzinfo=UTC)


def log_of(workspace: Workspace, *rows: Interaction) -> Log:
    log = open_log(workspace)
    log.append(as_table(rows))
    return log


def facts(log: Log, *people: str) -> list[dict[str, str]]:
    found = facts_of(log, people, [DAY] * len(people), ["it"] * len(people))
    return [
        {name: words.names[words.codes[place]] for name, words in found.items()}
        for place in range(len(people))
    ]


def days(n: float) -> datetime:
    return MIDNIGHT - timedelta(days=n)


def test_facts_are_of_the_day_before_they_were_asked(workspace: Workspace) -> None:
    log = log_of(
        workspace,
        order("user:ada", days(40), channel="website"),
        order("user:ada", days(400), channel="in_person"),
        # Of the day itself, and later: answering may have led to it.
        order("user:ada", MIDNIGHT, channel="phone"),
        order("user:ada", days(-3), channel="phone"),
        order("user:eva", days(10), kind="visit", channel="website"),
        order("user:eva", days(2), kind="ticket", channel="email"),
        order("user:new", days(-1)),
    )
    ada, eva, new, nobody = facts(log, "user:ada", "user:eva", "user:new", "user:nobody")
    assert ada == {
        "segment": "repeat",
        "orders": "2-4",
        "recency": "31-90",
        "tenure": "366+",
        "trouble": "no",
        "channel": "website",
        "language": "it",
    } | {"segment": ada["segment"]}
    assert eva == {
        "segment": "no_purchase",
        "orders": "0",
        "recency": "never",
        "tenure": "-90",
        "trouble": "yes",
        "channel": "email",
        "language": "it",
    }
    assert new == nobody
    assert (new["tenure"], new["channel"]) == ("never", "")


def test_an_order_that_was_cancelled_before_is_none(workspace: Workspace) -> None:
    log = log_of(
        workspace,
        order("user:ada", days(40), about="order:1", id="1"),
        order("user:ada", days(39), kind="cancellation", about="order:1", id="2"),
        order("user:eva", days(40), about="order:2", id="3"),
        order("user:eva", days(-1), kind="cancellation", about="order:2", id="4"),
    )
    ada, eva = facts(log, "user:ada", "user:eva")
    assert (ada["orders"], eva["orders"]) == ("0", "1")
    assert (ada["trouble"], eva["trouble"]) == ("yes", "no")


def test_segments_are_those_of_the_log(workspace: Workspace) -> None:
    rng = np.random.default_rng(7)
    people = [f"user:{n}" for n in range(60)]
    rows: list[Interaction] = []
    for each in people:
        rows += [
            order(
                each, days(float(rng.integers(1, 300))), float(rng.integers(1, 99)), id=f"{each}{n}"
            )
            for n in range(int(rng.integers(0, 4)))
        ]
        rows.append(order(each, days(301), kind="visit"))
    log = log_of(workspace, *rows)
    table = log.customers().to_pyarrow()
    now = dict(zip(table["customer"].to_pylist(), table["segment"].to_pylist(), strict=True))
    assert [each["segment"] for each in facts(log, *people)] == [now[each] for each in people]
    assert {*now.values()} == {*FACTS["segment"]}


def test_who_did_not_answer_is_found(workspace: Workspace) -> None:
    """Those who bought answer twice as often; where they bought makes no difference."""
    published(workspace, survey(question("nps", "nps")))
    rng = np.random.default_rng(11)
    bought = [f"user:{n}" for n in range(0, 600, 2)]
    log = log_of(
        workspace,
        *(
            order(each, days(20), channel="website" if n % 3 else "in_person", id=f"o{n}")
            for n, each in enumerate(bought)
        ),
    )
    asked = [
        invited(f"user:{n}", answered=bool(rng.random() < (0.2 if n % 2 else 0.4)))
        for n in range(600)
    ]
    log = answered(workspace, [(each.reference, {"nps": 9}) for each in asked if each.answered])
    found = results(log, "tried", invited=asked)
    assert found.non_response is not None
    facts_found = {each.fact: each for each in found.non_response.facts}
    # Who has nothing but a purchase differs in all that follows from it.
    assert {name for name, each in facts_found.items() if each.differs} == {
        "segment", "orders", "recency", "tenure", "channel",
    }  # fmt: skip
    never = next(each for each in facts_found["recency"].bands if each.value == "never")
    assert never.invited == 300
    assert never.of_invited == 50
    yes = sum(each.answered for each in asked)
    odd = sum(each.answered for each in asked[1::2])
    assert never.of_answered == pytest.approx(100 * odd / yes)
    assert never.rate.value == pytest.approx(100 * odd / 300)
    assert found.response_rate is not None
    segments = {each.group: each for each in found.response_rate.by["segment"]}
    assert segments["no_purchase"].invited == 300
    assert segments["no_purchase"].differs
    assert found.weighting is not None
    assert found.weighting.why_not is None
    assert found.weighting.people == yes
    assert found.weighting.effective < yes


def test_chi_squared_of_a_published_table() -> None:
    """Campbell 2007: (N - 1) / N of Pearson's; of 2 of 10 and 8 of 12 that is 4.53, p = 0.033."""
    pearson = 22 * (2 * 4 - 8 * 8) ** 2 / (10 * 12 * 10 * 12)
    from scipy.stats import chi2

    found = chi_squared(np.array([2.0, 8.0]), np.array([10.0, 12.0]))
    assert found == pytest.approx(float(chi2.sf(pearson * 21 / 22, 1)))
    assert pearson * 21 / 22 == pytest.approx(4.573, abs=0.001)


def false_alarms(
    rng: np.random.Generator, invited_: int, times: int, waves: int = 1
) -> tuple[float, float]:
    """Return how often of 100 a fact differs, and any after correction, where none does."""
    each: list[bool] = []
    some = 0
    for _ in range(times):
        known = world(rng, invited_, strength=0, effect=0, waves=waves).known
        found = compare(known).facts
        each += [fact.p_value <= 0.05 for fact in found]
        some += any(fact.differs for fact in found)
    return 100 * float(np.mean(each)), 100 * some / times


def test_where_nothing_differs_little_is_found() -> None:
    single, after = false_alarms(np.random.default_rng(2), 300, 400)
    assert single <= 7
    assert after <= 8


def test_a_person_who_always_answers_is_no_proof_of_a_difference() -> None:
    """Of 200 people half answer each of six invitations, half none: that is 200, and not 1,200."""
    rng = np.random.default_rng(12)
    each: list[bool] = []
    for _ in range(300):
        some = world(rng, 200, strength=0, effect=0, waves=6).known
        always = np.tile(rng.random(200) < 0.5, 6)
        known = replace(some, answered=always)
        each += [fact.p_value <= 0.05 for fact in compare(known).facts]
    assert 1 <= 100 * float(np.mean(each)) <= 7


def test_each_invitation_counts_with_what_was_known_before_it(workspace: Workspace) -> None:
    """Two waves: who bought between them is another at the second, and answers it alone."""
    published(workspace, survey(question("nps", "nps")))
    people = [f"user:{n}" for n in range(80)]
    later = DAY + timedelta(days=300)
    log_of(workspace, *(order(each, days(-200), id=f"o{each}") for each in people[:60]))
    answered(workspace, [(each, {"nps": 2}) for each in people[60:80]])
    log = answered(
        workspace, [(each, {"nps": 10}) for each in people[:40]], at=MIDNIGHT + timedelta(days=302)
    )
    asked = [invited(each, answered=n >= 60) for n, each in enumerate(people)]
    asked += [invited(each, answered=n < 40, sent_on=later) for n, each in enumerate(people)]
    found = results(log, "tried", invited=asked)
    assert found.non_response is not None
    assert (found.non_response.invited, found.non_response.answered) == (160, 60)
    recency = {each.fact: each for each in found.non_response.facts}["recency"]
    bands = {each.value: (each.invited, each.rate.value) for each in recency.bands}
    assert bands == {"91-365": (60, pytest.approx(100 * 40 / 60)), "never": (100, 20)}
    assert found.weighting is not None
    assert (found.weighting.answers, found.weighting.people) == (60, 60)
    # Of the first kind are 60 of 160 invitations, and all who answered so say 10; the others 2.
    weighted = found.questions[0].parts[0].weighted
    assert weighted is not None
    assert weighted.value == pytest.approx(100 * (60 - 100) / 160)


def test_few_people_are_not_told_by_the_bands_beside_theirs() -> None:
    """Three people, each in two hidden bands, are three: the next band is hidden with them."""
    person = np.array([*range(60), *range(60), 57, 58, 59, 57, 58, 59])
    band = np.array([0] * 100 + [1] * 20 + [2] * 3 + [3] * 3)
    known = known_as({"recency": Words(band, FACTS["recency"])}, np.arange(126) % 2 == 0, person)
    [fact] = compare(known).facts
    assert [each.invited for each in fact.bands] == [100, None, None, None]


def test_answers_are_of_the_invitation_they_came_by(workspace: Workspace) -> None:
    """By the response's id where it is known; else of the latest before; of a door of none."""
    published(workspace, survey(question("nps", "nps")))
    wave = [DAY - timedelta(days=30), DAY - timedelta(days=2), DAY + timedelta(days=1)]
    answered(workspace, [("user:a", {"nps": 1})])
    answered(workspace, [("user:b", {"nps": 2})], properties={"door": "abc"})
    log = answered(workspace, [("user:c", {"nps": 3})])
    rows = read(log, "tried")
    named = {rows.customer.names[code]: n for n, code in enumerate(rows.customer.codes)}
    response = {
        name: rows.response.names[rows.response.codes[place]] for name, place in named.items()
    }
    asked = [
        *(invited("user:a", answered=n < 2, sent_on=day) for n, day in enumerate(wave)),
        invited("user:b", answered=True, sent_on=wave[0]),
        invited("user:c", answered=True, sent_on=wave[0], response=response["user:c"]),
        invited("user:c", answered=True, sent_on=wave[1]),
    ]
    found = invitation_of(asked, [each.reference for each in asked], rows, UTC)
    by_customer = {name: int(found[rows.response.codes[place]]) for name, place in named.items()}
    assert by_customer == {"user:a": 1, "user:b": -1, "user:c": 4}


@pytest.mark.slow  # thousands of companies
@pytest.mark.parametrize("waves", [3, 6])
def test_false_alarms_are_as_many_over_several_waves(waves: int) -> None:
    single, after = false_alarms(np.random.default_rng(waves), 200, 2000, waves)
    assert 2 <= single <= 6
    assert after <= 6


@pytest.mark.slow  # thousands of companies
@pytest.mark.parametrize("invited_", [60, 200, 1000])
def test_false_alarms_are_as_many_as_is_said(invited_: int) -> None:
    single, after = false_alarms(np.random.default_rng(invited_), invited_, 4000)
    assert 2 <= single <= 5.6
    assert after <= 6


def test_too_few_say_nothing(workspace: Workspace) -> None:
    published(workspace, survey(question("nps", "nps")))
    log = answered(workspace, [(f"user:{n}", {"nps": 9}) for n in range(4)])
    asked = [invited(f"user:{n}", answered=n < 4) for n in range(100)]
    found = results(log, "tried", invited=asked).non_response
    assert found is not None
    assert (found.facts, found.why_not is None) == ((), False)
    unnamed = [invited("", answered=n < 50) for n in range(100)]
    nobody = results(log, "tried", invited=unnamed)
    assert nobody.non_response is not None
    assert nobody.non_response.why_not is not None
    assert nobody.response_rate is not None
    assert nobody.response_rate.answered == 50
