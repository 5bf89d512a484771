"""What may be done with customers' data is one answer: asked of one, of all, and on their page."""

import itertools
import random
import re
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from tests.log.rows import START, add, row

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


class _Word(NamedTuple):
    """What was said under a reference, in the minute it counts from, and how."""

    reference: str
    minute: float
    given: Any
    how: str


def _by_hand(said: list[_Word], basis: str) -> bool:
    last: Any = "nothing"
    for each in sorted(said, key=lambda each: each.minute):
        others = [other for other in said if other.reference != each.reference]
        forged = each.how == "website" and any(other.given is not True for other in others)
        if each.given is not True or not forged:
            last = each.given
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


def test_what_is_dated_ahead_is_outweighed_by_what_is_said_after_it(log: Log) -> None:
    ahead = START + timedelta(days=900)
    yes = {"purpose": "marketing", "given": True}
    add(log, [row("a", kind="consent", at=ahead, properties=yes)])
    assert consents.may(log, "user:1", "marketing")
    assert consents.record(log, "user:1", {"marketing": False}, how="preference page") == 1
    assert not consents.may(log, "user:1", "marketing")
    assert "marketing" not in _column(log)["user:1"]


def test_who_said_no_is_not_made_to_agree_by_somebody_at_a_browser(log: Log) -> None:
    yes = {"purpose": "marketing", "given": True, "how": "website", "words": "Yes"}
    add(
        log,
        [
            _said("a", "email:ada@example.org", 0, purpose="marketing", given=False, how="form"),
            row("b", "anon:atk", 5, kind="consent", properties=yes),
        ],
    )
    log.merge("anon:atk", "email:ada@example.org")
    [marketing] = [
        each
        for each in consents.consents(log, "email:ada@example.org")
        if each.purpose == "marketing"
    ]
    assert not marketing.may
    assert marketing.last is not None
    assert marketing.last.how == "form"
    assert len(marketing.history) == 2
    # What they say themselves counts.
    said = {"marketing": True}
    assert consents.record(log, "email:ada@example.org", said, how="preference page") == 1
    assert consents.may(log, "email:ada@example.org", "marketing")


@pytest.mark.parametrize("seed", range(3))
def test_the_column_equals_the_answer_for_everybody(log: Log, seed: int) -> None:
    dice = random.Random(seed)
    bases = {purpose: dice.choice(BASES) for purpose in PURPOSES}
    (log.workspace.path / "privacy.toml").write_text(
        "\n".join(f'[purposes.{name}]\nbasis = "{basis}"' for name, basis in bases.items()),
        encoding="utf-8",
    )
    rows = [row(f"r{n}", f"user:{n}") for n in range(30)]
    said: dict[tuple[int, str], list[_Word]] = {}
    ids = itertools.count()
    for n, purpose in itertools.product(range(28), PURPOSES):
        for minute in dice.sample(range(99), dice.choice((0, 1, 1, 2, 3))):
            given, how = dice.choice(_GIVEN), dice.choice(("website", "form"))
            more = {} if given is None and dice.random() < 0.5 else {"given": given}
            # Of every third customer a browser is known too.
            who = dice.choice((f"user:{n}", f"anon:{n}")) if n % 3 == 0 else f"user:{n}"
            ahead = dice.choice((0, 0, 10_000_000))
            came = START + timedelta(minutes=minute + 0.5)
            rows.append(
                row(
                    f"c{next(ids)}", who, minute + ahead, received_at=came, kind="consent",
                    properties={"purpose": purpose, "how": how, **more},
                )
            )  # fmt: skip
            said.setdefault((n, purpose), []).append(_Word(who, minute + ahead / 2e7, given, how))
    add(log, rows)
    for n in range(0, 30, 3):
        log.merge(f"anon:{n}", f"user:{n}")
    column = _column(log)
    for n in range(30):
        expected = [p for p in sorted(PURPOSES) if _by_hand(said.get((n, p), []), bases[p])]
        assert column[f"user:{n}"] == expected
        assert [p for p in sorted(PURPOSES) if consents.may(log, f"user:{n}", p)] == expected
        for purpose in PURPOSES:
            own = frozenset([f"user:{n}"]) if purpose in expected else frozenset()
            assert consents.who_may(log, [f"user:{n}"], purpose) == own


def test_the_words_shipped_fit_every_customer() -> None:
    """Italian agrees with who speaks: «mi sono trovato» would be said by men alone."""
    of_one_gender = re.compile(r"\b(?:mi )?(?:sono|essere|sono stat[oa]|vengo)\s+\w+[aiu]t[oa]\b")
    for each in purposes.SHIPPED:
        assert not of_one_gender.search(each.it), each.it
    assert of_one_gender.search("come mi sono trovato")
    assert of_one_gender.search("sono stato informato")
