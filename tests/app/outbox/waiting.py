"""A message that waits to be sent."""

from typing import Any

from percorso.app.outbox import actions
from percorso.app.outbox.letters import Body, Letter


def post_for(decision: Any, address: str, **given: Any) -> Any:
    wish = decision.wish
    values: dict[str, Any] = {
        "wish": wish.id,
        "reservation": decision.reservation,
        "purpose": wish.purpose,
        "campaign": wish.campaign,
        "reference": wish.person,
        "address": address,
        "language": "en",
        "subject": "How was it?",
        "body": Body(
            text="How was it?\n.\n.. two dots\n",
            html="<p>How was it?</p>",
            leave="https://cx.example.org/choices/token/leave",
        ),
        "until": decision.until,
        "about": "survey:nps",
    }
    return actions.post(Letter(**{**values, **given}))
