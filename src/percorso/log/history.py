"""Everything that happened between one customer and the company, read from their buckets alone."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from percorso.vocabulary import ABOUT_CUSTOMERS

if TYPE_CHECKING:
    from percorso.log.table import Log


def history(log: "Log", customer: str) -> pa.Table:
    """Return a customer's interactions, the oldest first: the columns of SCHEMA, and ``phase``.

    ``customer`` may be any reference of theirs; the column of that name holds the reference each
    row was sent with. Phases are those of ``log.interactions()``.
    """
    from percorso.log.schema import SCHEMA

    theirs = stored(log, log.identity.references_of(customer))
    rows = pa.Table.from_batches(theirs, SCHEMA)
    rows = rows.sort_by([("at", "ascending"), ("id", "ascending")]).combine_chunks()
    return rows.append_column("phase", _phases(log, rows))


def stored(
    log: "Log", references: Iterable[str], columns: Iterable[str] | None = None
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of the log stored under these references, bucket by bucket."""
    import pyarrow.dataset as ds

    from percorso.log.schema import bucket_of

    wanted = pa.array(sorted(references), pa.string())
    theirs = ds.field("customer").isin(wanted)
    for bucket in sorted({int(each) for each in bucket_of(wanted).to_numpy()}):
        if log.files(bucket):
            yield from log.read(columns, bucket, where=theirs)


def known(log: "Log", references: Iterable[str]) -> set[str]:
    """Return those of some references that rows are stored under, or that are joined to others."""
    asked = set(references)
    found = {each for each in asked if len(log.identity.references_of(each)) > 1}
    for batch in stored(log, asked, ["customer"]):
        found.update(str(each) for each in batch["customer"].to_pylist())
    return found


def _phases(log: "Log", rows: pa.Table) -> Any:
    """Return the phase of each row; the rows are all of one customer's, in their order."""
    import ibis
    import pyarrow.compute as pc

    from percorso.log.phases import after

    if not rows.num_rows:
        return pa.array([], pa.string())
    rules = log.phase_rules()
    kinds: Any = rows["kind"]
    steps: Any = pc.invert(pc.is_in(kinds, value_set=pa.array(ABOUT_CUSTOMERS)))
    counted: Iterable[tuple[str, tuple[int, ...], Any]] = (
        ("orders_before", rules.order_thresholds, pc.equal(kinds, pa.scalar("order"))),
        ("interactions_before", rules.interaction_thresholds, steps),
    )
    table = rows.append_column("place", pa.array(range(rows.num_rows)))
    for name, thresholds, counts in counted:
        times: Any = rows["at"].filter(counts)
        for n in thresholds:
            # The n-th came before whatever is later than it.
            passed = (
                pc.greater(rows["at"], times[n - 1])
                if len(times) >= n
                else pa.repeat(False, rows.num_rows)
            )
            table = table.append_column(after(name, n), passed)
    given = ibis.memtable(table)
    found = given.select("place", phase=rules.expression(given)).order_by("place")
    return log.engine().connection().to_pyarrow(found)["phase"].combine_chunks()
