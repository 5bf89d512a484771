"""What a message says: who wrote it, when, in which thread, and its own words.

Mail is written by anybody, so nothing here trusts it: headers that cannot be read are as if they
were not there, and what cannot be taken apart at all is said to be so.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from typing import Final

from percorso.connectors.mailbox.words import own_words
from percorso.connectors.plain import text_of, tidied
from percorso.net.mail import below, parse, taking_apart
from percorso.net.mail import text_of as decoded

_LONGEST_HEADER: Final = 4000
_LONGEST_ADDRESS: Final = 180
_MOST_PARTS: Final = 200
_ID: Final = re.compile(r"<([^<>\s]{1,500})>")
_ADDRESS: Final = re.compile(r"[^@\s<>\"',;:]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_ROBOTS: Final = re.compile(
    r"(mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?)\b.*@", re.IGNORECASE
)
_FORWARDED: Final = re.compile(r"\s*(fwd?|i|wg|tr|rv)\s*:", re.IGNORECASE)
_MISSING: Final = "\0"


@dataclass(frozen=True, slots=True)
class Read:
    """A message, read. Addresses are in small letters; ``message_id`` and others without <>.

    ``thread`` holds the ids of earlier messages, the first of the thread first.
    ``checked`` is what the receiving server says of the sender by DMARC, or nothing.
    """

    message_id: str
    sender: str
    answer_to: str
    recipients: tuple[str, ...]
    subject: str
    at: datetime | None
    thread: tuple[str, ...]
    text: str
    automatic: bool
    bulk: bool
    checked: str


def read(raw: bytes) -> Read:
    """Read a message. Raises UnreadableError where there is no way to."""
    message = parse(raw)
    with taking_apart():
        sender = _first_address(message, "from")
        return Read(
            message_id=next(iter(_ids(message, "message-id")), ""),
            sender=sender,
            answer_to=_first_address(message, "reply-to"),
            recipients=tuple(_addresses(message, "to")),
            subject=tidied(_header(message, "subject")).replace("\n", " "),
            at=_date(message),
            thread=tuple(
                dict.fromkeys((*_ids(message, "references"), *_ids(message, "in-reply-to")))
            ),
            text=_text(message),
            automatic=_is_automatic(message, sender),
            bulk=_is_bulk(message),
            checked=_checked(message),
        )


def _header(message: "Message[str, str]", name: str) -> str:
    raw = str(message.get(name, ""))[:_LONGEST_HEADER]
    try:
        return str(make_header(decode_header(raw)))
    except (ValueError, LookupError, MessageError):
        return raw


def _addresses(message: "Message[str, str]", name: str) -> Iterator[str]:
    for _shown, address in getaddresses([_header(message, name)]):
        plain = address.strip().lower()
        if len(plain) <= _LONGEST_ADDRESS and _ADDRESS.fullmatch(plain):
            yield plain


def _first_address(message: "Message[str, str]", name: str) -> str:
    return next(_addresses(message, name), "")


def _ids(message: "Message[str, str]", name: str) -> list[str]:
    return _ID.findall(str(message.get(name, ""))[: 4 * _LONGEST_HEADER])


def _date(message: "Message[str, str]") -> datetime | None:
    try:
        at = parsedate_to_datetime(str(message.get("date", ""))[:100])
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, TypeError):
        return None


def sensible(at: datetime | None, received_at: datetime) -> datetime:
    """Return when it was written: as it says, unless that is after it came or makes no sense."""
    if at is None or at.year < 1990 or at > received_at + timedelta(hours=1):
        return received_at
    return at


def _is_automatic(message: "Message[str, str]", sender: str) -> bool:
    """RFC 3834: answers of machines say so; RFC 3464: so do reports of what was not delivered."""
    submitted = str(message.get("auto-submitted", "no")).partition(";")[0].strip().lower()
    if submitted not in ("", "no"):
        return True
    if any(name in message for name in ("x-autoreply", "x-autorespond", "x-failed-recipients")):
        return True
    if str(message.get("precedence", "")).strip().lower() == "auto_reply":
        return True
    if str(message.get("return-path", _MISSING)).strip() == "<>":
        return True
    kind = message.get_content_type()
    return kind in ("multipart/report", "text/calendar") or bool(_ROBOTS.match(sender))


def _is_bulk(message: "Message[str, str]") -> bool:
    precedence = str(message.get("precedence", "")).strip().lower()
    if precedence in ("bulk", "list", "junk"):
        return True
    return any(name in message for name in ("list-id", "list-unsubscribe", "list-post"))


def _checked(message: "Message[str, str]") -> str:
    """Return DMARC's verdict from the topmost header, which the receiving server wrote."""
    found = re.search(r"\bdmarc=(\w{1,20})", str(message.get("authentication-results", ""))[:4000])
    return found[1].lower() if found else ""


def _text(message: "Message[str, str]") -> str:
    plain, markup = _bodies(message)
    forwarded = _FORWARDED.match(_header(message, "subject")) is not None
    # Where both are there they say the same, and quotes are marked more surely in the markup.
    said = [own_words(text_of(markup, without_quotes=True))] if markup.strip() else []
    if plain.strip():
        said.append(own_words(tidied(plain)))
    words = min((each for each in said if each), key=len, default="")
    if words or not forwarded:
        return words
    return tidied(plain) or text_of(markup)


def _bodies(message: "Message[str, str]") -> tuple[str, str]:
    """Return the words of the message itself, plain and in HTML; nothing that is attached."""
    plain: list[str] = []
    markup: list[str] = []
    for number, part in enumerate(_parts(message)):
        if number >= _MOST_PARTS:
            break
        kind = part.get_content_type()
        if kind not in ("text/plain", "text/html") or part.get_filename():
            continue
        if part.get_content_disposition() == "attachment":
            continue
        (plain if kind == "text/plain" else markup).append(decoded(part))
    return "\n".join(plain), "\n".join(markup[:1])


def _parts(message: "Message[str, str]") -> Iterator["Message[str, str]"]:
    """Yield the leaves, without going into messages that are attached."""
    waiting = [message]
    while waiting:
        part = waiting.pop(0)
        if part.get_content_maintype() == "multipart" and part.is_multipart():
            waiting[:0] = below(part)
        elif part.get_content_maintype() == "text":
            yield part
