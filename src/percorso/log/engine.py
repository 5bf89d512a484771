"""The query engine: DuckDB through Ibis, over the files of one version of the log."""

import os
import shutil
import threading
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from percorso.vocabulary import ABOUT_CUSTOMERS

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

    from percorso.log.phases import Rules
    from percorso.log.table import Log

#: Share of the machine's memory for queries, and its bounds in bytes.
_MEMORY_SHARE: Final = 0.4
_LEAST_MEMORY: Final = 384 * 2**20
_MOST_MEMORY: Final = 16 * 2**30
#: Share of the free disk that intermediate results may fill.
_DISK_SHARE: Final = 0.5
#: States of the log (versions of rows, identity, rules) whose views are kept, for those who hold
#: a table of them, and how many prepared tables are, of which there are several a state.
_KEPT: Final = 50
_KEPT_PREPARED: Final = 16
#: References, over all states that are kept, from which the oldest states are let go of.
_KEPT_REFERENCES: Final = 3_000_000


class Engine:
    """A DuckDB database in memory, with views of each state of the log that was asked for.

    Every thread has its own connection to it: DuckDB's connections are not for sharing.
    """

    def __init__(self, log: "Log") -> None:
        import duckdb

        self._log = log
        self._local = threading.local()
        self._mutex = threading.RLock()
        #: State -> the number that its views and tables are named by.
        self._states: dict[Any, int] = {}
        #: Tables of who is who by their name, and the one each state stands on.
        self._identities: dict[str, pa.Table] = {}
        self._identity_of: dict[int, str] = {}
        #: Prepared table -> its file, None where it is held in memory. See log.prepared.
        self._prepared: dict[str, Path | None] = {}
        #: Views made for others by their name, the one asked for longest ago first: their query.
        self._named: dict[str, str] = {}
        #: Tables of a few rows that such views read.
        self._few: set[str] = set()
        #: Held by the thread that works a table out.
        self.working_out = threading.RLock()
        self._count = 0
        spill = log.workspace.temporary / "spill"
        spill.mkdir(parents=True, exist_ok=True)
        self._database = duckdb.connect(
            config={
                "memory_limit": f"{memory_limit() // 2**20}MiB",
                "temp_directory": str(spill),
                "max_temp_directory_size": f"{spill_limit(spill) // 2**20}MiB",
                # Nothing is fetched from another host, ever.
                "autoinstall_known_extensions": False,
                "preserve_insertion_order": False,
            }
        )
        # These belong to parts that are there only once the database is.
        self._database.execute("SET GLOBAL TimeZone = 'UTC'")
        self._database.execute("SET GLOBAL parquet_metadata_cache = true")

    def connection(self) -> Any:
        """Return this thread's Ibis backend."""
        backend = getattr(self._local, "backend", None)
        if backend is None:
            import ibis

            with self._mutex:
                backend = ibis.duckdb.from_connection(self._database.cursor())
            self._local.backend = backend
            self._local.tables = {}
        return backend

    def interactions(self, connection: Any = None) -> "ibis.Table":
        """Return the log as it is now; see ``Log.interactions``."""
        with self._mutex:
            name = f"interactions_{self._state()}"
        return self.table(name, connection)

    def table(self, name: str, connection: Any = None) -> "ibis.Table":
        """Return a table or view of the database; a thread asks once which columns it has."""
        backend = self.connection()
        if connection is not None and connection is not backend:
            found: ibis.Table = connection.table(name)
            return found
        known: dict[str, ibis.Table] = self._local.tables
        if name not in known:
            if len(known) >= _KEPT:
                known.clear()
            known[name] = backend.table(name)
        return known[name]

    def has(self, relation: str) -> bool:
        """Say whether a prepared table is offered, and its file was not thrown away since."""
        if relation not in self._prepared:
            return False
        file = self._prepared.get(relation)
        return file is None or file.exists()

    def view(self, relation: str, file: Path) -> None:
        """Offer a prepared table that lies in a file."""
        self._offer(f"VIEW {_quoted(relation)} AS FROM {parquet([str(file)])}", relation, file)

    def named(
        self, relation: str, query: Callable[[], str], connection: Any = None
    ) -> "ibis.Table":
        """Return a view of this name, made from what ``query`` gives where there is none yet.

        The name says all that the query depends on: a view of a name never changes.
        """
        with self._mutex:
            made = self._named.pop(relation, None)
            if made is None:
                made = query()
                self._database.execute(f"CREATE VIEW {_quoted(relation)} AS {made}")
            self._named[relation] = made
            self._forget_views_but(_KEPT)
        return self.table(relation, connection)

    def rows(self, relation: str, rows: "pa.Table") -> str:
        """Hold a few rows in memory for a named view to read, and return their name, quoted."""
        with self._mutex:
            if relation not in self._few:
                self._database.register("given", rows)
                self._database.execute(f"CREATE TABLE {_quoted(relation)} AS FROM given")
                self._database.unregister("given")
                self._few.add(relation)
        return _quoted(relation)

    def _forget_views_but(self, kept: int) -> None:
        """Let go of the oldest views, and of the tables that none of the others reads."""
        if len(self._named) <= kept:
            return
        while len(self._named) > kept:
            oldest = next(iter(self._named))
            del self._named[oldest]
            self._database.execute(f"DROP VIEW IF EXISTS {_quoted(oldest)}")
        for relation in list(self._few):
            if not any(_quoted(relation) in query for query in self._named.values()):
                self._few.remove(relation)
                self._database.execute(f"DROP TABLE IF EXISTS {_quoted(relation)}")

    def hold(self, relation: str, query: str) -> None:
        """Offer a prepared table by holding it in memory."""
        self._offer(f"TABLE {_quoted(relation)} AS {query}", relation, None)

    def copy(self, query: str, file: Path) -> None:
        """Write what ``query`` gives to a Parquet file."""
        self.connection().raw_sql(
            f"COPY ({query}) TO {_list([str(file)])[1:-1]} (FORMAT parquet, COMPRESSION zstd)"
        )

    def _offer(self, statement: str, relation: str, file: Path | None) -> None:
        with self._mutex:
            # A table held in memory does not give way to a view of its name by itself.
            if relation in self._prepared:
                self._drop(relation)
            self._database.execute(f"CREATE {statement}")
            self._prepared[relation] = file
            while len(self._prepared) > _KEPT_PREPARED:
                self._drop(next(iter(self._prepared)))

    def _state(self) -> int:
        """Return the number of the state the log is in, with its views made."""
        snapshot = self._log.snapshot()
        rules = self._log.phase_rules()
        key = (snapshot.version, self._log.identity_version, rules)
        if key not in self._states:
            self._count += 1
            self._make_views(self._count, [each.path for each in snapshot.files], rules)
            self._states[key] = self._count
            self._forget_all_but(_KEPT)
            while self._are_many():
                self._forget_all_but(len(self._states) - 1)
        return self._states[key]

    def _make_views(self, number: int, files: list[str], rules: "Rules") -> None:
        """Make the views ``rows`` (joined with who is who), ``marked`` and ``interactions``."""
        paths = [str(self._log.workspace.log / path) for path in files]
        source = parquet(paths) if paths else f"(SELECT {_no_columns()} WHERE false)"
        self._database.execute(
            f"CREATE OR REPLACE VIEW rows_{number} AS {self._joined(source, number)}"
        )
        self._database.execute(
            f"CREATE OR REPLACE VIEW marked_{number} AS {_marked(f'rows_{number}', rules)}"
        )
        self._database.execute(
            f"CREATE OR REPLACE VIEW interactions_{number} AS "
            f"WITH marked AS NOT MATERIALIZED (FROM marked_{number}) {_with_phase(rules)}"
        )

    def _joined(self, source: str, number: int) -> str:
        """Return the query that puts the customer in the place of the reference."""
        from percorso.log.schema import SCHEMA

        names = [f'l."{name}"' for name in SCHEMA.names]
        belonging = self._belonging(number)
        if belonging is None:
            return f"SELECT {', '.join(names)}, l.customer AS reference FROM {source} l"
        names[SCHEMA.get_field_index("customer")] = "coalesce(i.customer, l.customer) AS customer"
        # Grouped, so that DuckDB sees that the join adds no row and leaves it out of queries
        # that do not ask for the customer.
        return (
            f"SELECT {', '.join(names)}, l.customer AS reference FROM {source} l LEFT JOIN "
            f"(SELECT reference, max(customer) AS customer FROM {belonging} "
            f"GROUP BY reference) i ON i.reference = l.customer"
        )

    def _belonging(self, number: int) -> str | None:
        """Return the table of who is who for a state; None where everybody is themselves.

        States that differ in something else share it: it may have millions of rows.
        """
        table = self._log.identity.table()
        if not table.num_rows:
            return None
        name = next((name for name, held in self._identities.items() if held is table), None)
        if name is None:
            name = f"identity_{number}"
            self._database.register("belongs", table)
            self._database.execute(f"CREATE OR REPLACE TABLE {name} AS FROM belongs")
            self._database.unregister("belongs")
            self._identities[name] = table
        self._identity_of[number] = name
        return name

    def references(self) -> str | None:
        """Return the relation of who is who as it is now: reference, customer.

        It has a row for each reference that goes by another's name; None where none does.
        """
        with self._mutex:
            return self._identity_of.get(self._state())

    def forget(self) -> None:
        """Let go of every state; those that somebody asks for again are made again."""
        with self._mutex:
            self._forget_all_but(0)
            for relation in list(self._prepared):
                self._drop(relation)
            self._forget_views_but(0)

    def _forget_all_but(self, kept: int) -> None:
        while len(self._states) > kept:
            number = self._states.pop(next(iter(self._states)))
            for view in ("interactions", "marked", "rows"):
                self._database.execute(f"DROP VIEW IF EXISTS {view}_{number}")
            self._forget_identity(self._identity_of.pop(number, None))

    def _forget_identity(self, name: str | None) -> None:
        if name is not None and name not in self._identity_of.values():
            del self._identities[name]
            self._database.execute(f"DROP TABLE IF EXISTS {name}")

    def _are_many(self) -> bool:
        """Say whether the tables of who is who, of all states that are kept, hold too many rows."""
        held = sum(table.num_rows for table in self._identities.values())
        return len(self._identities) > 1 and held > _KEPT_REFERENCES

    def _drop(self, relation: str) -> None:
        kind = "TABLE" if self._prepared.pop(relation) is None else "VIEW"
        self._database.execute(f"DROP {kind} IF EXISTS {_quoted(relation)}")


