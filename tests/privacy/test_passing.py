"""Who passed by and left an address: found, given a copy and erased under it."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from percorso import privacy
from percorso.log import Log, open_log
from percorso.log.schema import as_table
from percorso.privacy.export import as_json
from percorso.vocabulary import Interaction
from percorso.workspace import Workspace

UGO = {"name": "Ugo Prova", "email": "Ugo.Prova@example.org", "phone": "+39 02 6789012"}
NOW = datetime(2026, 3, 1, 10, tzinfo=UTC)


def row(id_: str, customer: str, kind: str = "answer", **more: Any) -> Interaction:
    given = {"touchpoint": "Shop", "source": "surveys", "at": NOW, "received_at": NOW, **more}
    return Interaction(id=id_, customer=customer, kind=kind, **given)


def asks(customer: str, **contact: str) -> Interaction:
    name = "asks to be contacted"
    given = {"survey": "visit", "contact": contact}
    return row(f"{customer}:ask", customer, "message", name=name, properties=given)


def score(customer: str) -> Interaction:
    return row(f"{customer}:nps", customer, scale="nps", score=1.0, name="nps")


@pytest.fixture
def log(workspace: Workspace) -> Log:
    """Return a log where Ugo left two answers, and Ada, a customer, left hers under his number."""
    log = open_log(workspace)
    log.append(
        as_table(
            [
                score("anon:once-1111aaaa2222"),
                asks("anon:once-1111aaaa2222", **UGO),
                score("anon:once-3333aaaa4444"),
                asks("anon:once-3333aaaa4444", email="ugo.prova@example.org"),
                score("anon:once-5555aaaa6666"),
                asks("anon:once-5555aaaa6666", email="ada@example.org", phone=UGO["phone"]),
                row("o1", "email:ada@example.org", "order"),
                *(score(f"user:{n}") for n in range(6)),
            ]
        )
    )
    return log


def held(log: Log) -> str:
    return json.dumps(log.read().read_all().to_pylist(), default=str).lower()


@pytest.mark.parametrize("called", ["ugo.prova@example.org", "UGO.PROVA@example.org "])
def test_who_left_an_address_is_found_and_erased_by_it(log: Log, called: str) -> None:
    [found] = privacy.find(log, called)
    done = privacy.erase(log, found)
    assert done.clean
    assert {each.name: each.removed for each in done.places}["log"] == 4
    assert "ugo" not in held(log)
    # Ada's answer stays, and the number in it, which she left as her own.
    assert "ada@example.org" in held(log)
    assert privacy.find(log, called) == ()


def test_a_number_may_be_several_peoples(log: Log) -> None:
    found = privacy.find(log, "02 6789012")
    assert len(found) == 2
    assert "email:ada@example.org" in found
    [ugo] = {*found} - {"email:ada@example.org"}
    privacy.erase(log, ugo)
    assert "ugo" not in held(log)
    assert privacy.find(log, "+39026789012") == ("email:ada@example.org",)


def test_a_customer_has_what_was_left_under_their_address(log: Log) -> None:
    given = json.loads(as_json(log, "email:ada@example.org"))
    assert len(given["interactions"]) == 3
    assert "ugo" not in json.dumps(given).lower()
    done = privacy.erase(log, "email:ada@example.org")
    assert done.clean
    assert "ada@example.org" not in held(log)
    assert "ugo.prova@example.org" in held(log)


def test_what_was_left_joins_nobody(log: Log) -> None:
    from percorso import identity

    identity.resolve(log)
    assert log.identity.references_of("email:ada@example.org") == ("email:ada@example.org",)
