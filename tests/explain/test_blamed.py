"""Which factors are tied to broken promises: against counts by hand, and who is counted."""

import pytest
from tests.text.promised_texts import DEAR, SLOW, told
from tests.text.readings_kept import factor

from percorso.estimation import difference_of_proportions
from percorso.explain.blamed import tied_to_promises
from percorso.log import Log, open_log
from percorso.workspace import Workspace


@pytest.fixture
def log(workspace: Workspace) -> Log:
    return open_log(workspace)


def test_shares_and_differences_are_those_counted_by_hand(log: Log) -> None:
    said = [
        (f"user:{n}", n < 40, SLOW if n % 40 < (24 if n < 40 else 4) else []) for n in range(80)
    ]
    said += [(f"user:{80 + n}", n < 20, DEAR if n % 20 < 5 else []) for n in range(40)]
    told(log, said)
    found = tied_to_promises(log)
    assert (found.broken, found.kept) == (60, 60)
    first, last = found.factors
    assert (first.factor, last.factor) == ("speed", "value")
    assert (first.broken.value, first.kept.value) == (40.0, pytest.approx(100 * 4 / 60))
    by_hand = difference_of_proportions(24, 60, 4, 60)
    assert first.difference.estimate.value == pytest.approx(by_hand.estimate.value)
    assert first.difference.estimate.low == pytest.approx(by_hand.estimate.low)
    assert first.difference.p_value == pytest.approx(by_hand.p_value)
    assert first.more
    assert last.difference.estimate.value == pytest.approx(0)
    assert not last.more


def test_praise_is_no_blame(log: Log) -> None:
    quick = [factor("speed", "positive")]
    told(log, [(f"user:{n}", n < 20, quick if n < 20 else []) for n in range(40)])
    assert tied_to_promises(log).factors == ()


def test_many_texts_of_one_customer_are_not_many_customers(log: Log) -> None:
    others = [(f"user:{n}", n % 2 == 0, []) for n in range(2, 42)]
    told(log, [*(("user:1", True, SLOW) for _ in range(20)), *others])
    [speed] = tied_to_promises(log).factors
    assert (speed.broken.value, speed.kept.value) == (50.0, 0.0)
    assert not speed.more


@pytest.mark.parametrize("late", [4, 5])
def test_fewer_than_five_customers_on_either_side_give_no_figures(log: Log, late: int) -> None:
    told(log, [(f"user:{n}", n < late, SLOW) for n in range(30)])
    assert bool(tied_to_promises(log).factors) == (late == 5)


def test_what_was_written_before_the_fate_was_known_does_not_count(log: Log) -> None:
    told(log, [(f"user:{n}", n < 20, SLOW) for n in range(40)], written_at=20)
    found = tied_to_promises(log)
    assert (found.broken, found.kept, found.factors) == (0, 0, ())
