"""The scores and promises of a real marketplace: what the data say when counted by hand."""

import pytest

from percorso import intake, metrics
from percorso.log import Log

pytestmark = pytest.mark.xdist_group("olist")


@pytest.fixture
def log(olist: tuple[Log, intake.Plan, intake.ImportResult]) -> Log:
    return olist[0]


def test_stars(log: Log) -> None:
    found = metrics.scores(log)
    assert list(found) == ["stars", "stars_top2"]
    assert (found["stars"].n, found["stars_top2"].n) == (14_944, 14_944)
    assert found["stars"].value == pytest.approx(4.084, abs=5e-4)
    assert found["stars_top2"].value == pytest.approx(76.85, abs=5e-3)


def test_promises_and_what_a_late_delivery_costs(log: Log) -> None:
    found = metrics.promises.summary(log)
    assert (found.kept, found.late) == (13_595, 957)
    late, kept = found.score_after["late"], found.score_after["kept"]
    assert (late.n, kept.n) == (926, 13_539)
    assert late.value == pytest.approx(2.267, abs=5e-4)
    assert kept.value == pytest.approx(4.284, abs=5e-4)
    assert found.scale == "stars"
    assert found.effect_on_score is not None
    assert found.effect_on_score.high is not None
    assert found.effect_on_score.high < -1


def test_months_of_promises_add_up(log: Log) -> None:
    whole = metrics.promises.summary(log)
    months = metrics.promises.by(log, "month")
    assert [each.group for each in months] == sorted(each.group for each in months)
    assert sum(each.kept_share.n for each in months) == whole.kept + whole.broken
    # March 2018 is known for its late deliveries.
    march = {each.group: each for each in months}["2018-03"]
    assert march.differs
    assert march.rest_difference is not None
    assert march.rest_difference.estimate.value is not None
    assert march.rest_difference.estimate.value < 0
