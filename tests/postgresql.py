"""A real PostgreSQL, in a folder of its own, for tests that need one."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from tests.server import free_port

DEBIAN = Path("/usr/lib/postgresql")
#: With what an address writes otherwise.
PASSWORD = "p@ss/word: 50%"
NAME = "percorso"


@dataclass(frozen=True)
class Database:
    """A running server with an empty database."""

    url: str

    def ask(self, sql: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(sql.encode()).fetchall()


@contextmanager
def running() -> Iterator[Database]:
    """Start PostgreSQL, and stop it at the end. Skips where it is absent."""
    binaries = _binaries()
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="percorso-postgresql-") as folder:
        place = Path(folder)
        (place / "password").write_text(PASSWORD)
        _hand_over(place)
        _run(
            binaries / "initdb", "--pgdata", place / "data", "--username", NAME, "--no-sync",
            "--encoding", "UTF8", "--locale", "C.UTF-8", "--auth", "scram-sha-256",
            "--pwfile", place / "password",
        )  # fmt: skip
        control = (binaries / "pg_ctl", "--pgdata", place / "data", "--wait")
        options = f"-p {port} -h 127.0.0.1 -k '' -F"
        _run(*control, "--log", place / "log.txt", "--options", options, "start")
        try:
            address = f"postgresql://{NAME}:{quote(PASSWORD, safe='')}@127.0.0.1:{port}"
            with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {NAME}".encode())
            yield Database(f"{address}/{NAME}")
        finally:
            _run(*control, "--mode", "immediate", "stop")


def _binaries() -> Path:
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    versions = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda each: int(each.parts[-3]))
    if not versions:
        pytest.skip("PostgreSQL is not installed (scripts/debian-packages)")
    return versions[-1].parent


def _owner() -> str | None:
    """Return whom the server runs as: it refuses to run as root."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        pytest.skip("PostgreSQL refuses to run as root, and there is no user postgres")


def _hand_over(place: Path) -> None:
    owner = _owner()
    if owner:
        for each in (place, *place.iterdir()):
            shutil.chown(each, owner)


def _run(*command: object) -> None:
    owner = _owner()
    done = subprocess.run(
        [str(each) for each in command],
        user=owner,
        group=owner,
        extra_groups=None if owner is None else [],
        cwd="/",
        stdin=subprocess.DEVNULL,
        # The server stays behind and would keep a pipe open: what it says goes to a file.
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, f"{command[0]} ended with {done.returncode}"
