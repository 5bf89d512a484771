"""Who is who: merges apply to the past, and can be taken back."""

import sqlite3
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.log.rows import add, answers, row, rows, stored

from percorso.log import Log, LogError, open_log
from percorso.log.identity import Identity
from percorso.log.joins import Changes, Join
from percorso.workspace import Workspace


def test_a_merge_reaches_the_past_without_rewriting_it(log: Log) -> None:
    add(log, [row("a", "anon:7"), row("b", "email:ada@example.org")])
    files, version = log.files(), log.version
    assert log.merge("anon:7", "email:ada@example.org")
    assert answers(log, "customer", "reference") == [
        ("email:ada@example.org", "anon:7"),
        ("email:ada@example.org", "email:ada@example.org"),
    ]
    assert log.summary().customers == 1
    assert (log.files(), log.version) == (files, version)
    assert [each["customer"] for each in stored(log)] == ["anon:7", "email:ada@example.org"]


def test_a_merge_can_be_taken_back(log: Log) -> None:
    add(log, [row("a", "anon:7"), row("b", "user:1")])
    log.merge("anon:7", "user:1")
    assert log.summary().customers == 1
    assert log.unmerge("anon:7")
    assert not log.unmerge("anon:7")
    assert answers(log, "customer") == [("anon:7",), ("user:1",)]
    assert log.summary().customers == 2


def test_every_change_has_a_version_and_no_change_has_none(log: Log) -> None:
    assert log.identity_version == 0
    assert log.merge("a", "b")
    assert not log.merge("a", "b")
    assert log.identity_version == 1
    log.merge("b", "c")
    log.unmerge("a")
    assert log.identity_version == 3
    assert open_log(log.workspace).identity_version == 3


def test_chains_are_followed_to_the_end_and_come_apart_link_by_link(log: Log) -> None:
    log.merge("a", "b")
    log.merge("b", "c")
    assert log.identity.customers() == {"a": "c", "b": "c"}
    assert log.identity.references_of("a") == ("a", "b", "c")
    log.unmerge("b")
    assert log.identity.customers() == {"a": "b"}


def test_whoever_belongs_together_already_is_left_as_they_are(log: Log) -> None:
    log.merge("a", "b")
    assert not log.merge("b", "a")
    log.merge("b", "c")
    assert not log.merge("c", "a")
    assert not log.merge("b", "a")
    assert set(log.identity.customers().values()) == {"c"}


def test_a_reference_that_belonged_to_somebody_else_moves(log: Log) -> None:
    log.merge("a", "b")
    log.merge("a", "c")
    assert log.identity.customers() == {"a": "c"}


@pytest.mark.parametrize(("reference", "customer"), [("a", "a"), ("", "a"), ("a", " ")])
def test_what_makes_no_sense_is_refused(log: Log, reference: str, customer: str) -> None:
    with pytest.raises(LogError):
        log.merge(reference, customer)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(st.booleans(), st.sampled_from("abcdef"), st.sampled_from("abcdef")), max_size=15
    )
)
def test_whatever_is_merged_and_unmerged_every_chain_ends(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[bool, str, str]]
) -> None:
    identity = Identity(tmp_path_factory.mktemp("identity") / "i.sqlite")
    parent: dict[str, str] = {}

    def path(name: str) -> list[str]:
        found = [name]
        while found[-1] in parent:
            found.append(parent[found[-1]])
        return found

    for merge, one, other in steps:
        if not merge:
            assert identity.unmerge(one) == (parent.pop(one, None) is not None)
        elif one != other:
            news = parent.get(one) != other and one not in path(other)
            assert identity.merge(one, other) == news
            if news:
                parent[one] = other
    assert identity.customers() == {name: path(name)[-1] for name in parent}


def test_a_ring_made_by_another_hand_does_not_hang(log: Log) -> None:
    log.merge("a", "b")
    ring = [Join(reference="b", customer="a"), Join(reference="x", customer="b")]
    log.identity.change(Changes(add=ring), who="test")
    assert log.identity.customers() == {"b": "a", "x": "a"}
    assert log.identity.customer_of("a") == "a"
    assert log.identity.references_of("x") == ("a", "b", "x")


def test_phases_and_segments_follow_a_merge(log: Log) -> None:
    order = {"kind": "order", "amount": 10.0, "currency": "EUR"}
    add(log, [row("a", "anon:7", 0, **order), row("b", "user:1", 60, **order)])
    assert answers(log, "phase") == [("purchase",), ("purchase",)]
    log.merge("anon:7", "user:1")
    assert answers(log, "phase") == [("purchase",), ("loyalty",)]
    [customer] = log.customers().to_pyarrow().to_pylist()
    assert customer["customer"] == "user:1"
    assert (customer["orders"], customer["value"], customer["segment"]) == (2, 20.0, "repeat")
    assert customer["last"] - customer["first"] == timedelta(hours=1)


def test_merges_of_many_are_quick_to_follow(workspace: Workspace) -> None:
    log = open_log(workspace)
    add(log, rows(300, customers=100))
    log.identity.merge("user:0", "user:1")
    joins = [Join(reference=f"user:{n}", customer=f"user:{n % 10}") for n in range(10, 100)]
    log.identity.change(Changes(add=joins), who="test")
    assert log.summary().customers == 9


def test_merges_of_an_earlier_release_count_on(log: Log) -> None:
    with sqlite3.connect(log.workspace.identity) as database:
        database.executescript(
            "CREATE TABLE belongs (reference TEXT PRIMARY KEY, customer TEXT NOT NULL) STRICT;"
            "CREATE TABLE version (number INTEGER NOT NULL) STRICT;"
            "INSERT INTO belongs VALUES ('a', 'b'), ('b', 'c'); INSERT INTO version VALUES (7);"
        )
    database.close()
    assert log.identity_version == 7
    assert log.identity.customers() == {"a": "c", "b": "c"}
    assert {each.kind for each in log.identity.joins()} == {"person"}
    assert log.unmerge("b")
    assert log.identity_version == 8
    assert open_log(log.workspace).identity.customers() == {"a": "b"}
