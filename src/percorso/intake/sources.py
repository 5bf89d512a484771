"""From the paths a user names to the files to read; archives are opened with suspicion."""

import gzip
import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Final, Literal, cast

from percorso.i18n import gettext as _
from percorso.intake.model import IntakeError

Format = Literal["csv", "excel", "json", "parquet", "xes"]


class NotATableError(IntakeError):
    """The file is of a kind that holds no table: an error where named, left out in a folder."""


#: Tables as they come out of companies pack 3 to 30 times smaller. What unpacks to far more than
#: that was made to fill a disk.
MAX_RATIO: Final = 200
MAX_UNSUSPECTED: Final = 64 * 1024 * 1024
MAX_UNPACKED: Final = 50 * 1024**3
MAX_FILES: Final = 2_000
_CHUNK: Final = 1024 * 1024

_EXTENSIONS: Final[dict[str, Format]] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".txt": "csv",
    ".xlsx": "excel",
    ".xlsm": "excel",
    ".xlsb": "excel",
    ".xls": "excel",
    ".ods": "excel",
    ".jsonl": "json",
    ".ndjson": "json",
    ".json": "json",
    ".parquet": "parquet",
    ".xes": "xes",
}


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read: on disk, or ``member`` of a zip; packed with gzip where ``packed``.

    ``name`` is how it is called towards the user. ``bytes`` is its size as it lies there.
    """

    name: str
    path: Path
    format: Format
    bytes: int
    member: str | None = None
    packed: bool = False

    @property
    def plain(self) -> bool:
        return self.member is None and not self.packed


@dataclass(frozen=True, slots=True)
class Found:
    """The files to read, and those left out with the reason."""

    sources: tuple[Source, ...]
    left_out: tuple[tuple[str, int, str], ...]


def find(paths: Iterable[Path | str]) -> Found:
    """Return what there is to read under ``paths``: files, folders and zips.

    Raises IntakeError where a path does not exist, an archive is not safe to open, or there is
    nothing to read.
    """
    sources: list[Source] = []
    left_out: list[tuple[str, int, str]] = []
    for given in paths:
        path = Path(given)
        if path.is_dir():
            found = _in_folder(path)
        elif path.is_file():
            found = _one(path, path.name)
        else:
            raise IntakeError(
                _("There is no file or folder at {path}. Check the name.").format(path=path)
            )
        sources.extend(found.sources)
        left_out.extend(found.left_out)
    if len(sources) > MAX_FILES:
        raise IntakeError(
            _("There are {count} files here; at most {most} go in at once. Name fewer.").format(
                count=len(sources), most=MAX_FILES
            )
        )
    if not sources:
        reasons = "; ".join(f"{name}: {why}" for name, _size, why in left_out[:5])
        raise IntakeError(
            _("There is nothing to import here.") + (f" {reasons}" if reasons else "")
        )
    return Found(tuple(sources), tuple(left_out))


def unpack(source: Source, folder: Path, *, at_most: int | None = None) -> Path:
    """Return the path of the source's plain bytes, unpacking into ``folder`` where needed.

    With ``at_most``, only about so many bytes are unpacked (to look at the beginning). Raises
    IntakeError for an archive that unpacks to far more than a table would, or is damaged.
    """
    if source.plain:
        return source.path
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"unpacked-{zlib.crc32(source.name.encode()):08x}"
    try:
        if source.member is not None:
            with zipfile.ZipFile(source.path) as archive:
                info = archive.getinfo(source.member)
                with archive.open(info) as packed, target.open("wb") as plain:
                    _copy(packed, plain, source, info.compress_size, at_most)
        else:
            with gzip.open(source.path) as packed, target.open("wb") as plain:
                _copy(cast("IO[bytes]", packed), plain, source, source.bytes, at_most)
    except (OSError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError) as error:
        target.unlink(missing_ok=True)
        raise IntakeError(
            _("{name} is damaged and cannot be unpacked ({error}).").format(
                name=source.name, error=error
            )
        ) from error
    except IntakeError:
        target.unlink(missing_ok=True)
        raise
    return target


def _copy(
    packed: IO[bytes], plain: IO[bytes], source: Source, packed_bytes: int, at_most: int | None
) -> None:
    written = 0
    room = shutil.disk_usage(Path(plain.name).parent).free
    while chunk := packed.read(_CHUNK):
        written += len(chunk)
        if _is_bomb(written, packed_bytes):
            raise IntakeError(_bomb(source.name))
        if written > room // 2:
            raise IntakeError(
                _("{name} does not fit on this disk when unpacked.").format(name=source.name)
            )
        plain.write(chunk)
        if at_most is not None and written >= at_most:
            return


def _is_bomb(unpacked: int, packed: int) -> bool:
    if unpacked > MAX_UNPACKED:
        return True
    return unpacked > MAX_UNSUSPECTED and unpacked > MAX_RATIO * max(packed, 1)


def _bomb(name: str) -> str:
    return _(
        "{name} unpacks to more than {ratio} times its size, as files made to fill a disk do. "
        "It was not read. If it is really yours, unpack it and import what is inside."
    ).format(name=name, ratio=MAX_RATIO)


def _in_folder(folder: Path) -> Found:
    sources: list[Source] = []
    left_out: list[tuple[str, int, str]] = []
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if hidden or path.is_symlink() or not path.is_file():
            continue
        name = path.relative_to(folder).as_posix()
        if not _known(path.name):
            left_out.append((name, path.stat().st_size, _("not a kind of file that is read")))
            continue
        try:
            found = _one(path, name)
        except NotATableError as error:
            left_out.append((name, path.stat().st_size, str(error)))
            continue
        sources.extend(found.sources)
        left_out.extend(found.left_out)
    return Found(tuple(sources), tuple(left_out))


def _known(name: str) -> bool:
    path = PurePosixPath(name.lower())
    if path.suffix == ".gz":
        path = PurePosixPath(path.stem)
    return path.suffix in _EXTENSIONS or path.suffix == ".zip"


def _one(path: Path, name: str) -> Found:
    """Look at one file: its first bytes say what it is, its name only where they do not."""
    size = path.stat().st_size
    if size == 0:
        return Found((), ((name, 0, _("the file is empty")),))
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith(b"PK\x03\x04") and not is_workbook(path):
        return _in_zip(path, name)
    if head.startswith(b"\x1f\x8b"):
        return Found((_packed(path, name, size),), ())
    return Found((Source(name, path, _format(head, name), size),), ())


def _packed(path: Path, name: str, size: int) -> Source:
    try:
        with gzip.open(path) as file:
            head = file.read(4096)
    except (OSError, EOFError, zlib.error) as error:
        raise IntakeError(
            _("{name} is damaged and cannot be unpacked ({error}).").format(name=name, error=error)
        ) from error
    if head.startswith((b"PK\x03\x04", b"\x1f\x8b")):
        raise IntakeError(_nested(name))
    inner = name.removesuffix(".gz").removesuffix(".GZ")
    return Source(name, path, _format(head, inner), size, packed=True)


def _nested(name: str) -> str:
    return _("{name} is an archive inside an archive. Unpack the outer one first.").format(
        name=name
    )


def _format(head: bytes, name: str) -> Format:
    """Say what a file is. Raises IntakeError for what is plainly no table."""
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return "excel"
    if text.startswith(b"<"):
        if b"<log" in text or name.lower().endswith(".xes"):
            return "xes"
        raise NotATableError(
            _(
                "{name} is XML or a web page, not a table. Of XML, event logs (XES) are read."
            ).format(name=name)
        )
    if head.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x7fELF", b"SQLite f")):
        raise NotATableError(
            _("{name} is not a table. Tables are read from {formats}.").format(
                name=name, formats="CSV, Excel, JSON lines, Parquet, XES"
            )
        )
    if text.startswith(b"{") or (text.startswith(b"[") and name.lower().endswith(".json")):
        return "json"
    suffix = PurePosixPath(name.lower()).suffix
    return _EXTENSIONS.get(suffix, "csv") if suffix in (".csv", ".tsv", ".json") else "csv"


def is_workbook(path: Path) -> bool:
    """Tell an Excel or OpenDocument file, which is a zip too, from an archive of files.

    Raises IntakeError for a workbook made to fill memory.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            infos = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError) as error:
        raise IntakeError(
            _("{name} is damaged and cannot be unpacked ({error}).").format(
                name=path.name, error=error
            )
        ) from error
    if "[Content_Types].xml" in names or {"mimetype", "content.xml"} <= names:
        if _is_bomb(sum(info.file_size for info in infos), path.stat().st_size):
            raise IntakeError(_bomb(path.name))
        return True
    return False


