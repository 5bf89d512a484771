"""Small files, written whole: neither a reader nor a power cut ever finds half of one.

The words go into a draft beside the file; the draft is flushed, put in the place of the file, and
the folder flushed too, without which the name may still be the old file's after a power cut.
"""

import glob
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def write(file: Path, content: str | bytes, *, private: bool = False) -> None:
    """Put ``content`` in the place of what the file held. On the disk when this returns.

    A file that is there keeps its permissions; a ``private`` one is its owner's alone to read,
    whatever it was. Raises OSError where it cannot be written: the file is as it was then.
    """
    permissions = None if private else _permissions(file)
    with _draft(file, content, permissions, private=private) as draft:
        draft.replace(file)


def make(file: Path, content: str | bytes, *, private: bool = False) -> None:
    """Write a file that is not there yet. Of several who do so at once, the first one's stays.

    On the disk when this returns. Raises OSError.
    """
    with _draft(file, content, None, private=private) as draft, suppress(FileExistsError):
        # A link, unlike a rename, fails where another process was first.
        os.link(draft, file)


def drafts(file: Path) -> Iterator[Path]:
    """Yield the drafts of the file that lie there: somebody's who writes, or was killed at it."""
    return file.parent.glob(f".{glob.escape(file.name)}.*.draft")


def flush(path: Path) -> None:
    """See a file, or the names in a folder, onto the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _draft(
    file: Path, content: str | bytes, permissions: int | None, *, private: bool
) -> Iterator[Path]:
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}.draft")
    first = 0o600 if private or permissions is not None else 0o666
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, first)
    try:
        with os.fdopen(descriptor, "wb") as writing:
            writing.write(content.encode() if isinstance(content, str) else content)
            writing.flush()
            if permissions is not None:
                draft.chmod(permissions)
            os.fsync(writing.fileno())
        yield draft
    finally:
        draft.unlink(missing_ok=True)
    flush(file.parent)


def _permissions(file: Path) -> int | None:
    try:
        return stat.S_IMODE(file.stat().st_mode)
    except FileNotFoundError:
        return None
