"""What the demo's customers let their data be used for: most said so, before they were asked."""

from collections import Counter
from datetime import datetime

import pytest

from percorso.demo.generator import Made, generate_all
from percorso.log import open_log
from percorso.privacy import consents
from percorso.workspace import Workspace


@pytest.fixture(scope="module")
def made() -> Made:
    return generate_all(seed=7, customers=600)


def _surveys(made: Made) -> dict[str, list[tuple[datetime, bool]]]:
    said: dict[str, list[tuple[datetime, bool]]] = {}
    for each in made.consents:
        if each.purpose == "survey":
            said.setdefault(each.reference, []).append((each.at, each.given))
    return said


def test_whoever_was_asked_had_agreed_and_not_withdrawn(made: Made) -> None:
    said = _surveys(made)
    for invitation in made.asking.invitations:
        before = [given for at, given in said[invitation.reference] if at <= invitation.sent_at]
        assert before == [True], invitation.reference


def test_most_agree_some_refuse_some_withdraw_and_some_say_nothing(made: Made) -> None:
    named = {each for each in made.table["customer"].to_pylist() if not each.startswith("anon:")}
    said = _surveys(made)
    assert set(said) < named
    last = Counter(max(each)[1] for each in said.values())
    assert 0.65 < last[True] / len(named) < 0.9
    assert last[False] > 20
    assert sum(len(each) == 2 for each in said.values()) > 10
    assert len(named) - len(said) > 20
    assert {each.purpose for each in made.consents} == {"survey", "marketing"}


def test_consents_change_nothing_else_and_are_the_same_each_time(made: Made) -> None:
    again = generate_all(seed=7, customers=600)
    assert again.consents == made.consents
    assert "consent" not in set(made.table["kind"].to_pylist())
    assert made.table["at"][-1].as_py() >= max(each.at for each in made.consents)


def test_the_log_has_them_with_the_words_as_the_proof(small_demo: Workspace) -> None:
    log = open_log(small_demo)
    rows = log.interactions()
    kept = rows.filter(rows.kind == "consent").to_pyarrow().to_pylist()
    assert len({each["id"] for each in kept}) == len(kept) > 300
    customers = {each["customer"] for each in kept}
    may = consents.who_may(log, customers, "survey")
    assert 0.6 < len(may) / len(customers) < 0.95
    [latest, *_] = consents.history(log, [kept[0]["customer"]])
    assert latest.words
