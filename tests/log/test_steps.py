"""The steps index holds exactly the log's steps, however it came to be."""

import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from percorso.log import Log, LogError, open_log
from percorso.log.schema import BUCKETS, as_table
from percorso.log.steps import Bucket, StepsIndex, building, open_steps, sorting
from percorso.vocabulary import (
    ABOUT_CUSTOMERS,
    CHANNELS,
    KINDS,
    NOT_STEPS,
    SCALES,
    Interaction,
)
from percorso.workspace import Workspace

START = datetime(2025, 1, 1, tzinfo=UTC)
REFERENCES = [f"user:{number}" for number in range(6)]


def interaction(number: int, customer: str, minute: int, **more: Any) -> Interaction:
    given: dict[str, Any] = {
        "id": f"i{number}",
        "at": START + timedelta(minutes=minute),
        "received_at": START + timedelta(days=400, microseconds=number),
        "customer": customer,
        "kind": "visit",
        "source": "test",
        "touchpoint": "shop",
        "channel": "store",
    }
    return Interaction(**{**given, **more})


def contents(index: StepsIndex) -> dict[str, list[tuple[Any, ...]]]:
    """Return what the index holds, customer by customer, in its order."""
    kinds, channels, scales = list(KINDS), list(CHANNELS), [None, *SCALES]
    found: dict[str, list[tuple[Any, ...]]] = {}
    for bucket in index.buckets:
        for place, customer in enumerate(bucket.customers.to_pylist()):
            assert customer not in found
            found[customer] = [
                (
                    START + timedelta(microseconds=int(bucket.at[row]) - _micro(START)),
                    index.touchpoints[bucket.touchpoint[row]],
                    kinds[bucket.kind[row]],
                    channels[bucket.channel[row]],
                    scales[bucket.scale[row]],
                    None if np.isnan(bucket.score[row]) else float(bucket.score[row]),
                )
                for row in range(bucket.offsets[place], bucket.offsets[place + 1])
            ]
        assert bucket.customers.to_pylist() == sorted(bucket.customers.to_pylist())
    return found


def expected(
    interactions: Iterable[Interaction], customers: dict[str, str]
) -> dict[str, list[tuple[Any, ...]]]:
    """Return the same by sorting Python objects."""
    found = defaultdict(list)
    for each in interactions:
        if each.kind not in NOT_STEPS:
            found[customers.get(each.customer, each.customer)].append(each)
    return {
        customer: [
            (
                row.at,
                row.touchpoint,
                row.kind,
                row.channel,
                row.scale if row.score is not None else None,
                row.score,
            )
            for row in sorted(rows, key=lambda row: (row.at, row.received_at, row.id.encode()))
        ]
        for customer, rows in found.items()
    }


