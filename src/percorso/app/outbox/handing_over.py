"""Handing a message to the mail server, so that what may have gone out is known to the byte.

A server takes a message when it answers to the line with a single dot. Everything before that line
can be taken back by closing the connection. So ``claim`` is called right before it is sent: who
dies before left nothing behind, and who dies after may have sent (RFC 1047 knows no way around).
"""

import contextlib
import re
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from percorso.vocabulary import N_, Phrase

TIMEOUT_S: Final = 30.0
#: RFC 5321, 4.5.3.2.6: a server may take ten minutes to answer; it is not asked again meanwhile.
ANSWER_S: Final = 120.0
_SHOWN: Final = 400
#: What a server says that does not know the address, and one that does not know us: nobody's
#: address is at fault there, and messages wait until somebody has put it right.
_NOBODY: Final = re.compile(
    r"no such|unknown|no mailbox|not found|does(n.t| not) exist|not exist|no longer|disabled"
    r"|invalid (user|recipient|mailbox|address)",
    re.IGNORECASE,
)
_OF_US: Final = re.compile(r"\brelay|authenticat|log ?in first|auth required", re.IGNORECASE)
_DOTS: Final = re.compile(rb"^\.", re.MULTILINE)


class Fate(StrEnum):
    """What became of handing a message over."""

    SENT = "sent"
    LATER = "later"  # surely not taken; to be tried again
    REFUSED = "refused"  # surely not taken, and never will be
    UNSURE = "unsure"  # the answer never came
    TAKEN = "taken"  # somebody else has it in hand, or it is not to be sent any more


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it, with the server's words. ``gone`` says there is no such address."""

    fate: Fate
    answer: str = ""
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Smtp:
    """Where the mail server is, and how to speak to it."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    ssl: bool = False
    starttls: bool = False


class DownError(Exception):
    """The server takes nothing at all: no message is at fault. ``phrase`` says what it said."""

    def __init__(self, phrase: Phrase) -> None:
        super().__init__(str(phrase))
        self.phrase = phrase


class MailServer:
    """A connection to the mail server, for a ``with`` block. Raises DownError."""

    def __init__(self, smtp: Smtp, name: str) -> None:
        self._smtp = smtp
        self._name = name
        self._client: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        self._connect()
        return self

    def __exit__(self, *_: object) -> None:
        if self._client is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self._client.quit()
            self._close()

    def hand_over(self, sender: str, to: str, raw: bytes, claim: Callable[[], bool]) -> Outcome:
        """Hand a message over. ``claim`` says whether it is still to be sent, and notes it."""
        client = self._client or self._connect()
        try:
            offered = self._offer(client, sender, to)
            if offered is not None:
                _reset(client)
                return offered
            client.send(_stuffed(raw))
            claimed = claim()
        except (OSError, smtplib.SMTPException) as error:
            # The line that ends the message was not sent.
            self._close()
            return Outcome(Fate.LATER, _said(error))
        except BaseException:
            self._close()
            raise
        if not claimed:
            self._close()
            return Outcome(Fate.TAKEN)
        return self._end(client)

    def _end(self, client: smtplib.SMTP) -> Outcome:
        try:
            if client.sock is not None:
                client.sock.settimeout(ANSWER_S)
            client.send(b".\r\n")
            code, words = client.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self._close()
            return Outcome(Fate.UNSURE, _said(error))
        if client.sock is not None:
            client.sock.settimeout(TIMEOUT_S)
        if code == 421:
            self._close()
        return _outcome(code, words)

    def _offer(self, client: smtplib.SMTP, sender: str, to: str) -> Outcome | None:
        """Say from whom and to whom; return what became of it where the server wants no more."""
        options: list[str] = []
        if not to.isascii():
            if not client.has_extn("smtputf8"):
                return Outcome(Fate.REFUSED, "SMTPUTF8 is not offered")
            options = ["SMTPUTF8", "BODY=8BITMIME"]
        code, words = client.mail(sender, options)
        if code != 250:
            raise _down(code, words)
        code, words = client.rcpt(to)
        if code not in (250, 251):
            return _outcome(code, words, address=True)
        code, words = client.docmd("DATA")
        return None if code == 354 else _outcome(code, words)

    def _connect(self) -> smtplib.SMTP:
        smtp = self._smtp
        try:
            client = self._opened()
            self._client = client
            client.ehlo_or_helo_if_needed()
            if smtp.starttls:
                client.starttls(context=ssl.create_default_context())
                client.ehlo()
            if smtp.user:
                client.login(smtp.user, smtp.password)
        except smtplib.SMTPAuthenticationError as error:
            self._close()
            raise DownError(
                Phrase(
                    N_("The mail server does not accept the user or the password: {words}"),
                    {"words": _said(error)},
                )
            ) from error
        except (OSError, smtplib.SMTPException) as error:
            self._close()
            raise DownError(
                Phrase(
                    N_("The mail server {host} cannot be reached: {words}"),
                    {"host": smtp.host, "words": _said(error)},
                )
            ) from error
        return client

    def _opened(self) -> smtplib.SMTP:
        smtp = self._smtp
        if smtp.ssl:
            return smtplib.SMTP_SSL(
                smtp.host,
                smtp.port,
                self._name,
                timeout=TIMEOUT_S,
                context=ssl.create_default_context(),
            )
        return smtplib.SMTP(smtp.host, smtp.port, self._name, TIMEOUT_S)

    def _close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None


def is_no_address(answer: str) -> bool:
    """Say whether an enhanced status (RFC 3463) tells that there is no such address, for good."""
    found = re.search(r"\b5\.(\d{1,3})\.(\d{1,3})\b", answer)
    if found is None:
        return False
    subject, detail = int(found[1]), int(found[2])
    return subject == 1 or (subject, detail) in ((2, 1), (4, 4))


def _outcome(code: int, words: bytes, *, address: bool = False) -> Outcome:
    answer = f"{code} {words.decode('utf-8', 'replace')}".replace("\n", " ")[:_SHOWN]
    if 200 <= code < 300:
        return Outcome(Fate.SENT, answer)
    if 500 <= code < 600 and not (address and _OF_US.search(answer)):
        # Many servers give no enhanced status, and 550 for whatever they do not like.
        bare = re.match(r"5\d\d \d\.\d", answer) is None
        gone = is_no_address(answer) or (address and bare and bool(_NOBODY.search(answer)))
        return Outcome(Fate.REFUSED, answer, gone)
    return Outcome(Fate.LATER, answer)


def _down(code: int, words: bytes) -> DownError:
    """Return that the server does not take our sender: no recipient is at fault."""
    answer = f"{code} {words.decode('utf-8', 'replace')}".replace("\n", " ")[:_SHOWN]
    return DownError(
        Phrase(N_("The mail server does not take messages from us: {words}"), {"words": answer})
    )


def _reset(client: smtplib.SMTP) -> None:
    with contextlib.suppress(OSError, smtplib.SMTPException):
        client.rset()


def _stuffed(raw: bytes) -> bytes:
    """Return a message with a dot before each line that begins with one, and a last CRLF."""
    whole = _DOTS.sub(b"..", raw)
    return whole if whole.endswith(b"\r\n") else whole + b"\r\n"


def _said(error: BaseException) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        words = error.smtp_error
        said = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
        return f"{error.smtp_code} {said}"[:_SHOWN]
    return (str(error) or type(error).__name__)[:_SHOWN]
