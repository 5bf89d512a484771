"""Long queries, written as SQL once and asked of many tables.

Ibis needs some 0.1 s to write a long query as SQL, several times as long as DuckDB to answer it.
So such a query is written once, over tables that are only named, and what these are is put before
it each time: ``WITH name AS (...)``.
"""

from contextlib import ExitStack
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

    from percorso.log.table import Log


def write(query: "ibis.Table") -> str:
    """Return the SQL of a query over tables made with ``ibis.table(..., name=...)``."""
    import ibis

    return str(ibis.to_sql(query, dialect="duckdb", pretty=False))


def ask(log: "Log", sql: str, **tables: "ibis.Table | pa.Table") -> "pa.Table":
    """Return what a written query says of these tables: of the log's engine, or in memory."""
    import pyarrow as pa

    backend = log.engine().connection()
    named: list[str] = []
    with ExitStack() as until_asked:
        for name, table in tables.items():
            if isinstance(table, pa.Table):
                backend.con.register(name, table)
                until_asked.callback(backend.con.unregister, name)
            else:
                named.append(f'"{name}" AS ({backend.compile(table)})')
        given = f"WITH {', '.join(named)} " if named else ""
        found: pa.Table = backend.con.sql(f"{given}SELECT * FROM ({sql})").to_arrow_table()
        return found
