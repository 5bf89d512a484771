"""A real IMAP server, Dovecot of Debian, with mailboxes of its own and TLS."""

import getpass
import imaplib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.mail import _certificate
from tests.server import free_port, wait_for

PASSWORD = 'una "parola" d\\ordine'
_USERS = 200
_DOVECOT = shutil.which("dovecot") or "/usr/sbin/dovecot"


@dataclass
class Imap:
    """A running server. Each user signs in with ``PASSWORD``."""

    port: int
    tls_port: int
    certificate: Path
    _users: Iterator[int] = field(default_factory=lambda: iter(range(_USERS)))

    def user(self) -> str:
        """Return a user whose mailbox is empty."""
        return f"user{next(self._users)}"

    def put(self, user: str, *raw: bytes, folder: str = "INBOX", at: float | None = None) -> None:
        """Put messages into a mailbox, received at a time (seconds since 1970; now)."""
        with self.signed_in(user) as client:
            client.create(folder)
            received = imaplib.Time2Internaldate(at or time.time())
            for each in raw:
                status, said = client.append(folder, "", received, each)
                assert status == "OK", said

    @contextmanager
    def signed_in(self, user: str) -> Iterator[imaplib.IMAP4]:
        with imaplib.IMAP4("127.0.0.1", self.port) as client:
            client.login(user, PASSWORD)
            yield client


@contextmanager
def running() -> Iterator[Imap]:
    """Start the server, and stop it at the end; skip where Dovecot is not installed."""
    if not Path(_DOVECOT).exists():
        pytest.skip("dovecot is not installed (scripts/debian-packages)")
    folder = Path(tempfile.mkdtemp(prefix="dv", dir="/tmp"))  # its sockets need a short path
    process: subprocess.Popen[bytes] | None = None
    try:
        imap = Imap(free_port(), free_port(), folder / "certificate.pem")
        _certificate(folder)
        config = folder / "dovecot.conf"
        config.write_text(_config(folder, imap))
        mail = folder / "mail"
        mail.mkdir(mode=0o777)
        mail.chmod(0o777)
        folder.chmod(0o755)
        with (folder / "out").open("wb") as out:
            process = subprocess.Popen([_DOVECOT, "-F", "-c", config], stdout=out, stderr=out)
        wait_for(lambda: _answers(imap.port), 20)
        yield imap
    finally:
        if process is not None:
            process.terminate()
            process.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def _answers(port: int) -> bool:
    try:
        imaplib.IMAP4("127.0.0.1", port, timeout=2).logout()
    except OSError:
        return False
    return True


def _config(folder: Path, imap: Imap) -> str:
    root = os.geteuid() == 0
    me = "root" if root else getpass.getuser()
    owner = "nobody" if root else me
    internal = "" if root else f"default_internal_user = {me}\ndefault_login_user = {me}\n"
    version = subprocess.run([_DOVECOT, "--version"], capture_output=True, text=True, check=True)
    new = tuple(map(int, version.stdout.split(".")[:2])) >= (2, 4)
    password = PASSWORD.replace("\\", "\\\\").replace('"', '\\"')
    common = f"""
protocols = imap
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
listen = 127.0.0.1
ssl = yes
first_valid_uid = 1
{internal}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap.port}
  }}
  inet_listener imaps {{
    port = {imap.tls_port}
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
auth_failure_delay = 0
"""
    if new:
        return f"""dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
{common}
auth_allow_cleartext = yes
ssl_server_cert_file = {folder}/certificate.pem
ssl_server_key_file = {folder}/key.pem
mail_driver = maildir
mail_path = {folder}/mail/%{{user}}
passdb static {{
  password = "{password}"
}}
userdb static {{
  fields {{
    uid = {owner}
    gid = nogroup
    home = {folder}/mail/%{{user}}
  }}
}}
"""
    passwords = folder / "passwords"
    home = f"{folder}/mail"
    # A file, because arguments of a static passdb cannot hold spaces.
    users = range(_USERS)
    passwords.write_text("".join(f"user{each}:{{PLAIN}}{PASSWORD}\n" for each in users))
    passwords.chmod(0o644)
    return f"""{common}
disable_plaintext_auth = no
ssl_cert = <{folder}/certificate.pem
ssl_key = <{folder}/key.pem
mail_location = maildir:{home}/%u
passdb {{
  driver = passwd-file
  args = {passwords}
}}
userdb {{
  driver = static
  args = uid={owner} gid=nogroup home={home}/%u
}}
"""
