"""Problems as they are given: ranked, told in both languages, kept as JSON, honest about causes."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from percorso import demo, explain
from percorso.explain import Problem
from percorso.i18n import in_language
from percorso.log import Log, open_log
from percorso.log.schema import as_table
from percorso.log.selection import Selection
from percorso.log.steps import open_steps
from percorso.vocabulary import Interaction
from percorso.workspace import Workspace

START = datetime(2026, 1, 1, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def aurora(tmp_path_factory: pytest.TempPathFactory) -> Log:
    return open_log(demo.make(tmp_path_factory.mktemp("explain") / "aurora"))


@pytest.fixture(scope="module")
def found(aurora: Log) -> tuple[Problem, ...]:
    return explain.problems(aurora, open_steps(aurora))


def test_the_worst_comes_first(found: tuple[Problem, ...]) -> None:
    weights = [each.customers * (each.score_lost or 0) for each in found]
    assert weights == sorted(weights, reverse=True)
    assert all(each.customers >= 5 and each.evidence for each in found)
    assert all(each.p_adjusted <= 0.05 for each in found)
    assert {each.scale for each in found} == {"csat"}
    assert len({each.id for each in found}) == len(found)


def test_problems_survive_json_and_speak_the_language_of_then(
    found: tuple[Problem, ...],
) -> None:
    for each in found:
        with in_language("en"):
            kept = json.loads(json.dumps(each.as_dict()))
            assert kept["title"] == each.title()
            assert kept["where"] == each.where()
        assert Problem.from_dict(kept) == each
        with in_language("it"):
            assert Problem.from_dict(kept).title() == each.title()


def test_words_say_what_and_where(found: tuple[Problem, ...]) -> None:
    with in_language("en"):
        said = {each.title(): each.where() for each in found}
        courier = next(each for each in found if each.groups)
        assert "Lombardia Est" in courier.where()
        assert "since" in courier.where()
        sentences = [each.sentence() for each in courier.evidence]
    assert said["People have to begin again and give up: Carrello da telefono"]
    assert any("Lombardia Est" in each and "%" in each for each in sentences)
    assert not any("None" in each or "{" in each for each in (*said, *said.values(), *sentences))


def test_a_quarter_is_looked_at_by_itself(aurora: Log) -> None:
    index = open_steps(aurora)
    last = Selection(since=datetime(2026, 8, 1, tzinfo=UTC))
    before = Selection(until=datetime(2026, 8, 1, tzinfo=UTC))
    courier = ("region", "Lombardia Est")
    assert any(courier in each.groups for each in explain.problems(aurora, index, last))
    assert not any(courier in each.groups for each in explain.problems(aurora, index, before))


def test_an_empty_log_has_no_problems(workspace: Workspace) -> None:
    log = open_log(workspace)
    assert explain.problems(log, open_steps(log)) == ()


def _interactions(rng: np.random.Generator) -> list[Interaction]:
    """Make 900 orders: half of the late ones ask for help, few others do; help itself is good.

    Late customers are displeased with everything for some weeks.
    """
    made: list[Interaction] = []

    def add(customer: int, at: datetime, kind: str, touchpoint: str, **values: object) -> None:
        given: dict[str, object] = {"source": "test", **values}
        made.append(
            Interaction(
                id=str(len(made)), at=at, customer=f"user:{customer}", kind=kind,
                touchpoint=touchpoint, **given,
            )  # type: ignore[arg-type]
        )  # fmt: skip

    for customer in range(900):
        at = START + timedelta(hours=int(rng.integers(0, 2000)))
        late = rng.random() < 0.25
        about = f"order:{customer}"
        due = at + timedelta(days=2)
        add(customer, at, "promise", "Home", name="delivery", about=about, due_at=due)
        delivered = due + timedelta(days=2 if late else -1)
        add(customer, delivered, "delivery", "Home", about=about)
        mood = -1.5 if late else 0.0

        def score(mood: float = mood) -> float:
            return float(np.clip(np.rint(4.3 + mood + rng.normal(0, 0.7)), 1, 5))

        after = delivered + timedelta(hours=5)
        add(customer, after, "answer", "Home", scale="csat", score=score(), about=about)
        if rng.random() < (0.5 if late else 0.1):
            add(customer, after + timedelta(hours=5), "ticket", "Help")
            asked = after + timedelta(hours=30)
            add(customer, asked, "answer", "Help", scale="csat", score=score())
        add(customer, after + timedelta(days=40), "visit", "Shop")
        shop = float(np.clip(np.rint(4.3 + rng.normal(0, 0.7)), 1, 5))
        add(customer, after + timedelta(days=40), "answer", "Shop", scale="csat", score=shop)
    return made


def test_who_helps_those_who_wait_is_not_blamed_for_the_wait(workspace: Workspace) -> None:
    """The help desk's scores are low only because those who write had a promise broken."""
    rng = np.random.default_rng(4)
    log = open_log(workspace)
    log.append(as_table(_interactions(rng)))
    found = explain.problems(log, open_steps(log))
    assert [(each.kind, each.touchpoint) for each in found] == [("promise", "Home")]
    assert found[0].score_lost == pytest.approx(1.4, abs=0.25)
    assert found[0].scale == "csat"
    assert 180 <= found[0].customers <= 270


def test_broken_promises_without_answers_are_ranked_by_customers(workspace: Workspace) -> None:
    rng = np.random.default_rng(2)
    rows = []
    for number in range(1200):
        at = START + timedelta(hours=number)
        east = number % 4 == 0
        late = rng.random() < (0.4 if east else 0.05)
        common = {"customer": f"user:{number}", "about": f"order:{number}", "source": "test"}
        rows.append(
            Interaction(
                id=f"p{number}", at=at, kind="promise", touchpoint="Home", name="delivery",
                due_at=at + timedelta(days=2),
                properties={"region": "east" if east else "west"}, **common,
            )  # type: ignore[arg-type]
        )  # fmt: skip
        arrived = at + timedelta(days=4 if late else 1)
        rows.append(
            Interaction(id=f"d{number}", at=arrived, kind="delivery", touchpoint="Home", **common)  # type: ignore[arg-type]
        )
    log = open_log(workspace)
    log.append(as_table(rows))
    (only,) = explain.problems(log, open_steps(log))
    assert only.groups == (("region", "east"),)
    assert (only.score_lost, only.scale, only.since) == (None, None, None)
    assert only.as_dict()["score_lost"] is None


@pytest.fixture(scope="module")
def olist(tmp_path_factory: pytest.TempPathFactory, datasets: Path) -> Log:
    from percorso import intake

    workspace = Workspace.create(tmp_path_factory.mktemp("explain") / "olist")
    log = open_log(workspace)
    plan = intake.inspect(workspace, [datasets / "olist"])
    intake.run(log, plan, confirmed=True)
    return log


def test_late_deliveries_of_a_real_marketplace_are_found_by_state(olist: Log) -> None:
    found = explain.problems(olist, open_steps(olist))
    late = [each for each in found if each.kind == "promise"]
    effect = next(each for each in late[0].evidence if each.kind == "effect")
    assert effect.scale == "stars"
    assert effect.difference.value == pytest.approx(-2.1, abs=0.2)
    states = {value for each in late for name, value in each.groups if name == "state"}
    # Rio de Janeiro is known for its late parcels in these data; Sao Paulo is not.
    assert "RJ" in states
    assert "SP" not in states
    assert any(each.since is not None and each.since > date(2017, 1, 1) for each in late)
