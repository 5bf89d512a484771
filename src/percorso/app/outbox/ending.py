"""How messages end that do not go out: in words, and for good.

Of a message that a person had sent once more nobody knows whether it reached somebody the first
time. Where the second time comes to nothing, it is again what it was: it may have gone out. It
counts, its link works, and no end of the second attempt says that it did not arrive.
"""

from typing import Final

from django.db.models import F, QuerySet

from percorso.app import company
from percorso.app.connectors import phrases
from percorso.app.outbox.models import Message
from percorso.contacts import Ledger
from percorso.vocabulary import N_, Phrase

_State = Message.State
_AT_ONCE: Final = 500
_NOT_AGAIN: Final = N_("It may have gone out the first time; it was not sent once more: {why}")
TOO_LATE: Final = Phrase(N_("the mail server did not take it in time"))
_GONE: Final = Phrase(N_("the wish to write to them is over"))


def end(chosen: "QuerySet[Message]", state: str, why: Phrase, *, keep: bool = False) -> int:
    """End messages in a state, and say why; return how many. ``keep`` keeps what they say."""
    kept = {"told": False} if keep else {"told": False, "body": ""}
    # First those that were sent before: of the others none becomes one of them.
    again = chosen.exclude(went_at=None).update(
        state=_State.UNSURE,
        sent_at=F("went_at"),
        why=phrases.kept(Phrase(_NOT_AGAIN, {"why": why})),
        **kept,
    )
    first = chosen.filter(went_at=None)
    return again + first.update(state=state, why=phrases.kept(why), **kept)


def give_back(chosen: "QuerySet[Message]", why: Phrase) -> int:
    """Give messages back to the contact budget, which decides anew; return how many.

    What is sent once more has had its place in the budget: it ends, and can be sent again by hand.
    """
    again = end(chosen.exclude(went_at=None), _State.UNSURE, TOO_LATE, keep=True)
    return again + end(chosen.filter(went_at=None), _State.WAITING, why, keep=True)


def end_what_is_over() -> int:
    """End messages that wait for the budget to decide anew, where it did: it is not to be sent.

    Returns how many.
    """
    waiting = list(
        Message.objects.filter(state=_State.WAITING, told=True).values_list("id", "wish")
    )
    ledger, count = Ledger(company.workspace()), 0
    for start in range(0, len(waiting), _AT_ONCE):
        some = waiting[start : start + _AT_ONCE]
        stands = {each.wish: each for each in ledger.of([wish for _id, wish in some])}
        for number, wish in some:
            entry = stands.get(wish)
            if entry is not None and entry.state in ("waiting", "reserved"):
                continue
            over = Message.objects.filter(id=number, state=_State.WAITING)
            # What counts as sent may have arrived, whatever else became of it.
            state = _State.UNSURE if entry and entry.state == "sent" else _State.STOPPED
            count += end(over, state, entry.reason if entry else _GONE)
    return count
