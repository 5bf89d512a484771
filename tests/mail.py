"""A real mail server that keeps what it gets: SMTP with STARTTLS and a password."""

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from tests.server import free_port, wait_for

USER = "percorso@example.org"
PASSWORD = "p@ss/word"


@dataclass
class Mailbox:
    """What arrived; ``url`` and ``certificate`` are what a client needs to send to it."""

    url: str
    certificate: Path
    arrived: list[EmailMessage] = field(default_factory=list)

    def wait(self, to: str) -> EmailMessage:
        """Return the last message to somebody, once there is one."""
        wait_for(lambda: self._to(to), 30)
        return self._to(to)[-1]

    def _to(self, to: str) -> list[EmailMessage]:
        return [each for each in self.arrived if each["X-RcptTo"] == to]

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - SMTP's
        message = message_from_bytes(envelope.content, policy=policy.default)
        message["X-RcptTo"] = ", ".join(envelope.rcpt_tos)
        self.arrived.append(message)
        return "250 OK"


@contextmanager
def running(folder: Path) -> Iterator[Mailbox]:
    """Start a mail server, and stop it at the end."""
    port = free_port()
    certificate, key = _certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    user, password = quote(USER, safe=""), quote(PASSWORD, safe="")
    mailbox = Mailbox(f"smtp://{user}:{password}@localhost:{port}", certificate)
    controller = Controller(
        mailbox,
        hostname="127.0.0.1",
        port=port,
        tls_context=context,
        require_starttls=True,
        auth_required=True,
        authenticator=_known,
    )
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()


def _known(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
    wanted = LoginPassword(USER.encode(), PASSWORD.encode())
    return AuthResult(success=given == wanted, handled=given == wanted)


def _certificate(folder: Path) -> tuple[Path, Path]:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed (scripts/debian-packages)")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost"],
        check=True, capture_output=True,
    )  # fmt: skip
    return certificate, key
