"""Proofs of erasure, and the list of whom to erase again when a backup is restored.

Both lie in ``privacy.sqlite`` and name nobody: a certificate counts, the list holds keyed hashes
(HMAC-SHA-256) of references. The key is in ``privacy.key``: keep a copy of it apart from the
backups. Certificates are only ever added, each with the digest of the one before, so that none can
be changed or taken away unseen.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterable
from contextlib import AbstractContextManager, closing
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final

from percorso import durable_file
from percorso.durable_database import changing, connect
from percorso.i18n import gettext as _
from percorso.log import keys
from percorso.privacy.errors import PrivacyError
from percorso.workspace import Workspace

FILE: Final = "privacy.sqlite"
KEY: Final = "privacy.key"
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS certificates (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    at INTEGER NOT NULL,
    body TEXT NOT NULL,
    digest TEXT NOT NULL
) STRICT;
CREATE TRIGGER IF NOT EXISTS certificates_stay BEFORE DELETE ON certificates
    BEGIN SELECT RAISE(ABORT, 'certificates are only ever added'); END;
CREATE TRIGGER IF NOT EXISTS certificates_hold BEFORE UPDATE ON certificates
    BEGIN SELECT RAISE(ABORT, 'certificates are only ever added'); END;
CREATE TABLE IF NOT EXISTS erased (
    hash TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (hash, at)
) STRICT;
"""
_LIST_HEAD: Final = "percorso: erase again after a restore, 1"


@dataclass(frozen=True, slots=True)
class PlaceCleared:
    """One place that was cleared; ``name`` is its short name, the counts as in ``Cleared``."""

    name: str
    searched: int
    removed: int


