"""A small world that wishes, settles, sends, fails, restarts, sets its clock, edits its budget.

The budget is edited at any moment, while some wait and others are reserved: its limits, its quiet
hours and days, its zone. See the checker for what is allowed then.
"""

from datetime import timedelta

from tests.contacts.cases import edited
from tests.contacts.checker import Gone

from percorso.contacts import CONTACT_PURPOSES, Wish
from percorso.vocabulary import Phrase

MINUTE = timedelta(minutes=1)
PEOPLE = ("user:1", "user:2", "email:one@example.org")


class World:
    def __init__(self, open_ledger, budgets, now):
        self.open_ledger, self.now, self.truly = open_ledger, now, now
        self.budget, *self.others = budgets
        self.ledger = open_ledger()
        self.wishes: dict[str, Wish] = {}
        self.asked: list[Wish] = []
        self.groups: list[tuple[str, ...]] = []
        #: In the order in which they were decided; those that failed are among them.
        self.decided: dict[str, tuple] = {}
        self.gone: dict[str, Gone] = {}

    def live(self, steps, chance):
        """Let things happen at random."""
        events = {
            self.wish: 8, self.settle: 3, self.sent: 6, self.failed: 1,
            self.later: 8, self.back: 1, self.reopen: 1, self.join: 1,
            self.edit: 1,
        }  # fmt: skip
        self.chance = chance
        for event in chance.choices([*events], [*events.values()], k=steps):
            event()

    def wish(self):
        wanted_at = self.now + self.chance.choice([0, 0, 0, 600, 3000]) * MINUTE
        name = f"w{len(self.wishes)}"
        wish = Wish(
            name,
            self.chance.choice(PEOPLE),
            self.chance.choice(CONTACT_PURPOSES),
            self.chance.choice(["nps", "csat"]),
            wanted_at,
            wanted_at + self.chance.choice([60, 3000, 20 * 1440]) * MINUTE,
            self.chance.randrange(3),
        )
        self.wishes[name] = wish
        self.asked.append(wish)

    def settle(self):
        found = self.ledger.settle(
            self.asked[-6:], self.budget, self.now, same=lambda _people: self.groups
        )
        # Some are given again: by a second worker, or after a restart.
        self.asked = self.asked[-3:]
        # In the order in which they were weighed.
        for each in sorted(found, key=lambda d: (-d.wish.priority, d.wish.wanted_at, d.wish.id)):
            if each.outcome == "send":
                assert each.reservation not in self.decided
                people = self._same(each.wish.person)
                self.decided[each.reservation] = (each.wish, people, self.budget)

    def _same(self, person):
        return next((group for group in self.groups if person in group), (person,))

    def sent(self):
        reserved = self.ledger.reserved()
        for each in self.chance.sample(reserved, min(2, len(reserved))):
            if not each.reserved_at <= self.now < each.until:
                continue
            wish, people, budget = self.decided[each.id]
            self.gone[each.id] = Gone(
                wish.id, people, wish.person, wish.purpose, wish.campaign,
                self.now, self.truly, budget,
            )  # fmt: skip
            assert self.ledger.sent(each.id, self.now)

    def failed(self):
        for each in self.ledger.reserved()[-1:]:
            later = self.chance.choice([None, self.now + 30 * MINUTE])
            assert self.ledger.failed(each.id, Phrase("could not"), self.now, again=later)

    def later(self):
        minutes = self.chance.choice([1, 20, 29, 30, 59, 60, 61, 300, 1440, 1500, 3000])
        self.now += minutes * MINUTE
        self.truly += minutes * MINUTE
        self.settle()

    def back(self):
        minutes = self.chance.choice([1, 60, 1440, 6 * 1440])
        self.now -= minutes * MINUTE
        self.truly += MINUTE

    def reopen(self):
        self.ledger = self.open_ledger()

    def join(self):
        self.groups = [("email:one@example.org", "user:1")] if not self.groups else []

    def edit(self):
        self.budget = edited(self.budget, self.others, self.chance)

    def in_order(self):
        return [self.gone[each] for each in self.decided if each in self.gone]
