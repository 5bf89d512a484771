"""What mail servers report of messages: not delivered (RFC 3464), unwanted (RFC 5965).

Reports are mail like any other, written by anybody: nothing here trusts them. Which message one is
about is told by a number in it that only those know who had the message in hand.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message as Mail
from enum import StrEnum
from typing import Final
from uuid import UUID

from percorso.app.outbox.handing_over import is_no_address
from percorso.app.outbox.letters import TAG
from percorso.net.mail import UnreadableError, below, parse, taking_apart, text_of

#: More than that is no report: it would only keep the parser busy.
_LARGEST: Final = 1024 * 1024
_MOST_BLOCKS: Final = 50
_LONGEST: Final = 400
_OWN_ID: Final = re.compile(r"<([0-9a-f]{32})@")
_STATUS: Final = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
#: Where a mail server says to whom it delivered the report.
_ENVELOPE: Final = ("delivered-to", "x-original-to", "envelope-to", "to")
_DELIVERY: Final = ("message/delivery-status", "message/global-delivery-status")
#: Of a complaint: that it was a mistake.
_TAKEN_BACK: Final = ("not-spam",)


class Kind(StrEnum):
    BOUNCE = "bounce"
    COMPLAINT = "complaint"


@dataclass(frozen=True, slots=True)
class Report:
    """A report. ``messages`` are the numbers found in it, the surest first.

    ``gone`` says that there is no such address, ``words`` what the other server said.
    """

    kind: Kind
    messages: tuple[UUID, ...]
    words: str = ""
    gone: bool = False


def read(raw: bytes) -> Report | None:
    """Return what a mail reports; None where it is no report, or one of nothing final."""
    try:
        mail = parse(raw[:_LARGEST])
        with taking_apart():
            return _read(mail)
    except UnreadableError:
        return None


def _read(mail: "Mail[str, str]") -> Report | None:
    if mail.get_content_type() != "multipart/report":
        return None
    parts = below(mail)
    feedback = next((p for p in parts if p.get_content_type() == "message/feedback-report"), None)
    if feedback is not None:
        return _complaint(mail, feedback, parts)
    status = next((p for p in parts if p.get_content_type() in _DELIVERY), None)
    return None if status is None else _bounce(mail, status, parts)


def _complaint(
    mail: "Mail[str, str]", feedback: "Mail[str, str]", parts: "list[Mail[str, str]]"
) -> Report | None:
    fields = next(iter(_blocks(feedback)), None)
    if fields is None or _field(fields, "feedback-type").lower() in ("", *_TAKEN_BACK):
        return None
    tagged = (*_tags(mail), *TAG.findall(_field(fields, "original-mail-from").lower()))
    return Report(
        Kind.COMPLAINT, _numbers(tagged, parts), _field(fields, "feedback-type").lower()[:40]
    )


def _bounce(
    mail: "Mail[str, str]", status: "Mail[str, str]", parts: "list[Mail[str, str]]"
) -> Report | None:
    for fields in _blocks(status):
        if _field(fields, "action").lower() != "failed":
            continue
        code = _STATUS.search(_field(fields, "status"))
        said = _field(fields, "diagnostic-code").partition(";")[2].strip()
        words = " ".join(filter(None, [code[0] if code else "", said]))[:_LONGEST]
        # Many servers say 5.0.0, and the reason in the words they were given.
        gone = is_no_address(words) or (code is not None and code[0] == "5.0.0" and "550" in said)
        return Report(Kind.BOUNCE, _numbers(_tags(mail), parts), words, gone)
    return None


def _numbers(tagged: "tuple[str, ...]", parts: "list[Mail[str, str]]") -> tuple[UUID, ...]:
    found = [*tagged, *(each for part in parts for each in _ids(part))]
    return tuple(dict.fromkeys(UUID(hex=each) for each in found))


def _tags(mail: "Mail[str, str]") -> tuple[str, ...]:
    """Return the numbers that return addresses in the headers name."""
    told = (str(each) for name in _ENVELOPE for each in mail.get_all(name, []))
    return tuple(each for header in told for each in TAG.findall(header[:2000].lower()))


def _ids(part: "Mail[str, str]") -> Iterator[str]:
    """Yield the number in the id of the message that was given back, whole or its headers."""
    kind = part.get_content_type()
    if kind in ("message/rfc822", "message/global"):
        given = next(iter(below(part)), None)
    elif kind in ("text/rfc822-headers", "message/global-headers"):
        given = parse(text_of(part).encode("utf-8", "replace"))
    else:
        return
    if isinstance(given, Mail):
        yield from _OWN_ID.findall(str(given.get("message-id", ""))[:1000].lower())


def _blocks(part: "Mail[str, str]") -> "Iterator[Mail[str, str]]":
    """Yield the groups of fields that a report holds, one for each recipient."""
    for each in below(part) or [parse(text_of(part).encode("utf-8", "replace"))]:
        yield each
        rest = each.get_payload()
        if isinstance(rest, str) and rest.strip():
            for block in re.split(r"\r?\n\r?\n", rest)[:_MOST_BLOCKS]:
                yield parse(block.encode("utf-8", "replace"))


def _field(fields: "Mail[str, str]", name: str) -> str:
    return " ".join(str(fields.get(name, ""))[: 4 * _LONGEST].split())
