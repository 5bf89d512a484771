"""What is kept beside the log about texts, and which texts those are."""

from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from percorso.log.corrected import Corrected
from percorso.text.readings import READINGS
from percorso.vocabulary import ABOUT_CUSTOMERS

if TYPE_CHECKING:
    from percorso.log import Log
    from percorso.log.beside import Beside

#: Kinds of interactions whose text is not what a customer says of the company.
NOT_SAID: Final = ("search", "promise", "offer", "action", *ABOUT_CUSTOMERS)
#: What is not blank, as DuckDB and Arrow (both RE2) read it.
_SOMETHING: Final = r"\S"
#: The name of the model a row was made by.
_MODEL: Final["pa.Field[Any]"] = pa.field("model", pa.string())
#: A vector is the bytes of 16-bit floats, the lowest byte of each first: Delta has no such type.
_VECTORS: Final = pa.schema([_MODEL, pa.field("vector", pa.binary())])
_READINGS: Final = READINGS.append(_MODEL)


def readings(log: "Log") -> "Beside":
    """Return the table of what was read: the columns of READINGS, and the ``model``."""
    return log.beside("readings", _READINGS)


def vectors(log: "Log") -> "Beside":
    """Return the table of texts' vectors, with the ``model`` each is of."""
    return log.beside("vectors", _VECTORS)


def corrected(log: "Log") -> Corrected:
    """Return what people said of what was read."""
    return Corrected(log.workspace)


def said_by_customers() -> str:
    """Return the SQL condition on interactions that have words of a customer."""
    kinds = " AND ".join(f"kind <> '{each}'" for each in NOT_SAID)
    return f"direction = 'in' AND {kinds} AND regexp_matches(text, '{_SOMETHING}')"


def is_said_by_customers() -> Any:
    """Return the same condition as an expression of Arrow's datasets."""
    import pyarrow.dataset as ds

    something: Any = pa.compute.match_substring_regex(ds.field("text"), _SOMETHING)
    return (ds.field("direction") == "in") & ~ds.field("kind").isin(list(NOT_SAID)) & something


def rows_of(interactions: pa.Table, model: str, columns: pa.Table) -> pa.Table:
    """Return rows of a table: the interactions' id and customer, columns, and the model."""
    keys = interactions.select(["id", "customer"]).combine_chunks()
    rows = pa.Table.from_arrays(
        [*keys.columns, *columns.columns], [*keys.column_names, *columns.column_names]
    )
    return rows.append_column("model", pa.repeat(model, rows.num_rows))
