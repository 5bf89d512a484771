"""What the fields of an interaction, and the states of an import, are called on the page."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise

FIELDS: Final[dict[str, tuple[Words, Words]]] = {
    "customer": (_("Customer"), _("who it was: a card number, an e-mail address, a code")),
    "at": (_("When"), _("the date, better with the time")),
    "kind": (_("What happened"), _("an order, an answer to a survey, a call")),
    "touchpoint": (_("Touchpoint"), _("where it happened: Checkout, Shop, Help line")),
    "channel": (_("Channel"), _("website, store, phone")),
    "name": (_("Name"), _("what the sender calls it")),
    "scale": (_("Scale"), _("what the score is counted on")),
    "score": (_("Score"), _("as the customer gave it")),
    "text": (_("Text"), _("what the customer wrote")),
    "language": (_("Language"), _("of the text: it, en")),
    "amount": (_("Amount"), _("of the order or payment")),
    "currency": (_("Currency"), _("EUR, CHF")),
    "about": (_("About"), _("the order, ticket or product it concerns")),
    "due_at": (_("Promised for"), _("by when, where it is a promise")),
    "direction": (_("Direction"), _("from the customer (in) or to the customer (out)")),
    "id": (_("Code"), _("the sender's own code for the row")),
    "source": (_("Source"), _("where the data comes from")),
    "properties": (_("Other columns"), _("kept beside, for filters")),
    "received_at": (_("Received"), _("when it reached us")),
}

STATUS: Final[dict[str, tuple[Words, str]]] = {
    "reading": (_("being looked at"), "still"),
    "ready": (_("waits for you"), "warn"),
    "queued": (_("in line"), "still"),
    "running": (_("under way"), ""),
    "done": (_("imported"), "good"),
    "failed": (_("not imported"), "bad"),
    "interrupted": (_("cut off"), "warn"),
}

STAGES: Final[dict[str, Words]] = {
    "reading": _("Reading the files"),
    "checking": _("Checking every row"),
    "storing": _("Writing to the log"),
}
