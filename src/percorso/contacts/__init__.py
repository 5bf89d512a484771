"""The one contact budget: how often, and when, a customer is written to, over all purposes.

    budget = contacts.load(workspace)                        # contacts.toml
    contacts.decide(wishes, history, budget, now)            # pure: send, wait or never, and why
    contacts.Ledger(workspace).settle(wishes, budget, now)   # the same, written down before anybody
                                                             # sends

It never reads the log: callers say who is known by which references, and what happened elsewhere.
"""

from percorso.contacts.budget_file import as_toml, load, read, save, text
from percorso.contacts.calendar import next_allowed
from percorso.contacts.chance import chosen
from percorso.contacts.deciding import decide
from percorso.contacts.errors import ContactsError
from percorso.contacts.ledger import Ledger
from percorso.contacts.model import (
    CONTACT_PURPOSES,
    Budget,
    Contact,
    ContactPurpose,
    Decision,
    Limit,
    Wish,
)
from percorso.contacts.records import STATES, Entry, Reservation, State

__all__ = [
    "CONTACT_PURPOSES",
    "STATES",
    "Budget",
    "Contact",
    "ContactPurpose",
    "ContactsError",
    "Decision",
    "Entry",
    "Ledger",
    "Limit",
    "Reservation",
    "State",
    "Wish",
    "as_toml",
    "chosen",
    "decide",
    "load",
    "next_allowed",
    "read",
    "save",
    "text",
]
