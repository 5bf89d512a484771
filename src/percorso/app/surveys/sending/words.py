"""Why somebody is not asked, in words; and what rules may go after."""

from collections.abc import Mapping
from typing import Final

from percorso import labels
from percorso.i18n import gettext as _
from percorso.i18n import in_language
from percorso.segments import READY
from percorso.vocabulary import N_, Phrase

NO_ADDRESS: Final = Phrase(N_("no e-mail address of theirs is known"))
NO_CONSENT: Final = Phrase(N_("did not agree to be asked"))
NOT_DRAWN: Final = Phrase(N_("not among those drawn at random"))
RESTS: Final = Phrase(N_("the rule or campaign is paused"))
WITHDRAWN: Final = Phrase(N_("the rule or campaign was stopped"))
NO_TIME: Final = Phrase(N_("could not be written in time; it is planned anew"))


def outside(segment: str) -> Phrase:
    """Return that somebody is not in a segment."""
    with in_language("en"):
        # What a ready-made one is called is a message too, said in the reader's language.
        name = Phrase(labels.segment(segment)) if segment in READY else segment
    return Phrase(N_("not in the segment “{name}”"), {"name": name})


def cannot(why: str) -> Phrase:
    """Return that a survey cannot be asked."""
    return Phrase(N_("the survey cannot be asked: {why}"), {"why": why})


#: Kinds of interactions that a customer can be asked about.
AFTER: Final = (
    *("order", "delivery", "pickup", "return", "refund", "cancellation", "renewal"),
    *("resolution", "ticket", "message", "call", "visit", "attendance", "signup", "payment"),
    *("content", "fulfilment"),
)


def after() -> Mapping[str, str]:
    """Return what each of them is called where a survey goes after it."""
    return {
        "order": _("an order"),
        "delivery": _("a delivery"),
        "pickup": _("a collection"),
        "return": _("a return"),
        "refund": _("a refund"),
        "cancellation": _("a cancellation"),
        "renewal": _("a renewal"),
        "resolution": _("a request for help that was solved"),
        "ticket": _("a request for help"),
        "message": _("a message of theirs"),
        "call": _("a call"),
        "visit": _("a visit"),
        "attendance": _("an event they took part in"),
        "signup": _("signing up"),
        "payment": _("a payment"),
        "content": _("an article or newsletter they read"),
        "fulfilment": _("something promised that was done"),
    }
