"""Names of files as strangers send them, made fit for our disk and our pages."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

LONGEST: Final = 120
#: Characters some system or shell gives a meaning to.
_MEANINGFUL: Final = re.compile(r'[<>:"/\\|?*]')
_RESERVED: Final = re.compile(r"(?i)^(con|prn|aux|nul|com\d|lpt\d)(\.|$)")


def safe_name(given: str) -> str:
    """Return a plain file name: no folder, nothing invisible, not hidden, not too long."""
    base = re.split(r"[/\\]", given)[-1]
    visible = "".join(
        letter
        for letter in unicodedata.normalize("NFC", base)
        # Controls, and marks that turn the reading direction round, deceive whoever reads.
        if unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Co", "Cn")
    )
    plain = _MEANINGFUL.sub("_", visible).strip(" .")
    if not plain or _RESERVED.match(plain):
        plain = f"file_{plain}".rstrip("_.")
    return _shortened(plain)


def apart(names: Iterable[str]) -> list[str]:
    """Return the names, with a number where two are the same but for capitals."""
    taken: set[str] = set()
    result = []
    for name in names:
        stem, extension = _split(name)
        candidate, number = name, 2
        while candidate.casefold() in taken:
            candidate = f"{stem} ({number}){extension}"
            number += 1
        taken.add(candidate.casefold())
        result.append(candidate)
    return result


def _shortened(name: str) -> str:
    stem, extension = _split(name)
    room = LONGEST - len(extension.encode())
    return stem.encode()[:room].decode(errors="ignore").rstrip(" .") + extension


def _split(name: str) -> tuple[str, str]:
    """Split off the extension, with what it wraps: ``log.xes.gz`` is ``log`` and ``.xes.gz``."""
    match = re.search(r"((\.[A-Za-z0-9]{1,8}){1,2})$", name)
    if match is None or match.start() == 0:
        return name, ""
    return name[: match.start()], match[1]
