"""Two real processes that settle and send on the same files, die and come again."""

import multiprocessing
import os
import random
from datetime import timedelta
from pathlib import Path

from percorso.contacts import Ledger
from percorso.vocabulary import Phrase
from percorso.workspace import Settings, Workspace

_WAIT_S = 120
_WHY = Phrase("could not")


class Journal:
    """What workers did, a line each, at once: of one that dies nothing is lost but its answer.

    ``turn`` and its name: a transaction of the ledger, while it holds it. So their order is that in
    which was decided. ``decided``, the turn, the worker, the reservation, the wish and the round,
    in the order in which they were weighed. ``went``, the reservation and the round: a message.
    """

    def __init__(self, folder):
        self._file = Path(folder) / "journal"

    def write(self, *words):
        file = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        try:
            os.write(file, (" ".join(words) + "\n").encode())
        finally:
            os.close(file)

    def lines(self, kind):
        """Return what was written of a kind; the other may be in the midst of a line."""
        lines = self._file.read_text().splitlines(keepends=True) if self._file.exists() else []
        words = [each.split() for each in lines if each.endswith("\n")]
        return [rest for first, *rest in words if first == kind]


def work(pipe, name):
    """Do what is ordered: settle some wishes, send or give back some of what was reserved here."""
    while (order := pipe.recv()) is not None:
        folder, number, now, budget, wishes, seed, dies = order
        chance = random.Random(seed)
        # Opened anew each time: nothing is remembered but what is on the disk.
        ledger, journal = Ledger(Workspace(Path(folder), Settings())), Journal(folder)
        for turn in range(3):
            given = chance.sample(wishes, min(4, len(wishes)))
            _settle(ledger, journal, (f"{name}.{number}.{turn}", name, number), given, budget, now)
            _send(ledger, journal, name, number, now, chance, dies)
        pipe.send("done")


def _settle(ledger, journal, which, given, budget, now):
    turn, name, number = which

    def same(_references):
        """Note the turn: the ledger asks this in its transaction. Nobody here is joined."""
        journal.write("turn", turn)
        return ()

    found = ledger.settle(given, budget, now, same=same)
    for each in sorted(found, key=lambda d: (-d.wish.priority, d.wish.wanted_at, d.wish.id)):
        if each.outcome == "send":
            journal.write("decided", turn, name, each.reservation, each.wish.id, str(number))


def _send(ledger, journal, name, number, now, chance, dies):
    """Send some of what is reserved here, or was for whoever had this name and died."""
    mine = {reservation for _turn, whose, reservation, *_ in journal.lines("decided")
            if whose == name}  # fmt: skip
    went = {reservation for reservation, _number in journal.lines("went")}
    hand = [each for each in ledger.reserved() if each.id in mine]
    for each in chance.sample(hand, (len(hand) + 1) // 2):
        if each.id in went:
            ledger.sent(each.id, now)  # it died before it said so
        elif now >= each.until or chance.random() < 0.15:
            again = chance.choice([None, now + timedelta(minutes=30)])
            ledger.failed(each.id, _WHY, now, again=again)
        elif now >= each.reserved_at:
            journal.write("went", each.id, str(number))
            if dies:
                os._exit(1)
            ledger.sent(each.id, now)


class Worker:
    def __init__(self, name):
        self.name = name
        self._start()

    def _start(self):
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=work, args=(theirs, self.name), daemon=True)
        self._process.start()
        theirs.close()

    def order(self, *given):
        self._pipe.send(given)

    def done(self):
        """Wait until it did what was ordered, or died of it; then it comes again."""
        assert self._pipe.poll(_WAIT_S)
        try:
            self._pipe.recv()
        except EOFError:
            self.die_and_come_again()

    def die_and_come_again(self):
        """Die wherever it is; what it had in hand stays reserved, and is its successor's."""
        self.end()
        self._start()

    def end(self):
        self._process.kill()
        self._process.join(_WAIT_S)
        self._pipe.close()