def _in_zip(path: Path, name: str) -> Found:
    with zipfile.ZipFile(path) as archive:
        infos = [info for info in archive.infolist() if not info.is_dir()]
        if len(infos) > MAX_FILES:
            raise IntakeError(
                _("{name} holds {count} files; at most {most} go in at once.").format(
                    name=name, count=len(infos), most=MAX_FILES
                )
            )
        if _is_bomb(sum(info.file_size for info in infos), path.stat().st_size):
            raise IntakeError(_bomb(name))
        sources: list[Source] = []
        left_out: list[tuple[str, int, str]] = []
        for info in infos:
            source, why = _member(archive, info, path, name)
            if source is not None:
                sources.append(source)
            elif why:
                left_out.append((f"{name}/{info.filename}", info.file_size, why))
    return Found(tuple(sources), tuple(left_out))


def _member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path, name: str
) -> tuple[Source | None, str]:
    """Look at one file of a zip; hidden ones (made by macOS, say) are passed over in silence."""
    inside = PurePosixPath(info.filename.replace("\\", "/"))
    shown = f"{name}/{info.filename}"
    _refuse_unsafe(info, inside, shown)
    if any(part.startswith((".", "__MACOSX")) for part in inside.parts):
        return None, ""
    if info.file_size == 0:
        return None, _("the file is empty")
    if not _known(inside.name):
        return None, _("not a kind of file that is read")
    try:
        with archive.open(info) as file:
            head = file.read(4096)
    except (OSError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError) as error:
        raise IntakeError(
            _("{name} is damaged and cannot be unpacked ({error}).").format(name=shown, error=error)
        ) from error
    try:
        kind = _format(head, inside.name)
    except NotATableError as error:
        return None, str(error)
    return Source(shown, path, kind, info.file_size, info.filename), ""


def _refuse_unsafe(info: zipfile.ZipInfo, inside: PurePosixPath, shown: str) -> None:
    if inside.is_absolute() or ".." in inside.parts or ":" in "".join(inside.parts[:1]):
        raise IntakeError(
            _("{name} names a place outside the archive. The archive was not read.").format(
                name=shown
            )
        )
    if stat.S_ISLNK(info.external_attr >> 16):
        raise IntakeError(
            _("{name} is a link to another place. The archive was not read.").format(name=shown)
        )
    if info.flag_bits & 0x1:
        raise IntakeError(
            _("{name} is protected by a password. Unpack it first.").format(name=shown)
        )
    if inside.suffix.lower() in (".zip", ".gz"):
        raise IntakeError(_nested(shown))
    if _is_bomb(info.file_size, info.compress_size):
        raise IntakeError(_bomb(shown))
