"""Two real processes that settle and send on the same files, die and come again."""

import multiprocessing
import random
from datetime import timedelta
from pathlib import Path

from percorso.contacts import Ledger
from percorso.vocabulary import Phrase
from percorso.workspace import Settings, Workspace

_WAIT_S = 120
_WHY = Phrase("could not")


def work(pipe):
    """Do what is ordered: settle some wishes, send or give back some of what was reserved here."""
    mine = {}
    while (order := pipe.recv()) is not None:
        folder, now, budget, wishes, seed = order
        chance = random.Random(seed)
        # Opened anew each time: nothing is remembered but what is on the disk.
        ledger = Ledger(Workspace(Path(folder), Settings()))
        gone = []
        for _ in range(3):
            given = chance.sample(wishes, min(4, len(wishes)))
            for each in ledger.settle(given, budget, now):
                if each.outcome == "send":
                    mine[each.reservation] = each
            for id_ in chance.sample(sorted(mine), (len(mine) + 1) // 2):
                each = mine.pop(id_)
                if not now < each.until or chance.random() < 0.15:
                    again = chance.choice([None, now + timedelta(minutes=30)])
                    ledger.failed(id_, _WHY, now, again=again)
                elif ledger.sent(id_, now):
                    gone.append(each.wish)
        pipe.send(gone)


class Worker:
    def __init__(self):
        self._start()

    def _start(self):
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=work, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()

    def order(self, *given):
        self._pipe.send(given)

    def done(self):
        assert self._pipe.poll(_WAIT_S)
        return self._pipe.recv()

    def die_and_come_again(self):
        """Die wherever it is; what it had in hand stays reserved, and is nobody's."""
        self.end()
        self._start()

    def end(self):
        self._process.kill()
        self._process.join(_WAIT_S)
        self._pipe.close()
