"""What the pages ask of the ledger: foreseeing, the latest, who is due, ending, forgetting."""

from datetime import UTC, datetime, timedelta

from percorso.contacts import Budget, Ledger, Limit, Wish
from percorso.vocabulary import Phrase
from percorso.workspace import Workspace

NOW = datetime(2026, 3, 4, 10, tzinfo=UTC)
OPEN = Budget(quiet_from=None, quiet_until=None, weekdays=frozenset(range(7)), holidays="")
WHY = Phrase("not wanted any more")


def _wish(number: int, person: str = "", *, campaign: str = "nps", days: int = 7) -> Wish:
    who = person or f"user:{number}"
    return Wish(f"{campaign}:{number}", who, "survey", campaign, NOW, NOW + timedelta(days=days))


def test_what_is_foreseen_is_decided_then_and_nothing_is_written(workspace: Workspace) -> None:
    ledger = Ledger(workspace)
    budget = Budget(**{**_open(), "an_hour": 2})
    wishes = [_wish(n) for n in range(4)]
    seen = ledger.foresee(wishes, budget, NOW)
    assert [each.outcome for each in seen] == ["send", "send", "wait", "wait"]
    assert not ledger.overview()
    assert not ledger.reserved()
    done = ledger.settle(wishes, budget, NOW)
    assert [(each.outcome, each.reason) for each in done] == [
        (each.outcome, each.reason) for each in seen
    ]
    # Once more, they are known: what stands is said, and still nothing is written.
    before = ledger.overview()
    ledger.foresee(wishes, OPEN, NOW + timedelta(hours=2))
    assert ledger.overview() == before == {"nps": {"reserved": 2, "waiting": 2}}


def test_the_latest_come_first_and_are_chosen(workspace: Workspace) -> None:
    ledger = Ledger(workspace)
    ledger.settle([_wish(n) for n in range(3)], OPEN, NOW)
    ledger.decline([(_wish(9, campaign="csat"), WHY)], NOW)
    found = ledger.latest()
    assert [each.wish for each in found] == ["csat:9", "nps:2", "nps:1", "nps:0"]
    assert [each.wish for each in ledger.latest(limit=1, offset=1)] == ["nps:2"]
    assert [each.wish for each in ledger.latest(state="never")] == ["csat:9"]
    assert [each.wish for each in ledger.latest(campaign="nps", people=["user:1"])] == ["nps:1"]
    assert ledger.latest(people=[]) == ()
    assert ledger.known(["nps:1", "nps:7"]) == {"nps:1"}
    assert ledger.overview() == {"csat": {"never": 1}, "nps": {"reserved": 3}}


def test_the_latest_are_read_on_and_chosen_by_when_they_were_decided(workspace: Workspace) -> None:
    ledger = Ledger(workspace)
    for day in range(3):
        ledger.settle([_wish(day)], OPEN, NOW + timedelta(days=day))
    first = ledger.latest(limit=2)
    ledger.decline([(_wish(9), WHY)], NOW)
    assert [each.wish for each in ledger.latest(before=first[-1].number)] == ["nps:0"]
    chosen = ledger.latest(since=NOW + timedelta(days=1), until=NOW + timedelta(days=2))
    assert [each.wish for each in chosen] == ["nps:1"]


def test_who_waits_is_due_in_time_and_can_be_withdrawn(workspace: Workspace) -> None:
    ledger = Ledger(workspace)
    budget = Budget(**{**_open(), "an_hour": 1})
    ledger.settle([_wish(1), _wish(2), _wish(11)], budget, NOW)
    assert ledger.due(NOW) == frozenset()
    assert ledger.due(NOW + timedelta(hours=2)) == {"user:2", "user:11"}
    assert ledger.withdraw("nps:2", WHY, NOW) == 1
    assert {each.wish: each.state for each in ledger.latest()} == {
        "nps:1": "reserved",
        "nps:11": "waiting",
        "nps:2": "never",
    }


def test_what_is_over_is_forgotten_and_what_waits_is_not(workspace: Workspace) -> None:
    ledger = Ledger(workspace)
    later = NOW + timedelta(days=400)
    assert ledger.forget_before(later) == 0
    ledger.settle([_wish(n) for n in range(4)], OPEN, NOW)
    first, second, third, _fourth = ledger.reserved()
    ledger.sent(first.id, NOW)
    ledger.failed(second.id, WHY, NOW)
    ledger.failed(third.id, WHY, NOW, again=NOW + timedelta(days=1))
    assert ledger.over_before(NOW) == 0
    assert ledger.over_before(later) == ledger.forget_before(later) == 2
    assert {each.state for each in ledger.latest()} == {"waiting", "reserved"}


def test_a_budget_says_how_far_back_it_looks() -> None:
    assert Budget().longest == 180
    assert Budget(survey=Limit(1, 700)).longest == 700
    none = Budget(total=None, survey=None, marketing=None, between_surveys=0, same_survey=1)
    assert none.longest == 1


def _open() -> dict[str, object]:
    return {name: getattr(OPEN, name) for name in OPEN.__slots__}
