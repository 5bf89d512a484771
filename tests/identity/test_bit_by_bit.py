"""Searching bit by bit comes to the same as searching once."""

import random
import shutil
from pathlib import Path

import pytest
from tests.identity.known import profile, tell, together
from tests.log.rows import row

from percorso import identity
from percorso.log import Log, open_log
from percorso.log.schema import as_table
from percorso.workspace import Workspace


def test_searches_after_each_part_find_what_one_search_finds(log: Log) -> None:
    draw = random.Random(7)
    parts = []
    for _part in range(4):
        rows = []
        for _ in range(25):
            n = draw.randrange(30)
            traits = {
                "email": f"person.{n}@example.org",
                "phone": f"33312345{draw.randrange(30):02}",
                "card": "",
            }
            kept = {name: value for name, value in traits.items() if draw.random() < 0.6}
            links = (f"anon:{draw.randrange(20)}",) if draw.random() < 0.4 else ()
            rows.append(profile(f"user:{draw.randrange(40)}", links=links, **kept))
        parts.append(rows)
    for rows in parts:
        tell(log, *rows)
        identity.resolve(log)
    bit_by_bit = together(log)
    once = open_log(Workspace.create(log.workspace.path.parent / "once"))
    tell(once, *(each for rows in parts for each in rows))
    identity.resolve(once)
    assert bit_by_bit == together(once)
    assert bit_by_bit


def test_the_demo_companys_customers_stay_who_they_are(
    small_demo: Workspace, tmp_path: Path
) -> None:
    shutil.copytree(small_demo.path, tmp_path / "demo")
    log = open_log(Workspace.open(tmp_path / "demo"))
    before = log.summary().customers
    found = identity.resolve(log)
    assert (found.joined, found.to_ask) == (0, 0)
    assert log.summary().customers == before


def test_visitors_who_say_nothing_are_not_compared(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under a flood of page views a search loads nothing that it does not need."""

    def refuse(*_: object) -> None:
        raise AssertionError("it was searched")

    def visits(prefix: str) -> None:
        log.append(as_table([row(f"{prefix}{n}", f"anon:{n}") for n in range(50)]))

    with monkeypatch.context() as patched:
        patched.setattr("percorso.identity.resolving.database", refuse)
        visits("a")
        assert identity.resolve(log).joined == 0
    tell(log, profile("user:1", email="ada@example.org"))
    tell(log, profile("user:2", email="ada@example.org"))
    assert identity.resolve(log).joined == 1
    with monkeypatch.context() as patched:
        patched.setattr("percorso.identity.resolving.database", refuse)
        visits("b")
        log.compact()
        assert identity.resolve(log).joined == 0
        with pytest.raises(AssertionError, match="searched"):
            identity.resolve(log, incremental=False)
        log.merge("anon:1", "user:1")
        with pytest.raises(AssertionError, match="searched"):
            identity.resolve(log)
    tell(log, profile("user:3", email="ada@example.org"))
    assert identity.resolve(log).joined >= 1


def test_what_a_search_that_was_cut_off_had_gathered_is_compared_by_the_next(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise MemoryError

    tell(log, profile("user:1", email="ada@example.org"))
    identity.resolve(log)
    tell(log, profile("user:2", email="ada@example.org"))
    with monkeypatch.context() as patched:
        patched.setattr("percorso.identity.resolving.database", stop)
        with pytest.raises(MemoryError):
            identity.resolve(log)
    assert identity.resolve(log).joined == 1
