"""The query engine: DuckDB through Ibis, over the files of one version of the log."""

import shutil
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import ibis

    from percorso.log.table import Log

#: Share of the machine's memory for queries, and their bounds in bytes.
_MEMORY_SHARE: Final = 0.4
_LEAST_MEMORY: Final = 384 * 2**20
_MOST_MEMORY: Final = 16 * 2**30
#: Share of the free disk that intermediate results may fill.
_DISK_SHARE: Final = 0.5


class Engine:
    """A DuckDB database in memory, with a view of the log for each version that was asked for.

    Every thread has its own connection to it: DuckDB's connections are not for sharing.
    """

    def __init__(self, log: "Log") -> None:
        import duckdb

        self._log = log
        self._local = threading.local()
        self._mutex = threading.Lock()
        self._views: dict[tuple[int, int], str] = {}
        spill = log.workspace.temporary / "spill"
        spill.mkdir(parents=True, exist_ok=True)
        self._database = duckdb.connect(
            config={
                "memory_limit": f"{memory_limit() // 2**20}MiB",
                "temp_directory": str(spill),
                "max_temp_directory_size": f"{spill_limit(spill) // 2**20}MiB",
                # Nothing is fetched from another host, ever.
                "autoinstall_known_extensions": False,
                "parquet_metadata_cache": True,
                "preserve_insertion_order": False,
            }
        )
        self._database.execute("SET GLOBAL TimeZone = 'UTC'")

    def connection(self) -> Any:
        """Return this thread's Ibis backend."""
        backend = getattr(self._local, "backend", None)
        if backend is None:
            import ibis

            with self._mutex:
                backend = ibis.duckdb.from_connection(self._database.cursor())
            self._local.backend = backend
        return backend

    def interactions(self, connection: Any = None) -> "ibis.Table":
        connection = connection or self.connection()
        return connection.table(self._view(connection))

    def _view(self, connection: Any) -> str:
        from percorso.log.schema import SCHEMA

        snapshot = self._log.snapshot()
        key = (snapshot.version, self._log.identity_version)
        with self._mutex:
            if key not in self._views:
                name = f"interactions_{key[0]}_{key[1]}"
                files = [str(self._log.workspace.log / each.path) for each in snapshot.files]
                columns = ", ".join(f'"{column}"' for column in SCHEMA.names)
                if files:
                    source = f"read_parquet({_literals(files)}, hive_partitioning=false)"
                else:
                    source = f"(SELECT {_empty_columns()} WHERE false)"
                connection.raw_sql(
                    f"CREATE OR REPLACE VIEW {name} AS "
                    f"SELECT {columns}, customer AS reference FROM {source}"
                )
                self._views[key] = name
            return self._views[key]


def connect(log: "Log") -> Any:
    """Return this thread's Ibis backend over the log."""
    return log.engine().connection()


def memory_limit() -> int:
    """Return the bytes queries may use: a share of what the machine, or its container, has."""
    import os

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


def _literals(texts: list[str]) -> str:
    return "[" + ", ".join("'" + text.replace("'", "''") + "'" for text in texts) + "]"


def _empty_columns() -> str:
    from percorso.vocabulary import FIELDS

    types = {"text": "VARCHAR", "json": "VARCHAR", "number": "DOUBLE", "time": "TIMESTAMPTZ"}
    return ", ".join(f'NULL::{types[each.type]} AS "{each.name}"' for each in FIELDS)
