"""What the ledger does, in memory and in the plainest way: hundreds of worlds take seconds."""

from dataclasses import replace

from percorso.contacts import Contact, Reservation, decide


class Books:
    def __init__(self):
        self.wishes = {}
        self.state = {}
        self.out = {}
        self.given = 0

    def settle(self, wishes, budget, now, *, same):
        for each in wishes:
            self.state.setdefault(each.id, "waiting")
            self.wishes.setdefault(each.id, each)
        names = {each: group[0] for group in same(()) for each in group}
        waiting = [self.wishes[each] for each, state in self.state.items() if state == "waiting"]
        history = [
            Contact(
                names.get(r.wish.person, r.wish.person),
                r.wish.purpose,
                r.wish.campaign,
                at,
                self.state[r.wish.id] == "reserved",
            )
            for r, at in self.out.values()
        ]
        renamed = [replace(each, person=names.get(each.person, each.person)) for each in waiting]
        found = []
        for wish, each in zip(waiting, decide(renamed, history, budget, now), strict=True):
            if each.outcome == "send":
                self.given += 1
                id_ = str(self.given)
                self.out[id_] = Reservation(id_, wish, now, each.until), now
                self.state[wish.id] = "reserved"
                each = replace(each, reservation=id_)
            elif each.outcome == "never":
                self.state[wish.id] = "never"
            found.append(replace(each, wish=wish))
        return tuple(found)

    def reserved(self):
        return [r for r, _at in self.out.values() if self.state[r.wish.id] == "reserved"]

    def sent(self, id_, at):
        r, reserved_at = self.out[id_]
        self.out[id_] = r, max(at, reserved_at)
        self.state[r.wish.id] = "sent"
        return True

    def failed(self, id_, _why, _now, *, again):
        r, _at = self.out.pop(id_)
        self.state[r.wish.id] = "waiting" if again else "failed"
        return True
