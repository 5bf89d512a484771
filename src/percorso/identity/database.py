"""A DuckDB of its own for one search for joins, over the facts and within the house's memory."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pyarrow as pa

    from percorso.log import Log


#: A search spills to the disk beyond these bytes: it runs beside the pages.
_MOST_MEMORY: Final = 768 * 2**20


@contextmanager
def database(log: "Log", files: Sequence[str]) -> "Iterator[Any]":
    """Give a connection with the table ``facts``: see ``facts.schema``."""
    import duckdb

    from percorso.log.engine import memory_limit, parquet, spill_limit

    spill = log.workspace.temporary / "spill"
    spill.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(
        config={
            "memory_limit": f"{min(memory_limit(), _MOST_MEMORY) // 2**20}MiB",
            "temp_directory": str(spill),
            "max_temp_directory_size": f"{spill_limit(spill) // 2**20}MiB",
            "autoinstall_known_extensions": False,
            "preserve_insertion_order": False,
        }
    )
    try:
        if files:
            connection.execute(f"CREATE VIEW facts AS FROM {parquet(list(files))}")
        else:
            connection.execute(
                "CREATE TABLE facts (reference VARCHAR, field VARCHAR, value VARCHAR, "
                "shown VARCHAR, moment BIGINT, source VARCHAR, id VARCHAR)"
            )
        yield connection
    finally:
        connection.close()


def put(connection: Any, name: str, table: "pa.Table | Mapping[str, Sequence[Any]]") -> None:
    """Make a table of this name from one in memory."""
    import pyarrow as pa

    held = table if isinstance(table, pa.Table) else pa.table(dict(table))
    connection.register("given", held)
    connection.execute(f"CREATE OR REPLACE TABLE {name} AS FROM given")
    connection.unregister("given")


def take(connection: Any, query: str) -> "pa.Table":
    table: pa.Table = connection.sql(query).to_arrow_table()
    return table


def count(connection: Any, query: str) -> int:
    """Return the one number that a query gives."""
    [[number]] = connection.execute(query).fetchall()
    return int(number)
