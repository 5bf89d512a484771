"""The interaction log: one table of everything that happened between customers and the company."""

import logging
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from percorso.log.errors import LogError
from percorso.log.outcomes import Appended, Compacted, Erased, Forgotten, LogSummary
from percorso.workspace import Workspace

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa
    from deltalake import DeltaTable

    from percorso.log.beside import Beside
    from percorso.log.commits import Snapshot, StoredFile
    from percorso.log.engine import Engine
    from percorso.log.phases import Rules, RulesInForce
    from percorso.log.staging import Staging
    from percorso.log.upkeep import Chooser

#: Seconds a writer waits for another.
WAIT: Final = 120.0
#: The file, in the workspace, that the one who writes holds locked.
LOCK: Final = "log.lock"
_logger: Final = logging.getLogger("percorso")


class Log:
    """The log of a workspace. One object may be used by several threads."""

    def __init__(self, workspace: Workspace) -> None:
        from percorso.log.commits import open_table, read_snapshot
        from percorso.log.customer_count import CustomerCount
        from percorso.log.identity import Identity
        from percorso.log.known_ids import KnownIds
        from percorso.log.standing import Standing

        self.workspace = workspace
        #: How long readers of this object may be shown the log as it was: not at all by itself.
        self.standing = Standing(workspace.log)
        self._mutex = threading.RLock()
        self._own = threading.local()
        self._table: DeltaTable = open_table(workspace.log)
        self._snapshot: Snapshot = read_snapshot(self._table)
        self._known = KnownIds(workspace.derived / "ids", workspace.log)
        self.identity = Identity(workspace.identity)
        self._engine: Engine | None = None
        self._rules: RulesInForce | None = None
        self._beside: dict[str, Beside] = {}
        self._customers = CustomerCount(workspace.log)
        self._summary: tuple[tuple[int, int], LogSummary] | None = None

    # Reading

    @property
    def version(self) -> int:
        """The version of the log now; each commit, of whatever process, adds one."""
        return self.snapshot().version

    @property
    def identity_version(self) -> int:
        """The version of the table of identities; each merge and un-merge adds one."""
        return self.identity.version

    def phase_rules(self) -> "Rules":
        """Return the rules of phases as they are written now; raises PhaseRulesError."""
        from percorso.log.phases import RulesInForce

        with self._mutex:
            if self._rules is None:
                self._rules = RulesInForce(self.workspace)
            return self._rules.now()

    def snapshot(self) -> "Snapshot":
        """Return the files of the log as it is now, or as ``standing`` lets it be shown."""
        from percorso.log.commits import has_newer, read_snapshot

        with self._mutex:
            version = self._snapshot.version
            writes = getattr(self._own, "writes", False)
            if has_newer(self.workspace.log, version) and (
                writes or not self.standing.may_wait(version)
            ):
                if has_newer(self.workspace.log, self._table.version()):
                    self._table.update_incremental()
                self._snapshot = read_snapshot(self._table, self._snapshot)
            return self._snapshot

    def files(self, bucket: int | None = None) -> tuple[str, ...]:
        """Return the Parquet files of the log, or of one bucket, as paths."""
        return tuple(str(self.workspace.log / f.path) for f in self.snapshot().of(bucket))

    def read(
        self,
        columns: Iterable[str] | None = None,
        bucket: int | None = None,
        where: Any = None,
    ) -> "pa.RecordBatchReader":
        """Return the rows of the log, or of one bucket, as stored (references not joined).

        ``where`` is a condition on them, an expression of Arrow's datasets. Rows of one file are in
        the order of the log; a bucket may have several files.
        """
        import pyarrow.dataset as ds

        from percorso.log.schema import SCHEMA

        names = list(columns) if columns is not None else SCHEMA.names
        unknown = [name for name in names if name not in SCHEMA.names]
        if unknown:
            raise LogError(f"The log has no column {unknown[0]!r}.")
        dataset = ds.dataset(list(self.files(bucket)), schema=SCHEMA, format="parquet")
        return dataset.scanner(columns=names, filter=where).to_reader()

    def engine(self) -> "Engine":
        """Return the query engine of this log (made once, shared by threads)."""
        from percorso.log.engine import Engine

        with self._mutex:
            if self._engine is None:
                self._engine = Engine(self)
            return self._engine

    def interactions(self, connection: Any = None) -> "ibis.Table":
        """Return the log as an Ibis table: the columns of SCHEMA, ``reference`` and ``phase``.

        ``customer`` is the customer the reference belongs to after merges, ``reference`` is as
        sent. ``phase`` is computed only where it is asked for. The table stands at the version of
        this moment.
        """
        return self.engine().interactions(connection)

    def beside(self, name: str, columns: "pa.Schema") -> "Beside":
        """Return a table kept beside the log, a row an interaction; see ``log.beside``."""
        from percorso.log.beside import Beside

        with self._mutex:
            if name not in self._beside:
                self._beside[name] = Beside(self, name, columns)
            return self._beside[name]

    def customers(self, connection: Any = None) -> "ibis.Table":
        """Return one row a customer, with value and segment; see ``log.customers``."""
        from percorso.log.customers import CUSTOMERS
        from percorso.log.prepared import prepared

        return prepared(self, CUSTOMERS, connection)

    def summary(self) -> LogSummary:
        """Return how many interactions and customers there are, since when and until when.

        Those who were there once and cannot be known again (``vocabulary.references.PASSING``) are
        no customers.
        """
        key = (self.version, self.identity_version)
        if self._summary is None or self._summary[0] != key:
            self._summary = (key, self._summarise())
        return self._summary[1]

    def _summarise(self) -> LogSummary:
        snapshot = self.snapshot()
        firsts = [each.first for each in snapshot.files if each.first]
        lasts = [each.last for each in snapshot.files if each.last]
        return LogSummary(
            interactions=sum(each.rows for each in snapshot.files),
            customers=self._customers.of(snapshot, self.identity),
            first=min(firsts, default=None),
            last=_by_now(max(lasts, default=None), min(firsts, default=None)),
            version=snapshot.version,
        )

    # Who is who

    def merge(self, reference: str, customer: str) -> bool:
        """Say that ``reference`` belongs to ``customer``, in the past too; say whether it is news.

        See ``Identity.merge``; it can be taken back.
        """
        return self.identity.merge(reference, customer)

    def unmerge(self, reference: str) -> bool:
        """Take a merge back, in the past too; return whether there was one."""
        return self.identity.unmerge(reference)

    # Writing

    @contextmanager
    def writing(self, timeout: float = WAIT) -> Iterator["Snapshot"]:
        """Hold the writer's lock for a block, and give the log as it is then."""
        from percorso.log.lock import exclusive

        with exclusive(self.workspace.path / LOCK, timeout):
            before = getattr(self._own, "writes", False)
            self._own.writes = True
            try:
                yield self.snapshot()
            finally:
                self._own.writes = before

    def append(
        self, data: "pa.Table | Iterable[pa.RecordBatch]", *, live: bool = False
    ) -> Appended:
        """Add rows, each id once, in one commit; on the disk when this returns.

        ``data`` has the columns of ``log.schema.SCHEMA`` and was validated. A row whose id is in
        the log, or came earlier in the data, is left out: sending a thing twice does no harm.
        ``live`` says that more will come any moment: readers may see it a little later, see
        ``log.standing``, and the caller sees to ``merge_scattered``. Where it fails nothing is
        added. Raises LogError, and LogBusyError where another process writes for too long.
        """
        from percorso.log import appending

        with appending.staging(self.workspace.temporary) as staged:
            staged.add(_tables(data))
            if staged.rows == 0:
                return Appended(0, 0, self.version)
            with self.writing() as snapshot:
                return self._append(staged, snapshot, live=live)

    def _append(self, staged: "Staging", snapshot: "Snapshot", *, live: bool) -> Appended:
        from percorso.log import appending
        from percorso.log.schema import BUCKETS

        if appending.clear_abandoned(self.workspace.temporary):
            self._known.tidy(snapshot)
        without = appending.repeated_rows(staged, self._known, snapshot)
        added = staged.rows - len(without)
        if added:
            batch = appending.new_batch()
            files = appending.write_files(staged, without, self.workspace.log, batch)
            self._known.store(batch, staged.hashes(without))
            self._commit(files, live=live)
            if not live:
                self._merge_scattered(BUCKETS)
        return Appended(added, len(without), self.version)

    def compact(self, retention: timedelta | None = None, timeout: float = WAIT) -> Compacted:
        """Make one sorted file of the small files of each bucket, and delete what is left over.

        Appends do so by themselves where files become many. Readers who hold an earlier version
        have ``retention``, an hour by default, to finish.
        """
        from percorso.log import upkeep

        with self.writing(timeout):
            before, after = self._compact(upkeep.small(self.snapshot()))
            swept = self._sweep(upkeep.RETENTION if retention is None else retention)
            return Compacted(before, after, swept, self.version)

    def merge_scattered(self, timeout: float = WAIT, *, patience: int = 1) -> None:
        """Merge the small files of the bucket that has the most of them, where they are many.

        Other appends do so for all buckets. Live ones leave it to their caller, who may have more
        to append meanwhile: whoever waits for events must not wait for all buckets at once, and
        with ``patience`` not before there are so many times as many files.
        """
        with self.writing(timeout):
            self._merge_scattered(1, patience)

    def _merge_scattered(self, buckets: int, patience: int = 1) -> None:
        from percorso.log import upkeep

        try:
            self._compact(upkeep.scattered(self.snapshot(), buckets, patience=patience))
        except (LogError, OSError) as error:
            # The rows are in; files can be merged another time.
            _logger.warning("the log's files could not be merged: %s", error)

    def sweep(self, timeout: float = WAIT) -> int:
        """Delete what is left over, as ``compact`` does; return how many files of the log."""
        from percorso.log import upkeep

        with self.writing(timeout):
            return self._sweep(upkeep.RETENTION)

    def _sweep(self, retention: timedelta) -> int:
        from percorso.log import appending, upkeep

        snapshot = self.snapshot()
        appending.clear_abandoned(self.workspace.temporary)
        self._known.tidy(snapshot)
        return upkeep.sweep(self.workspace.log, snapshot, retention)

    def _compact(self, old: list["StoredFile"]) -> tuple[int, int]:
        """Merge files, bucket by bucket; return their number before and after."""
        from percorso.log import upkeep

        if not old:
            return 0, 0
        new = upkeep.merge_files(self.workspace.log, self.snapshot(), old, self._known)
        # The rows are the same: nobody needs to look.
        self._commit(new, old, changes_data=False, live=True)
        upkeep.mark_removed(self.workspace.log, old)
        return len(old), len(new)

    def erase(
        self,
        customer: str,
        timeout: float = WAIT,
        *,
        references: Iterable[str] = (),
        received_until: datetime | None = None,
        keep_figures: bool = False,
    ) -> Erased:
        """Remove a customer, with all references that belong to them, for good.

        ``references`` are more names of theirs. With ``received_until`` rows that came later stay:
        somebody who was erased and came back is a new customer. With ``keep_figures`` rows stay
        without the person, see ``log.anonymous``.

        Only their buckets are rewritten. When this returns their bytes are in no file of the log
        or of a table beside it, in no correction, no merge, no row of the quarantine and in no
        file of what is derived from the log: the steps index is brought up to date, the rest is
        made again when somebody asks. A reader who holds an earlier version may fail and has to
        ask again.
        """
        from percorso.log import beside, upkeep
        from percorso.log.corrected import Corrected
        from percorso.log.quarantine import Quarantine
        from percorso.log.steps import update_steps

        with self.writing(timeout) as snapshot:
            theirs = tuple(sorted({*self.identity.references_of(customer), *references}))
            choose, buckets = upkeep.of_customers(theirs, received_until)
            rows = self._take_out(snapshot, choose, buckets, keep=() if keep_figures else None)
            readings = beside.erase(self, theirs)
            corrected = Corrected(self.workspace).erase(theirs)
            quarantined = Quarantine(self.workspace).erase(theirs)
            self.identity.forget(theirs)
            self._let_go()
        update_steps(self)
        return Erased(
            rows.num_rows, theirs, self.version, quarantined, readings=readings, corrected=corrected
        )

    def forget(
        self,
        choose: "Chooser",
        timeout: float = WAIT,
        *,
        keep: Iterable[str] | None = None,
        returning: bool = False,
    ) -> Forgotten:
        """Remove the rows that ``choose`` (see ``log.upkeep``) chooses, for good.

        With ``keep``, names of properties, the rows stay without the persons they were about; see
        ``log.anonymous``. Customers of whom nothing is left are in no merge any more, but where the
        rows are ``returning``: read in another way they are about to be appended again. As with
        ``erase``, the bytes are in no file when this returns.
        """
        from percorso.log import beside
        from percorso.log.corrected import Corrected
        from percorso.log.schema import BUCKETS
        from percorso.log.steps import update_steps

        with self.writing(timeout) as snapshot:
            gone = self._take_out(snapshot, choose, range(BUCKETS), keep=keep)
            customers: list[Any] = gone["customer"].unique().to_pylist()
            if gone.num_rows:
                beside.erase(self, customers, ids=gone["id"])
                Corrected(self.workspace).erase_ids(map(str, gone["id"].to_pylist()))
                if not returning:
                    self.identity.forget(self._left_of(customers))
                self._let_go()
        if gone.num_rows:
            update_steps(self)
        return Forgotten(gone.num_rows, len(customers), self.version)

    def _take_out(
        self,
        snapshot: "Snapshot",
        choose: "Chooser",
        buckets: Iterable[int],
        *,
        keep: Iterable[str] | None,
    ) -> "pa.Table":
        """Take rows out of the log, in one commit with those that take their place.

        Returns ``id`` and ``customer`` of the rows. Call it with the writer's lock held.
        """
        import numpy as np

        from percorso.log import appending, upkeep
        from percorso.log.anonymous import anonymous
        from percorso.log.schema import SCHEMA

        folder, wanted = self.workspace.log, sorted(set(buckets))
        if appending.clear_abandoned(self.workspace.temporary):
            self._known.tidy(snapshot)
        columns = ["id", "customer"] if keep is None else SCHEMA.names
        parted = upkeep.without(folder, snapshot, choose, wanted, columns)
        new = parted.new
        if keep is not None and parted.chosen.num_rows:
            with appending.staging(self.workspace.temporary) as staged:
                staged.add([anonymous(parted.chosen, tuple(keep))])
                batch = appending.new_batch()
                none = np.empty(0, dtype=np.int64)
                new = new + appending.write_files(staged, none, folder, batch)
        if parted.old:
            self._commit(new, parted.old)
        now = self.snapshot()
        upkeep.sweep(folder, now, timedelta(0), wanted)
        self._known.tidy(now)
        return parted.chosen.select(["id", "customer"])

    def _let_go(self) -> None:
        """Throw away what was worked out from rows that are gone."""
        from percorso.log.state import discard

        discard(self)
        if self._engine is not None:
            self._engine.forget()

    def _left_of(self, references: list[str]) -> tuple[str, ...]:
        """Return all references of those customers of whom no row is left."""
        belonging = self.identity.customers()
        there: list[Any] = self.read(["customer"]).read_all()["customer"].unique().to_pylist()
        alive = {belonging.get(each, each) for each in there}
        gone = {belonging.get(each, each) for each in references} - alive
        joined = (each for each, customer in belonging.items() if customer in gone)
        return tuple(sorted({*gone, *joined}))

    def _commit(
        self,
        new: "list[StoredFile]",
        old: "list[StoredFile] | None" = None,
        *,
        changes_data: bool = True,
        live: bool = False,
    ) -> None:
        from percorso.log.commits import commit

        with self._mutex:
            commit(
                self.workspace.log,
                self._table,
                added=new,
                removed=old or [],
                changes_data=changes_data,
                live=live,
            )


