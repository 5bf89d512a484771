"""Every byte of a folder, searched for strings: as it lies on the disk, and unpacked.

Raw bytes are searched of every file, so that what a database freed but did not overwrite is found
too. What is packed is searched a second time as it reads: the values of Parquet files (with those
that stand in a dictionary and in no row), every value of SQLite databases (a long one is split
over pages on the disk), the members of zip files (workbooks, NumPy's npz), gzip.
"""

import gzip
import json
import re
import sqlite3
import struct
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final
from urllib.parse import quote

if TYPE_CHECKING:
    import pyarrow as pa

_AT_ONCE: Final = 32 * 2**20
#: A zip that unpacks to more than this is searched as far as that.
_MOST_UNPACKED: Final = 4 * 2**30
_SQLITE: Final = b"SQLite format 3\0"
_PARQUET: Final = b"PAR1"
_ZIP: Final = b"PK\x03\x04"
_GZIP: Final = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Hit:
    """That a file holds a string; ``strings`` are the numbers of those it holds."""

    file: Path
    strings: frozenset[int]


@dataclass(frozen=True, slots=True)
class Scan:
    """What a search went through and found: files, bytes as they lie and unpacked, strings."""

    files: int
    bytes: int
    unpacked: int
    strings: int
    hits: tuple[Hit, ...] = field(repr=False)


def scan(folder: Path, strings: Iterable[str], *, without: Iterable[Path] = ()) -> Scan:
    """Search every file below ``folder`` for ``strings``, whatever their capitals.

    ``without`` are files and folders that are left out. Files that vanish meanwhile are passed
    over. Nothing is written.
    """
    wanted = tuple(strings)
    left_out = frozenset(without)
    search = Search(wanted)
    files = octets = 0
    hits = []
    for file in _files(folder, left_out):
        try:
            octets += file.stat().st_size
            found = search.file(file)
        except FileNotFoundError:
            continue
        files += 1
        if found:
            hits.append(Hit(file, found))
    return Scan(files, octets, search.unpacked, len(wanted), tuple(hits))


def _files(folder: Path, without: frozenset[Path]) -> Iterator[Path]:
    for each in sorted(folder.iterdir()):
        if each in without or each.is_symlink():
            continue
        if each.is_dir():
            yield from _files(each, without)
        elif each.is_file():
            yield each


