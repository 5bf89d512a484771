"""The files as tables of text in a DuckDB database of their own, where a recipe's SQL runs.

Once loaded, the database is shut off: no file, no network, no setting can be reached from a
recipe, which may come from anybody.
"""

import shutil
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from percorso.i18n import gettext as _
from percorso.intake.model import Finding, IntakeError, OnProgress, Progress
from percorso.intake.readers import RESERVED, ROW, Reject
from percorso.intake.sources import Source, unpack
from percorso.intake.spool import Spool
from percorso.intake.sql import literal, pmf_case, quoted, word_cases
from percorso.intake.synonyms import CHANNEL_WORDS, SCALE_WORDS

if TYPE_CHECKING:
    import pyarrow as pa

    from percorso.intake.readers.dialect import Dialect

#: An import stays under 1 GB in all; this much of it is DuckDB's.
_MEMORY: Final = "192MiB"
#: A row of a table reads file number * 2^40 + row number.
FILE_STEP: Final = 1 << 40

#: What stands for "nothing here" in exports.
NOTHING: Final = r"(?i)\s*(?:na|n/a|#n/a|null|none|nan|nat|n\.d\.|nd|--?|\\n)?\s*"

#: What every recipe may use (docs/reference/recipes.md). ``given`` is NULL for what stands for
#: nothing; ``customer_of`` makes a reference of an e-mail address, a telephone number or a
#: customer number; ``channel_of``, ``scale_of`` and ``pmf_of`` know what people call these.
_MACROS: Final = (
    # Regular expressions are slow: they see only what cheaper tests leave.
    rf"""CREATE MACRO given(x) AS CASE
        WHEN length(x) > 8 AND length(trim(x)) > 4 THEN trim(x)
        WHEN NOT regexp_full_match(x, '{NOTHING}') THEN trim(x) END""",
    r"""CREATE MACRO customer_of(x) AS CASE
        WHEN contains(x, '@') AND regexp_full_match(trim(x), '[^@\s]+@[^@\s]+')
            THEN 'email:' || lower(trim(x))
        WHEN contains(x, ':')
            AND regexp_full_match(trim(x), '(email|user|anon|case|phone|card):\S.*') THEN trim(x)
        WHEN contains(x, '+') AND regexp_full_match(trim(x), '\+\d[\d ()./-]{6,}')
            THEN 'phone:+' || regexp_replace(x, '\D', '', 'g')
        ELSE 'user:' || given(x) END""",
    r"""CREATE MACRO normal_name(x) AS trim(regexp_replace(lower(strip_accents(trim(x))),
        '[^a-z0-9]+', '_', 'g'), '_')""",
    f"CREATE MACRO channel_of(x) AS {word_cases('normal_name(x)', CHANNEL_WORDS, 'other')}",
    f"CREATE MACRO scale_of(x) AS {word_cases('normal_name(x)', SCALE_WORDS, None)}",
    f"CREATE MACRO pmf_of(x) AS {pmf_case('x')}",
)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A table: which source it is of, what it is called towards the user, its columns and rows.

    ``number`` is the file's in ``_row``; ``table`` its name in the database.
    """

    number: int
    source: Source
    name: str
    table: str
    columns: tuple[str, ...]
    rows: int
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    whole: bool
    delimiter: str = ","


class Tables:
    """The database. Use it in a ``with`` block; ``folder`` is emptied at the end."""

    def __init__(self, folder: Path) -> None:
        import duckdb

        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.loaded: list[Loaded] = []
        self.rejects = Spool(folder / "rejects.jsonl")
        self.connection: Any = duckdb.connect(
            str(folder / "tables.duckdb"),
            config={
                "memory_limit": _MEMORY,
                "temp_directory": str(folder / "spill"),
                "max_temp_directory_size": f"{shutil.disk_usage(folder).free // 2**21}MiB",
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            },
        )
        self.connection.execute("SET TimeZone = 'UTC'")
        self.connection.execute("SET enable_progress_bar = false")
        for macro in _MACROS:
            self.connection.execute(macro)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
        self.rejects.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def load(
        self,
        sources: Iterable[Source],
        *,
        limit: int | None = None,
        head: int | None = None,
        on_progress: OnProgress | None = None,
    ) -> None:
        """Read the sources; ``limit`` rows of each (``head`` bytes, of packed ones) for a look."""
        sources = list(sources)
        total = sum(each.bytes for each in sources)
        before = 0
        for source in sources:
            reading = _Reading(self, source, before, total, limit, on_progress)
            path = unpack(source, self.folder, at_most=head if limit else None)
            try:
                reading.load(path)
            finally:
                if not source.plain:
                    path.unlink(missing_ok=True)
            before += source.bytes
            reading.tell(source.bytes)

    def close(self) -> None:
        """Close the database; what is known of the tables, and the rejects, stay."""
        self.connection.close()

    def put(self, name: str, values: Mapping[str, str | None]) -> Loaded:
        """Make a table of one row, as if a file had held it."""
        table = f"file_{len(self.loaded)}"
        columns = ", ".join(
            f"{'NULL' if value is None else literal(value)}::VARCHAR AS {quoted(column)}"
            for column, value in values.items()
        )
        self.connection.execute(f"CREATE TABLE {table} AS SELECT 1::BIGINT AS {ROW}, {columns}")
        source = Source(name, self.folder, "csv", 0)
        number = len(self.loaded)
        loaded = Loaded(number, source, name, table, tuple(values), 1, (), (), whole=True)
        self.loaded.append(loaded)
        return loaded

    def shut(self) -> None:
        """Cut the database off from everything outside it."""
        self.connection.execute("SET enable_external_access = false")
        self.connection.execute("SET lock_configuration = true")


class _Reading:
    """One source on its way into the database."""

    def __init__(
        self,
        tables: Tables,
        source: Source,
        before: int,
        total: int,
        limit: int | None,
        on_progress: OnProgress | None,
    ) -> None:
        self.tables = tables
        self.source = source
        self.limit = limit
        self._before, self._total, self._on_progress = before, total, on_progress

    def tell(self, done: int) -> None:
        if self._on_progress:
            done = self._before + min(done, self.source.bytes)
            self._on_progress(Progress("reading", done, self._total, "bytes", self.source.name))

    def load(self, path: Path) -> None:
        match self.source.format:
            case "csv":
                self._load_delimited(path)
            case "excel":
                self._load_workbook(path)
            case "json":
                self._load_json(path)
            case "xes":
                self._load_xes(path)
            case "parquet":
                self._load_parquet(path)

    @property
    def _number(self) -> int:
        return len(self.tables.loaded)

    def _reject(self, reject: Reject) -> None:
        self.tables.rejects.add((self._number, reject))

    def _add(
        self,
        name: str,
        columns: Iterable[str],
        findings: tuple[Finding, ...] = (),
        notes: tuple[str, ...] = (),
        delimiter: str = ",",
    ) -> None:
        table = f"file_{self._number}"
        (rows,) = self.tables.connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0]
        whole = self.limit is None or rows < self.limit
        self.tables.loaded.append(
            Loaded(
                self._number,
                self.source,
                name,
                table,
                tuple(columns),
                rows,
                findings,
                notes,
                whole,
                delimiter,
            )
        )

    def _insert(self, batches: Iterator["pa.Table"], columns: Iterable[str]) -> list[str]:
        """Fill a new table; columns that turn up later are added. Returns all columns."""
        connection = self.tables.connection
        table = f"file_{self._number}"
        names = list(columns)
        listed = "".join(f", {quoted(name)} VARCHAR" for name in names)
        connection.execute(f"CREATE TABLE {table} ({ROW} BIGINT{listed})")
        known = {name.casefold() for name in names}
        for batch in batches:
            batch = _distinct(batch, names)
            for name in batch.column_names[1:]:
                if name.casefold() not in known:
                    connection.execute(f"ALTER TABLE {table} ADD COLUMN {quoted(name)} VARCHAR")
                    known.add(name.casefold())
                    names.append(name)
            connection.register("batch", batch)
            connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM batch")
            connection.unregister("batch")
        return names

    def _load_delimited(self, path: Path) -> None:
        from percorso.intake.readers import delimited
        from percorso.intake.readers.dialect import SPACES, detect

        dialect = detect(path, self.source.name)
        narrow = dialect.encoding in ("utf-8", "utf-8-sig") and not dialect.old_mac
        whole = self.limit is None and narrow and dialect.delimiter != SPACES
        if whole and delimited.in_order(path) and self._load_fast(path, dialect):
            self._add_delimited(dialect)
            return
        batches = delimited.read(
            path, dialect, on_reject=self._reject, on_bytes=self.tell, limit=self.limit
        )
        self._insert(batches, dialect.names)
        self._add_delimited(dialect)

    def _add_delimited(self, dialect: "Dialect") -> None:
        name, delimiter = self.source.name, dialect.delimiter
        self._add(name, dialect.names, dialect.findings, dialect.notes, delimiter)

    def _load_fast(self, path: Path, dialect: "Dialect") -> bool:
        """Let DuckDB read a file that is wholly in order; say whether it was."""
        import duckdb

        from percorso.intake.readers.delimited import MAX_LINE

        connection = self.tables.connection
        table = f"file_{self._number}"
        columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in dialect.names)
        try:
            connection.execute(
                f"CREATE TABLE {table} AS SELECT * FROM read_csv({literal(str(path))},"
                f" auto_detect = false, header = false, skip = {dialect.skip},"
                f" delim = {literal(dialect.delimiter)}, quote = '\"', escape = '\"',"
                f" strict_mode = true, max_line_size = {MAX_LINE}, compression = 'none',"
                f" columns = {{{columns}}})"
            )
        except duckdb.Error:
            connection.execute(f"DROP TABLE IF EXISTS {table}")
            return False
        # Rows went in in the order of the file, so that the row number need not be stored.
        connection.execute(f"ALTER TABLE {table} RENAME TO stored_{table}")
        connection.execute(
            f"CREATE VIEW {table} AS"
            f" SELECT rowid + {dialect.skip + 1} AS {ROW}, * FROM stored_{table}"
        )
        return True

    def _load_workbook(self, path: Path) -> None:
        from percorso.intake.readers import workbook
        from percorso.intake.sources import is_workbook

        if zipfile.is_zipfile(path):
            is_workbook(path)  # looked into again: it may have come inside an archive
        sheets = workbook.sheets(path, self.source.name)
        for sheet in sheets:
            names, notes, batches = workbook.read(path, self.source.name, sheet, limit=self.limit)
            if not names:
                continue
            self._insert(batches, names)
            name = f"{self.source.name} · {sheet}" if len(sheets) > 1 else self.source.name
            self._add(name, names, (Finding(_("Sheet"), sheet),), notes)

    def _load_json(self, path: Path) -> None:
        from percorso.intake.readers import json_lines

        batches = json_lines.read(
            path,
            self.source.name,
            on_reject=self._reject,
            on_bytes=self.tell,
            limit=self.limit,
        )
        self._add(self.source.name, self._insert(batches, ()), (Finding(_("Format"), "JSON"),))

    def _load_xes(self, path: Path) -> None:
        from percorso.intake.readers import xes

        batches = xes.read(path, self.source.name, on_bytes=self.tell, limit=self.limit)
        self._insert(batches, xes.NAMES)
        self._add(self.source.name, xes.NAMES, (Finding(_("Format"), "XES (IEEE 1849)"),))

    def _load_parquet(self, path: Path) -> None:
        import duckdb

        connection = self.tables.connection
        table = f"file_{self._number}"
        source = f"read_parquet({literal(str(path))}, hive_partitioning = false)"
        try:
            described = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
            columns = ", ".join(_as_text(name, type_) for name, type_, *_rest in described)
            limit = f" LIMIT {self.limit}" if self.limit else ""
            connection.execute(
                f"CREATE TABLE stored_{table} AS SELECT {columns} FROM {source}{limit}"
            )
        except duckdb.Error as error:
            raise IntakeError(
                _("{name} cannot be read as Parquet ({error}).").format(
                    name=self.source.name, error=str(error).splitlines()[0]
                )
            ) from error
        connection.execute(
            f"CREATE VIEW {table} AS SELECT rowid + 1 AS {ROW}, * FROM stored_{table}"
        )
        names = [name for name, *_rest in described]
        self._add(self.source.name, names, (Finding(_("Format"), "Parquet"),))


def _as_text(name: str, type_: str) -> str:
    nested = type_.endswith("]") or type_.startswith(("STRUCT", "MAP", "UNION"))
    value = f"to_json({quoted(name)})" if nested else quoted(name)
    return f"CAST({value} AS VARCHAR) AS {quoted(name)}"


def _distinct(batch: "pa.Table", known: list[str]) -> "pa.Table":
    """Give columns whose names differ only in case, which are one to DuckDB, different names."""
    seen = set(RESERVED)
    names: list[str] = []
    for name in batch.column_names:
        wanted = name if name != ROW or not names else f"{name}_"
        match = next((each for each in known if each.casefold() == wanted.casefold()), wanted)
        while match.casefold() in seen and names:
            match += "_"
        seen.add(match.casefold())
        names.append(match)
    return batch.rename_columns(names)