def connect(log: "Log") -> Any:
    """Return this thread's Ibis backend over the log."""
    return log.engine().connection()


def memory_limit() -> int:
    """Return the bytes queries may use: a share of what the machine, or its container, has."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for file in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            memory = min(memory, int(Path(file).read_text(encoding="ascii")))
        except (OSError, ValueError):
            continue
    return int(min(max(memory * _MEMORY_SHARE, _LEAST_MEMORY), _MOST_MEMORY))


def spill_limit(folder: Path) -> int:
    """Return the bytes queries may write to ``folder``: a share of what is free now."""
    return int(shutil.disk_usage(folder).free * _DISK_SHARE)


def _marked(rows: str, rules: "Rules") -> str:
    """Return the query that adds, for each threshold of the rules, whether it was passed before.

    The time of a customer's n-th order (or interaction) says of each other whether it came after:
    cheaper than counting at every row. The join is left out of queries that do not ask for the
    phase, as above.
    """
    from percorso.log.phases import after

    counts = {
        "orders_before": (rules.order_thresholds, "FILTER (kind = 'order')"),
        "interactions_before": (
            rules.interaction_thresholds,
            f"FILTER (kind NOT IN {ABOUT_CUSTOMERS})",
        ),
    }
    marks: list[str] = []
    columns: list[str] = []
    for count, (thresholds, condition) in counts.items():
        if not thresholds:
            continue
        marks.append(f'min("at", {thresholds[-1]}) {condition} AS {count}')
        columns.extend(
            f'coalesce(r."at" > m.{count}[{n}], false) AS {after(count, n)}' for n in thresholds
        )
    if not marks:
        return f"SELECT * FROM {rows}"
    return (
        f"SELECT r.*, {', '.join(columns)} FROM {rows} r LEFT JOIN "
        f"(SELECT customer, {', '.join(marks)} FROM {rows} GROUP BY customer) m "
        f"ON m.customer = r.customer"
    )


@lru_cache(maxsize=8)
def _with_phase(rules: "Rules") -> str:
    """Return the query that adds the phase to the rows of ``marked``; see ``_marked``.

    Writing it takes a tenth of a second, and every state of the log asks for it.
    """
    import ibis

    from percorso.log.phases import after
    from percorso.log.schema import SCHEMA

    columns = {**ibis.Schema.from_pyarrow(SCHEMA), "reference": "string"}
    passed = [after("orders_before", n) for n in rules.order_thresholds]
    passed += [after("interactions_before", n) for n in rules.interaction_thresholds]
    marked = ibis.table({**columns, **dict.fromkeys(passed, "boolean")}, name="marked")
    table = marked.select(*columns, phase=rules.expression(marked))
    return str(ibis.to_sql(table, dialect="duckdb"))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def parquet(paths: list[str]) -> str:
    """Return the SQL that reads these files."""
    return f"read_parquet({_list(paths)}, hive_partitioning = false)"


def _list(texts: list[str]) -> str:
    return "[" + ", ".join("'" + text.replace("'", "''") + "'" for text in texts) + "]"


def _no_columns() -> str:
    from percorso.vocabulary import FIELDS

    types = {"text": "VARCHAR", "json": "VARCHAR", "number": "DOUBLE", "time": "TIMESTAMPTZ"}
    return ", ".join(f'NULL::{types[each.type]} AS "{each.name}"' for each in FIELDS)