class Search:
    """Looks for all strings at once, in each way they may be written, whatever their capitals."""

    def __init__(self, strings: tuple[str, ...]) -> None:
        self._strings = strings
        self._patterns = ["|".join(sorted(set(_forms(each)))) for each in strings]
        self._pattern = "|".join(self._patterns)
        # What overlaps from one portion to the next, so that nothing is cut in two.
        self._overlap = max((12 * len(each.encode()) for each in strings), default=1)
        self.unpacked = 0

    def file(self, file: Path) -> frozenset[int]:
        """Return the numbers of the strings that a file holds, as it lies and unpacked."""
        if not self._strings:
            return frozenset()
        with file.open("rb") as opened:
            start = opened.read(16)
            opened.seek(0)
            found = self._stream(opened)
        unpack = self._unpacking(start)
        return found | unpack(file) if unpack else found

    def holds(self, data: bytes) -> frozenset[int]:
        """Return the numbers of the strings that are in ``data``."""
        if not data or not _matches(data, self._pattern):
            return frozenset()
        return frozenset(
            number for number, pattern in enumerate(self._patterns) if _matches(data, pattern)
        )

    def _unpacking(self, start: bytes) -> Callable[[Path], frozenset[int]] | None:
        kinds = (
            (_PARQUET, self._parquet),
            (_SQLITE, self._sqlite),
            (_ZIP, self._zip),
            (_GZIP, self._gzip),
        )
        return next((read for magic, read in kinds if start.startswith(magic)), None)

    def _stream(
        self, opened: "IO[bytes] | gzip.GzipFile", *, most: int | None = None
    ) -> frozenset[int]:
        found: frozenset[int] = frozenset()
        tail = b""
        read = 0
        while data := opened.read(_AT_ONCE):
            found |= self.holds(tail + data)
            tail = data[-self._overlap :]
            read += len(data)
            if most is not None and read >= most:
                break
        if most is not None:
            self.unpacked += read
        return found

    def _parquet(self, file: Path) -> frozenset[int]:
        import pyarrow as pa
        import pyarrow.parquet as pq

        found: frozenset[int] = frozenset()
        try:
            with pq.ParquetFile(file) as opened:
                texts = [
                    each.name
                    for each in opened.schema_arrow
                    if pa.types.is_string(each.type) or pa.types.is_large_string(each.type)
                ]
            # As dictionaries, so that words which stand in no row any more are seen as well.
            with pq.ParquetFile(file, read_dictionary=texts) as opened:
                for group in range(opened.num_row_groups):
                    for column in opened.read_row_group(group).columns:
                        for chunk in column.chunks:
                            found |= self._array(chunk)
        except pa.ArrowInvalid:
            return found  # torn, or not Parquet after all: its bytes were searched
        return found

    def _array(self, array: "pa.Array[Any]") -> frozenset[int]:
        import pyarrow as pa

        if pa.types.is_dictionary(array.type):
            return self._array(array.dictionary)  # type: ignore[attr-defined]
        if pa.types.is_nested(array.type):
            found: frozenset[int] = frozenset()
            for child in array.flatten() if pa.types.is_struct(array.type) else [array.values]:  # type: ignore[attr-defined]
                found |= self._array(child)
            return found
        if not _is_text(array.type):
            return frozenset()
        data = array.buffers()[-1]
        if data is None:
            return frozenset()
        self.unpacked += data.size
        if not _matches(data, self._pattern):
            return frozenset()
        # Values lie side by side without a gap: look at each by itself.
        import pyarrow.compute as pc

        hit = array.filter(
            pc.match_substring_regex(array.cast(pa.large_binary()), self._pattern, ignore_case=True)
        )
        return self.holds(b"\n".join(_as_bytes(each) for each in hit.to_pylist()))

    def _sqlite(self, file: Path) -> frozenset[int]:
        found: frozenset[int] = frozenset()
        try:
            with closing(
                sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=30)
            ) as database:
                database.text_factory = bytes
                tables = database.execute(
                    "SELECT name FROM sqlite_master WHERE type = 'table'"
                ).fetchall()
                for (name,) in tables:
                    quoted = name.decode().replace('"', '""')
                    found |= self._rows(database.execute(f'SELECT * FROM "{quoted}"'))
        except sqlite3.DatabaseError:
            return found  # torn or not ours: its bytes were searched
        return found

    def _rows(self, rows: Iterable[tuple[Any, ...]]) -> frozenset[int]:
        found: frozenset[int] = frozenset()
        gathered: list[bytes] = []
        size = 0
        for row in rows:
            for value in row:
                if isinstance(value, bytes):
                    gathered.append(value)
                    size += len(value)
            if size > _AT_ONCE:
                found |= self.holds(b"\n".join(gathered))
                self.unpacked += size
                gathered, size = [], 0
        self.unpacked += size
        return found | self.holds(b"\n".join(gathered))

    def _zip(self, file: Path) -> frozenset[int]:
        found: frozenset[int] = frozenset()
        try:
            with zipfile.ZipFile(file) as opened:
                for member in opened.infolist():
                    found |= self.holds(member.filename.encode())
                    with opened.open(member) as inner:
                        found |= self._stream(inner, most=_MOST_UNPACKED)
        except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError):
            return found  # torn, or under a password: its bytes were searched
        return found

    def _gzip(self, file: Path) -> frozenset[int]:
        try:
            with gzip.open(file) as opened:
                return self._stream(opened, most=_MOST_UNPACKED)
        except (OSError, EOFError):
            return frozenset()


def _forms(text: str) -> Iterator[str]:
    """Yield patterns of a string as it may be written: plain, in JSON, in an address, wide."""
    for form in (text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]):
        yield re.escape(form)
    yield re.escape(quote(text, safe=""))
    # As some write JSON: a slash escaped, and letters by number with capitals or without.
    yield re.escape(json.dumps(text)[1:-1].replace("/", "\\/"))
    # As NumPy and Windows keep texts: two or four bytes a letter.
    for encoding in ("utf-16-le", "utf-32-le"):
        yield "".join(f"\\x{octet:02x}" for octet in text.encode(encoding))


def _matches(data: "bytes | pa.Buffer", pattern: str) -> bool:
    """Say whether a pattern is anywhere in ``data``. Many strings cost no more than one."""
    import pyarrow as pa
    import pyarrow.compute as pc

    whole = pa.py_buffer(data) if isinstance(data, bytes) else data
    ends = pa.py_buffer(struct.pack("<qq", 0, whole.size))
    array = pa.Array.from_buffers(pa.large_binary(), 1, [None, ends, whole])
    return bool(pc.match_substring_regex(array, pattern, ignore_case=True)[0].as_py())


def _is_text(kind: "pa.DataType") -> bool:
    import pyarrow as pa

    return any(
        check(kind)
        for check in (
            pa.types.is_string,
            pa.types.is_large_string,
            pa.types.is_binary,
            pa.types.is_large_binary,
        )
    )


def _as_bytes(value: Any) -> bytes:
    return value.encode() if isinstance(value, str) else bytes(value)
