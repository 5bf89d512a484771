"""Secret keys in files of the workspace: made when asked for, readable by their owner alone."""

import hashlib
import hmac
import secrets
from functools import cache
from pathlib import Path
from typing import Final

from percorso import durable_file

#: Of the names of customers in addresses and in the trail; see ``facts.key_of``.
FILE: Final = "customers.key"
_BYTES: Final = 32
_BLOCK: Final = 64


def secret(file: Path) -> bytes:
    """Return the key in a file. Raises OSError where there is none and none can be written."""
    if not file.exists():
        durable_file.make(file, secrets.token_hex(_BYTES), private=True)
    return bytes.fromhex(file.read_text(encoding="ascii").strip())


def secret_or_passing(file: Path) -> bytes:
    """Return the key in a file; one of this process alone where none can be written."""
    try:
        return secret(file)
    except OSError:
        return _passing(file)


@cache
def _passing(_file: Path) -> bytes:
    return secrets.token_bytes(_BYTES)


def hashed(key: bytes, text: str) -> str:
    """Return the HMAC-SHA-256 (RFC 2104) of a text, in hexadecimal."""
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def hashed_sql(key: bytes, column: str) -> str:
    """Return the SQL of ``hashed`` of a column: the definition of RFC 2104, spelled out."""
    block = key.ljust(_BLOCK, b"\0")
    inner, outer = (_blob(bytes(each ^ pad for each in block)) for pad in (0x36, 0x5C))
    return f"sha256({outer} || unhex(sha256({inner} || encode({column}))))"


def _blob(given: bytes) -> str:
    return "'" + "".join(f"\\x{each:02X}" for each in given) + "'::BLOB"