def _micro(time: datetime) -> int:
    return (time - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def test_an_empty_log_has_an_empty_index(workspace: Workspace) -> None:
    index = open_steps(open_log(workspace))
    assert (index.steps, index.customers, index.first, index.last) == (0, 0, None, None)
    assert index.main_scale is None
    assert contents(index) == {}


def test_steps_are_in_the_order_of_time_whatever_the_order_of_arrival(workspace: Workspace) -> None:
    log = open_log(workspace)
    late = interaction(1, "user:1", 50, touchpoint="late")
    log.append(as_table([interaction(0, "user:1", 99), late]))
    first = open_steps(log)
    log.append(as_table([interaction(2, "user:1", 10, touchpoint="early")]))
    index = open_steps(log)
    assert [row[1] for row in contents(index)["user:1"]] == ["early", "late", "shop"]
    assert index.log_version > first.log_version
    # Whoever opened the index before still sees what was there then.
    assert [row[1] for row in contents(first)["user:1"]] == ["late", "shop"]


def test_promises_and_facts_about_customers_are_no_steps(workspace: Workspace) -> None:
    log = open_log(workspace)
    promise = interaction(
        0, "user:1", 5, kind="promise", name="delivery", about="order:1", due_at=START
    )
    facts = [interaction(n, "user:1", 5, kind=kind) for n, kind in enumerate(ABOUT_CUSTOMERS, 2)]
    log.append(as_table([promise, interaction(1, "user:2", 5), *facts]))
    assert list(contents(open_steps(log))) == ["user:2"]


def test_a_score_without_a_scale_or_the_other_way_round_is_no_answer(workspace: Workspace) -> None:
    log = open_log(workspace)
    rows = [
        interaction(0, "user:1", 1, scale="nps"),
        interaction(1, "user:1", 2, scale="stars", score=4.5),
    ]
    log.append(as_table(rows))
    index = open_steps(log)
    assert contents(index) == expected(rows, {})
    assert index.main_scale == "stars"


@pytest.fixture
def sorted_rows(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list to which each sorting adds how many rows it sorted."""
    sizes: list[int] = []
    whole = sorting.sort

    def sort(rows: sorting.Unsorted) -> Bucket:
        sizes.append(len(rows.customer))
        return whole(rows)

    monkeypatch.setattr(sorting, "sort", sort)
    return sizes


def test_only_new_rows_are_sorted(workspace: Workspace, sorted_rows: list[int]) -> None:
    log = open_log(workspace)
    rows = [interaction(n, f"user:{n % 400}", n) for n in range(4000)]
    log.append(as_table(rows))
    open_steps(log)
    assert sum(sorted_rows) == len(rows)
    sorted_rows.clear()
    more = [interaction(9000 + n, f"user:{n}", 1 + n) for n in range(3)]
    log.append(as_table(more))
    assert contents(open_steps(log)) == expected([*rows, *more], {})
    assert sum(sorted_rows) == len(more)


def test_a_compaction_sorts_nothing_anew(workspace: Workspace, sorted_rows: list[int]) -> None:
    log = open_log(workspace)
    rows = [interaction(n, f"user:{n % 90}", n) for n in range(900)]
    log.append(as_table(rows[:300]))
    log.append(as_table(rows[300:600]))
    open_steps(log)
    sorted_rows.clear()
    # What came after the index and was compacted before it was looked at again is new all the same.
    log.append(as_table(rows[600:890]))
    log.compact()
    log.append(as_table(rows[890:]))
    assert contents(open_steps(log)) == expected(rows, {})
    assert sum(sorted_rows) == 300
    sorted_rows.clear()
    log.compact(retention=timedelta(0))
    assert contents(open_steps(log)) == expected(rows, {})
    assert sum(sorted_rows) == 0


@pytest.mark.parametrize("gone", ["files", "commits"])
def test_what_was_compacted_and_deleted_is_read_anew(workspace: Workspace, gone: str) -> None:
    log = open_log(workspace)
    rows = [interaction(n, f"user:{n % 90}", n) for n in range(900)]
    log.append(as_table(rows[:300]))
    open_steps(log)
    log.append(as_table(rows[300:]))
    log.compact(retention=timedelta(0) if gone == "files" else None)
    if gone == "commits":
        (workspace.log / "_delta_log" / f"{log.version:020}.json").unlink()
    assert contents(open_steps(log)) == expected(rows, {})


@pytest.mark.parametrize("restarted", [True, False])
def test_another_log_in_the_place_of_the_first_has_its_own_index(
    workspace: Workspace, *, restarted: bool
) -> None:
    log = open_log(workspace)
    log.append(as_table([interaction(0, "user:1", 1)]))
    open_steps(log)
    shutil.rmtree(workspace.log)
    if restarted:
        _forget_open_indexes()
    other = open_log(workspace)
    rows = [interaction(0, "user:2", 2)]
    other.append(as_table(rows))
    assert contents(open_steps(other)) == expected(rows, {})


def test_an_index_that_is_up_to_date_is_not_built_again(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = open_log(workspace)
    log.append(as_table([interaction(0, "user:1", 1)]))
    index = open_steps(log)
    monkeypatch.setattr(building.Build, "run", lambda self: pytest.fail("built again"))
    assert open_steps(log) is index
    assert contents(open_steps(open_log(workspace))) == contents(index)


def test_names_that_no_step_uses_any_more_are_forgotten(workspace: Workspace) -> None:
    log = open_log(workspace)
    kept = interaction(1, "user:2", 1, touchpoint="kept")
    log.append(as_table([interaction(0, "user:1", 1, touchpoint="secret of user 1"), kept]))
    open_steps(log)
    log.erase("user:1")
    index = open_steps(log)
    assert contents(index) == expected([kept], {})
    stored = b"".join(p.read_bytes() for p in (workspace.derived / "steps").iterdir())
    assert b"secret" not in stored
    assert b"user:1" not in stored
    again = interaction(2, "user:3", 1, touchpoint="new")
    log.append(as_table([again]))
    assert contents(open_steps(log)) == expected([kept, again], {})


def test_a_damaged_index_is_built_anew(workspace: Workspace) -> None:
    log = open_log(workspace)
    rows = [interaction(n, f"user:{n}", n) for n in range(40)]
    log.append(as_table(rows))
    open_steps(log)
    folder = workspace.derived / "steps"
    files = sorted(folder.glob("*.steps"))
    files[0].unlink()
    files[1].write_bytes(b"")
    files[2].write_bytes(files[2].read_bytes()[:20])
    _forget_open_indexes()
    assert contents(open_steps(log)) == expected(rows, {})
    (folder / "manifest.json").write_text("{", encoding="utf-8")
    _forget_open_indexes()
    assert contents(open_steps(log)) == expected(rows, {})


def test_an_index_that_was_interrupted_leaves_nothing_behind(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = open_log(workspace)
    rows = [interaction(n, f"user:{n}", n) for n in range(40)]
    log.append(as_table(rows))

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("percorso.log.steps.manifest.publish", stop)
        with pytest.raises(KeyboardInterrupt):
            open_steps(log)
    assert contents(open_steps(log)) == expected(rows, {})
    assert len(list((workspace.derived / "steps").iterdir())) == BUCKETS + 1


def test_files_that_vanish_again_and_again_are_an_error(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def vanish(*_: object) -> None:
        raise FileNotFoundError

    monkeypatch.setattr("percorso.log.steps.index._mapped", vanish)
    with pytest.raises(LogError, match="could not be read"):
        open_steps(open_log(workspace))


def test_more_touchpoints_than_codes_are_counted_together(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("percorso.log.steps.reading.MOST_TOUCHPOINTS", 3)
    log = open_log(workspace)
    log.append(as_table([interaction(n, "user:1", n, touchpoint=f"t{n}") for n in range(6)]))
    found = [row[1] for row in contents(open_steps(log))["user:1"]]
    assert found == ["t0", "t1", "t2"] + ["(further touchpoints)"] * 3


def test_times_centuries_apart_are_sorted(workspace: Workspace) -> None:
    log = open_log(workspace)
    ends = [datetime(1970, 1, 1, tzinfo=UTC), datetime(2199, 12, 31, tzinfo=UTC)]
    rows = [
        replace(interaction(n, f"user:{n // 2}", 0), at=ends[(n + 1) % 2]) for n in range(60_000)
    ]
    log.append(as_table(rows))
    more = [replace(row, id=f"m{row.id}", at=START) for row in rows[:10]]
    open_steps(log)
    log.append(as_table(more))
    assert contents(open_steps(log)) == expected([*rows, *more], {})


READER = """
import sys
from pathlib import Path
from percorso.log import open_log
from percorso.log.steps import open_steps
from percorso.workspace import Workspace

log = open_log(Workspace.open(Path(sys.argv[1])))
seen = 0
while seen < int(sys.argv[2]):
    index = open_steps(log)
    assert index.steps >= seen, "steps went missing"
    assert sum(len(bucket.at) for bucket in index.buckets) == index.steps
    assert all(bucket.offsets[-1] == len(bucket.at) for bucket in index.buckets)
    seen = index.steps
print(seen)
"""


def test_processes_build_in_turn_and_read_while_others_build(workspace: Workspace) -> None:
    log = open_log(workspace)
    rows = [interaction(n, f"user:{n % 300}", n % 97) for n in range(2000)]
    command = [sys.executable, "-c", READER, str(workspace.path), str(len(rows))]
    readers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    try:
        for start in range(0, len(rows), 200):
            log.append(as_table(rows[start : start + 200]))
            if start % 600 == 0:
                log.compact(retention=timedelta(0))
            open_steps(log)
        found = [reader.communicate(timeout=120)[0].strip() for reader in readers]
    finally:
        for reader in readers:
            reader.kill()
    assert found == [str(len(rows))] * 3
    assert contents(open_steps(log)) == expected(rows, {})


def _forget_open_indexes() -> None:
    from percorso.log.steps import index

    index._newest.clear()


rows = st.lists(
    st.builds(
        dict,
        customer=st.sampled_from(REFERENCES),
        minute=st.integers(0, 4),
        received=st.integers(0, 2),
        touchpoint=st.sampled_from(["a", "b", "c", "d"]),
        kind=st.sampled_from(["visit", "order", "promise"]),
        score=st.sampled_from([None, 0, 7, 10]),
    ),
    max_size=12,
)
changes = st.lists(
    st.one_of(
        rows.map(lambda new: ("append", new)),
        st.tuples(st.just("merge"), st.permutations(REFERENCES).map(lambda names: names[:2])),
        st.tuples(st.just("unmerge"), st.sampled_from(REFERENCES)),
        st.tuples(st.just("erase"), st.sampled_from(REFERENCES)),
        st.tuples(st.just("compact"), st.none()),
    ),
    min_size=1,
    max_size=6,
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(changes=changes)
def test_after_any_changes_the_index_is_what_the_log_holds(
    tmp_path: Path, changes: list[tuple[str, Any]]
) -> None:
    folder = tmp_path / uuid4().hex
    log = open_log(Workspace.create(folder))
    held: list[Interaction] = []
    for number, (change, what) in enumerate(changes):
        held = _apply(log, held, number, change, what)
        wanted = expected(held, log.identity.customers())
        assert contents(open_steps(log)) == wanted
    shutil.rmtree(folder / "derived" / "steps")
    _forget_open_indexes()
    assert contents(open_steps(log)) == wanted
    shutil.rmtree(folder)


def _apply(
    log: Log, held: list[Interaction], number: int, change: str, what: Any
) -> list[Interaction]:
    if change == "append":
        new = [_from(number, place, each) for place, each in enumerate(what)]
        log.append(as_table(new))
        return held + new
    if change == "merge":
        log.merge(*what)
    elif change == "unmerge":
        log.unmerge(what)
    elif change == "compact":
        log.compact()
    else:
        customers = log.identity.customers()
        gone = customers.get(what, what)
        log.erase(what)
        return [each for each in held if customers.get(each.customer, each.customer) != gone]
    return held


def _from(number: int, place: int, row: dict[str, Any]) -> Interaction:
    promise = {"name": "x", "about": "order:1", "due_at": START} if row["kind"] == "promise" else {}
    return interaction(
        place,
        row["customer"],
        row["minute"],
        # Ids in no order: they decide where times and received times agree.
        id=f"{(place * 7 + number * 3) % 10}-{number}-{place}",
        received_at=START + timedelta(days=400, microseconds=row["received"]),
        touchpoint=row["touchpoint"],
        kind=row["kind"],
        scale="nps" if row["score"] is not None else None,
        score=row["score"],
        **promise,
    )
