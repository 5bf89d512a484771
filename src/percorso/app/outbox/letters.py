"""A message as its parts, and as the bytes that go to the mail server."""

import json
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.headerregistry import Address as Mailbox
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final

from percorso.app import sealing
from percorso.app.outbox import addresses
from percorso.app.outbox.models import Message, Sender
from percorso.contacts import ContactPurpose

LONGEST_SUBJECT: Final = 200
#: The part of a return address that names a message.
TAG: Final = re.compile(r"\+([0-9a-f]{32})@")
_SHOWN_NOT: Final = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What a message says: ``leave`` is where one press, or a mail program's, ends it (RFC 8058).

    It is empty for what nobody can refuse.
    """

    text: str
    html: str
    leave: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message to be posted, for a reservation of the contact budget.

    ``wish``, ``purpose``, ``campaign`` and ``until`` are the reservation's; ``reference`` is the
    customer's, ``about`` and ``touchpoint`` go into the log with it. ``carries`` names what goes
    with it, for whoever posts it.
    """

    wish: str
    reservation: str
    purpose: ContactPurpose
    campaign: str
    reference: str
    address: str
    language: str
    subject: str
    body: Body
    until: datetime
    about: str = ""
    touchpoint: str = ""
    carries: str = ""


def one_line(text: str, most: int) -> str:
    """Return text as one line that shows all it holds: nothing in it ends a header."""
    kept = "".join(" " if unicodedata.category(each) in _SHOWN_NOT else each for each in text)
    return " ".join(kept.split())[:most].strip()


def sealed(body: Body) -> str:
    """Return a body as it is kept."""
    parts = {"text": body.text, "html": body.html, "leave": body.leave}
    return sealing.seal(json.dumps(parts, ensure_ascii=False))


def unsealed(kept: str) -> Body:
    """Return a body that was kept. Raises SealError."""
    return Body(**json.loads(sealing.unseal(kept)))


def message_id(number: str, sender: addresses.Address) -> str:
    """Return the id of a message: the same however often it is tried."""
    return f"<{number}@{sender.domain}>"


def returns_to(message: Message, sender: Sender) -> str:
    """Return where the mail server reports what became of a message: the envelope's sender."""
    to = addresses.read(sender.returns_to or sender.address)
    if sender.returns_to and sender.own_returns:
        return f"{to.local}+{message.id.hex}@{to.domain}"
    return str(to)


def composed(message: Message, sender: Sender, now: datetime) -> bytes:
    """Return a message as it goes over the wire, with CRLF at the ends of lines.

    Raises AddressError, SealError.
    """
    body = unsealed(message.body)
    address, to = addresses.read(sender.address), addresses.read(message.address)
    mail = EmailMessage(policy=policy.SMTP if to.ascii else policy.SMTPUTF8)
    mail["From"] = Mailbox(one_line(sender.name, 80), address.local, address.domain)
    mail["To"] = Mailbox("", to.local, to.domain)
    mail["Subject"] = one_line(message.subject, LONGEST_SUBJECT)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = message_id(message.id.hex, address)
    if sender.reply_to:
        reply = addresses.read(sender.reply_to)
        mail["Reply-To"] = Mailbox("", reply.local, reply.domain)
    # RFC 3834: nobody's answering machine should answer.
    mail["Auto-Submitted"] = "auto-generated"
    if body.leave:
        mail["List-Unsubscribe"] = f"<{body.leave}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(body.text, cte="quoted-printable")
    mail.add_alternative(body.html, subtype="html", cte="quoted-printable")
    # After the parts: what begins with Content moves into the first of them.
    mail["Content-Language"] = message.language
    return mail.as_bytes()
