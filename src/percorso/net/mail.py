"""Mail taken apart: by anybody, so within limits, and with one error for all that is wrong with it.

The standard library's parser takes each line to each multipart that it is in, keeps headers without
end, and gives up in many ways on what was made to break it.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import Message
from itertools import islice
from typing import Any, Final

#: What a message may hold: more lines and more parts are cut off like more bytes are. Its words
#: come before what is attached.
_MOST_LINES: Final = 40_000
_MOST_BOUNDARIES: Final = 1000
_MOST_PARTS: Final = 200
_DEEPEST: Final = 25
_LONGEST_HEADER: Final = 16_000
_BOUNDARY: Final = re.compile(rb"boundary[*0-9]*+\s*+=", re.IGNORECASE)


class UnreadableError(ValueError):
    """The message cannot be taken apart."""


class _Policy(policy.Compat32):
    """Headers as they are, but none without end."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines[:_MOST_PARTS])
        return name, value[:_LONGEST_HEADER]


@contextmanager
def taking_apart() -> Iterator[None]:
    """Have whatever the parser raises in a block become UnreadableError."""
    try:
        yield
    except (
        *(MessageError, ValueError, LookupError, TypeError),
        *(AttributeError, RecursionError),
    ) as error:
        raise UnreadableError(type(error).__name__) from error


def parse(raw: bytes) -> "Message[str, str]":
    """Return a message, or as much of it as can be taken apart in a second.

    Raises UnreadableError; so does, within ``taking_apart``, looking at what it holds.
    """
    with taking_apart():
        return message_from_bytes(_bounded(raw), policy=_Policy())


def below(message: "Message[str, str]") -> "list[Message[str, str]]":
    """Return the messages that a part holds, the first some hundred; none where it holds text."""
    inner: Any = message.get_payload()
    found = inner if isinstance(inner, list) else []
    return [each for each in found[:_MOST_PARTS] if isinstance(each, Message)]


def text_of(part: "Message[str, str]") -> str:
    """Return the text of a part, whatever it says of its letters."""
    raw = part.get_payload(decode=True)
    if not isinstance(raw, bytes):
        return str(raw or "")
    for charset in (part.get_content_charset(), "utf-8"):
        try:
            return raw.decode(charset or "utf-8")
        except (LookupError, UnicodeDecodeError, ValueError):
            continue
    return raw.decode("cp1252", "replace")


def _bounded(raw: bytes) -> bytes:
    if len(_BOUNDARY.findall(raw)) > _DEEPEST:
        raise UnreadableError("more parts within parts than anybody makes")
    lines = raw.splitlines(keepends=True)[:_MOST_LINES]
    marks = (number for number, line in enumerate(lines) if line.startswith(b"--"))
    last = next(islice(marks, _MOST_BOUNDARIES, None), len(lines))
    return b"".join(lines[:last])
