"""IMAP, as far as reading goes: nothing in the mailbox is changed, not even to "seen"."""

import contextlib
import imaplib
import io
import re
import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final, cast

from percorso import net
from percorso.connectors.mailbox import names
from percorso.connectors.model import ConnectorError
from percorso.connectors.settings import MailboxSettings
from percorso.vocabulary import N_, Phrase

TIMEOUT_S: Final = 30.0
#: Seconds a run has for all it asks: a server that sends a letter a second holds up no other.
RUN_S: Final = 180.0
#: Bytes of a message that are read: its words come before what is attached.
MOST_BYTES: Final = 1024 * 1024
_LARGEST_LITERAL: Final = 4 * MOST_BYTES
_LONGEST_LINE: Final = 1_000_000
_PIECE: Final = 64 * 1024
_MONTHS: Final = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"
_UID: Final = re.compile(rb"\bUID (\d+)")


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as the server holds it: its number in the folder, when it came, its bytes."""

    uid: int
    received_at: datetime
    raw: bytes = field(repr=False)


class _Client(imaplib.IMAP4):
    """imaplib over a socket that was judged, with an end to what it takes."""

    def __init__(self, connected: socket.socket, host: str, until: float) -> None:
        self._connected = connected
        self._until = until
        super().__init__(host, 0, TIMEOUT_S)

    def _create_socket(self, timeout: float | None = None) -> socket.socket:
        self._connected.settimeout(timeout or TIMEOUT_S)
        return self._connected

    # The two ways imaplib takes from the socket, here in pieces: its own wait for a whole line or
    # a whole literal, and each byte of it begins a new time-out.

    def read(self, size: int) -> bytes:
        if size > _LARGEST_LITERAL:
            raise self.abort("a literal that nobody asked for")
        parts: list[bytes] = []
        while size > 0:
            part = self._piece(min(size, _PIECE))
            if not part:
                break
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def readline(self) -> bytes:
        line = bytearray()
        while not line.endswith(b"\n"):
            self._hurry()
            waiting = self._reader.peek(1)
            if not waiting:
                break
            end = waiting.find(b"\n") + 1 or len(waiting)
            line += self._reader.read(end)
            if len(line) > _LONGEST_LINE:
                raise self.abort("a line without end")
        return bytes(line)

    def _piece(self, most: int) -> bytes:
        self._hurry()
        return self._reader.read1(most)

    @property
    def _reader(self) -> io.BufferedReader:
        return cast("io.BufferedReader", self.file)

    def _hurry(self) -> None:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.sock.settimeout(min(TIMEOUT_S, left))


class Mailbox:
    """A mailbox that somebody is signed in to, for a ``with`` block."""

    def __init__(self, settings: MailboxSettings, guard: net.Guard) -> None:
        self._settings = settings
        self._guard = guard
        self._client: _Client | None = None
        self._until = time.monotonic() + RUN_S

    def __enter__(self) -> "Mailbox":
        settings = self._settings
        try:
            self._guard.check_mail_port(settings.port_used)
            connected = net.connect(
                settings.host.strip("[]"),
                settings.port_used,
                timeout=TIMEOUT_S,
                guard=self._guard,
            )
        except net.NetError as error:
            raise ConnectorError.of(error) from error
        try:
            self._client = self._begin(connected)
        except BaseException:
            connected.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._client is not None:
            with contextlib.suppress(imaplib.IMAP4.error, OSError):
                self._client.logout()

    def _begin(self, connected: socket.socket) -> _Client:
        settings = self._settings
        with self._explained():
            tls = net.tls()
            if settings.encryption == "tls":
                connected.settimeout(TIMEOUT_S)
                connected = tls.wrap_socket(connected, server_hostname=settings.host)
            client = _Client(connected, settings.host, self._until)
            try:
                if settings.encryption == "starttls":
                    client.starttls(tls)
                self._sign_in(client)
            except BaseException:
                with contextlib.suppress(OSError):  # TLS that failed has closed it already
                    client.shutdown()
                raise
            return client

    def _sign_in(self, client: _Client) -> None:
        user, password = self._settings.user, self._settings.password
        try:
            if "AUTH=PLAIN" in client.capabilities:
                # Unlike LOGIN it knows letters beyond ASCII.
                client.authenticate("PLAIN", lambda _asked: f"\0{user}\0{password}".encode())
            else:
                client.login(_quoted(user), password)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            raise ConnectorError(
                Phrase(
                    N_(
                        "{host} does not accept the user or the password. Where the mailbox "
                        "asks for a second step, make an app password for it."
                    ),
                    {"host": self._settings.host},
                )
            ) from error

    def open(self, folder: str) -> int:
        """Open a folder to be read only; return its UIDVALIDITY. Raises ConnectorError."""
        client = self._in_use()
        with self._explained():
            status, _data = client.select(_quoted(names.encoded(folder)), readonly=True)
            if status != "OK":
                raise ConnectorError(
                    Phrase(
                        N_("There is no folder {folder} in the mailbox. It has: {folders}."),
                        {"folder": folder, "folders": ", ".join(self.folders()) or "-"},
                    )
                )
            _code, said = client.response("UIDVALIDITY")
            return int(said[0]) if said and said[0] else 0

    def folders(self) -> tuple[str, ...]:
        """Return the names of the folders, as a person reads them."""
        with self._explained():
            _status, lines = self._in_use().list()
        found = (names.listed(line) for line in lines if line is not None)
        return tuple(name for name in found if name)

    def after(self, uid: int, since: date) -> list[int]:
        """Return the numbers of messages beyond ``uid``; where it is 0, those come since a day."""
        client = self._in_use()
        with self._explained():
            if uid:
                _status, data = client.uid("SEARCH", "UID", f"{uid + 1}:*")
            else:
                day = f"{since.day:02}-{_MONTHS.split()[since.month - 1]}-{since.year}"
                _status, data = client.uid("SEARCH", "SINCE", day)
        found = b" ".join(each for each in data if isinstance(each, bytes)).split()
        # ``n:*`` always holds the last message, even where its number is below n.
        return sorted({int(each) for each in found if each.isdigit() and int(each) > uid})

    def letters(self, uids: Sequence[int]) -> Iterator[Letter]:
        """Yield messages, cut off at ``MOST_BYTES``; those deleted meanwhile are left out."""
        wanted = f"(UID INTERNALDATE BODY.PEEK[]<0.{MOST_BYTES}>)"
        client = self._in_use()
        for uid in uids:
            with self._explained():
                _status, data = client.uid("FETCH", str(uid), wanted)
            found = [each for each in data if isinstance(each, tuple)]
            # A server may say things about other messages in between.
            for head, raw in found:
                number = _UID.search(head)
                if number is None or int(number[1]) == uid:
                    yield Letter(uid, _internal_date(head), bytes(raw))
                    break

    def _in_use(self) -> _Client:
        if self._client is None:
            raise RuntimeError("the mailbox is used outside of its with block")
        return self._client

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        host = self._settings.host
        try:
            yield
        except ssl.SSLCertVerificationError as error:
            raise ConnectorError(
                Phrase(
                    N_("The certificate of {host} cannot be trusted: {reason}."),
                    {"host": host, "reason": error.verify_message},
                )
            ) from error
        except TimeoutError as error:
            raise ConnectorError(
                Phrase(N_("{host} did not answer in time."), {"host": host})
            ) from error
        except (imaplib.IMAP4.error, OSError, ValueError) as error:
            raise ConnectorError(
                Phrase(
                    N_("The mail server {host} answers with: {reason}"),
                    {"host": host, "reason": str(error)[:200] or type(error).__name__},
                )
            ) from error


def _internal_date(head: bytes) -> datetime:
    parsed: Any = imaplib.Internaldate2tuple(head)
    if parsed is None:
        return datetime.now(UTC)
    # It gives the local time of this machine.
    return datetime.fromtimestamp(time.mktime(parsed), UTC)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
