"""Names of IMAP folders: modified UTF-7 (RFC 3501, 5.1.3) and the lines that list them."""

import base64
import re
from typing import Final

_LIST: Final = re.compile(rb'\((?P<flags>[^)]*)\) (?:"[^"]*"|NIL) (?P<name>.+)')
_SHIFTED: Final = re.compile(r"&([^-]*)-")


def encoded(name: str) -> str:
    """Return a folder's name as IMAP writes it."""
    parts: list[str] = []
    for part in re.findall(r"[\x20-\x7e]+|[^\x20-\x7e]+", name):
        if part[0].isascii() and part[0].isprintable():
            parts.append(part.replace("&", "&-"))
        else:
            coded = base64.b64encode(part.encode("utf-16-be")).decode().rstrip("=")
            parts.append(f"&{coded.replace('/', ',')}-")
    return "".join(parts)


def decoded(name: str) -> str:
    """Return a folder's name as a person writes it."""

    def plain(found: re.Match[str]) -> str:
        coded = found[1].replace(",", "/")
        if not coded:
            return "&"
        try:
            raw = base64.b64decode(coded + "=" * (-len(coded) % 4))
            return raw.decode("utf-16-be")
        except ValueError:
            return found[0]

    return _SHIFTED.sub(plain, name)


def listed(line: bytes | tuple[bytes, bytes]) -> str:
    """Return the folder that a line of LIST names; nothing where it cannot be opened."""
    if isinstance(line, tuple):  # the name came as a literal
        return decoded(line[1].decode("ascii", "replace"))
    found = _LIST.match(line)
    if found is None or b"\\noselect" in found["flags"].lower():
        return ""
    name = found["name"].strip()
    if name.startswith(b'"') and name.endswith(b'"'):
        name = name[1:-1].replace(b'\\"', b'"').replace(b"\\\\", b"\\")
    return decoded(name.decode("ascii", "replace"))
