"""Rules x zones x changes of clocks x restarts, with two processes on the same files at once."""

import time
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.contacts.cases import budgets, places_in_time
from tests.contacts.checker import Gone, complaints
from tests.contacts.workers import Worker

from percorso.contacts import CONTACT_PURPOSES, Wish
from percorso.workspace import Settings, Workspace

MINUTE = timedelta(minutes=1)
PEOPLE = ("user:1", "user:2", "email:one@example.org")
STEPS = (1, 29, 30, 31, 59, 60, 61, 300, 1440, 1500, 3000)
HOW = {
    "deadline": None,
    "phases": [Phase.explicit, Phase.generate],
    "suppress_health_check": [HealthCheck.too_slow],
}
_numbers = count()


@pytest.fixture(scope="module")
def workers():
    found = Worker(), Worker()
    yield found
    for each in found:
        each.end()


def _live(workers, folder, data, rounds):
    zone, now = data.draw(places_in_time())
    # What is free of a limit may go after what is not, and two processes keep no common order.
    budget = replace(data.draw(budgets(zone)), service_free_of=frozenset())
    chance = data.draw(st.randoms(use_true_random=True))
    workspace = Workspace.create(folder / f"world-{next(_numbers)}", Settings())
    truly, wishes, gone = now, [], []
    for _ in range(rounds):
        wishes += [_wish(len(wishes) + n, now, chance) for n in range(3)]
        orders = [(str(workspace.path), now, budget, wishes[-9:], chance.random()) for _ in "ab"]
        for worker, order in zip(workers, orders, strict=True):
            worker.order(*order)
        if chance.random() < 0.15:
            time.sleep(chance.random() / 20)
            dies = chance.choice(workers)
            dies.die_and_come_again()
            going = [each for each in workers if each is not dies]
        else:
            going = workers
        gone += [
            Gone(each.id, (each.person,), each.person, each.purpose, each.campaign, now, truly)
            for worker in going
            for each in worker.done()
        ]
        if chance.random() < 0.1:
            now -= chance.choice([1, 60, 1440]) * MINUTE
            truly += MINUTE
        else:
            step = chance.choice(STEPS) * MINUTE
            now, truly = now + step, truly + step
    assert complaints(gone, budget) == []
    return len(gone)


def _wish(number, now, chance):
    wanted_at = now + chance.choice([0, 0, 600]) * MINUTE
    return Wish(
        f"w{number}", chance.choice(PEOPLE), chance.choice(CONTACT_PURPOSES),
        chance.choice(["nps", "csat"]), wanted_at,
        wanted_at + chance.choice([60, 3000, 20 * 1440]) * MINUTE, chance.randrange(3),
    )  # fmt: skip


@given(st.data())
@settings(max_examples=6, **HOW)
def _a_few(workers, folder, sent, data):
    sent.append(_live(workers, folder, data, 10))


@given(st.data())
@settings(max_examples=60, **HOW)
def _many(workers, folder, sent, data):
    sent.append(_live(workers, folder, data, 20))


def test_two_workers_send_nothing_twice_and_nothing_more_than_allowed(workers, tmp_path):
    sent = []
    _a_few(workers, tmp_path, sent)
    assert sum(sent) > 0, "worlds in which nothing goes prove nothing"


@pytest.mark.slow  # sixty worlds of two processes each take minutes
def test_two_workers_in_many_worlds(workers, tmp_path):
    sent = []
    _many(workers, tmp_path, sent)
    assert sum(sent) > len(sent)