def open_log(workspace: Workspace) -> Log:
    """Open the log of a workspace, making an empty one at first use.

    What a power cut left torn, which was acknowledged to nobody, is set aside. Raises LogError
    where the folder holds something else.
    """
    from percorso.log.commits import create_table, exists, mend
    from percorso.log.lock import exclusive

    if not exists(workspace.log):
        with exclusive(workspace.path / LOCK, WAIT):
            if not exists(workspace.log):
                create_table(workspace.log)
    try:
        return Log(workspace)
    except LogError:
        with exclusive(workspace.path / LOCK, WAIT):
            mended = mend(workspace.log)
        if not mended:
            raise
        return Log(workspace)


def _tables(data: "pa.Table | Iterable[pa.RecordBatch]") -> Iterator["pa.Table"]:
    import pyarrow as pa

    from percorso.log.schema import SCHEMA

    for part in [data] if isinstance(data, pa.Table) else data:
        table = part if isinstance(part, pa.Table) else pa.Table.from_batches([part])
        missing = [name for name in SCHEMA.names if name not in table.column_names]
        if missing:
            raise LogError(f"The rows to add have no column {missing[0]!r}.")
        yield table.select(SCHEMA.names)


def _by_now(last: datetime | None, first: datetime | None) -> datetime | None:
    now = datetime.now(UTC)
    return now if first is not None and last is not None and first <= now < last else last
