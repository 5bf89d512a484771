"""The files as tables of text in a DuckDB database of their own, where a recipe's SQL runs.

Once loaded, the database is shut off: no file, no network, no setting can be reached from a
recipe, which may come from anybody.
"""

import shutil
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from percorso.i18n import gettext as _
from percorso.intake.model import Finding, IntakeError, OnProgress, Progress
from percorso.intake.narrowing import CONTENT, Narrowing, Wanted
from percorso.intake.readers import ROW, Reject, distinct, rows_a_batch
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

#: Columns of a very wide Parquet file that are made text at once.
_PART: Final = 100

#: Seconds between two words on how far DuckDB is.
_TELLING: Final = 0.2

#: What stands for "nothing here" in exports.
NOTHING: Final = r"(?i)\s*(?:na|n/a|#n/a|null|none|nan|nat|n\.d\.|nd|--?|\\n)?\s*"

#: What every recipe may use (docs/reference/recipes.md). ``given`` is NULL for what stands for
#: nothing; ``customer_of`` makes a reference of an e-mail address, a telephone number or a
#: customer number; ``channel_of``, ``scale_of`` and ``pmf_of`` know what people call these.
_MACROS: Final = (
    # Regular expressions are slow: they see only what cheaper tests leave.
    rf"""CREATE MACRO given(x) AS CASE
        WHEN x BETWEEN '0' AND ':' OR length(x) > 8 AND length(trim(x)) > 4 THEN trim(x)
        WHEN NOT regexp_full_match(x, '{NOTHING}') THEN trim(x) END""",
    r"""CREATE MACRO customer_of(x) AS CASE
        WHEN contains(x, ':')
            AND regexp_full_match(trim(x), '(email|user|anon|case|phone|card):\S.*')
            THEN CASE WHEN starts_with(trim(x), 'email:') THEN lower(trim(x)) ELSE trim(x) END
        WHEN contains(x, '@') AND regexp_full_match(x, '\s*[^@\s]+@[^@\s]+\s*')
            THEN 'email:' || lower(trim(x, ' ' || chr(9) || chr(10) || chr(13)))
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

    ``number`` is the file's in ``_row``; ``table`` its name in the database. ``header`` are all
    columns of the file; where these are very many, ``columns`` are those that are read, and the
    table has a hash of the whole row, ``_content``, beside (``narrowing``).
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
    header: tuple[str, ...] = ()

    @property
    def narrowed(self) -> bool:
        return len(self.header) > len(self.columns)


class Tables:
    """The database. Use it in a ``with`` block; ``folder`` is emptied at the end."""

    def __init__(self, folder: Path) -> None:
        import duckdb

        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.loaded: list[Loaded] = []
        self.rejects = Spool(folder / "rejects.jsonl")
        self.connection: Any = duckdb.connect(
            ":memory:",  # what is more than it may hold goes to its temporary folder
            config={
                "memory_limit": _MEMORY,
                "temp_directory": str(folder / "spill"),
                "max_temp_directory_size": f"{shutil.disk_usage(folder).free // 2**21}MiB",
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            },
        )
        self.connection.execute("SET TimeZone = 'UTC'")
        # Kept, so that it can be asked; never printed.
        self.connection.execute("SET enable_progress_bar = true")
        self.connection.execute("SET enable_progress_bar_print = false")
        self.connection.execute("SET progress_bar_time = 0")
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
        wanted: Wanted = lambda _name: False,
    ) -> None:
        """Read the sources; ``limit`` rows of each (``head`` bytes, of packed ones) for a look.

        Of very many columns those that are ``wanted`` are kept before others.
        """
        sources = list(sources)
        total = sum(each.bytes for each in sources)
        before = 0
        for source in sources:
            reading = _Reading(self, source, before, total, limit, on_progress, wanted)
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
        wanted: Wanted,
    ) -> None:
        self.tables = tables
        self._wanted = wanted
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
        narrowing: Narrowing,
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
                tuple(narrowing.kept),
                rows,
                findings,
                (*notes, *narrowing.notes()),
                whole,
                delimiter,
                tuple(narrowing.header),
            )
        )

    def _narrowing(self, columns: Iterable[str] = ()) -> Narrowing:
        narrowing = Narrowing(self.source.name, self._wanted)
        narrowing.choose(columns)
        return narrowing

    def _insert(self, batches: Iterator["pa.Table"], narrowing: Narrowing) -> None:
        """Fill a new table; columns that turn up later are added."""
        connection = self.tables.connection
        table = f"file_{self._number}"
        names = [*narrowing.kept, *((CONTENT,) if narrowing.is_narrow else ())]
        listed = "".join(f", {quoted(name)} VARCHAR" for name in names)
        connection.execute(f"CREATE TABLE {table} ({ROW} BIGINT{listed})")
        for batch in batches:
            fitting = distinct(batch.column_names[1:], tuple(narrowing.header))
            batch = narrowing.narrow(batch.rename_columns([ROW, *fitting]))
            for name in batch.column_names[1:]:
                if name not in names:
                    connection.execute(f"ALTER TABLE {table} ADD COLUMN {quoted(name)} VARCHAR")
                    if name == CONTENT:
                        given = ", ".join(quoted(each) for each in names)
                        row = f"concat_ws(chr(31), {given})"
                        connection.execute(f"UPDATE {table} SET {CONTENT} = md5({row})")
                    names.append(name)
            connection.register("batch", batch)
            connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM batch")
            connection.unregister("batch")

    def _load_delimited(self, path: Path) -> None:
        from percorso.intake.readers import delimited
        from percorso.intake.readers.dialect import SPACES, detect

        dialect = detect(path, self.source.name)
        narrowing = self._narrowing(dialect.names)
        plain = dialect.encoding in ("utf-8", "utf-8-sig") and not dialect.old_mac
        whole = self.limit is None and plain and dialect.delimiter != SPACES
        if (
            whole
            and not narrowing.is_narrow
            and delimited.begins_in_order(path, dialect)
            and delimited.in_order(path)
            and self._load_fast(path, dialect)
        ):
            self._add_delimited(dialect, narrowing)
            return
        batches = delimited.read(
            path, dialect, on_reject=self._reject, on_bytes=self.tell, limit=self.limit
        )
        self._insert(batches, narrowing)
        self._add_delimited(dialect, narrowing)

    def _add_delimited(self, dialect: "Dialect", narrowing: Narrowing) -> None:
        name, delimiter = self.source.name, dialect.delimiter
        self._add(name, narrowing, dialect.findings, dialect.notes, delimiter)

    def _load_fast(self, path: Path, dialect: "Dialect") -> bool:
        """Let DuckDB read a file that is wholly in order; say whether it was."""
        import duckdb

        from percorso.intake.readers.delimited import MAX_LINE

        connection = self.tables.connection
        table = f"file_{self._number}"
        columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in dialect.names)
        try:
            self._run_telling(
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

    def _run_telling(self, sql: str) -> None:
        """Run a statement that reads the whole source, telling meanwhile how far it is."""
        connection = self.tables.connection
        if self._on_progress is None:
            connection.execute(sql)
            return
        with ThreadPoolExecutor(1) as apart:
            running = apart.submit(connection.execute, sql)
            try:
                while not wait((running,), timeout=_TELLING).done:
                    percent = connection.query_progress()
                    if percent > 0:
                        self.tell(int(self.source.bytes * min(percent, 99) / 100))
            except BaseException:
                connection.interrupt()
                raise
            running.result()

    def _load_workbook(self, path: Path) -> None:
        from percorso.intake.readers import workbook
        from percorso.intake.sources import is_workbook

        if zipfile.is_zipfile(path):
            is_workbook(path)  # looked into again: it may have come inside an archive
        for sheet in workbook.read(path, self.source.name, limit=self.limit):
            narrowing = self._narrowing(sheet.names)
            self._insert(sheet.batches, narrowing)
            name = self.source.name if sheet.alone else f"{self.source.name} · {sheet.name}"
            self._add(name, narrowing, (Finding(_("Sheet"), sheet.name),), sheet.notes)

    def _load_json(self, path: Path) -> None:
        from percorso.intake.readers import json_lines

        batches = json_lines.read(
            path,
            self.source.name,
            on_reject=self._reject,
            on_bytes=self.tell,
            limit=self.limit,
        )
        narrowing = self._narrowing()
        self._insert(batches, narrowing)
        self._add(self.source.name, narrowing, (Finding(_("Format"), "JSON"),))

    def _load_xes(self, path: Path) -> None:
        from percorso.intake.readers import xes

        batches = xes.read(path, self.source.name, on_bytes=self.tell, limit=self.limit)
        narrowing = self._narrowing(xes.NAMES)
        self._insert(batches, narrowing)
        self._add(self.source.name, narrowing, (Finding(_("Format"), "XES (IEEE 1849)"),))

    def _load_parquet(self, path: Path) -> None:
        import duckdb

        source = f"read_parquet({literal(str(path))}, hive_partitioning = false)"
        try:
            described = self.tables.connection.execute(f"DESCRIBE SELECT * FROM {source}")
            columns = [(name, type_) for name, type_, *_rest in described.fetchall()]
            names = distinct(name for name, _type in columns)
            narrowing = self._narrowing(names)
            if narrowing.is_narrow:
                self._insert(self._parts_of_parquet(path, columns, names), narrowing)
            else:
                self._load_whole_parquet(source, columns, names)
        except (duckdb.Error, OSError) as error:
            raise IntakeError(
                _("{name} cannot be read as Parquet ({error}).").format(
                    name=self.source.name, error=str(error).splitlines()[0]
                )
            ) from error
        self._add(self.source.name, narrowing, (Finding(_("Format"), "Parquet"),))

    def _load_whole_parquet(
        self, source: str, columns: list[tuple[str, str]], names: list[str]
    ) -> None:
        table = f"file_{self._number}"
        texts = ", ".join(
            f"{_as_text(given, type_)} AS {quoted(name)}"
            for name, (given, type_) in zip(names, columns, strict=True)
        )
        limit = f" LIMIT {self.limit}" if self.limit else ""
        self.tables.connection.execute(
            f"CREATE TABLE stored_{table} AS SELECT {texts} FROM {source}{limit}"
        )
        self.tables.connection.execute(
            f"CREATE VIEW {table} AS SELECT rowid + 1 AS {ROW}, * FROM stored_{table}"
        )

    def _parts_of_parquet(
        self, path: Path, columns: list[tuple[str, str]], names: list[str]
    ) -> Iterator["pa.Table"]:
        """Yield a file of very many columns in text, some rows and some columns at a time."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        connection, done = self.tables.connection, 0
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=rows_a_batch(len(names))):
                if self.limit is not None:
                    batch = batch.slice(0, self.limit - done)
                if not batch.num_rows:
                    return
                texts: list[pa.ChunkedArray[Any]] = []
                for start in range(0, len(names), _PART):
                    part = pa.Table.from_arrays(
                        batch.columns[start : start + _PART],
                        [f"c{index}" for index in range(len(names[start : start + _PART]))],
                    )
                    types = [type_ for _name, type_ in columns[start : start + _PART]]
                    listed = ", ".join(_as_text(f"c{n}", type_) for n, type_ in enumerate(types))
                    connection.register("part", part)
                    texts += connection.sql(f"SELECT {listed} FROM part").to_arrow_table().columns
                    connection.unregister("part")
                numbers = pa.array(range(done + 1, done + batch.num_rows + 1), pa.int64())
                yield pa.table([numbers, *texts], names=[ROW, *names])
                done += batch.num_rows


def _as_text(name: str, type_: str) -> str:
    nested = type_.endswith("]") or type_.startswith(("STRUCT", "MAP", "UNION"))
    value = f"to_json({quoted(name)})" if nested else quoted(name)
    return f"CAST({value} AS VARCHAR)"