@dataclass(frozen=True, slots=True)
class Left:
    """Strings that are still there. ``why``: ``others`` (customers wrote them too) or ``found``."""

    where: str
    strings: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What an erasure searched and removed. Says nothing about who was erased.

    ``figures_kept`` says whether interactions stayed without the person. ``files``, ``bytes`` and
    ``unpacked`` are what the search of every byte afterwards went through, ``strings`` how many
    strings it looked for. ``previous`` is the digest of the certificate before, ``digest`` the
    SHA-256 of all the rest as JSON.
    """

    id: str
    at: datetime
    who: str
    references: int
    places: tuple[PlaceCleared, ...]
    figures_kept: bool
    files: int
    bytes: int
    unpacked: int
    strings: int
    left: tuple[Left, ...]
    seconds: float
    log_version: int
    release: str
    previous: str = ""
    digest: str = ""

    @property
    def clean(self) -> bool:
        """Say whether nothing of the person was found afterwards."""
        return not any(each.why == "found" for each in self.left)

    @property
    def removed(self) -> int:
        return sum(each.removed for each in self.places)

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return {**asdict(self), "at": self.at.isoformat()}

    def computed(self) -> str:
        """Return the digest that the rest of it gives."""
        rest = {name: value for name, value in self.as_dict().items() if name != "digest"}
        text = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Entry:
    """A keyed hash of a reference that was erased, and when."""

    hash: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RestoreList:
    """Whom to erase again, and a mark of the key that the hashes were made with."""

    key: str
    entries: tuple[Entry, ...] = field(repr=False)

    def as_text(self) -> str:
        """Return it as a file that can be kept beside the backups."""
        lines = (f"{each.hash} {each.at.isoformat()}" for each in self.entries)
        return "\n".join([_LIST_HEAD, f"key {self.key}", *lines]) + "\n"

    @classmethod
    def of_text(cls, text: str) -> "RestoreList":
        """Read such a file. Raises PrivacyError."""
        head, *lines = text.splitlines() or [""]
        if head != _LIST_HEAD or not lines or not lines[0].startswith("key "):
            raise PrivacyError(_("This is no list of whom to erase again."))
        try:
            entries = tuple(
                Entry(hash_, datetime.fromisoformat(at))
                for hash_, at in (line.split(" ", 1) for line in lines[1:] if line)
            )
        except ValueError as error:
            raise PrivacyError(_("The list cannot be read: {error}").format(error=error)) from error
        return cls(lines[0].removeprefix("key "), entries)


class Register:
    """The certificates and the list of a workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._file = workspace.path / FILE
        self._key_file = workspace.path / KEY

    def certificates(self, limit: int = 100, offset: int = 0) -> tuple[Certificate, ...]:
        """Return certificates, the latest first."""
        return self._select("ORDER BY number DESC LIMIT ? OFFSET ?", limit, offset)

    def certificate(self, id_: str) -> Certificate | None:
        return next(iter(self._select("WHERE id = ?", id_)), None)

    def count(self) -> int:
        if not self._file.exists():
            return 0
        with closing(self._connect()) as database:
            return int(database.execute("SELECT count(*) FROM certificates").fetchone()[0])

    def broken(self) -> str | None:
        """Return the id of the first certificate that is not as it was made; None: all are."""
        previous = ""
        for each in reversed(self._select("ORDER BY number DESC")):
            if each.previous != previous or each.computed() != each.digest:
                return each.id
            previous = each.digest
        return None

    def add(self, certificate: Certificate, references: Iterable[str]) -> Certificate:
        """Keep a certificate, and the hashes of these references, in one transaction."""
        at = _micros(certificate.at)
        hashes = [(self.hash(each), at) for each in references]
        with self._open() as database:
            last = database.execute(
                "SELECT digest FROM certificates ORDER BY number DESC LIMIT 1"
            ).fetchone()
            whole = replace(certificate, previous=last[0] if last else "")
            whole = replace(whole, digest=whole.computed())
            database.execute(
                "INSERT INTO certificates (id, at, body, digest) VALUES (?, ?, ?, ?)",
                (whole.id, at, json.dumps(whole.as_dict(), ensure_ascii=False), whole.digest),
            )
            database.executemany("INSERT OR IGNORE INTO erased (hash, at) VALUES (?, ?)", hashes)
        return whole

    def restore_list(self) -> RestoreList:
        """Return whom to erase again when a backup is restored."""
        entries: tuple[Entry, ...] = ()
        if self._file.exists():
            with closing(self._connect()) as database:
                rows = database.execute("SELECT hash, at FROM erased ORDER BY at, hash").fetchall()
            entries = tuple(Entry(hash_, _moment(at)) for hash_, at in rows)
        return RestoreList(self.key_mark(), entries)

    def take(self, given: RestoreList) -> int:
        """Add the entries of a list that was kept elsewhere; return how many were new."""
        rows = [(each.hash, _micros(each.at)) for each in given.entries]
        with self._open() as database:
            before = database.total_changes
            database.executemany("INSERT OR IGNORE INTO erased (hash, at) VALUES (?, ?)", rows)
            return database.total_changes - before

    def erased_at(self, reference: str) -> datetime | None:
        """Return when somebody of this reference was erased last; None where nobody was."""
        if not self._file.exists():
            return None
        with closing(self._connect()) as database:
            found = database.execute(
                "SELECT max(at) FROM erased WHERE hash = ?", (self.hash(reference),)
            ).fetchone()[0]
        return _moment(found) if found is not None else None

    def hash(self, reference: str) -> str:
        """Return the keyed hash of a reference, whatever its capitals."""
        return keys.hashed(self._key(), reference.casefold())

    def key_mark(self) -> str:
        """Return what tells one key from another, and does not give it away."""
        return keys.hashed(self._key(), "the key itself")[:16]

    def take_key(self, text: str) -> None:
        """Put a key that was kept elsewhere in the place of this workspace's."""
        try:
            if len(bytes.fromhex(text.strip())) != 32:
                raise ValueError
        except ValueError:
            raise PrivacyError(_("This is no key: it has 64 hexadecimal digits.")) from None
        durable_file.write(self._key_file, text.strip(), private=True)

    def _key(self) -> bytes:
        return keys.secret(self._key_file)

    def _select(self, rest: str, *values: Any) -> tuple[Certificate, ...]:
        if not self._file.exists():
            return ()
        with closing(self._connect()) as database:
            rows = database.execute(f"SELECT body FROM certificates {rest}", values).fetchall()
        return tuple(_as_certificate(json.loads(body)) for (body,) in rows)

    def _open(self) -> AbstractContextManager[sqlite3.Connection]:
        return changing(self._file, "erased", _TABLES)

    def _connect(self) -> sqlite3.Connection:
        return connect(self._file, "erased", _TABLES)


def _as_certificate(given: dict[str, Any]) -> Certificate:
    return Certificate(
        **{
            **given,
            "at": datetime.fromisoformat(given["at"]),
            "places": tuple(PlaceCleared(**each) for each in given["places"]),
            "left": tuple(Left(**each) for each in given["left"]),
        }
    )


def _micros(at: datetime) -> int:
    return int(at.timestamp() * 1_000_000)


def _moment(at: int) -> datetime:
    return datetime.fromtimestamp(at / 1_000_000, UTC)
