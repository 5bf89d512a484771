"""A join that is undone leaves every answer as it was before it: nothing is rewritten."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.identity.known import profile
from tests.log.rows import row

from percorso import explain, identity, journeys, metrics, report
from percorso.log import Log, facts, open_log, segments
from percorso.log.schema import as_table
from percorso.log.steps import open_steps
from percorso.segments import parse
from percorso.text import enrichment
from percorso.text.overview import voice
from percorso.workspace import Workspace

LATE = parse("broken_promises >= 1 and (nps <= 6 or orders >= 2)")
REFERENCES = [f"{form}:{n}" for n in range(8) for form in ("user", "anon", "crm")]
TOUCHPOINTS = ("home page", "cart", "till", "help desk")
TEXTS = ("Personale gentilissimo.", "Consegna in ritardo!", "The checkout is a mess.")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Log:
    """A log of 24 references with all that answers are made of."""
    log = open_log(Workspace.create(tmp_path_factory.mktemp("undone") / "shop"))
    said: list[Any] = []
    for n, reference in enumerate(REFERENCES):
        start = 977 * n % 7001
        said += [
            row(f"view-{n}-{step}", reference, start + 60 * step, touchpoint=TOUCHPOINTS[place])
            for step, place in enumerate((n % 4, (n + 1) % 4, n % 3))
        ]
        said += [
            row(f"order-{n}", reference, start + 300, kind="order", amount=10.0 + n,
                currency="EUR", about=f"order:{n}"),
            row(f"promise-{n}", reference, start + 301, kind="promise", about=f"order:{n}",
                due_at=row("x", minutes=start + 2000).at),
            row(f"delivery-{n}", reference, start + 1500 + 90 * n, kind="delivery",
                about=f"order:{n}"),
            row(f"nps-{n}", reference, start + 4000, kind="answer", scale="nps",
                score=float(n * 7 % 11), text=TEXTS[n % 3]),
            row(f"csat-{n}", reference, start + 4100, kind="answer", scale="csat",
                score=float(1 + n % 5)),
        ]  # fmt: skip
    # Of each three references two have an e-mail in common.
    said += [
        profile(each, email=f"person.{n // 3}@example.org")
        for n, each in enumerate(REFERENCES)
        if n % 3 != 1
    ]
    log.append(as_table(said))
    enrichment.enrich(log)
    return log


def everything(log: Log) -> dict[str, str]:
    """Return every answer, as text: figures and all that they are made of."""
    index = open_steps(log)
    columns = ["id", "customer", "reference", "phase"]
    interactions = log.interactions().select(*columns).to_pyarrow().sort_by("id")
    return {
        "interactions": repr(interactions.to_pylist()),
        "customers": repr(log.customers().to_pyarrow().sort_by("customer").to_pylist()),
        "counted": repr(log.summary().customers),
        "scores": repr(metrics.scores(log)),
        "scores by touchpoint": repr(metrics.by(log, "touchpoint")),
        "scores by phase": repr(metrics.by(log, "phase")),
        "scores by segment": repr(metrics.by(log, "segment")),
        "promises": repr(metrics.promises.summary(log)),
        "graph": repr(journeys.graph(index)),
        "variants": repr(journeys.variants(index)),
        "stops": repr(journeys.stops(index)),
        "friction": repr(journeys.friction(index)),
        "ideal path": repr(journeys.ideal_path(index)),
        "funnel": repr(journeys.funnel(index, ["home page", "cart", "till"])),
        "voice": repr(voice(log)),
        "facts": repr(facts.facts(log).to_pyarrow().sort_by("customer").to_pylist()),
        "sizes of segments": repr(segments.sizes(log, segments.catalogue(log).all())),
        "in a segment": repr(sorted(segments.members(log, LATE).to_pylist())),
        "who is who": who_is_who(log),
    }


def who_is_who(log: Log) -> str:
    return repr(sorted(log.identity.customers().items()))


STEPS = st.lists(
    st.one_of(
        st.just(None),
        st.tuples(
            st.sampled_from(("merge", "same")),
            st.sampled_from(REFERENCES),
            st.sampled_from(REFERENCES),
        ),
    ),
    min_size=2,
    max_size=3,
)


@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck))
@given(STEPS)
def test_whatever_is_joined_and_undone_every_answer_is_as_it_was(
    shop: Log, steps: list[tuple[str, str, str] | None]
) -> None:
    forget(shop)
    before: list[tuple[dict[str, str], list[int]]] = []
    for step in steps:
        known = everything(shop)
        last = max((each.number for each in shop.identity.since(0, 10_000)), default=0)
        join(shop, step)
        made = [each.number for each in shop.identity.since(last) if each.undone_at is None]
        if made:
            assert who_is_who(shop) != known["who is who"]
        before.append((known, made))
    for known, made in reversed(before):
        for number in reversed(made):
            identity.undo(shop, number, who="test")
        now = everything(shop)
        assert [name for name in now if now[name] != known[name]] == []


def join(log: Log, step: tuple[str, str, str] | None) -> None:
    if step is None:
        identity.resolve(log, incremental=False)
        return
    how, one, other = step
    if log.identity.customer_of(one) == log.identity.customer_of(other):
        return
    if how == "merge":
        log.merge(one, other)
    else:
        identity.answer(log, (one, other), same=True, who="test")


def forget(log: Log) -> None:
    """Begin as if nothing had ever been joined or said."""
    log.identity.forget(REFERENCES)


def test_the_problems_and_the_report_are_as_they_were(shop: Log) -> None:
    """They take long, so that one search and its undoing is enough."""
    forget(shop)

    def found() -> dict[str, str]:
        made = report.as_json(report.build(shop))
        del made["made_at"]
        problems = explain.problems(shop, open_steps(shop))
        return {"problems": repr(problems), "report": json.dumps(made), **everything(shop)}

    known = found()
    assert identity.resolve(shop, incremental=False).joined
    shop.merge("user:1", "crm:7")
    joined = found()
    assert joined["report"] != known["report"]
    assert joined["sizes of segments"] != known["sizes of segments"]
    for each in reversed(shop.identity.since(0, 10_000)):
        if each.undone_at is None:
            identity.undo(shop, each.number, who="test")
    now = found()
    assert [name for name in now if now[name] != known[name]] == []
