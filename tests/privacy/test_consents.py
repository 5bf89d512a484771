"""What may be done with customers' data is one answer: asked of one, of all, and on their page."""

import itertools
import random
import re
from typing import Any

import pytest
from tests.log.rows import add, row

from percorso.app.customers.person import person
from percorso.log import Log, open_log, purposes, segments
from percorso.log.facts import facts
from percorso.privacy import consents
from percorso.segments import parse
from percorso.vocabulary import BASES, PURPOSES
from percorso.workspace import Workspace

#: What senders write for ``given``; what is not the true of JSON is a no.
_GIVEN: tuple[Any, ...] = (True, False, "true", "false", "yes", 1, 0, None, [], {"a": True})


@pytest.fixture
def log(workspace: Workspace) -> Log:
    return open_log(workspace)


def _said(id_: str, customer: str, minutes: float, **properties: Any) -> Any:
    return row(id_, customer, minutes, kind="consent", properties=properties)


def _by_hand(said: list[tuple[float, Any]], basis: str) -> bool:
    last = max(said, key=lambda each: each[0])[1] if said else "nothing"
    if basis == "consent":
        return last is True
    if basis == "legitimate_interest":
        return last is True or last == "nothing"
    return True


def _column(log: Log) -> dict[str, list[str]]:
    rows = facts(log).select("customer", "consents").to_pyarrow().to_pylist()
    return {each["customer"]: each["consents"] for each in rows}


def test_an_unreadable_last_word_is_no_wherever_it_is_asked(log: Log) -> None:
    add(
        log,
        [
            _said("a", "user:1", 0, purpose="marketing", given=True),
            _said("b", "user:1", 5, purpose="marketing", given="false"),
            _said("c", "user:2", 0, purpose="marketing", given="true"),
            _said("d", "user:3", 0, purpose="marketing", given=True),
            _said("e", "user:3", 1, purpose="sorcery", given=False),
        ],
    )
    may = {name: consents.may(log, f"user:{name}", "marketing") for name in "123"}
    assert may == {"1": False, "2": False, "3": True}
    assert segments.members(log, parse("consent marketing")).to_pylist() == ["user:3"]
    [shown] = [
        each for each in person(log, "user:1", "", 9, 0).consents if each.purpose == "marketing"
    ]
    assert not shown.may
    assert shown.last is not None
    assert not shown.last.given


def test_segments_know_the_basis_as_soon_as_it_changes(log: Log) -> None:
    add(log, [row("a", "user:1"), _said("b", "user:2", 0, purpose="survey", given=False)])
    assert segments.members(log, parse("consent survey")).to_pylist() == []
    (log.workspace.path / "privacy.toml").write_text(
        '[purposes.survey]\nbasis = "legitimate_interest"\n', encoding="utf-8"
    )
    assert segments.members(log, parse("consent survey")).to_pylist() == ["user:1"]
    assert consents.may(log, "user:1", "survey")
    assert not consents.may(log, "user:2", "survey")


@pytest.mark.parametrize("seed", range(3))
def test_the_column_equals_the_answer_for_everybody(log: Log, seed: int) -> None:
    dice = random.Random(seed)
    bases = {purpose: dice.choice(BASES) for purpose in PURPOSES}
    (log.workspace.path / "privacy.toml").write_text(
        "\n".join(f'[purposes.{name}]\nbasis = "{basis}"' for name, basis in bases.items()),
        encoding="utf-8",
    )
    rows = [row(f"r{n}", f"user:{n}") for n in range(30)]
    said: dict[tuple[int, str], list[tuple[float, Any]]] = {}
    ids = itertools.count()
    for n, purpose in itertools.product(range(28), PURPOSES):
        for minute in dice.sample(range(99), dice.choice((0, 1, 1, 2, 3))):
            given = dice.choice(_GIVEN)
            more = {} if given is None and dice.random() < 0.5 else {"given": given}
            rows.append(_said(f"c{next(ids)}", f"user:{n}", minute, purpose=purpose, **more))
            said.setdefault((n, purpose), []).append((minute, given))
    add(log, rows)
    column = _column(log)
    for n in range(30):
        expected = [p for p in sorted(PURPOSES) if _by_hand(said.get((n, p), []), bases[p])]
        assert column[f"user:{n}"] == expected
        assert [p for p in sorted(PURPOSES) if consents.may(log, f"user:{n}", p)] == expected


def test_the_words_shipped_fit_every_customer() -> None:
    """Italian agrees with who speaks: «mi sono trovato» would be said by men alone."""
    of_one_gender = re.compile(r"\b(?:mi )?(?:sono|essere|sono stat[oa]|vengo)\s+\w+[aiu]t[oa]\b")
    for each in purposes.SHIPPED:
        assert not of_one_gender.search(each.it), each.it
    assert of_one_gender.search("come mi sono trovato")
    assert of_one_gender.search("sono stato informato")
