"""Rules x edits x zones x changes of clocks x restarts, two processes on the same files at once.

See the checker for what is allowed where the budget is edited while they work.
"""

import time
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.contacts.cases import budgets_in_turn, edited, places_in_time
from tests.contacts.checker import Gone, complaints
from tests.contacts.workers import Journal, Worker

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
    found = Worker("a"), Worker("b")
    yield found
    for each in found:
        each.end()


def _live(workers, folder, data, length):
    zone, now = data.draw(places_in_time())
    budget, *others = data.draw(budgets_in_turn(zone))
    chance = data.draw(st.randoms(use_true_random=True))
    workspace = Workspace.create(folder / f"world-{next(_numbers)}", Settings())
    truly, wishes, rounds = now, [], []
    for number in range(length):
        wishes += [_wish(len(wishes) + n, now, chance) for n in range(3)]
        before = budget
        if chance.random() < 0.25:
            budget = edited(budget, others, chance)
        # Of two processes one may have read the file right before it was edited.
        read = {each.name: chance.choice([before, budget]) for each in workers}
        rounds.append((now, truly, read))
        death = chance.choices([None, "killed", "sending"], [0.84, 0.08, 0.08])[0]
        dies = chance.choice(workers)
        for each in workers:
            each.order(
                str(workspace.path), number, now, read[each.name], wishes[-9:], chance.random(),
                death == "sending" and each is dies,
            )  # fmt: skip
        if death == "killed":
            time.sleep(chance.random() / 20)
            dies.die_and_come_again()
        for each in workers:
            if death != "killed" or each is not dies:
                each.done()
        if chance.random() < 0.1:
            now -= chance.choice([1, 60, 1440]) * MINUTE
            truly += MINUTE
        else:
            step = chance.choice(STEPS) * MINUTE
            now, truly = now + step, truly + step
    gone = _gone(Journal(workspace.path), {each.id: each for each in wishes}, rounds)
    assert complaints(gone) == []
    return len(gone)


def _gone(journal, wishes, rounds):
    """Return what went out, in the order in which it was decided, by those who died too."""
    turns = [turn for [turn] in journal.lines("turn")]
    went = journal.lines("went")
    found = []
    # A turn is noted in its transaction; what was decided in it, when it is over.
    for _turn, name, reservation, id_, decided in sorted(
        journal.lines("decided"), key=lambda words: turns.index(words[0])
    ):
        wish, (_now, _truly, read) = wishes[id_], rounds[int(decided)]
        found += [
            Gone(
                id_, (wish.person,), wish.person, wish.purpose, wish.campaign,
                *rounds[int(number)][:2], read[name],
            )
            for which, number in went
            if which == reservation
        ]  # fmt: skip
    assert len(found) == len(went)
    return found


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
