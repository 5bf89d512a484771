"""Messages to customers while the worker is killed at every step, and with two workers at once."""

import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Final

import pytest
from tests import apart, server
from tests import relay as relays
from tests.app.mailing import OPEN
from tests.faults import sender
from tests.relay import Relay

from percorso import contacts
from percorso.contacts import Ledger
from percorso.log import open_log
from percorso.log.schema import as_table
from percorso.surveys import Surveys, ready
from percorso.vocabulary import Interaction
from percorso.workspace import Settings, Workspace

#: Where a worker dies. Nobody can know then whether a message went out at those two: before the
#: last line, and after the server's answer to it.
_UNSURE: Final = (">outbox.posting._claim", "<outbox.posting._note")
_SOME: Final = ("<outbox.actions.post", *_UNSURE, "<outbox.telling._log")
_ALL: Final = (
    "<surveys.sending.rounds.settle",
    ">surveys.sending.rounds.settle",
    ">surveys.sending.rounds.take",
    "<outbox.actions.post",
    ">outbox.actions.post",
    "<outbox.posting._claim",
    *_UNSURE,
    ">outbox.posting._note",
    "<outbox.telling._log",
    ">outbox.telling._log",
)


@pytest.fixture
def relay() -> Iterator[Relay]:
    with relays.running() as started:
        yield started


@pytest.fixture
def shop(tmp_path: Path, relay: Relay) -> Workspace:
    made = Workspace.create(tmp_path / "company", Settings(company="Bottega Prova"))
    contacts.save(made, contacts.as_toml(OPEN))
    Surveys(made).add(ready("nps", "nps"))
    Surveys(made).publish("nps")
    made.app_database.write_bytes(server.tables())
    _done(apart.start(sender.set_up, str(made.path), relay.url))
    return made


def _start(shop: Workspace, relay: Relay, step: str, rounds: int) -> BaseProcess:
    return apart.start(sender.work, str(shop.path), relay.url, step, rounds)


def _done(process: BaseProcess, code: int = 0) -> None:
    process.join(120)
    assert process.exitcode == code


def _delivered(shop: Workspace, *addresses: str) -> None:
    at = datetime.now(UTC)
    both = []
    for each in addresses:
        given = {"at": at, "customer": f"email:{each}", "source": "till", "touchpoint": "courier"}
        agreed = {"purpose": "survey", "given": True, "basis": "consent"}
        both.append(Interaction(id=f"agreed:{each}", kind="consent", properties=agreed, **given))
        both.append(Interaction(id=f"delivery:{each}", kind="delivery", **given))
    open_log(shop).append(as_table(both))


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param(_SOME, id="some"),
        # A process for each step: half a minute, and minutes on a busy machine.
        pytest.param(_ALL, id="all", marks=pytest.mark.slow),
    ],
)
def test_a_worker_that_is_killed_anywhere_sends_nothing_twice_and_loses_nothing(
    shop: Workspace, relay: Relay, steps: tuple[str, ...]
) -> None:
    addresses = [f"c{number:02}@example.org" for number in range(len(steps))]
    for address, step in zip(addresses, steps, strict=True):
        _delivered(shop, address)
        _done(_start(shop, relay, step, 1), -signal.SIGKILL)
    _done(_start(shop, relay, "", 3))
    counts = {each: len(relay.to(each)) for each in addresses}
    assert max(counts.values()) == 1, "nothing goes out twice"
    assert Ledger(shop).counts("nps") == {"sent": len(steps)}
    rows = open_log(shop).interactions().filter(lambda row: row.kind == "message")
    logged = rows.select("customer", "properties").to_pyarrow().to_pylist()
    assert sorted(each["customer"] for each in logged) == [f"email:{each}" for each in addresses]
    unsure = {each["customer"][6:] for each in logged if "unsure" in each["properties"]}
    # Of two it cannot be known, and is said: one had gone out, the other not.
    assert sorted(counts[each] for each in unsure) == [0, 1]
    assert {each for each, n in counts.items() if n == 0} < unsure


def test_two_workers_send_each_message_once(shop: Workspace, relay: Relay) -> None:
    addresses = [f"c{number:02}@example.org" for number in range(30)]
    _delivered(shop, *addresses)
    both = [_start(shop, relay, "", 6) for _ in range(2)]
    for each in both:
        _done(each)
    assert sorted(each.to for each in relay.taken) == addresses
    assert Ledger(shop).counts("nps") == {"sent": 30}
