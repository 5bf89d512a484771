"""A real mail server, as a relay is, that says what a test has it say."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from tests.server import free_port


@dataclass
class Taken:
    """A message that was taken: the envelope, and the message as it came."""

    sender: str
    to: str
    raw: bytes

    @property
    def mail(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=policy.default)

    def part(self, kind: str) -> str:
        found = self.mail.get_body((kind,))
        assert found is not None
        return str(found.get_content())


@dataclass
class Relay:
    """A running server. ``rcpt`` and ``data`` answer instead of 250 where they give anything."""

    port: int
    taken: list[Taken] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    mail: Callable[[str], str | None] = lambda _sender: None
    rcpt: Callable[[str], str | None] = lambda _to: None
    data: Callable[[str], str | None] = lambda _to: None

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}?tls=no"

    def to(self, address: str) -> list[Taken]:
        return [each for each in self.taken if each.to == address]

    async def handle_MAIL(  # noqa: N802 - SMTP's
        self, _server: Any, _session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        refused = self.mail(address)
        if refused is None:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return refused or "250 OK"

    async def handle_RCPT(  # noqa: N802 - SMTP's
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        self.asked.append(address)
        refused = self.rcpt(address)
        if refused is None:
            envelope.rcpt_tos.append(address)
        return refused or "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        [to] = envelope.rcpt_tos
        refused = self.data(to)
        if refused is None:
            self.taken.append(Taken(envelope.mail_from, to, envelope.content))
        return refused or "250 2.0.0 Queued"


class _Controller(Controller):
    def factory(self) -> SMTP:
        return SMTP(self.handler, enable_SMTPUTF8=self.handler.utf8, ident="relay")


@contextmanager
def running(*, utf8: bool = False, port: int | None = None) -> Iterator[Relay]:
    """Start a server, and stop it at the end."""
    relay = Relay(port or free_port())
    relay.utf8 = utf8  # type: ignore[attr-defined] # read by its factory
    controller = _Controller(relay, hostname="127.0.0.1", port=relay.port)
    controller.start()
    try:
        yield relay
    finally:
        controller.stop()
