"""Small files, written whole: neither a reader nor a power cut ever finds half of one.

The words go into a draft beside the file; the draft is flushed, put in the place of the file, and
the folder flushed too, without which the name may still be the old file's after a power cut.

Whoever writes holds a lock on the draft until it has the file's name. The kernel lets the lock go
with the process, however that ends: a draft that nobody holds was left by a kill.
"""

import fcntl
import os
import re
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

_DRAFT: Final = re.compile(r"\..+\.[0-9a-f]+\.draft")


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


def wipe(file: Path) -> None:
    """Overwrite what a file holds, and delete it. Raises OSError."""
    with file.open("r+b") as writing:
        status = os.fstat(writing.fileno())
        if status.st_nlink == 1:  # what has another name too is not ours alone
            writing.write(b" " * status.st_size)
            writing.flush()
            os.fsync(writing.fileno())
    file.unlink()


def clear_drafts(folder: Path) -> int:
    """Wipe the drafts below a folder that were left by a kill; return how many those were.

    One that cannot be wiped, because it is another user's, stays.
    """
    cleared = 0
    for inside, _folders, names in os.walk(folder):
        for name in filter(_DRAFT.fullmatch, names):
            with suppress(OSError):
                cleared += _clear(Path(inside, name))
    return cleared


@contextmanager
def one_at_a_time(lock: Path) -> Iterator[None]:
    """Let one go on at a time, of all processes and threads: whoever reads a file to write it anew.

    ``lock`` is a file of its own, made where it is missing; it stays.
    """
    with lock.open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


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
    first = 0o600 if private or permissions is not None else 0o666
    draft, descriptor = _begin(file, first)
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


def _begin(file: Path, permissions: int) -> tuple[Path, int]:
    """Make a draft, open and locked."""
    while True:
        draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}.draft")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, permissions)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if os.fstat(descriptor).st_nlink:
                return draft, descriptor
        except OSError:
            draft.unlink(missing_ok=True)
            os.close(descriptor)
            raise
        # It was cleared away between being made and being locked.
        os.close(descriptor)


def _clear(draft: Path) -> bool:
    """Wipe a draft that nobody writes; say whether it was one."""
    with draft.open("rb") as opened:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        # Whoever held it may have given it the file's name meanwhile.
        if not os.path.samestat(draft.stat(follow_symlinks=False), os.fstat(opened.fileno())):
            return False
        wipe(draft)
    flush(draft.parent)
    return True


def _permissions(file: Path) -> int | None:
    try:
        return stat.S_IMODE(file.stat().st_mode)
    except FileNotFoundError:
        return None
