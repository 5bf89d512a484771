"""The count of customers is kept up with the log, and is what counting anew gives."""

import random
from pathlib import Path

import pytest
from tests.log.rows import row

from percorso.log import Log, open_log, upkeep
from percorso.log.schema import as_table
from percorso.vocabulary.references import PASSING
from percorso.workspace import Workspace


def counted_anew(log: Log) -> int:
    table = log.interactions()
    known = table.filter(~table.customer.startswith(PASSING))
    return int(known.customer.nunique().to_pyarrow().as_py())


@pytest.mark.parametrize(
    "seed",
    [
        *range(2),
        # Each takes seconds: two now, more of them now and then.
        *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 12)),
    ],
)
def test_it_is_what_counting_anew_gives(
    workspace: Workspace, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "_TIERS", ((1_000, 3),))
    chance = random.Random(seed)
    log, other = open_log(workspace), open_log(workspace)
    names = [f"user:{n}" for n in range(12)] + [f"{PASSING}{n}" for n in range(6)]
    for step in range(40):
        match chance.choice(("append", "append", "live", "merge", "unmerge", "erase", "compact")):
            case "append" | "live" as how:
                some = chance.choices(names, k=chance.randint(1, 6))
                new = [row(f"{step}-{n}", name) for n, name in enumerate(some)]
                other.append(as_table(new), live=how == "live")
                other.merge_scattered()
            case "merge":
                one, two = chance.sample(names, 2)
                other.merge(one, two)
            case "unmerge":
                other.unmerge(chance.choice(names))
            case "erase":
                other.erase(chance.choice(names))
            case "compact":
                other.compact()
        if chance.random() < 0.5:
            assert log.summary().customers == counted_anew(log) == counted_anew(other)
    assert log.summary().customers == counted_anew(other)


def test_only_what_came_is_read(log: Log, workspace: Workspace) -> None:
    log.append(as_table([row(f"a{n}", f"user:{n}") for n in range(200)]))
    asked = open_log(workspace)
    assert asked.summary().customers == 200
    for each in log.files():
        Path(each).rename(f"{each}.away")
    log.append(as_table([row("b", "user:3"), row("c", "user:new")]))
    assert asked.summary().customers == 201
